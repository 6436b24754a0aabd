//! What customers wrote.

use chrono::{DateTime, NaiveDate, Utc};
use kernel::{BusinessId, CustomerId};
use sqlx::{PgConnection, PgExecutor, PgPool};
use uuid::Uuid;

use super::ASKED_FOR_BEFORE;
use crate::domain::routing::Dealt;

/// A message that came in.
pub(crate) struct NewInbound<'a> {
    pub inbound: Uuid,
    pub sender: Uuid,
    pub sid: &'a str,
    pub token: Option<&'a str>,
    pub replied_sid: Option<&'a str>,
    pub address: &'a str,
    pub address_hash: &'a [u8],
    pub text: &'a str,
    pub meaning: &'static str,
}

/// Keeps it; false where it was told before.
pub(crate) async fn put(
    tx: &mut PgConnection,
    new: &NewInbound<'_>,
    now: DateTime<Utc>,
) -> Result<bool, sqlx::Error> {
    let put = sqlx::query!(
        "insert into messaging.inbound (inbound_id, received_at, sender_id, sid, idempotency_token, replied_sid, address,
                                        address_hash, text, meaning, state, next_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 'new', $2)
         on conflict do nothing",
        new.inbound,
        now,
        new.sender,
        new.sid,
        new.token,
        new.replied_sid,
        new.address,
        new.address_hash,
        new.text,
        new.meaning
    )
    .execute(tx)
    .await?;
    Ok(put.rows_affected() > 0)
}

/// A message that a worker has taken.
#[derive(Clone, Debug)]
pub(crate) struct Inbound {
    pub inbound: Uuid,
    pub received_at: DateTime<Utc>,
    pub sender: Uuid,
    pub replied_sid: Option<String>,
    pub address: Option<String>,
    pub address_hash: Vec<u8>,
    pub text: Option<String>,
    pub attempts: i32,
}

/// Takes some, of each address the oldest: she is answered in the order she wrote.
pub(crate) async fn take(
    pool: &PgPool,
    now: DateTime<Utc>,
    leased_until: DateTime<Utc>,
    limit: i64,
) -> Result<Vec<Inbound>, sqlx::Error> {
    sqlx::query_as!(
        Inbound,
        r#"update messaging.inbound as i set next_at = $2, attempts = i.attempts + 1
           where i.inbound_id in (
             select o.inbound_id from messaging.inbound o
             where o.next_at <= $1
               and not exists (select from messaging.inbound e
                               where e.address_hash = o.address_hash and e.sender_id = o.sender_id and e.next_at is not null
                                 and (e.received_at, e.inbound_id) < (o.received_at, o.inbound_id))
             order by o.next_at limit $3 for update skip locked)
           returning i.inbound_id as inbound, i.received_at, i.sender_id as sender, i.replied_sid, i.address,
                     i.address_hash, i.text, i.attempts"#,
        now,
        leased_until,
        limit
    )
    .fetch_all(pool)
    .await
}

/// It is dealt with, or waits for her choice; false where another did it meanwhile.
pub(crate) async fn finish(
    tx: &mut PgConnection,
    inbound: Uuid,
    state: &str,
    (business, customer): (Option<BusinessId>, Option<CustomerId>),
) -> Result<bool, sqlx::Error> {
    let finished = sqlx::query!(
        "update messaging.inbound set state = $2, business_id = $3, customer_id = $4, next_at = null
         where inbound_id = $1 and next_at is not null",
        inbound,
        state,
        business.map(BusinessId::as_uuid),
        customer.map(CustomerId::as_uuid)
    )
    .execute(tx)
    .await?;
    Ok(finished.rows_affected() > 0)
}

/// It is looked at again then.
pub(crate) async fn later(pool: &PgPool, inbound: Uuid, next_at: DateTime<Utc>) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update messaging.inbound set next_at = $2 where inbound_id = $1 and next_at is not null",
        inbound,
        next_at
    )
    .execute(pool)
    .await?;
    Ok(())
}

/// What an address wrote, since then, that waits for its choice, in its order.
pub(crate) async fn asked(
    pool: &PgPool,
    sender: Uuid,
    address: &[u8],
    since: DateTime<Utc>,
) -> Result<Vec<Inbound>, sqlx::Error> {
    sqlx::query_as!(
        Inbound,
        r#"select inbound_id as inbound, received_at, sender_id as sender, replied_sid, address, address_hash, text, attempts
           from messaging.inbound
           where address_hash = $2 and received_at > $3 and sender_id = $1 and state = 'asked'
           order by received_at, inbound_id"#,
        sender,
        address,
        since
    )
    .fetch_all(pool)
    .await
}

/// What was asked about before that moment and never chosen: each with the shop that comes first in the question.
pub(crate) struct Unchosen {
    pub inbound: Uuid,
    pub received_at: DateTime<Utc>,
    pub address: Option<String>,
    pub address_hash: Vec<u8>,
    pub business: BusinessId,
}

/// Takes some of them, locked.
pub(crate) async fn unchosen(
    tx: &mut PgConnection,
    before: DateTime<Utc>,
    limit: i64,
) -> Result<Vec<Unchosen>, sqlx::Error> {
    sqlx::query_as!(
        Unchosen,
        r#"select i.inbound_id as inbound, i.received_at, i.address, i.address_hash, q.options[1] as "business!: BusinessId"
           from messaging.inbound i
           join messaging.question q on q.sender_id = i.sender_id and q.address_hash = i.address_hash
           where i.state = 'asked' and i.received_at < $1 and q.asked_at < $1 and q.options[1] is not null
           order by i.received_at limit $2 for update of i skip locked"#,
        before,
        limit
    )
    .fetch_all(tx)
    .await
}

/// Gives a message that was asked about to the shop she chose.
pub(crate) async fn give(
    tx: &mut PgConnection,
    inbound: Uuid,
    business: BusinessId,
    customer: Option<CustomerId>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update messaging.inbound set state = 'done', business_id = $2, customer_id = $3 where inbound_id = $1",
        inbound,
        business.as_uuid(),
        customer.map(CustomerId::as_uuid)
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// The businesses that wrote to an address by a sender since then, the latest first. When each did is when its last message was
/// handed over: it may have been asked for, and held, long before.
pub(crate) async fn wrote(
    db: impl PgExecutor<'_>,
    sender: Uuid,
    address: &[u8],
    since: DateTime<Utc>,
) -> Result<Vec<Dealt>, sqlx::Error> {
    sqlx::query_as!(
        Dealt,
        r#"select m.business_id as "business: BusinessId", max(a.created_at) as "at!"
           from messaging.message m
           join messaging.attempt a on a.attempt_id = m.attempt_id and a.created_at > $4
           where m.address_hash = $2 and m.created_at > $4 and m.changed_at > $3 and m.sender_id = $1
             and m.status in ('in_doubt', 'handed_over', 'sent', 'delivered', 'read') and not m.automatic
           group by m.business_id order by max(a.created_at) desc"#,
        sender,
        address,
        since,
        since - ASKED_FOR_BEFORE
    )
    .fetch_all(db)
    .await
}

/// What she was asked, and what she chose.
pub(crate) struct Question {
    pub options: Vec<Uuid>,
    pub asked_at: DateTime<Utc>,
    pub chosen: Option<BusinessId>,
    pub chosen_at: Option<DateTime<Utc>>,
}

/// What an address was asked.
pub(crate) async fn question(
    pool: &PgPool,
    sender: Uuid,
    address: &[u8],
) -> Result<Option<Question>, sqlx::Error> {
    sqlx::query_as!(
        Question,
        r#"select options, asked_at, chosen as "chosen: BusinessId", chosen_at
           from messaging.question where sender_id = $1 and address_hash = $2"#,
        sender,
        address
    )
    .fetch_optional(pool)
    .await
}

/// Asks: which of these?
pub(crate) async fn ask(
    tx: &mut PgConnection,
    (sender, address): (Uuid, &[u8]),
    inbound: Uuid,
    options: &[Uuid],
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "insert into messaging.question (sender_id, address_hash, inbound_id, options, asked_at) values ($1, $2, $3, $4, $5)
         on conflict (sender_id, address_hash) do update
         set inbound_id = excluded.inbound_id, options = excluded.options, asked_at = excluded.asked_at, chosen = null,
             chosen_at = null",
        sender,
        address,
        inbound,
        options,
        now
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// She chose.
pub(crate) async fn choose(
    tx: &mut PgConnection,
    (sender, address): (Uuid, &[u8]),
    business: BusinessId,
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update messaging.question set chosen = $3, chosen_at = $4 where sender_id = $1 and address_hash = $2",
        sender,
        address,
        business.as_uuid(),
        now
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// Counts an automatic reply to an address; false where it has had enough today.
pub(crate) async fn count_reply(
    tx: &mut PgConnection,
    address: &[u8],
    day: NaiveDate,
    most: i32,
) -> Result<bool, sqlx::Error> {
    let counted = sqlx::query!(
        "insert into messaging.automatic as known (address_hash, day, replies) values ($1, $2, 1)
         on conflict (address_hash, day) do update set replies = known.replies + 1 where known.replies < $3",
        address,
        day,
        most
    )
    .execute(tx)
    .await?;
    Ok(counted.rows_affected() > 0)
}
