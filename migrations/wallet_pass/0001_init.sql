-- Passes: what phones keep of a card, and how each learns that it changed.
--
-- A card's state is never kept here: a pass is made from what stamping says at that moment. What is kept is which phone
-- has which pass, what it has seen, and what must still be sent.

-- What a program's passes look like, as stamping last told it, and the shop's logo.
create table wallet_pass.program (
    program_id uuid constraint program_pk primary key,
    business_id uuid not null,
    version integer not null,
    name text not null,
    -- The shop's name; empty until it is heard of.
    organization text not null,
    stamps_required integer not null,
    ink text not null,
    paper text not null,
    stamp_shape text not null,
    reward_counts integer[] not null,
    -- Names the picture in the object store; null without one.
    logo text,
    -- Of everything above: changes when a pass of it would look otherwise.
    fingerprint text not null
);

-- The names of businesses, by which passes say whose they are.
create table wallet_pass.business (
    business_id uuid constraint business_pk primary key,
    name text not null,
    version bigint not null
);

-- Grows with every change of any pass, and is what phones are told they have seen. Drawn under a lock, so that a higher
-- tag is never visible before a lower one.
create sequence wallet_pass.tag;

-- A card that was put into a wallet at least once.
create table wallet_pass.pass (
    card_id uuid constraint pass_pk primary key,
    business_id uuid not null,
    customer_id uuid not null,
    program_id uuid not null,
    -- es or en.
    language text not null,
    tag bigint not null,
    -- Whole seconds, as HTTP tells them; every change is later than the one before.
    modified_at timestamptz not null,
    -- The tag that was last downloaded.
    served_tag bigint not null default 0,
    -- What the phone says of the change: a word and what belongs to it.
    news text not null default '',
    news_about text not null default '',
    -- The card is closed: its passes are void.
    closed boolean not null default false
);
create index pass_by_program on wallet_pass.pass (program_id);
create index pass_by_customer on wallet_pass.pass (business_id, customer_id);

-- Which Apple devices keep which pass.
create table wallet_pass.registration (
    device text not null,
    card_id uuid not null,
    business_id uuid not null,
    push_token text not null,
    registered_at timestamptz not null,
    constraint registration_pk primary key (device, card_id)
);
create index registration_by_card on wallet_pass.registration (card_id);
create index registration_by_push_token on wallet_pass.registration (push_token);

-- What Google has of a card.
create table wallet_pass.google_object (
    card_id uuid constraint google_object_pk primary key,
    business_id uuid not null,
    program_id uuid not null,
    -- Somebody keeps it; without, it is not updated.
    has_users boolean not null default false,
    -- When its users were last notified, at most three.
    noticed_at timestamptz[] not null default '{}'
);
create index google_object_by_program on wallet_pass.google_object (program_id);

-- What Google has of a program.
create table wallet_pass.google_class (
    program_id uuid constraint google_class_pk primary key,
    business_id uuid not null,
    -- The program's, when it was last sent.
    fingerprint text not null
);

-- Callbacks that were taken; Google may send each more than once.
create table wallet_pass.google_nonce (
    nonce text constraint google_nonce_pk primary key,
    taken_at timestamptz not null
);

-- One row for each phone and pass that is told of changes: however many come at once, one push tells them all.
create table wallet_pass.push (
    push_id uuid constraint push_pk primary key,
    business_id uuid not null,
    wallet text not null constraint push_wallet check (wallet in ('apple', 'google')),
    card_id uuid not null,
    customer_id uuid not null,
    -- Apple's device; empty for Google, which knows its own.
    device text not null default '',
    -- How often something changed, and up to which change it was told.
    wanted bigint not null,
    told bigint not null default 0,
    attempts integer not null default 0,
    -- Null: nothing to do.
    next_at timestamptz,
    -- A worker has it until then.
    leased_until timestamptz,
    -- Why it failed last; with no next_at it is dead until a person tries again.
    reason text not null default '',
    traceparent text,
    wanted_at timestamptz not null,
    constraint push_target unique (wallet, card_id, device)
);
create index push_due on wallet_pass.push (next_at) where next_at is not null;
create index push_dead on wallet_pass.push (business_id, push_id) where next_at is null and reason <> '';

-- When the next request to a party may be sent, over all replicas.
create table wallet_pass.pace (
    party text constraint pace_pk primary key,
    next_at timestamptz not null
);

-- A wallet that refuses us as a whole, so that every replica stops asking it.
create table wallet_pass.stopped (
    wallet text constraint stopped_pk primary key,
    reason text not null,
    since timestamptz not null,
    -- When one more request may find out whether it is over.
    try_at timestamptz not null
);

create table wallet_pass.outbox (
    event_id uuid constraint outbox_pk primary key,
    subject text not null,
    payload bytea not null,
    traceparent text,
    created_at timestamptz not null default now(),
    published_at timestamptz
);
create index outbox_unpublished on wallet_pass.outbox (created_at) where published_at is null;

create table wallet_pass.inbox (
    consumer text not null,
    event_id uuid not null,
    received_at timestamptz not null default now(),
    constraint inbox_pk primary key (consumer, event_id)
);
