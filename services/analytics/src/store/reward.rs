//! Rewards.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use kernel::{BusinessId, MemberId, RewardId};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::domain::reward::Reward;

/// Rewards by business and id.
pub(crate) type Rewards = BTreeMap<(BusinessId, RewardId), Reward>;

/// Locks the rows of these rewards, made empty where they are new, and reads them.
pub(crate) async fn lock<'a>(
    db: &mut PgConnection,
    keys: impl Iterator<Item = &'a (BusinessId, RewardId)>,
) -> Result<Rewards, sqlx::Error> {
    let (businesses, rewards): (Vec<Uuid>, Vec<Uuid>) =
        keys.map(|(business, reward)| (business.as_uuid(), reward.as_uuid())).unzip();
    sqlx::query!(
        "insert into analytics.reward (business_id, reward_id)
         select * from unnest($1::uuid[], $2::uuid[])
         on conflict on constraint reward_pk do nothing",
        &businesses,
        &rewards,
    )
    .execute(&mut *db)
    .await?;
    let rows = sqlx::query!(
        r#"select business_id as "business_id: BusinessId", reward_id as "reward_id: RewardId", unlocks, unlocked_at,
                  cost_cents, redemptions, redeemed_at, redeemed_by as "redeemed_by: MemberId", expired
           from analytics.reward
           where (business_id, reward_id) in (select * from unnest($1::uuid[], $2::uuid[]))
           order by business_id, reward_id
           for update"#,
        &businesses,
        &rewards,
    )
    .fetch_all(db)
    .await?;
    let known = rows.into_iter().map(|row| {
        let reward = Reward {
            unlocks: row.unlocks,
            unlocked: row.unlocked_at.map(|at| (at, row.cost_cents)),
            redemptions: row.redemptions,
            redeemed: row.redeemed_at.map(|at| (at, row.redeemed_by)),
            expired: row.expired,
        };
        ((row.business_id, row.reward_id), reward)
    });
    Ok(known.collect())
}

/// Writes rewards back.
pub(crate) async fn save(db: &mut PgConnection, rewards: &Rewards) -> Result<(), sqlx::Error> {
    let businesses: Vec<Uuid> = rewards.keys().map(|(business, _)| business.as_uuid()).collect();
    let ids: Vec<Uuid> = rewards.keys().map(|(_, reward)| reward.as_uuid()).collect();
    let unlocks: Vec<i32> = rewards.values().map(|reward| reward.unlocks).collect();
    let unlocked_at: Vec<Option<DateTime<Utc>>> =
        rewards.values().map(|reward| reward.unlocked.map(|(at, _)| at)).collect();
    let costs: Vec<i64> =
        rewards.values().map(|reward| reward.unlocked.map_or(0, |(_, cost)| cost)).collect();
    let redemptions: Vec<i32> = rewards.values().map(|reward| reward.redemptions).collect();
    let redeemed_at: Vec<Option<DateTime<Utc>>> =
        rewards.values().map(|reward| reward.redeemed.map(|(at, _)| at)).collect();
    let redeemed_by: Vec<Option<Uuid>> = rewards
        .values()
        .map(|reward| reward.redeemed.and_then(|(_, by)| by).map(MemberId::as_uuid))
        .collect();
    let expired: Vec<bool> = rewards.values().map(|reward| reward.expired).collect();
    sqlx::query!(
        "update analytics.reward
         set unlocks = now.unlocks, unlocked_at = now.unlocked_at, cost_cents = now.cost_cents,
             redemptions = now.redemptions, redeemed_at = now.redeemed_at, redeemed_by = now.redeemed_by,
             expired = now.expired
         from unnest($1::uuid[], $2::uuid[], $3::int[], $4::timestamptz[], $5::bigint[], $6::int[],
                     $7::timestamptz[], $8::uuid[], $9::bool[])
              as now (business_id, reward_id, unlocks, unlocked_at, cost_cents, redemptions, redeemed_at, redeemed_by,
                      expired)
         where reward.business_id = now.business_id and reward.reward_id = now.reward_id",
        &businesses,
        &ids,
        &unlocks,
        &unlocked_at as &[Option<DateTime<Utc>>],
        &costs,
        &redemptions,
        &redeemed_at as &[Option<DateTime<Utc>>],
        &redeemed_by as &[Option<Uuid>],
        &expired,
    )
    .execute(db)
    .await?;
    Ok(())
}
