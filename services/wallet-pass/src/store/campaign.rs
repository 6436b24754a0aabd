//! How campaigns stand, as campaign last told it.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use kernel::CampaignId;
use sqlx::PgConnection;
use uuid::Uuid;

use crate::domain::campaign::{Heard, Standing};

/// Remembers what was heard, unless something later was; and how each stands then. They are held until the transaction ends, in
/// one order for all: so words of a campaign that is being paused or canceled are written before that, and found, or after it,
/// and stopped.
pub(crate) async fn hear(
    tx: &mut PgConnection,
    heard: &BTreeMap<CampaignId, Heard>,
    now: DateTime<Utc>,
) -> Result<BTreeMap<CampaignId, Standing>, sqlx::Error> {
    let campaigns: Vec<Uuid> = heard.keys().map(|campaign| campaign.as_uuid()).collect();
    let businesses: Vec<Uuid> = heard.values().map(|heard| heard.business.as_uuid()).collect();
    let versions: Vec<i64> = heard.values().map(|heard| heard.version).collect();
    let standings: Vec<&str> = heard.values().map(|heard| heard.standing.as_str()).collect();
    sqlx::query!(
        "insert into wallet_pass.campaign as known (campaign_id, business_id, version, standing, heard_at)
         select new.campaign_id, new.business_id, new.version, new.standing, $5
         from unnest($1::uuid[], $2::uuid[], $3::bigint[], $4::text[])
             as new (campaign_id, business_id, version, standing)
         on conflict on constraint campaign_pk do update
         set version = excluded.version, standing = excluded.standing, heard_at = excluded.heard_at
         where known.version < excluded.version and known.business_id = excluded.business_id",
        &campaigns,
        &businesses,
        &versions,
        &standings as &[&str],
        now,
    )
    .execute(&mut *tx)
    .await?;
    let rows = sqlx::query!(
        r#"select campaign_id as "campaign: CampaignId", standing from wallet_pass.campaign
           where campaign_id = any($1)"#,
        &campaigns,
    )
    .fetch_all(tx)
    .await?;
    Ok(rows.into_iter().map(|row| (row.campaign, Standing::from_kept(&row.standing))).collect())
}

/// Holds campaigns as they stand until the transaction ends.
pub(crate) async fn share(tx: &mut PgConnection, campaigns: &[Uuid]) -> Result<(), sqlx::Error> {
    sqlx::query_scalar!(
        "select campaign_id from wallet_pass.campaign where campaign_id = any($1) order by campaign_id for share",
        campaigns,
    )
    .fetch_all(tx)
    .await?;
    Ok(())
}
