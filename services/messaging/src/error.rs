//! What can be refused or go wrong with messages, and how it is told.

use boot::Problem;
use kernel::{Denied, Invalid};
use tonic::{Code, Status};

/// Why a call did not do what it should.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A field cannot be read.
    #[error(transparent)]
    Invalid(#[from] Invalid),
    /// The caller is turned away.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// There is no such thing, or it is another business's.
    #[error("not found: {0}")]
    NotFound(&'static str),
    /// No provider is set up here.
    #[error("messaging off")]
    Off,
    /// The operator has not approved the business, or has stopped it.
    #[error("not approved")]
    NotApproved,
    /// Her last message is more than 24 hours old.
    #[error("window closed")]
    WindowClosed,
    /// The owner wants to spend more than the operator allows.
    #[error("over limit: {0}")]
    OverLimit(&'static str),
    /// Another campaign of the business wrote to her within seven days.
    #[error("capped")]
    Capped,
    /// The operation id was used for something else.
    #[error("operation mismatch")]
    OperationMismatch,
    /// Another service is away.
    #[error("unavailable: {0}")]
    Unavailable(&'static str),
    /// Another service refused, in its own words.
    #[error("refused by another service")]
    Refused(Box<Status>),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] sqlx::Error),
}

impl From<Status> for Error {
    fn from(status: Status) -> Self {
        Self::Refused(Box::new(status))
    }
}

impl From<Error> for Status {
    fn from(error: Error) -> Self {
        match error {
            Error::Invalid(invalid) => Problem::from(invalid).status(Code::InvalidArgument),
            Error::Denied(denied) => boot::auth::denied(denied),
            Error::NotFound(what) => Problem::new("not-found").field(what).status(Code::NotFound),
            Error::Off => Problem::new("messaging-off").status(Code::FailedPrecondition),
            Error::NotApproved => Problem::new("messaging-not-approved").status(Code::FailedPrecondition),
            Error::WindowClosed => {
                Problem::new("window-closed").field("text").status(Code::FailedPrecondition)
            }
            Error::OverLimit(field) => {
                Problem::new("invalid").field(field).reason("over_limit").status(Code::InvalidArgument)
            }
            Error::Capped => {
                Problem::new("conflict").field("id").reason("capped").status(Code::FailedPrecondition)
            }
            Error::OperationMismatch => {
                Problem::new("operation-mismatch").field("Idempotency-Key").status(Code::InvalidArgument)
            }
            Error::Unavailable(_) => Problem::new("unavailable").status(Code::Unavailable),
            Error::Refused(status) => *status,
            Error::Store(cause) => boot::database_status(&cause),
        }
    }
}
