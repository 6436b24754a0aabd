//! Sends.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use kernel::{BusinessId, CampaignId, CardId, CustomerId, Locale};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::domain::send::{Send, SendStatus, planned_at};
use crate::store::claim::Claim;

/// A send as it is planned.
#[derive(Clone, Debug)]
pub(crate) struct Planned {
    pub(crate) send: Uuid,
    pub(crate) customer: CustomerId,
    pub(crate) status: SendStatus,
    /// whatsapp, wallet; empty for the holdout.
    pub(crate) channel: &'static str,
    pub(crate) language: Locale,
    pub(crate) card: Option<CardId>,
    pub(crate) follow_up_at: Option<DateTime<Utc>>,
}

/// Writes sends, all of one campaign and one moment.
pub(crate) async fn insert(
    db: &mut PgConnection,
    (business, campaign): (BusinessId, CampaignId),
    sends: &[Planned],
    at: DateTime<Utc>,
    day: NaiveDate,
) -> Result<(), sqlx::Error> {
    let ids: Vec<Uuid> = sends.iter().map(|send| send.send).collect();
    let customers: Vec<Uuid> = sends.iter().map(|send| send.customer.as_uuid()).collect();
    let statuses: Vec<String> = sends.iter().map(|send| send.status.as_str().to_owned()).collect();
    let channels: Vec<String> = sends.iter().map(|send| send.channel.to_owned()).collect();
    let languages: Vec<String> = sends.iter().map(|send| send.language.as_str().to_owned()).collect();
    let cards: Vec<Option<Uuid>> = sends.iter().map(|send| send.card.map(CardId::as_uuid)).collect();
    let follow_ups: Vec<Option<DateTime<Utc>>> = sends.iter().map(|send| send.follow_up_at).collect();
    sqlx::query!(
        "insert into campaign.send
             (business_id, campaign_id, planned_at, planned_day, send_id, customer_id, status, channel, language, card_id,
              follow_up_at)
         select $1, $2, $3, $4, new.*
         from unnest($5::uuid[], $6::uuid[], $7::text[], $8::text[], $9::text[], $10::uuid[], $11::timestamptz[]) as new",
        business.as_uuid(),
        campaign.as_uuid(),
        at,
        day,
        &ids,
        &customers,
        &statuses,
        &channels,
        &languages,
        &cards as &[Option<Uuid>],
        &follow_ups as &[Option<DateTime<Utc>>],
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Which send of which campaign.
pub(crate) type Key = (CampaignId, Uuid);

/// A send whose status may change.
#[derive(Clone, Debug)]
pub(crate) struct Kept {
    pub(crate) business: BusinessId,
    pub(crate) customer: CustomerId,
    pub(crate) send: Send,
}

/// Locks sends in the order of their keys and reads them; those nobody knows are left out. The id tells the month.
pub(crate) async fn lock(db: &mut PgConnection, keys: &[Key]) -> Result<BTreeMap<Key, Kept>, sqlx::Error> {
    let known: Vec<(Uuid, Uuid, DateTime<Utc>)> = keys
        .iter()
        .filter_map(|(campaign, send)| Some((campaign.as_uuid(), *send, planned_at(*send)?)))
        .collect();
    let campaigns: Vec<Uuid> = known.iter().map(|key| key.0).collect();
    let sends: Vec<Uuid> = known.iter().map(|key| key.1).collect();
    let moments: Vec<DateTime<Utc>> = known.iter().map(|key| key.2).collect();
    let rows = sqlx::query!(
        r#"select send.business_id as "business_id: BusinessId", send.campaign_id as "campaign_id: CampaignId",
                  send.send_id, send.customer_id as "customer_id: CustomerId", send.status, send.message_version,
                  send.cost_cents, send.reason, send.follow_up_at is not null as "follows!",
                  send.message_open, send.follow_failed
           from campaign.send
           join unnest($1::uuid[], $2::uuid[], $3::timestamptz[]) as wanted (campaign_id, send_id, planned_at)
                using (campaign_id, send_id, planned_at)
           order by send.campaign_id, send.send_id
           for no key update of send"#,
        &campaigns,
        &sends,
        &moments,
    )
    .fetch_all(db)
    .await?;
    let kept = rows.into_iter().filter_map(|row| {
        let send = Send {
            status: SendStatus::parse(&row.status)?,
            message_version: row.message_version,
            cost_cents: row.cost_cents,
            reason: row.reason,
            follows: row.follows,
            message_open: row.message_open,
            follow_failed: row.follow_failed,
        };
        let kept = Kept { business: row.business_id, customer: row.customer_id, send };
        Some(((row.campaign_id, row.send_id), kept))
    });
    Ok(kept.collect())
}

/// Writes the statuses of sends back. Where nothing can be waited for, the other way is tried at once; where nothing is to follow any
/// more, never.
pub(crate) async fn save(
    db: &mut PgConnection,
    sends: &BTreeMap<Key, Kept>,
    hastened: &[Key],
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    let campaigns: Vec<Uuid> = sends.keys().map(|(campaign, _)| campaign.as_uuid()).collect();
    let ids: Vec<Uuid> = sends.keys().map(|(_, send)| *send).collect();
    let moments: Vec<Option<DateTime<Utc>>> = sends.keys().map(|(_, send)| planned_at(*send)).collect();
    let statuses: Vec<String> = sends.values().map(|kept| kept.send.status.as_str().to_owned()).collect();
    let versions: Vec<i32> = sends.values().map(|kept| kept.send.message_version).collect();
    let costs: Vec<i64> = sends.values().map(|kept| kept.send.cost_cents).collect();
    let reasons: Vec<String> = sends.values().map(|kept| kept.send.reason.clone()).collect();
    let open: Vec<bool> = sends.values().map(|kept| kept.send.message_open).collect();
    let follow_failed: Vec<bool> = sends.values().map(|kept| kept.send.follow_failed).collect();
    let hasten: Vec<bool> = sends.keys().map(|key| hastened.contains(key)).collect();
    let follows: Vec<bool> = sends.values().map(|kept| kept.send.follows).collect();
    sqlx::query!(
        "update campaign.send
         set status = new.status, message_version = new.message_version, cost_cents = new.cost_cents,
             reason = new.reason, message_open = new.message_open, follow_failed = new.follow_failed,
             follow_up_at = case when new.hasten then least(send.follow_up_at, $9)
                                 when new.follows then send.follow_up_at end
         from unnest($1::uuid[], $2::uuid[], $3::timestamptz[], $4::text[], $5::int[], $6::bigint[], $7::text[],
                     $8::bool[], $10::bool[], $11::bool[], $12::bool[])
              as new (campaign_id, send_id, planned_at, status, message_version, cost_cents, reason, hasten, message_open,
                      follow_failed, follows)
         where send.campaign_id = new.campaign_id and send.send_id = new.send_id and send.planned_at = new.planned_at",
        &campaigns,
        &ids,
        &moments as &[Option<DateTime<Utc>>],
        &statuses,
        &versions,
        &costs,
        &reasons,
        &hasten,
        now,
        &open,
        &follow_failed,
        &follows,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// What waits at messaging of a campaign, as far as is known here, with the claims it was planned under.
pub(crate) async fn waiting(
    db: &mut PgConnection,
    business: BusinessId,
    campaign: CampaignId,
) -> Result<Vec<Claim>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"select send_id, customer_id as "customer_id: CustomerId" from campaign.send
           where campaign_id = $1 and business_id = $2
             and (status = 'requested' or (status = 'delivered' and message_open))"#,
        campaign.as_uuid(),
        business.as_uuid(),
    )
    .fetch_all(db)
    .await?;
    let claims = rows.into_iter().map(|row| Claim {
        business,
        customer: row.customer_id,
        send: row.send_id,
        campaign,
    });
    Ok(claims.collect())
}

/// After a pause WhatsApp waits its days anew where no pass has shown it yet.
pub(crate) async fn follow_later(
    db: &mut PgConnection,
    business: BusinessId,
    campaign: CampaignId,
    at: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "with waiting as (
             select send_id, planned_at from campaign.send
             where campaign_id = $2 and business_id = $1
               and status = 'requested' and channel = 'wallet' and follow_up_at is not null
             order by send_id for no key update
         )
         update campaign.send set follow_up_at = $3 from waiting
         where send.campaign_id = $2 and send.send_id = waiting.send_id and send.planned_at = waiting.planned_at",
        business.as_uuid(),
        campaign.as_uuid(),
        at,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// A send of which the other way is to be tried.
#[derive(Clone, Debug)]
pub(crate) struct ToFollow {
    pub(crate) business: BusinessId,
    pub(crate) campaign: CampaignId,
    pub(crate) send: Uuid,
    pub(crate) customer: CustomerId,
    pub(crate) planned_at: DateTime<Utc>,
    pub(crate) planned_day: NaiveDate,
    pub(crate) status: String,
    /// The way it went so far.
    pub(crate) channel: String,
}

/// Those whose time has come, locked; others' are left out.
pub(crate) async fn take_to_follow(
    db: &mut PgConnection,
    now: DateTime<Utc>,
    limit: i64,
) -> Result<Vec<ToFollow>, sqlx::Error> {
    sqlx::query_as!(
        ToFollow,
        r#"select business_id as "business: BusinessId", campaign_id as "campaign: CampaignId", send_id as send,
                  customer_id as "customer: CustomerId", planned_at, planned_day, status, channel
           from campaign.send where follow_up_at <= $1
           order by follow_up_at limit $2
           for no key update skip locked"#,
        now,
        limit,
    )
    .fetch_all(db)
    .await
}

/// What becomes of sends of which the other way was to be tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Following {
    /// It is, now.
    Now,
    /// It follows never.
    Never,
    /// It is looked at again at that moment.
    Later(DateTime<Utc>),
}

/// Writes what becomes of them; a send that nothing showed and nothing follows has failed.
pub(crate) async fn follow(db: &mut PgConnection, sends: &[(Key, Following)]) -> Result<(), sqlx::Error> {
    let campaigns: Vec<Uuid> = sends.iter().map(|((campaign, _), _)| campaign.as_uuid()).collect();
    let ids: Vec<Uuid> = sends.iter().map(|((_, send), _)| *send).collect();
    let moments: Vec<Option<DateTime<Utc>>> = sends.iter().map(|((_, send), _)| planned_at(*send)).collect();
    let now: Vec<bool> = sends.iter().map(|(_, following)| *following == Following::Now).collect();
    let later: Vec<Option<DateTime<Utc>>> = sends
        .iter()
        .map(|(_, following)| match following {
            Following::Later(at) => Some(*at),
            Following::Now | Following::Never => None,
        })
        .collect();
    sqlx::query!(
        "update campaign.send
         set follow_up_at = new.later,
             message_open = send.message_open or (new.now and send.channel = 'wallet'),
             channel = case when not new.now then send.channel when send.channel = 'wallet' then 'whatsapp'
                            else 'wallet' end,
             status = case when not new.now and new.later is null and send.status = 'requested' then 'failed'
                           else send.status end,
             reason = case when new.now then ''
                           when new.later is null and send.status = 'requested' and send.reason = '' then 'no_pass'
                           else send.reason end
         from unnest($1::uuid[], $2::uuid[], $3::timestamptz[], $4::bool[], $5::timestamptz[])
              as new (campaign_id, send_id, planned_at, now, later)
         where send.campaign_id = new.campaign_id and send.send_id = new.send_id and send.planned_at = new.planned_at",
        &campaigns,
        &ids,
        &moments as &[Option<DateTime<Utc>>],
        &now,
        &later as &[Option<DateTime<Utc>>],
    )
    .execute(db)
    .await?;
    Ok(())
}
