//! Messages as a person sees them.

use chrono::{DateTime, Utc};
use kernel::{BusinessId, CampaignId, CustomerId};
use sqlx::{PgConnection, PgPool};
use uuid::Uuid;

/// A message in either direction.
#[derive(Clone, Debug)]
pub(crate) struct Shown {
    pub message: Uuid,
    pub customer: Option<CustomerId>,
    pub campaign: Option<CampaignId>,
    pub is_inbound: bool,
    pub category: String,
    pub template: String,
    pub text: Option<String>,
    pub status: String,
    pub reason: String,
    pub attempts: i32,
    pub cost_cents: i64,
    pub created_at: DateTime<Utc>,
    pub changed_at: DateTime<Utc>,
    pub next_at: Option<DateTime<Utc>>,
    pub is_retryable: bool,
}

/// A page of a business's messages, the newest first.
pub(crate) async fn list(
    pool: &PgPool,
    business: BusinessId,
    (customer, status): (Option<CustomerId>, Option<&str>),
    before: Option<Uuid>,
    limit: i64,
) -> Result<Vec<Shown>, sqlx::Error> {
    sqlx::query_as!(
        Shown,
        r#"select m.message_id as message, m.customer_id as "customer: CustomerId", m.campaign_id as "campaign: CampaignId",
                  false as "is_inbound!", m.category, m.template, m.text, m.status,
                  coalesce(nullif(m.reason, ''), q.reason, '') as "reason!", m.attempts, m.cost_cents, m.created_at,
                  m.changed_at, q.next_at as "next_at?", (m.dead and m.retryable and messaging.may_be_retried(m.category, m.changed_at, m.campaign_id, now())) as "is_retryable!"
           from messaging.message m left join messaging.queue q on q.message_id = m.message_id
           where m.business_id = $1 and ($2::uuid is null or m.customer_id = $2) and ($3::text is null or m.status = $3)
             and ($4::uuid is null or m.message_id < $4)
           order by m.message_id desc limit $5"#,
        business.as_uuid(),
        customer.map(CustomerId::as_uuid),
        status,
        before,
        limit
    )
    .fetch_all(pool)
    .await
}

/// A page of what failed and waits for a person, or of what waits by itself, the oldest first.
pub(crate) async fn deliveries(
    pool: &PgPool,
    business: BusinessId,
    dead: Option<bool>,
    after: Option<Uuid>,
    limit: i64,
) -> Result<Vec<Shown>, sqlx::Error> {
    sqlx::query_as!(
        Shown,
        r#"select m.message_id as message, m.customer_id as "customer: CustomerId", m.campaign_id as "campaign: CampaignId",
                  false as "is_inbound!", m.category, m.template, m.text, m.status,
                  coalesce(nullif(m.reason, ''), q.reason, '') as "reason!", m.attempts, m.cost_cents, m.created_at,
                  m.changed_at, q.next_at as "next_at?", (m.dead and m.retryable and messaging.may_be_retried(m.category, m.changed_at, m.campaign_id, now())) as "is_retryable!"
           from (
             (select message_id from messaging.message
              where business_id = $1 and dead and $2 is distinct from false and ($3::uuid is null or message_id > $3)
              order by message_id limit $4)
             union
             (select message_id from messaging.queue
              where business_id = $1 and $2 is distinct from true and ($3::uuid is null or message_id > $3)
              order by message_id limit $4)
           ) as wanted
           join messaging.message m on m.message_id = wanted.message_id
           left join messaging.queue q on q.message_id = m.message_id
           order by m.message_id limit $4"#,
        business.as_uuid(),
        dead,
        after,
        limit
    )
    .fetch_all(pool)
    .await
}

/// One message of a business.
pub(crate) async fn find(
    tx: &mut PgConnection,
    business: BusinessId,
    message: Uuid,
) -> Result<Option<Shown>, sqlx::Error> {
    sqlx::query_as!(
        Shown,
        r#"select m.message_id as message, m.customer_id as "customer: CustomerId", m.campaign_id as "campaign: CampaignId",
                  false as "is_inbound!", m.category, m.template, m.text, m.status,
                  coalesce(nullif(m.reason, ''), q.reason, '') as "reason!", m.attempts, m.cost_cents, m.created_at,
                  m.changed_at, q.next_at as "next_at?", (m.dead and m.retryable and messaging.may_be_retried(m.category, m.changed_at, m.campaign_id, now())) as "is_retryable!"
           from messaging.message m left join messaging.queue q on q.message_id = m.message_id
           where m.business_id = $1 and m.message_id = $2"#,
        business.as_uuid(),
        message
    )
    .fetch_optional(tx)
    .await
}

/// The last so many messages between a business and an address, the newest first. What waits for its turn is shown only where
/// a person or the platform wrote it for her: what a campaign will say is not said yet.
pub(crate) async fn of_address(
    pool: &PgPool,
    business: BusinessId,
    address: &[u8],
    limit: i64,
) -> Result<Vec<Shown>, sqlx::Error> {
    sqlx::query_as!(
        Shown,
        r#"select message as "message!", customer as "customer: CustomerId", campaign as "campaign: CampaignId",
                  is_inbound as "is_inbound!", category as "category!", template as "template!", text, status as "status!",
                  reason as "reason!", attempts as "attempts!", cost_cents as "cost_cents!", created_at as "created_at!",
                  changed_at as "changed_at!", null::timestamptz as "next_at?", is_retryable as "is_retryable!"
           from (
             (select inbound_id as message, customer_id as customer, null::uuid as campaign, true as is_inbound,
                     'service' as category, '' as template, text, 'received' as status, '' as reason, 0 as attempts,
                     0::bigint as cost_cents, received_at as created_at, received_at as changed_at, false as is_retryable
              from messaging.inbound where business_id = $1 and address_hash = $2
              order by received_at desc limit $3)
             union all
             (select message_id, customer_id, campaign_id, false, category, template, text, status, reason, attempts,
                     cost_cents, created_at, changed_at,
                     dead and retryable and messaging.may_be_retried(category, changed_at, campaign_id, now())
              from messaging.message
              where business_id = $1 and address_hash = $2 and (category = 'service' or status not in ('waiting', 'canceled'))
              order by created_at desc limit $3)
           ) as both_ways
           order by created_at desc, message desc limit $3"#,
        business.as_uuid(),
        address,
        limit
    )
    .fetch_all(pool)
    .await
}

/// Failed messages of a business that may be tried again, or one of them; locked.
pub(crate) async fn lock_retryable(
    tx: &mut PgConnection,
    business: BusinessId,
    only: Option<Uuid>,
    now: DateTime<Utc>,
    limit: i64,
) -> Result<Vec<(kernel::MessageId, DateTime<Utc>)>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"select message_id as "message: kernel::MessageId", created_at from messaging.message
           where business_id = $1 and dead and retryable and ($2::uuid is null or message_id = $2)
             and messaging.may_be_retried(category, changed_at, campaign_id, $4)
           order by message_id limit $3 for update"#,
        business.as_uuid(),
        only,
        limit,
        now
    )
    .fetch_all(tx)
    .await?;
    Ok(rows.into_iter().map(|row| (row.message, row.created_at)).collect())
}
