//! Apple's push service, as far as passes use it: an empty message that makes a phone ask for what changed.
//!
//! `a2` is not used: its endpoint is closed to any other server and its TLS stack carries advisories without a fix.

use std::time::Duration;

use chrono::{DateTime, Utc};
use reqwest::{Certificate, Client, Identity, StatusCode};
use serde::Deserialize;

/// How long a connection may take to come up.
const CONNECT: Duration = Duration::from_secs(5);
/// How long one answer may take.
const ANSWER: Duration = Duration::from_secs(10);
/// Apple asks for connections that live for hours, and at most one ping an hour (Sending notification requests to APNs).
const KEEP_ALIVE: Duration = Duration::from_secs(3_600);
/// How long Apple keeps a push for a phone that is off.
const KEPT: Duration = Duration::from_secs(3 * 24 * 3_600);

/// One long-lived connection, as one certificate.
pub(crate) struct Apns {
    client: Client,
    url: String,
    topic: String,
}

/// What Apple made of a push.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    /// It is on its way.
    Taken,
    /// No phone has this token, or not for this topic.
    BadToken,
    /// The phone has it no more since then.
    Gone(DateTime<Utc>),
    /// Our certificate is refused: nothing goes out until a person has looked.
    Certificate(String),
    /// This phone was told too often.
    TooOften,
    /// It failed, and may be tried again: pushing twice tells nothing twice.
    Again(String),
    /// It is refused as it is.
    Refused(String),
}

#[derive(Default, Deserialize)]
struct Body {
    #[serde(default)]
    reason: String,
    /// Milliseconds since 1970, with 410.
    #[serde(default)]
    timestamp: Option<i64>,
}

impl Apns {
    /// The service at `url`; the certificate of the pass type is the client's certificate.
    pub(crate) fn new(
        url: &str,
        identity_pem: &str,
        authority_pem: Option<&[u8]>,
        topic: &str,
    ) -> Result<Self, reqwest::Error> {
        let mut client = Client::builder()
            .identity(Identity::from_pem(identity_pem.as_bytes())?)
            .http2_prior_knowledge()
            .http2_keep_alive_interval(KEEP_ALIVE)
            .http2_keep_alive_while_idle(true)
            .pool_idle_timeout(None)
            .connect_timeout(CONNECT)
            .timeout(ANSWER);
        if let Some(authority) = authority_pem {
            client = client.tls_certs_only([Certificate::from_pem(authority)?]);
        }
        Ok(Self {
            client: client.build()?,
            url: url.trim_end_matches('/').to_owned(),
            topic: topic.to_owned(),
        })
    }

    /// Tells a phone to ask for what changed. No error tells whom it was for: tokens are no words for a log.
    pub(crate) async fn push(&self, push_token: &str, now: DateTime<Utc>) -> Answer {
        let expires = now.timestamp() + i64::try_from(KEPT.as_secs()).unwrap_or(0);
        let sent = self
            .client
            .post(format!("{}/3/device/{push_token}", self.url))
            .header("apns-topic", &self.topic)
            .header("apns-push-type", "background")
            .header("apns-priority", "5")
            .header("apns-expiration", expires)
            .body("{}")
            .send()
            .await;
        match sent {
            Ok(response) if response.status() == StatusCode::OK => Answer::Taken,
            Ok(response) => {
                let status = response.status();
                let body = response.json::<Body>().await.unwrap_or_default();
                judge(status, body, now)
            }
            Err(error) if error.is_timeout() => Answer::Again("timeout".into()),
            Err(_) => Answer::Again("unreachable".into()),
        }
    }
}

/// The table of Apple's answers (Handling notification responses from APNs).
fn judge(status: StatusCode, body: Body, now: DateTime<Utc>) -> Answer {
    let reason = if body.reason.is_empty() { status.as_u16().to_string() } else { body.reason };
    match (status.as_u16(), reason.as_str()) {
        (400, "BadDeviceToken" | "DeviceTokenNotForTopic") => Answer::BadToken,
        (410, _) => Answer::Gone(body.timestamp.and_then(DateTime::from_timestamp_millis).unwrap_or(now)),
        (403, _) => Answer::Certificate(reason),
        (429, _) => Answer::TooOften,
        (500.., _) => Answer::Again(reason),
        _ => Answer::Refused(reason),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_answer_of_apples_table_is_understood() {
        let now = Utc::now();
        let judged = |status: u16, reason: &str, timestamp| {
            judge(StatusCode::from_u16(status).unwrap(), Body { reason: reason.into(), timestamp }, now)
        };
        assert_eq!(judged(400, "BadDeviceToken", None), Answer::BadToken);
        assert_eq!(judged(400, "DeviceTokenNotForTopic", None), Answer::BadToken);
        assert_eq!(judged(400, "BadTopic", None), Answer::Refused("BadTopic".into()));
        assert_eq!(judged(403, "BadCertificate", None), Answer::Certificate("BadCertificate".into()));
        let gone = DateTime::from_timestamp_millis(1_790_000_000_123).unwrap();
        assert_eq!(judged(410, "Unregistered", Some(1_790_000_000_123)), Answer::Gone(gone));
        assert_eq!(judged(429, "TooManyRequests", None), Answer::TooOften);
        assert_eq!(judged(503, "Shutdown", None), Answer::Again("Shutdown".into()));
        assert_eq!(judged(500, "", None), Answer::Again("500".into()));
    }
}
