//! What tests ask the database for that nobody else does.

use sqlx::PgPool;

/// The events that were told, as they travel.
pub(crate) async fn told(pool: &PgPool) -> Vec<Vec<u8>> {
    sqlx::query_scalar("select payload from wallet_pass.outbox").fetch_all(pool).await.unwrap()
}

/// How many wait for what another holds.
pub(crate) async fn waiting_for_locks(pool: &PgPool) -> i64 {
    sqlx::query_scalar(
        "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'",
    )
    .fetch_one(pool)
    .await
    .unwrap()
}
