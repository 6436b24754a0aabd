//! Ways in for tests and benchmarks that the wire does not have.

use kernel::{BusinessId, CustomerId};

use crate::app::App;
use crate::domain::audience::{Audience, Moment};
use crate::domain::customer::Customer;
use crate::store;

pub use crate::grpc::read;

/// Writes customers as the projection would, without their events.
pub async fn write_customers(
    app: &App,
    business: BusinessId,
    customers: &[(CustomerId, Customer)],
) -> Result<(), sqlx::Error> {
    let mut tx = app.pool.begin().await?;
    store::audience::lock(&mut tx, customers.iter().map(|(id, _)| (business, *id))).await?;
    let customers = customers.iter().map(|(id, customer)| ((business, *id), customer.clone())).collect();
    store::audience::save(&mut tx, &customers).await?;
    tx.commit().await
}

/// Who of those that may be written to meets a condition, by the one statement that planning uses.
pub async fn find(
    app: &App,
    business: BusinessId,
    audience: &Audience,
    when: &Moment,
) -> Result<Vec<CustomerId>, sqlx::Error> {
    let mut db = app.pool.acquire().await?;
    let found = store::reach::next(&mut db, business, audience, false, None, i64::MAX, when).await?;
    Ok(found.into_iter().map(|customer| customer.customer_id).collect())
}
