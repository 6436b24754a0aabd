//! A push service of browsers (RFC 8030), and browsers that subscribed at it.
//!
//! It is as strict as the strictest of the real ones: who sends must sign (RFC 8292) and say how to be reached, as Apple wants
//! it; a message is taken from the key alone that the browser subscribed with, encrypted as RFC 8291 says, and no longer than
//! 4,096 bytes. A [`Browser`] reads what it was sent by a path of its own.

mod browser;
mod rest;

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex};

use chrono::{DateTime, Utc};
use tokio::sync::watch;

pub use browser::{Browser, Notice, Unreadable};

use crate::tasks::Tasks;
use crate::{DEADLINE, Late, locked, wait_for};

/// What goes wrong with a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// It is refused with this status, and not kept.
    Status(u16),
    /// It is refused with 429, and a pause of so many seconds is asked for.
    TooMany {
        /// What `Retry-After` says.
        retry_after: u64,
    },
    /// It is not kept, and no answer comes.
    Hang,
    /// It is kept, and no answer comes.
    TakeAndHang,
}

/// A message as it came, taken or not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Push {
    /// The last part of the address it was sent to.
    pub subscription: String,
    /// How long it is kept, in seconds.
    pub ttl: u64,
    /// very-low, low, normal or high.
    pub urgency: String,
    /// What it replaces; empty without one.
    pub topic: String,
    /// Encrypted.
    pub body: Vec<u8>,
    /// How it was answered; 0 where it was not.
    pub status: u16,
}

/// The running server. It ends, with every connection, when this value is dropped.
pub struct WebPush {
    state: Arc<State>,
    url: String,
    _tasks: Tasks,
}

/// What is known of a browser.
#[derive(Clone, Debug)]
pub(crate) struct Subscription {
    /// The only key whose messages are taken, as the page wrote it.
    application_server_key: String,
    is_gone: bool,
}

#[derive(Default)]
pub(crate) struct State {
    /// Scheme, host and port, which tokens must name.
    origin: Mutex<String>,
    subscriptions: Mutex<HashMap<String, Subscription>>,
    pushes: Mutex<Vec<Push>>,
    mistakes: Mutex<Vec<String>>,
    next: Mutex<VecDeque<Fault>>,
    always: Mutex<Option<Fault>>,
    recorded: watch::Sender<usize>,
}

impl State {
    fn now(&self) -> DateTime<Utc> {
        Utc::now()
    }

    fn fault(&self) -> Option<Fault> {
        locked(&self.next).pop_front().or(*locked(&self.always))
    }

    fn record(&self, push: Push) {
        locked(&self.pushes).push(push);
        self.recorded.send_modify(|count| *count += 1);
    }

    /// Messages that were taken for a browser.
    fn taken(&self, subscription: &str) -> Vec<Push> {
        let pushes = locked(&self.pushes);
        let of_hers = pushes.iter().filter(|push| push.subscription == subscription);
        of_hers.filter(|push| matches!(push.status, 0 | 201)).cloned().collect()
    }
}

impl WebPush {
    /// Starts a service that nobody has subscribed at.
    pub async fn start() -> std::io::Result<Self> {
        let (listener, address) = crate::server::bind().await?;
        let url = format!("http://{address}");
        let state = Arc::new(State::default());
        locked(&state.origin).clone_from(&url);
        let tasks = Tasks::new();
        crate::server::serve(&tasks, listener, rest::routes(Arc::clone(&state)));
        Ok(Self { state, url, _tasks: tasks })
    }

    /// The address to add to the services that are known.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// A new browser that takes messages of this key, as `pushManager.subscribe({applicationServerKey})` makes it.
    pub fn subscribe(&self, application_server_key: &str) -> Browser {
        let name = uuid::Uuid::now_v7().simple().to_string();
        let subscription =
            Subscription { application_server_key: application_server_key.to_owned(), is_gone: false };
        locked(&self.state.subscriptions).insert(name.clone(), subscription);
        Browser::at(Arc::clone(&self.state), &self.url, name)
    }

    /// The next message goes wrong so; several wait their turn.
    pub fn fault_next(&self, fault: Fault) {
        locked(&self.state.next).push_back(fault);
    }

    /// Every message goes wrong so, until [`WebPush::heal`].
    pub fn fault_always(&self, fault: Fault) {
        *locked(&self.state.always) = Some(fault);
    }

    /// Forgets the faults that were asked for.
    pub fn heal(&self) {
        locked(&self.state.next).clear();
        *locked(&self.state.always) = None;
    }

    /// Every message so far, also those that were refused.
    pub fn pushes(&self) -> Vec<Push> {
        locked(&self.state.pushes).clone()
    }

    /// Waits until so many messages have come.
    pub async fn until_pushes(&self, count: usize) -> Result<Vec<Push>, Late> {
        wait_for(self.state.recorded.subscribe(), DEADLINE, || {
            let pushes = locked(&self.state.pushes);
            (pushes.len() >= count).then(|| pushes.clone())
        })
        .await
    }

    /// What senders did that the standards forbid, in words.
    pub fn mistakes(&self) -> Vec<String> {
        locked(&self.state.mistakes).clone()
    }
}
