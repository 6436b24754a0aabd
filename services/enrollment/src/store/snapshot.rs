//! What is true now, page by page: businesses, then customers.

use chrono::{DateTime, Utc};
use kernel::{BusinessId, CustomerId};
use sqlx::PgPool;

/// A business, as far as figures need it.
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

/// A customer, as far as figures need her: no name, no number.
pub struct Known {
    /// She.
    pub customer: CustomerId,
    /// Whose she is.
    pub business: BusinessId,
    /// join, import or till.
    pub source: String,
    /// When she joined.
    pub created_at: DateTime<Utc>,
    /// Erased, or merged into another.
    pub gone: bool,
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
        r#"select customer_id as "customer: _", business_id as "business: _", source, created_at,
                  (erased_at is not null or merged_into is not null) as "gone!"
           from enrollment.customer
           where $1::uuid is null or customer_id > $1 order by customer_id limit $2"#,
        after.map(CustomerId::as_uuid),
        limit,
    )
    .fetch_all(pool)
    .await
}
