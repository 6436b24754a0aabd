-- Programs, cards, the ledger of stamps, and rewards.

-- What stamping must know of a business that enrollment owns: in which zone its days are counted.
create table stamping.business (
    business_id uuid constraint business_pk primary key,
    time_zone text not null,
    version bigint not null
);

create table stamping.program (
    program_id uuid constraint program_pk primary key,
    business_id uuid not null,
    version int not null,
    active boolean not null,
    created_at timestamptz not null
);
create index program_by_business on stamping.program (business_id, created_at);

-- A program's rules never change in place: a change is a new version, and a running cycle keeps the one it began with.
create table stamping.program_version (
    program_id uuid not null constraint program_version_program references stamping.program,
    version int not null,
    business_id uuid not null,
    definition jsonb not null,
    created_at timestamptz not null,
    constraint program_version_pk primary key (program_id, version)
);

create table stamping.card (
    card_id uuid constraint card_pk primary key,
    business_id uuid not null,
    customer_id uuid not null,
    program_id uuid not null,
    -- The version the running cycle began with, and what it asks for.
    program_version int not null,
    stamps_required int not null,
    cycle int not null,
    stamps int not null,
    total bigint not null,
    version bigint not null,
    carried_cents bigint not null,
    code_generation int not null,
    opened_at timestamptz not null,
    last_earn_at timestamptz,
    -- The last business day it earned on, and how many stamps that day.
    earn_day date,
    earn_day_stamps int not null,
    -- Erased or merged away: it takes no more stamps.
    closed_at timestamptz,
    constraint card_customer_program unique (business_id, customer_id, program_id),
    constraint card_in_cycle check (stamps between 0 and stamps_required and cycle >= 1 and total >= 0)
) with (fillfactor = 70);

-- The cycles a card has begun: what each asks for, so that a card can be rebuilt from its ledger.
create table stamping.cycle (
    card_id uuid not null constraint cycle_card references stamping.card,
    cycle int not null,
    program_version int not null,
    stamps_required int not null,
    constraint cycle_pk primary key (card_id, cycle)
);

-- The ledger. Rows are only ever added; a void is a row of its own.
create table stamping.stamp (
    stamp_id uuid not null,
    business_id uuid not null,
    card_id uuid not null,
    kind text not null constraint stamp_kind check (kind in ('earn', 'bonus', 'void', 'import')),
    via text not null constraint stamp_via
        check (via in ('scan', 'search', 'offline', 'import', 'api', 'referral', 'welcome', 'merge', 'panel')),
    count int not null,
    cycle int not null,
    member_id uuid,
    device_id uuid,
    location_id uuid,
    amount_cents bigint,
    reason text,
    reverses_stamp_id uuid,
    operation_id uuid not null,
    occurred_at timestamptz not null,
    recorded_at timestamptz not null,
    constraint stamp_pk primary key (stamp_id, recorded_at)
) partition by range (recorded_at);
create index stamp_by_card on stamping.stamp (card_id, recorded_at);
-- A stamp is never refused because a month's partition is missing; the service watches that this one stays empty.
create table stamping.stamp_default partition of stamping.stamp default;

-- Which entries have been reversed: the key is what makes a second undo impossible.
create table stamping.voided (
    stamp_id uuid constraint voided_pk primary key,
    business_id uuid not null,
    by_stamp_id uuid not null
);

create table stamping.reward (
    reward_id uuid constraint reward_pk primary key,
    business_id uuid not null,
    card_id uuid not null,
    customer_id uuid not null,
    program_id uuid not null,
    cycle int not null,
    at int not null,
    title text not null,
    cost_cents bigint,
    state text not null constraint reward_state check (state in ('open', 'redeemed', 'expired', 'void')),
    unlocked_at timestamptz not null,
    expires_at timestamptz,
    redeemed_at timestamptz
);
create unique index reward_once on stamping.reward (card_id, cycle, at) where state <> 'void';
create index reward_by_customer on stamping.reward (business_id, customer_id);
create index reward_expiring on stamping.reward (expires_at) where state = 'open' and expires_at is not null;

-- What every operation did, so that a retry is answered and not done.
create table stamping.operation (
    business_id uuid not null,
    operation_id uuid not null,
    fingerprint bytea not null,
    result bytea not null,
    created_at timestamptz not null,
    constraint operation_pk primary key (business_id, operation_id)
);
create index operation_by_age on stamping.operation using brin (created_at);

create table stamping.scan (
    scan_id uuid constraint scan_pk primary key,
    business_id uuid not null,
    card_id uuid not null,
    member_id uuid,
    device_id uuid,
    created_at timestamptz not null
);
create index scan_by_age on stamping.scan using brin (created_at);

-- Stamps given by search, by member and day: a till without a code in sight is worth a limit.
create table stamping.search_count (
    business_id uuid not null,
    member_id uuid not null,
    day date not null,
    stamps int not null,
    constraint search_count_pk primary key (business_id, member_id, day)
);

create table stamping.outbox (
    event_id uuid constraint outbox_pk primary key,
    subject text not null,
    payload bytea not null,
    traceparent text,
    created_at timestamptz not null default now(),
    published_at timestamptz
);
create index outbox_unpublished on stamping.outbox (created_at) where published_at is null;
create table stamping.inbox (
    consumer text not null,
    event_id uuid not null,
    received_at timestamptz not null default now(),
    constraint inbox_pk primary key (consumer, event_id)
);
