//! Paying who invited a friend.

use kernel::{BusinessId, CustomerId};
use outbox::NewEvent;
use sqlx::PgConnection;

use crate::app::App;
use crate::{events, store};

impl App {
    /// Pays the unpaid invitations of these friends, who were stamped for a purchase, in the transaction that also
    /// remembers those stamps. Each is paid once.
    pub async fn pay_referrals(
        &self,
        tx: &mut PgConnection,
        friends: &[(BusinessId, CustomerId)],
    ) -> Result<(), sqlx::Error> {
        let now = self.now();
        let paid = store::referral::pay(tx, friends, now).await?;
        let facts: Vec<NewEvent> = paid.iter().map(|paid| events::referral_paid(paid, now)).collect();
        // Dropped on purpose: whether this transaction commits is not known here, so the facts wait for the sweeper.
        drop(self.outbox.append(tx, facts).await?);
        Ok(())
    }
}
