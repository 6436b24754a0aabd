//! Which browsers want to hear of which card, and what they are still to be told.

use std::collections::{BTreeMap, HashSet};

use chrono::{DateTime, Utc};
use kernel::{BusinessId, CardId, CustomerId};
use sqlx::{PgConnection, PgExecutor, PgPool};
use uuid::Uuid;

use crate::store::pass::Pass;
use crate::web::Browser;
use crate::web::encryption::Keys;

/// A send of a campaign that waits for what becomes of a push.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Send {
    pub campaign: String,
    pub send: Uuid,
    pub customer: CustomerId,
}

/// What browsers are to be told about a card.
#[derive(Clone, Debug)]
pub(crate) struct Words {
    pub business: BusinessId,
    pub text: String,
    pub good_until: Option<DateTime<Utc>>,
    /// None where a wallet shows it anyway.
    pub waiting: Option<Send>,
}

/// Which browsers are to be told.
#[derive(Debug, Default)]
pub(crate) struct Wanted {
    /// The sends that some browser is to be told of.
    pub sends: HashSet<Uuid>,
    /// Those whose words were replaced before they went out, with their business.
    pub replaced: Vec<(BusinessId, Send)>,
}

/// A push with the browser that it goes to.
#[derive(Clone, Debug)]
pub(crate) struct Target {
    pub endpoint: String,
    pub keys: Keys,
    pub made_with: String,
    pub words: String,
    pub good_until: Option<DateTime<Utc>>,
    pub waiting: Option<Send>,
    /// It was told something before.
    pub was_taken: bool,
}

/// A subscription that is no more, and the send that waited for it.
#[derive(Clone, Debug)]
pub(crate) struct Gone {
    pub card: CardId,
    pub business: BusinessId,
    pub waiting: Option<Send>,
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

/// Forgets subscriptions, of one card or of whichever, and what was still to be told them.
pub(crate) async fn forget(
    tx: &mut PgConnection,
    subscriptions: &[Uuid],
    card: Option<CardId>,
) -> Result<Vec<Gone>, sqlx::Error> {
    let gone = sqlx::query!(
        r#"with gone as (
               delete from wallet_pass.web_subscription
               where subscription_id = any($1) and ($2::uuid is null or card_id = $2)
               returning subscription_id, card_id, business_id
           ), untold as (
               delete from wallet_pass.push
               using gone
               where wallet = 'web' and push.card_id = gone.card_id and push.device = gone.subscription_id::text
               returning push.device, push.customer_id, push.campaign_id, push.send_id, push.next_at
           )
           select gone.card_id as "card: CardId", business_id as "business: BusinessId",
                  untold.customer_id as "customer?: CustomerId", campaign_id, send_id as "send?"
           from gone left join untold on untold.device = gone.subscription_id::text and untold.next_at is not null"#,
        subscriptions,
        card.map(CardId::as_uuid),
    )
    .fetch_all(tx)
    .await?;
    let gone = gone.into_iter().map(|row| Gone {
        card: row.card,
        business: row.business,
        waiting: waiting(row.campaign_id, row.send, row.customer),
    });
    Ok(gone.collect())
}

fn waiting(campaign: Option<String>, send: Option<Uuid>, customer: Option<CustomerId>) -> Option<Send> {
    Some(Send { campaign: campaign?, send: send?, customer: customer? })
}

/// Wants the browsers of these cards to be told.
pub(crate) async fn want(
    tx: &mut PgConnection,
    said: &BTreeMap<CardId, (Words, Option<String>)>,
    now: DateTime<Utc>,
) -> Result<Wanted, sqlx::Error> {
    let cards: Vec<Uuid> = said.keys().map(|card| card.as_uuid()).collect();
    let column = |of: fn(&Words) -> Option<&str>| -> Vec<Option<&str>> {
        said.values().map(|(words, _)| of(words)).collect()
    };
    let texts = column(|words| Some(&words.text));
    let campaigns = column(|words| words.waiting.as_ref().map(|send| send.campaign.as_str()));
    let until: Vec<Option<DateTime<Utc>>> = said.values().map(|(words, _)| words.good_until).collect();
    let sends: Vec<Option<Uuid>> =
        said.values().map(|(words, _)| words.waiting.as_ref().map(|waiting| waiting.send)).collect();
    let parents: Vec<Option<&str>> = said.values().map(|(_, parent)| parent.as_deref()).collect();
    let rows = sqlx::query!(
        r#"insert into wallet_pass.push as known
             (push_id, business_id, wallet, card_id, customer_id, device, wanted, next_at, traceparent, wanted_at,
              words, good_until, campaign_id, send_id)
           select gen_random_uuid(), business_id, 'web', card_id, customer_id, subscription_id::text, 1, $1,
                  told.parent, $1, told.words, told.good_until, told.campaign_id, told.send_id
           from unnest($2::uuid[], $3::text[], $4::timestamptz[], $5::text[], $6::uuid[], $7::text[])
             as told (card_id, words, good_until, campaign_id, send_id, parent)
           join wallet_pass.web_subscription using (card_id)
           on conflict on constraint push_target do update
           set wanted = known.wanted + 1, traceparent = excluded.traceparent, wanted_at = excluded.wanted_at,
               customer_id = excluded.customer_id, words = excluded.words, good_until = excluded.good_until,
               campaign_id = excluded.campaign_id, send_id = excluded.send_id,
               attempts = case when known.next_at is null then 0 else known.attempts end,
               next_at = case when known.attempts > 0 and known.next_at is not null
                              then known.next_at else excluded.next_at end
           returning business_id as "business: BusinessId", old.customer_id as "customer?: CustomerId",
             -- One that a worker has is told of by that worker.
             case when old.next_at is not null and (old.leased_until is null or old.leased_until <= $1)
                  then old.campaign_id end as "campaign?",
             old.send_id as "old_send?", known.send_id as "send?""#,
        now,
        &cards,
        &texts as &[Option<&str>],
        &until as &[Option<DateTime<Utc>>],
        &campaigns as &[Option<&str>],
        &sends as &[Option<Uuid>],
        &parents as &[Option<&str>],
    )
    .fetch_all(tx)
    .await?;
    let mut wanted = Wanted::default();
    for row in rows {
        wanted.sends.extend(row.send);
        let replaced = waiting(row.campaign, row.old_send, row.customer);
        wanted.replaced.extend(replaced.map(|send| (row.business, send)));
    }
    Ok(wanted)
}

/// Where a push goes and what it says; `None` where the browser is gone.
pub(crate) async fn target(pool: &PgPool, push: Uuid) -> Result<Option<Target>, sqlx::Error> {
    let row = sqlx::query!(
        r#"select endpoint, p256dh, auth, made_with, words, good_until, campaign_id, send_id,
                  push.customer_id as "customer: CustomerId", told > 0 as "was_taken!"
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
        waiting: waiting(row.campaign_id, row.send_id, Some(row.customer)),
        was_taken: row.was_taken,
    }))
}

/// Whether another browser of hers may still be told what a send says.
pub(crate) async fn others_wait(
    db: impl PgExecutor<'_>,
    push: Uuid,
    send: Uuid,
) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar!(
        r#"select exists(select from wallet_pass.push
                         where send_id = $2 and push_id <> $1 and next_at is not null) as "others!""#,
        push,
        send,
    )
    .fetch_one(db)
    .await
}

#[cfg(test)]
mod tests;
