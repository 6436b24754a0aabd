//! Customers, as far as they are counted.

use std::collections::BTreeMap;

use kernel::{BusinessId, CustomerId};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::domain::changes::CustomerNews;

/// Adds news, and tells by how much each business's number of customers changes.
pub(crate) async fn hear(
    db: &mut PgConnection,
    news: &BTreeMap<(BusinessId, CustomerId), CustomerNews>,
) -> Result<Vec<(BusinessId, i64)>, sqlx::Error> {
    let businesses: Vec<Uuid> = news.keys().map(|(business, _)| business.as_uuid()).collect();
    let customers: Vec<Uuid> = news.keys().map(|(_, customer)| customer.as_uuid()).collect();
    let enrollments: Vec<i32> = news.values().map(|news| news.enrollments).collect();
    let departures: Vec<i32> = news.values().map(|news| news.departures).collect();
    // What was there before is what is there now less the change, so the upsert alone tells who came and who left.
    let rows = sqlx::query!(
        r#"with change as (
             select * from unnest($1::uuid[], $2::uuid[], $3::int[], $4::int[])
                 as change (business_id, customer_id, enrollments, departures)
           ), kept as (
             insert into analytics.customer as known (business_id, customer_id, enrollments, departures)
             select * from change
             on conflict on constraint customer_pk do update set
                 enrollments = known.enrollments + excluded.enrollments,
                 departures = known.departures + excluded.departures
             returning business_id, customer_id, enrollments, departures
           )
           select business_id as "business_id!: BusinessId",
                  count(*) filter (where kept.enrollments > 0 and kept.departures = 0)
                  - count(*) filter (where kept.enrollments > change.enrollments
                                       and kept.departures = change.departures) as "customers!"
           from kept join change using (business_id, customer_id)
           group by business_id"#,
        &businesses,
        &customers,
        &enrollments,
        &departures,
    )
    .fetch_all(db)
    .await?;
    Ok(rows.into_iter().map(|row| (row.business_id, row.customers)).collect())
}
