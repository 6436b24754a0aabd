//! How far servers have come, as byte positions of PostgreSQL's log.

use sqlx::PgPool;

/// How far the primary has written.
pub(crate) async fn written(primary: &PgPool) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar!(r#"select pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')::bigint as "position!""#)
        .fetch_one(primary)
        .await
}

/// How far a replica shows it; `None` for a server that follows nobody, and so shows nothing new.
pub(crate) async fn replayed(replica: &PgPool) -> Result<Option<i64>, sqlx::Error> {
    sqlx::query_scalar!(
        "select pg_wal_lsn_diff(pg_last_wal_replay_lsn(), '0/0')::bigint where pg_is_in_recovery()"
    )
    .fetch_optional(replica)
    .await
    .map(Option::flatten)
}
