//! The document's tables, as `sello growth tables` shows them.

use std::collections::BTreeSet;

use growth::{Section, Sheets, contradictions};

use crate::{CHAPTERS, PLANNED, cell};

#[test]
fn every_number_follows_or_a_contradiction_speaks_of_it() {
    let all = contradictions(&PLANNED);
    for sheet in Sheets::new(&PLANNED).all {
        for line in &sheet.lines {
            for cell in &line.cells {
                let speaks = |subject| all.iter().any(|one| Some(one.subject) == subject);
                assert!(!cell.differs() || speaks(cell.subject), "{}, {}: {cell:?}", sheet.title, line.name);
            }
        }
    }
}

#[test]
fn no_contradiction_is_held_against_a_table_that_follows() {
    for sheet in Sheets::new(&PLANNED).all {
        let cells = || sheet.lines.iter().flat_map(|line| &line.cells);
        for subject in cells().filter_map(|cell| cell.subject) {
            let differs = cells().any(|cell| cell.subject == Some(subject) && cell.differs());
            assert!(differs, "{}: nothing differs, but {subject} is named", sheet.title);
        }
    }
}

#[test]
fn every_row_has_a_name_of_its_own_and_a_number_under_every_column() {
    for sheet in Sheets::new(&PLANNED).all {
        let names: BTreeSet<&str> = sheet.lines.iter().map(|line| line.name.as_str()).collect();
        assert_eq!(names.len(), sheet.lines.len(), "{}", sheet.title);
        for line in &sheet.lines {
            assert_eq!(line.cells.len(), sheet.columns.len(), "{}, {}", sheet.title, line.name);
        }
    }
}

#[test]
fn every_chapter_with_numbers_has_its_table() {
    let sections: Vec<Section> = Sheets::new(&PLANNED).all.iter().map(|sheet| sheet.section).collect();
    // Numbers that stand in sentences, or beside another chapter's.
    let has_none = [Section::Inbound, Section::Risks, Section::Monitoring, Section::Conclusion];
    for section in CHAPTERS.into_iter().filter(|section| !has_none.contains(section)) {
        assert!(sections.contains(&section), "{section}");
    }
}

#[test]
fn what_does_not_follow_is_marked_with_the_contradiction_as_the_report_counts_it() {
    let sheets = Sheets::new(&PLANNED);
    let text = sheets.to_string();
    let at = sheets.contradictions.iter().position(|one| one.subject == "What leaves the house").unwrap();
    let line = text.lines().find(|line| line.trim_start().starts_with("outbound")).unwrap();
    let words: Vec<&str> = line.split_whitespace().collect();
    assert!(words.len() == 4 && words[2].starts_with('*'), "{line}");
    assert_eq!(words[3], (at + 1).to_string());
    assert!(text.contains(&format!("{}  What leaves the house. We plan:", at + 1)), "{text}");
    assert!(cell("Bandwidth of the peak, Q4 2027", "outbound", "Mbps").differs());
}

#[test]
fn the_tables_fit_a_terminal() {
    let text = Sheets::new(&PLANNED).to_string();
    let long = text.lines().find(|line| line.chars().count() > 130 || line.ends_with(' '));
    assert_eq!(long, None);
}
