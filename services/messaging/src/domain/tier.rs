//! A portfolio's tier: unique addresses in any 24 hours, over all its senders; and when it will grow.

use chrono::{DateTime, NaiveDate, Utc};

/// The tiers WhatsApp knows; 0 is without a limit.
pub const TIERS: [i64; 5] = [250, 2_000, 10_000, 100_000, 0];
/// Farther than this nothing is foretold.
const FARTHEST_DAYS: f64 = 365.0;

/// Messages a day that the growth plan (realistic case) expects from a quarter on. The plan's own tier of 1,000 exists no
/// more.
const PLAN: [((i32, u32), i64); 6] = [
    ((2025, 10), 28),
    ((2026, 4), 73),
    ((2026, 10), 146),
    ((2027, 4), 292),
    ((2027, 10), 583),
    ((2029, 10), 2_917),
];

/// What the growth plan expects a day, now.
pub fn planned_per_day(now: DateTime<Utc>) -> i64 {
    let today = now.date_naive();
    let begun = PLAN.iter().rev().find(|((year, month), _)| {
        NaiveDate::from_ymd_opt(*year, *month, 1).is_some_and(|from| from <= today)
    });
    begun.map_or(PLAN[0].1, |(_, messages)| *messages)
}

/// In how many days half the limit will be used in a day, which raises it; `days` are the addresses of the last days,
/// oldest first. -1 where that is not foreseeable, 0 where it is so already.
pub fn days_to_half(limit: i64, days: &[i64]) -> i32 {
    if limit == 0 {
        return -1;
    }
    let half = (limit as f64 / 2.0).ceil();
    if days.iter().any(|day| *day as f64 >= half) {
        return 0;
    }
    let count = days.len() as f64;
    if count < 2.0 {
        return -1;
    }
    // A straight line through the days (least squares): where does it reach half the limit?
    let (mid, mean) = ((count - 1.0) / 2.0, days.iter().sum::<i64>() as f64 / count);
    let (mut above, mut below) = (0.0, 0.0);
    for (at, day) in days.iter().enumerate() {
        above += (at as f64 - mid) * (*day as f64 - mean);
        below += (at as f64 - mid).powi(2);
    }
    let slope = above / below;
    let today = mean + slope * mid;
    if slope <= 0.0 {
        return -1;
    }
    let left = ((half - today) / slope).ceil();
    if left > FARTHEST_DAYS { -1 } else { left.max(1.0) as i32 }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_plan_is_the_growth_documents() {
        let at = |text: &str| planned_per_day(text.parse().unwrap());
        assert_eq!(at("2026-11-27T00:00:00Z"), 146);
        assert_eq!((at("2025-01-01T00:00:00Z"), at("2031-01-01T00:00:00Z")), (28, 2_917));
    }

    #[test]
    fn steady_growth_is_foretold() {
        assert_eq!(days_to_half(250, &[5, 15, 25, 35, 45, 55, 65]), 6);
        assert_eq!(days_to_half(250, &[10, 10, 130]), 0);
        assert_eq!(days_to_half(250, &[10, 10, 10]), -1);
        assert_eq!(days_to_half(250, &[30, 20, 10]), -1);
        assert_eq!(days_to_half(0, &[5, 15]), -1);
    }

    proptest! {
        /// Whatever the days were, something sensible is foretold.
        #[test]
        fn foretelling_is_total(limit in prop::sample::select(&TIERS[..]), days in prop::collection::vec(0..200_000_i64, 0..10)) {
            let left = days_to_half(limit, &days);
            prop_assert!((-1..=365).contains(&left));
        }
    }
}
