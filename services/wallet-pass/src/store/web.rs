//! Which browsers want to hear of which card, and what they are still to be told.

use std::collections::{BTreeMap, HashSet};

use chrono::{DateTime, Utc};
use kernel::{BusinessId, CampaignId, CardId, CustomerId};
use sqlx::{PgConnection, PgExecutor, PgPool};
use uuid::Uuid;

use crate::domain::message::{Outcome, Stop};
use crate::store::pass::Pass;
use crate::web::Browser;
use crate::web::encryption::Keys;

/// What browsers are to be told about a card.
#[derive(Clone, Debug)]
pub(crate) struct Words {
    pub campaign: CampaignId,
    pub send: Uuid,
    pub text: String,
    pub good_until: Option<DateTime<Utc>>,
    pub traceparent: Option<String>,
}

/// A push with the browser that it goes to.
#[derive(Clone, Debug)]
pub(crate) struct Target {
    pub endpoint: String,
    pub keys: Keys,
    pub made_with: String,
    pub words: String,
    pub good_until: Option<DateTime<Utc>>,
    /// Whose words they are; none where there are no words any more.
    pub send: Option<Uuid>,
    /// They go no further.
    pub is_stopped: bool,
    /// It was told something before.
    pub was_taken: bool,
}

/// A subscription that is no more, and the send whose words it was still to be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Gone {
    pub card: CardId,
    pub send: Option<Uuid>,
}

/// Writes that a browser wants to hear of a card, or what is new of it; true where it had not.
pub(crate) async fn subscribe(
    tx: &mut PgConnection,
    pass: &Pass,
    browser: &Browser,
    made_with: &str,
    now: DateTime<Utc>,
) -> Result<(Uuid, bool), sqlx::Error> {
    // `xmax` is 0 on a row that this statement has made.
    let row = sqlx::query!(
        r#"insert into wallet_pass.web_subscription
             (subscription_id, business_id, card_id, customer_id, endpoint, p256dh, auth, made_with, created_at)
           values (gen_random_uuid(), $1, $2, $3, $4, $5, $6, $7, $8)
           on conflict on constraint web_subscription_of_card do update
           set customer_id = excluded.customer_id, p256dh = excluded.p256dh, auth = excluded.auth,
               made_with = excluded.made_with, created_at = excluded.created_at
           returning subscription_id, xmax = 0 as "created!""#,
        pass.business.as_uuid(),
        pass.card.as_uuid(),
        pass.customer.as_uuid(),
        browser.endpoint,
        browser.keys.p256dh.as_slice(),
        browser.keys.auth.as_slice(),
        made_with,
        now,
    )
    .fetch_one(tx)
    .await?;
    Ok((row.subscription_id, row.created))
}

/// The oldest browsers of a card, beyond so many.
pub(crate) async fn beyond(tx: &mut PgConnection, card: CardId, most: i64) -> Result<Vec<Uuid>, sqlx::Error> {
    sqlx::query_scalar!(
        "select subscription_id from wallet_pass.web_subscription where card_id = $1
         order by created_at desc, subscription_id desc offset $2",
        card.as_uuid(),
        most,
    )
    .fetch_all(tx)
    .await
}

/// Everything at an address, of whichever cards: the browser is gone.
pub(crate) async fn at(tx: &mut PgConnection, endpoint: &str) -> Result<Vec<Uuid>, sqlx::Error> {
    sqlx::query_scalar!(
        "select subscription_id from wallet_pass.web_subscription where endpoint = $1",
        endpoint
    )
    .fetch_all(tx)
    .await
}

/// All browsers of a customer.
pub(crate) async fn of_customer(
    tx: &mut PgConnection,
    business: BusinessId,
    customer: CustomerId,
) -> Result<Vec<Uuid>, sqlx::Error> {
    sqlx::query_scalar!(
        "select subscription_id from wallet_pass.web_subscription where business_id = $1 and customer_id = $2",
        business.as_uuid(),
        customer.as_uuid(),
    )
    .fetch_all(tx)
    .await
}

/// Forgets subscriptions, of one card or of whichever, and what was still to be told them. Their words are held first, as
/// everybody does, until the transaction ends.
pub(crate) async fn forget(
    tx: &mut PgConnection,
    subscriptions: &[Uuid],
    card: Option<CardId>,
) -> Result<Vec<Gone>, sqlx::Error> {
    sqlx::query_scalar!(
        r#"with held as (
               select send_id from wallet_pass.words
               where send_id in (
                   select send_id from wallet_pass.push
                   join wallet_pass.web_subscription as theirs
                     on theirs.card_id = push.card_id and theirs.subscription_id::text = push.device
                   where wallet = 'web' and theirs.subscription_id = any($1)
                     and ($2::uuid is null or theirs.card_id = $2))
               order by send_id for update
           )
           select count(*) as "held!" from held"#,
        subscriptions,
        card.map(CardId::as_uuid),
    )
    .fetch_one(&mut *tx)
    .await?;
    let gone = sqlx::query!(
        r#"with gone as (
               delete from wallet_pass.web_subscription
               where subscription_id = any($1) and ($2::uuid is null or card_id = $2)
               returning subscription_id, card_id
           ), untold as (
               delete from wallet_pass.push
               using gone
               where wallet = 'web' and push.card_id = gone.card_id and push.device = gone.subscription_id::text
               returning push.device, push.send_id, push.next_at
           )
           select gone.card_id as "card: CardId", send_id as "send?"
           from gone left join untold on untold.device = gone.subscription_id::text and untold.next_at is not null"#,
        subscriptions,
        card.map(CardId::as_uuid),
    )
    .fetch_all(tx)
    .await?;
    Ok(gone.into_iter().map(|row| Gone { card: row.card, send: row.send }).collect())
}

/// Wants the browsers of these cards to be told; returns the sends that some browser is to be told of.
pub(crate) async fn want(
    tx: &mut PgConnection,
    said: &BTreeMap<CardId, Words>,
    now: DateTime<Utc>,
) -> Result<HashSet<Uuid>, sqlx::Error> {
    let cards: Vec<Uuid> = said.keys().map(|card| card.as_uuid()).collect();
    let texts: Vec<&str> = said.values().map(|words| words.text.as_str()).collect();
    let until: Vec<Option<DateTime<Utc>>> = said.values().map(|words| words.good_until).collect();
    let campaigns: Vec<String> = said.values().map(|words| words.campaign.to_string()).collect();
    let sends: Vec<Uuid> = said.values().map(|words| words.send).collect();
    let parents: Vec<Option<&str>> = said.values().map(|words| words.traceparent.as_deref()).collect();
    let wanted = sqlx::query_scalar!(
        r#"insert into wallet_pass.push as known
             (push_id, business_id, wallet, card_id, customer_id, device, wanted, next_at, traceparent, wanted_at,
              words, good_until, campaign_id, send_id, words_of)
           select gen_random_uuid(), business_id, 'web', card_id, customer_id, subscription_id::text, 1, $1,
                  told.parent, $1, told.words, told.good_until, told.campaign_id, told.send_id, told.send_id
           from unnest($2::uuid[], $3::text[], $4::timestamptz[], $5::text[], $6::uuid[], $7::text[])
             as told (card_id, words, good_until, campaign_id, send_id, parent)
           join wallet_pass.web_subscription using (card_id)
           on conflict on constraint push_target do update
           set wanted = known.wanted + 1, traceparent = excluded.traceparent, wanted_at = excluded.wanted_at,
               customer_id = excluded.customer_id, words = excluded.words, good_until = excluded.good_until,
               campaign_id = excluded.campaign_id, send_id = excluded.send_id, words_of = excluded.words_of,
               attempts = case when known.next_at is null then 0 else known.attempts end,
               next_at = case when known.attempts > 0 and known.next_at is not null
                              then known.next_at else excluded.next_at end
           returning send_id as "send!""#,
        now,
        &cards,
        &texts as &[&str],
        &until as &[Option<DateTime<Utc>>],
        &campaigns,
        &sends,
        &parents as &[Option<&str>],
    )
    .fetch_all(tx)
    .await?;
    Ok(wanted.into_iter().collect())
}

/// Gives the words of these pushes rows of their own, where a replica wrote them that knows of none, so that somebody is told what
/// becomes of them. They do as their campaign does.
pub(crate) async fn adopt(pool: &PgPool, pushes: &[Uuid], now: DateTime<Utc>) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "with adopted as (
             update wallet_pass.push set words_of = send_id
             where push_id = any($1) and wallet = 'web' and send_id is not null and campaign_id is not null
               and words_of is distinct from send_id
             returning send_id, business_id, campaign_id::uuid as campaign_id, customer_id, card_id, words, good_until,
                       traceparent
         )
         insert into wallet_pass.words
             (send_id, business_id, campaign_id, customer_id, words, good_until, traceparent, next_at, shown_on, stop)
         select distinct on (adopted.send_id) adopted.send_id, adopted.business_id, adopted.campaign_id,
                adopted.customer_id, adopted.words, adopted.good_until, adopted.traceparent, $2::timestamptz, adopted.card_id,
                case known.standing when 'over' then $3::text when 'held' then $4::text else '' end
         from adopted left join wallet_pass.campaign as known on known.campaign_id = adopted.campaign_id
         order by adopted.send_id
         on conflict on constraint words_pk do nothing",
        pushes,
        now,
        Stop::Over(Outcome::Canceled).kept(),
        Stop::Paused.kept(),
    )
    .execute(pool)
    .await?;
    Ok(())
}

/// Takes the words of these sends back from browsers that were not told of them yet, but for those of which a worker has the push.
pub(crate) async fn unsay(
    tx: &mut PgConnection,
    sends: &[Uuid],
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update wallet_pass.push
         set next_at = null, attempts = 0, reason = '', words = '', good_until = null, campaign_id = null, send_id = null
         where wallet = 'web' and send_id = any($1) and (leased_until is null or leased_until <= $2)",
        sends,
        now,
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// Takes all other words of a campaign back: those of sends that have come to their end, because a wallet has shown them or because
/// a browser was given up. Nobody waits for what becomes of them. What never had a row of its own has not come to its end: it is
/// adopted first.
pub(crate) async fn unsay_campaign(tx: &mut PgConnection, campaign: CampaignId) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update wallet_pass.push
         set next_at = null, attempts = 0, reason = '', words = '', good_until = null, campaign_id = null, send_id = null
         where wallet = 'web' and campaign_id = $1 and words_of = send_id
           and not exists (select from wallet_pass.words where words.send_id = push.send_id)",
        campaign.to_string(),
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// The same for everything that campaigns say to a customer.
pub(crate) async fn unsay_customer(
    tx: &mut PgConnection,
    business: BusinessId,
    customer: CustomerId,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update wallet_pass.push
         set next_at = null, attempts = 0, reason = '', words = '', good_until = null, campaign_id = null, send_id = null
         where wallet = 'web' and business_id = $1 and customer_id = $2 and campaign_id is not null and words_of = send_id
           and not exists (select from wallet_pass.words where words.send_id = push.send_id)",
        business.as_uuid(),
        customer.as_uuid(),
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// Where a push goes and what it says; `None` where the browser is gone.
pub(crate) async fn target(pool: &PgPool, push: Uuid) -> Result<Option<Target>, sqlx::Error> {
    let row = sqlx::query!(
        r#"select endpoint, p256dh, auth, made_with, words, good_until, send_id, told > 0 as "was_taken!",
                  exists (select from wallet_pass.words
                          where words.send_id = push.send_id and stop <> '') as "is_stopped!"
           from wallet_pass.push
           join wallet_pass.web_subscription
             on web_subscription.card_id = push.card_id and subscription_id::text = push.device
           where push_id = $1 and wallet = 'web'"#,
        push,
    )
    .fetch_optional(pool)
    .await?;
    let Some(row) = row else { return Ok(None) };
    let of_another_length = |_| sqlx::Error::Decode("keys of another length".into());
    Ok(Some(Target {
        endpoint: row.endpoint,
        keys: Keys {
            p256dh: row.p256dh.try_into().map_err(of_another_length)?,
            auth: row.auth.try_into().map_err(of_another_length)?,
        },
        made_with: row.made_with,
        words: row.words,
        good_until: row.good_until,
        send: row.send_id,
        is_stopped: row.is_stopped,
        was_taken: row.was_taken,
    }))
}

/// Whether another phone of hers may still be told what a send says: another browser, or one whose wallet keeps the card.
pub(crate) async fn others_wait(
    db: impl PgExecutor<'_>,
    push: Uuid,
    send: Uuid,
) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar!(
        r#"select exists(select from wallet_pass.push
                         where push_id <> $1 and next_at is not null
                           and (send_id = $2
                                or wallet <> 'web' and card_id = (select shown_on from wallet_pass.words
                                                                  where words.send_id = $2 and shown_tag is not null)))
                  as "others!""#,
        push,
        send,
    )
    .fetch_one(db)
    .await
}

#[cfg(test)]
mod tests;
