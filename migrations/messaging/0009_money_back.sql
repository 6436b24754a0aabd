-- How often money of that day has come back since somebody looked at what is closed for want of it.
alter table messaging.spend add column given_back integer not null default 0;
create index spend_given_back on messaging.spend (business_id) where given_back > 0;

-- What waits by itself for its business's money is found without a look at all that waits.
create index queue_short on messaging.queue (business_id) where reason = 'budget';
