//! What owners and members did.

use axum::extract::State;
use chrono::{DateTime, Utc};
use proto::enrollment as wire;
use serde::Serialize;
use utoipa::ToSchema;

use crate::auth::Caller;
use crate::error::Refusal;
use crate::json::{Json, Query};
use crate::platform::Shared;
use crate::wire::{Listing, Page, some, time};

/// One action.
#[derive(Serialize, ToSchema)]
pub(crate) struct AuditEntry {
    #[schema(value_type = Uuid)]
    id: String,
    /// Who; null for the platform itself.
    #[schema(value_type = Option<Uuid>)]
    member_id: Option<String>,
    /// `member_created`, `customer_erased`, …
    action: String,
    /// What it was done to.
    object_id: Option<String>,
    at: Option<DateTime<Utc>>,
}

impl From<wire::AuditEntry> for AuditEntry {
    fn from(entry: wire::AuditEntry) -> Self {
        Self {
            id: entry.audit_id,
            member_id: some(entry.member_id),
            action: entry.action,
            object_id: some(entry.object_id),
            at: time(entry.at),
        }
    }
}

/// What owners and members did, newest first.
#[utoipa::path(
    get, path = "/api/v1/audit", tag = "enrollment", operation_id = "listAudit", security(("bearer" = [])),
    params(Page), responses((status = 200, description = "A page", body = Listing<AuditEntry>))
)]
pub(crate) async fn list(
    State(platform): State<Shared>,
    caller: Caller,
    Query(page): Query<Page>,
) -> Result<Json<Listing<AuditEntry>>, Refusal> {
    let question = wire::ListAuditRequest {
        limit: page.limit.unwrap_or_default(),
        cursor: page.cursor.unwrap_or_default(),
    };
    let answer = platform.business().list_audit(caller.request(question)).await?.into_inner();
    Ok(Json(Listing::page(answer.entries, answer.next_cursor)))
}
