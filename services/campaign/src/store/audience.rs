//! Customers as campaigns know them.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use kernel::{BusinessId, CardId, CustomerId, Locale, LocationId, RewardId};
use serde::Serialize;
use sqlx::PgConnection;
use sqlx::types::Json;
use uuid::Uuid;

use crate::domain::customer::{Card, Consent, Customer, Joined, Reward};

/// Customers by business and id.
pub(crate) type Customers = BTreeMap<(BusinessId, CustomerId), Customer>;

/// Locks the rows of these customers, made empty where they are new, and reads them.
pub(crate) async fn lock(
    db: &mut PgConnection,
    keys: impl Iterator<Item = (BusinessId, CustomerId)>,
) -> Result<Customers, sqlx::Error> {
    let mut keys: Vec<_> = keys.collect();
    let mut known = lock_known(db, &keys).await?;
    keys.retain(|key| !known.contains_key(key));
    if !keys.is_empty() {
        let (businesses, customers) = ids(&keys);
        sqlx::query!(
            "insert into campaign.audience (business_id, customer_id)
             select * from unnest($1::uuid[], $2::uuid[]) as new (business_id, customer_id)
             order by business_id, customer_id
             on conflict on constraint audience_pk do nothing",
            &businesses,
            &customers,
        )
        .execute(&mut *db)
        .await?;
        known.extend(lock_known(db, &keys).await?);
    }
    Ok(known)
}

/// Somebody of a business, and whom she was merged into.
pub(crate) type Merge = (BusinessId, CustomerId, CustomerId);

fn ids(keys: &[(BusinessId, CustomerId)]) -> (Vec<Uuid>, Vec<Uuid>) {
    keys.iter().map(|(business, customer)| (business.as_uuid(), customer.as_uuid())).unzip()
}

async fn lock_known(
    db: &mut PgConnection,
    keys: &[(BusinessId, CustomerId)],
) -> Result<Customers, sqlx::Error> {
    let (businesses, customers) = ids(keys);
    let rows = sqlx::query!(
        r#"select business_id as "business_id: BusinessId", customer_id as "customer_id: CustomerId", joined_at, source,
                  language, language_at, birth_month, location_id as "location_id: LocationId", consent, consent_version, consent_at,
                  opted_out_at, erased, merged_into as "merged_into: CustomerId", apple_passes, google_passes, web_passes,
                  days, entries, came_at, cards as "cards: Json<BTreeMap<CardId, Card>>",
                  rewards as "rewards: Json<BTreeMap<RewardId, Reward>>"
           from campaign.audience
           where (business_id, customer_id) in (select * from unnest($1::uuid[], $2::uuid[]))
           order by business_id, customer_id
           for no key update"#,
        &businesses,
        &customers,
    )
    .fetch_all(db)
    .await?;
    let known = rows.into_iter().map(|row| {
        let customer = Customer {
            joined: row.joined_at.map(|at| Joined {
                at,
                source: row.source,
                birth_month: u32::try_from(row.birth_month).unwrap_or(0),
                location: row.location_id,
            }),
            reads: row.language_at.map(|at| (Locale::from_tag(&row.language), at)),
            consent: row.consent_at.map(|at| Consent {
                state: row.consent,
                version: row.consent_version,
                at,
            }),
            opted_out_at: row.opted_out_at,
            erased: row.erased,
            merged_into: row.merged_into,
            apple_passes: row.apple_passes,
            google_passes: row.google_passes,
            web_passes: row.web_passes,
            days: row.days.into_iter().zip(row.entries).collect(),
            came_at: row.came_at,
            cards: row.cards.0,
            rewards: row.rewards.0,
        };
        ((row.business_id, row.customer_id), customer)
    });
    Ok(known.collect())
}

/// A row as it is written: the facts, and the columns that conditions read.
#[derive(Serialize)]
struct Saved<'a> {
    business_id: BusinessId,
    customer_id: CustomerId,
    joined_at: Option<DateTime<Utc>>,
    source: &'a str,
    language: &'static str,
    language_at: Option<DateTime<Utc>>,
    birth_month: u32,
    location_id: Option<LocationId>,
    consent: &'a str,
    consent_version: i64,
    consent_at: Option<DateTime<Utc>>,
    opted_out_at: Option<DateTime<Utc>>,
    erased: bool,
    merged_into: Option<CustomerId>,
    apple_passes: i32,
    google_passes: i32,
    web_passes: i32,
    days: Vec<NaiveDate>,
    entries: Vec<i32>,
    came_at: Option<DateTime<Utc>>,
    cards: &'a BTreeMap<CardId, Card>,
    rewards: &'a BTreeMap<RewardId, Reward>,
    visits: i32,
    first_day: Option<NaiveDate>,
    third_day: Option<NaiveDate>,
    last_day: Option<NaiveDate>,
    gap_squares: i64,
    card_id: Option<CardId>,
    card_program: Option<kernel::ProgramId>,
    card_cycle: i32,
    stamps: i32,
    stamps_left: Option<i32>,
    open_rewards: i32,
    reward_ends: Vec<DateTime<Utc>>,
    reward_id: Option<RewardId>,
    reward_title: String,
    redeemed_at: Option<DateTime<Utc>>,
}

impl<'a> Saved<'a> {
    fn of(business_id: BusinessId, customer_id: CustomerId, customer: &'a Customer) -> Self {
        let profile = customer.profile();
        let (joined, consent) = (customer.joined.as_ref(), customer.consent.as_ref());
        let (reward_id, reward_title) = profile.reward.clone().unzip();
        Self {
            business_id,
            customer_id,
            joined_at: profile.joined_at,
            source: joined.map_or("", |joined| &joined.source),
            language: profile.language.as_str(),
            language_at: customer.reads.map(|(_, at)| at),
            birth_month: profile.birth_month,
            location_id: profile.location,
            consent: consent.map_or("none", |consent| &consent.state),
            consent_version: consent.map_or(-1, |consent| consent.version),
            consent_at: consent.map(|consent| consent.at),
            opted_out_at: customer.opted_out_at,
            erased: customer.erased,
            merged_into: customer.merged_into,
            apple_passes: customer.apple_passes,
            google_passes: customer.google_passes,
            web_passes: customer.web_passes,
            days: customer.days.keys().copied().collect(),
            entries: customer.days.values().copied().collect(),
            came_at: customer.came_at,
            cards: &customer.cards,
            rewards: &customer.rewards,
            visits: profile.visits(),
            first_day: profile.first_day(),
            third_day: profile.days.get(2).copied(),
            last_day: profile.last_day(),
            gap_squares: profile.gap_squares(),
            card_id: profile.nearest.map(|near| near.card),
            card_program: profile.nearest.map(|near| near.program),
            card_cycle: profile.nearest.map_or(0, |near| near.cycle),
            stamps: profile.nearest.map_or(0, |near| near.stamps),
            stamps_left: profile.nearest.map(|near| near.stamps_left),
            open_rewards: profile.open_rewards,
            reward_ends: profile.reward_ends,
            reward_id,
            reward_title: reward_title.unwrap_or_default(),
            redeemed_at: profile.redeemed_at,
        }
    }
}

/// Writes customers back, one statement for all.
pub(crate) async fn save(db: &mut PgConnection, customers: &Customers) -> Result<(), sqlx::Error> {
    let rows: Vec<Saved<'_>> =
        customers.iter().map(|((business, id), customer)| Saved::of(*business, *id, customer)).collect();
    // Read once, from front to back: `jsonb` would first be made into a tree.
    let rows = serde_json::to_string(&rows).map_err(|error| sqlx::Error::Encode(error.into()))?;
    sqlx::query(
        "update campaign.audience as known
         set joined_at = new.joined_at, source = new.source, language = new.language, language_at = new.language_at, birth_month = new.birth_month,
             location_id = new.location_id, consent = new.consent, consent_version = new.consent_version,
             consent_at = new.consent_at, opted_out_at = new.opted_out_at, erased = new.erased,
             merged_into = new.merged_into, apple_passes = new.apple_passes, google_passes = new.google_passes,
             web_passes = new.web_passes, days = new.days, entries = new.entries, came_at = new.came_at,
             cards = new.cards, rewards = new.rewards, visits = new.visits,
             first_day = new.first_day, third_day = new.third_day, last_day = new.last_day,
             gap_squares = new.gap_squares, card_id = new.card_id, card_program = new.card_program,
             card_cycle = new.card_cycle, stamps = new.stamps, stamps_left = new.stamps_left,
             open_rewards = new.open_rewards, reward_ends = new.reward_ends, reward_id = new.reward_id,
             reward_title = new.reward_title, redeemed_at = new.redeemed_at
         from json_populate_recordset(null::campaign.audience, $1::json) as new
         where known.business_id = new.business_id and known.customer_id = new.customer_id",
    )
    .bind(rows)
    .execute(db)
    .await?;
    Ok(())
}
