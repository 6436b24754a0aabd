//! Addresses written to: for the pause between two messages, and for the tier.

use std::time::Duration;

use chrono::{DateTime, Utc};
use sqlx::{PgConnection, PgExecutor};
use uuid::Uuid;

use crate::domain::address::AddressHash;

/// An address and when it was written to.
pub(crate) struct Reached {
    pub address_hash: Vec<u8>,
    pub last_at: DateTime<Utc>,
    pub template_at: Option<DateTime<Utc>>,
}

/// What is known of these addresses.
pub(crate) async fn find(
    tx: &mut PgConnection,
    portfolio: &str,
    addresses: &[Vec<u8>],
) -> Result<Vec<Reached>, sqlx::Error> {
    sqlx::query_as!(
        Reached,
        "select address_hash, last_at, template_at from messaging.reached
         where portfolio = $1 and address_hash = any($2)",
        portfolio,
        addresses
    )
    .fetch_all(tx)
    .await
}

/// How many addresses count since then.
pub(crate) async fn counted(
    db: impl PgExecutor<'_>,
    portfolio: &str,
    since: DateTime<Utc>,
) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar!(
        r#"select count(*) as "count!" from messaging.reached where portfolio = $1 and template_at > $2"#,
        portfolio,
        since
    )
    .fetch_one(db)
    .await
}

/// They are written to now, by a template or freely.
pub(crate) async fn mark(
    tx: &mut PgConnection,
    portfolio: &str,
    addresses: &[AddressHash],
    by_template: &[bool],
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    let addresses: Vec<Vec<u8>> = addresses.iter().map(|address| address.to_vec()).collect();
    sqlx::query!(
        "insert into messaging.reached as known (portfolio, address_hash, last_at, template_at)
         select $1, marked.address_hash, $4, case when marked.by_template then $4::timestamptz end
         from unnest($2::bytea[], $3::boolean[]) as marked (address_hash, by_template)
         on conflict (portfolio, address_hash) do update
         set last_at = excluded.last_at, template_at = coalesce(excluded.template_at, known.template_at)",
        portfolio,
        &addresses,
        by_template,
        now
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// These messages were not handed over after all: whoever they are for was last written to no later than a pause before
/// their mark. Where somebody has written to her since, that stands; so does the tier's count, because the message is tried
/// again.
pub(crate) async fn unmark(
    tx: &mut PgConnection,
    messages: &[Uuid],
    pause: Duration,
) -> Result<(), sqlx::Error> {
    if messages.is_empty() {
        return Ok(());
    }
    sqlx::query!(
        "update messaging.reached as known set last_at = known.last_at - make_interval(secs => $2)
         from messaging.queue q
         join messaging.attempt a on a.attempt_id = q.attempt_id
         join messaging.sender s on s.sender_id = a.sender_id
         where q.message_id = any($1) and known.portfolio = s.portfolio and known.address_hash = q.address_hash
           and date_trunc('milliseconds', known.last_at) = a.created_at",
        messages,
        pause.as_secs_f64()
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// Templates sent by day, for the days since then, oldest first; days without any are left out. Nearly every one goes to
/// another address: marketing is once in seven days.
pub(crate) async fn by_day(
    db: impl PgExecutor<'_>,
    portfolio: &str,
    since: DateTime<Utc>,
) -> Result<Vec<(i32, i64)>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"select floor(extract(epoch from a.created_at - $2) / 86400)::int as "day!", count(*) as "count!"
           from messaging.attempt a join messaging.sender s on s.sender_id = a.sender_id
           where s.portfolio = $1 and a.created_at >= $2 and a.counts
           group by 1 order by 1"#,
        portfolio,
        since
    )
    .fetch_all(db)
    .await?;
    Ok(rows.into_iter().map(|row| (row.day, row.count)).collect())
}
