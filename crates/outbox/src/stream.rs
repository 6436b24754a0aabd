use std::time::Duration;

use async_nats::jetstream::{self, stream};
use serde::Deserialize;

use crate::Error;

/// The one stream of the platform.
pub const STREAM: &str = "SELLO";
/// Every subject of it: `sello.v1.<business>.<service>.<event>`.
const SUBJECTS: &str = "sello.v1.>";
/// How long events can be read again.
pub(crate) const KEPT: Duration = Duration::from_secs(7 * 24 * 3600);
/// How long the broker itself remembers an id; the inbox remembers for longer.
const DEDUP_WINDOW: Duration = Duration::from_secs(120);

/// Where the broker is.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// `nats://host:4222`; several, divided by commas, for a cluster.
    pub url: String,
    /// A user with the right to publish this service's subjects; empty where the broker asks for none.
    #[serde(default)]
    pub user: String,
    /// That user's password.
    #[serde(default)]
    pub password: String,
    /// Copies of the stream a cluster keeps.
    #[serde(default = "one")]
    pub replicas: usize,
}

fn one() -> usize {
    1
}

/// A connection to the broker, shared by a process.
#[derive(Clone)]
pub struct Broker {
    pub(crate) client: async_nats::Client,
    pub(crate) jetstream: jetstream::Context,
    replicas: usize,
}

/// Connects in the background: a service starts, and stamps, while the broker is away.
pub async fn connect(settings: &Settings, name: &str) -> Result<Broker, Error> {
    let mut options = async_nats::ConnectOptions::new()
        .name(name)
        .retry_on_initial_connect()
        .connection_timeout(Duration::from_secs(2))
        .ping_interval(Duration::from_secs(5))
        .reconnect_delay_callback(|attempts| Duration::from_millis((50 * attempts as u64).min(1_000)));
    if !settings.user.is_empty() {
        options = options.user_and_password(settings.user.clone(), settings.password.clone());
    }
    let servers: Vec<String> = settings.url.split(',').map(str::to_owned).collect();
    let client = options.connect(servers).await.map_err(Error::broker)?;
    let mut jetstream = jetstream::new(client.clone());
    jetstream.set_timeout(Duration::from_secs(5));
    Ok(Broker { client, jetstream, replicas: settings.replicas })
}

impl Broker {
    /// True while the connection stands.
    pub fn is_connected(&self) -> bool {
        self.client.connection_state() == async_nats::connection::State::Connected
    }

    /// Which server it is that answers; another one after a restart. `None` while there is none.
    pub fn server(&self) -> Option<String> {
        self.is_connected().then(|| self.client.server_info().server_id)
    }

    /// The stream, made if it is not there yet.
    pub(crate) async fn stream(&self) -> Result<stream::Stream, Error> {
        self.jetstream
            .get_or_create_stream(stream::Config {
                name: STREAM.into(),
                subjects: vec![SUBJECTS.into()],
                max_age: KEPT,
                duplicate_window: DEDUP_WINDOW,
                storage: stream::StorageType::File,
                num_replicas: self.replicas,
                allow_direct: true,
                ..Default::default()
            })
            .await
            .map_err(Error::broker)
    }
}

/// Events that the durable consumer `name` has not acknowledged yet; all of them where it does not exist.
pub async fn pending(broker: &Broker, name: &str) -> Result<u64, Error> {
    let stream = broker.stream().await?;
    let mut consumer: jetstream::consumer::PullConsumer =
        stream.get_consumer(name).await.map_err(Error::broker)?;
    let info = consumer.info().await.map_err(Error::broker)?;
    Ok(info.num_pending + info.num_ack_pending as u64)
}
