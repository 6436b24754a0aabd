//! What nobody knows, and what the provider has not told for long.

use chrono::{DateTime, Utc};
use kernel::MessageId;
use sqlx::PgPool;
use uuid::Uuid;

/// A message in doubt, taken by a worker.
pub(crate) struct Doubt {
    pub message: MessageId,
    pub attempt: Uuid,
    pub asked: i32,
    pub slot_at: DateTime<Utc>,
    pub sender_phone: String,
    pub address: Option<String>,
    pub text: Option<String>,
}

/// Takes some whose time has come; another takes them after `again_at` if this one does not come back.
pub(crate) async fn take(
    pool: &PgPool,
    now: DateTime<Utc>,
    again_at: DateTime<Utc>,
    limit: i64,
) -> Result<Vec<Doubt>, sqlx::Error> {
    sqlx::query_as!(
        Doubt,
        r#"with taken as (
             update messaging.queue set next_at = $2, asked = asked + 1
             where message_id in (select message_id from messaging.queue where state = 'in_doubt' and next_at <= $1
                                  order by next_at limit $3 for update skip locked)
             returning message_id, created_at, attempt_id, asked, slot_at
           )
           select t.message_id as "message: MessageId", t.attempt_id as "attempt!", t.asked, t.slot_at as "slot_at!",
                  s.phone as sender_phone, m.address, m.text
           from taken t
           join messaging.message m on m.message_id = t.message_id and m.created_at = t.created_at
           join messaging.sender s on s.sender_id = m.sender_id"#,
        now,
        again_at,
        limit
    )
    .fetch_all(pool)
    .await
}

/// What other messages say that are in doubt to the same address.
pub(crate) async fn texts_beside(pool: &PgPool, message: MessageId) -> Result<Vec<String>, sqlx::Error> {
    sqlx::query_scalar!(
        r#"select m.text as "text!" from messaging.queue mine
           join messaging.queue q on q.address_hash = mine.address_hash and q.message_id <> mine.message_id
           join messaging.message m on m.message_id = q.message_id and m.created_at = q.created_at
           where mine.message_id = $1 and q.state = 'in_doubt' and m.text is not null"#,
        message.as_uuid()
    )
    .fetch_all(pool)
    .await
}

/// A message whose fate the provider has not told.
pub(crate) struct Silent {
    pub message: MessageId,
    pub attempt: Uuid,
    pub sid: String,
}

/// Takes some that have been silent for long enough; they are looked at again later, the later the older their last news is.
/// How long ago they were asked for says nothing: what was given up is tried again days after that.
pub(crate) async fn take_silent(
    pool: &PgPool,
    now: DateTime<Utc>,
    least_pause_seconds: f64,
    limit: i64,
) -> Result<Vec<Silent>, sqlx::Error> {
    sqlx::query_as!(
        Silent,
        r#"with taken as (
             update messaging.message as m
             set poll_at = case when m.changed_at < $1::timestamptz - interval '3 days' then null
                                else $1::timestamptz + greatest(make_interval(secs => $2), $1::timestamptz - m.changed_at) end
             where (m.message_id, m.created_at) in (
               select message_id, created_at from messaging.message where poll_at <= $1 order by poll_at limit $3
               for update skip locked)
             returning m.message_id, m.attempt_id
           )
           select t.message_id as "message: MessageId", a.attempt_id as attempt, a.sid as "sid!"
           from taken t join messaging.attempt a on a.attempt_id = t.attempt_id
           where a.sid is not null"#,
        now,
        least_pause_seconds,
        limit
    )
    .fetch_all(pool)
    .await
}
