//! Queries, requests and frames of the peak.

use super::{Cell, Sheet};
use crate::{Activity, Assumptions, Multiple, Request, Section, Workload, Year, queries, workload};

/// As the document rounds its queries: 18 stamps a minute, and not 18.75.
const QUERIES: f64 = 0.07;

pub(super) fn list(assumed: &Assumptions) -> Vec<Sheet> {
    vec![database(assumed), requests(assumed), sockets(assumed)]
}

fn database(assumed: &Assumptions) -> Sheet {
    let title = "Queries of the peak, Q4 2027";
    let mut sheet = Sheet::new(Section::Database, title, &["reads a second", "writes a second"]);
    let of = |year: Year| queries::computed(year.businesses(), assumed);
    let by_row = "Queries a second, row by row";
    let mut row = |name: &str, said: (f64, f64), follows: (f64, f64), subject| {
        let cells = [Cell::of(said.0, follows.0, QUERIES), Cell::of(said.1, follows.1, QUERIES)];
        sheet.line(name, cells.map(|cell| cell.about(subject)));
    };
    for (said, follows) in queries::DOCUMENT.iter().zip(of(Year::Three)) {
        row(said.operation, (said.reads, said.writes), (follows.reads, follows.writes), by_row);
    }
    let (third, fifth) = (queries::total(&of(Year::Three)), queries::total(&of(Year::Five)));
    row("All", (43.0, 2.5), third, by_row);
    row("Peak", (129.0, 7.5), third, "Peak of a peak, queries");
    row("Peak of year 5", (645.0, 37.5), fifth, "Peak of a peak, queries");
    sheet
}

fn requests(assumed: &Assumptions) -> Sheet {
    let mut sheet = Sheet::new(Section::Api, "Requests of the peak, Q4 2027", &["a second"]);
    let computed = Workload::computed(Year::Three.businesses(), Multiple::ONE, assumed);
    let by_row = "Requests a second";
    for request in Request::ALL {
        let cell = Cell::of(request.stated(), computed.rate(request), 0.05).about(by_row);
        sheet.line(request.endpoint(), [cell]);
    }
    let all = computed.per_second();
    sheet.line("All", [Cell::of(workload::STATED_SUM, all, 0.11).about(by_row)]);
    let calm = workload::STATED_SUM / assumed.api_peak.value;
    sheet.line("Off the peak", [Cell::between((15.0, 20.0), calm, 0.5).about("Load outside the peak")]);
    sheet.line("Peak", [Cell::of(117.0, all, 0.5).about("Peak of a peak, requests")]);
    sheet
}

fn sockets(assumed: &Assumptions) -> Sheet {
    let mut sheet = Sheet::new(Section::WebSockets, "Sockets and their frames", &["Q4 2027"]);
    let activity = Activity::of(Year::Three.businesses(), assumed);
    let made = Workload::computed(Year::Three.businesses(), Multiple::ONE, assumed).frames_per_second;
    let mut row = |name: &str, cell: Cell| sheet.line(name, [cell]);
    row("panels", Cell::of(980.0, activity.panels, 1e-6));
    row("tills", Cell::of(280.0, activity.tills, 1e-6));
    row("both", Cell::of(1_260.0, activity.sockets(), 1e-6));
    row("frames a second to panels", Cell::of(196.0, activity.panels / assumed.panel_interval.value, 1e-6));
    row("frames a second to tills", Cell::of(140.0, activity.tills / assumed.till_interval.value, 1e-6));
    row("frames a second", Cell::of(336.0, made, 1e-6).about("Frames a second"));
    sheet
}
