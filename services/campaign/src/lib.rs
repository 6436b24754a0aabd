//! Campaign promises that whoever is written to wanted it, at most once in seven days over everything; that a campaign
//! which was paused or canceled writes no more once that is answered; and that what a campaign brought is told with its
//! uncertainty, or not at all. (README.md: how holdout, lift and at risk work, and what they assume.)
//!
//! It keeps no person: a customer is an id with days and cards. Names and numbers are asked for by messaging, at hand-over.

pub mod app;
mod config;
mod consumers;
pub mod domain;
mod error;
mod events;
mod grpc;
mod peers;
mod store;
pub mod testing;
mod workers;

use std::sync::Arc;

use anyhow::Context;
use boot::auth::{ServiceIdentity, Verifier};
use boot::{Link, Running, Stop};
use outbox::Outbox;
use proto::campaign::campaign_service_server::CampaignServiceServer;
use tokio::sync::Notify;
use tonic::service::Routes;

pub use crate::app::App;
pub use crate::config::Config;
pub use crate::consumers::Consumer;
pub use crate::error::Error;

use crate::peers::Peers;

/// Its schema, version by version.
pub static MIGRATOR: sqlx::migrate::Migrator = sqlx::migrate!("../../migrations/campaign");

/// The ways to the services it asks.
pub struct Links {
    /// The keys of tokens, and its own.
    pub enrollment: Link,
    /// Prices, templates, and what holds a campaign.
    pub messaging: Link,
}

/// Brings the schema of the database at `url` up to date, and makes the months of sends. The URL is a direct one:
/// migrations hold a session lock, which a pooler in transaction mode cannot keep.
pub async fn migrate(url: &str) -> anyhow::Result<()> {
    boot::migration::run(url, &MIGRATOR).await.context("migrating campaign")?;
    let settings = boot::database::Settings { url: url.to_owned(), max_connections: 1 };
    let pool = boot::database::connect(&settings, "campaign-migrate")?;
    boot::partition::ensure(&pool, app::SCHEMA, &[app::SENDS], kernel::Clock::System.now()).await?;
    pool.close().await;
    Ok(())
}

/// Its use cases over a pool, and the relay that empties its outbox; for whoever runs it without its workers.
pub async fn open(config: &Config, links: &Links) -> anyhow::Result<(Arc<App>, outbox::Relay)> {
    let pool = boot::database::connect(&config.database, "campaign")?;
    let broker = outbox::connect(&config.nats, "campaign").await?;
    let (outbox, relay) = Outbox::new("campaign", pool.clone(), broker.clone());
    let identity = ServiceIdentity::new("campaign", config.service_secret.clone(), links.enrollment.clone());
    let peers = Peers::new(links.messaging.clone(), identity);
    let (clock, retention, to_walk) = (config.clock.clone(), config.retention, Notify::new());
    Ok((Arc::new(App { pool, outbox, broker, clock, peers, retention, to_walk }), relay))
}

/// What it answers, with tokens checked by `verifier`.
pub fn routes(app: Arc<App>, verifier: Arc<Verifier>) -> Routes {
    Routes::new(CampaignServiceServer::new(grpc::Grpc { app, verifier, told: consumers::told }))
}

/// Starts the service; its tasks run until `stop`. It starts, and catches up later, while database, broker or messaging
/// are away.
pub async fn start(
    config: Config,
    links: Links,
    health: &boot::admin::Health,
    stop: Stop,
) -> anyhow::Result<Running> {
    let (app, relay) = open(&config, &links).await?;
    health.add_database("campaign", app.pool.clone());
    let mut running =
        Running::new("campaign", routes(Arc::clone(&app), Arc::new(Verifier::new(links.enrollment))));
    running.tasks.spawn(relay.run(stop.clone()));
    running.tasks.spawn(workers::plan(Arc::clone(&app), stop.clone()));
    running.tasks.spawn(workers::follow_up(Arc::clone(&app), stop.clone()));
    running.tasks.spawn(workers::tell(Arc::clone(&app), stop.clone()));
    running.tasks.spawn(workers::settle(Arc::clone(&app), stop.clone()));
    running.tasks.spawn(workers::keep_house(Arc::clone(&app), stop.clone()));
    running.tasks.spawn(workers::measure(Arc::clone(&app), stop.clone()));
    let (broker, pool) = (app.broker.clone(), app.pool.clone());
    let consumer = Consumer::new(app);
    running.tasks.spawn(outbox::consume(broker, pool, app::CONSUMER, consumers::filters(), consumer, stop));
    Ok(running)
}
