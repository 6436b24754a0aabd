-- Campaigns: who is written to, when, and what came of it.
--
-- `business` and `audience` are projections of other services' events; everything else is a truth of its own.

-- What is known of a business. Without a row it counts its days in America/Lima.
create table campaign.business (
    business_id uuid constraint business_pk primary key,
    time_zone text not null default 'America/Lima',
    -- Of the event that told the zone; 0 is the creation. Older ones are ignored.
    version bigint not null default -1,
    -- Whether messaging holds its marketing, and why; by the newest that was heard.
    held_state text not null default 'none',
    held_reason text not null default '',
    held_told_at timestamptz,
    -- Purchases whose amount is known, and what they came to.
    purchases bigint not null default 0,
    purchases_cents bigint not null default 0,
    -- How customers of this shop come, as last estimated; null until then.
    mean_gap_days double precision,
    regularity integer,
    rhythm_at timestamptz
);

create table campaign.program (
    business_id uuid not null,
    program_id uuid not null,
    version integer not null,
    stamps_required integer not null,
    -- What its cards lead to, as far as a reward of it was ever unlocked: the newest.
    reward_title text not null default '',
    reward_told_at timestamptz,
    constraint program_pk primary key (business_id, program_id)
);

-- A customer as her facts add up, whatever order they come in. `cards` and `rewards` are what the columns after them are
-- made from; conditions read columns alone.
create table campaign.audience (
    business_id uuid not null,
    customer_id uuid not null,
    -- Null until her joining is heard of.
    joined_at timestamptz,
    source text not null default '',
    language text not null default 'es',
    birth_month smallint not null default 0,
    location_id uuid,
    -- granted, pending, revoked; none until something is heard.
    consent text not null default 'none',
    consent_version bigint not null default -1,
    consent_at timestamptz,
    opted_out_at timestamptz,
    erased boolean not null default false,
    merged_into uuid,
    -- Passes on phones: kept less removed.
    apple_passes integer not null default 0,
    google_passes integer not null default 0,
    -- Business days with a stamp, in their order, and stamps less voids of each; she came on those above 0.
    days date[] not null default '{}',
    entries integer[] not null default '{}',
    cards jsonb not null default '{}',
    rewards jsonb not null default '{}',
    -- From here on derived.
    visits integer not null default 0,
    first_day date,
    third_day date,
    last_day date,
    -- The sum of the squares of her pauses; their plain sum is last_day - first_day.
    gap_squares bigint not null default 0,
    -- The card nearest to its end.
    card_id uuid,
    card_program uuid,
    card_cycle integer not null default 0,
    stamps integer not null default 0,
    stamps_left integer,
    open_rewards integer not null default 0,
    -- Ends of open rewards, soonest first; and the reward that ends first.
    reward_ends timestamptz[] not null default '{}',
    reward_id uuid,
    reward_title text not null default '',
    redeemed_at timestamptz,
    constraint audience_pk primary key (business_id, customer_id)
) with (fillfactor = 70);

create table campaign.campaign (
    business_id uuid not null,
    campaign_id uuid not null,
    name text not null,
    -- Empty for a blast.
    trigger text not null default '',
    -- draft, scheduled, running, paused, canceled, done.
    status text not null,
    version bigint not null,
    audience jsonb not null,
    wordings jsonb not null,
    channel_policy text not null,
    wallet_days integer not null,
    holdout_percent integer not null,
    scheduled_at timestamptz,
    launched_at timestamptz,
    ended_at timestamptz,
    created_at timestamptz not null,
    -- The day of the prices it was launched at, `YYYY-MM-DD`.
    prices_of text not null default '',
    -- Of planning: the last customer taken up in this walk, when the walk ended, and when the next one is due.
    walked_to uuid,
    walked_at timestamptz,
    planned_at timestamptz,
    next_walk_at timestamptz,
    constraint campaign_pk primary key (business_id, campaign_id)
) with (fillfactor = 70);
create index campaign_by_id on campaign.campaign (campaign_id);
create unique index campaign_of_trigger on campaign.campaign (business_id, trigger)
    where trigger <> '' and status <> 'canceled';
create index campaign_alive on campaign.campaign (next_walk_at) where status in ('scheduled', 'running');

-- One intent of a client makes one campaign.
create table campaign.operation (
    business_id uuid not null,
    operation_id uuid not null,
    campaign_id uuid not null,
    fingerprint bytea not null,
    recorded_at timestamptz not null,
    constraint operation_pk primary key (business_id, operation_id)
);

-- What messaging must still be told of a campaign; gone once it has answered. Locked while it is being told, so that it
-- hears states in their order.
create table campaign.hold (
    campaign_id uuid constraint hold_pk primary key,
    business_id uuid not null,
    -- paused, running, canceled.
    state text not null,
    wanted_at timestamptz not null
);

-- How far a campaign is: the count of its sends by state, kept so that nobody has to.
create table campaign.tally (
    campaign_id uuid constraint tally_pk primary key,
    business_id uuid not null,
    planned bigint not null default 0,
    holdout bigint not null default 0,
    requested bigint not null default 0,
    sent bigint not null default 0,
    delivered bigint not null default 0,
    read bigint not null default 0,
    failed bigint not null default 0,
    canceled bigint not null default 0,
    opted_out bigint not null default 0,
    cost_cents bigint not null default 0,
    -- Sends that may still change: neither delivered nor ended, or with a second way before them.
    open bigint not null default 0,
    version bigint not null default 0,
    told_version bigint not null default 0,
    told_at timestamptz
) with (fillfactor = 50);
create index tally_untold on campaign.tally (campaign_id) where version > told_version;

-- At most one marketing message per customer in 7 days, over everything: whoever holds this row.
create table campaign.contact_claim (
    business_id uuid not null,
    customer_id uuid not null,
    send_id uuid not null,
    campaign_id uuid not null,
    -- When it was won; the hand-over when that comes.
    claimed_at timestamptz not null,
    constraint contact_claim_pk primary key (business_id, customer_id)
) with (fillfactor = 80);

-- One campaign's message to one customer, or that she was held out of it. By the month of `planned_at`, which is also what
-- the id says, so that an id finds its month.
create table campaign.send (
    business_id uuid not null,
    campaign_id uuid not null,
    send_id uuid not null,
    customer_id uuid not null,
    planned_at timestamptz not null,
    -- The business day of it.
    planned_day date not null,
    -- holdout, requested, handed_over, sent, delivered, read, failed, canceled.
    status text not null,
    -- whatsapp, wallet; empty for the holdout.
    channel text not null,
    language text not null,
    card_id uuid,
    -- Of messaging's last word on it.
    message_version integer not null default 0,
    cost_cents bigint not null default 0,
    reason text not null default '',
    -- When WhatsApp is to follow the wallet unless she has come.
    follow_up_at timestamptz,
    constraint send_pk primary key (campaign_id, send_id, planned_at)
) partition by range (planned_at);
create table campaign.send_default partition of campaign.send default;
create index send_to_follow on campaign.send (follow_up_at) where follow_up_at is not null;

-- What an automation has acted on: the same cause never fires twice.
create table campaign.fired (
    business_id uuid not null,
    trigger text not null,
    customer_id uuid not null,
    cause text not null,
    fired_at timestamptz not null,
    constraint fired_pk primary key (business_id, trigger, customer_id, cause)
);

create table campaign.outbox (
    event_id uuid constraint outbox_pk primary key,
    subject text not null,
    payload bytea not null,
    traceparent text,
    created_at timestamptz not null default now(),
    published_at timestamptz
);
create index outbox_unpublished on campaign.outbox (created_at) where published_at is null;

create table campaign.inbox (
    consumer text not null,
    event_id uuid not null,
    received_at timestamptz not null default now(),
    constraint inbox_pk primary key (consumer, event_id)
);
