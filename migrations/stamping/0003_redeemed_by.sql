-- Who handed a reward over: figures by member are made anew from it. Unknown for what was redeemed before.
alter table stamping.reward add column redeemed_by uuid;
