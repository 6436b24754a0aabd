//! "Network & Bandwidth".

use growth::network::{self, Flow};

use crate::{PLANNED, is, is_off_by};

/// Megabits, rounded as the document rounds.
#[test]
fn the_documents_lines_add_up() {
    let written = network::DOCUMENT.map(|flow| flow.megabits());
    for (computed, (megabits, rounding)) in written.into_iter().zip([
        (4.7, 0.05),
        (0.5, 0.05),
        (0.05, 0.005),
        (0.31, 0.005),
        (0.001, 0.0005),
        (0.067, 0.0005),
    ]) {
        is(computed, megabits, rounding);
    }
    is(written[..2].iter().sum(), 5.2, 0.05);
    is(written[2..].iter().sum(), 0.43, 0.005);
    is(network::total(&network::DOCUMENT), 5.6, 0.05);
}

/// In a hundredth.
#[test]
fn every_line_follows_but_the_pushes() {
    let computed = network::computed(2_000, &PLANNED);
    for at in [0, 1, 2, 3] {
        let (written, follows) = (network::DOCUMENT[at].kilobytes, computed[at].kilobytes);
        is(follows, written, written * 0.01);
    }
    // The document rounds it to two digits.
    is(computed[4].kilobytes, 0.13, 0.0051);
    is_off_by(network::DOCUMENT[5].kilobytes, computed[5].kilobytes, 60.0);
}

#[test]
fn the_passes_that_phones_fetch_are_more_than_all_that_is_counted_outbound() {
    let fetched = network::computed(2_000, &PLANNED)[6];
    let outbound: f64 = network::DOCUMENT[2..].iter().map(Flow::megabits).sum();
    assert!(fetched.megabits() > outbound, "{fetched:?}");
}
