//! Paired tills, and the codes that pair them.

use chrono::{DateTime, Utc};
use kernel::{BusinessId, DeviceId, LocationId, MemberId};
use sqlx::PgExecutor;

use crate::domain::device::Device;
use crate::domain::token::TokenHash;

/// Writes a one-use code.
pub async fn insert_pairing(
    db: impl PgExecutor<'_>,
    business: BusinessId,
    location: Option<LocationId>,
    (code, member): (&TokenHash, MemberId),
    expires_at: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "insert into enrollment.pairing (code_hash, business_id, location_id, created_by, expires_at)
         values ($1, $2, $3, $4, $5)",
        code.as_slice(),
        business.as_uuid(),
        location.map(LocationId::as_uuid),
        member.as_uuid(),
        expires_at,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Uses a code up; the business, the location and who made it, if it was good.
pub async fn use_pairing(
    db: impl PgExecutor<'_>,
    code: &TokenHash,
    now: DateTime<Utc>,
) -> Result<Option<(BusinessId, Option<LocationId>, MemberId)>, sqlx::Error> {
    let row = sqlx::query!(
        r#"update enrollment.pairing set used_at = $2
           where code_hash = $1 and used_at is null and expires_at > $2
           returning business_id as "business_id: BusinessId", location_id as "location_id: LocationId",
                     created_by as "created_by: MemberId""#,
        code.as_slice(),
        now,
    )
    .fetch_optional(db)
    .await?;
    Ok(row.map(|row| (row.business_id, row.location_id, row.created_by)))
}

/// Writes a new till.
pub async fn insert(
    db: impl PgExecutor<'_>,
    device: &Device,
    token: &TokenHash,
    public_key: Option<&[u8]>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "insert into enrollment.device
             (device_id, business_id, location_id, name, token_hash, public_key, paired_at, last_seen_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8)",
        device.id.as_uuid(),
        device.business.as_uuid(),
        device.location.map(LocationId::as_uuid),
        device.name,
        token.as_slice(),
        public_key,
        device.paired_at,
        device.last_seen_at,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// The paired tills of a business, oldest first.
pub async fn all(db: impl PgExecutor<'_>, business: BusinessId) -> Result<Vec<Device>, sqlx::Error> {
    sqlx::query_as!(
        Device,
        r#"select device_id as "id: _", business_id as "business: _", name, location_id as "location: _",
                  paired_at, last_seen_at
           from enrollment.device where business_id = $1 and unpaired_at is null order by device_id"#,
        business.as_uuid(),
    )
    .fetch_all(db)
    .await
}

/// The paired till that bears this token. The token says which business, so none is named here.
pub async fn by_token(db: impl PgExecutor<'_>, token: &TokenHash) -> Result<Option<Device>, sqlx::Error> {
    sqlx::query_as!(
        Device,
        r#"select device_id as "id: _", business_id as "business: _", name, location_id as "location: _",
                  paired_at, last_seen_at
           from enrollment.device where token_hash = $1 and unpaired_at is null"#,
        token.as_slice(),
    )
    .fetch_optional(db)
    .await
}

/// Unpairs a till; false where it was not paired.
pub async fn unpair(
    db: impl PgExecutor<'_>,
    business: BusinessId,
    device: DeviceId,
    now: DateTime<Utc>,
) -> Result<bool, sqlx::Error> {
    let done = sqlx::query!(
        "update enrollment.device set unpaired_at = $3
         where business_id = $1 and device_id = $2 and unpaired_at is null",
        business.as_uuid(),
        device.as_uuid(),
        now,
    )
    .execute(db)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Notes that somebody signed in on a till.
pub async fn seen(
    db: impl PgExecutor<'_>,
    business: BusinessId,
    device: DeviceId,
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update enrollment.device set last_seen_at = $3 where business_id = $1 and device_id = $2",
        business.as_uuid(),
        device.as_uuid(),
        now,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// The key a paired till signs with (absent: it never works offline), and where it stands.
pub async fn key(
    db: impl PgExecutor<'_>,
    business: BusinessId,
    device: DeviceId,
) -> Result<Option<(Option<Vec<u8>>, Option<LocationId>)>, sqlx::Error> {
    let row = sqlx::query!(
        r#"select public_key, location_id as "location_id: LocationId" from enrollment.device
           where business_id = $1 and device_id = $2 and unpaired_at is null"#,
        business.as_uuid(),
        device.as_uuid(),
    )
    .fetch_optional(db)
    .await?;
    Ok(row.map(|row| (row.public_key, row.location_id)))
}
