-- Each lane runs out of money by itself: until when what somebody waits for has none, and until when marketing. And until when
-- its owner has been told that none of its money is left for marketing at home, once a day or a month.
alter table messaging.business
    add column first_broke_until timestamptz,
    add column marketing_broke_until timestamptz,
    add column short_told_until timestamptz;

-- Processes of before know `broke_until` alone, which they set for marketing and by which they hold up replies as well. It
-- stays theirs, and is only emptied with the others; a later release drops it.
update messaging.business
set marketing_broke_until = broke_until, short_told_until = broke_until
where broke_until is not null;

-- A slowed number is slowed for all that write by it together: no marketing of any of them before then.
alter table messaging.sender add column marketing_after timestamptz;

-- What was given up is counted by its reason every few seconds, without a look at the messages themselves.
create index message_dead_by_reason on messaging.message (reason) where dead;

comment on function messaging.may_be_retried is
    'Its category, when it came to its end, its campaign, and the present. Processes of before say when it was made.';
