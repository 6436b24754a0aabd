//! The growth document's tables, with its own numbers: each is made again from its assumptions within the rounding that is
//! stated, or a test says that it does not follow.

mod activity;
mod contradictions;
mod costs;
mod deployment;
mod load;
mod market;
mod messages;
mod network;
mod report;
mod scenarios;
mod sizes;
mod storage;
mod tables;

use growth::{Assumptions, Cell, Section, Sheet, Sheets};

const PLANNED: Assumptions = Assumptions::PLANNED;

/// The chapters of the document that say something in numbers.
const CHAPTERS: [Section; 22] = [
    Section::Summary,
    Section::Market,
    Section::Scenarios,
    Section::Owners,
    Section::Customers,
    Section::Campaigns,
    Section::Database,
    Section::Api,
    Section::WebSockets,
    Section::WhatsApp,
    Section::AppleWallet,
    Section::Connections,
    Section::DatabaseSize,
    Section::Files,
    Section::Inbound,
    Section::Outbound,
    Section::Infrastructure,
    Section::Cost,
    Section::ExternalCost,
    Section::Risks,
    Section::Monitoring,
    Section::Conclusion,
];

/// A table of the document.
#[track_caller]
fn sheet(title: &str) -> Sheet {
    let found = Sheets::new(&PLANNED).all.into_iter().find(|sheet| sheet.title == title);
    found.unwrap_or_else(|| panic!("no table {title}"))
}

/// A number of it.
#[track_caller]
fn cell(title: &str, line: &str, column: &str) -> Cell {
    sheet(title).cell(line, column).unwrap_or_else(|| panic!("nothing at {line}, {column} of {title}"))
}

/// What the document says there.
#[track_caller]
fn said(title: &str, line: &str, column: &str) -> f64 {
    let cell = cell(title, line, column);
    assert!(cell.least >= cell.most, "a range: {cell:?}");
    cell.least
}

/// Every number under these columns follows.
#[track_caller]
fn follow(title: &str, columns: &[&str]) {
    let sheet = sheet(title);
    for line in &sheet.lines {
        for column in columns {
            let cell = sheet.cell(&line.name, column);
            assert!(
                cell.is_some_and(|cell| cell.follows.is_some() && !cell.differs()),
                "{title}, {}, {column}: {cell:?}",
                line.name
            );
        }
    }
}

/// What is computed is what is written, if the last digit of what is written may be rounded.
#[track_caller]
fn is(computed: f64, written: f64, rounding: f64) {
    assert!((computed - written).abs() <= rounding, "{computed} is not {written} ± {rounding}");
}

/// What is written is so many times what is computed, give or take a twentieth.
#[track_caller]
fn is_off_by(written: f64, computed: f64, times: f64) {
    let factor = written / computed;
    assert!((factor / times - 1.0).abs() < 0.05, "{written} is {factor} times {computed}, not {times}");
}
