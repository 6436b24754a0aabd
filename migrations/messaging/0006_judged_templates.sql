-- Why nothing may be written with a template, as the operator said it; empty where something may, or nobody has said.
alter table messaging.template add column reason text not null default '';
