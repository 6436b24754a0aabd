//! "Storage & Data Growth".

use growth::{Activity, Year, storage};
use proptest::prelude::*;

use crate::{PLANNED, cell, follow, is, is_off_by, said};

/// Megabytes of rows, of indexes and of both, rounded as the document rounds: two digits.
#[test]
fn the_tables_bytes_follow_from_its_rows() {
    follow("Tables at the end of year 3", &["MB of rows", "MB of indexes", "MB"]);
    for line in ["rows", "indexes", "all"] {
        assert!(!cell("Size of the database", line, "GB").differs(), "{line}");
    }
}

#[test]
fn the_tables_rows_do_not_follow_from_its_assumptions() {
    let document = storage::document().map(|held| held.rows);
    let activity = Activity::of(2_000, &PLANNED);
    // A year's visits are three times what is written; its 540,000 are the active customers, twelve times.
    is_off_by(activity.visits_a_month * 12.0, 540_000.0, 3.0);
    is(activity.active_customers * 12.0, 540_000.0, 0.5);
    // Sends: a digit too much.
    is_off_by(document[4], 583.0 * 365.0 * 3.0, 10.0);
    // Rewards: of one of three years.
    is_off_by(document[2] * 0.20, document[5], 3.0);
    // Referrals: twice a tenth of the customers.
    is_off_by(document[6], activity.customers * 0.10, 2.0);
    // Campaigns: of one year.
    is(2_000.0 * PLANNED.campaigns.value * 12.0, document[3], 0.0);
}

/// 30 and 15 GB.
#[test]
fn year_five_is_half_as_much_again_as_five_times_year_three() {
    let fifth = cell("Size of the database", "all in year 5", "GB");
    is_off_by(fifth.least, fifth.follows.unwrap(), 1.46);
}

/// Rounded to a tenth of a gigabyte; the sum to whole ones.
#[test]
fn files_are_the_documents_but_for_the_cache() {
    let gigabytes = |line| said("Files", line, "GB");
    let database = said("Size of the database", "all", "GB") * 1e9;
    let written = storage::Files::as_the_document_counts(2_000, database, &PLANNED);
    is(written.assets, gigabytes("logos and posters"), 0.05);
    is(written.passes, gigabytes("passes"), 0.05);
    is(written.backups, gigabytes("backups"), 0.05);
    is(written.total(), gigabytes("all"), 1.2);
    is(cell("Files", "passes", "GB").follows.unwrap(), 0.82, 0.01);
}

#[test]
fn every_year_holds_more_than_the_one_before() {
    let held = Year::ALL.map(|year| {
        let year_ends: Vec<u64> = year.so_far().map(Year::businesses).collect();
        storage::total(&storage::computed(&year_ends, &PLANNED))
    });
    assert!(held.is_sorted_by(|before, after| before < after), "{held:?}");
}

proptest! {
    /// A year more never holds less, the disk always has room, and nothing overflows.
    #[test]
    fn a_year_more_holds_more(mut years in prop::collection::vec(any::<u64>(), 0..8), next in any::<u64>()) {
        years.sort_unstable();
        let before = storage::total(&storage::computed(&years, &PLANNED));
        years.push(next.max(years.last().copied().unwrap_or(0)));
        let after = storage::computed(&years, &PLANNED);
        prop_assert!(storage::total(&after) >= before);
        prop_assert!(after.iter().all(|held| held.bytes().is_finite() && held.bytes() >= held.data()));
        prop_assert!(storage::disk(before, &PLANNED) as f64 * 1e9 >= before);
    }
}
