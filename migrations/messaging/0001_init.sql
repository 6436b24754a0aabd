-- Messages: what is asked for, what it may cost, who carries it, and what came of it.

-- A portfolio's tier is shared by its senders: unique addresses in any 24 hours; 0 is without a limit.
create table messaging.portfolio (
    portfolio text constraint portfolio_pk primary key,
    tier bigint not null constraint portfolio_tier check (tier >= 0),
    -- Full: nothing that counts goes out before this.
    full_until timestamptz
);

create table messaging.sender (
    sender_id uuid constraint sender_pk primary key,
    phone text not null constraint sender_phone unique,
    portfolio text not null constraint sender_portfolio references messaging.portfolio,
    messages_per_second int not null constraint sender_rate check (messages_per_second in (80, 400)),
    -- The first moment that is not given away yet (GCRA), on the database's clock.
    free_at timestamptz not null default 'epoch',
    -- How many moments were ever given away.
    given bigint not null default 0,
    -- Where the fair queue of each lane stands.
    virtual_first bigint not null default 0,
    virtual_marketing bigint not null default 0,
    circuit text not null default 'closed',
    quality_state text not null default 'none',
    quality_reason text not null default '',
    created_at timestamptz not null
);

create table messaging.business (
    business_id uuid constraint business_pk primary key,
    time_zone text not null default 'America/Lima',
    version bigint not null default 0,
    sender_id uuid constraint business_sender references messaging.sender,
    -- waiting, approved, stopped.
    status text not null default 'waiting' constraint business_status check (status in ('waiting', 'approved', 'stopped')),
    weight int not null default 10 constraint business_weight check (weight between 1 and 100),
    daily_limit_cents bigint not null default 0,
    monthly_limit_cents bigint not null default 0,
    -- What the owner set; null is as much as the operator allows.
    daily_budget_cents bigint,
    monthly_budget_cents bigint,
    -- Its money is used up until then.
    broke_until timestamptz,
    -- Slowed: no marketing of it before then.
    marketing_after timestamptz,
    quality_state text not null default 'none',
    quality_reason text not null default ''
);
create index business_by_sender on messaging.business (sender_id) where status = 'approved';

-- The turn of a business in its sender's fair queue.
create table messaging.turn (
    business_id uuid not null,
    lane smallint not null,
    virtual_time bigint not null,
    constraint turn_pk primary key (business_id, lane)
);

-- Reserved or spent, by business day.
create table messaging.spend (
    business_id uuid not null,
    day date not null,
    cents bigint not null constraint spend_not_negative check (cents >= 0),
    constraint spend_pk primary key (business_id, day)
);

create table messaging.template (
    name text not null,
    language text not null,
    category text not null,
    body text not null,
    -- [{name, sample}], in order.
    variables jsonb not null,
    status text not null,
    content_sid text not null default '',
    constraint template_pk primary key (name, language),
    constraint template_language check (language in ('es', 'en')),
    constraint template_category check (category in ('marketing', 'utility', 'authentication')),
    constraint template_status check (status in ('pending', 'approved', 'paused', 'rejected'))
);

-- Whether a campaign may be handed over; locked by whoever hands over, so that a pause that is answered holds.
create table messaging.campaign (
    campaign_id uuid constraint campaign_pk primary key,
    business_id uuid not null,
    state text not null constraint campaign_state check (state in ('running', 'paused', 'canceled'))
);

-- One message for each send, whatever is told twice.
create table messaging.send (
    send_id uuid constraint send_pk primary key,
    message_id uuid not null,
    requested_at timestamptz not null
);
create index send_by_age on messaging.send using brin (requested_at);

-- Every message that goes out. `created_at` is the moment that stands in its id, so that an id finds its month.
create table messaging.message (
    message_id uuid not null,
    created_at timestamptz not null,
    business_id uuid not null,
    customer_id uuid,
    campaign_id uuid,
    send_id uuid,
    sender_id uuid,
    category text not null,
    template text not null default '',
    language text not null default 'es',
    -- A template's variables, with words in braces that are filled at hand-over.
    variables jsonb not null default '[]',
    text text,
    address text,
    address_hash bytea,
    -- Written by the platform itself, not by a person.
    automatic boolean not null default false,
    status text not null,
    reason text not null default '',
    version int not null default 0,
    attempts int not null default 0,
    attempt_id uuid,
    cost_cents bigint not null default 0,
    -- It failed and waits for a person; whether trying again may help.
    dead boolean not null default false,
    retryable boolean not null default false,
    good_until timestamptz not null,
    changed_at timestamptz not null,
    delivered_at timestamptz,
    -- When the provider is asked how it stands, should it not have told by then.
    poll_at timestamptz,
    constraint message_pk primary key (message_id, created_at)
) partition by range (created_at);
create index message_by_business on messaging.message (business_id, message_id);
create index message_by_customer on messaging.message (business_id, customer_id, message_id);
create index message_by_address on messaging.message (address_hash, created_at) where address_hash is not null;
create index message_dead on messaging.message (business_id, message_id) where dead;
create index message_delivered on messaging.message (business_id, delivered_at) where category = 'marketing' and delivered_at is not null;
create index message_blocked on messaging.message (business_id, changed_at) where category = 'marketing' and reason = 'blocked';
create index message_to_poll on messaging.message (poll_at) where poll_at is not null;
create table messaging.message_default partition of messaging.message default;

-- What is still to be done with messages: small, hot, and empty when everything is done.
create table messaging.queue (
    message_id uuid constraint queue_pk primary key,
    created_at timestamptz not null,
    business_id uuid not null,
    customer_id uuid,
    campaign_id uuid,
    -- 0 goes before 1: 1 is marketing.
    lane smallint not null,
    category text not null,
    -- waiting; held and canceling with its campaign; claimed by a worker; trying: handed to the provider, or about to be; in_doubt.
    state text not null constraint queue_state
        check (state in ('waiting', 'held', 'canceling', 'claimed', 'trying', 'in_doubt')),
    next_at timestamptz not null,
    leased_until timestamptz,
    claim_id uuid,
    attempt_id uuid,
    -- The moment of its call, on the database's clock.
    slot_at timestamptz,
    attempts int not null default 0,
    -- Questions asked about what is in doubt.
    asked int not null default 0,
    reason text not null default '',
    address_hash bytea,
    good_until timestamptz not null
);
create index queue_due on messaging.queue (lane, business_id, next_at, message_id) where state = 'waiting';
create index queue_by_business on messaging.queue (business_id, message_id);
create index queue_leased on messaging.queue (state, leased_until) where state in ('claimed', 'trying');
create index queue_in_doubt on messaging.queue (next_at) where state = 'in_doubt';
create index queue_canceling on messaging.queue (message_id) where state = 'canceling';
create index queue_by_campaign on messaging.queue (campaign_id) where campaign_id is not null;
create index queue_by_customer on messaging.queue (business_id, customer_id);
create index queue_by_address on messaging.queue (address_hash) where address_hash is not null;
create index queue_ending on messaging.queue (good_until);

-- Every try, named in the address that the provider calls back, so that its answer is bound even where ours was lost.
create table messaging.attempt (
    attempt_id uuid not null,
    created_at timestamptz not null,
    message_id uuid not null,
    business_id uuid not null,
    sender_id uuid not null,
    sid text,
    slot_at timestamptz not null,
    spent_cents bigint not null,
    spent_on date not null,
    given_back boolean not null default false,
    -- Whether it opens a conversation, which is what a tier counts.
    counts boolean not null,
    constraint attempt_pk primary key (attempt_id, created_at)
) partition by range (created_at);
create index attempt_by_message on messaging.attempt (message_id);
create index attempt_by_sid on messaging.attempt (sid) where sid is not null;
create index attempt_counted on messaging.attempt (sender_id, created_at) where counts;
create table messaging.attempt_default partition of messaging.attempt default;

-- Addresses written to: when last, and when last by a template, which is what a tier counts.
create table messaging.reached (
    portfolio text not null,
    address_hash bytea not null,
    last_at timestamptz not null,
    template_at timestamptz,
    constraint reached_pk primary key (portfolio, address_hash)
);
create index reached_lately on messaging.reached (portfolio, template_at) where template_at is not null;

-- She wants no marketing from anybody who writes by this sender …
create table messaging.opt_out (
    sender_id uuid not null,
    address_hash bytea not null,
    at timestamptz not null,
    constraint opt_out_pk primary key (sender_id, address_hash)
);
-- … but from those she has asked for it since.
create table messaging.opt_in (
    business_id uuid not null,
    address_hash bytea not null,
    at timestamptz not null,
    constraint opt_in_pk primary key (business_id, address_hash)
);
-- For the quality of a business: whose message it was that she had enough of.
create table messaging.opt_out_said (
    inbound_id uuid constraint opt_out_said_pk primary key,
    business_id uuid not null,
    sender_id uuid not null,
    at timestamptz not null
);
create index opt_out_said_lately on messaging.opt_out_said (business_id, at);

create table messaging.inbound (
    inbound_id uuid constraint inbound_pk primary key,
    received_at timestamptz not null,
    sender_id uuid not null,
    sid text not null constraint inbound_sid unique,
    idempotency_token text constraint inbound_token unique,
    replied_sid text,
    address text,
    address_hash bytea not null,
    text text,
    meaning text not null,
    -- new, asked (which shop?), done.
    state text not null,
    business_id uuid,
    customer_id uuid,
    next_at timestamptz,
    leased_until timestamptz,
    attempts int not null default 0
);
create index inbound_open on messaging.inbound (next_at) where next_at is not null;
create index inbound_by_thread on messaging.inbound (business_id, address_hash, received_at);
create index inbound_by_address on messaging.inbound (address_hash, received_at);

-- Which shop does she mean? Asked once; her answer holds for a day.
create table messaging.question (
    sender_id uuid not null,
    address_hash bytea not null,
    inbound_id uuid not null,
    options uuid[] not null,
    asked_at timestamptz not null,
    chosen uuid,
    chosen_at timestamptz,
    constraint question_pk primary key (sender_id, address_hash)
);

create table messaging.thread (
    thread_id uuid constraint thread_pk primary key,
    business_id uuid not null,
    address text,
    address_hash bytea not null,
    customer_id uuid,
    last_at timestamptz not null,
    last_inbound_at timestamptz not null,
    unread int not null,
    constraint thread_of unique (business_id, address_hash)
);
create index thread_newest on messaging.thread (business_id, last_at desc, thread_id desc);
create index thread_by_customer on messaging.thread (business_id, customer_id);

-- Answers that the platform wrote by itself, by address and day.
create table messaging.automatic (
    address_hash bytea not null,
    day date not null,
    replies int not null,
    constraint automatic_pk primary key (address_hash, day)
);

-- What owners' operations did, so that a retry is answered and not done.
create table messaging.operation (
    business_id uuid not null,
    operation_id uuid not null,
    fingerprint bytea not null,
    message_id uuid not null,
    created_at timestamptz not null,
    constraint operation_pk primary key (business_id, operation_id)
);
create index operation_by_age on messaging.operation using brin (created_at);

create table messaging.outbox (
    event_id uuid constraint outbox_pk primary key,
    subject text not null,
    payload bytea not null,
    traceparent text,
    created_at timestamptz not null default now(),
    published_at timestamptz
);
create index outbox_unpublished on messaging.outbox (created_at) where published_at is null;

create table messaging.inbox (
    consumer text not null,
    event_id uuid not null,
    received_at timestamptz not null default now(),
    constraint inbox_pk primary key (consumer, event_id)
);
