//! The one way in which a message changes: its row, its version and its fact go together.

use chrono::{DateTime, Utc};
use kernel::MessageId;
use outbox::{Appended, NewEvent};
use sqlx::PgConnection;
use uuid::Uuid;

use super::App;
use crate::domain::outcome::Reason;
use crate::domain::price::Category;
use crate::domain::status::Status;
use crate::events;
use crate::store;
use crate::store::message::State;

/// Raises a message to a status; false where it stands higher already.
pub(super) fn raise(state: &mut State, to: Status, reason: Option<Reason>, now: DateTime<Utc>) -> bool {
    if !state.status.rises_to(to) {
        return false;
    }
    state.status = to;
    state.version += 1;
    state.reason = reason.map(Reason::as_str).unwrap_or_default().to_owned();
    let is_over = matches!(to, Status::Failed | Status::Canceled);
    let person = reason.filter(|reason| to == Status::Failed && reason.needs_a_person());
    state.is_dead = person.is_some();
    state.is_retryable =
        person.is_some_and(|reason| reason.may_be_tried_again(state.category == Category::Marketing));
    if matches!(to, Status::Delivered | Status::Read) && state.delivered_at.is_none() {
        state.delivered_at = Some(now);
        metrics::counter!("messages_delivered_total").increment(1);
    }
    if to == Status::Read {
        metrics::counter!("messages_read_total").increment(1);
    }
    if reason == Some(Reason::Blocked) {
        metrics::counter!("messages_blocked_total").increment(1);
    }
    if is_over {
        state.cost_cents = 0;
    }
    if is_over || state.delivered_at.is_some() {
        state.poll_at = None;
    }
    true
}

/// It was not sent and waits again: no fact, since nobody was told that it had gone.
pub(super) fn lower_to_waiting(state: &mut State) {
    state.status = Status::Waiting;
    state.attempt = None;
    state.cost_cents = 0;
    state.poll_at = None;
}

impl App {
    /// Writes changed messages and tells those that were raised.
    pub(super) async fn write(
        &self,
        tx: &mut PgConnection,
        changed: &[State],
        told: &[MessageId],
        mut also: Vec<NewEvent>,
        now: DateTime<Utc>,
    ) -> Result<Appended, sqlx::Error> {
        if !changed.is_empty() {
            store::message::save(tx, changed, now).await?;
        }
        also.extend(
            changed
                .iter()
                .filter(|state| told.contains(&state.message))
                .map(|state| events::message_status(state, now)),
        );
        self.outbox.append(tx, also).await
    }

    /// Ends messages that wait, all for one reason; they leave the queue. What is higher already stays.
    pub(super) async fn end(
        &self,
        tx: &mut PgConnection,
        messages: &[(MessageId, DateTime<Utc>)],
        (status, reason): (Status, Reason),
        now: DateTime<Utc>,
    ) -> Result<Appended, sqlx::Error> {
        let mut states = store::message::lock(tx, messages).await?;
        let mut told = Vec::with_capacity(states.len());
        for state in &mut states {
            // Free text that waited too long failed because her window closed.
            let why = match reason {
                Reason::Expired if state.category == Category::Service => Reason::WindowClosed,
                reason => reason,
            };
            if raise(state, status, Some(why), now) {
                told.push(state.message);
            }
        }
        let ids: Vec<Uuid> = messages.iter().map(|(message, _)| message.as_uuid()).collect();
        store::queue::delete(tx, &ids).await?;
        self.write(tx, &states, &told, Vec::new(), now).await
    }
}
