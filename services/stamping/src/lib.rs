//! Stamping promises that a stamp is there once, at once: however often a till asks, however many tills ask at the same
//! time, and whatever is killed in between. The ledger is the truth; a card's counters can always be rebuilt from it.

pub mod app;
mod config;
mod consumers;
pub mod domain;
mod error;
mod events;
mod grpc;
mod store;
mod workers;

use std::sync::Arc;

use anyhow::Context;
use boot::auth::{ServiceIdentity, Verifier};
use boot::{Link, Running, Stop};
use outbox::Outbox;
use proto::stamping::stamping_service_server::StampingServiceServer;
use tonic::service::Routes;

pub use config::Config;
pub use error::Error;

use crate::app::{App, Lanes};
use crate::domain::CodeKeys;

/// The name of the schema, and of the table in it that has months.
const SCHEMA: &str = "stamping";
const LEDGER: &str = "stamp";

/// The schema, for `migrate` and for tests.
pub static MIGRATOR: sqlx::migrate::Migrator = sqlx::migrate!("../../migrations/stamping");

/// Brings the schema to the newest version, and makes the ledger's months. `url` is the direct one, not a pooler's.
pub async fn migrate(url: &str) -> anyhow::Result<()> {
    boot::migration::run(url, &MIGRATOR).await.context("migrating stamping")?;
    let settings = boot::database::Settings { url: url.to_owned(), max_connections: 1 };
    let pool = boot::database::connect(&settings, "stamping-migrate")?;
    keep_partitions(&pool, kernel::Clock::System.now()).await?;
    pool.close().await;
    Ok(())
}

/// Makes the ledger's months around `now`, as the service does by itself every hour.
pub async fn keep_partitions(
    pool: &sqlx::PgPool,
    now: chrono::DateTime<chrono::Utc>,
) -> Result<(), sqlx::Error> {
    boot::partition::ensure(pool, SCHEMA, &[LEDGER], now).await
}

/// Wires the service; its tasks run until `stop`.
pub async fn start(
    config: Config,
    enrollment: Link,
    health: &boot::admin::Health,
    stop: Stop,
) -> anyhow::Result<Running> {
    let pool = boot::database::connect(&config.database, "stamping")?;
    let broker = outbox::connect(&config.nats, "stamping").await?;
    let (outbox, relay) = Outbox::new("stamping", pool.clone(), broker.clone());
    let secrets = config.code_secrets().context("setting `code_keys` is not `id:hex` pairs")?;
    let keys = CodeKeys::new(secrets).context("setting `code_keys` needs secrets of at least 32 bytes")?;
    let identity = ServiceIdentity::new("stamping", config.service_secret.clone(), enrollment.clone());
    let verifier = Arc::new(Verifier::new(enrollment.clone()));
    let device_keys = grpc::DeviceKeys::new(enrollment, identity);
    let app = Arc::new(App::new(pool.clone(), outbox, keys, config.clock.clone(), config.search_cap));
    health.add_database("stamping", pool.clone());

    let mut tasks = tokio::task::JoinSet::new();
    let answered = Stop::new();
    let lanes = Lanes::start(&app, config.lanes, &answered, &mut tasks);
    tasks.spawn(relay.run(stop.clone()));
    tasks.spawn(workers::expire_rewards(Arc::clone(&app), stop.clone()));
    tasks.spawn(workers::keep_house(Arc::clone(&app), stop.clone()));
    tasks.spawn(workers::audit(Arc::clone(&app), stop.clone()));
    let consumer = consumers::Consumer::new(Arc::clone(&app));
    tasks.spawn(outbox::consume(broker, pool, consumers::NAME, consumers::filters(), consumer, stop));

    let service = StampingServiceServer::new(grpc::Grpc { app, lanes, device_keys, verifier });
    let mut running = Running::new("stamping", Routes::new(service));
    running.tasks = tasks;
    running.answered = answered;
    Ok(running)
}
