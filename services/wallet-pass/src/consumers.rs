//! Events in: from the wire to what changes on passes.

use std::sync::Arc;

use kernel::BusinessId;
use outbox::{Handler, Received};
use prost::Message;
use proto::enrollment::event::Fact as Enrollment;
use proto::stamping::event::Fact as Stamping;
use sqlx::PgConnection;

use crate::app::{App, Told};
use crate::domain::news::News;

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
    let enrollment = ["business_changed", "customer_merged", "customer_erased"];
    stamping
        .iter()
        .map(|fact| format!("sello.v1.*.stamping.{fact}"))
        .chain(enrollment.iter().map(|fact| format!("sello.v1.*.enrollment.{fact}")))
        .collect()
}

/// Marks passes as changed.
pub(crate) struct Consumer {
    app: Arc<App>,
}

impl Consumer {
    pub(crate) fn new(app: Arc<App>) -> Self {
        Self { app }
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
        self.app.apply(tx, told).await
    }

    fn committed(&self) {
        self.app.wanted.notify_waiters();
    }
}

/// What an event of `sello.v1.<business>.<service>.<event>` tells; `None` for one that breaks its contract.
fn read(subject: &str, payload: &[u8]) -> Option<Told> {
    match subject.split('.').nth(3)? {
        "stamping" => stamping(payload),
        "enrollment" => enrollment(payload),
        _ => None,
    }
}

fn stamping(payload: &[u8]) -> Option<Told> {
    let told = |card: &str, news| Some(Told::Card(card.parse().ok()?, news));
    match proto::stamping::Event::decode(payload).ok()?.fact? {
        Stamping::ProgramChanged(fact) => Some(Told::Program(fact.program_id.parse().ok()?)),
        Stamping::CardOpened(_) => None,
        Stamping::StampAdded(fact) => told(&fact.card?.card_id, News::Stamped),
        Stamping::StampVoided(fact) => told(&fact.card?.card_id, News::Corrected),
        Stamping::RewardUnlocked(fact) => told(&fact.card_id, News::RewardUnlocked(fact.title)),
        Stamping::RewardRedeemed(fact) => told(&fact.card_id, News::RewardRedeemed(fact.title)),
        Stamping::RewardUnredeemed(fact) => told(&fact.card_id, News::RewardRestored),
        Stamping::RewardExpired(fact) => told(&fact.card_id, News::RewardExpired),
    }
}

fn enrollment(payload: &[u8]) -> Option<Told> {
    let event = proto::enrollment::Event::decode(payload).ok()?;
    let business: BusinessId = event.business_id.parse().ok()?;
    match event.fact? {
        Enrollment::BusinessChanged(_) => Some(Told::Business(business)),
        Enrollment::CustomerMerged(fact) => Some(Told::Gone(business, fact.from_customer_id.parse().ok()?)),
        Enrollment::CustomerErased(fact) => Some(Told::Gone(business, fact.customer_id.parse().ok()?)),
        _ => None,
    }
}

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
        let event = Event { fact: Some(Stamping::StampAdded(added)), ..Default::default() };
        let told = read("sello.v1.x.stamping.stamp_added", &event.encode_to_vec());
        assert_eq!(told, Some(Told::Card(card, News::Stamped)));
    }

    proptest! {
        /// Whatever stands in an event, reading it never panics.
        #[test]
        fn reading_is_total(subject in "sello\\.v1\\.[a-f0-9-]{0,36}\\.(stamping|enrollment|x)?\\.?[a-z_]{0,8}",
                            payload in prop::collection::vec(any::<u8>(), 0..200)) {
            read(&subject, &payload);
        }
    }
}
