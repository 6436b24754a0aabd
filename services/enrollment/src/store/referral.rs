//! Who invited whom.

use chrono::{DateTime, Utc};
use kernel::{BusinessId, CustomerId, ReferralId};
use sqlx::{PgConnection, PgExecutor};

use crate::domain::referral::Paid;

/// Most steps that are looked up a chain of invitations.
const LONGEST_CHAIN: i32 = 100;

/// Writes an invitation that counts.
pub async fn insert(
    db: impl PgExecutor<'_>,
    business: BusinessId,
    referrer: CustomerId,
    friend: CustomerId,
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "insert into enrollment.referral
             (referral_id, business_id, referrer_customer_id, friend_customer_id, created_at)
         values ($1, $2, $3, $4, $5)",
        ReferralId::generate().as_uuid(),
        business.as_uuid(),
        referrer.as_uuid(),
        friend.as_uuid(),
        now,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Who invited this customer, who invited that one, and so on.
pub async fn above(
    db: impl PgExecutor<'_>,
    business: BusinessId,
    customer: CustomerId,
) -> Result<Vec<CustomerId>, sqlx::Error> {
    sqlx::query_scalar!(
        r#"with recursive chain (customer_id, steps) as (
               select referrer_customer_id, 1 from enrollment.referral
               where business_id = $1 and friend_customer_id = $2
               union
               select referral.referrer_customer_id, chain.steps + 1
               from enrollment.referral as referral
               join chain on chain.customer_id = referral.friend_customer_id
               where referral.business_id = $1 and chain.steps < $3
           )
           select customer_id as "customer_id!: CustomerId" from chain"#,
        business.as_uuid(),
        customer.as_uuid(),
        LONGEST_CHAIN,
    )
    .fetch_all(db)
    .await
}

/// Marks the unpaid invitations of these friends as paid, each once, and tells which they were.
pub async fn pay(
    tx: &mut PgConnection,
    friends: &[(BusinessId, CustomerId)],
    now: DateTime<Utc>,
) -> Result<Vec<Paid>, sqlx::Error> {
    let businesses: Vec<_> = friends.iter().map(|(business, _)| business.as_uuid()).collect();
    let customers: Vec<_> = friends.iter().map(|(_, customer)| customer.as_uuid()).collect();
    sqlx::query_as!(
        Paid,
        r#"update enrollment.referral as referral set paid_at = $3
           from unnest($1::uuid[], $2::uuid[]) as friend (business_id, customer_id)
           where referral.business_id = friend.business_id and referral.friend_customer_id = friend.customer_id
             and referral.paid_at is null
           returning referral.referral_id as "id: _", referral.business_id as "business: _",
                     referral.referrer_customer_id as "referrer: _", referral.friend_customer_id as "friend: _""#,
        &businesses,
        &customers,
        now,
    )
    .fetch_all(tx)
    .await
}

/// Drops a customer's invitations, given and taken, that were not paid: she is gone.
pub async fn drop_unpaid(
    db: impl PgExecutor<'_>,
    business: BusinessId,
    customer: CustomerId,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "delete from enrollment.referral
         where business_id = $1 and (friend_customer_id = $2 or referrer_customer_id = $2) and paid_at is null",
        business.as_uuid(),
        customer.as_uuid(),
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Drops one customer's own unpaid invitation.
pub async fn drop_as_friend(
    db: impl PgExecutor<'_>,
    business: BusinessId,
    friend: CustomerId,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "delete from enrollment.referral where business_id = $1 and friend_customer_id = $2 and paid_at is null",
        business.as_uuid(),
        friend.as_uuid(),
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Gives the invitations of `from` to `into`. What would say that she invited herself goes; an invitation of `from`
/// moves along only where `into` has none and, if it is unpaid, came later than `from`: whoever was here before was
/// no new friend.
pub async fn move_to(
    tx: &mut PgConnection,
    business: BusinessId,
    from: CustomerId,
    into: CustomerId,
) -> Result<(), sqlx::Error> {
    let (business, from, into) = (business.as_uuid(), from.as_uuid(), into.as_uuid());
    sqlx::query!(
        "delete from enrollment.referral
         where business_id = $1
           and ((referrer_customer_id = $2 and friend_customer_id = $3)
             or (referrer_customer_id = $3 and friend_customer_id = $2)
             or (friend_customer_id = $2 and paid_at is null and $3 < $2)
             or (friend_customer_id = $2 and exists (
                 select from enrollment.referral where business_id = $1 and friend_customer_id = $3)))",
        business,
        from,
        into,
    )
    .execute(&mut *tx)
    .await?;
    sqlx::query!(
        "update enrollment.referral
         set referrer_customer_id = case when referrer_customer_id = $2 then $3 else referrer_customer_id end,
             friend_customer_id = case when friend_customer_id = $2 then $3 else friend_customer_id end
         where business_id = $1 and (referrer_customer_id = $2 or friend_customer_id = $2)",
        business,
        from,
        into,
    )
    .execute(&mut *tx)
    .await?;
    Ok(())
}

/// An invitation as an export tells it.
#[derive(Clone, Debug)]
pub struct Told {
    /// She invited; false: she was invited.
    pub invited: bool,
    /// When.
    pub created_at: DateTime<Utc>,
    /// When both were paid.
    pub paid_at: Option<DateTime<Utc>>,
}

/// A customer's invitations, without the other person.
pub async fn of_customer(
    db: impl PgExecutor<'_>,
    business: BusinessId,
    customer: CustomerId,
) -> Result<Vec<Told>, sqlx::Error> {
    sqlx::query_as!(
        Told,
        r#"select referrer_customer_id = $2 as "invited!", created_at, paid_at from enrollment.referral
           where business_id = $1 and (referrer_customer_id = $2 or friend_customer_id = $2) order by created_at"#,
        business.as_uuid(),
        customer.as_uuid(),
    )
    .fetch_all(db)
    .await
}
