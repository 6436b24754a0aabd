-- Whether a message that was given up may still be tried again: news is old after three days, and a canceled campaign is over.
-- Its category, when it was made, its campaign, and the present.
create function messaging.may_be_retried(text, timestamptz, uuid, timestamptz) returns boolean
language sql stable
return ($1 <> 'marketing' or $2 > $4 - interval '3 days')
    and not exists (select from messaging.campaign as c where c.campaign_id = $3 and c.state = 'canceled');
