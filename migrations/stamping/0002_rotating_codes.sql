-- Rotating codes that were read, so that none is read again elsewhere: the first till to read one has it.
create table stamping.rotating_use (
    card_id uuid not null,
    -- The half minute since 1970 that the code is of.
    step bigint not null,
    business_id uuid not null,
    member_id uuid,
    device_id uuid,
    used_at timestamptz not null,
    constraint rotating_use_pk primary key (card_id, step)
);
create index rotating_use_by_age on stamping.rotating_use using brin (used_at);
