//! Businesses and their zones.

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, NaiveDate, Utc};
use kernel::{BusinessId, Zone};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::domain::changes::BusinessNews;

/// What is known of a business.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Business {
    /// Where it counts its days.
    pub(crate) zone: Zone,
    /// When it was created, if that is known.
    pub(crate) created_at: Option<DateTime<Utc>>,
}

/// Remembers news; the zone of an older version is ignored.
pub(crate) async fn hear(
    db: &mut PgConnection,
    news: &BTreeMap<BusinessId, BusinessNews>,
) -> Result<(), sqlx::Error> {
    let businesses: Vec<Uuid> = news.keys().map(|business| business.as_uuid()).collect();
    let zones: Vec<String> = news.values().map(|news| news.zone.name().to_owned()).collect();
    let versions: Vec<i64> = news.values().map(|news| news.version).collect();
    let created: Vec<Option<DateTime<Utc>>> = news.values().map(|news| news.created_at).collect();
    sqlx::query!(
        "insert into analytics.business as known (business_id, time_zone, version, created_at)
         select * from unnest($1::uuid[], $2::text[], $3::bigint[], $4::timestamptz[])
         on conflict on constraint business_pk do update set
             time_zone = case when known.version < excluded.version then excluded.time_zone else known.time_zone end,
             version = greatest(known.version, excluded.version),
             created_at = coalesce(known.created_at, excluded.created_at)",
        &businesses,
        &zones,
        &versions,
        &created as &[Option<DateTime<Utc>>],
    )
    .execute(db)
    .await?;
    Ok(())
}

/// The zones of those businesses whose zone is known.
pub(crate) async fn zones(
    db: &mut PgConnection,
    businesses: &[BusinessId],
) -> Result<HashMap<BusinessId, Zone>, sqlx::Error> {
    let businesses: Vec<Uuid> = businesses.iter().map(|business| business.as_uuid()).collect();
    let rows = sqlx::query!(
        r#"select business_id as "business_id: BusinessId", time_zone
           from analytics.business where business_id = any($1)"#,
        &businesses,
    )
    .fetch_all(db)
    .await?;
    Ok(rows.into_iter().map(|row| (row.business_id, read_zone(&row.time_zone))).collect())
}

/// What is known of one business.
pub(crate) async fn find(db: &mut PgConnection, business: BusinessId) -> Result<Business, sqlx::Error> {
    let row = sqlx::query!(
        "select time_zone, created_at from analytics.business where business_id = $1",
        business.as_uuid(),
    )
    .fetch_optional(db)
    .await?;
    Ok(match row {
        Some(row) => Business { zone: read_zone(&row.time_zone), created_at: row.created_at },
        None => Business { zone: Zone::LIMA, created_at: None },
    })
}

/// Only names that were read once are stored; one that a newer build has lost falls back to Lima.
fn read_zone(name: &str) -> Zone {
    Zone::parse(name).unwrap_or(Zone::LIMA)
}

/// How many had a visitor on that day or since: one look into an index for each.
pub(crate) async fn active(db: &mut PgConnection, since: NaiveDate) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar!(
        r#"select count(*) as "count!" from analytics.business b
           where exists (select from analytics.visitor_day v
                         where v.business_id = b.business_id and v.day >= $1 and v.visitors > 0)"#,
        since
    )
    .fetch_one(db)
    .await
}
