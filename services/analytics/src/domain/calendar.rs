//! Slots, days and stretches of days.

use chrono::{DateTime, Days, NaiveDate, TimeDelta, Utc};
use kernel::{Invalid, Zone};

/// A quarter of an hour of UTC: the finest figures are kept by. Days and hours of every zone begin on one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Slot(DateTime<Utc>);

impl Slot {
    const SECONDS: i64 = 15 * 60;

    /// The slot a moment falls in.
    pub fn of(at: DateTime<Utc>) -> Self {
        let into = TimeDelta::seconds(at.timestamp().rem_euclid(Self::SECONDS))
            + TimeDelta::nanoseconds(at.timestamp_subsec_nanos().into());
        Self(at - into)
    }

    /// Its first moment.
    pub fn begins_at(self) -> DateTime<Utc> {
        self.0
    }

    /// The first moment after it.
    pub fn ends_at(self) -> DateTime<Utc> {
        self.0 + TimeDelta::seconds(Self::SECONDS)
    }
}

/// The day so many days before.
pub fn days_before(day: NaiveDate, days: u32) -> NaiveDate {
    day.checked_sub_days(Days::new(days.into())).unwrap_or(NaiveDate::MIN)
}

/// The moment after the last of a business day.
pub fn end_of(zone: Zone, day: NaiveDate) -> DateTime<Utc> {
    zone.start_of(day.succ_opt().unwrap_or(NaiveDate::MAX))
}

/// Business days from one to another, both included; never empty.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Period {
    from: NaiveDate,
    to: NaiveDate,
}

impl Period {
    /// Most days of one question.
    pub const MAX_DAYS: i64 = 400;

    /// Days of a question that names none.
    const USUAL_DAYS: i64 = 30;

    /// What was asked for; the last thirty days where no day was named.
    pub fn asked(from: &str, to: &str, today: NaiveDate) -> Result<Self, Invalid> {
        if from.is_empty() && to.is_empty() {
            return Ok(Self { from: today - TimeDelta::days(Self::USUAL_DAYS - 1), to: today });
        }
        Self::parse(from, to)
    }

    /// Reads both ends as `YYYY-MM-DD`.
    pub fn parse(from: &str, to: &str) -> Result<Self, Invalid> {
        let (from, to) = (parse_day("from", from)?, parse_day("to", to)?);
        let period = Self { from, to };
        match period.length() {
            days if days < 1 => Err(Invalid::new("to", "before_from")),
            days if days > Self::MAX_DAYS => Err(Invalid::new("to", "range_too_long")),
            _ => Ok(period),
        }
    }

    /// Its first day.
    pub fn first_day(self) -> NaiveDate {
        self.from
    }

    /// Its last day.
    pub fn last_day(self) -> NaiveDate {
        self.to
    }

    /// How many days it has.
    pub fn length(self) -> i64 {
        (self.to - self.from).num_days() + 1
    }

    /// The period of the same length that ends the day before this one begins.
    pub fn before(self) -> Self {
        let days = TimeDelta::days(self.length());
        Self { from: self.from - days, to: self.to - days }
    }

    /// Its days, oldest first.
    pub fn days(self) -> impl Iterator<Item = NaiveDate> {
        self.from.iter_days().take_while(move |day| *day <= self.to)
    }

    /// Its first moment and the first after it.
    pub fn bounds(self, zone: Zone) -> (DateTime<Utc>, DateTime<Utc>) {
        (zone.start_of(self.from), end_of(zone, self.to))
    }
}

/// The years a question may be about; anything else is a slip of the finger.
const YEARS: std::ops::RangeInclusive<i32> = 2000..=2199;

fn parse_day(field: &'static str, text: &str) -> Result<NaiveDate, Invalid> {
    use chrono::Datelike;
    if text.is_empty() {
        return Err(Invalid::new(field, "required"));
    }
    let has_form = text.len() == 10 && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-');
    let day = text.parse::<NaiveDate>().ok().filter(|day| has_form && YEARS.contains(&day.year()));
    day.ok_or_else(|| Invalid::new(field, "not_a_day"))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_period_has_both_its_ends() {
        let week = Period::parse("2026-11-16", "2026-11-22").unwrap();
        assert_eq!((week.length(), week.days().count()), (7, 7));
        assert_eq!(week.before(), Period::parse("2026-11-09", "2026-11-15").unwrap());
    }

    #[test]
    fn what_is_no_period_names_its_field_and_reason() {
        for (from, to, field, reason) in [
            ("", "2026-11-22", "from", "required"),
            ("2026-11-22", "ayer", "to", "not_a_day"),
            ("2026-2-30", "2026-11-22", "from", "not_a_day"),
            ("2026-02-30", "2026-11-22", "from", "not_a_day"),
            ("0001-01-01", "2026-11-22", "from", "not_a_day"),
            ("2026-11-22", "2026-11-21", "to", "before_from"),
            ("2025-01-01", "2026-11-22", "to", "range_too_long"),
        ] {
            assert_eq!(Period::parse(from, to), Err(Invalid::new(field, reason)), "{from} {to}");
        }
    }

    #[test]
    fn a_question_that_names_no_day_is_about_the_last_thirty() {
        let today = "2026-11-23".parse().unwrap();
        assert_eq!(Period::asked("", "", today), Period::parse("2026-10-25", "2026-11-23"));
        assert_eq!(Period::asked("", "2026-11-23", today), Err(Invalid::new("from", "required")));
    }

    proptest! {
        /// Whatever is asked, reading it never panics, and no period is longer than allowed.
        #[test]
        fn reading_is_total(from in "[0-9+-]{0,12}", to in "\\PC{0,12}") {
            if let Ok(period) = Period::parse(&from, &to) {
                prop_assert!((1..=Period::MAX_DAYS).contains(&period.length()));
            }
        }

        /// Every zone's days and hours begin with a slot, so a slot lies in one hour of one day.
        #[test]
        fn a_slot_lies_in_one_hour(
            seconds in 946_684_800..2_500_000_000i64,
            zone in prop::sample::select(vec!["America/Lima", "Asia/Kathmandu", "America/St_Johns", "Europe/Madrid"]),
        ) {
            let zone = Zone::parse(zone).unwrap();
            let at = DateTime::from_timestamp(seconds, 0).unwrap();
            let slot = Slot::of(at);
            prop_assert!(slot.begins_at() <= at && at < slot.ends_at());
            prop_assert_eq!(
                (zone.day(slot.begins_at()), zone.hour(slot.begins_at())),
                (zone.day(at), zone.hour(at))
            );
        }
    }
}
