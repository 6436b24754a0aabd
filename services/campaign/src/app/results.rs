//! What a campaign brought.

use chrono::{DateTime, Utc};
use kernel::{CampaignId, Principal};

use super::{App, Shown};
use crate::Error;
use crate::domain::campaign::Status;
use crate::domain::lift::{self, Group, Interval, Verdict};
use crate::store;

/// What can be told of a campaign.
#[derive(Clone, Debug)]
pub struct Results {
    /// The campaign and how far it is.
    pub shown: Shown,
    /// Everybody who was to be written to, and who came so far.
    pub written: Group,
    /// The same of those held out.
    pub holdout: Group,
    /// Told by those whose days have passed.
    pub verdict: Verdict,
    /// When it can be told at the earliest.
    pub known_after: Option<DateTime<Utc>>,
    /// What the visits brought for each sol spent on the messages that those written to are counted by.
    pub soles_per_sol: Option<Interval>,
}

impl App {
    /// What a campaign brought, as far as it can be known by now.
    pub async fn results(&self, caller: &Principal, id: CampaignId) -> Result<Results, Error> {
        let business = caller.managed_business()?;
        let shown = self.shown(business, id).await?;
        let mut db = self.pool.acquire().await?;
        let when = store::business::moment(&mut db, business, self.clock.now()).await?;
        let outcome = match store::results::kept(&mut db, business, id).await? {
            Some(kept) => kept,
            None => {
                let is_automation = shown.campaign.trigger.is_some();
                store::results::outcome(&mut db, business, id, (when.today(), is_automation)).await?
            }
        };
        let is_whole = outcome.ripe_written.customers == outcome.written.customers
            && outcome.ripe_holdout.customers == outcome.holdout.customers;
        // A blast is judged as a whole; an automation by those whose days have passed.
        let may_judge = shown.campaign.trigger.is_some() || (is_whole && !is_planning(&shown));
        let verdict = match may_judge {
            true => lift::judge(outcome.ripe_written, outcome.ripe_holdout),
            false => Verdict::Unknown,
        };
        // A group that is too small when everybody is planned will never be large enough.
        let will_be_known = lift::is_enough(outcome.written, outcome.holdout);
        let known_after = match (verdict, outcome.last_day) {
            (Verdict::Unknown, Some(last)) if will_be_known => Some(when.zone.start_of(lift::known_on(last))),
            _ => None,
        };
        let purchase = store::business::mean_purchase_cents(&mut db, business).await?;
        let spent = outcome.cost_cents;
        let soles_per_sol = match (verdict.lift(), purchase) {
            (Some(lift), Some(purchase)) if spent > 0 => {
                Some(lift.times(outcome.written.customers as f64 * purchase / spent as f64))
            }
            _ => None,
        };
        Ok(Results {
            shown,
            written: outcome.written,
            holdout: outcome.holdout,
            verdict,
            known_after,
            soles_per_sol,
        })
    }
}

impl App {
    /// Why messages of a campaign did not arrive, and how many for each reason; most first.
    pub async fn failures(&self, caller: &Principal, id: CampaignId) -> Result<Vec<(String, i64)>, Error> {
        let business = caller.managed_business()?;
        let mut db = self.pool.acquire().await?;
        let found = store::campaign::find(&mut db, business, id).await?;
        found.ok_or(Error::NotFound("campaign_id"))?;
        Ok(store::results::failures(&mut db, business, id).await?)
    }
}

fn is_planning(shown: &Shown) -> bool {
    matches!(shown.campaign.status, Status::Draft | Status::Scheduled)
}
