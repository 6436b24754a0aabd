//! Money: reserved in the transaction that hands a message over, given back where it was not sent.

use chrono::NaiveDate;
use kernel::BusinessId;
use sqlx::{PgConnection, PgExecutor, PgPool};
use uuid::Uuid;

/// What a business has spent today and this month.
pub(crate) async fn spent(
    db: impl PgExecutor<'_>,
    business: BusinessId,
    (day, first): (NaiveDate, NaiveDate),
) -> Result<(i64, i64), sqlx::Error> {
    let row = sqlx::query!(
        r#"select coalesce(sum(cents) filter (where day = $2), 0)::bigint as "today!",
                  coalesce(sum(cents), 0)::bigint as "month!"
           from messaging.spend where business_id = $1 and day between $3 and $2"#,
        business.as_uuid(),
        day,
        first
    )
    .fetch_one(db)
    .await?;
    Ok((row.today, row.month))
}

/// Reserves money of several businesses, each on its day.
pub(crate) async fn reserve(
    tx: &mut PgConnection,
    businesses: &[Uuid],
    days: &[NaiveDate],
    cents: &[i64],
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "insert into messaging.spend as known (business_id, day, cents)
         select * from unnest($1::uuid[], $2::date[], $3::bigint[])
         on conflict (business_id, day) do update set cents = known.cents + excluded.cents",
        businesses,
        days,
        cents
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// Takes again what had been given back: it was sent after all. What is true counts, even beyond a budget.
pub(crate) async fn take_again(tx: &mut PgConnection, attempts: &[Uuid]) -> Result<(), sqlx::Error> {
    if attempts.is_empty() {
        return Ok(());
    }
    sqlx::query!(
        "with again as (
           update messaging.attempt set given_back = false
           where attempt_id = any($1) and given_back
           returning business_id, spent_on, spent_cents
         )
         insert into messaging.spend as known (business_id, day, cents)
         select business_id, spent_on, sum(spent_cents) from again group by business_id, spent_on
         on conflict (business_id, day) do update set cents = known.cents + excluded.cents",
        attempts
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// Gives back what these attempts had reserved, each once. Who is closed for want of it is opened later: whoever hands over locks a
/// business before its messages, and here it is too late for that.
pub(crate) async fn give_back(tx: &mut PgConnection, attempts: &[Uuid]) -> Result<(), sqlx::Error> {
    if attempts.is_empty() {
        return Ok(());
    }
    sqlx::query!(
        "with back as (
           update messaging.attempt set given_back = true
           where attempt_id = any($1) and not given_back
           returning business_id, spent_on, spent_cents
         ), sums as (
           select business_id, spent_on, sum(spent_cents) as cents from back group by business_id, spent_on
         )
         update messaging.spend as known
         set cents = greatest(known.cents - sums.cents, 0), given_back = known.given_back + 1
         from sums where known.business_id = sums.business_id and known.day = sums.spent_on",
        attempts
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// Money that has come back, and nobody has looked at what is closed for want of it.
pub(crate) struct CameBack {
    pub(crate) business: BusinessId,
    pub(crate) day: NaiveDate,
    /// How often.
    pub(crate) times: i32,
}

/// Where money has come back.
pub(crate) async fn came_back(pool: &PgPool, most: i64) -> Result<Vec<CameBack>, sqlx::Error> {
    sqlx::query_as!(
        CameBack,
        r#"select business_id as "business: BusinessId", day, given_back as times
           from messaging.spend where given_back > 0 order by business_id, day limit $1"#,
        most
    )
    .fetch_all(pool)
    .await
}

/// What is closed for want of it was looked at. More of it, come meanwhile, is another matter.
pub(crate) async fn looked_at(tx: &mut PgConnection, back: &CameBack) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update messaging.spend set given_back = 0 where business_id = $1 and day = $2 and given_back = $3",
        back.business.as_uuid(),
        back.day,
        back.times
    )
    .execute(tx)
    .await?;
    Ok(())
}
