//! A running wallet-pass for each test, the phones it tells, and short words for what tests do with them.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use boot::{Link, Running, Stop};
use chrono::{DateTime, TimeDelta, Timelike, Utc};
use fakes::apns::Apns;
use fakes::webpush::{Browser, WebPush};
use kernel::{
    BusinessId, CampaignId, CardId, Clock, CustomerId, EventId, Principal, ProgramId, Zone, end_of_quiet,
};
use outbox::{Handler, Received};
use pkpass::development;
use prost::Message as _;
use prost_types::Timestamp;
use proto::wallet_pass as pb;
use proto::wallet_pass::event::Fact;
use proto::wallet_pass::wallet_pass_service_client::WalletPassServiceClient;
use proto::{campaign as ca, enrollment as en, messaging as me};
use sqlx::PgPool;
use testkit::TestDatabase;
use uuid::Uuid;
use wallet_pass::{AppleConfig, Config, Links, WebConfig};

use crate::peers::Peers;

const PASS_TYPE: &str = "pass.pe.sello.prueba";
const TEAM: &str = "SELLOTEST1";
/// Nobody's: the example of RFC 8291.
const PUSH_KEY: &str = "yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw";
/// Longer than anything here takes, pauses after failures among it.
const DEADLINE: Duration = Duration::from_secs(30);

/// A customer, her shop and her card.
#[derive(Clone, Copy)]
pub(crate) struct Person {
    pub(crate) business: BusinessId,
    pub(crate) customer: CustomerId,
    pub(crate) card: CardId,
    pub(crate) program: ProgramId,
}

pub(crate) struct World {
    pub(crate) web: WebPush,
    pub(crate) apns: Apns,
    pub(crate) peers: Arc<Peers>,
    clock: Clock,
    zone: Zone,
    pool: PgPool,
    config: Config,
    running: Running,
    stop: Stop,
    folder: PathBuf,
    _database: TestDatabase,
}

impl Drop for World {
    fn drop(&mut self) {
        self.stop.cancel();
        // What is left in the folder for temporary things harms nobody.
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

impl World {
    /// It is noon.
    pub(crate) async fn start() -> Self {
        Self::start_at(12, TimeDelta::zero()).await
    }

    /// It is this hour where the shops are, so far from the machine's clock. Push services are shown tokens of our clock, and take
    /// those that are good now and not for a day yet: what is told to browsers must be told within twelve hours of it.
    pub(crate) async fn start_at(hour: u32, from_now: TimeDelta) -> Self {
        boot::install_crypto();
        let now = Utc::now() + from_now;
        let (zone, clock) = (zone_where_it_is(hour, now), Clock::manual(now));
        let database = TestDatabase::new("wallet_pass", &wallet_pass::MIGRATOR).await;
        let folder = std::env::temp_dir().join(format!("sello-passes-{}", Uuid::now_v7().simple()));
        std::fs::create_dir_all(&folder).unwrap();
        let made =
            development::make(&PASS_TYPE.parse().unwrap(), &TEAM.parse().unwrap(), Utc::now()).unwrap();
        let (apns, web) = (Apns::start(&made.authority_pem).await.unwrap(), WebPush::start().await.unwrap());
        let keep = |name: &str, content: &[u8]| {
            let path = folder.join(name);
            std::fs::write(&path, content).unwrap();
            path
        };
        let apple = AppleConfig {
            pass_type: PASS_TYPE.into(),
            team: TEAM.into(),
            p12: keep("p12", made.p12.as_slice()),
            p12_password: made.password.clone(),
            intermediate: Some(keep("intermediate", made.intermediate_pem.as_bytes())),
            apns_url: apns.url(),
            apns_authority: Some(keep("apns", apns.authority_pem().as_bytes())),
        };
        let browsers = WebConfig {
            key: PUSH_KEY.into(),
            subject: "mailto:ayuda@sello.pe".into(),
            services: web.url().to_owned(),
        };
        let config = Config {
            service_secret: "the services' secret".into(),
            link_secret: "7a".repeat(32),
            public_url: "https://sello.test".into(),
            objects: folder.join("objects").display().to_string(),
            apple: Some(apple),
            web: Some(browsers),
            database: boot::database::Settings { url: database.url.clone(), max_connections: 8 },
            // Nobody answers there: the events stay in their table, which is all these tests look at.
            nats: outbox::Settings::at("nats://127.0.0.1:9"),
            clock: clock.clone(),
            ..Config::load().unwrap()
        };
        let pool = boot::database::connect(&config.database, "test").unwrap();
        let (peers, stop) = (Peers::new(zone), Stop::new());
        tokio::spawn(go_on(clock.clone(), stop.child_token()));
        let links = Links { enrollment: peers.link(), stamping: peers.link() };
        let health = boot::admin::Health::default();
        let running = wallet_pass::start(config.clone(), links, &health, stop.child_token()).await.unwrap();
        Self { web, apns, peers, clock, zone, pool, config, running, stop, folder, _database: database }
    }

    /// Tells the process to end, and Apple something then; waits until all that the process began is at its end.
    pub(crate) async fn end(&mut self, then: impl FnOnce(&Apns)) {
        self.stop.cancel();
        self.running.answered.cancel();
        then(&self.apns);
        while let Some(task) = self.running.tasks.join_next().await {
            task.unwrap().unwrap();
        }
    }

    /// So much time passes at once.
    pub(crate) fn later(&self, by: TimeDelta) {
        self.clock.set(self.clock.now() + by);
    }

    fn person(&self) -> Person {
        let person = Person {
            business: BusinessId::generate(),
            customer: CustomerId::generate(),
            card: CardId::generate(),
            program: ProgramId::generate(),
        };
        self.peers.add(person);
        person
    }

    /// A customer whose browser hears of her card.
    pub(crate) async fn with_browser(&self) -> (Person, Browser) {
        let person = self.person();
        let Person { business, customer, card, .. } = person;
        let token = self.peers.token(Principal::CardHolder { business, customer, card });
        let mut client: WalletPassServiceClient<Link> = WalletPassServiceClient::new(self.running.link());
        let asked = boot::auth::with_bearer(pb::GetPassLinksRequest::default(), &token).unwrap();
        let key = client.get_pass_links(asked).await.unwrap().into_inner().web_push_key;
        let browser = self.web.subscribe(&key);
        let asked = pb::SubscribeBrowserRequest {
            card_id: card.to_string(),
            endpoint: browser.endpoint().to_owned(),
            p256dh: browser.p256dh(),
            auth: browser.auth(),
            language: "es".into(),
        };
        client.subscribe_browser(boot::auth::with_bearer(asked, &token).unwrap()).await.unwrap();
        (person, browser)
    }

    /// A customer whose iPhone keeps her card.
    pub(crate) async fn with_iphone(&self) -> Person {
        let person = self.person();
        for statement in [
            "insert into wallet_pass.pass (card_id, business_id, customer_id, program_id, language, tag, modified_at)
             values ($1, $2, $3, $4, 'es', nextval('wallet_pass.tag'), date_trunc('second', now()))",
            "insert into wallet_pass.registration (device, card_id, business_id, push_token, registered_at)
             select 'phone of ' || $3::uuid::text, $1, $2, repeat('a1', 32), now() where $4::uuid is not null",
        ] {
            sqlx::query(statement)
                .bind(person.card.as_uuid())
                .bind(person.business.as_uuid())
                .bind(person.customer.as_uuid())
                .bind(person.program.as_uuid())
                .execute(&self.pool)
                .await
                .unwrap();
        }
        person
    }

    /// Her phone fetches the pass as it is.
    pub(crate) async fn fetches(&self, person: Person) {
        sqlx::query("update wallet_pass.pass set served_tag = tag where card_id = $1")
            .bind(person.card.as_uuid())
            .execute(&self.pool)
            .await
            .unwrap();
    }

    /// What her pass says is new.
    pub(crate) async fn news(&self, person: Person) -> String {
        sqlx::query_scalar("select news_about from wallet_pass.pass where card_id = $1")
            .bind(person.card.as_uuid())
            .fetch_one(&self.pool)
            .await
            .unwrap()
    }

    /// A campaign has something to say to her; the id of its send.
    pub(crate) async fn ask(&self, campaign: CampaignId, person: Person) -> Uuid {
        let send = Uuid::now_v7();
        let end = self.clock.now() + TimeDelta::hours(72);
        let asked = ca::SendRequested {
            campaign_id: campaign.to_string(),
            channel: "wallet".into(),
            category: "marketing".into(),
            wordings: vec![ca::Wording {
                language: "es".into(),
                text: "Hoy dos por uno".into(),
                ..Default::default()
            }],
            sends: vec![ca::Send {
                send_id: send.to_string(),
                customer_id: person.customer.to_string(),
                language: "es".into(),
                ..Default::default()
            }],
            good_until: Some(Timestamp { seconds: end.timestamp(), nanos: 0 }),
        };
        self.tell_campaign(person, "send_requested", ca::event::Fact::SendRequested(asked)).await;
        send
    }

    /// A replica of before writes for her browser what a campaign has to say; the id of its send.
    pub(crate) async fn ask_a_replica_of_before(&self, campaign: CampaignId, person: Person) -> Uuid {
        let send = Uuid::now_v7();
        sqlx::query(
            "insert into wallet_pass.push
                 (push_id, business_id, wallet, card_id, customer_id, device, wanted, next_at, wanted_at, words,
                  good_until, campaign_id, send_id)
             select gen_random_uuid(), business_id, 'web', card_id, customer_id, subscription_id::text, 1, $1::timestamptz,
                    $1::timestamptz, 'Hoy dos por uno', $1::timestamptz + interval '72 hours', $2, $3
             from wallet_pass.web_subscription where card_id = $4",
        )
        .bind(self.clock.now())
        .bind(campaign.to_string())
        .bind(send)
        .bind(person.card.as_uuid())
        .execute(&self.pool)
        .await
        .unwrap();
        send
    }

    /// The same of one that is paused; it waits for its campaign to go on.
    pub(crate) async fn ask_while_paused(&self, campaign: CampaignId, person: Person) -> Uuid {
        self.stands(campaign, person, ("blast", "paused", 3)).await;
        let send = self.ask(campaign, person).await;
        self.until_held().await;
        send
    }

    /// Waits until one waits for its campaign to go on.
    pub(crate) async fn until_held(&self) {
        let held = "select count(*) from wallet_pass.words where next_at is null and shown_on is null";
        self.until_count(held, 1).await;
    }

    /// Campaign tells how a campaign stands.
    pub(crate) async fn stands(
        &self,
        campaign: CampaignId,
        person: Person,
        (kind, status, version): (&str, &str, i64),
    ) {
        let changed = ca::CampaignChanged {
            campaign_id: campaign.to_string(),
            version,
            name: "Jueves".into(),
            kind: kind.into(),
            status: status.into(),
        };
        self.tell_campaign(person, "campaign_changed", ca::event::Fact::CampaignChanged(changed)).await;
    }

    async fn tell_campaign(&self, person: Person, name: &str, fact: ca::event::Fact) {
        let event =
            ca::Event { business_id: person.business.to_string(), fact: Some(fact), ..Default::default() };
        self.tell(person, "campaign", name, event.encode_to_vec()).await;
    }

    /// She writes BAJA.
    pub(crate) async fn opts_out(&self, person: Person) {
        let fact = me::OptedOut { customer_id: person.customer.to_string(), campaign_id: String::new() };
        let event = me::Event {
            business_id: person.business.to_string(),
            fact: Some(me::event::Fact::OptedOut(fact)),
            ..Default::default()
        };
        self.tell(person, "messaging", "opted_out", event.encode_to_vec()).await;
    }

    /// She takes her consent back.
    pub(crate) async fn revokes(&self, person: Person) {
        self.peers.revoke(person);
        let fact = en::ConsentChanged {
            customer_id: person.customer.to_string(),
            purpose: "marketing".into(),
            state: "revoked".into(),
            ..Default::default()
        };
        let event = en::Event {
            business_id: person.business.to_string(),
            fact: Some(en::event::Fact::ConsentChanged(fact)),
            ..Default::default()
        };
        self.tell(person, "enrollment", "consent_changed", event.encode_to_vec()).await;
    }

    /// She asks to be forgotten.
    pub(crate) async fn is_erased(&self, person: Person) {
        let fact = en::CustomerErased { customer_id: person.customer.to_string() };
        let event = en::Event {
            business_id: person.business.to_string(),
            fact: Some(en::event::Fact::CustomerErased(fact)),
            ..Default::default()
        };
        self.tell(person, "enrollment", "customer_erased", event.encode_to_vec()).await;
    }

    /// An event comes in.
    async fn tell(&self, person: Person, service: &str, name: &str, payload: Vec<u8>) {
        let links = Links { enrollment: self.peers.link(), stamping: self.peers.link() };
        let consumer = wallet_pass::consumer(&self.config, &links).await.unwrap();
        let subject = format!("sello.v1.{}.{service}.{name}", person.business);
        let event = Received { id: EventId::generate(), subject, payload, traceparent: None };
        let mut tx = self.pool.begin().await.unwrap();
        consumer.handle(&mut tx, &[event]).await.unwrap();
        tx.commit().await.unwrap();
    }

    /// What was told of a send: statuses and reasons.
    pub(crate) async fn story(&self, send: Uuid) -> Vec<(String, String)> {
        let rows: Vec<Vec<u8>> =
            sqlx::query_scalar("select payload from wallet_pass.outbox order by created_at, event_id")
                .fetch_all(&self.pool)
                .await
                .unwrap();
        let facts = rows.iter().filter_map(|row| pb::Event::decode(row.as_slice()).unwrap().fact);
        facts
            .filter_map(|fact| match fact {
                Fact::PassMessage(told) if told.send_id == send.to_string() => {
                    Some((told.status, told.reason))
                }
                _ => None,
            })
            .collect()
    }

    /// Waits until a send has come to its end, and says which.
    pub(crate) async fn ended(&self, send: Uuid) -> (String, String) {
        let mut story = self.until(async || self.story(send).await, |story| !story.is_empty()).await;
        assert_eq!(story.len(), 1, "told once: {story:?}");
        story.remove(0)
    }

    /// Waits until words wait for the morning, which it is not yet.
    pub(crate) async fn until_put_off(&self, send: Uuid) {
        self.until_morning(
            "select next_at from wallet_pass.words where send_id = $1 and shown_on is null and leased_until is null",
            send,
        )
        .await;
    }

    /// Waits until a browser's push waits for it.
    pub(crate) async fn until_push_put_off(&self, send: Uuid) {
        self.until_morning(
            "select next_at from wallet_pass.push where send_id = $1 and leased_until is null",
            send,
        )
        .await;
    }

    async fn until_morning(&self, statement: &'static str, send: Uuid) {
        let morning = end_of_quiet(self.zone, self.clock.now());
        assert!(morning.is_some(), "it is day");
        let next_at = async || -> Option<DateTime<Utc>> {
            let found: Option<Option<DateTime<Utc>>> =
                sqlx::query_scalar(statement).bind(send).fetch_optional(&self.pool).await.unwrap();
            found.flatten()
        };
        assert_eq!(self.until(next_at, |next_at| *next_at == morning).await, morning);
    }

    /// Waits until a statement counts so many.
    pub(crate) async fn until_count(&self, statement: &'static str, wanted: i64) {
        let count = async || -> i64 { sqlx::query_scalar(statement).fetch_one(&self.pool).await.unwrap() };
        let found = self.until(count, |found| *found == wanted).await;
        assert_eq!(found, wanted, "{statement}");
    }

    /// Waits until enrollment was asked so often who may be written to.
    pub(crate) async fn until_asked(&self, times: usize) {
        let found = self.until(async || self.peers.questions(), |found| *found >= times).await;
        assert!(found >= times, "asked {found} times");
    }

    /// Waits until another customer has heard something, and this browser was told nothing all the while.
    pub(crate) async fn hears_nothing(&self, browser: &Browser) {
        let (eva, hers) = self.with_browser().await;
        let send = self.ask(CampaignId::generate(), eva).await;
        hers.until_notices(1).await.unwrap();
        assert_eq!(self.ended(send).await, delivered());
        self.until_count("select count(*) from wallet_pass.push where next_at is not null", 0).await;
        assert_eq!(browser.notices(), []);
    }

    /// Looks until what is found is right, or until the deadline; what was found last.
    async fn until<T>(&self, look: impl AsyncFn() -> T, is_right: impl Fn(&T) -> bool) -> T {
        let deadline = tokio::time::Instant::now() + DEADLINE;
        loop {
            let found = look().await;
            if is_right(&found) || tokio::time::Instant::now() > deadline {
                return found;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }
}

/// Has a clock go on by itself until then.
async fn go_on(clock: Clock, stop: Stop) {
    let Clock::Manual(micros) = clock else { return };
    let (mut before, mut ticks) = (Instant::now(), tokio::time::interval(Duration::from_millis(10)));
    while stop.run_until_cancelled(ticks.tick()).await.is_some() {
        let passed = i64::try_from(before.elapsed().as_micros()).unwrap();
        before = Instant::now();
        micros.fetch_add(passed, Ordering::Relaxed);
    }
}

/// A zone in which it is this hour at that moment.
fn zone_where_it_is(hour: u32, at: DateTime<Utc>) -> Zone {
    let ahead = (i64::from(hour) - i64::from(at.hour()) + 12).rem_euclid(24) - 12;
    // The signs of these names are turned round.
    Zone::parse(&format!("Etc/GMT{:+}", -ahead)).unwrap()
}

pub(crate) fn delivered() -> (String, String) {
    ("delivered".into(), String::new())
}

pub(crate) fn canceled() -> (String, String) {
    ("canceled".into(), "campaign_canceled".into())
}

pub(crate) fn failed(reason: &str) -> (String, String) {
    ("failed".into(), reason.into())
}
