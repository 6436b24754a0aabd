//! What every operation did.

use chrono::{DateTime, Utc};
use kernel::{BusinessId, OperationId};
use sqlx::{PgConnection, PgPool};

use crate::domain::Fingerprint;

/// An operation about to be remembered.
pub(crate) struct NewOperation {
    /// The tenant.
    pub business: BusinessId,
    /// The client's id of the intent.
    pub operation: OperationId,
    /// What the command resolved to.
    pub fingerprint: Fingerprint,
    /// The answer, encoded.
    pub result: Vec<u8>,
    /// When it was done.
    pub created_at: DateTime<Utc>,
}

/// An operation that was done before.
pub(crate) struct Done {
    /// The tenant.
    pub business: BusinessId,
    /// The client's id of the intent.
    pub operation: OperationId,
    /// What it had resolved to.
    pub fingerprint: Vec<u8>,
    /// The answer, encoded.
    pub result: Vec<u8>,
}

/// Those of the wanted operations that have been done.
pub(crate) async fn find(
    executor: impl sqlx::PgExecutor<'_>,
    wanted: &[(BusinessId, OperationId)],
) -> Result<Vec<Done>, sqlx::Error> {
    let businesses: Vec<_> = wanted.iter().map(|(business, _)| business.as_uuid()).collect();
    let operations: Vec<_> = wanted.iter().map(|(_, operation)| operation.as_uuid()).collect();
    sqlx::query_as!(
        Done,
        r#"select o.business_id as "business: BusinessId", o.operation_id as "operation: OperationId", o.fingerprint,
                  o.result
           from unnest($1::uuid[], $2::uuid[]) as wanted(business_id, operation_id)
           join stamping.operation o using (business_id, operation_id)"#,
        &businesses,
        &operations
    )
    .fetch_all(executor)
    .await
}

/// Remembers an operation; a second one of the same id breaks the transaction, and with it whatever it did twice.
pub(crate) async fn insert(tx: &mut PgConnection, operation: &NewOperation) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "insert into stamping.operation (business_id, operation_id, fingerprint, result, created_at)
         values ($1, $2, $3, $4, $5)",
        operation.business.as_uuid(),
        operation.operation.as_uuid(),
        operation.fingerprint.as_bytes(),
        operation.result,
        operation.created_at
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// Forgets operations older than 90 days and scans older than 3; a client that retries later than that is a new client.
pub(crate) async fn purge(pool: &PgPool, now: DateTime<Utc>) -> Result<(), sqlx::Error> {
    let operations_before = now - chrono::Duration::days(90);
    let scans_before = now - chrono::Duration::days(3);
    sqlx::query!("delete from stamping.operation where created_at < $1", operations_before)
        .execute(pool)
        .await?;
    sqlx::query!("delete from stamping.scan where created_at < $1", scans_before).execute(pool).await?;
    sqlx::query!("delete from stamping.rotating_use where used_at < $1", scans_before).execute(pool).await?;
    let inbox_before = now - chrono::Duration::days(45);
    sqlx::query!("delete from stamping.inbox where received_at < $1", inbox_before).execute(pool).await?;
    Ok(())
}

/// Events that no broker has acknowledged yet.
pub(crate) async fn outbox_pending(pool: &PgPool) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar!(r#"select count(*) as "pending!" from stamping.outbox where published_at is null"#)
        .fetch_one(pool)
        .await
}
