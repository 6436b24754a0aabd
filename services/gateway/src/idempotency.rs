//! The `Idempotency-Key` of a command: the client's UUID for one intent, by which the same intent never acts twice.

use axum::extract::{FromRequestParts, OptionalFromRequestParts};
use http::request::Parts;
use kernel::OperationId;

use crate::error::Refusal;

const HEADER: &str = "idempotency-key";
/// As the outside names it.
const FIELD: &str = "Idempotency-Key";

/// The operation that a request asks for.
pub(crate) struct Operation(pub(crate) OperationId);

impl<S: Send + Sync> FromRequestParts<S> for Operation {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Refusal> {
        let value = parts.headers.get(HEADER).ok_or_else(|| Refusal::invalid(FIELD, "required"))?;
        let id = value.to_str().ok().and_then(|text| text.parse().ok());
        id.map(Self).ok_or_else(|| Refusal::invalid(FIELD, "not_a_uuid"))
    }
}

/// Where the key may be absent; one that is no UUID is refused all the same.
impl<S: Send + Sync> OptionalFromRequestParts<S> for Operation {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Option<Self>, Refusal> {
        if !parts.headers.contains_key(HEADER) {
            return Ok(None);
        }
        <Self as FromRequestParts<S>>::from_request_parts(parts, state).await.map(Some)
    }
}
