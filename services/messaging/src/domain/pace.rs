//! The pace of a sender: evenly spaced moments, each given to one message, whoever hands it over (GCRA, on the database's
//! clock).
//!
//! The spacing is a little wider than the rate, so that a call may be a little late without a second ever holding one too
//! many. A call that is later than that moves what comes a second after it ([`free_after`]).

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

/// The share of the rate that is given away, in ten thousandths.
const USED: i64 = 9_930;
/// A moment is never nearer than this: the transaction that takes it must commit first.
const LEAD: TimeDelta = TimeDelta::milliseconds(50);
/// How far ahead moments are given away. With one chunk on top it stays below a second, so that a late call
/// always reaches what stands a second after it.
pub const HORIZON: TimeDelta = TimeDelta::milliseconds(450);
/// How late a call may be before anything follows from it.
pub const TOLERANCE: Duration = Duration::from_millis(3);
/// What a call may take longer on its way than another.
const ON_THE_WAY: TimeDelta = TimeDelta::milliseconds(3);

/// Moments for some messages of one sender.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Grant {
    first: DateTime<Utc>,
    per_second: i64,
}

impl Grant {
    /// The moment of the `index`th call.
    pub fn slot(&self, index: usize) -> DateTime<Utc> {
        self.first + spacing(self.per_second, i64::try_from(index).unwrap_or(i64::MAX))
    }
}

/// So many spacings, to the microsecond the database keeps, rounded up.
fn spacing(per_second: i64, count: i64) -> TimeDelta {
    let nanos = 10_000_000_000_000_i64 / (per_second.max(1) * USED);
    TimeDelta::microseconds(
        nanos.saturating_mul(count).div_euclid(1_000) + i64::from(nanos.saturating_mul(count) % 1_000 > 0),
    )
}

/// Gives `count` moments away, where `free_at` is the first that is not given away yet; and what is free then.
pub fn grant(
    free_at: DateTime<Utc>,
    now: DateTime<Utc>,
    per_second: i32,
    count: usize,
) -> (Grant, DateTime<Utc>) {
    let grant = Grant { first: free_at.max(now + LEAD), per_second: i64::from(per_second) };
    (grant, grant.slot(count))
}

/// Messages of one chunk: a fifth of a second.
pub fn chunk(per_second: i32) -> usize {
    usize::try_from(per_second / 5).unwrap_or(0).max(1)
}

/// How long to wait until moments may be given away again; none where they may be now.
pub fn wait(free_at: DateTime<Utc>, now: DateTime<Utc>) -> Option<Duration> {
    (free_at - now - HORIZON).to_std().ok().filter(|wait| !wait.is_zero())
}

/// The earliest that the next moment may be after a call that was made at `called_at`, `given_since` moments having been
/// given away after its own: what stands as many moments after a call as the rate must stand a second after it. `None` where
/// that moment is given away already.
pub fn free_after(called_at: DateTime<Utc>, per_second: i32, given_since: i64) -> Option<DateTime<Utc>> {
    let per_second = i64::from(per_second);
    let between = per_second - given_since - 1;
    (between >= 0).then(|| called_at + TimeDelta::seconds(1) + ON_THE_WAY - spacing(per_second, between))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const SECOND: TimeDelta = TimeDelta::seconds(1);

    fn start() -> DateTime<Utc> {
        "2026-11-27T15:00:00Z".parse().unwrap()
    }

    /// What chunks of these sizes, asked for after these pauses (in milliseconds), are given.
    fn calls(per_second: i32, chunks: &[(usize, i64)]) -> Vec<DateTime<Utc>> {
        let (mut now, mut free_at, mut calls) = (start(), start() - SECOND, Vec::new());
        for (count, pause) in chunks {
            now += TimeDelta::milliseconds(*pause);
            let (grant, free) = grant(free_at, now, per_second, *count);
            calls.extend((0..*count).map(|index| grant.slot(index)));
            free_at = free;
        }
        calls
    }

    proptest! {
        /// However many replicas ask for however much, no second holds more calls than the rate, even if each call is late
        /// by as much as is tolerated.
        #[test]
        fn no_second_holds_too_many(fast in any::<bool>(),
                                    chunks in prop::collection::vec((1..90_usize, 0..400_i64), 1..40),
                                    late in prop::collection::vec(0..4_000_i64, 16)) {
            let per_second = if fast { 400 } else { 80 };
            let mut calls = calls(per_second, &chunks);
            for (at, call) in calls.iter_mut().enumerate() {
                *call += TimeDelta::microseconds(late[at % late.len()]);
            }
            let most = usize::try_from(per_second).unwrap();
            for pair in calls.windows(most + 1) {
                prop_assert!(pair[most] - pair[0] >= SECOND);
            }
        }
    }

    #[test]
    fn with_work_at_hand_ninety_nine_percent_of_the_rate_are_used() {
        for per_second in [80, 400] {
            let calls = calls(per_second, &[(chunk(per_second), 0); 150]);
            let took = (*calls.last().unwrap() - calls[0]).as_seconds_f64();
            let rate = (calls.len() - 1) as f64 / took;
            assert!(rate >= 0.99 * f64::from(per_second) && rate <= f64::from(per_second), "{rate}");
        }
    }

    #[test]
    fn a_late_call_reaches_what_stands_a_second_after_it() {
        for per_second in [80, 400] {
            let ahead =
                HORIZON + spacing(per_second.into(), i64::try_from(chunk(per_second)).unwrap()) + LEAD;
            assert!(ahead < SECOND, "{ahead}");
        }
    }

    proptest! {
        /// Calls that stand still and then come all at once: whoever was late moves what is given away after it, and no
        /// second holds too many, on the way either.
        #[test]
        fn a_stall_is_made_up_for(fast in any::<bool>(), stalls in prop::collection::vec((0..1_500_i64, 0..90_i64), 0..6)) {
            let per_second = if fast { 400 } else { 80 };
            // Until when calls stand still, in milliseconds since the start.
            let held = |slot: DateTime<Utc>| {
                let stall = stalls.iter().find(|(from, length)| {
                    let begin = start() + TimeDelta::milliseconds(*from);
                    slot >= begin && slot < begin + TimeDelta::milliseconds(*length)
                });
                stall.map_or(slot, |(from, length)| start() + TimeDelta::milliseconds(from + length))
            };
            let (mut free_at, mut slots, mut calls) = (start(), Vec::new(), Vec::new());
            for _ in 0..15 {
                // What was called until this chunk is given away is known by then.
                let now = free_at - HORIZON;
                for (index, slot) in slots.iter().enumerate() {
                    let called = held(*slot);
                    if called <= now {
                        let since = i64::try_from(slots.len() - index - 1).unwrap();
                        free_at = free_after(called, per_second, since).map_or(free_at, |least| free_at.max(least));
                    }
                }
                let (grant, free) = grant(free_at, now, per_second, chunk(per_second));
                slots.extend((0..chunk(per_second)).map(|index| grant.slot(index)));
                free_at = free;
            }
            calls.extend(slots.iter().map(|slot| held(*slot)));
            calls.sort_unstable();
            let most = usize::try_from(per_second).unwrap();
            for pair in calls.windows(most + 1) {
                prop_assert!(pair[most] - pair[0] >= SECOND, "{:?}", pair[most] - pair[0]);
            }
        }
    }

    #[test]
    fn moments_are_not_given_away_too_far_ahead() {
        assert_eq!(wait(start() + HORIZON, start()), None);
        assert_eq!(wait(start() + HORIZON + SECOND, start()), Some(Duration::from_secs(1)));
    }
}
