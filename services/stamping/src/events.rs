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
use crate::domain::{Actor, Card, Program};
use crate::store::ledger::NewEntry;
use crate::store::reward::Reward;

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
