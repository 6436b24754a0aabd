-- What a blast has brought, counted once for all before its sends are past their time.
create table campaign.outcome (
    campaign_id uuid constraint outcome_pk primary key,
    business_id uuid not null,
    -- Who was to be written to and who was held out, and who of them came back in time.
    written bigint not null,
    written_came bigint not null,
    holdout bigint not null,
    holdout_came bigint not null,
    last_day date,
    cost_cents bigint not null,
    counted_at timestamptz not null
);
