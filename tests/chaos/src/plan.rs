//! What a teller does next, drawn from a seed and from what she holds. No I/O: answers come in, intents go out.

use e2e::Uuid;
use rand::Rng;
use rand::rngs::StdRng;
use rand::seq::SliceRandom;

/// Intents that are sent together, each on something else.
const TOGETHER: usize = 8;
/// How often one intent is sent at most.
const MOST_COPIES: usize = 3;
/// Stamps of one visit at most.
const MOST_STAMPS: i64 = 4;

/// One thing that is wanted, once, however often it is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Intent {
    /// Its operation.
    pub(crate) key: Uuid,
    /// What.
    pub(crate) deed: Deed,
}

/// What is wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Deed {
    /// Somebody joins.
    Enroll {
        /// With this number.
        phone: String,
    },
    /// A card is stamped.
    Stamp {
        /// Which.
        card: String,
        /// So often.
        count: i64,
    },
    /// A reward is handed over.
    Redeem {
        /// Which.
        reward: String,
    },
    /// A stamp is taken back.
    Void {
        /// Which.
        stamp: String,
    },
}

/// What a teller knows of.
#[derive(Debug, Default)]
pub(crate) struct Hand {
    /// Cards that she may stamp.
    pub(crate) cards: Vec<String>,
    /// Stamps that she may take back.
    pub(crate) stamps: Vec<String>,
    /// Rewards that she may hand over.
    pub(crate) rewards: Vec<String>,
}

impl Hand {
    /// The next intents: at most so many, and none twice on the same stamp or reward.
    pub(crate) fn draw(&mut self, dice: &mut StdRng, most: usize) -> Vec<Intent> {
        (0..most.min(TOGETHER)).map(|_| Intent { key: e2e::key(), deed: self.deed(dice) }).collect()
    }

    fn deed(&mut self, dice: &mut StdRng) -> Deed {
        let chance = dice.random_range(0..100);
        if self.cards.is_empty() || chance < 6 {
            return Deed::Enroll { phone: e2e::phone() };
        }
        if chance < 20 && !self.rewards.is_empty() {
            return Deed::Redeem {
                reward: self.rewards.swap_remove(dice.random_range(0..self.rewards.len())),
            };
        }
        if chance < 32 && !self.stamps.is_empty() {
            return Deed::Void { stamp: self.stamps.swap_remove(dice.random_range(0..self.stamps.len())) };
        }
        let card = self.cards[dice.random_range(0..self.cards.len())].clone();
        Deed::Stamp { card, count: dice.random_range(1..=MOST_STAMPS) }
    }
}

/// The places of the intents in the order in which they are sent: each once to three times, and out of order.
pub(crate) fn sendings(dice: &mut StdRng, intents: usize) -> Vec<usize> {
    let mut places: Vec<usize> = (0..intents)
        .flat_map(|place| std::iter::repeat_n(place, dice.random_range(1..=MOST_COPIES)))
        .collect();
    places.shuffle(dice);
    places
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use rand::SeedableRng;

    use super::*;

    fn hand() -> Hand {
        let many = |word: &str| (0..30).map(|n| format!("{word} {n}")).collect();
        Hand { cards: many("card"), stamps: many("stamp"), rewards: many("reward") }
    }

    fn deeds(seed: u64) -> Vec<Deed> {
        let (mut dice, mut hand) = (StdRng::seed_from_u64(seed), hand());
        let drawn = (0..20).flat_map(|_| hand.draw(&mut dice, 100)).map(|intent| intent.deed);
        drawn.filter(|deed| !matches!(deed, Deed::Enroll { .. })).collect()
    }

    #[test]
    fn the_same_seed_wants_the_same_and_another_something_else() {
        assert_eq!(deeds(1), deeds(1));
        assert_ne!(deeds(1), deeds(2));
    }

    #[test]
    fn no_stamp_is_taken_back_twice_and_no_reward_handed_over_twice() {
        let once: Vec<Deed> =
            deeds(3).into_iter().filter(|deed| !matches!(deed, Deed::Stamp { .. })).collect();
        let told: HashSet<String> = once.iter().map(|deed| format!("{deed:?}")).collect();
        assert!(once.len() > 10 && told.len() == once.len());
    }

    #[test]
    fn whoever_holds_nothing_enrolls() {
        let drawn = Hand::default().draw(&mut StdRng::seed_from_u64(4), 3);
        assert!(drawn.len() == 3 && drawn.iter().all(|intent| matches!(intent.deed, Deed::Enroll { .. })));
    }

    #[test]
    fn every_intent_is_sent_and_some_more_often_and_out_of_order() {
        let mut dice = StdRng::seed_from_u64(5);
        let sent = sendings(&mut dice, 100);
        let count = |place: usize| sent.iter().filter(|one| **one == place).count();
        assert!((0..100).all(|place| (1..=MOST_COPIES).contains(&count(place))));
        assert!(sent.len() > 150 && !sent.is_sorted());
    }
}
