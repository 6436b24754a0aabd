//! Events in: from the wire to facts, and a batch of facts to the projection.

use chrono::{DateTime, Datelike, Timelike, Utc};
use kernel::{BusinessId, Zone};
use outbox::{Handler, Received, Subject};
use prost::Message;
use prost_types::Timestamp;
use proto::enrollment::event::Fact as Enrollment;
use proto::messaging::event::Fact as Messaging;
use proto::stamping::event::Fact as Stamping;
use sqlx::PgConnection;

use crate::app::projection;
use crate::domain::fact::{Card, Fact, Recorded};
use crate::domain::message::Reached;

/// What the projection reads: everything.
pub(crate) const SUBJECTS: &str = "sello.v1.>";

/// The years an event may be of. What lies outside could not be stored and was never recorded by a clock.
const YEARS: std::ops::RangeInclusive<i32> = 2000..=2199;

/// Keeps the figures, from batches of events.
pub struct Projection;

impl Handler for Projection {
    async fn handle(&self, tx: &mut PgConnection, events: &[Received]) -> Result<(), sqlx::Error> {
        let mut facts = Vec::with_capacity(events.len());
        for event in events {
            match decode(&event.subject, &event.payload) {
                Decoded::Counts(recorded) => facts.push(recorded),
                Decoded::OfNoInterest => {}
                Decoded::Unreadable(reason) => {
                    tracing::warn!(event_id = %event.id, subject = %event.subject, reason, "event passed over");
                }
            }
        }
        if facts.is_empty() { Ok(()) } else { projection::take(tx, &facts).await }
    }
}

/// Facts that an owner tells of what is true now; what cannot be read, or counts for nothing, is left out.
pub(crate) fn told(facts: &[proto::analytics::RebuildFact]) -> Vec<Recorded> {
    let read = facts.iter().filter_map(|fact| {
        let subject = format!("sello.v1.{}.{}.snapshot", fact.business_id, fact.service);
        match decode(&subject, &fact.payload) {
            Decoded::Counts(recorded) => Some(recorded),
            Decoded::OfNoInterest => None,
            Decoded::Unreadable(reason) => {
                tracing::warn!(subject, reason, "a fact of a snapshot passed over");
                None
            }
        }
    });
    read.collect()
}

/// An event as far as analytics understands it.
#[derive(Debug, PartialEq)]
enum Decoded {
    /// It counts for something.
    Counts(Recorded),
    /// It is understood, or another service's, and counts for nothing.
    OfNoInterest,
    /// It breaks its contract; why.
    Unreadable(&'static str),
}

/// Reads an event by its subject. A campaign's own facts count for nothing: what became of it is told message by message.
fn decode(subject: &str, payload: &[u8]) -> Decoded {
    let Some(Subject { business, service, .. }) = Subject::parse(subject) else {
        return Decoded::Unreadable("a subject that is not known here");
    };
    let read = match service {
        "stamping" => stamping(business, payload),
        "enrollment" => enrollment(business, payload),
        "messaging" => messaging(business, payload),
        _ => return Decoded::OfNoInterest,
    };
    match read {
        Ok(Some(recorded)) => Decoded::Counts(recorded),
        Ok(None) => Decoded::OfNoInterest,
        Err(reason) => Decoded::Unreadable(reason),
    }
}

type Read<T> = Result<T, &'static str>;

fn stamping(subject_business: BusinessId, payload: &[u8]) -> Read<Option<Recorded>> {
    let event = proto::stamping::Event::decode(payload).map_err(|_| "not a stamping event")?;
    let fact = match event.fact.ok_or("a fact that is not known here")? {
        Stamping::StampAdded(added) => stamp_added(&added)?,
        Stamping::StampVoided(voided) => Some(stamp_voided(&voided)?),
        Stamping::RewardUnlocked(unlocked) => Some(Fact::RewardUnlocked {
            reward: id(&unlocked.reward_id)?,
            cost_cents: unlocked.cost_cents.unwrap_or_default(),
        }),
        Stamping::RewardRedeemed(redeemed) => Some(Fact::RewardRedeemed {
            reward: id(&redeemed.reward_id)?,
            member: optional_id(&redeemed.member_id)?,
        }),
        Stamping::RewardUnredeemed(undone) => Some(Fact::RewardUnredeemed { reward: id(&undone.reward_id)? }),
        Stamping::RewardExpired(expired) => Some(Fact::RewardExpired { reward: id(&expired.reward_id)? }),
        Stamping::ProgramChanged(_) | Stamping::CardOpened(_) => None,
    };
    recorded(subject_business, &event.business_id, event.recorded_at, fact)
}

fn enrollment(subject_business: BusinessId, payload: &[u8]) -> Read<Option<Recorded>> {
    let event = proto::enrollment::Event::decode(payload).map_err(|_| "not an enrollment event")?;
    let fact = match event.fact.ok_or("a fact that is not known here")? {
        Enrollment::BusinessCreated(created) => {
            Some(Fact::BusinessCreated { zone: zone(&created.time_zone)? })
        }
        Enrollment::BusinessChanged(changed) => {
            Some(Fact::BusinessChanged { zone: zone(&changed.time_zone)?, version: changed.version })
        }
        Enrollment::CustomerEnrolled(enrolled) => {
            Some(Fact::CustomerEnrolled { customer: id(&enrolled.customer_id)? })
        }
        Enrollment::CustomerMerged(merged) => {
            Some(Fact::CustomerGone { customer: id(&merged.from_customer_id)? })
        }
        Enrollment::CustomerErased(erased) => Some(Fact::CustomerGone { customer: id(&erased.customer_id)? }),
        Enrollment::MemberChanged(_)
        | Enrollment::CustomerChanged(_)
        | Enrollment::ConsentChanged(_)
        | Enrollment::ReferralPaid(_) => None,
    };
    recorded(subject_business, &event.business_id, event.recorded_at, fact)
}

fn messaging(subject_business: BusinessId, payload: &[u8]) -> Read<Option<Recorded>> {
    let event = proto::messaging::Event::decode(payload).map_err(|_| "not a messaging event")?;
    let fact = match event.fact.ok_or("a fact that is not known here")? {
        Messaging::MessageStatus(status) => Some(message_status(&status)?),
        Messaging::OptedOut(_) => Some(Fact::OptedOut),
        Messaging::InboundMessage(_) | Messaging::SendingHeld(_) => None,
    };
    recorded(subject_business, &event.business_id, event.recorded_at, fact)
}

fn message_status(status: &proto::messaging::MessageStatus) -> Read<Fact> {
    let reached = match status.status.as_str() {
        "handed_over" | "sent" => Reached::HandedOver,
        "delivered" => Reached::Delivered,
        "read" => Reached::Read,
        "failed" => Reached::Failed,
        "in_doubt" | "canceled" => Reached::Other,
        _ => return Err("a state of a message that is not known here"),
    };
    if status.version < 1 || status.cost_cents < 0 {
        return Err("a version or a cost that cannot be");
    }
    Ok(Fact::MessageReached {
        message: id(&status.message_id)?,
        reached,
        version: status.version,
        cost_cents: status.cost_cents,
    })
}

/// What an entry of the ledger counts as, by its kind.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// A stamp earned at the till: a visit.
    Earn,
    /// A stamp given for something else.
    Bonus,
    /// The history of a paper card: nothing that happened that day.
    Import,
}

fn kind(word: &str) -> Read<Kind> {
    match word {
        "earn" => Ok(Kind::Earn),
        "bonus" => Ok(Kind::Bonus),
        "import" => Ok(Kind::Import),
        _ => Err("a kind of stamp that is not known here"),
    }
}

fn stamp_added(added: &proto::stamping::StampAdded) -> Read<Option<Fact>> {
    let kind = kind(&added.kind)?;
    if kind == Kind::Import {
        return Ok(None);
    }
    let count = u32::try_from(added.count).ok().filter(|count| *count > 0).ok_or("a stamp of no count")?;
    Ok(Some(Fact::StampAdded {
        card: card(added.card.as_ref())?,
        count,
        visit: kind == Kind::Earn,
        by_search: added.via == "search",
        member: optional_id(&added.member_id)?,
    }))
}

fn stamp_voided(voided: &proto::stamping::StampVoided) -> Read<Fact> {
    if voided.count >= 0 {
        return Err("a void that takes nothing");
    }
    let kind = kind(&voided.reversed_kind)?;
    let rewards = voided.reward_ids.iter().map(|reward| id(reward)).collect::<Read<_>>()?;
    if kind == Kind::Import {
        return Ok(Fact::RewardsTakenBack { rewards });
    }
    Ok(Fact::StampVoided {
        card: card(voided.card.as_ref())?,
        count: voided.count.unsigned_abs(),
        stamped_at: moment(voided.reversed_recorded_at)?,
        visit: kind == Kind::Earn,
        member: optional_id(&voided.member_id)?,
        rewards,
    })
}

/// Only what came on the subject of its own business is believed.
fn recorded(
    subject_business: BusinessId,
    business: &str,
    at: Option<Timestamp>,
    fact: Option<Fact>,
) -> Read<Option<Recorded>> {
    let business: BusinessId = id(business)?;
    if subject_business != business {
        return Err("another business's subject");
    }
    let Some(fact) = fact else { return Ok(None) };
    Ok(Some(Recorded { business, at: moment(at)?, fact }))
}

fn card(state: Option<&proto::stamping::CardState>) -> Read<Card> {
    let state = state.ok_or("a card is missing")?;
    Ok(Card { id: id(&state.card_id)?, customer: id(&state.customer_id)?, version: state.card_version })
}

fn id<T: std::str::FromStr>(text: &str) -> Read<T> {
    text.parse().map_err(|_| "an id cannot be read")
}

fn optional_id<T: std::str::FromStr>(text: &str) -> Read<Option<T>> {
    if text.is_empty() { Ok(None) } else { id(text).map(Some) }
}

fn zone(name: &str) -> Read<Zone> {
    Zone::parse(name).map_err(|_| "a zone that is not known here")
}

/// To the microsecond, as the database keeps it.
fn moment(at: Option<Timestamp>) -> Read<DateTime<Utc>> {
    at.and_then(|at| DateTime::from_timestamp(at.seconds, u32::try_from(at.nanos).ok()?))
        .filter(|at| YEARS.contains(&at.year()))
        .and_then(|at| at.with_nanosecond(at.nanosecond() / 1_000 * 1_000))
        .ok_or("a time is missing or impossible")
}

#[cfg(test)]
mod tests {
    use kernel::{MessageId, RewardId};
    use proptest::prelude::*;
    use proto::messaging::MessageStatus;

    use super::*;

    fn expired(business: &str, seconds: i64) -> Vec<u8> {
        let fact = proto::stamping::RewardExpired {
            reward_id: RewardId::generate().to_string(),
            ..Default::default()
        };
        proto::stamping::Event {
            business_id: business.into(),
            recorded_at: Some(Timestamp { seconds, nanos: 0 }),
            fact: Some(Stamping::RewardExpired(fact)),
            ..Default::default()
        }
        .encode_to_vec()
    }

    #[test]
    fn an_event_on_another_businesss_subject_is_not_believed() {
        let (mine, other) = (BusinessId::generate().to_string(), BusinessId::generate().to_string());
        let subject = format!("sello.v1.{other}.stamping.reward_expired");
        assert_eq!(
            decode(&subject, &expired(&mine, 1_790_000_000)),
            Decoded::Unreadable("another business's subject")
        );
    }

    #[test]
    fn a_time_that_cannot_be_stored_is_not_believed() {
        let business = BusinessId::generate().to_string();
        let subject = format!("sello.v1.{business}.stamping.reward_expired");
        assert!(matches!(decode(&subject, &expired(&business, i64::MAX)), Decoded::Unreadable(_)));
    }

    #[test]
    fn events_of_other_services_are_of_no_interest() {
        let subject = format!("sello.v1.{}.campaign.campaign_changed", BusinessId::generate());
        assert_eq!(decode(&subject, b"\xff"), Decoded::OfNoInterest);
    }

    #[test]
    fn what_stands_on_no_subject_of_ours_is_not_read() {
        assert!(matches!(decode("sello.v1.x.stamping.reward_expired", b""), Decoded::Unreadable(_)));
    }

    #[test]
    fn a_state_or_a_version_that_cannot_be_is_not_believed() {
        let (business, message) = (BusinessId::generate().to_string(), MessageId::generate().to_string());
        let subject = format!("sello.v1.{business}.messaging.message_status");
        let told = |status: &str, version, cost_cents| {
            let (message_id, status) = (message.clone(), status.into());
            let fact = MessageStatus { message_id, status, version, cost_cents, ..Default::default() };
            let event = proto::messaging::Event {
                business_id: business.clone(),
                recorded_at: Some(Timestamp { seconds: 1_790_000_000, nanos: 0 }),
                fact: Some(Messaging::MessageStatus(fact)),
                ..Default::default()
            };
            decode(&subject, &event.encode_to_vec())
        };
        assert!(matches!(told("delivered", 3, 12), Decoded::Counts(_)));
        for (status, version, cost) in [("lost", 3, 12), ("delivered", 0, 12), ("delivered", 3, -1)] {
            assert!(
                matches!(told(status, version, cost), Decoded::Unreadable(_)),
                "{status} {version} {cost}"
            );
        }
    }

    proptest! {
        /// Whatever stands in an event, reading it never panics.
        #[test]
        fn decoding_is_total(service in "stamping|enrollment|messaging|x", event in "[a-z_.]{0,8}",
                             payload in prop::collection::vec(any::<u8>(), 0..200)) {
            decode(&format!("sello.v1.018f0000-0000-7000-8000-000000000000.{service}.{event}"), &payload);
        }
    }
}
