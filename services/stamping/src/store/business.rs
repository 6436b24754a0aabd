//! What stamping keeps of businesses.

use kernel::BusinessId;
use sqlx::{PgConnection, PgExecutor};

/// The zone of a business, if an event has told it yet.
pub(crate) async fn time_zone(
    db: impl PgExecutor<'_>,
    business: BusinessId,
) -> Result<Option<String>, sqlx::Error> {
    sqlx::query_scalar!("select time_zone from stamping.business where business_id = $1", business.as_uuid())
        .fetch_optional(db)
        .await
}

/// Keeps the newest zone; an older version changes nothing.
pub(crate) async fn put(
    tx: &mut PgConnection,
    business: BusinessId,
    time_zone: &str,
    version: i64,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "insert into stamping.business (business_id, time_zone, version) values ($1, $2, $3)
         on conflict on constraint business_pk do update
         set time_zone = excluded.time_zone, version = excluded.version
         where stamping.business.version < excluded.version",
        business.as_uuid(),
        time_zone,
        version
    )
    .execute(tx)
    .await?;
    Ok(())
}
