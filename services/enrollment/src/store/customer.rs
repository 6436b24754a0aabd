//! Customers: the only table with names and phones.

use chrono::{DateTime, NaiveDate, Utc};
use kernel::{BusinessId, CardId, CustomerId, LocationId, Phone};
use sqlx::{PgConnection, PgExecutor};
use uuid::Uuid;

use crate::domain::customer::{Customer, NewCustomer};
use crate::domain::search::{self, Search};
use crate::domain::token::TokenHash;

/// Writes a new customer; false where her phone is a customer's already. Waits for another transaction that is
/// writing the same phone.
pub async fn insert(
    db: impl PgExecutor<'_>,
    business: BusinessId,
    customer: &NewCustomer,
    now: DateTime<Utc>,
) -> Result<bool, sqlx::Error> {
    let done = sqlx::query!(
        "insert into enrollment.customer
             (customer_id, business_id, name, search_name, phone, birthday, adult_declared, language, source,
              location_id, referral_code, created_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
         on conflict (business_id, phone) do nothing",
        customer.id.as_uuid(),
        business.as_uuid(),
        customer.name,
        search::normalise(&customer.name),
        customer.phone.as_str(),
        customer.birthday,
        customer.adult,
        customer.language.as_str(),
        customer.source.as_str(),
        customer.location.map(LocationId::as_uuid),
        customer.referral_code,
        now,
    )
    .execute(db)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Writes many new customers; the ids of those whose phones were not customers' yet.
pub async fn insert_many(
    tx: &mut PgConnection,
    business: BusinessId,
    customers: &[NewCustomer],
    now: DateTime<Utc>,
) -> Result<Vec<CustomerId>, sqlx::Error> {
    let column = |value: fn(&NewCustomer) -> String| customers.iter().map(value).collect::<Vec<String>>();
    let ids: Vec<_> = customers.iter().map(|customer| customer.id.as_uuid()).collect();
    let birthdays: Vec<_> = customers.iter().map(|customer| customer.birthday).collect();
    sqlx::query_scalar!(
        r#"insert into enrollment.customer
               (customer_id, name, search_name, phone, birthday, language, source, referral_code, business_id,
                created_at)
           select *, $9::uuid, $10::timestamptz
           from unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::date[], $6::text[], $7::text[], $8::text[])
           on conflict (business_id, phone) do nothing
           returning customer_id as "customer_id: CustomerId""#,
        &ids,
        &column(|customer| customer.name.clone()),
        &column(|customer| search::normalise(&customer.name)),
        &column(|customer| customer.phone.as_str().to_owned()),
        &birthdays as &[Option<NaiveDate>],
        &column(|customer| customer.language.as_str().to_owned()),
        &column(|customer| customer.source.as_str().to_owned()),
        &column(|customer| customer.referral_code.clone()),
        business.as_uuid(),
        now,
    )
    .fetch_all(tx)
    .await
}

/// The customers of these phones, each with her oldest card.
pub async fn by_phones(
    db: impl PgExecutor<'_>,
    business: BusinessId,
    phones: &[String],
) -> Result<Vec<(String, CustomerId, CardId)>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"select distinct on (customer.customer_id) customer.phone as "phone!",
                  customer.customer_id as "customer_id: CustomerId", card.card_id as "card_id: CardId"
           from enrollment.customer as customer
           join enrollment.customer_card as card
               on card.business_id = customer.business_id and card.customer_id = customer.customer_id
           where customer.business_id = $1 and customer.phone = any($2)
           order by customer.customer_id, card.card_id"#,
        business.as_uuid(),
        phones,
    )
    .fetch_all(db)
    .await?;
    Ok(rows.into_iter().map(|row| (row.phone, row.customer_id, row.card_id)).collect())
}

/// The customer of this phone, and the card that a token opens if the token is hers. One statement whatever is
/// known, so that its time tells nothing.
pub async fn by_phone_and_token(
    db: impl PgExecutor<'_>,
    business: BusinessId,
    phone: &Phone,
    token: &TokenHash,
) -> Result<Option<(CustomerId, Option<CardId>)>, sqlx::Error> {
    let row = sqlx::query!(
        r#"select customer.customer_id as "customer_id: CustomerId", token.card_id as "card_id?: CardId"
           from enrollment.customer as customer
           left join enrollment.holder_token as token
               on token.token_hash = $3 and token.business_id = customer.business_id
               and token.customer_id = customer.customer_id
           where customer.business_id = $1 and customer.phone = $2
           for no key update of customer"#,
        business.as_uuid(),
        phone.as_str(),
        token.as_slice(),
    )
    .fetch_optional(db)
    .await?;
    Ok(row.map(|row| (row.customer_id, row.card_id)))
}

/// The customer who shares this code.
pub async fn by_referral_code(
    db: impl PgExecutor<'_>,
    business: BusinessId,
    code: &str,
) -> Result<Option<CustomerId>, sqlx::Error> {
    sqlx::query_scalar!(
        r#"select customer_id as "customer_id: CustomerId" from enrollment.customer
           where business_id = $1 and referral_code = $2"#,
        business.as_uuid(),
        code,
    )
    .fetch_optional(db)
    .await
}

/// True where this phone was a customer's who is gone.
pub async fn was_here_before(
    db: impl PgExecutor<'_>,
    business: BusinessId,
    phone: &TokenHash,
) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar!(
        r#"select exists (select from enrollment.customer
                          where business_id = $1 and former_phone_hash = $2) as "was_here!""#,
        business.as_uuid(),
        phone.as_slice(),
    )
    .fetch_one(db)
    .await
}

/// One customer, or the tombstone she left.
pub async fn find(
    db: impl PgExecutor<'_>,
    business: BusinessId,
    customer: CustomerId,
) -> Result<Option<Customer>, sqlx::Error> {
    sqlx::query_as!(
        Customer,
        r#"select customer_id as "id: _", name, phone, birthday, adult_declared as adult, language,
                  (select state from enrollment.consent as entry
                   where entry.business_id = customer.business_id and entry.customer_id = customer.customer_id
                       and entry.purpose = 'marketing'
                   order by entry.version desc limit 1) as marketing,
                  source, created_at, erased_at, merged_into as "merged_into: _", referral_code
           from enrollment.customer as customer where business_id = $1 and customer_id = $2"#,
        business.as_uuid(),
        customer.as_uuid(),
    )
    .fetch_optional(db)
    .await
}

/// Locks a customer's row; what changes her, her consents and her cards comes one after the other.
pub async fn lock(
    tx: &mut PgConnection,
    business: BusinessId,
    customer: CustomerId,
) -> Result<Option<Customer>, sqlx::Error> {
    sqlx::query!(
        "select from enrollment.customer where business_id = $1 and customer_id = $2 for no key update",
        business.as_uuid(),
        customer.as_uuid(),
    )
    .fetch_optional(&mut *tx)
    .await?;
    // Read anew: what another transaction changed while we waited must be seen.
    find(tx, business, customer).await
}

/// Customers who match, newest first, before `cursor`.
pub async fn list(
    db: impl PgExecutor<'_>,
    business: BusinessId,
    search: &Search,
    cursor: Option<CustomerId>,
    limit: i64,
) -> Result<Vec<Customer>, sqlx::Error> {
    let (words, digits) = patterns(search);
    sqlx::query_as!(
        Customer,
        r#"select customer_id as "id: _", name, phone, birthday, adult_declared as adult, language,
                  (select state from enrollment.consent as entry
                   where entry.business_id = customer.business_id and entry.customer_id = customer.customer_id
                       and entry.purpose = 'marketing'
                   order by entry.version desc limit 1) as marketing,
                  source, created_at, erased_at, merged_into as "merged_into: _", referral_code
           from enrollment.customer as customer
           where business_id = $1 and phone is not null
             and (search_name like all($2) or phone like $3)
             and ($4::uuid is null or customer_id < $4)
           order by customer_id desc limit $5"#,
        business.as_uuid(),
        &words,
        digits,
        cursor.map(CustomerId::as_uuid),
        limit,
    )
    .fetch_all(db)
    .await
}

/// These customers, in this order, without those who have gone.
pub async fn named(
    db: impl PgExecutor<'_>,
    business: BusinessId,
    customers: &[CustomerId],
) -> Result<Vec<Customer>, sqlx::Error> {
    let ids: Vec<Uuid> = customers.iter().map(|customer| customer.as_uuid()).collect();
    sqlx::query_as!(
        Customer,
        r#"select customer_id as "id!: _", name, phone, birthday, adult_declared as "adult!", language as "language!",
                  (select state from enrollment.consent as entry
                   where entry.business_id = customer.business_id and entry.customer_id = customer.customer_id
                       and entry.purpose = 'marketing'
                   order by entry.version desc limit 1) as marketing,
                  source as "source!", created_at as "created_at!", erased_at, merged_into as "merged_into: _",
                  referral_code
           from unnest($2::uuid[]) with ordinality as asked (customer_id, place)
           join enrollment.customer as customer using (customer_id)
           where business_id = $1 and phone is not null
           order by place"#,
        business.as_uuid(),
        &ids,
    )
    .fetch_all(db)
    .await
}

/// How many customers match.
pub async fn count(
    db: impl PgExecutor<'_>,
    business: BusinessId,
    search: &Search,
) -> Result<i64, sqlx::Error> {
    let (words, digits) = patterns(search);
    sqlx::query_scalar!(
        r#"select count(*) as "count!" from enrollment.customer
           where business_id = $1 and phone is not null and (search_name like all($2) or phone like $3)"#,
        business.as_uuid(),
        &words,
        digits,
    )
    .fetch_one(db)
    .await
}

/// A search as patterns; no words match every name. The words hold letters and digits only, so nothing needs escaping.
fn patterns(search: &Search) -> (Vec<String>, Option<String>) {
    let around = |part: &String| format!("%{part}%");
    (search.words.iter().map(around).collect(), search.digits.as_ref().map(around))
}

/// Writes a locked customer back. Breaks `customer_phone_unique` where the phone is another customer's.
pub async fn update(
    db: impl PgExecutor<'_>,
    business: BusinessId,
    customer: &Customer,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update enrollment.customer
         set name = $3, search_name = $4, phone = $5, birthday = $6, language = $7, adult_declared = $8
         where business_id = $1 and customer_id = $2",
        business.as_uuid(),
        customer.id.as_uuid(),
        customer.name,
        customer.name.as_deref().map(search::normalise),
        customer.phone,
        customer.birthday,
        customer.language,
        customer.adult,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Removes the person from the row; what stays is a tombstone.
pub async fn erase(
    db: impl PgExecutor<'_>,
    business: BusinessId,
    customer: CustomerId,
    former_phone: Option<&TokenHash>,
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update enrollment.customer
         set name = null, search_name = null, phone = null, birthday = null, referral_code = null,
             adult_declared = false, erased_at = $4, former_phone_hash = coalesce($3, former_phone_hash)
         where business_id = $1 and customer_id = $2",
        business.as_uuid(),
        customer.as_uuid(),
        former_phone.map(TokenHash::as_slice),
        now,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Makes `from` a tombstone that names `into`, and all that named `from` name `into` as well.
pub async fn merge(
    db: impl PgExecutor<'_>,
    business: BusinessId,
    from: CustomerId,
    into: CustomerId,
    former_phone: Option<&TokenHash>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update enrollment.customer
         set merged_into = $3, name = null, search_name = null, phone = null, birthday = null,
             referral_code = null,
             former_phone_hash = case when customer_id = $2 then $4 else former_phone_hash end
         where business_id = $1 and (customer_id = $2 or merged_into = $2)",
        business.as_uuid(),
        from.as_uuid(),
        into.as_uuid(),
        former_phone.map(TokenHash::as_slice),
    )
    .execute(db)
    .await?;
    Ok(())
}
