//! What stamping does when enrollment tells a fact.

use std::sync::{Arc, Mutex, PoisonError};

use kernel::{BusinessId, CardId, CustomerId, ProgramId};
use outbox::{Appended, Handler, Received};
use prost::Message;
use proto::enrollment::Event;
use proto::enrollment::event::Fact;
use sqlx::PgConnection;

use crate::Error;
use crate::app::{App, OpenCard};

/// The durable name under which all replicas share the work.
pub(crate) const NAME: &str = "stamping-enrollment";

/// The facts that stamping listens to.
pub(crate) fn filters() -> Vec<String> {
    [
        "business_created",
        "business_changed",
        "customer_enrolled",
        "customer_merged",
        "customer_erased",
        "referral_paid",
    ]
    .iter()
    .map(|fact| format!("sello.v1.*.enrollment.{fact}"))
    .collect()
}

/// Applies enrollment's facts to cards.
pub(crate) struct Consumer {
    app: Arc<App>,
    /// Facts of ours that wait for the commit of the batch.
    appended: Mutex<Vec<Appended>>,
}

impl Consumer {
    /// A consumer that works with `app`.
    pub(crate) fn new(app: Arc<App>) -> Self {
        Self { app, appended: Mutex::default() }
    }

    fn keep(&self, appended: Appended) {
        self.appended.lock().unwrap_or_else(PoisonError::into_inner).push(appended);
    }

    fn take(&self) -> Vec<Appended> {
        std::mem::take(&mut *self.appended.lock().unwrap_or_else(PoisonError::into_inner))
    }

    async fn apply(&self, tx: &mut PgConnection, event: Event) -> Result<(), Error> {
        let business: BusinessId = event.business_id.parse()?;
        match event.fact {
            Some(Fact::BusinessCreated(created)) => {
                self.app.put_business(tx, business, &created.time_zone, 1).await
            }
            Some(Fact::BusinessChanged(changed)) => {
                self.app.put_business(tx, business, &changed.time_zone, changed.version).await
            }
            Some(Fact::CustomerEnrolled(enrolled)) => {
                if enrolled.card_id.is_empty() {
                    return Ok(());
                }
                let program: Option<ProgramId> =
                    if enrolled.program_id.is_empty() { None } else { Some(enrolled.program_id.parse()?) };
                let command = OpenCard {
                    business,
                    customer: enrolled.customer_id.parse()?,
                    card: enrolled.card_id.parse::<CardId>()?,
                    program,
                };
                match self.app.open_card_in(tx, command).await {
                    Ok((_, _, appended)) => self.keep(appended),
                    // A business without a program has no card to give yet.
                    Err(Error::NotFound(_)) => {}
                    Err(error) => return Err(error),
                }
                Ok(())
            }
            Some(Fact::CustomerMerged(merged)) => {
                let (from, into) = (merged.from_customer_id.parse()?, merged.into_customer_id.parse()?);
                self.keep(self.app.merge_cards(tx, business, from, into).await?);
                Ok(())
            }
            Some(Fact::CustomerErased(erased)) => {
                self.app.erase_customer(tx, business, erased.customer_id.parse()?).await
            }
            Some(Fact::ReferralPaid(paid)) => {
                let sides: [CustomerId; 2] =
                    [paid.referrer_customer_id.parse()?, paid.friend_customer_id.parse()?];
                self.keep(self.app.pay_referral(tx, business, sides).await?);
                Ok(())
            }
            Some(Fact::MemberChanged(_) | Fact::CustomerChanged(_) | Fact::ConsentChanged(_)) | None => {
                Ok(())
            }
        }
    }
}

impl Handler for Consumer {
    async fn handle(&self, tx: &mut PgConnection, events: &[Received]) -> Result<(), sqlx::Error> {
        // What an attempt that failed had kept was rolled back with it.
        drop(self.take());
        for received in events {
            let Ok(event) = Event::decode(received.payload.as_slice()) else {
                tracing::error!(event = %received.id, "event that cannot be read passed over");
                continue;
            };
            match self.apply(tx, event).await {
                Ok(()) => {}
                Err(Error::Store(error)) => return Err(error),
                Err(error) => tracing::error!(event = %received.id, %error, "event without effect"),
            }
        }
        Ok(())
    }

    fn committed(&self) {
        for appended in self.take() {
            appended.committed();
        }
    }
}
