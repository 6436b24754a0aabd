-- A pass has shown it, and the WhatsApp that followed failed. What failed before this was kept is not told apart any more.
alter table campaign.send add column follow_failed boolean not null default false;
alter table campaign.tally add column follow_failed bigint not null default 0;
