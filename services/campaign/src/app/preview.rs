//! Who an audience is, before anybody is written to.

use kernel::{BusinessId, Invalid, Principal};

use super::{App, CATEGORY};
use crate::Error;
use crate::domain::audience::Audience;
use crate::domain::campaign::{ChannelPolicy, HOLDOUT_PERCENT, MOST_HELD_OUT_PERCENT};
use crate::store;
use crate::store::reach::Reach;

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
    pub async fn preview(
        &self,
        caller: &Principal,
        audience: &Audience,
        category: &str,
        policy: ChannelPolicy,
        holdout_percent: Option<i32>,
    ) -> Result<Preview, Error> {
        let business = caller.managed_business()?;
        if !["", "marketing", "utility"].contains(&category) {
            return Err(Invalid::new("category", "unknown").into());
        }
        let percent = holdout_percent.unwrap_or(HOLDOUT_PERCENT);
        if !(0..=MOST_HELD_OUT_PERCENT).contains(&percent) {
            return Err(Invalid::new("holdout_percent", "out_of_range").into());
        }
        let reach = self.reach(business, audience).await?;
        let may_be_written = if policy == ChannelPolicy::Wallet { reach.with_pass } else { reach.free };
        let holdout = share(may_be_written, percent);
        let reachable = may_be_written - holdout;
        let by_wallet = reach.with_pass - share(reach.with_pass, percent);
        let paid = if policy == ChannelPolicy::Wallet { 0 } else { reachable };
        let category = if category.is_empty() { CATEGORY } else { category };
        let quote = self.peers.quote(business, category, paid).await?;
        Ok(Preview {
            count: reach.count,
            reachable,
            erased: reach.erased,
            opted_out: reach.opted_out,
            no_consent: reach.no_consent,
            capped: reach.capped,
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
}

/// So many percent, to the nearest.
fn share(of: i64, percent: i32) -> i64 {
    (of * i64::from(percent) + 50) / 100
}
