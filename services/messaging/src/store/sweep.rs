//! What time alone brings about: leases that ended, messages that are too old, campaigns that were canceled.

use chrono::{DateTime, Utc};
use kernel::MessageId;
use sqlx::{PgConnection, PgPool};

/// A message to be dealt with.
pub(crate) type Key = (MessageId, DateTime<Utc>);

/// A message whose time has passed, and what it waited for.
pub(crate) struct Overdue {
    pub message: MessageId,
    pub created_at: DateTime<Utc>,
    pub category: String,
    /// For which it waits itself.
    pub reason: String,
    /// It does not wait for a moment of its own.
    pub is_due: bool,
    pub time_zone: Option<String>,
    pub is_approved: bool,
    /// Of what follows, as far as it holds up messages of its lane.
    pub is_stopped: bool,
    pub is_broke: bool,
    pub is_unanswered: bool,
    pub is_full: bool,
}

/// Claims of workers that are gone wait again: nothing of them had been handed over.
pub(crate) async fn let_claims_go(pool: &PgPool, now: DateTime<Utc>) -> Result<u64, sqlx::Error> {
    let done = sqlx::query!(
        "update messaging.queue set state = 'waiting', claim_id = null, leased_until = null
         where message_id in (select message_id from messaging.queue where state = 'claimed' and leased_until < $1
                              limit 1000 for update skip locked)",
        now
    )
    .execute(pool)
    .await?;
    Ok(done.rows_affected())
}

/// Tries whose outcome nobody has written: in doubt from now on.
pub(crate) async fn abandoned(
    tx: &mut PgConnection,
    now: DateTime<Utc>,
    limit: i64,
) -> Result<Vec<Key>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"select message_id as "message: MessageId", created_at from messaging.queue
           where state = 'trying' and leased_until < $1 order by message_id limit $2 for update skip locked"#,
        now,
        limit
    )
    .fetch_all(tx)
    .await?;
    Ok(rows.into_iter().map(|row| (row.message, row.created_at)).collect())
}

/// Messages whose time has passed before they could go. The time of what its owner holds stands still.
pub(crate) async fn too_old(
    tx: &mut PgConnection,
    now: DateTime<Utc>,
    limit: i64,
) -> Result<Vec<Overdue>, sqlx::Error> {
    sqlx::query_as!(
        Overdue,
        r#"select q.message_id as "message: MessageId", q.created_at, q.category, q.reason, q.next_at <= $1 as "is_due!",
                  b.time_zone as "time_zone?", coalesce(b.status = 'approved', false) as "is_approved!",
                  coalesce(q.lane = 1 and 'stopped' in (b.quality_state, s.quality_state), false) as "is_stopped!",
                  coalesce(case q.lane when 0 then b.first_broke_until else b.marketing_broke_until end > $1,
                           false) as "is_broke!",
                  coalesce(s.circuit = 'open', false) as "is_unanswered!",
                  coalesce(q.lane = 1 and p.full_until > $1, false) as "is_full!"
           from messaging.queue q
           left join messaging.business b on b.business_id = q.business_id
           left join messaging.sender s on s.sender_id = b.sender_id
           left join messaging.portfolio p on p.portfolio = s.portfolio
           where q.good_until <= $1 and q.state = 'waiting'
           order by q.message_id limit $2 for update of q skip locked"#,
        now,
        limit
    )
    .fetch_all(tx)
    .await
}

/// Messages of canceled campaigns.
pub(crate) async fn canceling(tx: &mut PgConnection, limit: i64) -> Result<Vec<Key>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"select message_id as "message: MessageId", created_at from messaging.queue
           where state = 'canceling' order by message_id limit $1 for update skip locked"#,
        limit
    )
    .fetch_all(tx)
    .await?;
    Ok(rows.into_iter().map(|row| (row.message, row.created_at)).collect())
}

/// Deletes what is only of use for a while.
pub(crate) async fn purge(pool: &PgPool, now: DateTime<Utc>) -> Result<(), sqlx::Error> {
    let days = |days| now - chrono::Duration::days(days);
    sqlx::query!("delete from messaging.inbox where received_at < $1", days(45)).execute(pool).await?;
    sqlx::query!("delete from messaging.operation where created_at < $1", days(90)).execute(pool).await?;
    sqlx::query!("delete from messaging.send where requested_at < $1", days(90)).execute(pool).await?;
    sqlx::query!("delete from messaging.question where asked_at < $1", days(2)).execute(pool).await?;
    sqlx::query!("delete from messaging.automatic where day < $1", days(7).date_naive())
        .execute(pool)
        .await?;
    sqlx::query!("delete from messaging.reached where last_at < $1", days(2)).execute(pool).await?;
    sqlx::query!("delete from messaging.opt_out_said where at < $1", days(30)).execute(pool).await?;
    // Whoever has not looked at a failure for a month will not.
    sqlx::query!("update messaging.message set dead = false where dead and changed_at < $1", days(30))
        .execute(pool)
        .await?;
    Ok(())
}
