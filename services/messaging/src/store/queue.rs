//! What is still to be done with messages.

use chrono::{DateTime, Utc};
use kernel::{BusinessId, CampaignId, CustomerId, MessageId};
use sqlx::{PgConnection, PgExecutor, PgPool};
use uuid::Uuid;

/// A row that a worker has claimed.
#[derive(Clone, Debug)]
pub(crate) struct Claimed {
    pub message: MessageId,
    pub created_at: DateTime<Utc>,
    pub business: BusinessId,
    pub customer: Option<CustomerId>,
    pub campaign: Option<CampaignId>,
    pub category: String,
    pub good_until: DateTime<Utc>,
}

/// A row to be written.
pub(crate) struct NewRow {
    pub message: MessageId,
    pub created_at: DateTime<Utc>,
    pub business: BusinessId,
    pub customer: Option<CustomerId>,
    pub campaign: Option<CampaignId>,
    pub lane: i16,
    pub category: &'static str,
    pub state: &'static str,
    pub next_at: DateTime<Utc>,
    pub good_until: DateTime<Utc>,
}

/// Puts rows in; one that is there already comes back as waiting.
pub(crate) async fn put(tx: &mut PgConnection, rows: &[NewRow]) -> Result<(), sqlx::Error> {
    let ids: Vec<Uuid> = rows.iter().map(|row| row.message.as_uuid()).collect();
    let created: Vec<_> = rows.iter().map(|row| row.created_at).collect();
    let businesses: Vec<Uuid> = rows.iter().map(|row| row.business.as_uuid()).collect();
    let customers: Vec<Option<Uuid>> = rows.iter().map(|row| row.customer.map(CustomerId::as_uuid)).collect();
    let campaigns: Vec<Option<Uuid>> = rows.iter().map(|row| row.campaign.map(CampaignId::as_uuid)).collect();
    let lanes: Vec<i16> = rows.iter().map(|row| row.lane).collect();
    let categories: Vec<String> = rows.iter().map(|row| row.category.to_owned()).collect();
    let states: Vec<String> = rows.iter().map(|row| row.state.to_owned()).collect();
    let next: Vec<_> = rows.iter().map(|row| row.next_at).collect();
    let until: Vec<_> = rows.iter().map(|row| row.good_until).collect();
    sqlx::query!(
        "insert into messaging.queue (message_id, created_at, business_id, customer_id, campaign_id, lane, category, state,
                                      next_at, good_until)
         select * from unnest($1::uuid[], $2::timestamptz[], $3::uuid[], $4::uuid[], $5::uuid[], $6::smallint[], $7::text[],
                              $8::text[], $9::timestamptz[], $10::timestamptz[])
         on conflict (message_id) do update
         set state = excluded.state, next_at = excluded.next_at, leased_until = null, claim_id = null, attempt_id = null,
             slot_at = null, attempts = 0, asked = 0, reason = '', good_until = excluded.good_until",
        &ids,
        &created,
        &businesses,
        &customers as &[Option<Uuid>],
        &campaigns as &[Option<Uuid>],
        &lanes,
        &categories,
        &states,
        &next,
        &until
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// Claims so many of each business, those that are due longest first. What is past its time is the sweeper's.
pub(crate) async fn claim(
    pool: &PgPool,
    lane: i16,
    (businesses, counts): (&[Uuid], &[i64]),
    now: DateTime<Utc>,
    (claim, until): (Uuid, DateTime<Utc>),
) -> Result<Vec<Claimed>, sqlx::Error> {
    sqlx::query_as!(
        Claimed,
        r#"update messaging.queue as q set state = 'claimed', claim_id = $5, leased_until = $6
           from (
             select taken.message_id
             from unnest($2::uuid[], $3::bigint[]) as share (business_id, count)
             cross join lateral (
               select w.message_id from messaging.queue w
               where w.state = 'waiting' and w.lane = $1 and w.business_id = share.business_id and w.next_at <= $4
                 and w.good_until > $4
               order by w.next_at, w.message_id
               limit share.count
               for update skip locked) as taken
           ) as chosen
           where q.message_id = chosen.message_id
           returning q.message_id as "message: MessageId", q.created_at, q.business_id as "business: BusinessId",
                     q.customer_id as "customer: CustomerId", q.campaign_id as "campaign: CampaignId", q.category,
                     q.good_until"#,
        lane,
        businesses,
        counts,
        now,
        claim,
        until
    )
    .fetch_all(pool)
    .await
}

/// Of a claim, those that still are it, held until the transaction ends. Nobody is waited for.
pub(crate) async fn still_claimed(
    tx: &mut PgConnection,
    claim: Uuid,
    messages: &[Uuid],
) -> Result<Vec<MessageId>, sqlx::Error> {
    sqlx::query_scalar!(
        r#"select message_id as "message: MessageId" from messaging.queue
           where message_id = any($2) and state = 'claimed' and claim_id = $1
           order by message_id for update skip locked"#,
        claim,
        messages
    )
    .fetch_all(tx)
    .await
}

/// Lets go of claimed rows; they are due again at `next_at`, each for its reason, or for the one it had where none is given.
pub(crate) async fn release(
    db: impl PgExecutor<'_>,
    claim: Uuid,
    messages: &[Uuid],
    next_at: &[DateTime<Utc>],
    reasons: &[Option<String>],
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update messaging.queue as q
         set state = 'waiting', claim_id = null, leased_until = null, next_at = r.next_at,
             reason = coalesce(r.reason, q.reason)
         from unnest($2::uuid[], $3::timestamptz[], $4::text[]) as r (message_id, next_at, reason)
         where q.message_id = r.message_id and q.state = 'claimed' and q.claim_id = $1",
        claim,
        messages,
        next_at,
        reasons as &[Option<String>]
    )
    .execute(db)
    .await?;
    Ok(())
}

/// What waits for its business's money may go: there is more of it. Rows are locked in the order of all others who lock many.
pub(crate) async fn wake_short(
    tx: &mut PgConnection,
    business: BusinessId,
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update messaging.queue as q set next_at = $2
         from (select message_id from messaging.queue
               where business_id = $1 and state in ('waiting', 'held') and reason = 'budget' and next_at > $2
               order by message_id for update) as short
         where q.message_id = short.message_id",
        business.as_uuid(),
        now
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// These are on their way to the provider from now on.
pub(crate) async fn set_trying(
    tx: &mut PgConnection,
    messages: &[Uuid],
    attempts: &[Uuid],
    slots: &[DateTime<Utc>],
    addresses: &[Vec<u8>],
    leased_until: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update messaging.queue as q
         set state = 'trying', attempt_id = t.attempt_id, slot_at = t.slot_at, address_hash = t.address_hash,
             attempts = q.attempts + 1, leased_until = $5, claim_id = null, reason = ''
         from unnest($1::uuid[], $2::uuid[], $3::timestamptz[], $4::bytea[])
              as t (message_id, attempt_id, slot_at, address_hash)
         where q.message_id = t.message_id",
        messages,
        attempts,
        slots,
        addresses,
        leased_until
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// How a row stands.
pub(crate) struct Standing {
    pub message: MessageId,
    pub state: String,
    pub attempt: Option<Uuid>,
    pub attempts: i32,
}

/// Locks rows, in one order for all; those that are done are not there.
pub(crate) async fn lock(tx: &mut PgConnection, messages: &[Uuid]) -> Result<Vec<Standing>, sqlx::Error> {
    sqlx::query_as!(
        Standing,
        r#"select message_id as "message: MessageId", state, attempt_id as attempt, attempts
           from messaging.queue where message_id = any($1) order by message_id for update"#,
        messages
    )
    .fetch_all(tx)
    .await
}

/// Nothing more is to be done with these.
pub(crate) async fn delete(tx: &mut PgConnection, messages: &[Uuid]) -> Result<(), sqlx::Error> {
    sqlx::query!("delete from messaging.queue where message_id = any($1)", messages).execute(tx).await?;
    Ok(())
}

/// It was not sent, and is tried at `next_at`.
pub(crate) async fn again(
    tx: &mut PgConnection,
    message: MessageId,
    reason: &str,
    next_at: DateTime<Utc>,
    counts: bool,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update messaging.queue
         set state = case when campaign_id is not null
                           and exists (select from messaging.campaign c
                                       where c.campaign_id = queue.campaign_id and c.state = 'paused') then 'held'
                          when campaign_id is not null
                           and exists (select from messaging.campaign c
                                       where c.campaign_id = queue.campaign_id and c.state = 'canceled') then 'canceling'
                          else 'waiting' end,
             next_at = $3, reason = $2, attempt_id = null, slot_at = null, leased_until = null, claim_id = null,
             asked = 0, attempts = case when $4 then attempts else greatest(attempts - 1, 0) end
         where message_id = $1",
        message.as_uuid(),
        reason,
        next_at,
        counts
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// Nobody knows whether it was sent; the provider is asked at `ask_at`.
pub(crate) async fn set_in_doubt(
    tx: &mut PgConnection,
    messages: &[Uuid],
    ask_at: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update messaging.queue set state = 'in_doubt', next_at = $2, leased_until = null where message_id = any($1)",
        messages,
        ask_at
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// What waits of a customer, or of her marketing only; not what is on its way already.
pub(crate) async fn of_customer(
    tx: &mut PgConnection,
    business: BusinessId,
    customer: CustomerId,
    only_marketing: bool,
) -> Result<Vec<(MessageId, DateTime<Utc>)>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"select message_id as "message: MessageId", created_at from messaging.queue
           where business_id = $1 and customer_id = $2 and (lane = 1 or not $3)
             and state in ('waiting', 'held', 'canceling', 'claimed')
           order by message_id for update"#,
        business.as_uuid(),
        customer.as_uuid(),
        only_marketing
    )
    .fetch_all(tx)
    .await?;
    Ok(rows.into_iter().map(|row| (row.message, row.created_at)).collect())
}

/// Marketing that waits for an address, from any business of a sender.
pub(crate) async fn marketing_of_address(
    tx: &mut PgConnection,
    sender: Uuid,
    address: &[u8],
) -> Result<Vec<(MessageId, DateTime<Utc>)>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"select q.message_id as "message: MessageId", q.created_at from messaging.queue q
           where q.address_hash = $2 and q.lane = 1 and q.state in ('waiting', 'held', 'canceling', 'claimed')
             and exists (select from messaging.business b where b.business_id = q.business_id and b.sender_id = $1)
           order by q.message_id for update"#,
        sender,
        address
    )
    .fetch_all(tx)
    .await?;
    Ok(rows.into_iter().map(|row| (row.message, row.created_at)).collect())
}
