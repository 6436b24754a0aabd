//! Whether the projection is being made anew, and its beginning and its end.

use chrono::{DateTime, Utc};
use kernel::{BusinessId, CustomerId};
use sqlx::{PgConnection, PgPool};
use uuid::Uuid;

/// Shared by whoever is about to write to customers, held alone by whoever begins to forget them: nobody finds half of them.
const WRITING: i64 = 0x5e11_ca3b;

/// Whether it is being made anew; where it is not, that does not begin before the transaction ends.
pub(crate) async fn is_under_way(tx: &mut PgConnection) -> Result<bool, sqlx::Error> {
    sqlx::query!("select pg_advisory_xact_lock_shared($1)", WRITING).execute(&mut *tx).await?;
    sqlx::query_scalar!(r#"select exists(select from campaign.rebuild) as "is_under_way!""#)
        .fetch_one(tx)
        .await
}

/// Since when it is being made anew.
pub(crate) async fn begun_at(pool: &PgPool) -> Result<Option<DateTime<Utc>>, sqlx::Error> {
    sqlx::query_scalar!("select begun_at from campaign.rebuild").fetch_optional(pool).await
}

/// Forgets who customers are, but for who wants no more, and what else owners tell anew. What was received stays known, so
/// that nothing counts again beside what is told.
pub(crate) async fn begin(tx: &mut PgConnection, now: DateTime<Utc>) -> Result<(), sqlx::Error> {
    sqlx::query!("select pg_advisory_xact_lock($1)", WRITING).execute(&mut *tx).await?;
    sqlx::query!(
        "insert into campaign.rebuild (begun_at) values ($1)
         on conflict on constraint rebuild_pk do update set begun_at = excluded.begun_at",
        now
    )
    .execute(&mut *tx)
    .await?;
    // Nobody is to say so between being read and being forgotten.
    sqlx::query!("lock table campaign.audience in access exclusive mode").execute(&mut *tx).await?;
    let opted_out = sqlx::query!(
        r#"select business_id as "business: BusinessId", customer_id as "customer: CustomerId",
                  opted_out_at as "opted_out_at!"
           from campaign.audience where opted_out_at is not null"#
    )
    .fetch_all(&mut *tx)
    .await?;
    sqlx::query!("truncate campaign.audience, campaign.program").execute(&mut *tx).await?;
    let (businesses, customers): (Vec<Uuid>, Vec<Uuid>) =
        opted_out.iter().map(|row| (row.business.as_uuid(), row.customer.as_uuid())).unzip();
    let at: Vec<DateTime<Utc>> = opted_out.iter().map(|row| row.opted_out_at).collect();
    sqlx::query!(
        "insert into campaign.audience (business_id, customer_id, opted_out_at)
         select * from unnest($1::uuid[], $2::uuid[], $3::timestamptz[])",
        &businesses,
        &customers,
        &at,
    )
    .execute(&mut *tx)
    .await?;
    // What messaging holds, only messaging tells.
    sqlx::query!(
        "update campaign.business
         set time_zone = default, version = default, purchases = 0, purchases_cents = 0,
             mean_gap_days = null, regularity = null, rhythm_at = null"
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// Everything has been told.
pub(crate) async fn end(tx: &mut PgConnection) -> Result<(), sqlx::Error> {
    sqlx::query!("delete from campaign.rebuild").execute(tx).await?;
    Ok(())
}
