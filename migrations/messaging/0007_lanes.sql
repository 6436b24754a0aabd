-- Each lane runs out of money by itself: `broke_until` is of what somebody waits for, this of marketing. And until when its owner
-- has been told that none of its money is left for marketing at home, once a day or a month.
alter table messaging.business
    add column marketing_broke_until timestamptz,
    add column short_told_until timestamptz;

-- Processes of before know `broke_until` alone, by which marketing held up replies as well.
update messaging.business
set marketing_broke_until = broke_until, short_told_until = broke_until, broke_until = null
where broke_until is not null;

-- A slowed number is slowed for all that write by it together: no marketing of any of them before then.
alter table messaging.sender add column marketing_after timestamptz;
