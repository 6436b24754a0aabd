//! Whom to reach, and who is known by a number.

use kernel::{BusinessId, CustomerId, Phone};
use sqlx::PgExecutor;
use uuid::Uuid;

use crate::domain::customer::{Contact, Found};

/// Those of these customers whose newest consent to `purpose` is granted at this moment; all of them where no consent
/// is asked for.
pub async fn of_customers(
    db: impl PgExecutor<'_>,
    business: BusinessId,
    customers: &[CustomerId],
    purpose: Option<&str>,
) -> Result<Vec<Contact>, sqlx::Error> {
    let customers: Vec<_> = customers.iter().map(|customer| customer.as_uuid()).collect();
    // Mostly one customer: an array whose length the planner could see would be planned for anew at every call.
    sqlx::query_as!(
        Contact,
        r#"select customer_id as "id: _", name as "name!", phone as "phone!", language
           from enrollment.customer as customer
           where business_id = $1 and customer_id = any((select $2::uuid[])::uuid[]) and phone is not null
             and ($3::text is null or 'granted' = (
                 select state from enrollment.consent as entry
                 where entry.business_id = customer.business_id and entry.customer_id = customer.customer_id
                     and entry.purpose = $3
                 order by entry.version desc limit 1))"#,
        business.as_uuid(),
        &customers,
        purpose,
    )
    .fetch_all(db)
    .await
}

/// Who has this number at which of these businesses.
pub async fn by_phone(
    db: impl PgExecutor<'_>,
    businesses: &[BusinessId],
    phone: &Phone,
) -> Result<Vec<Found>, sqlx::Error> {
    let businesses: Vec<Uuid> = businesses.iter().map(|business| business.as_uuid()).collect();
    sqlx::query_as!(
        Found,
        r#"select business_id as "business: _", customer_id as "customer: _", name as "name!", language,
                  (select state from enrollment.consent as entry
                   where entry.business_id = customer.business_id and entry.customer_id = customer.customer_id
                       and entry.purpose = 'marketing'
                   order by entry.version desc limit 1) as marketing
           from enrollment.customer as customer
           where business_id = any($1) and phone = $2
           order by business_id"#,
        &businesses,
        phone.as_str(),
    )
    .fetch_all(db)
    .await
}
