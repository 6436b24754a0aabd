//! Adding stamps: a whole batch in one transaction.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use kernel::{CardId, Cents, CustomerId, LocationId, OperationId, ProgramId, RewardId, ScanId, StampId};
use serde::{Deserialize, Serialize};

use super::App;
use super::decide::{Batch, Named, Resolved};
use crate::domain::{Actor, Card, Code, Fingerprint, Kind, Via};
use crate::store::operation::Done;
use crate::store::scan::Scan;
use crate::{Error, events, store};

/// A command to add stamps.
#[derive(Clone, Debug)]
pub struct AddStamps {
    /// The client's id of this intent.
    pub operation: OperationId,
    /// Which card.
    pub target: Target,
    /// How many; where the program counts soles, what was paid decides instead.
    pub count: i32,
    /// What was paid.
    pub amount: Option<Cents>,
    /// In which shop; else where the till stands.
    pub location: Option<LocationId>,
    /// Earned, given or carried over.
    pub kind: Kind,
    /// A manager's reason to pass the limits.
    pub override_reason: Option<String>,
    /// When it happened, for the offline queue; else now.
    pub occurred_at: Option<DateTime<Utc>>,
}

/// By what a card is named.
#[derive(Clone, Copy, Debug)]
pub enum Target {
    /// A scan of this till.
    Scan(ScanId),
    /// The code itself.
    Code(Code),
    /// The card, found by search.
    Card(CardId),
}

/// The counters of a card after a command.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "as in `Card`")]
pub struct CardState {
    pub card: CardId,
    pub customer: CustomerId,
    pub program: ProgramId,
    pub version: i64,
    pub stamps: i32,
    pub stamps_required: i32,
    pub cycle: i32,
    pub total: i64,
}

impl From<&Card> for CardState {
    fn from(card: &Card) -> Self {
        Self {
            card: card.card,
            customer: card.customer,
            program: card.program,
            version: card.version,
            stamps: card.stamps,
            stamps_required: card.stamps_required,
            cycle: card.cycle,
            total: card.total,
        }
    }
}

/// A reward that a command unlocked.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "as in the table")]
pub struct Unlocked {
    pub reward: RewardId,
    pub title: String,
    pub at: i32,
}

/// The answer to [`AddStamps`]; stored, so that a retry gets the same.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Stamped {
    /// The intent.
    pub operation: OperationId,
    /// The entry it made.
    pub stamp: StampId,
    /// The card after it.
    pub card: CardState,
    /// What it unlocked.
    pub unlocked: Vec<Unlocked>,
    /// True when it had been done before.
    #[serde(skip)]
    pub replayed: bool,
}

/// A command with who gave it and the trace it belongs to.
pub(crate) struct Job {
    pub(crate) actor: Actor,
    pub(crate) command: AddStamps,
    pub(crate) traceparent: Option<String>,
}

impl Target {
    /// The scan, where it is one.
    pub(super) fn scan(self) -> Option<ScanId> {
        if let Self::Scan(scan) = self { Some(scan) } else { None }
    }

    /// By which way the card was found.
    pub(super) fn via(self, actor: &Actor, command: &AddStamps) -> Via {
        match self {
            _ if command.kind == Kind::Import => Via::Import,
            _ if command.occurred_at.is_some() => Via::Offline,
            Self::Scan(_) | Self::Code(_) => Via::Scan,
            Self::Card(_) if actor.is_system => Via::Api,
            Self::Card(_) if actor.device.is_some() => Via::Search,
            Self::Card(_) => Via::Panel,
        }
    }
}

/// The stored answer of an operation, if the command is the same; an error if it is another.
pub(super) fn replay<T: for<'a> Deserialize<'a>>(
    done: &Done,
    fingerprint: Option<Fingerprint>,
) -> Result<T, Error> {
    if fingerprint.is_some_and(|now| now.as_bytes() != done.fingerprint) {
        return Err(Error::OperationMismatch);
    }
    serde_json::from_slice(&done.result).map_err(|_| Error::Corrupt("operation result"))
}

impl App {
    /// Decides and writes a batch in one transaction. The outer error means that nothing at all happened; an inner one
    /// refuses its own job alone.
    pub(super) async fn settle(&self, jobs: &[Job]) -> Result<Vec<Result<Stamped, Error>>, Error> {
        let mut tx = self.pool.begin().await?;
        let now = self.clock.now();
        let scans = self.scans_of(&mut tx, jobs).await?;
        let named: Vec<Named> = jobs.iter().map(|job| Named::by(job.command.target, &scans)).collect();
        let wanted: Vec<_> = jobs
            .iter()
            .zip(&named)
            .filter_map(|(job, named)| named.card.map(|card| (job.actor.business, card)))
            .collect();
        let locked = store::card::lock(&mut tx, &wanted).await?;
        // Looked up once the cards are ours: what another transaction did on them while we waited is seen.
        let operations: Vec<_> = jobs.iter().map(|job| (job.actor.business, job.command.operation)).collect();
        let done: HashMap<_, Done> = store::operation::find(&mut *tx, &operations)
            .await?
            .into_iter()
            .map(|done| ((done.business, done.operation), done))
            .collect();
        let versions = locked
            .iter()
            .flat_map(|l| [(l.card.program, l.card.program_version), (l.card.program, l.current_version)]);
        let definitions = self.known(&mut tx, versions).await?;
        let mut batch = Batch::new(locked, definitions, now);
        let mut answers = Vec::with_capacity(jobs.len());
        for (job, named) in jobs.iter().zip(&named) {
            let done = done.get(&(job.actor.business, job.command.operation));
            answers.push(match named.resolve(job, done, &scans, now) {
                Ok(Resolved::Replay(stamped)) => Ok(*stamped),
                Ok(Resolved::Card { card, generation }) => {
                    let zone = self.zone(&mut *tx, job.actor.business).await?;
                    match self.within_search_cap(&mut tx, job, zone.day(now)).await {
                        Ok(()) => batch.decide(job, card, generation, zone),
                        Err(refused) => Err(refused),
                    }
                }
                Err(refused) => Err(refused),
            });
        }
        if batch.entries.is_empty() {
            return Ok(answers);
        }
        store::ledger::write(&mut tx, &batch.entries, &batch.changed_cards(), &batch.operations).await?;
        store::card::insert_cycles(&mut tx, &batch.begun).await?;
        store::reward::insert(&mut tx, &batch.rewards).await?;
        let appended = self.outbox.append_traced(&mut tx, events::of_batch(&batch)).await?;
        tx.commit().await?;
        appended.committed();
        metrics::counter!("stamps_added_total").increment(batch.entries.len() as u64);
        metrics::histogram!("stamp_batch_size").record(jobs.len() as f64);
        Ok(answers)
    }

    async fn scans_of(
        &self,
        tx: &mut sqlx::PgConnection,
        jobs: &[Job],
    ) -> Result<HashMap<ScanId, Scan>, Error> {
        let wanted: Vec<_> = jobs
            .iter()
            .filter_map(|job| match job.command.target {
                Target::Scan(scan) => Some((job.actor.business, scan)),
                Target::Code(_) | Target::Card(_) => None,
            })
            .collect();
        if wanted.is_empty() {
            return Ok(HashMap::new());
        }
        Ok(store::scan::find(tx, &wanted).await?.into_iter().map(|scan| (scan.scan, scan)).collect())
    }

    /// A stamper who never sees a code is worth a limit: her stamps by search are counted by day.
    async fn within_search_cap(
        &self,
        tx: &mut sqlx::PgConnection,
        job: &Job,
        today: chrono::NaiveDate,
    ) -> Result<(), Error> {
        use crate::domain::{Limit, LimitKind};
        let by_search = job.command.target.via(&job.actor, &job.command) == Via::Search;
        let Some(member) = job.actor.member.filter(|_| by_search && job.actor.role == kernel::Role::Stamper)
        else {
            return Ok(());
        };
        let count = job.command.count.max(1);
        let given = store::scan::count_search(tx, job.actor.business, member, today, count).await?;
        if given > self.search_cap {
            return Err(Error::Limit(Limit { kind: LimitKind::SearchCap, until: None }));
        }
        Ok(())
    }
}
