//! From what was decided to the facts that are told.

use chrono::{DateTime, Utc};
use kernel::{BusinessId, EventId, LocationId};
use outbox::NewEvent;
use prost::Message;
use prost_types::Timestamp;
use proto::stamping::event::Fact;
use proto::stamping::{
    CardOpened, CardState as PbCardState, Event, ProgramChanged, RewardExpired, RewardRedeemed,
    RewardUnlocked, RewardUnredeemed, StampAdded, StampVoided,
};

use crate::app::{Batch, CardState, Reversed};
use crate::domain::{Actor, Card, FIRST_VERSION, Program};
use crate::store::ledger::NewEntry;
use crate::store::reward::Reward;
use crate::store::snapshot::{Entry, Kept, Opened};

/// A moment on the wire.
pub(crate) fn timestamp(at: DateTime<Utc>) -> Timestamp {
    Timestamp { seconds: at.timestamp(), nanos: i32::try_from(at.timestamp_subsec_nanos()).unwrap_or(0) }
}

/// An id that may be absent: on the wire that is an empty string.
pub(crate) fn text<T: ToString>(id: Option<T>) -> String {
    id.map(|id| id.to_string()).unwrap_or_default()
}

fn event(name: &'static str, business: BusinessId, at: DateTime<Utc>, fact: Fact) -> NewEvent {
    let id = EventId::generate_at(at);
    let event = Event {
        event_id: id.to_string(),
        business_id: business.to_string(),
        recorded_at: Some(timestamp(at)),
        fact: Some(fact),
    };
    NewEvent { id, business, name, payload: event.encode_to_vec() }
}

impl From<&CardState> for PbCardState {
    fn from(card: &CardState) -> Self {
        Self {
            card_id: card.card.to_string(),
            customer_id: card.customer.to_string(),
            program_id: card.program.to_string(),
            card_version: card.version,
            stamps: card.stamps,
            stamps_required: card.stamps_required,
            cycle: card.cycle,
            total: card.total,
        }
    }
}

/// The facts of a batch, each with the trace it belongs to.
pub(crate) fn of_batch(batch: &Batch) -> Vec<(NewEvent, Option<String>)> {
    let stamps = batch
        .entries
        .iter()
        .zip(&batch.after)
        .map(|(entry, (card, first, trace))| (stamp_added(entry, card, *first), trace.clone()));
    let rewards = batch
        .rewards
        .iter()
        .zip(&batch.reward_traces)
        .map(|(reward, trace)| (reward_unlocked(reward, reward.unlocked_at), trace.clone()));
    stamps.chain(rewards).collect()
}

/// Stamps were added.
pub(crate) fn stamp_added(entry: &NewEntry, card: &CardState, first: bool) -> NewEvent {
    let fact = StampAdded {
        stamp_id: entry.stamp.to_string(),
        card: Some(card.into()),
        count: entry.count,
        kind: entry.kind.as_str().into(),
        via: entry.via.as_str().into(),
        member_id: text(entry.member),
        device_id: text(entry.device),
        location_id: text(entry.location),
        amount_cents: entry.amount_cents,
        occurred_at: Some(timestamp(entry.occurred_at)),
        first,
    };
    event("stamp_added", entry.business, entry.recorded_at, Fact::StampAdded(fact))
}

/// An entry was reversed.
pub(crate) fn stamp_voided(
    entry: &NewEntry,
    reversed: &Reversed,
    reversed_recorded_at: DateTime<Utc>,
    reversed_kind: &str,
) -> NewEvent {
    let fact = StampVoided {
        stamp_id: entry.stamp.to_string(),
        reverses_stamp_id: text(entry.reverses),
        card: Some((&reversed.card).into()),
        count: entry.count,
        member_id: text(entry.member),
        device_id: text(entry.device),
        location_id: text(entry.location),
        reversed_recorded_at: Some(timestamp(reversed_recorded_at)),
        reward_ids: reversed.rewards_taken_back.iter().map(ToString::to_string).collect(),
        reversed_kind: reversed_kind.into(),
    };
    event("stamp_voided", entry.business, entry.recorded_at, Fact::StampVoided(fact))
}

/// A reward was unlocked.
pub(crate) fn reward_unlocked(reward: &Reward, at: DateTime<Utc>) -> NewEvent {
    let fact = RewardUnlocked {
        reward_id: reward.reward.to_string(),
        card_id: reward.card.to_string(),
        customer_id: reward.customer.to_string(),
        program_id: reward.program.to_string(),
        cycle: reward.cycle,
        at: reward.at,
        title: reward.title.clone(),
        cost_cents: reward.cost_cents,
        expires_at: reward.expires_at.map(timestamp),
    };
    event("reward_unlocked", reward.business, at, Fact::RewardUnlocked(fact))
}

/// A reward was handed over.
pub(crate) fn reward_redeemed(
    reward: &Reward,
    actor: &Actor,
    location: Option<LocationId>,
    at: DateTime<Utc>,
) -> NewEvent {
    let fact = RewardRedeemed {
        reward_id: reward.reward.to_string(),
        card_id: reward.card.to_string(),
        customer_id: reward.customer.to_string(),
        program_id: reward.program.to_string(),
        title: reward.title.clone(),
        member_id: text(actor.member),
        device_id: text(actor.device),
        location_id: text(location),
        cost_cents: reward.cost_cents,
    };
    event("reward_redeemed", reward.business, at, Fact::RewardRedeemed(fact))
}

/// A redemption was undone.
pub(crate) fn reward_unredeemed(
    reward: &Reward,
    actor: &Actor,
    redeemed_at: DateTime<Utc>,
    at: DateTime<Utc>,
) -> NewEvent {
    let fact = RewardUnredeemed {
        reward_id: reward.reward.to_string(),
        card_id: reward.card.to_string(),
        customer_id: reward.customer.to_string(),
        program_id: reward.program.to_string(),
        member_id: text(actor.member),
        redeemed_at: Some(timestamp(redeemed_at)),
    };
    event("reward_unredeemed", reward.business, at, Fact::RewardUnredeemed(fact))
}

/// A reward passed its last moment.
pub(crate) fn reward_expired(reward: &Reward, at: DateTime<Utc>) -> NewEvent {
    let fact = RewardExpired {
        reward_id: reward.reward.to_string(),
        card_id: reward.card.to_string(),
        customer_id: reward.customer.to_string(),
        program_id: reward.program.to_string(),
    };
    event("reward_expired", reward.business, at, Fact::RewardExpired(fact))
}

/// A card was opened.
pub(crate) fn card_opened(card: &Card, at: DateTime<Utc>) -> NewEvent {
    let fact = CardOpened {
        card_id: card.card.to_string(),
        customer_id: card.customer.to_string(),
        program_id: card.program.to_string(),
        card_version: card.version,
        stamps_required: card.stamps_required,
    };
    event("card_opened", card.business, at, Fact::CardOpened(fact))
}

/// A program was made or changed.
pub(crate) fn program_changed(program: &Program, at: DateTime<Utc>) -> NewEvent {
    let fact = ProgramChanged {
        program_id: program.program.to_string(),
        version: program.version,
        name: program.definition.name.clone(),
        stamps_required: program.definition.stamps_required,
        active: program.active,
    };
    event("program_changed", program.business, at, Fact::ProgramChanged(fact))
}

/// The fact that a card was opened, as it was told: what it has become stands in the entries of its ledger.
pub(crate) fn of_opened(opened: &Opened) -> NewEvent {
    let fact = CardOpened {
        card_id: opened.card.to_string(),
        customer_id: opened.customer.to_string(),
        program_id: opened.program.to_string(),
        card_version: FIRST_VERSION,
        stamps_required: opened.stamps_required,
    };
    event("card_opened", opened.business, opened.opened_at, Fact::CardOpened(fact))
}

/// The fact that an entry of the ledger would be told as today.
pub(crate) fn of_entry(entry: &Entry) -> NewEvent {
    let card = Some(PbCardState {
        card_id: entry.card.to_string(),
        customer_id: entry.customer.to_string(),
        program_id: entry.program.to_string(),
        card_version: entry.card_version,
        stamps: entry.stamps,
        stamps_required: entry.stamps_required,
        cycle: entry.cycle,
        total: entry.total,
    });
    let (stamp_id, at) = (entry.stamp.to_string(), entry.recorded_at);
    let (name, fact) = match (&entry.reversed_kind, entry.reversed_at) {
        (Some(kind), Some(reversed_at)) => {
            let fact = StampVoided {
                stamp_id,
                reverses_stamp_id: text(entry.reverses),
                card,
                count: entry.count,
                member_id: text(entry.member),
                device_id: text(entry.device),
                location_id: text(entry.location),
                reversed_recorded_at: Some(timestamp(reversed_at)),
                // What was taken back is not told as unlocked either.
                reward_ids: Vec::new(),
                reversed_kind: kind.clone(),
            };
            ("stamp_voided", Fact::StampVoided(fact))
        }
        _ => {
            let fact = StampAdded {
                stamp_id,
                card,
                count: entry.count,
                kind: entry.kind.clone(),
                via: entry.via.clone(),
                member_id: text(entry.member),
                device_id: text(entry.device),
                location_id: text(entry.location),
                amount_cents: entry.amount_cents,
                occurred_at: Some(timestamp(entry.occurred_at)),
                first: false,
            };
            ("stamp_added", Fact::StampAdded(fact))
        }
    };
    event(name, entry.business, at, fact)
}

/// The facts that a reward would be told as today: that it was unlocked, and what became of it.
pub(crate) fn of_reward(reward: &Kept) -> Vec<NewEvent> {
    let (reward_id, card_id) = (reward.reward.to_string(), reward.card.to_string());
    let (customer_id, program_id) = (reward.customer.to_string(), reward.program.to_string());
    let unlocked = Fact::RewardUnlocked(RewardUnlocked {
        reward_id: reward_id.clone(),
        card_id: card_id.clone(),
        customer_id: customer_id.clone(),
        program_id: program_id.clone(),
        cycle: reward.cycle,
        at: reward.at,
        title: reward.title.clone(),
        cost_cents: reward.cost_cents,
        expires_at: reward.expires_at.map(timestamp),
    });
    let mut facts = vec![event("reward_unlocked", reward.business, reward.unlocked_at, unlocked)];
    match (reward.state.as_str(), reward.redeemed_at, reward.expires_at) {
        ("redeemed", Some(at), _) => {
            let fact = RewardRedeemed {
                reward_id,
                card_id,
                customer_id,
                program_id,
                title: reward.title.clone(),
                member_id: text(reward.redeemed_by),
                cost_cents: reward.cost_cents,
                ..Default::default()
            };
            facts.push(event("reward_redeemed", reward.business, at, Fact::RewardRedeemed(fact)));
        }
        ("expired", _, Some(at)) => {
            let fact = RewardExpired { reward_id, card_id, customer_id, program_id };
            facts.push(event("reward_expired", reward.business, at, Fact::RewardExpired(fact)));
        }
        _ => {}
    }
    facts
}
