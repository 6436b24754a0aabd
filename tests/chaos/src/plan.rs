//! What a teller wants next, drawn from a seed alone, and what that comes to by what she holds. No I/O: answers come in, intents go
//! out.

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

/// What one person does in one go. It is drawn by dice alone, and as many of them whatever was answered before: the same seed makes
/// the same rounds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Round {
    /// What she wants.
    pub(crate) wishes: Vec<Wish>,
    /// The places of the wishes in the order in which they are sent: each once to three times, and out of order.
    pub(crate) order: Vec<usize>,
}

impl Round {
    /// The next one, of at most so many wishes.
    pub(crate) fn draw(dice: &mut StdRng, most: usize) -> Self {
        let wishes: Vec<Wish> = (0..most.min(TOGETHER)).map(|_| Wish::draw(dice)).collect();
        let order = sendings(dice, wishes.len());
        Self { wishes, order }
    }
}

/// What is wanted, before anybody looks at what there is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Wish {
    kind: Kind,
    /// On which of those that are there, counted around and around.
    place: u32,
    /// Stamps, where it comes to stamping.
    count: i64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Join,
    HandOver,
    TakeBack,
    Stamp,
}

impl Wish {
    fn draw(dice: &mut StdRng) -> Self {
        let chance: u32 = dice.random_range(0..100);
        let kind = match chance {
            0..6 => Kind::Join,
            6..20 => Kind::HandOver,
            20..32 => Kind::TakeBack,
            _ => Kind::Stamp,
        };
        Self { kind, place: dice.random(), count: dice.random_range(1..=MOST_STAMPS) }
    }

    fn among(&self, there: usize) -> Option<usize> {
        (self.place as usize).checked_rem(there)
    }
}

impl Hand {
    /// What these wishes come to, none twice on the same stamp or reward. Where there is nothing to hand over or to take back a card
    /// is stamped instead, and where there is no card somebody joins.
    pub(crate) fn meet(&mut self, wishes: &[Wish]) -> Vec<Intent> {
        wishes.iter().map(|wish| Intent { key: e2e::key(), deed: self.deed(wish) }).collect()
    }

    fn deed(&mut self, wish: &Wish) -> Deed {
        let taken = match wish.kind {
            Kind::Join => return Deed::Enroll { phone: e2e::phone() },
            Kind::HandOver => {
                wish.among(self.rewards.len()).map(|at| Deed::Redeem { reward: self.rewards.swap_remove(at) })
            }
            Kind::TakeBack => {
                wish.among(self.stamps.len()).map(|at| Deed::Void { stamp: self.stamps.swap_remove(at) })
            }
            Kind::Stamp => None,
        };
        taken.unwrap_or_else(|| match wish.among(self.cards.len()) {
            Some(at) => Deed::Stamp { card: self.cards[at].clone(), count: wish.count },
            None => Deed::Enroll { phone: e2e::phone() },
        })
    }
}

fn sendings(dice: &mut StdRng, intents: usize) -> Vec<usize> {
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

    fn rounds(seed: u64) -> Vec<Round> {
        let mut dice = StdRng::seed_from_u64(seed);
        (0..20).map(|_| Round::draw(&mut dice, 100)).collect()
    }

    /// What the rounds of a seed come to for whoever holds this.
    fn deeds(seed: u64, mut hand: Hand) -> Vec<Deed> {
        rounds(seed).iter().flat_map(|round| hand.meet(&round.wishes)).map(|intent| intent.deed).collect()
    }

    #[test]
    fn the_same_seed_wants_the_same_and_another_something_else() {
        assert_eq!(rounds(1), rounds(1));
        assert_ne!(rounds(1), rounds(2));
    }

    /// Of two who hold the same cards one has much to hand over and to take back, and the other nothing.
    #[test]
    fn what_was_answered_before_does_not_change_the_plan() {
        let poor = Hand { cards: hand().cards, ..Hand::default() };
        let both: Vec<(Deed, Deed)> = deeds(1, hand()).into_iter().zip(deeds(1, poor)).collect();
        let mut instead = 0;
        for (rich, poor) in both {
            match (&rich, &poor) {
                (Deed::Enroll { .. }, Deed::Enroll { .. }) => {}
                (Deed::Redeem { .. } | Deed::Void { .. }, Deed::Stamp { .. }) => instead += 1,
                _ => assert_eq!(rich, poor, "after {instead} others"),
            }
        }
        assert!(instead > 20, "{instead}");
    }

    #[test]
    fn no_stamp_is_taken_back_twice_and_no_reward_handed_over_twice() {
        let once: Vec<Deed> = deeds(3, hand())
            .into_iter()
            .filter(|deed| matches!(deed, Deed::Redeem { .. } | Deed::Void { .. }))
            .collect();
        let told: HashSet<String> = once.iter().map(|deed| format!("{deed:?}")).collect();
        assert!(once.len() > 10 && told.len() == once.len());
    }

    #[test]
    fn whoever_holds_nothing_enrolls() {
        let drawn = deeds(4, Hand::default());
        assert!(drawn.len() > 100 && drawn.iter().all(|deed| matches!(deed, Deed::Enroll { .. })));
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
