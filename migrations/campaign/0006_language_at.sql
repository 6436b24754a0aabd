-- A customer's language may change after she joined: when it was said, for what was said last counts.
alter table campaign.audience add column language_at timestamptz;
update campaign.audience set language_at = joined_at where joined_at is not null;
