//! What is true now, as the facts that would tell it: for whoever makes a projection anew.

use kernel::{CardId, Principal};
use outbox::NewEvent;

use super::App;
use crate::{Error, events, store};

/// Cards of one page.
const PAGE: i64 = 500;

impl App {
    /// A page of facts, and the card after which the next begins.
    pub(crate) async fn snapshot(
        &self,
        caller: &Principal,
        after: Option<CardId>,
    ) -> Result<(Vec<NewEvent>, Option<CardId>), Error> {
        caller.must_be_platform()?;
        let cards = store::snapshot::page(&self.pool, after, PAGE).await?;
        let next = cards.last().map(|passes| passes.card);
        Ok((cards.iter().flat_map(events::of_passes).collect(), next))
    }
}
