//! What is true now, as the facts that would tell it: for whoever makes a projection anew.

use kernel::{BusinessId, CustomerId, Principal};
use outbox::NewEvent;

use crate::app::App;
use crate::domain::access;
use crate::{Error, events, store};

/// Rows of one page.
const PAGE: i64 = 500;

/// Where the next page begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SnapshotPlace {
    /// Among the businesses, after this one; at their beginning without one.
    Businesses(Option<BusinessId>),
    /// Among the customers, after this one; at their beginning without one.
    Customers(Option<CustomerId>),
}

impl App {
    /// A page of facts, and where the next begins.
    pub async fn snapshot(
        &self,
        caller: &Principal,
        place: SnapshotPlace,
    ) -> Result<(Vec<NewEvent>, Option<SnapshotPlace>), Error> {
        access::platform(caller)?;
        match place {
            SnapshotPlace::Businesses(after) => {
                let shops = store::snapshot::businesses(&self.pool, after, PAGE).await?;
                let last = shops.last().map(|shop| shop.business);
                let next = if last.is_some() {
                    SnapshotPlace::Businesses(last)
                } else {
                    SnapshotPlace::Customers(None)
                };
                Ok((shops.iter().flat_map(events::of_shop).collect(), Some(next)))
            }
            SnapshotPlace::Customers(after) => {
                let customers = store::snapshot::customers(&self.pool, after, PAGE).await?;
                let next = customers.last().map(|known| SnapshotPlace::Customers(Some(known.customer)));
                Ok((customers.iter().flat_map(events::of_known).collect(), next))
            }
        }
    }
}
