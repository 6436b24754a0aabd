//! The use cases of passes.

mod changes;
mod deliveries;
mod design;
mod drawing;
mod google;
mod links;
mod making;
mod noticing;
mod passkit;
mod pictures;
mod pushing;
mod rounds;
mod saying;
mod snapshot;
mod views;
mod web;
mod words;

use std::sync::Arc;

use kernel::Clock;
use outbox::{Broker, Outbox};
use sqlx::PgPool;
use tokio::sync::Notify;

use crate::Error;
use crate::apple::Apple;
use crate::domain::link::Secrets;
use crate::objects::Objects;
use crate::peers::Peers;
use crate::web::Web;

pub(crate) use changes::Told;
pub(crate) use design::ArtKind;
pub(crate) use drawing::Sketch;
pub(crate) use google::{GOOGLE, Patching, google_wallet};
pub(crate) use making::Made;
pub(crate) use noticing::{Noticing, WEB};
pub(crate) use passkit::Fetched;
pub(crate) use pushing::{APPLE, Pushing};
pub(crate) use rounds::{Queue, Round};
pub(crate) use web::Asked;

/// Under which the stream is read.
pub(crate) const CONSUMER: &str = "wallet-pass";

/// Wallets that were set up with credentials that cannot be used.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Unusable {
    pub(crate) apple: bool,
    pub(crate) google: bool,
    pub(crate) web: bool,
}

/// Everything that a use case needs.
pub(crate) struct App {
    pub(crate) pool: PgPool,
    pub(crate) outbox: Outbox,
    pub(crate) broker: Broker,
    pub(crate) clock: Clock,
    pub(crate) secrets: Secrets,
    pub(crate) objects: Objects,
    pub(crate) apple: Option<Apple>,
    pub(crate) google: Option<crate::google::Client>,
    pub(crate) web: Option<Web>,
    pub(crate) unusable: Unusable,
    pub(crate) peers: Peers,
    /// Without a slash at its end.
    pub(crate) public_url: String,
    pub(crate) templates: drawing::Templates,
    pub(crate) pictures: pictures::Pictures,
    /// Wakes whoever pushes: something was wanted just now.
    pub(crate) wanted: Arc<Notify>,
}

impl App {
    /// The wallet that is not set up is told as such.
    pub(crate) fn apple(&self) -> Result<&Apple, Error> {
        self.apple.as_ref().ok_or(Error::Off)
    }
}
