//! One address before several gateways, as an ingress would be: requests go in turn to those that are ready, and one that a
//! gateway did not take goes to the next.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use axum::body::Body;
use axum::extract::{ConnectInfo, Request, State};
use axum::response::{IntoResponse, Response};
use axum::{Router, middleware};
use boot::Stop;
use boot::drain::{Drain, goodbye};
use bytes::Bytes;
use http::{HeaderName, HeaderValue, StatusCode, Uri, header};
use http_body_util::Full;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::net::{TcpListener, TcpStream};

/// Bytes of a request that are kept until a gateway has taken it; gateways take no more either.
const LARGEST_BODY: usize = 16 << 20;
/// How often a request is sent that no gateway has taken.
const MOST_TRIES: usize = 6;
/// The pause between those.
const AGAIN_AFTER: Duration = Duration::from_millis(50);
/// How often a gateway is asked whether it is ready.
const ASK_EVERY: Duration = Duration::from_millis(100);
/// How soon it answers that, or is not: one that hangs takes no requests.
const ANSWERS_WITHIN: Duration = Duration::from_secs(1);
/// How long a gateway that was told to stop goes on answering. Whoever closes a connection may close it under a request that
/// is on its way; after this time no request is.
pub(crate) const DRAIN: Duration = Duration::from_millis(500);

const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// A gateway: where it answers, and where it tells of itself.
pub(crate) struct Gateway {
    address: SocketAddr,
    admin: SocketAddr,
    is_ready: AtomicBool,
}

impl Gateway {
    /// One that is ready.
    pub(crate) fn new(address: SocketAddr, admin: SocketAddr) -> Self {
        Self { address, admin, is_ready: AtomicBool::new(true) }
    }
}

struct Front {
    gateways: Vec<Gateway>,
    next: AtomicUsize,
    client: Client<HttpConnector, Full<Bytes>>,
}

/// Answers at `listener` with what the gateways answer, and with `beside`, until told to stop.
pub(crate) async fn serve(
    listener: TcpListener,
    drain: Drain,
    gateways: Vec<Gateway>,
    beside: Router,
    stop: Stop,
) -> anyhow::Result<()> {
    let mut connector = HttpConnector::new();
    connector.set_nodelay(true);
    let client = Client::builder(TokioExecutor::new()).build(connector);
    let front = Arc::new(Front { gateways, next: AtomicUsize::default(), client });
    for at in 0..front.gateways.len() {
        tokio::spawn(stop.clone().run_until_cancelled_owned(watch(Arc::clone(&front), at)));
    }
    let routes = Router::new().fallback(pass_on).with_state(front).merge(beside);
    let routes = routes.layer(middleware::from_fn_with_state(stop, goodbye));
    let service = routes.into_make_service_with_connect_info::<SocketAddr>();
    Ok(axum::serve(listener, service).with_graceful_shutdown(drain.over()).await?)
}

/// Sees whether a gateway is ready, for ever.
async fn watch(front: Arc<Front>, at: usize) {
    let gateway = &front.gateways[at];
    let mut asks = tokio::time::interval(ASK_EVERY);
    loop {
        asks.tick().await;
        let answer = tokio::time::timeout(ANSWERS_WITHIN, front.is_ready(gateway.admin)).await;
        let is_ready = answer.map_err(anyhow::Error::from).flatten().unwrap_or_else(|error| {
            tracing::debug!(gateway = %gateway.address, error = format!("{error:#}"), "a gateway tells nothing");
            false
        });
        gateway.is_ready.store(is_ready, Ordering::Relaxed);
    }
}

async fn pass_on(
    State(front): State<Arc<Front>>,
    ConnectInfo(client): ConnectInfo<SocketAddr>,
    mut request: Request,
) -> Response {
    if let Ok(address) = HeaderValue::from_str(&client.ip().to_string()) {
        request.headers_mut().append(FORWARDED_FOR, address);
    }
    let answer = if request.headers().contains_key(header::UPGRADE) {
        front.upgrade(request).await
    } else {
        front.ask(request).await
    };
    answer.unwrap_or_else(|error| {
        tracing::warn!(error = format!("{error:#}"), "no gateway has taken a request");
        StatusCode::BAD_GATEWAY.into_response()
    })
}

impl Front {
    /// The next in turn of those that are ready; where none is, the next in turn.
    fn next(&self) -> SocketAddr {
        let (first, count) = (self.next.fetch_add(1, Ordering::Relaxed), self.gateways.len());
        let mut in_turn = (0..count).map(|at| &self.gateways[(first + at) % count]);
        let ready = in_turn.find(|gateway| gateway.is_ready.load(Ordering::Relaxed));
        ready.unwrap_or(&self.gateways[first % count]).address
    }

    async fn is_ready(&self, admin: SocketAddr) -> anyhow::Result<bool> {
        let answer = self.client.get(format!("http://{admin}/readyz").parse()?).await?;
        Ok(answer.status().is_success())
    }

    async fn ask(&self, request: Request) -> anyhow::Result<Response> {
        let (parts, body) = request.into_parts();
        let Ok(body) = axum::body::to_bytes(body, LARGEST_BODY).await else {
            return Ok(StatusCode::PAYLOAD_TOO_LARGE.into_response());
        };
        let mut tries = 1;
        loop {
            let mut parts = parts.clone();
            parts.uri = self.at(self.next(), &parts.uri)?;
            match self.client.request(http::Request::from_parts(parts, Full::new(body.clone()))).await {
                Ok(mut answer) => {
                    // What a gateway says of its connection to us is not about the client's.
                    answer.headers_mut().remove(header::CONNECTION);
                    return Ok(answer.map(Body::new));
                }
                Err(error) if tries < MOST_TRIES && was_never_sent(&error) => {
                    tries += 1;
                    tokio::time::sleep(AGAIN_AFTER).await;
                }
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// A WebSocket: once the gateway has agreed, bytes go through both ways until one side ends.
    async fn upgrade(&self, mut request: Request) -> anyhow::Result<Response> {
        let stream = self.connect().await?;
        let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
        tokio::spawn(connection.with_upgrades());
        let with_client = hyper::upgrade::on(&mut request);
        let mut answer = sender.send_request(request.map(|_| Full::<Bytes>::default())).await?;
        if answer.status() == StatusCode::SWITCHING_PROTOCOLS {
            let with_gateway = hyper::upgrade::on(&mut answer);
            tokio::spawn(async move {
                if let (Ok(client), Ok(gateway)) = tokio::join!(with_client, with_gateway) {
                    let (mut client, mut gateway) = (TokioIo::new(client), TokioIo::new(gateway));
                    // Either side may go at any moment; there is nobody to tell.
                    let _ = tokio::io::copy_bidirectional(&mut client, &mut gateway).await;
                }
            });
        }
        Ok(answer.map(Body::new))
    }

    async fn connect(&self) -> anyhow::Result<TcpStream> {
        let mut tries = 1;
        loop {
            match TcpStream::connect(self.next()).await {
                Ok(stream) => {
                    stream.set_nodelay(true)?;
                    return Ok(stream);
                }
                Err(_) if tries < MOST_TRIES => {
                    tries += 1;
                    tokio::time::sleep(AGAIN_AFTER).await;
                }
                Err(error) => return Err(error.into()),
            }
        }
    }

    fn at(&self, gateway: SocketAddr, uri: &Uri) -> anyhow::Result<Uri> {
        let path = uri.path_and_query().map_or("/", |path| path.as_str());
        Ok(format!("http://{gateway}{path}").parse()?)
    }
}

/// Whether no gateway can have seen the request.
fn was_never_sent(error: &hyper_util::client::legacy::Error) -> bool {
    use std::error::Error as _;
    let canceled = || error.source()?.downcast_ref::<hyper::Error>().map(hyper::Error::is_canceled);
    error.is_connect() || canceled() == Some(true)
}
