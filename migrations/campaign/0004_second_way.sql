-- When she last came, to the moment: a day cannot say whether she came before a message or after it. A stamp that is taken back
-- stays in here; her days do not count it. Null where she came before this was kept.
alter table campaign.audience add column came_at timestamptz;

-- Messaging has a message of this send that has not ended, whatever a pass has shown meanwhile.
alter table campaign.send add column message_open boolean not null default false;

-- When it last went on after a pause: from then on what waits is good for its hours anew.
alter table campaign.campaign add column resumed_at timestamptz;
