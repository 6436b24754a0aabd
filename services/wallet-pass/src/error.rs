//! What can be refused or go wrong with passes, and how it is told.

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
    /// A link that was made too long ago, or by nobody.
    #[error("link passed")]
    LinkPassed,
    /// This wallet is not set up here.
    #[error("wallet off")]
    Off,
    /// Another service, or a wallet's, is away.
    #[error("unavailable: {0}")]
    Unavailable(&'static str),
    /// Busy with the like of it; try again in a moment.
    #[error("busy")]
    Busy,
    /// Another service refused, in its own words.
    #[error("refused by another service")]
    Refused(Box<Status>),
    /// A pass would break one of Apple's rules.
    #[error("pass")]
    Pass(#[from] pkpass::Error),
    /// The object store failed.
    #[error("objects")]
    Objects(#[from] object_store::Error),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] sqlx::Error),
    /// A task of ours broke.
    #[error("task")]
    Task(#[from] tokio::task::JoinError),
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
            Error::LinkPassed => Problem::new("not-found").reason("link_passed").status(Code::NotFound),
            Error::Off => Problem::new("not-found").reason("wallet_off").status(Code::NotFound),
            Error::Unavailable(_) => Problem::new("unavailable").status(Code::Unavailable),
            Error::Busy => Problem::new("busy").status(Code::Unavailable),
            Error::Refused(status) => *status,
            Error::Store(cause) => boot::database_status(&cause),
            Error::Pass(_) | Error::Objects(_) | Error::Task(_) => boot::internal_status(&error),
        }
    }
}
