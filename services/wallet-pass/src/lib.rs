//! Wallet-pass promises that a card in a phone's wallet shows what the card is: within seconds of a stamp, once a change,
//! and never something else.
//!
//! It keeps no card. A pass is made from what stamping says at that moment, signed, and cached by its content; what is kept
//! is which phone has which pass and what it must still be told.

mod app;
mod apple;
mod config;
mod consumers;
pub mod domain;
mod error;
mod events;
pub mod google;
mod grpc;
mod objects;
mod peers;
mod store;
pub mod web;
mod workers;

use std::sync::Arc;

use anyhow::Context;
use boot::auth::{ServiceIdentity, Verifier};
use boot::{Link, Running, Stop};
use outbox::Outbox;
use proto::wallet_pass::wallet_pass_service_server::WalletPassServiceServer;
use tonic::service::Routes;

pub use crate::config::{AppleConfig, Config, GoogleConfig, WebConfig};
pub use crate::error::Error;
pub use crate::objects::Objects;

use crate::app::App;
use crate::app::google_wallet;
use crate::apple::Apple;
use crate::domain::link::Secrets;
use crate::peers::Peers;
use crate::web::Web;

/// Its schema, version by version.
pub static MIGRATOR: sqlx::migrate::Migrator = sqlx::migrate!("../../migrations/wallet_pass");

/// The largest message it takes: an owner's logo.
const LARGEST_MESSAGE_BYTES: usize = 4 * 1024 * 1024;
/// The largest it gives: a bundle of passes.
const LARGEST_ANSWER_BYTES: usize = 16 * 1024 * 1024;

/// The ways to the services it asks.
pub struct Links {
    /// Shops' names, who may be written to, and the keys of tokens.
    pub enrollment: Link,
    /// Cards.
    pub stamping: Link,
}

/// Brings the schema of the database at `url` up to date. The URL is a direct one: migrations hold a session lock, which a
/// pooler in transaction mode cannot keep.
pub async fn migrate(url: &str) -> anyhow::Result<()> {
    boot::migration::run(url, &MIGRATOR).await.context("migrating wallet_pass")
}

/// What was set, if it can be used.
fn usable<T, E: Into<anyhow::Error>>(wallet: &str, opened: Option<Result<T, E>>) -> Option<T> {
    match opened {
        None => {
            tracing::info!(wallet, "off: no credentials are set");
            None
        }
        Some(Ok(opened)) => Some(opened),
        Some(Err(error)) => {
            let error: anyhow::Error = error.into();
            tracing::error!(wallet, error = format!("{error:#}"), "off: its credentials cannot be used");
            None
        }
    }
}

/// The parts of the service that are made before it runs.
struct Parts {
    app: Arc<App>,
    relay: outbox::Relay,
}

async fn assemble(config: &Config, links: &Links) -> anyhow::Result<Parts> {
    let pool = boot::database::connect(&config.database, "wallet-pass")?;
    let broker = outbox::connect(&config.nats, "wallet-pass").await?;
    let (outbox, relay) = Outbox::new("wallet_pass", pool.clone(), broker.clone());
    let secrets = Secrets::from_hex(&config.link_secret)
        .context("setting `link_secret` is not 64 hexadecimal digits")?;
    let identity =
        ServiceIdentity::new("wallet-pass", config.service_secret.clone(), links.enrollment.clone());
    let now = config.clock.now();
    let apple = usable("Apple Wallet", config.apple.as_ref().map(|apple| Apple::open(apple, now)));
    let google =
        usable("Google Wallet", config.google.as_ref().map(|google| google_wallet(google, config, &pool)));
    let web = usable("web push", config.web.as_ref().map(|web| Web::open(web, &config.public_url)));
    let unusable = app::Unusable {
        apple: config.apple.is_some() && apple.is_none(),
        google: config.google.is_some() && google.is_none(),
        web: config.web.is_some() && web.is_none(),
    };
    let app = Arc::new(App {
        pool,
        outbox,
        broker,
        clock: config.clock.clone(),
        secrets,
        objects: Objects::open(&config.objects).context("setting `objects`")?,
        apple,
        google,
        web,
        unusable,
        peers: Peers::new(links.stamping.clone(), links.enrollment.clone(), identity),
        public_url: config.public_url.trim_end_matches('/').to_owned(),
        templates: Default::default(),
        pictures: Default::default(),
        wanted: Arc::default(),
    });
    Ok(Parts { app, relay })
}

/// Takes events in without a broker, for whoever has events of its own: tests.
pub async fn consumer(config: &Config, links: &Links) -> anyhow::Result<impl outbox::Handler + use<>> {
    Ok(consumers::Consumer::new(assemble(config, links).await?.app))
}

/// Starts the service; its tasks run until `stop`. Credentials that do not fit turn their wallet off and are told to the log:
/// nobody's stamps wait for them.
pub async fn start(
    config: Config,
    links: Links,
    health: &boot::admin::Health,
    stop: Stop,
) -> anyhow::Result<Running> {
    let Parts { app, relay } = assemble(&config, &links).await?;
    let (pool, broker) = (app.pool.clone(), app.broker.clone());
    health.add_database("wallet-pass", pool.clone());

    let mut tasks = tokio::task::JoinSet::new();
    tasks.spawn(relay.run(stop.clone()));
    tasks.spawn(workers::say(Arc::clone(&app), stop.clone()));
    if app.apple.is_some() {
        tasks.spawn(workers::push(Arc::clone(&app), stop.clone()));
    }
    if app.google.is_some() {
        tasks.spawn(workers::patch(Arc::clone(&app), stop.clone()));
    }
    if app.web.is_some() {
        tasks.spawn(workers::notify(Arc::clone(&app), stop.clone()));
    }
    tasks.spawn(workers::keep_house(Arc::clone(&app), stop.clone()));
    tasks.spawn(workers::measure(Arc::clone(&app), stop.clone()));
    let consumer = consumers::Consumer::new(Arc::clone(&app));
    tasks.spawn(outbox::consume(broker, pool, app::CONSUMER, consumers::filters(), consumer, stop));

    let verifier = Arc::new(Verifier::new(links.enrollment));
    let service = WalletPassServiceServer::new(grpc::Grpc { app, verifier })
        .max_decoding_message_size(LARGEST_MESSAGE_BYTES)
        .max_encoding_message_size(LARGEST_ANSWER_BYTES);
    let mut running = Running::new("wallet-pass", Routes::new(service));
    running.tasks = tasks;
    Ok(running)
}
