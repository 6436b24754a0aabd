-- A sender's pace is a log of its last second: until when each of its places is taken, on the database's clock. One moment
-- from which on everything was free handed each call's delay on to all that followed.
alter table messaging.sender add column taken_until timestamptz[] not null default '{}';

-- Processes of before know `free_at` and `given` alone. They stand still for a minute, in which they are replaced, and go on
-- by them where a release is taken back; a later one drops both. What they gave away last is over before anything is free here.
update messaging.sender
set free_at = greatest(free_at, clock_timestamp() + interval '1 minute'),
    taken_until = array(select clock_timestamp() + interval '2 seconds' + place * interval '1 second' / messages_per_second
                        from generate_series(1, messages_per_second) as place);

-- When the call was made, where it was and its outcome was written; its moment is what it was given.
alter table messaging.attempt add column called_at timestamptz;
