//! What owners and members did. Rows are only added.

use chrono::{DateTime, Utc};
use kernel::{BusinessId, MemberId};
use sqlx::PgExecutor;
use uuid::Uuid;

/// One thing that was done.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Its id; later ones sort later.
    pub id: Uuid,
    /// Who did it; absent: the operator, or the system itself.
    pub member: Option<MemberId>,
    /// What was done, as a stable word.
    pub action: String,
    /// To what.
    pub object: Option<Uuid>,
    /// When.
    pub at: DateTime<Utc>,
}

/// Writes one thing that is being done in this transaction.
pub async fn write(
    db: impl PgExecutor<'_>,
    business: BusinessId,
    member: Option<MemberId>,
    (action, object): (&'static str, Option<Uuid>),
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "insert into enrollment.audit (audit_id, business_id, member_id, action, object_id, at)
         values ($1, $2, $3, $4, $5, $6)",
        Uuid::now_v7(),
        business.as_uuid(),
        member.map(MemberId::as_uuid),
        action,
        object,
        now,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// What was done in a business, newest first, before `cursor`.
pub async fn list(
    db: impl PgExecutor<'_>,
    business: BusinessId,
    cursor: Option<Uuid>,
    limit: i64,
) -> Result<Vec<Entry>, sqlx::Error> {
    sqlx::query_as!(
        Entry,
        r#"select audit_id as id, member_id as "member: _", action, object_id as object, at
           from enrollment.audit
           where business_id = $1 and ($2::uuid is null or audit_id < $2)
           order by audit_id desc limit $3"#,
        business.as_uuid(),
        cursor,
        limit,
    )
    .fetch_all(db)
    .await
}
