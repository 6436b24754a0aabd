//! What automations have acted on.

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use kernel::{BusinessId, CustomerId};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::domain::send::planned_at;
use crate::domain::trigger::Trigger;
use crate::store::audience::Merge;
use crate::store::send::Key;

/// Of these causes, those that have fired before.
pub(crate) async fn known(
    db: &mut PgConnection,
    business: BusinessId,
    trigger: Trigger,
    causes: &[(CustomerId, String)],
) -> Result<HashSet<(CustomerId, String)>, sqlx::Error> {
    let (customers, causes): (Vec<Uuid>, Vec<String>) =
        causes.iter().map(|(customer, cause)| (customer.as_uuid(), cause.clone())).unzip();
    let rows = sqlx::query!(
        r#"select customer_id as "customer_id: CustomerId", cause from campaign.fired
           where business_id = $1 and trigger = $2
             and (customer_id, cause) in (select * from unnest($3::uuid[], $4::text[]))"#,
        business.as_uuid(),
        trigger.as_str(),
        &customers,
        &causes,
    )
    .fetch_all(db)
    .await?;
    Ok(rows.into_iter().map(|row| (row.customer_id, row.cause)).collect())
}

/// Remembers causes that fire now.
pub(crate) async fn remember(
    db: &mut PgConnection,
    business: BusinessId,
    trigger: Trigger,
    causes: &[(CustomerId, String)],
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    let (customers, causes): (Vec<Uuid>, Vec<String>) =
        causes.iter().map(|(customer, cause)| (customer.as_uuid(), cause.clone())).unzip();
    sqlx::query!(
        "insert into campaign.fired (business_id, trigger, customer_id, cause, fired_at)
         select $1, $2, customer_id, cause, $5 from unnest($3::uuid[], $4::text[]) as new (customer_id, cause)
         on conflict on constraint fired_pk do nothing",
        business.as_uuid(),
        trigger.as_str(),
        &customers,
        &causes,
        now,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// What has fired for somebody has fired for whom she was merged into.
pub(crate) async fn follow_merge(
    db: &mut PgConnection,
    (business, from, into): Merge,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "insert into campaign.fired (business_id, trigger, customer_id, cause, fired_at)
         select business_id, trigger, $3, cause, fired_at from campaign.fired
         where business_id = $1 and trigger = any($4) and customer_id = $2
         order by trigger, cause
         on conflict on constraint fired_pk do nothing",
        business.as_uuid(),
        from.as_uuid(),
        into.as_uuid(),
        &Trigger::ALL.map(|trigger| trigger.as_str().to_owned()),
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Causes of sends that were canceled before they went out: where one still holds later, it fires again.
pub(crate) async fn forget(db: &mut PgConnection, canceled: &[Key]) -> Result<(), sqlx::Error> {
    let campaigns: Vec<Uuid> = canceled.iter().map(|(campaign, _)| campaign.as_uuid()).collect();
    let sends: Vec<Uuid> = canceled.iter().map(|(_, send)| *send).collect();
    let moments: Vec<Option<DateTime<Utc>>> = canceled.iter().map(|(_, send)| planned_at(*send)).collect();
    sqlx::query!(
        "delete from campaign.fired
         using unnest($1::uuid[], $2::uuid[], $3::timestamptz[]) as gone (campaign_id, send_id, planned_at)
         join campaign.send using (campaign_id, send_id, planned_at)
         join campaign.campaign as automation
              on automation.business_id = send.business_id and automation.campaign_id = send.campaign_id
         where fired.business_id = send.business_id and fired.trigger = automation.trigger
           and fired.customer_id = send.customer_id and fired.fired_at = send.planned_at",
        &campaigns,
        &sends,
        &moments as &[Option<DateTime<Utc>>],
    )
    .execute(db)
    .await?;
    Ok(())
}
