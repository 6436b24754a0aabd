//! Apple's push service, as far as passes use it.
//!
//! What a real server checks is checked: HTTP/2 only, a client certificate of the authority that was named, a topic that
//! is the certificate's own pass type, a token that is one, headers that can be read. What Apple lets pass but a
//! provider should not do (a body that is not `{}`) is answered as Apple would and kept in [`Apns::mistakes`].

mod answer;
mod connection;
mod tls;

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use chrono::{DateTime, Utc};
use serde::Serialize;
use tokio::sync::{broadcast, watch};

pub use answer::{Answer, Faults, Reason};

use crate::tasks::Tasks;
use crate::{DEADLINE, Late, locked, wait_for};

/// Pushes that may wait for a slow phone; beyond that it misses some, and asks for everything instead.
const WAITING_PUSHES: usize = 4_096;

/// A push as it was asked for.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Push {
    /// The phone it is for.
    pub token: String,
    /// `apns-topic`: the pass type.
    pub topic: String,
    /// `apns-id`: the caller's, else one made here.
    pub id: String,
    /// `apns-push-type`, if it was named.
    pub push_type: Option<String>,
    /// `apns-priority`, if it was named.
    pub priority: Option<u8>,
    /// `apns-expiration` in seconds since 1970, if it was named; 0 means one try.
    pub expiration: Option<i64>,
    /// When it came.
    pub at: DateTime<Utc>,
    /// On which connection, counted from 1.
    pub connection: usize,
    /// The status it was answered with; none if it never was.
    pub status: Option<u16>,
}

/// Why the server could not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The authority of the clients cannot be used.
    #[error("client authority: {0}")]
    ClientAuthority(String),
    /// No certificate could be made for the server.
    #[error("certificate")]
    Certificate(#[from] rcgen::Error),
    /// The TLS settings do not fit together.
    #[error("TLS")]
    Tls(#[from] rustls::Error),
    /// No port could be taken.
    #[error("port")]
    Port(#[from] std::io::Error),
}

/// The running server. It ends, with every connection, when this value is dropped.
pub struct Apns {
    state: Arc<State>,
    port: u16,
    authority_pem: String,
    _tasks: Tasks,
}

/// What connections share with the handle.
pub(crate) struct State {
    script: Mutex<answer::Script>,
    pushes: Mutex<Vec<Push>>,
    mistakes: Mutex<Vec<String>>,
    /// How many pushes to each token [`Apns::pushed_to`] has handed out.
    handed_out: Mutex<HashMap<String, usize>>,
    recorded: watch::Sender<usize>,
    delivered: broadcast::Sender<Push>,
    connections: AtomicUsize,
    open: watch::Sender<usize>,
    /// How often the server was healed.
    healed: watch::Sender<usize>,
    close_after: AtomicU64,
}

impl Apns {
    /// Starts a server that trusts client certificates of this authority (PEM; one or several).
    pub async fn start(client_authority_pem: &str) -> Result<Self, StartError> {
        let identity = tls::Identity::new()?;
        let authority_pem = identity.authority_pem.clone();
        let acceptor = identity.acceptor(client_authority_pem)?;
        let state = Arc::new(State {
            script: Mutex::default(),
            pushes: Mutex::default(),
            mistakes: Mutex::default(),
            handed_out: Mutex::default(),
            recorded: watch::Sender::new(0),
            delivered: broadcast::Sender::new(WAITING_PUSHES),
            connections: AtomicUsize::new(0),
            open: watch::Sender::new(0),
            healed: watch::Sender::new(0),
            close_after: AtomicU64::new(0),
        });
        let tasks = Tasks::new();
        let (shared, spawner) = (state.clone(), tasks.spawner().clone());
        let (listener, address) = crate::server::bind().await?;
        crate::server::accept(&tasks, listener, move |stream| {
            connection::serve(shared.clone(), spawner.clone(), acceptor.clone(), stream)
        });
        Ok(Self { state, port: address.port(), authority_pem, _tasks: tasks })
    }

    /// The address to configure in place of `https://api.push.apple.com`.
    pub fn url(&self) -> String {
        format!("https://localhost:{}", self.port)
    }

    /// The authority a client has to trust to reach this server.
    pub fn authority_pem(&self) -> &str {
        &self.authority_pem
    }

    /// Answers the next push so; several wait their turn.
    pub fn answer_next(&self, answer: Answer) {
        locked(&self.state.script).next(answer);
    }

    /// Answers the next push to this token so; goes before everything said without a token.
    pub fn answer_next_to(&self, token: &str, answer: Answer) {
        locked(&self.state.script).next_of_token(token, answer);
    }

    /// From now on answers every push to this token so.
    pub fn always_to(&self, token: &str, answer: Answer) {
        locked(&self.state.script).always_of_token(token, answer);
    }

    /// From now on answers every push so, unless something more particular was said.
    pub fn always(&self, answer: Answer) {
        locked(&self.state.script).always(answer);
    }

    /// What goes wrong by chance from now on, in place of what did before.
    pub fn faults(&self, faults: Faults) {
        locked(&self.state.script).fail(faults);
    }

    /// Says GOAWAY on every connection after this many pushes; 0 keeps them open.
    pub fn close_after(&self, pushes: u64) {
        self.state.close_after.store(pushes, Ordering::Relaxed);
    }

    /// Forgets what was said about answers: every push is accepted again, those too that are held.
    pub fn heal(&self) {
        *locked(&self.state.script) = answer::Script::default();
        self.close_after(0);
        self.state.healed.send_modify(|times| *times += 1);
    }

    /// Every push so far, in the order in which they came; also those that were refused.
    pub fn pushes(&self) -> Vec<Push> {
        locked(&self.state.pushes).clone()
    }

    /// Waits for the next push to this token that this method has not returned before.
    pub async fn pushed_to(&self, token: &str) -> Result<Push, Late> {
        self.pushed_to_within(token, DEADLINE).await
    }

    /// As [`Apns::pushed_to`], with a deadline of one's own.
    pub async fn pushed_to_within(&self, token: &str, within: Duration) -> Result<Push, Late> {
        wait_for(self.state.recorded.subscribe(), within, || {
            let mut handed_out = locked(&self.state.handed_out);
            let pushes = locked(&self.state.pushes);
            let taken = handed_out.entry(token.to_owned()).or_default();
            let push = pushes.iter().filter(|push| push.token == token).nth(*taken)?.clone();
            *taken += 1;
            Some(push)
        })
        .await
    }

    /// Waits until there are at least this many pushes in all.
    pub async fn until_pushes(&self, count: usize) -> Result<Vec<Push>, Late> {
        wait_for(self.state.recorded.subscribe(), DEADLINE, || {
            let pushes = locked(&self.state.pushes);
            (pushes.len() >= count).then(|| pushes.clone())
        })
        .await
    }

    /// What the provider did that Apple lets pass but that is wrong, in words.
    pub fn mistakes(&self) -> Vec<String> {
        locked(&self.state.mistakes).clone()
    }

    /// How many connections were ever made, TLS handshake included.
    pub fn connections(&self) -> usize {
        self.state.connections.load(Ordering::Relaxed)
    }

    /// How many are open now.
    pub fn open_connections(&self) -> usize {
        *self.state.open.borrow()
    }

    /// Hears of every accepted push from now on, as a phone would.
    pub fn subscribe(&self) -> broadcast::Receiver<Push> {
        self.state.delivered.subscribe()
    }
}
