//! What is counted of a business whatever the day.

use std::collections::BTreeMap;

use kernel::BusinessId;
use sqlx::PgConnection;
use uuid::Uuid;

use crate::domain::figures::{OpenRewards, Totals};

/// Adds to totals.
pub(crate) async fn add(
    db: &mut PgConnection,
    totals: &BTreeMap<BusinessId, Totals>,
) -> Result<(), sqlx::Error> {
    let businesses: Vec<Uuid> = totals.keys().map(|business| business.as_uuid()).collect();
    let customers: Vec<i64> = totals.values().map(|totals| totals.customers).collect();
    let rewards: Vec<i64> = totals.values().map(|totals| totals.open.rewards).collect();
    let costs: Vec<i64> = totals.values().map(|totals| totals.open.cost_cents).collect();
    sqlx::query!(
        "insert into analytics.total as known (business_id, customers, rewards_open, rewards_open_cents)
         select * from unnest($1::uuid[], $2::bigint[], $3::bigint[], $4::bigint[])
         on conflict on constraint total_pk do update set
             customers = known.customers + excluded.customers,
             rewards_open = known.rewards_open + excluded.rewards_open,
             rewards_open_cents = known.rewards_open_cents + excluded.rewards_open_cents",
        &businesses,
        &customers,
        &rewards,
        &costs,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// The totals of a business.
pub(crate) async fn find(db: &mut PgConnection, business: BusinessId) -> Result<Totals, sqlx::Error> {
    let row = sqlx::query!(
        "select customers, rewards_open, rewards_open_cents from analytics.total where business_id = $1",
        business.as_uuid(),
    )
    .fetch_optional(db)
    .await?;
    Ok(row.map_or_else(Totals::default, |row| Totals {
        customers: row.customers,
        open: OpenRewards { rewards: row.rewards_open, cost_cents: row.rewards_open_cents },
    }))
}
