//! Who came back after a campaign, and why not everybody heard of it.

use chrono::{DateTime, NaiveDate, Utc};
use kernel::{BusinessId, CampaignId};
use sqlx::PgConnection;

use crate::domain::lift::{Group, WINDOW_DAYS};

/// The two groups of a campaign, all of them and those whose days have passed, and the last day that was planned.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Outcome {
    pub(crate) written: Group,
    pub(crate) holdout: Group,
    pub(crate) ripe_written: Group,
    pub(crate) ripe_holdout: Group,
    pub(crate) last_day: Option<NaiveDate>,
    /// What the messages cost that those written to are counted by.
    pub(crate) cost_cents: i64,
}

/// What was counted once for all, if the campaign's sends were past their time.
pub(crate) async fn kept(
    db: &mut PgConnection,
    business: BusinessId,
    campaign: CampaignId,
) -> Result<Option<Outcome>, sqlx::Error> {
    let row = sqlx::query!(
        "select written, written_came, holdout, holdout_came, last_day, cost_cents
         from campaign.outcome where campaign_id = $2 and business_id = $1",
        business.as_uuid(),
        campaign.as_uuid()
    )
    .fetch_optional(db)
    .await?;
    Ok(row.map(|row| {
        let written = Group { customers: row.written, came_back: row.written_came };
        let holdout = Group { customers: row.holdout, came_back: row.holdout_came };
        let (last_day, cost_cents) = (row.last_day, row.cost_cents);
        Outcome { written, holdout, ripe_written: written, ripe_holdout: holdout, last_day, cost_cents }
    }))
}

/// Keeps what a campaign has brought, for when its sends are gone.
pub(crate) async fn keep(
    db: &mut PgConnection,
    business: BusinessId,
    campaign: CampaignId,
    outcome: &Outcome,
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "insert into campaign.outcome (campaign_id, business_id, written, written_came, holdout, holdout_came,
                                       last_day, cost_cents, counted_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9) on conflict do nothing",
        campaign.as_uuid(),
        business.as_uuid(),
        outcome.written.customers,
        outcome.written.came_back,
        outcome.holdout.customers,
        outcome.holdout.came_back,
        outcome.last_day,
        outcome.cost_cents,
        now
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Some blasts with a send from before `before`, whose days have passed for all of them, and whose outcome is not kept yet.
pub(crate) async fn unkept(
    db: &mut PgConnection,
    before: DateTime<Utc>,
    ripe: DateTime<Utc>,
    limit: i64,
) -> Result<Vec<(BusinessId, CampaignId)>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"select business_id as "business: BusinessId", campaign_id as "campaign: CampaignId"
           from campaign.campaign as blast
           where trigger = '' and launched_at < $1
             and not exists (select from campaign.outcome where campaign_id = blast.campaign_id)
             and exists (select from campaign.send where campaign_id = blast.campaign_id and planned_at < $1)
             and not exists (select from campaign.send where campaign_id = blast.campaign_id and planned_at >= $2)
           limit $3"#,
        before,
        ripe,
        limit
    )
    .fetch_all(db)
    .await?;
    Ok(rows.into_iter().map(|row| (row.business, row.campaign)).collect())
}

/// After a pause the days of whoever still waits count from today; and those of as large a share of the held out, drawn by lot,
/// so that both groups are watched over the same days. Rows are locked in the order in which news of them locks them.
pub(crate) async fn begin_anew(
    db: &mut PgConnection,
    business: BusinessId,
    campaign: CampaignId,
    today: NaiveDate,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "with locked as (
             select send_id, planned_at, status from campaign.send where campaign_id = $2 and business_id = $1
             order by send_id for no key update
         ), mine as (
             select send_id, planned_at, status,
                    -- The second half of an id is drawn by lot.
                    row_number() over (partition by status = 'holdout' order by substr(send_id::text, 20)) as place
             from locked
         ), share as (
             select count(*) filter (where status = 'requested')::float8
                    / greatest(count(*) filter (where status <> 'holdout'), 1) as waiting,
                    count(*) filter (where status = 'holdout') as held_out
             from mine
         )
         update campaign.send set planned_day = $3
         from mine, share
         where send.campaign_id = $2 and send.send_id = mine.send_id and send.planned_at = mine.planned_at
           and send.planned_day < $3
           and (mine.status = 'requested'
                or mine.status = 'holdout' and mine.place <= round(share.waiting * share.held_out))",
        business.as_uuid(),
        campaign.as_uuid(),
        today,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Counts who came on a day after the one she was planned on, and within the window. Everybody who was planned counts,
/// whether her message arrived or not: who cannot be reached would not be told apart among those held out. Each customer
/// counts once, by the first time that an automation took her up: one who is taken up ten times is no ten customers. What an automation
/// took back when it was turned off is as if it had not been; what a blast called off counts as what did not arrive.
pub(crate) async fn outcome(
    db: &mut PgConnection,
    business: BusinessId,
    campaign: CampaignId,
    (today, is_automation): (NaiveDate, bool),
) -> Result<Outcome, sqlx::Error> {
    let rows = sqlx::query!(
        r#"select held_out as "held_out!", ripe as "ripe!", count(*) as "customers!",
                  count(*) filter (where came) as "came!", max(planned_day) as last_day,
                  sum(cost_cents)::bigint as "cost_cents!"
           from (select first.held_out, first.planned_day, first.cost_cents,
                        first.planned_day + $4::int < $3 as ripe,
                        exists (select from unnest(a.days, a.entries) as visit (day, entries)
                                where visit.entries > 0 and visit.day > first.planned_day
                                  and visit.day <= first.planned_day + $4::int) as came
                 from (select distinct on (customer) coalesce(was.merged_into, send.customer_id) as customer,
                              send.status = 'holdout' as held_out, send.planned_day, send.cost_cents
                       from campaign.send
                       left join campaign.audience as was
                            on was.business_id = send.business_id and was.customer_id = send.customer_id
                       where send.campaign_id = $2 and send.business_id = $1
                         and (send.status <> 'canceled' or not $5)
                       order by customer, send.planned_at) as first
                 left join campaign.audience as a on a.business_id = $1 and a.customer_id = first.customer) as planned
           group by held_out, ripe"#,
        business.as_uuid(),
        campaign.as_uuid(),
        today,
        i32::try_from(WINDOW_DAYS).unwrap_or(0),
        is_automation,
    )
    .fetch_all(db)
    .await?;
    let mut outcome = Outcome::default();
    for row in rows {
        outcome.last_day = outcome.last_day.max(row.last_day);
        outcome.cost_cents += row.cost_cents;
        let add = |group: &mut Group| {
            group.customers += row.customers;
            group.came_back += row.came;
        };
        add(if row.held_out { &mut outcome.holdout } else { &mut outcome.written });
        if row.ripe {
            add(if row.held_out { &mut outcome.ripe_holdout } else { &mut outcome.ripe_written });
        }
    }
    Ok(outcome)
}

/// The failed sends of a campaign by reason, most first.
pub(crate) async fn failures(
    db: &mut PgConnection,
    business: BusinessId,
    campaign: CampaignId,
) -> Result<Vec<(String, i64)>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"select reason, count(*) as "count!" from campaign.send
           where campaign_id = $2 and business_id = $1 and status = 'failed'
           group by reason order by 2 desc, 1"#,
        business.as_uuid(),
        campaign.as_uuid(),
    )
    .fetch_all(db)
    .await?;
    Ok(rows.into_iter().map(|row| (row.reason, row.count)).collect())
}
