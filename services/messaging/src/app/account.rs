//! May a business send, for how much, at what quality, and why it does not for now.

use chrono::{DateTime, Duration, Utc};
use kernel::{BusinessId, Invalid, Principal};

use super::preparing::zone;
use super::{App, named_or_own};
use crate::domain::holds::Holds;
use crate::domain::hours;
use crate::domain::market::Market;
use crate::domain::outcome::Reason;
use crate::domain::price::Category;
use crate::domain::quality::{Brake, Counts, DAYS};
use crate::domain::reserve::{self, Left, TIER_HOURS, kept_of_tier};
use crate::domain::template::Template;
use crate::domain::tier;
use crate::store::business::Business;
use crate::store::sender::Sender;
use crate::{Error, store};

/// Most messages that are quoted at once.
const MOST_QUOTED: i64 = 10_000_000;

/// How a business stands.
pub(crate) struct Account {
    pub(crate) status: &'static str,
    pub(crate) provider: String,
    pub(crate) sender: String,
    pub(crate) daily: Money,
    pub(crate) monthly: Money,
    pub(crate) quality: (Counts, String, String),
    pub(crate) tier: Option<TierView>,
    pub(crate) held_by: &'static str,
    pub(crate) circuit: String,
    pub(crate) waiting: i64,
    pub(crate) dead: i64,
}

/// Money of a day or a month.
pub(crate) struct Money {
    pub(crate) budget: i64,
    pub(crate) limit: i64,
    pub(crate) spent: i64,
}

/// How a portfolio's tier stands.
pub(crate) struct TierView {
    pub(crate) limit: i64,
    pub(crate) used: i64,
    pub(crate) days_to_half: i32,
    pub(crate) planned_per_day: i64,
}

/// What messages would cost.
pub(crate) struct Quote {
    pub(crate) cents: i64,
    pub(crate) tier_left: i64,
    pub(crate) status: &'static str,
    pub(crate) held_by: &'static str,
}

impl App {
    /// How the caller's business stands.
    pub(crate) async fn account(&self, caller: &Principal) -> Result<Account, Error> {
        let business = caller.managed_business()?;
        let found = store::business::find(&self.pool, business).await?;
        let sender = self.sender_of(found.as_ref()).await?;
        let (daily, monthly) = self.money(business, found.as_ref()).await?;
        let judged = self.judged(Some(&[business.as_uuid()])).await?;
        let counts = judged.first().map(|one| one.counts()).unwrap_or_default();
        let (waiting, dead) = store::progress::of_business(&self.pool, business).await?;
        let (state, reason) =
            found.as_ref().map_or_else(Default::default, |found| worse(found, sender.as_ref()));
        let tier = match &sender {
            Some(sender) => Some(self.tier_view(sender).await?),
            None => None,
        };
        Ok(Account {
            status: self.status(found.as_ref()),
            provider: self.provider.clone(),
            sender: sender
                .as_ref()
                .filter(|_| !self.is_off())
                .map(|sender| sender.phone.clone())
                .unwrap_or_default(),
            held_by: self.held_by(found.as_ref(), sender.as_ref(), (&daily, &monthly)),
            daily,
            monthly,
            quality: (counts, state, reason),
            tier,
            circuit: sender.as_ref().map_or_else(|| "closed".to_owned(), |sender| sender.circuit.clone()),
            waiting,
            dead,
        })
    }

    async fn sender_of(&self, business: Option<&Business>) -> Result<Option<Sender>, Error> {
        match business.and_then(|business| business.sender) {
            Some(sender) => Ok(store::sender::list(&self.pool, Some(sender)).await?.pop()),
            None => Ok(None),
        }
    }

    /// Of today and of this month. Who is not known yet has none.
    async fn money(&self, business: BusinessId, found: Option<&Business>) -> Result<(Money, Money), Error> {
        let zone = found.map_or(kernel::Zone::LIMA, |found| zone(&found.time_zone));
        let days = hours::money_days(zone, self.clock.now());
        let (today, month) = store::budget::spent(&self.pool, business, days).await?;
        let money = |set: Option<i64>, limit: i64, spent: i64| Money {
            budget: reserve::budget(set, limit),
            limit,
            spent,
        };
        Ok(match found {
            Some(found) => (
                money(found.daily_budget, found.daily_limit, today),
                money(found.monthly_budget, found.monthly_limit, month),
            ),
            None => (money(None, 0, today), money(None, 0, month)),
        })
    }

    fn status(&self, business: Option<&Business>) -> &'static str {
        match business.map(|business| business.status.as_str()) {
            _ if self.is_off() => "off",
            Some("approved") => "approved",
            Some("stopped") => "stopped",
            _ => "waiting",
        }
    }

    /// Why marketing of a business does not go for now.
    fn held_by(
        &self,
        business: Option<&Business>,
        sender: Option<&Sender>,
        (daily, monthly): (&Money, &Money),
    ) -> &'static str {
        if self.is_off() {
            return "off";
        }
        let now = self.clock.now();
        let (Some(business), Some(sender)) = (business, sender) else {
            return Reason::NotApproved.as_str();
        };
        let cents = Category::Marketing.cents(Market::PERU);
        let is_short =
            |money: &Money| !Left::of(money.budget, money.spent).reaches(Category::Marketing, cents);
        let is_yet_to_come = |until: Option<DateTime<Utc>>| until.is_some_and(|until| until > now);
        let holds = Holds {
            is_unapproved: business.status != "approved",
            is_stopped: Brake::from_word(&worse(business, Some(sender)).0) == Brake::Stopped,
            is_broke: is_short(daily) || is_short(monthly) || is_yet_to_come(business.marketing_broke_until),
            is_unanswered: sender.circuit == "open",
            is_full: is_yet_to_come(sender.full_until),
            is_quiet: hours::is_quiet(zone(&business.time_zone), now),
        };
        holds.cause().map_or("", Reason::as_str)
    }

    /// How the tier of a sender's portfolio stands.
    pub(super) async fn tier_view(&self, sender: &Sender) -> Result<TierView, Error> {
        let now = self.clock.now();
        let since = now - Duration::days(DAYS.into());
        let used =
            store::reached::counted(&self.pool, &sender.portfolio, now - Duration::hours(TIER_HOURS)).await?;
        let mut days = vec![0; usize::try_from(DAYS).unwrap_or(0)];
        for (day, count) in store::reached::by_day(&self.pool, &sender.portfolio, since).await? {
            // Today is the last of them, up to this very moment.
            let day = usize::try_from(day).unwrap_or(0).min(days.len() - 1);
            days[day] += count;
        }
        Ok(TierView {
            limit: sender.tier,
            used,
            days_to_half: tier::days_to_half(sender.tier, &days),
            planned_per_day: tier::planned_per_day(now),
        })
    }

    /// The owner says how much of what the operator allows she wants to spend.
    pub(crate) async fn set_budget(&self, caller: &Principal, daily: i64, monthly: i64) -> Result<(), Error> {
        let business = caller.owned_business()?;
        for (field, cents) in [("daily_budget_cents", daily), ("monthly_budget_cents", monthly)] {
            if cents < 0 {
                return Err(Invalid::new(field, "out_of_range").into());
            }
        }
        let now = self.clock.now();
        let mut tx = self.pool.begin().await?;
        if !store::business::set_budget(&mut tx, business, daily, monthly).await? {
            let found = store::business::find(&mut *tx, business).await?;
            let limit = found.map_or(0, |found| found.daily_limit);
            return Err(Error::OverLimit(if daily > limit {
                "daily_budget_cents"
            } else {
                "monthly_budget_cents"
            }));
        }
        store::queue::wake_short(&mut tx, business, now).await?;
        tx.commit().await?;
        self.wanted.notify_waiters();
        Ok(())
    }

    /// The registry, for managers and services.
    pub(crate) async fn templates(
        &self,
        caller: &Principal,
        named: Option<BusinessId>,
    ) -> Result<Vec<Template>, Error> {
        if !caller.is_platform() {
            named_or_own(caller, named)?;
        }
        Ok(store::template::list(&self.pool).await?)
    }

    /// What so many messages to Peru cost today, and how many the tier still lets through. Numbers abroad have their own prices,
    /// which are known, and reserved, only when each is handed over: whoever asks for a quote knows no numbers.
    pub(crate) async fn quote(
        &self,
        caller: &Principal,
        named: Option<BusinessId>,
        (category, count): (&str, i64),
    ) -> Result<Quote, Error> {
        let business = named_or_own(caller, named)?;
        let category = Category::from_word(category).ok_or_else(|| Invalid::new("category", "unknown"))?;
        if !(0..=MOST_QUOTED).contains(&count) {
            return Err(Invalid::new("count", "out_of_range").into());
        }
        let found = store::business::find(&self.pool, business).await?;
        let sender = self.sender_of(found.as_ref()).await?;
        let (daily, monthly) = self.money(business, found.as_ref()).await?;
        let tier_left = match &sender {
            Some(sender) if sender.tier > 0 => {
                let since = self.clock.now() - Duration::hours(TIER_HOURS);
                let used = store::reached::counted(&self.pool, &sender.portfolio, since).await?;
                let kept = if category == Category::Marketing { kept_of_tier(sender.tier) } else { 0 };
                (sender.tier - used - kept).max(0)
            }
            Some(_) => -1,
            None => 0,
        };
        Ok(Quote {
            cents: category.cents(Market::PERU) * count,
            tier_left,
            status: self.status(found.as_ref()),
            held_by: self.held_by(found.as_ref(), sender.as_ref(), (&daily, &monthly)),
        })
    }

    /// Where customers of a business write to; empty where WhatsApp is off.
    pub(crate) async fn sender_address(
        &self,
        caller: &Principal,
        business: BusinessId,
    ) -> Result<String, Error> {
        caller.must_be_platform()?;
        if self.is_off() {
            return Ok(String::new());
        }
        let found = store::business::find(&self.pool, business).await?;
        if let Some(sender) = self.sender_of(found.as_ref()).await? {
            return Ok(sender.phone);
        }
        // Not approved to send, but one number is for everybody: her word may come in by it.
        let mut all = store::sender::list(&self.pool, None).await?;
        let only = if all.len() == 1 { all.pop() } else { None };
        Ok(only.map(|sender| sender.phone).unwrap_or_default())
    }
}

/// The worse of what holds for a business and for its sender, and why.
fn worse(business: &Business, sender: Option<&Sender>) -> (String, String) {
    let own = Brake::from_word(&business.quality_state);
    match sender {
        Some(sender) if Brake::from_word(&sender.quality_state) > own => {
            (sender.quality_state.clone(), sender.quality_reason.clone())
        }
        _ => (business.quality_state.clone(), business.quality_reason.clone()),
    }
}
