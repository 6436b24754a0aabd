//! Refresh tokens: each is used once, and what its second use means.

use chrono::{DateTime, Duration, Utc};

/// How long a sign-in by password lasts without being used.
pub const PASSWORD_LIFE: Duration = Duration::days(30);
/// How long a sign-in by PIN lasts, used or not: a long shift.
pub const PIN_LIFE: Duration = Duration::hours(12);
/// How long a client whose answer was lost may ask again.
pub const RETRY: Duration = Duration::seconds(60);

/// What is known of the token that was shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shown {
    /// When it was used before, if it was.
    pub used_at: Option<DateTime<Utc>>,
    /// Whether the token that followed it has itself been used.
    pub successor_used: bool,
}

/// What to do about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rotation {
    /// Its first use: hand out its successor.
    Next,
    /// The same client asks again because the answer was lost: hand out the same successor.
    Repeat,
    /// Two bear the same token, and one of them stole it: end the whole sign-in.
    Revoke,
}

/// Decides. A used token is good again only while its successor is unused and a retry is plausible.
pub fn rotate(shown: Shown, now: DateTime<Utc>) -> Rotation {
    match shown.used_at {
        None => Rotation::Next,
        Some(at) if !shown.successor_used && now - at <= RETRY => Rotation::Repeat,
        Some(_) => Rotation::Revoke,
    }
}

/// When a sign-in ends after a use at `now`: by password the time begins anew, by PIN it does not.
pub fn prolonged(by_pin: bool, expires_at: DateTime<Utc>, now: DateTime<Utc>) -> DateTime<Utc> {
    if by_pin { expires_at } else { now + PASSWORD_LIFE }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// One family of tokens in memory: `used[i]` is when the i-th was used; the last is never used.
    #[derive(Default)]
    struct Family {
        used: Vec<DateTime<Utc>>,
        revoked: bool,
    }

    impl Family {
        /// Shows the token of this generation; the generation handed out, if any.
        fn show(&mut self, generation: usize, now: DateTime<Utc>) -> Option<usize> {
            let used_at = self.used.get(generation).copied();
            let shown = Shown { used_at, successor_used: self.used.len() > generation + 1 };
            match rotate(shown, now) {
                _ if self.revoked => None,
                Rotation::Next => {
                    self.used.push(now);
                    Some(generation + 1)
                }
                Rotation::Repeat => Some(generation + 1),
                Rotation::Revoke => {
                    self.revoked = true;
                    None
                }
            }
        }
    }

    proptest! {
        /// However a client loses answers and asks again within a minute, it is never signed out.
        #[test]
        fn a_client_that_retries_stays_signed_in(lost in proptest::collection::vec(0..5usize, 1..30)) {
            let (mut family, mut held, mut now) = (Family::default(), 0, DateTime::UNIX_EPOCH);
            for losses in lost {
                for _ in 0..losses {
                    prop_assert!(family.show(held, now).is_some());
                    now += Duration::seconds(11);
                }
                held = family.show(held, now).unwrap();
                now += Duration::hours(1);
            }
        }

        /// Whoever shows a token after its successor was used ends the sign-in for everybody.
        #[test]
        fn a_stolen_token_ends_the_sign_in(uses in 2..20usize, stolen in 0..18usize, seconds in 0..120i64) {
            prop_assume!(stolen + 2 <= uses);
            let (mut family, now) = (Family::default(), DateTime::UNIX_EPOCH);
            for generation in 0..uses {
                prop_assert_eq!(family.show(generation, now), Some(generation + 1));
            }
            prop_assert_eq!(family.show(stolen, now + Duration::seconds(seconds)), None);
            prop_assert_eq!(family.show(uses, now), None);
        }
    }

    #[test]
    fn a_retry_after_a_minute_is_a_theft() {
        let used_at = DateTime::UNIX_EPOCH;
        let shown = Shown { used_at: Some(used_at), successor_used: false };
        assert_eq!(rotate(shown, used_at + RETRY), Rotation::Repeat);
        assert_eq!(rotate(shown, used_at + RETRY + Duration::milliseconds(1)), Rotation::Revoke);
    }
}
