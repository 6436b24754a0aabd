//! "Database Concurrency" and "API Concurrency".

use growth::{Activity, Assumptions, Multiple, Request, Workload, queries};
use proptest::prelude::*;

use crate::{PLANNED, cell, is, is_off_by, said};

const QUERIES: &str = "Queries of the peak, Q4 2027";

/// Rounded to one digit.
#[test]
fn the_rows_of_queries_add_up_and_the_peaks_are_multiples_of_their_sum() {
    let (reads, writes) = queries::total(&queries::DOCUMENT);
    let written = |line| ["reads a second", "writes a second"].map(|column| said(QUERIES, line, column));
    let (all, peak, fifth) = (written("All"), written("Peak"), written("Peak of year 5"));
    is(reads, all[0], 0.2);
    is(writes, all[1], 0.051);
    for at in [0, 1] {
        is(all[at] * PLANNED.peak_factor.value, peak[at], 0.0);
        is(peak[at] * 5.0, fifth[at], 0.0);
    }
}

/// The document computes with 18 stamps a minute, not 18.75.
#[test]
fn only_the_row_of_stamping_follows() {
    let of = |line, column| {
        let cell = cell(QUERIES, line, column);
        (cell.least, cell.follows.unwrap())
    };
    for (line, column, times) in [
        ("Stamping", "reads a second", 0.96),
        ("Stamping", "writes a second", 0.96),
        ("Dashboard", "reads a second", 30.0),
        ("Enrollment", "reads a second", 10.0),
        ("Enrollment", "writes a second", 10.0),
        ("Campaign Views", "reads a second", 10.0),
        ("WhatsApp Callbacks", "reads a second", 60.0),
    ] {
        let (written, follows) = of(line, column);
        is_off_by(written, follows, times);
    }
}

#[test]
fn the_dashboards_row_is_a_minutes_at_five_queries_a_load() {
    let a_minute = Activity::of(2_000, &PLANNED).in_peak_hour / 60.0 * PLANNED.reads_of_dashboard.low;
    is(a_minute, said(QUERIES, "Dashboard", "reads a second"), 0.05);
}

#[test]
fn the_peak_is_4_reads_and_1_write_and_not_129_and_7_5() {
    let (reads, writes) = queries::total(&queries::computed(2_000, &PLANNED));
    is(reads, 4.14, 0.01);
    is(writes, 1.07, 0.01);
}

/// The document rounds 39.1 down.
#[test]
fn the_rows_of_requests_add_up_and_the_peak_is_three_times_their_sum() {
    let sum: f64 = Request::ALL.into_iter().map(Request::stated).sum();
    let written = |line| said("Requests of the peak, Q4 2027", line, "a second");
    is(sum, written("All"), 0.11);
    is(written("All") * PLANNED.api_peak.value, written("Peak"), 0.0);
}

#[test]
fn the_rows_of_requests_are_a_minutes() {
    let computed = Workload::computed(2_000, Multiple::ONE, &PLANNED);
    for request in [Request::Stamp, Request::Dashboard, Request::Enrollment] {
        is_off_by(request.stated(), computed.rate(request), 60.0);
    }
    is(583.0 / 24.0 / 60.0, Request::Webhook.stated(), 0.005);
    // Two campaigns a business a month, in the peak: half a campaign a minute.
    let campaigns = 2_000.0 * PLANNED.campaigns.low / 30.0 / 12.0 * 3.0 / 60.0;
    is(campaigns, Request::Campaign.stated(), 0.06);
    // The figures' row follows from neither reading.
    is_off_by(Request::Analytics.stated(), computed.rate(Request::Analytics), 27.0);
}

/// Target T2, exactly.
#[test]
fn three_times_the_planned_peak_is_351_requests_3_780_sockets_and_1_008_frames() {
    let load = Workload::planned(2_000, Multiple::LOAD_TEST, &PLANNED);
    is(load.per_second(), 351.0, 1e-6);
    assert_eq!(load.sockets(), 3_780);
    is(load.frames_per_second, 1_008.0, 1e-6);
    is(load.rate(Request::Stamp) / load.rate(Request::Customer), 1.8, 1e-9);
}

#[test]
fn the_planned_stamps_are_above_the_summarys_too() {
    let stamps = Workload::planned(2_000, Multiple::ONE, &PLANNED).rate(Request::Stamp);
    assert!(stamps * 60.0 > 800.0);
}

#[test]
fn the_planned_queries_lie_between_the_table_and_the_summary() {
    let (reads, writes) = Workload::planned(2_000, Multiple::ONE, &PLANNED).queries_per_second(&PLANNED);
    assert!(reads + writes > 129.0 + 7.5 && reads + writes < 5_000.0);
}

#[test]
fn multiples_are_more_than_nothing_and_have_an_end() {
    let times = [0.0, -1.0, f64::NAN, f64::INFINITY, 1_000.1].map(Multiple::new);
    assert_eq!(times, [None; 5]);
    assert_eq!(Multiple::new(3.0), Some(Multiple::LOAD_TEST));
}

proptest! {
    /// A multiple multiplies everything, and what is planned is never less than what follows.
    #[test]
    fn a_multiple_multiplies_and_the_plan_holds_what_follows(businesses in 0..10_000_000_u64, times in 0.01..1_000.0) {
        let multiple = Multiple::new(times).unwrap();
        let one = Workload::planned(businesses, Multiple::ONE, &PLANNED);
        let many = Workload::planned(businesses, multiple, &PLANNED);
        let follows = Workload::computed(businesses, multiple, &PLANNED);
        prop_assert!((many.per_second() - one.per_second() * times).abs() <= 1e-9 * many.per_second().max(1.0));
        prop_assert!(follows.per_second() <= many.per_second());
        prop_assert!(follows.frames_per_second <= many.frames_per_second);
        prop_assert_eq!(follows.sockets(), many.sockets());
    }

    /// Kinds add up to all, and queries are those of the kinds.
    #[test]
    fn kinds_add_up(businesses in 0..10_000_000_u64) {
        let load = Workload::planned(businesses, Multiple::ONE, &PLANNED);
        let kinds: f64 = Request::ALL.into_iter().map(|request| load.rate(request)).sum();
        prop_assert_eq!(kinds, load.per_second());
        let (reads, writes) = load.queries_per_second(&PLANNED);
        let stamps = load.rate(Request::Stamp);
        prop_assert!(reads >= stamps * PLANNED.reads_of_stamp.value && writes >= stamps * PLANNED.writes_of_stamp.value);
    }

    /// Half as many visits are half as many stamps, and leave what does not hang on them.
    #[test]
    fn an_assumption_may_be_changed(visits in 0.0..100.0) {
        let mut assumed: Assumptions = PLANNED;
        assumed.visits.value = visits;
        let (changed, planned) = (Activity::of(2_000, &assumed), Activity::of(2_000, &PLANNED));
        prop_assert!((changed.stamps_a_day - planned.stamps_a_day * visits / 3.0).abs() < 1e-6);
        prop_assert_eq!(changed.sockets(), planned.sockets());
    }
}
