//! Handing a reward over, and taking that back.

use chrono::{DateTime, Utc};
use kernel::{LocationId, OperationId, RewardId, Role, ScanId};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::App;
use super::decide::check_scan;
use super::stamps::replay;
use crate::domain::{Actor, Fingerprint};
use crate::store::operation::NewOperation;
use crate::store::reward::Reward;
use crate::{Error, events, store};

/// A command on a reward.
#[derive(Clone, Debug)]
pub struct RedeemReward {
    /// The client's id of this intent.
    pub operation: OperationId,
    /// Which reward.
    pub reward: RewardId,
    /// The scan that shows the card is here; a stamper needs one.
    pub scan: Option<ScanId>,
    /// In which shop.
    pub location: Option<LocationId>,
}

/// The answer to a command on a reward.
#[derive(Clone, Debug)]
pub struct Redeemed {
    /// The reward as it stands now.
    pub reward: Reward,
    /// The intent.
    pub operation: OperationId,
    /// True when it had been done before.
    pub replayed: bool,
}

/// What is kept of it: the rest stands in the reward's own row.
#[derive(Serialize, Deserialize)]
struct Kept {
    reward: Uuid,
    redeemed_at: Option<DateTime<Utc>>,
}

/// Rewards that one pass of the worker ends.
const EXPIRE_AT_ONCE: i64 = 500;

impl App {
    /// Hands an open reward over, once.
    pub async fn redeem_reward(&self, actor: &Actor, command: RedeemReward) -> Result<Redeemed, Error> {
        self.change(actor, command, "redeem").await
    }

    /// Makes a redeemed reward open again, for the one who redeemed the wrong one.
    pub async fn unredeem_reward(&self, actor: &Actor, command: RedeemReward) -> Result<Redeemed, Error> {
        self.change(actor, command, "unredeem").await
    }

    async fn change(&self, actor: &Actor, command: RedeemReward, verb: &str) -> Result<Redeemed, Error> {
        let fingerprint = Fingerprint::of_command(verb, command.reward.as_uuid());
        let now = self.clock.now();
        let mut tx = self.pool.begin().await?;
        // Locked before anything is judged, so that the same command from another hand is seen as done.
        let mut reward = self.reward(&mut tx, actor, command.reward).await?;
        if let [done] = &store::operation::find(&mut *tx, &[(actor.business, command.operation)]).await?[..] {
            let kept: Kept = replay(done, Some(fingerprint))?;
            let state = if verb == "redeem" { "redeemed" } else { "open" };
            let reward = Reward { state: state.into(), redeemed_at: kept.redeemed_at, ..reward };
            return Ok(Redeemed { reward, operation: command.operation, replayed: true });
        }
        let before = reward.redeemed_at;
        if verb == "redeem" {
            if actor.role == Role::Stamper {
                let scan = command.scan.ok_or_else(|| kernel::Invalid::new("scan_id", "required"))?;
                let scans = store::scan::find(&mut *tx, &[(actor.business, scan)]).await?;
                if check_scan(scans.first(), actor, now)? != reward.card {
                    return Err(Error::ScanExpired);
                }
            }
            if reward.state == "open" && reward.expires_at.is_some_and(|end| end <= now) {
                return Err(Error::RewardNotOpen("expired".into()));
            }
            if reward.state != "open" {
                return Err(Error::RewardNotOpen(reward.state));
            }
            (reward.state, reward.redeemed_at) = ("redeemed".into(), Some(now));
        } else {
            if reward.state != "redeemed" {
                return Err(Error::RewardNotOpen(reward.state));
            }
            let redeemed_at = reward.redeemed_at.unwrap_or(now);
            if !crate::domain::may_undo(actor.role, true, redeemed_at, now) {
                return Err(Error::UndoTooLate(redeemed_at));
            }
            (reward.state, reward.redeemed_at) = ("open".into(), None);
        }
        let redeemed_by = if verb == "redeem" { actor.member } else { None };
        store::reward::set_state(&mut tx, &reward, redeemed_by).await?;
        let kept = Kept { reward: reward.reward.as_uuid(), redeemed_at: reward.redeemed_at };
        let operation = NewOperation {
            business: actor.business,
            operation: command.operation,
            fingerprint,
            result: serde_json::to_vec(&kept).map_err(|_| Error::Corrupt("operation result"))?,
            created_at: now,
        };
        store::operation::insert(&mut tx, &operation).await?;
        let location = command.location.or(actor.location);
        let event = if verb == "redeem" {
            events::reward_redeemed(&reward, actor, location, now)
        } else {
            events::reward_unredeemed(&reward, actor, before.unwrap_or(now), now)
        };
        let appended = self.outbox.append(&mut tx, vec![event]).await?;
        tx.commit().await?;
        appended.committed();
        Ok(Redeemed { reward, operation: command.operation, replayed: false })
    }

    async fn reward(
        &self,
        tx: &mut sqlx::PgConnection,
        actor: &Actor,
        reward: RewardId,
    ) -> Result<Reward, Error> {
        let found = store::reward::lock(tx, actor.business, reward).await?;
        found.filter(|reward| reward.state != "void").ok_or(Error::NotFound("reward_id"))
    }

    /// Ends rewards whose last moment has passed; returns how many.
    pub async fn expire_rewards(&self) -> Result<usize, Error> {
        let now = self.clock.now();
        let mut tx = self.pool.begin().await?;
        let expired = store::reward::expire(&mut tx, now, EXPIRE_AT_ONCE).await?;
        let facts = expired.iter().map(|reward| events::reward_expired(reward, now)).collect();
        let appended = self.outbox.append(&mut tx, facts).await?;
        tx.commit().await?;
        appended.committed();
        Ok(expired.len())
    }
}
