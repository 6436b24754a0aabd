use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, TimeDelta, Utc};
use serde::Serialize;

use super::template::Button;

/// How long a customer's message opens the door to free text (Twilio, "WhatsApp", *customer service window*).
const WINDOW: TimeDelta = TimeDelta::hours(24);

/// Where a message stands, in Twilio's words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// Taken for a messaging service.
    Accepted,
    /// Taken for a sender.
    Queued,
    /// Gone to WhatsApp.
    Sent,
    /// On her phone.
    Delivered,
    /// Read by her.
    Read,
    /// It never left.
    Failed,
    /// It did not arrive.
    Undelivered,
    /// Hers.
    Received,
}

impl Status {
    /// As it is written.
    pub fn name(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Queued => "queued",
            Self::Sent => "sent",
            Self::Delivered => "delivered",
            Self::Read => "read",
            Self::Failed => "failed",
            Self::Undelivered => "undelivered",
            Self::Received => "received",
        }
    }
}

/// A message as Twilio keeps it, in either direction.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Message {
    /// `SM…`.
    pub sid: String,
    /// The address it goes to, `whatsapp:…`.
    pub to: String,
    /// The address it comes from.
    pub from: String,
    /// The messaging service it was sent by.
    pub service: Option<String>,
    /// Its text; a template's is filled in.
    pub body: String,
    /// The template it was made from.
    pub template: Option<String>,
    /// What was filled in.
    pub variables: BTreeMap<String, String>,
    /// What can be pressed below it.
    pub buttons: Vec<Button>,
    /// Where its callbacks go; with ids of the caller's in its query.
    pub status_callback: Option<String>,
    /// Whether a customer wrote it.
    pub inbound: bool,
    /// Which message a customer answers with it.
    pub reply_to: Option<String>,
    /// Where it stands.
    pub status: Status,
    /// Why it did not arrive.
    pub error_code: Option<u32>,
    /// When it was taken.
    pub at: DateTime<Utc>,
    /// When it left.
    pub sent_at: Option<DateTime<Utc>>,
    /// When it last changed.
    pub updated_at: DateTime<Utc>,
}

impl Message {
    /// The customer's address, whoever wrote.
    pub fn customer(&self) -> &str {
        if self.inbound { &self.from } else { &self.to }
    }
}

/// A customer's messages, oldest first.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Chat {
    /// Her address.
    pub address: String,
    /// The newest of them.
    pub messages: Vec<Message>,
}

#[derive(Default)]
struct Thread {
    messages: Vec<usize>,
    revision: u64,
}

/// All messages, found by their ids and by whom they are with.
#[derive(Default)]
pub(super) struct Book {
    messages: Vec<Message>,
    by_sid: HashMap<String, usize>,
    threads: HashMap<String, Thread>,
    /// Until when a sender may write freely to an address.
    windows: HashMap<(String, String), DateTime<Utc>>,
    revision: u64,
    outbound: usize,
}

impl Book {
    pub(super) fn add(&mut self, message: Message) {
        let number = self.messages.len();
        if message.inbound {
            self.windows.insert((message.from.clone(), message.to.clone()), message.at + WINDOW);
        } else {
            self.outbound += 1;
        }
        self.revision += 1;
        let thread = self.threads.entry(message.customer().to_owned()).or_default();
        thread.messages.push(number);
        thread.revision = self.revision;
        self.by_sid.insert(message.sid.clone(), number);
        self.messages.push(message);
    }

    /// A message moves on. Returns it as it is now.
    pub(super) fn step(
        &mut self,
        sid: &str,
        status: Status,
        error_code: Option<u32>,
        now: DateTime<Utc>,
    ) -> Option<Message> {
        let message = self.messages.get_mut(*self.by_sid.get(sid)?)?;
        message.status = status;
        message.error_code = error_code;
        message.updated_at = now;
        if status == Status::Sent {
            message.sent_at = Some(now);
        }
        self.revision += 1;
        if let Some(thread) = self.threads.get_mut(message.customer()) {
            thread.revision = self.revision;
        }
        Some(message.clone())
    }

    pub(super) fn get(&self, sid: &str) -> Option<&Message> {
        self.messages.get(*self.by_sid.get(sid)?)
    }

    /// Everything taken from the platform, oldest first.
    pub(super) fn outbound(&self) -> impl Iterator<Item = &Message> {
        self.messages.iter().filter(|message| !message.inbound)
    }

    pub(super) fn outbound_count(&self) -> usize {
        self.outbound
    }

    /// What is between a customer and us, oldest first.
    pub(super) fn with(&self, address: &str) -> impl DoubleEndedIterator<Item = &Message> {
        let numbers = self.threads.get(address).map_or(&[][..], |thread| &thread.messages);
        numbers.iter().filter_map(|number| self.messages.get(*number))
    }

    /// Those that `is_wanted`, newest first, sought among a customer's where one is named.
    pub(super) fn newest(
        &self,
        customers: [Option<&str>; 2],
        is_wanted: impl Fn(&Message) -> bool,
    ) -> Vec<&Message> {
        match customers.into_iter().flatten().find(|address| self.threads.contains_key(*address)) {
            Some(address) => self.with(address).rev().filter(|message| is_wanted(message)).collect(),
            None => self.messages.iter().rev().filter(|message| is_wanted(message)).collect(),
        }
    }

    pub(super) fn is_open(&self, customer: &str, sender: &str, now: DateTime<Utc>) -> bool {
        let window = self.windows.get(&(customer.to_owned(), sender.to_owned()));
        window.is_some_and(|until| now < *until)
    }

    /// The threads that changed after `revision`, with so many of their newest messages, and the revision now.
    pub(super) fn changed_since(&self, revision: u64, newest: usize) -> (u64, Vec<Chat>) {
        let changed = self.threads.iter().filter(|(_, thread)| thread.revision > revision);
        let chats = changed.map(|(address, thread)| {
            let from = thread.messages.len().saturating_sub(newest);
            let messages =
                thread.messages[from..].iter().filter_map(|number| self.messages.get(*number)).cloned();
            Chat { address: address.clone(), messages: messages.collect() }
        });
        (self.revision, chats.collect())
    }
}
