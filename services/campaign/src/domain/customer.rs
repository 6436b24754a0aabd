//! A customer as her facts add up. Facts may come in any order and in any batches: each either adds to a sum, or is the
//! newest of its kind by a version or a time of its own, or is for ever.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use kernel::{CardId, CustomerId, Locale, LocationId, ProgramId, RewardId};
use serde::{Deserialize, Serialize};

/// What is known of a customer.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Customer {
    /// Absent until her joining is heard of.
    pub joined: Option<Joined>,
    /// Which language, and since when.
    pub reads: Option<(Locale, DateTime<Utc>)>,
    /// To marketing.
    pub consent: Option<Consent>,
    /// The last time she wrote that she wants no more.
    pub opted_out_at: Option<DateTime<Utc>>,
    /// For ever; nothing else is kept of her then.
    pub erased: bool,
    /// Who she turned out to be; what she does counts there.
    pub merged_into: Option<CustomerId>,
    /// Passes kept on Apple's phones less those removed.
    pub apple_passes: i32,
    /// The same for Google's.
    pub google_passes: i32,
    /// Browsers that want to hear of a card less those that no longer do.
    pub web_passes: i32,
    /// Stamps earned less voids, by business day.
    pub days: BTreeMap<NaiveDate, i32>,
    /// The last time a stamp was earned, were it taken back or not.
    pub came_at: Option<DateTime<Utc>>,
    /// By their newest version.
    pub cards: BTreeMap<CardId, Card>,
    /// As sums.
    pub rewards: BTreeMap<RewardId, Reward>,
}

/// What her joining told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Joined {
    /// When.
    pub at: DateTime<Utc>,
    /// join, import, till.
    pub source: String,
    /// 1 to 12; 0 is unknown.
    pub birth_month: u32,
    /// Where.
    pub location: Option<LocationId>,
}

/// Her consent to marketing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Consent {
    /// granted, pending, revoked.
    pub state: String,
    /// Grows with each change.
    pub version: i64,
    /// When it came to this state.
    pub at: DateTime<Utc>,
}

/// A card by its newest event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Card {
    /// Its program.
    pub program: ProgramId,
    /// Grows with each change.
    pub version: i64,
    /// Of the running cycle.
    pub stamps: i32,
    /// What the cycle takes; 0 where nobody said.
    pub required: i32,
    /// Which cycle.
    pub cycle: i32,
}

/// A reward as its facts add up.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reward {
    /// Times unlocked less times taken back.
    pub unlocks: i32,
    /// What it is, by the event that unlocked it.
    pub title: String,
    /// When it ends, by the same.
    pub ends_at: Option<DateTime<Utc>>,
    /// Times redeemed less times undone.
    pub redemptions: i32,
    /// The last time it was redeemed.
    pub redeemed_at: Option<DateTime<Utc>>,
    /// It passed its last day.
    pub expired: bool,
}

impl Reward {
    fn absorb(&mut self, other: &Self) {
        self.unlocks += other.unlocks;
        if (other.ends_at, &other.title) > (self.ends_at, &self.title) {
            (self.ends_at, self.title) = (other.ends_at, other.title.clone());
        }
        self.redemptions += other.redemptions;
        self.redeemed_at = self.redeemed_at.max(other.redeemed_at);
        self.expired |= other.expired;
    }

    fn is_open(&self) -> bool {
        self.unlocks > 0 && self.redemptions <= 0 && !self.expired
    }
}

/// What keeps a pass for her, and tells her for nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wallet {
    /// Apple Wallet.
    Apple,
    /// Google Wallet.
    Google,
    /// A browser, for a card in no wallet.
    Web,
}

/// Something that happened to a customer.
#[derive(Clone, Debug, PartialEq)]
pub enum Fact {
    /// She joined.
    Joined(Joined),
    /// She reads this language, since then.
    Reads(Locale, DateTime<Utc>),
    /// Her consent to marketing changed.
    Consent(Consent),
    /// She wants no more.
    OptedOut(DateTime<Utc>),
    /// She is to be forgotten.
    Erased,
    /// She is another customer.
    MergedInto(CustomerId),
    /// A phone keeps a pass (1), or no more (-1).
    Pass(Wallet, i32),
    /// A stamp was earned on a day (1), or taken back (-1).
    Visit(NaiveDate, i32),
    /// A stamp was earned at this moment.
    Came(DateTime<Utc>),
    /// A card came to this state.
    Card(CardId, Card),
    /// A reward changed by this much.
    Reward(RewardId, Reward),
}

impl Fact {
    /// What she does counts for whom she was merged into; what she said of herself stays with the one who said it.
    pub fn follows_merges(&self) -> bool {
        match self {
            Self::Joined(_) | Self::Reads(..) | Self::Consent(_) | Self::Erased | Self::MergedInto(_) => {
                false
            }
            Self::OptedOut(_)
            | Self::Pass(..)
            | Self::Visit(..)
            | Self::Came(_)
            | Self::Card(..)
            | Self::Reward(..) => true,
        }
    }
}

impl Customer {
    /// Takes a fact in.
    pub fn apply(&mut self, fact: Fact) {
        if let Fact::MergedInto(into) = fact {
            self.merged_into = self.merged_into.max(Some(into));
            return;
        }
        if self.erased {
            return;
        }
        match fact {
            Fact::Joined(joined) => {
                if self.joined.as_ref().is_none_or(|known| joined.at < known.at) {
                    self.joined = Some(joined);
                }
            }
            Fact::Reads(language, at) => {
                if self.reads.is_none_or(|(known, since)| (since, known.as_str()) < (at, language.as_str())) {
                    self.reads = Some((language, at));
                }
            }
            Fact::Consent(consent) => {
                if self.consent.as_ref().is_none_or(|known| consent.version > known.version) {
                    self.consent = Some(consent);
                }
            }
            Fact::OptedOut(at) => self.opted_out_at = self.opted_out_at.max(Some(at)),
            Fact::Erased => {
                *self = Self { erased: true, merged_into: self.merged_into, ..Self::default() };
            }
            Fact::MergedInto(_) => {}
            Fact::Pass(Wallet::Apple, by) => self.apple_passes += by,
            Fact::Pass(Wallet::Google, by) => self.google_passes += by,
            Fact::Pass(Wallet::Web, by) => self.web_passes += by,
            Fact::Visit(day, by) => *self.days.entry(day).or_default() += by,
            Fact::Came(at) => self.came_at = self.came_at.max(Some(at)),
            Fact::Card(id, card) => self.keep_card(id, card),
            Fact::Reward(id, reward) => self.rewards.entry(id).or_default().absorb(&reward),
        }
    }

    fn keep_card(&mut self, id: CardId, card: Card) {
        let known = self.cards.entry(id).or_insert(card);
        if known.version < card.version {
            // A cycle keeps what it takes; an event that does not say it takes nothing away.
            let required = if card.required > 0 { card.required } else { known.required };
            *known = Card { required, ..card };
        }
    }

    /// What she did so far, taken out of her for whom she turned out to be.
    pub fn take_doings(&mut self) -> Vec<Fact> {
        let taken = std::mem::take(self);
        *self = Self {
            joined: taken.joined,
            reads: taken.reads,
            consent: taken.consent,
            erased: taken.erased,
            merged_into: taken.merged_into,
            ..Self::default()
        };
        let mut facts: Vec<Fact> = taken.opted_out_at.map(Fact::OptedOut).into_iter().collect();
        facts.extend(taken.came_at.map(Fact::Came));
        facts.push(Fact::Pass(Wallet::Apple, taken.apple_passes));
        facts.push(Fact::Pass(Wallet::Google, taken.google_passes));
        facts.push(Fact::Pass(Wallet::Web, taken.web_passes));
        facts.extend(taken.days.into_iter().map(|(day, by)| Fact::Visit(day, by)));
        facts.extend(taken.cards.into_iter().map(|(id, card)| Fact::Card(id, card)));
        facts.extend(taken.rewards.into_iter().map(|(id, reward)| Fact::Reward(id, reward)));
        facts
    }

    /// As conditions and messages see her.
    pub fn profile(&self) -> Profile {
        let joined = self.joined.as_ref();
        let open: Vec<(&RewardId, &Reward)> =
            self.rewards.iter().filter(|(_, reward)| reward.is_open()).collect();
        let mut reward_ends: Vec<DateTime<Utc>> =
            open.iter().filter_map(|(_, reward)| reward.ends_at).collect();
        reward_ends.sort_unstable();
        let first_to_end = open
            .iter()
            .min_by_key(|(id, reward)| (reward.ends_at.is_none(), reward.ends_at, **id))
            .map(|(id, reward)| (**id, reward.title.clone()));
        Profile {
            joined_at: joined.map(|joined| joined.at),
            language: self.reads.map(|(language, _)| language).unwrap_or_default(),
            birth_month: joined.map_or(0, |joined| joined.birth_month),
            location: joined.and_then(|joined| joined.location),
            days: self.days.iter().filter(|(_, entries)| **entries > 0).map(|(day, _)| *day).collect(),
            nearest: self
                .cards
                .iter()
                .filter(|(_, card)| card.required > 0)
                .map(|(id, card)| Nearest {
                    card: *id,
                    program: card.program,
                    cycle: card.cycle,
                    stamps: card.stamps,
                    stamps_left: (card.required - card.stamps).max(0),
                })
                .min_by_key(|nearest| (nearest.stamps_left, nearest.card)),
            open_rewards: i32::try_from(open.len()).unwrap_or(i32::MAX),
            reward_ends,
            reward: first_to_end,
            redeemed_at: self
                .rewards
                .values()
                .filter(|reward| reward.redemptions > 0)
                .filter_map(|reward| reward.redeemed_at)
                .max(),
            has_pass: self.apple_passes > 0 || self.google_passes > 0 || self.web_passes > 0,
        }
    }
}

/// A customer as conditions and messages see her.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Profile {
    /// Absent until her joining is heard of.
    pub joined_at: Option<DateTime<Utc>>,
    /// What she reads.
    pub language: Locale,
    /// 1 to 12; 0 is unknown.
    pub birth_month: u32,
    /// Where she joined.
    pub location: Option<LocationId>,
    /// Business days on which she came, in their order.
    pub days: Vec<NaiveDate>,
    /// The card nearest to its end.
    pub nearest: Option<Nearest>,
    /// How many rewards are open.
    pub open_rewards: i32,
    /// When they end, soonest first.
    pub reward_ends: Vec<DateTime<Utc>>,
    /// The open reward that ends first.
    pub reward: Option<(RewardId, String)>,
    /// When she last redeemed one.
    pub redeemed_at: Option<DateTime<Utc>>,
    /// A phone keeps a pass of hers.
    pub has_pass: bool,
}

/// A card that still lacks stamps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Nearest {
    /// The card.
    pub card: CardId,
    /// Its program.
    pub program: ProgramId,
    /// Which filling of it.
    pub cycle: i32,
    /// What it has.
    pub stamps: i32,
    /// What it lacks.
    pub stamps_left: i32,
}

impl Profile {
    /// Days on which she came.
    pub fn visits(&self) -> i32 {
        i32::try_from(self.days.len()).unwrap_or(i32::MAX)
    }

    /// The first of them.
    pub fn first_day(&self) -> Option<NaiveDate> {
        self.days.first().copied()
    }

    /// The last of them.
    pub fn last_day(&self) -> Option<NaiveDate> {
        self.days.last().copied()
    }

    /// From the first to the last.
    pub fn span_days(&self) -> i32 {
        match (self.first_day(), self.last_day()) {
            (Some(first), Some(last)) => i32::try_from((last - first).num_days()).unwrap_or(i32::MAX),
            _ => 0,
        }
    }

    /// The sum of the squares of her pauses.
    pub fn gap_squares(&self) -> i64 {
        self.days.windows(2).map(|pair| (pair[1] - pair[0]).num_days().pow(2)).sum()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(minute: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_790_000_000 + minute * 60, 0).unwrap()
    }

    fn day(number: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 11, 1 + number).unwrap()
    }

    fn card_id(number: u8) -> CardId {
        uuid::Uuid::from_u128(u128::from(number)).into()
    }

    fn reward_id(number: u8) -> RewardId {
        uuid::Uuid::from_u128(u128::from(number)).into()
    }

    #[test]
    fn a_browser_that_wants_to_hear_is_a_free_way_to_her_also_once_she_became_another() {
        let mut before = Customer::default();
        assert!(!before.profile().has_pass);
        before.apply(Fact::Pass(Wallet::Web, 1));
        assert!(before.profile().has_pass);
        let mut after = Customer::default();
        before.take_doings().into_iter().for_each(|fact| after.apply(fact));
        assert!(!before.profile().has_pass && after.profile().has_pass);
        after.apply(Fact::Pass(Wallet::Web, -1));
        assert!(!after.profile().has_pass);
    }

    fn any_fact() -> impl Strategy<Value = Fact> {
        let reward = |change: Reward| move |number| Fact::Reward(reward_id(number), change.clone());
        prop_oneof![
            2 => (0..20u32, prop::bool::ANY).prop_map(|(number, earned)| Fact::Visit(day(number), if earned { 1 } else { -1 })),
            1 => (0..9i64).prop_map(|version| Fact::Consent(Consent { state: format!("state {version}"), version, at: at(version) })),
            1 => (0..9i64).prop_map(|minute| Fact::OptedOut(at(minute))),
            1 => (0..9i64).prop_map(|minute| Fact::Came(at(minute))),
            1 => (prop::sample::select(vec![Locale::Es, Locale::En]), 0..9i64)
                .prop_map(|(language, minute)| Fact::Reads(language, at(minute))),
            1 => (0..2u8, 1..9i64).prop_map(|(number, version)| Fact::Card(card_id(number), Card {
                program: uuid::Uuid::nil().into(), version, stamps: version as i32, required: 10, cycle: 1 })),
            1 => (prop::sample::select(vec![Wallet::Apple, Wallet::Google, Wallet::Web]), prop::bool::ANY)
                .prop_map(|(wallet, kept)| Fact::Pass(wallet, if kept { 1 } else { -1 })),
            1 => (0..3u8).prop_map(reward(Reward { unlocks: 1, title: "Café".into(), ends_at: Some(at(99)), ..Default::default() })),
            1 => (0..3u8).prop_map(reward(Reward { redemptions: 1, redeemed_at: Some(at(5)), ..Default::default() })),
            1 => (0..3u8).prop_map(reward(Reward { expired: true, ..Default::default() })),
        ]
    }

    fn all(facts: impl IntoIterator<Item = Fact>) -> Customer {
        facts.into_iter().fold(Customer::default(), |mut customer, fact| {
            customer.apply(fact);
            customer
        })
    }

    proptest! {
        /// In whatever order her facts come, a customer ends the same.
        #[test]
        fn order_does_not_matter(
            (facts, shuffled) in prop::collection::vec(any_fact(), 0..30)
                .prop_flat_map(|facts| (Just(facts.clone()), Just(facts).prop_shuffle())),
        ) {
            // Two cards' events of one version say the same in life, so the newest is one.
            prop_assert_eq!(all(facts), all(shuffled));
        }

        /// Whether she was merged before or after, what she did counts for whom she turned out to be.
        #[test]
        fn a_merge_may_come_at_any_time(facts in prop::collection::vec(any_fact(), 0..20), cut in 0..20usize) {
            let facts: Vec<Fact> = facts.into_iter().filter(Fact::follows_merges).collect();
            let (before, after) = facts.split_at(cut.min(facts.len()));
            let mut was = all(before.to_vec());
            let mut is = all(after.to_vec());
            was.take_doings().into_iter().for_each(|fact| is.apply(fact));
            let whole = all(facts);
            prop_assert_eq!((is.profile(), is.came_at), (whole.profile(), whole.came_at));
        }
    }

    #[test]
    fn a_day_whose_only_stamp_was_taken_back_is_no_visit() {
        let facts =
            [Fact::Visit(day(1), 1), Fact::Visit(day(2), -1), Fact::Visit(day(2), 1), Fact::Visit(day(3), 2)];
        let profile = all(facts).profile();
        assert_eq!((profile.visits(), profile.span_days(), profile.gap_squares()), (2, 2, 4));
    }

    #[test]
    fn whoever_was_erased_stays_erased_and_leaves_nothing() {
        let customer = all([
            Fact::Visit(day(1), 1),
            Fact::Erased,
            Fact::Visit(day(2), 1),
            Fact::Consent(Consent { state: "granted".into(), version: 9, at: at(0) }),
        ]);
        assert_eq!(customer, Customer { erased: true, ..Customer::default() });
    }

    #[test]
    fn the_card_nearest_to_its_end_and_the_reward_that_ends_first_are_told() {
        let card =
            |stamps| Card { program: uuid::Uuid::nil().into(), version: 1, stamps, required: 10, cycle: 3 };
        let reward = |title: &str, ends| Reward {
            unlocks: 1,
            title: title.into(),
            ends_at: ends,
            ..Reward::default()
        };
        let profile = all([
            Fact::Card(card_id(1), card(2)),
            Fact::Card(card_id(2), card(9)),
            Fact::Reward(reward_id(1), reward("Torta", None)),
            Fact::Reward(reward_id(2), reward("Café", Some(at(9)))),
        ])
        .profile();
        assert_eq!(profile.nearest.map(|near| (near.card, near.stamps_left)), Some((card_id(2), 1)));
        assert_eq!(profile.reward, Some((reward_id(2), "Café".into())));
    }
}
