use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use chrono::{DateTime, NaiveDate, SubsecRound, TimeZone, Timelike, Utc};
use chrono_tz::Tz;

use crate::Invalid;

/// Where the present comes from. Rules never ask for it: they are told. Tests set it.
#[derive(Clone, Debug, Default)]
pub enum Clock {
    /// The machine's clock.
    #[default]
    System,
    /// A moment that somebody else sets, in microseconds since 1970: tests, and the making of a history.
    Manual(Arc<AtomicI64>),
}

impl Clock {
    /// The present moment, to the microsecond, as the database keeps it: what is told from memory and what is read back
    /// later are the same.
    pub fn now(&self) -> DateTime<Utc> {
        match self {
            Self::System => Utc::now().trunc_subsecs(6),
            Self::Manual(micros) => {
                DateTime::from_timestamp_micros(micros.load(Ordering::Relaxed)).unwrap_or_default()
            }
        }
    }

    /// Whole seconds since then; none where that is nothing, or still to come.
    pub fn seconds_since(&self, then: Option<DateTime<Utc>>) -> i64 {
        then.map_or(0, |then| (self.now() - then).num_seconds().max(0))
    }

    /// A clock that stands at `at` until [`Clock::set`].
    pub fn manual(at: DateTime<Utc>) -> Self {
        Self::Manual(Arc::new(AtomicI64::new(at.timestamp_micros())))
    }

    /// Moves a manual clock, and all clones of it; the machine's clock stays as it is.
    pub fn set(&self, at: DateTime<Utc>) {
        if let Self::Manual(micros) = self {
            micros.store(at.timestamp_micros(), Ordering::Relaxed);
        }
    }
}

/// The zone in which a business counts its days.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Zone(Tz);

impl Zone {
    /// Peru has one zone and no summer time.
    pub const LIMA: Self = Self(Tz::America__Lima);

    /// Reads an IANA name (`America/Lima`).
    pub fn parse(name: &str) -> Result<Self, Invalid> {
        name.parse().map(Self).map_err(|_| Invalid::new("time_zone", "not_a_zone"))
    }

    /// The IANA name.
    pub fn name(self) -> &'static str {
        self.0.name()
    }

    /// The business day a moment falls in.
    pub fn day(self, at: DateTime<Utc>) -> NaiveDate {
        at.with_timezone(&self.0).date_naive()
    }

    /// The hour of the day, 0 to 23.
    pub fn hour(self, at: DateTime<Utc>) -> u32 {
        at.with_timezone(&self.0).hour()
    }

    /// The first moment of a business day. Where summer time skips midnight, the moment the day begins.
    pub fn start_of(self, day: NaiveDate) -> DateTime<Utc> {
        self.start_of_hour(day, 0)
    }

    /// The first moment of an hour of a business day. Where summer time skips it, the moment that comes instead.
    pub fn start_of_hour(self, day: NaiveDate, hour: u32) -> DateTime<Utc> {
        let local = day.and_time(chrono::NaiveTime::MIN) + chrono::Duration::hours(i64::from(hour));
        let at = |local| self.0.from_local_datetime(&local).earliest();
        at(local).or_else(|| at(local + chrono::Duration::hours(1))).map_or(local.and_utc(), |at| at.to_utc())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wait_is_told_in_whole_seconds_and_nothing_waits_for_what_is_still_to_come() {
        let then: DateTime<Utc> = "2026-11-28T12:00:00Z".parse().unwrap();
        let clock = Clock::manual(then + chrono::Duration::milliseconds(90_999));
        assert_eq!(clock.seconds_since(Some(then)), 90);
        assert_eq!(clock.seconds_since(Some(then + chrono::Duration::hours(1))), 0);
        assert_eq!(clock.seconds_since(None), 0);
    }

    #[test]
    fn the_present_is_told_as_the_database_keeps_it() {
        assert_eq!(Clock::System.now().nanosecond() % 1_000, 0);
    }

    #[test]
    fn a_day_in_lima_begins_at_five_in_utc() {
        let day = NaiveDate::from_ymd_opt(2026, 11, 23).unwrap();
        assert_eq!(Zone::LIMA.start_of(day).to_rfc3339(), "2026-11-23T05:00:00+00:00");
        assert_eq!(Zone::LIMA.day("2026-11-24T04:59:59Z".parse().unwrap()), day);
    }

    #[test]
    fn a_day_without_a_midnight_begins_when_its_clocks_begin() {
        let santiago = Zone::parse("America/Santiago").unwrap();
        let day = NaiveDate::from_ymd_opt(2026, 9, 6).unwrap();
        assert_eq!(santiago.start_of(day).to_rfc3339(), "2026-09-06T04:00:00+00:00");
        assert_eq!(santiago.hour(santiago.start_of(day)), 1);
    }
}
