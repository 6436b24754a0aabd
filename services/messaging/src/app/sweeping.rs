//! What time alone brings about.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use kernel::MessageId;

use super::changes::raise;
use super::preparing::zone;
use super::{ATTEMPTS, App, MESSAGES, SCHEMA};
use crate::domain::circuit::State;
use crate::domain::holds::{self, Holds};
use crate::domain::hours;
use crate::domain::outcome::Reason;
use crate::domain::price::Category;
use crate::domain::quality::Brake;
use crate::domain::status::Status;
use crate::store::sweep::Overdue;
use crate::{Error, events, store};

/// Messages of one transaction.
const BATCH: i64 = 500;
/// How long a customer's message waits for her to say which shop she means.
const CHOSEN_WITHIN: chrono::Duration = chrono::Duration::hours(1);

impl App {
    /// Ends leases, ages and cancellations, and opens what has money again; returns how many messages were dealt with.
    pub(crate) async fn sweep(&self) -> Result<usize, Error> {
        let now = self.clock.now();
        store::sweep::let_claims_go(&self.pool, now).await?;
        let done = self.doubt_abandoned().await? + self.give_unchosen().await?;
        self.open_again(now).await?;
        Ok(done + self.end_canceled(now).await? + self.give_up(now).await?)
    }

    /// What was closed for want of money, where some has come back.
    async fn open_again(&self, now: DateTime<Utc>) -> Result<(), Error> {
        let found = store::budget::came_back(&self.pool, BATCH).await?;
        for back in &found {
            let mut tx = self.pool.begin().await?;
            store::business::open_again(&mut tx, back.business).await?;
            store::queue::wake_short(&mut tx, back.business, now).await?;
            store::budget::looked_at(&mut tx, back).await?;
            tx.commit().await?;
            store::sender::open_again(&self.pool, back.business).await?;
            self.wanted.notify_waiters();
        }
        Ok(())
    }

    /// What waits of campaigns that were canceled.
    async fn end_canceled(&self, now: DateTime<Utc>) -> Result<usize, Error> {
        let mut tx = self.pool.begin().await?;
        let found = store::sweep::canceling(&mut tx, BATCH).await?;
        if found.is_empty() {
            return Ok(0);
        }
        let end = (Status::Canceled, Reason::CampaignCanceled);
        let told = self.end(&mut tx, &found, end, now).await?;
        tx.commit().await?;
        told.committed();
        Ok(found.len())
    }

    /// What waited until its time had passed, each for what it waited for.
    async fn give_up(&self, now: DateTime<Utc>) -> Result<usize, Error> {
        let mut tx = self.pool.begin().await?;
        let found = store::sweep::too_old(&mut tx, now, BATCH).await?;
        if found.is_empty() {
            return Ok(0);
        }
        let mut by_cause: HashMap<Reason, Vec<(MessageId, DateTime<Utc>)>> = HashMap::new();
        for one in &found {
            by_cause.entry(cause(one, now)).or_default().push((one.message, one.created_at));
        }
        let mut told = Vec::with_capacity(by_cause.len());
        for (reason, messages) in by_cause {
            told.push(self.end(&mut tx, &messages, (Status::Failed, reason), now).await?);
        }
        tx.commit().await?;
        told.into_iter().for_each(outbox::Appended::committed);
        Ok(found.len())
    }

    /// Calls of processes that are gone: nobody knows what came of them.
    async fn doubt_abandoned(&self) -> Result<usize, Error> {
        let now = self.clock.now();
        let mut tx = self.pool.begin().await?;
        let found = store::sweep::abandoned(&mut tx, now, BATCH).await?;
        if found.is_empty() {
            return Ok(0);
        }
        let mut states = store::message::lock(&mut tx, &found).await?;
        let mut told = Vec::new();
        for state in &mut states {
            if raise(state, Status::InDoubt, None, now) {
                told.push(state.message);
            }
        }
        let ids: Vec<_> = found.iter().map(|(message, _)| message.as_uuid()).collect();
        store::queue::set_in_doubt(&mut tx, &ids, now + self.in_doubt_after).await?;
        let appended = self.write(&mut tx, &states, &told, Vec::new(), now).await?;
        tx.commit().await?;
        appended.committed();
        tracing::warn!(messages = found.len(), "calls without an outcome; the provider will be asked");
        Ok(found.len())
    }

    /// Whoever was asked which shop she means, and has not said so in an hour, is read by the one that wrote to her last.
    async fn give_unchosen(&self) -> Result<usize, Error> {
        let now = self.clock.now();
        let mut tx = self.pool.begin().await?;
        let found = store::inbound::unchosen(&mut tx, now - CHOSEN_WITHIN, BATCH).await?;
        if found.is_empty() {
            return Ok(0);
        }
        let mut facts = Vec::with_capacity(found.len());
        for one in &found {
            store::inbound::give(&mut tx, one.inbound, one.business, None).await?;
            let of = (one.address.as_deref(), one.address_hash.as_slice());
            store::thread::wrote(&mut tx, one.business, of, None, one.received_at).await?;
            facts.push(events::inbound_message(one.business, one.inbound, None, "other", now));
        }
        let told = self.outbox.append(&mut tx, facts).await?;
        tx.commit().await?;
        told.committed();
        Ok(found.len())
    }

    /// Makes months ahead of time, takes out those that are kept no longer, and forgets what is too old to matter.
    pub(crate) async fn keep_house(&self) -> Result<(), Error> {
        let now = boot::partition::agreed(&self.pool, self.clock.now()).await?;
        // What is too old goes whether or not the months could be made.
        let made = boot::partition::ensure(&self.pool, SCHEMA, &[MESSAGES, ATTEMPTS], self.clock.now()).await;
        boot::partition::detach(&self.pool, SCHEMA, &[MESSAGES, ATTEMPTS], self.retention, now).await?;
        store::sweep::purge(&self.pool, now).await?;
        Ok(made?)
    }

    /// Shows how much waits, since when, and what holds it up.
    pub(crate) async fn measure(&self) -> Result<(), Error> {
        let progress = store::progress::count(&self.pool).await?;
        metrics::gauge!("messages_in_doubt").set(progress.in_doubt as f64);
        metrics::gauge!("messages_dead").set(progress.dead as f64);
        metrics::gauge!("inbound_waiting").set(progress.inbound as f64);
        let now = self.clock.now();
        metrics::gauge!("inbound_oldest_waiting_seconds")
            .set(self.clock.seconds_since(progress.inbound_since) as f64);
        let by_category = store::progress::by_category(&self.pool, now).await?;
        for category in crate::domain::price::Category::ALL {
            let word = category.as_str();
            let found = by_category.iter().find(|waiting| waiting.category == word);
            let waited = self.clock.seconds_since(found.and_then(|waiting| waiting.due_since));
            metrics::gauge!("messages_waiting", "category" => word)
                .set(found.map_or(0, |waiting| waiting.count) as f64);
            metrics::gauge!("messages_oldest_waiting_seconds", "category" => word).set(waited as f64);
        }
        // As they stand for all replicas: whoever has just started knows it too.
        for sender in store::sender::list(&self.pool, None).await? {
            let id = sender.sender.to_string();
            let is_open = sender.circuit != State::Closed.as_str();
            metrics::gauge!("provider_circuit_open", "sender" => id.clone()).set(f64::from(is_open as u8));
            let brake = Brake::from_word(&sender.quality_state);
            metrics::gauge!("sender_braked", "sender" => id).set(f64::from(brake as u8));
        }
        boot::partition::measure(&self.pool, SCHEMA, &[MESSAGES, ATTEMPTS], self.retention, now).await?;
        Ok(())
    }
}

/// Why a message is given up whose time has passed.
fn cause(one: &Overdue, now: DateTime<Utc>) -> Reason {
    // Whatever an answer waited for: her window is closed, and more money or another day would not open it.
    if one.category == Category::Service.as_str() {
        return Reason::WindowClosed;
    }
    let is_marketing = one.category == Category::Marketing.as_str();
    let holds = Holds {
        is_unapproved: !one.is_approved,
        is_stopped: one.is_stopped,
        is_broke: one.is_broke,
        is_unanswered: one.is_unanswered,
        is_full: one.is_full,
        is_quiet: is_marketing && hours::is_quiet(zone(one.time_zone.as_deref().unwrap_or_default()), now),
    };
    holds::given_up(Reason::from_word(&one.reason), one.is_due, holds)
}
