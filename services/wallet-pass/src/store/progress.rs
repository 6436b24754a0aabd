//! What is still on its way, and what is past its time.

use chrono::{DateTime, Duration, Utc};
use sqlx::PgPool;

use crate::domain::message::{Outcome, Stop, first_planned_at};

/// How long words wait for their campaign to go on, from when they were planned. What would be said after that is not true any more.
const LONGEST_HELD: Duration = Duration::days(30);

/// Counts of what waits. What a paused campaign holds does not: nobody knows for how long.
pub(crate) struct Progress {
    pub outbox: i64,
    pub waiting: i64,
    pub dead: i64,
}

/// How much is on its way.
pub(crate) async fn count(pool: &PgPool) -> Result<Progress, sqlx::Error> {
    let outbox = sqlx::query_scalar!(
        r#"select count(*) as "outbox!" from wallet_pass.outbox where published_at is null"#
    )
    .fetch_one(pool)
    .await?;
    let by_wallet = by_wallet(pool).await?;
    Ok(Progress {
        outbox,
        waiting: by_wallet.iter().map(|waiting| waiting.count).sum(),
        dead: by_wallet.iter().map(|waiting| waiting.dead).sum(),
    })
}

/// What waits for one wallet.
pub(crate) struct Waiting {
    /// Its name, or [`WORDS`].
    pub wallet: String,
    pub count: i64,
    pub dead: i64,
    /// Since when the first of it may be told; none where none waits.
    pub due_since: Option<DateTime<Utc>>,
}

/// Under this name stand words of campaigns that are on no pass yet: they wait for no wallet.
pub(crate) const WORDS: &str = "words";

/// How much is on its way by wallet; one that has no rows may be missing. What a paused campaign holds does not wait.
pub(crate) async fn by_wallet(pool: &PgPool) -> Result<Vec<Waiting>, sqlx::Error> {
    // Each part reads an index of its own: of phones that know everything there are many more.
    sqlx::query_as!(
        Waiting,
        r#"select wallet as "wallet!", sum(waiting)::bigint as "count!", sum(dead)::bigint as "dead!",
                  min(due_since) as due_since
           from (select wallet, count(*) as waiting, 0::bigint as dead, min(next_at) as due_since
                 from wallet_pass.push where next_at is not null group by wallet
                 union all
                 select wallet, 0, count(*), null
                 from wallet_pass.push where next_at is null and reason <> '' group by wallet
                 union all
                 select $1::text, count(*), 0, min(next_at)
                 from wallet_pass.words where next_at is not null and shown_on is null) as part
           group by wallet"#,
        WORDS
    )
    .fetch_all(pool)
    .await
}

/// Deletes what is only of use for a while.
pub(crate) async fn purge(pool: &PgPool, now: DateTime<Utc>) -> Result<(), sqlx::Error> {
    let inbox_before = now - Duration::days(45);
    sqlx::query!("delete from wallet_pass.inbox where received_at < $1", inbox_before).execute(pool).await?;
    // News of a campaign that is older comes no more: it may be forgotten how it stood.
    sqlx::query!(
        "delete from wallet_pass.campaign
         where campaign_id in (
             select known.campaign_id from wallet_pass.campaign as known
             where known.heard_at < $1
               and not exists (select from wallet_pass.words where words.campaign_id = known.campaign_id)
             for update skip locked)",
        inbox_before
    )
    .execute(pool)
    .await?;
    sqlx::query!(
        "update wallet_pass.words set stop = $2, next_at = $3
         from (select send_id from wallet_pass.words
               where next_at is null and send_id < $1
               order by send_id for update skip locked) as held
         where words.send_id = held.send_id",
        first_planned_at(now - LONGEST_HELD),
        Stop::Over(Outcome::Expired).kept(),
        now,
    )
    .execute(pool)
    .await?;
    // What can be said no more is nobody's to try again.
    sqlx::query!(
        "delete from wallet_pass.push where wallet = 'web' and next_at is null and good_until < $1",
        now - Duration::days(7)
    )
    .execute(pool)
    .await?;
    let nonces_before = now - Duration::days(30);
    sqlx::query!("delete from wallet_pass.google_nonce where taken_at < $1", nonces_before)
        .execute(pool)
        .await?;
    Ok(())
}

#[cfg(test)]
mod tests;
