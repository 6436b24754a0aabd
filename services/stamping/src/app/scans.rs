//! Reading a code at a till.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use kernel::ScanId;

use super::App;
use crate::domain::{Actor, Card, Definition, Program, Read, Visit, check_limits};
use crate::store::reward::Reward;
use crate::store::scan::Scan;
use crate::{Error, store};

/// What a till learns from a code.
pub struct Scanned {
    /// Names this scan for the next five minutes.
    pub scan: ScanId,
    /// The card.
    pub card: Card,
    /// Its program today.
    pub program: Program,
    /// What may be handed over.
    pub open_rewards: Vec<Reward>,
    /// Whether it may be stamped now.
    pub allowed: Allowed,
}

/// Whether a card may be stamped now.
pub struct Allowed {
    /// It may.
    pub now: bool,
    /// When it may, if time alone heals it.
    pub until: Option<DateTime<Utc>>,
    /// Which limit stands in the way.
    pub reason: &'static str,
}

impl App {
    /// Reads a code as a till of `actor`'s business.
    pub async fn scan(&self, actor: &Actor, read: Read) -> Result<Scanned, Error> {
        let now = self.clock.now();
        let code = read.code;
        let card =
            store::card::get(&self.pool, actor.business, code.card).await?.ok_or(Error::CodeInvalid)?;
        if card.closed_at.is_some() || card.code_generation != i32::from(code.generation) {
            return Err(Error::CodeRevoked);
        }
        self.admit(actor, read).await?;
        let program = self.program_of(&card).await?;
        let open_rewards = self.open_rewards(&card, now).await?;
        let zone = self.zone(&self.pool, actor.business).await?;
        let allowed = match check_limits(
            &card,
            &program.definition.rules,
            &Visit { count: 1, given: 0, at: now },
            zone,
        ) {
            _ if !program.active => Allowed { now: false, until: None, reason: "program_inactive" },
            Ok(()) => Allowed { now: true, until: None, reason: "" },
            Err(limit) => Allowed { now: false, until: limit.until, reason: limit.kind.as_str() },
        };
        let scan = Scan {
            scan: ScanId::generate_at(now),
            business: actor.business,
            card: card.card,
            member: actor.member,
            device: actor.device,
            created_at: now,
        };
        store::scan::insert(&self.pool, &scan).await?;
        Ok(Scanned { scan: scan.scan, card, program, open_rewards, allowed })
    }

    /// Gives a rotating code to the first till that reads it, and refuses it to every other.
    pub async fn admit(&self, actor: &Actor, read: Read) -> Result<(), Error> {
        let Some(step) = read.step else { return Ok(()) };
        let by = (actor.business, actor.member, actor.device);
        match store::scan::take_rotating(&self.pool, read.code.card, step, by, self.clock.now()).await? {
            true => Ok(()),
            false => Err(Error::CodeUsed),
        }
    }

    /// The program of a card as it is today.
    pub(super) async fn program_of(&self, card: &Card) -> Result<Program, Error> {
        let program = store::program::get(&self.pool, card.business, card.program).await?;
        program.ok_or(Error::Corrupt("card without a program"))
    }

    /// The definition that the running cycle of a card began with.
    pub(super) async fn running_definition(&self, card: &Card) -> Result<Arc<Definition>, Error> {
        self.definition(&self.pool, card.program, card.program_version).await
    }

    async fn open_rewards(&self, card: &Card, now: DateTime<Utc>) -> Result<Vec<Reward>, Error> {
        let mut rewards = store::reward::of_cards(&self.pool, card.business, &[card.card]).await?;
        rewards.retain(|reward| reward.state == "open" && reward.expires_at.is_none_or(|end| end > now));
        Ok(rewards)
    }
}
