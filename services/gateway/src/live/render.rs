//! From a fact of the stream to what a panel is shown of it.

use axum::extract::ws::Utf8Bytes;
use chrono::{DateTime, Utc};
use kernel::{BusinessId, CardId, CustomerId};
use outbox::Fact;
use prost::Message;
use proto::enrollment::event::Fact as Enrollment;
use proto::stamping::event::Fact as Stamping;
use proto::{enrollment, stamping};
use serde::Serialize;
use serde_json::{Value, json};

use super::cursor::Cursor;
use super::hub::Frame;
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
}

/// The business and the service of `sello.v1.<business>.<service>.<event>`.
pub(super) fn place(subject: &str) -> Option<(BusinessId, &str)> {
    let mut words = subject.split('.').skip(2);
    Some((words.next()?.parse().ok()?, words.next()?))
}

/// What is shown of a fact; `None` for those that are not, and for those of services not known here.
pub(super) fn decode(fact: &Fact) -> Option<News> {
    match place(&fact.subject)?.1 {
        "stamping" => {
            let event = stamping::Event::decode(fact.payload.as_slice()).ok()?;
            let told = tell_stamping(event.fact?);
            Some(News { id: event.event_id, recorded_at: time(event.recorded_at), ..told })
        }
        "enrollment" => {
            let event = enrollment::Event::decode(fact.payload.as_slice()).ok()?;
            let told = tell_enrollment(event.fact?)?;
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
        // Of no use on a panel: it reads its business by itself, and a referral shows as its two stamps.
        Enrollment::BusinessCreated(_) | Enrollment::BusinessChanged(_) | Enrollment::ReferralPaid(_) => {
            return None;
        }
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
    data: &'a Value,
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
            data: &self.data,
        };
        let text =
            serde_json::to_string(&EventFrame { kind: "event", cursor: cursor.to_string(), event }).ok()?;
        let recorded_at = self.recorded_at.map_or(0, |at| at.timestamp_millis());
        Some(Frame { sequence: cursor.sequence, recorded_at, text: Utf8Bytes::from(text) })
    }
}

#[cfg(test)]
mod tests {
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

    #[test]
    fn what_is_not_shown_or_not_known_tells_nothing() {
        let paid = enrollment::Event {
            fact: Some(Enrollment::ReferralPaid(Default::default())),
            ..Default::default()
        };
        assert!(decode(&fact("enrollment", paid.encode_to_vec())).is_none());
        assert!(decode(&fact("campaign", Vec::new())).is_none());
        assert!(decode(&fact("stamping", vec![0xff; 9])).is_none());
        assert!(place("sello.v1.42.stamping.x").is_none());
    }
}
