//! What came of a campaign, and why not everybody heard of it.

use axum::extract::State;
use chrono::{DateTime, Utc};
use kernel::CampaignId;
use proto::campaign as wire;
use serde::Serialize;
use utoipa::ToSchema;

use super::campaigns::{CampaignCounts, Cost};
use crate::auth::Caller;
use crate::error::Refusal;
use crate::json::{Id, Json};
use crate::platform::Shared;
use crate::wire::time;

/// What came of a campaign.
#[derive(Serialize, ToSchema)]
pub(crate) struct CampaignResults {
    counts: CampaignCounts,
    written: CampaignGroup,
    holdout: CampaignGroup,
    /// unknown: too early or too few to tell. up, down, none: the interval says so.
    verdict: String,
    /// When it can be told at the earliest; null where it is told, or never will be.
    known_after: Option<DateTime<Utc>>,
    /// Visits that would not have been, for each hundred written to; null while unknown.
    lift: Option<CampaignInterval>,
    /// What those visits brought for each sol spent; null while unknown, or where nothing was spent.
    soles_per_sol: Option<CampaignInterval>,
    cost: Cost,
    opted_out: i64,
}

/// Some customers, and how many of them came within 14 days.
#[derive(Serialize, ToSchema)]
struct CampaignGroup {
    customers: i64,
    came_back: i64,
}

impl From<wire::Group> for CampaignGroup {
    fn from(group: wire::Group) -> Self {
        Self { customers: group.customers, came_back: group.came_back }
    }
}

/// The middle, and a 95 % credible interval.
#[derive(Serialize, ToSchema)]
struct CampaignInterval {
    low: f64,
    middle: f64,
    high: f64,
}

impl From<wire::Interval> for CampaignInterval {
    fn from(interval: wire::Interval) -> Self {
        Self { low: interval.low, middle: interval.middle, high: interval.high }
    }
}

/// What came of it.
#[utoipa::path(
    get, path = "/api/v1/campaigns/{id}/results", tag = "campaign", operation_id = "getCampaignResults",
    security(("bearer" = []), ("api_key" = [])), params(("id" = Uuid, Path, description = "The campaign")),
    responses((status = 200, description = "The results so far", body = CampaignResults))
)]
pub(crate) async fn results(
    State(platform): State<Shared>,
    caller: Caller,
    Id(campaign): Id<CampaignId>,
) -> Result<Json<CampaignResults>, Refusal> {
    let question = wire::GetResultsRequest { campaign_id: campaign.to_string() };
    let answer = platform.campaign().get_results(caller.request(question)).await?.into_inner();
    Ok(Json(CampaignResults {
        counts: answer.counts.unwrap_or_default().into(),
        written: answer.written.unwrap_or_default().into(),
        holdout: answer.holdout.unwrap_or_default().into(),
        verdict: answer.verdict,
        known_after: time(answer.known_after),
        lift: answer.lift.map(Into::into),
        soles_per_sol: answer.soles_per_sol.map(Into::into),
        cost: answer.cost.unwrap_or_default().into(),
        opted_out: answer.opted_out,
    }))
}

/// Why messages of a campaign did not arrive.
#[derive(Serialize, ToSchema)]
pub(crate) struct CampaignFailures {
    /// Most first.
    failures: Vec<CampaignFailure>,
}

#[derive(Serialize, ToSchema)]
struct CampaignFailure {
    /// In the word of whoever gave up: what a message failed of, no_pass, or gone.
    #[schema(example = "not_reachable")]
    reason: String,
    count: i64,
}

/// Why its messages did not arrive, and how many for each reason.
#[utoipa::path(
    get, path = "/api/v1/campaigns/{id}/failures", tag = "campaign", operation_id = "getCampaignFailures",
    security(("bearer" = []), ("api_key" = [])), params(("id" = Uuid, Path, description = "The campaign")),
    responses((status = 200, description = "The reasons", body = CampaignFailures))
)]
pub(crate) async fn failures(
    State(platform): State<Shared>,
    caller: Caller,
    Id(campaign): Id<CampaignId>,
) -> Result<Json<CampaignFailures>, Refusal> {
    let question = wire::GetFailuresRequest { campaign_id: campaign.to_string() };
    let answer = platform.campaign().get_failures(caller.request(question)).await?.into_inner();
    let told = |wire::Failure { reason, count }| CampaignFailure { reason, count };
    Ok(Json(CampaignFailures { failures: answer.failures.into_iter().map(told).collect() }))
}
