//! "User Activity Patterns", and "WebSocket Concurrency".

use growth::{Activity, Scenario, Year};

use crate::{PLANNED, cell, follow, is, is_off_by, said};

fn of(year: Year) -> Activity {
    Activity::of(year.businesses(), &PLANNED)
}

/// Rounded to whole businesses; the peak hour's lower and upper end.
#[test]
fn daily_active_businesses_are_the_documents() {
    follow("Businesses on a day", &["daily active", "peak hour, least", "peak hour, most"]);
}

/// Rounded to whole customers and stamps.
#[test]
fn stamps_of_a_day_are_the_documents() {
    follow("Stamps of a day", &["customers", "active", "visits a month", "stamps a day"]);
}

#[test]
fn the_peak_hour_of_year_three_has_1_125_stamps_and_its_minute_18_to_20() {
    follow("Stamps of the peak", &["Q4 2027"]);
}

#[test]
fn the_summarys_stamps_a_minute_do_not_follow() {
    let said = |column| cell("Key projections", "stamps a minute, peak", column);
    for (year, column) in [(Year::One, "year 1"), (Year::Two, "year 2"), (Year::Three, "year 3")] {
        assert!(of(year).peak_stamps_a_minute() * 20.0 < said(column).least, "{year:?}");
    }
    is_off_by(said("year 3").most, of(Year::Three).peak_stamps_a_minute(), 42.7);
}

#[test]
fn a_peak_of_three_times_over_four_hours_of_twelve_leaves_nothing_for_the_others() {
    is(PLANNED.peak_factor.value * PLANNED.peak_hours.value, PLANNED.open_hours.value, 0.0);
}

/// Exact.
#[test]
fn sockets_and_frames_are_the_documents() {
    for line in ["panels", "tills", "both", "frames a second to panels", "frames a second to tills"] {
        assert!(!cell("Sockets and their frames", line, "Q4 2027").differs(), "{line}");
    }
    // Of those intervals; stamps make fewer.
    let frames = said("Sockets and their frames", "frames a second", "Q4 2027");
    is(of(Year::Three).frames_per_second, frames, 1e-6);
}

#[test]
fn more_panels_are_open_than_businesses_use_the_platform() {
    let activity = of(Year::Three);
    assert!(activity.panels > 2.0 * activity.daily_active * PLANNED.in_peak_hour.high);
}

/// Rounded to whole updates; the row of campaigns is added from its own table.
#[test]
fn wallet_updates_of_a_day_are_the_documents_with_its_messages_for_campaigns() {
    for line in ["stamps a day", "rewards unlocked", "rewards redeemed", "stamps a second, peak"] {
        assert!(!cell("Wallet updates", line, "Q4 2027").differs(), "{line}");
    }
    let campaigns = growth::Messages::as_the_document_counts(2_000, &PLANNED).a_day;
    is(campaigns, said("Wallet updates", "campaigns", "Q4 2027"), 0.5);
    let all = said("Wallet updates", "all", "Q4 2027");
    is(of(Year::Three).pass_updates_a_day + campaigns, all, 0.5);
}

#[test]
fn the_enrollments_of_the_peak_hour_are_twice_what_new_businesses_bring() {
    is_off_by(150.0, Scenario::Realistic.peak_enrollments(&PLANNED), 2.16);
}
