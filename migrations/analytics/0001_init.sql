-- Figures, built from other services' events; everything here can be built anew.
--
-- Sums are kept by quarter of an hour of UTC and become days and hours of a business when they are read: every
-- zone's days begin on such a quarter, so neither the order in which events arrive nor a change of zone can put a
-- stamp on the wrong day. Rows that change often leave room on their page, so that an update touches no index.

-- What is known of a business. Without a row it counts its days in America/Lima.
create table analytics.business (
    business_id uuid constraint business_pk primary key,
    time_zone text not null,
    -- Of the event that told the zone; 0 is the creation. Older ones are ignored.
    version bigint not null,
    -- Null until its creation is heard of.
    created_at timestamptz
);

create table analytics.slot (
    business_id uuid not null,
    slot_at timestamptz not null,
    -- Net of voids, which fall on the slot of the stamp they reverse. Imports are not counted.
    stamps bigint not null,
    enrollments bigint not null,
    -- Net of rewards taken back.
    rewards_unlocked bigint not null,
    -- Net of redemptions undone.
    rewards_redeemed bigint not null,
    constraint slot_pk primary key (business_id, slot_at)
) with (fillfactor = 70);

create table analytics.member_slot (
    business_id uuid not null,
    slot_at timestamptz not null,
    member_id uuid not null,
    stamps bigint not null,
    stamps_by_search bigint not null,
    voids bigint not null,
    rewards_redeemed bigint not null,
    constraint member_slot_pk primary key (business_id, slot_at, member_id)
) with (fillfactor = 70);

-- Which cards came on which business day. Kept for 400 days.
create table analytics.card_visit (
    business_id uuid not null,
    day date not null,
    card_id uuid not null,
    -- Stamps less voids; the card came that day while this is above 0.
    entries integer not null,
    first_at timestamptz not null,
    constraint card_visit_pk primary key (business_id, day, card_id)
) with (fillfactor = 80);
-- For the purge alone: small, and free for everyone else.
create index card_visit_by_day on analytics.card_visit using brin (day);

-- How many cards came on each business day: the count of `card_visit`, kept so that nobody has to count.
create table analytics.visitor_day (
    business_id uuid not null,
    day date not null,
    visitors bigint not null,
    constraint visitor_day_pk primary key (business_id, day)
) with (fillfactor = 70);

-- A card's days, all of them: the mean pause is (last_day - first_day) / (visits - 1).
create table analytics.card (
    business_id uuid not null,
    card_id uuid not null,
    customer_id uuid not null,
    card_version bigint not null,
    -- Days on which it was stamped, and the first and last of them.
    visits integer not null,
    first_day date,
    last_day date,
    constraint card_pk primary key (business_id, card_id)
) with (fillfactor = 80);

create table analytics.customer (
    business_id uuid not null,
    customer_id uuid not null,
    enrollments integer not null,
    -- Times merged into another or erased; both are for ever.
    departures integer not null,
    constraint customer_pk primary key (business_id, customer_id)
);
create index customer_gone on analytics.customer (business_id, customer_id) where departures > 0;

-- A reward as its facts add up, whatever order they come in.
create table analytics.reward (
    business_id uuid not null,
    reward_id uuid not null,
    -- Times unlocked less times taken back.
    unlocks integer not null default 0,
    unlocked_at timestamptz,
    cost_cents bigint not null default 0,
    -- Times redeemed less times undone.
    redemptions integer not null default 0,
    redeemed_at timestamptz,
    redeemed_by uuid,
    expired boolean not null default false,
    constraint reward_pk primary key (business_id, reward_id)
) with (fillfactor = 80);

-- What `customer` and `reward` add up to, kept so that nobody has to.
create table analytics.total (
    business_id uuid constraint total_pk primary key,
    -- Who joined and are still there.
    customers bigint not null,
    rewards_open bigint not null,
    rewards_open_cents bigint not null
) with (fillfactor = 70);

create table analytics.inbox (
    consumer text not null,
    event_id uuid not null,
    received_at timestamptz not null default now(),
    constraint inbox_pk primary key (consumer, event_id)
);
