//! "Growth Model (3 Scenarios)".

use growth::{Activity, Scenario};

use crate::{PLANNED, is};

/// End customers, MRR and ARR in thousands, as the document writes them.
type Row = (f64, f64, f64);

const CONSERVATIVE: [Row; 8] = [
    (500.0, 0.6, 7.2),
    (1_100.0, 1.3, 15.8),
    (2_100.0, 2.5, 30.2),
    (3_500.0, 4.2, 50.4),
    (7_500.0, 9.0, 108.0),
    (15_000.0, 18.0, 216.0),
    (30_000.0, 36.0, 432.0),
    (60_000.0, 72.0, 864.0),
];
const REALISTIC: [Row; 8] = [
    (500.0, 0.6, 7.2),
    (1_400.0, 1.7, 20.2),
    (3_000.0, 3.6, 43.2),
    (5_250.0, 6.3, 75.6),
    (12_000.0, 14.4, 172.8),
    (25_000.0, 30.0, 360.0),
    (50_000.0, 60.0, 720.0),
    (100_000.0, 120.0, 1_440.0),
];
const AGGRESSIVE: [Row; 8] = [
    (500.0, 0.6, 7.2),
    (1_900.0, 2.3, 27.4),
    (4_750.0, 5.7, 68.4),
    (9_500.0, 11.4, 136.8),
    (25_000.0, 30.0, 360.0),
    (50_000.0, 60.0, 720.0),
    (100_000.0, 120.0, 1_440.0),
    (175_000.0, 210.0, 2_520.0),
];

/// Rounded to a hundred dollars.
#[test]
fn customers_and_revenue_of_every_row_follow_from_its_businesses() {
    for (scenario, written) in Scenario::ALL.into_iter().zip([CONSERVATIVE, REALISTIC, AGGRESSIVE]) {
        for (row, (customers, monthly, yearly)) in scenario.rows().into_iter().zip(written) {
            let activity = Activity::of(row.total, &PLANNED);
            is(activity.customers, customers, 0.5);
            is(activity.monthly_revenue / 1_000.0, monthly, 0.051);
            is(activity.monthly_revenue * 12.0 / 1_000.0, yearly, 0.051);
        }
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
