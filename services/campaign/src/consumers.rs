//! Events in: from the wire to what campaigns know.

use std::sync::Arc;

use chrono::{DateTime, SubsecRound, Utc};
use kernel::{BusinessId, CardId, CustomerId, Locale, RewardId, Zone};
use outbox::{Handler, Received, Subject};
use prost::Message;
use prost_types::Timestamp;
use proto::enrollment::event::Fact as Enrollment;
use proto::messaging::event::Fact as Messaging;
use proto::stamping::event::Fact as Stamping;
use proto::wallet_pass::event::Fact as Pass;
use sqlx::PgConnection;

use crate::app::{App, StatusNews, Told};
use crate::domain::customer::{Card, Consent, Fact, Joined, Reward, Wallet};
use crate::domain::send::{MessageNews, SendStatus};

/// The facts that campaigns act on.
pub(crate) fn filters() -> Vec<String> {
    let of = [
        ("enrollment", "business_created"),
        ("enrollment", "business_changed"),
        ("enrollment", "customer_enrolled"),
        ("enrollment", "customer_changed"),
        ("enrollment", "consent_changed"),
        ("enrollment", "customer_merged"),
        ("enrollment", "customer_erased"),
        ("stamping", "program_changed"),
        ("stamping", "card_opened"),
        ("stamping", "stamp_added"),
        ("stamping", "stamp_voided"),
        ("stamping", "reward_unlocked"),
        ("stamping", "reward_redeemed"),
        ("stamping", "reward_unredeemed"),
        ("stamping", "reward_expired"),
        ("messaging", "message_status"),
        ("messaging", "opted_out"),
        ("messaging", "sending_held"),
        ("wallet_pass", "pass_installed"),
        ("wallet_pass", "pass_removed"),
        ("wallet_pass", "pass_message"),
    ];
    of.iter().map(|(service, fact)| format!("sello.v1.*.{service}.{fact}")).collect()
}

/// Keeps the audience and the statuses of sends.
pub struct Consumer {
    app: Arc<App>,
}

impl Consumer {
    /// Takes events in for this app.
    pub fn new(app: Arc<App>) -> Self {
        Self { app }
    }
}

impl Handler for Consumer {
    async fn handle(&self, tx: &mut PgConnection, events: &[Received]) -> Result<(), sqlx::Error> {
        let mut told = Vec::with_capacity(events.len());
        for event in events {
            match read(&event.subject, &event.payload) {
                Ok((business, facts)) => told.extend(facts.into_iter().map(|fact| (business, fact))),
                Err(reason) => {
                    tracing::warn!(event_id = %event.id, subject = %event.subject, reason, "event passed over");
                }
            }
        }
        self.app.apply(tx, told).await
    }
}

/// What owners tell is true now; what cannot be read is left out.
pub(crate) fn told(facts: &[proto::campaign::RebuildFact]) -> Vec<(BusinessId, Told)> {
    let mut told = Vec::with_capacity(facts.len());
    for fact in facts {
        let subject = format!("sello.v1.{}.{}.snapshot", fact.business_id, fact.service);
        match read(&subject, &fact.payload) {
            Ok((business, facts)) => told.extend(facts.into_iter().map(|fact| (business, fact))),
            Err(reason) => tracing::warn!(subject, reason, "a fact of a snapshot passed over"),
        }
    }
    told
}

type Read<T> = Result<T, &'static str>;

/// What an event tells. Only what came on the subject of its own business is believed.
fn read(subject: &str, payload: &[u8]) -> Read<(BusinessId, Vec<Told>)> {
    let subject = Subject::parse(subject).ok_or("a subject that is not known here")?;
    let (business, told) = match subject.service {
        "enrollment" => enrollment(payload)?,
        "stamping" => stamping(payload)?,
        "messaging" => messaging(payload)?,
        "wallet_pass" => wallet_pass(payload)?,
        _ => return Err("another service's"),
    };
    if id::<BusinessId>(&business)? != subject.business {
        return Err("another business's subject");
    }
    Ok((subject.business, told))
}

const UNREADABLE: &str = "not an event of its service";
const UNKNOWN: &str = "a fact that is not known here";

fn enrollment(payload: &[u8]) -> Read<(String, Vec<Told>)> {
    let event = proto::enrollment::Event::decode(payload).map_err(|_| UNREADABLE)?;
    let at = moment(event.recorded_at)?;
    let told = match event.fact.ok_or(UNKNOWN)? {
        Enrollment::BusinessCreated(fact) => vec![Told::Zone(zone(&fact.time_zone)?, 0)],
        Enrollment::BusinessChanged(fact) => vec![Told::Zone(zone(&fact.time_zone)?, fact.version)],
        Enrollment::CustomerEnrolled(fact) => {
            let joined = Joined {
                at,
                source: fact.source,
                birth_month: u32::try_from(fact.birth_month).ok().filter(|month| *month <= 12).unwrap_or(0),
                location: optional_id(&fact.location_id)?,
            };
            let (customer, reads) =
                (id(&fact.customer_id)?, Fact::Reads(Locale::from_tag(&fact.language), at));
            vec![Told::Customer(customer, Fact::Joined(joined)), Told::Customer(customer, reads)]
        }
        Enrollment::CustomerChanged(fact) => {
            let reads = Fact::Reads(Locale::from_tag(&fact.language), at);
            vec![Told::Customer(id(&fact.customer_id)?, reads)]
        }
        Enrollment::ConsentChanged(fact) if fact.purpose == "marketing" => {
            let consent = Consent { state: fact.state, version: fact.version, at };
            vec![Told::Customer(id(&fact.customer_id)?, Fact::Consent(consent))]
        }
        Enrollment::CustomerMerged(fact) => {
            let into = id(&fact.into_customer_id)?;
            vec![Told::Customer(id(&fact.from_customer_id)?, Fact::MergedInto(into))]
        }
        Enrollment::CustomerErased(fact) => {
            vec![Told::Customer(id(&fact.customer_id)?, Fact::Erased)]
        }
        Enrollment::ConsentChanged(_) | Enrollment::MemberChanged(_) | Enrollment::ReferralPaid(_) => {
            Vec::new()
        }
    };
    Ok((event.business_id, told))
}

fn stamping(payload: &[u8]) -> Read<(String, Vec<Told>)> {
    let event = proto::stamping::Event::decode(payload).map_err(|_| UNREADABLE)?;
    let at = moment(event.recorded_at)?;
    let told = match event.fact.ok_or(UNKNOWN)? {
        Stamping::ProgramChanged(fact) => vec![Told::Program {
            program: id(&fact.program_id)?,
            version: fact.version,
            stamps_required: fact.stamps_required,
        }],
        Stamping::CardOpened(fact) => {
            let card = Card {
                program: id(&fact.program_id)?,
                version: fact.card_version,
                stamps: 0,
                required: fact.stamps_required,
                cycle: 1,
            };
            vec![Told::Customer(id(&fact.customer_id)?, Fact::Card(id(&fact.card_id)?, card))]
        }
        Stamping::StampAdded(fact) => {
            let (customer, card_id, card) = card(fact.card.as_ref())?;
            let mut told = vec![Told::Customer(customer, Fact::Card(card_id, card))];
            if fact.kind == "earn" {
                told.push(Told::Visit(customer, at, 1));
                told.extend(fact.amount_cents.filter(|cents| *cents > 0).map(Told::Purchase));
            }
            told
        }
        Stamping::StampVoided(fact) => {
            let (customer, card_id, card) = card(fact.card.as_ref())?;
            let mut told = vec![Told::Customer(customer, Fact::Card(card_id, card))];
            if fact.reversed_kind == "earn" {
                told.push(Told::Visit(customer, moment(fact.reversed_recorded_at)?, -1));
            }
            for reward in &fact.reward_ids {
                let taken_back = Reward { unlocks: -1, ..Reward::default() };
                told.push(Told::Customer(customer, Fact::Reward(id(reward)?, taken_back)));
            }
            told
        }
        Stamping::RewardUnlocked(fact) => {
            let ends_at = fact.expires_at.map(|at| moment(Some(at))).transpose()?;
            let title = fact.title;
            let unlocked = Reward { unlocks: 1, title: title.clone(), ends_at, ..Reward::default() };
            vec![
                reward(&fact.customer_id, &fact.reward_id, unlocked)?,
                Told::RewardTitle { program: id(&fact.program_id)?, title, at },
            ]
        }
        Stamping::RewardRedeemed(fact) => {
            let redeemed = Reward { redemptions: 1, redeemed_at: Some(at), ..Reward::default() };
            vec![reward(&fact.customer_id, &fact.reward_id, redeemed)?]
        }
        Stamping::RewardUnredeemed(fact) => {
            let undone = Reward { redemptions: -1, ..Reward::default() };
            vec![reward(&fact.customer_id, &fact.reward_id, undone)?]
        }
        Stamping::RewardExpired(fact) => {
            let expired = Reward { expired: true, ..Reward::default() };
            vec![reward(&fact.customer_id, &fact.reward_id, expired)?]
        }
    };
    Ok((event.business_id, told))
}

fn reward(customer: &str, reward: &str, change: Reward) -> Read<Told> {
    Ok(Told::Customer(id(customer)?, Fact::Reward(id::<RewardId>(reward)?, change)))
}

fn card(state: Option<&proto::stamping::CardState>) -> Read<(CustomerId, CardId, Card)> {
    let state = state.ok_or("a card is missing")?;
    let card = Card {
        program: id(&state.program_id)?,
        version: state.card_version,
        stamps: state.stamps,
        required: state.stamps_required,
        cycle: state.cycle,
    };
    Ok((id(&state.customer_id)?, id(&state.card_id)?, card))
}

fn messaging(payload: &[u8]) -> Read<(String, Vec<Told>)> {
    let event = proto::messaging::Event::decode(payload).map_err(|_| UNREADABLE)?;
    let at = moment(event.recorded_at)?;
    let told = match event.fact.ok_or(UNKNOWN)? {
        // Not every message is a campaign's.
        Messaging::MessageStatus(fact) if fact.send_id.is_empty() || fact.campaign_id.is_empty() => {
            Vec::new()
        }
        Messaging::MessageStatus(fact) => {
            let news = MessageNews {
                status: SendStatus::parse(&fact.status).ok_or("a status that is not known here")?,
                version: fact.version,
                reason: fact.reason,
                cost_cents: fact.cost_cents,
            };
            let key = (id(&fact.campaign_id)?, uuid(&fact.send_id)?);
            vec![Told::Status(key, StatusNews::Message(news))]
        }
        Messaging::OptedOut(fact) => {
            let mut told = Vec::new();
            if let Some(customer) = optional_id(&fact.customer_id)? {
                told.push(Told::Customer(customer, Fact::OptedOut(at)));
            }
            told.extend(optional_id(&fact.campaign_id)?.map(Told::OptedOutOf));
            told
        }
        Messaging::SendingHeld(fact) => {
            vec![Told::Held { state: fact.state, reason: fact.reason, at }]
        }
        Messaging::InboundMessage(_) => Vec::new(),
    };
    Ok((event.business_id, told))
}

fn wallet_pass(payload: &[u8]) -> Read<(String, Vec<Told>)> {
    let event = proto::wallet_pass::Event::decode(payload).map_err(|_| UNREADABLE)?;
    let pass = |customer: &str, kept_in: &str, by| -> Read<Vec<Told>> {
        Ok(vec![Told::Customer(id(customer)?, Fact::Pass(wallet(kept_in)?, by))])
    };
    let told = match event.fact.ok_or(UNKNOWN)? {
        Pass::PassInstalled(fact) => pass(&fact.customer_id, &fact.wallet, 1)?,
        Pass::PassRemoved(fact) => pass(&fact.customer_id, &fact.wallet, -1)?,
        Pass::PassMessage(fact) => {
            let key = (id(&fact.campaign_id)?, uuid(&fact.send_id)?);
            let news = match fact.status.as_str() {
                "canceled" => StatusNews::PassCanceled(fact.reason),
                status => StatusNews::Pass { shown: status == "delivered", reason: fact.reason },
            };
            vec![Told::Status(key, news)]
        }
        Pass::PushFailed(_) => Vec::new(),
    };
    Ok((event.business_id, told))
}

fn wallet(word: &str) -> Read<Wallet> {
    match word {
        "apple" => Ok(Wallet::Apple),
        "google" => Ok(Wallet::Google),
        "web" => Ok(Wallet::Web),
        _ => Err("a wallet that is not known here"),
    }
}

fn id<T: std::str::FromStr>(text: &str) -> Read<T> {
    text.parse().map_err(|_| "an id cannot be read")
}

fn uuid(text: &str) -> Read<uuid::Uuid> {
    id(text)
}

fn optional_id<T: std::str::FromStr>(text: &str) -> Read<Option<T>> {
    if text.is_empty() { Ok(None) } else { id(text).map(Some) }
}

fn zone(name: &str) -> Read<Zone> {
    Zone::parse(name).map_err(|_| "a zone that is not known here")
}

/// To the microsecond, as the database keeps it, and of a year that a clock of ours may have told.
fn moment(at: Option<Timestamp>) -> Read<DateTime<Utc>> {
    use chrono::Datelike;
    at.and_then(|at| DateTime::from_timestamp(at.seconds, u32::try_from(at.nanos).ok()?))
        .map(|at| at.trunc_subsecs(6))
        .filter(|at| (2000..=2199).contains(&at.year()))
        .ok_or("a time is missing or impossible")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn an_event_on_another_businesss_subject_is_not_believed() {
        let (mine, other) = (BusinessId::generate(), BusinessId::generate());
        let erased = proto::enrollment::CustomerErased { customer_id: CustomerId::generate().to_string() };
        let event = proto::enrollment::Event {
            business_id: mine.to_string(),
            recorded_at: Some(Timestamp { seconds: 1_790_000_000, nanos: 0 }),
            fact: Some(Enrollment::CustomerErased(erased)),
            ..Default::default()
        };
        let payload = event.encode_to_vec();
        let on = |business| read(&format!("sello.v1.{business}.enrollment.customer_erased"), &payload);
        assert!(on(mine).is_ok());
        assert_eq!(on(other), Err("another business's subject"));
    }

    #[test]
    fn a_message_that_no_campaign_asked_for_tells_nothing() {
        let event = proto::messaging::Event {
            business_id: BusinessId::generate().to_string(),
            recorded_at: Some(Timestamp { seconds: 1_790_000_000, nanos: 0 }),
            fact: Some(Messaging::MessageStatus(proto::messaging::MessageStatus::default())),
            ..Default::default()
        };
        assert_eq!(messaging(&event.encode_to_vec()).unwrap().1, Vec::new());
    }

    proptest! {
        /// Whatever stands in an event, reading it never panics.
        #[test]
        fn reading_is_total(service in "(enrollment|stamping|messaging|wallet_pass|x)",
                            payload in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = read(&format!("sello.v1.{}.{service}.fact", BusinessId::generate()), &payload);
        }
    }
}
