use axum::Json;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use serde_json::json;

/// An error as Twilio writes it.
#[derive(Debug)]
pub(super) struct Refusal {
    pub(super) status: u16,
    pub(super) code: u32,
    message: String,
}

impl Refusal {
    /// A request that cannot be carried out.
    pub(super) fn bad(code: u32, message: impl Into<String>) -> Self {
        Self { status: 400, code, message: message.into() }
    }

    pub(super) fn unauthenticated() -> Self {
        Self { status: 401, code: 20_003, message: "Authenticate".into() }
    }

    pub(super) fn not_found(path: &str) -> Self {
        let message = format!("The requested resource {path} was not found");
        Self { status: 404, code: 20_404, message }
    }

    pub(super) fn too_many() -> Self {
        Self { status: 429, code: 20_429, message: "Too Many Requests".into() }
    }

    /// What Twilio says where something of its own is broken.
    pub(super) fn of_status(status: u16) -> Self {
        match status {
            401 => Self::unauthenticated(),
            429 => Self::too_many(),
            503 => Self { status, code: 20_503, message: "Service Unavailable".into() },
            _ => Self { status, code: 20_500, message: "Internal Server Error".into() },
        }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let body = json!({
            "code": self.code,
            "message": self.message,
            "more_info": format!("https://www.twilio.com/docs/errors/{}", self.code),
            "status": self.status,
        });
        (status, Json(body)).into_response()
    }
}

/// What an error's code means (Twilio, "Error and warning dictionary"), for messages that did not arrive.
pub(super) fn meaning(code: u32) -> &'static str {
    match code {
        63_012 => "Channel provider returned an internal service error",
        63_013 => "This message send failed because it violates Channel provider's policy",
        63_014 => "Message delivery failed because it was blocked by a user action",
        63_016 => "Failed to send freeform message because you are outside the allowed window",
        63_017 => "Account rate limit exceeded",
        63_018 => "Rate limit exceeded for Channel",
        63_021 => "Channel invalid content error",
        63_024 => "Invalid message recipient",
        63_027 => "Template does not exist for a language and locale",
        63_028 => "Number of parameters provided does not match the expected number of parameters",
        63_032 => "User is part of an experiment",
        63_049 => "Meta chose not to deliver this marketing message",
        _ => "Unknown error",
    }
}
