use axum::Json;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use serde_json::json;

/// A refusal in Google's words and form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Refusal {
    pub(super) code: u16,
    pub(super) domain: &'static str,
    pub(super) reason: &'static str,
    pub(super) message: String,
}

impl Refusal {
    fn new(code: u16, reason: &'static str, message: impl Into<String>) -> Self {
        Self { code, domain: "walletobjects", reason, message: message.into() }
    }

    pub(super) fn invalid(message: impl Into<String>) -> Self {
        Self::new(400, "invalidResource", message)
    }

    pub(super) fn not_found(id: &str) -> Self {
        Self::new(404, "resourceNotFound", format!("Resource {id} was not found."))
    }

    pub(super) fn class_not_found(id: &str) -> Self {
        Self::new(404, "classNotFound", format!("Class {id} was not found."))
    }

    pub(super) fn exists(id: &str) -> Self {
        Self::new(409, "existingResource", format!("Resource {id} already exists."))
    }

    pub(super) fn not_ours(id: &str) -> Self {
        Self::new(403, "permissionDenied", format!("The account may not use the issuer of {id}."))
    }

    pub(super) fn notification_quota(code: u16) -> Self {
        Self::new(
            code,
            "quotaExceeded",
            "QuotaExceededException: the pass has had 3 notifications within 24 hours.",
        )
    }

    pub(super) fn unauthenticated() -> Self {
        let message = "Request had invalid authentication credentials. Expected an OAuth 2 access token.";
        Self { domain: "global", ..Self::new(401, "authError", message) }
    }

    pub(super) fn rate_limit() -> Self {
        let message = "Quota exceeded for quota metric 'Requests' and limit 'Requests per second'.";
        Self { domain: "usageLimits", ..Self::new(429, "rateLimitExceeded", message) }
    }

    /// Whatever else a test asked for.
    pub(super) fn of_status(code: u16) -> Self {
        match code {
            401 => Self::unauthenticated(),
            429 => Self::rate_limit(),
            _ => Self { domain: "global", ..Self::new(code, "backendError", "Backend Error") },
        }
    }

    fn status(&self) -> &'static str {
        match self.code {
            400 => "INVALID_ARGUMENT",
            401 => "UNAUTHENTICATED",
            403 => "PERMISSION_DENIED",
            404 => "NOT_FOUND",
            409 => "ALREADY_EXISTS",
            429 => "RESOURCE_EXHAUSTED",
            503 => "UNAVAILABLE",
            504 => "DEADLINE_EXCEEDED",
            _ => "INTERNAL",
        }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let body = json!({ "error": {
            "code": self.code,
            "message": self.message,
            "status": self.status(),
            "errors": [{ "message": self.message, "domain": self.domain, "reason": self.reason }],
        } });
        let code = StatusCode::from_u16(self.code).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        (code, Json(body)).into_response()
    }
}
