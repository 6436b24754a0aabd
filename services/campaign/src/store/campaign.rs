//! Campaigns.

use chrono::{DateTime, Utc};
use kernel::{BusinessId, CampaignId, CustomerId, OperationId};
use sqlx::postgres::PgRow;
use sqlx::types::Json;
use sqlx::{FromRow, PgConnection, Postgres, QueryBuilder, Row};

use crate::domain::audience::Audience;
use crate::domain::campaign::{Campaign, ChannelPolicy, Status, Walked};
use crate::domain::trigger::Trigger;
use crate::domain::wording::Wording;

const COLUMNS: &str = "select business_id, campaign_id, name, trigger, status, version, audience, wordings,
     channel_policy, wallet_days, holdout_percent, scheduled_at, launched_at, resumed_at, ended_at, created_at, prices_of,
     walked_to, planned_at
     from campaign.campaign";

impl FromRow<'_, PgRow> for Campaign {
    fn from_row(row: &PgRow) -> Result<Self, sqlx::Error> {
        let unreadable = |error: kernel::Invalid| sqlx::Error::Decode(Box::new(error));
        let trigger: &str = row.try_get("trigger")?;
        let walked_to: Option<CustomerId> = row.try_get("walked_to")?;
        let planned_at: Option<DateTime<Utc>> = row.try_get("planned_at")?;
        Ok(Self {
            business: row.try_get("business_id")?,
            id: row.try_get("campaign_id")?,
            name: row.try_get("name")?,
            trigger: match trigger {
                "" => None,
                word => Some(Trigger::parse(word).map_err(unreadable)?),
            },
            status: Status::parse(row.try_get("status")?).map_err(unreadable)?,
            version: row.try_get("version")?,
            audience: row.try_get::<Json<Audience>, _>("audience")?.0,
            wordings: row.try_get::<Json<Vec<Wording>>, _>("wordings")?.0,
            policy: ChannelPolicy::parse(row.try_get("channel_policy")?).map_err(unreadable)?,
            wallet_days: row.try_get("wallet_days")?,
            holdout_percent: row.try_get("holdout_percent")?,
            scheduled_at: row.try_get("scheduled_at")?,
            launched_at: row.try_get("launched_at")?,
            resumed_at: row.try_get("resumed_at")?,
            ended_at: row.try_get("ended_at")?,
            created_at: row.try_get("created_at")?,
            prices_of: row.try_get("prices_of")?,
            walked: match (walked_to, planned_at) {
                (_, Some(_)) => Walked::ToItsEnd,
                (Some(_), None) => Walked::Partly,
                (None, None) => Walked::NotYet,
            },
        })
    }
}

fn trigger_word(campaign: &Campaign) -> &'static str {
    campaign.trigger.map_or("", Trigger::as_str)
}

/// When its next walk is due.
fn next_walk(campaign: &Campaign, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    match campaign.status {
        Status::Scheduled => campaign.scheduled_at,
        Status::Running => Some(now),
        _ => None,
    }
}

/// Writes a new one; false where the business has an automation of its trigger.
pub(crate) async fn insert(db: &mut PgConnection, campaign: &Campaign) -> Result<bool, sqlx::Error> {
    let done = sqlx::query!(
        "insert into campaign.campaign
             (business_id, campaign_id, name, trigger, status, version, audience, wordings, channel_policy, wallet_days,
              holdout_percent, scheduled_at, created_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
         on conflict (business_id, trigger) where trigger <> '' and status <> 'canceled' do nothing",
        campaign.business.as_uuid(),
        campaign.id.as_uuid(),
        campaign.name,
        trigger_word(campaign),
        campaign.status.as_str(),
        campaign.version,
        Json(&campaign.audience) as _,
        Json(&campaign.wordings) as _,
        campaign.policy.as_str(),
        campaign.wallet_days,
        campaign.holdout_percent,
        campaign.scheduled_at,
        campaign.created_at,
    )
    .execute(db)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Writes a changed one back. A running one that has not walked to its end goes on walking.
pub(crate) async fn save(
    db: &mut PgConnection,
    campaign: &Campaign,
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update campaign.campaign
         set name = $3, status = $4, version = $5, audience = $6, wordings = $7, channel_policy = $8, wallet_days = $9,
             holdout_percent = $10, scheduled_at = $11, launched_at = $12, ended_at = $13, prices_of = $14,
             next_walk_at = case when planned_at is null or trigger <> '' then $15::timestamptz end, resumed_at = $16
         where business_id = $1 and campaign_id = $2",
        campaign.business.as_uuid(),
        campaign.id.as_uuid(),
        campaign.name,
        campaign.status.as_str(),
        campaign.version,
        Json(&campaign.audience) as _,
        Json(&campaign.wordings) as _,
        campaign.policy.as_str(),
        campaign.wallet_days,
        campaign.holdout_percent,
        campaign.scheduled_at,
        campaign.launched_at,
        campaign.ended_at,
        campaign.prices_of,
        next_walk(campaign, now),
        campaign.resumed_at,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// A business's campaign.
pub(crate) async fn find(
    db: &mut PgConnection,
    business: BusinessId,
    campaign: CampaignId,
) -> Result<Option<Campaign>, sqlx::Error> {
    of_business(business, campaign, "").build_query_as().fetch_optional(db).await
}

/// The same, locked: a worker that is at it is waited for, and the next finds what was changed.
pub(crate) async fn lock(
    db: &mut PgConnection,
    business: BusinessId,
    campaign: CampaignId,
) -> Result<Option<Campaign>, sqlx::Error> {
    of_business(business, campaign, " for no key update").build_query_as().fetch_optional(db).await
}

/// The same, kept as it is until the transaction ends; `None` where somebody is at it.
pub(crate) async fn share(
    db: &mut PgConnection,
    business: BusinessId,
    campaign: CampaignId,
) -> Result<Option<Campaign>, sqlx::Error> {
    of_business(business, campaign, " for share skip locked").build_query_as().fetch_optional(db).await
}

fn of_business(business: BusinessId, campaign: CampaignId, lock: &str) -> QueryBuilder<Postgres> {
    let mut query = QueryBuilder::new(COLUMNS);
    query.push(" where business_id = ").push_bind(business.as_uuid());
    query.push(" and campaign_id = ").push_bind(campaign.as_uuid()).push(lock);
    query
}

/// Blasts before one, newest first.
pub(crate) async fn list(
    db: &mut PgConnection,
    business: BusinessId,
    status: Option<Status>,
    before: Option<CampaignId>,
    limit: i64,
) -> Result<Vec<Campaign>, sqlx::Error> {
    let mut query = QueryBuilder::new(COLUMNS);
    query.push(" where trigger = '' and business_id = ").push_bind(business.as_uuid());
    if let Some(status) = status {
        query.push(" and status = ").push_bind(status.as_str());
    }
    if let Some(before) = before {
        query.push(" and campaign_id < ").push_bind(before.as_uuid());
    }
    query.push(" order by campaign_id desc limit ").push_bind(limit);
    query.build_query_as().fetch_all(db).await
}

/// The automations of a business that are not canceled; locked, for whoever takes one over.
pub(crate) async fn automations(
    db: &mut PgConnection,
    business: BusinessId,
) -> Result<Vec<Campaign>, sqlx::Error> {
    let mut query = QueryBuilder::new(COLUMNS);
    query.push(" where trigger <> '' and status <> 'canceled' and business_id = ");
    query.push_bind(business.as_uuid()).push(" order by campaign_id for no key update");
    query.build_query_as().fetch_all(db).await
}

/// When the automation of a trigger was launched.
pub(crate) async fn launched_at(
    db: &mut PgConnection,
    business: BusinessId,
    trigger: Trigger,
) -> Result<Option<DateTime<Utc>>, sqlx::Error> {
    let found = sqlx::query_scalar!(
        "select launched_at from campaign.campaign where business_id = $1 and trigger = $2 and status <> 'canceled'",
        business.as_uuid(),
        trigger.as_str(),
    )
    .fetch_optional(db)
    .await?;
    Ok(found.flatten())
}

/// A campaign that is walked, and how far it is.
pub(crate) struct Walk {
    pub(crate) campaign: Campaign,
    pub(crate) after: Option<CustomerId>,
}

/// The running campaign that has waited longest for its next step, locked; those that others are at are left out.
pub(crate) async fn take_due(db: &mut PgConnection, now: DateTime<Utc>) -> Result<Option<Walk>, sqlx::Error> {
    take(db, Status::Running, now).await
}

/// A scheduled campaign whose time has come, locked.
pub(crate) async fn take_scheduled(
    db: &mut PgConnection,
    now: DateTime<Utc>,
) -> Result<Option<Campaign>, sqlx::Error> {
    Ok(take(db, Status::Scheduled, now).await?.map(|walk| walk.campaign))
}

async fn take(
    db: &mut PgConnection,
    status: Status,
    now: DateTime<Utc>,
) -> Result<Option<Walk>, sqlx::Error> {
    let mut query = QueryBuilder::new(COLUMNS);
    // The partial index is found by its own words.
    query.push(" where status in ('scheduled', 'running') and status = ").push_bind(status.as_str());
    query.push(" and next_walk_at <= ").push_bind(now);
    query.push(" order by next_walk_at limit 1 for no key update skip locked");
    let row: Option<PgRow> = query.build().fetch_optional(db).await?;
    row.map(|row| Ok(Walk { campaign: Campaign::from_row(&row)?, after: row.try_get("walked_to")? }))
        .transpose()
}

/// The walk goes on at `next`, where it is.
pub(crate) async fn rest(
    db: &mut PgConnection,
    campaign: &Campaign,
    next: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update campaign.campaign set next_walk_at = $3 where business_id = $1 and campaign_id = $2",
        campaign.business.as_uuid(),
        campaign.id.as_uuid(),
        next,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Campaigns of a business that rest walk again: what they rested for is reckoned anew.
pub(crate) async fn wake(
    db: &mut PgConnection,
    business: BusinessId,
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update campaign.campaign set next_walk_at = $2
         where business_id = $1 and status = 'running' and next_walk_at > $2",
        business.as_uuid(),
        now,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// The walk came this far.
pub(crate) async fn walked(
    db: &mut PgConnection,
    campaign: &Campaign,
    to: CustomerId,
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update campaign.campaign set walked_to = $3, walked_at = $4, next_walk_at = $4
         where business_id = $1 and campaign_id = $2",
        campaign.business.as_uuid(),
        campaign.id.as_uuid(),
        to.as_uuid(),
        now,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// The walk came to its end; the next begins at `next`, if there is one.
pub(crate) async fn walked_out(
    db: &mut PgConnection,
    campaign: &Campaign,
    next: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update campaign.campaign set walked_to = null, walked_at = $3, planned_at = $3, next_walk_at = $4
         where business_id = $1 and campaign_id = $2",
        campaign.business.as_uuid(),
        campaign.id.as_uuid(),
        now,
        next,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// A running blast that is planned to its end and has nothing left to wait for: every send has ended, or it was planned, and
/// last resumed, so long before `until` that nothing of it is handed over any more. Locked.
pub(crate) async fn take_finished(
    db: &mut PgConnection,
    until: DateTime<Utc>,
) -> Result<Option<Campaign>, sqlx::Error> {
    let mut query = QueryBuilder::new(COLUMNS);
    query.push(" where status in ('scheduled', 'running') and status = 'running' and trigger = ''");
    query.push(
        " and planned_at is not null and next_walk_at is null and (greatest(resumed_at, planned_at + make_interval(days => case",
    );
    query.push(" when channel_policy = 'wallet_first' then wallet_days else 0 end)) < ").push_bind(until);
    query.push(" or not exists (select from campaign.tally where tally.campaign_id = campaign.campaign_id");
    query.push(" and tally.open > 0)) limit 1 for no key update skip locked");
    query.build_query_as().fetch_optional(db).await
}

/// The campaign that an operation made, and the fingerprint of what was asked for.
pub(crate) async fn find_operation(
    db: &mut PgConnection,
    business: BusinessId,
    operation: OperationId,
) -> Result<Option<(CampaignId, Vec<u8>)>, sqlx::Error> {
    let row = sqlx::query!(
        r#"select campaign_id as "campaign_id: CampaignId", fingerprint from campaign.operation
           where business_id = $1 and operation_id = $2"#,
        business.as_uuid(),
        operation.as_uuid(),
    )
    .fetch_optional(db)
    .await?;
    Ok(row.map(|row| (row.campaign_id, row.fingerprint)))
}

/// Remembers what an operation made. A second one with the same id fails here, and finds the first when it looks again.
pub(crate) async fn record_operation(
    db: &mut PgConnection,
    business: BusinessId,
    operation: OperationId,
    campaign: CampaignId,
    fingerprint: &[u8],
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "insert into campaign.operation (business_id, operation_id, campaign_id, fingerprint, recorded_at)
         values ($1, $2, $3, $4, $5)",
        business.as_uuid(),
        operation.as_uuid(),
        campaign.as_uuid(),
        fingerprint,
        now,
    )
    .execute(db)
    .await?;
    Ok(())
}
