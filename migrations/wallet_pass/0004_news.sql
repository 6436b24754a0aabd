-- When what a phone says of a pass happened, and how much it weighs beside what happened at the same time: facts reach
-- replicas in any order, and an older one leaves the sentence as it is.
alter table wallet_pass.pass
    add column news_at timestamptz not null default '-infinity',
    add column news_weight smallint not null default 0;
