//! Everything that can be refused or go wrong in stamping, and how it is told.

use boot::Problem;
use chrono::{DateTime, Utc};
use kernel::Invalid;
use tonic::{Code, Status};

use crate::domain::Limit;

/// Why a command did not happen.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A field is wrong.
    #[error(transparent)]
    Invalid(#[from] Invalid),
    /// Nobody known is calling.
    #[error("unauthenticated")]
    Unauthenticated,
    /// The caller may not.
    #[error("forbidden")]
    Forbidden,
    /// There is no such thing, or it is another business's.
    #[error("not found: {0}")]
    NotFound(&'static str),
    /// A limit of the program.
    #[error("limit {0:?}")]
    Limit(Limit),
    /// The operation id was used for another command.
    #[error("operation mismatch")]
    OperationMismatch,
    /// A code that no key of ours has made, or a card of another business.
    #[error("code invalid")]
    CodeInvalid,
    /// A rotating code whose minute has passed.
    #[error("code passed")]
    CodePassed,
    /// A rotating code that another till has read.
    #[error("code used")]
    CodeUsed,
    /// A code of an earlier generation, or of a card that is closed.
    #[error("code revoked")]
    CodeRevoked,
    /// The scan is too old, or of another till.
    #[error("scan expired")]
    ScanExpired,
    /// The program takes no stamps now.
    #[error("program inactive")]
    ProgramInactive,
    /// The entry has been reversed before.
    #[error("already voided")]
    AlreadyVoided,
    /// The minute for undoing has passed.
    #[error("undo too late")]
    UndoTooLate(DateTime<Utc>),
    /// A reward that the entry unlocked has been handed over.
    #[error("reward redeemed")]
    RewardRedeemed,
    /// The reward is not open, or not redeemed, as the command needs it.
    #[error("reward is {0}")]
    RewardNotOpen(String),
    /// The signature over an offline batch is not the device's.
    #[error("batch signature")]
    BatchSignature,
    /// The stamping lanes are full or ending.
    #[error("busy")]
    Busy,
    /// The database is away; the same command may be sent again in a moment.
    #[error("unavailable")]
    Unavailable,
    /// The database failed.
    #[error(transparent)]
    Store(#[from] sqlx::Error),
    /// A stored definition or result cannot be read.
    #[error("corrupt: {0}")]
    Corrupt(&'static str),
}

impl From<Error> for Status {
    fn from(error: Error) -> Self {
        let refuse = |code, slug: &str| Problem::new(slug).status(code);
        match error {
            Error::Invalid(invalid) => Problem::from(invalid).status(Code::InvalidArgument),
            Error::Unauthenticated => boot::auth::refused(),
            Error::Forbidden => boot::auth::forbidden(),
            Error::NotFound(what) => Problem::new("not-found").field(what).status(Code::NotFound),
            Error::Limit(limit) => {
                let problem = Problem {
                    until: limit.until,
                    ..Problem::new("limit-reached").reason(limit.kind.as_str())
                };
                problem.status(Code::FailedPrecondition)
            }
            Error::OperationMismatch => {
                Problem::new("operation-mismatch").field("Idempotency-Key").status(Code::InvalidArgument)
            }
            Error::CodeInvalid => Problem::new("code-invalid").field("code").status(Code::InvalidArgument),
            Error::CodeRevoked => Problem::new("code-revoked").field("code").status(Code::FailedPrecondition),
            Error::CodePassed => {
                Problem::new("code-revoked").reason("passed").field("code").status(Code::FailedPrecondition)
            }
            Error::CodeUsed => {
                Problem::new("code-revoked").reason("used").field("code").status(Code::FailedPrecondition)
            }
            Error::ScanExpired => {
                Problem::new("scan-expired").field("scan_id").status(Code::FailedPrecondition)
            }
            Error::ProgramInactive => refuse(Code::FailedPrecondition, "program-inactive"),
            Error::AlreadyVoided => refuse(Code::FailedPrecondition, "already-voided"),
            Error::UndoTooLate(_) => refuse(Code::FailedPrecondition, "undo-too-late"),
            Error::RewardRedeemed => refuse(Code::FailedPrecondition, "reward-redeemed"),
            Error::RewardNotOpen(state) => {
                Problem::new("reward-not-open").reason(state).status(Code::FailedPrecondition)
            }
            Error::BatchSignature => {
                Problem::new("batch-signature").field("signature").status(Code::Unauthenticated)
            }
            Error::Busy => refuse(Code::Unavailable, "busy"),
            Error::Unavailable => refuse(Code::Unavailable, "unavailable"),
            Error::Store(cause) => boot::database_status(&cause),
            Error::Corrupt(_) => boot::internal_status(&error),
        }
    }
}
