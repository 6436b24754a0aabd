//! Sums by slot.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use futures::stream::BoxStream;
use kernel::{BusinessId, MemberId, Zone};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::domain::calendar::{Period, Slot};
use crate::domain::figures::{MemberSums, Sums};

/// Adds to slots.
pub(crate) async fn add(
    db: &mut PgConnection,
    slots: &BTreeMap<(BusinessId, Slot), Sums>,
) -> Result<(), sqlx::Error> {
    let businesses: Vec<Uuid> = slots.keys().map(|(business, _)| business.as_uuid()).collect();
    let begins: Vec<DateTime<Utc>> = slots.keys().map(|(_, slot)| slot.begins_at()).collect();
    let stamps: Vec<i64> = slots.values().map(|sums| sums.stamps).collect();
    let enrollments: Vec<i64> = slots.values().map(|sums| sums.enrollments).collect();
    let unlocked: Vec<i64> = slots.values().map(|sums| sums.rewards_unlocked).collect();
    let redeemed: Vec<i64> = slots.values().map(|sums| sums.rewards_redeemed).collect();
    sqlx::query!(
        "insert into analytics.slot as known
             (business_id, slot_at, stamps, enrollments, rewards_unlocked, rewards_redeemed)
         select * from unnest($1::uuid[], $2::timestamptz[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[])
         on conflict on constraint slot_pk do update set
             stamps = known.stamps + excluded.stamps,
             enrollments = known.enrollments + excluded.enrollments,
             rewards_unlocked = known.rewards_unlocked + excluded.rewards_unlocked,
             rewards_redeemed = known.rewards_redeemed + excluded.rewards_redeemed",
        &businesses,
        &begins,
        &stamps,
        &enrollments,
        &unlocked,
        &redeemed,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Adds to members' slots.
pub(crate) async fn add_members(
    db: &mut PgConnection,
    slots: &BTreeMap<(BusinessId, Slot, MemberId), MemberSums>,
) -> Result<(), sqlx::Error> {
    let businesses: Vec<Uuid> = slots.keys().map(|(business, _, _)| business.as_uuid()).collect();
    let begins: Vec<DateTime<Utc>> = slots.keys().map(|(_, slot, _)| slot.begins_at()).collect();
    let members: Vec<Uuid> = slots.keys().map(|(_, _, member)| member.as_uuid()).collect();
    let stamps: Vec<i64> = slots.values().map(|sums| sums.stamps).collect();
    let by_search: Vec<i64> = slots.values().map(|sums| sums.stamps_by_search).collect();
    let voids: Vec<i64> = slots.values().map(|sums| sums.voids).collect();
    let redeemed: Vec<i64> = slots.values().map(|sums| sums.rewards_redeemed).collect();
    sqlx::query!(
        "insert into analytics.member_slot as known
             (business_id, slot_at, member_id, stamps, stamps_by_search, voids, rewards_redeemed)
         select * from unnest($1::uuid[], $2::timestamptz[], $3::uuid[], $4::bigint[], $5::bigint[], $6::bigint[],
                              $7::bigint[])
         on conflict on constraint member_slot_pk do update set
             stamps = known.stamps + excluded.stamps,
             stamps_by_search = known.stamps_by_search + excluded.stamps_by_search,
             voids = known.voids + excluded.voids,
             rewards_redeemed = known.rewards_redeemed + excluded.rewards_redeemed",
        &businesses,
        &begins,
        &members,
        &stamps,
        &by_search,
        &voids,
        &redeemed,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// The slots of a business from one moment to before another, oldest first.
pub(crate) async fn between(
    db: &mut PgConnection,
    business: BusinessId,
    from: DateTime<Utc>,
    until: DateTime<Utc>,
) -> Result<Vec<(Slot, Sums)>, sqlx::Error> {
    let rows = sqlx::query!(
        "select slot_at, stamps, enrollments, rewards_unlocked, rewards_redeemed
         from analytics.slot
         where business_id = $1 and slot_at >= $2 and slot_at < $3
         order by slot_at",
        business.as_uuid(),
        from,
        until,
    )
    .fetch_all(db)
    .await?;
    let slots = rows.into_iter().map(|row| {
        let sums = Sums {
            stamps: row.stamps,
            enrollments: row.enrollments,
            rewards_unlocked: row.rewards_unlocked,
            rewards_redeemed: row.rewards_redeemed,
        };
        (Slot::of(row.slot_at), sums)
    });
    Ok(slots.collect())
}

/// The sums of each day of a period that has any.
pub(crate) async fn by_day(
    db: &mut PgConnection,
    business: BusinessId,
    zone: Zone,
    period: Period,
) -> Result<BTreeMap<NaiveDate, Sums>, sqlx::Error> {
    let days: Vec<NaiveDate> = period.days().collect();
    let starts: Vec<DateTime<Utc>> = days.iter().map(|day| zone.start_of(*day)).collect();
    let (from, until) = period.bounds(zone);
    // The bucket is the number of days that have begun, so the first day is 1.
    let rows = sqlx::query!(
        r#"select width_bucket(slot_at, $4::timestamptz[]) as "bucket!", sum(stamps)::bigint as "stamps!",
                  sum(enrollments)::bigint as "enrollments!", sum(rewards_unlocked)::bigint as "rewards_unlocked!",
                  sum(rewards_redeemed)::bigint as "rewards_redeemed!"
           from analytics.slot
           where business_id = $1 and slot_at >= $2 and slot_at < $3
           group by 1"#,
        business.as_uuid(),
        from,
        until,
        &starts,
    )
    .fetch_all(db)
    .await?;
    let sums = rows.into_iter().filter_map(|row| {
        let day = usize::try_from(row.bucket).ok().and_then(|bucket| days.get(bucket.checked_sub(1)?))?;
        let sums = Sums {
            stamps: row.stamps,
            enrollments: row.enrollments,
            rewards_unlocked: row.rewards_unlocked,
            rewards_redeemed: row.rewards_redeemed,
        };
        Some((*day, sums))
    });
    Ok(sums.collect())
}

/// The first slot of a business.
pub(crate) async fn first(db: &mut PgConnection, business: BusinessId) -> Result<Option<Slot>, sqlx::Error> {
    let first = sqlx::query_scalar!(
        "select min(slot_at) from analytics.slot where business_id = $1",
        business.as_uuid()
    )
    .fetch_one(db)
    .await?;
    Ok(first.map(Slot::of))
}

/// What each member did, the busiest first; those whose sums are all 0 are left out.
pub(crate) async fn by_member(
    db: &mut PgConnection,
    business: BusinessId,
    from: DateTime<Utc>,
    until: DateTime<Utc>,
) -> Result<Vec<(MemberId, MemberSums)>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"select member_id as "member_id: MemberId", sum(stamps)::bigint as "stamps!",
                  sum(stamps_by_search)::bigint as "stamps_by_search!", sum(voids)::bigint as "voids!",
                  sum(rewards_redeemed)::bigint as "rewards_redeemed!"
           from analytics.member_slot
           where business_id = $1 and slot_at >= $2 and slot_at < $3
           group by member_id
           having sum(stamps) <> 0 or sum(voids) <> 0 or sum(rewards_redeemed) <> 0
           order by sum(stamps) desc, member_id"#,
        business.as_uuid(),
        from,
        until,
    )
    .fetch_all(db)
    .await?;
    let members = rows.into_iter().map(|row| {
        let sums = MemberSums {
            stamps: row.stamps,
            stamps_by_search: row.stamps_by_search,
            voids: row.voids,
            rewards_redeemed: row.rewards_redeemed,
        };
        (row.member_id, sums)
    });
    Ok(members.collect())
}

/// One business's sums of one of its days.
pub(crate) struct BusinessDay {
    /// The tenant.
    pub(crate) business: BusinessId,
    /// The day, in its zone.
    pub(crate) day: NaiveDate,
    /// Net of voids.
    pub(crate) stamps: i64,
    /// Net of those taken back.
    pub(crate) rewards_unlocked: i64,
    /// Net of those undone.
    pub(crate) rewards_redeemed: i64,
}

/// Every business's days, by business and day, for comparing with the ledger; days whose sums are all 0 are left out. The one
/// statement that is not about one business: its callers are the platform's.
pub(crate) fn all_days(db: &mut PgConnection) -> BoxStream<'_, Result<BusinessDay, sqlx::Error>> {
    sqlx::query_as!(
        BusinessDay,
        r#"select slot.business_id as "business: BusinessId",
                  (slot_at at time zone coalesce(time_zone, 'America/Lima'))::date as "day!",
                  sum(stamps)::bigint as "stamps!", sum(rewards_unlocked)::bigint as "rewards_unlocked!",
                  sum(rewards_redeemed)::bigint as "rewards_redeemed!"
           from analytics.slot left join analytics.business using (business_id)
           group by 1, 2
           having sum(stamps) <> 0 or sum(rewards_unlocked) <> 0 or sum(rewards_redeemed) <> 0
           order by 1, 2"#,
    )
    .fetch(db)
}
