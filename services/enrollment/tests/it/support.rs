//! A running enrollment of its own for each test, and short words for what tests do with it.

use std::sync::Arc;

use boot::{Link, Problem, Running};
use chrono::{Duration, SubsecRound, Utc};
use enrollment::app::App;
use enrollment::config::{Config, Privacy};
use kernel::Clock;
use outbox::Outbox;
use prost::Message;
use proto::enrollment as wire;
use proto::enrollment::event::Fact;
use sqlx::PgPool;
use testkit::TestDatabase;
use tonic::{Request, Status};
use wire::auth_service_client::AuthServiceClient;
use wire::business_service_client::BusinessServiceClient;
use wire::customer_service_client::CustomerServiceClient;

pub(crate) const PASSWORD: &str = "una clave larga";
pub(crate) const SERVICE_SECRET: &str = "the services' secret";
pub(crate) const OPERATOR_SECRET: &str = "the operator's secret";

pub(crate) struct World {
    pub(crate) app: Arc<App>,
    pub(crate) pool: PgPool,
    pub(crate) clock: Clock,
    link: Link,
    _database: TestDatabase,
}

/// A business with its owner signed in.
pub(crate) struct Shop {
    pub(crate) id: String,
    pub(crate) slug: String,
    pub(crate) email: String,
    pub(crate) owner_id: String,
    /// The owner's access token.
    pub(crate) owner: String,
    pub(crate) refresh: String,
    pub(crate) recovery_codes: Vec<String>,
}

/// A paired till.
pub(crate) struct PairedTill {
    pub(crate) token: String,
    pub(crate) id: String,
}

impl World {
    pub(crate) async fn start() -> Self {
        boot::install_crypto();
        let database = TestDatabase::new("enrollment", &enrollment::MIGRATOR).await;
        let clock = Clock::manual(Utc::now().trunc_subsecs(0));
        let config = config(&database.url, clock.clone());
        let pool = boot::database::connect(&config.database, "enrollment").unwrap();
        let broker = outbox::connect(&config.nats, "enrollment").await.unwrap();
        let (outbox, _relay) = Outbox::new("enrollment", pool.clone(), broker);
        let app = Arc::new(App::new(&config, pool.clone(), outbox));
        let link = Running::new("enrollment", enrollment::grpc::routes(Arc::clone(&app))).link();
        Self { app, pool, clock, link, _database: database }
    }

    pub(crate) fn auth(&self) -> AuthServiceClient<Link> {
        AuthServiceClient::new(self.link.clone())
    }

    pub(crate) fn business(&self) -> BusinessServiceClient<Link> {
        BusinessServiceClient::new(self.link.clone())
    }

    pub(crate) fn customers(&self) -> CustomerServiceClient<Link> {
        CustomerServiceClient::new(self.link.clone())
    }

    /// Lets time pass.
    pub(crate) fn wait(&self, time: Duration) {
        self.clock.set(self.clock.now() + time);
    }

    pub(crate) async fn shop(&self, name: &str) -> Shop {
        let email = format!("{}@cafe.pe", uuid::Uuid::now_v7().simple());
        let request = wire::SignupRequest {
            business_name: name.into(),
            owner_name: "Olga Dueña".into(),
            email: email.clone(),
            password: PASSWORD.into(),
            ..Default::default()
        };
        let made = self.auth().signup(request).await.unwrap().into_inner();
        let (tokens, business) = (made.tokens.unwrap(), made.business.unwrap());
        Shop {
            id: business.business_id,
            slug: business.slug,
            email,
            owner_id: made.member.unwrap().member_id,
            owner: tokens.access_token,
            refresh: tokens.refresh_token,
            recovery_codes: made.recovery_codes,
        }
    }

    /// A member with a password and a PIN, signed in on the panel.
    pub(crate) async fn member(&self, shop: &Shop, role: &str, pin: &str) -> (String, String) {
        let email = format!("{}@cafe.pe", uuid::Uuid::now_v7().simple());
        let request = wire::CreateMemberRequest {
            name: format!("Ana {role}"),
            role: role.into(),
            email: email.clone(),
            password: PASSWORD.into(),
            pin: pin.into(),
            ..Default::default()
        };
        let made = self.business().create_member(with(&shop.owner, request)).await.unwrap().into_inner();
        let login = wire::LoginRequest { email, password: PASSWORD.into() };
        let tokens = self.auth().login(login).await.unwrap().into_inner().tokens.unwrap();
        (made.member.unwrap().member_id, tokens.access_token)
    }

    pub(crate) async fn till(&self, shop: &Shop) -> PairedTill {
        let code =
            self.business().create_pairing(with(&shop.owner, wire::CreatePairingRequest::default())).await;
        let code = code.unwrap().into_inner().pairing_code;
        let request =
            wire::PairDeviceRequest { pairing_code: code, name: "Caja 1".into(), public_key: vec![] };
        let paired = self.business().pair_device(request).await.unwrap().into_inner();
        PairedTill { token: paired.device_token, id: paired.device_id }
    }

    pub(crate) async fn pin(
        &self,
        till: &PairedTill,
        member: &str,
        pin: &str,
    ) -> Result<wire::LoginWithPinResponse, Status> {
        let request = wire::LoginWithPinRequest {
            device_token: till.token.clone(),
            member_id: member.into(),
            pin: pin.into(),
        };
        self.auth().login_with_pin(request).await.map(tonic::Response::into_inner)
    }

    pub(crate) async fn enroll(&self, request: wire::EnrollRequest) -> Result<wire::EnrollResponse, Status> {
        self.customers().enroll(request).await.map(tonic::Response::into_inner)
    }

    pub(crate) async fn service(&self) -> String {
        self.service_token("messaging", SERVICE_SECRET).await.unwrap()
    }

    pub(crate) async fn service_token(&self, name: &str, secret: &str) -> Result<String, Status> {
        let request = wire::IssueServiceTokenRequest { service: name.into(), secret: secret.into() };
        Ok(self.auth().issue_service_token(request).await?.into_inner().access_token)
    }

    /// A card holder's access token.
    pub(crate) async fn holder(
        &self,
        holder_token: &str,
    ) -> Result<wire::ExchangeHolderTokenResponse, Status> {
        let request = wire::ExchangeHolderTokenRequest { holder_token: holder_token.into() };
        self.auth().exchange_holder_token(request).await.map(tonic::Response::into_inner)
    }

    /// Every fact told so far, in the order they were told.
    pub(crate) async fn facts(&self) -> Vec<Fact> {
        let rows: Vec<Vec<u8>> = sqlx::query_scalar("select payload from outbox order by event_id")
            .fetch_all(&self.pool)
            .await
            .unwrap();
        rows.iter().filter_map(|row| wire::Event::decode(row.as_slice()).unwrap().fact).collect()
    }

    /// One number out of the database.
    pub(crate) async fn count(&self, statement: &'static str) -> i64 {
        sqlx::query_scalar(statement).fetch_one(&self.pool).await.unwrap()
    }
}

/// Settings with a broker that is away: what these tests promise holds without it.
pub(crate) fn config(database_url: &str, clock: Clock) -> Config {
    Config {
        listen: ([127, 0, 0, 1], 0).into(),
        admin: ([127, 0, 0, 1], 0).into(),
        drain_ms: 0,
        database: boot::database::Settings { url: database_url.into(), max_connections: 8 },
        nats: outbox::Settings::at("nats://127.0.0.1:9"),
        telemetry: boot::telemetry::Settings::default(),
        service_secret: SERVICE_SECRET.into(),
        operator_secret: OPERATOR_SECRET.into(),
        privacy: Privacy {
            processor: "Sello SAC".into(),
            recipients_es: "Twilio (Estados Unidos)".into(),
            recipients_en: "Twilio (United States)".into(),
            retention_months: 24,
        },
        clock,
    }
}

/// What the join page sends for a customer who ticks what she must.
pub(crate) fn joining(shop: &Shop, name: &str, phone: &str) -> wire::EnrollRequest {
    wire::EnrollRequest {
        slug: shop.slug.clone(),
        name: name.into(),
        phone: phone.into(),
        age_ok: true,
        consent_program: true,
        ..Default::default()
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

/// The word of that refusal.
pub(crate) fn slug_of<T>(answer: Result<T, Status>) -> String {
    problem(answer).slug
}
