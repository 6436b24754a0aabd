//! Cards and the cycles they have begun.

use chrono::{DateTime, NaiveDate, Utc};
use kernel::{BusinessId, CardId, CustomerId, ProgramId, ScanId};
use sqlx::{PgConnection, PgPool};

use crate::Error;
use crate::domain::{Card, Cycle};

struct Row {
    card_id: CardId,
    business_id: BusinessId,
    customer_id: CustomerId,
    program_id: ProgramId,
    program_version: i32,
    stamps_required: i32,
    cycle: i32,
    stamps: i32,
    total: i64,
    version: i64,
    carried_cents: i64,
    code_generation: i32,
    opened_at: DateTime<Utc>,
    last_earn_at: Option<DateTime<Utc>>,
    earn_day: Option<NaiveDate>,
    earn_day_stamps: i32,
    visit_scan_id: Option<ScanId>,
    visit_stamps: i32,
    closed_at: Option<DateTime<Utc>>,
}

impl From<Row> for Card {
    fn from(row: Row) -> Self {
        Self {
            card: row.card_id,
            business: row.business_id,
            customer: row.customer_id,
            program: row.program_id,
            program_version: row.program_version,
            stamps_required: row.stamps_required,
            cycle: row.cycle,
            stamps: row.stamps,
            total: row.total,
            version: row.version,
            carried_cents: row.carried_cents,
            code_generation: row.code_generation,
            opened_at: row.opened_at,
            last_earn_at: row.last_earn_at,
            earn_day: row.earn_day,
            earn_day_stamps: row.earn_day_stamps,
            visit_scan: row.visit_scan_id,
            visit_stamps: row.visit_stamps,
            closed_at: row.closed_at,
        }
    }
}

/// A locked card, and where its program stands today.
pub(crate) struct Locked {
    /// The card.
    pub card: Card,
    /// The version that a new cycle would begin with.
    pub current_version: i32,
    /// Whether the program takes stamps.
    pub program_active: bool,
}

/// Locks cards in the order of their ids, each only if it is that business's.
pub(crate) async fn lock(
    tx: &mut PgConnection,
    wanted: &[(BusinessId, CardId)],
) -> Result<Vec<Locked>, sqlx::Error> {
    let businesses: Vec<_> = wanted.iter().map(|(business, _)| business.as_uuid()).collect();
    let cards: Vec<_> = wanted.iter().map(|(_, card)| card.as_uuid()).collect();
    let rows = sqlx::query!(
        r#"select c.card_id as "card_id: CardId", c.business_id as "business_id: BusinessId",
                  c.customer_id as "customer_id: CustomerId", c.program_id as "program_id: ProgramId",
                  c.program_version, c.stamps_required, c.cycle, c.stamps, c.total, c.version, c.carried_cents,
                  c.code_generation, c.opened_at, c.last_earn_at, c.earn_day, c.earn_day_stamps,
                  c.visit_scan_id as "visit_scan_id: ScanId", c.visit_stamps, c.closed_at, p.version as current_version, p.active
           from stamping.card c join stamping.program p using (program_id)
           where c.card_id = any($2)
             and (c.business_id, c.card_id) in (select * from unnest($1::uuid[], $2::uuid[]))
           order by c.card_id
           for update of c"#,
        &businesses,
        &cards
    )
    .fetch_all(tx)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| Locked {
            current_version: row.current_version,
            program_active: row.active,
            card: Card {
                card: row.card_id,
                business: row.business_id,
                customer: row.customer_id,
                program: row.program_id,
                program_version: row.program_version,
                stamps_required: row.stamps_required,
                cycle: row.cycle,
                stamps: row.stamps,
                total: row.total,
                version: row.version,
                carried_cents: row.carried_cents,
                code_generation: row.code_generation,
                opened_at: row.opened_at,
                last_earn_at: row.last_earn_at,
                earn_day: row.earn_day,
                earn_day_stamps: row.earn_day_stamps,
                visit_scan: row.visit_scan_id,
                visit_stamps: row.visit_stamps,
                closed_at: row.closed_at,
            },
        })
        .collect())
}

/// One card of a business.
pub(crate) async fn get(
    pool: &PgPool,
    business: BusinessId,
    card: CardId,
) -> Result<Option<Card>, sqlx::Error> {
    let row = sqlx::query_as!(
        Row,
        r#"select card_id as "card_id: CardId", business_id as "business_id: BusinessId",
                  customer_id as "customer_id: CustomerId", program_id as "program_id: ProgramId", program_version,
                  stamps_required, cycle, stamps, total, version, carried_cents, code_generation, opened_at,
                  last_earn_at, earn_day, earn_day_stamps, visit_scan_id as "visit_scan_id: ScanId", visit_stamps, closed_at
           from stamping.card where business_id = $1 and card_id = $2"#,
        business.as_uuid(),
        card.as_uuid()
    )
    .fetch_optional(pool)
    .await?;
    Ok(row.map(Card::from))
}

/// The cards of customers of a business that are still open, oldest first.
pub(crate) async fn of_customers(
    executor: impl sqlx::PgExecutor<'_>,
    business: BusinessId,
    customers: &[CustomerId],
) -> Result<Vec<Card>, sqlx::Error> {
    let customers: Vec<_> = customers.iter().map(|customer| customer.as_uuid()).collect();
    // Mostly one customer: an array whose length the planner could see would be planned for anew at every call.
    let rows = sqlx::query_as!(
        Row,
        r#"select card_id as "card_id: CardId", business_id as "business_id: BusinessId",
                  customer_id as "customer_id: CustomerId", program_id as "program_id: ProgramId", program_version,
                  stamps_required, cycle, stamps, total, version, carried_cents, code_generation, opened_at,
                  last_earn_at, earn_day, earn_day_stamps, visit_scan_id as "visit_scan_id: ScanId", visit_stamps, closed_at
           from stamping.card
           where business_id = $1 and customer_id = any((select $2::uuid[])::uuid[]) and closed_at is null
           order by opened_at, card_id"#,
        business.as_uuid(),
        &customers
    )
    .fetch_all(executor)
    .await?;
    Ok(rows.into_iter().map(Card::from).collect())
}

/// Every card a customer ever had, closed ones too.
pub(crate) async fn all_of_customer(
    pool: &PgPool,
    business: BusinessId,
    customer: CustomerId,
) -> Result<Vec<CardId>, sqlx::Error> {
    sqlx::query_scalar!(
        r#"select card_id as "card_id: CardId" from stamping.card where business_id = $1 and customer_id = $2"#,
        business.as_uuid(),
        customer.as_uuid()
    )
    .fetch_all(pool)
    .await
}

/// Writes a new card; `false` if the customer has one in that program already, or the id is taken.
pub(crate) async fn insert(tx: &mut PgConnection, card: &Card) -> Result<bool, sqlx::Error> {
    let written = sqlx::query!(
        "insert into stamping.card (card_id, business_id, customer_id, program_id, program_version, stamps_required,
             cycle, stamps, total, version, carried_cents, code_generation, opened_at, earn_day_stamps)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, 0)
         on conflict do nothing",
        card.card.as_uuid(),
        card.business.as_uuid(),
        card.customer.as_uuid(),
        card.program.as_uuid(),
        card.program_version,
        card.stamps_required,
        card.cycle,
        card.stamps,
        card.total,
        card.version,
        card.carried_cents,
        card.code_generation,
        card.opened_at
    )
    .execute(tx)
    .await?;
    Ok(written.rows_affected() == 1)
}

/// The cycles a card has begun, in order.
pub(crate) async fn cycles(tx: &mut PgConnection, card: CardId) -> Result<Vec<Cycle>, sqlx::Error> {
    sqlx::query_as!(
        Cycle,
        "select cycle, program_version, stamps_required from stamping.cycle where card_id = $1 order by cycle",
        card.as_uuid()
    )
    .fetch_all(tx)
    .await
}

/// Writes cycles that have begun.
pub(crate) async fn insert_cycles(
    tx: &mut PgConnection,
    begun: &[(CardId, Cycle)],
) -> Result<(), sqlx::Error> {
    if begun.is_empty() {
        return Ok(());
    }
    let cards: Vec<_> = begun.iter().map(|(card, _)| card.as_uuid()).collect();
    let cycles: Vec<_> = begun.iter().map(|(_, cycle)| cycle.cycle).collect();
    let versions: Vec<_> = begun.iter().map(|(_, cycle)| cycle.program_version).collect();
    let required: Vec<_> = begun.iter().map(|(_, cycle)| cycle.stamps_required).collect();
    sqlx::query!(
        "insert into stamping.cycle (card_id, cycle, program_version, stamps_required)
         select * from unnest($1::uuid[], $2::int[], $3::int[], $4::int[])",
        &cards,
        &cycles,
        &versions,
        &required
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// Takes back the cycles after `last`, which a void has undone.
pub(crate) async fn delete_cycles_after(
    tx: &mut PgConnection,
    card: CardId,
    last: i32,
) -> Result<(), sqlx::Error> {
    sqlx::query!("delete from stamping.cycle where card_id = $1 and cycle > $2", card.as_uuid(), last)
        .execute(tx)
        .await?;
    Ok(())
}

/// Revokes the code that is out; returns the generation that is good from now on.
pub(crate) async fn next_code_generation(
    pool: &PgPool,
    business: BusinessId,
    card: CardId,
) -> Result<Option<i32>, sqlx::Error> {
    sqlx::query_scalar!(
        "update stamping.card set code_generation = code_generation % 65535 + 1
         where business_id = $1 and card_id = $2 and closed_at is null returning code_generation",
        business.as_uuid(),
        card.as_uuid()
    )
    .fetch_optional(pool)
    .await
}

/// Closes the open cards of a customer: no more stamps, and the codes that are out are void.
pub(crate) async fn close_all(
    tx: &mut PgConnection,
    business: BusinessId,
    customer: CustomerId,
    at: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update stamping.card set closed_at = $3, code_generation = code_generation % 65535 + 1, version = version + 1
         where business_id = $1 and customer_id = $2 and closed_at is null",
        business.as_uuid(),
        customer.as_uuid(),
        at
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// Gives a card to another customer.
pub(crate) async fn hand_over(
    tx: &mut PgConnection,
    business: BusinessId,
    card: CardId,
    to: CustomerId,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update stamping.card set customer_id = $3, version = version + 1 where business_id = $1 and card_id = $2",
        business.as_uuid(),
        card.as_uuid(),
        to.as_uuid()
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// The visits that still stand, for a card whose last one was taken back: when the newest was.
pub(crate) async fn last_standing_visit(
    tx: &mut PgConnection,
    card: CardId,
) -> Result<Option<DateTime<Utc>>, Error> {
    Ok(sqlx::query_scalar!(
        "select max(s.recorded_at) from stamping.stamp s
         where s.card_id = $1 and s.kind = 'earn'
           and not exists (select from stamping.voided v where v.stamp_id = s.stamp_id)",
        card.as_uuid()
    )
    .fetch_one(tx)
    .await?)
}
