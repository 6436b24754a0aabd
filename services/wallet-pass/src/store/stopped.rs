//! Wallets that refuse us as a whole.

use chrono::{DateTime, Utc};
use sqlx::PgPool;

/// Why nothing is sent to a wallet.
#[derive(Clone, Debug)]
pub(crate) struct Stopped {
    pub wallet: String,
    pub reason: String,
    pub try_at: DateTime<Utc>,
}

/// The wallets that are stopped.
pub(crate) async fn all(pool: &PgPool) -> Result<Vec<Stopped>, sqlx::Error> {
    sqlx::query_as!(Stopped, "select wallet, reason, try_at from wallet_pass.stopped").fetch_all(pool).await
}

/// Stops a wallet for all replicas until `try_at`.
pub(crate) async fn stop(
    pool: &PgPool,
    wallet: &str,
    reason: &str,
    now: DateTime<Utc>,
    try_at: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "insert into wallet_pass.stopped as known (wallet, reason, since, try_at) values ($1, $2, $3, $4)
         on conflict on constraint stopped_pk do update set reason = excluded.reason, try_at = excluded.try_at",
        wallet,
        reason,
        now,
        try_at,
    )
    .execute(pool)
    .await?;
    Ok(())
}

/// It answers again.
pub(crate) async fn go_on(pool: &PgPool, wallet: &str) -> Result<(), sqlx::Error> {
    sqlx::query!("delete from wallet_pass.stopped where wallet = $1", wallet).execute(pool).await?;
    Ok(())
}
