//! The months of tables that only grow: made ahead, so that no row waits for its place. Such a table is partitioned by range of
//! UTC time and has a default partition beside its months.

use chrono::{DateTime, Datelike, Months, NaiveDate, Utc};
use sqlx::{AssertSqlSafe, PgPool};

/// Makes the partitions of `tables` from two months back to three months ahead of `now`. Replicas may race: one does it.
pub async fn ensure(
    pool: &PgPool,
    schema: &str,
    tables: &[&str],
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    let mut tx = pool.begin().await?;
    let mine: bool = sqlx::query_scalar("select pg_try_advisory_xact_lock(hashtext($1), 1)")
        .bind(format!("{schema}.partition"))
        .fetch_one(&mut *tx)
        .await?;
    if !mine {
        return Ok(());
    }
    let this_month = NaiveDate::from_ymd_opt(now.year(), now.month(), 1).unwrap_or_default();
    for table in tables {
        let table = named(schema, table);
        for offset in 0..6 {
            let from = this_month - Months::new(2) + Months::new(offset);
            let to = from + Months::new(1);
            let statement = format!(
                "create table if not exists {table}_{} partition of {table}
                 for values from ('{from} 00:00:00+00') to ('{to} 00:00:00+00')",
                from.format("%Y_%m")
            );
            // Only checked words and dates of ours stand in this text.
            sqlx::raw_sql(AssertSqlSafe(statement)).execute(&mut *tx).await?;
        }
    }
    tx.commit().await
}

/// Rows that fell into no month's partition; anything but 0 means that [`ensure`] has not run for too long.
pub async fn strays(pool: &PgPool, schema: &str, table: &str) -> Result<i64, sqlx::Error> {
    let question = format!("select count(*) from {}_default", named(schema, table));
    sqlx::query_scalar(AssertSqlSafe(question)).fetch_one(pool).await
}

/// Shows how many whole months after this one have their place already; the catalogue is asked, not who made them.
pub async fn measure(
    pool: &PgPool,
    schema: &str,
    table: &str,
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    let ahead: i64 = sqlx::query_scalar(
        "select count(*) from pg_inherits join pg_class on pg_class.oid = inhrelid
         where inhparent = to_regclass($1) and relname ~ '_[0-9]{4}_[0-9]{2}$' and right(relname, 7) > $2",
    )
    .bind(named(schema, table))
    .bind(now.format("%Y_%m").to_string())
    .fetch_one(pool)
    .await?;
    metrics::gauge!("partition_months_ahead", "table" => named(schema, table)).set(ahead as f64);
    Ok(())
}

fn named(schema: &str, table: &str) -> String {
    let is_plain = |word: &str| word.bytes().all(|b| b.is_ascii_lowercase() || b == b'_');
    assert!(is_plain(schema) && is_plain(table), "schemas and tables are plain words");
    format!("{schema}.{table}")
}
