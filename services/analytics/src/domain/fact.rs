//! What the figures are made of.

use chrono::{DateTime, Utc};
use kernel::{BusinessId, CardId, CustomerId, MemberId, MessageId, RewardId, Zone};

use crate::domain::message::Reached;

/// Something that happened in a business.
#[derive(Clone, Debug, PartialEq)]
pub struct Recorded {
    /// The tenant.
    pub business: BusinessId,
    /// When the server recorded it: this, never the present, decides the day it counts for.
    pub at: DateTime<Utc>,
    /// What it was.
    pub fact: Fact,
}

/// The facts that figures follow from.
#[derive(Clone, Debug, PartialEq)]
pub enum Fact {
    /// A business exists from now on, with this zone.
    BusinessCreated {
        /// Where it counts its days.
        zone: Zone,
    },
    /// A business may count its days elsewhere now.
    BusinessChanged {
        /// Where it counts its days.
        zone: Zone,
        /// Grows with each change.
        version: i64,
    },
    /// A customer joined.
    CustomerEnrolled {
        /// She.
        customer: CustomerId,
    },
    /// A customer was merged into another, or erased.
    CustomerGone {
        /// She.
        customer: CustomerId,
    },
    /// A card was stamped. Imports of paper cards are no such fact: they are history, not a visit.
    StampAdded {
        /// Whose card.
        card: Card,
        /// How many stamps; above 0.
        count: u32,
        /// She was there; a bonus may come without.
        visit: bool,
        /// The card was found by phone or name instead of scanned.
        by_search: bool,
        /// Who stamped, if a person did.
        member: Option<MemberId>,
    },
    /// A stamp was taken back; never an import, which had not counted.
    StampVoided {
        /// Whose card.
        card: Card,
        /// How many stamps it lost.
        count: u32,
        /// When the stamp it reverses had been recorded.
        stamped_at: DateTime<Utc>,
        /// That stamp had been a visit.
        visit: bool,
        /// Who took it back, if a person did.
        member: Option<MemberId>,
        /// Open rewards that were taken back with it.
        rewards: Vec<RewardId>,
    },
    /// Open rewards were taken back, with an entry that had not counted.
    RewardsTakenBack {
        /// The rewards.
        rewards: Vec<RewardId>,
    },
    /// A card reached a reward.
    RewardUnlocked {
        /// The reward.
        reward: RewardId,
        /// What it costs the shop, in céntimos; 0 where nobody said.
        cost_cents: i64,
    },
    /// A reward was handed over.
    RewardRedeemed {
        /// The reward.
        reward: RewardId,
        /// Who handed it over, if a person did.
        member: Option<MemberId>,
    },
    /// The last redemption of a reward was undone.
    RewardUnredeemed {
        /// The reward.
        reward: RewardId,
    },
    /// An open reward passed its last day.
    RewardExpired {
        /// The reward.
        reward: RewardId,
    },
    /// A message came to a state.
    MessageReached {
        /// The message.
        message: MessageId,
        /// The state.
        reached: Reached,
        /// Grows with each state of the message; above 0.
        version: i32,
        /// What it cost, as far as is known, in céntimos.
        cost_cents: i64,
    },
    /// Somebody wants no more messages.
    OptedOut,
}

/// A card as a fact names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Card {
    /// The card.
    pub id: CardId,
    /// Whose it is.
    pub customer: CustomerId,
    /// The card's version after the fact.
    pub version: i64,
}
