//! What others tell: a friend's first purchase pays who invited her.

use std::sync::Arc;

use kernel::{BusinessId, CustomerId};
use outbox::{Handler, Received};
use prost::Message;
use proto::stamping::Event;
use proto::stamping::event::Fact;
use sqlx::PgConnection;

use crate::app::App;

/// The durable consumer's name.
pub const NAME: &str = "enrollment-stamping";
/// What it reads.
pub const FILTER: &str = "sello.v1.*.stamping.stamp_added";
/// The kind of a stamp that a purchase earned. Bonuses and imports are no visit: were they to pay, one payment would
/// bring the next up the chain of invitations.
const EARNED: &str = "earn";

/// Takes stamps in.
pub struct Stamps {
    /// Who acts on them.
    pub app: Arc<App>,
}

impl Handler for Stamps {
    async fn handle(&self, tx: &mut PgConnection, events: &[Received]) -> Result<(), sqlx::Error> {
        let mut friends: Vec<_> = events.iter().filter_map(stamped).collect();
        // One order for all, so that two replicas wait for each other instead of locking up.
        friends.sort_unstable();
        friends.dedup();
        if friends.is_empty() { Ok(()) } else { self.app.pay_referrals(tx, &friends).await }
    }
}

/// The customer whose card was stamped for a purchase.
fn stamped(event: &Received) -> Option<(BusinessId, CustomerId)> {
    let Ok(Event { business_id, fact: Some(Fact::StampAdded(stamp)), .. }) =
        Event::decode(event.payload.as_slice())
    else {
        tracing::error!(sello.event.id = %event.id, "stamp that cannot be read passed over");
        return None;
    };
    if stamp.kind != EARNED {
        return None;
    }
    Some((business_id.parse().ok()?, stamp.card?.customer_id.parse().ok()?))
}
