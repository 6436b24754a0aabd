//! Campaigns that begin by themselves, customer by customer. They are changed, launched and paused as campaigns are.

use axum::extract::State;
use proto::campaign as wire;

use super::campaigns::{Campaign, told};
use crate::auth::Caller;
use crate::error::Refusal;
use crate::json::Json;
use crate::platform::Shared;
use crate::wire::Listing;

/// The automations, one of each kind; those never touched are there as drafts.
#[utoipa::path(
    get, path = "/api/v1/automations", tag = "campaign", operation_id = "listAutomations",
    security(("bearer" = []), ("api_key" = [])),
    responses((status = 200, description = "All of them", body = Listing<Campaign>))
)]
pub(crate) async fn list(
    State(platform): State<Shared>,
    caller: Caller,
) -> Result<Json<Listing<Campaign>>, Refusal> {
    let question = caller.request(wire::ListAutomationsRequest {});
    let answer = platform.campaign().list_automations(question).await?.into_inner();
    Ok(Json(Listing { items: told(answer.automations)?, next_cursor: None }))
}
