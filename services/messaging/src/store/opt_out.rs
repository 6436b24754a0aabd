//! Who wants no marketing, by address: known by a keyed hash, so that it outlives the address.

use chrono::{DateTime, Utc};
use kernel::{BusinessId, CampaignId, CustomerId};
use sqlx::{PgConnection, PgExecutor};
use uuid::Uuid;

/// She wants none from this sender, by this message of hers. Said again, it changes nothing, unless she has asked some business
/// for it in between.
pub(crate) async fn put(
    tx: &mut PgConnection,
    (inbound, sender): (Uuid, Uuid),
    address: &[u8],
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "insert into messaging.opt_out as known (sender_id, address_hash, at, inbound_id, businesses) values ($1, $2, $3, $4, '{}')
         on conflict (sender_id, address_hash) do update
         set at = excluded.at, inbound_id = excluded.inbound_id
         where exists (select from messaging.opt_in i where i.address_hash = known.address_hash and i.at > known.at)",
        sender,
        address,
        now,
        inbound
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// Keeps from which businesses a message takes her consent; false where another message said it before, or she has taken it
/// back.
pub(crate) async fn took(
    db: impl PgExecutor<'_>,
    (inbound, sender): (Uuid, Uuid),
    address: &[u8],
    businesses: &[Uuid],
) -> Result<bool, sqlx::Error> {
    let done = sqlx::query!(
        "update messaging.opt_out
         set businesses = (select array_agg(distinct one) from unnest(businesses || $4::uuid[]) as one)
         where sender_id = $1 and address_hash = $2 and inbound_id = $3",
        sender,
        address,
        inbound,
        businesses
    )
    .execute(db)
    .await?;
    Ok(done.rows_affected() > 0)
}

/// From which businesses her word has taken her consent: `None` where that was not kept.
pub(crate) async fn taken(
    db: impl PgExecutor<'_>,
    sender: Uuid,
    address: &[u8],
) -> Result<Option<Vec<Uuid>>, sqlx::Error> {
    let row = sqlx::query!(
        "select businesses from messaging.opt_out where sender_id = $1 and address_hash = $2",
        sender,
        address
    )
    .fetch_optional(db)
    .await?;
    Ok(row.map_or(Some(Vec::new()), |row| row.businesses))
}

/// She wants some again.
pub(crate) async fn lift(tx: &mut PgConnection, sender: Uuid, address: &[u8]) -> Result<(), sqlx::Error> {
    sqlx::query!("delete from messaging.opt_out where sender_id = $1 and address_hash = $2", sender, address)
        .execute(tx)
        .await?;
    Ok(())
}

/// She asked one business for it, whatever she had said to all of them before.
pub(crate) async fn opt_in(
    tx: &mut PgConnection,
    business: BusinessId,
    address: &[u8],
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "insert into messaging.opt_in (business_id, address_hash, at) values ($1, $2, $3)
         on conflict (business_id, address_hash) do update set at = excluded.at",
        business.as_uuid(),
        address,
        now
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// Of these pairs of business and address, those that want none.
pub(crate) async fn find(
    tx: &mut PgConnection,
    sender: Uuid,
    businesses: &[Uuid],
    addresses: &[Vec<u8>],
) -> Result<Vec<(BusinessId, Vec<u8>)>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"select asked.business_id as "business!: BusinessId", asked.address_hash as "address_hash!"
           from unnest($2::uuid[], $3::bytea[]) as asked (business_id, address_hash)
           join messaging.opt_out o on o.sender_id = $1 and o.address_hash = asked.address_hash
           where not exists (select from messaging.opt_in i
                             where i.business_id = asked.business_id and i.address_hash = asked.address_hash
                               and i.at > o.at)"#,
        sender,
        businesses,
        addresses
    )
    .fetch_all(tx)
    .await?;
    Ok(rows.into_iter().map(|row| (row.business, row.address_hash)).collect())
}

/// A sender, and the hash of an address.
pub(crate) type AddressKey = (Uuid, Vec<u8>);

/// An address that wants none of a sender.
pub(crate) struct OptOut {
    pub sender: Uuid,
    pub address_hash: Vec<u8>,
    pub at: DateTime<Utc>,
    /// Whose it was when it was written to, or wrote: with `customer`, or neither is known.
    pub business: Option<BusinessId>,
    pub customer: Option<CustomerId>,
}

/// Addresses after one of them, each as often as there are customers of its sender's businesses that it was of; without
/// those who have asked for it since.
pub(crate) async fn page(
    db: impl PgExecutor<'_>,
    after: Option<AddressKey>,
    limit: i64,
) -> Result<Vec<OptOut>, sqlx::Error> {
    let (sender, address) = after.unzip();
    let address = address.as_deref();
    sqlx::query_as!(
        OptOut,
        r#"select o.sender_id as sender, o.address_hash, o.at,
                  whose.business_id as "business?: BusinessId", whose.customer_id as "customer?: CustomerId"
           from (select * from messaging.opt_out
                 where $1::uuid is null or (sender_id, address_hash) > ($1, $2)
                 order by sender_id, address_hash limit $3) as o
           left join lateral (
               select business_id, customer_id from messaging.message as m
               where m.address_hash = o.address_hash and m.sender_id = o.sender_id and m.customer_id is not null
               union
               select business_id, customer_id from messaging.inbound as i
               where i.address_hash = o.address_hash and i.sender_id = o.sender_id
                 and i.business_id is not null and i.customer_id is not null
           ) as whose on not exists (
               select from messaging.opt_in as i
               where i.business_id = whose.business_id and i.address_hash = o.address_hash and i.at > o.at)
           order by o.sender_id, o.address_hash"#,
        sender,
        address,
        limit
    )
    .fetch_all(db)
    .await
}

/// Whose message she had enough of counts against its quality, once a message of hers.
pub(crate) async fn said(
    tx: &mut PgConnection,
    (inbound, sender): (Uuid, Uuid),
    business: BusinessId,
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "insert into messaging.opt_out_said (inbound_id, business_id, sender_id, at) values ($1, $2, $3, $4)
         on conflict (inbound_id) do nothing",
        inbound,
        business.as_uuid(),
        sender,
        now
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// The latest marketing message to an address.
pub(crate) struct Latest {
    pub business: BusinessId,
    pub customer: Option<CustomerId>,
    pub campaign: Option<CampaignId>,
}

/// Whose marketing reached an address last, since then.
pub(crate) async fn latest_marketing(
    db: impl PgExecutor<'_>,
    sender: Uuid,
    address: &[u8],
    since: DateTime<Utc>,
) -> Result<Option<Latest>, sqlx::Error> {
    sqlx::query_as!(
        Latest,
        r#"select business_id as "business: BusinessId", customer_id as "customer: CustomerId",
                  campaign_id as "campaign: CampaignId"
           from messaging.message
           where address_hash = $2 and created_at > $3 and sender_id = $1 and category = 'marketing'
             and status in ('handed_over', 'sent', 'delivered', 'read')
           order by created_at desc limit 1"#,
        sender,
        address,
        since
    )
    .fetch_optional(db)
    .await
}
