//! Businesses and their programs, as campaigns know them.

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, Duration, Utc};
use kernel::{BusinessId, ProgramId, Zone};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::domain::at_risk::{LEAST_VISITS, Rhythm};
use crate::domain::audience::Moment;

/// How long an estimate of a shop's rhythm is good for.
const RHYTHM_HOURS: i64 = 12;

/// Remembers where a business counts its days; older versions are ignored. True where it counts them elsewhere now.
pub(crate) async fn hear_zone(
    db: &mut PgConnection,
    business: BusinessId,
    zone: Zone,
    version: i64,
) -> Result<bool, sqlx::Error> {
    let before = self::zone(&mut *db, business).await?;
    let done = sqlx::query!(
        "insert into campaign.business as known (business_id, time_zone, version) values ($1, $2, $3)
         on conflict on constraint business_pk do update set time_zone = excluded.time_zone, version = excluded.version
         where known.version < excluded.version",
        business.as_uuid(),
        zone.name(),
        version,
    )
    .execute(&mut *db)
    .await?;
    Ok(done.rows_affected() == 1 && before != zone)
}

/// Where a business counts its days.
pub(crate) async fn zone(db: &mut PgConnection, business: BusinessId) -> Result<Zone, sqlx::Error> {
    Ok(zones(db, &[business]).await?.get(&business).copied().unwrap_or(Zone::LIMA))
}

/// Remembers whether messaging holds a business's marketing; what was told earlier is ignored.
pub(crate) async fn hear_held(
    db: &mut PgConnection,
    business: BusinessId,
    state: &str,
    reason: &str,
    at: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "insert into campaign.business as known (business_id, held_state, held_reason, held_told_at)
         values ($1, $2, $3, $4)
         on conflict on constraint business_pk do update set
             held_state = excluded.held_state, held_reason = excluded.held_reason, held_told_at = excluded.held_told_at
         where known.held_told_at is null or known.held_told_at < excluded.held_told_at",
        business.as_uuid(),
        state,
        reason,
        at,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Adds purchases whose amount was told.
pub(crate) async fn add_purchases(
    db: &mut PgConnection,
    sums: &BTreeMap<BusinessId, (i64, i64)>,
) -> Result<(), sqlx::Error> {
    let businesses: Vec<Uuid> = sums.keys().map(|business| business.as_uuid()).collect();
    let (counts, cents): (Vec<i64>, Vec<i64>) = sums.values().copied().unzip();
    sqlx::query!(
        "insert into campaign.business as known (business_id, purchases, purchases_cents)
         select * from unnest($1::uuid[], $2::bigint[], $3::bigint[])
         on conflict on constraint business_pk do update set
             purchases = known.purchases + excluded.purchases,
             purchases_cents = known.purchases_cents + excluded.purchases_cents",
        &businesses,
        &counts,
        &cents,
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
           from campaign.business where business_id = any($1)"#,
        &businesses,
    )
    .fetch_all(db)
    .await?;
    Ok(rows.into_iter().map(|row| (row.business_id, read_zone(&row.time_zone))).collect())
}

/// Remembers what a program's cards take; older versions are ignored.
pub(crate) async fn hear_program(
    db: &mut PgConnection,
    business: BusinessId,
    program: ProgramId,
    version: i32,
    stamps_required: i32,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "insert into campaign.program as known (business_id, program_id, version, stamps_required)
         values ($1, $2, $3, $4)
         on conflict on constraint program_pk do update set
             version = excluded.version, stamps_required = excluded.stamps_required
         where known.version < excluded.version",
        business.as_uuid(),
        program.as_uuid(),
        version,
        stamps_required,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Remembers what cards of a program lead to, by the newest reward that was unlocked.
pub(crate) async fn hear_reward(
    db: &mut PgConnection,
    business: BusinessId,
    program: ProgramId,
    title: &str,
    at: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "insert into campaign.program as known
             (business_id, program_id, version, stamps_required, reward_title, reward_told_at)
         values ($1, $2, -1, 0, $3, $4)
         on conflict on constraint program_pk do update set
             reward_title = excluded.reward_title, reward_told_at = excluded.reward_told_at
         where known.reward_told_at is null
            or (known.reward_told_at, known.reward_title) < (excluded.reward_told_at, excluded.reward_title)",
        business.as_uuid(),
        program.as_uuid(),
        title,
        at,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// What cards of these programs take, where it is known.
pub(crate) async fn stamps_required(
    db: &mut PgConnection,
    programs: &[ProgramId],
) -> Result<HashMap<ProgramId, i32>, sqlx::Error> {
    let programs: Vec<Uuid> = programs.iter().map(|program| program.as_uuid()).collect();
    let rows = sqlx::query!(
        r#"select program_id as "program_id: ProgramId", stamps_required
           from campaign.program where program_id = any($1) and stamps_required > 0"#,
        &programs,
    )
    .fetch_all(db)
    .await?;
    Ok(rows.into_iter().map(|row| (row.program_id, row.stamps_required)).collect())
}

/// What messaging says of a business's marketing.
#[derive(Debug, Default)]
pub(crate) struct Held {
    pub(crate) state: String,
    pub(crate) reason: String,
}

/// Whether messaging holds a business's marketing, as last heard.
pub(crate) async fn held(db: &mut PgConnection, business: BusinessId) -> Result<Held, sqlx::Error> {
    let row = sqlx::query_as!(
        Held,
        "select held_state as state, held_reason as reason from campaign.business where business_id = $1",
        business.as_uuid(),
    )
    .fetch_optional(db)
    .await?;
    Ok(row.unwrap_or_default())
}

/// What a purchase comes to on average, in céntimos, where amounts were told.
pub(crate) async fn mean_purchase_cents(
    db: &mut PgConnection,
    business: BusinessId,
) -> Result<Option<f64>, sqlx::Error> {
    let row = sqlx::query!(
        "select purchases, purchases_cents from campaign.business where business_id = $1 and purchases > 0",
        business.as_uuid(),
    )
    .fetch_optional(db)
    .await?;
    Ok(row.map(|row| row.purchases_cents as f64 / row.purchases as f64))
}

/// The present, in the words of a shop. Its rhythm is estimated anew where the last estimate has grown old.
pub(crate) async fn moment(
    db: &mut PgConnection,
    business: BusinessId,
    now: DateTime<Utc>,
) -> Result<Moment, sqlx::Error> {
    let row = sqlx::query!(
        "select time_zone, mean_gap_days, regularity, rhythm_at from campaign.business where business_id = $1",
        business.as_uuid(),
    )
    .fetch_optional(&mut *db)
    .await?;
    let zone = row.as_ref().map_or(Zone::LIMA, |row| read_zone(&row.time_zone));
    let kept = row.and_then(|row| {
        let fresh = row.rhythm_at.is_some_and(|at| at > now - Duration::hours(RHYTHM_HOURS));
        let rhythm =
            Rhythm { mean_gap_days: row.mean_gap_days?, regularity: u32::try_from(row.regularity?).ok()? };
        fresh.then_some(rhythm)
    });
    let rhythm = match kept {
        Some(rhythm) => rhythm,
        None => estimate_rhythm(db, business, now).await?,
    };
    Ok(Moment { now, zone, rhythm })
}

async fn estimate_rhythm(
    db: &mut PgConnection,
    business: BusinessId,
    now: DateTime<Utc>,
) -> Result<Rhythm, sqlx::Error> {
    let row = sqlx::query!(
        r#"select count(*) as "customers!", avg(mean) as mean_gap_days,
                  avg((gap_squares - pauses * mean * mean) / (pauses - 1) / (mean * mean))
                      filter (where pauses >= 3 and mean > 0) as variation
           from (select gap_squares, (visits - 1)::float8 as pauses,
                        (last_day - first_day)::float8 / (visits - 1) as mean
                 from campaign.audience where business_id = $1 and visits >= $2) as regular"#,
        business.as_uuid(),
        LEAST_VISITS,
    )
    .fetch_one(&mut *db)
    .await?;
    let rhythm = Rhythm::estimate(row.customers, row.mean_gap_days, row.variation);
    sqlx::query!(
        "insert into campaign.business (business_id, mean_gap_days, regularity, rhythm_at) values ($1, $2, $3, $4)
         on conflict on constraint business_pk do update set
             mean_gap_days = excluded.mean_gap_days, regularity = excluded.regularity, rhythm_at = excluded.rhythm_at",
        business.as_uuid(),
        rhythm.mean_gap_days,
        i32::try_from(rhythm.regularity).unwrap_or(1),
        now,
    )
    .execute(db)
    .await?;
    Ok(rhythm)
}

/// Only names that were read once are stored; one that a newer build has lost falls back to Lima.
fn read_zone(name: &str) -> Zone {
    Zone::parse(name).unwrap_or(Zone::LIMA)
}
