use std::sync::Arc;

use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED, UnparsedPublicKey};
use axum::Router;
use axum::extract::{DefaultBodyLimit, Path, State as Shared};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use http::{HeaderMap, StatusCode, header};
use serde_json::Value;

use super::{Fault, Push, State};
use crate::locked;

/// The longest body that a service has to take (RFC 8030 §7.2), and the longest that these take.
const LONGEST_BODY: usize = 4_096;
/// The longest a token may be good, in seconds (RFC 8292 §2).
const LONGEST_TOKEN_SECONDS: i64 = 24 * 3_600;
/// Characters of a topic (RFC 8030 §5.4).
const LONGEST_TOPIC: usize = 32;

pub(super) fn routes(state: Arc<State>) -> Router {
    let body = DefaultBodyLimit::max(1 << 20);
    Router::new().route("/push/{subscription}", post(take)).layer(body).with_state(state)
}

/// A status, and what the sender did.
type Refusal = (StatusCode, &'static str);

async fn take(
    Shared(state): Shared<Arc<State>>,
    Path(subscription): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let text =
        |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned();
    let mut push = Push {
        ttl: text("ttl").parse().unwrap_or_default(),
        urgency: text("urgency"),
        topic: text("topic"),
        body: body.to_vec(),
        status: StatusCode::CREATED.as_u16(),
        subscription,
    };
    let judged = judge(&state, &push.subscription, &headers, &body);
    if let Err((status, what)) = judged {
        push.status = status.as_u16();
        // A browser that is gone is nobody's mistake.
        if status != StatusCode::GONE {
            locked(&state.mistakes).push(what.to_owned());
        }
        state.record(push);
        return (status, what).into_response();
    }
    let fault = state.fault();
    match fault {
        None => {}
        Some(Fault::Status(status)) => push.status = status,
        Some(Fault::TooMany { .. }) => push.status = StatusCode::TOO_MANY_REQUESTS.as_u16(),
        // 408 is what a sender comes to think of it; nobody answers.
        Some(Fault::Hang) => push.status = StatusCode::REQUEST_TIMEOUT.as_u16(),
        Some(Fault::TakeAndHang) => push.status = 0,
    }
    let status = StatusCode::from_u16(push.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    state.record(push);
    match fault {
        Some(Fault::Hang | Fault::TakeAndHang) => std::future::pending().await,
        Some(Fault::TooMany { retry_after }) => {
            (status, [(header::RETRY_AFTER, retry_after.to_string())]).into_response()
        }
        _ => status.into_response(),
    }
}

fn judge(state: &State, subscription: &str, headers: &HeaderMap, body: &[u8]) -> Result<(), Refusal> {
    let bad = |what| (StatusCode::BAD_REQUEST, what);
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let known = locked(&state.subscriptions).get(subscription).cloned();
    let known = known.ok_or((StatusCode::NOT_FOUND, "there is no such subscription"))?;
    if known.is_gone {
        return Err((StatusCode::GONE, "the browser has unsubscribed"));
    }
    let key = sender(state, text("authorization").unwrap_or_default())?;
    if key != known.application_server_key {
        return Err((StatusCode::FORBIDDEN, "the browser takes messages of another key"));
    }
    text("ttl").and_then(|ttl| ttl.parse::<u64>().ok()).ok_or(bad("no TTL"))?;
    if text("urgency").is_some_and(|urgency| !["very-low", "low", "normal", "high"].contains(&urgency)) {
        return Err(bad("no such Urgency"));
    }
    let is_word = |letter: u8| letter.is_ascii_alphanumeric() || matches!(letter, b'-' | b'_');
    if text("topic").is_some_and(|topic| topic.len() > LONGEST_TOPIC || !topic.bytes().all(is_word)) {
        return Err(bad("no Topic is written so"));
    }
    if text("content-encoding") != Some("aes128gcm") {
        return Err(bad("the Content-Encoding is not aes128gcm"));
    }
    if body.len() > LONGEST_BODY {
        return Err((StatusCode::PAYLOAD_TOO_LARGE, "a body of more than 4,096 bytes"));
    }
    Ok(())
}

/// The key of whoever signs (RFC 8292 §3).
fn sender(state: &State, authorization: &str) -> Result<String, Refusal> {
    let bad = |what| (StatusCode::UNAUTHORIZED, what);
    let words = authorization.strip_prefix("vapid ").ok_or(bad("no vapid Authorization"))?;
    let word = |name: &str| {
        words.split(',').find_map(|word| word.trim().strip_prefix(name)?.strip_prefix('=').map(str::to_owned))
    };
    let (token, key) = word("t").zip(word("k")).ok_or(bad("no t and k in the Authorization"))?;
    let bytes = |text: &str| URL_SAFE_NO_PAD.decode(text).map_err(|_| bad("not base64url"));
    let (signed, signature) = token.rsplit_once('.').ok_or(bad("no token"))?;
    UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, bytes(&key)?)
        .verify(signed.as_bytes(), &bytes(signature)?)
        .map_err(|_| bad("the token's signature is not that of k"))?;
    let (head, claims) = signed.split_once('.').ok_or(bad("no token"))?;
    let read = |text: &str| -> Result<Value, Refusal> {
        serde_json::from_slice(&bytes(text)?).map_err(|_| bad("a token that is no JSON"))
    };
    if read(head)?["alg"] != "ES256" {
        return Err(bad("the token's alg is not ES256"));
    }
    let claims = read(claims)?;
    if claims["aud"].as_str() != Some(locked(&state.origin).as_str()) {
        return Err(bad("the token's aud is not this service"));
    }
    let left = claims["exp"].as_i64().unwrap_or(0) - state.now().timestamp();
    if !(1..=LONGEST_TOKEN_SECONDS).contains(&left) {
        return Err(bad("the token has ended, or is good for more than a day"));
    }
    let sub = claims["sub"].as_str().unwrap_or_default();
    if !sub.starts_with("mailto:") && !sub.starts_with("https://") {
        return Err(bad("the token's sub says not how to reach the sender"));
    }
    Ok(key)
}
