-- A sender's pace is a log of its last second: until when each of its places is taken, on the database's clock. One moment
-- from which on everything was free handed each call's delay on to all that followed.
-- Processes of before send nothing from here on until they are replaced; what is to be sent waits for that.
alter table messaging.sender
    add column taken_until timestamptz[] not null default '{}',
    drop column free_at,
    drop column given;

-- When the call was made, where it was and its outcome was written; its moment is what it was given.
alter table messaging.attempt add column called_at timestamptz;
