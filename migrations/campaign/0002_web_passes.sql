-- Browsers that are told of a card, as phones' wallets are: switched on less switched off.
alter table campaign.audience add column web_passes integer not null default 0;
