//! Businesses and their locations.

use chrono::{DateTime, Utc};
use kernel::{BusinessId, Locale, LocationId, Zone};
use sqlx::PgExecutor;

use crate::domain::business::{Business, Location, Slug};

struct Row {
    business_id: BusinessId,
    slug: String,
    name: String,
    time_zone: String,
    language: String,
    ruc: String,
    version: i64,
    created_at: DateTime<Utc>,
}

impl From<Row> for Business {
    fn from(row: Row) -> Self {
        Self {
            id: row.business_id,
            slug: row.slug,
            name: row.name,
            // Only names that were read as a zone are ever stored.
            zone: Zone::parse(&row.time_zone).unwrap_or(Zone::LIMA),
            language: Locale::from_tag(&row.language),
            ruc: row.ruc,
            version: row.version,
            created_at: row.created_at,
        }
    }
}

/// Writes a new business; false where the slug is taken.
pub async fn insert(db: impl PgExecutor<'_>, business: &Business) -> Result<bool, sqlx::Error> {
    let done = sqlx::query!(
        "insert into enrollment.business (business_id, slug, name, time_zone, language, ruc, created_at)
         values ($1, $2, $3, $4, $5, $6, $7)
         on conflict (slug) do nothing",
        business.id.as_uuid(),
        business.slug,
        business.name,
        business.zone.name(),
        business.language.as_str(),
        business.ruc,
        business.created_at,
    )
    .execute(db)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// One business.
pub async fn find(db: impl PgExecutor<'_>, business: BusinessId) -> Result<Option<Business>, sqlx::Error> {
    let row = sqlx::query_as!(
        Row,
        r#"select business_id as "business_id: _", slug, name, time_zone, language, ruc, version, created_at
           from enrollment.business where business_id = $1"#,
        business.as_uuid(),
    )
    .fetch_optional(db)
    .await?;
    Ok(row.map(Business::from))
}

/// The business of this slug.
pub async fn by_slug(db: impl PgExecutor<'_>, slug: &Slug) -> Result<Option<Business>, sqlx::Error> {
    let row = sqlx::query_as!(
        Row,
        r#"select business_id as "business_id: _", slug, name, time_zone, language, ruc, version, created_at
           from enrollment.business where slug = $1"#,
        slug.as_str(),
    )
    .fetch_optional(db)
    .await?;
    Ok(row.map(Business::from))
}

/// Locks the row, so that changes of a business and of its people come one after the other.
pub async fn lock(db: impl PgExecutor<'_>, business: BusinessId) -> Result<Option<Business>, sqlx::Error> {
    let row = sqlx::query_as!(
        Row,
        r#"select business_id as "business_id: _", slug, name, time_zone, language, ruc, version, created_at
           from enrollment.business where business_id = $1 for no key update"#,
        business.as_uuid(),
    )
    .fetch_optional(db)
    .await?;
    Ok(row.map(Business::from))
}

/// Writes a locked business back.
pub async fn update(db: impl PgExecutor<'_>, business: &Business) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update enrollment.business
         set slug = $2, name = $3, time_zone = $4, language = $5, ruc = $6, version = $7
         where business_id = $1",
        business.id.as_uuid(),
        business.slug,
        business.name,
        business.zone.name(),
        business.language.as_str(),
        business.ruc,
        business.version,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Writes a new location.
pub async fn insert_location(
    db: impl PgExecutor<'_>,
    business: BusinessId,
    location: &Location,
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "insert into enrollment.location (location_id, business_id, name, address, created_at)
         values ($1, $2, $3, $4, $5)",
        location.id.as_uuid(),
        business.as_uuid(),
        location.name,
        location.address,
        now,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Changes a location's name, its address, or both; `None` where the business has no such location.
pub async fn update_location(
    db: impl PgExecutor<'_>,
    business: BusinessId,
    location: LocationId,
    name: Option<&str>,
    address: Option<&str>,
) -> Result<Option<Location>, sqlx::Error> {
    sqlx::query_as!(
        Location,
        r#"update enrollment.location set name = coalesce($3, name), address = coalesce($4, address)
           where business_id = $1 and location_id = $2
           returning location_id as "id: _", name, address"#,
        business.as_uuid(),
        location.as_uuid(),
        name,
        address,
    )
    .fetch_optional(db)
    .await
}

/// The locations of a business, oldest first.
pub async fn locations(db: impl PgExecutor<'_>, business: BusinessId) -> Result<Vec<Location>, sqlx::Error> {
    sqlx::query_as!(
        Location,
        r#"select location_id as "id: _", name, address from enrollment.location
           where business_id = $1 order by location_id"#,
        business.as_uuid(),
    )
    .fetch_all(db)
    .await
}

/// One location of a business.
pub async fn location(
    db: impl PgExecutor<'_>,
    business: BusinessId,
    location: LocationId,
) -> Result<Option<Location>, sqlx::Error> {
    sqlx::query_as!(
        Location,
        r#"select location_id as "id: _", name, address from enrollment.location
           where business_id = $1 and location_id = $2"#,
        business.as_uuid(),
        location.as_uuid(),
    )
    .fetch_optional(db)
    .await
}
