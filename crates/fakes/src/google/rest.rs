use std::sync::Arc;
use std::time::Instant;

use axum::body::Bytes;
use axum::extract::{Path, Request, State};
use axum::middleware::{self, Next};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Form, Json, Router};
use chrono::Utc;
use http::{StatusCode, header};
use serde::Deserialize;
use serde_json::{Value, json};

use super::refusal::Refusal;
use super::state::State as Google;
use super::wallet::{Of, Wallet};
use super::{Fault, Request as Seen, SOMEBODY};
use crate::locked;

type Shared = State<Arc<Google>>;
type Answer = Result<Json<Value>, Refusal>;

pub(super) fn routes(google: Arc<Google>) -> Router {
    let wallet = Router::new()
        .route("/loyaltyClass", post(insert_class))
        .route("/loyaltyClass/{id}", get(get_class).put(put_class).patch(patch_class))
        .route("/loyaltyClass/{id}/addMessage", post(message_class))
        .route("/loyaltyObject", post(insert_object))
        .route("/loyaltyObject/{id}", get(get_object).put(put_object).patch(patch_object))
        .route("/loyaltyObject/{id}/addMessage", post(message_object))
        .layer(middleware::from_fn_with_state(google.clone(), guard));
    Router::new()
        .nest("/walletobjects/v1", wallet)
        .route("/token", post(token))
        .route("/keys", get(keys))
        .route("/gp/v/save/{jwt}", get(save).post(save))
        .with_state(google)
}

/// Records a request, gives it the fault it was to have, and lets in who may come in.
async fn guard(State(google): Shared, request: Request, next: Next) -> Response {
    let number = {
        let mut requests = locked(&google.requests);
        requests.push(Seen {
            at: Utc::now(),
            method: request.method().to_string(),
            path: request.uri().path().to_owned(),
            status: None,
        });
        requests.len() - 1
    };
    google.recorded.send_modify(|count| *count += 1);
    let response = admit(&google, request, next).await;
    if let Some(seen) = locked(&google.requests).get_mut(number) {
        seen.status = Some(response.status().as_u16());
    }
    google.recorded.send_modify(|count| *count += 1);
    response
}

async fn admit(google: &Google, request: Request, next: Next) -> Response {
    let fault = locked(&google.faults).of(request.uri().path());
    match fault {
        Some(Fault::Status(code)) => return Refusal::of_status(code).into_response(),
        Some(Fault::Hang) => return std::future::pending().await,
        Some(Fault::LoseAnswer) | None => {}
    }
    let token = request
        .headers()
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok()?.strip_prefix("Bearer "));
    if !token.is_some_and(|token| google.knows_token(token)) {
        return Refusal::unauthenticated().into_response();
    }
    if !locked(&google.limiter).admits(Instant::now()) {
        return Refusal::rate_limit().into_response();
    }
    let response = next.run(request).await;
    if fault == Some(Fault::LoseAnswer) {
        return std::future::pending().await;
    }
    response
}

/// Does something with the wallet; phones hear of it if it was done.
fn write(google: &Google, work: impl FnOnce(&mut Wallet) -> Result<Value, Refusal>) -> Answer {
    let done = work(&mut locked(&google.wallet))?;
    google.note_change();
    Ok(Json(done))
}

fn parse(body: &Bytes) -> Result<Value, Refusal> {
    serde_json::from_slice(body)
        .map_err(|error| Refusal::invalid(format!("Invalid JSON payload received. {error}")))
}

fn read(google: &Google, of: Of, id: &str) -> Answer {
    locked(&google.wallet).get(of, id).cloned().map(Json).ok_or_else(|| Refusal::not_found(id))
}

fn add(google: &Google, of: Of, body: &Bytes) -> Answer {
    let body = parse(body)?;
    write(google, |wallet| wallet.insert(of, body))
}

fn put(google: &Google, of: Of, id: &str, body: &Bytes) -> Answer {
    let body = parse(body)?;
    write(google, |wallet| wallet.replace(of, id, body, google.now()))
}

fn patch(google: &Google, of: Of, id: &str, body: &Bytes) -> Answer {
    let body = parse(body)?;
    write(google, |wallet| wallet.patch(of, id, body, google.now()))
}

fn message(google: &Google, of: Of, id: &str, body: &Bytes) -> Answer {
    let body = parse(body)?;
    let Json(resource) = write(google, |wallet| wallet.add_message(of, id, &body, google.now()))?;
    Ok(Json(json!({ "resource": resource })))
}

async fn insert_class(State(google): Shared, body: Bytes) -> Answer {
    add(&google, Of::Class, &body)
}

async fn get_class(State(google): Shared, Path(id): Path<String>) -> Answer {
    read(&google, Of::Class, &id)
}

async fn put_class(State(google): Shared, Path(id): Path<String>, body: Bytes) -> Answer {
    put(&google, Of::Class, &id, &body)
}

async fn patch_class(State(google): Shared, Path(id): Path<String>, body: Bytes) -> Answer {
    patch(&google, Of::Class, &id, &body)
}

async fn message_class(State(google): Shared, Path(id): Path<String>, body: Bytes) -> Answer {
    message(&google, Of::Class, &id, &body)
}

async fn insert_object(State(google): Shared, body: Bytes) -> Answer {
    add(&google, Of::Object, &body)
}

async fn get_object(State(google): Shared, Path(id): Path<String>) -> Answer {
    read(&google, Of::Object, &id)
}

async fn put_object(State(google): Shared, Path(id): Path<String>, body: Bytes) -> Answer {
    put(&google, Of::Object, &id, &body)
}

async fn patch_object(State(google): Shared, Path(id): Path<String>, body: Bytes) -> Answer {
    patch(&google, Of::Object, &id, &body)
}

async fn message_object(State(google): Shared, Path(id): Path<String>, body: Bytes) -> Answer {
    message(&google, Of::Object, &id, &body)
}

#[derive(Deserialize)]
struct Grant {
    grant_type: String,
    assertion: String,
}

async fn token(State(google): Shared, Form(grant): Form<Grant>) -> Response {
    let fault = locked(&google.faults).next_token.pop_front();
    match fault {
        Some(Fault::Status(code)) => return Refusal::of_status(code).into_response(),
        Some(Fault::Hang | Fault::LoseAnswer) => return std::future::pending().await,
        None => {}
    }
    let refuse = |error: &str, description: &str| {
        let body = Json(json!({ "error": error, "error_description": description }));
        (StatusCode::BAD_REQUEST, body).into_response()
    };
    if grant.grant_type != "urn:ietf:params:oauth:grant-type:jwt-bearer" {
        return refuse("unsupported_grant_type", "Invalid grant_type");
    }
    match google.account.check_assertion(&grant.assertion, google.now().timestamp()) {
        Ok(()) => {
            let (token, seconds) = google.issue_token();
            Json(json!({ "access_token": token, "expires_in": seconds, "token_type": "Bearer" }))
                .into_response()
        }
        Err(description) => refuse("invalid_grant", description),
    }
}

async fn keys(State(google): Shared) -> Json<Value> {
    Json(google.signer.public_keys(google.now()))
}

/// What a browser sees when somebody opens a save link.
async fn save(State(google): Shared, Path(jwt): Path<String>) -> Response {
    match google.save(&format!("/gp/v/save/{jwt}"), SOMEBODY).await {
        Ok(object) => Html(format!("<p>Saved: {object}</p>")).into_response(),
        Err(error) => (StatusCode::BAD_REQUEST, error.to_string()).into_response(),
    }
}
