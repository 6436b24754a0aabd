use std::collections::{HashMap, VecDeque};
use std::sync::Mutex;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};
use reqwest::Url;
use serde_json::Value;
use tokio::sync::watch;

use super::account::Account;
use super::callback::{Callback, Event, Forgery, Said, Sending, Signer};
use super::wallet::{Of, Wallet, text};
use super::{Fault, ISSUER_ID, RATE_LIMIT, Request, SaveError};
use crate::locked;

/// How long an access token is good.
const TOKEN_GOOD_FOR: TimeDelta = TimeDelta::hours(1);
/// How long a receiver of callbacks may take.
const CALLBACK_TIMEOUT: Duration = Duration::from_secs(10);

/// What the routes share with the handle and with phones.
pub(crate) struct State {
    pub(super) account: Account,
    pub(super) signer: Signer,
    pub(crate) wallet: Mutex<Wallet>,
    pub(super) faults: Mutex<Faults>,
    pub(super) limiter: Mutex<Limiter>,
    pub(super) sending: Mutex<Sending>,
    pub(super) callback_base: Mutex<Option<Url>>,
    pub(super) callbacks: Mutex<Vec<Callback>>,
    pub(super) requests: Mutex<Vec<Request>>,
    /// Counts requests and callbacks.
    pub(super) recorded: watch::Sender<u64>,
    /// Counts changes of what phones show.
    pub(super) changed: watch::Sender<u64>,
    tokens: Mutex<HashMap<String, DateTime<Utc>>>,
    moved_millis: AtomicI64,
    http: reqwest::Client,
}

/// The faults that were asked for.
#[derive(Default)]
pub(super) struct Faults {
    pub(super) next: VecDeque<Fault>,
    pub(super) always: Option<Fault>,
    pub(super) of_resource: HashMap<String, Fault>,
    pub(super) next_token: VecDeque<Fault>,
}

impl Faults {
    /// The fault of a request, if it is to have one.
    pub(super) fn of(&mut self, path: &str) -> Option<Fault> {
        let of_resource = self.of_resource.iter().find(|(id, _)| path.split('/').any(|part| part == *id));
        of_resource.map(|(_, fault)| *fault).or_else(|| self.next.pop_front()).or(self.always)
    }
}

/// Lets so many requests through a second, and as many at once after a pause.
pub(super) struct Limiter {
    rate: Option<u32>,
    left: f64,
    at: Instant,
}

impl Limiter {
    pub(super) fn new(rate: Option<u32>) -> Self {
        Self { rate, left: f64::from(rate.unwrap_or_default()), at: Instant::now() }
    }

    pub(super) fn admits(&mut self, now: Instant) -> bool {
        let Some(rate) = self.rate else { return true };
        let rate = f64::from(rate);
        self.left = (self.left + now.saturating_duration_since(self.at).as_secs_f64() * rate).min(rate);
        self.at = now;
        let admits = self.left >= 1.0;
        if admits {
            self.left -= 1.0;
        }
        admits
    }
}

impl State {
    pub(super) fn new(account: Account, signer: Signer, http: reqwest::Client) -> Self {
        Self {
            account,
            signer,
            wallet: Mutex::new(Wallet::new(ISSUER_ID)),
            faults: Mutex::default(),
            limiter: Mutex::new(Limiter::new(Some(RATE_LIMIT))),
            sending: Mutex::default(),
            callback_base: Mutex::default(),
            callbacks: Mutex::default(),
            requests: Mutex::default(),
            recorded: watch::Sender::new(0),
            changed: watch::Sender::new(0),
            tokens: Mutex::default(),
            moved_millis: AtomicI64::new(0),
            http,
        }
    }

    /// The present moment, as far as tests have moved it.
    pub(crate) fn now(&self) -> DateTime<Utc> {
        Utc::now() + TimeDelta::milliseconds(self.moved_millis.load(Ordering::Relaxed))
    }

    pub(super) fn move_clock(&self, by: TimeDelta) {
        self.moved_millis.fetch_add(by.num_milliseconds(), Ordering::Relaxed);
    }

    /// Hears when what phones show may have changed.
    pub(crate) fn changes(&self) -> watch::Receiver<u64> {
        self.changed.subscribe()
    }

    /// A new access token, and the seconds it is good for.
    pub(super) fn issue_token(&self) -> (String, i64) {
        let token = format!("ya29.fake-{}", hex::encode(rand::random::<[u8; 16]>()));
        locked(&self.tokens).insert(token.clone(), self.now() + TOKEN_GOOD_FOR);
        (token, TOKEN_GOOD_FOR.num_seconds())
    }

    pub(super) fn knows_token(&self, token: &str) -> bool {
        let now = self.now();
        locked(&self.tokens).get(token).is_some_and(|until| now < *until)
    }

    pub(super) fn forget_tokens(&self) {
        locked(&self.tokens).clear();
    }

    pub(super) fn note_change(&self) {
        self.changed.send_modify(|count| *count += 1);
    }

    /// A person opens a save link on her phone.
    pub(crate) async fn save(&self, url: &str, holder: &str) -> Result<String, SaveError> {
        let (object_id, class_id) = self.read_save_link(url)?;
        {
            let mut wallet = locked(&self.wallet);
            let object = wallet.get(Of::Object, &object_id).ok_or(SaveError::NoObject(object_id.clone()))?;
            if text(object, "classId") != class_id {
                return Err(SaveError::OtherClass(class_id));
            }
            if !wallet.take_in(&object_id, holder).map_err(SaveError::Taken)? {
                return Ok(object_id);
            }
        }
        self.note_change();
        self.call_back(&object_id, Event::Save).await;
        Ok(object_id)
    }

    /// A person throws a pass out of her phone. False if she did not have it.
    pub(crate) async fn delete(&self, object_id: &str, holder: &str) -> bool {
        let had = locked(&self.wallet).throw_out(object_id, holder);
        if had {
            self.note_change();
            self.call_back(object_id, Event::Del).await;
        }
        had
    }

    /// The object and the class of a save link: signed by the account, and with nothing in it but their ids.
    fn read_save_link(&self, url: &str) -> Result<(String, String), SaveError> {
        let (_, jwt) = url.split_once("/gp/v/save/").ok_or(SaveError::NotASaveLink)?;
        let claims = self.account.read_save_link(jwt).map_err(SaveError::Signature)?;
        if text(&claims, "typ") != "savetowallet" {
            return Err(SaveError::Claim("typ"));
        }
        let Some(made) = claims["iat"].as_i64() else { return Err(SaveError::Claim("iat")) };
        if made > self.now().timestamp() + 60 {
            return Err(SaveError::Claim("iat"));
        }
        if !claims["origins"].is_null() && !claims["origins"].is_array() {
            return Err(SaveError::Claim("origins"));
        }
        let Value::Object(payload) = &claims["payload"] else { return Err(SaveError::Claim("payload")) };
        let objects = payload.get("loyaltyObjects").and_then(Value::as_array).map(Vec::as_slice);
        let (1, Some([Value::Object(object)])) = (payload.len(), objects) else {
            return Err(SaveError::NotSkinny);
        };
        match (object.len(), object.get("id"), object.get("classId")) {
            (2, Some(Value::String(id)), Some(Value::String(class))) => Ok((id.clone(), class.clone())),
            _ => Err(SaveError::NotSkinny),
        }
    }

    /// A callback as it would be sent now, where its class wants it, and its nonce.
    pub(super) fn make_callback(
        &self,
        object_id: &str,
        event: Event,
        forgery: Option<Forgery>,
    ) -> Option<Callback> {
        let (class_id, url) = {
            let wallet = locked(&self.wallet);
            let class_id = text(wallet.get(Of::Object, object_id)?, "classId").to_owned();
            let url =
                text(&wallet.get(Of::Class, &class_id)?["callbackOptions"], "url").parse::<Url>().ok()?;
            (class_id, url)
        };
        let url = match &*locked(&self.callback_base) {
            Some(base) => base.join(url.path()).ok()?,
            None => url,
        };
        let said = Said { class_id: &class_id, object_id, event, issuer: ISSUER_ID, now: self.now() };
        let (body, nonce) = self.signer.sign(&said, forgery);
        Some(Callback { object_id: object_id.into(), event, nonce, url: url.to_string(), body, status: None })
    }

    /// Tells the issuer, in the way that was asked for.
    async fn call_back(&self, object_id: &str, event: Event) {
        let sending = *locked(&self.sending);
        let (times, forgery) = match sending {
            Sending::Never => return,
            Sending::Once => (1, None),
            Sending::Twice => (2, None),
            Sending::Forged(forgery) => (1, Some(forgery)),
        };
        if let Some(callback) = self.make_callback(object_id, event, forgery) {
            for _ in 0..times {
                self.send(callback.clone()).await;
            }
        }
    }

    /// Sends a callback and keeps it with the answer.
    pub(super) async fn send(&self, mut callback: Callback) {
        let sent = self.http.post(&callback.url).json(&callback.body).timeout(CALLBACK_TIMEOUT).send().await;
        callback.status = match sent {
            Ok(answer) => Some(answer.status().as_u16()),
            Err(error) => {
                tracing::debug!(%error, "a callback did not arrive");
                None
            }
        };
        locked(&self.callbacks).push(callback);
        self.recorded.send_modify(|count| *count += 1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_limiter_lets_its_rate_through_and_no_more() {
        let begin = Instant::now();
        let mut limiter = Limiter::new(Some(20));
        limiter.at = begin;
        let admitted = |limiter: &mut Limiter, at| (0..100).filter(|_| limiter.admits(at)).count();
        assert_eq!(admitted(&mut limiter, begin), 20);
        assert_eq!(admitted(&mut limiter, begin + Duration::from_millis(500)), 10);
        assert_eq!(admitted(&mut limiter, begin + Duration::from_secs(60)), 20);
        assert_eq!(admitted(&mut Limiter::new(None), begin), 100);
    }
}
