//! What a batch of commands comes to, in memory, once everything they need has been read.

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, Duration, Utc};
use kernel::{BusinessId, CardId, OperationId, Role, ScanId, StampId, Zone};

use super::Definitions;
use super::stamps::{CardState, Job, Stamped, Target, Unlocked, replay};
use crate::Error;
use crate::domain::{
    Added, Card, Cycle, Fingerprint, Kind, Program, Rules, Visit, check_limits, earned_by_amount,
};
use crate::store::card::Locked;
use crate::store::ledger::NewEntry;
use crate::store::operation::{Done, NewOperation};
use crate::store::reward::Reward;
use crate::store::scan::Scan;

/// How long a scan is good for.
const SCAN_LIFE: Duration = Duration::minutes(5);

/// The card that a command names, before anything is known of it.
pub(super) struct Named {
    /// `None` for a scan that nobody remembers.
    pub(super) card: Option<CardId>,
    generation: Option<u16>,
}

impl Named {
    /// What a target names.
    pub(super) fn by(target: Target, scans: &HashMap<ScanId, Scan>) -> Self {
        match target {
            Target::Code(code) => Self { card: Some(code.card), generation: Some(code.generation) },
            Target::Card(card) => Self { card: Some(card), generation: None },
            Target::Scan(scan) => Self { card: scans.get(&scan).map(|scan| scan.card), generation: None },
        }
    }

    /// The operation is looked at before anything else is checked, so that a retry is answered even when the scan has
    /// expired since, or a limit is reached by the stamp itself.
    pub(super) fn resolve(
        &self,
        job: &Job,
        done: Option<&Done>,
        scans: &HashMap<ScanId, Scan>,
        now: DateTime<Utc>,
    ) -> Result<Resolved, Error> {
        if let Some(done) = done {
            let stamped: Stamped = replay(done, self.card.map(|card| fingerprint(job, card)))?;
            return Ok(Resolved::Replay(Box::new(Stamped { replayed: true, ..stamped })));
        }
        if let Target::Scan(scan) = job.command.target {
            check_scan(scans.get(&scan), &job.actor, now)?;
        }
        let card = self.card.ok_or(Error::ScanExpired)?;
        Ok(Resolved::Card { card, generation: self.generation })
    }
}

/// What a command comes to.
pub(super) enum Resolved {
    /// It was done before, and this is the answer.
    Replay(Box<Stamped>),
    /// It is to be done on this card; a code was of that generation.
    Card { card: CardId, generation: Option<u16> },
}

/// A scan is good for five minutes, for whoever made it.
pub(super) fn check_scan(
    scan: Option<&Scan>,
    actor: &crate::domain::Actor,
    now: DateTime<Utc>,
) -> Result<CardId, Error> {
    let scan = scan.ok_or(Error::ScanExpired)?;
    let same_till = match scan.device {
        Some(device) => actor.device == Some(device),
        None => scan.member == actor.member,
    };
    if same_till && now - scan.created_at <= SCAN_LIFE { Ok(scan.card) } else { Err(Error::ScanExpired) }
}

fn fingerprint(job: &Job, card: CardId) -> Fingerprint {
    let command = &job.command;
    let location = command.location;
    Fingerprint::of_stamps(
        card.as_uuid(),
        command.kind,
        command.count,
        command.amount.map(|a| a.get()),
        location,
    )
}

/// Everything a batch writes.
pub(crate) struct Batch {
    cards: BTreeMap<CardId, Locked>,
    definitions: Definitions,
    now: DateTime<Utc>,
    by_operation: HashMap<(BusinessId, OperationId), (Fingerprint, Stamped)>,
    pub(crate) entries: Vec<NewEntry>,
    /// Beside each entry: the card after it, whether it was its first, and the trace.
    pub(crate) after: Vec<(CardState, bool, Option<String>)>,
    pub(super) operations: Vec<NewOperation>,
    pub(super) begun: Vec<(CardId, Cycle)>,
    pub(crate) rewards: Vec<Reward>,
    /// Beside each reward: the trace.
    pub(crate) reward_traces: Vec<Option<String>>,
}

impl Batch {
    pub(super) fn new(locked: Vec<Locked>, definitions: Definitions, now: DateTime<Utc>) -> Self {
        Self {
            cards: locked.into_iter().map(|locked| (locked.card.card, locked)).collect(),
            definitions,
            now,
            by_operation: HashMap::new(),
            entries: Vec::new(),
            after: Vec::new(),
            operations: Vec::new(),
            begun: Vec::new(),
            rewards: Vec::new(),
            reward_traces: Vec::new(),
        }
    }

    /// The cards that entries have changed, each once.
    pub(super) fn changed_cards(&self) -> Vec<&Card> {
        let mut changed: Vec<CardId> = self.entries.iter().map(|entry| entry.card).collect();
        changed.sort_unstable();
        changed.dedup();
        changed.iter().filter_map(|card| self.cards.get(card)).map(|locked| &locked.card).collect()
    }

    /// Applies one command; a refusal leaves the batch as it was.
    pub(super) fn decide(
        &mut self,
        job: &Job,
        card: CardId,
        generation: Option<u16>,
        zone: Zone,
    ) -> Result<Stamped, Error> {
        let fingerprint = fingerprint(job, card);
        if let Some((earlier, stamped)) = self.by_operation.get(&(job.actor.business, job.command.operation))
        {
            return if *earlier == fingerprint {
                Ok(Stamped { replayed: true, ..stamped.clone() })
            } else {
                Err(Error::OperationMismatch)
            };
        }
        let locked = check_card(self.cards.get_mut(&card), job, generation)?;
        let (program, missing) = (locked.card.program, Error::Corrupt("program version not read"));
        let running = self.definitions.get(&(program, locked.card.program_version));
        let current = self.definitions.get(&(program, locked.current_version));
        let (Some(running), Some(current)) = (running, current) else { return Err(missing) };
        let at = job.command.occurred_at.unwrap_or(self.now);
        // Limits are the program's of today, whatever the running cycle began with.
        let (count, carried) = earned(job, &locked.card, &current.rules, at, zone)?;
        let next = Program {
            program,
            business: job.actor.business,
            version: locked.current_version,
            active: true,
            created_at: locked.card.opened_at,
            definition: current.as_ref().clone(),
        };
        let added = locked.card.add(count, running, &next, self.now);
        locked.card.carried_cents = carried;
        if job.command.kind == Kind::Earn {
            locked.card.note_visit(count, job.command.target.scan(), at, zone.day(at));
        }
        let after = locked.card.clone();
        self.record(job, fingerprint, (count, at), &after, added)
    }

    /// Notes what a command has done, for the one write at the end.
    fn record(
        &mut self,
        job: &Job,
        fingerprint: Fingerprint,
        (count, at): (i32, DateTime<Utc>),
        card: &Card,
        added: Added,
    ) -> Result<Stamped, Error> {
        let (command, state) = (&job.command, CardState::from(card));
        let mut unlocked = Vec::new();
        for reached in added.reached {
            let reward = Reward::unlocked(card, reached, self.now);
            unlocked.push(Unlocked { reward: reward.reward, title: reward.title.clone(), at: reward.at });
            self.rewards.push(reward);
            self.reward_traces.push(job.traceparent.clone());
        }
        self.begun.extend(added.begun.into_iter().map(|cycle| (card.card, cycle)));
        let stamped = Stamped {
            operation: command.operation,
            stamp: StampId::generate_at(self.now),
            card: state.clone(),
            unlocked,
            replayed: false,
        };
        self.entries.push(NewEntry {
            stamp: stamped.stamp,
            business: job.actor.business,
            card: card.card,
            kind: command.kind,
            via: command.target.via(&job.actor, command),
            count,
            cycle: state.cycle,
            member: job.actor.member,
            device: job.actor.device,
            location: command.location.or(job.actor.location),
            amount_cents: command.amount.map(|amount| amount.get()),
            reason: command.override_reason.clone(),
            reverses: None,
            operation: command.operation,
            occurred_at: at,
            recorded_at: self.now,
        });
        self.after.push((state, added.first, job.traceparent.clone()));
        self.operations.push(NewOperation {
            business: job.actor.business,
            operation: command.operation,
            fingerprint,
            result: serde_json::to_vec(&stamped).map_err(|_| Error::Corrupt("operation result"))?,
            created_at: self.now,
        });
        let operation = (job.actor.business, command.operation);
        self.by_operation.insert(operation, (fingerprint, stamped.clone()));
        Ok(stamped)
    }
}

/// The card, if it is the caller's to stamp, the code that named it is good, and its program takes stamps.
fn check_card<'a>(
    locked: Option<&'a mut Locked>,
    job: &Job,
    generation: Option<u16>,
) -> Result<&'a mut Locked, Error> {
    let named_by_code = generation.is_some();
    let locked = locked
        .filter(|locked| locked.card.business == job.actor.business)
        .ok_or(if named_by_code { Error::CodeInvalid } else { Error::NotFound("card_id") })?;
    if generation.is_some_and(|generation| i32::from(generation) != locked.card.code_generation) {
        return Err(Error::CodeRevoked);
    }
    if locked.card.closed_at.is_some() {
        return Err(if named_by_code { Error::CodeRevoked } else { Error::NotFound("card_id") });
    }
    if !locked.program_active {
        return Err(Error::ProgramInactive);
    }
    Ok(locked)
}

/// How many stamps a command comes to within the limits, and the céntimos that are carried on.
fn earned(job: &Job, card: &Card, rules: &Rules, at: DateTime<Utc>, zone: Zone) -> Result<(i32, i64), Error> {
    let command = &job.command;
    let (count, carried) = match (command.kind, rules.cents_per_stamp, command.amount) {
        (Kind::Earn, Some(per_stamp), Some(amount)) => {
            earned_by_amount(amount, card.carried_cents, per_stamp)
        }
        (Kind::Earn, Some(_), None) => return Err(kernel::Invalid::new("amount_cents", "required").into()),
        _ => (command.count, card.carried_cents),
    };
    let may_override = command.override_reason.is_some() && job.actor.role >= Role::Manager;
    if command.kind == Kind::Earn && !may_override {
        let visit = Visit { count, given: card.given_by(command.target.scan()), at };
        check_limits(card, rules, &visit, zone).map_err(Error::Limit)?;
    }
    Ok((count, carried))
}
