//! What a campaign brought: those written to against those held out.
//!
//! The method (README, "Results"): of each group the share who came back is Beta(1 + came, 1 + did not); the lift is the
//! difference of the two, and its interval is found by integrating one density against the other's distribution. Nothing is
//! drawn by chance, so the same counts always tell the same.

use chrono::{Days, NaiveDate};

/// For so many days a visit counts as a return.
pub const WINDOW_DAYS: u32 = 14;
/// Customers in each group before anything is told.
pub const LEAST_CUSTOMERS: i64 = 20;
/// Points that a density is known at.
const POINTS: usize = 800;
/// How far from its mean a density is followed, in standard deviations.
const REACH: f64 = 9.0;

/// Customers, and how many of them came back.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Group {
    /// All of them.
    pub customers: i64,
    /// Who came within [`WINDOW_DAYS`].
    pub came_back: i64,
}

/// A figure that is not known exactly: its middle and a 95 % credible interval.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Interval {
    /// 2.5 % lie below.
    pub low: f64,
    /// Half lies below.
    pub middle: f64,
    /// 2.5 % lie above.
    pub high: f64,
}

impl Interval {
    /// Every end times `by`.
    #[must_use]
    pub fn times(self, by: f64) -> Self {
        Self { low: self.low * by, middle: self.middle * by, high: self.high * by }
    }
}

/// What can be said.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Verdict {
    /// Too early, or too few.
    Unknown,
    /// More came of those written to.
    Up(Interval),
    /// Fewer came.
    Down(Interval),
    /// No difference can be told.
    None(Interval),
}

impl Verdict {
    /// The word on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Up(_) => "up",
            Self::Down(_) => "down",
            Self::None(_) => "none",
        }
    }

    /// The lift, where it is known.
    pub fn lift(self) -> Option<Interval> {
        match self {
            Self::Unknown => None,
            Self::Up(lift) | Self::Down(lift) | Self::None(lift) => Some(lift),
        }
    }
}

/// The day on which everybody of `planned_day` has had her [`WINDOW_DAYS`].
pub fn known_on(planned_day: NaiveDate) -> NaiveDate {
    planned_day.checked_add_days(Days::new(u64::from(WINDOW_DAYS) + 1)).unwrap_or(planned_day)
}

/// True where both groups are large enough for an answer.
pub fn is_enough(written: Group, holdout: Group) -> bool {
    written.customers >= LEAST_CUSTOMERS && holdout.customers >= LEAST_CUSTOMERS
}

/// Judges groups whose days have passed.
pub fn judge(written: Group, holdout: Group) -> Verdict {
    if !is_enough(written, holdout) {
        return Verdict::Unknown;
    }
    let lift = difference(written, holdout);
    match lift {
        Interval { low, .. } if low > 0.0 => Verdict::Up(lift),
        Interval { high, .. } if high < 0.0 => Verdict::Down(lift),
        _ => Verdict::None(lift),
    }
}

/// How much more likely it is to come back when written to, in parts of one.
fn difference(written: Group, holdout: Group) -> Interval {
    let (theirs, ours) = (Share::of(written), Share::of(holdout));
    let quantile = |part: f64| {
        let (mut low, mut high) = (-1.0, 1.0);
        for _ in 0..48 {
            let middle = (low + high) / 2.0;
            // P(written - holdout <= middle), over every value the holdout's share may have.
            let below: f64 =
                ours.weights().map(|(share, weight)| weight * theirs.below(share + middle)).sum();
            if below < part { low = middle } else { high = middle }
        }
        (low + high) / 2.0
    };
    Interval { low: quantile(0.025), middle: quantile(0.5), high: quantile(0.975) }
}

/// What is known of a share: its distribution at equally spaced points.
struct Share {
    from: f64,
    step: f64,
    /// The weight of each interval between two points.
    weights: Vec<f64>,
    /// The sum of the weights before each point.
    sums: Vec<f64>,
}

impl Share {
    /// Beta(1 + came, 1 + did not).
    fn of(group: Group) -> Self {
        let (came, stayed) = (group.came_back as f64, (group.customers - group.came_back).max(0) as f64);
        let (a, b) = (came + 1.0, stayed + 1.0);
        let mean = a / (a + b);
        let deviation = (mean * (1.0 - mean) / (a + b + 1.0)).sqrt();
        let from = (mean - REACH * deviation).max(0.0);
        let to = (mean + REACH * deviation).min(1.0);
        let step = (to - from) / POINTS as f64;
        // In logarithms and against the largest, so that nothing runs out of range.
        let logs: Vec<f64> = (0..POINTS)
            .map(|at| from + (at as f64 + 0.5) * step)
            .map(|share| came * share.ln() + stayed * (1.0 - share).ln())
            .collect();
        let largest = logs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let heights: Vec<f64> = logs.iter().map(|log| (log - largest).exp()).collect();
        let whole: f64 = heights.iter().sum();
        let weights: Vec<f64> = heights.iter().map(|height| height / whole).collect();
        let mut sums = Vec::with_capacity(POINTS + 1);
        sums.push(0.0);
        for weight in &weights {
            sums.push(sums.last().copied().unwrap_or(0.0) + weight);
        }
        Self { from, step, weights, sums }
    }

    fn weights(&self) -> impl Iterator<Item = (f64, f64)> {
        self.weights
            .iter()
            .enumerate()
            .map(|(at, weight)| (self.from + (at as f64 + 0.5) * self.step, *weight))
    }

    /// P(share <= value).
    fn below(&self, value: f64) -> f64 {
        let place = (value - self.from) / self.step;
        if place <= 0.0 {
            return 0.0;
        }
        let at = place as usize;
        match self.weights.get(at) {
            Some(weight) => self.sums[at] + weight * (place - at as f64),
            None => 1.0,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rand::rngs::StdRng;
    use rand::{Rng, SeedableRng};

    use super::*;

    fn group(customers: i64, came_back: i64) -> Group {
        Group { customers, came_back }
    }

    fn draw(random: &mut StdRng, customers: i64, share: f64) -> Group {
        group(customers, (0..customers).filter(|_| random.random::<f64>() < share).count() as i64)
    }

    #[test]
    fn too_few_are_told_as_unknown() {
        assert_eq!(judge(group(5_000, 900), group(19, 1)), Verdict::Unknown);
        assert_eq!(judge(group(0, 0), group(0, 0)), Verdict::Unknown);
    }

    #[test]
    fn a_clear_effect_is_up_a_harm_is_down_and_a_small_sample_is_neither() {
        assert!(matches!(judge(group(900, 270), group(100, 12)), Verdict::Up(_)));
        assert!(matches!(judge(group(900, 90), group(100, 30)), Verdict::Down(_)));
        assert!(matches!(judge(group(90, 14), group(30, 3)), Verdict::None(_)));
    }

    /// Over campaigns with a known effect the interval holds it as often as it says.
    #[test]
    fn the_interval_holds_the_truth_in_95_of_100_campaigns() {
        let mut random = StdRng::seed_from_u64(14);
        for (customers, base, effect) in
            [(450, 0.12, 0.06), (1_800, 0.2, 0.0), (180, 0.3, 0.15), (9_000, 0.08, 0.02)]
        {
            let campaigns = 600;
            let held = (0..campaigns)
                .filter(|_| {
                    let written = draw(&mut random, customers, base + effect);
                    let holdout = draw(&mut random, customers / 9, base);
                    let lift = judge(written, holdout).lift().unwrap();
                    (lift.low..=lift.high).contains(&effect)
                })
                .count();
            let coverage = held as f64 / f64::from(campaigns);
            assert!((0.925..=0.985).contains(&coverage), "{customers}: {coverage}");
        }
    }

    /// An automation takes the same people up again and again, on the same side each time, and each has a habit of her own:
    /// ten times one person tell less than ten people. Counted once each, the interval holds; counted each time, it would
    /// promise what it does not know.
    #[test]
    fn people_who_are_taken_up_ten_times_count_once() {
        const CAUSES: usize = 10;
        let mut random = StdRng::seed_from_u64(6);
        let (base, effect) = (0.3, 0.1);
        let mut people = |customers: i64, share: f64| {
            let (mut once, mut each_time) = (group(0, 0), group(0, 0));
            for _ in 0..customers {
                // Some hardly ever return, some nearly always.
                let own = if random.random::<f64>() < 0.5 { share * 0.2 } else { share * 1.8 };
                let came: Vec<bool> = (0..CAUSES).map(|_| random.random::<f64>() < own).collect();
                once.customers += 1;
                once.came_back += i64::from(came[0]);
                each_time.customers += CAUSES as i64;
                each_time.came_back += came.iter().filter(|came| **came).count() as i64;
            }
            (once, each_time)
        };
        let campaigns = 600;
        let holds = |written, holdout| {
            let lift = judge(written, holdout).lift().unwrap();
            (lift.low..=lift.high).contains(&effect)
        };
        let (mut once, mut each_time) = (0, 0);
        for _ in 0..campaigns {
            let (written, holdout) = (people(450, base + effect), people(50, base));
            once += i32::from(holds(written.0, holdout.0));
            each_time += i32::from(holds(written.1, holdout.1));
        }
        let coverage = |held: i32| f64::from(held) / f64::from(campaigns);
        assert!((0.925..=0.985).contains(&coverage(once)), "{}", coverage(once));
        assert!(coverage(each_time) < 0.9, "{}", coverage(each_time));
    }

    /// Without an effect, "up" is told no more often than the interval allows.
    #[test]
    fn nothing_is_seldom_taken_for_something() {
        let mut random = StdRng::seed_from_u64(41);
        let ups = (0..600)
            .filter(|_| {
                let (written, holdout) = (draw(&mut random, 900, 0.15), draw(&mut random, 100, 0.15));
                matches!(judge(written, holdout), Verdict::Up(_))
            })
            .count();
        assert!(ups < 30, "{ups} of 600");
    }

    proptest! {
        /// Whatever is counted, the interval is one: ordered, within its bounds, around the observed difference.
        #[test]
        fn the_interval_is_an_interval(written in 20..200_000i64, holdout in 20..50_000i64,
                                       came in 0.0..=1.0f64, came_too in 0.0..=1.0f64) {
            let (w, h) = (group(written, (written as f64 * came) as i64), group(holdout, (holdout as f64 * came_too) as i64));
            let lift = judge(w, h).lift().unwrap();
            let seen = w.came_back as f64 / w.customers as f64 - h.came_back as f64 / h.customers as f64;
            prop_assert!(-1.0 <= lift.low && lift.low <= lift.middle && lift.middle <= lift.high && lift.high <= 1.0);
            prop_assert!((lift.middle - seen).abs() < 0.08, "{lift:?} {seen}");
        }
    }
}
