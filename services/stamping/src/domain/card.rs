use chrono::{DateTime, NaiveDate, Utc};
use kernel::{BusinessId, CardId, CustomerId, ProgramId, ScanId};

use super::{Definition, Program, RewardRule};

/// The version of a card that was just opened.
pub const FIRST_VERSION: i64 = 1;

/// One customer's progress in one program.
///
/// Its position is canonical: `total` is what all earlier cycles asked for, plus `stamps`; and `stamps` is 0 only on a
/// card that has none at all. A full card stays full until the next stamp begins the next cycle.
#[derive(Clone, Debug, PartialEq)]
pub struct Card {
    /// One id for ever.
    pub card: CardId,
    /// Whose program it is.
    pub business: BusinessId,
    /// Whose card it is.
    pub customer: CustomerId,
    /// Which program it fills.
    pub program: ProgramId,
    /// The version that the running cycle began with.
    pub program_version: i32,
    /// What the running cycle asks for.
    pub stamps_required: i32,
    /// From 1.
    pub cycle: i32,
    /// Stamps of the running cycle.
    pub stamps: i32,
    /// Every stamp ever kept.
    pub total: i64,
    /// Grows by one with each change.
    pub version: i64,
    /// Céntimos that did not yet earn a stamp.
    pub carried_cents: i64,
    /// The generation of the code that is good now.
    pub code_generation: i32,
    /// When it was opened.
    pub opened_at: DateTime<Utc>,
    /// When it last earned a stamp by a visit.
    pub last_earn_at: Option<DateTime<Utc>>,
    /// The last business day it earned on.
    pub earn_day: Option<NaiveDate>,
    /// Stamps earned on that day.
    pub earn_day_stamps: i32,
    /// The scan that it was last stamped by.
    pub visit_scan: Option<ScanId>,
    /// Stamps that this scan has given.
    pub visit_stamps: i32,
    /// Erased or merged away.
    pub closed_at: Option<DateTime<Utc>>,
}

/// A cycle that a card has begun.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cycle {
    /// From 1.
    pub cycle: i32,
    /// The version it began with.
    pub program_version: i32,
    /// What it asks for.
    pub stamps_required: i32,
}

/// A cycle that began with a stamp.
pub type Begun = Cycle;

/// A reward that a stamp reached.
#[derive(Clone, Debug, PartialEq)]
pub struct Reached {
    /// In which cycle.
    pub cycle: i32,
    /// What the program promises there.
    pub rule: RewardRule,
    /// When it ends, by the version of its cycle.
    pub expires_at: Option<DateTime<Utc>>,
}

/// What stamps did to a card.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Added {
    /// Rewards reached, in order.
    pub reached: Vec<Reached>,
    /// Cycles begun, in order.
    pub begun: Vec<Begun>,
    /// The first stamps this card ever kept.
    pub first: bool,
}

/// What a void did to a card.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Voided {
    /// Cycles after this one have not begun after all.
    pub cycle: i32,
    /// Rewards of this cycle above this count are not reached after all.
    pub stamps: i32,
}

impl Voided {
    /// True for a reward that is no longer reached.
    pub fn takes_back(&self, cycle: i32, at: i32) -> bool {
        cycle > self.cycle || (cycle == self.cycle && at > self.stamps)
    }
}

impl Card {
    /// Adds `count` stamps at `now`. The running cycle goes on by its own version; the next ones begin with `current`.
    pub fn add(&mut self, count: i32, running: &Definition, current: &Program, now: DateTime<Utc>) -> Added {
        let mut added = Added { first: self.total == 0 && count > 0, ..Added::default() };
        let (mut definition, mut left) = (running, count);
        while left > 0 {
            if self.stamps == self.stamps_required {
                definition = &current.definition;
                self.cycle += 1;
                self.stamps = 0;
                self.stamps_required = definition.stamps_required;
                self.program_version = current.version;
                added.begun.push(Cycle {
                    cycle: self.cycle,
                    program_version: self.program_version,
                    stamps_required: self.stamps_required,
                });
            }
            let step = left.min(self.stamps_required - self.stamps);
            let reached = definition
                .rewards
                .iter()
                .filter(|rule| (self.stamps + 1..=self.stamps + step).contains(&rule.at));
            added.reached.extend(reached.map(|rule| Reached {
                cycle: self.cycle,
                rule: rule.clone(),
                expires_at: definition.expiry(now),
            }));
            self.stamps += step;
            left -= step;
        }
        self.total += i64::from(count);
        self.version += 1;
        added
    }

    /// Takes `count` stamps away. `cycles` are those the card has begun. `None` if it does not hold that many.
    pub fn void(&mut self, count: i32, cycles: &[Cycle]) -> Option<Voided> {
        let total = self.total - i64::from(count);
        let (now_in, stamps) = position(total, cycles)?;
        self.cycle = now_in.cycle;
        self.program_version = now_in.program_version;
        self.stamps_required = now_in.stamps_required;
        self.stamps = stamps;
        self.total = total;
        self.version += 1;
        Some(Voided { cycle: self.cycle, stamps: self.stamps })
    }

    /// Stamps that a scan has given already.
    pub fn given_by(&self, scan: Option<ScanId>) -> i32 {
        if scan.is_some() && scan == self.visit_scan { self.visit_stamps } else { 0 }
    }

    /// Remembers a visit, for the limits.
    pub fn note_visit(&mut self, count: i32, scan: Option<ScanId>, now: DateTime<Utc>, today: NaiveDate) {
        self.visit_stamps = self.given_by(scan) + count;
        self.visit_scan = scan;
        if self.earn_day == Some(today) {
            self.earn_day_stamps += count;
        } else {
            self.earn_day = Some(today);
            self.earn_day_stamps = count;
        }
        self.last_earn_at = Some(now);
    }

    /// True once no reward of the program is out of reach in the running cycle.
    pub fn is_full(&self) -> bool {
        self.stamps == self.stamps_required
    }
}

/// Where a card with `total` stamps stands: its cycle, and the stamps in it. `None` if the cycles begun cannot hold the
/// total, or the total is negative.
pub fn position(total: i64, cycles: &[Cycle]) -> Option<(Cycle, i32)> {
    let mut left = total;
    for cycle in cycles {
        let required = i64::from(cycle.stamps_required);
        if left <= required {
            return Some((*cycle, i32::try_from(left).ok().filter(|stamps| *stamps >= 0)?));
        }
        left -= required;
    }
    None
}

#[cfg(test)]
pub(crate) mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::domain::{Look, Rules};

    pub(crate) fn program(version: i32, required: i32, counts: &[i32]) -> Program {
        let rewards = counts
            .iter()
            .map(|at| RewardRule { at: *at, title: format!("Premio {at}"), cost: None })
            .collect();
        Program {
            program: ProgramId::generate(),
            business: BusinessId::generate(),
            version,
            active: true,
            created_at: DateTime::UNIX_EPOCH,
            definition: Definition::new("Café", required, rewards, Rules::default(), Look::default())
                .unwrap(),
        }
    }

    pub(crate) fn card(program: &Program) -> Card {
        Card {
            card: CardId::generate(),
            business: program.business,
            customer: CustomerId::generate(),
            program: program.program,
            program_version: program.version,
            stamps_required: program.definition.stamps_required,
            cycle: 1,
            stamps: 0,
            total: 0,
            version: 1,
            carried_cents: 0,
            code_generation: 1,
            opened_at: DateTime::UNIX_EPOCH,
            last_earn_at: None,
            earn_day: None,
            earn_day_stamps: 0,
            visit_scan: None,
            visit_stamps: 0,
            closed_at: None,
        }
    }

    #[test]
    fn the_tenth_stamp_unlocks_and_the_eleventh_begins_anew() {
        let program = program(1, 10, &[10]);
        let mut card = card(&program);
        let added = card.add(10, &program.definition, &program, DateTime::UNIX_EPOCH);
        assert_eq!((card.stamps, card.cycle, added.reached.len()), (10, 1, 1));
        let added = card.add(1, &program.definition, &program, DateTime::UNIX_EPOCH);
        assert_eq!((card.stamps, card.cycle, card.total, added.reached.len()), (1, 2, 11, 0));
    }

    #[test]
    fn what_overshoots_carries_over() {
        let program = program(1, 10, &[10]);
        let mut card = card(&program);
        card.add(9, &program.definition, &program, DateTime::UNIX_EPOCH);
        let added = card.add(3, &program.definition, &program, DateTime::UNIX_EPOCH);
        assert_eq!((card.stamps, card.cycle), (2, 2));
        assert_eq!(added.reached.iter().map(|r| (r.cycle, r.rule.at)).collect::<Vec<_>>(), [(1, 10)]);
    }

    #[test]
    fn a_running_cycle_keeps_the_version_it_began_with() {
        let (old, new) = (program(1, 10, &[10]), program(2, 5, &[5]));
        let mut card = card(&old);
        card.add(6, &old.definition, &old, DateTime::UNIX_EPOCH);
        card.add(5, &old.definition, &new, DateTime::UNIX_EPOCH);
        assert_eq!((card.cycle, card.stamps, card.stamps_required, card.program_version), (2, 1, 5, 2));
    }

    #[derive(Clone, Debug)]
    enum Step {
        Add(i32),
        VoidLast,
    }

    proptest! {
        /// Whatever is added and undone, a card stands where its total says, and the rewards it has are exactly those it
        /// has reached.
        #[test]
        fn a_card_is_always_where_its_ledger_says(
            required in 1..12_i32,
            later in 1..12_i32,
            steps in prop::collection::vec(prop_oneof![(1..25_i32).prop_map(Step::Add), Just(Step::VoidLast)], 0..40),
        ) {
            let (old, new) = (program(1, required, &[required]), program(2, later, &[1, later][usize::from(later == 1)..]));
            let definition = |version| if version == 1 { &old.definition } else { &new.definition };
            let mut card = card(&old);
            let mut cycles = vec![Cycle { cycle: 1, program_version: 1, stamps_required: required }];
            let (mut ledger, mut rewards) = (Vec::new(), Vec::new());
            for step in steps {
                match step {
                    Step::Add(count) => {
                        let added = card.add(count, definition(card.program_version), &new, DateTime::UNIX_EPOCH);
                        cycles.extend(added.begun);
                        rewards.extend(added.reached.iter().map(|r| (r.cycle, r.rule.at)));
                        ledger.push(count);
                    }
                    Step::VoidLast => if let Some(count) = ledger.pop() {
                        let voided = card.void(count, &cycles).unwrap();
                        rewards.retain(|(cycle, at)| !voided.takes_back(*cycle, *at));
                        cycles.retain(|cycle| cycle.cycle <= voided.cycle);
                    }
                }
                prop_assert_eq!(card.total, ledger.iter().map(|c| i64::from(*c)).sum::<i64>());
                prop_assert_eq!(position(card.total, &cycles).map(|(c, s)| (c.cycle, s)), Some((card.cycle, card.stamps)));
                let reached: Vec<_> = cycles.iter().flat_map(|cycle| {
                    let upto = if cycle.cycle < card.cycle { cycle.stamps_required } else { card.stamps };
                    definition(cycle.program_version).rewards.iter().filter(move |r| r.at <= upto).map(move |r| (cycle.cycle, r.at))
                }).collect();
                prop_assert_eq!(&rewards, &reached);
            }
        }
    }
}
