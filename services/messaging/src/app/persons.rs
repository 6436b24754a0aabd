//! Persons and businesses, as enrollment tells of them.

use kernel::{BusinessId, CustomerId};
use sqlx::PgConnection;

use super::App;
use crate::domain::outcome::Reason;
use crate::domain::status::Status;
use crate::store;

impl App {
    /// A business counts its days in a zone; its name may have changed.
    pub(crate) async fn learn_business(
        &self,
        tx: &mut PgConnection,
        business: BusinessId,
        time_zone: &str,
        version: i64,
    ) -> Result<(), sqlx::Error> {
        self.peers.forget_shop(business);
        store::business::learn(tx, business, time_zone, version).await
    }

    /// She was erased: nothing goes to her any more, and nothing of what was said stays.
    pub(crate) async fn erase(
        &self,
        tx: &mut PgConnection,
        business: BusinessId,
        customer: CustomerId,
    ) -> Result<(), sqlx::Error> {
        let now = self.clock.now();
        let waiting = store::queue::of_customer(tx, business, customer, false).await?;
        drop(self.end(tx, &waiting, (Status::Canceled, Reason::Erased), now).await?);
        store::person::erase(tx, business, customer).await
    }

    /// Two customers were one: what waits for the one who went goes to the one who stays.
    pub(crate) async fn merge(
        &self,
        tx: &mut PgConnection,
        business: BusinessId,
        (from, into): (CustomerId, CustomerId),
    ) -> Result<(), sqlx::Error> {
        store::person::merge(tx, business, from, into).await
    }

    /// She took her marketing consent back somewhere: what waits is canceled now, not only found out later.
    pub(crate) async fn revoke(
        &self,
        tx: &mut PgConnection,
        business: BusinessId,
        customer: CustomerId,
    ) -> Result<(), sqlx::Error> {
        let now = self.clock.now();
        let waiting = store::queue::of_customer(tx, business, customer, true).await?;
        drop(self.end(tx, &waiting, (Status::Canceled, Reason::NoConsent), now).await?);
        Ok(())
    }
}
