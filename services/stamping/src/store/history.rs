//! Reading the ledger: for a customer's page and for her own card.

use chrono::{DateTime, Utc};
use kernel::{BusinessId, CardId, DeviceId, LocationId, MemberId, StampId};
use sqlx::PgPool;

/// An entry as it is shown.
#[derive(Debug)]
pub struct Entry {
    pub stamp: StampId,
    pub card: CardId,
    pub kind: String,
    pub via: String,
    pub count: i32,
    pub cycle: i32,
    pub member: Option<MemberId>,
    pub device: Option<DeviceId>,
    pub location: Option<LocationId>,
    pub amount_cents: Option<i64>,
    pub reason: Option<String>,
    pub reverses: Option<StampId>,
    pub voided: bool,
    pub occurred_at: DateTime<Utc>,
    pub recorded_at: DateTime<Utc>,
}

/// The entries of cards of a business before a place in the ledger, newest first.
pub(crate) async fn list(
    pool: &PgPool,
    business: BusinessId,
    cards: &[CardId],
    before: Option<(DateTime<Utc>, StampId)>,
    limit: i64,
) -> Result<Vec<Entry>, sqlx::Error> {
    let cards: Vec<_> = cards.iter().map(|card| card.as_uuid()).collect();
    let (at, stamp) = before.unzip();
    sqlx::query_as!(
        Entry,
        r#"select s.stamp_id as "stamp: StampId", s.card_id as "card: CardId", s.kind, s.via, s.count, s.cycle,
                  s.member_id as "member: MemberId", s.device_id as "device: DeviceId",
                  s.location_id as "location: LocationId", s.amount_cents, s.reason,
                  s.reverses_stamp_id as "reverses: StampId", s.occurred_at, s.recorded_at,
                  exists (select from stamping.voided v where v.stamp_id = s.stamp_id) as "voided!"
           from stamping.stamp s
           where s.business_id = $1 and s.card_id = any($2)
             and ($3::timestamptz is null or (s.recorded_at, s.stamp_id) < ($3, $4))
           order by s.recorded_at desc, s.stamp_id desc
           limit $5"#,
        business.as_uuid(),
        &cards,
        at,
        stamp.map(StampId::as_uuid),
        limit
    )
    .fetch_all(pool)
    .await
}
