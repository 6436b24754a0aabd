//! From what happened to the facts that are told. No address and no text ever stands here.

use chrono::{DateTime, Utc};
use kernel::{BusinessId, CampaignId, CustomerId, EventId};
use outbox::NewEvent;
use prost::Message;
use prost_types::Timestamp;
use proto::messaging::event::Fact;
use proto::messaging::{Event, InboundMessage, MessageStatus, OptedOut, SendingHeld};
use uuid::Uuid;

use crate::store::message::State;

/// A moment on the wire.
pub(crate) fn timestamp(at: DateTime<Utc>) -> Timestamp {
    Timestamp { seconds: at.timestamp(), nanos: i32::try_from(at.timestamp_subsec_nanos()).unwrap_or(0) }
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

fn text(id: Option<impl ToString>) -> String {
    id.map(|id| id.to_string()).unwrap_or_default()
}

/// A message came further.
pub(crate) fn message_status(state: &State, at: DateTime<Utc>) -> NewEvent {
    let fact = MessageStatus {
        message_id: state.message.to_string(),
        send_id: text(state.send),
        campaign_id: text(state.campaign),
        customer_id: text(state.customer),
        status: state.status.as_str().to_owned(),
        version: state.version,
        reason: state.reason.clone(),
        cost_cents: state.cost_cents,
        category: state.category.as_str().to_owned(),
    };
    event("message_status", state.business, at, Fact::MessageStatus(fact))
}

/// A customer wrote to a business.
pub(crate) fn inbound_message(
    business: BusinessId,
    inbound: Uuid,
    customer: Option<CustomerId>,
    meaning: &str,
    at: DateTime<Utc>,
) -> NewEvent {
    let fact = InboundMessage {
        inbound_id: inbound.to_string(),
        customer_id: text(customer),
        meaning: meaning.to_owned(),
    };
    event("inbound_message", business, at, Fact::InboundMessage(fact))
}

/// A customer wants no more marketing of a business.
pub(crate) fn opted_out(
    business: BusinessId,
    customer: CustomerId,
    campaign: Option<CampaignId>,
    at: DateTime<Utc>,
) -> NewEvent {
    let fact = OptedOut { customer_id: customer.to_string(), campaign_id: text(campaign) };
    event("opted_out", business, at, Fact::OptedOut(fact))
}

/// Marketing of a business was slowed, stopped, or goes on again.
pub(crate) fn sending_held(business: BusinessId, state: &str, reason: &str, at: DateTime<Utc>) -> NewEvent {
    let fact = SendingHeld { state: state.to_owned(), reason: reason.to_owned() };
    event("sending_held", business, at, Fact::SendingHeld(fact))
}
