//! Persons who were erased, or turned out to be one.

use kernel::{BusinessId, CustomerId};
use sqlx::PgConnection;

/// Forgets what was said between a business and a customer. The hash of her address stays, for the opt-out.
pub(crate) async fn erase(
    tx: &mut PgConnection,
    business: BusinessId,
    customer: CustomerId,
) -> Result<(), sqlx::Error> {
    let (business, customer) = (business.as_uuid(), customer.as_uuid());
    sqlx::query!(
        "update messaging.message set text = null, address = null, variables = '[]', customer_id = null
         where business_id = $1
           and (customer_id = $2 or address_hash in (select address_hash from messaging.thread
                                                     where business_id = $1 and customer_id = $2))",
        business,
        customer
    )
    .execute(&mut *tx)
    .await?;
    sqlx::query!(
        "update messaging.inbound set text = null, address = null, customer_id = null
         where business_id = $1
           and (customer_id = $2 or address_hash in (select address_hash from messaging.thread
                                                     where business_id = $1 and customer_id = $2))",
        business,
        customer
    )
    .execute(&mut *tx)
    .await?;
    sqlx::query!(
        "delete from messaging.thread where business_id = $1 and customer_id = $2",
        business,
        customer
    )
    .execute(&mut *tx)
    .await?;
    Ok(())
}

/// Everything of one customer is the other's from now on.
pub(crate) async fn merge(
    tx: &mut PgConnection,
    business: BusinessId,
    from: CustomerId,
    into: CustomerId,
) -> Result<(), sqlx::Error> {
    let (business, from, into) = (business.as_uuid(), from.as_uuid(), into.as_uuid());
    sqlx::query!(
        "update messaging.queue set customer_id = $3 where business_id = $1 and customer_id = $2",
        business,
        from,
        into
    )
    .execute(&mut *tx)
    .await?;
    sqlx::query!(
        "update messaging.message set customer_id = $3 where business_id = $1 and customer_id = $2",
        business,
        from,
        into
    )
    .execute(&mut *tx)
    .await?;
    sqlx::query!(
        "update messaging.inbound set customer_id = $3 where business_id = $1 and customer_id = $2",
        business,
        from,
        into
    )
    .execute(&mut *tx)
    .await?;
    sqlx::query!(
        "update messaging.thread set customer_id = $3 where business_id = $1 and customer_id = $2",
        business,
        from,
        into
    )
    .execute(&mut *tx)
    .await?;
    Ok(())
}
