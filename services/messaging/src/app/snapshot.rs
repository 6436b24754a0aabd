//! What is true now, as the facts that would tell it: for whoever makes a projection anew.

use kernel::Principal;
use outbox::NewEvent;

use super::App;
use crate::store::opt_out::AddressKey;
use crate::{Error, events, store};

/// Addresses of one page.
const PAGE: i64 = 500;

impl App {
    /// A page of facts, and the sender and the address after which the next begins.
    pub(crate) async fn snapshot(
        &self,
        caller: &Principal,
        after: Option<AddressKey>,
    ) -> Result<(Vec<NewEvent>, Option<AddressKey>), Error> {
        caller.must_be_platform()?;
        let found = store::opt_out::page(&self.pool, after, PAGE).await?;
        let next = found.last().map(|last| (last.sender, last.address_hash.clone()));
        let facts = found.iter().filter_map(|one| {
            // It was counted against a campaign when it was said.
            Some(events::opted_out(one.business?, one.customer?, None, one.at))
        });
        Ok((facts.collect(), next))
    }
}
