use std::sync::Mutex;
use std::time::Duration;

use http::header;
use rand::Rng;
use rand::rngs::StdRng;
use rand::seq::SliceRandom;
use reqwest::Url;
use tokio::sync::Semaphore;
use uuid::Uuid;

use super::book::{Message, Status};
use super::faults::CallbackFaults;
use super::refusal::meaning;
use super::{API_VERSION, CHANNEL, Callback, State, account};
use crate::locked;

/// How many webhooks are under way at once.
const AT_ONCE: usize = 32;
/// How long a receiver may take (Twilio, "Webhooks", *Connection overrides*).
const PATIENCE: Duration = Duration::from_secs(15);
/// The most a receiver can ask to be tried again.
const MOST_RETRIES: u32 = 5;
/// Names the installation of the channel; one is as good as another.
const CHANNEL_INSTALL: &str = "XE0123456789abcdef0123456789abcdef";

/// What a receiver answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) kind: String,
    pub(super) body: String,
}

/// A webhook as it is posted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Webhook {
    /// The address that was named, without its fragment.
    pub url: String,
    /// `X-Twilio-Signature`.
    pub signature: String,
    /// `I-Twilio-Idempotency-Token`.
    pub token: String,
    /// The form, `application/x-www-form-urlencoded`.
    pub body: String,
}

impl Webhook {
    pub(super) fn new(auth_token: &str, named: &str, form: &[(String, String)], token: &str) -> Self {
        Self {
            url: named.split('#').next().unwrap_or_default().to_owned(),
            signature: account::sign(auth_token, named, form),
            token: token.to_owned(),
            body: form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish(),
        }
    }
}

/// Posts forms, signed, over connections that are kept.
pub(super) struct Post {
    http: reqwest::Client,
    at_once: Semaphore,
    /// Where webhooks really go; the signature stays that of the address that was named.
    pub(super) base: Mutex<Option<Url>>,
}

/// How often is tried again, and why; said in the address's fragment (`#rc=3&rp=all`).
#[derive(Debug, PartialEq, Eq)]
struct Retries {
    count: u32,
    also_bad_answers: bool,
}

impl Retries {
    fn of(url: &str) -> Self {
        let fragment = url.split_once('#').map_or("", |(_, fragment)| fragment);
        // Without a word from the receiver: once, where no connection was made.
        let mut retries = Self { count: 1, also_bad_answers: false };
        for (name, value) in form_urlencoded::parse(fragment.as_bytes()) {
            match &*name {
                "rc" => retries.count = value.parse().map_or(1, |count: u32| count.min(MOST_RETRIES)),
                "rp" => {
                    retries.also_bad_answers =
                        value.split(',').any(|policy| policy == "all" || policy == "5xx")
                }
                _ => {}
            }
        }
        retries
    }
}

impl Post {
    pub(super) fn new() -> reqwest::Result<Self> {
        // A platform tried on a local network has a certificate that it made itself; what is sent is signed anyway.
        let http = reqwest::Client::builder()
            .no_proxy()
            .http1_only()
            .pool_max_idle_per_host(AT_ONCE)
            .timeout(PATIENCE)
            .tls_danger_accept_invalid_certs(true)
            .build()?;
        Ok(Self { http, at_once: Semaphore::new(AT_ONCE), base: Mutex::default() })
    }

    /// Sends a form to the address that was named; none if nobody answered.
    pub(super) async fn send(
        &self,
        auth_token: &str,
        named: &str,
        form: &[(String, String)],
        token: &str,
    ) -> Option<Answer> {
        let _permit = self.at_once.acquire().await.ok()?;
        let webhook = Webhook::new(auth_token, named, form, token);
        let mut url: Url = webhook.url.parse().ok()?;
        if let Some(base) = &*locked(&self.base) {
            url.set_scheme(base.scheme()).ok()?;
            url.set_host(base.host_str()).ok()?;
            url.set_port(base.port()).ok()?;
        }
        let retries = Retries::of(named);
        for tries_left in (0..=retries.count).rev() {
            let sent = self
                .http
                .post(url.clone())
                .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded; charset=UTF-8")
                .header(header::USER_AGENT, "TwilioProxy/1.1")
                .header("X-Twilio-Signature", &webhook.signature)
                .header("I-Twilio-Idempotency-Token", &webhook.token)
                .body(webhook.body.clone())
                .send()
                .await;
            match sent {
                Ok(answer)
                    if tries_left > 0 && retries.also_bad_answers && answer.status().is_server_error() => {}
                Ok(answer) => return read(answer).await,
                Err(error) => tracing::debug!(%error, "a webhook did not arrive"),
            }
        }
        None
    }
}

async fn read(answer: reqwest::Response) -> Option<Answer> {
    let kind = answer.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    let (status, kind) = (answer.status().as_u16(), kind.unwrap_or_default().to_owned());
    Some(Answer { status, kind, body: answer.text().await.ok()? })
}

/// A token that stays the same when a webhook is tried again.
pub(super) fn idempotency_token() -> String {
    Uuid::now_v7().to_string()
}

/// What is told of a message's new state (Twilio, "Outbound message status in status callbacks").
pub(super) fn status_form(account_sid: &str, message: &Message) -> Vec<(String, String)> {
    let status = message.status.name();
    let mut form = pairs(&[
        ("AccountSid", account_sid),
        ("ApiVersion", API_VERSION),
        ("ChannelInstallSid", CHANNEL_INSTALL),
        ("ChannelPrefix", "whatsapp"),
        ("ChannelToAddress", &masked(&message.to)),
        ("From", &message.from),
        ("MessageSid", &message.sid),
        ("MessageStatus", status),
        ("SmsSid", &message.sid),
        ("SmsStatus", status),
        ("StructuredMessage", "false"),
        ("To", &message.to),
    ]);
    if let Some(service) = &message.service {
        form.extend(pairs(&[("MessagingServiceSid", service)]));
    }
    let event = match message.status {
        Status::Delivered => Some("DELIVERED"),
        Status::Read => Some("READ"),
        Status::Failed | Status::Undelivered => Some("UNDELIVERED"),
        _ => None,
    };
    if let Some(event) = event {
        form.extend(pairs(&[("EventType", event)]));
    }
    if let Some(code) = message.error_code {
        let (code, meaning) = (code.to_string(), meaning(code));
        form.extend(pairs(&[
            ("ErrorCode", &code),
            ("ErrorMessage", meaning),
            ("ChannelStatusMessage", meaning),
        ]));
    }
    form
}

pub(super) fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

/// An address whose last four characters are not shown.
fn masked(address: &str) -> String {
    let rest = address.strip_prefix(CHANNEL).unwrap_or(address);
    let shown = rest.chars().count().saturating_sub(4);
    rest.chars().take(shown).chain("XXXX".chars()).collect()
}

/// One callback, and what chance has in store for it.
struct Planned {
    message: Message,
    is_dropped: bool,
    is_doubled: bool,
    is_late: bool,
}

impl Planned {
    fn of(message: Message, faults: &CallbackFaults, dice: &mut StdRng) -> Self {
        let mut befalls = |share: f64| dice.random_bool(share.clamp(0.0, 1.0));
        Self {
            message,
            is_dropped: befalls(faults.dropped),
            is_doubled: befalls(faults.doubled),
            is_late: befalls(faults.delayed),
        }
    }
}

impl State {
    /// Takes a message through its steps, and tells of each.
    pub(super) async fn work(
        self: std::sync::Arc<Self>,
        sid: String,
        steps: Vec<super::fate::Step>,
        faults: CallbackFaults,
        mut dice: StdRng,
    ) {
        let is_shuffled = dice.random_bool(faults.shuffled.clamp(0.0, 1.0));
        let mut held = Vec::new();
        for step in steps {
            if !step.after.is_zero() {
                tokio::time::sleep(step.after).await;
            }
            let stepped = locked(&self.book).step(&sid, step.status, step.error_code, self.now());
            self.note_change();
            let Some(message) = stepped else { return };
            let planned = Planned::of(message, &faults, &mut dice);
            if is_shuffled {
                held.push(planned);
            } else {
                self.clone().call_back(planned, &faults).await;
            }
        }
        if held.len() > 1 {
            let in_order: Vec<Status> = held.iter().map(|planned| planned.message.status).collect();
            // Chance may well put everything where it was; out of order is what was asked for.
            while held.iter().map(|planned| planned.message.status).eq(in_order.iter().copied()) {
                held.shuffle(&mut dice);
            }
        }
        for planned in held {
            self.clone().call_back(planned, &faults).await;
        }
    }

    async fn call_back(self: std::sync::Arc<Self>, planned: Planned, faults: &CallbackFaults) {
        let Some(url) = planned.message.status_callback.clone().filter(|_| !planned.is_dropped) else {
            return;
        };
        let times = if planned.is_doubled { 2 } else { 1 };
        let token = idempotency_token();
        if planned.is_late {
            let late_by = Duration::from_millis(faults.late_by_ms);
            let (state, working) = (self.clone(), super::Working::new(&self));
            self.spawner.spawn(async move {
                tokio::time::sleep(late_by).await;
                for _ in 0..times {
                    state.tell(&planned.message, &url, &token).await;
                }
                drop(working);
            });
            return;
        }
        for _ in 0..times {
            self.tell(&planned.message, &url, &token).await;
        }
    }

    /// Sends one callback and keeps what became of it.
    pub(super) async fn tell(&self, message: &Message, url: &str, token: &str) {
        let form = status_form(&self.account.sid, message);
        let answer = self.post.send(&self.account.auth_token, url, &form, token).await;
        locked(&self.callbacks).push(Callback {
            sid: message.sid.clone(),
            status: message.status,
            url: url.to_owned(),
            token: token.to_owned(),
            answer: answer.map(|answer| answer.status),
        });
        self.note_change();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn retries_are_read_from_the_fragment() {
        let of = |url| {
            let Retries { count, also_bad_answers } = Retries::of(url);
            (count, also_bad_answers)
        };
        assert_eq!(of("https://sello.pe/status?m=1"), (1, false));
        assert_eq!(of("https://sello.pe/status?m=1#rc=5&rp=all"), (5, true));
        assert_eq!(of("https://sello.pe/status#rc=90"), (5, false));
        assert_eq!(of("https://sello.pe/status#rc=0"), (0, false));
    }

    #[test]
    fn an_address_is_told_without_its_end() {
        assert_eq!(masked("whatsapp:+51987654321"), "+5198765XXXX");
    }
}
