//! The processes of one service, as a caller over the network knows them.

use std::error::Error as StdError;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use http::Uri;
use http_body_util::{BodyExt, Full};
use tonic::body::Body;
use tonic::transport::{Channel, Endpoint};
use tower::{BoxError, ServiceExt};

/// How long a connection attempt may take.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);
/// How often names are looked up again.
const LOOK_UP_EVERY: Duration = Duration::from_secs(2);
/// How long a process that took no connection is passed over, where there are others.
const PASSED_OVER: Duration = Duration::from_secs(1);
/// How long one is passed over that took a call and did not answer it: whoever tries it again may wait as long as that one did.
/// Twice as long each time that it was silent again, up to the longest.
const PASSED_OVER_SILENT: Duration = Duration::from_secs(10);
const PASSED_OVER_LONGEST: Duration = Duration::from_secs(60);
/// How often a connection is asked whether it lives, and how long that may take. Together less than a call: on a machine that is
/// gone a connection ends before its calls do.
const ALIVE_EVERY: Duration = Duration::from_secs(4);
const ALIVE_WITHIN: Duration = Duration::from_secs(5);
/// How often a call is sent that no process has taken.
const MOST_TRIES: usize = 4;
/// The pause once every process has been tried.
const AGAIN_AFTER: Duration = Duration::from_millis(100);

/// All processes of a service that are known at this moment.
pub(crate) struct Replicas {
    origins: Vec<Uri>,
    /// How long a call may take before the caller gives up.
    patience: Duration,
    known: Mutex<Arc<[Arc<Replica>]>>,
    next: AtomicUsize,
}

struct Replica {
    address: SocketAddr,
    channel: Channel,
    health: Mutex<ReplicaHealth>,
}

/// What is known of a process.
#[derive(Default)]
struct ReplicaHealth {
    /// When it last answered anything.
    answered: Option<Instant>,
    /// `None` once it has answered.
    wanting: Option<Wanting>,
}

/// How a process was found wanting.
struct Wanting {
    until: Instant,
    /// Of one that took a call in silence.
    silence: Option<Silence>,
}

/// How a process does not answer.
#[derive(Clone, Copy)]
struct Silence {
    /// When that was found out.
    since: Instant,
    /// For how long each who finds it out again spares the others.
    long: Duration,
}

impl Replica {
    fn new(origin: &Uri, address: SocketAddr, patience: Duration) -> anyhow::Result<Self> {
        let channel = Endpoint::from_shared(format!("http://{address}"))?
            .origin(origin.clone())
            .connect_timeout(CONNECT_TIMEOUT)
            .timeout(patience)
            .tcp_nodelay(true)
            .http2_keep_alive_interval(ALIVE_EVERY)
            .keep_alive_timeout(ALIVE_WITHIN)
            .keep_alive_while_idle(true)
            .connect_lazy();
        Ok(Self { address, channel, health: Mutex::default() })
    }

    /// It took no connection. One that was silent before is so still: a machine that is gone.
    fn was_away(&self) {
        let mut health = self.health();
        let silence = health.wanting.as_ref().and_then(|wanting| wanting.silence);
        let long = silence.map_or(PASSED_OVER, |silence| silence.long);
        health.wanting = Some(Wanting { until: Instant::now() + long, silence });
    }

    /// It took a call at that moment and did not answer it, nor any other since: a call that is slow does not make a process silent.
    fn was_silent(&self, since: Instant, long: Duration) {
        let mut health = self.health();
        if health.answered.is_none_or(|answered| answered < since) {
            let now = Instant::now();
            let silence = match health.wanting.as_ref().and_then(|wanting| wanting.silence) {
                // Calls that were under way together found out the same.
                Some(known) if since <= known.since => known,
                Some(known) => {
                    Silence { since: now, long: (known.long * 2).min(PASSED_OVER_LONGEST.max(long)) }
                }
                None => Silence { since: now, long },
            };
            health.wanting = Some(Wanting { until: now + silence.long, silence: Some(silence) });
        }
    }

    fn has_answered(&self) {
        *self.health() = ReplicaHealth { answered: Some(Instant::now()), wanting: None };
    }

    /// It is called: where it was silent, nobody else waits for it until this one knows.
    fn is_called(&self) {
        if let Some(Wanting { until, silence: Some(silence) }) = &mut self.health().wanting {
            *until = Instant::now() + silence.long;
        }
    }

    /// Until when it is passed over; `None` where it is not.
    fn passed_over_until(&self, now: Instant) -> Option<Instant> {
        self.health().wanting.as_ref().map(|wanting| wanting.until).filter(|until| now < *until)
    }

    fn health(&self) -> MutexGuard<'_, ReplicaHealth> {
        self.health.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Replicas {
    /// Those that `uris` stand for, looked up from now on for as long as anybody calls them.
    pub(crate) fn of(uris: &str, patience: Duration) -> anyhow::Result<Arc<Self>> {
        let origins = uris.split(',').map(str::trim).filter(|uri| !uri.is_empty()).map(|uri| {
            let origin: Uri = uri.parse().with_context(|| format!("{uri} is no address of a service"))?;
            let is_whole = origin.scheme_str() == Some("http") && origin.host().is_some();
            ensure!(
                is_whole && origin.port_u16().is_some(),
                "{uri} is no address of a service; expected http://host:port"
            );
            Ok(origin)
        });
        let origins = origins.collect::<anyhow::Result<Vec<Uri>>>()?;
        ensure!(!origins.is_empty(), "no address of a service; expected http://host:port");
        let replicas = Arc::new(Self {
            origins,
            patience,
            known: Mutex::new(Arc::new([])),
            next: AtomicUsize::default(),
        });
        tokio::spawn(keep_known(Arc::downgrade(&replicas)));
        Ok(replicas)
    }

    /// Calls one of them.
    pub(crate) async fn call(&self, request: http::Request<Body>) -> Result<http::Response<Body>, BoxError> {
        let (parts, body) = request.into_parts();
        // One message, and kept: what was never sent may be sent elsewhere.
        let message = body.collect().await?.to_bytes();
        let mut tries = 1;
        loop {
            let (replica, count) = self.pick().await?;
            let request = http::Request::from_parts(parts.clone(), Body::new(Full::new(message.clone())));
            let begun = Instant::now();
            match replica.channel.clone().oneshot(request).await {
                Ok(response) => {
                    replica.has_answered();
                    return Ok(response);
                }
                Err(error) if !was_never_sent(&error) => {
                    replica.was_silent(begun, self.patience.max(PASSED_OVER_SILENT));
                    return Err(error.into());
                }
                Err(error) => {
                    replica.was_away();
                    if tries == MOST_TRIES {
                        return Err(error.into());
                    }
                    tracing::debug!(address = %replica.address, %error, "a call goes elsewhere");
                }
            }
            if tries >= count {
                tokio::time::sleep(AGAIN_AFTER).await;
            }
            tries += 1;
        }
    }

    /// The next in turn that is not passed over, else the one that was found wanting longest ago; and how many there are.
    async fn pick(&self) -> Result<(Arc<Replica>, usize), BoxError> {
        let mut known = self.known();
        if known.is_empty() {
            self.look_up().await?;
            known = self.known();
        }
        let (first, now) = (self.next.fetch_add(1, Ordering::Relaxed), Instant::now());
        let in_turn = (0..known.len()).map(|at| &known[(first + at) % known.len()]);
        // `None` is less than any moment, and the first of equals is taken.
        let picked = in_turn.min_by_key(|replica| replica.passed_over_until(now));
        match picked {
            Some(replica) => {
                replica.is_called();
                Ok((Arc::clone(replica), known.len()))
            }
            None => Err("no process of the service is known".into()),
        }
    }

    fn known(&self) -> Arc<[Arc<Replica>]> {
        Arc::clone(&self.known.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Looks every name up. Who is known stays, with the connection; a name that cannot be looked up changes nothing.
    async fn look_up(&self) -> anyhow::Result<()> {
        let before = self.known();
        let mut found: Vec<Arc<Replica>> = Vec::new();
        for origin in &self.origins {
            let (host, port) = (origin.host().unwrap_or_default(), origin.port_u16().unwrap_or_default());
            let host = host.trim_start_matches('[').trim_end_matches(']');
            let addresses = tokio::net::lookup_host((host, port)).await;
            for address in addresses.with_context(|| format!("cannot look {host} up"))? {
                if found.iter().any(|replica| replica.address == address) {
                    continue;
                }
                found.push(match before.iter().find(|replica| replica.address == address) {
                    Some(replica) => Arc::clone(replica),
                    None => Arc::new(Replica::new(origin, address, self.patience)?),
                });
            }
        }
        *self.known.lock().unwrap_or_else(PoisonError::into_inner) = found.into();
        Ok(())
    }
}

async fn keep_known(replicas: Weak<Replicas>) {
    while let Some(replicas) = replicas.upgrade() {
        if let Err(error) = replicas.look_up().await {
            tracing::warn!(error = format!("{error:#}"), "the processes of a service are not known anew");
        }
        drop(replicas);
        tokio::time::sleep(LOOK_UP_EVERY).await;
    }
}

/// Whether no process can have done the call: there was no connection, it closed before the call went out, or whoever is going
/// said that it takes no more (RFC 9113 §6.8 and §8.7: such a call was not looked at and may be sent again).
fn was_never_sent(error: &(dyn StdError + 'static)) -> bool {
    let is_it = error.is::<tonic::ConnectError>()
        || error.downcast_ref::<hyper::Error>().is_some_and(hyper::Error::is_canceled)
        || error.downcast_ref::<h2::Error>().is_some_and(|error| {
            error.is_remote()
                && (error.is_go_away() && error.reason() == Some(h2::Reason::NO_ERROR)
                    || error.reason() == Some(h2::Reason::REFUSED_STREAM))
        });
    is_it || error.source().is_some_and(was_never_sent)
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use tokio::net::TcpListener;
    use tokio_util::sync::CancellationToken;
    use tonic::service::Routes;
    use tonic::transport::Server;
    use tonic::transport::server::TcpIncoming;

    use super::*;

    /// Longer than any call here.
    const LONG: Duration = Duration::from_secs(60);

    /// A process that answers every call with its name, until told to go.
    async fn process(
        name: &'static str,
        address: &str,
    ) -> (SocketAddr, CancellationToken, tokio::task::JoinHandle<()>) {
        let listener = TcpListener::bind(address).await.unwrap();
        let (address, stop) = (listener.local_addr().unwrap(), CancellationToken::new());
        let answer = axum::routing::any(async move || {
            Ok::<_, Infallible>(
                http::Response::builder().header("name", name).body(axum::body::Body::empty()).unwrap(),
            )
        });
        let routes = Routes::from(axum::Router::new().fallback_service(answer));
        let stopped = stop.clone();
        let served = tokio::spawn(async move {
            let incoming = TcpIncoming::from(listener);
            let server = Server::builder().add_routes(routes);
            server.serve_with_incoming_shutdown(incoming, stopped.cancelled_owned()).await.unwrap();
        });
        (address, stop, served)
    }

    async fn asked(replicas: &Replicas) -> String {
        let request = http::Request::builder().uri("/a.Service/Call").body(Body::empty()).unwrap();
        let answer = replicas.call(request).await.unwrap();
        answer.headers()["name"].to_str().unwrap().to_owned()
    }

    #[tokio::test]
    async fn calls_go_to_each_in_turn() {
        let (one, ..) = process("one", "127.0.0.1:0").await;
        let (two, ..) = process("two", "127.0.0.1:0").await;
        let replicas = Replicas::of(&format!("http://{one}, http://{two}"), LONG).unwrap();
        let mut names = [asked(&replicas).await, asked(&replicas).await];
        names.sort_unstable();
        assert_eq!(names, ["one", "two"]);
    }

    #[tokio::test]
    async fn while_one_after_another_is_replaced_no_call_is_lost() {
        let mut living = vec![process("one", "127.0.0.1:0").await, process("two", "127.0.0.1:0").await];
        let uris: Vec<String> = living.iter().map(|(address, ..)| format!("http://{address}")).collect();
        let replicas = Replicas::of(&uris.join(","), LONG).unwrap();
        for at in [0, 1, 0, 1] {
            let calls = futures::future::join_all((0..50).map(|_| asked(&replicas)));
            let (address, stop, _) = &living[at];
            stop.cancel();
            assert_eq!(calls.await.len(), 50);
            // The one that is left answers all; then another takes the place of the one that is gone.
            for _ in 0..10 {
                asked(&replicas).await;
            }
            let address = address.to_string();
            let (_, _, served) = living.swap_remove(at);
            served.await.unwrap();
            living.insert(at, process("anew", &address).await);
        }
    }

    #[tokio::test]
    async fn a_process_that_came_back_is_found_although_all_were_passed_over() {
        let (one, stop, served) = process("one", "127.0.0.1:0").await;
        let (two, ..) = process("two", "127.0.0.1:0").await;
        let replicas = Replicas::of(&format!("http://{one},http://{two}"), LONG).unwrap();
        asked(&replicas).await;
        stop.cancel();
        served.await.unwrap();
        // Both were found wanting a moment ago, the one that is there now before the one that is gone.
        let known = replicas.known();
        let gone = known.iter().find(|replica| replica.address == one).unwrap();
        known.iter().find(|replica| replica.address == two).unwrap().was_away();
        gone.was_away();
        for _ in 0..10 {
            assert_eq!(asked(&replicas).await, "two");
            gone.was_away();
        }
    }

    #[tokio::test]
    async fn one_that_takes_calls_and_answers_none_costs_one_call_and_not_half_of_them() {
        let (two, ..) = process("two", "127.0.0.1:0").await;
        // Its kernel takes connections; nobody reads them, as on a machine that is gone or for a process that is stopped.
        let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let one = silent.local_addr().unwrap();
        let uris = format!("http://{one},http://{two}");
        let replicas = Replicas::of(&uris, Duration::from_millis(300)).unwrap();
        let call = async || {
            let request = http::Request::builder().uri("/a.Service/Call").body(Body::empty()).unwrap();
            replicas.call(request).await.is_ok()
        };
        let mut unanswered = 0;
        for _ in 0..40 {
            unanswered += usize::from(!call().await);
        }
        assert_eq!(unanswered, 1);
    }

    #[tokio::test]
    async fn who_stays_silent_is_passed_over_for_longer_each_time_and_anew_once_it_has_answered() {
        let origin: Uri = "http://127.0.0.1:1".parse().unwrap();
        let replica = Replica::new(&origin, "127.0.0.1:1".parse().unwrap(), LONG).unwrap();
        let passed_over = || {
            let now = Instant::now();
            replica.passed_over_until(now).map(|until| (until - now).as_secs_f64().round())
        };
        let begun = Instant::now();
        for _ in 0..5 {
            replica.was_silent(begun, PASSED_OVER_SILENT);
            assert_eq!(passed_over(), Some(10.0), "five calls of one silence");
        }
        for seconds in [20.0, 40.0, 60.0, 60.0] {
            replica.was_silent(Instant::now(), PASSED_OVER_SILENT);
            assert_eq!(passed_over(), Some(seconds));
        }
        replica.was_away();
        assert_eq!(passed_over(), Some(60.0), "what was silent and takes no connection now");
        replica.has_answered();
        assert_eq!(passed_over(), None);
        replica.was_silent(Instant::now(), PASSED_OVER_SILENT);
        assert_eq!(passed_over(), Some(10.0));
    }

    #[tokio::test]
    async fn where_nobody_answers_the_caller_is_told() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        drop(listener);
        let replicas = Replicas::of(&format!("http://{address}"), LONG).unwrap();
        let request = http::Request::builder().uri("/a.Service/Call").body(Body::empty()).unwrap();
        assert!(was_never_sent(&*replicas.call(request).await.unwrap_err()));
    }

    #[tokio::test]
    async fn an_address_that_is_none_is_refused_with_what_is_expected() {
        for wrong in ["", " , ", "stamping:7102", "https://stamping:7102", "http://stamping", "http://a b:1"]
        {
            assert!(Replicas::of(wrong, LONG).is_err(), "{wrong}");
        }
    }
}
