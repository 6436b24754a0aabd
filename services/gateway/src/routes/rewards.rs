//! Rewards: handed over, and taken back again.

use axum::extract::State;
use kernel::RewardId;
use proto::stamping as wire;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::cards::Reward;
use crate::auth::Caller;
use crate::error::Refusal;
use crate::idempotency::Operation;
use crate::json::{Id, Json, OptionalJson};
use crate::platform::Shared;
use crate::wire::{id_or_empty, present};

#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Redeem {
    /// A stamper needs one; an owner or manager need not.
    #[serde(default)]
    scan_id: Option<Uuid>,
    #[serde(default)]
    location_id: Option<Uuid>,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct Redeemed {
    #[schema(value_type = Uuid)]
    operation_id: String,
    reward: Reward,
    #[schema(value_type = Uuid)]
    card_id: String,
}

/// Hands a reward over.
#[utoipa::path(
    post, path = "/api/v1/rewards/{id}/redeem", tag = "stamping", operation_id = "redeemReward",
    security(("bearer" = []), ("api_key" = [])),
    params(("id" = Uuid, Path, description = "The reward"),
        ("Idempotency-Key" = Uuid, Header, description = "The client's id for this one intent")),
    request_body = Option<Redeem>,
    responses((status = 200, description = "Handed over", body = Redeemed),
        (status = 409, description = "The reward is not open, or the scan is too old"))
)]
pub(crate) async fn redeem(
    State(platform): State<Shared>,
    caller: Caller,
    Operation(operation): Operation,
    Id(reward): Id<RewardId>,
    OptionalJson(body): OptionalJson<Redeem>,
) -> Result<Json<Redeemed>, Refusal> {
    let question = wire::RedeemRewardRequest {
        operation_id: operation.to_string(),
        reward_id: reward.to_string(),
        scan_id: id_or_empty(body.scan_id),
        location_id: id_or_empty(body.location_id),
    };
    let answer = platform.stamping().redeem_reward(caller.request(question)).await?.into_inner();
    let reward = present(answer.reward)?.into();
    Ok(Json(Redeemed { operation_id: answer.operation_id, reward, card_id: answer.card_id }))
}

/// Undoes a handing over: the reward is open again. Takes the body of `redeem` and needs nothing of it.
#[utoipa::path(
    post, path = "/api/v1/rewards/{id}/unredeem", tag = "stamping", operation_id = "unredeemReward",
    security(("bearer" = []), ("api_key" = [])),
    params(("id" = Uuid, Path, description = "The reward"),
        ("Idempotency-Key" = Uuid, Header, description = "The client's id for this one intent")),
    request_body = Option<Redeem>,
    responses((status = 200, description = "Open again", body = Redeemed),
        (status = 409, description = "The reward was not redeemed, or it is too late"))
)]
pub(crate) async fn unredeem(
    State(platform): State<Shared>,
    caller: Caller,
    Operation(operation): Operation,
    Id(reward): Id<RewardId>,
    _body: OptionalJson<Redeem>,
) -> Result<Json<Redeemed>, Refusal> {
    let question =
        wire::UnredeemRewardRequest { operation_id: operation.to_string(), reward_id: reward.to_string() };
    let answer = platform.stamping().unredeem_reward(caller.request(question)).await?.into_inner();
    let reward = present(answer.reward)?.into();
    Ok(Json(Redeemed { operation_id: answer.operation_id, reward, card_id: answer.card_id }))
}
