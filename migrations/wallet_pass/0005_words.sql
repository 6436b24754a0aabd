-- What campaigns say waits in rows of its own. It goes onto a pass, or to a browser, only while its campaign runs and she may be
-- written to at that moment; and until some phone was told of it, it can be taken back.

-- How campaigns stand, as campaign last told it.
create table wallet_pass.campaign (
    campaign_id uuid constraint campaign_pk primary key,
    business_id uuid not null,
    -- Of what was last heard; 0 where only its words were heard of. Older ones are ignored.
    version bigint not null,
    -- going; held: what waits waits on; over: what waits is dropped.
    standing text not null constraint campaign_standing check (standing in ('going', 'held', 'over')),
    -- When that was heard.
    heard_at timestamptz not null
);

-- One row for each send of a campaign, until campaign is told what became of it.
create table wallet_pass.words (
    send_id uuid constraint words_pk primary key,
    business_id uuid not null,
    campaign_id uuid not null,
    customer_id uuid not null,
    -- The card that they speak of; null where they speak of none.
    card_id uuid,
    words text not null,
    -- Not to be shown any more after this.
    good_until timestamptz,
    traceparent text,
    -- When a worker looks at them; null while their campaign is paused.
    next_at timestamptz,
    -- A worker has them until then.
    leased_until timestamptz,
    -- The card whose phones are being told of them; null while they wait.
    shown_on uuid,
    -- Its tag since they are on its pass: who fetched that has read them. Null where only browsers hear of the card.
    shown_tag bigint,
    -- Why they go no further, while a push that is under way may still show them: paused, campaign_canceled, …; empty: they go.
    stop text not null default ''
);
create index words_due on wallet_pass.words (next_at) where next_at is not null;
create index words_of_campaign on wallet_pass.words (campaign_id);
create index words_of_customer on wallet_pass.words (business_id, customer_id);
create index words_on_card on wallet_pass.words (shown_on) where shown_on is not null;

-- From now on a browser's push names the campaign and the send of its words always, whether or not a wallet shows them too.
create index push_of_campaign on wallet_pass.push (campaign_id) where campaign_id is not null;
create index push_with_words on wallet_pass.push (business_id, customer_id) where campaign_id is not null;

-- The send that got a row of its own when its words were written for this browser. Where that is another than send_id, a replica of
-- before wrote them, while this migration ran or after it: whoever takes the push writes the row then.
alter table wallet_pass.push add column words_of uuid;
