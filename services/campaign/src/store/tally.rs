//! How far campaigns are.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use kernel::{BusinessId, CampaignId};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::domain::counts::Counts;

/// Adds to the counts of campaigns, in the order of their ids.
pub(crate) async fn add(
    db: &mut PgConnection,
    changes: &BTreeMap<CampaignId, (BusinessId, Counts)>,
) -> Result<(), sqlx::Error> {
    let campaigns: Vec<Uuid> = changes.keys().map(|campaign| campaign.as_uuid()).collect();
    let businesses: Vec<Uuid> = changes.values().map(|(business, _)| business.as_uuid()).collect();
    let column =
        |of: fn(&Counts) -> i64| changes.values().map(|(_, counts)| of(counts)).collect::<Vec<i64>>();
    sqlx::query!(
        "insert into campaign.tally as known
             (campaign_id, business_id, planned, holdout, requested, sent, delivered, read, failed, canceled, opted_out,
              cost_cents, open, follow_failed, version)
         select new.*, 1
         from unnest($1::uuid[], $2::uuid[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[], $7::bigint[],
                     $8::bigint[], $9::bigint[], $10::bigint[], $11::bigint[], $12::bigint[], $13::bigint[], $14::bigint[])
              as new
         on conflict on constraint tally_pk do update set
             planned = known.planned + excluded.planned, holdout = known.holdout + excluded.holdout,
             requested = known.requested + excluded.requested, sent = known.sent + excluded.sent,
             delivered = known.delivered + excluded.delivered, read = known.read + excluded.read,
             failed = known.failed + excluded.failed, canceled = known.canceled + excluded.canceled,
             opted_out = known.opted_out + excluded.opted_out, cost_cents = known.cost_cents + excluded.cost_cents,
             open = known.open + excluded.open, follow_failed = known.follow_failed + excluded.follow_failed,
             version = known.version + 1",
        &campaigns,
        &businesses,
        &column(|counts| counts.planned),
        &column(|counts| counts.holdout),
        &column(|counts| counts.requested),
        &column(|counts| counts.sent),
        &column(|counts| counts.delivered),
        &column(|counts| counts.read),
        &column(|counts| counts.failed),
        &column(|counts| counts.canceled),
        &column(|counts| counts.opted_out),
        &column(|counts| counts.cost_cents),
        &column(|counts| counts.open),
        &column(|counts| counts.follow_failed),
    )
    .execute(db)
    .await?;
    Ok(())
}

/// The counts of a campaign as they are kept.
struct Row {
    campaign: CampaignId,
    business: BusinessId,
    version: i64,
    planned: i64,
    holdout: i64,
    requested: i64,
    sent: i64,
    delivered: i64,
    read: i64,
    failed: i64,
    canceled: i64,
    opted_out: i64,
    cost_cents: i64,
    open: i64,
    follow_failed: i64,
}

impl Row {
    fn told(self) -> Told {
        let Self { campaign, business, version, planned, holdout, requested, sent, .. } = self;
        let Self { delivered, read, failed, canceled, opted_out, cost_cents, open, follow_failed, .. } = self;
        let counts = Counts {
            planned,
            holdout,
            requested,
            sent,
            delivered,
            read,
            failed,
            canceled,
            follow_failed,
            opted_out,
            cost_cents,
            open,
        };
        Told { campaign, business, version, counts }
    }
}

/// A campaign's counts as they are told.
pub(crate) struct Told {
    pub(crate) campaign: CampaignId,
    pub(crate) business: BusinessId,
    pub(crate) version: i64,
    pub(crate) counts: Counts,
}

/// Counts that changed and were last told before `until`, locked and marked as told.
pub(crate) async fn take_untold(
    db: &mut PgConnection,
    until: DateTime<Utc>,
    now: DateTime<Utc>,
    limit: i64,
) -> Result<Vec<Told>, sqlx::Error> {
    let rows = sqlx::query_as!(
        Row,
        r#"with moved as (
             select campaign_id from campaign.tally
             where version > told_version and (told_at is null or told_at <= $1)
             order by campaign_id limit $3
             for no key update skip locked
           )
           update campaign.tally set told_version = version, told_at = $2
           from moved where tally.campaign_id = moved.campaign_id
           returning tally.campaign_id as "campaign: CampaignId", tally.business_id as "business: BusinessId",
                     version, planned, holdout, requested, sent, delivered, read, failed, canceled, opted_out,
                     cost_cents, open, follow_failed"#,
        until,
        now,
        limit,
    )
    .fetch_all(db)
    .await?;
    Ok(rows.into_iter().map(Row::told).collect())
}

/// The counts of campaigns; nothing is there for one without sends.
pub(crate) async fn of(
    db: &mut PgConnection,
    campaigns: &[CampaignId],
) -> Result<BTreeMap<CampaignId, Counts>, sqlx::Error> {
    let campaigns: Vec<Uuid> = campaigns.iter().map(|campaign| campaign.as_uuid()).collect();
    let rows = sqlx::query_as!(
        Row,
        r#"select campaign_id as "campaign: CampaignId", business_id as "business: BusinessId", version, planned, holdout, requested, sent, delivered, read, failed,
                  canceled, opted_out, cost_cents, open, follow_failed
           from campaign.tally where campaign_id = any($1)"#,
        &campaigns,
    )
    .fetch_all(db)
    .await?;
    Ok(rows.into_iter().map(Row::told).map(|told| (told.campaign, told.counts)).collect())
}
