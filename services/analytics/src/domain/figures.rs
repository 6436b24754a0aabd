//! What is counted.

use std::ops::{AddAssign, Neg};

/// What adds up freely: over events, slots and days.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sums {
    /// Stamps given, less stamps taken back.
    pub stamps: i64,
    /// Customers who joined.
    pub enrollments: i64,
    /// Rewards reached, less rewards taken back.
    pub rewards_unlocked: i64,
    /// Rewards handed over, less those undone.
    pub rewards_redeemed: i64,
}

impl AddAssign for Sums {
    fn add_assign(&mut self, other: Self) {
        self.stamps += other.stamps;
        self.enrollments += other.enrollments;
        self.rewards_unlocked += other.rewards_unlocked;
        self.rewards_redeemed += other.rewards_redeemed;
    }
}

/// What became of messages. Each counts once a state, at the time it came to it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MessageSums {
    /// Handed over to the provider.
    pub sent: i64,
    /// Arrived.
    pub delivered: i64,
    /// Seen.
    pub read: i64,
    /// Given up, and not tried again since.
    pub failed: i64,
    /// Times somebody wanted no more of them.
    pub opted_out: i64,
    /// What those that were handed over cost, in céntimos; at the time they were.
    pub cost_cents: i64,
}

impl AddAssign for MessageSums {
    fn add_assign(&mut self, other: Self) {
        self.sent += other.sent;
        self.delivered += other.delivered;
        self.read += other.read;
        self.failed += other.failed;
        self.opted_out += other.opted_out;
        self.cost_cents += other.cost_cents;
    }
}

impl Neg for MessageSums {
    type Output = Self;
    fn neg(self) -> Self {
        Self {
            sent: -self.sent,
            delivered: -self.delivered,
            read: -self.read,
            failed: -self.failed,
            opted_out: -self.opted_out,
            cost_cents: -self.cost_cents,
        }
    }
}

/// The sums of a stretch of time, and the distinct cards stamped in it, which do not add up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Figures {
    /// What adds up.
    pub sums: Sums,
    /// Distinct cards stamped.
    pub visitors: i64,
    /// What became of messages.
    pub messages: MessageSums,
}

/// What one member did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MemberSums {
    /// Stamps she gave, those taken back since included.
    pub stamps: i64,
    /// Those of them on a card found by search.
    pub stamps_by_search: i64,
    /// Entries she took back, however many stamps each had; on the day of the stamp.
    pub voids: i64,
    /// Rewards she handed over, less those undone.
    pub rewards_redeemed: i64,
}

impl AddAssign for MemberSums {
    fn add_assign(&mut self, other: Self) {
        self.stamps += other.stamps;
        self.stamps_by_search += other.stamps_by_search;
        self.voids += other.voids;
        self.rewards_redeemed += other.rewards_redeemed;
    }
}

/// Rewards that wait to be redeemed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct OpenRewards {
    /// How many.
    pub rewards: i64,
    /// What they would cost, in céntimos.
    pub cost_cents: i64,
}

impl AddAssign for OpenRewards {
    fn add_assign(&mut self, other: Self) {
        self.rewards += other.rewards;
        self.cost_cents += other.cost_cents;
    }
}

impl Neg for OpenRewards {
    type Output = Self;
    fn neg(self) -> Self {
        Self { rewards: -self.rewards, cost_cents: -self.cost_cents }
    }
}

/// What is counted of a business whatever the day.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// Who joined and are still there.
    pub customers: i64,
    /// What they may come for.
    pub open: OpenRewards,
}

/// How the cards of a business stand today.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    /// Cards stamped in the last [`crate::domain::dashboard::ACTIVE_DAYS`].
    pub active: i64,
    /// Those of them that had been stamped on another day before.
    pub returning: i64,
    /// Regulars who have been silent for too long.
    pub at_risk: i64,
}
