//! "Network & Bandwidth".

use growth::network::{self, Flow};

use crate::{PLANNED, cell, is, is_off_by, said, sheet};

const TRAFFIC: &str = "Traffic of the peak, Q4 2027";

/// Megabits, rounded as the document rounds.
#[test]
fn the_documents_lines_add_up() {
    for line in &sheet(TRAFFIC).lines {
        let (kilobytes, megabits) = (said(TRAFFIC, &line.name, "KB a second"), &line.cells[1]);
        is(kilobytes * 8.0 / 1_000.0, megabits.least, megabits.rounding);
    }
    let all = |line| cell("Bandwidth of the peak, Q4 2027", line, "Mbps");
    let (inbound, outbound) = network::DOCUMENT.split_at(2);
    is(network::total(inbound), all("inbound").least, 0.05);
    is(network::total(outbound), all("outbound").least, 0.005);
    is(network::total(&network::DOCUMENT), all("both").least, 0.05);
}

/// In a hundredth.
#[test]
fn every_line_follows_but_the_pushes() {
    let lines = sheet(TRAFFIC).lines;
    let (pushes, others) = lines.split_last().unwrap();
    assert!(others.iter().flat_map(|line| &line.cells).all(|cell| !cell.differs()), "{others:?}");
    is_off_by(pushes.cells[0].least, pushes.cells[0].follows.unwrap(), 60.0);
}

#[test]
fn the_passes_that_phones_fetch_are_more_than_all_that_is_counted_outbound() {
    let fetched = network::computed(2_000, &PLANNED)[6];
    let outbound: f64 = network::DOCUMENT[2..].iter().map(Flow::megabits).sum();
    assert!(fetched.megabits() > outbound, "{fetched:?}");
}
