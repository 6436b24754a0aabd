//! Enrollment: businesses, the people who work for them, their devices, their customers, and who may do what.
//!
//! It promises that one phone is one customer of a business, that a stranger who types her number learns nothing,
//! that every consent can be proven with the text it was given to, and that nobody guesses a password or a PIN more
//! than five times in a quarter of an hour. It alone holds names and phones, and it alone signs tokens.

pub mod app;
pub mod config;
pub mod consumers;
pub mod domain;
mod error;
pub mod events;
pub mod grpc;
pub mod store;
pub mod workers;

use std::sync::Arc;

use anyhow::Context;
use boot::{Running, Stop};
use outbox::Outbox;

pub use config::Config;
pub use error::Error;

use crate::app::App;
use crate::consumers::Stamps;

/// The schema's history, compiled in.
pub static MIGRATOR: sqlx::migrate::Migrator = sqlx::migrate!("../../migrations/enrollment");

/// Brings the schema up to date. `url` leads to the server itself, not to a pooler: migrations take a session lock.
pub async fn migrate(url: &str) -> anyhow::Result<()> {
    boot::migration::run(url, &MIGRATOR).await.context("migrating enrollment")
}

/// Wires the parts and starts what runs by itself. Succeeds while Postgres or NATS is away.
pub async fn start(config: Config, health: &boot::admin::Health, stop: Stop) -> anyhow::Result<Running> {
    let pool = boot::database::connect(&config.database, "enrollment")?;
    health.add_database("enrollment", pool.clone());
    let broker = outbox::connect(&config.nats, "enrollment").await?;
    let (outbox, relay) = Outbox::new("enrollment", pool.clone(), broker.clone());
    let app = Arc::new(App::new(&config, pool.clone(), outbox));
    let stamps = Stamps { app: Arc::clone(&app) };

    let mut running = Running::new("enrollment", grpc::routes(Arc::clone(&app)));
    let filters = vec![consumers::FILTER.to_owned()];
    running.tasks.spawn(relay.run(stop.clone()));
    running.tasks.spawn(outbox::consume(broker, pool, consumers::NAME, filters, stamps, stop.clone()));
    running.tasks.spawn(workers::tend_keys(Arc::clone(&app), stop.clone()));
    running.tasks.spawn(workers::purge(app, stop));
    Ok(running)
}
