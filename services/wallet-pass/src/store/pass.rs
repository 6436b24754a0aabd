//! Cards that were put into a wallet, and what has changed on them.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use kernel::{BusinessId, CardId, CustomerId, ProgramId};
use sqlx::{PgConnection, PgExecutor, PgPool};
use uuid::Uuid;

use crate::domain::link::Holder;
use crate::domain::message::Message;
use crate::domain::news::{Fact, News};

/// Held until the end of a transaction that draws tags, so that they become visible in their order: a phone that was told a
/// tag has been told everything below it.
const TAGS: i64 = 0x5e11_7a65;

/// A card in a wallet.
#[derive(Clone, Debug)]
pub(crate) struct Pass {
    pub card: CardId,
    pub business: BusinessId,
    pub customer: CustomerId,
    pub program: ProgramId,
    pub language: String,
    pub tag: i64,
    pub modified_at: DateTime<Utc>,
    pub news: String,
    pub news_about: String,
    /// The last change says nothing new.
    pub quiet: bool,
    pub closed: bool,
}

/// A card whose passes must be told that it changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Changed {
    pub card: CardId,
    pub business: BusinessId,
    pub customer: CustomerId,
}

/// The pass of a card, if it was ever put into a wallet.
pub(crate) async fn find(db: impl PgExecutor<'_>, card: CardId) -> Result<Option<Pass>, sqlx::Error> {
    sqlx::query_as!(
        Pass,
        r#"select card_id as "card: CardId", business_id as "business: BusinessId", customer_id as "customer: CustomerId",
                  program_id as "program: ProgramId", language, tag, modified_at, news, news_about, quiet, closed
           from wallet_pass.pass where card_id = $1"#,
        card.as_uuid(),
    )
    .fetch_optional(db)
    .await
}

/// Writes the pass of a card that goes into a wallet for the first time: what happened before is on it and no news, however late
/// it is heard of. What is there already stays, but for what is another now, and that is a change of the pass: the language that
/// she reads, and whose card it is, if customers became one. `None` where all was as it is.
pub(crate) async fn ensure(
    tx: &mut PgConnection,
    holder: Holder,
    program: ProgramId,
    language: &str,
    now: DateTime<Utc>,
) -> Result<Option<Changed>, sqlx::Error> {
    draw_tags_in_order(tx).await?;
    sqlx::query_as!(
        Changed,
        r#"insert into wallet_pass.pass as known
             (card_id, business_id, customer_id, program_id, language, language_at, tag, modified_at, news_at, news_weight)
           values ($1, $2, $3, $4, $5, $6, nextval('wallet_pass.tag'), date_trunc('second', $6::timestamptz), $6, -1)
           on conflict on constraint pass_pk do update
           set language = excluded.language, language_at = excluded.language_at, quiet = true,
               customer_id = excluded.customer_id,
               closed = known.closed and known.customer_id = excluded.customer_id, tag = excluded.tag,
               modified_at = greatest(excluded.modified_at, known.modified_at + interval '1 second')
           where known.language <> excluded.language or known.customer_id <> excluded.customer_id
           returning card_id as "card: CardId", business_id as "business: BusinessId",
                     customer_id as "customer: CustomerId""#,
        holder.card.as_uuid(),
        holder.business.as_uuid(),
        holder.customer.as_uuid(),
        program.as_uuid(),
        language,
        now,
    )
    .fetch_optional(tx)
    .await
}

/// Has the passes of a customer speak her language, as she reads another since `said_at`. What was said later stands, and
/// what was last told is not told again.
pub(crate) async fn translate(
    tx: &mut PgConnection,
    (business, customer): (BusinessId, CustomerId),
    language: &str,
    said_at: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<Vec<Changed>, sqlx::Error> {
    draw_tags_in_order(tx).await?;
    sqlx::query_as!(
        Changed,
        r#"update wallet_pass.pass
           set language = $3, language_at = $4, quiet = true, tag = nextval('wallet_pass.tag'),
               modified_at = greatest(date_trunc('second', $5::timestamptz), modified_at + interval '1 second')
           where business_id = $1 and customer_id = $2 and language <> $3 and language_at < $4 and not closed
           returning card_id as "card: CardId", business_id as "business: BusinessId",
                     customer_id as "customer: CustomerId""#,
        business.as_uuid(),
        customer.as_uuid(),
        language,
        said_at,
        now,
    )
    .fetch_all(tx)
    .await
}

/// Remembers up to which change a pass was downloaded.
pub(crate) async fn served(pool: &PgPool, card: CardId, tag: i64) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update wallet_pass.pass set served_tag = greatest(served_tag, $2) where card_id = $1 and served_tag < $2",
        card.as_uuid(),
        tag,
    )
    .execute(pool)
    .await?;
    Ok(())
}

async fn draw_tags_in_order(tx: &mut PgConnection) -> Result<(), sqlx::Error> {
    sqlx::query!("select pg_advisory_xact_lock($1)", TAGS).execute(tx).await?;
    Ok(())
}

/// Locks a pass; true where it has changed since it was last fetched.
pub(crate) async fn lock_is_old(tx: &mut PgConnection, card: CardId) -> Result<bool, sqlx::Error> {
    let is_old = sqlx::query_scalar!(
        r#"select tag > served_tag as "is_old!" from wallet_pass.pass where card_id = $1 for no key update"#,
        card.as_uuid()
    );
    Ok(is_old.fetch_optional(tx).await?.unwrap_or(false))
}

/// Marks those of the cards that are in a wallet as changed, each with its news. What happened later, or weighs more, and is
/// told already stays: the change then says nothing new. What the shop itself says is always said: whoever asked for it is told
/// that it was.
pub(crate) async fn change(
    tx: &mut PgConnection,
    facts: &[(CardId, Fact)],
    now: DateTime<Utc>,
) -> Result<Vec<Changed>, sqlx::Error> {
    let cards: Vec<Uuid> = facts.iter().map(|(card, _)| card.as_uuid()).collect();
    let kept: Vec<(&str, &str)> = facts.iter().map(|(_, fact)| fact.news.kept()).collect();
    let at: Vec<DateTime<Utc>> = facts.iter().map(|(_, fact)| fact.at).collect();
    let weights: Vec<i16> = facts.iter().map(|(_, fact)| fact.news.weight()).collect();
    let words: Vec<&str> = kept.iter().map(|(word, _)| *word).collect();
    let about: Vec<&str> = kept.iter().map(|(_, about)| *about).collect();
    draw_tags_in_order(tx).await?;
    sqlx::query_as!(
        Changed,
        r#"update wallet_pass.pass as pass
           set tag = nextval('wallet_pass.tag'),
               modified_at = greatest(date_trunc('second', $6::timestamptz), modified_at + interval '1 second'),
               (news, news_about, news_at, news_weight, quiet) = (
                   select * from (values (told.news, told.about,
                                          greatest(told.at, case told.weight when $7 then pass.news_at end),
                                          told.weight, false),
                                         (pass.news, pass.news_about, pass.news_at, pass.news_weight, pass.quiet))
                       as one (news, about, at, weight, quiet)
                   order by at desc, weight desc, quiet limit 1)
           from unnest($1::uuid[], $2::text[], $3::text[], $4::timestamptz[], $5::smallint[])
               as told (card_id, news, about, at, weight)
           where pass.card_id = told.card_id and not closed
           returning pass.card_id as "card: CardId", business_id as "business: BusinessId",
                     customer_id as "customer: CustomerId""#,
        &cards,
        &words as &[&str],
        &about as &[&str],
        &at,
        &weights,
        now,
        News::Said(String::new()).weight(),
    )
    .fetch_all(tx)
    .await
}

/// Marks all passes of a program as changed.
pub(crate) async fn change_program(
    tx: &mut PgConnection,
    program: ProgramId,
    changed_at: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<Vec<Changed>, sqlx::Error> {
    let (word, about) = News::ProgramChanged.kept();
    draw_tags_in_order(tx).await?;
    sqlx::query_as!(
        Changed,
        r#"update wallet_pass.pass
           set tag = nextval('wallet_pass.tag'),
               modified_at = greatest(date_trunc('second', $6::timestamptz), modified_at + interval '1 second'),
               (news, news_about, news_at, news_weight, quiet) = (
                   select * from (values ($2, $3, $4::timestamptz, $5::smallint, false),
                                         (news, news_about, news_at, news_weight, quiet))
                       as one (news, about, at, weight, quiet)
                   order by at desc, weight desc, quiet limit 1)
           where program_id = $1 and not closed
           returning card_id as "card: CardId", business_id as "business: BusinessId",
                     customer_id as "customer: CustomerId""#,
        program.as_uuid(),
        word,
        about,
        changed_at,
        News::ProgramChanged.weight(),
        now,
    )
    .fetch_all(tx)
    .await
}

/// Takes what a shop said back from passes that say it and that no phone has fetched since; those it was taken back from. What a
/// phone has fetched stays.
pub(crate) async fn unsay(
    tx: &mut PgConnection,
    sends: &[Uuid],
    now: DateTime<Utc>,
) -> Result<Vec<Uuid>, sqlx::Error> {
    let said = News::Said(String::new());
    let (word, _) = said.kept();
    draw_tags_in_order(tx).await?;
    sqlx::query_scalar!(
        "update wallet_pass.pass as pass
         set news = '', news_about = '', quiet = true, tag = nextval('wallet_pass.tag'),
             modified_at = greatest(date_trunc('second', $3::timestamptz), modified_at + interval '1 second')
         from wallet_pass.words
         where words.send_id = any($1) and words.shown_on = pass.card_id and served_tag < words.shown_tag
           and news = $2 and news_about = words.words
         returning pass.card_id",
        sends,
        word,
        now,
    )
    .fetch_all(tx)
    .await
}

/// Makes all passes of a customer void: she left, or became another.
pub(crate) async fn close(
    tx: &mut PgConnection,
    business: BusinessId,
    customer: CustomerId,
    now: DateTime<Utc>,
) -> Result<Vec<Changed>, sqlx::Error> {
    draw_tags_in_order(tx).await?;
    sqlx::query_as!(
        Changed,
        r#"update wallet_pass.pass
           set tag = nextval('wallet_pass.tag'), closed = true, news = '', news_about = '',
               modified_at = greatest(date_trunc('second', $3::timestamptz), modified_at + interval '1 second')
           where business_id = $1 and customer_id = $2 and not closed
           returning card_id as "card: CardId", business_id as "business: BusinessId",
                     customer_id as "customer: CustomerId""#,
        business.as_uuid(),
        customer.as_uuid(),
        now,
    )
    .fetch_all(tx)
    .await
}

/// A card that a message goes onto.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Kept {
    pub card: CardId,
    /// A wallet shows it; else only browsers hear of it.
    pub in_wallet: bool,
}

/// Which pass each message goes onto: the card it speaks of where a phone keeps that, else the customer's newest that some
/// phone keeps; with `browsers`, one that wants to hear of the card is such a phone. Messages to those who keep none are
/// left out.
pub(crate) async fn kept(
    tx: &mut PgConnection,
    business: BusinessId,
    messages: &[Message],
    browsers: bool,
) -> Result<HashMap<Uuid, Kept>, sqlx::Error> {
    let sends: Vec<Uuid> = messages.iter().map(|message| message.send).collect();
    let customers: Vec<Uuid> = messages.iter().map(|message| message.customer.as_uuid()).collect();
    let cards: Vec<Option<Uuid>> = messages.iter().map(|message| message.card.map(CardId::as_uuid)).collect();
    let kept = sqlx::query!(
        r#"select told.send_id as "send!", pass.card_id as "card: CardId", in_wallet as "in_wallet!"
           from unnest($2::uuid[], $3::uuid[], $4::uuid[]) as told (send_id, customer_id, card_id)
           cross join lateral (
               select card_id, tag,
                      exists (select from wallet_pass.registration where registration.card_id = pass.card_id)
                      or exists (select from wallet_pass.google_object
                                 where google_object.card_id = pass.card_id and has_users) as in_wallet
               from wallet_pass.pass
               where business_id = $1 and customer_id = told.customer_id and not closed
           ) as pass
           where in_wallet or $5 and exists (select from wallet_pass.web_subscription
                                             where web_subscription.card_id = pass.card_id)
           order by told.send_id, pass.card_id is not distinct from told.card_id, tag"#,
        business.as_uuid(),
        &sends,
        &customers,
        &cards as &[Option<Uuid>],
        browsers,
    )
    .fetch_all(tx)
    .await?;
    // The best of a message comes last, and stays.
    let kept = kept.into_iter().map(|row| (row.send, Kept { card: row.card, in_wallet: row.in_wallet }));
    Ok(kept.collect())
}
