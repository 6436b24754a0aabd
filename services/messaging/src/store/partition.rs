//! The months of messages and attempts.

use chrono::{DateTime, Datelike, Months, NaiveDate, Utc};
use sqlx::{AssertSqlSafe, PgPool, Row};

/// Makes the partitions from two months back to three months ahead of `now`. Replicas may race: one does it.
pub(crate) async fn ensure(pool: &PgPool, now: DateTime<Utc>) -> Result<(), sqlx::Error> {
    let mut tx = pool.begin().await?;
    let mine: bool = sqlx::query_scalar!(
        r#"select pg_try_advisory_xact_lock(hashtext('messaging.partition'), 1) as "mine!""#
    )
    .fetch_one(&mut *tx)
    .await?;
    if !mine {
        return Ok(());
    }
    let this_month = NaiveDate::from_ymd_opt(now.year(), now.month(), 1).unwrap_or_default();
    for table in ["message", "attempt"] {
        for offset in 0..6 {
            let from = this_month - Months::new(2) + Months::new(offset);
            let to = from + Months::new(1);
            // Only words and dates of ours stand in this text.
            let statement = format!(
                "create table if not exists messaging.{table}_{} partition of messaging.{table}
                 for values from ('{from} 00:00:00+00') to ('{to} 00:00:00+00')",
                from.format("%Y_%m")
            );
            sqlx::raw_sql(AssertSqlSafe(statement)).execute(&mut *tx).await?;
        }
    }
    tx.commit().await
}

/// Messages that fell into no month's partition; anything but 0 means that [`ensure`] has not run for too long.
pub(crate) async fn strays(pool: &PgPool) -> Result<i64, sqlx::Error> {
    sqlx::query("select count(*) from messaging.message_default").fetch_one(pool).await?.try_get(0)
}
