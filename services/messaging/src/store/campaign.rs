//! Whether a campaign may be handed over. Whoever hands over holds these rows shared; whoever pauses waits for them.

use chrono::{DateTime, Utc};
use kernel::{BusinessId, CampaignId};
use sqlx::PgConnection;
use uuid::Uuid;

/// Knows campaigns from now on; those that are known stay as they are.
pub(crate) async fn learn(
    tx: &mut PgConnection,
    business: BusinessId,
    campaign: CampaignId,
) -> Result<String, sqlx::Error> {
    sqlx::query!(
        "insert into messaging.campaign (campaign_id, business_id, state) values ($1, $2, 'running')
         on conflict (campaign_id) do nothing",
        campaign.as_uuid(),
        business.as_uuid()
    )
    .execute(&mut *tx)
    .await?;
    // Held shared, so that no pause passes between this look and what is written after it.
    sqlx::query_scalar!(
        "select state from messaging.campaign where campaign_id = $1 for share",
        campaign.as_uuid()
    )
    .fetch_one(tx)
    .await
}

/// Those of these that run, held so until the transaction ends.
pub(crate) async fn running(
    tx: &mut PgConnection,
    campaigns: &[Uuid],
) -> Result<Vec<CampaignId>, sqlx::Error> {
    sqlx::query_scalar!(
        r#"select campaign_id as "campaign: CampaignId" from messaging.campaign
           where campaign_id = any($1) and state = 'running' order by campaign_id for share"#,
        campaigns
    )
    .fetch_all(tx)
    .await
}

/// Sets how it stands; what was canceled may run again, and cannot be paused. Waits for whoever is handing it over. How it
/// stands then; `None` where it is another business's.
pub(crate) async fn set(
    tx: &mut PgConnection,
    business: BusinessId,
    campaign: CampaignId,
    state: &str,
) -> Result<Option<String>, sqlx::Error> {
    sqlx::query_scalar!(
        "insert into messaging.campaign as known (campaign_id, business_id, state) values ($1, $2, $3)
         on conflict (campaign_id) do update
         set state = case when known.state = 'canceled' and excluded.state = 'paused' then known.state
                          else excluded.state end
         where known.business_id = excluded.business_id
         returning state",
        campaign.as_uuid(),
        business.as_uuid(),
        state
    )
    .fetch_optional(tx)
    .await
}

/// Holds, lets go or cancels what waits of a campaign; how many.
pub(crate) async fn move_queue(
    tx: &mut PgConnection,
    campaign: CampaignId,
    state: &str,
) -> Result<u64, sqlx::Error> {
    let moved = sqlx::query!(
        "update messaging.queue set state = $2, leased_until = null, claim_id = null
         where campaign_id = $1 and state in ('waiting', 'held', 'claimed') and state <> $2",
        campaign.as_uuid(),
        state
    )
    .execute(tx)
    .await?;
    Ok(moved.rows_affected())
}

/// What was held so long that its time is nearly over, or is over, is good anew until then: a pause takes nothing from it.
pub(crate) async fn renew(
    tx: &mut PgConnection,
    campaign: CampaignId,
    (nearly_over, good_until): (DateTime<Utc>, DateTime<Utc>),
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "with renewed as (
             update messaging.queue set good_until = $3
             where campaign_id = $1 and state = 'held' and good_until < $2
             returning message_id, created_at
         )
         update messaging.message as m set good_until = $3
         from renewed where m.message_id = renewed.message_id and m.created_at = renewed.created_at",
        campaign.as_uuid(),
        nearly_over,
        good_until
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// How many microseconds from now the last call of it is due that is under way already.
pub(crate) async fn last_call(
    tx: &mut PgConnection,
    campaign: CampaignId,
) -> Result<Option<i64>, sqlx::Error> {
    sqlx::query_scalar!(
        r#"select (extract(epoch from max(slot_at) - clock_timestamp()) * 1000000)::bigint as micros
           from messaging.queue where campaign_id = $1 and state = 'trying'"#,
        campaign.as_uuid()
    )
    .fetch_one(tx)
    .await
}
