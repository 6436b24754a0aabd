//! The figures of a year, added up from its ledger by the database itself, so that they cannot differ from it.

/// Two rows of statements that do not touch the same tables, so that both cores add.
pub(super) const FIGURES: [&[&str]; 2] = [&VISITS, &SUMS];

const VISITS: [&str; 3] = [
    "insert into analytics.card_visit (business_id, day, card_id, entries, first_at)
     select business_id, (recorded_at at time zone 'America/Lima')::date as day, card_id, sum(count), min(recorded_at)
     from stamping.stamp group by 1, 2, 3 order by 1, 2, 3",
    "insert into analytics.visitor_day (business_id, day, visitors)
     select business_id, day, count(*) from analytics.card_visit group by 1, 2 order by 1, 2",
    "update analytics.card c set visits = came.visits, first_day = came.first_day, last_day = came.last_day
     from (select business_id, card_id, count(*)::int as visits, min(day) as first_day, max(day) as last_day
           from analytics.card_visit group by 1, 2) came
     where came.business_id = c.business_id and came.card_id = c.card_id",
];

const SUMS: [&str; 6] = [
    "insert into analytics.business (business_id, time_zone, version, created_at)
     select business_id, time_zone, 0, created_at from enrollment.business on conflict do nothing",
    "insert into analytics.slot (business_id, slot_at, stamps, enrollments, rewards_unlocked, rewards_redeemed)
     select business_id, date_bin('15 minutes', at, 'epoch') as slot_at, sum(s), sum(e), sum(u), sum(r)
     from (select business_id, recorded_at as at, count as s, 0 as e, 0 as u, 0 as r from stamping.stamp
           union all select business_id, created_at, 0, 1, 0, 0 from enrollment.customer
           union all select business_id, unlocked_at, 0, 0, 1, 0 from stamping.reward
           union all select business_id, redeemed_at, 0, 0, 0, 1 from stamping.reward where state = 'redeemed') happened
     group by 1, 2 order by 1, 2",
    "insert into analytics.member_slot (business_id, slot_at, member_id, stamps, stamps_by_search, voids, rewards_redeemed)
     select business_id, date_bin('15 minutes', at, 'epoch') as slot_at, member_id, sum(s), 0, 0, sum(r)
     from (select business_id, recorded_at as at, member_id, count as s, 0 as r from stamping.stamp
           union all select business_id, redeemed_at, redeemed_by, 0, 1 from stamping.reward where state = 'redeemed') did
     group by 1, 2, 3 order by 1, 2, 3",
    "insert into analytics.customer (business_id, customer_id, enrollments, departures)
     select business_id, customer_id, 1, 0 from enrollment.customer order by 1, 2",
    "insert into analytics.reward (business_id, reward_id, unlocks, unlocked_at, redemptions, redeemed_at, redeemed_by)
     select business_id, reward_id, 1, unlocked_at, (state = 'redeemed')::int, redeemed_at, redeemed_by
     from stamping.reward order by 1, 2",
    "insert into analytics.total (business_id, customers, rewards_open, rewards_open_cents)
     select business_id, count(*),
         (select count(*) from stamping.reward r where r.business_id = c.business_id and r.state = 'open'), 0
     from enrollment.customer c group by 1 order by 1
     on conflict on constraint total_pk do update
     set customers = excluded.customers, rewards_open = excluded.rewards_open",
];

/// How much does not add up: cards against their ledgers, and each figure against what it is the sum of.
pub(super) const DRIFT: &str = "
    select (select count(*) from stamping.card c left join
                (select card_id, sum(count) as ledger from stamping.stamp group by 1) l using (card_id)
            where c.total <> coalesce(l.ledger, 0))
        + abs((select coalesce(sum(count), 0) from stamping.stamp) - (select coalesce(sum(stamps), 0) from analytics.slot))
        + abs((select coalesce(sum(count), 0) from stamping.stamp) - (select coalesce(sum(entries), 0) from analytics.card_visit))
        + abs((select count(*) from enrollment.customer) - (select coalesce(sum(customers), 0) from analytics.total))
        + abs((select count(*) from stamping.reward) - (select coalesce(sum(rewards_unlocked), 0) from analytics.slot))
        + abs((select count(*) from stamping.reward where state = 'open')
            - (select coalesce(sum(rewards_open), 0) from analytics.total))";
