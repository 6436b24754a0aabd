//! Messages as an owner sees them, and what she may have tried again.

use chrono::Duration;
use kernel::{CustomerId, Invalid, Principal};
use uuid::Uuid;

use super::App;
use super::changes::lower_to_waiting;
use crate::domain::price::Category;
use crate::domain::status::Status;
use crate::store::message::ToWrite;
use crate::store::progress::Progress;
use crate::store::queue::NewRow;
use crate::store::view::Shown;
use crate::{Error, store};

use super::CONSUMER;

/// Messages tried again by one call.
const MOST_RETRIED: i64 = 1_000;
/// How long what is tried again is good, if it was too old already …
const GOOD_FOR: Duration = Duration::hours(24);
/// … and marketing, which has nights to wait for, and money: as long as a campaign's that was planned just now.
const MARKETING_GOOD_FOR: Duration = Duration::hours(72);

impl App {
    /// A page of messages, the newest first, and where the next begins.
    pub(crate) async fn messages(
        &self,
        caller: &Principal,
        (customer, status): (Option<CustomerId>, &str),
        before: Option<Uuid>,
        limit: i64,
    ) -> Result<(Vec<Shown>, Option<Uuid>), Error> {
        let business = caller.managed_business()?;
        let status = match status {
            "" => None,
            word => Some(Status::from_word(word).ok_or_else(|| Invalid::new("status", "unknown"))?.as_str()),
        };
        let found = store::view::list(&self.pool, business, (customer, status), before, limit + 1).await?;
        Ok(page(found, limit))
    }

    /// A page of what failed and waits for a person, or of what waits, oldest first.
    pub(crate) async fn deliveries(
        &self,
        caller: &Principal,
        status: &str,
        after: Option<Uuid>,
        limit: i64,
    ) -> Result<(Vec<Shown>, Option<Uuid>), Error> {
        let business = caller.managed_business()?;
        let dead = match status {
            "" => None,
            "dead" => Some(true),
            "waiting" => Some(false),
            _ => return Err(Invalid::new("status", "unknown").into()),
        };
        let found = store::view::deliveries(&self.pool, business, dead, after, limit + 1).await?;
        Ok(page(found, limit))
    }

    /// Tries one again, or all that may be; how many. Who was written to by another campaign in the meantime is left in peace.
    pub(crate) async fn retry(&self, caller: &Principal, only: Option<Uuid>) -> Result<usize, Error> {
        let business = caller.managed_business()?;
        let now = self.clock.now();
        let mut tx = self.pool.begin().await?;
        let found = store::view::lock_retryable(&mut tx, business, only, now, MOST_RETRIED).await?;
        if only.is_some() && found.is_empty() {
            return Err(Error::NotFound("message_id"));
        }
        let mut states = store::message::lock(&mut tx, &found).await?;
        let marketing: Vec<ToWrite> = states
            .iter()
            .filter_map(|state| ToWrite::of(state.category, state.message, business, state.customer))
            .collect();
        let capped = store::message::capped(&mut tx, &marketing, now).await?;
        states.retain(|state| !capped.contains(&state.message));
        if only.is_some() && states.is_empty() {
            return Err(Error::Capped);
        }
        for state in &mut states {
            lower_to_waiting(state);
            state.reason.clear();
            (state.is_dead, state.is_retryable) = (false, false);
            let is_marketing = state.category == Category::Marketing;
            let good_for = if is_marketing { MARKETING_GOOD_FOR } else { GOOD_FOR };
            state.good_until = state.good_until.max(now + good_for);
        }
        let rows: Vec<NewRow> = states
            .iter()
            .map(|state| NewRow {
                message: state.message,
                created_at: state.created_at,
                business,
                customer: state.customer,
                campaign: state.campaign,
                lane: state.category.lane(),
                category: state.category.as_str(),
                state: "waiting",
                next_at: now,
                good_until: state.good_until,
            })
            .collect();
        store::queue::put(&mut tx, &rows).await?;
        store::message::save(&mut tx, &states, now).await?;
        tx.commit().await?;
        self.wanted.notify_waiters();
        Ok(states.len())
    }

    /// What is still on its way.
    pub(crate) async fn progress(&self, caller: &Principal) -> Result<(Progress, u64), Error> {
        caller.must_be_platform()?;
        let unread = match outbox::pending(&self.broker, CONSUMER).await {
            Ok(unread) => unread,
            Err(outbox::Error::Store(error)) => return Err(error.into()),
            Err(outbox::Error::Broker(_)) => return Err(Error::Unavailable("broker")),
        };
        Ok((store::progress::count(&self.pool).await?, unread))
    }
}

fn page(mut found: Vec<Shown>, limit: i64) -> (Vec<Shown>, Option<Uuid>) {
    let wanted = usize::try_from(limit).unwrap_or(0);
    let has_more = found.len() > wanted;
    found.truncate(wanted);
    let next = found.last().filter(|_| has_more).map(|shown| shown.message);
    (found, next)
}
