//! The texts customers agree to, and the ledger of their consents.

use chrono::{DateTime, Utc};
use kernel::{BusinessId, CustomerId, Locale, MessageId};
use sqlx::{PgConnection, PgExecutor};
use uuid::Uuid;

use crate::domain::consent::{Entry, Purpose, State, Written};

/// A text as it is stored, placeholders unfilled.
#[derive(Clone, Debug)]
pub struct Text {
    /// To what one agrees.
    pub purpose: String,
    /// Its language.
    pub language: String,
    /// Its version.
    pub version: i32,
    /// One sentence.
    pub short: String,
    /// All of it.
    pub long: String,
}

/// The newest text of each purpose in a language.
pub async fn newest_texts(db: impl PgExecutor<'_>, language: Locale) -> Result<Vec<Text>, sqlx::Error> {
    sqlx::query_as!(
        Text,
        "select distinct on (purpose) purpose, language, version, short, long from enrollment.consent_text
         where language = $1 order by purpose, version desc",
        language.as_str(),
    )
    .fetch_all(db)
    .await
}

/// Adds an entry for a customer whose row this transaction holds.
pub async fn append(
    tx: &mut PgConnection,
    business: BusinessId,
    customer: CustomerId,
    entry: Entry,
    now: DateTime<Utc>,
) -> Result<Written, sqlx::Error> {
    let row = sqlx::query!(
        r#"insert into enrollment.consent
               (consent_id, business_id, customer_id, purpose, version, state, text_version, language, via,
                member_id, evidence_message_id, recorded_at)
           select $1, $2, $3, $4,
                  1 + coalesce((select max(version) from enrollment.consent
                                where business_id = $2 and customer_id = $3 and purpose = $4), 0),
                  $5,
                  (select max(version) from enrollment.consent_text where purpose = $4 and language = $6),
                  $6, $7, $8, $9, $10
           returning version, text_version"#,
        Uuid::now_v7(),
        business.as_uuid(),
        customer.as_uuid(),
        entry.purpose.as_str(),
        entry.state.as_str(),
        entry.language.as_str(),
        entry.via.as_str(),
        entry.member.map(kernel::MemberId::as_uuid),
        entry.evidence.map(MessageId::as_uuid),
        now,
    )
    .fetch_one(tx)
    .await?;
    Ok(Written { entry, version: row.version, text_version: row.text_version })
}

/// Adds the same first entry for many new customers.
pub async fn append_first(
    tx: &mut PgConnection,
    business: BusinessId,
    customers: &[CustomerId],
    entry: Entry,
    now: DateTime<Utc>,
) -> Result<Option<Written>, sqlx::Error> {
    let ids: Vec<Uuid> = customers.iter().map(|_| Uuid::now_v7()).collect();
    let customers: Vec<Uuid> = customers.iter().map(|customer| customer.as_uuid()).collect();
    let versions = sqlx::query_scalar!(
        r#"insert into enrollment.consent
               (consent_id, business_id, customer_id, purpose, version, state, text_version, language, via,
                member_id, recorded_at)
           select added.consent_id, $3, added.customer_id, $4, 1, $5,
                  (select max(version) from enrollment.consent_text where purpose = $4 and language = $6),
                  $6, $7, $8, $9
           from unnest($1::uuid[], $2::uuid[]) as added (consent_id, customer_id)
           returning text_version"#,
        &ids,
        &customers,
        business.as_uuid(),
        entry.purpose.as_str(),
        entry.state.as_str(),
        entry.language.as_str(),
        entry.via.as_str(),
        entry.member.map(kernel::MemberId::as_uuid),
        now,
    )
    .fetch_all(tx)
    .await?;
    Ok(versions.first().map(|text_version| Written { entry, version: 1, text_version: *text_version }))
}

/// How a consent stands; absent: it was never asked for.
pub async fn current(
    db: impl PgExecutor<'_>,
    business: BusinessId,
    customer: CustomerId,
    purpose: Purpose,
) -> Result<Option<State>, sqlx::Error> {
    let state = sqlx::query_scalar!(
        "select state from enrollment.consent where business_id = $1 and customer_id = $2 and purpose = $3
         order by version desc limit 1",
        business.as_uuid(),
        customer.as_uuid(),
        purpose.as_str(),
    )
    .fetch_optional(db)
    .await?;
    Ok(state.as_deref().and_then(State::from_word))
}

/// True where this message was written down for this consent before.
pub async fn was_told_by(
    db: impl PgExecutor<'_>,
    business: BusinessId,
    customer: CustomerId,
    purpose: Purpose,
    message: MessageId,
) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar!(
        r#"select exists (select from enrollment.consent
                          where business_id = $1 and customer_id = $2 and purpose = $3
                              and evidence_message_id = $4) as "told!""#,
        business.as_uuid(),
        customer.as_uuid(),
        purpose.as_str(),
        message.as_uuid(),
    )
    .fetch_one(db)
    .await
}

/// One entry with the text it was given to, for an export.
#[derive(Clone, Debug)]
pub struct Proof {
    /// To what.
    pub purpose: String,
    /// How it stood from then on.
    pub state: String,
    /// Its place among the entries of that purpose.
    pub version: i64,
    /// How it came.
    pub via: String,
    /// The message in which she said it.
    pub evidence: Option<MessageId>,
    /// When.
    pub recorded_at: DateTime<Utc>,
    /// Which version of the text she read.
    pub text_version: i32,
    /// In which language.
    pub language: String,
    /// One sentence.
    pub short: String,
    /// All of it.
    pub long: String,
}

/// Every entry of a customer, and of those who turned out to be she, oldest first.
pub async fn history(
    db: impl PgExecutor<'_>,
    business: BusinessId,
    customer: CustomerId,
) -> Result<Vec<Proof>, sqlx::Error> {
    sqlx::query_as!(
        Proof,
        r#"select entry.purpose, entry.state, entry.version, entry.via,
                entry.evidence_message_id as "evidence: _", entry.recorded_at, entry.text_version, entry.language,
                text.short, text.long
         from enrollment.consent as entry
         join enrollment.consent_text as text
             on text.purpose = entry.purpose and text.language = entry.language
             and text.version = entry.text_version
         where entry.business_id = $1
             and (entry.customer_id = $2 or entry.customer_id in (
                 select customer_id from enrollment.customer where business_id = $1 and merged_into = $2))
         order by entry.recorded_at, entry.consent_id"#,
        business.as_uuid(),
        customer.as_uuid(),
    )
    .fetch_all(db)
    .await
}
