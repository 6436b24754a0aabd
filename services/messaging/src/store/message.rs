//! Messages, as they are kept.

use chrono::{DateTime, Utc};
use kernel::{BusinessId, CampaignId, CustomerId, MessageId};
use sqlx::{PgConnection, PgPool};
use uuid::Uuid;

use super::ASKED_FOR_BEFORE;
use crate::domain::address::Address;
use crate::domain::market::Market;
use crate::domain::price::Category;
use crate::domain::status::Status;

/// A message to be written.
pub(crate) struct NewMessage {
    pub message: MessageId,
    pub created_at: DateTime<Utc>,
    pub business: BusinessId,
    pub customer: Option<CustomerId>,
    pub campaign: Option<CampaignId>,
    pub send: Option<Uuid>,
    pub category: Category,
    pub template: String,
    pub language: &'static str,
    pub variables: serde_json::Value,
    pub text: Option<String>,
    pub address: Option<(String, Vec<u8>)>,
    pub is_automatic: bool,
    pub good_until: DateTime<Utc>,
}

/// What changes about a message.
#[derive(Clone, Debug)]
pub(crate) struct State {
    pub message: MessageId,
    pub created_at: DateTime<Utc>,
    pub business: BusinessId,
    pub customer: Option<CustomerId>,
    pub campaign: Option<CampaignId>,
    pub send: Option<Uuid>,
    pub category: Category,
    /// Where it goes; Peru as long as that is not known.
    pub market: Market,
    pub status: Status,
    pub reason: String,
    pub version: i32,
    pub attempts: i32,
    pub attempt: Option<Uuid>,
    pub cost_cents: i64,
    pub is_dead: bool,
    pub is_retryable: bool,
    pub good_until: DateTime<Utc>,
    pub delivered_at: Option<DateTime<Utc>>,
    pub poll_at: Option<DateTime<Utc>>,
}

struct StateRow {
    message: MessageId,
    created_at: DateTime<Utc>,
    business: BusinessId,
    customer: Option<CustomerId>,
    campaign: Option<CampaignId>,
    send: Option<Uuid>,
    category: String,
    address: Option<String>,
    status: String,
    reason: String,
    version: i32,
    attempts: i32,
    attempt: Option<Uuid>,
    cost_cents: i64,
    is_dead: bool,
    is_retryable: bool,
    good_until: DateTime<Utc>,
    delivered_at: Option<DateTime<Utc>>,
    poll_at: Option<DateTime<Utc>>,
}

impl From<StateRow> for State {
    fn from(row: StateRow) -> Self {
        Self {
            message: row.message,
            created_at: row.created_at,
            business: row.business,
            customer: row.customer,
            campaign: row.campaign,
            send: row.send,
            // Nothing writes other words; a row of a later release is treated as what costs and reaches most.
            category: Category::from_word(&row.category).unwrap_or(Category::Marketing),
            market: row
                .address
                .as_deref()
                .and_then(Address::from_provider)
                .map_or(Market::PERU, |to| Market::of(&to)),
            status: Status::from_word(&row.status).unwrap_or(Status::Failed),
            reason: row.reason,
            version: row.version,
            attempts: row.attempts,
            attempt: row.attempt,
            cost_cents: row.cost_cents,
            is_dead: row.is_dead,
            is_retryable: row.is_retryable,
            good_until: row.good_until,
            delivered_at: row.delivered_at,
            poll_at: row.poll_at,
        }
    }
}

/// What is needed to hand a message over.
pub(crate) struct Draft {
    pub message: MessageId,
    pub template: String,
    pub language: String,
    pub variables: serde_json::Value,
    pub text: Option<String>,
    pub address: Option<String>,
}

/// Writes messages; they wait.
pub(crate) async fn insert(
    tx: &mut PgConnection,
    messages: &[NewMessage],
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    let ids: Vec<Uuid> = messages.iter().map(|m| m.message.as_uuid()).collect();
    let created: Vec<_> = messages.iter().map(|m| m.created_at).collect();
    let businesses: Vec<Uuid> = messages.iter().map(|m| m.business.as_uuid()).collect();
    let customers: Vec<Option<Uuid>> = messages.iter().map(|m| m.customer.map(CustomerId::as_uuid)).collect();
    let campaigns: Vec<Option<Uuid>> = messages.iter().map(|m| m.campaign.map(CampaignId::as_uuid)).collect();
    let sends: Vec<Option<Uuid>> = messages.iter().map(|m| m.send).collect();
    let categories: Vec<String> = messages.iter().map(|m| m.category.as_str().to_owned()).collect();
    let templates: Vec<String> = messages.iter().map(|m| m.template.clone()).collect();
    let languages: Vec<String> = messages.iter().map(|m| m.language.to_owned()).collect();
    let variables: Vec<serde_json::Value> = messages.iter().map(|m| m.variables.clone()).collect();
    let texts: Vec<Option<String>> = messages.iter().map(|m| m.text.clone()).collect();
    let addresses: Vec<Option<String>> =
        messages.iter().map(|m| m.address.as_ref().map(|(address, _)| address.clone())).collect();
    let hashes: Vec<Option<Vec<u8>>> =
        messages.iter().map(|m| m.address.as_ref().map(|(_, hash)| hash.clone())).collect();
    let automatic: Vec<bool> = messages.iter().map(|m| m.is_automatic).collect();
    let until: Vec<_> = messages.iter().map(|m| m.good_until).collect();
    sqlx::query!(
        "insert into messaging.message (message_id, created_at, business_id, customer_id, campaign_id, send_id, category,
           template, language, variables, text, address, address_hash, automatic, good_until, status, changed_at)
         select new.*, 'waiting', $16
         from unnest($1::uuid[], $2::timestamptz[], $3::uuid[], $4::uuid[], $5::uuid[], $6::uuid[], $7::text[], $8::text[],
                     $9::text[], $10::jsonb[], $11::text[], $12::text[], $13::bytea[], $14::boolean[], $15::timestamptz[])
              as new",
        &ids,
        &created,
        &businesses,
        &customers as &[Option<Uuid>],
        &campaigns as &[Option<Uuid>],
        &sends as &[Option<Uuid>],
        &categories,
        &templates,
        &languages,
        &variables,
        &texts as &[Option<String>],
        &addresses as &[Option<String>],
        &hashes as &[Option<Vec<u8>>],
        &automatic,
        &until,
        now
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// Which of these sends are asked for the first time.
pub(crate) async fn new_sends(
    tx: &mut PgConnection,
    sends: &[Uuid],
    messages: &[Uuid],
    now: DateTime<Utc>,
) -> Result<Vec<Uuid>, sqlx::Error> {
    sqlx::query_scalar!(
        "insert into messaging.send (send_id, message_id, requested_at)
         select new.send_id, new.message_id, $3 from unnest($1::uuid[], $2::uuid[]) as new (send_id, message_id)
         on conflict (send_id) do nothing returning send_id",
        sends,
        messages,
        now
    )
    .fetch_all(tx)
    .await
}

/// What is needed to hand these over.
pub(crate) async fn drafts(
    pool: &PgPool,
    messages: &[Uuid],
    created: &[DateTime<Utc>],
) -> Result<Vec<Draft>, sqlx::Error> {
    sqlx::query_as!(
        Draft,
        r#"select m.message_id as "message: MessageId", m.template, m.language, m.variables, m.text, m.address
           from unnest($1::uuid[], $2::timestamptz[]) as wanted (message_id, created_at)
           join messaging.message m on m.message_id = wanted.message_id and m.created_at = wanted.created_at"#,
        messages,
        created
    )
    .fetch_all(pool)
    .await
}

/// Locks messages, in one order for all.
pub(crate) async fn lock(
    tx: &mut PgConnection,
    messages: &[(MessageId, DateTime<Utc>)],
) -> Result<Vec<State>, sqlx::Error> {
    let ids: Vec<Uuid> = messages.iter().map(|(message, _)| message.as_uuid()).collect();
    let created: Vec<DateTime<Utc>> = messages.iter().map(|(_, at)| *at).collect();
    let rows = sqlx::query_as!(
        StateRow,
        r#"select m.message_id as "message: MessageId", m.created_at, m.business_id as "business: BusinessId",
                  m.customer_id as "customer: CustomerId", m.campaign_id as "campaign: CampaignId", m.send_id as send,
                  m.category, m.address, m.status, m.reason, m.version, m.attempts, m.attempt_id as attempt, m.cost_cents,
                  m.dead as is_dead, m.retryable as is_retryable, m.good_until, m.delivered_at, m.poll_at
           from messaging.message m
           where m.message_id = any($1) and m.created_at = any($2)
           order by m.message_id
           for update of m"#,
        &ids,
        &created
    )
    .fetch_all(tx)
    .await?;
    Ok(rows.into_iter().map(State::from).collect())
}

/// Writes what changed. What stands as it stood keeps the moment it came to that.
pub(crate) async fn save(
    tx: &mut PgConnection,
    states: &[State],
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    let ids: Vec<Uuid> = states.iter().map(|s| s.message.as_uuid()).collect();
    let created: Vec<_> = states.iter().map(|s| s.created_at).collect();
    let statuses: Vec<String> = states.iter().map(|s| s.status.as_str().to_owned()).collect();
    let reasons: Vec<String> = states.iter().map(|s| s.reason.clone()).collect();
    let versions: Vec<i32> = states.iter().map(|s| s.version).collect();
    let attempts: Vec<Option<Uuid>> = states.iter().map(|s| s.attempt).collect();
    let costs: Vec<i64> = states.iter().map(|s| s.cost_cents).collect();
    let dead: Vec<bool> = states.iter().map(|s| s.is_dead).collect();
    let retryable: Vec<bool> = states.iter().map(|s| s.is_retryable).collect();
    let until: Vec<_> = states.iter().map(|s| s.good_until).collect();
    let delivered: Vec<Option<DateTime<Utc>>> = states.iter().map(|s| s.delivered_at).collect();
    let poll: Vec<Option<DateTime<Utc>>> = states.iter().map(|s| s.poll_at).collect();
    sqlx::query!(
        "update messaging.message as m
         set status = s.status, reason = s.reason, version = s.version, attempt_id = s.attempt_id, cost_cents = s.cost_cents,
             dead = s.dead, retryable = s.retryable, good_until = s.good_until, delivered_at = s.delivered_at,
             poll_at = s.poll_at,
             changed_at = case when (m.status, m.version) = (s.status, s.version) then m.changed_at else $13 end
         from unnest($1::uuid[], $2::timestamptz[], $3::text[], $4::text[], $5::int[], $6::uuid[], $7::bigint[],
                     $8::boolean[], $9::boolean[], $10::timestamptz[], $11::timestamptz[], $12::timestamptz[])
              as s (message_id, created_at, status, reason, version, attempt_id, cost_cents, dead, retryable, good_until,
                    delivered_at, poll_at)
         where m.message_id = s.message_id and m.created_at = s.created_at",
        &ids,
        &created,
        &statuses,
        &reasons,
        &versions,
        &attempts as &[Option<Uuid>],
        &costs,
        &dead,
        &retryable,
        &until,
        &delivered as &[Option<DateTime<Utc>>],
        &poll as &[Option<DateTime<Utc>>],
        now
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// A message that is about to be handed over.
pub(crate) struct Handed {
    pub message: MessageId,
    pub created_at: DateTime<Utc>,
    pub attempt: Uuid,
    pub text: String,
    pub address: String,
    pub address_hash: Vec<u8>,
}

/// Writes what they read, whom they go to, and by which attempt.
pub(crate) async fn set_handed(
    tx: &mut PgConnection,
    sender: Uuid,
    handed: &[Handed],
) -> Result<(), sqlx::Error> {
    let ids: Vec<Uuid> = handed.iter().map(|h| h.message.as_uuid()).collect();
    let created: Vec<_> = handed.iter().map(|h| h.created_at).collect();
    let attempts: Vec<Uuid> = handed.iter().map(|h| h.attempt).collect();
    let texts: Vec<String> = handed.iter().map(|h| h.text.clone()).collect();
    let addresses: Vec<String> = handed.iter().map(|h| h.address.clone()).collect();
    let hashes: Vec<Vec<u8>> = handed.iter().map(|h| h.address_hash.clone()).collect();
    sqlx::query!(
        "update messaging.message as m
         set attempt_id = h.attempt_id, text = h.text, address = h.address, address_hash = h.address_hash, sender_id = $7,
             attempts = m.attempts + 1
         from unnest($1::uuid[], $2::timestamptz[], $3::uuid[], $4::text[], $5::text[], $6::bytea[])
              as h (message_id, created_at, attempt_id, text, address, address_hash)
         where m.message_id = h.message_id and m.created_at = h.created_at",
        &ids,
        &created,
        &attempts,
        &texts,
        &addresses,
        &hashes,
        sender
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// A marketing message and whom it is for.
pub(crate) struct ToWrite {
    pub message: MessageId,
    pub business: BusinessId,
    pub customer: CustomerId,
}

impl ToWrite {
    /// `None` for what is not marketing, or for nobody in particular.
    pub(crate) fn of(
        category: Category,
        message: MessageId,
        business: BusinessId,
        customer: Option<CustomerId>,
    ) -> Option<Self> {
        let customer = customer.filter(|_| category == Category::Marketing)?;
        Some(Self { message, business, customer })
    }
}

/// How long after another was handed over a marketing message of a business may go to the same customer. An hour less than the
/// seven days that campaigns keep, so that whose claim has lapsed is not left out for a clock: this is the second line, for what
/// was held or tried again when its campaign's own claim was gone.
const APART: chrono::Duration = chrono::Duration::hours(7 * 24 - 1);

/// Those of these whose customer another of her business's messages was handed to lately, or may have been, or is on its way to
/// at this moment.
pub(crate) async fn capped(
    tx: &mut PgConnection,
    messages: &[ToWrite],
    now: DateTime<Utc>,
) -> Result<Vec<MessageId>, sqlx::Error> {
    if messages.is_empty() {
        return Ok(Vec::new());
    }
    let ids: Vec<Uuid> = messages.iter().map(|one| one.message.as_uuid()).collect();
    let businesses: Vec<Uuid> = messages.iter().map(|one| one.business.as_uuid()).collect();
    let customers: Vec<Uuid> = messages.iter().map(|one| one.customer.as_uuid()).collect();
    let handed_after = now - APART;
    // Each customer by herself: of what a business has ever sent, her own messages are few. What waits and has an attempt is on
    // its way: what was not sent after all has lost it.
    sqlx::query_scalar!(
        r#"select wanted.message_id as "message!: MessageId"
           from unnest($1::uuid[], $2::uuid[], $3::uuid[]) as wanted (message_id, business_id, customer_id)
           cross join lateral (
             select 1 from messaging.message m
             join messaging.attempt a on a.attempt_id = m.attempt_id and a.created_at > $4
             where m.business_id = wanted.business_id and m.customer_id = wanted.customer_id and m.created_at > $5
               and m.message_id <> wanted.message_id and m.category = 'marketing'
               and (m.status in ('waiting', 'in_doubt', 'handed_over', 'sent', 'delivered', 'read')
                    or m.status = 'failed' and m.reason = 'in_doubt')
             limit 1) as other"#,
        &ids,
        &businesses,
        &customers,
        handed_after,
        handed_after - ASKED_FOR_BEFORE
    )
    .fetch_all(tx)
    .await
}
