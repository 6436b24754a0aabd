use std::collections::HashSet;
use std::future::{Ready, ready};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use async_nats::Event;
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
pub(crate) const DEDUP_WINDOW: Duration = Duration::from_secs(120);

/// The pause before a stream is set right again that the broker left as it was.
const SET_AGAIN_AFTER: Duration = Duration::from_secs(600);
/// How often a server is looked for that may have gone.
const LOOK_EVERY: Duration = Duration::from_millis(100);

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
    /// Copies of the stream a cluster keeps; a stream that has fewer is given more.
    #[serde(default = "one")]
    pub replicas: usize,
    /// A file with the authority of the broker's certificate (PEM); empty where everybody trusts it, or no TLS is spoken.
    #[serde(default)]
    pub ca: PathBuf,
}

impl Settings {
    /// A broker that asks for no user and is believed as it is.
    pub fn at(url: impl Into<String>) -> Self {
        Self {
            url: url.into(),
            user: String::new(),
            password: String::new(),
            replicas: one(),
            ca: PathBuf::new(),
        }
    }
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
    /// The server whose stream was last held against what is wanted, and when.
    set_at: Arc<Mutex<Option<(String, Instant)>>>,
}

/// Connects in the background: a service starts, and stamps, while the broker is away.
pub async fn connect(settings: &Settings, name: &str) -> Result<Broker, Error> {
    let mut options = async_nats::ConnectOptions::new()
        .name(name)
        .retry_on_initial_connect()
        .connection_timeout(Duration::from_secs(2))
        .ping_interval(Duration::from_secs(5))
        .reconnect_delay_callback(|attempts| Duration::from_millis((50 * attempts as u64).min(1_000)))
        .event_callback(told_once());
    if !settings.user.is_empty() {
        options = options.user_and_password(settings.user.clone(), settings.password.clone());
    }
    if !settings.ca.as_os_str().is_empty() {
        options = options.add_root_certificates(settings.ca.clone());
    }
    let servers: Vec<String> = settings.url.split(',').map(str::to_owned).collect();
    let client = options.connect(servers).await.map_err(Error::broker)?;
    let mut jetstream = jetstream::new(client.clone());
    jetstream.set_timeout(Duration::from_secs(5));
    Ok(Broker { client, jetstream, replicas: settings.replicas, set_at: Arc::default() })
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

    /// Whether the stream is to be set right now: once for each server, and again after a while where that was refused. Whoever reads
    /// asks for the stream, and not each of them is to try.
    fn is_to_set(&self) -> bool {
        let Some(server) = self.server() else { return false };
        let mut set_at = lock(&self.set_at);
        let is_new =
            set_at.as_ref().is_none_or(|(at, when)| *at != server || when.elapsed() > SET_AGAIN_AFTER);
        if is_new {
            *set_at = Some((server, Instant::now()));
        }
        is_new
    }

    /// The server that answers now, or the next one.
    async fn there(&self) -> String {
        loop {
            match self.server() {
                Some(server) => return server,
                None => tokio::time::sleep(LOOK_EVERY).await,
            }
        }
    }

    /// What comes of work with this server; `None` once it no longer answers. A question that was on its way with the connection is
    /// answered by nobody, and would be waited for until its time is over.
    pub(crate) async fn while_there<T>(&self, server: &str, work: impl Future<Output = T>) -> Option<T> {
        let left = async {
            while self.server().as_deref() == Some(server) {
                tokio::time::sleep(LOOK_EVERY).await;
            }
        };
        tokio::select! {
            done = work => Some(done),
            () = left => None,
        }
    }

    /// What is asked of the server that answers now, or of the next one, and given up once that one has gone.
    pub(crate) async fn ask<T>(&self, asking: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
        self.while_there(&self.there().await, asking).await.unwrap_or_else(|| Err(gone()))
    }

    /// The stream, made if it is not there yet, and as it should be: what was set otherwise since it was made holds from now on.
    pub(crate) async fn stream(&self) -> Result<stream::Stream, Error> {
        let wanted = stream::Config {
            name: STREAM.into(),
            subjects: vec![SUBJECTS.into()],
            max_age: KEPT,
            duplicate_window: DEDUP_WINDOW,
            storage: stream::StorageType::File,
            num_replicas: self.replicas,
            allow_direct: true,
            ..Default::default()
        };
        let stream = self.jetstream.get_or_create_stream(&wanted).await.map_err(Error::broker)?;
        let found = &stream.cached_info().config;
        // Copies are added and never taken away: of pods that are being replaced, the old ones want fewer.
        let copies = found.num_replicas.max(wanted.num_replicas);
        let is_as_wanted = (found.num_replicas, found.max_age, found.duplicate_window)
            == (copies, wanted.max_age, wanted.duplicate_window);
        if !is_as_wanted && self.is_to_set() {
            // The rest of it may have been set by whoever runs the broker, and stays, as far as the client knows it.
            let changed = stream::Config {
                num_replicas: copies,
                max_age: wanted.max_age,
                duplicate_window: wanted.duplicate_window,
                ..found.clone()
            };
            match self.jetstream.update_stream(&changed).await {
                Ok(_) => tracing::info!(copies, "the stream is kept as it is set now"),
                // It goes on as it was: fewer copies than are wanted are better than no events.
                Err(error) => tracing::warn!(copies, %error, "the stream stays as it was made"),
            }
        }
        Ok(stream)
    }
}

/// Why a server that no longer answers has taken nothing.
pub(crate) fn gone() -> Error {
    Error::broker("the server has gone")
}

/// Says when the broker comes and goes, and why it cannot be reached: each reason once until it has been there again.
fn told_once() -> impl Fn(Event) -> Ready<()> + Send + Sync + 'static {
    let told = Mutex::new(HashSet::new());
    move |event| {
        let mut told = lock(&told);
        match event {
            Event::Connected => {
                told.clear();
                tracing::info!("the broker is there");
            }
            // A process that ends, or a broker that says so first.
            Event::Closed | Event::Draining | Event::LameDuckMode => {
                tracing::info!(reason = %event, "the connection to the broker ends");
            }
            other => {
                let reason = other.to_string();
                if told.insert(reason.clone()) {
                    tracing::warn!(reason, "the broker is not as it should be");
                }
            }
        }
        ready(())
    }
}

fn lock<T>(of_all: &Mutex<T>) -> MutexGuard<'_, T> {
    of_all.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Events that the durable consumer `name` has not acknowledged yet; all of them where it does not exist.
pub async fn pending(broker: &Broker, name: &str) -> Result<u64, Error> {
    let stream = broker.stream().await?;
    let mut consumer: jetstream::consumer::PullConsumer =
        stream.get_consumer(name).await.map_err(Error::broker)?;
    let info = consumer.info().await.map_err(Error::broker)?;
    Ok(info.num_pending + info.num_ack_pending as u64)
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
    use tokio::net::TcpListener;

    use super::*;

    /// Sooner than a request's own time is over.
    const SOON: Duration = Duration::from_secs(4);

    /// A server that goes as soon as somebody asks it something, and does not come back.
    async fn that_goes() -> String {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("nats://{}", listener.local_addr().unwrap());
        tokio::spawn(async move {
            let (client, _) = listener.accept().await.unwrap();
            let mut client = BufReader::new(client);
            let greeting = "INFO {\"server_id\":\"one\",\"version\":\"2.15.1\",\"host\":\"\",\"port\":0,\"headers\":true,\
                \"max_payload\":1048576}\r\n";
            client.write_all(greeting.as_bytes()).await.unwrap();
            let mut line = String::new();
            while !line.contains("PUB ") {
                line.clear();
                client.read_line(&mut line).await.unwrap();
                if line.starts_with("PING") {
                    client.write_all(b"PONG\r\n").await.unwrap();
                }
            }
        });
        url
    }

    #[tokio::test]
    async fn what_a_server_was_asked_that_has_gone_is_not_waited_for() {
        let broker = connect(&Settings::at(that_goes().await), "test").await.unwrap();
        let asked = tokio::time::timeout(SOON, broker.ask(broker.stream())).await;
        assert!(asked.expect("an answer, or none").is_err());
    }
}
