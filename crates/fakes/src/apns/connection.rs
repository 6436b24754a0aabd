use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use bytes::Bytes;
use chrono::{DateTime, Utc};
use http::{HeaderMap, Method, Request, Response, StatusCode};
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Incoming;
use hyper::server::conn::http2;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use serde_json::json;
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::{Answer, Push, Reason, State, tls};
use crate::locked;
use crate::tasks::Spawner;

/// How long a client may take over its TLS handshake.
const HANDSHAKE: Duration = Duration::from_secs(10);
/// The largest body Apple takes.
const LARGEST_BODY_BYTES: usize = 4_096;
/// The kinds of push Apple knows; passes have none of their own.
const PUSH_TYPES: [&str; 11] = [
    "alert",
    "background",
    "complication",
    "controls",
    "fileprovider",
    "liveactivity",
    "location",
    "mdm",
    "pushtotalk",
    "voip",
    "widgets",
];

/// One client, from its handshake to its end.
struct Client {
    state: Arc<State>,
    number: usize,
    pass_type: Option<String>,
    pushes: AtomicU64,
    /// Ends the connection at once.
    cut: CancellationToken,
    /// Ends it when what is under way is answered.
    leave: CancellationToken,
}

/// Counts an open connection for as long as it lives, however it ends.
struct Open(Arc<State>);

impl Open {
    fn new(state: &Arc<State>) -> Self {
        state.open.send_modify(|open| *open += 1);
        Self(state.clone())
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.0.open.send_modify(|open| *open -= 1);
    }
}

pub(super) async fn serve(state: Arc<State>, spawner: Spawner, acceptor: TlsAcceptor, stream: TcpStream) {
    let stream = match tokio::time::timeout(HANDSHAKE, acceptor.accept(stream)).await {
        Ok(Ok(stream)) => stream,
        Ok(Err(error)) => return tracing::debug!(%error, "no TLS with a client"),
        Err(_) => return tracing::debug!("a client took too long over TLS"),
    };
    let _open = Open::new(&state);
    let certificate = stream.get_ref().1.peer_certificates().and_then(<[_]>::first);
    let client = Arc::new(Client {
        pass_type: certificate.and_then(tls::pass_type),
        number: state.connections.fetch_add(1, Ordering::Relaxed) + 1,
        state,
        pushes: AtomicU64::new(0),
        cut: CancellationToken::new(),
        leave: CancellationToken::new(),
    });
    let (cut, leave) = (client.cut.clone(), client.leave.clone());
    let service = service_fn(move |request| {
        let client = client.clone();
        async move { Ok::<_, Infallible>(client.answer(request).await) }
    });
    let connection = http2::Builder::new(spawner).serve_connection(TokioIo::new(stream), service);
    tokio::pin!(connection);
    let mut is_leaving = false;
    loop {
        tokio::select! {
            ended = &mut connection => return match ended {
                Ok(()) => {}
                Err(error) => tracing::debug!(%error, "a connection ended badly"),
            },
            () = cut.cancelled() => return,
            () = leave.cancelled(), if !is_leaving => {
                is_leaving = true;
                connection.as_mut().graceful_shutdown();
            }
        }
    }
}

impl Client {
    async fn answer(&self, request: Request<Incoming>) -> Response<Full<Bytes>> {
        let (parts, body) = request.into_parts();
        let id = match text(&parts.headers, "apns-id") {
            None => Uuid::now_v7().to_string(),
            Some(id) if id.parse::<Uuid>().is_ok() => id.to_owned(),
            Some(_) => return refuse(&Uuid::now_v7().to_string(), Reason::BadMessageId),
        };
        if parts.method != Method::POST {
            return refuse(&id, Reason::MethodNotAllowed);
        }
        let token = match parts.uri.path().strip_prefix("/3/device/") {
            Some("") => return refuse(&id, Reason::MissingDeviceToken),
            Some(token) if !token.contains('/') => token.to_owned(),
            _ => return refuse(&id, Reason::BadPath),
        };
        let body = Limited::new(body, LARGEST_BODY_BYTES).collect().await.map(|body| body.to_bytes());
        let mut push = Push {
            token,
            topic: text(&parts.headers, "apns-topic").unwrap_or_default().to_owned(),
            id,
            push_type: text(&parts.headers, "apns-push-type").map(str::to_owned),
            priority: text(&parts.headers, "apns-priority").and_then(|priority| priority.parse().ok()),
            expiration: text(&parts.headers, "apns-expiration").and_then(|seconds| seconds.parse().ok()),
            at: Utc::now(),
            connection: self.number,
            status: None,
        };
        let fault = match &body {
            Err(_) => Some(Reason::PayloadTooLarge),
            Ok(body) if body.is_empty() => Some(Reason::PayloadEmpty),
            Ok(body) => {
                if body.as_ref() != b"{}" {
                    let said = String::from_utf8_lossy(body);
                    locked(&self.state.mistakes).push(format!("the body is not {{}} but {said}"));
                }
                self.fault(&parts.headers, &push)
            }
        };
        let answer = match fault {
            Some(reason) => Answer::Refuse(reason),
            None => locked(&self.state.script).answer(&push.token),
        };
        push.status = match answer {
            Answer::Accept | Answer::AcceptAndClose => Some(200),
            Answer::Refuse(reason) => Some(reason.status()),
            Answer::Gone { .. } => Some(410),
            Answer::Hang | Answer::Hold | Answer::Cut => None,
        };
        // Before anybody sees the push, so that no healing after that is missed.
        let healed = self.state.healed.subscribe();
        self.record(&push);
        if answer == Answer::Hold {
            self.let_go(push, healed).await
        } else {
            self.carry_out(answer, &push.id).await
        }
    }

    /// What Apple would find wrong with these headers.
    fn fault(&self, headers: &HeaderMap, push: &Push) -> Option<Reason> {
        let is_hex =
            push.token.len().is_multiple_of(2) && push.token.bytes().all(|byte| byte.is_ascii_hexdigit());
        let known_type = push.push_type.as_deref().is_none_or(|kind| PUSH_TYPES.contains(&kind));
        if push.topic.is_empty() {
            Some(Reason::MissingTopic)
        } else if self.pass_type.as_deref() != Some(&push.topic) {
            Some(Reason::DeviceTokenNotForTopic)
        } else if !is_hex {
            Some(Reason::BadDeviceToken)
        } else if !known_type {
            Some(Reason::InvalidPushType)
        } else if headers.contains_key("apns-priority") && !matches!(push.priority, Some(1 | 5 | 10)) {
            Some(Reason::BadPriority)
        } else if headers.contains_key("apns-expiration") && push.expiration.is_none() {
            Some(Reason::BadExpirationDate)
        } else if text(headers, "apns-collapse-id").is_some_and(|id| id.len() > 64) {
            Some(Reason::BadCollapseId)
        } else {
            None
        }
    }

    fn record(&self, push: &Push) {
        locked(&self.state.pushes).push(push.clone());
        self.state.recorded.send_modify(|count| *count += 1);
        if push.status == Some(200) {
            // Nobody listens where no phone does.
            let _ = self.state.delivered.send(push.clone());
        }
    }

    /// Answers what was held as soon as the server is healed.
    async fn let_go(&self, mut push: Push, mut healed: watch::Receiver<usize>) -> Response<Full<Bytes>> {
        // An error would mean that the server ends, and this with it.
        let _ = healed.changed().await;
        push.status = Some(200);
        if let Some(recorded) = locked(&self.state.pushes).iter_mut().rfind(|recorded| recorded.id == push.id)
        {
            recorded.status = push.status;
        }
        let response = reply(StatusCode::OK, &push.id, None);
        let _ = self.state.delivered.send(push);
        response
    }

    async fn carry_out(&self, answer: Answer, id: &str) -> Response<Full<Bytes>> {
        let pushes = self.pushes.fetch_add(1, Ordering::Relaxed) + 1;
        let close_after = self.state.close_after.load(Ordering::Relaxed);
        if answer == Answer::AcceptAndClose || (close_after > 0 && pushes >= close_after) {
            self.leave.cancel();
        }
        match answer {
            Answer::Accept | Answer::AcceptAndClose => reply(StatusCode::OK, id, None),
            Answer::Refuse(reason) => refuse(id, reason),
            Answer::Gone { since } => gone(id, Reason::Unregistered, since),
            Answer::Hang | Answer::Hold => std::future::pending().await,
            Answer::Cut => {
                self.cut.cancel();
                std::future::pending().await
            }
        }
    }
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

fn refuse(id: &str, reason: Reason) -> Response<Full<Bytes>> {
    if reason.status() == 410 {
        return gone(id, reason, Utc::now());
    }
    let status = StatusCode::from_u16(reason.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    reply(status, id, Some(json!({ "reason": reason.name() })))
}

fn gone(id: &str, reason: Reason, since: DateTime<Utc>) -> Response<Full<Bytes>> {
    let body = json!({ "reason": reason.name(), "timestamp": since.timestamp_millis() });
    reply(StatusCode::GONE, id, Some(body))
}

fn reply(status: StatusCode, id: &str, body: Option<serde_json::Value>) -> Response<Full<Bytes>> {
    let body = body.map(|body| Bytes::from(body.to_string())).unwrap_or_default();
    let mut response = Response::new(Full::new(body));
    *response.status_mut() = status;
    if let Ok(id) = id.parse() {
        response.headers_mut().insert("apns-id", id);
    }
    response
}
