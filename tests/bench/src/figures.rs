//! Figures of `make bench`, round by round: in the last each is told as the median of all, with its range, against its target.

use std::collections::BTreeMap;

use crate::chart::number;
use crate::verdict::{Short, Tally, Verdict};

/// What a figure should be.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Wanted {
    /// Its median smaller than this.
    Below(f64),
    /// Its median no smaller than this.
    AtLeast(f64),
    /// In no round more than this.
    NeverAbove(f64),
    /// In no round anything.
    Nothing,
    /// There is no target for it.
    Told,
}

/// What rounds have found of one figure; at least one has.
pub(crate) struct Spread {
    count: usize,
    least: f64,
    /// Of an even number the mean of the two in the middle.
    pub(crate) median: f64,
    most: f64,
}

impl Spread {
    /// Of these, in any order.
    pub(crate) fn of(found: &[f64]) -> Self {
        let mut sorted = found.to_vec();
        sorted.sort_by(f64::total_cmp);
        let at = |place: usize| sorted.get(place).copied().unwrap_or(f64::NAN);
        let last = sorted.len().saturating_sub(1);
        let median = f64::midpoint(at(last / 2), at(last.div_ceil(2)));
        Self { count: sorted.len(), least: at(0), median, most: at(last) }
    }

    /// The median, and the range of all where there are several.
    pub(crate) fn told(&self, unit: &str) -> String {
        let median = format!("{}{unit}", number(self.median));
        if self.count > 1 {
            format!("{median} (median of {}; {} to {})", self.count, number(self.least), number(self.most))
        } else {
            median
        }
    }
}

impl Wanted {
    /// In words, and whether it is so.
    fn judged(self, found: &Spread, unit: &str) -> Option<(String, bool)> {
        Some(match self {
            Self::Below(most) => (format!("< {}{unit}", number(most)), found.median < most),
            Self::AtLeast(least) => (format!("≥ {}{unit}", number(least)), found.median >= least),
            Self::NeverAbove(most) => (format!("never above {}{unit}", number(most)), found.most <= most),
            Self::Nothing => ("none".to_owned(), found.most <= 0.0),
            Self::Told => return None,
        })
    }

    /// What rounds have found beside it; none where there is no target.
    pub(crate) fn verdict(
        self,
        target: &'static str,
        what: String,
        found: &Spread,
        unit: &str,
    ) -> Option<Verdict> {
        let (wanted, passed) = self.judged(found, unit)?;
        Some(Verdict { target, what, measured: found.told(unit), wanted, passed, short: self.short() })
    }

    /// A slow machine has no hand in these.
    fn short(self) -> Short {
        match self {
            Self::NeverAbove(_) | Self::Nothing => Short::Broken,
            Self::Below(_) | Self::AtLeast(_) | Self::Told => Short::Slow,
        }
    }
}

/// All figures of one run of the benchmark.
pub(crate) struct Figures {
    rounds: usize,
    round: usize,
    found: BTreeMap<(&'static str, String), Vec<f64>>,
    tally: Tally,
}

impl Figures {
    /// None yet, of a run of so many rounds; what is short of its target goes to the tally.
    pub(crate) fn of(rounds: usize, tally: Tally) -> Self {
        Self { rounds, round: 0, found: BTreeMap::new(), tally }
    }

    /// A round begins.
    pub(crate) fn begin(&mut self) {
        self.round += 1;
        if self.rounds > 1 {
            println!("--  round {} of {}", self.round, self.rounds);
        }
    }

    /// Prints what this round has found.
    pub(crate) fn tell(
        &mut self,
        target: &'static str,
        what: &str,
        found: &[f64],
        unit: &str,
        wanted: Wanted,
    ) {
        println!("{}", self.line(target, what, found, unit, wanted));
    }

    /// Prints a verdict that is a round's own, and counts it.
    pub(crate) fn judge(&mut self, verdict: &Verdict) {
        println!("{}", verdict.line());
        self.tally.count(verdict);
    }

    /// What was short.
    pub(crate) fn tally(&self) -> &Tally {
        &self.tally
    }

    /// Where more rounds come, what this one has found; in the last, what all have.
    fn line(
        &mut self,
        target: &'static str,
        what: &str,
        found: &[f64],
        unit: &str,
        wanted: Wanted,
    ) -> String {
        let all = self.found.entry((target, what.to_owned())).or_default();
        all.extend(found);
        let is_last = self.round >= self.rounds;
        let found = Spread::of(if is_last { all.as_slice() } else { found });
        match wanted.verdict(target, what.to_owned(), &found, unit).filter(|_| is_last) {
            Some(verdict) => {
                self.tally.count(&verdict);
                verdict.line()
            }
            None => plain(target, &format!("{what}: {}", found.told(unit))),
        }
    }
}

/// A line beside those that are judged.
pub(crate) fn plain(target: &str, text: &str) -> String {
    format!("{target}        {text}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(rounds: &[f64], wanted: Wanted) -> Vec<String> {
        let mut figures = Figures::of(rounds.len(), Tally::default());
        let line = |found: &f64| {
            figures.round += 1;
            figures.line("T7", "at rest", &[*found], " MB", wanted)
        };
        rounds.iter().map(line).collect()
    }

    #[test]
    fn one_round_is_told_as_it_is() {
        assert_eq!(told(&[77.0], Wanted::Below(120.0)), ["T7  pass  at rest: 77 MB (target < 120 MB)"]);
        assert_eq!(told(&[120.0], Wanted::Below(120.0)), ["T7  short at rest: 120 MB (target < 120 MB)"]);
        assert_eq!(told(&[1.0], Wanted::AtLeast(1.0)), ["T7  pass  at rest: 1 MB (target ≥ 1 MB)"]);
        assert_eq!(told(&[77.0], Wanted::Told), ["T7        at rest: 77 MB"]);
    }

    #[test]
    fn the_last_round_tells_the_median_of_all_with_its_range() {
        let lines = told(&[90.0, 70.0, 300.0, 80.0, 75.0], Wanted::Below(100.0));
        assert_eq!(lines[2], "T7        at rest: 300 MB");
        assert_eq!(lines[4], "T7  pass  at rest: 80 MB (median of 5; 70 to 300) (target < 100 MB)");
        let even = Spread::of(&[1.0, 4.0, 2.0, 3.0]);
        assert!((even.median - 2.5).abs() < 1e-9, "{}", even.median);
    }

    #[test]
    fn an_error_in_any_round_is_one_too_many() {
        let last = |rounds: &[f64], wanted| told(rounds, wanted).pop().unwrap();
        assert!(last(&[0.0, 0.0, 1.0], Wanted::Nothing).contains("short"));
        assert!(last(&[0.0, 0.0, 0.0], Wanted::Nothing).contains("pass"));
        assert!(last(&[80.0, 79.0, 81.0], Wanted::NeverAbove(80.0)).contains("short"));
        assert!(last(&[80.0, 79.0, 80.0], Wanted::NeverAbove(80.0)).contains("pass"));
    }

    #[test]
    fn what_was_broken_fails_the_run_and_what_was_slow_does_not() {
        let has_failed = |found: f64, wanted| {
            let mut figures = Figures::of(1, Tally::default());
            figures.begin();
            figures.line("T2", "of it", &[found], "", wanted);
            figures.tally().has_failed()
        };
        assert!(has_failed(1.0, Wanted::Nothing) && has_failed(81.0, Wanted::NeverAbove(80.0)));
        assert!(!has_failed(0.0, Wanted::Nothing) && !has_failed(80.0, Wanted::NeverAbove(80.0)));
        assert!(!has_failed(51.0, Wanted::Below(50.0)) && !has_failed(0.9, Wanted::AtLeast(1.0)));
    }

    #[test]
    fn what_one_round_measured_often_is_a_median_too() {
        let mut figures = Figures::of(1, Tally::default());
        figures.begin();
        let line = figures.line("T5", "planned", &[2.5, 2.0, 4.0], " s", Wanted::Below(3.0));
        assert_eq!(line, "T5  pass  planned: 2.5 s (median of 3; 2 to 4) (target < 3 s)");
    }
}
