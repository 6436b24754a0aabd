//! How messages stand, as the provider tells it. Callbacks come by the hundred a second: those that come at about the same time
//! are written by one transaction, and each is answered when it is kept.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};
use kernel::MessageId;
use sqlx::PgConnection;
use tokio::sync::oneshot;
use uuid::Uuid;

use super::App;
use super::changes::raise;
use super::outcomes::{Batch, REFUSED, lock};
use crate::domain::outcome::{self, Reason, Verdict};
use crate::domain::status::Status;
use crate::store::attempt::Attempt;
use crate::store::message::State;
use crate::store::queue::Standing;
use crate::{Error, store};

/// How the provider says that a message stands.
pub(crate) struct Told {
    pub(super) message: MessageId,
    pub(super) attempt: Uuid,
    pub(super) sid: String,
    pub(super) status: Status,
    pub(super) code: Option<i64>,
}

/// A status that somebody waits to see kept.
pub(crate) struct News {
    told: Told,
    kept: oneshot::Sender<Result<(), Error>>,
}

impl App {
    /// Has a status written together with others; returns when it is kept.
    pub(super) async fn bring_status(&self, told: Told) -> Result<(), Error> {
        let (kept, answer) = oneshot::channel();
        let busy = || Error::Unavailable("statuses");
        self.statuses.try_send(News { told, kept }).map_err(|_| busy())?;
        answer.await.map_err(|_| busy())?
    }

    /// Writes a batch and answers everybody in it. Where the batch fails, each is tried alone, so that one that cannot be
    /// written holds up nobody.
    pub(crate) async fn keep_statuses(&self, mut batch: Vec<News>) {
        while !batch.is_empty() {
            let (round, later) = one_of_each_message(batch);
            batch = later;
            let (told, waiting): (Vec<Told>, Vec<_>) =
                round.into_iter().map(|news| (news.told, news.kept)).unzip();
            match self.learn_statuses(&told).await {
                Ok(()) => waiting.into_iter().for_each(|kept| answer(kept, Ok(()))),
                Err(Error::Store(error)) if boot::is_passing(&error) && !boot::is_conflict(&error) => {
                    tracing::warn!(%error, statuses = told.len(), "statuses not written");
                    waiting.into_iter().for_each(|kept| answer(kept, Err(Error::Unavailable("database"))));
                }
                Err(error) => {
                    tracing::warn!(%error, statuses = told.len(), "statuses are written one by one");
                    for (one, kept) in told.iter().zip(waiting) {
                        answer(kept, self.learn_statuses(std::slice::from_ref(one)).await);
                    }
                }
            }
        }
    }

    /// Writes how messages stand, where that is news. No message is named twice.
    pub(super) async fn learn_statuses(&self, told: &[Told]) -> Result<(), Error> {
        let now = self.clock.now();
        let mut tx = self.pool.begin().await?;
        let keys: Vec<(MessageId, DateTime<Utc>)> =
            told.iter().filter_map(|told| Some((told.message, told.message.made_at()?))).collect();
        let (queue, mut states) = lock(&mut tx, &keys).await?;
        let attempts = self.attempts(&mut tx, told.iter().map(|told| told.attempt)).await?;
        let mut written = Written::default();
        for told in told {
            let Some(state) = states.remove(&told.message) else { continue };
            let Some(attempt) = attempts.get(&told.attempt).filter(|attempt| is_of(attempt, told)) else {
                continue;
            };
            written.bound.push(told.attempt);
            written.sids.push(told.sid.clone());
            self.learn_status(told, queue.get(&told.message), state, attempt, &mut written, now);
        }
        self.write_statuses(tx, written, &queue, now).await
    }

    fn learn_status(
        &self,
        told: &Told,
        row: Option<&Standing>,
        mut state: State,
        attempt: &Attempt,
        written: &mut Written,
        now: DateTime<Utc>,
    ) {
        let is_current = state.attempt == Some(told.attempt);
        let batch = &mut written.batch;
        match told.status {
            Status::Failed if is_current => {
                let tries = row.map_or(state.attempts, |row| row.attempts);
                self.failed_there(&mut state, told, tries, batch, now);
            }
            Status::Canceled if is_current => {
                if raise(&mut state, Status::Canceled, Some(Reason::Provider), now) {
                    batch.told.push(state.message);
                    batch.given_back.push(told.attempt);
                }
                batch.done.push(told.message.as_uuid());
            }
            // An earlier attempt that failed says nothing of the one that is under way.
            Status::Failed | Status::Canceled => {}
            status => {
                if !is_current && state.attempt.is_none() {
                    // It was thought not to have been sent, and waits again: it was sent.
                    state.attempt = Some(told.attempt);
                }
                self.handed(&mut state, attempt, status, batch, now);
                batch.done.push(told.message.as_uuid());
            }
        }
        written.changed.push(state);
    }

    async fn write_statuses(
        &self,
        mut tx: sqlx::Transaction<'_, sqlx::Postgres>,
        written: Written,
        queue: &HashMap<MessageId, Standing>,
        now: DateTime<Utc>,
    ) -> Result<(), Error> {
        let Written { bound, sids, batch, changed } = written;
        if changed.is_empty() {
            return Ok(());
        }
        store::attempt::bind(&mut tx, &bound, &sids).await?;
        self.put_back_unqueued(&mut tx, &batch, &changed, queue, now).await?;
        self.commit_batch(tx, changed, batch, now).await?;
        Ok(())
    }

    /// What is tried again needs its row in the queue, which it may have left when it was handed over.
    async fn put_back_unqueued(
        &self,
        tx: &mut PgConnection,
        batch: &Batch,
        changed: &[State],
        queue: &HashMap<MessageId, Standing>,
        now: DateTime<Utc>,
    ) -> Result<(), Error> {
        for (message, ..) in &batch.again {
            let state = changed.iter().find(|state| state.message == *message);
            if let Some(state) = state.filter(|state| !queue.contains_key(&state.message)) {
                self.put_back(tx, state, now).await?;
            }
        }
        Ok(())
    }

    /// The provider says that it did not arrive.
    fn failed_there(
        &self,
        state: &mut State,
        told: &Told,
        tries: i32,
        batch: &mut Batch,
        now: DateTime<Utc>,
    ) {
        if !state.status.rises_to(Status::Failed) {
            return;
        }
        let verdict =
            told.code.map_or(Verdict::Never(Reason::Provider), |code| outcome::of_code(code, state.market));
        if let Some(code) = told.code.filter(|code| !outcome::is_known(*code)) {
            tracing::error!(code, "a message failed for a reason that nobody has taught us");
            metrics::counter!("provider_codes_unknown_total", "code" => code.to_string()).increment(1);
        }
        match verdict {
            Verdict::Later(reason, asked) => {
                self.later(state, (reason, asked), told.attempt, tries, batch, now);
            }
            Verdict::Refused => {
                self.later(state, (Reason::Provider, REFUSED), told.attempt, tries, batch, now);
            }
            Verdict::Never(reason) | Verdict::OtherChannel(reason) => {
                self.failed(state, reason, told.attempt, batch, now);
            }
            Verdict::Accepted | Verdict::Unknown => {
                self.failed(state, Reason::Provider, told.attempt, batch, now);
            }
        }
    }
}

/// What a batch of statuses comes to.
#[derive(Default)]
struct Written {
    bound: Vec<Uuid>,
    sids: Vec<String>,
    batch: Batch,
    changed: Vec<State>,
}

/// Whether an attempt is the one that a status speaks of.
fn is_of(attempt: &Attempt, told: &Told) -> bool {
    if attempt.message != told.message {
        tracing::warn!(sello.message.id = %told.message, "a status of an attempt that is not this message's");
        return false;
    }
    if attempt.sid.as_deref().is_some_and(|sid| sid != told.sid) {
        // One attempt is one message; a second id means that it was sent twice, by whomever.
        tracing::error!(sello.message.id = %told.message, "an attempt with two ids of the provider's");
        metrics::counter!("messages_doubled_total").increment(1);
        return false;
    }
    true
}

/// The first status of each message, and those that come after it: two of one message follow each other.
fn one_of_each_message(batch: Vec<News>) -> (Vec<News>, Vec<News>) {
    let mut seen = HashSet::new();
    batch.into_iter().partition(|news| seen.insert(news.told.message))
}

fn answer(kept: oneshot::Sender<Result<(), Error>>, with: Result<(), Error>) {
    // A caller that has gone away is told by the next question.
    let _ = kept.send(with);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_statuses_of_one_message_follow_each_other() {
        let (first, second) = (MessageId::generate(), MessageId::generate());
        let news = |message: MessageId, status: Status| {
            let told = Told { message, attempt: Uuid::nil(), sid: String::new(), status, code: None };
            News { told, kept: oneshot::channel().0 }
        };
        let (round, later) = one_of_each_message(vec![
            news(first, Status::Sent),
            news(second, Status::Sent),
            news(first, Status::Delivered),
        ]);
        assert_eq!((round.len(), later.len()), (2, 1));
        assert_eq!((later[0].told.message, later[0].told.status), (first, Status::Delivered));
    }
}
