//! Sending to push services (RFC 8030), and what they answer.

use std::time::Duration;

use chrono::{DateTime, Utc};
use reqwest::header::{AUTHORIZATION, CONTENT_ENCODING, CONTENT_TYPE, HeaderMap, RETRY_AFTER};
use reqwest::redirect::Policy;
use reqwest::{StatusCode, Url};
use serde::Serialize;

use super::encryption::{Keys, NotEncrypted};
use super::vapid::Vapid;

/// How long a connection may take to come up.
const CONNECT: Duration = Duration::from_secs(5);
/// How long one answer may take.
const ANSWER: Duration = Duration::from_secs(10);
/// The longest pause that an answer may ask for.
const LONGEST_PAUSE: Duration = Duration::from_secs(3_600);
/// Bytes of words that are sent; what is longer is cut. Half of a message, because a quotation mark is written as two.
const LONGEST_WORDS: usize = 1_500;

/// What a browser shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Message {
    /// Whose words they are.
    pub title: String,
    /// The words.
    pub body: String,
    /// What a touch opens: a path of ours.
    pub url: String,
    /// The same for the same words: said again, they are not shown again.
    pub id: String,
}

/// How a message travels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Travel<'a> {
    /// How long the service keeps it for a browser that is off.
    pub keep: Duration,
    /// What waits there of the same topic is replaced; at most 32 characters of base64url (RFC 8030 §5.4).
    pub topic: &'a str,
}

/// What a push service made of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// It is on its way.
    Taken,
    /// The browser has unsubscribed.
    Gone,
    /// It failed, and may be tried again: the topic keeps it from being shown twice.
    Again {
        /// A word for it.
        reason: &'static str,
        /// The pause that was asked for.
        after: Option<Duration>,
    },
    /// It is refused as it is.
    Refused(String),
    /// The sender is refused.
    Credentials(String),
}

/// What sends.
pub struct Client {
    http: reqwest::Client,
    vapid: Vapid,
}

impl Client {
    /// A client that does no more than it is told: no redirects, which would lead to addresses that nobody has looked at,
    /// and no tries of its own.
    pub fn new(vapid: Vapid, stays_here: bool) -> Result<Self, reqwest::Error> {
        let builder = reqwest::Client::builder()
            .connect_timeout(CONNECT)
            .timeout(ANSWER)
            .redirect(Policy::none())
            .retry(reqwest::retry::never());
        // A proxy leads out of the machine, and would not find back in.
        let http = if stays_here { builder.no_proxy() } else { builder }.build()?;
        Ok(Self { http, vapid })
    }

    /// What a page subscribes with.
    pub fn public_key(&self) -> &str {
        self.vapid.public_key()
    }

    /// Sends a message. No error tells whom it was for: an address is no word for a log.
    pub async fn send(
        &self,
        (endpoint, keys): (&Url, &Keys),
        message: &Message,
        travel: Travel<'_>,
        now: DateTime<Utc>,
    ) -> Answer {
        let message = Message { body: cut(&message.body).to_owned(), ..message.clone() };
        let body = match serde_json::to_vec(&message) {
            Ok(text) => keys.encrypt(&text),
            Err(_) => return Answer::Refused("unwritable".into()),
        };
        let body = match body {
            Ok(body) => body,
            Err(NotEncrypted::TooLong) => return Answer::Refused("too_large".into()),
            Err(NotEncrypted::Keys) => return Answer::Refused("keys".into()),
        };
        let Ok(authorization) = self.vapid.authorization(&endpoint.origin().ascii_serialization(), now)
        else {
            return Answer::Again { reason: "cannot_sign", after: None };
        };
        let sent = self
            .http
            .post(endpoint.clone())
            .header(AUTHORIZATION, authorization)
            .header(CONTENT_ENCODING, "aes128gcm")
            .header(CONTENT_TYPE, "application/octet-stream")
            .header("ttl", travel.keep.as_secs())
            .header("urgency", "normal")
            .header("topic", travel.topic)
            .body(body)
            .send()
            .await;
        match sent {
            Ok(response) => judge(response.status(), response.headers()),
            Err(error) if error.is_timeout() => Answer::Again { reason: "timeout", after: None },
            Err(_) => Answer::Again { reason: "unreachable", after: None },
        }
    }
}

/// The services' answers (RFC 8030 §5, RFC 8292 §4.2, and what the makers write of their own).
fn judge(status: StatusCode, headers: &HeaderMap) -> Answer {
    let after = retry_after(headers);
    match status.as_u16() {
        200..=299 => Answer::Taken,
        404 | 410 => Answer::Gone,
        400 | 401 | 403 => Answer::Credentials(status.as_u16().to_string()),
        413 => Answer::Refused("too_large".into()),
        429 => Answer::Again { reason: "too_often", after },
        408 | 500.. => Answer::Again { reason: "unreachable", after },
        other => Answer::Refused(other.to_string()),
    }
}

/// The pause an answer asks for, in seconds (RFC 9110 §10.2.3). The other form, a date, is not worth the reading.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let seconds = headers.get(RETRY_AFTER)?.to_str().ok()?.trim().parse().ok()?;
    Some(Duration::from_secs(seconds).min(LONGEST_PAUSE))
}

/// As many of the words as travel in one message.
fn cut(words: &str) -> &str {
    &words[..words.floor_char_boundary(LONGEST_WORDS)]
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::web::encryption::LONGEST;

    #[test]
    fn every_answer_of_the_services_is_understood() {
        let judged = |status: u16| judge(StatusCode::from_u16(status).unwrap(), &HeaderMap::new());
        let again = |reason| Answer::Again { reason, after: None };
        for taken in [200, 201, 202, 204] {
            assert_eq!(judged(taken), Answer::Taken, "{taken}");
        }
        for gone in [404, 410] {
            assert_eq!(judged(gone), Answer::Gone, "{gone}");
        }
        for refused in [400, 401, 403] {
            assert_eq!(judged(refused), Answer::Credentials(refused.to_string()));
        }
        for away in [408, 500, 502, 503] {
            assert_eq!(judged(away), again("unreachable"), "{away}");
        }
        assert_eq!(judged(413), Answer::Refused("too_large".into()));
        assert_eq!(judged(429), again("too_often"));
        assert_eq!(judged(307), Answer::Refused("307".into()), "a redirect is not followed");
        let mut headers = HeaderMap::new();
        headers.insert(RETRY_AFTER, "120".parse().unwrap());
        let waits = Answer::Again { reason: "too_often", after: Some(Duration::from_secs(120)) };
        assert_eq!(judge(StatusCode::TOO_MANY_REQUESTS, &headers), waits);
        headers.insert(RETRY_AFTER, "99999999".parse().unwrap());
        assert_eq!(retry_after(&headers), Some(LONGEST_PAUSE));
    }

    proptest! {
        /// However long the words, and however many bytes a letter has, the message can be sent.
        #[test]
        fn what_is_cut_fits_and_begins_as_it_was_written(words in "(\"|\\PC){0,3000}", title in "\\PC{0,80}") {
            let kept = cut(&words);
            prop_assert!(words.starts_with(kept) && (kept.len() == words.len() || kept.len() > LONGEST_WORDS - 4));
            let message = Message { title, body: kept.to_owned(), url: "/t/x".into(), id: "x".repeat(60) };
            prop_assert!(serde_json::to_vec(&message).unwrap().len() <= LONGEST);
        }
    }
}
