use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use kernel::Clock;
use reqwest::header::CONTENT_TYPE;
use serde::Deserialize;
use serde_json::json;

use super::Failure;
use super::account::Account;
use super::failure::word;
use super::http::{read, retry_after, unanswered};
use super::shared::Shared;

/// What the tokens are for.
const SCOPE: &str = "https://www.googleapis.com/auth/wallet_object.issuer";
/// RFC 7523 §2.1.
const GRANT: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";
/// The longest an assertion may be good for.
const ASSERTION_GOOD_FOR_SECONDS: i64 = 3_600;
/// How long before its end a token is no longer used: of its hour, 55 minutes.
const SPARE: TimeDelta = TimeDelta::minutes(5);
/// How long a token can be good at most, whatever is said with it.
const LONGEST_LIFE_SECONDS: i64 = 3_600;

/// Google's access tokens: one at a time, fetched when it is needed and used until shortly before its end.
pub(super) struct Tokens {
    http: reqwest::Client,
    clock: Clock,
    held: Shared<Arc<Token>>,
}

/// An access token. It cannot be printed.
pub(super) struct Token {
    pub(super) text: String,
    until: DateTime<Utc>,
}

/// RFC 6749 §5.1.
#[derive(Deserialize)]
struct Granted {
    access_token: String,
    #[serde(default)]
    expires_in: i64,
}

/// RFC 6749 §5.2.
#[derive(Default, Deserialize)]
struct NotGranted {
    #[serde(default)]
    error: String,
}

impl Tokens {
    pub(super) fn new(http: reqwest::Client, clock: Clock) -> Self {
        Self { http, clock, held: Shared::new() }
    }

    /// A token that is good, or was until a moment ago.
    pub(super) async fn get(&self, account: &Account) -> Result<Arc<Token>, Failure> {
        let now = self.clock.now();
        self.held.get(|token| now < token.until, self.fetch(account)).await
    }

    /// Another token than one that was refused: what somebody else has fetched meanwhile, or a new one.
    pub(super) async fn instead_of(
        &self,
        refused: &Arc<Token>,
        account: &Account,
    ) -> Result<Arc<Token>, Failure> {
        let now = self.clock.now();
        let is_other = |token: &Arc<Token>| now < token.until && !Arc::ptr_eq(token, refused);
        self.held.get(is_other, self.fetch(account)).await
    }

    async fn fetch(&self, account: &Account) -> Result<Arc<Token>, Failure> {
        let now = self.clock.now();
        let assertion = account.sign(&json!({
            "iss": account.email,
            "scope": SCOPE,
            "aud": account.token_uri,
            "iat": now.timestamp(),
            "exp": now.timestamp() + ASSERTION_GOOD_FOR_SECONDS,
        }))?;
        let form = form_urlencoded::Serializer::new(String::new())
            .append_pair("grant_type", GRANT)
            .append_pair("assertion", &assertion)
            .finish();
        let answer = self
            .http
            .post(account.token_url.clone())
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(form)
            .send()
            .await
            .map_err(unanswered)?;
        let (status, after) = (answer.status(), retry_after(answer.headers()));
        let body = read(answer).await?;
        if status.is_success() {
            let granted: Granted =
                serde_json::from_slice(&body).map_err(|_| Failure::Again { after: None })?;
            let life = TimeDelta::seconds(granted.expires_in.clamp(0, LONGEST_LIFE_SECONDS));
            return Ok(Arc::new(Token { text: granted.access_token, until: now + life - SPARE }));
        }
        match status.as_u16() {
            408 | 429 | 500..=599 => Err(Failure::Again { after }),
            status => {
                let NotGranted { error } = serde_json::from_slice(&body).unwrap_or_default();
                Err(Failure::Credentials { status, reason: word(&error) })
            }
        }
    }
}
