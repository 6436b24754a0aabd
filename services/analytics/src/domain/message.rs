//! A message as its facts add up.

use chrono::{DateTime, Utc};

use crate::domain::calendar::Slot;
use crate::domain::figures::MessageSums;

/// What a message came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reached {
    /// The provider has it.
    HandedOver,
    /// Her phone has it.
    Delivered,
    /// She has seen it.
    Read,
    /// It will not arrive, unless somebody has it tried again.
    Failed,
    /// Nothing that is counted: it is in doubt, or was canceled.
    Other,
}

/// What is known of a message, or what some facts add to it: the two are the same thing. Only least and greatest, so facts
/// may come in any order and any number of times.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Message {
    /// When it was handed over, as far as is known.
    pub sent_at: Option<DateTime<Utc>>,
    /// When it was delivered.
    pub delivered_at: Option<DateTime<Utc>>,
    /// When it was read.
    pub read_at: Option<DateTime<Utc>>,
    /// How it stands by the newest fact.
    pub latest: Option<Latest>,
}

/// How a message stands by one fact; the one of the highest version is the newest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Latest {
    /// Grows with each state.
    pub version: i32,
    /// When it came to it.
    pub at: DateTime<Utc>,
    /// It failed.
    pub failed: bool,
    /// What it cost, in céntimos.
    pub cost_cents: i64,
}

/// Where a message is counted, state by state.
pub type Counts = [Option<(Slot, MessageSums)>; 4];

impl Message {
    /// What one fact says: a later state tells of those before it, which may never be heard of.
    pub fn of(reached: Reached, version: i32, at: DateTime<Utc>, cost_cents: i64) -> Self {
        let (sent, delivered, read) = match reached {
            Reached::HandedOver => (true, false, false),
            Reached::Delivered => (true, true, false),
            Reached::Read => (true, true, true),
            Reached::Failed | Reached::Other => (false, false, false),
        };
        Self {
            sent_at: sent.then_some(at),
            delivered_at: delivered.then_some(at),
            read_at: read.then_some(at),
            latest: Some(Latest { version, at, failed: reached == Reached::Failed, cost_cents }),
        }
    }

    /// Adds what other facts say of the same message.
    pub fn absorb(&mut self, other: Self) {
        self.sent_at = earlier(self.sent_at, other.sent_at);
        self.delivered_at = earlier(self.delivered_at, other.delivered_at);
        self.read_at = earlier(self.read_at, other.read_at);
        self.latest = self.latest.max(other.latest);
    }

    /// What it counts for now.
    pub fn counts(&self) -> Counts {
        let cost_cents = self.latest.map_or(0, |latest| latest.cost_cents);
        let failed_at = self.latest.filter(|latest| latest.failed).map(|latest| latest.at);
        let none = MessageSums::default();
        [
            (self.sent_at, MessageSums { sent: 1, cost_cents, ..none }),
            (self.delivered_at, MessageSums { delivered: 1, ..none }),
            (self.read_at, MessageSums { read: 1, ..none }),
            (failed_at, MessageSums { failed: 1, ..none }),
        ]
        .map(|(at, sums)| at.map(|at| (Slot::of(at), sums)))
    }
}

fn earlier(one: Option<DateTime<Utc>>, other: Option<DateTime<Utc>>) -> Option<DateTime<Utc>> {
    [one, other].into_iter().flatten().min()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(minute: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_790_000_000 + minute * 60, 0).unwrap()
    }

    fn sum(facts: &[Message]) -> Message {
        let mut message = Message::default();
        facts.iter().for_each(|fact| message.absorb(*fact));
        message
    }

    fn counted(message: &Message) -> MessageSums {
        let mut sums = MessageSums::default();
        message.counts().into_iter().flatten().for_each(|(_, more)| sums += more);
        sums
    }

    #[test]
    fn a_state_that_was_never_heard_of_counts_with_the_one_after_it() {
        let read = Message::of(Reached::Read, 4, at(0), 12);
        let sums = MessageSums { sent: 1, delivered: 1, read: 1, cost_cents: 12, ..MessageSums::default() };
        assert_eq!(counted(&read), sums);
    }

    #[test]
    fn a_message_that_was_tried_again_has_not_failed() {
        let failed = Message::of(Reached::Failed, 2, at(0), 0);
        assert_eq!(counted(&failed), MessageSums { failed: 1, ..MessageSums::default() });
        let message = sum(&[failed, Message::of(Reached::HandedOver, 4, at(9), 12)]);
        assert_eq!(counted(&message), MessageSums { sent: 1, cost_cents: 12, ..MessageSums::default() });
    }

    #[test]
    fn what_was_never_handed_over_costs_nothing() {
        let canceled = Message::of(Reached::Other, 3, at(0), 12);
        assert_eq!(counted(&canceled), MessageSums::default());
    }

    fn any_fact() -> impl Strategy<Value = Message> {
        let reached = prop::sample::select(vec![
            Reached::HandedOver,
            Reached::Delivered,
            Reached::Read,
            Reached::Failed,
            Reached::Other,
        ]);
        (reached, 1..6i32, 0..500i64, 0..40i64)
            .prop_map(|(reached, version, minute, cost)| Message::of(reached, version, at(minute), cost))
    }

    proptest! {
        #[test]
        fn facts_commute_and_count_once(facts in prop::collection::vec(any_fact(), 0..8), turn in any::<usize>()) {
            let mut other = facts.clone();
            other.reverse();
            if !other.is_empty() {
                let turn = turn % other.len();
                other.rotate_left(turn);
            }
            other.extend(facts.first().copied());
            prop_assert_eq!(sum(&facts), sum(&other));
        }

        /// Whoever read it has got it, and whoever got it was sent it.
        #[test]
        fn states_come_with_those_before_them(facts in prop::collection::vec(any_fact(), 0..8)) {
            let sums = counted(&sum(&facts));
            prop_assert!(sums.read <= sums.delivered && sums.delivered <= sums.sent && sums.sent <= 1);
            prop_assert!(sums.sent == 1 || sums.cost_cents == 0);
        }
    }
}
