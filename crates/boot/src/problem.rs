use std::error::Error;

use chrono::{DateTime, Utc};
use kernel::Invalid;
use serde::{Deserialize, Serialize};
use tonic::{Code, Status};

/// A refusal as it travels from a service to the edge: inside the details of a gRPC status, as JSON.
///
/// The edge turns it into `application/problem+json` (RFC 9457) in the caller's language; the slug is the last part
/// of the problem's `type` and a key of the catalogue of texts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// Which refusal it is: `limit-reached`, `operation-mismatch`, `not-found`, …
    pub slug: String,
    /// The field that is at fault, in the words of the API.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// A short, stable reason under the slug: `too_long`, `max_per_day`, …
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// When it will be possible, where time alone heals it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<DateTime<Utc>>,
}

impl Problem {
    /// A refusal by its slug.
    pub fn new(slug: &str) -> Self {
        Self { slug: slug.into(), field: None, reason: None, until: None }
    }

    /// Names the field at fault.
    #[must_use]
    pub fn field(mut self, field: impl Into<String>) -> Self {
        self.field = Some(field.into());
        self
    }

    /// Names the reason under the slug.
    #[must_use]
    pub fn reason(mut self, reason: impl Into<String>) -> Self {
        self.reason = Some(reason.into());
        self
    }

    /// Says when it will be possible.
    #[must_use]
    pub fn until(mut self, until: DateTime<Utc>) -> Self {
        self.until = Some(until);
        self
    }

    /// Packs the refusal into a status.
    pub fn status(&self, code: Code) -> Status {
        let details = serde_json::to_vec(self).unwrap_or_default();
        Status::with_details(code, self.slug.clone(), details.into())
    }

    /// Unpacks a refusal, if the status carries one.
    pub fn from_status(status: &Status) -> Option<Self> {
        serde_json::from_slice(status.details()).ok()
    }
}

impl From<Invalid> for Problem {
    fn from(invalid: Invalid) -> Self {
        Self::new("invalid").field(invalid.field).reason(invalid.reason)
    }
}

/// The status for a database that failed: `unavailable` where waiting may heal it, `internal` otherwise. The cause
/// goes to the log and never outside.
pub fn database_status(error: &sqlx::Error) -> Status {
    if is_passing(error) {
        tracing::warn!(error = %error, "database unavailable");
        Problem::new("unavailable").status(Code::Unavailable)
    } else {
        internal_status(error)
    }
}

/// The status for what should not have happened. The chain of causes goes to the log, and nothing of it outside.
pub fn internal_status(error: &dyn Error) -> Status {
    let mut chain = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        chain.push_str(": ");
        chain.push_str(&inner.to_string());
        cause = inner.source();
    }
    tracing::error!(error = %chain, "internal error");
    Problem::new("internal").status(Code::Internal)
}

/// True where the same statement may succeed in a moment: the server is away, starting, stopping, or a conflict
/// chose this transaction as the one to give way.
pub fn is_passing(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(_)
        | sqlx::Error::Tls(_)
        | sqlx::Error::PoolTimedOut
        | sqlx::Error::PoolClosed
        | sqlx::Error::WorkerCrashed
        | sqlx::Error::Protocol(_) => true,
        // PostgreSQL's classes (manual, appendix A): 08 connection, 40 rollback, 53 resources, 57P shutdown.
        sqlx::Error::Database(cause) => cause
            .code()
            .is_some_and(|code| ["08", "40", "53", "57P"].iter().any(|class| code.starts_with(class))),
        _ => false,
    }
}

/// True where another transaction was in the way: a key it wrote first, or a lock that had to be broken. Run again,
/// the same work finds what the other one did.
pub fn is_conflict(error: &sqlx::Error) -> bool {
    // 23505 unique_violation, class 40 transaction rollback (manual, appendix A).
    matches!(error, sqlx::Error::Database(cause)
        if cause.code().is_some_and(|code| code == "23505" || code.starts_with("40")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_survives_the_way_through_a_status() {
        let problem = Problem::new("limit-reached").field("count").reason("max_per_day");
        assert_eq!(Problem::from_status(&problem.status(Code::FailedPrecondition)), Some(problem));
    }

    #[test]
    fn a_status_of_somebody_elses_carries_no_refusal() {
        assert_eq!(Problem::from_status(&Status::internal("driver text")), None);
    }
}
