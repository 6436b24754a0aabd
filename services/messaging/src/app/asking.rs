//! Whose customer is writing: by the message she answers, by her choice, by who wrote to her since, or by who knows her.

use chrono::Duration;
use kernel::{BusinessId, CustomerId};

use super::App;
use crate::domain::address::Address;
use crate::domain::routing::{self, Dealt, Known, Route};
use crate::peers::Found;
use crate::store::attempt::Owner;
use crate::store::inbound::Inbound;
use crate::{Error, store};

/// For how long a shop is taken to be meant after it wrote, or after she chose it.
const MEANT_FOR: Duration = Duration::hours(24);

/// Where a message goes, and what was learnt on the way.
pub(super) struct Asked {
    pub(super) route: Route,
    /// Who answers, and pays for it.
    pub(super) speaker: Option<BusinessId>,
    pub(super) answered: Option<Owner>,
    pub(super) found: Vec<Found>,
}

impl Asked {
    /// Whose the message is as far as can be said.
    pub(super) fn likely(&self) -> Option<BusinessId> {
        match &self.route {
            Route::To(business) => Some(*business),
            Route::Ask(options) => options.first().copied(),
            Route::Name(_) | Route::Nowhere => None,
        }
    }

    /// Who she is at a business.
    pub(super) fn customer_at(&self, business: BusinessId) -> Option<CustomerId> {
        let answered = self.answered.as_ref().filter(|owner| owner.business == business);
        answered.and_then(|owner| owner.customer).or_else(|| {
            self.found.iter().find(|found| found.business == business).map(|found| found.customer)
        })
    }
}

impl App {
    /// Finds out whose a message is.
    pub(super) async fn route(&self, inbound: &Inbound, address: &Address) -> Result<Asked, Error> {
        let now = self.clock.now();
        let answered = match &inbound.replied_sid {
            Some(sid) => store::attempt::owner(&self.pool, sid).await?,
            None => None,
        };
        let question = store::inbound::question(&self.pool, inbound.sender, &inbound.address_hash).await?;
        let chosen = question
            .and_then(|question| Some(Dealt { business: question.chosen?, at: question.chosen_at? }))
            .filter(|chosen| chosen.at > now - MEANT_FOR);
        let wrote =
            store::inbound::wrote(&self.pool, inbound.sender, &inbound.address_hash, now - MEANT_FOR).await?;
        let all = store::business::of_sender(&self.pool, inbound.sender).await?;
        let found = match address.phone() {
            Some(phone) => self.peers.find(&phone, &all).await?,
            None => Vec::new(),
        };
        let known = Known {
            answered: answered.as_ref().map(|owner| owner.business),
            chosen,
            wrote,
            known_at: found.iter().map(|found| found.business).collect(),
            all,
        };
        let mut asked = Asked { route: routing::route(&known), speaker: None, answered, found };
        asked.speaker = match &asked.route {
            Route::Name(_) => {
                let sending = store::business::sending(&self.pool, inbound.sender).await?;
                routing::in_turn(&sending, &inbound.address_hash)
            }
            _ => asked.likely(),
        };
        Ok(asked)
    }
}
