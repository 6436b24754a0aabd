//! What is true now, as the facts that would tell it: for whoever makes a projection anew.

use chrono::{DateTime, Utc};
use kernel::{CardId, ProgramId, RewardId, StampId};
use outbox::NewEvent;

use super::App;
use crate::{Error, events, store};

/// Rows of one page.
const PAGE: i64 = 500;

/// Where the next page begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// Among the programs, after this one; at their beginning without one.
    Programs(Option<ProgramId>),
    /// Among the cards, after this one; at their beginning without one.
    Cards(Option<CardId>),
    /// In the ledger, after this entry; at its beginning without one.
    Ledger(Option<(DateTime<Utc>, StampId)>),
    /// Among the rewards, after this one; at their beginning without one.
    Rewards(Option<RewardId>),
}

impl App {
    /// A page of facts, and where the next begins.
    pub async fn snapshot(&self, place: Place) -> Result<(Vec<NewEvent>, Option<Place>), Error> {
        match place {
            Place::Programs(after) => {
                let programs = store::program::page(&self.pool, after, PAGE).await?;
                let last = programs.last().map(|program| program.program);
                let next = if last.is_some() { Place::Programs(last) } else { Place::Cards(None) };
                let facts =
                    programs.iter().map(|program| events::program_changed(program, program.created_at));
                Ok((facts.collect(), Some(next)))
            }
            Place::Cards(after) => {
                let cards = store::snapshot::cards(&self.pool, after, PAGE).await?;
                let last = cards.last().map(|opened| opened.card);
                let next = if last.is_some() { Place::Cards(last) } else { Place::Ledger(None) };
                Ok((cards.iter().map(events::of_opened).collect(), Some(next)))
            }
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
