//! WhatsApp by Twilio, as far as messages use it: sending, asking what was sent, status callbacks, and the customers who read
//! and answer.
//!
//! After Twilio's public pages: "Messages resource" (parameters, properties, list filters, pages), "Outbound message status in
//! status callbacks", "Twilio's request to your incoming message webhook URL", "Security" (*Validating requests*), "Webhooks"
//! (*Connection overrides*, `I-Twilio-Idempotency-Token`), "Using variables with content templates", "WhatsApp" (*customer
//! service window*), and the "Error and warning dictionary" for every code.
//!
//! What is not documented is decided for the strict side and stands here: a message that has not left yet is found by when it
//! was taken; a variable that the template has and the request has not fails it with 63028, as samples are not kept; one that
//! the template does not have is taken and kept in [`Twilio::mistakes`]; so is an inbound webhook's answer that is no TwiML.
//! TwiML is kept and not carried out. Nothing can be scheduled, and media are not sent.

mod account;
mod book;
mod check;
mod customer;
mod fate;
mod faults;
mod refusal;
mod rest;
mod template;
mod webhook;

use std::collections::{BTreeSet, HashMap};
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use serde::Serialize;
use tokio::sync::watch;

pub use account::{Account, sign};
pub use book::{Chat, Message, Status};
pub use check::is_address;
pub use customer::{Customer, Written};
pub use fate::{Fate, Over, Pace};
pub use faults::{CallbackFaults, Fault, Faults};
pub use reqwest::Url;
pub use template::{Button, Template};
pub use webhook::Webhook;

use crate::tasks::{Spawner, Tasks};
use crate::{DEADLINE, Late, locked, wait_for};

/// The sender that every account begins with.
pub const SENDER: &str = "whatsapp:+51900000001";
const API_VERSION: &str = "2010-04-01";
/// What every address on WhatsApp begins with.
const CHANNEL: &str = "whatsapp:";

/// A request to send as it came.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Request {
    /// When it came, by the machine's clock.
    pub at: DateTime<Utc>,
    /// Whom to; empty if it did not say.
    pub to: String,
    /// From which sender; that of the service where only a service was named.
    pub from: String,
    /// The message it became; none if it was not taken.
    pub sid: Option<String>,
    /// How it was answered; none if it was not.
    pub status: Option<u16>,
    /// The code it was refused with.
    pub code: Option<u32>,
}

/// A status callback that was sent.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Callback {
    /// The message it is about.
    pub sid: String,
    /// Where that message stood.
    pub status: Status,
    /// The address that was named for it.
    pub url: String,
    /// `I-Twilio-Idempotency-Token`.
    pub token: String,
    /// How the receiver answered; none if it did not.
    pub answer: Option<u16>,
}

/// Why the server could not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// There is no HTTP client to send webhooks with.
    #[error("HTTP client")]
    Client(#[from] reqwest::Error),
    /// No port could be taken.
    #[error("port")]
    Port(#[from] std::io::Error),
}

/// The running server. It ends, with every connection and every message under way, when this value is dropped.
pub struct Twilio {
    state: Arc<State>,
    url: String,
    _tasks: Tasks,
}

/// Who may send.
#[derive(Default)]
struct Senders {
    addresses: BTreeSet<String>,
    /// The sender of each messaging service.
    services: HashMap<String, String>,
}

/// What the routes share with the handle and with customers.
struct State {
    account: Account,
    post: webhook::Post,
    spawner: Spawner,
    senders: Mutex<Senders>,
    templates: Mutex<HashMap<String, Template>>,
    book: Mutex<book::Book>,
    script: Mutex<faults::Script>,
    fates: Mutex<fate::Fates>,
    rate: Mutex<fate::Rate>,
    reads_fail: Mutex<Option<u16>>,
    inbound_url: Mutex<Option<String>>,
    requests: Mutex<Vec<Request>>,
    callbacks: Mutex<Vec<Callback>>,
    mistakes: Mutex<Vec<String>>,
    /// Counts whatever somebody may wait for.
    changed: watch::Sender<u64>,
    /// Messages that still have steps before them, and callbacks that are late.
    at_work: watch::Sender<usize>,
    moved_millis: AtomicI64,
}

impl State {
    fn now(&self) -> DateTime<Utc> {
        Utc::now() + TimeDelta::milliseconds(self.moved_millis.load(Ordering::Relaxed))
    }

    fn note_change(&self) {
        self.changed.send_modify(|count| *count += 1);
    }

    fn changes(&self) -> watch::Receiver<u64> {
        self.changed.subscribe()
    }
}

/// Counts work for as long as it lasts, however it ends.
struct Working(Arc<State>);

impl Working {
    fn new(state: &Arc<State>) -> Self {
        state.at_work.send_modify(|count| *count += 1);
        Self(state.clone())
    }
}

impl Drop for Working {
    fn drop(&mut self) {
        self.0.at_work.send_modify(|count| *count -= 1);
    }
}

impl Twilio {
    /// Starts an account with [`SENDER`] and without templates, whose messages are sent, delivered and read at once.
    pub async fn start() -> Result<Self, StartError> {
        let (listener, address) = crate::server::bind().await?;
        let tasks = Tasks::new();
        let state = Arc::new(State {
            account: Account::new(),
            post: webhook::Post::new()?,
            spawner: tasks.spawner().clone(),
            senders: Mutex::new(Senders { addresses: [SENDER.to_owned()].into(), ..Senders::default() }),
            templates: Mutex::default(),
            book: Mutex::default(),
            script: Mutex::default(),
            fates: Mutex::default(),
            rate: Mutex::default(),
            reads_fail: Mutex::default(),
            inbound_url: Mutex::default(),
            requests: Mutex::default(),
            callbacks: Mutex::default(),
            mistakes: Mutex::default(),
            changed: watch::Sender::new(0),
            at_work: watch::Sender::new(0),
            moved_millis: AtomicI64::new(0),
        });
        rest::serve(&tasks, listener, state.clone());
        Ok(Self { state, url: format!("http://{address}"), _tasks: tasks })
    }

    /// The address to configure in place of `https://api.twilio.com`.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// What to configure to be let in, and what webhooks are signed with.
    pub fn account(&self) -> &Account {
        &self.state.account
    }

    // --- what is set up -------------------------------------------------------------------------------------------

    /// One more number that may send.
    pub fn add_sender(&self, address: &str) {
        locked(&self.state.senders).addresses.insert(customer::on_channel(address));
    }

    /// A messaging service (`MG…`) that sends from this number.
    pub fn add_service(&self, sid: &str, sender: &str) {
        self.add_sender(sender);
        locked(&self.state.senders).services.insert(sid.to_owned(), customer::on_channel(sender));
    }

    /// Adds a template, or puts it in the place of the one with its id.
    pub fn add_template(&self, template: Template) {
        locked(&self.state.templates).insert(template.sid.clone(), template);
    }

    /// Where customers' messages are told: the number's webhook, as the platform's public address.
    pub fn inbound_url(&self, url: impl Into<String>) {
        *locked(&self.state.inbound_url) = Some(url.into());
    }

    /// Sends every webhook to this scheme, host and port in place of those that were named. What is signed stays the address
    /// that was named, as behind a proxy.
    pub fn webhook_base(&self, base: Url) {
        *locked(&self.state.post.base) = Some(base);
    }

    /// How long messages take from now on; at first, no time.
    pub fn pace(&self, pace: Pace) {
        locked(&self.state.fates).pace = pace;
    }

    /// Lets time pass, for the 24 hours in which free text may be sent and for what stands in messages.
    pub fn advance(&self, by: TimeDelta) {
        self.state.moved_millis.fetch_add(by.num_milliseconds(), Ordering::Relaxed);
    }

    // --- what goes wrong ------------------------------------------------------------------------------------------

    /// What goes wrong by chance from now on, in place of what did before.
    pub fn faults(&self, faults: Faults) {
        locked(&self.state.script).faults = faults;
    }

    /// The next request to send goes wrong so; several wait their turn.
    pub fn fault_next(&self, fault: Fault) {
        locked(&self.state.script).next(fault);
    }

    /// The next request to send to this address goes wrong so; goes before everything said without an address.
    pub fn fault_next_to(&self, address: &str, fault: Fault) {
        locked(&self.state.script).next_to(&customer::on_channel(address), fault);
    }

    /// From now on every question about messages is refused with this status; none means they are answered again.
    pub fn reads_fail(&self, status: Option<u16>) {
        *locked(&self.state.reads_fail) = status;
    }

    /// What becomes of messages to everybody about whom nothing else was said.
    pub fn usual_fate(&self, fate: Fate) {
        locked(&self.state.fates).usual = fate;
    }

    /// After so many more messages the sender's quality falls: from then on every message fails with 63018. None means it
    /// does not fall, and has recovered if it had.
    pub fn lower_quality_after(&self, messages: Option<usize>) {
        locked(&self.state.fates).good_for = messages;
    }

    /// Takes no more than so many messages of one sender in any second; none means as many as come.
    pub fn rate_limit(&self, limit: Option<(u32, Over)>) {
        locked(&self.state.rate).limit = limit;
    }

    /// Forgets what was asked for: faults, fates, the rate, the quality. The pace stays.
    pub fn heal(&self) {
        locked(&self.state.script).heal();
        locked(&self.state.rate).limit = None;
        *locked(&self.state.reads_fail) = None;
        let mut fates = locked(&self.state.fates);
        *fates = fate::Fates { pace: fates.pace, ..fate::Fates::default() };
    }

    // --- what was asked -------------------------------------------------------------------------------------------

    /// Every request to send so far, also those that were refused.
    pub fn requests(&self) -> Vec<Request> {
        locked(&self.state.requests).clone()
    }

    /// How many messages were taken.
    pub fn accepted_count(&self) -> usize {
        locked(&self.state.book).outbound_count()
    }

    /// Every message that was taken, oldest first.
    pub fn accepted(&self) -> Vec<Message> {
        locked(&self.state.book).outbound().cloned().collect()
    }

    /// One message as it is now.
    pub fn message(&self, sid: &str) -> Option<Message> {
        locked(&self.state.book).get(sid).cloned()
    }

    /// The most messages of one sender that were taken within any one second.
    pub fn busiest_second(&self, sender: &str) -> usize {
        let sender = customer::on_channel(sender);
        let requests = locked(&self.state.requests);
        let taken = requests.iter().filter(|request| request.sid.is_some() && request.from == sender);
        let mut times: Vec<_> = taken.map(|request| request.at).collect();
        // They are recorded when they are answered.
        times.sort_unstable();
        let mut first = 0;
        let counts = (0..times.len()).map(|last| {
            while times[last] - times[first] >= TimeDelta::seconds(1) {
                first += 1;
            }
            last - first + 1
        });
        counts.max().unwrap_or_default()
    }

    /// The callbacks sent so far, with their answers.
    pub fn callbacks(&self) -> Vec<Callback> {
        locked(&self.state.callbacks).clone()
    }

    /// What the platform did that Twilio lets pass but that is wrong, in words.
    pub fn mistakes(&self) -> Vec<String> {
        locked(&self.state.mistakes).clone()
    }

    /// Waits until so many requests to send have been decided, answered or not.
    pub async fn until_requests(&self, count: usize) -> Result<Vec<Request>, Late> {
        wait_for(self.state.changes(), DEADLINE, || {
            let requests = locked(&self.state.requests);
            (requests.len() >= count).then(|| requests.clone())
        })
        .await
    }

    /// Waits until so many messages have been taken.
    pub async fn until_accepted(&self, count: usize) -> Result<Vec<Message>, Late> {
        self.until_accepted_within(count, DEADLINE).await
    }

    /// As [`Twilio::until_accepted`], with a deadline of one's own.
    pub async fn until_accepted_within(&self, count: usize, within: Duration) -> Result<Vec<Message>, Late> {
        wait_for(self.state.changes(), within, || (self.accepted_count() >= count).then_some(())).await?;
        Ok(self.accepted())
    }

    /// Waits until a message is so.
    pub async fn until_message(&self, sid: &str, is_so: impl Fn(&Message) -> bool) -> Result<Message, Late> {
        wait_for(self.state.changes(), DEADLINE, || self.message(sid).filter(|message| is_so(message))).await
    }

    /// Waits until so many callbacks have been sent, answered or not.
    pub async fn until_callbacks(&self, count: usize) -> Result<Vec<Callback>, Late> {
        wait_for(self.state.changes(), DEADLINE, || {
            let callbacks = locked(&self.state.callbacks);
            (callbacks.len() >= count).then(|| callbacks.clone())
        })
        .await
    }

    /// Waits until every message that was taken has come to its end and all was told of it.
    pub async fn until_settled(&self, within: Duration) -> Result<(), Late> {
        let at_work = &self.state.at_work;
        wait_for(at_work.subscribe(), within, || (*at_work.borrow() == 0).then_some(())).await
    }

    // --- what people do -------------------------------------------------------------------------------------------

    /// Somebody with this number, or this address.
    pub fn customer(&self, address: &str) -> Customer {
        Customer::new(self.state.clone(), address, SENDER)
    }

    /// Hears when any chat may have changed.
    pub fn watch(&self) -> watch::Receiver<u64> {
        self.state.changes()
    }

    /// The chats that changed after a revision (0: all), with so many of their newest messages, and the revision now.
    pub fn chats_since(&self, revision: u64, newest: usize) -> (u64, Vec<Chat>) {
        locked(&self.state.book).changed_since(revision, newest)
    }

    // --- webhooks that others post ---------------------------------------------------------------------------------

    /// A message moves on, and the platform is not told: the callback that tells it, for whoever posts it in our place. None
    /// where there is no such message, or it named no address.
    pub fn moves_untold(&self, sid: &str, status: Status) -> Option<Webhook> {
        let message = locked(&self.state.book).step(sid, status, None, self.state.now())?;
        self.state.note_change();
        let url = message.status_callback.as_deref()?;
        let account = &self.state.account;
        let form = webhook::status_form(&account.sid, &message);
        Some(Webhook::new(&account.auth_token, url, &form, &webhook::idempotency_token()))
    }

    // --- webhooks again -------------------------------------------------------------------------------------------

    /// Tells once more how a message stands, as Twilio may; the callback is a new one, with a token of its own.
    pub async fn call_back_again(&self, sid: &str) {
        let Some(message) = self.message(sid) else { return };
        if let Some(url) = message.status_callback.clone() {
            self.state.tell(&message, &url, &webhook::idempotency_token()).await;
        }
    }

    /// Tells a customer's message once more, with the same token, as where the first answer was lost.
    pub async fn tell_again(&self, written: &Written) -> Written {
        self.state.tell_inbound(written.clone()).await
    }
}
