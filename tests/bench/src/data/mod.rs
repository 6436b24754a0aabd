//! A year of the growth plan as data: its businesses, their customers, and every stamp of the last twelve months. What is true
//! is written by COPY, figures are added up from it. Rows of passage (operations, outboxes, inboxes) and what campaigns and wallets
//! keep are left empty.

mod figures;
mod life;
mod rows;

use std::sync::Arc;
use std::time::Instant;

use anyhow::{Context, ensure};
use chrono::{DateTime, Datelike, Months, NaiveDate, Utc};
use futures::future::try_join_all;
use growth::{Assumptions, Year};
use sqlx::{AssertSqlSafe, Connection, PgConnection, Row};

use crate::platform::Platform;
use crate::shop::Shop;
use rows::{Common, TABLES, Text};

/// Connections that write.
const WRITERS: u64 = 2;
/// Businesses whose rows are gathered before they are written.
const GATHERED: u64 = 40;
/// What large sums may take of memory.
const SETTINGS: &str =
    "set work_mem = '512MB'; set maintenance_work_mem = '512MB'; set session_replication_role = replica";

/// How the customers of a shop behave.
#[derive(Clone, Copy)]
struct Model {
    customers: u64,
    active: f64,
    visits: f64,
    redeemed: f64,
}

impl Model {
    fn planned() -> Self {
        let assumed = Assumptions::PLANNED;
        Self {
            customers: assumed.customers_per_business.value as u64,
            active: assumed.active_customers.value,
            visits: assumed.visits.value * 12.0,
            redeemed: assumed.redeemed.value,
        }
    }
}

/// What was made.
pub(crate) struct Filled {
    /// Businesses.
    pub(crate) businesses: u64,
    /// Their customers; each holds a card.
    pub(crate) customers: u64,
    /// Entries of the ledger.
    pub(crate) stamps: u64,
    /// How long it took.
    pub(crate) seconds: f64,
    /// How large the database is.
    pub(crate) megabytes: i64,
}

/// The address of the owner of a business of this number.
pub(crate) fn owner(number: u64) -> String {
    format!("tienda-{number}@example.com")
}

/// Makes the data of a year in an empty platform.
pub(crate) async fn fill(platform: &Platform, year: Year) -> anyhow::Result<Filled> {
    let begun = Instant::now();
    // One shop comes by the front door, and lends the others what only services can make.
    Shop::open(platform, 0).await?;
    let url = platform.postgres_url()?;
    let mut database = connect(&url).await?;
    let lent = sqlx::query(
        "select m.password_hash, v.definition::text as definition from enrollment.member m, stamping.program_version v
         where m.password_hash is not null limit 1",
    )
    .fetch_one(&mut database)
    .await
    .context("the first shop is not there")?;
    let now = Utc::now();
    let common = Arc::new(Common {
        password_hash: lent.get("password_hash"),
        definition: lent.get::<String, _>("definition").replace('\\', "\\\\"),
        end: life::year_end(now),
        model: Model::planned(),
    });
    let months = months(life::year_begin(common.end), now);
    make_months(&mut database, &months).await?;
    let businesses = year.businesses();
    let writing = (0..WRITERS).map(|writer| {
        let (common, url) = (Arc::clone(&common), url.clone());
        tokio::spawn(async move { write(&url, &common, writer, businesses).await })
    });
    let mut stamps = 0;
    for written in try_join_all(writing).await? {
        stamps += written?;
    }
    let adding = figures::FIGURES.map(|statements| add_up(&url, statements));
    try_join_all(adding).await?;
    // What was just written is read once by the database itself, and not by whoever asks first.
    for statement in ["vacuum (analyze)", "checkpoint"] {
        sqlx::raw_sql(statement).execute(&mut database).await?;
    }
    let drift: i64 = sqlx::query_scalar(AssertSqlSafe(format!("select ({})::bigint", figures::DRIFT)))
        .fetch_one(&mut database)
        .await?;
    ensure!(drift == 0, "the data of year {} do not add up: drift {drift}", year.number());
    let bytes: i64 =
        sqlx::query_scalar("select pg_database_size(current_database())").fetch_one(&mut database).await?;
    Ok(Filled {
        businesses,
        customers: businesses * common.model.customers,
        stamps,
        seconds: begun.elapsed().as_secs_f64(),
        megabytes: bytes / 1_000_000,
    })
}

async fn connect(url: &str) -> anyhow::Result<PgConnection> {
    let mut database = PgConnection::connect(url).await?;
    sqlx::raw_sql(SETTINGS).execute(&mut database).await?;
    Ok(database)
}

async fn add_up(url: &str, statements: &[&'static str]) -> anyhow::Result<()> {
    let mut database = connect(url).await?;
    for statement in statements {
        sqlx::raw_sql(*statement).execute(&mut database).await?;
    }
    Ok(database.close().await?)
}

/// The first days of the months from one moment to another.
fn months(from: DateTime<Utc>, to: DateTime<Utc>) -> Vec<NaiveDate> {
    let first = NaiveDate::from_ymd_opt(from.year(), from.month(), 1).unwrap_or_default();
    (0..).map(|offset| first + Months::new(offset)).take_while(|month| *month <= to.date_naive()).collect()
}

/// The months of the ledger that its service has not made, since it looks ahead.
async fn make_months(database: &mut PgConnection, months: &[NaiveDate]) -> anyhow::Result<()> {
    sqlx::raw_sql("set role sello_stamping").execute(&mut *database).await?;
    for month in months {
        let statement = format!(
            "create table if not exists stamping.stamp_{} partition of stamping.stamp
             for values from ('{month} 00:00:00+00') to ('{} 00:00:00+00')",
            month.format("%Y_%m"),
            *month + Months::new(1)
        );
        sqlx::raw_sql(AssertSqlSafe(statement)).execute(&mut *database).await?;
    }
    sqlx::raw_sql("reset role").execute(database).await?;
    Ok(())
}

/// Writes every so many-th part of the businesses; how many stamps.
async fn write(url: &str, common: &Common, writer: u64, businesses: u64) -> anyhow::Result<u64> {
    let mut database = connect(url).await?;
    let share = businesses.div_ceil(WRITERS);
    let (mut stamps, mut text) = (0, Text::default());
    let (from, to) = (writer * share, ((writer + 1) * share).min(businesses));
    for number in from..to {
        stamps += rows::business(&mut text, common, number);
        if (number + 1 - from) % GATHERED == 0 || number + 1 == to {
            // All of a business at once: the platform runs, and looks for cards that differ from their ledgers.
            let mut all = database.begin().await?;
            for ((table, columns), rows) in TABLES.iter().zip(&mut text) {
                let mut copy = all.copy_in_raw(&format!("copy {table} ({columns}) from stdin")).await?;
                copy.send(rows.as_bytes()).await?;
                copy.finish().await.with_context(|| format!("{table} does not take its rows"))?;
                rows.clear();
            }
            all.commit().await?;
        }
    }
    database.close().await?;
    Ok(stamps)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_month_that_the_year_touches_has_its_place() {
        let at = |text: &str| text.parse::<DateTime<Utc>>().unwrap();
        let months = months(at("2025-11-26T05:00:00Z"), at("2026-11-01T00:00:00Z"));
        assert_eq!(months.len(), 13);
        assert_eq!(months.first().map(ToString::to_string).as_deref(), Some("2025-11-01"));
        assert_eq!(months.last().map(ToString::to_string).as_deref(), Some("2026-11-01"));
    }
}
