//! The use cases of messages.

mod account;
mod answering;
mod asking;
mod callbacks;
mod calling;
mod campaigns;
mod changes;
mod choosing;
mod deliveries;
mod doubt;
mod handing;
mod inbox;
mod operator;
mod outcomes;
mod persons;
mod preparing;
mod requests;
mod snapshot;
mod statuses;
mod sweeping;
mod watching;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use boot::Link;
use boot::partition::Retention;
use kernel::{BusinessId, Clock, Principal};
use outbox::{Broker, Outbox};
use sqlx::PgPool;
use tokio::sync::{Notify, Semaphore, mpsc};
use uuid::Uuid;

use crate::Error;
use crate::domain::address::AddressSecret;
use crate::domain::signature::SigningKey;
use crate::peers::Peers;
use crate::twilio::Client;

pub(crate) use account::{Account, TierView};
pub(crate) use callbacks::{Form, InboundCall};
pub(crate) use calling::{Carrier, DatabaseClock};
pub(crate) use handing::Round;
pub(crate) use inbox::Thread;
pub(crate) use operator::{Judgement, SenderChange, SenderView, StandingView};
pub(crate) use outcomes::Outcome;
pub(crate) use requests::{Requested, Send};
pub(crate) use statuses::News;

/// Under which the stream is read.
pub(crate) const CONSUMER: &str = "messaging";
/// Its schema, and the table in it whose months are counted.
const SCHEMA: &str = "messaging";
const MESSAGES: &str = "message";
const ATTEMPTS: &str = "attempt";
/// Calls to the provider under way at once in one process.
pub(crate) const MOST_CALLS: u32 = 1_000;
/// Statuses that may wait to be written in one process; whoever brings more is told to come again.
pub(crate) const MOST_STATUSES: usize = 2_048;

/// Everything that a use case needs.
pub(crate) struct App {
    pub(crate) pool: PgPool,
    pub(crate) outbox: Outbox,
    pub(crate) broker: Broker,
    pub(crate) clock: Clock,
    pub(crate) peers: Peers,
    pub(crate) addresses: AddressSecret,
    /// Without a slash at its end.
    pub(crate) public_url: String,
    /// fake, live, off.
    pub(crate) provider: String,
    pub(crate) twilio: Option<Client>,
    pub(crate) signing: Option<SigningKey>,
    pub(crate) in_doubt_after: Duration,
    pub(crate) provider_timeout: Duration,
    pub(crate) poll_after: Duration,
    /// How long messages and their attempts stay.
    pub(crate) retention: Retention,
    pub(crate) carriers: Mutex<HashMap<Uuid, Arc<Carrier>>>,
    pub(crate) database_clock: DatabaseClock,
    pub(crate) calls: Arc<Semaphore>,
    pub(crate) outcomes: mpsc::Sender<Outcome>,
    pub(crate) statuses: mpsc::Sender<News>,
    /// Wakes whoever hands over: something may go now.
    pub(crate) wanted: Arc<Notify>,
    /// Wakes whoever answers: somebody wrote just now.
    pub(crate) wrote: Arc<Notify>,
}

/// The ways to the services it asks.
pub struct Links {
    /// Contacts, consents, one-use words; shops' names; and the keys of tokens.
    pub enrollment: Link,
    /// Cards.
    pub stamping: Link,
}

impl App {
    fn is_off(&self) -> bool {
        self.twilio.is_none()
    }

    /// What one sender's calls share in this process.
    pub(crate) fn carrier(&self, sender: Uuid) -> Arc<Carrier> {
        let mut carriers = self.carriers.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(carriers.entry(sender).or_default())
    }

    /// The address of a card, opened by a one-use link.
    fn card_url(&self, card: kernel::CardId, link_token: &str) -> String {
        format!("{}/t/{card}#link={link_token}", self.public_url)
    }
}

/// The business that a service names, or that a manager belongs to.
fn named_or_own(caller: &Principal, named: Option<BusinessId>) -> Result<BusinessId, Error> {
    match caller {
        caller if caller.is_platform() => {
            named.ok_or_else(|| kernel::Invalid::new("business_id", "required").into())
        }
        caller => Ok(caller.managed_business()?),
    }
}
