//! What every request passes on its way in and out: span, limit by address, metrics, security headers; and refusals
//! become `application/problem+json` here, where language and trace are known.

use std::net::{IpAddr, SocketAddr};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use axum::body::Body;
use axum::extract::connect_info::{ConnectInfo, Connected};
use axum::extract::{MatchedPath, Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use axum::serve::{IncomingStream, Listener};
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use tracing::{Instrument, Span, field};

use crate::apology;
use crate::auth::Language;
use crate::config::Networks;
use crate::error::{Refusal, Slug};
use crate::failures;
use crate::platform::{Platform, Shared};

/// Who stands at the other end of a connection, and whether it came through TLS to this process.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Peer {
    address: SocketAddr,
    secured: bool,
}

/// A listener whose connections know their [`Peer`].
pub(crate) struct Door<L> {
    pub(crate) listener: L,
    pub(crate) secured: bool,
}

impl<L: Listener<Addr = SocketAddr>> Listener for Door<L> {
    type Io = L::Io;
    type Addr = Peer;

    async fn accept(&mut self) -> (L::Io, Peer) {
        let (io, address) = self.listener.accept().await;
        (io, Peer { address, secured: self.secured })
    }

    fn local_addr(&self) -> std::io::Result<Peer> {
        Ok(Peer { address: self.listener.local_addr()?, secured: self.secured })
    }
}

impl<L: Listener<Addr = SocketAddr>> Connected<IncomingStream<'_, Door<L>>> for Peer {
    fn connect_info(stream: IncomingStream<'_, Door<L>>) -> Self {
        *stream.remote_addr()
    }
}

/// The client's address: the connection's, or what a trusted proxy says.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Client(pub(crate) IpAddr);

/// The trace of a request, for answers that are not made here.
#[derive(Clone, Debug)]
pub(crate) struct TraceId(pub(crate) String);

const TRACE_ID: HeaderName = HeaderName::from_static("x-trace-id");
const PAGE: HeaderValue = HeaderValue::from_static("text/html; charset=utf-8");
const PROBLEM: HeaderValue = HeaderValue::from_static("application/problem+json");
/// Scripts, workers and cameras are the pages' own; nothing of others runs in them or frames them.
const CONTENT_POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self' 'unsafe-inline'; \
     img-src 'self' data: blob:; connect-src 'self' ws: wss:; worker-src 'self' blob:; \
     media-src 'self' blob: mediastream:; frame-ancestors 'none'; base-uri 'none'; form-action 'self'",
);

/// The middleware.
pub(crate) async fn edge(State(platform): State<Shared>, mut request: Request, next: Next) -> Response {
    let begun = Instant::now();
    let method = known_method(request.method());
    let route = request.extensions().get::<MatchedPath>().cloned();
    let route_name = route.as_ref().map_or("unknown", MatchedPath::as_str);
    let span = tracing::info_span!(
        "http",
        otel.kind = "server",
        otel.name = format_args!("{method} {route_name}"),
        http.request.method = method,
        http.route = route_name,
        http.response.status_code = field::Empty,
        trace_id = field::Empty,
    );
    boot::trace::continue_from_stranger(&span, request.headers());
    let trace_id = trace_id_of(&span);
    span.record("trace_id", trace_id.as_str());
    let language = Language::of(request.headers());
    let client = client_of(&platform, &request);
    let kind = Kind::of(request.uri().path());
    let for_a_person = apology::is_due(request.uri().path(), request.headers());
    request.extensions_mut().insert(client);
    request.extensions_mut().insert(TraceId(trace_id.clone()));

    let allowed = if kind == Kind::Api { platform.limits.address(client.0) } else { Ok(()) };
    let answer = async {
        match allowed {
            Ok(()) => next.run(request).await,
            Err(refusal) => refusal.into_response(),
        }
    };
    let mut response = answer.instrument(span.clone()).await;
    if let Some(refusal) = response.extensions_mut().remove::<Refusal>() {
        tell(&mut response, &refusal, for_a_person, language, &trace_id);
    }
    let is_https = platform.public_url.starts_with("https:");
    add_headers(response.headers_mut(), &trace_id, kind, is_https);
    let status = response.status();
    span.record("http.response.status_code", status.as_u16());
    failures::count(method, route_name, status.as_u16());
    let route = route
        .map_or_else(|| "unknown".into(), |route| metrics::SharedString::from(route.as_str().to_owned()));
    metrics::histogram!(
        "http_server_duration_seconds", "route" => route, "method" => method, "status" => status.as_str().to_owned()
    )
    .record(begun.elapsed());
    response
}

/// Writes the refusal as the body.
fn tell(response: &mut Response, refusal: &Refusal, for_a_person: bool, language: Language, trace_id: &str) {
    let problem = refusal.told(language.0, trace_id);
    let (kind, body) = if for_a_person {
        (PAGE, apology::page(&problem, language.0).into_bytes())
    } else {
        (PROBLEM, serde_json::to_vec(&problem).unwrap_or_default())
    };
    *response.body_mut() = Body::from(body);
    let headers = response.headers_mut();
    headers.remove(header::CONTENT_LENGTH);
    headers.insert(header::CONTENT_TYPE, kind);
    headers.insert(header::CONTENT_LANGUAGE, HeaderValue::from_static(language.0.as_str()));
    if let Some(seconds) = refusal.retry_after {
        headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    if refusal.slug.status() == StatusCode::UNAUTHORIZED {
        headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    }
}

/// What a path asks for, as far as its headers go.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// JSON, and what else the API answers.
    Api,
    /// A part of a page, under its hash.
    Asset,
    /// A page, or whatever else has an address.
    Document,
}

impl Kind {
    fn of(path: &str) -> Self {
        match path {
            path if path.starts_with("/api/") => Self::Api,
            path if path.starts_with("/assets/") => Self::Asset,
            _ => Self::Document,
        }
    }
}

fn add_headers(headers: &mut HeaderMap, trace_id: &str, kind: Kind, is_https: bool) {
    headers.reserve(8);
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    if is_https {
        headers.insert(header::STRICT_TRANSPORT_SECURITY, HeaderValue::from_static("max-age=31536000"));
    }
    // A page has a dozen parts, and what rules it stands on the page: on a slow line every byte of a header counts.
    if kind == Kind::Asset {
        return;
    }
    if let Ok(value) = HeaderValue::from_str(trace_id) {
        headers.insert(TRACE_ID, value);
    }
    if kind == Kind::Api && !headers.contains_key(header::CACHE_CONTROL) {
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    headers.insert(header::CONTENT_SECURITY_POLICY, CONTENT_POLICY);
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert(HeaderName::from_static("permissions-policy"), HeaderValue::from_static("camera=(self)"));
    headers.insert(
        HeaderName::from_static("cross-origin-opener-policy"),
        HeaderValue::from_static("same-origin"),
    );
}

/// The span's trace id; one made here where no telemetry layer is installed.
fn trace_id_of(span: &Span) -> String {
    boot::trace::id_of(span).unwrap_or_else(|| uuid::Uuid::now_v7().simple().to_string())
}

/// A stranger's made-up method must not become a label.
fn known_method(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PATCH => "PATCH",
        Method::PUT => "PUT",
        Method::DELETE => "DELETE",
        Method::OPTIONS => "OPTIONS",
        _ => "OTHER",
    }
}

/// The client's address, as far as it is known.
fn client_of(platform: &Platform, request: &Request) -> Client {
    let peer = request.extensions().get::<ConnectInfo<Peer>>();
    let peer = peer.map_or(IpAddr::from([0, 0, 0, 0]), |ConnectInfo(peer)| peer.address.ip().to_canonical());
    let named = request.headers().get_all("x-forwarded-for").iter().filter_map(|value| value.to_str().ok());
    let hops = named.flat_map(|value| value.split(',')).collect();
    let (address, is_hidden) = beyond_proxies(&platform.trusted_proxies, peer, hops);
    if is_hidden {
        warn_of_hidden(address);
    }
    Client(address)
}

/// The last address of `X-Forwarded-For` that no trusted proxy of ours has; and whether there is none, since proxies named only
/// each other.
fn beyond_proxies(trusted: &Networks, peer: IpAddr, mut hops: Vec<&str>) -> (IpAddr, bool) {
    let (mut address, mut is_named) = (peer, false);
    while trusted.contain(address) {
        let Some(hop) = hops.pop().and_then(|text| text.trim().parse::<IpAddr>().ok()) else {
            // On a machine of one's own everybody has one address, which hides nobody.
            return (address, is_named && !address.is_loopback());
        };
        (address, is_named) = (hop.to_canonical(), true);
    }
    (address, false)
}

/// When [`warn_of_hidden`] last said so: every request may be such a one.
static WARNED: Mutex<Option<Instant>> = Mutex::new(None);
const WARNED_AGAIN_AFTER: Duration = Duration::from_secs(60);

/// A proxy that sees a node or another proxy in place of customers makes one customer of them all, with one limit.
fn warn_of_hidden(address: IpAddr) {
    let mut warned = WARNED.lock().unwrap_or_else(PoisonError::into_inner);
    if warned.is_none_or(|at| at.elapsed() >= WARNED_AGAIN_AFTER) {
        *warned = Some(Instant::now());
        tracing::warn!(%address, "customers cannot be told apart: a trusted proxy names a trusted proxy's address as theirs");
    }
}

/// The address people type, without a slash at its end: as configured, or as this request came.
pub(crate) struct PublicUrl(pub(crate) String);

impl axum::extract::FromRequestParts<Shared> for PublicUrl {
    type Rejection = Refusal;

    async fn from_request_parts(
        parts: &mut http::request::Parts,
        platform: &Shared,
    ) -> Result<Self, Refusal> {
        if !platform.public_url.is_empty() {
            return Ok(Self(platform.public_url.clone()));
        }
        let host =
            parts.headers.get(header::HOST).and_then(|host| host.to_str().ok()).filter(|host| is_host(host));
        let host = host.ok_or_else(|| Refusal::new(Slug::Malformed).because("no_host"))?;
        let secured =
            parts.extensions.get::<ConnectInfo<Peer>>().is_some_and(|ConnectInfo(peer)| peer.secured);
        let scheme = if secured { "https" } else { "http" };
        Ok(Self(format!("{scheme}://{host}")))
    }
}

/// A name or address with an optional port, and nothing that could end it early inside a URL.
fn is_host(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b':' | b'[' | b']');
    !text.is_empty() && text.len() <= 255 && text.bytes().all(plain)
}

/// Whether a WebSocket may be opened by a page of this origin. Programs send no `Origin`, and bring a token anyway.
pub(crate) fn is_own_origin(platform: &Platform, headers: &HeaderMap) -> bool {
    let Some(origin) = headers.get(header::ORIGIN) else { return true };
    let Some((_, host)) = origin.to_str().ok().and_then(|origin| origin.split_once("://")) else {
        return false;
    };
    let own = platform.public_url.split_once("://").map(|(_, host)| host);
    let asked = headers.get(header::HOST).and_then(|value| value.to_str().ok());
    own.is_some_and(|own| host.eq_ignore_ascii_case(own))
        || asked.is_some_and(|asked| host.eq_ignore_ascii_case(asked))
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;

    use serde_json::json;

    use super::{Networks, beyond_proxies};

    #[test]
    fn the_client_is_whom_the_last_trusted_proxy_names() {
        let trusted: Networks = serde_json::from_value(json!("10.0.0.0/8, 127.0.0.0/8, fd00::/8")).unwrap();
        let told = |peer: &str, hops: Vec<&str>| {
            let (address, is_hidden) = beyond_proxies(&trusted, peer.parse::<IpAddr>().unwrap(), hops);
            (address.to_string(), is_hidden)
        };
        let plain = |address: &str| (address.to_owned(), false);
        let hidden = |address: &str| (address.to_owned(), true);
        assert_eq!(told("190.1.1.1", vec!["1.2.3.4"]), plain("190.1.1.1"), "a stranger's word");
        assert_eq!(
            told("10.0.0.1", vec!["1.2.3.4", " 190.1.1.1"]),
            plain("190.1.1.1"),
            "a stranger's word before the proxy's"
        );
        assert_eq!(told("10.0.0.1", vec!["190.1.1.1", "10.0.0.2"]), plain("190.1.1.1"), "two proxies");
        assert_eq!(told("fd00::1", vec!["::ffff:190.1.1.1"]), plain("190.1.1.1"));
        assert_eq!(told("10.0.0.1", vec![]), plain("10.0.0.1"), "from inside, by no proxy");
        assert_eq!(told("10.0.0.1", vec!["10.0.3.7"]), hidden("10.0.3.7"), "a node in the customer's place");
        assert_eq!(told("10.0.0.1", vec!["no address", "10.0.3.7"]), hidden("10.0.3.7"));
        assert_eq!(told("127.0.0.1", vec!["127.0.0.1"]), plain("127.0.0.1"), "one machine");
    }
}
