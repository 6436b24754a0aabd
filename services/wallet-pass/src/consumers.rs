//! Events in: from the wire to what changes on passes.

use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, Utc};
use kernel::{BusinessId, Locale};
use outbox::{Appended, Handler, Received, Subject};
use prost::Message as _;
use prost_types::Timestamp;
use proto::campaign::event::Fact as Campaign;
use proto::enrollment::event::Fact as Enrollment;
use proto::messaging::event::Fact as Messaging;
use proto::stamping::event::Fact as Stamping;
use sqlx::PgConnection;

use crate::app::{App, Told};
use crate::domain::campaign::{Heard, Standing};
use crate::domain::message::{Message, Messages, Outcome, filled};
use crate::domain::news::{Fact, News};

/// The facts that passes show.
pub(crate) fn filters() -> Vec<String> {
    let stamping = [
        "program_changed",
        "stamp_added",
        "stamp_voided",
        "reward_unlocked",
        "reward_redeemed",
        "reward_unredeemed",
        "reward_expired",
    ];
    let enrollment =
        ["business_changed", "consent_changed", "customer_changed", "customer_merged", "customer_erased"];
    stamping
        .iter()
        .map(|fact| format!("sello.v1.*.stamping.{fact}"))
        .chain(enrollment.iter().map(|fact| format!("sello.v1.*.enrollment.{fact}")))
        .chain(["campaign_changed", "send_requested"].map(|fact| format!("sello.v1.*.campaign.{fact}")))
        .chain(["sello.v1.*.messaging.opted_out".to_owned()])
        .collect()
}

/// Marks passes as changed.
pub(crate) struct Consumer {
    app: Arc<App>,
    /// Facts of ours that wait for the commit of the batch.
    appended: Mutex<Option<Appended>>,
}

impl Consumer {
    pub(crate) fn new(app: Arc<App>) -> Self {
        Self { app, appended: Mutex::default() }
    }

    fn keep(&self, appended: Option<Appended>) -> Option<Appended> {
        std::mem::replace(&mut *self.appended.lock().unwrap_or_else(PoisonError::into_inner), appended)
    }
}

impl Handler for Consumer {
    async fn handle(&self, tx: &mut PgConnection, events: &[Received]) -> Result<(), sqlx::Error> {
        let mut told = Vec::with_capacity(events.len());
        for event in events {
            match read(&event.subject, &event.payload) {
                Some(found) => told.push((found, event.traceparent.clone())),
                None => {
                    tracing::warn!(event_id = %event.id, subject = %event.subject, "event passed over");
                }
            }
        }
        // What an attempt that failed had kept was rolled back with it.
        drop(self.keep(None));
        let appended = self.app.apply(tx, told).await?;
        self.keep(Some(appended));
        Ok(())
    }

    fn committed(&self) {
        if let Some(appended) = self.keep(None) {
            appended.committed();
        }
        self.app.wanted.notify_waiters();
    }
}

/// What an event of `sello.v1.<business>.<service>.<event>` tells; `None` for one that breaks its contract.
fn read(subject: &str, payload: &[u8]) -> Option<Told> {
    match Subject::parse(subject)?.service {
        "stamping" => stamping(payload),
        "enrollment" => enrollment(payload),
        "campaign" => campaign(payload),
        "messaging" => messaging(payload),
        _ => None,
    }
}

fn stamping(payload: &[u8]) -> Option<Told> {
    let event = proto::stamping::Event::decode(payload).ok()?;
    let at = moment(event.recorded_at?)?;
    let told = |card: &str, news| Some(Told::Card(card.parse().ok()?, Fact { news, at }));
    match event.fact? {
        Stamping::ProgramChanged(fact) => Some(Told::Program(fact.program_id.parse().ok()?, at)),
        Stamping::CardOpened(_) => None,
        Stamping::StampAdded(fact) => told(&fact.card?.card_id, News::Stamped),
        Stamping::StampVoided(fact) => told(&fact.card?.card_id, News::Corrected),
        Stamping::RewardUnlocked(fact) => told(&fact.card_id, News::RewardUnlocked(fact.title)),
        Stamping::RewardRedeemed(fact) => told(&fact.card_id, News::RewardRedeemed(fact.title)),
        Stamping::RewardUnredeemed(fact) => told(&fact.card_id, News::RewardRestored),
        Stamping::RewardExpired(fact) => told(&fact.card_id, News::RewardExpired),
    }
}

fn moment(at: Timestamp) -> Option<DateTime<Utc>> {
    DateTime::from_timestamp(at.seconds, u32::try_from(at.nanos).ok()?)
}

fn enrollment(payload: &[u8]) -> Option<Told> {
    let event = proto::enrollment::Event::decode(payload).ok()?;
    let business: BusinessId = event.business_id.parse().ok()?;
    match event.fact? {
        Enrollment::BusinessChanged(_) => Some(Told::Business(business)),
        Enrollment::CustomerChanged(fact) => {
            let said_at = moment(event.recorded_at?)?;
            let language = Locale::from_tag(&fact.language);
            Some(Told::Reads(business, fact.customer_id.parse().ok()?, language, said_at))
        }
        // Her card and its changes she wanted for herself; what campaigns say needs her consent.
        Enrollment::ConsentChanged(fact) if fact.purpose == "marketing" && fact.state == "revoked" => {
            Some(Told::Silenced(business, fact.customer_id.parse().ok()?, Outcome::NoConsent))
        }
        Enrollment::ConsentChanged(_) => Some(Told::Nothing),
        Enrollment::CustomerMerged(fact) => Some(Told::Gone(business, fact.from_customer_id.parse().ok()?)),
        Enrollment::CustomerErased(fact) => Some(Told::Gone(business, fact.customer_id.parse().ok()?)),
        _ => None,
    }
}

/// What a campaign asks to be shown on passes, and how it stands. What goes another way is another service's.
fn campaign(payload: &[u8]) -> Option<Told> {
    let event = proto::campaign::Event::decode(payload).ok()?;
    let business = event.business_id.parse().ok()?;
    let asked = match event.fact? {
        Campaign::SendRequested(asked) if asked.channel == "wallet" => asked,
        Campaign::CampaignChanged(fact) => {
            let standing = Standing::of(&fact.kind, &fact.status);
            let heard = Heard { business, version: fact.version, standing };
            return Some(Told::Campaign(fact.campaign_id.parse().ok()?, heard));
        }
        _ => return Some(Told::Nothing),
    };
    let mut told = Messages {
        business,
        campaign: asked.campaign_id.parse().ok()?,
        good_until: asked.good_until.and_then(|at| DateTime::<Utc>::from_timestamp(at.seconds, 0)),
        messages: Vec::new(),
    };
    for send in asked.sends {
        let wording = asked
            .wordings
            .iter()
            .find(|wording| wording.language == send.language)
            .or_else(|| asked.wordings.first())?;
        told.messages.push(Message {
            send: send.send_id.parse().ok()?,
            customer: send.customer_id.parse().ok()?,
            card: send.card_id.parse().ok(),
            text: filled(&wording.text, send.stamps, send.stamps_left, &send.reward),
        });
    }
    Some(Told::Said(told))
}

/// Who wrote that she wants no more. Not every address is a customer's.
fn messaging(payload: &[u8]) -> Option<Told> {
    let event = proto::messaging::Event::decode(payload).ok()?;
    match event.fact? {
        Messaging::OptedOut(fact) if !fact.customer_id.is_empty() => {
            let (business, customer) = (event.business_id.parse().ok()?, fact.customer_id.parse().ok()?);
            Some(Told::Silenced(business, customer, Outcome::OptedOut))
        }
        _ => Some(Told::Nothing),
    }
}

#[cfg(test)]
mod on_passes;

#[cfg(test)]
mod tests {
    use kernel::CardId;
    use proptest::prelude::*;
    use proto::stamping::{CardState, Event, StampAdded};

    use super::*;

    #[test]
    fn a_stamp_is_news_of_its_card() {
        let card = CardId::generate();
        let added = StampAdded {
            card: Some(CardState { card_id: card.to_string(), ..Default::default() }),
            ..Default::default()
        };
        let at = Timestamp { seconds: 1_790_000_000, nanos: 5_000 };
        let event =
            Event { recorded_at: Some(at), fact: Some(Stamping::StampAdded(added)), ..Default::default() };
        let told = read(
            &format!("sello.v1.{}.stamping.stamp_added", BusinessId::generate()),
            &event.encode_to_vec(),
        );
        assert_eq!(told, Some(Told::Card(card, Fact { news: News::Stamped, at: moment(at).unwrap() })));
    }

    #[test]
    fn a_campaign_says_its_words_to_those_who_are_told_on_their_pass() {
        use proto::campaign::{Send, SendRequested, Wording};
        let wording = |language: &str, text: &str| Wording {
            language: language.into(),
            text: text.into(),
            ..Default::default()
        };
        let (send, customer) = (uuid::Uuid::now_v7(), kernel::CustomerId::generate());
        let asked = |channel: &str| {
            let fact = SendRequested {
                campaign_id: kernel::CampaignId::generate().to_string(),
                channel: channel.into(),
                wordings: vec![
                    wording("es", "Te faltan {stamps_left}."),
                    wording("en", "{stamps_left} to go."),
                ],
                sends: vec![Send {
                    send_id: send.to_string(),
                    customer_id: customer.to_string(),
                    stamps_left: 2,
                    language: "en".into(),
                    ..Default::default()
                }],
                ..Default::default()
            };
            let business = BusinessId::generate();
            let event = proto::campaign::Event {
                business_id: business.to_string(),
                fact: Some(Campaign::SendRequested(fact)),
                ..Default::default()
            };
            match read(&format!("sello.v1.{business}.campaign.send_requested"), &event.encode_to_vec()) {
                Some(Told::Said(said)) => said.messages,
                Some(Told::Nothing) => Vec::new(),
                other => panic!("{other:?}"),
            }
        };
        let message = Message { send, customer, card: None, text: "2 to go.".into() };
        assert_eq!(asked("wallet"), [message]);
        assert_eq!(asked("whatsapp"), []);
    }

    #[test]
    fn who_takes_her_consent_back_or_writes_baja_is_told_no_more() {
        let (business, customer) = (BusinessId::generate(), kernel::CustomerId::generate());
        let consent = |purpose: &str, state: &str| {
            let fact = proto::enrollment::ConsentChanged {
                customer_id: customer.to_string(),
                purpose: purpose.into(),
                state: state.into(),
                ..Default::default()
            };
            let event = proto::enrollment::Event {
                business_id: business.to_string(),
                fact: Some(Enrollment::ConsentChanged(fact)),
                ..Default::default()
            };
            read(&format!("sello.v1.{business}.enrollment.consent_changed"), &event.encode_to_vec())
        };
        let silenced = Told::Silenced(business, customer, Outcome::NoConsent);
        assert_eq!(consent("marketing", "revoked"), Some(silenced));
        assert_eq!(consent("marketing", "granted"), Some(Told::Nothing));
        assert_eq!(consent("program", "revoked"), Some(Told::Nothing));

        let baja = |customer_id: String| {
            let fact = proto::messaging::OptedOut { customer_id, campaign_id: String::new() };
            let event = proto::messaging::Event {
                business_id: business.to_string(),
                fact: Some(Messaging::OptedOut(fact)),
                ..Default::default()
            };
            read(&format!("sello.v1.{business}.messaging.opted_out"), &event.encode_to_vec())
        };
        let silenced = Told::Silenced(business, customer, Outcome::OptedOut);
        assert_eq!(baja(customer.to_string()), Some(silenced));
        assert_eq!(baja(String::new()), Some(Told::Nothing));
    }

    proptest! {
        /// Whatever stands in an event, reading it never panics.
        #[test]
        fn reading_is_total(subject in "sello\\.v1\\.018f0000-0000-7000-8000-[a-f0-9]{12}\\.(stamping|enrollment|campaign|messaging|x)\\.[a-z_]{0,8}",
                            payload in prop::collection::vec(any::<u8>(), 0..200)) {
            read(&subject, &payload);
        }
    }
}
