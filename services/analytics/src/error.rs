//! What can go wrong, and what the caller is told.

use boot::Problem;
use kernel::{Denied, Invalid};
use tonic::{Code, Status};

/// Every way a call can fail.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The caller is turned away.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// A field cannot be read.
    #[error(transparent)]
    Invalid(#[from] Invalid),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] sqlx::Error),
    /// The broker is away.
    #[error("broker: {0}")]
    Broker(String),
}

impl From<outbox::Error> for Error {
    fn from(error: outbox::Error) -> Self {
        match error {
            outbox::Error::Store(cause) => Self::Store(cause),
            outbox::Error::Broker(cause) => Self::Broker(cause),
        }
    }
}

impl From<Error> for Status {
    fn from(error: Error) -> Self {
        match error {
            Error::Denied(denied) => boot::auth::denied(denied),
            Error::Invalid(invalid) => Problem::from(invalid).status(Code::InvalidArgument),
            Error::Store(cause) => boot::database_status(&cause),
            Error::Broker(cause) => {
                tracing::warn!(error = %cause, "broker unavailable");
                Problem::new("unavailable").status(Code::Unavailable)
            }
        }
    }
}
