//! What campaigns say: a row for each send, from when it is asked for until campaign is told what became of it.

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use kernel::{BusinessId, CampaignId, CardId, CustomerId};
use sqlx::{PgConnection, PgExecutor, PgPool};
use uuid::Uuid;

use crate::domain::message::{Message, Messages, Stop};

/// What a campaign says to one customer, and how far it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Said {
    pub business: BusinessId,
    pub campaign: CampaignId,
    pub message: Message,
    pub good_until: Option<DateTime<Utc>>,
    pub traceparent: Option<String>,
    /// The card whose phones are being told of it; none while it waits.
    pub shown_on: Option<CardId>,
    /// Why it goes no further.
    pub stop: Option<Stop>,
}

struct Row {
    send: Uuid,
    business: BusinessId,
    campaign: CampaignId,
    customer: CustomerId,
    card: Option<CardId>,
    words: String,
    good_until: Option<DateTime<Utc>>,
    traceparent: Option<String>,
    shown_on: Option<CardId>,
    stop: String,
}

impl From<Row> for Said {
    fn from(row: Row) -> Self {
        let Row { send, business, campaign, customer, card, words, good_until, traceparent, shown_on, stop } =
            row;
        let message = Message { send, customer, card, text: words };
        let stop = Stop::from_kept(&stop);
        Self { business, campaign, message, good_until, traceparent, shown_on, stop }
    }
}

fn all(rows: Vec<Row>) -> Vec<Said> {
    rows.into_iter().map(Said::from).collect()
}

/// Writes what a campaign asks for, due at once.
pub(crate) async fn put(
    tx: &mut PgConnection,
    said: &Messages,
    traceparent: Option<&str>,
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    let sends: Vec<Uuid> = said.messages.iter().map(|message| message.send).collect();
    let customers: Vec<Uuid> = said.messages.iter().map(|message| message.customer.as_uuid()).collect();
    let cards: Vec<Option<Uuid>> =
        said.messages.iter().map(|message| message.card.map(CardId::as_uuid)).collect();
    let words: Vec<&str> = said.messages.iter().map(|message| message.text.as_str()).collect();
    sqlx::query!(
        "insert into wallet_pass.words
             (send_id, business_id, campaign_id, customer_id, card_id, words, good_until, traceparent, next_at)
         select new.send_id, $1, $2, new.customer_id, new.card_id, new.words, $3, $4, $5
         from unnest($6::uuid[], $7::uuid[], $8::uuid[], $9::text[]) as new (send_id, customer_id, card_id, words)
         on conflict on constraint words_pk do nothing",
        said.business.as_uuid(),
        said.campaign.as_uuid(),
        said.good_until,
        traceparent,
        now,
        &sends,
        &customers,
        &cards as &[Option<Uuid>],
        &words as &[&str],
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// Takes what is due, for as long as the lease.
pub(crate) async fn take(
    pool: &PgPool,
    now: DateTime<Utc>,
    lease: DateTime<Utc>,
    limit: i64,
) -> Result<Vec<Said>, sqlx::Error> {
    let rows = sqlx::query_as!(
        Row,
        r#"update wallet_pass.words as taken set leased_until = $2
           from (select send_id from wallet_pass.words
                 where next_at <= $1 and (leased_until is null or leased_until <= $1)
                 order by next_at limit $3 for update skip locked) as due
           where taken.send_id = due.send_id
           returning taken.send_id as send, business_id as "business: BusinessId", campaign_id as "campaign: CampaignId",
                     customer_id as "customer: CustomerId", card_id as "card: CardId", words, good_until, traceparent,
                     shown_on as "shown_on: CardId", stop"#,
        now,
        lease,
        limit,
    )
    .fetch_all(pool)
    .await?;
    Ok(all(rows))
}

/// Of what was taken until `lease`, what still is and nothing has changed, held until the transaction ends: as it stands now.
pub(crate) async fn lock_taken(
    tx: &mut PgConnection,
    sends: &[Uuid],
    lease: DateTime<Utc>,
) -> Result<Vec<Said>, sqlx::Error> {
    let rows = sqlx::query_as!(
        Row,
        r#"select send_id as send, business_id as "business: BusinessId", campaign_id as "campaign: CampaignId",
                  customer_id as "customer: CustomerId", card_id as "card: CardId", words, good_until, traceparent,
                  shown_on as "shown_on: CardId", stop
           from wallet_pass.words where send_id = any($1) and leased_until = $2 order by send_id for update"#,
        sends,
        lease,
    )
    .fetch_all(tx)
    .await?;
    Ok(all(rows))
}

/// It is looked at again at `next_at`, if it is still what was taken until `lease`.
pub(crate) async fn look_again(
    db: impl PgExecutor<'_>,
    sends: &[Uuid],
    lease: DateTime<Utc>,
    next_at: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update wallet_pass.words set next_at = least($3::timestamptz, good_until), leased_until = null
         where send_id = any($1) and leased_until = $2",
        sends,
        lease,
        next_at,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Holds everything of these campaigns and of these customers until the transaction ends, in one order for all: whoever changes
/// some of it afterwards waits for nobody who waits for him.
pub(crate) async fn lock(
    tx: &mut PgConnection,
    campaigns: &[CampaignId],
    customers: &[(BusinessId, CustomerId)],
) -> Result<(), sqlx::Error> {
    let campaigns: Vec<Uuid> = campaigns.iter().map(|campaign| campaign.as_uuid()).collect();
    let businesses: Vec<Uuid> = customers.iter().map(|(business, _)| business.as_uuid()).collect();
    let customers: Vec<Uuid> = customers.iter().map(|(_, customer)| customer.as_uuid()).collect();
    sqlx::query_scalar!(
        r#"with held as (
               select send_id from wallet_pass.words
               where send_id in (
                   select send_id from wallet_pass.words where campaign_id = any($1)
                   union all
                   select hers.send_id from wallet_pass.words as hers
                   join unnest($2::uuid[], $3::uuid[]) as asked (business_id, customer_id)
                     on hers.business_id = asked.business_id and hers.customer_id = asked.customer_id)
               order by send_id for update
           )
           select count(*) as "held!" from held"#,
        &campaigns,
        &businesses,
        &customers,
    )
    .fetch_one(tx)
    .await?;
    Ok(())
}

/// Everything that is to be said to a customer; held until the transaction ends.
pub(crate) async fn of_customer(
    tx: &mut PgConnection,
    business: BusinessId,
    customer: CustomerId,
) -> Result<Vec<Said>, sqlx::Error> {
    let rows = sqlx::query_as!(
        Row,
        r#"select send_id as send, business_id as "business: BusinessId", campaign_id as "campaign: CampaignId",
                  customer_id as "customer: CustomerId", card_id as "card: CardId", words, good_until, traceparent,
                  shown_on as "shown_on: CardId", stop
           from wallet_pass.words where business_id = $1 and customer_id = $2 order by send_id for update"#,
        business.as_uuid(),
        customer.as_uuid(),
    )
    .fetch_all(tx)
    .await?;
    Ok(all(rows))
}

/// What the phones of these cards are being told of; held until the transaction ends.
pub(crate) async fn on_cards(tx: &mut PgConnection, cards: &[Uuid]) -> Result<Vec<Said>, sqlx::Error> {
    let rows = sqlx::query_as!(
        Row,
        r#"select send_id as send, business_id as "business: BusinessId", campaign_id as "campaign: CampaignId",
                  customer_id as "customer: CustomerId", card_id as "card: CardId", words, good_until, traceparent,
                  shown_on as "shown_on: CardId", stop
           from wallet_pass.words where shown_on = any($1) order by send_id for update"#,
        cards,
    )
    .fetch_all(tx)
    .await?;
    Ok(all(rows))
}

/// Has what waits of a campaign wait until it goes on, and marks what phones are being told of: a worker takes that back, some at
/// a time, for there may be a hundred thousand. The caller holds them.
pub(crate) async fn hold_all(
    tx: &mut PgConnection,
    campaign: CampaignId,
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update wallet_pass.words
         set stop = case when shown_on is null then '' else $2 end,
             next_at = case when shown_on is not null then $3::timestamptz end, leased_until = null
         where campaign_id = $1 and stop = '' and (shown_on is not null or next_at is not null)",
        campaign.as_uuid(),
        Stop::Paused.kept(),
        now,
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// How long words are good that go on with their campaign.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Renewal {
    /// The first id of those that are renewed; older ones stay as they are.
    pub since: Uuid,
    /// Whose time ends before this …
    pub nearly_over: DateTime<Utc>,
    /// … are good until then.
    pub good_until: DateTime<Utc>,
}

/// Has what waited for its campaign to go on go. The caller holds it.
pub(crate) async fn let_go(
    tx: &mut PgConnection,
    campaign: CampaignId,
    renewal: Renewal,
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update wallet_pass.words
         set next_at = $2,
             good_until = case when send_id >= $3 and good_until < $4 then $5::timestamptz else good_until end
         where campaign_id = $1 and next_at is null",
        campaign.as_uuid(),
        now,
        renewal.since,
        renewal.nearly_over,
        renewal.good_until,
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// Marks everything of a campaign as dropped, whether or not it is held, that was not for another reason. A worker tells it, and
/// takes it back from phones that have not shown it, some at a time. The caller holds them.
pub(crate) async fn drop_all(
    tx: &mut PgConnection,
    campaign: CampaignId,
    stop: Stop,
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update wallet_pass.words set stop = $2, next_at = $3, leased_until = null
         where campaign_id = $1 and stop in ('', $4)",
        campaign.as_uuid(),
        stop.kept(),
        now,
        Stop::Paused.kept(),
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// Whether a pass says what is to go no further, and was not taken back yet.
pub(crate) async fn stops_on(pool: &PgPool, card: CardId) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar!(
        r#"select exists(select from wallet_pass.words
                         where shown_on = $1 and shown_tag is not null and stop <> '') as "stops!""#,
        card.as_uuid(),
    )
    .fetch_one(pool)
    .await
}

/// Those whose pass a phone has fetched since they are on it.
pub(crate) async fn fetched(tx: &mut PgConnection, sends: &[Uuid]) -> Result<HashSet<Uuid>, sqlx::Error> {
    let fetched = sqlx::query_scalar!(
        "select send_id from wallet_pass.words join wallet_pass.pass on pass.card_id = shown_on
         where send_id = any($1) and served_tag >= shown_tag",
        sends,
    )
    .fetch_all(tx)
    .await?;
    Ok(fetched.into_iter().collect())
}

/// They go no further, and what becomes of them is found out from `next_at` on: a push that is under way may still show them.
pub(crate) async fn stop(
    tx: &mut PgConnection,
    sends: &[Uuid],
    stop: Stop,
    next_at: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update wallet_pass.words set stop = $2, next_at = $3, leased_until = null where send_id = any($1)",
        sends,
        stop.kept(),
        next_at,
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// They wait again, as if nobody had been told of them: until their campaign goes on, where it is paused.
pub(crate) async fn wait_again(
    tx: &mut PgConnection,
    sends: &[Uuid],
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update wallet_pass.words as words
         set shown_on = null, shown_tag = null, stop = '', leased_until = null,
             next_at = case when (select standing from wallet_pass.campaign
                                  where campaign.campaign_id = words.campaign_id) = 'held'
                            then null else $2::timestamptz end
         where send_id = any($1)",
        sends,
        now,
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// Phones are being told of these, each on a card; where a wallet shows the card, they are on its pass as it is now.
pub(crate) async fn show(
    tx: &mut PgConnection,
    sends: &[Uuid],
    cards: &[Uuid],
    in_wallet: &[bool],
    next_at: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update wallet_pass.words as words
         set shown_on = new.card_id, shown_tag = case when new.in_wallet then pass.tag end,
             next_at = least($4::timestamptz, words.good_until), leased_until = null
         from unnest($1::uuid[], $2::uuid[], $3::bool[]) as new (send_id, card_id, in_wallet)
         join wallet_pass.pass on pass.card_id = new.card_id
         where words.send_id = new.send_id",
        sends,
        cards,
        in_wallet,
        next_at,
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// How far the phones of a card are with its words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Progress {
    pub send: Uuid,
    /// Some phone is still to be told.
    pub waits: bool,
    /// Some was told, or has fetched the pass.
    pub told: bool,
    /// Some could not be told.
    pub dead: bool,
}

/// How far these are.
pub(crate) async fn progress(tx: &mut PgConnection, sends: &[Uuid]) -> Result<Vec<Progress>, sqlx::Error> {
    sqlx::query_as!(
        Progress,
        r#"select words.send_id as "send!", coalesce(bool_or(push.next_at is not null), false) as "waits!",
                  coalesce(bool_or(served_tag >= shown_tag), false)
                  or coalesce(bool_or(wallet <> 'web' and push.next_at is null and reason = '' and told >= wanted), false)
                  as "told!",
                  coalesce(bool_or(push.next_at is null and reason <> ''), false) as "dead!"
           from wallet_pass.words
           left join wallet_pass.pass on pass.card_id = shown_on
           left join wallet_pass.push on push.card_id = shown_on
             and (push.send_id = words.send_id or wallet <> 'web' and shown_tag is not null)
           where words.send_id = any($1)
           group by words.send_id"#,
        sends,
    )
    .fetch_all(tx)
    .await
}

/// They have come to their end, and are returned: each once. Without `stopped`, those that are to go no further stay for whoever
/// finds out what became of them.
pub(crate) async fn end(
    tx: &mut PgConnection,
    sends: &[Uuid],
    stopped: bool,
) -> Result<Vec<Said>, sqlx::Error> {
    let rows = sqlx::query_as!(
        Row,
        r#"delete from wallet_pass.words where send_id = any($1) and ($2 or stop = '')
           returning send_id as send, business_id as "business: BusinessId", campaign_id as "campaign: CampaignId",
                     customer_id as "customer: CustomerId", card_id as "card: CardId", words, good_until, traceparent,
                     shown_on as "shown_on: CardId", stop"#,
        sends,
        stopped,
    )
    .fetch_all(tx)
    .await?;
    Ok(all(rows))
}

/// The same for everything that the pass of a card says.
pub(crate) async fn end_on_pass(
    tx: &mut PgConnection,
    card: CardId,
    stopped: bool,
) -> Result<Vec<Said>, sqlx::Error> {
    let rows = sqlx::query_as!(
        Row,
        r#"delete from wallet_pass.words
           where shown_on = $1 and shown_tag is not null and ($2 or stop = '')
           returning send_id as send, business_id as "business: BusinessId", campaign_id as "campaign: CampaignId",
                     customer_id as "customer: CustomerId", card_id as "card: CardId", words, good_until, traceparent,
                     shown_on as "shown_on: CardId", stop"#,
        card.as_uuid(),
        stopped,
    )
    .fetch_all(tx)
    .await?;
    Ok(all(rows))
}
