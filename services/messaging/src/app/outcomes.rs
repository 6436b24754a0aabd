//! What came of calls, written in batches.

use std::collections::HashMap;
use std::time::Duration;

use chrono::{DateTime, Utc};
use kernel::MessageId;
use rand::Rng;
use sqlx::{PgConnection, Postgres, Transaction};
use uuid::Uuid;

use super::App;
use super::changes::{lower_to_waiting, raise};
use crate::domain::outcome::{MOST_ATTEMPTS, Reason, Verdict, pause};
use crate::domain::reserve::PAUSE;
use crate::domain::status::Status;
use crate::store::attempt::{Attempt, Called};
use crate::store::message::State;
use crate::store::queue::Standing;
use crate::twilio::Answer;
use crate::{Error, domain, store};

/// The pause while our account is refused.
pub(super) const REFUSED: Duration = Duration::from_secs(60);

/// What came of one call.
pub(crate) struct Outcome {
    pub(crate) message: MessageId,
    pub(crate) created_at: DateTime<Utc>,
    pub(crate) attempt: Uuid,
    pub(crate) came: Came,
}

/// Whether it was made, and how it was answered.
pub(crate) enum Came {
    /// It was not made.
    Untouched,
    /// It was, then.
    Answered(Answer, DateTime<Utc>),
}

/// What is to be written after all of a batch were looked at.
#[derive(Default)]
pub(super) struct Batch {
    pub(super) told: Vec<MessageId>,
    pub(super) done: Vec<Uuid>,
    pub(super) given_back: Vec<Uuid>,
    /// Messages whose call was not made: nobody was written to.
    pub(super) untouched: Vec<Uuid>,
    pub(super) taken_again: Vec<Uuid>,
    pub(super) in_doubt: Vec<Uuid>,
    pub(super) again: Vec<(MessageId, &'static str, DateTime<Utc>, bool)>,
}

/// Locks messages with their rows in the queue, always in this order; what is done has no row.
pub(super) async fn lock(
    tx: &mut PgConnection,
    keys: &[(MessageId, DateTime<Utc>)],
) -> Result<(HashMap<MessageId, Standing>, HashMap<MessageId, State>), sqlx::Error> {
    let ids: Vec<Uuid> = keys.iter().map(|(message, _)| message.as_uuid()).collect();
    let queue = store::queue::lock(&mut *tx, &ids).await?;
    let states = store::message::lock(tx, keys).await?;
    Ok((
        queue.into_iter().map(|row| (row.message, row)).collect(),
        states.into_iter().map(|state| (state.message, state)).collect(),
    ))
}

impl App {
    /// Writes what came of some calls. What a callback has told before stands.
    pub(crate) async fn write_outcomes(&self, outcomes: &[Outcome]) -> Result<(), Error> {
        let now = self.clock.now();
        let mut tx = self.pool.begin().await?;
        let keys: Vec<_> = outcomes.iter().map(|outcome| (outcome.message, outcome.created_at)).collect();
        let (queue, mut states) = lock(&mut tx, &keys).await?;
        let attempts = self.attempts(&mut tx, outcomes.iter().map(|outcome| outcome.attempt)).await?;
        let mut calls = Vec::new();
        let mut batch = Batch::default();
        let mut changed = Vec::new();
        for outcome in outcomes {
            let (Some(mut state), Some(attempt)) =
                (states.remove(&outcome.message), attempts.get(&outcome.attempt))
            else {
                continue;
            };
            if let Came::Answered(answer, called_at) = &outcome.came {
                calls.push(Called {
                    attempt: outcome.attempt,
                    called_at: *called_at,
                    sid: answer.sid.clone(),
                });
            }
            let row = queue.get(&outcome.message).filter(|row| {
                row.attempt == Some(outcome.attempt) && (row.state == "trying" || row.state == "in_doubt")
            });
            self.judge(outcome, row, attempt, &mut state, &mut batch, now);
            changed.push(state);
        }
        store::attempt::set_called(&mut tx, &calls).await?;
        self.commit_batch(tx, changed, batch, now).await?;
        Ok(())
    }

    fn judge(
        &self,
        outcome: &Outcome,
        row: Option<&Standing>,
        attempt: &Attempt,
        state: &mut State,
        batch: &mut Batch,
        now: DateTime<Utc>,
    ) {
        let answer = match &outcome.came {
            Came::Untouched => {
                if row.is_some() {
                    batch.given_back.push(outcome.attempt);
                    batch.untouched.push(outcome.message.as_uuid());
                    // It has what it needs, a place in the tier too, and comes before what has not.
                    batch.again.push((outcome.message, "", outcome.created_at, false));
                    lower_to_waiting(state);
                }
                return;
            }
            Came::Answered(answer, _) => answer,
        };
        // Without a row of its own it was judged before: only that the provider took it is news, and none where a callback
        // has said so. What came of it since, a failure that is tried again among others, stands.
        if row.is_none() && (answer.verdict != Verdict::Accepted || attempt.sid.is_some()) {
            return;
        }
        let tries = row.map_or(0, |row| row.attempts);
        match answer.verdict {
            Verdict::Accepted => {
                let told = Status::from_provider(&answer.status).unwrap_or(Status::HandedOver);
                // How it failed is told by a callback, with a code; here it has only been taken.
                let told =
                    if matches!(told, Status::Failed | Status::Canceled) { Status::HandedOver } else { told };
                self.handed(state, attempt, told, batch, now);
                if row.is_some() {
                    batch.done.push(outcome.message.as_uuid());
                }
            }
            Verdict::Later(reason, asked) => {
                self.later(state, (reason, asked), outcome.attempt, tries, batch, now)
            }
            Verdict::Refused => {
                self.later(state, (Reason::Provider, REFUSED), outcome.attempt, 0, batch, now)
            }
            Verdict::Never(reason) | Verdict::OtherChannel(reason) => {
                self.failed(state, reason, outcome.attempt, batch, now);
            }
            Verdict::Unknown => {
                batch.in_doubt.push(outcome.message.as_uuid());
                if raise(state, Status::InDoubt, None, now) {
                    batch.told.push(state.message);
                }
            }
        }
    }

    /// The provider has it, as far as `told`.
    pub(super) fn handed(
        &self,
        state: &mut State,
        attempt: &Attempt,
        told: Status,
        batch: &mut Batch,
        now: DateTime<Utc>,
    ) {
        if raise(state, told, None, now) {
            state.cost_cents = attempt.spent_cents;
            if attempt.given_back {
                batch.taken_again.push(attempt.attempt);
            }
            if state.delivered_at.is_none() {
                state.poll_at = Some(now + self.poll_after);
            }
            batch.told.push(state.message);
        }
    }

    /// It was not sent, and is tried again, unless it was tried often enough or its time is over.
    pub(super) fn later(
        &self,
        state: &mut State,
        (reason, asked): (Reason, Duration),
        attempt: Uuid,
        tries: i32,
        batch: &mut Batch,
        now: DateTime<Utc>,
    ) {
        let next_at = now + pause(asked, tries, rand::rng().random());
        if tries >= MOST_ATTEMPTS || next_at >= state.good_until {
            return self.failed(state, reason, attempt, batch, now);
        }
        batch.given_back.push(attempt);
        batch.again.push((state.message, reason.as_str(), next_at, true));
        lower_to_waiting(state);
    }

    /// It was not sent and will not be.
    pub(super) fn failed(
        &self,
        state: &mut State,
        reason: Reason,
        attempt: Uuid,
        batch: &mut Batch,
        now: DateTime<Utc>,
    ) {
        if raise(state, Status::Failed, Some(reason), now) {
            metrics::counter!("messages_failed_total", "reason" => reason.as_str()).increment(1);
            batch.told.push(state.message);
            batch.given_back.push(attempt);
        }
        batch.done.push(state.message.as_uuid());
    }

    /// Attempts by their ids.
    pub(super) async fn attempts(
        &self,
        tx: &mut PgConnection,
        ids: impl Iterator<Item = Uuid>,
    ) -> Result<HashMap<Uuid, Attempt>, sqlx::Error> {
        let (ids, created): (Vec<Uuid>, Vec<DateTime<Utc>>) =
            ids.filter_map(|id| Some((id, domain::id::made_at(id)?))).unzip();
        let found = store::attempt::find(tx, &ids, &created).await?;
        Ok(found.into_iter().map(|attempt| (attempt.attempt, attempt)).collect())
    }

    /// Writes everything that a batch came to, with what its transaction did before.
    pub(super) async fn commit_batch(
        &self,
        mut tx: Transaction<'_, Postgres>,
        changed: Vec<State>,
        batch: Batch,
        now: DateTime<Utc>,
    ) -> Result<(), sqlx::Error> {
        store::reached::unmark(&mut tx, &batch.untouched, PAUSE).await?;
        store::queue::delete(&mut tx, &batch.done).await?;
        for (message, reason, next_at, counts) in &batch.again {
            store::queue::again(&mut tx, *message, reason, *next_at, *counts).await?;
        }
        store::queue::set_in_doubt(&mut tx, &batch.in_doubt, now + self.in_doubt_after).await?;
        let told = self.write(&mut tx, &changed, &batch.told, Vec::new(), now).await?;
        store::budget::give_back(&mut tx, &batch.given_back).await?;
        store::budget::take_again(&mut tx, &batch.taken_again).await?;
        tx.commit().await?;
        told.committed();
        Ok(())
    }
}
