//! Reading everything there is, to compare what is kept with what the ledger says.

use futures::stream::BoxStream;
use kernel::{BusinessId, CardId, ProgramId};
use sqlx::PgConnection;

/// A card as it is kept, beside what its ledger adds up to.
pub(crate) struct Audited {
    /// Which card.
    pub card: CardId,
    /// Its program, to know which rewards it should have.
    pub program: ProgramId,
    /// As kept.
    pub cycle: i32,
    /// As kept.
    pub stamps: i32,
    /// As kept.
    pub total: i64,
    /// The sum over its ledger.
    pub ledger: i64,
    /// Entries in its ledger.
    pub entries: i64,
    /// `[cycle, program version, stamps required]` of each cycle begun, in order.
    pub cycles: Vec<i32>,
    /// `[cycle, count]` of each reward that was not taken back, in order.
    pub rewards: Vec<i32>,
}

/// The next cards after `after`, in the order of their ids.
pub(crate) async fn page(
    tx: &mut PgConnection,
    after: CardId,
    limit: i64,
) -> Result<Vec<Audited>, sqlx::Error> {
    sqlx::query_as!(
        Audited,
        r#"with cards as (
               select card_id, program_id, cycle, stamps, total from stamping.card
               where card_id > $1 order by card_id limit $2)
           select c.card_id as "card: CardId", c.program_id as "program: ProgramId", c.cycle, c.stamps, c.total,
               coalesce(l.ledger, 0) as "ledger!", coalesce(l.entries, 0) as "entries!",
               coalesce((select array_agg(v order by y.cycle, v.nth) from stamping.cycle y,
                   unnest(array[y.cycle, y.program_version, y.stamps_required]) with ordinality v(v, nth)
                   where y.card_id = c.card_id)::int[], '{}') as "cycles!: Vec<i32>",
               coalesce((select array_agg(v order by r.cycle, r.at, v.nth) from stamping.reward r,
                   unnest(array[r.cycle, r.at]) with ordinality v(v, nth)
                   where r.card_id = c.card_id and r.state <> 'void')::int[], '{}') as "rewards!: Vec<i32>"
           from cards c left join lateral (
               select sum(s.count)::bigint as ledger, count(*) as entries
               from stamping.stamp s where s.card_id = c.card_id) l on true
           order by c.card_id"#,
        after.as_uuid(),
        limit
    )
    .fetch_all(tx)
    .await
}

/// One business's figures of one of its days.
pub struct Day {
    /// The tenant.
    pub business: BusinessId,
    /// In the business's zone.
    pub day: chrono::NaiveDate,
    /// Net of voids, without imports.
    pub stamps: i64,
    /// Not taken back.
    pub unlocked: i64,
    /// Not restored.
    pub redeemed: i64,
}

/// The ledger and the rewards by business and day, in that order. A void counts on the day of the entry that it reverses.
pub(crate) fn days(tx: &mut PgConnection) -> BoxStream<'_, Result<Day, sqlx::Error>> {
    sqlx::query_as!(
        Day,
        r#"with zoned as (
               select s.business_id, s.kind, s.count, coalesce(z.time_zone, 'America/Lima') as zone,
                   coalesce(o.recorded_at, s.recorded_at) as at, coalesce(o.kind, s.kind) as counted_kind
               from stamping.stamp s
               left join stamping.business z using (business_id)
               left join stamping.stamp o on s.reverses_stamp_id is not null and o.stamp_id = s.reverses_stamp_id
           ), figures as (
               select business_id, (at at time zone zone)::date as day, count::bigint as stamps, 0 as unlocked, 0 as redeemed
               from zoned where counted_kind <> 'import'
               union all
               select r.business_id, (r.unlocked_at at time zone coalesce(z.time_zone, 'America/Lima'))::date, 0, 1, 0
               from stamping.reward r left join stamping.business z using (business_id) where r.state <> 'void'
               union all
               select r.business_id, (r.redeemed_at at time zone coalesce(z.time_zone, 'America/Lima'))::date, 0, 0, 1
               from stamping.reward r left join stamping.business z using (business_id) where r.state = 'redeemed'
           )
           select business_id as "business!: BusinessId", day as "day!", sum(stamps)::bigint as "stamps!",
               sum(unlocked)::bigint as "unlocked!", sum(redeemed)::bigint as "redeemed!"
           from figures group by business_id, day
           having sum(stamps) <> 0 or sum(unlocked) <> 0 or sum(redeemed) <> 0
           order by business_id, day"#
    )
    .fetch(tx)
}
