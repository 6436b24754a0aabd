//! Who came when: visits by day, visitors by day, and the days of each card.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use kernel::{BusinessId, CardId};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::domain::calendar::{Period, days_before};
use crate::domain::dashboard::{ACTIVE_DAYS, LEAST_SILENT_DAYS, RHYTHM_PAUSES, RHYTHM_VISITS};
use crate::domain::figures::Standing;
use crate::domain::visit::{CardDays, Crossing, DayEntries};

/// Adds entries, and tells which days a card is now found to have come on, or no more.
pub(crate) async fn add_entries(
    db: &mut PgConnection,
    days: &BTreeMap<(BusinessId, NaiveDate, CardId), DayEntries>,
) -> Result<Vec<Crossing>, sqlx::Error> {
    let businesses: Vec<Uuid> = days.keys().map(|(business, _, _)| business.as_uuid()).collect();
    let dates: Vec<NaiveDate> = days.keys().map(|(_, day, _)| *day).collect();
    let cards: Vec<Uuid> = days.keys().map(|(_, _, card)| card.as_uuid()).collect();
    let entries: Vec<i32> = days.values().map(|day| day.entries).collect();
    let first: Vec<DateTime<Utc>> = days.values().map(|day| day.first_at).collect();
    // What was there before is what is there now less the change, so the upsert alone tells what is new.
    sqlx::query_as!(
        Crossing,
        r#"with change as (
             select * from unnest($1::uuid[], $2::date[], $3::uuid[], $4::int[], $5::timestamptz[])
                 as change (business_id, day, card_id, entries, first_at)
           ), kept as (
             insert into analytics.card_visit as known (business_id, day, card_id, entries, first_at)
             select * from change
             on conflict on constraint card_visit_pk do update set
                 entries = known.entries + excluded.entries,
                 first_at = least(known.first_at, excluded.first_at)
             returning business_id, day, card_id, entries
           )
           select business_id as "business!: BusinessId", day as "day!", card_id as "card!: CardId",
                  kept.entries > 0 as "came!"
           from kept join change using (business_id, day, card_id)
           where (kept.entries > 0) <> (kept.entries - change.entries > 0)"#,
        &businesses,
        &dates,
        &cards,
        &entries,
        &first,
    )
    .fetch_all(db)
    .await
}

/// Adds to the count of visitors by day.
pub(crate) async fn add_visitors(
    db: &mut PgConnection,
    days: &BTreeMap<(BusinessId, NaiveDate), i64>,
) -> Result<(), sqlx::Error> {
    let businesses: Vec<Uuid> = days.keys().map(|(business, _)| business.as_uuid()).collect();
    let dates: Vec<NaiveDate> = days.keys().map(|(_, day)| *day).collect();
    let visitors: Vec<i64> = days.values().copied().collect();
    sqlx::query!(
        "insert into analytics.visitor_day as known (business_id, day, visitors)
         select * from unnest($1::uuid[], $2::date[], $3::bigint[])
         on conflict on constraint visitor_day_pk do update set visitors = known.visitors + excluded.visitors",
        &businesses,
        &dates,
        &visitors,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Adds to the days of cards. The rows stay locked, which [`forget_days`] relies on.
pub(crate) async fn add_card_days(
    db: &mut PgConnection,
    cards: &BTreeMap<(BusinessId, CardId), CardDays>,
) -> Result<(), sqlx::Error> {
    let businesses: Vec<Uuid> = cards.keys().map(|(business, _)| business.as_uuid()).collect();
    let ids: Vec<Uuid> = cards.keys().map(|(_, card)| card.as_uuid()).collect();
    let customers: Vec<Uuid> = cards.values().map(|days| days.card.customer.as_uuid()).collect();
    let versions: Vec<i64> = cards.values().map(|days| days.card.version).collect();
    let visits: Vec<i32> = cards.values().map(|days| days.visits).collect();
    let first: Vec<Option<NaiveDate>> = cards.values().map(|days| days.first).collect();
    let last: Vec<Option<NaiveDate>> = cards.values().map(|days| days.last).collect();
    sqlx::query!(
        "insert into analytics.card as known
             (business_id, card_id, customer_id, card_version, visits, first_day, last_day)
         select * from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::bigint[], $5::int[], $6::date[], $7::date[])
         on conflict on constraint card_pk do update set
             customer_id = case when known.card_version < excluded.card_version
                                then excluded.customer_id else known.customer_id end,
             card_version = greatest(known.card_version, excluded.card_version),
             visits = known.visits + excluded.visits,
             first_day = least(known.first_day, excluded.first_day),
             last_day = greatest(known.last_day, excluded.last_day)",
        &businesses,
        &ids,
        &customers,
        &versions,
        &visits,
        &first as &[Option<NaiveDate>],
        &last as &[Option<NaiveDate>],
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Finds the first and last day anew for cards whose first or last day is none any more. Looks no further back than
/// to the lost day, because older visits have been purged.
pub(crate) async fn forget_days(db: &mut PgConnection, lost: &[Crossing]) -> Result<(), sqlx::Error> {
    let businesses: Vec<Uuid> = lost.iter().map(|crossing| crossing.business.as_uuid()).collect();
    let cards: Vec<Uuid> = lost.iter().map(|crossing| crossing.card.as_uuid()).collect();
    let dates: Vec<NaiveDate> = lost.iter().map(|crossing| crossing.day).collect();
    sqlx::query!(
        "update analytics.card
         set first_day = case
                 when card.visits <= 0 then null
                 when card.first_day = any(lost.days) then (
                     select day from analytics.card_visit visit
                     where visit.business_id = card.business_id and visit.card_id = card.card_id
                       and visit.day > card.first_day and visit.entries > 0
                     order by day limit 1)
                 else card.first_day end,
             last_day = case
                 when card.visits <= 0 then null
                 when card.last_day = any(lost.days) then (
                     select day from analytics.card_visit visit
                     where visit.business_id = card.business_id and visit.card_id = card.card_id
                       and visit.day < card.last_day and visit.entries > 0
                     order by day desc limit 1)
                 else card.last_day end
         from (select business_id, card_id, array_agg(day) as days
               from unnest($1::uuid[], $2::uuid[], $3::date[]) as lost (business_id, card_id, day)
               group by business_id, card_id) lost
         where card.business_id = lost.business_id and card.card_id = lost.card_id",
        &businesses,
        &cards,
        &dates,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Visitors by day.
pub(crate) async fn visitors(
    db: &mut PgConnection,
    business: BusinessId,
    from: NaiveDate,
    to: NaiveDate,
) -> Result<BTreeMap<NaiveDate, i64>, sqlx::Error> {
    let rows = sqlx::query!(
        "select day, visitors from analytics.visitor_day where business_id = $1 and day between $2 and $3",
        business.as_uuid(),
        from,
        to,
    )
    .fetch_all(db)
    .await?;
    Ok(rows.into_iter().map(|row| (row.day, row.visitors)).collect())
}

/// Distinct cards that had come on a day before a moment of it.
pub(crate) async fn visitors_until(
    db: &mut PgConnection,
    business: BusinessId,
    day: NaiveDate,
    until: DateTime<Utc>,
) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar!(
        r#"select count(*) as "visitors!" from analytics.card_visit
           where business_id = $1 and day = $2 and entries > 0 and first_at < $3"#,
        business.as_uuid(),
        day,
        until,
    )
    .fetch_one(db)
    .await
}

/// Distinct cards that came in a period.
pub(crate) async fn visitors_of(
    db: &mut PgConnection,
    business: BusinessId,
    period: Period,
) -> Result<i64, sqlx::Error> {
    // `distinct` in a subquery is hashed; `count(distinct …)` would sort.
    sqlx::query_scalar!(
        r#"select count(*) as "visitors!" from (
             select distinct card_id from analytics.card_visit
             where business_id = $1 and day between $2 and $3 and entries > 0) came"#,
        business.as_uuid(),
        period.first_day(),
        period.last_day(),
    )
    .fetch_one(db)
    .await
}

/// How the cards of a business stand. A card's usual pause is the mean of its own pauses and one more of the shop's
/// mean, so that a rhythm of few visits is not taken for too regular.
pub(crate) async fn standing(
    db: &mut PgConnection,
    business: BusinessId,
    today: NaiveDate,
) -> Result<Standing, sqlx::Error> {
    // Two plain scans are quicker than keeping the cards in between. Between n visits lie n - 1 pauses, and the shop's
    // makes n.
    sqlx::query_as!(
        Standing,
        r#"with shop as materialized (
             select coalesce(sum(last_day - first_day)::float8 / nullif(sum(visits - 1), 0), 0) as pause
             from analytics.card where business_id = $1 and visits > 0
           )
           select count(*) filter (where last_day > $2) as "active!",
                  count(*) filter (where last_day > $2 and visits > 1) as "returning!",
                  count(*) filter (where visits >= $3 and $4 - last_day > greatest(
                      $5::float8, $6::float8 * (last_day - first_day + shop.pause) / visits)) as "at_risk!"
           from analytics.card cross join shop
           where business_id = $1 and visits > 0
             and not exists (select from analytics.customer
                             where customer.business_id = $1 and customer.customer_id = card.customer_id
                               and departures > 0)"#,
        business.as_uuid(),
        days_before(today, ACTIVE_DAYS),
        RHYTHM_VISITS,
        today,
        LEAST_SILENT_DAYS,
        RHYTHM_PAUSES,
    )
    .fetch_one(db)
    .await
}
