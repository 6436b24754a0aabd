//! Wrong passwords and PINs: how many, and what follows.
//!
//! A try is counted as wrong before it is checked and forgotten when it was right, so that a hundred at once are not
//! a hundred free tries.

use chrono::{DateTime, Duration, Utc};

/// Wrong tries in a row that lock; each further five lock again.
pub const UNTIL_LOCK: i32 = 5;
/// How long a lock holds.
pub const LOCK: Duration = Duration::minutes(15);
/// Wrong PINs in a row that unpair a device.
pub const UNTIL_UNPAIRED: i32 = 10;

/// What has been tried in vain at one account, or on one device.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tries {
    /// Wrong tries since the last right one.
    pub wrong_in_row: i32,
    /// No further try before this moment.
    pub locked_until: Option<DateTime<Utc>>,
}

impl Tries {
    /// The end of a lock that still holds.
    pub fn locked(self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        self.locked_until.filter(|until| *until > now)
    }

    /// One more try, counted as wrong.
    #[must_use]
    pub fn counted(self, now: DateTime<Utc>) -> Self {
        let wrong_in_row = self.wrong_in_row.saturating_add(1);
        let locks = wrong_in_row % UNTIL_LOCK == 0;
        Self { wrong_in_row, locked_until: locks.then(|| now + LOCK) }
    }

    /// True once a device has seen so many wrong PINs that it may be in the wrong hands.
    pub fn unpair(self) -> bool {
        self.wrong_in_row >= UNTIL_UNPAIRED
    }
}

/// The latest end of the locks that hold, if any does.
pub fn locked(all: &[Tries], now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    all.iter().filter_map(|tries| tries.locked(now)).max()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// In whatever rhythm somebody guesses, she never gets more than five tries in fifteen minutes.
        #[test]
        fn five_tries_in_fifteen_minutes_and_no_more(pauses in proptest::collection::vec(0..1_200i64, 1..60)) {
            let (mut tries, mut now, mut made) = (Tries::default(), DateTime::UNIX_EPOCH, Vec::new());
            for pause in pauses {
                now += Duration::seconds(pause);
                if tries.locked(now).is_none() {
                    tries = tries.counted(now);
                    made.push(now);
                }
            }
            for six in made.windows(6) {
                prop_assert!(six[5] - six[0] >= LOCK);
            }
        }
    }

    #[test]
    fn the_tenth_wrong_pin_unpairs() {
        let mut tries = Tries::default();
        for count in 1..=10 {
            tries = tries.counted(DateTime::UNIX_EPOCH);
            assert_eq!(tries.unpair(), count == 10);
        }
    }
}
