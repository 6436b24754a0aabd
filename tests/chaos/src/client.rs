//! A client that keeps its operation until it is answered.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use e2e::{Answer, Call, Shop, Uuid};
use serde_json::{Value, json};

/// How long an intent is worth trying.
pub(crate) const GIVE_UP_AFTER: Duration = Duration::from_secs(120);
/// The pause between two tries.
pub(crate) const PAUSE: Duration = Duration::from_millis(50);

/// A shop with an owner who signs in again when she must.
pub(crate) struct Till {
    /// Where she works.
    pub(crate) shop: Shop,
    token: Mutex<String>,
}

impl Till {
    /// Of this shop.
    pub(crate) fn of(shop: Shop) -> Self {
        Self { token: Mutex::new(shop.access.clone()), shop }
    }

    /// The owner's access token.
    pub(crate) fn token(&self) -> String {
        self.token.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Sends the same call until it is answered: a broken connection, a `503` or the front's `502` is no answer.
    pub(crate) async fn until_answered(&self, call: impl Fn(&str) -> Call) -> anyhow::Result<Answer> {
        let begun = Instant::now();
        let mut last = String::new();
        while begun.elapsed() < GIVE_UP_AFTER {
            match call(&self.token()).try_send().await {
                Ok(answer) if answer.status() == 401 => self.sign_in().await?,
                Ok(answer) if matches!(answer.status(), 502 | 503) => last = answer.to_string(),
                Ok(answer) => return Ok(answer),
                Err(error) => last = error.to_string(),
            }
            tokio::time::sleep(PAUSE).await;
        }
        bail!("not answered in {} s; last: {last}", GIVE_UP_AFTER.as_secs())
    }

    /// The owner stamps a card, by this token of hers.
    pub(crate) fn stamp(&self, token: &str, card: &str, key: Uuid) -> Call {
        self.shop.api.post("/stamps").bearer(token).key(key).json(&json!({ "card_id": card }))
    }

    /// Signs in again: a token lives ten minutes.
    pub(crate) async fn sign_in(&self) -> anyhow::Result<()> {
        let form = json!({ "email": self.shop.email, "password": e2e::PASSWORD });
        let signed = self.shop.api.post("/auth/login").json(&form).answered().await;
        let token = signed.json()["access_token"].as_str().context("no token")?.to_owned();
        *self.token.lock().unwrap_or_else(PoisonError::into_inner) = token;
        Ok(())
    }
}

/// A text that an answer must hold.
pub(crate) fn text(value: &Value) -> anyhow::Result<String> {
    value.as_str().map(str::to_owned).with_context(|| format!("expected a text, got {value}"))
}
