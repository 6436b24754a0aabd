//! Forgetting what is past its time.

use chrono::NaiveDate;
use sqlx::{PgConnection, PgPool};
use uuid::Uuid;

/// Deletes some remembered event ids that were received more than `days` ago; returns how many. `older_than` is the
/// least id an event of the last `days` can have, which lets the key find the rows.
pub(crate) async fn purge_inbox(
    db: &PgPool,
    consumer: &str,
    older_than: Uuid,
    days: i32,
    limit: i64,
) -> Result<u64, sqlx::Error> {
    let purged = sqlx::query!(
        "delete from analytics.inbox
         where (consumer, event_id) in (
             select consumer, event_id from analytics.inbox
             where consumer = $1 and event_id < $2 and received_at < now() - make_interval(days => $3)
             limit $4 for update skip locked)",
        consumer,
        older_than,
        days,
        limit,
    )
    .execute(db)
    .await?;
    Ok(purged.rows_affected())
}

/// Deletes some visits of before `day`; returns how many.
pub(crate) async fn purge_visits(db: &PgPool, day: NaiveDate, limit: i64) -> Result<u64, sqlx::Error> {
    let purged = sqlx::query!(
        "delete from analytics.card_visit
         where ctid = any(array(
             select ctid from analytics.card_visit where day < $1 limit $2 for update skip locked))",
        day,
        limit,
    )
    .execute(db)
    .await?;
    Ok(purged.rows_affected())
}

/// Deletes some messages that have not changed since `day`; what they were counted as stays. Returns how many.
pub(crate) async fn purge_messages(db: &PgPool, day: NaiveDate, limit: i64) -> Result<u64, sqlx::Error> {
    let purged = sqlx::query!(
        "delete from analytics.message
         where ctid = any(array(
             select ctid from analytics.message where changed_at < $1::date limit $2 for update skip locked))",
        day,
        limit,
    )
    .execute(db)
    .await?;
    Ok(purged.rows_affected())
}

/// Forgets all figures but those of messages, which no owner tells anew. What was received stays known, so that nothing
/// counts again beside what is rebuilt.
pub(crate) async fn forget_everything(tx: &mut PgConnection) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "truncate analytics.business, analytics.slot, analytics.member_slot, analytics.card_visit, analytics.visitor_day,
             analytics.card, analytics.customer, analytics.reward, analytics.total"
    )
    .execute(tx)
    .await?;
    Ok(())
}
