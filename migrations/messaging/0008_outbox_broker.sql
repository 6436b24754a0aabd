-- Where the stream of each server of the broker is to be looked through for what it has lost: behind the newest fact of ours that it
-- had when it came.
create table messaging.outbox_broker (
    server text constraint outbox_broker_pk primary key,
    newest_at timestamptz not null,
    begun_at timestamptz,
    is_whole boolean not null default false
);
