//! What customers say to what they are sent, counted.

use chrono::{DateTime, Utc};
use kernel::BusinessId;
use sqlx::{PgConnection, PgExecutor};
use uuid::Uuid;

use crate::domain::quality::Counts;

/// The counts of a business, and how it is braked now.
pub(crate) struct Judged {
    pub business: BusinessId,
    pub sender: Uuid,
    pub delivered: i64,
    pub opted_out: i64,
    pub blocked: i64,
    pub state: String,
    pub reason: String,
}

impl Judged {
    /// It is braked as its counts want it.
    pub(crate) fn stands(&self) -> bool {
        let (brake, reason) = self.counts().brake();
        (self.state.as_str(), self.reason.as_str()) == (brake.as_str(), reason)
    }

    pub(crate) fn counts(&self) -> Counts {
        Counts { delivered: self.delivered, opted_out: self.opted_out, blocked: self.blocked }
    }
}

/// Counts since then, of every business with a sender, or of those of these that have one.
pub(crate) async fn count(
    db: impl PgExecutor<'_>,
    since: DateTime<Utc>,
    only: Option<&[Uuid]>,
) -> Result<Vec<Judged>, sqlx::Error> {
    sqlx::query_as!(
        Judged,
        r#"select b.business_id as "business: BusinessId", b.sender_id as "sender!",
                  b.quality_state as state, b.quality_reason as reason,
                  (select count(*) from messaging.message m
                   where m.business_id = b.business_id and m.delivered_at > $1 and m.category = 'marketing'
                     and m.delivered_at is not null) as "delivered!",
                  (select count(*) from messaging.opt_out_said o
                   where o.business_id = b.business_id and o.at > $1) as "opted_out!",
                  (select count(*) from messaging.message m
                   where m.business_id = b.business_id and m.changed_at > $1 and m.category = 'marketing'
                     and m.reason = 'blocked') as "blocked!"
           from messaging.business b
           where b.sender_id is not null and ($2::uuid[] is null or b.business_id = any($2))"#,
        since,
        only
    )
    .fetch_all(db)
    .await
}

/// Brakes a business, or lets it go.
pub(crate) async fn brake_business(
    tx: &mut PgConnection,
    business: BusinessId,
    state: &str,
    reason: &str,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update messaging.business set quality_state = $2, quality_reason = $3 where business_id = $1",
        business.as_uuid(),
        state,
        reason
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// Brakes a sender, or lets it go; true where that is new.
pub(crate) async fn brake_sender(
    tx: &mut PgConnection,
    sender: Uuid,
    state: &str,
    reason: &str,
) -> Result<bool, sqlx::Error> {
    let changed = sqlx::query!(
        "update messaging.sender set quality_state = $2, quality_reason = $3
         where sender_id = $1 and (quality_state, quality_reason) <> ($2, $3)",
        sender,
        state,
        reason
    )
    .execute(tx)
    .await?;
    Ok(changed.rows_affected() > 0)
}
