//! May this business send, at what cost, and how well it is received.

use axum::extract::State;
use proto::messaging as wire;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::auth::Caller;
use crate::error::Refusal;
use crate::json::Json;
use crate::platform::{Platform, Shared};
use crate::wire::some;

/// How a business stands with WhatsApp.
#[derive(Serialize, ToSchema)]
pub(crate) struct MessagingAccount {
    /// off (no provider), waiting (not approved), approved or stopped.
    status: String,
    /// fake, live or off.
    provider: String,
    /// What customers see as the sender; null where off.
    #[schema(example = "+51987654321")]
    sender: Option<String>,
    /// In céntimos, as all of these. The budgets are the owner's, the limits the operator's.
    daily_budget_cents: i64,
    daily_limit_cents: i64,
    daily_spent_cents: i64,
    monthly_budget_cents: i64,
    monthly_limit_cents: i64,
    monthly_spent_cents: i64,
    quality: SendingQuality,
    tier: SendingTier,
    /// Why marketing does not go out for now: quiet_hours, budget, tier, quality, provider, not_approved or off; null: it does.
    held_by: Option<String>,
    /// closed (well), open (the provider does not answer) or half_open (being tried).
    circuit: String,
    /// From this hour of the business's day …
    quiet_from_hour: i32,
    /// … until this one nothing of marketing goes out.
    quiet_until_hour: i32,
    waiting: i64,
    /// Given up, and waiting for a person.
    dead: i64,
}

/// Of the last 7 days.
#[derive(Serialize, ToSchema)]
struct SendingQuality {
    delivered: i64,
    opted_out: i64,
    blocked: i64,
    /// In parts of one; the bound is 0.02.
    opt_out_rate: f64,
    /// In parts of one; the bound is 0.005.
    block_rate: f64,
    /// none, slowed or stopped.
    state: String,
    /// opt_outs or blocks; null for none.
    reason: Option<String>,
}

impl From<wire::Quality> for SendingQuality {
    fn from(quality: wire::Quality) -> Self {
        Self {
            delivered: quality.delivered,
            opted_out: quality.opted_out,
            blocked: quality.blocked,
            opt_out_rate: quality.opt_out_rate,
            block_rate: quality.block_rate,
            state: quality.state,
            reason: some(quality.reason),
        }
    }
}

/// How many people may be written to in 24 hours, by WhatsApp's own rule.
#[derive(Serialize, ToSchema)]
struct SendingTier {
    /// 0 is without a limit.
    limit: i64,
    used: i64,
    /// At today's pace: days until the limit is half used, which raises it; -1 is not foreseeable.
    days_to_half: i32,
    /// What the growth plan expects of this portfolio.
    planned_per_day: i64,
}

impl From<wire::Tier> for SendingTier {
    fn from(tier: wire::Tier) -> Self {
        Self {
            limit: tier.limit,
            used: tier.used,
            days_to_half: tier.days_to_half,
            planned_per_day: tier.planned_per_day,
        }
    }
}

impl From<wire::GetAccountResponse> for MessagingAccount {
    fn from(account: wire::GetAccountResponse) -> Self {
        Self {
            status: account.status,
            provider: account.provider,
            sender: some(account.sender),
            daily_budget_cents: account.daily_budget_cents,
            daily_limit_cents: account.daily_limit_cents,
            daily_spent_cents: account.daily_spent_cents,
            monthly_budget_cents: account.monthly_budget_cents,
            monthly_limit_cents: account.monthly_limit_cents,
            monthly_spent_cents: account.monthly_spent_cents,
            quality: account.quality.unwrap_or_default().into(),
            tier: account.tier.unwrap_or_default().into(),
            held_by: some(account.held_by),
            circuit: account.circuit,
            quiet_from_hour: account.quiet_from_hour,
            quiet_until_hour: account.quiet_until_hour,
            waiting: account.waiting,
            dead: account.dead,
        }
    }
}

impl Platform {
    async fn messaging_account(&self, caller: &Caller) -> Result<Json<MessagingAccount>, Refusal> {
        let answer = self.messaging().get_account(caller.request(wire::GetAccountRequest {})).await?;
        Ok(Json(answer.into_inner().into()))
    }
}

/// How the business stands with WhatsApp.
#[utoipa::path(
    get, path = "/api/v1/messaging", tag = "messaging", operation_id = "getMessaging",
    security(("bearer" = []), ("api_key" = [])),
    responses((status = 200, description = "The account", body = MessagingAccount))
)]
pub(crate) async fn get(
    State(platform): State<Shared>,
    caller: Caller,
) -> Result<Json<MessagingAccount>, Refusal> {
    platform.messaging_account(&caller).await
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Budget {
    /// In céntimos; at most the operator's limit.
    #[schema(example = 2_000)]
    daily_budget_cents: i64,
    #[schema(example = 30_000)]
    monthly_budget_cents: i64,
}

/// Sets what may be spent. For owners.
#[utoipa::path(
    patch, path = "/api/v1/messaging", tag = "messaging", operation_id = "setMessagingBudget",
    security(("bearer" = [])), request_body = Budget,
    responses((status = 200, description = "The account as it is now", body = MessagingAccount))
)]
pub(crate) async fn update(
    State(platform): State<Shared>,
    caller: Caller,
    Json(body): Json<Budget>,
) -> Result<Json<MessagingAccount>, Refusal> {
    let question = wire::SetBudgetRequest {
        daily_budget_cents: body.daily_budget_cents,
        monthly_budget_cents: body.monthly_budget_cents,
    };
    platform.messaging().set_budget(caller.request(question)).await?;
    platform.messaging_account(&caller).await
}
