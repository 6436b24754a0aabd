//! From what happened to the facts that are told.

use chrono::{DateTime, Utc};
use kernel::{BusinessId, EventId};
use outbox::NewEvent;
use prost::Message;
use prost_types::Timestamp;
use proto::wallet_pass::event::Fact;
use proto::wallet_pass::{Event, PassInstalled, PassMessage, PassRemoved, PushFailed};

use crate::domain::message::Outcome;
use crate::store::pass::Pass;
use crate::store::push::Push;
use crate::store::snapshot::Passes;
use crate::store::words::Said;

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

/// A phone keeps a card from now on.
pub(crate) fn installed(pass: &Pass, wallet: &str, at: DateTime<Utc>) -> NewEvent {
    let fact = PassInstalled {
        card_id: pass.card.to_string(),
        customer_id: pass.customer.to_string(),
        program_id: pass.program.to_string(),
        wallet: wallet.to_owned(),
    };
    event("pass_installed", pass.business, at, Fact::PassInstalled(fact))
}

/// The facts that the passes of a card would be told as today: one for each phone that keeps it.
pub(crate) fn of_passes(passes: &Passes) -> Vec<NewEvent> {
    let kept = [("apple", passes.apple), ("google", passes.google), ("web", passes.web)];
    let wallets = kept.into_iter().flat_map(|(wallet, times)| (0..times).map(move |_| wallet));
    let facts = wallets.map(|wallet| {
        let fact = PassInstalled {
            card_id: passes.card.to_string(),
            customer_id: passes.customer.to_string(),
            program_id: passes.program.to_string(),
            wallet: wallet.to_owned(),
        };
        event("pass_installed", passes.business, passes.modified_at, Fact::PassInstalled(fact))
    });
    facts.collect()
}

/// A phone keeps it no more.
pub(crate) fn removed(pass: &Pass, wallet: &str, at: DateTime<Utc>) -> NewEvent {
    let fact = PassRemoved {
        card_id: pass.card.to_string(),
        customer_id: pass.customer.to_string(),
        program_id: pass.program.to_string(),
        wallet: wallet.to_owned(),
    };
    event("pass_removed", pass.business, at, Fact::PassRemoved(fact))
}

/// A phone could not be told, however often it was tried.
pub(crate) fn push_failed(push: &Push, wallet: &str, reason: &str, at: DateTime<Utc>) -> NewEvent {
    let fact = PushFailed {
        delivery_id: push.push.to_string(),
        card_id: push.card.to_string(),
        wallet: wallet.to_owned(),
        reason: reason.to_owned(),
    };
    event("push_failed", push.business, at, Fact::PushFailed(fact))
}

/// What became of a campaign's words to one customer.
pub(crate) fn became(said: &Said, outcome: Outcome, at: DateTime<Utc>) -> NewEvent {
    let (status, reason) = outcome.words();
    let fact = PassMessage {
        send_id: said.message.send.to_string(),
        campaign_id: said.campaign.to_string(),
        customer_id: said.message.customer.to_string(),
        status: status.to_owned(),
        reason: reason.to_owned(),
    };
    event("pass_message", said.business, at, Fact::PassMessage(fact))
}
