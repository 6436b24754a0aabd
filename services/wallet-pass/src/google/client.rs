use std::sync::Arc;

use chrono::{DateTime, Utc};
use futures::future::BoxFuture;
use kernel::Clock;
use reqwest::{Method, Url};
use serde::Deserialize;
use serde_json::{Value, json};

use super::account::Account;
use super::callback::Keys;
use super::failure::Refusal;
use super::http::{self, address};
use super::look::{Class, Object};
use super::settings::API_URL;
use super::shared::Shared;
use super::tokens::Tokens;
use super::{Failure, Settings, SettingsError};

/// The most messages an object holds.
const MESSAGES: usize = 10;
/// How many of them stay when there is no room for another.
const MESSAGES_KEPT: usize = 4;

/// Who is asked before every single request to the wallet, repeats included. It waits until one more request may be
/// made, or says why none will be. Requests for tokens and keys are not of the wallet and do not count.
pub type Gate = Box<dyn Fn() -> BoxFuture<'static, Result<(), Failure>> + Send + Sync>;

/// Whether a change rings the phone. A pass may ring three times within 24 hours, for changes and messages together
/// (Google's guide to partner triggered notifications).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Notify {
    /// It does.
    Yes,
    /// The phone shows the change and keeps still.
    No,
}

/// Whether something was written before, as far as the caller knows.
///
/// A class or an object that is not there is inserted and one that is there is changed, whatever is said here; the
/// right word saves the request that finds out. A message has no such protection: it comes twice if its second try
/// says `Never`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Written {
    /// Surely not: this is the first try.
    Never,
    /// Yes, or perhaps: an earlier try was not answered.
    Perhaps,
}

/// What Google says of an object it has written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kept {
    /// Whether anybody has it on a phone. Changes of one that nobody has can wait until somebody saves it.
    pub has_users: bool,
}

/// A message on a pass.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// By which a second try finds that the first was done. The same message has the same id.
    pub id: String,
    /// What stands over it.
    pub header: String,
    /// What it says.
    pub body: String,
}

/// Writes classes and objects, makes save links, and knows Google's keys.
pub struct Client {
    issuer_id: String,
    is_googles: bool,
    origins: Vec<String>,
    save_url: String,
    base: Url,
    keys_url: Url,
    account: Account,
    http: reqwest::Client,
    clock: Clock,
    tokens: Tokens,
    keys: Shared<Arc<Keys>>,
    gate: Option<Gate>,
}

#[derive(Clone, Copy)]
enum Of {
    Class,
    Object,
}

impl Of {
    fn path(self) -> &'static str {
        match self {
            Self::Class => "loyaltyClass",
            Self::Object => "loyaltyObject",
        }
    }
}

/// What is read of a resource.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Resource {
    has_users: bool,
    messages: Vec<Value>,
}

impl Client {
    /// Checks the settings; asks nobody yet.
    pub fn new(settings: Settings) -> Result<Self, SettingsError> {
        let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        if !is_number(&settings.issuer_id) {
            return Err(SettingsError::IssuerId);
        }
        let named =
            |name, text: &str| address(text).map_err(|problem| SettingsError::Address { name, problem });
        let api = named("api_url", &settings.api_url)?;
        let base = api.join("/walletobjects/v1").map_err(|_| SettingsError::Address {
            name: "api_url",
            problem: http::AddressError::Unreadable,
        })?;
        let http = http::client(&api, settings.timeout)?;
        Ok(Self {
            keys_url: named("callback_keys_url", &settings.callback_keys_url)?,
            save_url: named("save_url", &settings.save_url)?.as_str().trim_end_matches('/').to_owned(),
            account: Account::read(&settings.service_account_json)?,
            tokens: Tokens::new(http.clone(), settings.clock.clone()),
            issuer_id: settings.issuer_id,
            is_googles: api.as_str().trim_end_matches('/') == API_URL,
            origins: settings.origins,
            base,
            http,
            clock: settings.clock,
            keys: Shared::new(),
            gate: None,
        })
    }

    /// Asks this gate before every request to the wallet. Google admits 20 a second, for all replicas together.
    pub fn paced_by(self, gate: Gate) -> Self {
        Self { gate: Some(gate), ..self }
    }

    /// The issuer whose classes and objects these are.
    pub fn issuer_id(&self) -> &str {
        &self.issuer_id
    }

    /// Whether it speaks to Google itself: cards that go anywhere else are seen on no real phone.
    pub fn is_googles(&self) -> bool {
        self.is_googles
    }

    /// Makes a class as it should be.
    pub async fn put_class(&self, class: &Class, written: Written) -> Result<(), Failure> {
        self.put(Of::Class, class.id(), class.json(), written, Notify::No).await.map(drop)
    }

    /// Makes an object as it should be. Only a change rings: an object that is new is on no phone yet.
    pub async fn put_object(
        &self,
        object: &Object,
        written: Written,
        notify: Notify,
    ) -> Result<Kept, Failure> {
        let resource = self.put(Of::Object, object.id(), object.json(), written, notify).await?;
        Ok(Kept { has_users: resource.has_users })
    }

    /// Adds a message to an object; where there is no room, the oldest ones go.
    pub async fn add_message(
        &self,
        object_id: &str,
        message: &Message,
        written: Written,
        notify: Notify,
    ) -> Result<Kept, Failure> {
        if written == Written::Perhaps {
            let resource = self.read(object_id).await?;
            if resource.messages.iter().any(|there| there["id"] == message.id.as_str()) {
                return Ok(Kept { has_users: resource.has_users });
            }
        }
        match self.try_message(object_id, message, notify).await {
            // It may be for want of room, which Google has no documented word for.
            Err(refused @ Failure::Refused { status: 400, .. }) => {
                if self.make_room(object_id).await? {
                    self.try_message(object_id, message, notify).await
                } else {
                    Err(refused)
                }
            }
            done => done,
        }
    }

    /// The link that saves an object to a phone. It is skinny: it names the object, which must have been put, and so
    /// stays short and holds nothing that the phone's owner should not read.
    pub fn save_link(&self, object_id: &str, class_id: &str, now: DateTime<Utc>) -> Result<String, Failure> {
        let token = self.account.sign(&json!({
            "iss": self.account.email,
            "aud": "google",
            "typ": "savetowallet",
            "iat": now.timestamp(),
            "origins": self.origins,
            "payload": { "loyaltyObjects": [{ "id": object_id, "classId": class_id }] },
        }))?;
        Ok(format!("{}/{token}", self.save_url))
    }

    /// The keys that vouch for callbacks, from memory as long as they are good.
    pub async fn callback_keys(&self) -> Result<Arc<Keys>, Failure> {
        let now = self.clock.now();
        self.keys.get(|keys| now < keys.good_until(), self.fetch_keys(now)).await
    }

    async fn fetch_keys(&self, now: DateTime<Utc>) -> Result<Arc<Keys>, Failure> {
        let answer = self.http.get(self.keys_url.clone()).send().await.map_err(http::unanswered)?;
        let after = http::retry_after(answer.headers());
        if !answer.status().is_success() {
            return Err(Failure::Again { after });
        }
        let body = http::read(answer).await?;
        Keys::read(&body, now).map(Arc::new).ok_or(Failure::Again { after })
    }

    #[tracing::instrument(name = "google.put", skip_all, fields(google.id = id))]
    async fn put(
        &self,
        of: Of,
        id: &str,
        json: &Value,
        written: Written,
        notify: Notify,
    ) -> Result<Resource, Failure> {
        let mut insert = written == Written::Never;
        for is_last in [false, true] {
            let (answered, wrong_guess) = if insert {
                (self.call(Method::POST, &[of.path()], Some(json)).await?, 409)
            } else {
                let patch = with_notice(json, of, notify);
                (self.call(Method::PATCH, &[of.path(), id], Some(&patch)).await?, 404)
            };
            match answered {
                Ok(resource) => return Ok(resource),
                Err(refusal) if refusal.status != wrong_guess => return Err(refusal.into_failure(notify)),
                Err(_) if is_last => break,
                Err(_) => insert = !insert,
            }
        }
        // It was not there and then it was, or the other way round: somebody else is at it too.
        Err(Failure::Again { after: None })
    }

    async fn try_message(&self, object_id: &str, message: &Message, notify: Notify) -> Result<Kept, Failure> {
        #[derive(Deserialize)]
        struct Added {
            resource: Resource,
        }
        let message_type = if notify == Notify::Yes { "TEXT_AND_NOTIFY" } else { "TEXT" };
        let body = json!({ "message": {
            "id": message.id,
            "header": message.header,
            "body": message.body,
            "messageType": message_type,
        } });
        let path = [Of::Object.path(), object_id, "addMessage"];
        let added: Result<Added, Refusal> = self.call(Method::POST, &path, Some(&body)).await?;
        let added = added.map_err(|refusal| refusal.into_failure(notify))?;
        Ok(Kept { has_users: added.resource.has_users })
    }

    /// Takes the oldest messages off an object that is full of them. False if it is not.
    async fn make_room(&self, object_id: &str) -> Result<bool, Failure> {
        let Resource { mut messages, .. } = self.read(object_id).await?;
        if messages.len() < MESSAGES {
            return Ok(false);
        }
        let kept = messages.split_off(messages.len() - MESSAGES_KEPT);
        let patch = with_notice(&json!({ "messages": kept }), Of::Object, Notify::No);
        let done: Result<Resource, Refusal> =
            self.call(Method::PATCH, &[Of::Object.path(), object_id], Some(&patch)).await?;
        done.map(|_| true).map_err(|refusal| refusal.into_failure(Notify::No))
    }

    async fn read(&self, object_id: &str) -> Result<Resource, Failure> {
        let answered = self.call(Method::GET, &[Of::Object.path(), object_id], None).await?;
        answered.map_err(|refusal| refusal.into_failure(Notify::No))
    }

    /// One request, or a second one with a new token if the first token is refused.
    async fn call<T: serde::de::DeserializeOwned>(
        &self,
        method: Method,
        path: &[&str],
        body: Option<&Value>,
    ) -> Result<Result<T, Refusal>, Failure> {
        let mut url = self.base.clone();
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.extend(path);
        }
        let mut token = self.tokens.get(&self.account).await?;
        let mut is_first = true;
        loop {
            if let Some(gate) = &self.gate {
                gate().await?;
            }
            let mut request = self.http.request(method.clone(), url.clone()).bearer_auth(&token.text);
            if let Some(body) = body {
                request = request.json(body);
            }
            let answer = request.send().await.map_err(http::unanswered)?;
            let (status, after) = (answer.status(), http::retry_after(answer.headers()));
            if status == reqwest::StatusCode::UNAUTHORIZED && is_first {
                is_first = false;
                token = self.tokens.instead_of(&token, &self.account).await?;
                continue;
            }
            let body = http::read(answer).await?;
            if !status.is_success() {
                return Ok(Err(Refusal::read(status.as_u16(), after, &body)));
            }
            // A success that cannot be read was cut off on its way, and is asked for again.
            return serde_json::from_slice(&body).map(Ok).map_err(|_| Failure::Again { after });
        }
    }
}

/// The same with a word on whether it rings, which Google forgets after each change. Classes do not ring here: it
/// would ring every phone of a program at once.
fn with_notice(json: &Value, of: Of, notify: Notify) -> Value {
    let mut patch = json.clone();
    if let Of::Object = of {
        patch["notifyPreference"] = match notify {
            Notify::Yes => "NOTIFY_ON_UPDATE",
            Notify::No => "NOTIFICATION_SETTINGS_FOR_UPDATES_UNSPECIFIED",
        }
        .into();
    }
    patch
}
