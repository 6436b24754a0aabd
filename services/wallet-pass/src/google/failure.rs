use std::time::Duration;

use serde::Deserialize;

use super::client::Notify;

/// By this name Google refuses a notification beyond three per pass within 24 hours (its guide to partner triggered
/// notifications). Which status comes with it is not documented, so the status is not asked.
const NOTIFICATION_QUOTA: &str = "QuotaExceededException";
/// Reasons for which Google answers 403 and means "slower". They are of its older APIs, which this one is built like.
const TOO_FAST: [&str; 3] = ["rateLimitExceeded", "userRateLimitExceeded", "quotaExceeded"];
/// The longest reason that is repeated in an error.
const LONGEST_REASON: usize = 64;

/// Why Google did not do what it was asked, by what the caller must do now. No part of a request, of an answer or of a
/// token is in it, but for Google's one word of reason.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// No answer, or not now. The same again later is right: a put that was done after all is put once more with no
    /// harm, a message is looked for first (see [`super::Written`]).
    #[error("Google Wallet did not answer, or asked for patience")]
    Again {
        /// How long Google asked to wait.
        after: Option<Duration>,
    },
    /// The pass has had its notifications for today, and nothing was done. The same without a notice is right.
    #[error("the pass may cause no further notification today")]
    NoNotice,
    /// What this hangs on is not there: the class of an object, the object of a message. That first, then the same
    /// again.
    #[error("what this belongs to was never written")]
    Missing,
    /// It is wrong, and would be wrong again.
    #[error("refused with {status} {reason}")]
    Refused {
        /// The HTTP status.
        status: u16,
        /// Google's word for it.
        reason: String,
    },
    /// The service account is not let in, or not to this issuer. Nothing will work until a person acts: stop and alarm.
    #[error("the service account is refused with {status} {reason}")]
    Credentials {
        /// The HTTP status; 0 where the key itself cannot sign.
        status: u16,
        /// Google's word for it.
        reason: String,
    },
}

/// An answer that is not a success.
pub(super) struct Refusal {
    pub(super) status: u16,
    reason: String,
    is_notification_quota: bool,
    after: Option<Duration>,
}

/// Google's form of an error.
#[derive(Default, Deserialize)]
struct Body {
    #[serde(default)]
    error: Error,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Error {
    message: String,
    status: String,
    errors: Vec<Detail>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Detail {
    message: String,
    reason: String,
}

impl Refusal {
    pub(super) fn read(status: u16, after: Option<Duration>, body: &[u8]) -> Self {
        let Body { error } = serde_json::from_slice(body).unwrap_or_default();
        let reason = error.errors.first().map(|detail| detail.reason.as_str()).unwrap_or_default();
        let is_quota = |text: &str| text.contains(NOTIFICATION_QUOTA);
        Self {
            status,
            reason: word(if reason.is_empty() { &error.status } else { reason }),
            is_notification_quota: is_quota(&error.message)
                || error.errors.iter().any(|detail| is_quota(&detail.message) || is_quota(&detail.reason)),
            after,
        }
    }

    /// What the caller must do, where nothing better is known than the answer.
    pub(super) fn into_failure(self, notify: Notify) -> Failure {
        let Self { status, reason, is_notification_quota, after } = self;
        if is_notification_quota {
            return match notify {
                Notify::Yes => Failure::NoNotice,
                // "Without a notice" was said already; whoever hears it again would go round in circles.
                Notify::No => Failure::Again { after },
            };
        }
        match status {
            408 | 429 | 500..=599 => Failure::Again { after },
            403 if TOO_FAST.contains(&reason.as_str()) => Failure::Again { after },
            401 | 403 => Failure::Credentials { status, reason },
            404 => Failure::Missing,
            _ => Failure::Refused { status, reason },
        }
    }
}

/// One word of Google's, safe to log: whatever else is in the text is not repeated.
pub(super) fn word(text: &str) -> String {
    let is_word = !text.is_empty()
        && text.len() <= LONGEST_REASON
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    if is_word { text.to_owned() } else { "unknown".to_owned() }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn failure(status: u16, reason: &str, message: &str, notify: Notify) -> Failure {
        let body = json!({ "error": { "message": message, "errors": [{ "reason": reason }] } });
        Refusal::read(status, None, body.to_string().as_bytes()).into_failure(notify)
    }

    #[test]
    fn an_answer_says_what_to_do() {
        let again = Failure::Again { after: None };
        for status in [408, 429, 500, 502, 503, 504] {
            assert_eq!(failure(status, "backendError", "", Notify::Yes), again, "{status}");
        }
        assert_eq!(failure(403, "rateLimitExceeded", "", Notify::No), again);
        assert_eq!(
            failure(403, "permissionDenied", "", Notify::No),
            Failure::Credentials { status: 403, reason: "permissionDenied".into() }
        );
        assert_eq!(
            failure(400, "invalidResource", "Invalid value at 'id': secret", Notify::Yes),
            Failure::Refused { status: 400, reason: "invalidResource".into() }
        );
        assert_eq!(failure(404, "classNotFound", "", Notify::No), Failure::Missing);
    }

    #[test]
    fn the_quota_of_notices_is_known_by_its_name_and_not_by_its_status() {
        for status in [400, 403, 429, 500] {
            let said = "QuotaExceededException: 3 notifications";
            assert_eq!(failure(status, "quotaExceeded", said, Notify::Yes), Failure::NoNotice, "{status}");
            assert_eq!(failure(status, "x", said, Notify::No), Failure::Again { after: None }, "{status}");
        }
    }

    #[test]
    fn only_a_word_of_an_answer_is_repeated() {
        let read = |body: &[u8]| Refusal::read(400, None, body).into_failure(Notify::No);
        let unknown = Failure::Refused { status: 400, reason: "unknown".into() };
        assert_eq!(read(b"<html>"), unknown);
        assert_eq!(read(br#"{"error":{"errors":[{"reason":"Ana Torres 987 654 321"}]}}"#), unknown);
        assert_eq!(
            read(br#"{"error":{"status":"INVALID_ARGUMENT"}}"#),
            Failure::Refused { status: 400, reason: "INVALID_ARGUMENT".into() }
        );
    }
}
