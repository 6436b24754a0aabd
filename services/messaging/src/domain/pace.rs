//! The pace of a sender: as many places as its rate, each taken by one call and free again a second after it (a sliding
//! window's log, on the database's clock).
//!
//! No second holds more calls than there are places, however unevenly they come. A call is given its moment ahead; one that
//! is made later keeps its own place longer and nobody else's, so that many small delays cost what they are on average.

use std::collections::VecDeque;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

const SECOND: TimeDelta = TimeDelta::seconds(1);
/// A moment is never nearer than this: the transaction that takes it must commit first.
const LEAD: TimeDelta = TimeDelta::milliseconds(50);
/// How far ahead moments are given away. With one chunk on top it stays below a second, so that a late call is told before
/// its place is taken again.
pub const HORIZON: TimeDelta = TimeDelta::milliseconds(450);
/// How late a call may be before anything follows from it.
pub const TOLERANCE: Duration = Duration::from_millis(3);
/// What replicas may differ in what they take for the database's clock.
const CLOCKS_APART: TimeDelta = TimeDelta::milliseconds(2);

/// The places of one sender.
#[derive(Clone, Debug)]
pub struct Places {
    most: usize,
    /// Until when each is taken, the soonest first; those that are not here are free.
    taken_until: VecDeque<DateTime<Utc>>,
}

impl Places {
    /// As many places as messages a second, of which these are taken.
    pub fn new(per_second: i32, taken_until: Vec<DateTime<Utc>>) -> Self {
        let most = usize::try_from(per_second).unwrap_or(0).max(1);
        let mut places = Self { most, taken_until: taken_until.into() };
        places.taken_until.make_contiguous().sort_unstable();
        // A rate that was lowered keeps those that are taken longest.
        places.taken_until.drain(..places.taken_until.len().saturating_sub(most));
        places
    }

    /// When the next call may be.
    pub fn next(&self, now: DateTime<Utc>) -> DateTime<Utc> {
        self.clone().take(now, 1).first().copied().unwrap_or(now)
    }

    /// Takes places for some calls; the moment of each.
    pub fn take(&mut self, now: DateTime<Utc>, count: usize) -> Vec<DateTime<Utc>> {
        let soonest = now + LEAD;
        let mut last = self.taken_until.back().map(|until| *until - self.kept());
        while self.taken_until.front().is_some_and(|until| *until <= soonest) {
            self.taken_until.pop_front();
        }
        let moments = (0..count).map(|_| {
            // After a pause calls begin evenly. What a late call has moved may come twice as close, or its delay would be
            // handed on to all that follow.
            let (free_at, apart) = if self.taken_until.len() < self.most {
                (soonest, self.spacing())
            } else {
                (self.taken_until.pop_front().unwrap_or(soonest), self.spacing() / 2)
            };
            let moment = last.map_or(free_at, |last| free_at.max(last + apart));
            last = Some(moment);
            self.taken_until.push_back(moment + self.kept());
            moment
        });
        moments.collect()
    }

    /// A call was made later than at its moment, so its place is free later. Nothing follows where the place was taken again
    /// already.
    pub fn called(&mut self, moment: DateTime<Utc>, called_at: DateTime<Utc>) {
        let until = moment + self.kept();
        if let Some(place) = self.taken_until.iter_mut().find(|place| **place == until) {
            *place = called_at + SECOND + CLOCKS_APART;
            self.taken_until.make_contiguous().sort_unstable();
        }
    }

    /// Until when each place is taken.
    pub fn into_taken(self) -> Vec<DateTime<Utc>> {
        self.taken_until.into()
    }

    /// How long a call keeps its place, if it is no later than what nothing follows from.
    fn kept(&self) -> TimeDelta {
        SECOND + CLOCKS_APART + TimeDelta::from_std(TOLERANCE).unwrap_or_default()
    }

    /// Between two calls that are spread over the second, to the microsecond that the database keeps.
    fn spacing(&self) -> TimeDelta {
        TimeDelta::microseconds(1_000_000_i64.div_euclid(i64::try_from(self.most).unwrap_or(i64::MAX)))
    }
}

/// Messages of one chunk: a fifth of a second.
pub fn chunk(per_second: i32) -> usize {
    usize::try_from(per_second / 5).unwrap_or(0).max(1)
}

/// How long to wait until moments may be given away again, the next of which is this; none where they may be now.
pub fn wait(next: DateTime<Utc>, now: DateTime<Utc>) -> Option<Duration> {
    (next - now - HORIZON).to_std().ok().filter(|wait| !wait.is_zero())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const RATES: [i32; 2] = [80, 400];

    fn start() -> DateTime<Utc> {
        "2026-11-27T15:00:00Z".parse().unwrap()
    }

    /// When calls are made, where a call is made at `made(its moment)` and a chunk is given away `behind` after it could be.
    fn calls(
        per_second: i32,
        chunks: impl IntoIterator<Item = (usize, TimeDelta)>,
        made: impl Fn(DateTime<Utc>) -> DateTime<Utc>,
    ) -> Vec<DateTime<Utc>> {
        let (mut now, mut taken, mut calls) = (start(), Vec::new(), Vec::new());
        let mut untold: Vec<(DateTime<Utc>, DateTime<Utc>)> = Vec::new();
        for (count, behind) in chunks {
            // As it goes through the database each time.
            let mut places = Places::new(per_second, taken);
            now += TimeDelta::from_std(wait(places.next(now), now).unwrap_or_default()).unwrap() + behind;
            // What was called until now is known.
            untold.retain(|(moment, called_at)| {
                if *called_at <= now && *called_at - *moment > TimeDelta::from_std(TOLERANCE).unwrap() {
                    places.called(*moment, *called_at);
                }
                *called_at > now
            });
            for moment in places.take(now, count) {
                let called_at = made(moment);
                calls.push(called_at);
                untold.push((moment, called_at));
            }
            taken = places.into_taken();
            assert!(taken.len() <= usize::try_from(per_second).unwrap());
        }
        calls.sort_unstable();
        calls
    }

    fn least_window(calls: &[DateTime<Utc>], per_second: i32) -> TimeDelta {
        let most = usize::try_from(per_second).unwrap();
        calls.windows(most + 1).map(|pair| pair[most] - pair[0]).min().unwrap_or(TimeDelta::MAX)
    }

    fn rate(calls: &[DateTime<Utc>]) -> f64 {
        (calls.len() - 1) as f64 / (*calls.last().unwrap() - calls[0]).as_seconds_f64()
    }

    /// What everything that stands still holds back, until it goes on; in milliseconds since the start.
    fn held(moment: DateTime<Utc>, stalls: &[(i64, i64)]) -> DateTime<Utc> {
        stalls.iter().fold(moment, |moment, (from, length)| {
            let begin = start() + TimeDelta::milliseconds(*from);
            let end = begin + TimeDelta::milliseconds(*length);
            if moment >= begin && moment < end { end } else { moment }
        })
    }

    proptest! {
        /// However many replicas ask for however much, no second holds more calls than the rate, even if each call is late
        /// by as much as nothing follows from.
        #[test]
        fn no_second_holds_too_many(rate in prop::sample::select(&RATES[..]),
                                    chunks in prop::collection::vec((1..90_usize, 0..400_i64), 1..40),
                                    late in prop::collection::vec(0..=3_000_i64, 16)) {
            let chunks = chunks.into_iter().map(|(count, behind)| (count, TimeDelta::milliseconds(behind)));
            let late_by = |moment: DateTime<Utc>| {
                let at = usize::try_from(moment.timestamp_micros()).unwrap() % late.len();
                moment + TimeDelta::microseconds(late[at])
            };
            prop_assert!(least_window(&calls(rate, chunks, late_by), rate) >= SECOND);
        }

        /// Calls that stand still and then come all at once: no second holds too many.
        #[test]
        fn a_stall_is_made_up_for(rate in prop::sample::select(&RATES[..]),
                                  stalls in prop::collection::vec((0..2_500_i64, 0..100_i64), 0..8)) {
            let chunks = (0..20).map(|_| (chunk(rate), TimeDelta::zero()));
            prop_assert!(least_window(&calls(rate, chunks, |moment| held(moment, &stalls)), rate) >= SECOND);
        }
    }

    #[test]
    fn with_work_at_hand_ninety_nine_percent_of_the_rate_are_used() {
        for per_second in RATES {
            let calls = calls(per_second, (0..150).map(|_| (chunk(per_second), TimeDelta::zero())), |at| at);
            let rate = rate(&calls) / f64::from(per_second);
            assert!((0.99..=1.0).contains(&rate), "{rate}");
        }
    }

    #[test]
    fn many_small_stalls_cost_what_they_are_on_average() {
        // Six in a hundred of all moments, for 12 ms each: 0.4 ms on average.
        let stalls: Vec<(i64, i64)> = (0..200).map(|at| (at * 197, 12)).collect();
        for per_second in RATES {
            let chunks = (0..150).map(|_| (chunk(per_second), TimeDelta::zero()));
            let rate = rate(&calls(per_second, chunks, |at| held(at, &stalls))) / f64::from(per_second);
            assert!((0.99..=1.0).contains(&rate), "{rate}");
        }
    }

    #[test]
    fn after_a_pause_calls_are_spread_over_the_second() {
        for per_second in RATES {
            let mut places = Places::new(per_second, Vec::new());
            let count = usize::try_from(per_second).unwrap();
            let moments = places.take(start(), count);
            assert_eq!(moments[0], start() + LEAD);
            assert!(moments.windows(2).all(|pair| pair[1] - pair[0] == places.spacing()));
            // Nobody was there for a while.
            let later = start() + TimeDelta::seconds(60);
            assert_eq!(places.take(later, 1), [later + LEAD]);
            assert_eq!(places.into_taken().len(), 1);
        }
    }

    #[test]
    fn a_lowered_rate_holds_at_once() {
        let mut places = Places::new(400, Vec::new());
        let before = places.take(start(), 400);
        let moments = Places::new(80, places.into_taken()).take(start(), 81);
        assert!(moments[0] - before[320] >= SECOND);
        assert!(moments[80] - moments[0] >= SECOND);
    }

    #[test]
    fn a_late_call_is_told_before_its_place_is_taken_again() {
        for per_second in RATES {
            let mut places = Places::new(per_second, Vec::new());
            let chunk = places.take(start(), chunk(per_second));
            let ahead = HORIZON + (*chunk.last().unwrap() - start());
            assert!(ahead < SECOND, "{ahead}");
        }
    }

    #[test]
    fn moments_are_not_given_away_too_far_ahead() {
        assert_eq!(wait(start() + HORIZON, start()), None);
        assert_eq!(wait(start() + HORIZON + SECOND, start()), Some(Duration::from_secs(1)));
    }
}
