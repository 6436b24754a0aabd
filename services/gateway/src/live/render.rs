//! From a fact of the stream to what a panel is shown of it.

use axum::extract::ws::Utf8Bytes;
use chrono::{DateTime, Utc};
use kernel::{CardId, CustomerId};
use outbox::{Fact, Subject};
use prost::Message;
use proto::campaign::event::Fact as Campaign;
use proto::enrollment::event::Fact as Enrollment;
use proto::messaging::event::Fact as Messaging;
use proto::stamping::event::Fact as Stamping;
use proto::{campaign, enrollment, messaging, stamping};
use serde::Serialize;
use serde_json::{Value, json};

use super::cursor::Cursor;
use super::hub::Frame;
use crate::routes::campaigns::CampaignCounts;
use crate::wire::{some, time};

/// A fact that is shown.
#[derive(Debug)]
pub(super) struct News {
    id: String,
    name: &'static str,
    recorded_at: Option<DateTime<Utc>>,
    pub(super) customer: Option<CustomerId>,
    pub(super) card: Option<CardId>,
    /// Persons of whom nothing remembered is true any more.
    pub(super) forgotten: Option<CustomerId>,
    data: Value,
    /// Its data says the customer's first name too.
    names_her: bool,
}

/// Whether a fact is among those that a panel that comes later is shown. A message's own states are not: there may be thousands a
/// minute of them, and the campaign tells how far it is.
pub(super) fn is_history(subject: &Subject<'_>) -> bool {
    match subject.service {
        "stamping" | "enrollment" => true,
        "campaign" => subject.event == "campaign_changed",
        "messaging" => matches!(subject.event, "inbound_message" | "opted_out" | "sending_held"),
        _ => false,
    }
}

/// What is shown of a fact; `None` for those that are not, and for those of services not known here.
pub(super) fn decode(fact: &Fact) -> Option<News> {
    let subject = Subject::parse(&fact.subject)?;
    match (subject.service, subject.event) {
        ("stamping", _) => {
            let event = stamping::Event::decode(fact.payload.as_slice()).ok()?;
            let told = tell_stamping(event.fact?);
            Some(News { id: event.event_id, recorded_at: time(event.recorded_at), ..told })
        }
        ("enrollment", _) => {
            let event = enrollment::Event::decode(fact.payload.as_slice()).ok()?;
            let told = tell_enrollment(event.fact?)?;
            Some(News { id: event.event_id, recorded_at: time(event.recorded_at), ..told })
        }
        ("campaign", "campaign_changed" | "campaign_progressed") => {
            let event = campaign::Event::decode(fact.payload.as_slice()).ok()?;
            let told = tell_campaign(event.fact?)?;
            Some(News { id: event.event_id, recorded_at: time(event.recorded_at), ..told })
        }
        ("messaging", "inbound_message" | "opted_out" | "sending_held") => {
            let event = messaging::Event::decode(fact.payload.as_slice()).ok()?;
            let told = tell_messaging(event.fact?)?;
            Some(News { id: event.event_id, recorded_at: time(event.recorded_at), ..told })
        }
        _ => None,
    }
}

fn news(name: &'static str, customer: &str, card: &str, data: Value) -> News {
    News {
        id: String::new(),
        name,
        recorded_at: None,
        customer: customer.parse().ok(),
        card: card.parse().ok(),
        forgotten: None,
        data,
        names_her: false,
    }
}

fn tell_stamping(fact: Stamping) -> News {
    match fact {
        Stamping::ProgramChanged(fact) => {
            let data = json!({
                "program_id": fact.program_id, "version": fact.version, "name": fact.name,
                "stamps_required": fact.stamps_required, "active": fact.active,
            });
            news("program_changed", "", "", data)
        }
        Stamping::CardOpened(fact) => {
            let data = json!({
                "card_id": fact.card_id, "customer_id": fact.customer_id, "program_id": fact.program_id,
                "version": fact.card_version,
            });
            news("card_opened", &fact.customer_id, &fact.card_id, data)
        }
        Stamping::StampAdded(fact) => stamp_added(fact),
        Stamping::StampVoided(fact) => stamp_voided(fact),
        Stamping::RewardUnlocked(fact) => {
            let data = json!({
                "reward_id": fact.reward_id, "card_id": fact.card_id, "customer_id": fact.customer_id,
                "program_id": fact.program_id, "cycle": fact.cycle, "at": fact.at, "title": fact.title,
                "cost_cents": fact.cost_cents, "expires_at": time(fact.expires_at),
            });
            news("reward_unlocked", &fact.customer_id, &fact.card_id, data)
        }
        Stamping::RewardRedeemed(fact) => {
            let data = json!({
                "reward_id": fact.reward_id, "card_id": fact.card_id, "customer_id": fact.customer_id,
                "program_id": fact.program_id, "title": fact.title, "member_id": some(fact.member_id),
                "device_id": some(fact.device_id), "location_id": some(fact.location_id),
                "cost_cents": fact.cost_cents,
            });
            news("reward_redeemed", &fact.customer_id, &fact.card_id, data)
        }
        Stamping::RewardUnredeemed(fact) => {
            let data = json!({
                "reward_id": fact.reward_id, "card_id": fact.card_id, "customer_id": fact.customer_id,
                "program_id": fact.program_id, "member_id": some(fact.member_id),
                "redeemed_at": time(fact.redeemed_at),
            });
            news("reward_unredeemed", &fact.customer_id, &fact.card_id, data)
        }
        Stamping::RewardExpired(fact) => {
            let data = json!({
                "reward_id": fact.reward_id, "card_id": fact.card_id, "customer_id": fact.customer_id,
                "program_id": fact.program_id,
            });
            news("reward_expired", &fact.customer_id, &fact.card_id, data)
        }
    }
}

fn stamp_added(fact: stamping::StampAdded) -> News {
    let card = fact.card.unwrap_or_default();
    let data = json!({
        "stamp_id": fact.stamp_id, "customer_id": card.customer_id, "program_id": card.program_id,
        "card": counters(&card), "count": fact.count, "kind": fact.kind, "via": fact.via,
        "member_id": some(fact.member_id), "device_id": some(fact.device_id),
        "location_id": some(fact.location_id), "amount_cents": fact.amount_cents,
        "occurred_at": time(fact.occurred_at), "first": fact.first,
    });
    news("stamp_added", &card.customer_id, &card.card_id, data)
}

fn stamp_voided(fact: stamping::StampVoided) -> News {
    let card = fact.card.unwrap_or_default();
    let data = json!({
        "stamp_id": fact.stamp_id, "reverses_stamp_id": fact.reverses_stamp_id, "customer_id": card.customer_id,
        "program_id": card.program_id, "card": counters(&card), "count": fact.count,
        "member_id": some(fact.member_id), "device_id": some(fact.device_id),
        "location_id": some(fact.location_id), "reversed_recorded_at": time(fact.reversed_recorded_at),
        "reversed_kind": some(fact.reversed_kind), "reward_ids": fact.reward_ids,
    });
    news("stamp_voided", &card.customer_id, &card.card_id, data)
}

fn counters(card: &stamping::CardState) -> Value {
    json!({
        "id": card.card_id, "stamps": card.stamps, "stamps_required": card.stamps_required, "cycle": card.cycle,
        "total": card.total, "version": card.card_version,
    })
}

fn tell_enrollment(fact: Enrollment) -> Option<News> {
    Some(match fact {
        Enrollment::MemberChanged(fact) => {
            let data = json!({"member_id": fact.member_id, "role": fact.role, "active": fact.active});
            news("member_changed", "", "", data)
        }
        Enrollment::CustomerEnrolled(fact) => {
            let data = json!({
                "customer_id": fact.customer_id, "card_id": fact.card_id, "program_id": some(fact.program_id),
                "language": fact.language, "source": fact.source, "location_id": some(fact.location_id),
                "referred_by_customer_id": some(fact.referred_by_customer_id),
            });
            news("customer_enrolled", &fact.customer_id, "", data)
        }
        Enrollment::ConsentChanged(fact) => {
            let data = json!({
                "customer_id": fact.customer_id, "purpose": fact.purpose, "state": fact.state,
                "text_version": fact.text_version, "version": fact.version,
            });
            news("consent_changed", &fact.customer_id, "", data)
        }
        Enrollment::CustomerMerged(fact) => {
            let data =
                json!({"into_customer_id": fact.into_customer_id, "from_customer_id": fact.from_customer_id});
            let forgotten = fact.from_customer_id.parse().ok();
            News { forgotten, ..news("customer_merged", &fact.into_customer_id, "", data) }
        }
        Enrollment::CustomerErased(fact) => {
            let forgotten = fact.customer_id.parse().ok();
            News {
                forgotten,
                ..news("customer_erased", &fact.customer_id, "", json!({"customer_id": fact.customer_id}))
            }
        }
        // Of no use on a panel: it reads its business by itself, a referral shows as its two stamps, and a language is
        // nobody's news.
        Enrollment::BusinessCreated(_)
        | Enrollment::BusinessChanged(_)
        | Enrollment::CustomerChanged(_)
        | Enrollment::ReferralPaid(_) => return None,
    })
}

fn tell_campaign(fact: Campaign) -> Option<News> {
    Some(match fact {
        Campaign::CampaignChanged(fact) => {
            let data = json!({
                "campaign_id": fact.campaign_id, "name": fact.name, "kind": fact.kind, "status": fact.status,
                "version": fact.version,
            });
            news("campaign_changed", "", "", data)
        }
        Campaign::CampaignProgressed(fact) => {
            let counts = CampaignCounts::from(fact.counts.unwrap_or_default());
            let data = json!({"campaign_id": fact.campaign_id, "version": fact.version, "counts": counts});
            news("campaign_progressed", "", "", data)
        }
        // Between services.
        Campaign::SendRequested(_) => return None,
    })
}

fn tell_messaging(fact: Messaging) -> Option<News> {
    Some(match fact {
        Messaging::InboundMessage(fact) => {
            let customer = fact.customer_id;
            let data = json!({"customer_id": some(customer.clone()), "meaning": fact.meaning});
            News { names_her: true, ..news("inbound_message", &customer, "", data) }
        }
        Messaging::OptedOut(fact) => {
            let data = json!({"customer_id": fact.customer_id, "campaign_id": some(fact.campaign_id)});
            News { names_her: true, ..news("opted_out", &fact.customer_id, "", data) }
        }
        Messaging::SendingHeld(fact) => {
            let data = json!({"state": fact.state, "reason": some(fact.reason)});
            news("sending_held", "", "", data)
        }
        // A campaign tells how its messages fare.
        Messaging::MessageStatus(_) => return None,
    })
}

#[derive(Serialize)]
struct EventFrame<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    cursor: String,
    event: Event<'a>,
}

#[derive(Serialize)]
struct Event<'a> {
    id: &'a str,
    name: &'static str,
    recorded_at: Option<DateTime<Utc>>,
    customer: Option<Customer<'a>>,
    data: Data<'a>,
}

#[derive(Serialize)]
struct Data<'a> {
    #[serde(flatten)]
    told: &'a Value,
    #[serde(skip_serializing_if = "Option::is_none")]
    customer_name: Option<&'a str>,
}

#[derive(Serialize)]
struct Customer<'a> {
    id: CustomerId,
    first_name: Option<&'a str>,
}

impl News {
    /// The text that everyone gets.
    pub(super) fn render(&self, cursor: Cursor, first_name: Option<&str>) -> Option<Frame> {
        let event = Event {
            id: &self.id,
            name: self.name,
            recorded_at: self.recorded_at,
            customer: self.customer.map(|id| Customer { id, first_name }),
            data: Data { told: &self.data, customer_name: first_name.filter(|_| self.names_her) },
        };
        let text =
            serde_json::to_string(&EventFrame { kind: "event", cursor: cursor.to_string(), event }).ok()?;
        let recorded_at = self.recorded_at.map_or(0, |at| at.timestamp_millis());
        Some(Frame { sequence: cursor.sequence, recorded_at, text: Utf8Bytes::from(text) })
    }
}

#[cfg(test)]
mod tests {
    use kernel::BusinessId;

    use super::*;

    fn fact(service: &str, payload: Vec<u8>) -> Fact {
        let subject = format!("sello.v1.{}.{service}.x", BusinessId::generate());
        Fact { sequence: 5, subject, payload, traceparent: None }
    }

    #[test]
    fn a_stamp_is_told_with_its_card_and_the_first_name_only() {
        let customer = CustomerId::generate();
        let card = stamping::CardState {
            customer_id: customer.to_string(),
            stamps: 4,
            stamps_required: 10,
            ..Default::default()
        };
        let added =
            stamping::StampAdded { card: Some(card), count: 1, kind: "earn".into(), ..Default::default() };
        let event = stamping::Event {
            event_id: "e".into(),
            fact: Some(Stamping::StampAdded(added)),
            ..Default::default()
        };
        let news = decode(&fact("stamping", event.encode_to_vec())).unwrap();
        let frame = news.render(Cursor { incarnation: 1, sequence: 5 }, Some("Ana")).unwrap();
        let told: Value = serde_json::from_str(frame.text.as_str()).unwrap();
        assert_eq!(told["type"], "event");
        assert_eq!(told["cursor"], "1-5");
        assert_eq!(told["event"]["name"], "stamp_added");
        assert_eq!(told["event"]["customer"], json!({"id": customer.to_string(), "first_name": "Ana"}));
        assert_eq!(told["event"]["data"]["card"]["stamps"], 4);
        assert_eq!(told["event"]["data"]["member_id"], Value::Null);
    }

    fn told(service_and_event: (&str, &str), payload: Vec<u8>, first_name: Option<&str>) -> Value {
        let (service, name) = service_and_event;
        let subject = format!("sello.v1.{}.{service}.{name}", BusinessId::generate());
        let news = decode(&Fact { sequence: 5, subject, payload, traceparent: None }).unwrap();
        let frame = news.render(Cursor { incarnation: 1, sequence: 5 }, first_name).unwrap();
        let mut told: Value = serde_json::from_str(frame.text.as_str()).unwrap();
        assert_eq!(told["event"]["name"], name);
        told["event"]["data"].take()
    }

    fn of_campaign(fact: Campaign) -> Vec<u8> {
        campaign::Event { fact: Some(fact), ..Default::default() }.encode_to_vec()
    }

    fn of_messaging(fact: Messaging) -> Vec<u8> {
        messaging::Event { fact: Some(fact), ..Default::default() }.encode_to_vec()
    }

    #[test]
    fn a_campaign_shows_as_it_changes_and_as_it_moves() {
        let changed = campaign::CampaignChanged {
            campaign_id: "c".into(),
            version: 3,
            name: "Julio".into(),
            kind: "blast".into(),
            status: "running".into(),
        };
        let data =
            told(("campaign", "campaign_changed"), of_campaign(Campaign::CampaignChanged(changed)), None);
        let expected =
            json!({"campaign_id": "c", "version": 3, "name": "Julio", "kind": "blast", "status": "running"});
        assert_eq!(data, expected);
        let counts = campaign::Counts { planned: 40, sent: 12, follow_failed: 2, ..Default::default() };
        let moved =
            campaign::CampaignProgressed { campaign_id: "c".into(), version: 9, counts: Some(counts) };
        let moved = of_campaign(Campaign::CampaignProgressed(moved));
        let data = told(("campaign", "campaign_progressed"), moved, None);
        assert_eq!(
            (&data["version"], &data["counts"]["planned"], &data["counts"]["sent"]),
            (&json!(9), &json!(40), &json!(12))
        );
        assert_eq!(data["counts"]["follow_failed"], 2);
    }

    #[test]
    fn who_wrote_is_named_where_the_name_is_known_and_what_she_wrote_stays_in_the_inbox() {
        let ana = CustomerId::generate();
        let wrote = |customer_id: &str| {
            let (customer_id, meaning) = (customer_id.into(), "other".into());
            let fact = messaging::InboundMessage { inbound_id: "i".into(), customer_id, meaning };
            of_messaging(Messaging::InboundMessage(fact))
        };
        let place = ("messaging", "inbound_message");
        let id = ana.to_string();
        assert_eq!(
            told(place, wrote(&id), Some("Ana")),
            json!({"customer_id": id, "customer_name": "Ana", "meaning": "other"})
        );
        assert_eq!(told(place, wrote(&id), None), json!({"customer_id": id, "meaning": "other"}));
        assert_eq!(told(place, wrote(""), None), json!({"customer_id": null, "meaning": "other"}));
    }

    #[test]
    fn who_wants_no_more_is_told_of_with_the_campaign_that_was_too_much() {
        let ana = CustomerId::generate().to_string();
        let out = |campaign_id: &str| {
            let (customer_id, campaign_id) = (ana.clone(), campaign_id.into());
            of_messaging(Messaging::OptedOut(messaging::OptedOut { customer_id, campaign_id }))
        };
        let place = ("messaging", "opted_out");
        assert_eq!(
            told(place, out("c"), Some("Ana")),
            json!({"customer_id": ana, "customer_name": "Ana", "campaign_id": "c"})
        );
        assert_eq!(told(place, out(""), None), json!({"customer_id": ana, "campaign_id": null}));
    }

    #[test]
    fn it_shows_when_sending_is_held() {
        let held = messaging::SendingHeld { state: "stopped".into(), reason: "opt_outs".into() };
        let held = of_messaging(Messaging::SendingHeld(held));
        assert_eq!(
            told(("messaging", "sending_held"), held, None),
            json!({"state": "stopped", "reason": "opt_outs"})
        );
    }

    #[test]
    fn what_is_not_shown_or_not_known_tells_nothing() {
        for untold in
            [Enrollment::ReferralPaid(Default::default()), Enrollment::CustomerChanged(Default::default())]
        {
            let event = enrollment::Event { fact: Some(untold), ..Default::default() };
            assert!(decode(&fact("enrollment", event.encode_to_vec())).is_none());
        }
        assert!(decode(&fact("campaign", Vec::new())).is_none());
        let status = of_messaging(Messaging::MessageStatus(Default::default()));
        assert!(decode(&fact("messaging", status)).is_none());
        assert!(decode(&fact("stamping", vec![0xff; 9])).is_none());
    }

    #[test]
    fn a_message_of_thousands_pushes_nothing_out_of_what_a_panel_is_shown_later() {
        let business = BusinessId::generate();
        let is_shown = |service, event| is_history(&Subject { business, service, event });
        assert!(is_shown("stamping", "stamp_added") && is_shown("enrollment", "customer_enrolled"));
        assert!(is_shown("campaign", "campaign_changed") && !is_shown("campaign", "campaign_progressed"));
        assert!(is_shown("messaging", "opted_out") && !is_shown("messaging", "message_status"));
    }
}
