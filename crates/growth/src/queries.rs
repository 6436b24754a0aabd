//! The document's table of database load at its peak, as it stands and as it follows.

use crate::{Activity, Assumptions, Messages};

/// One operation's part of the load.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Load {
    /// What is done.
    pub operation: &'static str,
    /// How often in the peak hour.
    pub an_hour: f64,
    /// Reads in a second.
    pub reads: f64,
    /// Writes in a second.
    pub writes: f64,
}

const fn load(operation: &'static str, an_hour: f64, reads: f64, writes: f64) -> Load {
    Load { operation, an_hour, reads, writes }
}

/// The document's rows for 2,000 businesses.
pub const DOCUMENT: [Load; 5] = [
    load("Stamping", 18.0 * 60.0, 1.5, 0.9),
    load("Dashboard", 280.0, 23.3, 0.0),
    load("Enrollment", 150.0, 1.25, 1.25),
    load("Campaign Views", 400.0, 16.7, 0.0),
    load("WhatsApp Callbacks", 583.0 / 24.0, 0.4, 0.4),
];

/// The document's rows, computed: how often, times the queries it counts for each, over 3,600 seconds.
pub fn computed(businesses: u64, assumed: &Assumptions) -> [Load; 5] {
    let activity = Activity::of(businesses, assumed);
    let scale = businesses as f64 / 2_000.0;
    let callbacks = Messages::as_the_document_counts(businesses, assumed).a_day / 24.0;
    let row = |operation, an_hour: f64, reads: f64, writes: f64| {
        load(operation, an_hour, an_hour * reads / 3_600.0, an_hour * writes / 3_600.0)
    };
    [
        row(
            "Stamping",
            activity.peak_stamps_an_hour,
            assumed.reads_of_stamp.value,
            assumed.writes_of_stamp.value,
        ),
        row("Dashboard", activity.in_peak_hour, assumed.reads_of_dashboard.value, 0.0),
        row(
            "Enrollment",
            assumed.peak_enrollments.value * scale,
            assumed.reads_of_lookup.value,
            assumed.writes_of_enrollment.value,
        ),
        row(
            "Campaign Views",
            assumed.peak_campaign_views.value * scale,
            assumed.reads_of_analytics.value,
            0.0,
        ),
        row("WhatsApp Callbacks", callbacks, 1.0, 1.0),
    ]
}

/// Reads and writes of all rows.
pub fn total(rows: &[Load]) -> (f64, f64) {
    rows.iter().fold((0.0, 0.0), |(reads, writes), row| (reads + row.reads, writes + row.writes))
}
