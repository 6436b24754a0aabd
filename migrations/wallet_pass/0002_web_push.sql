-- Browsers: the phones of those who keep their card in no wallet. A card's page lets her switch on notices, and what the
-- shop has to say then reaches the browser by Web Push (RFC 8030).

-- Which browsers want to hear of which card. A browser has one address for all its cards, of whichever shops.
create table wallet_pass.web_subscription (
    subscription_id uuid constraint web_subscription_pk primary key,
    business_id uuid not null,
    card_id uuid not null,
    customer_id uuid not null,
    -- Where its push service takes messages for it: whoever knows it, and has our key, reaches the browser.
    endpoint text not null,
    -- What messages are encrypted for (RFC 8291): the browser's public key, and a secret that it shares with us.
    p256dh bytea not null,
    auth bytea not null,
    -- Our public key of that time: the push service takes messages that this key has signed, and no other's.
    made_with text not null,
    created_at timestamptz not null,
    constraint web_subscription_of_card unique (card_id, endpoint)
);
create index web_subscription_by_customer on wallet_pass.web_subscription (business_id, customer_id);
create index web_subscription_by_endpoint on wallet_pass.web_subscription (endpoint);

alter table wallet_pass.push
    drop constraint push_wallet,
    add constraint push_wallet check (wallet in ('apple', 'google', 'web')),
    -- For a browser, which is sent the words themselves: what is said, and not after when.
    add column words text not null default '',
    add column good_until timestamptz,
    -- The send that waits for what becomes of the push; null where a wallet shows it anyway.
    add column campaign_id text,
    add column send_id uuid;
create index push_of_send on wallet_pass.push (send_id) where send_id is not null;
