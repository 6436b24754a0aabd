//! What tills have read, and how often they searched instead.

use chrono::{DateTime, NaiveDate, Utc};
use kernel::{BusinessId, CardId, DeviceId, MemberId, ScanId};
use sqlx::{PgConnection, PgPool};

/// A code that a till has read.
#[derive(Clone, Debug)]
pub(crate) struct Scan {
    /// Its id.
    pub scan: ScanId,
    /// The tenant.
    pub business: BusinessId,
    /// Which card the code named.
    pub card: CardId,
    /// Who read it.
    pub member: Option<MemberId>,
    /// On which till.
    pub device: Option<DeviceId>,
    /// When.
    pub created_at: DateTime<Utc>,
}

/// Remembers a scan.
pub(crate) async fn insert(pool: &PgPool, scan: &Scan) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "insert into stamping.scan (scan_id, business_id, card_id, member_id, device_id, created_at)
         values ($1, $2, $3, $4, $5, $6)",
        scan.scan.as_uuid(),
        scan.business.as_uuid(),
        scan.card.as_uuid(),
        scan.member.map(MemberId::as_uuid),
        scan.device.map(DeviceId::as_uuid),
        scan.created_at
    )
    .execute(pool)
    .await?;
    Ok(())
}

/// Takes a rotating code for a till; false where another till has it. The same till may read it again: a cashier's hand
/// is not always steady.
pub(crate) async fn take_rotating(
    pool: &PgPool,
    card: CardId,
    step: i64,
    (business, member, device): (BusinessId, Option<MemberId>, Option<DeviceId>),
    now: DateTime<Utc>,
) -> Result<bool, sqlx::Error> {
    let taken = sqlx::query!(
        "insert into stamping.rotating_use as known (card_id, step, business_id, member_id, device_id, used_at)
         values ($1, $2, $3, $4, $5, $6)
         on conflict on constraint rotating_use_pk do update set used_at = known.used_at
         where known.member_id is not distinct from excluded.member_id
             and known.device_id is not distinct from excluded.device_id",
        card.as_uuid(),
        step,
        business.as_uuid(),
        member.map(MemberId::as_uuid),
        device.map(DeviceId::as_uuid),
        now
    )
    .execute(pool)
    .await?;
    Ok(taken.rows_affected() == 1)
}

/// Those of the wanted scans that are known.
pub(crate) async fn find(
    executor: impl sqlx::PgExecutor<'_>,
    wanted: &[(BusinessId, ScanId)],
) -> Result<Vec<Scan>, sqlx::Error> {
    let businesses: Vec<_> = wanted.iter().map(|(business, _)| business.as_uuid()).collect();
    let scans: Vec<_> = wanted.iter().map(|(_, scan)| scan.as_uuid()).collect();
    sqlx::query_as!(
        Scan,
        r#"select s.scan_id as "scan: ScanId", s.business_id as "business: BusinessId", s.card_id as "card: CardId",
                  s.member_id as "member: MemberId", s.device_id as "device: DeviceId", s.created_at
           from unnest($1::uuid[], $2::uuid[]) as wanted(business_id, scan_id)
           join stamping.scan s using (business_id, scan_id)"#,
        &businesses,
        &scans
    )
    .fetch_all(executor)
    .await
}

/// Counts stamps by search of a member on a day; returns how many it is now.
pub(crate) async fn count_search(
    tx: &mut PgConnection,
    business: BusinessId,
    member: MemberId,
    day: NaiveDate,
    stamps: i32,
) -> Result<i32, sqlx::Error> {
    sqlx::query_scalar!(
        "insert into stamping.search_count (business_id, member_id, day, stamps) values ($1, $2, $3, $4)
         on conflict on constraint search_count_pk do update
         set stamps = stamping.search_count.stamps + excluded.stamps
         returning stamps",
        business.as_uuid(),
        member.as_uuid(),
        day,
        stamps
    )
    .fetch_one(tx)
    .await
}
