//! The use cases of campaigns.

mod automations;
mod campaigns;
mod following;
mod launching;
mod planning;
mod preview;
mod projection;
mod rebuilding;
mod results;
mod statuses;
mod upkeep;

use boot::partition::Retention;
use chrono::{DateTime, Utc};
use kernel::Clock;
use outbox::{Broker, Outbox};
use sqlx::PgPool;
use tokio::sync::Notify;

use crate::peers::Peers;

pub use campaigns::{New, Shown};
pub use launching::Command;
pub use preview::{Cost, Preview, Question};
pub(crate) use projection::Told;
pub(crate) use rebuilding::Part;
pub use results::Results;
pub(crate) use statuses::StatusNews;

/// Under which the stream is read.
pub(crate) const CONSUMER: &str = "campaign";
/// Its schema, and the table in it that has months.
pub(crate) const SCHEMA: &str = "campaign";
pub(crate) const SENDS: &str = "send";
/// What campaigns are.
pub(crate) const CATEGORY: &str = "marketing";

/// Everything that a use case needs.
pub struct App {
    pub(crate) pool: PgPool,
    pub(crate) outbox: Outbox,
    pub(crate) broker: Broker,
    pub(crate) clock: Clock,
    pub(crate) peers: Peers,
    /// How long sends stay.
    pub(crate) retention: Retention,
    /// Wakes whoever walks audiences: a campaign was launched, paused or resumed here just now.
    pub(crate) to_walk: Notify,
}

impl App {
    /// The present to the millisecond, as an id of a send tells it.
    fn now_by_ids(&self) -> DateTime<Utc> {
        use chrono::SubsecRound;
        self.clock.now().trunc_subsecs(3)
    }
}
