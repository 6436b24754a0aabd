//! The hours and days of a business, in its own zone.

use chrono::{DateTime, Datelike, Duration, Months, NaiveDate, Utc};
use kernel::Zone;

/// From this hour on nothing of marketing goes out …
pub const QUIET_FROM: u32 = 21;
/// … until this one.
pub const QUIET_UNTIL: u32 = 9;

/// Whether it is too late, or too early, for marketing.
pub fn is_quiet(zone: Zone, now: DateTime<Utc>) -> bool {
    !(QUIET_UNTIL..QUIET_FROM).contains(&zone.hour(now))
}

/// The day that money is counted in, and the first of its month.
pub fn money_days(zone: Zone, now: DateTime<Utc>) -> (NaiveDate, NaiveDate) {
    let day = zone.day(now);
    (day, day.with_day(1).unwrap_or(day))
}

/// When the next day's money begins.
pub fn next_day(zone: Zone, now: DateTime<Utc>) -> DateTime<Utc> {
    zone.start_of(zone.day(now) + Duration::days(1))
}

/// When the next month's money begins.
pub fn next_month(zone: Zone, now: DateTime<Utc>) -> DateTime<Utc> {
    let (_, first) = money_days(zone, now);
    zone.start_of(first + Months::new(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn nights_in_lima_are_quiet() {
        for (moment, quiet) in [
            ("2026-11-27T13:59:59Z", true),
            ("2026-11-27T14:00:00Z", false),
            ("2026-11-28T01:59:59Z", false),
            ("2026-11-28T02:00:00Z", true),
        ] {
            assert_eq!(is_quiet(Zone::LIMA, at(moment)), quiet, "{moment}");
        }
    }

    #[test]
    fn money_is_counted_in_limas_days_and_months() {
        let last_evening = at("2026-12-01T04:30:00Z");
        let (day, first) = money_days(Zone::LIMA, last_evening);
        assert_eq!((day.to_string().as_str(), first.to_string().as_str()), ("2026-11-30", "2026-11-01"));
        assert_eq!(next_day(Zone::LIMA, last_evening), at("2026-12-01T05:00:00Z"));
        assert_eq!(next_month(Zone::LIMA, last_evening), at("2026-12-01T05:00:00Z"));
        assert_eq!(next_month(Zone::LIMA, at("2026-12-05T12:00:00Z")), at("2027-01-01T05:00:00Z"));
    }
}
