//! How much waits.

use chrono::{DateTime, Utc};
use kernel::BusinessId;
use sqlx::PgPool;

/// Counts of what waits.
pub(crate) struct Progress {
    pub outbox: i64,
    pub waiting: i64,
    pub in_doubt: i64,
    /// But for what its owner's money, nights and customers held back, which is hers to see; for what had no approval, which
    /// stands in a list of its own; and for what a tier had no room for, where nothing is broken.
    pub dead: i64,
    pub inbound: i64,
    /// When the first of what customers wrote, and nobody has looked at yet, came in.
    pub inbound_since: Option<DateTime<Utc>>,
}

/// How much is on its way, over everybody.
pub(crate) async fn count(pool: &PgPool) -> Result<Progress, sqlx::Error> {
    sqlx::query_as!(
        Progress,
        r#"select (select count(*) from messaging.outbox where published_at is null) as "outbox!",
                  (select count(*) from messaging.queue where state <> 'in_doubt') as "waiting!",
                  (select count(*) from messaging.queue where state = 'in_doubt') as "in_doubt!",
                  (select count(*) from messaging.message
                   where dead and reason not in ('budget', 'quiet_hours', 'quality', 'tier', 'not_approved')) as "dead!",
                  (select count(*) from messaging.inbound where next_at is not null) as "inbound!",
                  (select min(received_at) from messaging.inbound where next_at is not null) as inbound_since"#
    )
    .fetch_one(pool)
    .await
}

/// What is on its way of one category.
pub(crate) struct Waiting {
    pub category: String,
    pub count: i64,
    /// Since when the first may go, of those whose business may and whose sender is answered; but for quiet hours, which are each
    /// business's own.
    pub due_since: Option<DateTime<Utc>>,
}

/// How much is on its way by category.
pub(crate) async fn by_category(pool: &PgPool, now: DateTime<Utc>) -> Result<Vec<Waiting>, sqlx::Error> {
    sqlx::query_as!(
        Waiting,
        r#"select q.category, count(*) as "count!",
                  min(q.next_at) filter (
                      where q.state = 'waiting' and b.status = 'approved' and s.circuit = 'closed'
                        and coalesce(case q.lane when 0 then b.first_broke_until else b.marketing_broke_until end <= $1, true)
                        and (q.lane = 0 or (b.quality_state <> 'stopped' and s.quality_state <> 'stopped'
                                            and coalesce(b.marketing_after <= $1, true)
                                            and coalesce(s.marketing_after <= $1, true)
                                            and coalesce(p.full_until <= $1, true)))
                        and p.portfolio is not null) as due_since
           from messaging.queue q
           left join messaging.business b using (business_id)
           left join messaging.sender s on s.sender_id = b.sender_id
           left join messaging.portfolio p on p.portfolio = s.portfolio
           group by q.category"#,
        now
    )
    .fetch_all(pool)
    .await
}

/// What waits and what was given up of one business.
pub(crate) async fn of_business(pool: &PgPool, business: BusinessId) -> Result<(i64, i64), sqlx::Error> {
    let row = sqlx::query!(
        r#"select (select count(*) from messaging.queue where business_id = $1) as "waiting!",
                  (select count(*) from messaging.message where business_id = $1 and dead) as "dead!""#,
        business.as_uuid()
    )
    .fetch_one(pool)
    .await?;
    Ok((row.waiting, row.dead))
}

#[cfg(test)]
mod tests;
