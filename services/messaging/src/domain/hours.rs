//! The hours and days of a business, in its own zone.

use chrono::{DateTime, Datelike, Duration, Months, NaiveDate, Utc};
use kernel::Zone;
pub use kernel::{QUIET_FROM, QUIET_UNTIL, is_quiet};

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
    fn money_is_counted_in_limas_days_and_months() {
        let last_evening = at("2026-12-01T04:30:00Z");
        let (day, first) = money_days(Zone::LIMA, last_evening);
        assert_eq!((day.to_string().as_str(), first.to_string().as_str()), ("2026-11-30", "2026-11-01"));
        assert_eq!(next_day(Zone::LIMA, last_evening), at("2026-12-01T05:00:00Z"));
        assert_eq!(next_month(Zone::LIMA, last_evening), at("2026-12-01T05:00:00Z"));
        assert_eq!(next_month(Zone::LIMA, at("2026-12-05T12:00:00Z")), at("2027-01-01T05:00:00Z"));
    }
}
