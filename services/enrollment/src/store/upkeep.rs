//! Rows whose time is over.

use chrono::{DateTime, Duration, Utc};
use sqlx::PgPool;

/// How long consumed event ids are remembered: longer than the stream or an outbox can bring them again.
const INBOX: Duration = Duration::days(45);
/// How long ended codes, links and sign-ins stay, to answer questions about them.
const ENDED: Duration = Duration::days(7);
/// How long used refresh tokens stay, so that their reuse is noticed: longer than any of them could live.
const USED_TOKENS: Duration = Duration::days(31);
/// How long wrong tries are remembered after the last.
const TRIES: Duration = Duration::days(90);

/// How long a sign-up can be asked for again.
const OPERATIONS: Duration = Duration::days(90);

/// Removes them. Every replica may do so at any time.
pub async fn purge(pool: &PgPool, now: DateTime<Utc>) -> Result<(), sqlx::Error> {
    sqlx::query!("delete from enrollment.inbox where received_at < $1", now - INBOX).execute(pool).await?;
    sqlx::query!("delete from enrollment.pairing where expires_at < $1", now - ENDED).execute(pool).await?;
    sqlx::query!("delete from enrollment.card_link where expires_at < $1", now - ENDED).execute(pool).await?;
    sqlx::query!("delete from enrollment.word where expires_at < $1", now - ENDED).execute(pool).await?;
    sqlx::query!("delete from enrollment.operation where created_at < $1", now - OPERATIONS)
        .execute(pool)
        .await?;
    sqlx::query!("delete from enrollment.session where expires_at < $1 or revoked_at < $1", now - ENDED,)
        .execute(pool)
        .await?;
    sqlx::query!("delete from enrollment.refresh_token where used_at < $1", now - USED_TOKENS)
        .execute(pool)
        .await?;
    sqlx::query!("delete from enrollment.sign_in_try where last_try_at < $1", now - TRIES)
        .execute(pool)
        .await?;
    Ok(())
}

/// Facts that the stream does not have yet.
pub async fn outbox_pending(pool: &PgPool) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar!(r#"select count(*) as "count!" from enrollment.outbox where published_at is null"#)
        .fetch_one(pool)
        .await
}
