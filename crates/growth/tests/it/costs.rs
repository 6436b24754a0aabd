//! "Cost Projections".

use growth::{Activity, DOCUMENT_YEAR_3, Deployment, Year, document_total};

use crate::{PLANNED, cell, is, said};

const MARGINS: &str = "Everything, and what is left of revenue";

fn revenue(year: Year) -> f64 {
    Activity::of(year.businesses(), &PLANNED).monthly_revenue
}

/// Of AWS and of external services.
fn bills() -> [(f64, f64); 2] {
    let of = |title: &str, column: &str| said(title, "all", column);
    let services = |column: &str| of("External services, US$ a month", column);
    [
        (of("AWS in year 1", "US$ a month"), services("year 1")),
        (of("AWS in year 3", "US$ a month"), services("year 3")),
    ]
}

/// Exact; external services rounded to whole dollars.
#[test]
fn the_documents_bills_add_up() {
    for (title, column) in [
        ("AWS in year 1", "US$ a month"),
        ("AWS in year 3", "US$ a month"),
        ("External services, US$ a month", "year 1"),
        ("External services, US$ a month", "year 3"),
    ] {
        assert!(!cell(title, "all", column).differs(), "{title}, {column}");
    }
    for line in ["US$ a month", "% of revenue"] {
        for column in ["year 1", "year 3"] {
            assert!(!cell(MARGINS, line, column).differs(), "{line}, {column}");
        }
    }
}

/// Rounded to a tenth.
#[test]
fn the_documents_margins_follow_from_infrastructure_and_messages_alone() {
    let margin = |revenue: f64, spent: f64| (revenue - spent) / revenue * 100.0;
    let columns = [(Year::One, "year 1"), (Year::Three, "year 3")];
    for ((year, column), (running, services)) in columns.into_iter().zip(bills()) {
        let twilio = said("External services, US$ a month", "Twilio WhatsApp API", column);
        is(margin(revenue(year), running + twilio), said(MARGINS, "% left", column), 0.05);
        let follows = cell(MARGINS, "% left", column).follows.unwrap();
        is(margin(revenue(year), running + services), follows, 0.05);
    }
}

#[test]
fn what_runs_costs_less_than_the_document_from_year_three_on_and_messages_more_than_all_of_it() {
    let third = Deployment::of(Year::Three, &PLANNED).bill;
    assert!(third.running() < document_total(&DOCUMENT_YEAR_3), "{third:?}");
    assert!(third.messages > third.running() * 5.0, "{third:?}");
    is(third.total(), third.running() + third.messages, 1e-9);
}

#[test]
fn who_has_no_revenue_has_no_margin() {
    assert_eq!(Deployment::after(&[], &PLANNED).bill.margins(), None);
    let (before, after) = Deployment::of(Year::Three, &PLANNED).bill.margins().unwrap();
    assert!(after < before && before < 1.0);
}
