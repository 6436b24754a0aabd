//! The use cases of campaigns.

mod automations;
mod campaigns;
mod following;
mod launching;
mod planning;
mod preview;
mod projection;
mod results;
mod statuses;
mod upkeep;

use chrono::{DateTime, Utc};
use kernel::{BusinessId, Clock, Principal, Role};
use outbox::{Broker, Outbox};
use sqlx::PgPool;

use crate::Error;
use crate::peers::Peers;

pub use campaigns::{New, Shown};
pub use launching::Command;
pub use preview::{Cost, Preview};
pub(crate) use projection::Told;
pub use results::Results;
pub(crate) use statuses::StatusNews;

/// Under which the stream is read.
pub(crate) const CONSUMER: &str = "campaign";
/// What campaigns are.
pub(crate) const CATEGORY: &str = "marketing";

/// Everything that a use case needs.
pub struct App {
    pub(crate) pool: PgPool,
    pub(crate) outbox: Outbox,
    pub(crate) broker: Broker,
    pub(crate) clock: Clock,
    pub(crate) peers: Peers,
}

impl App {
    /// The present to the millisecond, as an id of a send tells it.
    fn now_by_ids(&self) -> DateTime<Utc> {
        use chrono::SubsecRound;
        self.clock.now().trunc_subsecs(3)
    }
}

/// The business whose campaigns this caller manages.
fn manager(caller: &Principal) -> Result<BusinessId, Error> {
    match caller {
        Principal::Member { business, role, .. } if *role >= Role::Manager => Ok(*business),
        Principal::ApiKey { business, .. } => Ok(*business),
        Principal::Public => Err(Error::Unauthenticated),
        _ => Err(Error::Forbidden),
    }
}

/// Lets through the platform's own processes and whoever runs them.
fn platform(caller: &Principal) -> Result<(), Error> {
    match caller {
        caller if caller.is_platform() => Ok(()),
        Principal::Public => Err(Error::Unauthenticated),
        _ => Err(Error::Forbidden),
    }
}
