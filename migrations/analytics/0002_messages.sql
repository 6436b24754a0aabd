-- What was sent, from the facts of messaging. A rebuild of the figures from what the owners say leaves these two as they
-- are: nobody tells messages anew.

-- A message as its facts add up, whatever order they come in. Kept for 400 days.
create table analytics.message (
    business_id uuid not null,
    message_id uuid not null,
    -- The earliest moments at which it is known to have been handed over, delivered and read; a read message was delivered too.
    sent_at timestamptz,
    delivered_at timestamptz,
    read_at timestamptz,
    -- Of the fact of the highest version: 0 while none was heard.
    version integer not null default 0,
    changed_at timestamptz not null default to_timestamp(0),
    failed boolean not null default false,
    cost_cents bigint not null default 0,
    constraint message_pk primary key (business_id, message_id)
) with (fillfactor = 80);
-- For the purge alone: small, and free for everyone else.
create index message_by_change on analytics.message using brin (changed_at);

create table analytics.message_slot (
    business_id uuid not null,
    slot_at timestamptz not null,
    -- Each message once a state, in the slot in which it came to it.
    sent bigint not null,
    delivered bigint not null,
    read bigint not null,
    failed bigint not null,
    opted_out bigint not null,
    -- What those handed over cost, in the slot in which they were.
    cost_cents bigint not null,
    constraint message_slot_pk primary key (business_id, slot_at)
) with (fillfactor = 70);
