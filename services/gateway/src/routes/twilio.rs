//! What Twilio tells: how messages fare, and what customers write. No token of ours opens these: each bears a signature
//! over its address and its parameters, which messaging checks, so both go on exactly as they came.

use std::time::Duration;

use axum::extract::{FromRequestParts, State};
use axum::response::{IntoResponse, Response};
use http::request::Parts;
use http::{HeaderMap, StatusCode, header};
use proto::messaging as wire;
use tokio::sync::SemaphorePermit;

use crate::error::{Refusal, Slug};
use crate::json::Form;
use crate::platform::{Platform, Shared};

const SIGNATURE: &str = "x-twilio-signature";
const IDEMPOTENCY_TOKEN: &str = "i-twilio-idempotency-token";
/// How long one waits for its turn; Twilio waits 15 seconds for the answer.
const PATIENCE: Duration = Duration::from_secs(5);

impl Platform {
    /// Everything of Twilio comes from few addresses, so it is bounded by how much of it is under way.
    async fn webhook_turn(&self) -> Result<SemaphorePermit<'_>, Refusal> {
        let turn = tokio::time::timeout(PATIENCE, self.webhooks.acquire()).await;
        turn.ok().and_then(Result::ok).ok_or_else(|| Refusal::new(Slug::Busy))
    }
}

/// What stands beside the parameters: path and query as they were received, and the signature. Of what brings none the body is
/// not read.
pub(crate) struct Signed {
    path_and_query: String,
    signature: String,
    idempotency_token: String,
}

impl<S: Send + Sync> FromRequestParts<S> for Signed {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Refusal> {
        Ok(Self {
            path_and_query: parts.uri.path_and_query().map(ToString::to_string).unwrap_or_default(),
            signature: text(&parts.headers, SIGNATURE).ok_or_else(|| Refusal::new(Slug::Forbidden))?,
            idempotency_token: text(&parts.headers, IDEMPOTENCY_TOKEN).unwrap_or_default(),
        })
    }
}

fn text(headers: &HeaderMap, name: &str) -> Option<String> {
    headers.get(name)?.to_str().ok().filter(|text| !text.is_empty()).map(str::to_owned)
}

fn parameters(form: Vec<(String, String)>) -> Vec<wire::Parameter> {
    form.into_iter().map(|(name, value)| wire::Parameter { name, value }).collect()
}

/// Twilio tells how a message fares.
#[utoipa::path(
    post, path = "/webhooks/twilio/status", tag = "messaging", operation_id = "takeTwilioStatus",
    params(("m" = Option<String>, Query, description = "The message"),
        ("a" = Option<String>, Query, description = "The attempt"),
        ("X-Twilio-Signature" = String, Header, description = "Over the address and the parameters")),
    request_body(content_type = "application/x-www-form-urlencoded", content = String),
    responses((status = 204, description = "Taken"), (status = 403, description = "Not signed, or not by Twilio"))
)]
pub(crate) async fn status(
    State(platform): State<Shared>,
    signed: Signed,
    Form(form): Form,
) -> Result<StatusCode, Refusal> {
    let _turn = platform.webhook_turn().await?;
    let question = wire::TakeStatusRequest {
        path_and_query: signed.path_and_query,
        signature: signed.signature,
        parameters: parameters(form),
    };
    platform.messaging().take_status(question).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// A customer wrote.
#[utoipa::path(
    post, path = "/webhooks/twilio/inbound", tag = "messaging", operation_id = "takeTwilioInbound",
    params(("X-Twilio-Signature" = String, Header, description = "Over the address and the parameters"),
        ("I-Twilio-Idempotency-Token" = Option<String>, Header, description = "The same each time it is sent")),
    request_body(content_type = "application/x-www-form-urlencoded", content = String),
    responses((status = 200, description = "TwiML without a message: replies go out by themselves", body = String, content_type = "text/xml"),
        (status = 403, description = "Not signed, or not by Twilio"))
)]
pub(crate) async fn inbound(
    State(platform): State<Shared>,
    signed: Signed,
    Form(form): Form,
) -> Result<Response, Refusal> {
    let _turn = platform.webhook_turn().await?;
    let question = wire::TakeInboundRequest {
        path_and_query: signed.path_and_query,
        signature: signed.signature,
        parameters: parameters(form),
        idempotency_token: signed.idempotency_token,
    };
    let twiml = platform.messaging().take_inbound(question).await?.into_inner().twiml;
    Ok(([(header::CONTENT_TYPE, "text/xml")], twiml).into_response())
}
