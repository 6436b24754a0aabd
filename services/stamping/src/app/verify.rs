//! The ledger is the truth: rebuilding every card from it, and telling what differs.

use futures::stream::BoxStream;
use kernel::CardId;
use sqlx::PgConnection;

use super::App;
use crate::domain::{Cycle, position};
use crate::store::verify::{Audited, Day};
use crate::{Error, store};

/// Cards read at a time.
const PAGE: i64 = 2_000;
/// Differences that are told one by one; all are counted.
const TOLD: usize = 100;
/// Days that are told at once, of all businesses together: some 80 KB on the wire.
const DAYS_OF_A_PART: usize = 1_000;

/// One difference between what is kept and what the ledger says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Drift {
    /// On which card.
    pub card: CardId,
    /// total, cycle, stamps or reward.
    pub what: &'static str,
    /// As kept.
    pub recorded: i64,
    /// As the ledger says.
    pub rebuilt: i64,
}

/// What a verification found.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// Cards compared.
    pub cards: i64,
    /// Entries added up.
    pub entries: i64,
    /// The first differences.
    pub drifts: Vec<Drift>,
    /// All differences.
    pub drifted: i64,
}

/// What some cards in a row were found to be.
#[derive(Clone, Debug, Default)]
pub struct Part {
    /// Cards compared.
    pub cards: i64,
    /// What differs on them.
    pub drifts: Vec<Drift>,
    /// The last of them; none where there were no more.
    pub last: Option<CardId>,
}

/// A walk over all cards, again and again.
#[derive(Debug, Default)]
pub struct Walk {
    after: Option<CardId>,
    found: usize,
    found_last: usize,
}

impl Walk {
    /// The card that the next part begins after.
    pub fn after(&self) -> CardId {
        self.after.unwrap_or_else(|| uuid::Uuid::nil().into())
    }

    /// Notes a part; one without cards ends the walk.
    pub fn took(&mut self, part: &Part) {
        let mut cards: Vec<CardId> = part.drifts.iter().map(|drift| drift.card).collect();
        cards.dedup();
        self.found += cards.len();
        self.after = part.last;
        if part.last.is_none() {
            self.found_last = std::mem::take(&mut self.found);
        }
    }

    /// Cards that differ.
    pub fn drifted(&self) -> usize {
        self.found.max(self.found_last)
    }
}

impl App {
    /// Rebuilds the next cards after one, in one snapshot of the database.
    pub async fn audit(&self, after: CardId, limit: i64) -> Result<Part, Error> {
        let mut tx = self.pool.begin_with("begin isolation level repeatable read read only").await?;
        let page = store::verify::page(&mut tx, after, limit).await?;
        let mut part = Part { last: page.last().map(|card| card.card), ..Part::default() };
        for audited in &page {
            part.cards += 1;
            part.drifts.extend(self.compare(&mut tx, audited).await?);
        }
        Ok(part)
    }

    /// Rebuilds every card in one snapshot of the database.
    pub async fn verify(&self) -> Result<Report, Error> {
        let mut tx = self.pool.begin_with("begin isolation level repeatable read read only").await?;
        let mut report = Report::default();
        let mut after = CardId::from(uuid::Uuid::nil());
        loop {
            let page = store::verify::page(&mut tx, after, PAGE).await?;
            let Some(last) = page.last() else { break };
            after = last.card;
            for audited in &page {
                report.cards += 1;
                report.entries += audited.entries;
                for drift in self.compare(&mut tx, audited).await? {
                    report.drifted += 1;
                    if report.drifts.len() < TOLD {
                        report.drifts.push(drift);
                    }
                }
            }
        }
        Ok(report)
    }

    /// Events that no broker has acknowledged yet.
    pub async fn outbox_pending(&self) -> Result<i64, Error> {
        Ok(store::operation::outbox_pending(&self.pool).await?)
    }

    async fn compare(&self, tx: &mut PgConnection, audited: &Audited) -> Result<Vec<Drift>, Error> {
        let drift = |what, recorded: i64, rebuilt: i64| Drift { card: audited.card, what, recorded, rebuilt };
        let mut drifts = Vec::new();
        if audited.total != audited.ledger {
            drifts.push(drift("total", audited.total, audited.ledger));
        }
        let cycles: Vec<Cycle> = audited
            .cycles
            .chunks_exact(3)
            .map(|c| Cycle { cycle: c[0], program_version: c[1], stamps_required: c[2] })
            .collect();
        let Some((now_in, stamps)) = position(audited.ledger, &cycles) else {
            drifts.push(drift("cycle", i64::from(audited.cycle), -1));
            return Ok(drifts);
        };
        if now_in.cycle != audited.cycle {
            drifts.push(drift("cycle", audited.cycle.into(), now_in.cycle.into()));
        }
        if stamps != audited.stamps {
            drifts.push(drift("stamps", audited.stamps.into(), stamps.into()));
        }
        let mut expected = Vec::new();
        for cycle in cycles.iter().filter(|cycle| cycle.cycle <= now_in.cycle) {
            let reached = if cycle.cycle < now_in.cycle { cycle.stamps_required } else { stamps };
            let definition = self.definition(&mut *tx, audited.program, cycle.program_version).await?;
            for rule in definition.rewards.iter().filter(|rule| rule.at <= reached) {
                expected.extend([cycle.cycle, rule.at]);
            }
        }
        if expected != audited.rewards {
            drifts.push(drift("reward", audited.rewards.len() as i64 / 2, expected.len() as i64 / 2));
        }
        Ok(drifts)
    }

    /// The ledger by business and day, in that order, for comparing projections with it: one reading, told part by part.
    pub fn summarize(&self) -> BoxStream<'static, Result<Vec<Day>, Error>> {
        let pool = self.pool.clone();
        boot::in_parts(|listener| async move {
            let mut tx = pool.begin_with("begin isolation level repeatable read read only").await?;
            listener.tell(store::verify::days(&mut tx), DAYS_OF_A_PART).await
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part(last: Option<CardId>, differing: &[CardId]) -> Part {
        let drift = |card: &CardId| Drift { card: *card, what: "total", recorded: 1, rebuilt: 2 };
        Part { cards: 1, drifts: differing.iter().map(drift).collect(), last }
    }

    #[test]
    fn a_drift_is_shown_until_a_whole_walk_has_not_met_it() {
        let (one, two) = (CardId::generate(), CardId::generate());
        let mut walk = Walk::default();
        walk.took(&part(Some(one), &[one, one]));
        assert_eq!((walk.drifted(), walk.after()), (1, one), "two differences of one card are one card");
        walk.took(&part(Some(two), &[]));
        walk.took(&part(None, &[]));
        assert_eq!((walk.drifted(), walk.after()), (1, CardId::from(uuid::Uuid::nil())), "the last walk's");
        walk.took(&part(Some(two), &[]));
        assert_eq!(walk.drifted(), 1, "not met yet");
        walk.took(&part(None, &[]));
        assert_eq!(walk.drifted(), 0);
    }
}
