//! The people who work for a business.

use axum::extract::State;
use chrono::{DateTime, Utc};
use http::StatusCode;
use kernel::MemberId;
use proto::enrollment as wire;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::auth::Caller;
use crate::error::Refusal;
use crate::json::{Id, Json, cleared_or_set};
use crate::platform::Shared;
use crate::wire::{Listing, id_or_empty, present, some, time};

/// What a member may do, each including the ones after it: owner, manager, stamper.
#[derive(Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Role {
    Owner,
    Manager,
    Stamper,
}

impl Role {
    fn word(self) -> String {
        match self {
            Self::Owner => kernel::Role::Owner,
            Self::Manager => kernel::Role::Manager,
            Self::Stamper => kernel::Role::Stamper,
        }
        .as_str()
        .to_owned()
    }
}

/// A person who works for a business.
#[derive(Serialize, ToSchema)]
pub(crate) struct Member {
    #[schema(value_type = Uuid)]
    id: String,
    name: String,
    /// Null for members who enter by PIN only.
    email: Option<String>,
    #[schema(value_type = Role)]
    role: String,
    has_pin: bool,
    active: bool,
    /// Null: every shop.
    #[schema(value_type = Option<Uuid>)]
    location_id: Option<String>,
    created_at: Option<DateTime<Utc>>,
}

impl From<wire::Member> for Member {
    fn from(member: wire::Member) -> Self {
        Self {
            id: member.member_id,
            name: member.name,
            email: some(member.email),
            role: member.role,
            has_pin: member.has_pin,
            active: member.active,
            location_id: some(member.location_id),
            created_at: time(member.created_at),
        }
    }
}

/// The team.
#[utoipa::path(
    get, path = "/api/v1/members", tag = "enrollment", operation_id = "listMembers", security(("bearer" = [])),
    responses((status = 200, description = "All of them", body = Listing<Member>))
)]
pub(crate) async fn list(
    State(platform): State<Shared>,
    caller: Caller,
) -> Result<Json<Listing<Member>>, Refusal> {
    let answer = platform.business().list_members(caller.request(wire::ListMembersRequest {})).await?;
    Ok(Json(Listing::whole(answer.into_inner().members)))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewMember {
    name: String,
    role: Role,
    /// With a password: may sign in on the panel.
    #[serde(default)]
    email: Option<String>,
    #[serde(default)]
    password: Option<String>,
    /// 4 to 6 digits: may sign in on a paired till.
    #[serde(default)]
    pin: Option<String>,
    #[serde(default)]
    location_id: Option<Uuid>,
}

/// Adds a member.
#[utoipa::path(
    post, path = "/api/v1/members", tag = "enrollment", operation_id = "createMember", security(("bearer" = [])),
    request_body = NewMember,
    responses((status = 201, description = "The new member", body = Member),
        (status = 404, description = "There is no such location"),
        (status = 409, description = "The address is taken"))
)]
pub(crate) async fn create(
    State(platform): State<Shared>,
    caller: Caller,
    Json(body): Json<NewMember>,
) -> Result<(StatusCode, Json<Member>), Refusal> {
    let question = wire::CreateMemberRequest {
        name: body.name,
        role: body.role.word(),
        email: body.email.unwrap_or_default(),
        password: body.password.unwrap_or_default(),
        pin: body.pin.unwrap_or_default(),
        location_id: id_or_empty(body.location_id),
    };
    let answer = platform.business().create_member(caller.request(question)).await?;
    Ok((StatusCode::CREATED, Json(present(answer.into_inner().member)?.into())))
}

/// What changes; absent fields stay.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct MemberChange {
    #[serde(default)]
    name: Option<String>,
    #[serde(default)]
    role: Option<Role>,
    #[serde(default)]
    pin: Option<String>,
    /// Null: every shop.
    #[serde(default, deserialize_with = "cleared_or_set")]
    #[schema(value_type = Option<Uuid>)]
    location_id: Option<Option<Uuid>>,
    #[serde(default)]
    active: Option<bool>,
}

/// Changes a member.
#[utoipa::path(
    patch, path = "/api/v1/members/{id}", tag = "enrollment", operation_id = "updateMember",
    security(("bearer" = [])), params(("id" = Uuid, Path, description = "The member")), request_body = MemberChange,
    responses((status = 200, description = "The member as she is now", body = Member),
        (status = 409, description = "The last owner stays one"))
)]
pub(crate) async fn update(
    State(platform): State<Shared>,
    caller: Caller,
    Id(member): Id<MemberId>,
    Json(body): Json<MemberChange>,
) -> Result<Json<Member>, Refusal> {
    let question = wire::UpdateMemberRequest {
        member_id: member.to_string(),
        name: body.name,
        role: body.role.map(Role::word),
        pin: body.pin,
        location_id: body.location_id.map(id_or_empty),
        active: body.active,
    };
    let answer = platform.business().update_member(caller.request(question)).await?;
    Ok(Json(present(answer.into_inner().member)?.into()))
}

/// Takes a member off the team; what she did stays on the ledger.
#[utoipa::path(
    delete, path = "/api/v1/members/{id}", tag = "enrollment", operation_id = "deleteMember",
    security(("bearer" = [])), params(("id" = Uuid, Path, description = "The member")),
    responses((status = 204, description = "Gone"), (status = 409, description = "The last owner stays one"))
)]
pub(crate) async fn delete(
    State(platform): State<Shared>,
    caller: Caller,
    Id(member): Id<MemberId>,
) -> Result<StatusCode, Refusal> {
    let question = wire::DeleteMemberRequest { member_id: member.to_string() };
    platform.business().delete_member(caller.request(question)).await?;
    Ok(StatusCode::NO_CONTENT)
}
