//! Analytics: what the figures of a business are, from what the other services say has happened.
//!
//! It promises that every event counts exactly once, in whatever order and however often it arrives; that an event
//! counts on the day it was recorded, and a correction on the day of what it corrects; that no question reads rows
//! one a stamp; and that nothing here is a truth of its own: all of it can be built anew from the stream, and but for
//! the figures of messages from what the owners say is true.

mod app;
mod config;
mod consumers;
pub mod domain;
mod error;
mod grpc;
mod store;
mod workers;

use std::sync::Arc;

use anyhow::Context;
use boot::auth::Verifier;
use boot::{Link, Running, Stop};
use kernel::Clock;
use proto::analytics::analytics_service_server::AnalyticsServiceServer;
use tonic::service::Routes;

pub use crate::app::questions::App;
pub use crate::app::reads::Reads;
pub use crate::config::Config;
pub use crate::consumers::Projection;
pub use crate::workers::purge_once;

/// Its schema, version by version.
pub static MIGRATOR: sqlx::migrate::Migrator = sqlx::migrate!("../../migrations/analytics");

/// Brings the schema of the database at `url` up to date. The URL is a direct one: migrations hold a session lock,
/// which a pooler in transaction mode cannot keep.
pub async fn migrate(url: &str) -> anyhow::Result<()> {
    boot::migration::run(url, &MIGRATOR).await.context("migrating analytics")
}

/// What it answers, with tokens checked by `verifier`.
pub fn routes(app: App, verifier: Arc<Verifier>) -> Routes {
    Routes::new(AnalyticsServiceServer::new(grpc::Grpc { app, verifier, told: consumers::told }))
}

/// Starts the service. It starts, and catches up later, while the database or the broker is away.
pub async fn start(
    config: Config,
    enrollment: Link,
    health: &boot::admin::Health,
    stop: Stop,
) -> anyhow::Result<Running> {
    let pool = boot::database::connect(&config.database, "analytics")?;
    let broker = outbox::connect(&config.nats, "analytics").await?;
    health.add_database("analytics", pool.clone());
    let replica = boot::database::connect_replica(&config.database, &config.replica, "analytics")?;
    if let Some(replica) = &replica {
        health.watch_pool("analytics-replica", replica.clone());
    }
    let reads = Arc::new(Reads::new(pool.clone(), replica));
    let app = App::new(pool.clone(), Arc::clone(&reads), broker.clone(), Clock::System);
    let mut running = Running::new("analytics", routes(app, Arc::new(Verifier::new(enrollment))));
    running.tasks.spawn(outbox::consume(
        broker,
        pool.clone(),
        app::CONSUMER,
        vec![consumers::SUBJECTS.to_owned()],
        Projection,
        stop.clone(),
    ));
    running.tasks.spawn(workers::look_after_replica(Arc::clone(&reads), stop.clone()));
    running.tasks.spawn(workers::purge(pool, Clock::System, stop.clone()));
    running.tasks.spawn(workers::measure(reads, Clock::System, stop));
    Ok(running)
}
