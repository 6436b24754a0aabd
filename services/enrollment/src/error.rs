//! What can go wrong, and what the caller is told about it.

use boot::Problem;
use chrono::{DateTime, Utc};
use kernel::Invalid;
use tonic::{Code, Status};

/// Why a use case did not happen.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A field of the request is wrong.
    #[error(transparent)]
    Invalid(#[from] Invalid),
    /// No token, or one that means nothing any more.
    #[error("not signed in")]
    Unauthenticated,
    /// The till is not paired, or no longer.
    #[error("device not paired")]
    NotPaired,
    /// Whoever it is, or whatever was typed: it does not fit.
    #[error("credentials do not fit")]
    InvalidCredentials,
    /// Too many wrong tries.
    #[error("locked until {until}")]
    Locked {
        /// When the next try is allowed.
        until: DateTime<Utc>,
    },
    /// Too many passwords are being checked at this moment.
    #[error("busy")]
    Busy,
    /// The caller may not.
    #[error("forbidden")]
    Forbidden,
    /// There is no such thing, or not in the caller's business.
    #[error("not found")]
    NotFound,
    /// It would clash with what is there.
    #[error("conflict: {field} {reason}")]
    Conflict {
        /// The field that clashes.
        field: &'static str,
        /// How.
        reason: &'static str,
    },
    /// The operation id was used for another form.
    #[error("operation mismatch")]
    OperationMismatch,
    /// The database failed.
    #[error(transparent)]
    Store(#[from] sqlx::Error),
    /// Something that should not happen did.
    #[error("internal")]
    Internal(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl Error {
    /// Wraps what should not have happened.
    pub fn internal(cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Internal(cause.into())
    }
}

impl From<Error> for Status {
    fn from(error: Error) -> Self {
        match error {
            Error::Invalid(invalid) => Problem::from(invalid).status(Code::InvalidArgument),
            Error::Unauthenticated => boot::auth::refused(),
            Error::NotPaired => {
                Problem::new("unauthenticated").reason("not_paired").status(Code::Unauthenticated)
            }
            Error::InvalidCredentials => Problem::new("invalid-credentials").status(Code::Unauthenticated),
            Error::Locked { until } => Problem::new("locked").until(until).status(Code::ResourceExhausted),
            Error::Busy => Problem::new("busy").status(Code::Unavailable),
            Error::Forbidden => boot::auth::forbidden(),
            Error::NotFound => Problem::new("not-found").status(Code::NotFound),
            Error::Conflict { field, reason } => {
                Problem::new("conflict").field(field).reason(reason).status(Code::AlreadyExists)
            }
            Error::OperationMismatch => {
                Problem::new("operation-mismatch").field("Idempotency-Key").status(Code::InvalidArgument)
            }
            Error::Store(cause) => boot::database_status(&cause),
            Error::Internal(cause) => boot::internal_status(cause.as_ref()),
        }
    }
}
