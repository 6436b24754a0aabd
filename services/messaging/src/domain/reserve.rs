//! What of a chunk may be handed over now: the one place where money, tier, pauses and opt-outs meet.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use chrono::{DateTime, Utc};
use kernel::{BusinessId, CampaignId, MessageId};

use super::address::AddressHash;
use super::hours;
use super::market::Market;
use super::outcome::Reason;
use super::price::Category;
use super::quality::Brake;
use kernel::Zone;

/// The pause between two messages to one address: WhatsApp allows about one in six seconds.
pub const PAUSE: Duration = Duration::from_secs(6);
/// How soon a full tier is looked at again.
pub const TIER_LOOKED_AT: Duration = Duration::from_secs(60);
/// The rolling day of a tier.
pub const TIER_HOURS: i64 = 24;

/// A message that could go now, as far as it itself is concerned.
#[derive(Clone, Debug)]
pub struct Wish {
    /// Itself.
    pub message: MessageId,
    /// Whose.
    pub business: BusinessId,
    /// Of which campaign.
    pub campaign: Option<CampaignId>,
    /// What it is for.
    pub category: Category,
    /// To whom.
    pub address: AddressHash,
    /// Where she is at home, which is what it costs by.
    pub market: Market,
    /// Until when it may go.
    pub good_until: DateTime<Utc>,
}

/// What is left of the money of a day or a month, in céntimos.
#[derive(Clone, Copy, Debug)]
pub struct Left {
    /// All of it.
    pub cents: i64,
    /// Of that, what marketing leaves to what somebody waits for.
    pub kept: i64,
}

impl Left {
    /// Of a budget, of which so much is spent or reserved.
    pub fn of(budget: i64, spent: i64) -> Self {
        Self { cents: budget - spent, kept: kept_of_budget(budget) }
    }

    /// Whether it reaches for a message of this price.
    pub fn reaches(self, category: Category, cents: i64) -> bool {
        let kept = if category == Category::Marketing { self.kept } else { 0 };
        self.cents - kept >= cents
    }
}

/// What a business may.
#[derive(Clone, Debug)]
pub struct Purse {
    /// The operator has approved it, and has not stopped it.
    pub is_approved: bool,
    /// Its zone.
    pub zone: Zone,
    /// Of today's money.
    pub today: Left,
    /// Of this month's.
    pub this_month: Left,
    /// What its quality says.
    pub brake: Brake,
}

impl Purse {
    /// Until when its money does not reach for a message of this price; `None` where it does.
    fn short_until(&self, category: Category, cents: i64, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        if !self.this_month.reaches(category, cents) {
            Some(hours::next_month(self.zone, now))
        } else if !self.today.reaches(category, cents) {
            Some(hours::next_day(self.zone, now))
        } else {
            None
        }
    }
}

/// What is known about everybody a chunk speaks of.
#[derive(Clone, Debug, Default)]
pub struct Known {
    /// By business.
    pub purses: HashMap<BusinessId, Purse>,
    /// Campaigns that run.
    pub running: HashSet<CampaignId>,
    /// Addresses that want no marketing of a business.
    pub opted_out: HashSet<(BusinessId, AddressHash)>,
    /// When an address was last written to.
    pub last: HashMap<AddressHash, DateTime<Utc>>,
    /// Addresses that count already.
    pub counted: HashSet<AddressHash>,
    /// New addresses that may still be written to; none is without a limit.
    pub tier_left: Option<i64>,
    /// Of those, how many marketing leaves to what somebody waits for.
    pub tier_kept: i64,
    /// Messages whose customer was written to by another campaign of the same business in the meantime.
    pub capped: HashSet<MessageId>,
    /// Messages whose template may not be used any more, and why.
    pub unusable: HashMap<MessageId, Reason>,
}

/// What a business may spend, in céntimos: what its owner has set, within the operator's limit; where she has set nothing, that.
pub fn budget(set: Option<i64>, limit: i64) -> i64 {
    set.map_or(limit, |set| set.min(limit))
}

/// How many addresses of a tier marketing leaves alone: a twentieth, and never fewer than ten.
pub fn kept_of_tier(limit: i64) -> i64 {
    (limit / 20).max(10).min(limit)
}

/// How much of a budget marketing leaves alone: a twentieth, so that no blast leaves an answer unpaid. Where that would leave
/// marketing less than one message at home, it is what one leaves over.
fn kept_of_budget(budget: i64) -> i64 {
    let twentieth = budget / 20 + i64::from(budget % 20 > 0);
    twentieth.min(budget - marketing_at_home()).max(0)
}

/// What most messages of a blast cost, in céntimos.
fn marketing_at_home() -> i64 {
    Category::Marketing.cents(Market::PERU)
}

/// What becomes of a wish.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// It goes, and costs so much.
    Go {
        /// In céntimos.
        cents: i64,
    },
    /// Not before then.
    Wait(Reason, DateTime<Utc>),
    /// Its business's money does not reach for it.
    Short {
        /// It waits until then.
        until: DateTime<Utc>,
        /// So does all of its lane, where not even what costs least may be paid; of marketing, what most of it costs or less.
        of_lane: Option<DateTime<Utc>>,
        /// And marketing at home, of which an owner is told.
        at_home: Option<DateTime<Utc>>,
    },
    /// Not now: its business or its campaign may not. Nothing changes for it.
    Leave,
    /// Its time has passed since it was claimed: the sweeper ends it, and knows for what it waited.
    Late,
    /// Not at all.
    Cancel(Reason),
}

/// Decides wish by wish, in their order; what goes counts against the ones after it.
pub fn decide(wishes: &[Wish], mut known: Known, now: DateTime<Utc>) -> Vec<Decision> {
    wishes.iter().map(|wish| one(wish, &mut known, now)).collect()
}

fn one(wish: &Wish, known: &mut Known, now: DateTime<Utc>) -> Decision {
    if wish.good_until <= now {
        return Decision::Late;
    }
    if wish.campaign.is_some_and(|campaign| !known.running.contains(&campaign)) {
        return Decision::Leave;
    }
    if let Some(reason) = known.unusable.get(&wish.message) {
        return Decision::Cancel(*reason);
    }
    let is_marketing = wish.category == Category::Marketing;
    if is_marketing && known.opted_out.contains(&(wish.business, wish.address)) {
        return Decision::Cancel(Reason::OptedOut);
    }
    if is_marketing && known.capped.contains(&wish.message) {
        return Decision::Cancel(Reason::Capped);
    }
    let Some(purse) = known.purses.get_mut(&wish.business) else { return Decision::Leave };
    let is_held = is_marketing && (purse.brake == Brake::Stopped || hours::is_quiet(purse.zone, now));
    if !purse.is_approved || is_held {
        return Decision::Leave;
    }
    if let Some(last) = known.last.get(&wish.address)
        && *last + PAUSE > now
    {
        return Decision::Wait(Reason::Rate, *last + PAUSE);
    }
    let counts = wish.category.counts_for_tier() && !known.counted.contains(&wish.address);
    let kept = if is_marketing { known.tier_kept } else { 0 };
    if counts && known.tier_left.is_some_and(|left| left <= kept) {
        return Decision::Wait(Reason::Tier, now + TIER_LOOKED_AT);
    }
    let cents = wish.category.cents(wish.market);
    if let Some(until) = purse.short_until(wish.category, cents, now) {
        // Who is dear waits alone. Those few who are cheaper abroad wait with all at home, of whom else each would be claimed
        // and asked about every day, for money that reaches for none of them.
        let bound = if is_marketing { cents.min(marketing_at_home()) } else { wish.category.least_cents() };
        return Decision::Short {
            until,
            of_lane: purse.short_until(wish.category, bound, now),
            at_home: purse.short_until(Category::Marketing, marketing_at_home(), now),
        };
    }
    purse.today.cents -= cents;
    purse.this_month.cents -= cents;
    known.last.insert(wish.address, now);
    if counts {
        known.counted.insert(wish.address);
        known.tier_left = known.tier_left.map(|left| left - 1);
    }
    Decision::Go { cents }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn noon() -> DateTime<Utc> {
        "2026-11-27T17:00:00Z".parse().unwrap()
    }

    fn shop(number: u128) -> BusinessId {
        uuid::Uuid::from_u128(number).into()
    }

    /// All of it.
    fn left(cents: i64) -> Left {
        Left { cents, kept: 0 }
    }

    fn purse(cents: i64) -> Purse {
        Purse {
            is_approved: true,
            zone: Zone::LIMA,
            today: left(cents),
            this_month: left(cents),
            brake: Brake::None,
        }
    }

    fn wish(business: u128, category: Category, address: u8) -> Wish {
        Wish {
            message: MessageId::generate(),
            business: shop(business),
            campaign: None,
            category,
            address: [address; 32],
            market: Market::PERU,
            good_until: noon() + chrono::Duration::days(1),
        }
    }

    fn known(cents: i64) -> Known {
        Known { purses: [(shop(1), purse(cents)), (shop(2), purse(cents))].into(), ..Known::default() }
    }

    fn decide_one(wish: Wish, known: Known, now: DateTime<Utc>) -> Decision {
        decide(&[wish], known, now)[0]
    }

    #[test]
    fn whoever_is_not_approved_sends_nothing() {
        let mut known = known(1_000);
        known.purses.insert(shop(1), Purse { is_approved: false, ..purse(1_000) });
        assert_eq!(decide_one(wish(1, Category::Utility, 1), known.clone(), noon()), Decision::Leave);
        assert_eq!(decide_one(wish(3, Category::Utility, 1), known, noon()), Decision::Leave);
    }

    #[test]
    fn nights_are_quiet_for_marketing_only() {
        let night = "2026-11-28T03:00:00Z".parse().unwrap();
        assert_eq!(decide_one(wish(1, Category::Marketing, 1), known(1_000), night), Decision::Leave);
        assert_eq!(
            decide_one(wish(1, Category::Service, 1), known(1_000), night),
            Decision::Go { cents: 14 }
        );
    }

    #[test]
    fn a_paused_campaign_and_one_that_is_not_known_stay() {
        let campaign = CampaignId::generate();
        let wish = Wish { campaign: Some(campaign), ..wish(1, Category::Marketing, 1) };
        assert_eq!(decide_one(wish.clone(), known(1_000), noon()), Decision::Leave);
        let known = Known { running: [campaign].into(), ..known(1_000) };
        assert_eq!(decide_one(wish, known, noon()), Decision::Go { cents: 29 });
    }

    #[test]
    fn what_was_paused_meanwhile_goes_no_more_and_costs_nothing() {
        let (paused, other) = (wish(1, Category::Marketing, 1), wish(1, Category::Marketing, 2));
        let known = Known { unusable: [(paused.message, Reason::TemplatePaused)].into(), ..known(29) };
        let decided = decide(&[paused, other], known, noon());
        assert_eq!(decided, [Decision::Cancel(Reason::TemplatePaused), Decision::Go { cents: 29 }]);
    }

    #[test]
    fn who_opted_out_is_canceled_for_marketing_of_that_business_only() {
        let known = Known { opted_out: [(shop(1), [1; 32])].into(), ..known(1_000) };
        let all =
            [wish(1, Category::Marketing, 1), wish(1, Category::Utility, 1), wish(2, Category::Marketing, 2)];
        let decided = decide(&all, known, noon());
        assert_eq!(
            decided,
            [Decision::Cancel(Reason::OptedOut), Decision::Go { cents: 14 }, Decision::Go { cents: 29 }]
        );
    }

    #[test]
    fn one_address_has_one_message_in_six_seconds() {
        let decided =
            decide(&[wish(1, Category::Utility, 1), wish(2, Category::Service, 1)], known(1_000), noon());
        assert_eq!(decided[1], Decision::Wait(Reason::Rate, noon() + PAUSE));
    }

    #[test]
    fn a_number_abroad_is_reserved_for_at_its_own_price() {
        let abroad = Wish { market: Market::DEAREST, ..wish(1, Category::Marketing, 1) };
        let next_day = hours::next_day(Zone::LIMA, noon());
        assert_eq!(decide_one(abroad.clone(), today(left(62)), noon()), Decision::Go { cents: 62 });
        // It waits alone: others go for less.
        let short = Decision::Short { until: next_day, of_lane: None, at_home: None };
        assert_eq!(decide_one(abroad, today(left(61)), noon()), short);
    }

    fn today(left: Left) -> Known {
        let purse = Purse { today: left, ..purse(1_000) };
        Known { purses: [(shop(1), purse)].into(), ..Known::default() }
    }

    #[test]
    fn one_who_is_dear_holds_up_nobody_who_is_cheaper() {
        let abroad = Wish { market: Market::DEAREST, ..wish(1, Category::Marketing, 1) };
        let decided = decide(&[abroad, wish(1, Category::Marketing, 2)], today(left(40)), noon());
        assert_eq!(decided[1], Decision::Go { cents: 29 });
    }

    #[test]
    fn a_lane_waits_only_where_nothing_of_it_could_be_paid() {
        let next_day = Some(hours::next_day(Zone::LIMA, noon()));
        let of_lane = |category, cents| match decide_one(wish(1, category, 1), today(left(cents)), noon()) {
            Decision::Short { of_lane, at_home, .. } => (of_lane, at_home),
            other => panic!("{other:?}"),
        };
        assert_eq!(of_lane(Category::Marketing, 28), (next_day, next_day));
        assert_eq!(of_lane(Category::Service, 13), (None, next_day));
        assert_eq!(of_lane(Category::Service, 2), (next_day, next_day));
    }

    #[test]
    fn marketing_waits_with_all_at_home_and_whoever_is_cheaper_goes_until_then() {
        let next_day = Some(hours::next_day(Zone::LIMA, noon()));
        let cheap = |address| Wish { market: Market::CHEAPEST, ..wish(1, Category::Marketing, address) };
        let of_lane = |decision| match decision {
            Decision::Short { of_lane, .. } => of_lane,
            other => panic!("{other:?}"),
        };
        // Eleven are left: one who costs six goes, and with the next all of the lane waits.
        let decided = decide(&[cheap(1), cheap(2)], today(left(11)), noon());
        assert_eq!((decided[0], of_lane(decided[1])), (Decision::Go { cents: 6 }, next_day));
        // Who is dear has her lane wait only where those at home would have to.
        let dear = Wish { market: Market::DEAREST, ..wish(1, Category::Marketing, 1) };
        assert_eq!(of_lane(decide_one(dear.clone(), today(left(29)), noon())), None);
        assert_eq!(of_lane(decide_one(dear, today(left(28)), noon())), next_day);
    }

    #[test]
    fn a_twentieth_of_the_money_is_left_to_what_somebody_waits_for() {
        // Of ten soles; of what is marketing's, 28 are left.
        let next_day = hours::next_day(Zone::LIMA, noon());
        let all =
            [wish(1, Category::Marketing, 1), wish(1, Category::Service, 2), wish(1, Category::Utility, 3)];
        let short = Decision::Short { until: next_day, of_lane: Some(next_day), at_home: Some(next_day) };
        let goes = Decision::Go { cents: 14 };
        assert_eq!(decide(&all, today(Left::of(1_000, 922)), noon()), [short, goes, goes]);
        assert_eq!([60, 61, 1_000].map(kept_of_budget), [3, 4, 50]);
    }

    #[test]
    fn a_tiny_budget_keeps_nothing_that_its_only_message_needs() {
        assert_eq!([0, 1, 28, 29, 30, 31].map(kept_of_budget), [0, 0, 0, 0, 1, 2]);
        let goes = Decision::Go { cents: 29 };
        for budget in [29, 30, 31, 58] {
            assert_eq!(decide_one(wish(1, Category::Marketing, 1), today(Left::of(budget, 0)), noon()), goes);
        }
    }

    #[test]
    fn a_braked_shop_sends_no_marketing_and_all_else() {
        let known = || {
            let purse = Purse { brake: Brake::Stopped, ..purse(1_000) };
            Known { purses: [(shop(1), purse), (shop(2), self::purse(1_000))].into(), ..Known::default() }
        };
        assert_eq!(decide_one(wish(1, Category::Marketing, 1), known(), noon()), Decision::Leave);
        assert_eq!(decide_one(wish(1, Category::Utility, 1), known(), noon()), Decision::Go { cents: 14 });
        assert_eq!(decide_one(wish(2, Category::Marketing, 1), known(), noon()), Decision::Go { cents: 29 });
    }

    #[test]
    fn a_month_ends_before_its_days_do() {
        let purse = |cents| Purse { this_month: left(cents), ..purse(1_000) };
        let known = |cents| Known { purses: [(shop(1), purse(cents))].into(), ..Known::default() };
        let next_month = hours::next_month(Zone::LIMA, noon());
        let wishes = [wish(1, Category::Marketing, 1), wish(1, Category::Marketing, 2)];
        let short =
            Decision::Short { until: next_month, of_lane: Some(next_month), at_home: Some(next_month) };
        assert_eq!(decide(&wishes, known(57), noon()), [Decision::Go { cents: 29 }, short]);
        assert_eq!(decide(&wishes, known(58), noon())[1], Decision::Go { cents: 29 });
    }

    #[test]
    fn what_is_late_is_left_to_whoever_knows_for_what_it_waited() {
        let wish = Wish { good_until: noon(), ..wish(9, Category::Utility, 1) };
        assert_eq!(decide_one(wish, known(0), noon()), Decision::Late);
    }

    proptest! {
        /// Whatever is asked for, no budget and no tier is ever passed, and free replies count for no tier.
        #[test]
        fn nothing_is_passed(asked in prop::collection::vec((1..3_u128, 0..4_usize, 0..40_u8, any::<bool>()), 0..200),
                             cents in 0..2_000_i64, kept in 0..300_i64, tier in 0..40_i64,
                             counted in prop::collection::hash_set(0..40_u8, 0..10)) {
            let wishes: Vec<Wish> = asked.iter()
                .map(|(business, category, address, is_abroad)| {
                    let market = if *is_abroad { Market::DEAREST } else { Market::PERU };
                    Wish { market, ..wish(*business, Category::ALL[*category], *address) }
                })
                .collect();
            let counted: HashSet<AddressHash> = counted.iter().map(|address| [*address; 32]).collect();
            let mut known = Known { tier_left: Some(tier), counted: counted.clone(), ..known(cents) };
            for purse in known.purses.values_mut() {
                purse.today.kept = kept;
            }
            let decided = decide(&wishes, known, noon());
            for business in [1, 2] {
                let spent = |is_counted: fn(&Wish) -> bool| -> i64 {
                    wishes.iter().zip(&decided)
                        .filter(|(wish, _)| wish.business == shop(business) && is_counted(wish))
                        .map(|(_, decision)| if let Decision::Go { cents } = decision { *cents } else { 0 })
                        .sum()
                };
                prop_assert!(spent(|_| true) <= cents);
                prop_assert!(spent(|wish| wish.category == Category::Marketing) <= (cents - kept).max(0));
            }
            let new: HashSet<AddressHash> = wishes.iter().zip(&decided)
                .filter(|(wish, decision)| matches!(decision, Decision::Go { .. }) && wish.category != Category::Service)
                .map(|(wish, _)| wish.address)
                .filter(|address| !counted.contains(address))
                .collect();
            prop_assert!(i64::try_from(new.len()).unwrap() <= tier);
        }
    }
}
