//! Sign-ins and their refresh tokens.

use chrono::{DateTime, Utc};
use kernel::{BusinessId, DeviceId, LocationId, MemberId, Role};
use sqlx::PgExecutor;
use uuid::Uuid;

use crate::domain::refresh::Shown;
use crate::domain::token::TokenHash;

/// A sign-in that begins.
#[derive(Clone, Copy, Debug)]
pub struct NewSession {
    /// Its id, the family of its tokens.
    pub id: Uuid,
    /// Whose business.
    pub business: BusinessId,
    /// Who.
    pub member: MemberId,
    /// On which till, by PIN.
    pub device: Option<DeviceId>,
    /// When it ends by itself.
    pub expires_at: DateTime<Utc>,
}

/// Writes a sign-in.
pub async fn insert(
    db: impl PgExecutor<'_>,
    session: &NewSession,
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "insert into enrollment.session (session_id, business_id, member_id, device_id, expires_at, created_at)
         values ($1, $2, $3, $4, $5, $6)",
        session.id,
        session.business.as_uuid(),
        session.member.as_uuid(),
        session.device.map(DeviceId::as_uuid),
        session.expires_at,
        now,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Writes a refresh token of a sign-in.
pub async fn insert_token(
    db: impl PgExecutor<'_>,
    session: Uuid,
    token: &TokenHash,
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "insert into enrollment.refresh_token (token_hash, session_id, issued_at) values ($1, $2, $3)",
        token.as_slice(),
        session,
        now,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Locks the sign-in a token belongs to, so that two uses of it come one after the other.
pub async fn lock_by_token(db: impl PgExecutor<'_>, token: &TokenHash) -> Result<Option<Uuid>, sqlx::Error> {
    sqlx::query_scalar!(
        "select session_id from enrollment.session
         where session_id = (select session_id from enrollment.refresh_token where token_hash = $1)
         for update",
        token.as_slice(),
    )
    .fetch_optional(db)
    .await
}

/// A sign-in with who it is for, as they stand now.
#[derive(Clone, Debug)]
pub struct Session {
    /// Whose business.
    pub business: BusinessId,
    /// Who.
    pub member: MemberId,
    /// What she may do.
    pub role: Role,
    /// On which till.
    pub device: Option<DeviceId>,
    /// Where that till stands.
    pub location: Option<LocationId>,
    /// When it ends by itself.
    pub expires_at: DateTime<Utc>,
    /// Not revoked, she is active, and the till is still paired.
    pub live: bool,
    /// What is known of the token that was shown.
    pub shown: Shown,
}

/// Reads a locked sign-in and the token of it that was shown.
pub async fn read(db: impl PgExecutor<'_>, session: Uuid, token: &TokenHash) -> Result<Session, sqlx::Error> {
    let row = sqlx::query!(
        r#"select session.business_id as "business_id: BusinessId", session.member_id as "member_id: MemberId",
                  member.role, session.device_id as "device_id: DeviceId",
                  device.location_id as "location_id?: LocationId", session.expires_at,
                  (session.revoked_at is null and member.active and member.deleted_at is null
                      and device.unpaired_at is null) as "live!",
                  token.used_at, successor.used_at is not null as "successor_used!"
           from enrollment.session as session
           join enrollment.member as member on member.member_id = session.member_id
           left join enrollment.device as device on device.device_id = session.device_id
           join enrollment.refresh_token as token on token.session_id = session.session_id
           left join enrollment.refresh_token as successor on successor.token_hash = token.successor_hash
           where session.session_id = $1 and token.token_hash = $2"#,
        session,
        token.as_slice(),
    )
    .fetch_one(db)
    .await?;
    Ok(Session {
        business: row.business_id,
        member: row.member_id,
        role: Role::from_word(&row.role).unwrap_or(Role::Stamper),
        device: row.device_id,
        location: row.location_id,
        expires_at: row.expires_at,
        live: row.live,
        shown: Shown { used_at: row.used_at, successor_used: row.successor_used },
    })
}

/// Marks a token as used and names what follows it; the sign-in now ends at `expires_at`.
pub async fn mark_used(
    db: impl PgExecutor<'_>,
    session: Uuid,
    token: &TokenHash,
    successor: &TokenHash,
    (now, expires_at): (DateTime<Utc>, DateTime<Utc>),
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "with used as (
             update enrollment.refresh_token set used_at = $4, successor_hash = $3 where token_hash = $2
         )
         update enrollment.session set expires_at = $5 where session_id = $1",
        session,
        token.as_slice(),
        successor.as_slice(),
        now,
        expires_at,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Ends one sign-in.
pub async fn revoke(db: impl PgExecutor<'_>, session: Uuid, now: DateTime<Utc>) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update enrollment.session set revoked_at = $2 where session_id = $1 and revoked_at is null",
        session,
        now,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Ends every sign-in of a member.
pub async fn revoke_of_member(
    db: impl PgExecutor<'_>,
    business: BusinessId,
    member: MemberId,
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update enrollment.session set revoked_at = $3
         where business_id = $1 and member_id = $2 and revoked_at is null",
        business.as_uuid(),
        member.as_uuid(),
        now,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Ends every sign-in on a till.
pub async fn revoke_on_device(
    db: impl PgExecutor<'_>,
    business: BusinessId,
    device: DeviceId,
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update enrollment.session set revoked_at = $3
         where business_id = $1 and device_id = $2 and revoked_at is null",
        business.as_uuid(),
        device.as_uuid(),
        now,
    )
    .execute(db)
    .await?;
    Ok(())
}
