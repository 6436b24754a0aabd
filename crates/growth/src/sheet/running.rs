//! What is sized, and what it costs.

use super::{Cell, Sheet};
use crate::{
    Activity, Assumptions, Cost, DOCUMENT_EXTERNAL, DOCUMENT_YEAR_1, DOCUMENT_YEAR_3, Deployment, Messages,
    Section, Year, document_total,
};

/// The years that the document has a bill of.
const BILLED: [Year; 2] = [Year::One, Year::Three];

pub(super) fn list(assumed: &Assumptions) -> Vec<Sheet> {
    vec![
        sizes(assumed),
        bill("AWS in year 1", &DOCUMENT_YEAR_1, 285.0),
        bill("AWS in year 3", &DOCUMENT_YEAR_3, 2_195.0),
        external(assumed),
        margins(assumed),
    ]
}

fn sizes(assumed: &Assumptions) -> Sheet {
    let mut sheet = Sheet::new(Section::Infrastructure, "What is sized", &["Q4 2025", "Q4 2026", "Q4 2027"]);
    let years = [Year::One, Year::Two, Year::Three].map(|year| Deployment::of(year, assumed));
    let servers = years[2].replicas() as f64 * assumed.cores_of_replica.value;
    // What it says of the first two years is not far off.
    let servers =
        [Cell::stated(4.0), Cell::stated(6.0), Cell::of(20.0, servers, 0.5).about("Servers of year 3")];
    sheet.line("processors of servers", servers);
    let mut row = |name: &str, said: [f64; 3], subject, follows: &dyn Fn(&Deployment) -> u64| {
        let cells = years.iter().zip(said);
        sheet.line(
            name,
            cells.map(|(year, said)| Cell { subject, ..Cell::of(said, follows(year) as f64, 0.0) }),
        );
    };
    row("processors of the database", [2.0, 2.0, 4.0], None, &|year| year.database.cores);
    let failover = Some("Failover in year 1");
    row("its copies", [0.0, 1.0, 2.0], failover, &|year| year.database.read_replicas);
    row("its disk, GB", [100.0, 200.0, 500.0], Some("Disks"), &|year| year.disk);
    sheet
}

fn bill(title: &'static str, lines: &[Cost], said: f64) -> Sheet {
    let mut sheet = Sheet::new(Section::Cost, title, &["US$ a month"]);
    for line in lines {
        sheet.line(line.what, [Cell::stated(line.monthly)]);
    }
    sheet.line("all", [Cell::of(said, document_total(lines), 0.0)]);
    sheet
}

/// What external services cost in both years.
fn services() -> [f64; 2] {
    let sum = |of: fn(&(Cost, Cost)) -> f64| DOCUMENT_EXTERNAL.iter().map(of).sum();
    [sum(|(first, _)| first.monthly), sum(|(_, third)| third.monthly)]
}

fn external(assumed: &Assumptions) -> Sheet {
    let title = "External services, US$ a month";
    let mut sheet = Sheet::new(Section::ExternalCost, title, &["year 1", "year 3"]);
    let messages = BILLED.map(|year| {
        let counted = Messages::as_the_document_counts(year.businesses(), assumed);
        counted.monthly_cost(assumed.service_price.value, assumed)
    });
    for (at, (first, third)) in DOCUMENT_EXTERNAL.iter().enumerate() {
        let said = [first.monthly, third.monthly];
        // The first line is Twilio's, and the only one that follows from anything.
        let cells: Vec<Cell> = if at == 0 {
            let cells = said.into_iter().zip(messages);
            cells.map(|(said, follows)| Cell::of(said, follows, 0.5).about("Twilio in the bill")).collect()
        } else {
            said.map(Cell::stated).into()
        };
        sheet.line(first.what, cells);
    }
    let [first, third] = services();
    sheet.line("all", [Cell::of(234.0, first, 0.5), Cell::of(1_182.0, third, 0.5)]);
    sheet
}

fn margins(assumed: &Assumptions) -> Sheet {
    let title = "Everything, and what is left of revenue";
    let mut sheet = Sheet::new(Section::Cost, title, &["year 1", "year 3"]);
    let running = [document_total(&DOCUMENT_YEAR_1), document_total(&DOCUMENT_YEAR_3)];
    let spent: Vec<f64> =
        running.iter().zip(services()).map(|(running, services)| running + services).collect();
    let revenue = BILLED.map(|year| Activity::of(year.businesses(), assumed).monthly_revenue);
    let shares: Vec<f64> =
        spent.iter().zip(revenue).map(|(spent, revenue)| spent / revenue * 100.0).collect();
    let mut row = |name: &str, said: [f64; 2], follows: &[f64], rounding: f64, subject| {
        let cells = said.into_iter().zip(follows);
        let cells = cells.map(|(said, follows)| Cell { subject, ..Cell::of(said, *follows, rounding) });
        sheet.line(name, cells);
    };
    row("US$ a month", [519.0, 3_377.0], &spent, 0.5, None);
    row("% of revenue", [8.2, 2.8], &shares, 0.05, None);
    let left: Vec<f64> = shares.iter().map(|share| 100.0 - share).collect();
    row("% left", [92.7, 97.4], &left, 0.05, Some("Gross margin"));
    sheet
}
