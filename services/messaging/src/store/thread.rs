//! Threads: one for each business and address that wrote to it.

use chrono::{DateTime, Utc};
use kernel::{BusinessId, CustomerId, MessageId};
use sqlx::{PgConnection, PgPool};
use uuid::Uuid;

/// A thread as it is listed.
#[derive(Clone, Debug)]
pub(crate) struct Thread {
    pub thread: Uuid,
    pub customer: Option<CustomerId>,
    pub address: Option<String>,
    pub address_hash: Vec<u8>,
    pub last_at: DateTime<Utc>,
    pub last_inbound_at: DateTime<Utc>,
    pub unread: i32,
}

/// She wrote to a business.
pub(crate) async fn wrote(
    tx: &mut PgConnection,
    business: BusinessId,
    (address, address_hash): (Option<&str>, &[u8]),
    customer: Option<CustomerId>,
    at: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "insert into messaging.thread as known
           (thread_id, business_id, address, address_hash, customer_id, last_at, last_inbound_at, unread)
         values ($1, $2, $3, $4, $5, $6, $6, 1)
         on conflict on constraint thread_of do update
         set address = coalesce(excluded.address, known.address),
             customer_id = coalesce(excluded.customer_id, known.customer_id),
             last_at = greatest(known.last_at, excluded.last_at),
             last_inbound_at = greatest(known.last_inbound_at, excluded.last_inbound_at), unread = known.unread + 1",
        Uuid::now_v7(),
        business.as_uuid(),
        address,
        address_hash,
        customer.map(CustomerId::as_uuid),
        at
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// She was answered.
pub(crate) async fn answered(
    tx: &mut PgConnection,
    thread: Uuid,
    at: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update messaging.thread set last_at = greatest(last_at, $2), unread = 0 where thread_id = $1",
        thread,
        at
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// A page, the newest first.
pub(crate) async fn list(
    pool: &PgPool,
    business: BusinessId,
    before: Option<(DateTime<Utc>, Uuid)>,
    limit: i64,
) -> Result<Vec<Thread>, sqlx::Error> {
    sqlx::query_as!(
        Thread,
        r#"select thread_id as thread, customer_id as "customer: CustomerId", address, address_hash, last_at,
                  last_inbound_at, unread
           from messaging.thread
           where business_id = $1 and ($2::timestamptz is null or (last_at, thread_id) < ($2, $3::uuid))
           order by last_at desc, thread_id desc limit $4"#,
        business.as_uuid(),
        before.map(|(at, _)| at),
        before.map(|(_, id)| id),
        limit
    )
    .fetch_all(pool)
    .await
}

/// Messages of a business's threads that nobody has read.
pub(crate) async fn unread(pool: &PgPool, business: BusinessId) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar!(
        r#"select coalesce(sum(unread), 0)::bigint as "unread!" from messaging.thread
           where business_id = $1 and unread > 0"#,
        business.as_uuid()
    )
    .fetch_one(pool)
    .await
}

/// One, by its own id or by a customer's.
pub(crate) async fn find(
    pool: &PgPool,
    business: BusinessId,
    id: Uuid,
) -> Result<Option<Thread>, sqlx::Error> {
    sqlx::query_as!(
        Thread,
        r#"select thread_id as thread, customer_id as "customer: CustomerId", address, address_hash, last_at,
                  last_inbound_at, unread
           from messaging.thread
           where business_id = $1 and (thread_id = $2 or customer_id = $2)
           order by (thread_id = $2) desc, last_at desc limit 1"#,
        business.as_uuid(),
        id
    )
    .fetch_optional(pool)
    .await
}

/// It has been read.
pub(crate) async fn read(pool: &PgPool, thread: Uuid) -> Result<(), sqlx::Error> {
    sqlx::query!("update messaging.thread set unread = 0 where thread_id = $1 and unread > 0", thread)
        .execute(pool)
        .await?;
    Ok(())
}

/// An operation that was done before: its fingerprint, and the message it made.
pub(crate) async fn operation(
    tx: &mut PgConnection,
    business: BusinessId,
    operation: Uuid,
) -> Result<Option<(Vec<u8>, MessageId)>, sqlx::Error> {
    let row = sqlx::query!(
        r#"select fingerprint, message_id as "message: MessageId" from messaging.operation
           where business_id = $1 and operation_id = $2"#,
        business.as_uuid(),
        operation
    )
    .fetch_optional(tx)
    .await?;
    Ok(row.map(|row| (row.fingerprint, row.message)))
}

/// Remembers an operation; false where it is known.
pub(crate) async fn remember(
    tx: &mut PgConnection,
    (business, operation): (BusinessId, Uuid),
    fingerprint: &[u8],
    message: MessageId,
    now: DateTime<Utc>,
) -> Result<bool, sqlx::Error> {
    let put = sqlx::query!(
        "insert into messaging.operation (business_id, operation_id, fingerprint, message_id, created_at)
         values ($1, $2, $3, $4, $5) on conflict (business_id, operation_id) do nothing",
        business.as_uuid(),
        operation,
        fingerprint,
        message.as_uuid(),
        now
    )
    .execute(tx)
    .await?;
    Ok(put.rows_affected() > 0)
}
