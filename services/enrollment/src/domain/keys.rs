//! Which of the overlapping signing keys signs, and when keys come and go.

use chrono::{DateTime, Duration, Utc};

/// How long a key signs before the next is made.
pub const LIFE: Duration = Duration::days(90);
/// How long a new key is only shown before it signs, so that every replica has seen it.
pub const SHOWN_FIRST: Duration = Duration::minutes(10);
/// How long a key is still shown after its successor signs: longer than any token lives.
pub const SHOWN_AFTER: Duration = Duration::days(1);

/// The place of the key that signs now, of keys in the order they were made; `None` of none.
pub fn signer(made_at: &[DateTime<Utc>], now: DateTime<Utc>) -> Option<usize> {
    let known_to_all = made_at.iter().rposition(|made| *made + SHOWN_FIRST <= now);
    known_to_all.or(if made_at.is_empty() { None } else { Some(0) })
}

/// True when it is time to make a key.
pub fn next_is_due(made_at: &[DateTime<Utc>], now: DateTime<Utc>) -> bool {
    made_at.last().is_none_or(|newest| *newest + LIFE <= now)
}

/// Keys made before this moment may go: no token of theirs can still live.
pub fn gone_before(made_at: &[DateTime<Utc>], now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let newest = made_at.last()?;
    (*newest + SHOWN_FIRST + SHOWN_AFTER <= now).then_some(*newest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_key_signs_at_once_and_the_next_when_all_have_seen_it() {
        let first = DateTime::UNIX_EPOCH;
        let second = first + LIFE;
        assert_eq!(signer(&[], first), None);
        assert_eq!(signer(&[first], first), Some(0));
        assert_eq!(signer(&[first, second], second), Some(0));
        assert_eq!(signer(&[first, second], second + SHOWN_FIRST), Some(1));
    }

    #[test]
    fn a_key_goes_only_when_no_token_of_it_can_live() {
        let first = DateTime::UNIX_EPOCH;
        let second = first + LIFE;
        assert!(next_is_due(&[first], second) && !next_is_due(&[first, second], second));
        assert_eq!(gone_before(&[first, second], second + SHOWN_FIRST), None);
        assert_eq!(gone_before(&[first, second], second + SHOWN_FIRST + SHOWN_AFTER), Some(second));
    }
}
