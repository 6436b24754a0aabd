//! From what happened to the facts that are told.

use chrono::{DateTime, Utc};
use kernel::{BusinessId, CardId, CustomerId, EventId, Locale};
use outbox::NewEvent;
use prost::Message;
use prost_types::Timestamp;
use proto::campaign as pb;
use proto::campaign::event::Fact;
use uuid::Uuid;

use crate::domain::campaign::Campaign;
use crate::domain::counts::Counts;
use crate::domain::send::{MOST_SENDS_OF_AN_EVENT, good_until};
use crate::store::tally::Told;

/// A moment on the wire.
pub(crate) fn timestamp(at: DateTime<Utc>) -> Timestamp {
    Timestamp { seconds: at.timestamp(), nanos: i32::try_from(at.timestamp_subsec_nanos()).unwrap_or(0) }
}

fn event(name: &'static str, business: BusinessId, at: DateTime<Utc>, fact: Fact) -> NewEvent {
    let id = EventId::generate_at(at);
    let event = pb::Event {
        event_id: id.to_string(),
        business_id: business.to_string(),
        recorded_at: Some(timestamp(at)),
        fact: Some(fact),
    };
    NewEvent { id, business, name, payload: event.encode_to_vec() }
}

/// A campaign was made, edited or came to another state.
pub(crate) fn changed(campaign: &Campaign, at: DateTime<Utc>) -> NewEvent {
    let fact = pb::CampaignChanged {
        campaign_id: campaign.id.to_string(),
        version: campaign.version,
        name: campaign.name.clone(),
        kind: campaign.kind().to_owned(),
        status: campaign.status.as_str().to_owned(),
    };
    event("campaign_changed", campaign.business, at, Fact::CampaignChanged(fact))
}

/// How far a campaign is.
pub(crate) fn progressed(told: &Told, at: DateTime<Utc>) -> NewEvent {
    let fact = pb::CampaignProgressed {
        campaign_id: told.campaign.to_string(),
        version: told.version,
        counts: Some(counts(&told.counts)),
    };
    event("campaign_progressed", told.business, at, Fact::CampaignProgressed(fact))
}

/// Counts on the wire.
pub(crate) fn counts(counts: &Counts) -> pb::Counts {
    pb::Counts {
        planned: counts.planned,
        holdout: counts.holdout,
        requested: counts.requested,
        sent: counts.sent,
        delivered: counts.delivered,
        read: counts.read,
        failed: counts.failed,
        canceled: counts.canceled,
        follow_failed: counts.follow_failed,
    }
}

/// A message that is asked for.
#[derive(Clone, Debug)]
pub(crate) struct Wanted {
    pub(crate) send: Uuid,
    pub(crate) customer: CustomerId,
    /// whatsapp, wallet.
    pub(crate) channel: &'static str,
    pub(crate) language: Locale,
    pub(crate) card: Option<CardId>,
    pub(crate) stamps: i32,
    pub(crate) stamps_left: i32,
    pub(crate) reward: String,
}

/// Messages of a campaign are asked for: for each way as many events as it takes.
pub(crate) fn send_requested(campaign: &Campaign, wanted: &[Wanted], at: DateTime<Utc>) -> Vec<NewEvent> {
    let mut events = Vec::new();
    for channel in ["whatsapp", "wallet"] {
        let of_channel: Vec<&Wanted> = wanted.iter().filter(|wanted| wanted.channel == channel).collect();
        for some in of_channel.chunks(MOST_SENDS_OF_AN_EVENT) {
            let fact = pb::SendRequested {
                campaign_id: campaign.id.to_string(),
                channel: channel.to_owned(),
                category: "marketing".to_owned(),
                wordings: wordings(campaign, channel),
                sends: some.iter().map(|wanted| send(wanted)).collect(),
                good_until: Some(timestamp(good_until(at))),
            };
            events.push(event("send_requested", campaign.business, at, Fact::SendRequested(fact)));
        }
    }
    events
}

fn wordings(campaign: &Campaign, channel: &str) -> Vec<pb::Wording> {
    let on_pass = channel == "wallet";
    let all = campaign.wordings.iter().map(|wording| pb::Wording {
        language: wording.language.as_str().to_owned(),
        template: if on_pass { String::new() } else { wording.template.clone() },
        variables: if on_pass { Vec::new() } else { wording.variables.clone() },
        text: if on_pass { wording.text.clone() } else { String::new() },
    });
    all.collect()
}

fn send(wanted: &Wanted) -> pb::Send {
    pb::Send {
        send_id: wanted.send.to_string(),
        customer_id: wanted.customer.to_string(),
        card_id: wanted.card.map(|card| card.to_string()).unwrap_or_default(),
        stamps: wanted.stamps,
        stamps_left: wanted.stamps_left,
        reward: wanted.reward.clone(),
        language: wanted.language.as_str().to_owned(),
    }
}
