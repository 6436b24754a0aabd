//! The keys that sign, and the secret of this deployment.

use chrono::{DateTime, Utc};
use sqlx::{PgConnection, PgExecutor};

/// The number of the lock under which keys and the secret are made; transaction-level, so PgBouncer may stand between.
const MAKING_KEYS: i64 = 0x5e11_0001;

/// A signing key as it is stored.
#[derive(Clone)]
pub struct SigningKey {
    /// Its `kid`.
    pub id: String,
    /// PKCS#8.
    pub private_key: Vec<u8>,
    /// 32 bytes.
    pub public_key: Vec<u8>,
    /// When it was made.
    pub made_at: DateTime<Utc>,
}

/// All keys, oldest first.
pub async fn all(db: impl PgExecutor<'_>) -> Result<Vec<SigningKey>, sqlx::Error> {
    sqlx::query_as!(
        SigningKey,
        "select key_id as id, private_key, public_key, made_at from enrollment.signing_key order by made_at, key_id",
    )
    .fetch_all(db)
    .await
}

/// Waits until no other replica makes keys, and keeps the others waiting until this transaction ends.
pub async fn lock(tx: &mut PgConnection) -> Result<(), sqlx::Error> {
    sqlx::query!("select pg_advisory_xact_lock($1)", MAKING_KEYS).execute(tx).await?;
    Ok(())
}

/// Writes a new key.
pub async fn insert(db: impl PgExecutor<'_>, key: &SigningKey) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "insert into enrollment.signing_key (key_id, private_key, public_key, made_at) values ($1, $2, $3, $4)",
        key.id,
        key.private_key,
        key.public_key,
        key.made_at,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Removes keys made before a moment.
pub async fn delete_before(db: impl PgExecutor<'_>, moment: DateTime<Utc>) -> Result<(), sqlx::Error> {
    sqlx::query!("delete from enrollment.signing_key where made_at < $1", moment).execute(db).await?;
    Ok(())
}

/// The secret of this deployment; `fresh` becomes it where there is none yet.
pub async fn secret(tx: &mut PgConnection, fresh: &[u8]) -> Result<Vec<u8>, sqlx::Error> {
    sqlx::query!("insert into enrollment.server_secret (value) values ($1) on conflict do nothing", fresh)
        .execute(&mut *tx)
        .await?;
    sqlx::query_scalar!("select value from enrollment.server_secret").fetch_one(tx).await
}
