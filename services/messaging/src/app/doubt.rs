//! What nobody knows: the provider is asked, and only what is provably absent is sent again. Marketing never is.

use std::time::Duration;

use chrono::{DateTime, Utc};
use futures::future::join_all;
use kernel::MessageId;
use sqlx::PgConnection;
use uuid::Uuid;

use super::App;
use super::changes::lower_to_waiting;
use super::handing::from;
use super::outcomes::Batch;
use super::statuses::Told;
use crate::domain::address::Address;
use crate::domain::outcome::{MOST_ATTEMPTS, Reason};
use crate::domain::price::Category;
use crate::domain::status::Status;
use crate::store::doubt::Doubt;
use crate::store::message::State;
use crate::store::queue::NewRow;
use crate::twilio::{Client, Kept};
use crate::{Error, store};

/// Messages asked about in one round.
const BATCH: i64 = 20;
/// How soon one is asked about again where the provider did not answer.
const ASK_AGAIN: Duration = Duration::from_secs(30);
/// Questions before it stays in doubt for good.
const MOST_QUESTIONS: i32 = 40;
/// The provider keeps whole seconds, and its clock is not ours.
const CLOCKS_DIFFER: chrono::Duration = chrono::Duration::seconds(3);

impl App {
    /// Asks about what is in doubt; returns how many were asked about.
    pub(crate) async fn resolve_doubts(&self) -> Result<usize, Error> {
        let Some(twilio) = &self.twilio else { return Ok(0) };
        let now = self.clock.now();
        let doubts = store::doubt::take(&self.pool, now, now + ASK_AGAIN, BATCH).await?;
        let count = doubts.len();
        for done in join_all(doubts.iter().map(|doubt| self.resolve(twilio, doubt))).await {
            done?;
        }
        Ok(count)
    }

    async fn resolve(&self, twilio: &Client, doubt: &Doubt) -> Result<(), Error> {
        let address = doubt.address.as_deref().and_then(Address::from_provider);
        let Some(address) = address else {
            // She was erased meanwhile: nobody is written to any more, and nothing of hers is asked about.
            return self.give_doubt_up(doubt, Reason::Erased, false).await;
        };
        let day = (doubt.slot_at - CLOCKS_DIFFER).date_naive();
        let kept = match twilio.sent(&address.for_provider(), &from(&doubt.sender_phone), day).await {
            Ok(kept) => kept,
            Err(_) if doubt.asked >= MOST_QUESTIONS => {
                return self.give_doubt_up(doubt, Reason::InDoubt, true).await;
            }
            // Taken with the next question's time already set.
            Err(_) => return Ok(()),
        };
        match self.among(doubt, kept).await? {
            Some(kept) => {
                let status = Status::from_provider(&kept.status).unwrap_or(Status::HandedOver);
                let told = Told {
                    message: doubt.message,
                    attempt: doubt.attempt,
                    sid: kept.sid,
                    status,
                    code: kept.error_code,
                };
                self.learn_statuses(&[told]).await
            }
            None => self.send_absent_again(doubt).await,
        }
    }

    /// The message among those that the provider keeps: taken at about that moment, of no other attempt, and rather the one
    /// that reads the same.
    async fn among(&self, doubt: &Doubt, kept: Vec<Kept>) -> Result<Option<Kept>, Error> {
        let until = doubt.slot_at + self.provider_timeout + CLOCKS_DIFFER + CLOCKS_DIFFER;
        let mut at_that_moment: Vec<Kept> = kept
            .into_iter()
            .filter(|kept| kept.is_outbound())
            .filter(|kept| {
                kept.created_at().is_some_and(|at| at >= doubt.slot_at - CLOCKS_DIFFER && at <= until)
            })
            .collect();
        let sids: Vec<String> = at_that_moment.iter().map(|kept| kept.sid.clone()).collect();
        let known = store::attempt::known(&self.pool, &sids).await?;
        at_that_moment.retain(|kept| !known.contains(&kept.sid));
        let same = at_that_moment.iter().position(|kept| kept.body.is_some() && kept.body == doubt.text);
        if let Some(at) = same {
            return Ok(Some(at_that_moment.swap_remove(at)));
        }
        // What reads as another message in doubt to her is that one's.
        let others = store::doubt::texts_beside(&self.pool, doubt.message).await?;
        at_that_moment.retain(|kept| !kept.body.as_ref().is_some_and(|body| others.contains(body)));
        Ok(at_that_moment.into_iter().min_by_key(|kept| kept.created_at()))
    }

    async fn send_absent_again(&self, doubt: &Doubt) -> Result<(), Error> {
        self.settle(doubt, |app, state, tries, batch, now| {
            if state.category == Category::Marketing || tries >= MOST_ATTEMPTS || state.good_until <= now {
                return app.failed(state, Reason::InDoubt, doubt.attempt, batch, now);
            }
            batch.given_back.push(doubt.attempt);
            batch.again.push((state.message, Reason::InDoubt.as_str(), now, true));
            lower_to_waiting(state);
        })
        .await
    }

    /// It stays in doubt for good; the money is gone where it may have been sent.
    async fn give_doubt_up(&self, doubt: &Doubt, reason: Reason, is_spent: bool) -> Result<(), Error> {
        self.settle(doubt, |app, state, _, batch, now| {
            let cost = state.cost_cents;
            app.failed(state, reason, doubt.attempt, batch, now);
            if is_spent {
                state.cost_cents = cost;
                batch.given_back.clear();
            }
        })
        .await
    }

    /// Ends a doubt, unless somebody else has.
    async fn settle(
        &self,
        doubt: &Doubt,
        end: impl FnOnce(&Self, &mut State, i32, &mut Batch, DateTime<Utc>),
    ) -> Result<(), Error> {
        let now = self.clock.now();
        let Some(created_at) = doubt.message.made_at() else { return Ok(()) };
        let mut tx = self.pool.begin().await?;
        let row = store::queue::lock(&mut tx, &[doubt.message.as_uuid()]).await?.pop();
        let row = row.filter(|row| row.state == "in_doubt" && row.attempt == Some(doubt.attempt));
        let Some(row) = row else { return Ok(()) };
        let Some(mut state) = store::message::lock(&mut tx, &[(doubt.message, created_at)]).await?.pop()
        else {
            return Ok(());
        };
        let mut batch = Batch::default();
        end(self, &mut state, row.attempts, &mut batch, now);
        self.commit_batch(tx, vec![state], batch, now).await?;
        self.wanted.notify_waiters();
        Ok(())
    }

    /// A message that had left the queue is to be sent after all.
    pub(super) async fn put_back(
        &self,
        tx: &mut PgConnection,
        state: &State,
        next_at: DateTime<Utc>,
    ) -> Result<(), sqlx::Error> {
        let row = NewRow {
            message: state.message,
            created_at: state.created_at,
            business: state.business,
            customer: state.customer,
            campaign: state.campaign,
            lane: state.category.lane(),
            category: state.category.as_str(),
            state: "waiting",
            next_at,
            good_until: state.good_until,
        };
        store::queue::put(tx, &[row]).await
    }

    /// Asks how those stand that the provider has not told about for long; returns how many.
    pub(crate) async fn poll(&self) -> Result<usize, Error> {
        let Some(twilio) = &self.twilio else { return Ok(0) };
        let now = self.clock.now();
        let silent = store::doubt::take_silent(&self.pool, now, self.poll_after.as_secs_f64(), BATCH).await?;
        let answers = silent.iter().map(async |one| (one, twilio.message(&one.sid).await));
        for (one, answer) in join_all(answers).await {
            let Ok(Some(kept)) = answer else { continue };
            let Some(status) = Status::from_provider(&kept.status) else { continue };
            self.told_by_question(one.message, one.attempt, kept, status).await?;
        }
        Ok(silent.len())
    }

    async fn told_by_question(
        &self,
        message: MessageId,
        attempt: Uuid,
        kept: Kept,
        status: Status,
    ) -> Result<(), Error> {
        let told = Told { message, attempt, sid: kept.sid, status, code: kept.error_code };
        self.learn_statuses(&[told]).await
    }
}
