//! What analytics does on its own clock.

use std::sync::Arc;
use std::time::Duration;

use boot::Stop;
use kernel::Clock;
use sqlx::PgPool;

use crate::app::CONSUMER;
use crate::app::reads::Reads;
use crate::domain::calendar::days_before;
use crate::domain::lag::Lag;
use crate::store;
use crate::store::housekeeping;
use crate::store::segment::least_id_of;

/// How often old rows are looked for.
const PURGE_EVERY: Duration = Duration::from_secs(3_600);
/// Rows of one delete: short enough that nobody waits for it.
const PURGE_BATCH: u16 = 5_000;
/// How long ids of events are remembered; the stream keeps events for less.
const INBOX_DAYS: u32 = 45;
/// How long visits are kept: a year, and the month before.
const VISIT_DAYS: u32 = 400;
/// How long messages are kept: after that no state of one is told any more.
const MESSAGE_DAYS: u32 = 400;
/// How often the replica is looked at.
const LOOK_EVERY: Duration = Duration::from_millis(500);
/// How often shops are counted that are in use.
const MEASURE_EVERY: Duration = Duration::from_secs(60);
/// The pause after a count that failed.
const MEASURED_AGAIN_AFTER: Duration = Duration::from_secs(2);
/// A shop is in use for so many days after its last visitor.
const ACTIVE_DAYS: u32 = 30;

/// Deletes what is past its time. Replicas may do so at once: each skips the rows another holds.
pub(crate) async fn purge(pool: PgPool, clock: Clock, stop: Stop) -> anyhow::Result<()> {
    let mut ticks = tokio::time::interval(PURGE_EVERY);
    while stop.run_until_cancelled(ticks.tick()).await.is_some() {
        let purged = stop.run_until_cancelled(purge_once(&pool, &clock)).await;
        if let Some(Err(error)) = purged {
            tracing::warn!(%error, "old rows not purged; will try again");
        }
    }
    Ok(())
}

/// Deletes everything that is past its time, batch by batch.
pub async fn purge_once(pool: &PgPool, clock: &Clock) -> Result<(), sqlx::Error> {
    let today = clock.now().date_naive();
    let received_before = days_before(today, INBOX_DAYS).and_time(chrono::NaiveTime::MIN).and_utc();
    let oldest_id = least_id_of(received_before.timestamp_millis());
    let batch = i64::from(PURGE_BATCH);
    while housekeeping::purge_inbox(pool, CONSUMER, oldest_id, INBOX_DAYS as i32, batch).await? > 0 {}
    while housekeeping::purge_visits(pool, days_before(today, VISIT_DAYS), batch).await? > 0 {}
    while housekeeping::purge_messages(pool, days_before(today, MESSAGE_DAYS), batch).await? > 0 {}
    Ok(())
}

/// Finds out again and again whether the replica keeps up.
pub(crate) async fn look_after_replica(reads: Arc<Reads>, stop: Stop) -> anyhow::Result<()> {
    let mut ticks = tokio::time::interval(LOOK_EVERY);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let mut lag = Lag::default();
    while stop.run_until_cancelled(ticks.tick()).await.is_some() {
        stop.run_until_cancelled(reads.look(&mut lag)).await;
    }
    Ok(())
}

/// Shows how many shops are in use.
pub(crate) async fn measure(reads: Arc<Reads>, clock: Clock, stop: Stop) -> anyhow::Result<()> {
    let mut ticks = tokio::time::interval(MEASURE_EVERY);
    while stop.run_until_cancelled(ticks.tick()).await.is_some() {
        let since = days_before(clock.now().date_naive(), ACTIVE_DAYS);
        let counted = async {
            let mut connection = reads.acquire().await?;
            store::business::active(&mut connection, since).await
        };
        match stop.run_until_cancelled(counted).await {
            Some(Ok(active)) => metrics::gauge!("businesses_active").set(active as f64),
            Some(Err(error)) => {
                tracing::debug!(%error, "shops in use were not counted; will try again");
                ticks.reset_after(MEASURED_AGAIN_AFTER);
            }
            None => break,
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn ids_of_later_events_are_not_below_the_bound() {
        let now = chrono::Utc::now().timestamp_millis();
        let id = Uuid::now_v7();
        assert!(least_id_of(now) <= id && id < least_id_of(now + 60_000));
    }
}
