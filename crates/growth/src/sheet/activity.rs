//! What owners and customers do, and what campaigns send.

use super::{Cell, Sheet};
use crate::{Activity, Assumptions, Messages, Section, Year};

pub(super) fn list(assumed: &Assumptions) -> Vec<Sheet> {
    vec![owners(assumed), stamps(assumed), peak(assumed), campaigns(assumed)]
}

fn owners(assumed: &Assumptions) -> Sheet {
    let columns = ["daily active", "peak hour, least", "peak hour, most"];
    let mut sheet = Sheet::new(Section::Owners, "Businesses on a day", &columns);
    for (year, active, least, most) in
        [(Year::One, 74.0, 15.0, 20.0), (Year::Two, 350.0, 70.0, 100.0), (Year::Three, 1_400.0, 280.0, 400.0)]
    {
        let activity = Activity::of(year.businesses(), assumed);
        let cells = [
            Cell::of(active, activity.daily_active, 0.51),
            Cell::of(least, activity.in_peak_hour, 0.5),
            Cell::of(most, activity.daily_active * assumed.in_peak_hour.high, 1.1),
        ];
        sheet.line(year.ends(), cells);
    }
    sheet
}

fn stamps(assumed: &Assumptions) -> Sheet {
    let columns = ["customers", "active", "visits a month", "stamps a day"];
    let mut sheet = Sheet::new(Section::Customers, "Stamps of a day", &columns);
    for (year, customers, active, visits, stamps) in [
        (Year::One, 5_250.0, 2_363.0, 7_088.0, 236.0),
        (Year::Two, 25_000.0, 11_250.0, 33_750.0, 1_125.0),
        (Year::Three, 100_000.0, 45_000.0, 135_000.0, 4_500.0),
    ] {
        let activity = Activity::of(year.businesses(), assumed);
        let cells = [
            Cell::of(customers, activity.customers, 0.5),
            Cell::of(active, activity.active_customers, 0.51),
            Cell::of(visits, activity.visits_a_month, 0.51),
            Cell::of(stamps, activity.stamps_a_day, 0.51),
        ];
        sheet.line(year.ends(), cells);
    }
    sheet
}

fn peak(assumed: &Assumptions) -> Sheet {
    let mut sheet = Sheet::new(Section::Customers, "Stamps of the peak", &["Q4 2027"]);
    let activity = Activity::of(Year::Three.businesses(), assumed);
    sheet.line("an hour", [Cell::of(1_125.0, activity.peak_stamps_an_hour, 0.5)]);
    sheet.line("a minute", [Cell::between((18.0, 20.0), activity.peak_stamps_a_minute(), 0.0)]);
    sheet
}

fn campaigns(assumed: &Assumptions) -> Sheet {
    let columns = ["active", "at risk a month", "blasts a month", "messages a day"];
    let mut sheet = Sheet::new(Section::Campaigns, "Messages of a day", &columns);
    for (year, active, at_risk, blasts, a_day) in [
        (Year::One, 1_800.0, 630.0, 210.0, 28.0),
        (Year::Two, 9_643.0, 3_375.0, 1_000.0, 146.0),
        (Year::Three, 38_571.0, 13_500.0, 4_000.0, 583.0),
    ] {
        let businesses = year.businesses();
        let (activity, messages) = (Activity::of(businesses, assumed), Messages::of(businesses, assumed));
        let cells = [
            Cell::of(active, activity.active_customers, 0.5).about("Active customers, by two tables"),
            Cell::of(at_risk, messages.triggered, 0.5).about("Customers at risk"),
            Cell::of(blasts, messages.blasted, 0.5).about("What a blast counts"),
            Cell::of(a_day, messages.a_day, 0.5).about("What a blast counts"),
        ];
        sheet.line(year.ends(), cells);
    }
    sheet
}
