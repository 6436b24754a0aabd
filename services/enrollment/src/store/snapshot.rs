//! What is true now, page by page: businesses, then customers.

use chrono::{DateTime, Utc};
use kernel::{BusinessId, CustomerId, LocationId};
use sqlx::PgPool;

/// A business, as far as projections need it.
pub struct Shop {
    /// Its id.
    pub business: BusinessId,
    /// Its name in addresses.
    pub slug: String,
    /// Where it counts its days.
    pub time_zone: String,
    /// Grows with each change.
    pub version: i64,
    /// When it signed up.
    pub created_at: DateTime<Utc>,
}

/// A customer, as far as projections need her: no name, no number.
pub struct Known {
    /// She.
    pub customer: CustomerId,
    /// Whose she is.
    pub business: BusinessId,
    /// join, import or till.
    pub source: String,
    /// When she joined.
    pub created_at: DateTime<Utc>,
    /// What she reads.
    pub language: String,
    /// 1 to 12; 0 is unknown.
    pub birth_month: i32,
    /// Where she joined.
    pub location: Option<LocationId>,
    /// She was forgotten.
    pub erased: bool,
    /// Who she turned out to be.
    pub merged_into: Option<CustomerId>,
    /// How her consent to marketing stands; `None` where nobody asked.
    pub marketing: Option<String>,
    /// Its version; 0 without one.
    pub marketing_version: i64,
    /// The version of the text that it was given or taken back under; 0 without one.
    pub marketing_text: i32,
    /// Since when it stands so.
    pub marketing_at: Option<DateTime<Utc>>,
}

/// Businesses after one of them.
pub async fn businesses(
    pool: &PgPool,
    after: Option<BusinessId>,
    limit: i64,
) -> Result<Vec<Shop>, sqlx::Error> {
    sqlx::query_as!(
        Shop,
        r#"select business_id as "business: _", slug, time_zone, version, created_at from enrollment.business
           where $1::uuid is null or business_id > $1 order by business_id limit $2"#,
        after.map(BusinessId::as_uuid),
        limit,
    )
    .fetch_all(pool)
    .await
}

/// Customers after one of them.
pub async fn customers(
    pool: &PgPool,
    after: Option<CustomerId>,
    limit: i64,
) -> Result<Vec<Known>, sqlx::Error> {
    sqlx::query_as!(
        Known,
        r#"select customer_id as "customer: _", business_id as "business: _", source, created_at, c.language,
                  coalesce(extract(month from birthday)::int, 0) as "birth_month!", location_id as "location: _",
                  (erased_at is not null) as "erased!", merged_into as "merged_into: _",
                  newest.state as "marketing?", coalesce(newest.version, 0) as "marketing_version!",
                  coalesce(newest.text_version, 0) as "marketing_text!", newest.recorded_at as "marketing_at?"
           from enrollment.customer as c
           left join lateral (
               select state, version, text_version, recorded_at from enrollment.consent
               where consent.business_id = c.business_id and consent.customer_id = c.customer_id
                 and purpose = 'marketing'
               order by version desc limit 1
           ) as newest on true
           where $1::uuid is null or customer_id > $1 order by customer_id limit $2"#,
        after.map(CustomerId::as_uuid),
        limit,
    )
    .fetch_all(pool)
    .await
}
