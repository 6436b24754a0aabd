//! The months of tables that only grow: made ahead, so that no row waits for its place, and taken out once they are older than
//! the policy says, at the cost of one short lock. Such a table is partitioned by range of UTC time and has a default partition
//! beside its months.

use std::time::Duration;

use chrono::{DateTime, Datelike, Months, NaiveDate, Utc};
use serde::Deserialize;
use sqlx::{AssertSqlSafe, PgConnection, PgPool};

/// How long a month waits for the statements before it, and whoever comes after it for both.
const PATIENCE: Duration = Duration::from_secs(1);
/// Fewer months than are made behind the running one would be made anew as soon as they are taken out.
const FEWEST_MONTHS: u32 = 3;

/// `lock_not_available` (PostgreSQL's manual, appendix A).
const IN_USE: &str = "55P03";
/// `undefined_table` and `undefined_object`: another replica has taken it out, or deleted it.
const GONE: &[&str] = &["42P01", "42704"];

/// How long the months of a table stay: a setting.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "Unchecked")]
pub struct Retention {
    /// Whole months before the running one; 0: all of them. What is read is checked: not fewer than are made behind it.
    pub months: u32,
    /// What becomes of the others.
    pub detached: Detached,
}

/// What becomes of a month that was taken out of its table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Detached {
    /// It is deleted.
    Drop,
    /// It stays beside its table, where nothing of ours reads it, until somebody has copied and deleted it.
    Keep,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Unchecked {
    months: u32,
    detached: Detached,
}

impl TryFrom<Unchecked> for Retention {
    type Error = String;

    fn try_from(Unchecked { months, detached }: Unchecked) -> Result<Self, String> {
        if (1..FEWEST_MONTHS).contains(&months) {
            return Err(format!("`months` is {months}; give 0 for all of them, or at least {FEWEST_MONTHS}"));
        }
        Ok(Self { months, detached })
    }
}

impl Retention {
    /// Nothing is ever taken out.
    pub const FOR_EVER: Self = Self { months: 0, detached: Detached::Keep };

    /// The first month that stays, as seen from `now`; none where all do.
    pub fn since(&self, now: DateTime<Utc>) -> Option<NaiveDate> {
        (self.months > 0).then(|| month_of(now) - Months::new(self.months))
    }
}

/// The present moment by whichever is earlier, a process's clock or the database's: what is deleted for its age must be old by
/// both, or one machine with a wrong date would take everything away.
pub async fn agreed(pool: &PgPool, ours: DateTime<Utc>) -> Result<DateTime<Utc>, sqlx::Error> {
    let theirs: DateTime<Utc> = sqlx::query_scalar("select clock_timestamp()").fetch_one(pool).await?;
    Ok(ours.min(theirs))
}

/// Makes the partitions of `tables` from two months back to three months ahead of `now`. One whose table somebody uses for long is
/// left to the next round, as is one that replicas race for: it is made months before it is needed. One that cannot be made keeps
/// no other from it; the first reason is returned.
pub async fn ensure(
    pool: &PgPool,
    schema: &str,
    tables: &[&str],
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    let (this_month, mut done) = (month_of(now), Ok(()));
    for table in tables {
        let table = named(schema, table);
        let made: Vec<String> =
            months(&mut *pool.acquire().await?, &table).await?.into_iter().map(|month| month.of).collect();
        for offset in 0..6 {
            let from = this_month - Months::new(2) + Months::new(offset);
            let (of, to) = (from.format("%Y_%m").to_string(), from + Months::new(1));
            if made.contains(&of) {
                continue;
            }
            let statement = format!(
                "create table if not exists {table}_{of} partition of {table}
                 for values from ('{from} 00:00:00+00') to ('{to} 00:00:00+00')"
            );
            done = done.and(at_once(pool, schema, &of, statement, &[]).await.map(drop));
        }
    }
    done
}

/// Takes the months out of `tables` that `retention` keeps no longer, and deletes them where it says so. A month that somebody
/// looks at stays until the next time. Returns how many were taken out. Replicas may race: one does it.
pub async fn detach(
    pool: &PgPool,
    schema: &str,
    tables: &[&str],
    retention: Retention,
    now: DateTime<Utc>,
) -> Result<usize, sqlx::Error> {
    let Some(since) = retention.since(now) else { return Ok(0) };
    let mut detached = 0;
    for table in tables {
        let table = named(schema, table);
        for month in months(&mut *pool.acquire().await?, &table).await? {
            if !month.is_before(since) {
                continue;
            }
            let Month { name, is_attached, .. } = month;
            // A default partition rules out `detach … concurrently`.
            let detach = format!("alter table {table} detach partition {schema}.{name}");
            if is_attached {
                if !at_once(pool, schema, &name, detach, GONE).await? {
                    continue;
                }
                tracing::info!(table, month = name, "a month was taken out, as its retention says");
                detached += 1;
            }
            if retention.detached == Detached::Drop
                && at_once(pool, schema, &name, format!("drop table {schema}.{name}"), GONE).await?
            {
                tracing::info!(table, month = name, "a month was deleted, as its retention says");
            }
        }
    }
    Ok(detached)
}

/// Does one thing to one month, at once or not in this round: whoever uses the table waits behind it. True if it was done. What is
/// refused for one of `also` waits as well.
async fn at_once(
    pool: &PgPool,
    schema: &str,
    month: &str,
    statement: String,
    also: &[&str],
) -> Result<bool, sqlx::Error> {
    let mut tx = pool.begin().await?;
    if !is_ours_to_do(&mut tx, schema).await? {
        return Ok(false);
    }
    let patience = format!("set local lock_timeout = {}", PATIENCE.as_millis());
    sqlx::raw_sql(AssertSqlSafe(patience)).execute(&mut *tx).await?;
    // Only checked words and dates of ours stand in this text.
    match sqlx::raw_sql(AssertSqlSafe(statement)).execute(&mut *tx).await {
        Err(sqlx::Error::Database(cause))
            if cause.code().is_some_and(|code| code == IN_USE || also.contains(&code.as_ref())) =>
        {
            tracing::warn!(schema, month, reason = cause.message(), "a month is left to the next round");
            Ok(false)
        }
        Err(error) => Err(error),
        Ok(_) => {
            tx.commit().await?;
            Ok(true)
        }
    }
}

/// Shows of each of `tables` how many whole months after this one have their place already, how many that `retention` keeps no
/// longer are still in it, how many stand beside it, and how many rows fell into no month's partition. The catalogue is asked,
/// not who made them.
pub async fn measure(
    pool: &PgPool,
    schema: &str,
    tables: &[&str],
    retention: Retention,
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    let mut db = pool.acquire().await?;
    let (next_month, since) = (month_of(now) + Months::new(1), retention.since(now));
    for table in tables {
        let table = named(schema, table);
        let (attached, detached): (Vec<_>, Vec<_>) =
            months(&mut db, &table).await?.into_iter().partition(|month| month.is_attached);
        let ahead = attached.iter().filter(|month| !month.is_before(next_month)).count();
        let overdue =
            attached.iter().filter(|month| since.is_some_and(|since| month.is_before(since))).count();
        // Empty unless nobody has kept house for months.
        let strays: i64 = sqlx::query_scalar(AssertSqlSafe(format!("select count(*) from {table}_default")))
            .fetch_one(&mut *db)
            .await?;
        metrics::gauge!("partition_months_ahead", "table" => table.clone()).set(ahead as f64);
        metrics::gauge!("partition_months_overdue", "table" => table.clone()).set(overdue as f64);
        metrics::gauge!("partition_months_detached", "table" => table.clone()).set(detached.len() as f64);
        metrics::gauge!("partition_stray_rows", "table" => table).set(strays as f64);
    }
    Ok(())
}

/// A month's table.
#[derive(sqlx::FromRow)]
struct Month {
    name: String,
    /// `2026_11`.
    of: String,
    /// Whether it is in the table that it is a month of, or beside it.
    is_attached: bool,
}

impl Month {
    fn is_before(&self, month: NaiveDate) -> bool {
        self.of < month.format("%Y_%m").to_string()
    }
}

/// The tables of the months of `table`, oldest first.
async fn months(db: &mut PgConnection, table: &str) -> Result<Vec<Month>, sqlx::Error> {
    sqlx::query_as(
        "select month.relname::text as name, right(month.relname, 7) as of, month.relispartition as is_attached from pg_class as month
         join pg_class as whole on whole.oid = to_regclass($1) and whole.relnamespace = month.relnamespace
         where month.relkind = 'r' and month.relname ~ ('^' || whole.relname || '_[0-9]{4}_[0-9]{2}$')
         order by month.relname",
    )
    .bind(table)
    .fetch_all(db)
    .await
}

async fn is_ours_to_do(db: &mut PgConnection, schema: &str) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar("select pg_try_advisory_xact_lock(hashtext($1), 1)")
        .bind(format!("{schema}.partition"))
        .fetch_one(db)
        .await
}

fn month_of(now: DateTime<Utc>) -> NaiveDate {
    NaiveDate::from_ymd_opt(now.year(), now.month(), 1).unwrap_or_default()
}

fn named(schema: &str, table: &str) -> String {
    let is_plain = |word: &str| word.bytes().all(|b| b.is_ascii_lowercase() || b == b'_');
    assert!(is_plain(schema) && is_plain(table), "schemas and tables are plain words");
    format!("{schema}.{table}")
}
