create table campaign.visit (at timestamptz not null) partition by range (at);
create table campaign.visit_default partition of campaign.visit default;
create table campaign.purchase (at timestamptz not null) partition by range (at);
create table campaign.purchase_default partition of campaign.purchase default;
