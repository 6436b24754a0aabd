//! The write path of stamps: one statement for entries, cards and operations together.

use chrono::{DateTime, Duration, NaiveDate, Utc};
use kernel::{BusinessId, CardId, DeviceId, LocationId, MemberId, OperationId, ScanId, StampId};
use sqlx::PgConnection;
use uuid::Uuid;

use super::operation::NewOperation;
use crate::domain::{Card, Kind, Via};

/// An entry about to be written.
#[derive(Clone, Debug)]
pub(crate) struct NewEntry {
    /// Its id, made at `recorded_at`.
    pub stamp: StampId,
    /// The tenant.
    pub business: BusinessId,
    /// Whose progress it changes.
    pub card: CardId,
    /// What it is.
    pub kind: Kind,
    /// How it came.
    pub via: Via,
    /// Stamps given; negative for a void.
    pub count: i32,
    /// The running cycle after it.
    pub cycle: i32,
    /// Who did it.
    pub member: Option<MemberId>,
    /// On which till.
    pub device: Option<DeviceId>,
    /// In which shop.
    pub location: Option<LocationId>,
    /// What was paid.
    pub amount_cents: Option<i64>,
    /// Why, for voids and overrides.
    pub reason: Option<String>,
    /// The entry it reverses.
    pub reverses: Option<StampId>,
    /// The intent behind it.
    pub operation: OperationId,
    /// When it happened at the till.
    pub occurred_at: DateTime<Utc>,
    /// When the server recorded it.
    pub recorded_at: DateTime<Utc>,
}

/// Writes entries, the cards as they are after them, and the operations they answer, in one round trip.
pub(crate) async fn write(
    tx: &mut PgConnection,
    entries: &[NewEntry],
    cards: &[&Card],
    operations: &[NewOperation],
) -> Result<(), sqlx::Error> {
    fn column<S, T>(rows: &[S], value: impl Fn(&S) -> T) -> Vec<T> {
        rows.iter().map(value).collect()
    }
    sqlx::query!(
        "with entries as (
             insert into stamping.stamp (stamp_id, business_id, card_id, kind, via, count, cycle, member_id, device_id,
                 location_id, amount_cents, reason, reverses_stamp_id, operation_id, occurred_at, recorded_at)
             select * from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::text[], $5::text[], $6::int[], $7::int[],
                 $8::uuid[], $9::uuid[], $10::uuid[], $11::bigint[], $12::text[], $13::uuid[], $14::uuid[],
                 $15::timestamptz[], $16::timestamptz[])
         ), cards as (
             update stamping.card c set program_version = n.program_version, stamps_required = n.stamps_required,
                 cycle = n.cycle, stamps = n.stamps, total = n.total, version = n.version,
                 carried_cents = n.carried_cents, last_earn_at = n.last_earn_at, earn_day = n.earn_day,
                 earn_day_stamps = n.earn_day_stamps, visit_scan_id = n.visit_scan_id, visit_stamps = n.visit_stamps
             from unnest($17::uuid[], $18::int[], $19::int[], $20::int[], $21::int[], $22::bigint[], $23::bigint[],
                 $24::bigint[], $25::timestamptz[], $26::date[], $27::int[], $28::uuid[], $29::int[])
                 as n(card_id, program_version, stamps_required, cycle, stamps, total, version, carried_cents,
                      last_earn_at, earn_day, earn_day_stamps, visit_scan_id, visit_stamps)
             where c.card_id = n.card_id
         )
         insert into stamping.operation (business_id, operation_id, fingerprint, result, created_at)
         select * from unnest($30::uuid[], $31::uuid[], $32::bytea[], $33::bytea[], $34::timestamptz[])",
        &column(entries, |e| e.stamp.as_uuid()),
        &column(entries, |e| e.business.as_uuid()),
        &column(entries, |e| e.card.as_uuid()),
        &column(entries, |e| e.kind.as_str().to_owned()),
        &column(entries, |e| e.via.as_str().to_owned()),
        &column(entries, |e| e.count),
        &column(entries, |e| e.cycle),
        &column(entries, |e| e.member.map(MemberId::as_uuid)) as &[Option<Uuid>],
        &column(entries, |e| e.device.map(DeviceId::as_uuid)) as &[Option<Uuid>],
        &column(entries, |e| e.location.map(LocationId::as_uuid)) as &[Option<Uuid>],
        &column(entries, |e| e.amount_cents) as &[Option<i64>],
        &column(entries, |e| e.reason.clone()) as &[Option<String>],
        &column(entries, |e| e.reverses.map(StampId::as_uuid)) as &[Option<Uuid>],
        &column(entries, |e| e.operation.as_uuid()),
        &column(entries, |e| e.occurred_at),
        &column(entries, |e| e.recorded_at),
        &column(cards, |c| c.card.as_uuid()),
        &column(cards, |c| c.program_version),
        &column(cards, |c| c.stamps_required),
        &column(cards, |c| c.cycle),
        &column(cards, |c| c.stamps),
        &column(cards, |c| c.total),
        &column(cards, |c| c.version),
        &column(cards, |c| c.carried_cents),
        &column(cards, |c| c.last_earn_at) as &[Option<DateTime<Utc>>],
        &column(cards, |c| c.earn_day) as &[Option<NaiveDate>],
        &column(cards, |c| c.earn_day_stamps),
        &column(cards, |c| c.visit_scan.map(ScanId::as_uuid)) as &[Option<Uuid>],
        &column(cards, |c| c.visit_stamps),
        &column(operations, |o| o.business.as_uuid()),
        &column(operations, |o| o.operation.as_uuid()),
        &column(operations, |o| o.fingerprint.as_bytes().to_vec()),
        &column(operations, |o| o.result.clone()),
        &column(operations, |o| o.created_at),
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// An entry that is to be reversed.
pub(crate) struct Written {
    /// Whose progress it changed.
    pub card: CardId,
    /// What it is.
    pub kind: String,
    /// Stamps it gave.
    pub count: i32,
    /// Who gave them.
    pub member: Option<MemberId>,
    /// When the server recorded it.
    pub recorded_at: DateTime<Utc>,
}

/// One entry of a business. The id tells the month, so that one partition is read and not all.
pub(crate) async fn get(
    tx: &mut PgConnection,
    business: BusinessId,
    stamp: StampId,
) -> Result<Option<Written>, sqlx::Error> {
    let Some(made_at) = stamp.made_at() else { return Ok(None) };
    let near = Duration::seconds(1);
    sqlx::query_as!(
        Written,
        r#"select card_id as "card: CardId", kind, count, member_id as "member: MemberId", recorded_at
           from stamping.stamp
           where business_id = $1 and stamp_id = $2 and recorded_at between $3 and $4"#,
        business.as_uuid(),
        stamp.as_uuid(),
        made_at - near,
        made_at + near
    )
    .fetch_optional(tx)
    .await
}

/// Marks an entry as reversed; `false` if it was before.
pub(crate) async fn mark_voided(
    tx: &mut PgConnection,
    business: BusinessId,
    stamp: StampId,
    by: StampId,
) -> Result<bool, sqlx::Error> {
    let marked = sqlx::query!(
        "insert into stamping.voided (stamp_id, business_id, by_stamp_id) values ($1, $2, $3)
         on conflict on constraint voided_pk do nothing",
        stamp.as_uuid(),
        business.as_uuid(),
        by.as_uuid()
    )
    .execute(tx)
    .await?;
    Ok(marked.rows_affected() == 1)
}
