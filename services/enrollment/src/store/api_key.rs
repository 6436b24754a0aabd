//! The keys of shops' own systems.

use chrono::{DateTime, Utc};
use kernel::{ApiKeyId, BusinessId};
use sqlx::PgExecutor;

use crate::domain::credentials::ApiKey;
use crate::domain::token::TokenHash;

/// Writes a new key.
pub async fn insert(
    db: impl PgExecutor<'_>,
    business: BusinessId,
    key: &ApiKey,
    hash: &TokenHash,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "insert into enrollment.api_key (api_key_id, business_id, name, prefix, key_hash, created_at)
         values ($1, $2, $3, $4, $5, $6)",
        key.id.as_uuid(),
        business.as_uuid(),
        key.name,
        key.prefix,
        hash.as_slice(),
        key.created_at,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// The keys of a business, oldest first.
pub async fn all(db: impl PgExecutor<'_>, business: BusinessId) -> Result<Vec<ApiKey>, sqlx::Error> {
    sqlx::query_as!(
        ApiKey,
        r#"select api_key_id as "id: _", name, prefix, created_at, last_used_at from enrollment.api_key
           where business_id = $1 and deleted_at is null order by api_key_id"#,
        business.as_uuid(),
    )
    .fetch_all(db)
    .await
}

/// Takes a key out of use; false where there is no such key.
pub async fn delete(
    db: impl PgExecutor<'_>,
    business: BusinessId,
    key: ApiKeyId,
    now: DateTime<Utc>,
) -> Result<bool, sqlx::Error> {
    let done = sqlx::query!(
        "update enrollment.api_key set deleted_at = $3
         where business_id = $1 and api_key_id = $2 and deleted_at is null",
        business.as_uuid(),
        key.as_uuid(),
        now,
    )
    .execute(db)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Notes the use of a key and tells whose it is. The key says which business, so none is named here.
pub async fn used(
    db: impl PgExecutor<'_>,
    hash: &TokenHash,
    now: DateTime<Utc>,
) -> Result<Option<(BusinessId, ApiKeyId)>, sqlx::Error> {
    let row = sqlx::query!(
        r#"update enrollment.api_key set last_used_at = $2 where key_hash = $1 and deleted_at is null
           returning business_id as "business_id: BusinessId", api_key_id as "api_key_id: ApiKeyId""#,
        hash.as_slice(),
        now,
    )
    .fetch_optional(db)
    .await?;
    Ok(row.map(|row| (row.business_id, row.api_key_id)))
}
