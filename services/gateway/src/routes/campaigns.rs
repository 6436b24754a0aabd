//! Campaigns: drafted, launched, paused, and how far they are.

use axum::extract::State;
use chrono::{DateTime, Utc};
use http::StatusCode;
use kernel::{CampaignId, OperationId};
use proto::campaign as wire;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::audiences::Audience;
use crate::auth::Caller;
use crate::error::Refusal;
use crate::idempotency::Operation;
use crate::json::{Id, Json, Query, cleared_or_set};
use crate::platform::Shared;
use crate::wire::{Listing, present, some, time, timestamp};

/// What something costs, by the provider's prices of a day.
#[derive(Serialize, ToSchema)]
pub(crate) struct Cost {
    /// In céntimos.
    #[schema(example = 640)]
    amount_cents: i64,
    #[schema(example = "PEN")]
    currency: String,
    /// `YYYY-MM-DD`; null where nothing is priced.
    #[schema(example = "2026-10-01")]
    prices_of: Option<String>,
}

impl From<wire::Cost> for Cost {
    fn from(cost: wire::Cost) -> Self {
        Self { amount_cents: cost.amount_cents, currency: cost.currency, prices_of: some(cost.prices_of) }
    }
}

/// How far a campaign is.
#[derive(Serialize, ToSchema)]
pub(crate) struct CampaignCounts {
    planned: i64,
    /// Left alone, so that it can be told what the campaign did.
    holdout: i64,
    /// On their way, and not heard of yet.
    requested: i64,
    sent: i64,
    delivered: i64,
    read: i64,
    failed: i64,
    canceled: i64,
    /// A pass has shown it, so it is among the delivered, and the WhatsApp that followed failed.
    follow_failed: i64,
}

impl From<wire::Counts> for CampaignCounts {
    fn from(counts: wire::Counts) -> Self {
        Self {
            planned: counts.planned,
            holdout: counts.holdout,
            requested: counts.requested,
            sent: counts.sent,
            delivered: counts.delivered,
            read: counts.read,
            failed: counts.failed,
            canceled: counts.canceled,
            follow_failed: counts.follow_failed,
        }
    }
}

/// What one language says.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CampaignWording {
    /// es or en.
    #[schema(example = "es")]
    language: String,
    /// The name of a template.
    #[schema(example = "win_back")]
    template: String,
    /// Fill the template's variables in order. `{first_name}`, `{stamps}`, `{stamps_left}`, `{reward}` and `{business}` are
    /// filled for each customer.
    #[serde(default)]
    #[schema(example = json!(["{first_name}", "{business}"]))]
    variables: Vec<String>,
}

impl From<wire::CampaignWording> for CampaignWording {
    fn from(wording: wire::CampaignWording) -> Self {
        Self { language: wording.language, template: wording.template, variables: wording.variables }
    }
}

impl From<CampaignWording> for wire::CampaignWording {
    fn from(wording: CampaignWording) -> Self {
        Self { language: wording.language, template: wording.template, variables: wording.variables }
    }
}

/// Who is written to, what, and how far that is.
#[derive(Serialize, ToSchema)]
pub(crate) struct Campaign {
    #[schema(value_type = Uuid)]
    campaign_id: String,
    name: String,
    /// blast or automation.
    kind: String,
    /// draft, scheduled, running, paused, canceled or done.
    status: String,
    /// Grows with each change.
    version: i64,
    audience: Audience,
    /// at_risk, birthday, one_stamp_left, reward_expiring, welcome or feedback; null for a blast.
    trigger: Option<String>,
    /// One a language.
    wordings: Vec<CampaignWording>,
    /// whatsapp, wallet_first or wallet.
    channel_policy: String,
    /// With wallet_first: WhatsApp after so many days if she has not come.
    wallet_days: i32,
    holdout_percent: i32,
    /// marketing or utility.
    category: String,
    /// Null: as soon as it is launched.
    scheduled_at: Option<DateTime<Utc>>,
    launched_at: Option<DateTime<Utc>>,
    ended_at: Option<DateTime<Utc>>,
    created_at: Option<DateTime<Utc>>,
    counts: CampaignCounts,
    /// So far.
    cost: Cost,
    /// Why it does not move although it runs: budget, tier, quiet_hours, quality, not_approved, provider or off; null: it
    /// moves.
    held_by: Option<String>,
    /// What may be changed now: all, name (its messages are written already) or none.
    editable: String,
}

impl TryFrom<wire::Campaign> for Campaign {
    type Error = Refusal;

    fn try_from(campaign: wire::Campaign) -> Result<Self, Refusal> {
        Ok(Self {
            campaign_id: campaign.campaign_id,
            name: campaign.name,
            kind: campaign.kind,
            status: campaign.status,
            version: campaign.version,
            audience: present(campaign.audience)?.try_into()?,
            trigger: some(campaign.trigger),
            wordings: campaign.wordings.into_iter().map(Into::into).collect(),
            channel_policy: campaign.channel_policy,
            wallet_days: campaign.wallet_days,
            holdout_percent: campaign.holdout_percent,
            category: campaign.category,
            scheduled_at: time(campaign.scheduled_at),
            launched_at: time(campaign.launched_at),
            ended_at: time(campaign.ended_at),
            created_at: time(campaign.created_at),
            counts: campaign.counts.unwrap_or_default().into(),
            cost: campaign.cost.unwrap_or_default().into(),
            held_by: some(campaign.held_by),
            editable: campaign.editable,
        })
    }
}

/// The campaigns of an answer.
pub(super) fn told(campaigns: Vec<wire::Campaign>) -> Result<Vec<Campaign>, Refusal> {
    campaigns.into_iter().map(Campaign::try_from).collect()
}

fn one(campaign: Option<wire::Campaign>) -> Result<Json<Campaign>, Refusal> {
    Ok(Json(present(campaign)?.try_into()?))
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct WhichCampaigns {
    /// draft, scheduled, running, paused, canceled or done; absent: all.
    #[serde(default)]
    status: Option<String>,
    #[serde(default)]
    limit: Option<i32>,
    #[serde(default)]
    cursor: Option<String>,
}

/// The campaigns that are no automations, newest first.
#[utoipa::path(
    get, path = "/api/v1/campaigns", tag = "campaign", operation_id = "listCampaigns",
    security(("bearer" = []), ("api_key" = [])), params(WhichCampaigns),
    responses((status = 200, description = "A page", body = Listing<Campaign>))
)]
pub(crate) async fn list(
    State(platform): State<Shared>,
    caller: Caller,
    Query(which): Query<WhichCampaigns>,
) -> Result<Json<Listing<Campaign>>, Refusal> {
    let question = wire::ListCampaignsRequest {
        limit: which.limit.unwrap_or_default(),
        cursor: which.cursor.unwrap_or_default(),
        status: which.status.unwrap_or_default(),
    };
    let page = platform.campaign().list_campaigns(caller.request(question)).await?.into_inner();
    Ok(Json(Listing { items: told(page.campaigns)?, next_cursor: some(page.next_cursor) }))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewCampaign {
    #[schema(example = "Vuelve en julio")]
    name: String,
    audience: Audience,
    wordings: Vec<CampaignWording>,
    /// whatsapp, wallet_first or wallet.
    #[schema(example = "wallet_first")]
    channel_policy: String,
    /// With wallet_first: WhatsApp after so many days if she has not come. 1 to 30.
    #[serde(default)]
    wallet_days: Option<i32>,
    /// 0 to 50; absent: 10.
    #[serde(default)]
    holdout_percent: Option<i32>,
    /// Absent: as soon as it is launched.
    #[serde(default)]
    scheduled_at: Option<DateTime<Utc>>,
    /// Makes it an automation of this kind: at_risk, birthday, one_stamp_left, reward_expiring, welcome or feedback.
    #[serde(default)]
    trigger: Option<String>,
}

impl NewCampaign {
    /// As campaign reads it.
    pub(crate) fn into_wire(self, operation: OperationId) -> Result<wire::CreateCampaignRequest, Refusal> {
        Ok(wire::CreateCampaignRequest {
            operation_id: operation.to_string(),
            name: self.name,
            audience: Some(self.audience.into_wire()?),
            wordings: self.wordings.into_iter().map(Into::into).collect(),
            channel_policy: self.channel_policy,
            wallet_days: self.wallet_days.unwrap_or_default(),
            holdout_percent: self.holdout_percent,
            scheduled_at: self.scheduled_at.map(timestamp),
            trigger: self.trigger.unwrap_or_default(),
        })
    }
}

/// Makes a draft.
#[utoipa::path(
    post, path = "/api/v1/campaigns", tag = "campaign", operation_id = "createCampaign",
    security(("bearer" = []), ("api_key" = [])),
    params(("Idempotency-Key" = Uuid, Header, description = "The client's id for this one intent")),
    request_body = NewCampaign,
    responses((status = 201, description = "The draft", body = Campaign),
        (status = 409, description = "There is an automation of this kind already"))
)]
pub(crate) async fn create(
    State(platform): State<Shared>,
    caller: Caller,
    Operation(operation): Operation,
    Json(body): Json<NewCampaign>,
) -> Result<(StatusCode, Json<Campaign>), Refusal> {
    let question = body.into_wire(operation)?;
    let answer = platform.campaign().create_campaign(caller.request(question)).await?.into_inner();
    Ok((StatusCode::CREATED, one(answer.campaign)?))
}

/// One campaign.
#[utoipa::path(
    get, path = "/api/v1/campaigns/{id}", tag = "campaign", operation_id = "getCampaign",
    security(("bearer" = []), ("api_key" = [])), params(("id" = Uuid, Path, description = "The campaign")),
    responses((status = 200, description = "The campaign", body = Campaign))
)]
pub(crate) async fn get(
    State(platform): State<Shared>,
    caller: Caller,
    Id(campaign): Id<CampaignId>,
) -> Result<Json<Campaign>, Refusal> {
    let question = wire::GetCampaignRequest { campaign_id: campaign.to_string() };
    one(platform.campaign().get_campaign(caller.request(question)).await?.into_inner().campaign)
}

/// What changes; absent fields stay.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CampaignChange {
    #[serde(default)]
    name: Option<String>,
    #[serde(default)]
    audience: Option<Audience>,
    #[serde(default)]
    wordings: Option<Vec<CampaignWording>>,
    #[serde(default)]
    channel_policy: Option<String>,
    #[serde(default)]
    wallet_days: Option<i32>,
    #[serde(default)]
    holdout_percent: Option<i32>,
    /// Null: as soon as it is launched.
    #[serde(default, deserialize_with = "cleared_or_set")]
    #[schema(value_type = Option<DateTime<Utc>>)]
    scheduled_at: Option<Option<DateTime<Utc>>>,
}

/// Edits a campaign that does not run.
#[utoipa::path(
    patch, path = "/api/v1/campaigns/{id}", tag = "campaign", operation_id = "updateCampaign",
    security(("bearer" = []), ("api_key" = [])), params(("id" = Uuid, Path, description = "The campaign")),
    request_body = CampaignChange,
    responses((status = 200, description = "The campaign as it is now", body = Campaign),
        (status = 409, description = "It runs, or is over"))
)]
pub(crate) async fn update(
    State(platform): State<Shared>,
    caller: Caller,
    Id(campaign): Id<CampaignId>,
    Json(body): Json<CampaignChange>,
) -> Result<Json<Campaign>, Refusal> {
    let question = wire::UpdateCampaignRequest {
        campaign_id: campaign.to_string(),
        name: body.name,
        audience: body.audience.map(Audience::into_wire).transpose()?,
        wordings: body.wordings.unwrap_or_default().into_iter().map(Into::into).collect(),
        channel_policy: body.channel_policy,
        wallet_days: body.wallet_days,
        holdout_percent: body.holdout_percent,
        clear_schedule: body.scheduled_at == Some(None),
        scheduled_at: body.scheduled_at.flatten().map(timestamp),
    };
    one(platform.campaign().update_campaign(caller.request(question)).await?.into_inner().campaign)
}

/// Starts it now, or at the time it is scheduled for.
#[utoipa::path(
    post, path = "/api/v1/campaigns/{id}/launch", tag = "campaign", operation_id = "launchCampaign",
    security(("bearer" = []), ("api_key" = [])), params(("id" = Uuid, Path, description = "The campaign")),
    responses((status = 200, description = "The campaign as it is now", body = Campaign),
        (status = 409, description = "It cannot begin; `reason` says why"))
)]
pub(crate) async fn launch(
    State(platform): State<Shared>,
    caller: Caller,
    Id(campaign): Id<CampaignId>,
) -> Result<Json<Campaign>, Refusal> {
    let question = wire::LaunchCampaignRequest { campaign_id: campaign.to_string() };
    one(platform.campaign().launch_campaign(caller.request(question)).await?.into_inner().campaign)
}

/// Stops it for a while. Once answered, nothing more of it is handed over.
#[utoipa::path(
    post, path = "/api/v1/campaigns/{id}/pause", tag = "campaign", operation_id = "pauseCampaign",
    security(("bearer" = []), ("api_key" = [])), params(("id" = Uuid, Path, description = "The campaign")),
    responses((status = 200, description = "The campaign as it is now", body = Campaign),
        (status = 409, description = "It does not run"))
)]
pub(crate) async fn pause(
    State(platform): State<Shared>,
    caller: Caller,
    Id(campaign): Id<CampaignId>,
) -> Result<Json<Campaign>, Refusal> {
    let question = wire::PauseCampaignRequest { campaign_id: campaign.to_string() };
    one(platform.campaign().pause_campaign(caller.request(question)).await?.into_inner().campaign)
}

/// Lets a paused one go on.
#[utoipa::path(
    post, path = "/api/v1/campaigns/{id}/resume", tag = "campaign", operation_id = "resumeCampaign",
    security(("bearer" = []), ("api_key" = [])), params(("id" = Uuid, Path, description = "The campaign")),
    responses((status = 200, description = "The campaign as it is now", body = Campaign),
        (status = 409, description = "It is not paused"))
)]
pub(crate) async fn resume(
    State(platform): State<Shared>,
    caller: Caller,
    Id(campaign): Id<CampaignId>,
) -> Result<Json<Campaign>, Refusal> {
    let question = wire::ResumeCampaignRequest { campaign_id: campaign.to_string() };
    one(platform.campaign().resume_campaign(caller.request(question)).await?.into_inner().campaign)
}

/// Ends it for good; what was not handed over never is.
#[utoipa::path(
    post, path = "/api/v1/campaigns/{id}/cancel", tag = "campaign", operation_id = "cancelCampaign",
    security(("bearer" = []), ("api_key" = [])), params(("id" = Uuid, Path, description = "The campaign")),
    responses((status = 200, description = "The campaign as it is now", body = Campaign),
        (status = 409, description = "It is over"))
)]
pub(crate) async fn cancel(
    State(platform): State<Shared>,
    caller: Caller,
    Id(campaign): Id<CampaignId>,
) -> Result<Json<Campaign>, Refusal> {
    let question = wire::CancelCampaignRequest { campaign_id: campaign.to_string() };
    one(platform.campaign().cancel_campaign(caller.request(question)).await?.into_inner().campaign)
}
