//! "User Activity Patterns", and "WebSocket Concurrency".

use growth::{Activity, Scenario, Year};

use crate::{PLANNED, is, is_off_by};

fn of(year: Year) -> Activity {
    Activity::of(year.businesses(), &PLANNED)
}

/// Rounded to whole businesses; the peak hour's lower end.
#[test]
fn daily_active_businesses_are_the_documents() {
    for (year, active, least, most) in
        [(Year::One, 74.0, 15.0, 20.0), (Year::Two, 350.0, 70.0, 100.0), (Year::Three, 1_400.0, 280.0, 400.0)]
    {
        let activity = of(year);
        is(activity.daily_active, active, 0.51);
        is(activity.in_peak_hour, least, 0.5);
        is(activity.daily_active * PLANNED.in_peak_hour.high, most, 1.1);
    }
}

/// Rounded to whole customers and stamps.
#[test]
fn stamps_of_a_day_are_the_documents() {
    for (year, customers, active, visits, stamps) in [
        (Year::One, 5_250.0, 2_363.0, 7_088.0, 236.0),
        (Year::Two, 25_000.0, 11_250.0, 33_750.0, 1_125.0),
        (Year::Three, 100_000.0, 45_000.0, 135_000.0, 4_500.0),
    ] {
        let activity = of(year);
        is(activity.customers, customers, 0.5);
        is(activity.active_customers, active, 0.51);
        is(activity.visits_a_month, visits, 0.51);
        is(activity.stamps_a_day, stamps, 0.5);
    }
}

#[test]
fn the_peak_hour_of_year_three_has_1_125_stamps_and_its_minute_18_to_20() {
    let activity = of(Year::Three);
    is(activity.peak_stamps_an_hour, 1_125.0, 0.5);
    assert!((18.0..=20.0).contains(&activity.peak_stamps_a_minute()));
}

#[test]
fn the_summarys_stamps_a_minute_do_not_follow() {
    for (year, least, most) in
        [(Year::One, 20.0, 30.0), (Year::Two, 100.0, 150.0), (Year::Three, 500.0, 800.0)]
    {
        assert!(of(year).peak_stamps_a_minute() * 20.0 < least, "{year:?}");
        assert!(of(year).peak_stamps_a_minute() * 20.0 < most, "{year:?}");
    }
    is_off_by(800.0, of(Year::Three).peak_stamps_a_minute(), 42.7);
}

#[test]
fn a_peak_of_three_times_over_four_hours_of_twelve_leaves_nothing_for_the_others() {
    is(PLANNED.peak_factor.value * PLANNED.peak_hours.value, PLANNED.open_hours.value, 0.0);
}

/// Exact.
#[test]
fn sockets_and_frames_are_the_documents() {
    let activity = of(Year::Three);
    is(activity.panels, 980.0, 1e-6);
    is(activity.tills, 280.0, 1e-6);
    is(activity.sockets(), 1_260.0, 1e-6);
    is(activity.panels / PLANNED.panel_interval.value, 196.0, 1e-6);
    is(activity.tills / PLANNED.till_interval.value, 140.0, 1e-6);
    is(activity.frames_per_second, 336.0, 1e-6);
}

#[test]
fn more_panels_are_open_than_businesses_use_the_platform() {
    let activity = of(Year::Three);
    assert!(activity.panels > 2.0 * activity.daily_active * PLANNED.in_peak_hour.high);
}

/// Rounded to whole updates; the row of campaigns is added from its own table.
#[test]
fn wallet_updates_of_a_day_are_the_documents() {
    let activity = of(Year::Three);
    let unlocked = activity.stamps_a_day * PLANNED.unlocking.value;
    is(unlocked, 900.0, 0.5);
    is(unlocked * PLANNED.redeemed.value, 90.0, 0.5);
    let campaigns = growth::Messages::as_the_document_counts(2_000, &PLANNED).a_day;
    is(activity.pass_updates_a_day + campaigns, 6_073.0, 0.5);
    is(activity.peak_stamps_an_hour / 3_600.0, 0.31, 0.005);
}

#[test]
fn the_enrollments_of_the_peak_hour_are_twice_what_new_businesses_bring() {
    is_off_by(150.0, Scenario::Realistic.peak_enrollments(&PLANNED), 2.16);
}
