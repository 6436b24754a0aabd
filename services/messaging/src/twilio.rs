//! Twilio's Messages API: what is asked of it, over real HTTP, once and never twice by itself.

use std::time::Duration;

use bytes::Bytes;
use chrono::{DateTime, NaiveDate, Utc};
use reqwest::header::{CONTENT_TYPE, RETRY_AFTER};
use reqwest::redirect::Policy;
use reqwest::{RequestBuilder, Response, Url};
use serde::Deserialize;

use crate::config::TwilioConfig;
use crate::domain::address::Address;
use crate::domain::market::Market;
use crate::domain::outcome::{self, Reason, Verdict};

/// How long it may take to connect.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);
/// The longest answer that is read: a page of messages.
const LONGEST_ANSWER_BYTES: usize = 8 << 20;
/// Messages of a page, which is more than one customer has in a day.
const PAGE: &str = "200";

/// Why an address cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// It is none.
    #[error("not an address")]
    Unreadable,
    /// Secrets would travel in the open.
    #[error("must be https, or http on this machine")]
    Open,
}

/// A client of one account.
pub struct Client {
    http: reqwest::Client,
    base: Url,
    account: String,
    user: String,
    secret: String,
}

/// What a message says.
#[derive(Clone, Debug)]
pub enum Content {
    /// A template, with its variables in order.
    Template {
        /// `HX…`.
        sid: String,
        /// In their order.
        variables: Vec<String>,
    },
    /// Free text.
    Text(String),
}

/// A message to be sent.
#[derive(Clone, Debug)]
pub struct Outgoing {
    /// `whatsapp:…`.
    pub to: String,
    /// `whatsapp:…`.
    pub from: String,
    /// What it says.
    pub content: Content,
    /// Where its fate is told.
    pub status_callback: String,
}

/// What came back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// What it means.
    pub verdict: Verdict,
    /// The provider's id, where it took the message.
    pub sid: Option<String>,
    /// How it stands there.
    pub status: String,
    /// Whether the provider answered at all: what a circuit breaker looks at.
    pub was_answered: bool,
}

/// A message as the provider keeps it.
#[derive(Clone, Debug, Deserialize)]
pub struct Kept {
    /// `SM…`.
    pub sid: String,
    /// How it stands.
    pub status: String,
    /// Why it did not arrive.
    #[serde(default)]
    pub error_code: Option<i64>,
    /// What it says.
    #[serde(default)]
    pub body: Option<String>,
    /// RFC 2822.
    date_created: String,
    #[serde(default)]
    direction: String,
}

impl Kept {
    /// When it was taken, to the second.
    pub fn created_at(&self) -> Option<DateTime<Utc>> {
        DateTime::parse_from_rfc2822(&self.date_created).ok().map(|at| at.to_utc())
    }

    /// Whether it was sent by us.
    pub fn is_outbound(&self) -> bool {
        self.direction.starts_with("outbound")
    }
}

#[derive(Deserialize)]
struct Page {
    messages: Vec<Kept>,
}

#[derive(Default, Deserialize)]
struct Refusal {
    #[serde(default)]
    code: Option<i64>,
}

/// The provider could not be asked; nothing follows from that.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("no answer from the provider")]
pub struct Unanswered;

impl Client {
    /// A client that does no more than it is told: no retries, no redirects, and a limit to every wait.
    pub fn new(config: &TwilioConfig, timeout: Duration) -> anyhow::Result<Self> {
        let base = address(&config.base_url)?;
        let builder = reqwest::Client::builder()
            .connect_timeout(CONNECT_TIMEOUT.min(timeout))
            .timeout(timeout)
            .redirect(Policy::none())
            .retry(reqwest::retry::never())
            .pool_max_idle_per_host(256)
            .tcp_nodelay(true);
        // A proxy leads out of the machine, and would not find back in.
        let http = if is_loopback(&base) { builder.no_proxy() } else { builder }.build()?;
        let (user, secret) = match (&config.api_key, &config.api_secret) {
            (Some(key), Some(secret)) => (key.clone(), secret.clone()),
            _ => (config.account_sid.clone(), config.auth_token.clone()),
        };
        Ok(Self { http, base, account: config.account_sid.clone(), user, secret })
    }

    fn url(&self, file: &str) -> String {
        let base = self.base.as_str().trim_end_matches('/');
        format!("{base}/2010-04-01/Accounts/{}/{file}", self.account)
    }

    fn with_secret(&self, request: RequestBuilder) -> RequestBuilder {
        request.basic_auth(&self.user, Some(&self.secret))
    }

    /// Sends a message, once.
    pub async fn send(&self, outgoing: &Outgoing) -> Answer {
        let form = form(outgoing);
        let request = self
            .with_secret(self.http.post(self.url("Messages.json")))
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(form);
        let response = match request.send().await {
            Ok(response) => response,
            // No connection, no request: it was certainly not sent.
            Err(error) if error.is_connect() => {
                return Answer::without_message(
                    Verdict::Later(Reason::Provider, Duration::from_secs(5)),
                    false,
                );
            }
            Err(error) => {
                tracing::debug!(timeout = error.is_timeout(), "no answer from the provider");
                return Answer::without_message(Verdict::Unknown, false);
            }
        };
        let (status, pause) = (response.status().as_u16(), retry_after(&response));
        let body = read(response).await;
        if (200..300).contains(&status) {
            // Without its id it was taken all the same; a callback or a question will tell.
            let kept = body.ok().and_then(|body| serde_json::from_slice::<Kept>(&body).ok());
            return match kept {
                Some(kept) => Answer {
                    verdict: Verdict::Accepted,
                    sid: Some(kept.sid),
                    status: kept.status,
                    was_answered: true,
                },
                None => Answer::without_message(Verdict::Unknown, true),
            };
        }
        let refusal: Refusal =
            body.ok().and_then(|body| serde_json::from_slice(&body).ok()).unwrap_or_default();
        let market = Address::from_provider(&outgoing.to).map_or(Market::PERU, |to| Market::of(&to));
        let verdict = match outcome::of_answer(status, refusal.code, market) {
            Verdict::Later(reason, least) => {
                Verdict::Later(reason, pause.map_or(least, |pause| pause.max(least)))
            }
            verdict => verdict,
        };
        if let Some(code) = refusal.code.filter(|code| status < 500 && !outcome::is_known(*code)) {
            tracing::error!(
                code,
                status,
                "the provider refused a message for a reason that nobody has taught us"
            );
            metrics::counter!("provider_codes_unknown_total", "code" => code.to_string()).increment(1);
        }
        let was_answered = verdict != Verdict::Unknown && verdict != Verdict::Refused;
        Answer::without_message(verdict, was_answered)
    }

    /// What was sent from one sender to one address since a day.
    pub async fn sent(&self, to: &str, from: &str, since: NaiveDate) -> Result<Vec<Kept>, Unanswered> {
        let query = form_urlencoded::Serializer::new(String::new())
            .append_pair("To", to)
            .append_pair("From", from)
            .append_pair("DateSent>", &since.to_string())
            .append_pair("PageSize", PAGE)
            .finish();
        let page: Page =
            self.get(&format!("{}?{query}", self.url("Messages.json"))).await?.ok_or(Unanswered)?;
        // The newest come first, and what is sought is minutes old: the first page holds it.
        Ok(page.messages)
    }

    /// One message; `None` where the provider knows none by that id.
    pub async fn message(&self, sid: &str) -> Result<Option<Kept>, Unanswered> {
        // An id of the provider's is letters and digits; anything else would be another address.
        if !sid.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            return Ok(None);
        }
        self.get(&self.url(&format!("Messages/{sid}.json"))).await
    }

    async fn get<T: for<'de> Deserialize<'de>>(&self, url: &str) -> Result<Option<T>, Unanswered> {
        let response = self.with_secret(self.http.get(url)).send().await.map_err(|_| Unanswered)?;
        match response.status().as_u16() {
            200 => {
                let body = read(response).await?;
                serde_json::from_slice(&body).map(Some).map_err(|_| Unanswered)
            }
            404 => Ok(None),
            _ => Err(Unanswered),
        }
    }
}

impl Answer {
    fn without_message(verdict: Verdict, was_answered: bool) -> Self {
        Self { verdict, sid: None, status: String::new(), was_answered }
    }
}

fn form(outgoing: &Outgoing) -> String {
    let mut form = form_urlencoded::Serializer::new(String::new());
    form.append_pair("To", &outgoing.to)
        .append_pair("From", &outgoing.from)
        .append_pair("StatusCallback", &outgoing.status_callback);
    match &outgoing.content {
        Content::Text(text) => {
            form.append_pair("Body", text);
        }
        Content::Template { sid, variables } => {
            form.append_pair("ContentSid", sid);
            if !variables.is_empty() {
                let numbered: serde_json::Map<String, serde_json::Value> = (1..)
                    .zip(variables)
                    .map(|(number, value): (usize, _)| (number.to_string(), value.clone().into()))
                    .collect();
                form.append_pair("ContentVariables", &serde_json::Value::Object(numbered).to_string());
            }
        }
    }
    form.finish()
}

/// Reads an address that secrets may be sent to: `https`, or `http` where it does not leave the machine.
fn address(text: &str) -> Result<Url, AddressError> {
    let url: Url = text.parse().map_err(|_| AddressError::Unreadable)?;
    match url.scheme() {
        "https" => Ok(url),
        "http" if is_loopback(&url) => Ok(url),
        _ => Err(AddressError::Open),
    }
}

fn is_loopback(url: &Url) -> bool {
    matches!(url.host_str(), Some("localhost" | "127.0.0.1" | "[::1]"))
}

/// The pause an answer asks for, in seconds (RFC 9110 §10.2.3), up to an hour.
fn retry_after(response: &Response) -> Option<Duration> {
    let seconds: u64 = response.headers().get(RETRY_AFTER)?.to_str().ok()?.trim().parse().ok()?;
    Some(Duration::from_secs(seconds.min(3_600)))
}

/// The whole answer, if it is not too long.
async fn read(mut response: Response) -> Result<Bytes, Unanswered> {
    let mut bytes = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|_| Unanswered)? {
        if bytes.len() + chunk.len() > LONGEST_ANSWER_BYTES {
            return Err(Unanswered);
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_leave_the_machine_by_https_only() {
        for good in ["https://api.twilio.com", "http://127.0.0.1:8080", "http://localhost"] {
            assert!(address(good).is_ok(), "{good}");
        }
        assert_eq!(address("http://api.twilio.com"), Err(AddressError::Open));
        assert_eq!(address("twilio"), Err(AddressError::Unreadable));
    }

    #[test]
    fn a_template_travels_with_its_variables_numbered() {
        let outgoing = Outgoing {
            to: "whatsapp:+51987654321".into(),
            from: "whatsapp:+51900000001".into(),
            content: Content::Template {
                sid: "HX1".into(),
                variables: vec!["Ana".into(), "Café \"Luna\"".into()],
            },
            status_callback: "https://sello.pe/webhooks/twilio/status?m=1&a=2".into(),
        };
        let form = form(&outgoing);
        let sent: std::collections::HashMap<String, String> =
            form_urlencoded::parse(form.as_bytes()).into_owned().collect();
        assert_eq!(sent["ContentVariables"], r#"{"1":"Ana","2":"Café \"Luna\""}"#);
        assert_eq!(sent["StatusCallback"], outgoing.status_callback);
        assert!(!sent.contains_key("Body"));
    }
}
