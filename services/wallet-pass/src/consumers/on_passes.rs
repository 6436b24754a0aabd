//! What events and links change on passes, on a real database.

use std::sync::Arc;

use boot::Link;
use boot::auth::ServiceIdentity;
use boot::database::{Settings, connect};
use chrono::{DateTime, TimeDelta, Utc};
use kernel::{BusinessId, CampaignId, CardId, Clock, CustomerId, EventId, Locale, ProgramId};
use outbox::{Handler, Outbox, Received};
use prost::Message;
use prost_types::Timestamp;
use proto::enrollment::event::Fact as Enrollment;
use proto::enrollment::{ConsentChanged, CustomerChanged};
use proto::stamping::event::Fact;
use proto::stamping::{CardState, Event, ProgramChanged, RewardExpired, RewardUnlocked, StampAdded};
use testkit::TestDatabase;
use uuid::Uuid;

use super::{Consumer, filters};
use crate::app::App;
use crate::domain::link::{Holder, Secrets};
use crate::domain::message::{self, Messages};
use crate::domain::news::{self, News};
use crate::objects::Objects;
use crate::peers::Peers;
use crate::store;
use crate::store::pass::Pass;

/// Nobody listens there: what is tested needs no other service.
const NOWHERE: &str = "http://127.0.0.1:9";

struct World {
    app: Arc<App>,
    _database: TestDatabase,
}

impl World {
    async fn start() -> Self {
        boot::install_crypto();
        let database = TestDatabase::new("wallet_pass", &crate::MIGRATOR).await;
        let pool = connect(&Settings { url: database.url.clone(), max_connections: 4 }, "test").unwrap();
        let nats = outbox::Settings::at("nats://127.0.0.1:9");
        let broker = outbox::connect(&nats, "test").await.unwrap();
        let (outbox, _relay) = Outbox::new("wallet_pass", pool.clone(), broker.clone());
        let link = || Link::to(NOWHERE).unwrap();
        let app = Arc::new(App {
            pool,
            outbox,
            broker,
            clock: Clock::System,
            secrets: Secrets::from_hex(&"7a".repeat(32)).unwrap(),
            objects: Objects::open(std::env::temp_dir().to_str().unwrap()).unwrap(),
            apple: None,
            google: None,
            web: None,
            unusable: Default::default(),
            peers: Peers::new(link(), link(), ServiceIdentity::new("wallet-pass", String::new(), link())),
            public_url: "https://sello.test".into(),
            templates: Default::default(),
            pictures: Default::default(),
            wanted: Arc::default(),
        });
        Self { app, _database: database }
    }

    /// A card that goes into a wallet, by somebody who reads this language.
    async fn download(&self, holder: Holder, language: Locale) -> Pass {
        self.app.keep_track(holder, ProgramId::generate(), language).await.unwrap();
        self.pass(holder.card).await
    }

    /// A phone of Apple's keeps a pass.
    async fn install(&self, pass: &Pass) {
        let mut db = self.app.pool.acquire().await.unwrap();
        store::registration::register(&mut db, "phone", pass, "a1b2", self.app.clock.now()).await.unwrap();
    }

    async fn pass(&self, card: CardId) -> Pass {
        store::pass::find(&self.app.pool, card).await.unwrap().unwrap()
    }

    /// An event of stamping comes in.
    async fn tell(&self, business: BusinessId, name: &str, fact: Fact) {
        self.tell_of(business, name, fact, self.app.clock.now()).await;
    }

    /// An event of stamping comes in that happened then.
    async fn tell_of(&self, business: BusinessId, name: &str, fact: Fact, at: DateTime<Utc>) {
        let (business_id, recorded_at) = (business.to_string(), Some(timestamp(at)));
        let event = Event { business_id, recorded_at, fact: Some(fact), ..Event::default() };
        self.hear(format!("sello.v1.{business}.stamping.{name}"), event.encode_to_vec()).await;
    }

    /// Enrollment says that a customer reads another language since a moment.
    async fn reads(&self, holder: Holder, language: &str, since: DateTime<Utc>) {
        let changed =
            CustomerChanged { customer_id: holder.customer.to_string(), language: language.to_owned() };
        let event = proto::enrollment::Event {
            business_id: holder.business.to_string(),
            recorded_at: Some(timestamp(since)),
            fact: Some(Enrollment::CustomerChanged(changed)),
            ..Default::default()
        };
        let subject = format!("sello.v1.{}.enrollment.customer_changed", holder.business);
        self.hear(subject, event.encode_to_vec()).await;
    }

    async fn hear(&self, subject: String, payload: Vec<u8>) {
        hear_all(Arc::clone(&self.app), vec![(subject, payload)]).await;
    }

    /// Her pass says what a campaign has to say, and no phone was told yet; the id of the send.
    async fn says(&self, holder: Holder, campaign: CampaignId) -> Uuid {
        let (send, text, now) = (Uuid::now_v7(), "Hoy dos por uno".to_owned(), self.app.clock.now());
        let message = message::Message { send, customer: holder.customer, card: None, text: text.clone() };
        let said =
            Messages { business: holder.business, campaign, good_until: None, messages: vec![message] };
        let fact = news::Fact { news: News::Said(text), at: now };
        let mut tx = self.app.pool.begin().await.unwrap();
        store::words::put(&mut tx, &said, None, now).await.unwrap();
        let changed = store::pass::change(&mut tx, &[(holder.card, fact)], now).await.unwrap();
        store::push::want(&mut tx, &changed, None, now).await.unwrap();
        let look_at = now + TimeDelta::minutes(2);
        store::words::show(&mut tx, &[send], &[holder.card.as_uuid()], &[true], look_at).await.unwrap();
        tx.commit().await.unwrap();
        send
    }

    /// The cards that Apple's phones are to be told of now.
    async fn wanted(&self) -> Vec<CardId> {
        let (pool, now) = (&self.app.pool, self.app.clock.now());
        let taken =
            store::push::take(pool, "apple", now, now + chrono::Duration::minutes(1), 10).await.unwrap();
        taken.into_iter().map(|push| push.card).collect()
    }
}

/// Events come in, in one batch.
async fn hear_all(app: Arc<App>, events: Vec<(String, Vec<u8>)>) {
    let received =
        |(subject, payload)| Received { id: EventId::generate(), subject, payload, traceparent: None };
    let events: Vec<Received> = events.into_iter().map(received).collect();
    let mut tx = app.pool.begin().await.unwrap();
    Consumer::new(Arc::clone(&app)).handle(&mut tx, &events).await.unwrap();
    tx.commit().await.unwrap();
}

/// She takes her consent back: the subject and what it brings.
fn revoked(holder: Holder) -> (String, Vec<u8>) {
    let changed = ConsentChanged {
        customer_id: holder.customer.to_string(),
        purpose: "marketing".into(),
        state: "revoked".into(),
        ..Default::default()
    };
    let event = proto::enrollment::Event {
        business_id: holder.business.to_string(),
        fact: Some(Enrollment::ConsentChanged(changed)),
        ..Default::default()
    };
    (format!("sello.v1.{}.enrollment.consent_changed", holder.business), event.encode_to_vec())
}

fn timestamp(at: DateTime<Utc>) -> Timestamp {
    Timestamp { seconds: at.timestamp(), nanos: i32::try_from(at.timestamp_subsec_nanos()).unwrap() }
}

fn holder() -> Holder {
    Holder { business: BusinessId::generate(), customer: CustomerId::generate(), card: CardId::generate() }
}

fn stamped(card: CardId) -> Fact {
    let card = Some(CardState { card_id: card.to_string(), ..CardState::default() });
    Fact::StampAdded(StampAdded { card, ..StampAdded::default() })
}

fn unlocked(card: CardId) -> Fact {
    let (card_id, title) = (card.to_string(), "Muffin".to_owned());
    Fact::RewardUnlocked(RewardUnlocked { card_id, title, ..RewardUnlocked::default() })
}

fn expired(card: CardId) -> Fact {
    Fact::RewardExpired(RewardExpired { card_id: card.to_string(), ..RewardExpired::default() })
}

#[tokio::test]
async fn a_reward_that_expires_changes_the_pass_and_its_phone_is_to_be_told() {
    let world = World::start().await;
    let holder = holder();
    let before = world.download(holder, Locale::Es).await;
    world.install(&before).await;
    assert_eq!(world.wanted().await, []);
    world.tell(holder.business, "reward_expired", expired(holder.card)).await;
    let after = world.pass(holder.card).await;
    assert!(after.tag > before.tag && after.modified_at > before.modified_at);
    assert_eq!(after.news, "reward_expired");
    assert_eq!(world.wanted().await, [holder.card]);
    assert!(filters().contains(&"sello.v1.*.stamping.reward_expired".to_owned()));
}

/// Two replicas share the stream: one may write what came of a stamp before the other has written the stamp.
#[tokio::test]
async fn what_happened_last_is_told_in_whatever_order_it_is_heard_of() {
    let world = World::start().await;
    let holder = holder();
    let first = world.download(holder, Locale::Es).await;
    let now = world.app.clock.now();
    world.tell_of(holder.business, "reward_unlocked", unlocked(holder.card), now).await;
    world.tell_of(holder.business, "stamp_added", stamped(holder.card), now).await;
    let told = world.pass(holder.card).await;
    assert_eq!((told.news.as_str(), told.news_about.as_str()), ("reward_unlocked", "Muffin"));
    assert!(told.tag > first.tag + 1, "the card is another after each");

    world.tell_of(holder.business, "reward_expired", expired(holder.card), now - TimeDelta::seconds(1)).await;
    assert_eq!(world.pass(holder.card).await.news, "reward_unlocked");
    world.tell_of(holder.business, "stamp_added", stamped(holder.card), now + TimeDelta::seconds(1)).await;
    assert_eq!(world.pass(holder.card).await.news, "stamped");
    let changed =
        ProgramChanged { program_id: told.program.to_string(), version: 2, ..ProgramChanged::default() };
    world.tell_of(holder.business, "program_changed", Fact::ProgramChanged(changed.clone()), now).await;
    assert_eq!(world.pass(holder.card).await.news, "stamped");
    let later = now + TimeDelta::seconds(2);
    world.tell_of(holder.business, "program_changed", Fact::ProgramChanged(changed), later).await;
    assert_eq!(world.pass(holder.card).await.news, "program_changed");
}

#[tokio::test]
async fn what_was_before_the_first_download_is_on_the_pass_already_and_no_news() {
    let world = World::start().await;
    let (holder, before) = (holder(), world.app.clock.now());
    let first = world.download(holder, Locale::Es).await;
    let now = world.app.clock.now();
    assert!(before < now);
    let changed =
        ProgramChanged { program_id: first.program.to_string(), version: 2, ..ProgramChanged::default() };
    world.tell_of(holder.business, "program_changed", Fact::ProgramChanged(changed), before).await;
    world.tell_of(holder.business, "stamp_added", stamped(holder.card), before).await;
    let told = world.pass(holder.card).await;
    assert!(told.tag > first.tag + 1, "phones fetch it all the same");
    assert_eq!(told.news, "");
    world.tell_of(holder.business, "stamp_added", stamped(holder.card), now).await;
    assert_eq!(world.pass(holder.card).await.news, "stamped");
}

#[tokio::test]
async fn a_pass_follows_the_language_of_the_last_download_and_phones_that_have_it_are_to_be_told() {
    let world = World::start().await;
    let holder = holder();
    let first = world.download(holder, Locale::Es).await;
    world.install(&first).await;
    let again = world.download(holder, Locale::Es).await;
    assert_eq!((again.tag, again.modified_at), (first.tag, first.modified_at), "nothing has changed");
    assert_eq!(world.wanted().await, []);
    let english = world.download(holder, Locale::En).await;
    assert_eq!(english.language, "en");
    assert!(english.tag > first.tag && english.modified_at > first.modified_at, "phones may fetch it");
    assert_eq!(english.program, first.program, "all else stays");
    assert_eq!(world.wanted().await, [holder.card]);
}

#[tokio::test]
async fn whoever_reads_another_language_has_her_passes_told_of_it_and_nothing_said_again() {
    let world = World::start().await;
    let (hers, anothers) = (holder(), holder());
    let before = world.download(hers, Locale::Es).await;
    let left = world.download(anothers, Locale::Es).await;
    world.tell(hers.business, "reward_expired", expired(hers.card)).await;
    let before = world.pass(before.card).await;
    world.install(&before).await;
    let now = world.app.clock.now();
    world.reads(hers, "en", now).await;
    let after = world.pass(hers.card).await;
    assert_eq!((after.language.as_str(), after.quiet), ("en", true));
    assert_eq!(after.news, "reward_expired", "what was told last still stands there");
    assert!(after.tag > before.tag && after.modified_at > before.modified_at);
    assert_eq!(world.pass(anothers.card).await.tag, left.tag);
    assert_eq!(world.wanted().await, [hers.card]);

    world.reads(hers, "es", now - TimeDelta::minutes(1)).await;
    assert_eq!(world.pass(hers.card).await.language, "en", "what was said before comes late");
    world.tell(hers.business, "reward_expired", expired(hers.card)).await;
    assert!(!world.pass(hers.card).await.quiet, "what happens then is told aloud");
    assert!(filters().contains(&"sello.v1.*.enrollment.customer_changed".to_owned()));
}

#[tokio::test]
async fn a_card_that_became_another_customers_is_alive_in_her_wallet() {
    let world = World::start().await;
    let before = holder();
    world.download(before, Locale::Es).await;
    let mut tx = world.app.pool.begin().await.unwrap();
    let now = world.app.clock.now();
    let closed = store::pass::close(&mut tx, before.business, before.customer, now).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(closed.len(), 1);
    assert!(world.download(before, Locale::En).await.closed, "who left does not come back");
    let hers = Holder { customer: CustomerId::generate(), ..before };
    let pass = world.download(hers, Locale::Es).await;
    assert_eq!((pass.closed, pass.customer), (false, hers.customer));
}

/// There may be a hundred thousand of them, and stamps wait for none.
#[tokio::test]
async fn what_passes_say_of_a_canceled_campaign_is_taken_back_by_a_worker_and_no_phone_is_told_of_it_before()
{
    let world = World::start().await;
    let (holder, campaign) = (holder(), CampaignId::generate());
    let before = world.download(holder, Locale::Es).await;
    world.install(&before).await;
    let send = world.says(holder, campaign).await;
    let said = world.pass(holder.card).await;
    let changed = proto::campaign::CampaignChanged {
        campaign_id: campaign.to_string(),
        version: 3,
        kind: "blast".into(),
        status: "canceled".into(),
        ..Default::default()
    };
    let event = proto::campaign::Event {
        business_id: holder.business.to_string(),
        fact: Some(proto::campaign::event::Fact::CampaignChanged(changed)),
        ..Default::default()
    };
    let subject = format!("sello.v1.{}.campaign.campaign_changed", holder.business);
    world.hear(subject, event.encode_to_vec()).await;
    assert_eq!(world.pass(holder.card).await.tag, said.tag, "nothing is taken back in the batch itself");

    let (pool, now) = (&world.app.pool, world.app.clock.now());
    let taken = store::push::take(pool, "apple", now, now + TimeDelta::minutes(1), 10).await.unwrap();
    assert_eq!(taken.len(), 1);
    assert!(world.app.put_off(&taken[0]).await.unwrap());
    assert_eq!(world.app.say().await.unwrap(), 1);
    assert_eq!(world.pass(holder.card).await.news, "");
    assert!(!world.app.put_off(&taken[0]).await.unwrap(), "it says nothing that was called off");
    let told = store::testing::told(pool).await;
    let told = told.iter().map(|row| proto::wallet_pass::Event::decode(row.as_slice()).unwrap().fact);
    let told: Vec<(String, String)> = told
        .filter_map(|fact| match fact {
            Some(proto::wallet_pass::event::Fact::PassMessage(told)) => Some((told.send_id, told.reason)),
            _ => None,
        })
        .collect();
    assert_eq!(told, [(send.to_string(), "campaign_canceled".to_owned())]);
}

/// A worker holds the words of the second, and needs what tags are drawn under.
#[tokio::test]
async fn a_batch_of_two_who_are_silenced_keeps_nobody_from_anything_while_it_waits_for_words() {
    let world = World::start().await;
    let (first, second, campaign) = (holder(), holder(), CampaignId::generate());
    for holder in [first, second] {
        world.download(holder, Locale::Es).await;
        world.says(holder, campaign).await;
    }
    let now = world.app.clock.now();
    let mut worker = world.app.pool.begin().await.unwrap();
    store::words::of_customer(&mut worker, second.business, second.customer).await.unwrap();
    let batch = hear_all(Arc::clone(&world.app), vec![revoked(first), revoked(second)]);
    let batch = tokio::spawn(batch);
    let look = async {
        while store::testing::waiting_for_locks(&world.app.pool).await == 0 {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(30), look).await.unwrap();
    store::pass::change(&mut worker, &[], now).await.unwrap();
    worker.commit().await.unwrap();
    batch.await.unwrap();
    for holder in [first, second] {
        assert_eq!(world.pass(holder.card).await.news, "");
    }
}
