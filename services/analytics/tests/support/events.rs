//! Events as the other services publish them.

use chrono::{DateTime, Utc};
use kernel::{BusinessId, CardId, CustomerId, EventId, MemberId, MessageId, RewardId, StampId};
use prost::Message;
use prost_types::Timestamp;
use proto::enrollment as enrolled;
use proto::messaging as sent;
use proto::stamping as stamped;

/// An event on its way.
#[derive(Clone, Debug)]
pub(crate) struct Sent {
    pub(crate) id: EventId,
    pub(crate) subject: String,
    pub(crate) payload: Vec<u8>,
}

/// A card whose events are told.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Card {
    pub(crate) id: CardId,
    pub(crate) customer: CustomerId,
}

impl Card {
    pub(crate) fn new() -> Self {
        Self { id: CardId::generate(), customer: CustomerId::generate() }
    }
}

/// One business, telling.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Business {
    pub(crate) id: BusinessId,
}

/// A stamp as a test wants it; the rest does not matter to figures.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Stamp {
    pub(crate) card: Card,
    pub(crate) count: i32,
    pub(crate) kind: &'static str,
    pub(crate) via: &'static str,
    pub(crate) member: Option<MemberId>,
}

impl Stamp {
    /// One stamp, scanned.
    pub(crate) fn of(card: Card) -> Self {
        Self { card, count: 1, kind: "earn", via: "scan", member: None }
    }
}

impl Business {
    pub(crate) fn new() -> Self {
        Self { id: BusinessId::generate() }
    }

    pub(crate) fn created(&self, at: DateTime<Utc>, time_zone: &str) -> Sent {
        let fact = enrolled::BusinessCreated { slug: "cafe".into(), time_zone: time_zone.into() };
        self.enrollment(at, "business_created", enrolled::event::Fact::BusinessCreated(fact))
    }

    pub(crate) fn changed(&self, at: DateTime<Utc>, time_zone: &str, version: i64) -> Sent {
        let fact = enrolled::BusinessChanged { slug: "cafe".into(), time_zone: time_zone.into(), version };
        self.enrollment(at, "business_changed", enrolled::event::Fact::BusinessChanged(fact))
    }

    pub(crate) fn enrolled(&self, at: DateTime<Utc>, customer: CustomerId) -> Sent {
        let fact = enrolled::CustomerEnrolled { customer_id: customer.to_string(), ..Default::default() };
        self.enrollment(at, "customer_enrolled", enrolled::event::Fact::CustomerEnrolled(fact))
    }

    pub(crate) fn merged(&self, at: DateTime<Utc>, from: CustomerId, into: CustomerId) -> Sent {
        let fact = enrolled::CustomerMerged {
            from_customer_id: from.to_string(),
            into_customer_id: into.to_string(),
        };
        self.enrollment(at, "customer_merged", enrolled::event::Fact::CustomerMerged(fact))
    }

    pub(crate) fn erased(&self, at: DateTime<Utc>, customer: CustomerId) -> Sent {
        let fact = enrolled::CustomerErased { customer_id: customer.to_string() };
        self.enrollment(at, "customer_erased", enrolled::event::Fact::CustomerErased(fact))
    }

    pub(crate) fn stamped(&self, at: DateTime<Utc>, stamp: Stamp) -> Sent {
        let fact = stamped::StampAdded {
            stamp_id: StampId::generate().to_string(),
            card: Some(state(stamp.card)),
            count: stamp.count,
            kind: stamp.kind.into(),
            via: stamp.via.into(),
            member_id: text(stamp.member),
            occurred_at: Some(timestamp(at)),
            ..Default::default()
        };
        self.stamping(at, "stamp_added", stamped::event::Fact::StampAdded(fact))
    }

    /// Takes back, at `at`, a stamp that had been recorded at `stamped_at`.
    pub(crate) fn voided(
        &self,
        at: DateTime<Utc>,
        stamped_at: DateTime<Utc>,
        stamp: Stamp,
        rewards: &[RewardId],
    ) -> Sent {
        let fact = stamped::StampVoided {
            stamp_id: StampId::generate().to_string(),
            card: Some(state(stamp.card)),
            count: -stamp.count,
            reversed_kind: stamp.kind.into(),
            member_id: text(stamp.member),
            reversed_recorded_at: Some(timestamp(stamped_at)),
            reward_ids: rewards.iter().map(ToString::to_string).collect(),
            ..Default::default()
        };
        self.stamping(at, "stamp_voided", stamped::event::Fact::StampVoided(fact))
    }

    pub(crate) fn unlocked(&self, at: DateTime<Utc>, reward: RewardId, cost_cents: Option<i64>) -> Sent {
        let fact =
            stamped::RewardUnlocked { reward_id: reward.to_string(), cost_cents, ..Default::default() };
        self.stamping(at, "reward_unlocked", stamped::event::Fact::RewardUnlocked(fact))
    }

    pub(crate) fn redeemed(&self, at: DateTime<Utc>, reward: RewardId, member: Option<MemberId>) -> Sent {
        let fact = stamped::RewardRedeemed {
            reward_id: reward.to_string(),
            member_id: text(member),
            ..Default::default()
        };
        self.stamping(at, "reward_redeemed", stamped::event::Fact::RewardRedeemed(fact))
    }

    pub(crate) fn unredeemed(&self, at: DateTime<Utc>, reward: RewardId, redeemed_at: DateTime<Utc>) -> Sent {
        let fact = stamped::RewardUnredeemed {
            reward_id: reward.to_string(),
            redeemed_at: Some(timestamp(redeemed_at)),
            ..Default::default()
        };
        self.stamping(at, "reward_unredeemed", stamped::event::Fact::RewardUnredeemed(fact))
    }

    pub(crate) fn expired(&self, at: DateTime<Utc>, reward: RewardId) -> Sent {
        let fact = stamped::RewardExpired { reward_id: reward.to_string(), ..Default::default() };
        self.stamping(at, "reward_expired", stamped::event::Fact::RewardExpired(fact))
    }

    /// A message came to `status`, its `version`th state.
    pub(crate) fn message(
        &self,
        at: DateTime<Utc>,
        id: MessageId,
        status: &str,
        version: i32,
        cost: i64,
    ) -> Sent {
        let fact = sent::MessageStatus {
            message_id: id.to_string(),
            status: status.into(),
            version,
            cost_cents: cost,
            category: "marketing".into(),
            ..Default::default()
        };
        self.messaging(at, "message_status", sent::event::Fact::MessageStatus(fact))
    }

    pub(crate) fn opted_out(&self, at: DateTime<Utc>, customer: CustomerId) -> Sent {
        let fact = sent::OptedOut { customer_id: customer.to_string(), ..Default::default() };
        self.messaging(at, "opted_out", sent::event::Fact::OptedOut(fact))
    }

    fn messaging(&self, at: DateTime<Utc>, name: &str, fact: sent::event::Fact) -> Sent {
        let id = EventId::generate();
        let event = sent::Event {
            event_id: id.to_string(),
            business_id: self.id.to_string(),
            recorded_at: Some(timestamp(at)),
            fact: Some(fact),
        };
        self.sent(id, "messaging", name, event.encode_to_vec())
    }

    fn stamping(&self, at: DateTime<Utc>, name: &str, fact: stamped::event::Fact) -> Sent {
        let id = EventId::generate();
        let event = stamped::Event {
            event_id: id.to_string(),
            business_id: self.id.to_string(),
            recorded_at: Some(timestamp(at)),
            fact: Some(fact),
        };
        self.sent(id, "stamping", name, event.encode_to_vec())
    }

    fn enrollment(&self, at: DateTime<Utc>, name: &str, fact: enrolled::event::Fact) -> Sent {
        let id = EventId::generate();
        let event = enrolled::Event {
            event_id: id.to_string(),
            business_id: self.id.to_string(),
            recorded_at: Some(timestamp(at)),
            fact: Some(fact),
        };
        self.sent(id, "enrollment", name, event.encode_to_vec())
    }

    fn sent(&self, id: EventId, service: &str, name: &str, payload: Vec<u8>) -> Sent {
        Sent { id, subject: format!("sello.v1.{}.{service}.{name}", self.id), payload }
    }
}

fn state(card: Card) -> stamped::CardState {
    stamped::CardState {
        card_id: card.id.to_string(),
        customer_id: card.customer.to_string(),
        card_version: 1,
        ..Default::default()
    }
}

fn text(member: Option<MemberId>) -> String {
    member.map(|member| member.to_string()).unwrap_or_default()
}

fn timestamp(at: DateTime<Utc>) -> Timestamp {
    Timestamp { seconds: at.timestamp(), nanos: at.timestamp_subsec_nanos() as i32 }
}
