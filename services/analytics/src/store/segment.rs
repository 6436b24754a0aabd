//! The customers of a segment, newest first: ids are UUIDv7, so their order is that of joining.

use chrono::{NaiveDate, NaiveTime};
use kernel::{BusinessId, CustomerId};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::domain::calendar::days_before;
use crate::domain::dashboard::{ACTIVE_DAYS, LEAST_SILENT_DAYS, RHYTHM_PAUSES, RHYTHM_VISITS};
use crate::domain::segment::{LOST_DAYS, NEW_DAYS, Segment};

/// Everybody in it. A shop has some thousands of customers at most, and pages are cut from what is read.
pub(crate) async fn customers(
    db: &mut PgConnection,
    business: BusinessId,
    segment: Segment,
    today: NaiveDate,
) -> Result<Vec<CustomerId>, sqlx::Error> {
    match segment {
        Segment::Active => came_between(db, business, Some(days_before(today, ACTIVE_DAYS)), None).await,
        Segment::Lost => came_between(db, business, None, Some(days_before(today, LOST_DAYS + 1))).await,
        Segment::AtRisk => at_risk(db, business, today).await,
        Segment::New => joined_since(db, business, days_before(today, NEW_DAYS)).await,
    }
}

/// Whose last day lies after one day and not after another.
async fn came_between(
    db: &mut PgConnection,
    business: BusinessId,
    after: Option<NaiveDate>,
    until: Option<NaiveDate>,
) -> Result<Vec<CustomerId>, sqlx::Error> {
    sqlx::query_scalar!(
        r#"select customer_id as "customer_id!: _" from (
             select card.customer_id, max(last_day) as last_day from analytics.card
             where card.business_id = $1 and visits > 0
               and not exists (select from analytics.customer as gone
                               where gone.business_id = $1 and gone.customer_id = card.customer_id
                                 and departures > 0)
             group by card.customer_id) came
           where ($2::date is null or last_day > $2) and ($3::date is null or last_day <= $3)
           order by customer_id desc"#,
        business.as_uuid(),
        after,
        until,
    )
    .fetch_all(db)
    .await
}

/// By the rule of [`crate::store::visit::standing`].
async fn at_risk(
    db: &mut PgConnection,
    business: BusinessId,
    today: NaiveDate,
) -> Result<Vec<CustomerId>, sqlx::Error> {
    sqlx::query_scalar!(
        r#"with shop as materialized (
             select coalesce(sum(last_day - first_day)::float8 / nullif(sum(visits - 1), 0), 0) as pause
             from analytics.card where business_id = $1 and visits > 0
           )
           select distinct customer_id as "customer_id!: _"
           from analytics.card cross join shop
           where business_id = $1 and visits >= $2
             and $3 - last_day > greatest($4::float8, $5::float8 * (last_day - first_day + shop.pause) / visits)
             and not exists (select from analytics.customer as gone
                             where gone.business_id = $1 and gone.customer_id = card.customer_id
                               and departures > 0)
           order by 1 desc"#,
        business.as_uuid(),
        RHYTHM_VISITS,
        today,
        LEAST_SILENT_DAYS,
        RHYTHM_PAUSES,
    )
    .fetch_all(db)
    .await
}

async fn joined_since(
    db: &mut PgConnection,
    business: BusinessId,
    day: NaiveDate,
) -> Result<Vec<CustomerId>, sqlx::Error> {
    let begins = day.and_time(NaiveTime::MIN).and_utc().timestamp_millis();
    sqlx::query_scalar!(
        r#"select customer_id as "customer_id!: _" from analytics.customer
           where business_id = $1 and customer_id >= $2 and enrollments > 0 and departures = 0
           order by customer_id desc"#,
        business.as_uuid(),
        least_id_of(begins),
    )
    .fetch_all(db)
    .await
}

/// The least UUIDv7 of a moment: its first 48 bits are milliseconds since 1970.
pub(crate) fn least_id_of(millis: i64) -> Uuid {
    Uuid::from_u128(u128::from(millis.unsigned_abs()) << 80)
}
