//! "Growth Model (3 Scenarios)".

use growth::Scenario;

use crate::{follow, is};

/// Rounded to a hundred dollars.
#[test]
fn customers_and_revenue_of_every_row_follow_from_its_businesses() {
    for title in ["Scenario 1, conservative", "Scenario 2, realistic", "Scenario 3, aggressive"] {
        follow(title, &["customers", "K$ a month", "K$ a year"]);
    }
}

#[test]
fn the_first_rows_follow_from_new_businesses_and_churn() {
    for scenario in Scenario::ALL {
        let (rolled, rows) = (scenario.rolled(), scenario.rows());
        for at in 0..3 {
            is(rolled[at], rows[at].total as f64, 2.0);
        }
    }
}

#[test]
fn the_last_rows_do_not_follow_from_new_businesses_and_churn() {
    is(Scenario::Conservative.rolled()[7], 866.0, 20.0);
    is(Scenario::Realistic.rolled()[7], 1_584.0, 20.0);
    is(Scenario::Aggressive.rolled()[7], 4_029.0, 20.0);
}

#[test]
fn not_even_without_churn_would_a_rows_new_businesses_make_half_a_year() {
    let rows = Scenario::Realistic.rows();
    assert!(rows[3].total + rows[4].new < rows[4].total);
    assert!(rows[3].total + 2 * rows[4].new > rows[4].total);
}

#[test]
fn word_of_mouth_makes_a_third_more_a_year_and_not_five_times() {
    is(Scenario::Realistic.yearly_growth_by_referral(), 1.345, 0.001);
    assert!(Scenario::ALL.into_iter().all(|scenario| scenario.yearly_growth_by_referral() < 1.5));
}

#[test]
fn a_quarter_is_found_by_its_businesses() {
    let reached = |businesses| Scenario::Realistic.reached(businesses).map(|row| row.name);
    assert_eq!(reached(0), Some("Q1 2025"));
    assert_eq!(reached(241), Some("Q4 2026"));
    assert_eq!(reached(2_001), None);
}
