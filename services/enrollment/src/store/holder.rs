//! Cards whose ids were made here, the tokens that open them, and the links that give such tokens.

use chrono::{DateTime, Utc};
use kernel::{BusinessId, CardId, CustomerId, MemberId};
use sqlx::PgExecutor;

use crate::domain::token::TokenHash;

/// Writes whose a new card is.
pub async fn insert_card(
    db: impl PgExecutor<'_>,
    business: BusinessId,
    customer: CustomerId,
    card: CardId,
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "insert into enrollment.customer_card (card_id, business_id, customer_id, made_at) values ($1, $2, $3, $4)",
        card.as_uuid(),
        business.as_uuid(),
        customer.as_uuid(),
        now,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Writes whose many new cards are.
pub async fn insert_cards(
    db: impl PgExecutor<'_>,
    business: BusinessId,
    cards: &[(CustomerId, CardId)],
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    let customers: Vec<_> = cards.iter().map(|(customer, _)| customer.as_uuid()).collect();
    let cards: Vec<_> = cards.iter().map(|(_, card)| card.as_uuid()).collect();
    sqlx::query!(
        "insert into enrollment.customer_card (card_id, customer_id, business_id, made_at)
         select *, $3::uuid, $4::timestamptz from unnest($1::uuid[], $2::uuid[])",
        &cards,
        &customers,
        business.as_uuid(),
        now,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// A customer's card: the one asked for, if it is hers, or her oldest.
pub async fn card_of(
    db: impl PgExecutor<'_>,
    business: BusinessId,
    customer: CustomerId,
    card: Option<CardId>,
) -> Result<Option<CardId>, sqlx::Error> {
    sqlx::query_scalar!(
        r#"select card_id as "card_id: CardId" from enrollment.customer_card
           where business_id = $1 and customer_id = $2 and ($3::uuid is null or card_id = $3)
           order by card_id limit 1"#,
        business.as_uuid(),
        customer.as_uuid(),
        card.map(CardId::as_uuid),
    )
    .fetch_optional(db)
    .await
}

/// Writes a token that opens one card.
pub async fn insert_token(
    db: impl PgExecutor<'_>,
    business: BusinessId,
    (customer, card): (CustomerId, CardId),
    token: &TokenHash,
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "insert into enrollment.holder_token (token_hash, business_id, customer_id, card_id, made_at)
         values ($1, $2, $3, $4, $5)",
        token.as_slice(),
        business.as_uuid(),
        customer.as_uuid(),
        card.as_uuid(),
        now,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// What a token opens. The token says which business, so none is named here.
pub async fn by_token(
    db: impl PgExecutor<'_>,
    token: &TokenHash,
) -> Result<Option<(BusinessId, CustomerId, CardId)>, sqlx::Error> {
    let row = sqlx::query!(
        r#"select business_id as "business_id: BusinessId", customer_id as "customer_id: CustomerId",
                  card_id as "card_id: CardId"
           from enrollment.holder_token where token_hash = $1"#,
        token.as_slice(),
    )
    .fetch_optional(db)
    .await?;
    Ok(row.map(|row| (row.business_id, row.customer_id, row.card_id)))
}

/// Writes a one-use link, made by a member or asked for by its customer.
pub async fn insert_link(
    db: impl PgExecutor<'_>,
    business: BusinessId,
    (customer, card): (CustomerId, CardId),
    (token, member): (&TokenHash, Option<MemberId>),
    expires_at: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "insert into enrollment.card_link (token_hash, business_id, customer_id, card_id, created_by, expires_at)
         values ($1, $2, $3, $4, $5, $6)",
        token.as_slice(),
        business.as_uuid(),
        customer.as_uuid(),
        card.as_uuid(),
        member.map(MemberId::as_uuid),
        expires_at,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Uses a link up; what it opens, if it was good.
pub async fn use_link(
    db: impl PgExecutor<'_>,
    token: &TokenHash,
    now: DateTime<Utc>,
) -> Result<Option<(BusinessId, CustomerId, CardId)>, sqlx::Error> {
    let row = sqlx::query!(
        r#"update enrollment.card_link set used_at = $2
           where token_hash = $1 and used_at is null and expires_at > $2
           returning business_id as "business_id: BusinessId", customer_id as "customer_id: CustomerId",
                     card_id as "card_id: CardId""#,
        token.as_slice(),
        now,
    )
    .fetch_optional(db)
    .await?;
    Ok(row.map(|row| (row.business_id, row.customer_id, row.card_id)))
}

/// Takes away everything that opens a customer's cards.
pub async fn delete_of_customer(
    db: impl PgExecutor<'_>,
    business: BusinessId,
    customer: CustomerId,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "with links as (delete from enrollment.card_link where business_id = $1 and customer_id = $2)
         delete from enrollment.holder_token where business_id = $1 and customer_id = $2",
        business.as_uuid(),
        customer.as_uuid(),
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Gives a customer's cards, with all that opens them, to another.
pub async fn move_to(
    db: impl PgExecutor<'_>,
    business: BusinessId,
    from: CustomerId,
    into: CustomerId,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "with links as (
             update enrollment.card_link set customer_id = $3 where business_id = $1 and customer_id = $2
         ), tokens as (
             update enrollment.holder_token set customer_id = $3 where business_id = $1 and customer_id = $2
         )
         update enrollment.customer_card set customer_id = $3 where business_id = $1 and customer_id = $2",
        business.as_uuid(),
        from.as_uuid(),
        into.as_uuid(),
    )
    .execute(db)
    .await?;
    Ok(())
}

/// When each of a customer's tokens was made, for her export.
pub async fn token_dates(
    db: impl PgExecutor<'_>,
    business: BusinessId,
    customer: CustomerId,
) -> Result<Vec<(CardId, DateTime<Utc>)>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"select card_id as "card_id: CardId", made_at from enrollment.holder_token
           where business_id = $1 and customer_id = $2 order by made_at"#,
        business.as_uuid(),
        customer.as_uuid(),
    )
    .fetch_all(db)
    .await?;
    Ok(rows.into_iter().map(|row| (row.card_id, row.made_at)).collect())
}
