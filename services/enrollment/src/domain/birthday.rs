//! Birthdays: plausible, and old enough for what is asked.

use chrono::{Datelike, NaiveDate};
use kernel::Invalid;

/// Youngest age that may hold a card by its own word.
pub const YOUNGEST: u32 = 14;
/// Age from which promotions may be agreed to.
pub const ADULT: u32 = 18;
/// Nobody alive is older.
const OLDEST: u32 = 120;

/// Reads `YYYY-MM-DD`, or nothing, as the birthday of somebody who may hold a card today.
pub fn parse(text: &str, today: NaiveDate) -> Result<Option<NaiveDate>, Invalid> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    let day =
        NaiveDate::parse_from_str(text, "%Y-%m-%d").map_err(|_| Invalid::new("birthday", "not_a_date"))?;
    match today.years_since(day) {
        None => Err(Invalid::new("birthday", "in_the_future")),
        Some(age) if age > OLDEST => Err(Invalid::new("birthday", "implausible")),
        Some(age) if age < YOUNGEST => Err(Invalid::new("birthday", "too_young")),
        Some(_) => Ok(Some(day)),
    }
}

/// True unless the birthday shows that she is not an adult yet.
pub fn may_be_adult(birthday: Option<NaiveDate>, today: NaiveDate) -> bool {
    birthday.and_then(|day| today.years_since(day)).is_none_or(|age| age >= ADULT)
}

/// The month alone, 1 to 12, which is all that leaves this service; 0 is unknown.
pub fn month(birthday: Option<NaiveDate>) -> i32 {
    birthday.and_then(|day| i32::try_from(day.month()).ok()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn today() -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 11, 23).unwrap()
    }

    #[test]
    fn fourteen_today_may_join_and_fourteen_tomorrow_may_not() {
        assert!(parse("2012-11-23", today()).is_ok());
        assert_eq!(parse("2012-11-24", today()), Err(Invalid::new("birthday", "too_young")));
    }

    #[test]
    fn what_is_no_plausible_day_is_refused() {
        for (text, reason) in
            [("23/11/1990", "not_a_date"), ("2030-01-01", "in_the_future"), ("1890-01-01", "implausible")]
        {
            assert_eq!(parse(text, today()), Err(Invalid::new("birthday", reason)), "{text}");
        }
    }

    #[test]
    fn seventeen_is_no_adult_and_an_unknown_age_may_be() {
        assert!(!may_be_adult(NaiveDate::from_ymd_opt(2008, 11, 24), today()));
        assert!(may_be_adult(NaiveDate::from_ymd_opt(2008, 11, 23), today()));
        assert!(may_be_adult(None, today()));
    }
}
