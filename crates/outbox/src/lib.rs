//! Events out and in, exactly once in effect. The only code that knows JetStream.
//!
//! Out: [`Outbox::append`] writes rows in the caller's transaction; after the commit the relay publishes them at once,
//! and a sweeper takes what was left behind, also what the broker has lost again. In: [`consume`] hands a batch of
//! unseen events and an open transaction to a [`Handler`]; the effect and the ids commit together. [`follow`] reads
//! the stream as it comes, for those who show and do not keep.
//!
//! Every service's schema holds the tables this crate works on: `outbox` and `outbox_broker` where it tells, `inbox` where it
//! listens; the role's `search_path` finds them.

mod consumer;
mod feed;
mod outbox;
mod refill;
mod relay;
mod stream;
mod subject;

pub use consumer::{Handler, Received, consume};
pub use feed::{Fact, at, follow, last_sequence, look_back};
pub use outbox::{Appended, NewEvent, Outbox};
pub use relay::Relay;
pub use stream::{Broker, STREAM, Settings, connect, pending};
pub use subject::Subject;

/// What can go wrong between a service and the broker.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The database failed.
    #[error("outbox store")]
    Store(#[from] sqlx::Error),
    /// The broker failed or is away.
    #[error("broker: {0}")]
    Broker(String),
}

impl Error {
    pub(crate) fn broker(cause: impl std::fmt::Display) -> Self {
        Self::Broker(cause.to_string())
    }
}
