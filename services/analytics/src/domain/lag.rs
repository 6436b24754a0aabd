//! How far a replica is behind, from how far the primary had come at which moment.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// Moments that are remembered: more than any lag that is told apart.
const MOST: usize = 600;

/// Where the primary stood when, oldest first, as far as the replica is not known to have come there.
#[derive(Debug, Default)]
pub struct Lag {
    ahead: VecDeque<(i64, Instant)>,
}

impl Lag {
    /// The primary has written so far.
    pub fn wrote(&mut self, position: i64, at: Instant) {
        if self.ahead.back().is_none_or(|(last, _)| *last < position) {
            self.ahead.push_back((position, at));
        }
        if self.ahead.len() > MOST {
            self.ahead.pop_front();
        }
    }

    /// The replica shows so far; returns for how long it has been missing something, zero where nothing.
    pub fn shows(&mut self, position: i64, at: Instant) -> Duration {
        while self.ahead.front().is_some_and(|(written, _)| *written <= position) {
            self.ahead.pop_front();
        }
        self.ahead.front().map_or(Duration::ZERO, |(_, since)| at.saturating_duration_since(*since))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn it_is_as_far_behind_as_the_oldest_thing_that_it_misses_is_old() {
        let (begin, second) = (Instant::now(), Duration::from_secs(1));
        let mut lag = Lag::default();
        lag.wrote(10, begin);
        lag.wrote(20, begin + second);
        lag.wrote(20, begin + 2 * second);
        assert_eq!(lag.shows(9, begin + 3 * second), 3 * second);
        assert_eq!(lag.shows(10, begin + 3 * second), 2 * second);
        assert_eq!(lag.shows(20, begin + 9 * second), Duration::ZERO);
    }

    proptest! {
        /// However long nothing comes through, memory stays bounded and the lag is never understated by much.
        #[test]
        fn what_stands_still_is_told(steps in 1..2_000_u64) {
            let begin = Instant::now();
            let mut lag = Lag::default();
            for step in 0..steps {
                lag.wrote(i64::try_from(step).unwrap() + 1, begin + Duration::from_secs(step));
            }
            let told = lag.shows(0, begin + Duration::from_secs(steps));
            prop_assert_eq!(told.as_secs(), steps.min(MOST as u64));
        }
    }
}
