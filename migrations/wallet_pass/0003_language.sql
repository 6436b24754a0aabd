-- A customer's language may change while her pass is out, by her or by her shop.
alter table wallet_pass.pass
    -- When the language was said: the last word counts, in whatever order words are heard.
    add column language_at timestamptz not null default '-infinity',
    -- The last change says nothing new, and no phone rings for it.
    add column quiet boolean not null default false;
