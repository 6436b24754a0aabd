//! What is true now, as the facts that would tell it: for whoever makes a projection anew.

use chrono::{DateTime, Utc};
use kernel::{RewardId, StampId};
use outbox::NewEvent;

use super::App;
use crate::{Error, events, store};

/// Rows of one page.
const PAGE: i64 = 500;

/// Where the next page begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// In the ledger, after this entry; at its beginning without one.
    Ledger(Option<(DateTime<Utc>, StampId)>),
    /// Among the rewards, after this one; at their beginning without one.
    Rewards(Option<RewardId>),
}

impl App {
    /// A page of facts, and where the next begins.
    pub async fn snapshot(&self, place: Place) -> Result<(Vec<NewEvent>, Option<Place>), Error> {
        match place {
            Place::Ledger(after) => {
                let entries = store::snapshot::entries(&self.pool, after, PAGE).await?;
                let last = entries.last().map(|entry| (entry.recorded_at, entry.stamp));
                let next = if last.is_some() { Place::Ledger(last) } else { Place::Rewards(None) };
                Ok((entries.iter().map(events::of_entry).collect(), Some(next)))
            }
            Place::Rewards(after) => {
                let rewards = store::snapshot::rewards(&self.pool, after, PAGE).await?;
                let next = rewards.last().map(|reward| Place::Rewards(Some(reward.reward)));
                Ok((rewards.iter().flat_map(events::of_reward).collect(), next))
            }
        }
    }
}
