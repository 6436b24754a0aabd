//! A running messaging for each test, the WhatsApp it speaks to, and short words for what tests do with them.

use std::net::Ipv4Addr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{OriginalUri, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use boot::{Link, Problem, Running, Stop};
use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use fakes::twilio::{Customer, Template, Twilio};
use kernel::{BusinessId, CampaignId, Clock, CustomerId, EventId, MemberId, Principal, Role};
use messaging::{Config, Links, TwilioConfig};
use outbox::{Handler, Received};
use prost::Message as _;
use proto::campaign as ca;
use proto::messaging as pb;
use proto::messaging::event::Fact;
use proto::messaging::messaging_service_client::MessagingServiceClient;
use sqlx::PgPool;
use testkit::TestDatabase;
use tonic::{Code, Request, Status};
use uuid::Uuid;

use crate::peers::{Peers, Person};

pub(crate) const PUBLIC_URL: &str = "https://sello.test";
/// Longer than anything here takes.
pub(crate) const DEADLINE: Duration = Duration::from_secs(30);
/// How many messages phones show.
pub(crate) const ON_PHONES: &str =
    "select count(*) from messaging.message where status in ('delivered', 'read')";

type Client = MessagingServiceClient<Link>;

pub(crate) struct World {
    pub(crate) twilio: Twilio,
    pub(crate) peers: Arc<Peers>,
    pub(crate) pool: PgPool,
    pub(crate) clock: Clock,
    pub(crate) sender: String,
    config: Config,
    replicas: Vec<(Running, Stop)>,
    stop: Stop,
    numbers: AtomicU32,
    _database: TestDatabase,
}

/// A shop that may send.
#[derive(Clone)]
pub(crate) struct Shop {
    pub(crate) id: BusinessId,
    pub(crate) owner: String,
}

impl Drop for World {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

/// Noon in Lima, today: the fake's own clock is the machine's, and both speak of the same day.
fn noon() -> DateTime<Utc> {
    Utc::now().date_naive().and_time(NaiveTime::from_hms_opt(17, 0, 0).unwrap()).and_utc()
}

impl World {
    /// One replica, 80 messages a second, no limit of addresses.
    pub(crate) async fn start() -> Self {
        Self::with(1, 80, 0).await
    }

    pub(crate) async fn with(replicas: usize, per_second: i32, tier: i64) -> Self {
        boot::install_crypto();
        let database = TestDatabase::new("messaging", &messaging::MIGRATOR).await;
        let twilio = Twilio::start().await.unwrap();
        let peers = Peers::new();
        let clock = Clock::manual(noon());
        let config = config(&database.url, &twilio, clock.clone());
        let pool = boot::database::connect(&config.database, "test").unwrap();
        let mut world = Self {
            twilio,
            peers,
            pool,
            clock,
            sender: String::new(),
            config,
            replicas: Vec::new(),
            stop: Stop::new(),
            numbers: AtomicU32::new(0),
            _database: database,
        };
        for _ in 0..replicas {
            world.add_replica().await;
        }
        world.serve_webhooks().await;
        let change = pb::SetSenderRequest {
            phone: fakes::twilio::SENDER.trim_start_matches("whatsapp:").into(),
            portfolio: "sello".into(),
            tier: Some(tier),
            messages_per_second: Some(per_second),
            ..Default::default()
        };
        world.sender =
            world.client().set_sender(world.operator(change)).await.unwrap().into_inner().sender_id;
        let service = world.service(pb::ListTemplatesRequest::default());
        for template in world.client().list_templates(service).await.unwrap().into_inner().templates {
            world.twilio.add_template(Template::new(template.content_sid, template.body));
        }
        world
    }

    fn links(&self) -> Links {
        Links { enrollment: self.peers.link(), stamping: self.peers.link() }
    }

    pub(crate) async fn add_replica(&mut self) {
        let health = boot::admin::Health::default();
        let stop = self.stop.child_token();
        let running = messaging::start(self.config.clone(), self.links(), &health, stop.clone()).await;
        self.replicas.push((running.unwrap(), stop));
    }

    /// Ends a replica as a killed process ends: whatever it had in hand is dropped.
    pub(crate) fn kill_replica(&mut self) {
        self.replicas.remove(0);
    }

    /// Tells a replica to end, and waits until all that it began is at its end.
    pub(crate) async fn end_replica(&mut self) {
        let (mut running, stop) = self.replicas.remove(0);
        stop.cancel();
        running.answered.cancel();
        while let Some(task) = running.tasks.join_next().await {
            task.unwrap().unwrap();
        }
    }

    /// What a gateway does with the provider's calls.
    async fn serve_webhooks(&self) {
        let listener = tokio::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        self.twilio.webhook_base(base.parse().unwrap());
        self.twilio.inbound_url(format!("{PUBLIC_URL}/webhooks/twilio/inbound"));
        let routes = Router::new()
            .route("/webhooks/twilio/status", post(take_status))
            .route("/webhooks/twilio/inbound", post(take_inbound))
            .with_state(self.client());
        let stop = self.stop.clone();
        tokio::spawn(async move {
            axum::serve(listener, routes).with_graceful_shutdown(stop.cancelled_owned()).await
        });
    }

    pub(crate) fn client(&self) -> Client {
        MessagingServiceClient::new(self.replicas[0].0.link())
    }

    pub(crate) fn operator<T>(&self, message: T) -> Request<T> {
        with(&self.peers.token(Principal::Operator), message)
    }

    pub(crate) fn service<T>(&self, message: T) -> Request<T> {
        with(&self.peers.token(Principal::Service { name: "campaign".into() }), message)
    }

    pub(crate) fn member(&self, business: BusinessId, role: Role) -> String {
        let member = MemberId::generate();
        self.peers.token(Principal::Member { business, member, role, device: None, location: None })
    }

    /// A shop whose owner is known, and that may not send yet.
    pub(crate) fn shop_unapproved(&self, name: &str) -> Shop {
        let id = BusinessId::generate();
        self.peers.names.lock().unwrap().insert(id, name.into());
        Shop { id, owner: self.member(id, Role::Owner) }
    }

    pub(crate) async fn approve(&self, shop: &Shop, daily: i64, weight: i32) {
        let approval = pb::ApproveBusinessRequest {
            business_id: shop.id.to_string(),
            sender_id: String::new(),
            daily_limit_cents: daily,
            monthly_limit_cents: 1_000_000,
            weight,
        };
        self.client().approve_business(self.operator(approval)).await.unwrap();
    }

    pub(crate) async fn shop(&self, name: &str) -> Shop {
        let shop = self.shop_unapproved(name);
        self.approve(&shop, 1_000_000, 0).await;
        shop
    }

    /// A customer who has agreed to marketing.
    pub(crate) fn person(&self, shop: &Shop) -> Person {
        let number = self.numbers.fetch_add(1, Ordering::Relaxed);
        self.person_at(shop, &format!("+51987{number:06}"))
    }

    pub(crate) fn person_at(&self, shop: &Shop, phone: &str) -> Person {
        let person = Person {
            business: shop.id,
            customer: CustomerId::generate(),
            phone: phone.into(),
            marketing: "granted".into(),
            is_adult: true,
        };
        self.peers.people.lock().unwrap().push(person.clone());
        person
    }

    pub(crate) fn people(&self, shop: &Shop, count: usize) -> Vec<Person> {
        (0..count).map(|_| self.person(shop)).collect()
    }

    /// Her phone.
    pub(crate) fn phone(&self, person: &Person) -> Customer {
        self.twilio.customer(&person.phone)
    }

    /// A campaign asks for messages to these; the ids of its sends.
    pub(crate) async fn ask(&self, shop: &Shop, campaign: CampaignId, people: &[Person]) -> Vec<Uuid> {
        self.ask_as(shop, campaign, people, "marketing").await
    }

    pub(crate) async fn ask_as(
        &self,
        shop: &Shop,
        campaign: CampaignId,
        people: &[Person],
        category: &str,
    ) -> Vec<Uuid> {
        self.ask_until(shop, campaign, people, category, None).await
    }

    /// Messages that are good until then, or as long as usual.
    pub(crate) async fn ask_until(
        &self,
        shop: &Shop,
        campaign: CampaignId,
        people: &[Person],
        category: &str,
        good_until: Option<DateTime<Utc>>,
    ) -> Vec<Uuid> {
        let template = if category == "marketing" { "one_stamp_left" } else { "reward_ready" };
        let mut sends = Vec::new();
        for some in people.chunks(500) {
            let asked = ca::SendRequested {
                campaign_id: campaign.to_string(),
                channel: "whatsapp".into(),
                category: category.into(),
                wordings: vec![ca::Wording {
                    language: "es".into(),
                    template: template.into(),
                    variables: vec!["{first_name}".into(), "{business}".into(), "{reward}".into()],
                    text: String::new(),
                }],
                sends: some
                    .iter()
                    .map(|person| ca::Send {
                        send_id: Uuid::now_v7().to_string(),
                        customer_id: person.customer.to_string(),
                        reward: "un café".into(),
                        language: "es".into(),
                        ..Default::default()
                    })
                    .collect(),
                good_until: good_until.map(|at| prost_types::Timestamp { seconds: at.timestamp(), nanos: 0 }),
            };
            sends.extend(asked.sends.iter().map(|send| send.send_id.parse::<Uuid>().unwrap()));
            self.tell_campaign(shop.id, asked).await;
        }
        sends
    }

    pub(crate) async fn tell_campaign(&self, business: BusinessId, asked: ca::SendRequested) {
        let event = ca::Event {
            event_id: EventId::generate().to_string(),
            business_id: business.to_string(),
            recorded_at: None,
            fact: Some(ca::event::Fact::SendRequested(asked)),
        };
        self.tell(format!("sello.v1.{business}.campaign.send_requested"), event.encode_to_vec()).await;
    }

    /// An event comes in.
    pub(crate) async fn tell(&self, subject: String, payload: Vec<u8>) {
        let consumer = messaging::consumer(&self.config, &self.links()).await.unwrap();
        let event = Received { id: EventId::generate(), subject, payload, traceparent: None };
        let mut tx = self.pool.begin().await.unwrap();
        consumer.handle(&mut tx, &[event]).await.unwrap();
        tx.commit().await.unwrap();
    }

    /// Lets time pass, for messaging and for WhatsApp.
    pub(crate) fn wait(&self, time: chrono::Duration) {
        self.clock.set(self.clock.now() + time);
        self.twilio.advance(time);
    }

    /// Lets time pass until noon of a day that is such a one: some rules end with a month, and a test is run on any day.
    pub(crate) fn wait_for(&self, is_such: impl Fn(NaiveDate) -> bool) {
        let today = self.clock.now().date_naive();
        let days = today.iter_days().take_while(|day| !is_such(*day)).count();
        self.wait(chrono::Duration::days(i64::try_from(days).unwrap()));
    }

    /// Lets messaging's time pass and not WhatsApp's, whose messages are looked for by when they were taken.
    pub(crate) fn wait_here(&self, time: chrono::Duration) {
        self.clock.set(self.clock.now() + time);
    }

    /// One number out of the database.
    pub(crate) async fn count(&self, statement: &'static str) -> i64 {
        sqlx::query_scalar(statement).fetch_one(&self.pool).await.unwrap()
    }

    /// Waits until a statement counts so many.
    pub(crate) async fn until_count(&self, statement: &'static str, wanted: i64) {
        let found = self.until(async || self.count(statement).await, |found| *found == wanted).await;
        assert_eq!(found, wanted, "{statement}");
    }

    /// How many calls to the provider began after that.
    pub(crate) async fn called_after(&self, moment: DateTime<Utc>) -> i64 {
        sqlx::query_scalar("select count(*) from messaging.attempt where called_at > $1")
            .bind(moment)
            .fetch_one(&self.pool)
            .await
            .unwrap()
    }

    /// Looks until what is found is right, or until the deadline; what was found last.
    pub(crate) async fn until<T>(&self, look: impl AsyncFn() -> T, is_right: impl Fn(&T) -> bool) -> T {
        let deadline = tokio::time::Instant::now() + DEADLINE;
        loop {
            let found = look().await;
            if is_right(&found) || tokio::time::Instant::now() > deadline {
                return found;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// Every fact told so far, in the order they were told.
    pub(crate) async fn facts(&self) -> Vec<(String, Fact)> {
        let rows: Vec<Vec<u8>> =
            sqlx::query_scalar("select payload from messaging.outbox order by created_at, event_id")
                .fetch_all(&self.pool)
                .await
                .unwrap();
        let events = rows.iter().map(|row| pb::Event::decode(row.as_slice()).unwrap());
        events.filter_map(|event| Some((event.business_id, event.fact?))).collect()
    }

    /// What was told of one send: statuses and reasons, by version.
    pub(crate) async fn story(&self, send: Uuid) -> Vec<(String, String)> {
        let mut told: Vec<pb::MessageStatus> = self
            .facts()
            .await
            .into_iter()
            .filter_map(|(_, fact)| match fact {
                Fact::MessageStatus(status) if status.send_id == send.to_string() => Some(status),
                _ => None,
            })
            .collect();
        told.sort_by_key(|status| status.version);
        told.into_iter().map(|status| (status.status, status.reason)).collect()
    }

    /// Waits until a send has come to this status.
    pub(crate) async fn until_told(&self, send: Uuid, status: &str) -> Vec<(String, String)> {
        let is_there = |story: &Vec<(String, String)>| story.iter().any(|(told, _)| told == status);
        let story = self.until(async || self.story(send).await, is_there).await;
        assert!(is_there(&story), "{status} was never told: {story:?}");
        story
    }

    pub(crate) async fn account(&self, shop: &Shop) -> pb::GetAccountResponse {
        let asked = with(&shop.owner, pb::GetAccountRequest {});
        self.client().get_account(asked).await.unwrap().into_inner()
    }

    pub(crate) async fn hold(&self, shop: &Shop, campaign: CampaignId, state: &str) -> i64 {
        let asked = pb::HoldCampaignRequest {
            business_id: shop.id.to_string(),
            campaign_id: campaign.to_string(),
            state: state.into(),
        };
        self.client().hold_campaign(self.service(asked)).await.unwrap().into_inner().messages
    }
}

fn config(database_url: &str, twilio: &Twilio, clock: Clock) -> Config {
    let account = twilio.account();
    Config {
        listen: ([127, 0, 0, 1], 0).into(),
        admin: ([127, 0, 0, 1], 0).into(),
        drain_ms: 0,
        enrollment_url: String::new(),
        stamping_url: String::new(),
        service_secret: "the services' secret".into(),
        address_secret: "7a".repeat(32),
        public_url: PUBLIC_URL.into(),
        provider: "fake".into(),
        twilio: Some(TwilioConfig {
            account_sid: account.sid.clone(),
            auth_token: account.auth_token.clone(),
            api_key: Some(account.api_key.clone()),
            api_secret: Some(account.api_secret.clone()),
            base_url: twilio.url().to_owned(),
        }),
        in_doubt_after_ms: 1_000,
        provider_timeout_ms: 1_000,
        poll_after_ms: 5_000,
        retention: boot::partition::Retention::FOR_EVER,
        database: boot::database::Settings { url: database_url.into(), max_connections: 8 },
        // Nobody answers there: the events stay in their table, which is all these tests look at.
        nats: outbox::Settings::at("nats://127.0.0.1:9"),
        telemetry: boot::telemetry::Settings::default(),
        clock,
    }
}

fn parameters(body: &[u8]) -> Vec<pb::Parameter> {
    form_urlencoded::parse(body).into_owned().map(|(name, value)| pb::Parameter { name, value }).collect()
}

fn header(headers: &HeaderMap, name: &str) -> String {
    headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned()
}

fn refused(status: &Status) -> StatusCode {
    match status.code() {
        Code::PermissionDenied => StatusCode::FORBIDDEN,
        Code::InvalidArgument => StatusCode::BAD_REQUEST,
        _ => StatusCode::SERVICE_UNAVAILABLE,
    }
}

async fn take_status(
    State(mut client): State<Client>,
    OriginalUri(uri): OriginalUri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let asked = pb::TakeStatusRequest {
        path_and_query: uri.path_and_query().unwrap().to_string(),
        signature: header(&headers, "x-twilio-signature"),
        parameters: parameters(&body),
    };
    match client.take_status(asked).await {
        Ok(_) => StatusCode::NO_CONTENT.into_response(),
        Err(status) => refused(&status).into_response(),
    }
}

async fn take_inbound(
    State(mut client): State<Client>,
    OriginalUri(uri): OriginalUri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let asked = pb::TakeInboundRequest {
        path_and_query: uri.path_and_query().unwrap().to_string(),
        signature: header(&headers, "x-twilio-signature"),
        parameters: parameters(&body),
        idempotency_token: header(&headers, "i-twilio-idempotency-token"),
    };
    match client.take_inbound(asked).await {
        Ok(answer) => ([("content-type", "text/xml")], answer.into_inner().twiml).into_response(),
        Err(status) => refused(&status).into_response(),
    }
}

/// A call that bears a token.
pub(crate) fn with<T>(token: &str, message: T) -> Request<T> {
    boot::auth::with_bearer(message, token).unwrap()
}

/// The refusal that a call met.
pub(crate) fn problem<T>(answer: Result<T, Status>) -> Problem {
    let status = answer.err().expect("a refusal");
    Problem::from_status(&status).unwrap_or_else(|| panic!("no problem in {status:?}"))
}
