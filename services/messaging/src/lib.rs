//! Messaging promises that a message that was asked for goes to its customer once or not at all, only while she agrees, only
//! with its business's own money, never faster than WhatsApp allows; and that what she answers takes effect at once.
//!
//! Every message is a row before it is anything else. One transaction reserves all that it needs and names the attempt; the
//! provider is called after it. What came of the call is written; where nobody knows, the provider is asked.

mod app;
pub mod config;
mod consumers;
pub mod domain;
mod error;
mod events;
mod grpc;
mod peers;
mod store;
pub mod twilio;
mod workers;

use std::sync::Arc;

use anyhow::Context;
use boot::auth::{ServiceIdentity, Verifier};
use boot::{Running, Stop};
use outbox::{Outbox, Relay};
use proto::messaging::messaging_service_server::MessagingServiceServer;
use tokio::sync::{Semaphore, mpsc};
use tonic::service::Routes;

pub use crate::app::Links;
pub use crate::config::{Config, TwilioConfig};
pub use crate::error::Error;

use crate::app::{App, MOST_CALLS, MOST_STATUSES, News, Outcome};
use crate::domain::address::AddressSecret;
use crate::domain::signature::SigningKey;
use crate::peers::Peers;

/// Its schema, version by version.
pub static MIGRATOR: sqlx::migrate::Migrator = sqlx::migrate!("../../migrations/messaging");

/// Brings the schema of the database at `url` up to date. The URL is a direct one: migrations hold a session lock, which a
/// pooler in transaction mode cannot keep.
pub async fn migrate(url: &str) -> anyhow::Result<()> {
    boot::migration::run(url, &MIGRATOR).await.context("migrating messaging")
}

/// The parts of a process.
struct Parts {
    app: Arc<App>,
    relay: Relay,
    outcomes: mpsc::Receiver<Outcome>,
    statuses: mpsc::Receiver<News>,
}

async fn assemble(config: &Config, links: &Links) -> anyhow::Result<Parts> {
    let pool = boot::database::connect(&config.database, "messaging")?;
    let broker = outbox::connect(&config.nats, "messaging").await?;
    let (outbox, relay) = Outbox::new("messaging", pool.clone(), broker.clone());
    let addresses = AddressSecret::from_hex(&config.address_secret)
        .context("setting `address_secret` is not 64 hexadecimal digits")?;
    let identity = ServiceIdentity::new("messaging", config.service_secret.clone(), links.enrollment.clone());
    let twilio = config.twilio.as_ref();
    let (to_writer, outcomes) = mpsc::channel(MOST_CALLS as usize);
    let (to_keeper, statuses) = mpsc::channel(MOST_STATUSES);
    let app = Arc::new(App {
        pool,
        outbox,
        broker,
        clock: config.clock.clone(),
        peers: Peers::new(links.enrollment.clone(), links.stamping.clone(), identity),
        addresses,
        public_url: config.public_url.trim_end_matches('/').to_owned(),
        provider: if twilio.is_some() { config.provider.clone() } else { "off".to_owned() },
        twilio: twilio
            .map(|twilio| twilio::Client::new(twilio, config.provider_timeout()))
            .transpose()
            .context("setting `twilio`")?,
        signing: twilio.map(|twilio| SigningKey::new(&twilio.auth_token)),
        in_doubt_after: config.in_doubt_after(),
        provider_timeout: config.provider_timeout(),
        poll_after: config.poll_after(),
        retention: config.retention,
        carriers: Default::default(),
        database_clock: Default::default(),
        calls: Arc::new(Semaphore::new(MOST_CALLS as usize)),
        outcomes: to_writer,
        statuses: to_keeper,
        wanted: Arc::default(),
        wrote: Arc::default(),
    });
    Ok(Parts { app, relay, outcomes, statuses })
}

/// Counters that alerts watch begin at nothing: of one that is born with its first event, no increase is seen.
fn tell_of_nothing_yet() {
    metrics::counter!("messages_doubled_total").increment(0);
    metrics::counter!("webhooks_refused_total").increment(0);
    for reason in ["opt_outs", "blocks"] {
        metrics::counter!("businesses_braked_total", "reason" => reason).increment(0);
    }
}

/// Takes events in without a broker, for whoever has events of its own: tests.
pub async fn consumer(config: &Config, links: &Links) -> anyhow::Result<impl outbox::Handler + use<>> {
    Ok(consumers::Consumer::new(assemble(config, links).await?.app))
}

/// Starts the service; its tasks run until `stop`.
pub async fn start(
    config: Config,
    links: Links,
    health: &boot::admin::Health,
    stop: Stop,
) -> anyhow::Result<Running> {
    let Parts { app, relay, outcomes, statuses } = assemble(&config, &links).await?;
    health.add_database("messaging", app.pool.clone());
    let is_pretend = app.provider == "fake";

    let (mut tasks, answered) = (tokio::task::JoinSet::new(), Stop::new());
    tasks.spawn(relay.run(stop.clone()));
    tell_of_nothing_yet();
    if is_pretend {
        app.approve_pretend_templates().await?;
    }
    tasks.spawn(workers::write_outcomes(Arc::clone(&app), outcomes));
    tasks.spawn(workers::keep_statuses(Arc::clone(&app), statuses, answered.clone()));
    tasks.spawn(workers::hand_over(Arc::clone(&app), stop.clone()));
    tasks.spawn(workers::answer(Arc::clone(&app), stop.clone()));
    tasks.spawn(workers::resolve_doubts(Arc::clone(&app), stop.clone()));
    tasks.spawn(workers::poll(Arc::clone(&app), stop.clone()));
    tasks.spawn(workers::sweep(Arc::clone(&app), stop.clone()));
    tasks.spawn(workers::judge(Arc::clone(&app), stop.clone()));
    tasks.spawn(workers::keep_house(Arc::clone(&app), stop.clone()));
    tasks.spawn(workers::measure(Arc::clone(&app), stop.clone()));
    let consumer = consumers::Consumer::new(Arc::clone(&app));
    let (broker, pool) = (app.broker.clone(), app.pool.clone());
    tasks.spawn(outbox::consume(broker, pool, app::CONSUMER, consumers::filters(), consumer, stop));

    let verifier = Arc::new(Verifier::new(links.enrollment));
    let service = MessagingServiceServer::new(grpc::Grpc { app, verifier });
    let mut running = Running::new("messaging", Routes::new(service));
    running.tasks = tasks;
    running.answered = answered;
    Ok(running)
}
