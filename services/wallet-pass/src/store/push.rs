//! What phones must still be told: one row for each phone and pass, however often it changes. What is particular of
//! browsers stands in [`super::web`].

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use kernel::{BusinessId, CardId, CustomerId};
use sqlx::{PgConnection, PgExecutor, PgPool};
use uuid::Uuid;

use crate::store::pass::Changed;

/// A row that a worker has taken.
#[derive(Clone, Debug)]
pub(crate) struct Push {
    pub push: Uuid,
    pub business: BusinessId,
    pub card: CardId,
    pub customer: CustomerId,
    pub device: String,
    /// The changes that a push sent now tells of.
    pub wanted: i64,
    pub attempts: i32,
    pub traceparent: Option<String>,
}

/// A row as a person sees it.
#[derive(Clone, Debug)]
pub(crate) struct Delivery {
    pub push: Uuid,
    pub card: CardId,
    pub customer: CustomerId,
    pub wallet: String,
    pub reason: String,
    pub attempts: i32,
    pub wanted_at: DateTime<Utc>,
    pub next_at: Option<DateTime<Utc>>,
}

/// Wants every phone that keeps one of these cards to be told. What is backing off keeps its time; what was given up is
/// tried again.
pub(crate) async fn want(
    tx: &mut PgConnection,
    changed: &[Changed],
    traceparent: Option<&str>,
    now: DateTime<Utc>,
) -> Result<u64, sqlx::Error> {
    let cards: Vec<Uuid> = changed.iter().map(|changed| changed.card.as_uuid()).collect();
    let customers: Vec<Uuid> = changed.iter().map(|changed| changed.customer.as_uuid()).collect();
    let wanted = sqlx::query!(
        r#"insert into wallet_pass.push as known
             (push_id, business_id, wallet, card_id, customer_id, device, wanted, next_at, traceparent, wanted_at)
           select gen_random_uuid(), target.business_id, target.wallet, target.card_id, changed.customer_id,
                  target.device, 1, $3, $4, $3
           from unnest($1::uuid[], $2::uuid[]) as changed (card_id, customer_id)
           join (select card_id, business_id, 'apple' as wallet, device from wallet_pass.registration
                 where card_id = any($1)
                 union all
                 select card_id, business_id, 'google', '' from wallet_pass.google_object
                 where card_id = any($1) and has_users) as target using (card_id)
           on conflict on constraint push_target do update
           set wanted = known.wanted + 1, traceparent = excluded.traceparent, wanted_at = excluded.wanted_at,
               attempts = case when known.next_at is null then 0 else known.attempts end,
               next_at = case when known.attempts > 0 and known.next_at is not null
                              then known.next_at else excluded.next_at end"#,
        &cards,
        &customers,
        now,
        traceparent,
    )
    .execute(tx)
    .await?;
    Ok(wanted.rows_affected())
}

/// Takes rows of a wallet that are due, for as long as the lease.
pub(crate) async fn take(
    pool: &PgPool,
    wallet: &str,
    now: DateTime<Utc>,
    lease: DateTime<Utc>,
    limit: i64,
) -> Result<Vec<Push>, sqlx::Error> {
    sqlx::query_as!(
        Push,
        r#"update wallet_pass.push as taken set leased_until = $3
           from (select push_id from wallet_pass.push
                 where wallet = $1 and next_at <= $2 and (leased_until is null or leased_until <= $2)
                 order by next_at limit $4 for update skip locked) as due
           where taken.push_id = due.push_id
           returning taken.push_id as push, business_id as "business: BusinessId", card_id as "card: CardId",
                     customer_id as "customer: CustomerId", device, wanted, attempts, traceparent"#,
        wallet,
        now,
        lease,
        limit,
    )
    .fetch_all(pool)
    .await
}

/// It was told of everything up to `wanted`, and words for a browser are forgotten; what came since is due at once. True where
/// that was all, and the pass says something of which nobody was told yet.
pub(crate) async fn told(
    db: impl PgExecutor<'_>,
    push: Uuid,
    wanted: i64,
    now: DateTime<Utc>,
) -> Result<bool, sqlx::Error> {
    let was_said = sqlx::query_scalar!(
        r#"update wallet_pass.push
         set told = $2, attempts = 0, reason = '', leased_until = null,
             next_at = case when wanted > $2 then $3::timestamptz end,
             words = case when wanted > $2 then words else '' end,
             good_until = case when wanted > $2 then good_until end,
             campaign_id = case when wanted > $2 then campaign_id end,
             send_id = case when wanted > $2 then send_id end
         where push_id = $1
         returning next_at is null
                   and exists (select from wallet_pass.words
                               where shown_on = push.card_id and shown_tag is not null) as "was_said!""#,
        push,
        wanted,
        now,
    )
    .fetch_optional(db)
    .await?;
    Ok(was_said.unwrap_or(false))
}

/// Those of these sends of which a worker has a push that may show what they say; held until the transaction ends. A phone of
/// Apple's is told that something changed, and fetches what it is then: it shows nothing that was taken back before.
pub(crate) async fn under_way(
    tx: &mut PgConnection,
    sends: &[Uuid],
    now: DateTime<Utc>,
) -> Result<HashSet<Uuid>, sqlx::Error> {
    // Whether a worker has them is looked at once they are held: it may have taken them this moment.
    let waiting = sqlx::query!(
        r#"select words.send_id, push.leased_until
           from wallet_pass.push
           join wallet_pass.words on words.shown_on = push.card_id
           where words.send_id = any($1) and push.next_at is not null
             and (push.send_id = words.send_id or push.wallet = 'google' and words.shown_tag is not null)
           order by push.push_id for update of push"#,
        sends,
    )
    .fetch_all(tx)
    .await?;
    let has_one = |until: Option<DateTime<Utc>>| until.is_some_and(|until| until > now);
    Ok(waiting.into_iter().filter(|row| has_one(row.leased_until)).map(|row| row.send_id).collect())
}

/// Phones of Apple's that are to be told of nothing but what was taken back from these cards are told nothing.
pub(crate) async fn unwant(
    tx: &mut PgConnection,
    cards: &[Uuid],
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update wallet_pass.push set next_at = null, told = wanted, attempts = 0, reason = ''
         where wallet = 'apple' and card_id = any($1) and next_at is not null and wanted - told = 1
           and (leased_until is null or leased_until <= $2)",
        cards,
        now,
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// It failed: `next_at` says when it is tried again; without, it waits for a person.
pub(crate) async fn failed(
    pool: &PgPool,
    push: Uuid,
    reason: &str,
    next_at: Option<DateTime<Utc>>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update wallet_pass.push set attempts = attempts + 1, reason = $2, next_at = $3, leased_until = null
         where push_id = $1",
        push,
        reason,
        next_at,
    )
    .execute(pool)
    .await?;
    Ok(())
}

/// It was not tried after all, and is tried at `next_at`.
pub(crate) async fn postpone(
    pool: &PgPool,
    pushes: &[Uuid],
    reason: &str,
    next_at: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update wallet_pass.push set reason = $2, next_at = $3, leased_until = null where push_id = any($1)",
        pushes,
        reason,
        next_at,
    )
    .execute(pool)
    .await?;
    Ok(())
}

/// Forgets what Google's phones were to be told of a card: nobody keeps it.
pub(crate) async fn drop_google(pool: &PgPool, card: CardId) -> Result<(), sqlx::Error> {
    sqlx::query!("delete from wallet_pass.push where wallet = 'google' and card_id = $1", card.as_uuid())
        .execute(pool)
        .await?;
    Ok(())
}

/// Forgets a row whose phone is gone.
pub(crate) async fn drop(pool: &PgPool, push: Uuid) -> Result<(), sqlx::Error> {
    sqlx::query!("delete from wallet_pass.push where push_id = $1", push).execute(pool).await?;
    Ok(())
}

/// A page of what a business's phones are not told yet, in an order that stays.
pub(crate) async fn list(
    pool: &PgPool,
    business: BusinessId,
    dead: Option<bool>,
    before: Option<Uuid>,
    limit: i64,
) -> Result<Vec<Delivery>, sqlx::Error> {
    sqlx::query_as!(
        Delivery,
        r#"select push_id as push, card_id as "card: CardId", customer_id as "customer: CustomerId", wallet, reason,
                  attempts, wanted_at, next_at
           from wallet_pass.push
           where business_id = $1 and (next_at is not null or reason <> '')
             and ($2::boolean is null or (next_at is null) = $2)
             and ($3::uuid is null or push_id < $3)
           order by push_id desc limit $4"#,
        business.as_uuid(),
        dead,
        before,
        limit,
    )
    .fetch_all(pool)
    .await
}

/// Tries a row, or all of a business that were given up, again; returns how many.
pub(crate) async fn retry(
    pool: &PgPool,
    business: BusinessId,
    push: Option<Uuid>,
    now: DateTime<Utc>,
) -> Result<u64, sqlx::Error> {
    let retried = sqlx::query!(
        "update wallet_pass.push set next_at = $3, attempts = 0, leased_until = null
         where business_id = $1 and next_at is null and reason <> '' and ($2::uuid is null or push_id = $2)",
        business.as_uuid(),
        push,
        now,
    )
    .execute(pool)
    .await?;
    Ok(retried.rows_affected())
}
