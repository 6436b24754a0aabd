//! Events in: what campaigns ask for, and what enrollment tells of persons.

use std::sync::Arc;

use chrono::{DateTime, Duration, Utc};
use kernel::{BusinessId, CustomerId, Locale};
use outbox::{Handler, Received};
use prost::Message;
use proto::campaign::event::Fact as Campaign;
use proto::campaign::{SendRequested, Wording};
use proto::enrollment::event::Fact as Enrollment;
use sqlx::PgConnection;

use crate::app::{App, Requested, Send};
use crate::domain::price::Category;
use crate::domain::template::{Fillings, fill};

/// How long a message is good where its campaign does not say.
const GOOD_FOR: Duration = Duration::days(7);

/// The facts that messages follow from.
pub(crate) fn filters() -> Vec<String> {
    let enrollment =
        ["business_created", "business_changed", "consent_changed", "customer_merged", "customer_erased"];
    std::iter::once("sello.v1.*.campaign.send_requested".to_owned())
        .chain(enrollment.iter().map(|fact| format!("sello.v1.*.enrollment.{fact}")))
        .collect()
}

/// Writes messages, and forgets persons.
pub(crate) struct Consumer {
    app: Arc<App>,
}

/// What an event tells.
#[derive(Debug)]
enum Told {
    Requested(Box<Requested>),
    Business(BusinessId, String, i64),
    Revoked(BusinessId, CustomerId),
    Merged(BusinessId, CustomerId, CustomerId),
    Erased(BusinessId, CustomerId),
    Nothing,
}

impl Consumer {
    pub(crate) fn new(app: Arc<App>) -> Self {
        Self { app }
    }

    async fn apply(&self, tx: &mut PgConnection, told: Told) -> Result<(), sqlx::Error> {
        match told {
            Told::Requested(asked) => self.app.take_request(tx, *asked).await,
            Told::Business(business, zone, version) => {
                self.app.learn_business(tx, business, &zone, version).await
            }
            Told::Revoked(business, customer) => self.app.revoke(tx, business, customer).await,
            Told::Merged(business, from, into) => self.app.merge(tx, business, (from, into)).await,
            Told::Erased(business, customer) => self.app.erase(tx, business, customer).await,
            Told::Nothing => Ok(()),
        }
    }
}

impl Handler for Consumer {
    async fn handle(&self, tx: &mut PgConnection, events: &[Received]) -> Result<(), sqlx::Error> {
        let now = self.app.clock.now();
        for event in events {
            match read(&event.subject, &event.payload, now) {
                Some(told) => self.apply(tx, told).await?,
                None => {
                    tracing::warn!(event_id = %event.id, subject = %event.subject, "event passed over");
                }
            }
        }
        Ok(())
    }

    fn committed(&self) {
        self.app.wanted.notify_waiters();
    }
}

/// What an event of `sello.v1.<business>.<service>.<event>` tells; `None` for one that breaks its contract.
fn read(subject: &str, payload: &[u8], now: DateTime<Utc>) -> Option<Told> {
    match subject.split('.').nth(3)? {
        "campaign" => campaign(payload, now),
        "enrollment" => enrollment(payload),
        _ => None,
    }
}

fn campaign(payload: &[u8], now: DateTime<Utc>) -> Option<Told> {
    let event = proto::campaign::Event::decode(payload).ok()?;
    let business = event.business_id.parse().ok()?;
    match event.fact? {
        // Wallets are wallet-pass's.
        Campaign::SendRequested(asked) if asked.channel == "whatsapp" => requested(business, asked, now),
        _ => Some(Told::Nothing),
    }
}

fn requested(business: BusinessId, asked: SendRequested, now: DateTime<Utc>) -> Option<Told> {
    let good_until =
        asked.good_until.and_then(|at| DateTime::from_timestamp(at.seconds, u32::try_from(at.nanos).ok()?));
    let sends = asked.sends.iter().map(|send| {
        let language = Locale::from_tag(&send.language);
        let wording = wording(&asked.wordings, language)?;
        let known = Fillings {
            stamps: Some((send.stamps, send.stamps_left)),
            reward: Some(&send.reward),
            ..Fillings::default()
        };
        Some(Send {
            send: send.send_id.parse().ok()?,
            customer: send.customer_id.parse().ok()?,
            template: wording.template.clone(),
            language: Locale::from_tag(&wording.language).as_str(),
            variables: wording.variables.iter().map(|text| fill(text, &known)).collect(),
        })
    });
    Some(Told::Requested(Box::new(Requested {
        business,
        campaign: asked.campaign_id.parse().ok()?,
        category: Category::from_word(&asked.category).filter(|category| *category != Category::Service)?,
        good_until: good_until.unwrap_or(now + GOOD_FOR),
        sends: sends.collect::<Option<_>>()?,
    })))
}

/// The wording of a language, or the first there is.
fn wording(wordings: &[Wording], language: Locale) -> Option<&Wording> {
    wordings.iter().find(|wording| wording.language == language.as_str()).or(wordings.first())
}

fn enrollment(payload: &[u8]) -> Option<Told> {
    let event = proto::enrollment::Event::decode(payload).ok()?;
    let business: BusinessId = event.business_id.parse().ok()?;
    Some(match event.fact? {
        Enrollment::BusinessCreated(fact) => Told::Business(business, fact.time_zone, 1),
        Enrollment::BusinessChanged(fact) => Told::Business(business, fact.time_zone, fact.version),
        Enrollment::ConsentChanged(fact) if fact.purpose == "marketing" && fact.state == "revoked" => {
            Told::Revoked(business, fact.customer_id.parse().ok()?)
        }
        Enrollment::CustomerMerged(fact) => {
            Told::Merged(business, fact.from_customer_id.parse().ok()?, fact.into_customer_id.parse().ok()?)
        }
        Enrollment::CustomerErased(fact) => Told::Erased(business, fact.customer_id.parse().ok()?),
        _ => Told::Nothing,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use proto::campaign::Event;

    use super::*;

    fn asked() -> SendRequested {
        SendRequested {
            campaign_id: uuid::Uuid::now_v7().to_string(),
            channel: "whatsapp".into(),
            category: "marketing".into(),
            wordings: vec![Wording {
                language: "es".into(),
                template: "win_back".into(),
                variables: vec!["{first_name}".into(), "{stamps_left} de {stamps}".into()],
                text: String::new(),
            }],
            sends: vec![proto::campaign::Send {
                send_id: uuid::Uuid::now_v7().to_string(),
                customer_id: CustomerId::generate().to_string(),
                stamps: 7,
                stamps_left: 3,
                language: "en".into(),
                ..Default::default()
            }],
            good_until: None,
        }
    }

    fn read_asked(asked: SendRequested) -> Option<Told> {
        let event = Event {
            business_id: BusinessId::generate().to_string(),
            fact: Some(Campaign::SendRequested(asked)),
            ..Default::default()
        };
        read("sello.v1.x.campaign.send_requested", &event.encode_to_vec(), DateTime::UNIX_EPOCH)
    }

    #[test]
    fn what_is_known_is_filled_in_and_the_name_is_left() {
        let Some(Told::Requested(asked)) = read_asked(asked()) else { panic!("not read") };
        assert_eq!(asked.sends[0].variables, ["{first_name}", "3 de 7"]);
        assert_eq!(asked.sends[0].language, "es", "the only wording there is");
    }

    #[test]
    fn wallets_are_somebody_elses_and_free_text_is_no_campaigns() {
        let wallet = SendRequested { channel: "wallet".into(), ..asked() };
        assert!(matches!(read_asked(wallet), Some(Told::Nothing)));
        assert!(read_asked(SendRequested { category: "service".into(), ..asked() }).is_none());
    }

    proptest! {
        /// Whatever stands in an event, reading it never panics.
        #[test]
        fn reading_is_total(subject in "sello\\.v1\\.[a-f0-9-]{0,36}\\.(campaign|enrollment|x)?\\.?[a-z_]{0,8}",
                            payload in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = read(&subject, &payload, DateTime::UNIX_EPOCH);
        }
    }
}
