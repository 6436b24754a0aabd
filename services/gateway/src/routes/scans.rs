//! Reading a code at a till.

use std::time::Duration;

use axum::extract::State;
use chrono::{DateTime, Utc};
use http::StatusCode;
use proto::stamping as wire;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::cards::{Card, Reward};
use super::programs::Program;
use crate::auth::Caller;
use crate::error::Refusal;
use crate::json::Json;
use crate::platform::Shared;
use crate::wire::{present, some, time};

/// How long a till waits for a name: a scan without one is better than no scan.
const NAME_PATIENCE: Duration = Duration::from_millis(300);

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewScan {
    /// What the card shows.
    code: String,
}

/// What a till sees when it reads a code.
#[derive(Serialize, ToSchema)]
pub(crate) struct Scan {
    /// Good for five minutes on this till.
    #[schema(value_type = Uuid)]
    scan_id: String,
    customer: ScannedCustomer,
    card: Card,
    program: Program,
    /// Those that can be redeemed now.
    rewards: Vec<Reward>,
    allowed: Allowed,
}

#[derive(Serialize, ToSchema)]
struct ScannedCustomer {
    #[schema(value_type = Uuid)]
    id: String,
    /// Null where the name did not come in time.
    first_name: Option<String>,
}

/// Whether the card takes a stamp now.
#[derive(Serialize, ToSchema)]
struct Allowed {
    now: bool,
    until: Option<DateTime<Utc>>,
    /// min_minutes_between or max_per_day.
    reason: Option<String>,
}

/// Reads a code: whose card, what is open on it, whether it may be stamped now.
#[utoipa::path(
    post, path = "/api/v1/scans", tag = "stamping", operation_id = "scan",
    security(("bearer" = []), ("api_key" = [])), request_body = NewScan,
    responses((status = 201, description = "What the code says", body = Scan),
        (status = 404, description = "The card is gone"),
        (status = 409, description = "The code was replaced"))
)]
pub(crate) async fn create(
    State(platform): State<Shared>,
    caller: Caller,
    Json(body): Json<NewScan>,
) -> Result<(StatusCode, Json<Scan>), Refusal> {
    let question = caller.request(wire::ScanRequest { code: body.code });
    let answer = platform.stamping().scan(question).await?.into_inner();
    let card = present(answer.card)?;
    let first_name = match (caller.business(), card.customer_id.parse()) {
        (Ok(business), Ok(customer)) => platform.first_name(business, customer, NAME_PATIENCE).await,
        _ => None,
    };
    let allowed = answer.allowed.unwrap_or_default();
    let scan = Scan {
        scan_id: answer.scan_id,
        customer: ScannedCustomer {
            id: card.customer_id.clone(),
            first_name: first_name.map(|name| name.as_ref().to_owned()),
        },
        card: card.into(),
        program: present(answer.program)?.into(),
        rewards: answer.open_rewards.into_iter().map(Reward::from).collect(),
        allowed: Allowed { now: allowed.now, until: time(allowed.until), reason: some(allowed.reason) },
    };
    Ok((StatusCode::CREATED, Json(scan)))
}
