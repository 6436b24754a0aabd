//! A reward as its facts add up.

use chrono::{DateTime, Utc};
use kernel::MemberId;

use crate::domain::calendar::Slot;
use crate::domain::figures::OpenRewards;

/// What is known of a reward, or what some facts add to it: the two are the same thing. Only sums and maxima, so facts
/// may come in any order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Reward {
    /// Times unlocked less times taken back.
    pub unlocks: i32,
    /// The last time it was unlocked, and what it costs since then, in céntimos.
    pub unlocked: Option<(DateTime<Utc>, i64)>,
    /// Times redeemed less times undone.
    pub redemptions: i32,
    /// The last time it was redeemed, and by whom.
    pub redeemed: Option<(DateTime<Utc>, Option<MemberId>)>,
    /// It passed its last day.
    pub expired: bool,
}

impl Reward {
    /// Adds what other facts say of the same reward.
    pub fn absorb(&mut self, other: Self) {
        self.unlocks += other.unlocks;
        self.unlocked = self.unlocked.max(other.unlocked);
        self.redemptions += other.redemptions;
        self.redeemed = self.redeemed.max(other.redeemed);
        self.expired |= other.expired;
    }

    /// What it counts for now.
    pub fn counts(&self) -> Counts {
        let (is_unlocked, is_redeemed) = (self.unlocks > 0, self.redemptions > 0);
        let cost_cents = self.unlocked.map_or(0, |(_, cost)| cost);
        Counts {
            unlocked: self.unlocked.filter(|_| is_unlocked).map(|(at, _)| Slot::of(at)),
            redeemed: self.redeemed.filter(|_| is_redeemed).map(|(at, by)| (Slot::of(at), by)),
            open: match is_unlocked && !is_redeemed && !self.expired {
                true => OpenRewards { rewards: 1, cost_cents },
                false => OpenRewards::default(),
            },
        }
    }
}

/// Where a reward is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Counts {
    /// As unlocked, then.
    pub unlocked: Option<Slot>,
    /// As redeemed, then and by this member.
    pub redeemed: Option<(Slot, Option<MemberId>)>,
    /// As open.
    pub open: OpenRewards,
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(minute: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_790_000_000 + minute * 60, 0).unwrap()
    }

    /// One of the facts a reward's life is made of, at some minute.
    fn any_fact() -> impl Strategy<Value = Reward> {
        (0..6u8, 0..10_000i64).prop_map(|(which, minute)| match which {
            0 => Reward { unlocks: 1, unlocked: Some((at(minute), 500)), ..Default::default() },
            1 => Reward { unlocks: -1, ..Default::default() },
            2 => Reward { redemptions: 1, redeemed: Some((at(minute), None)), ..Default::default() },
            3 => Reward { redemptions: -1, ..Default::default() },
            4 => Reward { expired: true, ..Default::default() },
            _ => Reward::default(),
        })
    }

    fn all(facts: &[Reward]) -> Reward {
        facts.iter().fold(Reward::default(), |mut sum, fact| {
            sum.absorb(*fact);
            sum
        })
    }

    proptest! {
        /// In whatever order and batches its facts come, a reward ends the same.
        #[test]
        fn order_and_batches_do_not_matter(
            (facts, shuffled) in prop::collection::vec(any_fact(), 0..12)
                .prop_flat_map(|facts| (Just(facts.clone()), Just(facts).prop_shuffle())),
            cut in 0..12usize,
        ) {
            let (first, second) = shuffled.split_at(cut.min(shuffled.len()));
            let mut sum = all(first);
            sum.absorb(all(second));
            prop_assert_eq!(all(&facts), sum);
        }
    }

    #[test]
    fn a_redemption_undone_and_made_again_counts_once_and_then() {
        let facts = [
            Reward { unlocks: 1, unlocked: Some((at(0), 500)), ..Default::default() },
            Reward { redemptions: 1, redeemed: Some((at(60), None)), ..Default::default() },
            Reward { redemptions: -1, ..Default::default() },
        ];
        assert_eq!(all(&facts).counts().open, OpenRewards { rewards: 1, cost_cents: 500 });
        let again = Reward { redemptions: 1, redeemed: Some((at(120), None)), ..Default::default() };
        let counts = all(&[facts[0], facts[1], facts[2], again]).counts();
        assert_eq!((counts.redeemed, counts.open.rewards), (Some((Slot::of(at(120)), None)), 0));
    }

    #[test]
    fn a_reward_taken_back_or_expired_is_not_open() {
        let unlocked = Reward { unlocks: 1, unlocked: Some((at(0), 500)), ..Default::default() };
        let taken_back = all(&[unlocked, Reward { unlocks: -1, ..Default::default() }]).counts();
        assert_eq!((taken_back.unlocked, taken_back.open.rewards), (None, 0));
        let expired = all(&[Reward { expired: true, ..Default::default() }, unlocked]).counts();
        assert_eq!((expired.unlocked.is_some(), expired.open.rewards), (true, 0));
    }
}
