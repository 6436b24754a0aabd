//! "Cost Projections".

use growth::{
    Activity, DOCUMENT_EXTERNAL, DOCUMENT_YEAR_1, DOCUMENT_YEAR_3, Deployment, Year, document_total,
};

use crate::{PLANNED, is};

fn revenue(year: Year) -> f64 {
    Activity::of(year.businesses(), &PLANNED).monthly_revenue
}

fn external() -> (f64, f64) {
    let sum = |of: fn(&(growth::Cost, growth::Cost)) -> f64| DOCUMENT_EXTERNAL.iter().map(of).sum();
    (sum(|(first, _)| first.monthly), sum(|(_, third)| third.monthly))
}

/// Exact; external services rounded to whole dollars.
#[test]
fn the_documents_bills_add_up() {
    is(document_total(&DOCUMENT_YEAR_1), 285.0, 0.0);
    is(document_total(&DOCUMENT_YEAR_3), 2_195.0, 0.0);
    let (first, third) = external();
    is(first, 234.0, 0.5);
    is(third, 1_182.0, 0.5);
    is(document_total(&DOCUMENT_YEAR_1) + first, 519.0, 0.5);
    is(document_total(&DOCUMENT_YEAR_3) + third, 3_377.0, 0.5);
    is((285.0 + first) / revenue(Year::One) * 100.0, 8.2, 0.05);
    is((2_195.0 + third) / revenue(Year::Three) * 100.0, 2.8, 0.05);
}

/// Rounded to a tenth.
#[test]
fn the_documents_margins_follow_from_infrastructure_and_messages_alone() {
    let margin = |revenue: f64, spent: f64| (revenue - spent) / revenue * 100.0;
    is(margin(revenue(Year::One), 285.0 + 175.0), 92.7, 0.05);
    is(margin(revenue(Year::Three), 2_195.0 + 875.0), 97.4, 0.05);
    let (first, third) = external();
    is(margin(revenue(Year::One), 285.0 + first), 91.8, 0.05);
    is(margin(revenue(Year::Three), 2_195.0 + third), 97.2, 0.05);
}

#[test]
fn what_runs_costs_less_than_the_document_from_year_three_on_and_messages_more_than_all_of_it() {
    let third = Deployment::of(Year::Three, &PLANNED).bill;
    assert!(third.running() < 2_195.0, "{third:?}");
    assert!(third.messages > third.running() * 5.0, "{third:?}");
    is(third.total(), third.running() + third.messages, 1e-9);
}

#[test]
fn who_has_no_revenue_has_no_margin() {
    assert_eq!(Deployment::after(&[], &PLANNED).bill.margins(), None);
    let (before, after) = Deployment::of(Year::Three, &PLANNED).bill.margins().unwrap();
    assert!(after < before && before < 1.0);
}
