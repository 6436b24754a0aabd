//! Google Wallet, as far as loyalty cards use it: OAuth, REST, save links and callbacks.
//!
//! Every body is checked against the fields Google documents; what it does not know is refused. What is not documented
//! is decided for the strict side and stands here: a notification beyond the quota is refused with 403 (tests can choose
//! another status) and a message that begins with `QuotaExceededException`; a balance must have exactly one value, also
//! after a merge; an approved class is handed in again (`UNDER_REVIEW`) with each change; `http` addresses are taken for
//! this machine alone.

mod account;
mod callback;
mod fields;
mod refusal;
mod rest;
mod shape;
pub(crate) mod state;
pub(crate) mod wallet;

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use serde::Serialize;
use serde_json::Value;

pub use account::ServiceAccount;
pub use callback::{Callback, Event, Forgery, Sending};
pub use reqwest::Url;

use crate::tasks::Tasks;
use crate::{DEADLINE, Late, locked, wait_for};
use state::{Limiter, State};
use wallet::Of;

/// The issuer that the service account belongs to.
pub const ISSUER_ID: &str = "3388000000012345678";
/// Requests a second, unless a test says otherwise.
pub const RATE_LIMIT: u32 = 20;
/// Whose phone it is where no phone is named.
pub(crate) const SOMEBODY: &str = "somebody";

/// What goes wrong with a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// It is refused with this status, and nothing was done.
    Status(u16),
    /// It is taken and never answered, and nothing was done.
    Hang,
    /// It is done, and the answer is lost.
    LoseAnswer,
}

/// A request to the wallet (not for a token) as it came.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Request {
    /// When it came, by the machine's clock.
    pub at: DateTime<Utc>,
    /// GET, POST, PUT or PATCH.
    pub method: String,
    /// Its path, beginning with `/loyalty`.
    pub path: String,
    /// How it was answered; none if it was not, or not yet.
    pub status: Option<u16>,
}

/// Why the server could not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// No key could be made.
    #[error("no key could be made")]
    Key,
    /// There is no HTTP client to send callbacks with.
    #[error("HTTP client")]
    Client(#[from] reqwest::Error),
    /// No port could be taken.
    #[error("port")]
    Port(#[from] std::io::Error),
}

/// Why a phone does not take a pass in.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SaveError {
    /// The address is not that of a save link.
    #[error("not a save link")]
    NotASaveLink,
    /// The service account did not sign it so, or not for Google.
    #[error("signature: {0}")]
    Signature(String),
    /// A claim is missing or wrong.
    #[error("claim {0}")]
    Claim(&'static str),
    /// It holds more than the ids of one object and its class.
    #[error("the link holds more, or less, than the ids of one object and its class")]
    NotSkinny,
    /// The object was never inserted.
    #[error("there is no object {0}")]
    NoObject(String),
    /// The object is of another class.
    #[error("the object is not of class {0}")]
    OtherClass(String),
    /// Somebody else has it, and its class allows one holder.
    #[error("{0}")]
    Taken(String),
}

/// The running server. It ends, with every connection, when this value is dropped.
pub struct Google {
    state: Arc<State>,
    url: String,
    _tasks: Tasks,
}

impl Google {
    /// Starts an empty wallet with a service account and keys of its own.
    pub async fn start() -> Result<Self, StartError> {
        // A platform tried on a local network has a certificate that it made itself; callbacks are signed anyway.
        let http = reqwest::Client::builder().no_proxy().tls_danger_accept_invalid_certs(true).build()?;
        let (listener, address) = crate::server::bind().await?;
        let url = format!("http://{address}");
        let state = Arc::new(State::new(account::Account::new(&url)?, callback::Signer::new()?, http));
        let tasks = Tasks::new();
        crate::server::serve(&tasks, listener, rest::routes(state.clone()));
        Ok(Self { state, url, _tasks: tasks })
    }

    /// The address to configure in place of `https://walletobjects.googleapis.com`. The token address is in the
    /// account's key file.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The address to configure in place of `https://pay.google.com/gp/m/issuer/keys`.
    pub fn keys_url(&self) -> String {
        format!("{}/keys", self.url)
    }

    /// The key file to configure, and what is in it.
    pub fn service_account(&self) -> &ServiceAccount {
        &self.state.account.public
    }

    /// The issuer to configure.
    pub fn issuer_id(&self) -> &'static str {
        ISSUER_ID
    }

    /// What phones need of it; keeps no server alive.
    pub(crate) fn state(&self) -> Arc<State> {
        self.state.clone()
    }

    // --- what goes wrong ------------------------------------------------------------------------------------------

    /// The next request to the wallet goes wrong so; several wait their turn.
    pub fn fault_next(&self, fault: Fault) {
        locked(&self.state.faults).next.push_back(fault);
    }

    /// Every request to the wallet goes wrong so, until [`Google::heal`].
    pub fn fault_always(&self, fault: Fault) {
        locked(&self.state.faults).always = Some(fault);
    }

    /// Every request that names this class or object in its path goes wrong so, until [`Google::heal`].
    pub fn fault_of(&self, id: &str, fault: Fault) {
        locked(&self.state.faults).of_resource.insert(id.to_owned(), fault);
    }

    /// The next request for a token goes wrong so.
    pub fn fault_next_token(&self, fault: Fault) {
        locked(&self.state.faults).next_token.push_back(fault);
    }

    /// Forgets the faults that were asked for.
    pub fn heal(&self) {
        *locked(&self.state.faults) = state::Faults::default();
    }

    /// Every token handed out so far is refused from now on, as if its hour were over.
    pub fn expire_tokens(&self) {
        self.state.forget_tokens();
    }

    /// Admits so many requests a second; none means as many as come.
    pub fn rate_limit(&self, a_second: Option<u32>) {
        *locked(&self.state.limiter) = Limiter::new(a_second);
    }

    /// The status with which a notification beyond the quota is refused.
    pub fn quota_status(&self, status: u16) {
        locked(&self.state.wallet).quota_status = status;
    }

    /// Lets time pass, for tokens, quotas and whatever is signed.
    pub fn advance(&self, by: TimeDelta) {
        self.state.move_clock(by);
    }

    // --- what was asked -------------------------------------------------------------------------------------------

    /// Every request to the wallet so far.
    pub fn requests(&self) -> Vec<Request> {
        locked(&self.state.requests).clone()
    }

    /// Waits until this many requests to the wallet have been answered.
    pub async fn until_requests(&self, count: usize) -> Result<Vec<Request>, Late> {
        wait_for(self.state.recorded.subscribe(), DEADLINE, || {
            let requests = locked(&self.state.requests);
            let answered = requests.iter().filter(|request| request.status.is_some()).count();
            (answered >= count).then(|| requests.clone())
        })
        .await
    }

    /// The most requests that came within any one second.
    pub fn busiest_second(&self) -> usize {
        let times: Vec<_> = self.requests().iter().map(|request| request.at).collect();
        let within = |from: usize| {
            let until = times[from] + TimeDelta::seconds(1);
            times[from..].iter().take_while(|at| **at < until).count()
        };
        (0..times.len()).map(within).max().unwrap_or_default()
    }

    /// The class as it is kept.
    pub fn class(&self, id: &str) -> Option<Value> {
        locked(&self.state.wallet).get(Of::Class, id).cloned()
    }

    /// The object as it is kept.
    pub fn object(&self, id: &str) -> Option<Value> {
        locked(&self.state.wallet).get(Of::Object, id).cloned()
    }

    /// The ids of all objects.
    pub fn objects(&self) -> Vec<String> {
        locked(&self.state.wallet).all(Of::Object).keys().cloned().collect()
    }

    /// The notifications that a pass has caused, oldest first.
    pub fn notices(&self, id: &str) -> Vec<String> {
        locked(&self.state.wallet).notices(id).to_vec()
    }

    /// Waits until an object is so.
    pub async fn until_object(&self, id: &str, is_so: impl Fn(&Value) -> bool) -> Result<Value, Late> {
        wait_for(self.state.changed.subscribe(), DEADLINE, || self.object(id).filter(|object| is_so(object)))
            .await
    }

    // --- what people do -------------------------------------------------------------------------------------------

    /// Somebody opens a save link on a phone of no interest; returns the object's id. [`crate::android::Android`] is a
    /// phone of interest.
    pub async fn save(&self, url: &str) -> Result<String, SaveError> {
        self.state.save(url, SOMEBODY).await
    }

    /// That person throws the pass out again. False if she did not have it.
    pub async fn delete(&self, object_id: &str) -> bool {
        self.state.delete(object_id, SOMEBODY).await
    }

    // --- callbacks ------------------------------------------------------------------------------------------------

    /// What is sent from now on when somebody saves or deletes a pass.
    pub fn send_callbacks(&self, sending: Sending) {
        *locked(&self.state.sending) = sending;
    }

    /// Sends callbacks to this scheme, host and port in place of those of the class; the path stays the class's.
    pub fn callback_base(&self, base: Url) {
        *locked(&self.state.callback_base) = Some(base);
    }

    /// A callback as it would be sent now, forged or not; none where the object or its callback address is missing.
    pub fn make_callback(&self, object_id: &str, event: Event, forgery: Option<Forgery>) -> Option<Callback> {
        self.state.make_callback(object_id, event, forgery)
    }

    /// Sends a callback of [`Google::make_callback`] or [`Google::callbacks`], perhaps again.
    pub async fn send_callback(&self, callback: Callback) {
        self.state.send(callback).await;
    }

    /// The callbacks sent so far, with their answers.
    pub fn callbacks(&self) -> Vec<Callback> {
        locked(&self.state.callbacks).clone()
    }
}
