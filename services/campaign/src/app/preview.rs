//! Who an audience is, before anybody is written to.

use kernel::{BusinessId, Invalid, Principal};

use super::automations::Watch;
use super::{App, CATEGORY};
use crate::Error;
use crate::domain::audience::Audience;
use crate::domain::campaign::{ChannelPolicy, HOLDOUT_PERCENT, MOST_HELD_OUT_PERCENT};
use crate::domain::trigger::Trigger;
use crate::store;
use crate::store::reach::Reach;

/// Candidates of an automation that are looked at together.
const STEP: i64 = 5_000;

/// What is asked of a campaign that is being written.
#[derive(Clone, Debug)]
pub struct Question {
    /// To whom.
    pub audience: Audience,
    /// Of an automation: only who is due for it now.
    pub trigger: Option<Trigger>,
    /// marketing, utility; empty is marketing.
    pub category: String,
    /// By which way.
    pub policy: ChannelPolicy,
    /// Who is held out; absent is the usual share.
    pub holdout_percent: Option<i32>,
}

/// What a page shows beside a condition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Preview {
    /// How many there are.
    pub count: i64,
    /// How many of them can be written to.
    pub reachable: i64,
    /// Why not the others, each under the first reason that holds.
    pub erased: i64,
    /// They said so themselves.
    pub opted_out: i64,
    /// They never consented, or took it back.
    pub no_consent: i64,
    /// They had a message within seven days.
    pub capped: i64,
    /// Could be written to, but keep no pass, and it goes by passes alone.
    pub no_pass: i64,
    /// About so many will be held out; who they are is drawn when it is launched.
    pub holdout: i64,
    /// About so many of the reachable have a pass.
    pub by_wallet: i64,
    /// The most it may cost where everybody's number is of Peru: who lives where is nobody's to know here.
    pub cost: Cost,
    /// How many of the tier are left; -1 is without a limit.
    pub tier_left: i64,
}

/// An amount, and the day the prices are of.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cost {
    /// In the currency's hundredths.
    pub amount_cents: i64,
    /// `PEN`.
    pub currency: String,
    /// `YYYY-MM-DD`.
    pub prices_of: String,
}

impl App {
    /// Counts an audience and asks messaging what it costs.
    pub async fn preview(&self, caller: &Principal, asked: &Question) -> Result<Preview, Error> {
        let business = caller.managed_business()?;
        let Question { audience, policy, .. } = asked;
        if !["", "marketing", "utility"].contains(&asked.category.as_str()) {
            return Err(Invalid::new("category", "unknown").into());
        }
        let percent = asked.holdout_percent.unwrap_or(HOLDOUT_PERCENT);
        if !(0..=MOST_HELD_OUT_PERCENT).contains(&percent) {
            return Err(Invalid::new("holdout_percent", "out_of_range").into());
        }
        let reach = match asked.trigger {
            None => self.reach(business, audience).await?,
            Some(trigger) => self.reach_of_due(business, trigger, audience).await?,
        };
        let is_by_pass_alone = *policy == ChannelPolicy::Wallet;
        let may_be_written = if is_by_pass_alone { reach.with_pass } else { reach.free };
        let holdout = share(may_be_written, percent);
        let reachable = may_be_written - holdout;
        let by_wallet = reach.with_pass - share(reach.with_pass, percent);
        let paid = if is_by_pass_alone { 0 } else { reachable };
        let category = if asked.category.is_empty() { CATEGORY } else { &asked.category };
        let quote = self.peers.quote(business, category, paid).await?;
        Ok(Preview {
            count: reach.count,
            reachable,
            erased: reach.erased,
            opted_out: reach.opted_out,
            no_consent: reach.no_consent,
            capped: reach.capped,
            no_pass: reach.free - may_be_written,
            holdout,
            by_wallet: by_wallet.min(reachable),
            cost: Cost {
                amount_cents: quote.amount_cents,
                currency: quote.currency,
                prices_of: quote.prices_of,
            },
            tier_left: quote.tier_left,
        })
    }

    /// Counts an audience.
    pub(super) async fn reach(&self, business: BusinessId, audience: &Audience) -> Result<Reach, Error> {
        let mut db = self.pool.acquire().await?;
        let when = store::business::moment(&mut db, business, self.clock.now()).await?;
        Ok(store::reach::count(&mut db, business, audience, &when).await?)
    }

    /// Counts of an audience those for whom an automation is due now and has not fired.
    async fn reach_of_due(
        &self,
        business: BusinessId,
        trigger: Trigger,
        audience: &Audience,
    ) -> Result<Reach, Error> {
        let mut db = self.pool.acquire().await?;
        let when = store::business::moment(&mut db, business, self.clock.now()).await?;
        let since = store::campaign::launched_at(&mut db, business, trigger).await?.unwrap_or(when.now);
        let watch = Watch { business, trigger, audience, since, when: &when };
        let condition = watch.condition();
        let mut reach = Reach::default();
        let mut after = None;
        loop {
            let found = store::reach::judged(&mut db, business, &condition, after, STEP, &when).await?;
            let is_full = found.len() as i64 == STEP;
            after = found.last().map(|(_, (customer, _))| customer.customer_id).filter(|_| is_full);
            for (why, customer, _) in watch.due(&mut db, found).await? {
                reach.add(why, customer.has_pass);
            }
            if after.is_none() {
                return Ok(reach);
            }
        }
    }
}

/// So many percent, to the nearest.
fn share(of: i64, percent: i32) -> i64 {
    (of * i64::from(percent) + 50) / 100
}
