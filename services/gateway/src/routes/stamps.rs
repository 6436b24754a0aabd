//! Stamps: given, given offline, taken back.

use axum::extract::State;
use chrono::{DateTime, Utc};
use http::StatusCode;
use kernel::{Locale, StampId};
use proto::stamping as wire;
use proto::stamping::add_stamps_request::Target;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::devices::bytes_of;
use crate::auth::{Caller, Language};
use crate::error::{Refusal, Slug};
use crate::idempotency::Operation;
use crate::json::{Id, Json, OptionalJson};
use crate::platform::Shared;
use crate::wire::{id_or_empty, present};

/// Which card, and what for. One of `scan_id`, `code` and `card_id`.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewStamps {
    #[serde(default)]
    scan_id: Option<Uuid>,
    #[serde(default)]
    code: Option<String>,
    #[serde(default)]
    card_id: Option<Uuid>,
    /// 1 where absent.
    #[serde(default)]
    count: Option<i32>,
    /// What was paid, for programs that count soles.
    #[serde(default)]
    amount_cents: Option<i64>,
    #[serde(default)]
    location_id: Option<Uuid>,
    /// earn where absent; bonus and import need a manager.
    #[serde(default)]
    kind: Option<Kind>,
    /// A manager's word that a limit is passed on purpose.
    #[serde(default)]
    override_reason: Option<String>,
}

#[derive(Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum Kind {
    Earn,
    Bonus,
    Import,
}

impl Kind {
    fn word(self) -> &'static str {
        match self {
            Self::Earn => "earn",
            Self::Bonus => "bonus",
            Self::Import => "import",
        }
    }
}

/// A card's counters after a change.
#[derive(Serialize, ToSchema)]
pub(crate) struct CardState {
    #[schema(value_type = Uuid)]
    id: String,
    /// Of the running cycle.
    stamps: i32,
    stamps_required: i32,
    cycle: i32,
    /// Every stamp ever kept.
    total: i64,
    version: i64,
}

impl From<wire::CardState> for CardState {
    fn from(card: wire::CardState) -> Self {
        Self {
            id: card.card_id,
            stamps: card.stamps,
            stamps_required: card.stamps_required,
            cycle: card.cycle,
            total: card.total,
            version: card.card_version,
        }
    }
}

#[derive(Serialize, ToSchema)]
pub(crate) struct Stamped {
    #[schema(value_type = Uuid)]
    operation_id: String,
    #[schema(value_type = Uuid)]
    stamp_id: String,
    card: CardState,
    rewards_unlocked: Vec<UnlockedReward>,
}

#[derive(Serialize, ToSchema)]
struct UnlockedReward {
    #[schema(value_type = Uuid)]
    id: String,
    title: String,
    at: i32,
}

impl TryFrom<wire::AddStampsResponse> for Stamped {
    type Error = Refusal;

    fn try_from(answer: wire::AddStampsResponse) -> Result<Self, Refusal> {
        Ok(Self {
            operation_id: answer.operation_id,
            stamp_id: answer.stamp_id,
            card: present(answer.card)?.into(),
            rewards_unlocked: answer
                .rewards_unlocked
                .into_iter()
                .map(|reward| UnlockedReward { id: reward.reward_id, title: reward.title, at: reward.at })
                .collect(),
        })
    }
}

/// Stamps a card. The same `Idempotency-Key` never stamps twice: a retry gets the same answer with status 200.
#[utoipa::path(
    post, path = "/api/v1/stamps", tag = "stamping", operation_id = "addStamps",
    security(("bearer" = []), ("api_key" = [])),
    params(("Idempotency-Key" = Uuid, Header, description = "The client's id for this one intent")),
    request_body = NewStamps,
    responses((status = 201, description = "Stamped", body = Stamped),
        (status = 200, description = "Stamped before, by the same key", body = Stamped),
        (status = 404, description = "There is no such card"),
        (status = 409, description = "A limit, an old scan, a replaced code or a closed program"))
)]
pub(crate) async fn create(
    State(platform): State<Shared>,
    caller: Caller,
    Operation(operation): Operation,
    Json(body): Json<NewStamps>,
) -> Result<(StatusCode, Json<Stamped>), Refusal> {
    let target = match (body.scan_id, body.code, body.card_id) {
        (Some(scan), None, None) => Target::ScanId(scan.to_string()),
        (None, Some(code), None) => Target::Code(code),
        (None, None, Some(card)) => Target::CardId(card.to_string()),
        (None, None, None) => return Err(Refusal::invalid("scan_id", "required")),
        _ => return Err(Refusal::invalid("scan_id", "one_target")),
    };
    let question = wire::AddStampsRequest {
        operation_id: operation.to_string(),
        target: Some(target),
        count: body.count.unwrap_or(1),
        amount_cents: body.amount_cents,
        location_id: id_or_empty(body.location_id),
        kind: body.kind.unwrap_or(Kind::Earn).word().to_owned(),
        override_reason: body.override_reason.unwrap_or_default(),
    };
    let answer = platform.stamping().add_stamps(caller.request(question)).await?.into_inner();
    let status = if answer.replayed { StatusCode::OK } else { StatusCode::CREATED };
    Ok((status, Json(answer.try_into()?)))
}

/// What a till gave while it was offline.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct OfflineBatch {
    /// The very text that was signed: JSON of `{device_time, operations: [{operation_id, code, count, amount_cents?,
    /// occurred_at}]}`.
    payload: String,
    /// ECDSA over P-256 and SHA-256 of the payload's UTF-8 bytes: r and s, 64 bytes, base64url.
    signature: String,
    #[serde(default)]
    location_id: Option<Uuid>,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct BatchAnswer {
    /// One an operation, in order.
    results: Vec<BatchResult>,
}

#[derive(Serialize, ToSchema)]
struct BatchResult {
    #[schema(value_type = Uuid)]
    operation_id: String,
    status: BatchStatus,
    /// Where it was done.
    stamp: Option<Stamped>,
    /// Where it was refused.
    problem: Option<BatchProblem>,
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum BatchStatus {
    Done,
    Replayed,
    Refused,
}

#[derive(Serialize, ToSchema)]
struct BatchProblem {
    slug: String,
    /// A sentence that can be shown to a person.
    detail: String,
    reason: Option<String>,
    /// When it would have been possible.
    until: Option<DateTime<Utc>>,
}

impl BatchProblem {
    /// A refusal as stamping packs it.
    fn read(packed: &str, locale: Locale) -> Self {
        let refusal = match serde_json::from_str::<boot::Problem>(packed) {
            Ok(problem) => Refusal::from_problem(problem, Slug::Internal),
            Err(_) => Refusal::new(Slug::Internal),
        };
        Self {
            slug: refusal.slug.as_str().to_owned(),
            detail: refusal.detail(locale).to_owned(),
            reason: refusal.reason,
            until: refusal.until,
        }
    }
}

fn batch_result(result: wire::OfflineResult, locale: Locale) -> Result<BatchResult, Refusal> {
    let (status, stamp, problem) = match result.done {
        Some(done) if done.replayed => (BatchStatus::Replayed, Some(done.try_into()?), None),
        Some(done) => (BatchStatus::Done, Some(done.try_into()?), None),
        None => (BatchStatus::Refused, None, Some(BatchProblem::read(&result.refused, locale))),
    };
    Ok(BatchResult { operation_id: result.operation_id, status, stamp, problem })
}

/// Takes a till's offline queue. Each operation is done once, however often the batch is sent.
#[utoipa::path(
    post, path = "/api/v1/stamps/batch", tag = "stamping", operation_id = "addStampsBatch",
    security(("bearer" = [])), request_body = OfflineBatch,
    responses((status = 200, description = "What became of each operation", body = BatchAnswer),
        (status = 404, description = "The till is gone"))
)]
pub(crate) async fn create_batch(
    State(platform): State<Shared>,
    caller: Caller,
    language: Language,
    Json(body): Json<OfflineBatch>,
) -> Result<Json<BatchAnswer>, Refusal> {
    let question = wire::AddStampsBatchRequest {
        signature: bytes_of("signature", &body.signature)?,
        signed_payload: body.payload.into_bytes(),
        location_id: id_or_empty(body.location_id),
    };
    let answer = platform.stamping().add_stamps_batch(caller.request(question)).await?.into_inner();
    let results = answer.results.into_iter().map(|result| batch_result(result, language.0));
    Ok(Json(BatchAnswer { results: results.collect::<Result<_, _>>()? }))
}

#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Void {
    #[serde(default)]
    reason: Option<String>,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct Voided {
    #[schema(value_type = Uuid)]
    operation_id: String,
    /// The reversing entry.
    #[schema(value_type = Uuid)]
    stamp_id: String,
    card: CardState,
    /// Open rewards that the stamp had unlocked.
    #[schema(value_type = Vec<Uuid>)]
    rewards_taken_back: Vec<String>,
}

/// Takes a stamp back: a stamper her own within a minute, a manager any at any time.
#[utoipa::path(
    post, path = "/api/v1/stamps/{id}/void", tag = "stamping", operation_id = "voidStamp",
    security(("bearer" = []), ("api_key" = [])),
    params(("id" = Uuid, Path, description = "The stamp"),
        ("Idempotency-Key" = Uuid, Header, description = "The client's id for this one intent")),
    request_body = Option<Void>,
    responses((status = 200, description = "Taken back", body = Voided),
        (status = 409, description = "Taken back before, too late, or a reward of it was redeemed"))
)]
pub(crate) async fn void(
    State(platform): State<Shared>,
    caller: Caller,
    Operation(operation): Operation,
    Id(stamp): Id<StampId>,
    OptionalJson(body): OptionalJson<Void>,
) -> Result<Json<Voided>, Refusal> {
    let question = wire::VoidStampRequest {
        operation_id: operation.to_string(),
        stamp_id: stamp.to_string(),
        reason: body.reason.unwrap_or_default(),
    };
    let answer = platform.stamping().void_stamp(caller.request(question)).await?.into_inner();
    Ok(Json(Voided {
        operation_id: answer.operation_id,
        stamp_id: answer.stamp_id,
        card: present(answer.card)?.into(),
        rewards_taken_back: answer.rewards_taken_back,
    }))
}
