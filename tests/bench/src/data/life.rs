//! What one customer of a year did: when she came, and what her card says after it.

use chrono::{DateTime, Duration, Timelike, Utc};
use rand::Rng;
use rand::rngs::StdRng;

/// Stamps that a card asks for.
pub(super) const REQUIRED: usize = 10;
/// Lima's midnight, in UTC.
const MIDNIGHT: i64 = 5;
/// When shops open, and for how long.
const OPENS: i64 = 8;
const OPEN_HOURS: i64 = 12;
/// Days of the year that is told.
const DAYS: i64 = 365;

/// The last moment of the year that is told: yesterday's last second in Lima, so that today begins empty.
pub(super) fn year_end(now: DateTime<Utc>) -> DateTime<Utc> {
    let today = (now - Duration::hours(MIDNIGHT)).date_naive();
    today.and_time(chrono::NaiveTime::MIN).and_utc() + Duration::hours(MIDNIGHT) - Duration::seconds(1)
}

/// The first moment of it.
pub(super) fn year_begin(end: DateTime<Utc>) -> DateTime<Utc> {
    end + Duration::seconds(1) - Duration::days(DAYS)
}

/// A customer's year.
#[derive(Debug)]
pub(super) struct Life {
    /// When she joined.
    pub(super) joined: DateTime<Utc>,
    /// When she came, in order; each time is a stamp.
    pub(super) visits: Vec<DateTime<Utc>>,
}

/// A reward that a life led to.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Won {
    /// The cycle that it ends.
    pub(super) cycle: usize,
    /// When the card was full.
    pub(super) unlocked: DateTime<Utc>,
    /// When it was handed over, if it was.
    pub(super) redeemed: Option<DateTime<Utc>>,
}

impl Life {
    /// A life of someone who comes about so often a year, or who joined and never came.
    pub(super) fn draw(dice: &mut StdRng, end: DateTime<Utc>, active: f64, visits: f64) -> Self {
        let begin = year_begin(end);
        if !dice.random_bool(active) {
            return Self { joined: moment(dice, begin, 0..DAYS), visits: Vec::new() };
        }
        // From half as often to half as often again.
        let count = (visits * dice.random_range(0.5..1.5)).round() as usize;
        let joined = moment(dice, begin, 0..30);
        let first_day = (joined - begin).num_days() + 1;
        let mut visits: Vec<_> = (0..count).map(|_| moment(dice, begin, first_day..DAYS)).collect();
        visits.sort_unstable();
        Self { joined, visits }
    }

    /// The rewards of it; so many of a hundred are handed over at the visit after.
    pub(super) fn won(&self, dice: &mut StdRng, redeemed: f64) -> Vec<Won> {
        let ends = self.visits.iter().enumerate().skip(REQUIRED - 1).step_by(REQUIRED);
        ends.map(|(at, unlocked)| Won {
            cycle: at / REQUIRED + 1,
            unlocked: *unlocked,
            redeemed: self.visits.get(at + 1).copied().filter(|_| dice.random_bool(redeemed)),
        })
        .collect()
    }

    /// Where the card stands: its cycle, and the stamps in it. A full card stays full until the next stamp.
    pub(super) fn stands(&self) -> (usize, usize) {
        let total = self.visits.len();
        let cycle = cycle_of(total.max(1));
        (cycle, total - (cycle - 1) * REQUIRED)
    }
}

/// The cycle in which the stamp of this number falls; the first stamp is 1.
pub(super) fn cycle_of(stamp: usize) -> usize {
    (stamp - 1) / REQUIRED + 1
}

/// A moment of opening hours on one of these days.
fn moment(dice: &mut StdRng, begin: DateTime<Utc>, days: std::ops::Range<i64>) -> DateTime<Utc> {
    let day = dice.random_range(days);
    let millis = dice.random_range(0..OPEN_HOURS * 3_600_000);
    let at = begin + Duration::days(day) + Duration::hours(OPENS) + Duration::milliseconds(millis);
    at.with_nanosecond(at.nanosecond() / 1_000_000 * 1_000_000).unwrap_or(at)
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;

    use super::*;

    fn now() -> DateTime<Utc> {
        "2026-11-27T03:00:00Z".parse().unwrap()
    }

    #[test]
    fn the_year_ends_before_today_in_lima() {
        assert_eq!(year_end(now()).to_rfc3339(), "2026-11-26T04:59:59+00:00");
        assert_eq!(year_begin(year_end(now())).to_rfc3339(), "2025-11-26T05:00:00+00:00");
    }

    #[test]
    fn visits_come_in_order_after_joining_and_within_the_year() {
        let mut dice = StdRng::seed_from_u64(1);
        for _ in 0..500 {
            let life = Life::draw(&mut dice, year_end(now()), 0.5, 36.0);
            let all: Vec<_> = std::iter::once(life.joined).chain(life.visits.iter().copied()).collect();
            assert!(
                all.is_sorted()
                    && all.iter().all(|at| (year_begin(year_end(now()))..year_end(now())).contains(at))
            );
        }
    }

    #[test]
    fn a_card_stands_where_its_stamps_put_it_and_each_full_cycle_won_a_reward() {
        let mut dice = StdRng::seed_from_u64(2);
        for count in 0..45 {
            let visits = (0..count).map(|n| now() + Duration::days(n)).collect();
            let life = Life { joined: now(), visits };
            let (cycle, stamps) = life.stands();
            assert_eq!((cycle - 1) * REQUIRED + stamps, count as usize);
            assert!(stamps <= REQUIRED && (stamps > 0 || count == 0));
            let won = life.won(&mut dice, 0.5);
            assert_eq!(won.len(), count as usize / REQUIRED);
            assert!(won.iter().enumerate().all(|(at, one)| one.cycle == at + 1));
            assert!(won.iter().all(|one| one.redeemed.is_none_or(|at| at > one.unlocked)));
        }
    }
}
