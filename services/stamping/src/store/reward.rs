//! Rewards: unlocked, redeemed, restored, expired, taken back.

use chrono::{DateTime, Utc};
use kernel::{BusinessId, CardId, CustomerId, MemberId, ProgramId, RewardId};
use sqlx::{PgConnection, PgPool};

use crate::domain::{Card, Reached};

/// A reward as it stands.
#[derive(Clone, Debug)]
pub struct Reward {
    pub reward: RewardId,
    pub business: BusinessId,
    pub card: CardId,
    pub customer: CustomerId,
    pub program: ProgramId,
    pub cycle: i32,
    pub at: i32,
    pub title: String,
    pub cost_cents: Option<i64>,
    pub state: String,
    pub unlocked_at: DateTime<Utc>,
    pub expires_at: Option<DateTime<Utc>>,
    pub redeemed_at: Option<DateTime<Utc>>,
}

impl Reward {
    /// A reward that `card` has just reached.
    pub(crate) fn unlocked(card: &Card, reached: Reached, now: DateTime<Utc>) -> Self {
        Self {
            reward: RewardId::generate_at(now),
            business: card.business,
            card: card.card,
            customer: card.customer,
            program: card.program,
            cycle: reached.cycle,
            at: reached.rule.at,
            title: reached.rule.title,
            cost_cents: reached.rule.cost.map(|cost| cost.get()),
            state: "open".into(),
            unlocked_at: now,
            expires_at: reached.expires_at,
            redeemed_at: None,
        }
    }
}

/// Writes rewards that have been unlocked.
pub(crate) async fn insert(tx: &mut PgConnection, rewards: &[Reward]) -> Result<(), sqlx::Error> {
    if rewards.is_empty() {
        return Ok(());
    }
    fn column<T>(rows: &[Reward], value: impl Fn(&Reward) -> T) -> Vec<T> {
        rows.iter().map(value).collect()
    }
    sqlx::query!(
        "insert into stamping.reward (reward_id, business_id, card_id, customer_id, program_id, cycle, at, title,
             cost_cents, state, unlocked_at, expires_at)
         select * from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::uuid[], $5::uuid[], $6::int[], $7::int[],
             $8::text[], $9::bigint[], $10::text[], $11::timestamptz[], $12::timestamptz[])",
        &column(rewards, |r| r.reward.as_uuid()),
        &column(rewards, |r| r.business.as_uuid()),
        &column(rewards, |r| r.card.as_uuid()),
        &column(rewards, |r| r.customer.as_uuid()),
        &column(rewards, |r| r.program.as_uuid()),
        &column(rewards, |r| r.cycle),
        &column(rewards, |r| r.at),
        &column(rewards, |r| r.title.clone()),
        &column(rewards, |r| r.cost_cents) as &[Option<i64>],
        &column(rewards, |r| r.state.clone()),
        &column(rewards, |r| r.unlocked_at),
        &column(rewards, |r| r.expires_at) as &[Option<DateTime<Utc>>],
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// The rewards of customers' cards that a person may want to see: open ones, and those of the last 90 days.
pub(crate) async fn of_cards(
    pool: &PgPool,
    business: BusinessId,
    cards: &[CardId],
) -> Result<Vec<Reward>, sqlx::Error> {
    let cards: Vec<_> = cards.iter().map(|card| card.as_uuid()).collect();
    sqlx::query_as!(
        Reward,
        r#"select reward_id as "reward: RewardId", business_id as "business: BusinessId", card_id as "card: CardId",
                  customer_id as "customer: CustomerId", program_id as "program: ProgramId", cycle, at, title,
                  cost_cents, state, unlocked_at, expires_at, redeemed_at
           from stamping.reward
           where business_id = $1 and card_id = any($2) and state <> 'void'
           order by unlocked_at desc, at desc
           limit 100"#,
        business.as_uuid(),
        &cards
    )
    .fetch_all(pool)
    .await
}

/// Locks one reward of a business.
pub(crate) async fn lock(
    tx: &mut PgConnection,
    business: BusinessId,
    reward: RewardId,
) -> Result<Option<Reward>, sqlx::Error> {
    sqlx::query_as!(
        Reward,
        r#"select reward_id as "reward: RewardId", business_id as "business: BusinessId", card_id as "card: CardId",
                  customer_id as "customer: CustomerId", program_id as "program: ProgramId", cycle, at, title,
                  cost_cents, state, unlocked_at, expires_at, redeemed_at
           from stamping.reward where business_id = $1 and reward_id = $2
           for update"#,
        business.as_uuid(),
        reward.as_uuid()
    )
    .fetch_optional(tx)
    .await
}

/// Locks the rewards of a card that have not been taken back.
pub(crate) async fn lock_of_card(
    tx: &mut PgConnection,
    business: BusinessId,
    card: CardId,
) -> Result<Vec<Reward>, sqlx::Error> {
    sqlx::query_as!(
        Reward,
        r#"select reward_id as "reward: RewardId", business_id as "business: BusinessId", card_id as "card: CardId",
                  customer_id as "customer: CustomerId", program_id as "program: ProgramId", cycle, at, title,
                  cost_cents, state, unlocked_at, expires_at, redeemed_at
           from stamping.reward where business_id = $1 and card_id = $2 and state <> 'void'
           order by reward_id
           for update"#,
        business.as_uuid(),
        card.as_uuid()
    )
    .fetch_all(tx)
    .await
}

/// Writes the state of a reward, and who handed it over.
pub(crate) async fn set_state(
    tx: &mut PgConnection,
    reward: &Reward,
    redeemed_by: Option<MemberId>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update stamping.reward set state = $3, redeemed_at = $4, redeemed_by = $5
         where business_id = $1 and reward_id = $2",
        reward.business.as_uuid(),
        reward.reward.as_uuid(),
        reward.state,
        reward.redeemed_at,
        redeemed_by.map(MemberId::as_uuid)
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// Gives the open rewards of a card to another customer's card.
pub(crate) async fn hand_over(
    tx: &mut PgConnection,
    business: BusinessId,
    card: CardId,
    to: CustomerId,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update stamping.reward set customer_id = $3 where business_id = $1 and card_id = $2",
        business.as_uuid(),
        card.as_uuid(),
        to.as_uuid()
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// Who has an open reward: one page, from the newest customer on, and how many there are in all.
pub(crate) async fn holders(
    pool: &PgPool,
    business: BusinessId,
    before: Option<CustomerId>,
    limit: i64,
) -> Result<(Vec<CustomerId>, i64), sqlx::Error> {
    let page = sqlx::query_scalar!(
        r#"select distinct customer_id as "customer: CustomerId" from stamping.reward
           where business_id = $1 and state = 'open' and ($2::uuid is null or customer_id < $2)
           order by 1 desc limit $3"#,
        business.as_uuid(),
        before.map(CustomerId::as_uuid),
        limit
    )
    .fetch_all(pool)
    .await?;
    let total = sqlx::query_scalar!(
        r#"select count(distinct customer_id) as "total!" from stamping.reward
           where business_id = $1 and state = 'open'"#,
        business.as_uuid()
    )
    .fetch_one(pool)
    .await?;
    Ok((page, total))
}

/// Ends open rewards whose last moment has passed, at most `limit`; replicas share the work.
pub(crate) async fn expire(
    tx: &mut PgConnection,
    now: DateTime<Utc>,
    limit: i64,
) -> Result<Vec<Reward>, sqlx::Error> {
    sqlx::query_as!(
        Reward,
        r#"update stamping.reward r set state = 'expired'
           where r.reward_id in (
               select reward_id from stamping.reward
               where state = 'open' and expires_at <= $1
               order by expires_at limit $2 for update skip locked)
           returning reward_id as "reward: RewardId", business_id as "business: BusinessId", card_id as "card: CardId",
                  customer_id as "customer: CustomerId", program_id as "program: ProgramId", cycle, at, title,
                  cost_cents, state, unlocked_at, expires_at, redeemed_at"#,
        now,
        limit
    )
    .fetch_all(tx)
    .await
}
