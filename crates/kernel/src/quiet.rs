//! The hours of the night in which no advertising goes out, in the zone of the business that would send it.

use chrono::{DateTime, Duration, Utc};

use crate::Zone;

/// From this hour on nothing of marketing goes out …
pub const QUIET_FROM: u32 = 21;
/// … until this one.
pub const QUIET_UNTIL: u32 = 9;

/// Whether it is too late, or too early, for marketing.
pub fn is_quiet(zone: Zone, at: DateTime<Utc>) -> bool {
    !(QUIET_UNTIL..QUIET_FROM).contains(&zone.hour(at))
}

/// When the quiet hours that `at` falls in are over; `None` where it falls in none.
pub fn end_of_quiet(zone: Zone, at: DateTime<Utc>) -> Option<DateTime<Utc>> {
    if !is_quiet(zone, at) {
        return None;
    }
    let days = i64::from(zone.hour(at) >= QUIET_FROM);
    Some(zone.start_of_hour(zone.day(at) + Duration::days(days), QUIET_UNTIL))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn nights_in_lima_are_quiet_and_end_at_nine() {
        for (moment, until) in [
            ("2026-11-27T13:59:59Z", Some("2026-11-27T14:00:00Z")),
            ("2026-11-27T14:00:00Z", None),
            ("2026-11-28T01:59:59Z", None),
            ("2026-11-28T02:00:00Z", Some("2026-11-28T14:00:00Z")),
            ("2026-11-28T05:00:00Z", Some("2026-11-28T14:00:00Z")),
        ] {
            assert_eq!(end_of_quiet(Zone::LIMA, at(moment)), until.map(at), "{moment}");
        }
    }

    proptest! {
        /// Whatever the zone and the season: within half a day and two hours it is over, and then it is nine.
        #[test]
        fn what_waits_for_the_morning_goes_on_at_nine(
            seconds in 1_750_000_000_i64..1_900_000_000,
            name in prop::sample::select(vec!["America/Lima", "America/Santiago", "Europe/Madrid", "Asia/Kolkata"]),
        ) {
            let zone = Zone::parse(name).unwrap();
            let now = DateTime::from_timestamp(seconds, 0).unwrap();
            match end_of_quiet(zone, now) {
                None => prop_assert!(!is_quiet(zone, now)),
                Some(until) => {
                    prop_assert!(until > now && until - now <= Duration::hours(14));
                    prop_assert_eq!(zone.hour(until), QUIET_UNTIL);
                    prop_assert!(is_quiet(zone, until - Duration::seconds(1)));
                }
            }
        }
    }
}
