//! When what failed is tried again, and when a person must look.

use std::time::Duration;

/// Tries before a push is given up: an hour and a half, with the pauses below.
pub const MOST_ATTEMPTS: i32 = 10;
const FIRST_PAUSE: Duration = Duration::from_secs(2);
const LONGEST_PAUSE: Duration = Duration::from_secs(15 * 60);

/// The pause after so many failed tries, doubled each time and spread by `chance` (0 to 1), so that what failed together
/// does not come back together.
pub fn pause(attempts: i32, chance: f64) -> Duration {
    let doublings = u32::try_from(attempts.clamp(1, 16) - 1).unwrap_or(0);
    let full = FIRST_PAUSE.saturating_mul(1 << doublings).min(LONGEST_PAUSE);
    full.mul_f64(0.5 + chance.clamp(0.0, 1.0) / 2.0)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// A pause is never none, never longer than a quarter of an hour, and grows on the whole.
        #[test]
        fn pauses_grow_and_are_bounded(attempts in -5..200_i32, chance in 0.0..1.0_f64) {
            let pause = pause(attempts, chance);
            prop_assert!(pause >= FIRST_PAUSE / 2 && pause <= LONGEST_PAUSE);
            prop_assert!(super::pause(attempts.saturating_add(2), 0.0) >= pause / 2);
        }
    }

    #[test]
    fn a_person_is_asked_after_more_than_half_an_hour() {
        let all: Duration = (1..MOST_ATTEMPTS).map(|attempts| pause(attempts, 0.0)).sum();
        assert!(all > Duration::from_secs(8 * 60) && all < Duration::from_secs(3_600), "{all:?}");
    }
}
