//! What automations have acted on.

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use kernel::{BusinessId, CustomerId};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::domain::trigger::Trigger;

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
