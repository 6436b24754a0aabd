//! Messages, and what they add up to by slot.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use kernel::{BusinessId, MessageId, Zone};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::domain::calendar::{Period, Slot};
use crate::domain::figures::MessageSums;
use crate::domain::message::{Latest, Message};

/// Messages by business and id.
pub(crate) type Messages = BTreeMap<(BusinessId, MessageId), Message>;

/// Locks the rows of these messages, made empty where they are new, and reads them.
pub(crate) async fn lock<'a>(
    db: &mut PgConnection,
    keys: impl Iterator<Item = &'a (BusinessId, MessageId)>,
) -> Result<Messages, sqlx::Error> {
    let (businesses, messages): (Vec<Uuid>, Vec<Uuid>) =
        keys.map(|(business, message)| (business.as_uuid(), message.as_uuid())).unzip();
    sqlx::query!(
        "insert into analytics.message (business_id, message_id)
         select * from unnest($1::uuid[], $2::uuid[])
         on conflict on constraint message_pk do nothing",
        &businesses,
        &messages,
    )
    .execute(&mut *db)
    .await?;
    let rows = sqlx::query!(
        r#"select business_id as "business_id: BusinessId", message_id as "message_id: MessageId", sent_at, delivered_at,
                  read_at, version, changed_at, failed, cost_cents
           from analytics.message
           where (business_id, message_id) in (select * from unnest($1::uuid[], $2::uuid[]))
           order by business_id, message_id
           for update"#,
        &businesses,
        &messages,
    )
    .fetch_all(db)
    .await?;
    let known = rows.into_iter().map(|row| {
        let latest = Latest {
            version: row.version,
            at: row.changed_at,
            failed: row.failed,
            cost_cents: row.cost_cents,
        };
        let message = Message {
            sent_at: row.sent_at,
            delivered_at: row.delivered_at,
            read_at: row.read_at,
            latest: (row.version > 0).then_some(latest),
        };
        ((row.business_id, row.message_id), message)
    });
    Ok(known.collect())
}

/// Writes messages back.
pub(crate) async fn save(db: &mut PgConnection, messages: &Messages) -> Result<(), sqlx::Error> {
    let known = || messages.iter().filter_map(|(key, message)| Some((key, message, message.latest?)));
    let businesses: Vec<Uuid> = known().map(|((business, _), ..)| business.as_uuid()).collect();
    let ids: Vec<Uuid> = known().map(|((_, message), ..)| message.as_uuid()).collect();
    let sent: Vec<Option<DateTime<Utc>>> = known().map(|(_, message, _)| message.sent_at).collect();
    let delivered: Vec<Option<DateTime<Utc>>> = known().map(|(_, message, _)| message.delivered_at).collect();
    let read: Vec<Option<DateTime<Utc>>> = known().map(|(_, message, _)| message.read_at).collect();
    let versions: Vec<i32> = known().map(|(.., latest)| latest.version).collect();
    let changed: Vec<DateTime<Utc>> = known().map(|(.., latest)| latest.at).collect();
    let failed: Vec<bool> = known().map(|(.., latest)| latest.failed).collect();
    let costs: Vec<i64> = known().map(|(.., latest)| latest.cost_cents).collect();
    sqlx::query!(
        "update analytics.message
         set sent_at = now.sent_at, delivered_at = now.delivered_at, read_at = now.read_at, version = now.version,
             changed_at = now.changed_at, failed = now.failed, cost_cents = now.cost_cents
         from unnest($1::uuid[], $2::uuid[], $3::timestamptz[], $4::timestamptz[], $5::timestamptz[], $6::int[],
                     $7::timestamptz[], $8::bool[], $9::bigint[])
              as now (business_id, message_id, sent_at, delivered_at, read_at, version, changed_at, failed, cost_cents)
         where message.business_id = now.business_id and message.message_id = now.message_id",
        &businesses,
        &ids,
        &sent as &[Option<DateTime<Utc>>],
        &delivered as &[Option<DateTime<Utc>>],
        &read as &[Option<DateTime<Utc>>],
        &versions,
        &changed,
        &failed,
        &costs,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Adds to slots.
pub(crate) async fn add(
    db: &mut PgConnection,
    slots: &BTreeMap<(BusinessId, Slot), MessageSums>,
) -> Result<(), sqlx::Error> {
    let businesses: Vec<Uuid> = slots.keys().map(|(business, _)| business.as_uuid()).collect();
    let begins: Vec<DateTime<Utc>> = slots.keys().map(|(_, slot)| slot.begins_at()).collect();
    let sent: Vec<i64> = slots.values().map(|sums| sums.sent).collect();
    let delivered: Vec<i64> = slots.values().map(|sums| sums.delivered).collect();
    let read: Vec<i64> = slots.values().map(|sums| sums.read).collect();
    let failed: Vec<i64> = slots.values().map(|sums| sums.failed).collect();
    let opted_out: Vec<i64> = slots.values().map(|sums| sums.opted_out).collect();
    let costs: Vec<i64> = slots.values().map(|sums| sums.cost_cents).collect();
    sqlx::query!(
        "insert into analytics.message_slot as known
             (business_id, slot_at, sent, delivered, read, failed, opted_out, cost_cents)
         select * from unnest($1::uuid[], $2::timestamptz[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[],
                              $7::bigint[], $8::bigint[])
         on conflict on constraint message_slot_pk do update set
             sent = known.sent + excluded.sent,
             delivered = known.delivered + excluded.delivered,
             read = known.read + excluded.read,
             failed = known.failed + excluded.failed,
             opted_out = known.opted_out + excluded.opted_out,
             cost_cents = known.cost_cents + excluded.cost_cents",
        &businesses,
        &begins,
        &sent,
        &delivered,
        &read,
        &failed,
        &opted_out,
        &costs,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// The slots of a business from one moment to before another, oldest first.
pub(crate) async fn between(
    db: &mut PgConnection,
    business: BusinessId,
    from: DateTime<Utc>,
    until: DateTime<Utc>,
) -> Result<Vec<(Slot, MessageSums)>, sqlx::Error> {
    let rows = sqlx::query!(
        "select slot_at, sent, delivered, read, failed, opted_out, cost_cents
         from analytics.message_slot
         where business_id = $1 and slot_at >= $2 and slot_at < $3
         order by slot_at",
        business.as_uuid(),
        from,
        until,
    )
    .fetch_all(db)
    .await?;
    let slots = rows.into_iter().map(|row| {
        let sums = MessageSums {
            sent: row.sent,
            delivered: row.delivered,
            read: row.read,
            failed: row.failed,
            opted_out: row.opted_out,
            cost_cents: row.cost_cents,
        };
        (Slot::of(row.slot_at), sums)
    });
    Ok(slots.collect())
}

/// The sums of each day of a period that has any.
pub(crate) async fn by_day(
    db: &mut PgConnection,
    business: BusinessId,
    zone: Zone,
    period: Period,
) -> Result<BTreeMap<NaiveDate, MessageSums>, sqlx::Error> {
    let (from, until) = period.bounds(zone);
    let mut days: BTreeMap<NaiveDate, MessageSums> = BTreeMap::new();
    for (slot, sums) in between(db, business, from, until).await? {
        *days.entry(zone.day(slot.begins_at())).or_default() += sums;
    }
    Ok(days)
}
