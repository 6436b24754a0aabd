//! Senders, their portfolios, and what of each one's last second is taken.

use chrono::{DateTime, Utc};
use kernel::BusinessId;
use sqlx::{PgConnection, PgExecutor, PgPool};
use uuid::Uuid;

/// A sender with its portfolio's tier.
#[derive(Clone, Debug)]
pub(crate) struct Sender {
    pub sender: Uuid,
    pub phone: String,
    pub portfolio: String,
    pub per_second: i32,
    pub circuit: String,
    pub quality_state: String,
    pub quality_reason: String,
    /// Slowed: no marketing by it before then.
    pub marketing_after: Option<DateTime<Utc>>,
    pub tier: i64,
    pub full_until: Option<DateTime<Utc>>,
    pub businesses: i64,
}

/// Where a sender's pace stands.
pub(crate) struct Pace {
    /// Until when its places are taken.
    pub taken_until: Vec<DateTime<Utc>>,
    /// The database's clock.
    pub now: DateTime<Utc>,
    pub virtual_first: i64,
    pub virtual_marketing: i64,
}

/// Every sender, or one.
pub(crate) async fn list(db: impl PgExecutor<'_>, only: Option<Uuid>) -> Result<Vec<Sender>, sqlx::Error> {
    sqlx::query_as!(
        Sender,
        r#"select s.sender_id as sender, s.phone, s.portfolio, s.messages_per_second as per_second, s.circuit,
                  s.quality_state, s.quality_reason, s.marketing_after, p.tier, p.full_until,
                  (select count(*) from messaging.business b
                   where b.sender_id = s.sender_id and b.status = 'approved') as "businesses!"
           from messaging.sender s join messaging.portfolio p using (portfolio)
           where $1::uuid is null or s.sender_id = $1
           order by s.created_at, s.sender_id"#,
        only
    )
    .fetch_all(db)
    .await
}

/// The sender of a number.
pub(crate) async fn by_phone(db: impl PgExecutor<'_>, phone: &str) -> Result<Option<Uuid>, sqlx::Error> {
    sqlx::query_scalar!("select sender_id from messaging.sender where phone = $1", phone)
        .fetch_optional(db)
        .await
}

/// Makes a portfolio, or gives it another tier.
pub(crate) async fn put_portfolio(
    tx: &mut PgConnection,
    portfolio: &str,
    tier: Option<i64>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "insert into messaging.portfolio as known (portfolio, tier) values ($1, coalesce($2::bigint, 250))
         on conflict (portfolio) do update
         set tier = coalesce($2, known.tier), full_until = case when $2 is null then known.full_until end",
        portfolio,
        tier
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// Makes a sender.
pub(crate) async fn insert(
    tx: &mut PgConnection,
    sender: Uuid,
    (phone, portfolio): (&str, &str),
    per_second: i32,
    now: DateTime<Utc>,
) -> Result<bool, sqlx::Error> {
    let made = sqlx::query!(
        "insert into messaging.sender (sender_id, phone, portfolio, messages_per_second, created_at)
         values ($1, $2, $3, $4, $5) on conflict (phone) do nothing",
        sender,
        phone,
        portfolio,
        per_second,
        now
    )
    .execute(tx)
    .await?;
    Ok(made.rows_affected() > 0)
}

/// Changes what is given.
pub(crate) async fn update(
    tx: &mut PgConnection,
    sender: Uuid,
    (phone, portfolio): (Option<&str>, Option<&str>),
    per_second: Option<i32>,
) -> Result<bool, sqlx::Error> {
    let changed = sqlx::query!(
        "update messaging.sender
         set phone = coalesce($2, phone), portfolio = coalesce($3, portfolio),
             messages_per_second = coalesce($4, messages_per_second)
         where sender_id = $1",
        sender,
        phone,
        portfolio,
        per_second
    )
    .execute(tx)
    .await?;
    Ok(changed.rows_affected() > 0)
}

/// How its circuit stands, for whoever asks another replica. Half open is no news of the provider, only of a pause that is over: where
/// somebody has been answered meanwhile it stays closed.
pub(crate) async fn set_circuit(pool: &PgPool, sender: Uuid, word: &str) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update messaging.sender set circuit = $2
         where sender_id = $1 and circuit <> $2 and not (circuit = 'closed' and $2 = 'half_open')",
        sender,
        word
    )
    .execute(pool)
    .await?;
    Ok(())
}

/// Holds the pace until the transaction ends; the sender's rate.
pub(crate) async fn lock(tx: &mut PgConnection, sender: Uuid) -> Result<i32, sqlx::Error> {
    sqlx::query_scalar!(
        "select messages_per_second from messaging.sender where sender_id = $1 for update",
        sender
    )
    .fetch_one(tx)
    .await
}

/// How the pace stands. For whoever holds it the clock is read now, and not when the wait for the lock began.
pub(crate) async fn pace(db: impl PgExecutor<'_>, sender: Uuid) -> Result<Pace, sqlx::Error> {
    sqlx::query_as!(
        Pace,
        r#"select taken_until, clock_timestamp() as "now!", virtual_first, virtual_marketing
           from messaging.sender where sender_id = $1"#,
        sender
    )
    .fetch_one(db)
    .await
}

/// Until when its places are taken from now on.
pub(crate) async fn set_taken(
    tx: &mut PgConnection,
    sender: Uuid,
    taken_until: &[DateTime<Utc>],
) -> Result<(), sqlx::Error> {
    sqlx::query!("update messaging.sender set taken_until = $2 where sender_id = $1", sender, taken_until)
        .execute(tx)
        .await?;
    Ok(())
}

/// The fair queue of a lane has come so far.
pub(crate) async fn set_clock(pool: &PgPool, sender: Uuid, lane: i16, clock: i64) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update messaging.sender
         set virtual_first = case when $2 = 0 then greatest(virtual_first, $3) else virtual_first end,
             virtual_marketing = case when $2 = 1 then greatest(virtual_marketing, $3) else virtual_marketing end
         where sender_id = $1",
        sender,
        i32::from(lane),
        clock
    )
    .execute(pool)
    .await?;
    Ok(())
}

/// It is slowed: no marketing of any of its businesses before then. False where another replica has just begun its pause.
pub(crate) async fn pause_marketing(
    pool: &PgPool,
    sender: Uuid,
    until: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<bool, sqlx::Error> {
    let paused = sqlx::query!(
        "update messaging.sender set marketing_after = $2
         where sender_id = $1 and (marketing_after is null or marketing_after <= $3)",
        sender,
        until,
        now
    )
    .execute(pool)
    .await?;
    Ok(paused.rows_affected() > 0)
}

/// Locks a portfolio; its tier.
pub(crate) async fn lock_portfolio(tx: &mut PgConnection, portfolio: &str) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar!("select tier from messaging.portfolio where portfolio = $1 for update", portfolio)
        .fetch_one(tx)
        .await
}

/// Its tier is used up until then.
pub(crate) async fn set_full(
    tx: &mut PgConnection,
    portfolio: &str,
    until: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!("update messaging.portfolio set full_until = $2 where portfolio = $1", portfolio, until)
        .execute(tx)
        .await?;
    Ok(())
}

/// A business's message was not sent: the tier of its number is not taken for full, until somebody finds that out again.
pub(crate) async fn open_again(pool: &PgPool, business: BusinessId) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update messaging.portfolio as of_hers set full_until = null
         from messaging.business join messaging.sender using (sender_id)
         where business.business_id = $1 and of_hers.portfolio = sender.portfolio",
        business.as_uuid()
    )
    .execute(pool)
    .await?;
    Ok(())
}

#[cfg(test)]
mod tests;
