//! What a batch of facts changes, summed before anything is written.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use kernel::{BusinessId, CustomerId, MemberId, MessageId, RewardId, Zone};

use crate::domain::calendar::Slot;
use crate::domain::fact::{Fact, Recorded};
use crate::domain::figures::{MemberSums, MessageSums, Sums, Totals};
use crate::domain::message::{self, Message};
use crate::domain::reward::{Counts, Reward};
use crate::domain::visit::Visit;

/// The version of the zone that a business is created with.
const CREATION: i64 = 0;

/// What is heard of a business.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BusinessNews {
    /// Its zone.
    pub zone: Zone,
    /// The version that told it; a higher one is newer.
    pub version: i64,
    /// When it was created, if that was heard.
    pub created_at: Option<DateTime<Utc>>,
}

/// What is heard of a customer. She counts once she joined and until she leaves, whichever is heard first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CustomerNews {
    /// Times she joined.
    pub enrollments: i32,
    /// Times she was merged into another or erased.
    pub departures: i32,
}

/// Sums of a batch. The maps are ordered, so that every replica locks rows in one order.
#[derive(Debug, Default, PartialEq)]
pub struct Changes {
    /// By business.
    pub businesses: BTreeMap<BusinessId, BusinessNews>,
    /// By customer.
    pub customers: BTreeMap<(BusinessId, CustomerId), CustomerNews>,
    /// Not summed yet: the day depends on the business's zone, which the store knows.
    pub visits: Vec<Visit>,
    /// By reward.
    pub rewards: BTreeMap<(BusinessId, RewardId), Reward>,
    /// By business; known once customers and rewards have met what was known of them.
    pub totals: BTreeMap<BusinessId, Totals>,
    /// By slot.
    pub slots: BTreeMap<(BusinessId, Slot), Sums>,
    /// By message.
    pub messages: BTreeMap<(BusinessId, MessageId), Message>,
    /// By slot; whole once messages have met what was known of them.
    pub message_slots: BTreeMap<(BusinessId, Slot), MessageSums>,
    /// By slot and member.
    pub members: BTreeMap<(BusinessId, Slot, MemberId), MemberSums>,
}

impl Changes {
    /// Sums facts.
    pub fn of(facts: &[Recorded]) -> Self {
        let mut changes = Self::default();
        for recorded in facts {
            changes.add(recorded);
        }
        changes
    }

    fn add(&mut self, Recorded { business, at, fact }: &Recorded) {
        let (business, at) = (*business, *at);
        match fact {
            Fact::BusinessCreated { zone } => {
                self.hear(business, BusinessNews { zone: *zone, version: CREATION, created_at: Some(at) });
            }
            Fact::BusinessChanged { zone, version } => {
                self.hear(business, BusinessNews { zone: *zone, version: *version, created_at: None });
            }
            Fact::CustomerEnrolled { customer } => {
                self.customers.entry((business, *customer)).or_default().enrollments += 1;
                self.count(business, Slot::of(at), Sums { enrollments: 1, ..Sums::default() });
            }
            Fact::CustomerGone { customer } => {
                self.customers.entry((business, *customer)).or_default().departures += 1;
            }
            Fact::StampAdded { card, count, visit, by_search, member } => {
                let stamps = i64::from(*count);
                self.count(business, Slot::of(at), Sums { stamps, ..Sums::default() });
                let stamps_by_search = if *by_search { stamps } else { 0 };
                self.credit(
                    business,
                    Slot::of(at),
                    *member,
                    MemberSums { stamps, stamps_by_search, ..MemberSums::default() },
                );
                if *visit {
                    self.visits.push(Visit { business, card: *card, at, entries: 1 });
                }
            }
            Fact::StampVoided { card, count, stamped_at, visit, member, rewards } => {
                let (slot, stamps) = (Slot::of(*stamped_at), i64::from(*count));
                self.count(business, slot, Sums { stamps: -stamps, ..Sums::default() });
                self.credit(business, slot, *member, MemberSums { voids: 1, ..MemberSums::default() });
                if *visit {
                    self.visits.push(Visit { business, card: *card, at: *stamped_at, entries: -1 });
                }
                self.take_back(business, rewards);
            }
            Fact::RewardsTakenBack { rewards } => self.take_back(business, rewards),
            Fact::RewardUnlocked { reward, cost_cents } => {
                let unlocked = Some((at, *cost_cents));
                self.reward(business, *reward, Reward { unlocks: 1, unlocked, ..Reward::default() });
            }
            Fact::RewardRedeemed { reward, member } => {
                let redeemed = Some((at, *member));
                self.reward(business, *reward, Reward { redemptions: 1, redeemed, ..Reward::default() });
            }
            Fact::RewardUnredeemed { reward } => {
                self.reward(business, *reward, Reward { redemptions: -1, ..Reward::default() });
            }
            Fact::RewardExpired { reward } => {
                self.reward(business, *reward, Reward { expired: true, ..Reward::default() });
            }
            Fact::MessageReached { message, reached, version, cost_cents } => {
                let change = Message::of(*reached, *version, at, *cost_cents);
                self.messages.entry((business, *message)).or_default().absorb(change);
            }
            Fact::OptedOut => {
                let sums = MessageSums { opted_out: 1, ..MessageSums::default() };
                *self.message_slots.entry((business, Slot::of(at))).or_default() += sums;
            }
        }
    }

    /// Moves a reward from where it counted to where it counts now.
    pub fn recount(&mut self, business: BusinessId, before: &Counts, after: &Counts) {
        if before == after {
            return;
        }
        for (counts, sign) in [(before, -1), (after, 1)] {
            if let Some(slot) = counts.unlocked {
                self.count(business, slot, Sums { rewards_unlocked: sign, ..Sums::default() });
            }
            if let Some((slot, member)) = counts.redeemed {
                self.count(business, slot, Sums { rewards_redeemed: sign, ..Sums::default() });
                self.credit(
                    business,
                    slot,
                    member,
                    MemberSums { rewards_redeemed: sign, ..MemberSums::default() },
                );
            }
        }
        let open = &mut self.totals.entry(business).or_default().open;
        *open += after.open;
        *open += -before.open;
    }

    /// Moves a message from where it counted to where it counts now.
    pub fn recount_message(
        &mut self,
        business: BusinessId,
        before: &message::Counts,
        after: &message::Counts,
    ) {
        for (before, after) in before.iter().zip(after).filter(|(before, after)| before != after) {
            if let Some((slot, sums)) = before {
                *self.message_slots.entry((business, *slot)).or_default() += -*sums;
            }
            if let Some((slot, sums)) = after {
                *self.message_slots.entry((business, *slot)).or_default() += *sums;
            }
        }
    }

    fn hear(&mut self, business: BusinessId, news: BusinessNews) {
        self.businesses
            .entry(business)
            .and_modify(|known| {
                if known.version < news.version {
                    (known.zone, known.version) = (news.zone, news.version);
                }
                known.created_at = known.created_at.or(news.created_at);
            })
            .or_insert(news);
    }

    fn count(&mut self, business: BusinessId, slot: Slot, sums: Sums) {
        *self.slots.entry((business, slot)).or_default() += sums;
    }

    fn credit(&mut self, business: BusinessId, slot: Slot, member: Option<MemberId>, sums: MemberSums) {
        if let Some(member) = member {
            *self.members.entry((business, slot, member)).or_default() += sums;
        }
    }

    fn take_back(&mut self, business: BusinessId, rewards: &[RewardId]) {
        for reward in rewards {
            self.reward(business, *reward, Reward { unlocks: -1, ..Reward::default() });
        }
    }

    fn reward(&mut self, business: BusinessId, reward: RewardId, change: Reward) {
        self.rewards.entry((business, reward)).or_default().absorb(change);
    }
}
