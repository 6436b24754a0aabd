//! The rules of a card.

use axum::extract::State;
use chrono::{DateTime, Utc};
use http::StatusCode;
use kernel::ProgramId;
use proto::stamping as wire;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::auth::Caller;
use crate::error::Refusal;
use crate::json::{Id, Json, Query, cleared_or_set};
use crate::platform::Shared;
use crate::wire::{Listing, present, time};

/// The rules of a card.
#[derive(Clone, Serialize, ToSchema)]
pub(crate) struct Program {
    #[schema(value_type = Uuid)]
    pub(crate) id: String,
    name: String,
    /// Grows with each change; a running cycle keeps the version it began with.
    version: i32,
    pub(crate) stamps_required: i32,
    rewards: Vec<RewardRule>,
    rules: Rules,
    look: Look,
    active: bool,
    created_at: Option<DateTime<Utc>>,
}

impl From<wire::Program> for Program {
    fn from(program: wire::Program) -> Self {
        Self {
            id: program.program_id,
            name: program.name,
            version: program.version,
            stamps_required: program.stamps_required,
            rewards: program.rewards.into_iter().map(RewardRule::from).collect(),
            rules: program.rules.unwrap_or_default().into(),
            look: program.look.unwrap_or_default().into(),
            active: program.active,
            created_at: time(program.created_at),
        }
    }
}

/// A reward and the count that unlocks it.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RewardRule {
    /// The count in a cycle: 1 to `stamps_required`.
    at: i32,
    title: String,
    /// What it costs the shop, in céntimos.
    #[serde(default)]
    cost_cents: Option<i64>,
}

impl From<wire::RewardRule> for RewardRule {
    fn from(rule: wire::RewardRule) -> Self {
        Self { at: rule.at, title: rule.title, cost_cents: rule.cost_cents }
    }
}

impl From<RewardRule> for wire::RewardRule {
    fn from(rule: RewardRule) -> Self {
        Self { at: rule.at, title: rule.title, cost_cents: rule.cost_cents }
    }
}

/// Limits and other rules. What is left out of a request is as if there were no such rule.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Rules {
    /// Most stamps of one visit; 1 to 20.
    max_per_visit: i32,
    /// Minutes between two visits; 0 is no pause.
    min_minutes_between: i32,
    /// Most stamps of one business day; 0 is no limit.
    max_per_day: i32,
    /// Days an open reward lives; null is for ever.
    expires_after_days: Option<i32>,
    /// Céntimos that earn one stamp; null is one stamp a visit.
    cents_per_stamp: Option<i64>,
    /// Stamps a new card begins with.
    welcome_stamps: i32,
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            max_per_visit: 1,
            min_minutes_between: 0,
            max_per_day: 0,
            expires_after_days: None,
            cents_per_stamp: None,
            welcome_stamps: 0,
        }
    }
}

impl From<wire::Rules> for Rules {
    fn from(rules: wire::Rules) -> Self {
        Self {
            max_per_visit: rules.max_per_visit,
            min_minutes_between: rules.min_minutes_between,
            max_per_day: rules.max_per_day,
            expires_after_days: rules.expires_after_days,
            cents_per_stamp: rules.cents_per_stamp,
            welcome_stamps: rules.welcome_stamps,
        }
    }
}

impl From<Rules> for wire::Rules {
    fn from(rules: Rules) -> Self {
        Self {
            max_per_visit: rules.max_per_visit,
            min_minutes_between: rules.min_minutes_between,
            max_per_day: rules.max_per_day,
            expires_after_days: rules.expires_after_days,
            cents_per_stamp: rules.cents_per_stamp,
            welcome_stamps: rules.welcome_stamps,
        }
    }
}

/// How a card looks. What is left out of a request is the house's own.
#[derive(Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Look {
    /// `#rrggbb` of the stamps.
    ink: String,
    /// `#rrggbb` of the card.
    paper: String,
    /// circle, cup, scissors, bread, leaf, star, heart or paw.
    stamp_shape: String,
}

impl From<wire::Look> for Look {
    fn from(look: wire::Look) -> Self {
        Self { ink: look.ink, paper: look.paper, stamp_shape: look.stamp_shape }
    }
}

impl From<Look> for wire::Look {
    fn from(look: Look) -> Self {
        Self { ink: look.ink, paper: look.paper, stamp_shape: look.stamp_shape }
    }
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct WhichPrograms {
    /// Also those that take no more stamps.
    #[serde(default)]
    include_inactive: Option<bool>,
}

/// The programs, oldest first.
#[utoipa::path(
    get, path = "/api/v1/programs", tag = "stamping", operation_id = "listPrograms",
    security(("bearer" = []), ("api_key" = [])), params(WhichPrograms),
    responses((status = 200, description = "All of them", body = Listing<Program>))
)]
pub(crate) async fn list(
    State(platform): State<Shared>,
    caller: Caller,
    Query(which): Query<WhichPrograms>,
) -> Result<Json<Listing<Program>>, Refusal> {
    let question = wire::ListProgramsRequest { include_inactive: which.include_inactive.unwrap_or_default() };
    let answer = platform.stamping().list_programs(caller.request(question)).await?;
    Ok(Json(Listing::whole(answer.into_inner().programs)))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewProgram {
    name: String,
    stamps_required: i32,
    rewards: Vec<RewardRule>,
    #[serde(default)]
    rules: Option<Rules>,
    #[serde(default)]
    look: Option<Look>,
}

/// Makes a program.
#[utoipa::path(
    post, path = "/api/v1/programs", tag = "stamping", operation_id = "createProgram", security(("bearer" = []), ("api_key" = [])),
    request_body = NewProgram, responses((status = 201, description = "The new program", body = Program))
)]
pub(crate) async fn create(
    State(platform): State<Shared>,
    caller: Caller,
    Json(body): Json<NewProgram>,
) -> Result<(StatusCode, Json<Program>), Refusal> {
    let question = wire::CreateProgramRequest {
        name: body.name,
        stamps_required: body.stamps_required,
        rewards: body.rewards.into_iter().map(Into::into).collect(),
        rules: Some(body.rules.unwrap_or_default().into()),
        look: Some(body.look.unwrap_or_default().into()),
    };
    let answer = platform.stamping().create_program(caller.request(question)).await?;
    Ok((StatusCode::CREATED, Json(present(answer.into_inner().program)?.into())))
}

/// One program.
#[utoipa::path(
    get, path = "/api/v1/programs/{id}", tag = "stamping", operation_id = "getProgram",
    security(("bearer" = []), ("api_key" = [])), params(("id" = Uuid, Path, description = "The program")),
    responses((status = 200, description = "The program", body = Program))
)]
pub(crate) async fn get(
    State(platform): State<Shared>,
    caller: Caller,
    Id(program): Id<ProgramId>,
) -> Result<Json<Program>, Refusal> {
    let question = wire::GetProgramRequest { program_id: program.to_string() };
    let answer = platform.stamping().get_program(caller.request(question)).await?;
    Ok(Json(present(answer.into_inner().program)?.into()))
}

/// What changes of the rules; absent fields stay.
#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct RulesChange {
    /// Most stamps of one visit; 1 to 20.
    max_per_visit: Option<i32>,
    /// Minutes between two visits; 0 is no pause.
    min_minutes_between: Option<i32>,
    /// Most stamps of one business day; 0 is no limit.
    max_per_day: Option<i32>,
    /// Days an open reward lives; null is for ever.
    #[serde(deserialize_with = "cleared_or_set")]
    #[schema(value_type = Option<i32>)]
    expires_after_days: Option<Option<i32>>,
    /// Céntimos that earn one stamp; null is one stamp a visit.
    #[serde(deserialize_with = "cleared_or_set")]
    #[schema(value_type = Option<i64>)]
    cents_per_stamp: Option<Option<i64>>,
    /// Stamps a new card begins with.
    welcome_stamps: Option<i32>,
}

impl From<RulesChange> for wire::RulesChange {
    fn from(change: RulesChange) -> Self {
        Self {
            max_per_visit: change.max_per_visit,
            min_minutes_between: change.min_minutes_between,
            max_per_day: change.max_per_day,
            expires_after_days: change.expires_after_days.flatten(),
            never_expires: change.expires_after_days == Some(None),
            cents_per_stamp: change.cents_per_stamp.flatten(),
            by_visit: change.cents_per_stamp == Some(None),
            welcome_stamps: change.welcome_stamps,
        }
    }
}

/// What changes of the look; absent fields stay.
#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct LookChange {
    /// `#rrggbb` of the stamps.
    ink: Option<String>,
    /// `#rrggbb` of the card.
    paper: Option<String>,
    /// circle, cup, scissors, bread, leaf, star, heart or paw.
    stamp_shape: Option<String>,
}

impl From<LookChange> for wire::LookChange {
    fn from(change: LookChange) -> Self {
        Self { ink: change.ink, paper: change.paper, stamp_shape: change.stamp_shape }
    }
}

/// What changes; absent fields stay.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ProgramChange {
    #[serde(default)]
    name: Option<String>,
    #[serde(default)]
    stamps_required: Option<i32>,
    #[serde(default)]
    rewards: Option<Vec<RewardRule>>,
    #[serde(default)]
    rules: Option<RulesChange>,
    #[serde(default)]
    look: Option<LookChange>,
    #[serde(default)]
    active: Option<bool>,
}

/// Changes a program into its next version; running cycles keep the one they began with.
#[utoipa::path(
    patch, path = "/api/v1/programs/{id}", tag = "stamping", operation_id = "updateProgram",
    security(("bearer" = []), ("api_key" = [])), params(("id" = Uuid, Path, description = "The program")), request_body = ProgramChange,
    responses((status = 200, description = "The program as it is now", body = Program),
        (status = 409, description = "Somebody changed it at the same moment"))
)]
pub(crate) async fn update(
    State(platform): State<Shared>,
    caller: Caller,
    Id(program): Id<ProgramId>,
    Json(body): Json<ProgramChange>,
) -> Result<Json<Program>, Refusal> {
    let question = wire::UpdateProgramRequest {
        program_id: program.to_string(),
        name: body.name,
        stamps_required: body.stamps_required,
        replace_rewards: body.rewards.is_some(),
        rewards: body.rewards.unwrap_or_default().into_iter().map(Into::into).collect(),
        rules: body.rules.map(Into::into),
        look: body.look.map(Into::into),
        active: body.active,
    };
    let answer = platform.stamping().update_program(caller.request(question)).await?;
    Ok(Json(present(answer.into_inner().program)?.into()))
}
