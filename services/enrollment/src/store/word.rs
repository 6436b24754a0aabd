//! One-use words.

use chrono::{DateTime, Utc};
use kernel::{BusinessId, CardId, CustomerId, MessageId};
use sqlx::PgExecutor;

use crate::domain::token::TokenHash;
use crate::domain::word::Purpose;

/// A word as it is kept.
#[derive(Clone, Copy, Debug)]
pub struct Kept {
    /// The tenant.
    pub business: BusinessId,
    /// Who proves her number with it.
    pub customer: CustomerId,
    /// Her card.
    pub card: CardId,
    /// What for.
    pub purpose: Purpose,
    /// When it ends by itself.
    pub expires_at: DateTime<Utc>,
    /// The message that used it.
    pub used_by: Option<MessageId>,
}

/// Writes a word. Where another of the same letters stands, which is a chance of one in a million for a million words, that one
/// stays, and this one proves nothing: its customer can get another.
pub async fn insert(
    db: impl PgExecutor<'_>,
    business: BusinessId,
    (customer, card): (CustomerId, CardId),
    (word, purpose): (&TokenHash, Purpose),
    expires_at: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "insert into enrollment.word (word_hash, business_id, customer_id, card_id, purpose, expires_at)
         values ($1, $2, $3, $4, $5, $6) on conflict (word_hash) do nothing",
        word.as_slice(),
        business.as_uuid(),
        customer.as_uuid(),
        card.as_uuid(),
        purpose.as_str(),
        expires_at,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// A word. It says itself which business's it is, so none is named here.
pub async fn find(db: impl PgExecutor<'_>, word: &TokenHash) -> Result<Option<Kept>, sqlx::Error> {
    let row = sqlx::query!(
        r#"select business_id as "business_id: BusinessId", customer_id as "customer_id: CustomerId",
                  card_id as "card_id: CardId", purpose, expires_at,
                  message_id as "message_id: MessageId"
           from enrollment.word where word_hash = $1"#,
        word.as_slice(),
    )
    .fetch_optional(db)
    .await?;
    Ok(row.map(|row| Kept {
        business: row.business_id,
        customer: row.customer_id,
        card: row.card_id,
        purpose: Purpose::from_word(&row.purpose),
        expires_at: row.expires_at,
        used_by: row.message_id,
    }))
}

/// Uses a word up, of a customer whose row this transaction holds.
pub async fn mark_used(
    db: impl PgExecutor<'_>,
    business: BusinessId,
    word: &TokenHash,
    message: MessageId,
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update enrollment.word set used_at = $4, message_id = $3
         where business_id = $1 and word_hash = $2 and used_at is null",
        business.as_uuid(),
        word.as_slice(),
        message.as_uuid(),
        now,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Takes a customer's words away.
pub async fn delete_of_customer(
    db: impl PgExecutor<'_>,
    business: BusinessId,
    customer: CustomerId,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "delete from enrollment.word where business_id = $1 and customer_id = $2",
        business.as_uuid(),
        customer.as_uuid(),
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Gives a customer's words to another, whose number must send them from now on.
pub async fn move_to(
    db: impl PgExecutor<'_>,
    business: BusinessId,
    from: CustomerId,
    into: CustomerId,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update enrollment.word set customer_id = $3 where business_id = $1 and customer_id = $2",
        business.as_uuid(),
        from.as_uuid(),
        into.as_uuid(),
    )
    .execute(db)
    .await?;
    Ok(())
}
