//! Connections, rows and files, and what flows.

use super::{Cell, Sheet};
use crate::{Assumptions, Deployment, Section, Year, network, storage};

/// What the database holds at the end of year 3, in GB.
const HELD: f64 = 6.2;
/// Connections of services: two that scale, and two that do not.
const SERVERS: [(&str, f64); 4] =
    [("API servers", 30.0), ("workers", 20.0), ("dashboard", 20.0), ("admin", 5.0)];

pub(super) fn list(assumed: &Assumptions) -> Vec<Sheet> {
    vec![
        connections(assumed),
        tables(assumed),
        database(),
        files(assumed),
        traffic(assumed),
        bandwidth(assumed),
    ]
}

fn connections(assumed: &Assumptions) -> Sheet {
    let mut sheet = Sheet::new(Section::Connections, "Connections", &["Q4 2027"]);
    for (name, connections) in SERVERS {
        sheet.line(name, [Cell::stated(connections)]);
    }
    // With the five servers and three workers that are sized elsewhere, ten connections each.
    let sized = (5.0 + 3.0) * assumed.connections_of_replica.value;
    let [_, _, (_, dashboard), (_, admin)] = SERVERS;
    let all = Cell::of(75.0, sized + dashboard + admin, 0.0);
    sheet.line("all", [all.about("Instances and their connections")]);
    let active = Deployment::of(Year::Three, assumed).database.active as f64;
    sheet.line("active, by the formula", [Cell::of(36.0, active, 0.0).about("Size of the pool")]);
    sheet
}

fn tables(assumed: &Assumptions) -> Sheet {
    let columns = ["rows", "MB of rows", "MB of indexes", "MB"];
    let mut sheet = Sheet::new(Section::DatabaseSize, "Tables at the end of year 3", &columns);
    let written = [
        (4.0, 1.0, 5.0),
        (100.0, 50.0, 150.0),
        (827.0, 400.0, 1_200.0),
        (288.0, 100.0, 388.0),
        (1_600.0, 800.0, 2_400.0),
        (55.0, 25.0, 80.0),
        (20.0, 10.0, 30.0),
        (1_300.0, 600.0, 1_900.0),
    ];
    let subjects = [
        None,
        None,
        Some("Visits of a year"),
        Some("Years that a table holds"),
        Some("Rows of campaign_sends"),
        Some("Rows of rewards"),
        Some("Rows of referrals"),
        Some("Years that a table holds"),
    ];
    let year_ends: Vec<u64> = Year::Three.so_far().map(Year::businesses).collect();
    let computed = storage::computed(&year_ends, assumed);
    let document = storage::document();
    let said = document.iter().zip(written);
    for ((held, (data, index, both)), (follows, subject)) in said.zip(computed.iter().zip(subjects)) {
        // Its bytes follow from its own rows.
        let cells = [
            Cell { subject, ..Cell::of(held.rows, follows.rows, 0.5) },
            Cell::of(data, held.data() / 1e6, data * 0.02),
            Cell::of(index, (held.bytes() - held.data()) / 1e6, index * 0.02),
            Cell::of(both, held.bytes() / 1e6, both * 0.03),
        ];
        sheet.line(held.table, cells);
    }
    sheet
}

fn database() -> Sheet {
    let mut sheet = Sheet::new(Section::DatabaseSize, "Size of the database", &["GB"]);
    let document = storage::document();
    let data: f64 = document.iter().map(|held| held.data() / 1e9).sum();
    let all = storage::total(&document) / 1e9;
    sheet.line("rows", [Cell::of(4.2, data, 0.05)]);
    sheet.line("indexes", [Cell::of(2.0, all - data, 0.05)]);
    sheet.line("all", [Cell::of(HELD, all, 0.05)]);
    sheet.line("all in year 5", [Cell::of(45.0, all * 5.0, 0.5).about("Database in year 5")]);
    sheet
}

fn files(assumed: &Assumptions) -> Sheet {
    let mut sheet = Sheet::new(Section::Files, "Files", &["GB"]);
    let files = storage::Files::of(Year::Three.businesses(), HELD * 1e9, assumed);
    sheet.line("logos and posters", [Cell::of(0.5, files.assets, 0.05)]);
    sheet.line("passes", [Cell::of(15.0, files.passes, 0.05).about("Cache of passes")]);
    sheet.line("backups", [Cell::of(43.4, files.backups, 0.05)]);
    sheet.line("all", [Cell::of(60.0, files.total(), 1.2).about("Cache of passes")]);
    sheet
}

fn traffic(assumed: &Assumptions) -> Sheet {
    let mut sheet = Sheet::new(Section::Outbound, "Traffic of the peak, Q4 2027", &["KB a second", "Mbps"]);
    let computed = network::computed(Year::Three.businesses(), assumed);
    let megabits = [(4.7, 0.05), (0.5, 0.05), (0.05, 0.005), (0.31, 0.005), (0.001, 0.0005), (0.067, 0.0005)];
    let said = network::DOCUMENT.iter().zip(megabits);
    for ((flow, (megabits, rounding)), follows) in said.zip(&computed) {
        let kilobytes = Cell::of(flow.kilobytes, follows.kilobytes, flow.kilobytes * 0.01 + 0.005);
        let cells = [kilobytes, Cell::of(megabits, follows.megabits(), rounding)];
        sheet.line(flow.name, cells.map(|cell| cell.about("Bytes of wallet pushes")));
    }
    sheet
}

fn bandwidth(assumed: &Assumptions) -> Sheet {
    let mut sheet = Sheet::new(Section::Outbound, "Bandwidth of the peak, Q4 2027", &["Mbps"]);
    let computed = network::computed(Year::Three.businesses(), assumed);
    let (inbound, outbound) = computed.split_at(2);
    let leaving = "What leaves the house";
    sheet.line("inbound", [Cell::of(5.2, network::total(inbound), 0.05)]);
    sheet.line("outbound", [Cell::of(0.43, network::total(outbound), 0.005).about(leaving)]);
    sheet.line("both", [Cell::of(5.6, network::total(&computed), 0.05).about(leaving)]);
    sheet
}
