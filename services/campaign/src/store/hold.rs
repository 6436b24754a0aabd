//! What messaging must still be told of campaigns.

use chrono::{DateTime, Utc};
use kernel::{BusinessId, CampaignId};
use sqlx::{PgConnection, PgPool};

/// Wants messaging to be told; what was wanted before and is not told yet is replaced. Waits while it is being told.
pub(crate) async fn want(
    db: &mut PgConnection,
    business: BusinessId,
    campaign: CampaignId,
    state: &str,
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "insert into campaign.hold (campaign_id, business_id, state, wanted_at) values ($1, $2, $3, $4)
         on conflict on constraint hold_pk do update set state = excluded.state, wanted_at = excluded.wanted_at",
        campaign.as_uuid(),
        business.as_uuid(),
        state,
        now,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// What is to be told of a campaign, locked until that is done; `None` where nothing is.
pub(crate) async fn lock(
    db: &mut PgConnection,
    campaign: CampaignId,
) -> Result<Option<(BusinessId, String)>, sqlx::Error> {
    let row = sqlx::query!(
        r#"select business_id as "business_id: BusinessId", state from campaign.hold where campaign_id = $1 for update"#,
        campaign.as_uuid(),
    )
    .fetch_optional(db)
    .await?;
    Ok(row.map(|row| (row.business_id, row.state)))
}

/// Messaging has answered.
pub(crate) async fn told(db: &mut PgConnection, campaign: CampaignId) -> Result<(), sqlx::Error> {
    sqlx::query!("delete from campaign.hold where campaign_id = $1", campaign.as_uuid()).execute(db).await?;
    Ok(())
}

/// Campaigns whose state was wanted before `until` and is not told yet.
pub(crate) async fn waiting(
    pool: &PgPool,
    until: DateTime<Utc>,
    limit: i64,
) -> Result<Vec<CampaignId>, sqlx::Error> {
    sqlx::query_scalar!(
        r#"select campaign_id as "campaign_id: CampaignId" from campaign.hold
           where wanted_at <= $1 order by wanted_at limit $2"#,
        until,
        limit,
    )
    .fetch_all(pool)
    .await
}
