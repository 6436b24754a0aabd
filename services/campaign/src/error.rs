//! What can be refused or go wrong with campaigns, and how it is told.

use boot::Problem;
use kernel::{Denied, Invalid};
use tonic::{Code, Status};

use crate::domain::campaign::{NotEditable, WrongStatus};

/// Why a call did not do what it should.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A field is wrong, or does not allow what is asked.
    #[error(transparent)]
    Invalid(#[from] Invalid),
    /// The caller is turned away.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// There is no such thing, or it is another business's.
    #[error("not found: {0}")]
    NotFound(&'static str),
    /// It does not fit where the campaign, or something beside it, stands.
    #[error("conflict: {field} is {reason}")]
    Conflict {
        /// What is in the way.
        field: &'static str,
        /// How it stands.
        reason: String,
    },
    /// The operation id was used for another command.
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

impl From<WrongStatus> for Error {
    fn from(WrongStatus(status): WrongStatus) -> Self {
        Self::Conflict { field: "status", reason: status.as_str().to_owned() }
    }
}

impl From<NotEditable> for Error {
    fn from(why: NotEditable) -> Self {
        match why {
            NotEditable::Status(status) => WrongStatus(status).into(),
            NotEditable::Written(field) => Self::Conflict { field, reason: "written".to_owned() },
        }
    }
}

impl From<Error> for Status {
    fn from(error: Error) -> Self {
        match error {
            Error::Invalid(invalid) => Problem::from(invalid).status(Code::InvalidArgument),
            Error::Denied(denied) => boot::auth::denied(denied),
            Error::NotFound(what) => Problem::new("not-found").field(what).status(Code::NotFound),
            Error::Conflict { field, reason } => {
                Problem::new("conflict").field(field).reason(reason).status(Code::FailedPrecondition)
            }
            Error::OperationMismatch => Problem::new("operation-mismatch").status(Code::InvalidArgument),
            Error::Unavailable(_) => Problem::new("unavailable").status(Code::Unavailable),
            Error::Refused(status) => *status,
            Error::Store(cause) => boot::database_status(&cause),
        }
    }
}
