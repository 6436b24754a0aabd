//! What is still on its way, and what is past its time.

use chrono::{DateTime, Duration, Utc};
use sqlx::PgPool;

/// Counts of what waits.
pub(crate) struct Progress {
    pub(crate) outbox: i64,
    pub(crate) running: i64,
    pub(crate) open: i64,
    /// Since when a campaign is due to be planned on.
    pub(crate) due_since: Option<DateTime<Utc>>,
}

/// How much is on its way.
pub(crate) async fn count(pool: &PgPool, now: DateTime<Utc>) -> Result<Progress, sqlx::Error> {
    sqlx::query_as!(
        Progress,
        r#"select (select count(*) from campaign.outbox where published_at is null) as "outbox!",
                  (select count(*) from campaign.campaign
                   where status in ('scheduled', 'running') and status = 'running') as "running!",
                  (select coalesce(sum(open), 0) from campaign.tally where open > 0)::bigint as "open!",
                  (select min(next_walk_at) from campaign.campaign
                   where status in ('scheduled', 'running') and next_walk_at <= $1) as due_since"#,
        now
    )
    .fetch_one(pool)
    .await
}

/// Deletes what is only of use for a while.
pub(crate) async fn purge(pool: &PgPool, now: DateTime<Utc>) -> Result<(), sqlx::Error> {
    let inbox_before = now - Duration::days(45);
    sqlx::query!("delete from campaign.inbox where received_at < $1", inbox_before).execute(pool).await?;
    let operations_before = now - Duration::days(90);
    sqlx::query!("delete from campaign.operation where recorded_at < $1", operations_before)
        .execute(pool)
        .await?;
    let claims_before = now - Duration::days(30);
    sqlx::query!("delete from campaign.contact_claim where claimed_at < $1", claims_before)
        .execute(pool)
        .await?;
    // A cause that could come again within two years is a birthday, and its year stands in it.
    let fired_before = now - Duration::days(730);
    sqlx::query!(
        "delete from campaign.fired where fired_at < $1 and trigger not in ('welcome', 'feedback')",
        fired_before
    )
    .execute(pool)
    .await?;
    Ok(())
}
