//! Taking an entry back by an entry of its own.

use kernel::{OperationId, RewardId, StampId};
use serde::{Deserialize, Serialize};

use super::App;
use super::stamps::{CardState, replay};
use crate::domain::{Actor, Fingerprint, Kind, Via, may_undo};
use crate::store::ledger::NewEntry;
use crate::store::operation::NewOperation;
use crate::{Error, events, store};

/// A command to take an entry back.
#[derive(Clone, Debug)]
pub struct VoidStamp {
    /// The client's id of this intent.
    pub operation: OperationId,
    /// The entry.
    pub stamp: StampId,
    /// Why, in a person's words.
    pub reason: Option<String>,
}

/// The answer to [`VoidStamp`].
#[derive(Clone, Debug, Serialize, Deserialize)]
#[expect(missing_docs, reason = "as in `Stamped`")]
pub struct Reversed {
    pub operation: OperationId,
    pub stamp: StampId,
    pub card: CardState,
    pub rewards_taken_back: Vec<RewardId>,
    #[serde(skip)]
    pub replayed: bool,
}

impl App {
    /// Reverses an entry, and takes back the open rewards that are no longer reached.
    pub async fn void_stamp(&self, actor: &Actor, command: VoidStamp) -> Result<Reversed, Error> {
        let fingerprint = Fingerprint::of_command("void", command.stamp.as_uuid());
        let mut tx = self.pool.begin().await?;
        let now = self.clock.now();
        let missing = Error::NotFound("stamp_id");
        let entry = store::ledger::get(&mut tx, actor.business, command.stamp).await?.ok_or(missing)?;
        // The card is locked before anything is judged, so that the same command from another hand is seen as done; and
        // before the entry is marked, which is the order in which stamps take their locks.
        let mut locked = store::card::lock(&mut tx, &[(actor.business, entry.card)]).await?;
        let mut card = locked.pop().ok_or(Error::NotFound("stamp_id"))?.card;
        if let [done] = &store::operation::find(&mut *tx, &[(actor.business, command.operation)]).await?[..] {
            return Ok(Reversed { replayed: true, ..replay(done, Some(fingerprint))? });
        }
        if entry.kind == Kind::Void.as_str() {
            return Err(Error::NotFound("stamp_id"));
        }
        let is_own = actor.member.is_some() && entry.member == actor.member;
        if !may_undo(actor.role, is_own, entry.recorded_at, now) {
            return Err(if is_own { Error::UndoTooLate(entry.recorded_at) } else { Error::Forbidden });
        }
        let reversing = StampId::generate_at(now);
        if !store::ledger::mark_voided(&mut tx, actor.business, command.stamp, reversing).await? {
            return Err(Error::AlreadyVoided);
        }
        let cycles = store::card::cycles(&mut tx, entry.card).await?;
        let voided =
            card.void(entry.count, &cycles).ok_or(Error::Corrupt("card holds less than its ledger"))?;
        let mut taken_back = Vec::new();
        for mut reward in store::reward::lock_of_card(&mut tx, actor.business, entry.card).await? {
            if !voided.takes_back(reward.cycle, reward.at) {
                continue;
            }
            if reward.state == "redeemed" {
                return Err(Error::RewardRedeemed);
            }
            reward.state = "void".into();
            store::reward::set_state(&mut tx, &reward, None).await?;
            taken_back.push(reward.reward);
        }
        store::card::delete_cycles_after(&mut tx, entry.card, voided.cycle).await?;
        if entry.kind == Kind::Earn.as_str() {
            let zone = self.zone(&mut *tx, actor.business).await?;
            card.last_earn_at = store::card::last_standing_visit(&mut tx, entry.card).await?;
            if card.earn_day == Some(zone.day(entry.recorded_at)) {
                card.earn_day_stamps = (card.earn_day_stamps - entry.count).max(0);
            }
            card.visit_stamps = (card.visit_stamps - entry.count).max(0);
        }

        let reversed = Reversed {
            operation: command.operation,
            stamp: reversing,
            card: CardState::from(&card),
            rewards_taken_back: taken_back,
            replayed: false,
        };
        let new_entry = NewEntry {
            stamp: reversing,
            business: actor.business,
            card: entry.card,
            kind: Kind::Void,
            via: if actor.is_system {
                Via::Api
            } else if actor.device.is_some() {
                Via::Scan
            } else {
                Via::Panel
            },
            count: -entry.count,
            cycle: card.cycle,
            member: actor.member,
            device: actor.device,
            location: actor.location,
            amount_cents: None,
            reason: command.reason,
            reverses: Some(command.stamp),
            operation: command.operation,
            occurred_at: now,
            recorded_at: now,
        };
        let operation = NewOperation {
            business: actor.business,
            operation: command.operation,
            fingerprint,
            result: serde_json::to_vec(&reversed).map_err(|_| Error::Corrupt("operation result"))?,
            created_at: now,
        };
        let event = events::stamp_voided(&new_entry, &reversed, entry.recorded_at, &entry.kind);
        store::ledger::write(&mut tx, &[new_entry], &[&card], &[operation]).await?;
        let appended = self.outbox.append(&mut tx, vec![event]).await?;
        tx.commit().await?;
        appended.committed();
        Ok(reversed)
    }
}
