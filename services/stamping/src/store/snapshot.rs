//! What is true now, page by page: cards, the ledger in the order it is written down, rewards.

use chrono::{DateTime, Utc};
use kernel::{BusinessId, CardId, CustomerId, DeviceId, LocationId, MemberId, ProgramId, RewardId, StampId};
use sqlx::PgPool;

/// A card as it was opened.
pub(crate) struct Opened {
    pub card: CardId,
    pub business: BusinessId,
    pub customer: CustomerId,
    pub program: ProgramId,
    pub stamps_required: i32,
    pub opened_at: DateTime<Utc>,
}

/// An entry of the ledger, with what its fact tells of other rows: its card as it stands now.
pub(crate) struct Entry {
    pub stamp: StampId,
    pub business: BusinessId,
    pub card: CardId,
    pub customer: CustomerId,
    pub program: ProgramId,
    pub card_version: i64,
    pub stamps: i32,
    pub stamps_required: i32,
    pub cycle: i32,
    pub total: i64,
    pub kind: String,
    pub via: String,
    pub count: i32,
    pub member: Option<MemberId>,
    pub device: Option<DeviceId>,
    pub location: Option<LocationId>,
    pub amount_cents: Option<i64>,
    pub occurred_at: DateTime<Utc>,
    pub recorded_at: DateTime<Utc>,
    pub reverses: Option<StampId>,
    pub reversed_kind: Option<String>,
    pub reversed_at: Option<DateTime<Utc>>,
}

/// A reward that was not taken back.
pub(crate) struct Kept {
    pub reward: RewardId,
    pub business: BusinessId,
    pub card: CardId,
    pub customer: CustomerId,
    pub program: ProgramId,
    pub cycle: i32,
    pub at: i32,
    pub title: String,
    pub cost_cents: Option<i64>,
    pub state: String,
    pub unlocked_at: DateTime<Utc>,
    pub expires_at: Option<DateTime<Utc>>,
    pub redeemed_at: Option<DateTime<Utc>>,
    pub redeemed_by: Option<MemberId>,
}

/// Cards after one of them.
pub(crate) async fn cards(
    pool: &PgPool,
    after: Option<CardId>,
    limit: i64,
) -> Result<Vec<Opened>, sqlx::Error> {
    sqlx::query_as!(
        Opened,
        r#"select c.card_id as "card: CardId", c.business_id as "business: BusinessId",
                  c.customer_id as "customer: CustomerId", c.program_id as "program: ProgramId", first.stamps_required,
                  c.opened_at
           from stamping.card c
           join stamping.cycle first on first.card_id = c.card_id and first.cycle = 1
           where $1::uuid is null or c.card_id > $1
           order by c.card_id limit $2"#,
        after.map(CardId::as_uuid),
        limit
    )
    .fetch_all(pool)
    .await
}

/// Entries after a place in the ledger.
pub(crate) async fn entries(
    pool: &PgPool,
    after: Option<(DateTime<Utc>, StampId)>,
    limit: i64,
) -> Result<Vec<Entry>, sqlx::Error> {
    sqlx::query_as!(
        Entry,
        r#"select s.stamp_id as "stamp: StampId", s.business_id as "business: BusinessId", s.card_id as "card: CardId",
                  c.customer_id as "customer: CustomerId", c.program_id as "program: ProgramId",
                  c.version as card_version, c.stamps, c.stamps_required, c.cycle, c.total, s.kind, s.via, s.count,
                  s.member_id as "member: MemberId", s.device_id as "device: DeviceId",
                  s.location_id as "location: LocationId", s.amount_cents, s.occurred_at, s.recorded_at,
                  s.reverses_stamp_id as "reverses: StampId", o.kind as "reversed_kind?",
                  o.recorded_at as "reversed_at?"
           from stamping.stamp s
           join stamping.card c using (card_id)
           left join stamping.stamp o on s.reverses_stamp_id is not null and o.stamp_id = s.reverses_stamp_id
           where $1::timestamptz is null or (s.recorded_at, s.stamp_id) > ($1, $2)
           order by s.recorded_at, s.stamp_id limit $3"#,
        after.map(|(at, _)| at),
        after.map(|(_, stamp)| stamp.as_uuid()),
        limit
    )
    .fetch_all(pool)
    .await
}

/// Rewards after one of them.
pub(crate) async fn rewards(
    pool: &PgPool,
    after: Option<RewardId>,
    limit: i64,
) -> Result<Vec<Kept>, sqlx::Error> {
    sqlx::query_as!(
        Kept,
        r#"select reward_id as "reward: RewardId", business_id as "business: BusinessId", card_id as "card: CardId",
                  customer_id as "customer: CustomerId", program_id as "program: ProgramId", cycle, at, title, cost_cents, state,
                  unlocked_at, expires_at, redeemed_at, redeemed_by as "redeemed_by: MemberId"
           from stamping.reward
           where state <> 'void' and ($1::uuid is null or reward_id > $1)
           order by reward_id limit $2"#,
        after.map(RewardId::as_uuid),
        limit
    )
    .fetch_all(pool)
    .await
}
