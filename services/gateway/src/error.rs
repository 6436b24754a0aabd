//! Refusals: the one table from what services say to what the outside hears (RFC 9457).

use axum::response::{IntoResponse, Response};
use boot::Problem;
use chrono::{DateTime, Utc};
use http::StatusCode;
use kernel::{Invalid, Locale};
use serde::Serialize;
use tonic::{Code, Status};
use utoipa::ToSchema;

use crate::texts;

macro_rules! slugs { ($($(#[doc = $doc:literal])+ $name:ident = $slug:literal, $status:ident);+ $(;)?) => {
    /// Which refusal it is: the last part of a problem's `type`.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    pub(crate) enum Slug { $($(#[doc = $doc])+ $name),+ }

    impl Slug {
        /// Every refusal there is.
        #[cfg(test)]
        pub(crate) const ALL: &[Self] = &[$(Self::$name),+];

        /// The word in URLs and messages.
        pub(crate) fn as_str(self) -> &'static str {
            match self { $(Self::$name => $slug),+ }
        }

        /// The HTTP status it goes out with.
        pub(crate) fn status(self) -> StatusCode {
            match self { $(Self::$name => StatusCode::$status),+ }
        }

        /// The refusal that a service named.
        pub(crate) fn parse(word: &str) -> Option<Self> {
            match word { $($slug => Some(Self::$name),)+ _ => None }
        }
    }
} }

slugs! {
    /// The body or the query is not what its type says it is: not JSON, not UTF-8, not a WebSocket.
    Malformed = "malformed", BAD_REQUEST;
    /// A field is wrong; `field` says which, `reason` why.
    Invalid = "invalid", UNPROCESSABLE_ENTITY;
    /// No token, or one that is forged or has ended.
    Unauthenticated = "unauthenticated", UNAUTHORIZED;
    /// Wrong address, password, PIN or code.
    InvalidCredentials = "invalid-credentials", UNAUTHORIZED;
    /// The caller may not.
    Forbidden = "forbidden", FORBIDDEN;
    /// Not there, or another business's.
    NotFound = "not-found", NOT_FOUND;
    /// It is taken, or has changed meanwhile.
    Conflict = "conflict", CONFLICT;
    /// A limit of the program; `reason` says which, `until` when it ends.
    LimitReached = "limit-reached", CONFLICT;
    /// The same `Idempotency-Key` came with another command.
    OperationMismatch = "operation-mismatch", UNPROCESSABLE_ENTITY;
    /// The reward was redeemed, expired or taken back.
    RewardNotOpen = "reward-not-open", CONFLICT;
    /// The stamp was taken back before.
    AlreadyVoided = "already-voided", CONFLICT;
    /// The stamp unlocked a reward that was redeemed; undo that first.
    RewardRedeemed = "reward-redeemed", CONFLICT;
    /// More than a minute has passed; a manager still can.
    UndoTooLate = "undo-too-late", CONFLICT;
    /// The scan is older than five minutes, or of another device.
    ScanExpired = "scan-expired", CONFLICT;
    /// The code is forged, foreign or unreadable.
    CodeInvalid = "code-invalid", UNPROCESSABLE_ENTITY;
    /// The code was replaced by a newer one.
    CodeRevoked = "code-revoked", CONFLICT;
    /// The program takes no new cards or stamps.
    ProgramInactive = "program-inactive", CONFLICT;
    /// The business has no program that takes cards, and this is made of one.
    NoProgram = "no-program", CONFLICT;
    /// No way to send messages is set up here.
    MessagingOff = "messaging-off", CONFLICT;
    /// The operator has not approved the business for messages, or has stopped it.
    MessagingNotApproved = "messaging-not-approved", CONFLICT;
    /// Her last message is more than 24 hours old.
    WindowClosed = "window-closed", CONFLICT;
    /// The batch was not signed by this device.
    BatchSignature = "batch-signature", UNAUTHORIZED;
    /// Too many wrong tries; `until` says when to try again.
    Locked = "locked", TOO_MANY_REQUESTS;
    /// Too many requests.
    RateLimited = "rate-limited", TOO_MANY_REQUESTS;
    /// The body is larger than it may be.
    TooLarge = "too-large", PAYLOAD_TOO_LARGE;
    /// The body's content type is not the one this route takes.
    Unsupported = "unsupported", UNSUPPORTED_MEDIA_TYPE;
    /// The path exists, with other methods.
    Method = "method", METHOD_NOT_ALLOWED;
    /// Busy with the like of it; try again in a moment.
    Busy = "busy", SERVICE_UNAVAILABLE;
    /// A service is away; try again in a moment.
    Unavailable = "unavailable", SERVICE_UNAVAILABLE;
    /// Our fault.
    Internal = "internal", INTERNAL_SERVER_ERROR;
}

impl Slug {
    /// What a code means where a service named no refusal of its own.
    fn of_code(code: Code) -> Self {
        match code {
            Code::InvalidArgument | Code::OutOfRange => Self::Invalid,
            Code::Unauthenticated => Self::Unauthenticated,
            Code::PermissionDenied => Self::Forbidden,
            Code::NotFound => Self::NotFound,
            Code::AlreadyExists | Code::FailedPrecondition | Code::Aborted => Self::Conflict,
            Code::ResourceExhausted => Self::Busy,
            // Our services never answer `Unknown` or `Cancelled`: tonic makes them of a connection that broke.
            Code::Unavailable | Code::DeadlineExceeded | Code::Cancelled | Code::Unknown => Self::Unavailable,
            Code::Ok | Code::Unimplemented | Code::Internal | Code::DataLoss => Self::Internal,
        }
    }
}

/// Why a request was not done.
#[derive(Clone, Debug)]
pub(crate) struct Refusal {
    pub(crate) slug: Slug,
    pub(crate) field: Option<String>,
    pub(crate) reason: Option<String>,
    pub(crate) until: Option<DateTime<Utc>>,
    /// Seconds until it is worth trying again.
    pub(crate) retry_after: Option<u64>,
}

/// How long to wait for a service that is away.
const RETRY_AFTER_SECONDS: u64 = 1;

impl Refusal {
    pub(crate) fn new(slug: Slug) -> Self {
        let retry_after = (slug.status() == StatusCode::SERVICE_UNAVAILABLE).then_some(RETRY_AFTER_SECONDS);
        Self { slug, field: None, reason: None, until: None, retry_after }
    }

    /// Bad input: which field, and what is wrong with it.
    pub(crate) fn invalid(field: impl Into<String>, reason: impl Into<String>) -> Self {
        Self { field: Some(field.into()), ..Self::new(Slug::Invalid).because(reason) }
    }

    pub(crate) fn because(self, reason: impl Into<String>) -> Self {
        Self { reason: Some(reason.into()), ..self }
    }

    pub(crate) fn retry_after(self, seconds: u64) -> Self {
        Self { retry_after: Some(seconds), ..self }
    }

    /// True where waiting alone may heal it.
    pub(crate) fn is_passing(&self) -> bool {
        self.slug.status() == StatusCode::SERVICE_UNAVAILABLE
    }

    /// A service's refusal; `otherwise` is its slug where the gateway does not know the one it names.
    pub(crate) fn from_problem(problem: Problem, otherwise: Slug) -> Self {
        let slug = Slug::parse(&problem.slug).unwrap_or_else(|| {
            tracing::warn!(slug = problem.slug, "a refusal that the gateway does not know");
            otherwise
        });
        let mut refusal =
            Self { field: problem.field, reason: problem.reason, until: problem.until, ..Self::new(slug) };
        if let (Slug::Locked, Some(until)) = (slug, problem.until) {
            refusal.retry_after = u64::try_from((until - Utc::now()).num_seconds()).ok().map(|left| left + 1);
        }
        refusal
    }

    /// The sentence for a person.
    pub(crate) fn detail(&self, locale: Locale) -> &'static str {
        texts::detail(self.slug, self.reason.as_deref(), locale)
    }

    /// The refusal as a person reads it.
    pub(crate) fn told(&self, locale: Locale, trace_id: &str) -> ProblemBody {
        ProblemBody {
            kind: format!("https://sello.pe/problems/{}", self.slug.as_str()),
            title: texts::title(self.slug, locale).to_owned(),
            status: self.slug.status().as_u16(),
            detail: self.detail(locale).to_owned(),
            field: self.field.clone(),
            reason: self.reason.clone(),
            until: self.until,
            trace_id: trace_id.to_owned(),
        }
    }
}

impl From<Status> for Refusal {
    fn from(status: Status) -> Self {
        let Some(problem) = Problem::from_status(&status) else {
            let slug = Slug::of_code(status.code());
            if slug == Slug::Internal {
                tracing::error!(code = ?status.code(), message = status.message(), "a service failed");
            }
            return Self::new(slug);
        };
        Self::from_problem(problem, Slug::of_code(status.code()))
    }
}

impl From<Invalid> for Refusal {
    fn from(invalid: Invalid) -> Self {
        Self::invalid(invalid.field, invalid.reason)
    }
}

impl IntoResponse for Refusal {
    /// Carries the refusal out to [`crate::edge`], which knows the caller's language and the trace.
    fn into_response(self) -> Response {
        let mut response = self.slug.status().into_response();
        response.extensions_mut().insert(self);
        response
    }
}

/// Why a request was not done (RFC 9457), in the caller's language.
#[derive(Serialize, ToSchema)]
#[schema(as = Problem)]
pub(crate) struct ProblemBody {
    /// `https://sello.pe/problems/<slug>`; stable.
    #[serde(rename = "type")]
    #[schema(format = "uri", example = "https://sello.pe/problems/limit-reached")]
    kind: String,
    /// A short name for it.
    pub(crate) title: String,
    /// The HTTP status, again.
    #[schema(minimum = 400, maximum = 599)]
    pub(crate) status: u16,
    /// A sentence that can be shown to a person.
    pub(crate) detail: String,
    /// The field at fault: `rewards[1].at`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    field: Option<String>,
    /// A short, stable reason under the slug: `too_long`, `max_per_day`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    reason: Option<String>,
    /// When it will be possible, where time alone heals it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    until: Option<DateTime<Utc>>,
    /// What to quote when asking for help.
    pub(crate) trace_id: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_services_refusal_keeps_its_field_reason_and_time() {
        let until = DateTime::from_timestamp(1_800_000_000, 0).unwrap();
        let problem = Problem::new("limit-reached").field("count").reason("max_per_day").until(until);
        let refusal = Refusal::from(problem.status(Code::FailedPrecondition));
        assert_eq!(refusal.slug, Slug::LimitReached);
        let told = refusal.told(Locale::Es, "t");
        assert_eq!(
            (told.field.as_deref(), told.reason.as_deref(), told.until),
            (Some("count"), Some("max_per_day"), Some(until))
        );
    }

    #[test]
    fn a_connection_that_broke_is_unavailable_and_says_when_to_try_again() {
        let refusal = Refusal::from(Status::unknown("transport error"));
        assert_eq!((refusal.slug, refusal.retry_after), (Slug::Unavailable, Some(1)));
    }

    #[test]
    fn every_slug_reads_as_itself() {
        for slug in Slug::ALL {
            assert_eq!(Slug::parse(slug.as_str()), Some(*slug));
        }
    }

    #[test]
    fn a_refusal_unknown_here_falls_back_on_its_code() {
        let refusal = Refusal::from(Problem::new("brand-new").status(Code::NotFound));
        assert_eq!(refusal.slug, Slug::NotFound);
    }
}
