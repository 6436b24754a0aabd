//! Attempts: each try at handing a message over.

use chrono::{DateTime, NaiveDate, Utc};
use kernel::{BusinessId, CampaignId, CustomerId, MessageId};
use sqlx::{PgConnection, PgExecutor, PgPool};
use uuid::Uuid;

/// An attempt as it is found again.
pub(crate) struct Attempt {
    pub attempt: Uuid,
    pub message: MessageId,
    pub sid: Option<String>,
    pub spent_cents: i64,
    pub given_back: bool,
}

/// An attempt to be written.
pub(crate) struct NewAttempt {
    pub attempt: Uuid,
    pub created_at: DateTime<Utc>,
    pub message: MessageId,
    pub business: BusinessId,
    pub slot_at: DateTime<Utc>,
    pub spent_cents: i64,
    pub spent_on: NaiveDate,
    pub counts: bool,
}

/// Writes attempts of a sender.
pub(crate) async fn insert(
    tx: &mut PgConnection,
    sender: Uuid,
    attempts: &[NewAttempt],
) -> Result<(), sqlx::Error> {
    let ids: Vec<Uuid> = attempts.iter().map(|a| a.attempt).collect();
    let created: Vec<_> = attempts.iter().map(|a| a.created_at).collect();
    let messages: Vec<Uuid> = attempts.iter().map(|a| a.message.as_uuid()).collect();
    let businesses: Vec<Uuid> = attempts.iter().map(|a| a.business.as_uuid()).collect();
    let slots: Vec<_> = attempts.iter().map(|a| a.slot_at).collect();
    let cents: Vec<i64> = attempts.iter().map(|a| a.spent_cents).collect();
    let days: Vec<NaiveDate> = attempts.iter().map(|a| a.spent_on).collect();
    let counts: Vec<bool> = attempts.iter().map(|a| a.counts).collect();
    sqlx::query!(
        "insert into messaging.attempt (attempt_id, created_at, message_id, business_id, slot_at, spent_cents, spent_on, counts,
                                        sender_id)
         select new.*, $9 from unnest($1::uuid[], $2::timestamptz[], $3::uuid[], $4::uuid[], $5::timestamptz[], $6::bigint[],
                                      $7::date[], $8::boolean[]) as new",
        &ids,
        &created,
        &messages,
        &businesses,
        &slots,
        &cents,
        &days,
        &counts,
        sender
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// Attempts by their ids and the moments that stand in them.
pub(crate) async fn find(
    tx: &mut PgConnection,
    attempts: &[Uuid],
    created: &[DateTime<Utc>],
) -> Result<Vec<Attempt>, sqlx::Error> {
    sqlx::query_as!(
        Attempt,
        r#"select attempt_id as attempt, message_id as "message: MessageId", sid, spent_cents, given_back
           from messaging.attempt where attempt_id = any($1) and created_at = any($2)"#,
        attempts,
        created
    )
    .fetch_all(tx)
    .await
}

/// A call that was made: when, and the provider's id where it gave one.
pub(crate) struct Called {
    pub attempt: Uuid,
    pub called_at: DateTime<Utc>,
    pub sid: Option<String>,
}

/// These were called. An id that a callback has told before stays.
pub(crate) async fn set_called(tx: &mut PgConnection, calls: &[Called]) -> Result<(), sqlx::Error> {
    let attempts: Vec<Uuid> = calls.iter().map(|call| call.attempt).collect();
    let at: Vec<DateTime<Utc>> = calls.iter().map(|call| call.called_at).collect();
    let sids: Vec<Option<String>> = calls.iter().map(|call| call.sid.clone()).collect();
    sqlx::query!(
        "update messaging.attempt as a set called_at = called.at, sid = coalesce(a.sid, called.sid)
         from unnest($1::uuid[], $2::timestamptz[], $3::text[]) as called (attempt_id, at, sid)
         where a.attempt_id = called.attempt_id",
        &attempts,
        &at,
        &sids as &[Option<String>]
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// The provider's ids of attempts, told by a callback.
pub(crate) async fn bind(
    tx: &mut PgConnection,
    attempts: &[Uuid],
    sids: &[String],
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update messaging.attempt as a set sid = bound.sid
         from unnest($1::uuid[], $2::text[]) as bound (attempt_id, sid)
         where a.attempt_id = bound.attempt_id and a.sid is null",
        attempts,
        sids
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// Those of these ids of the provider's that belong to an attempt already.
pub(crate) async fn known(pool: &PgPool, sids: &[String]) -> Result<Vec<String>, sqlx::Error> {
    sqlx::query_scalar!(r#"select sid as "sid!" from messaging.attempt where sid = any($1)"#, sids)
        .fetch_all(pool)
        .await
}

/// Whose message the provider's id is of.
pub(crate) struct Owner {
    pub business: BusinessId,
    pub customer: Option<CustomerId>,
    pub campaign: Option<CampaignId>,
}

/// Finds whom a message was from and for, by the provider's id.
pub(crate) async fn owner(db: impl PgExecutor<'_>, sid: &str) -> Result<Option<Owner>, sqlx::Error> {
    sqlx::query_as!(
        Owner,
        r#"select m.business_id as "business: BusinessId", m.customer_id as "customer: CustomerId",
                  m.campaign_id as "campaign: CampaignId"
           from messaging.attempt a join messaging.message m on m.message_id = a.message_id
           where a.sid = $1 limit 1"#,
        sid
    )
    .fetch_optional(db)
    .await
}
