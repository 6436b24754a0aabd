//! A portfolio's tier: unique addresses in any 24 hours, over all its senders; and when it will grow.

use chrono::{DateTime, Datelike, Utc};
use growth::{Assumptions, Messages};

/// The tiers WhatsApp knows; 0 is without a limit.
pub const TIERS: [i64; 5] = [250, 2_000, 10_000, 100_000, 0];
/// Farther than this nothing is foretold.
const FARTHEST_DAYS: f64 = 365.0;

/// How many persons a day the growth plan expects to be written to, on the busiest day of this month: what a tier counts.
pub fn planned_per_day(now: DateTime<Utc>) -> i64 {
    Messages::planned(now.year(), now.month(), &Assumptions::PLANNED).busiest_day.ceil() as i64
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
    fn the_plan_grows_with_its_businesses() {
        let at = |text: &str| planned_per_day(text.parse().unwrap());
        let (now, later) = (at("2026-11-27T00:00:00Z"), at("2027-11-27T00:00:00Z"));
        // Four times the businesses, within the rounding.
        assert!(now > 250 && (later - 4 * now).abs() <= 4, "{now}, {later}");
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
