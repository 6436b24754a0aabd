//! Campaigns of a test: a database of their own, a clock that stands, callers, and a pretend messaging.

pub(crate) mod messaging;
pub(crate) mod shop;

use std::sync::Arc;

use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use boot::Link;
use boot::auth::{AUDIENCE, Claims, ISSUER, Verifier};
use campaign::{App, Config, Consumer, Links};
use chrono::{DateTime, Duration, Utc};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use kernel::{BusinessId, Clock, EventId, MemberId, Principal, Role};
use outbox::{Handler, Received};
use prost::Message;
use proto::campaign as pb;
use proto::campaign::campaign_service_client::CampaignServiceClient;
use sqlx::PgPool;
use testkit::TestDatabase;

use self::messaging::Messaging;

pub(crate) struct World {
    pub(crate) app: Arc<App>,
    pub(crate) pool: PgPool,
    pub(crate) clock: Clock,
    pub(crate) messaging: Messaging,
    config: Config,
    verifier: Arc<Verifier>,
    key: EncodingKey,
    _database: TestDatabase,
}

impl World {
    /// A world at ten in the morning of Monday, 23 November 2026 in Lima.
    pub(crate) async fn start() -> Self {
        Self::start_at("2026-11-23T15:00:00Z").await
    }

    /// A world at another moment.
    pub(crate) async fn start_at(moment: &str) -> Self {
        boot::install_crypto();
        let database = TestDatabase::new("campaign", &campaign::MIGRATOR).await;
        let clock = Clock::manual(moment.parse().unwrap());
        let mut config = Config::load().unwrap();
        config.database.url.clone_from(&database.url);
        config.database.max_connections = 4;
        // Nobody listens there: what needs the broker must say so, and the rest must not care.
        config.nats.url = "nats://127.0.0.1:9".into();
        config.clock = clock.clone();
        let messaging = Messaging::default();
        let links = Links { enrollment: messaging.link(), messaging: messaging.link() };
        let (app, _relay) = campaign::open(&config, &links).await.unwrap();
        let pool = boot::database::connect(&config.database, "campaign").unwrap();
        let pair = Ed25519KeyPair::generate().unwrap();
        let point = URL_SAFE_NO_PAD.encode(pair.public_key().as_ref());
        let jwks = serde_json::json!({"keys": [
            {"kty": "OKP", "crv": "Ed25519", "alg": "EdDSA", "use": "sig", "kid": "test", "x": point}
        ]});
        let verifier = Arc::new(Verifier::with_keys(&jwks.to_string()).unwrap());
        let key = EncodingKey::from_ed_der(pair.to_pkcs8v1().unwrap().as_ref());
        Self { app, pool, clock, messaging, config, verifier, key, _database: database }
    }

    /// Another replica of the service, on the same database.
    pub(crate) async fn replica(&self) -> Arc<App> {
        let links = Links { enrollment: self.messaging.link(), messaging: self.messaging.link() };
        campaign::open(&self.config, &links).await.unwrap().0
    }

    pub(crate) fn client(&self) -> CampaignServiceClient<Link> {
        let routes = campaign::routes(Arc::clone(&self.app), Arc::clone(&self.verifier));
        CampaignServiceClient::new(Link::local(routes))
    }

    /// A call by this caller.
    pub(crate) fn request<T>(&self, caller: Principal, message: T) -> tonic::Request<T> {
        let now = Utc::now().timestamp();
        let claims = Claims {
            iss: ISSUER.into(),
            aud: AUDIENCE.into(),
            iat: now,
            exp: now + 600,
            family: None,
            principal: caller,
        };
        let header = Header { kid: Some("test".into()), ..Header::new(Algorithm::EdDSA) };
        let token = jsonwebtoken::encode(&header, &claims, &self.key).unwrap();
        boot::auth::with_bearer(message, &token).unwrap()
    }

    pub(crate) fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    /// Lets time pass.
    pub(crate) fn wait(&self, time: Duration) {
        self.clock.set(self.clock.now() + time);
    }

    /// Hands a batch to the projection as the outbox does: what was seen before is left out, and the effect commits with
    /// the ids.
    pub(crate) async fn deliver(&self, batch: Vec<Received>) {
        let mut tx = self.pool.begin().await.unwrap();
        let mut fresh = Vec::new();
        for event in batch {
            let seen = sqlx::query(
                "insert into campaign.inbox (consumer, event_id) values ('campaign', $1) on conflict do nothing",
            )
            .bind(event.id.as_uuid())
            .execute(&mut *tx)
            .await
            .unwrap();
            if seen.rows_affected() == 1 {
                fresh.push(event);
            }
        }
        Consumer::new(Arc::clone(&self.app)).handle(&mut tx, &fresh).await.unwrap();
        tx.commit().await.unwrap();
    }

    /// Steps until nothing is due.
    pub(crate) async fn plan(&self) {
        self.app.begin_scheduled().await.unwrap();
        while self.app.plan_step().await.unwrap().is_some() {}
    }

    /// Every message that was asked for.
    pub(crate) async fn requested(&self) -> Vec<pb::SendRequested> {
        self.facts("send_requested")
            .await
            .into_iter()
            .map(|fact| match fact {
                pb::event::Fact::SendRequested(requested) => requested,
                other => panic!("{other:?}"),
            })
            .collect()
    }

    /// What was told under a name, in its order.
    pub(crate) async fn facts(&self, name: &str) -> Vec<pb::event::Fact> {
        let payloads: Vec<Vec<u8>> = sqlx::query_scalar(
            "select payload from campaign.outbox where subject like '%.campaign.' || $1 order by created_at, event_id",
        )
        .bind(name)
        .fetch_all(&self.pool)
        .await
        .unwrap();
        payloads.iter().map(|payload| pb::Event::decode(payload.as_slice()).unwrap().fact.unwrap()).collect()
    }

    pub(crate) async fn count(&self, query: &'static str) -> i64 {
        sqlx::query_scalar(query).fetch_one(&self.pool).await.unwrap()
    }
}

pub(crate) fn received(business: BusinessId, service: &str, name: &str, payload: Vec<u8>) -> Received {
    let subject = format!("sello.v1.{business}.{service}.{name}");
    Received { id: EventId::generate(), subject, payload, traceparent: None }
}

pub(crate) fn member(business: BusinessId, role: Role) -> Principal {
    Principal::Member { business, member: MemberId::generate(), role, device: None, location: None }
}

pub(crate) fn timestamp(at: DateTime<Utc>) -> prost_types::Timestamp {
    prost_types::Timestamp { seconds: at.timestamp(), nanos: at.timestamp_subsec_nanos() as i32 }
}

/// The field and the reason of a refusal.
pub(crate) fn refusal(status: &tonic::Status) -> (String, String) {
    let problem = boot::Problem::from_status(status).unwrap();
    (problem.field.unwrap_or_default(), problem.reason.unwrap_or_default())
}
