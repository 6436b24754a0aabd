//! A list of customers somebody kept elsewhere, as CSV: what each row says, or what is wrong with it.

use std::collections::HashSet;

use chrono::NaiveDate;
use kernel::{Invalid, Phone};

use crate::domain::{birthday, name};

/// Most rows of one import.
pub const MOST_ROWS: usize = 5_000;
/// Most bytes of one import.
pub const MOST_BYTES: usize = 2_000_000;
/// Most stamps a row brings along: as many as stamping imports at once.
const MOST_STAMPS: i32 = 1_000;

/// A customer as a row tells her.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Her name.
    pub name: String,
    /// Her phone.
    pub phone: Phone,
    /// Her birthday, if the row has it.
    pub birthday: Option<NaiveDate>,
    /// What her paper card holds.
    pub stamps: i32,
}

/// A row with the line it begins on, counted as a person counts them in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// The line, the heading being the first.
    pub line: i32,
    /// What it says.
    pub row: Result<Row, Invalid>,
}

/// Where each field stands in a row.
struct Columns {
    name: usize,
    phone: usize,
    birthday: Option<usize>,
    stamps: Option<usize>,
}

impl Columns {
    fn find(heading: &csv::StringRecord) -> Result<Self, Invalid> {
        let place = |names: &[&str]| {
            heading.iter().position(|cell| names.contains(&crate::domain::search::normalise(cell).as_str()))
        };
        Ok(Self {
            name: place(&["name", "nombre", "nombres"]).ok_or_else(|| Invalid::new("name", "no_column"))?,
            phone: place(&["phone", "telefono", "celular"])
                .ok_or_else(|| Invalid::new("phone", "no_column"))?,
            birthday: place(&["birthday", "cumpleanos", "fecha de nacimiento"]),
            stamps: place(&["stamps", "sellos"]),
        })
    }
}

/// Reads a list. An error names what makes the list as a whole unreadable; a bad row is only that row's error.
pub fn read(text: &str, today: NaiveDate) -> Result<Vec<Line>, Invalid> {
    if text.len() > MOST_BYTES {
        return Err(Invalid::new("csv", "too_long"));
    }
    // Spreadsheets put a byte order mark before the heading, and Peruvian ones divide cells by semicolons.
    let text = text.trim_start_matches('\u{feff}');
    let heading = text.lines().next().unwrap_or_default();
    let divider = if heading.matches(';').count() > heading.matches(',').count() { b';' } else { b',' };
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(divider)
        .flexible(true)
        .trim(csv::Trim::All)
        .from_reader(text.as_bytes());
    let columns = Columns::find(reader.headers().map_err(|_| Invalid::new("csv", "not_csv"))?)?;
    let (mut lines, mut phones) = (Vec::new(), HashSet::new());
    for record in reader.records() {
        let record = record.map_err(|_| Invalid::new("csv", "not_csv"))?;
        if lines.len() == MOST_ROWS {
            return Err(Invalid::new("csv", "too_many_rows"));
        }
        let line = record.position().map_or(0, csv::Position::line);
        let row = read_row(&record, &columns, today).and_then(|row| {
            if phones.insert(row.phone.clone()) {
                Ok(row)
            } else {
                Err(Invalid::new("phone", "twice_in_the_list"))
            }
        });
        lines.push(Line { line: i32::try_from(line).unwrap_or(i32::MAX), row });
    }
    if lines.is_empty() { Err(Invalid::new("csv", "empty")) } else { Ok(lines) }
}

fn read_row(record: &csv::StringRecord, columns: &Columns, today: NaiveDate) -> Result<Row, Invalid> {
    let cell = |place: usize| record.get(place).unwrap_or_default();
    let stamps = columns.stamps.map(cell).filter(|text| !text.is_empty());
    let stamps = match stamps {
        None => 0,
        Some(text) => text
            .parse::<i32>()
            .ok()
            .filter(|count| (0..=MOST_STAMPS).contains(count))
            .ok_or_else(|| Invalid::new("stamps", "not_a_count"))?,
    };
    Ok(Row {
        name: name::parse("name", cell(columns.name))?,
        phone: cell(columns.phone).parse()?,
        birthday: birthday::parse(columns.birthday.map(cell).unwrap_or_default(), today)?,
        stamps,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn today() -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 11, 23).unwrap()
    }

    #[test]
    fn a_list_from_a_spreadsheet_is_read() {
        let text = "\u{feff}Nombre;Teléfono;Cumpleaños;Sellos\nAna Paz;987 654 321;1990-05-02;7\n\"Luz; hija\";987654322;;\n";
        let lines = read(text, today()).unwrap();
        let ana = lines[0].row.as_ref().unwrap();
        assert_eq!((ana.name.as_str(), ana.phone.as_str(), ana.stamps), ("Ana Paz", "+51987654321", 7));
        assert_eq!(lines[1].row.as_ref().unwrap().name, "Luz; hija");
        assert_eq!(lines[1].line, 3);
    }

    #[test]
    fn each_bad_row_names_its_field_and_the_good_ones_stay() {
        let text = "name,phone,birthday,stamps\n,987654321,,\nAna,12,,\nAna,987654321,x,\nAna,987654321,,-1\nAna,987654321,,3\nLuz,+51 987654321,,\n";
        let lines = read(text, today()).unwrap();
        let fields: Vec<_> =
            lines.iter().map(|l| l.row.as_ref().err().map(|e| (e.field.as_str(), e.reason))).collect();
        assert_eq!(
            fields,
            [
                Some(("name", "required")),
                Some(("phone", "not_a_phone")),
                Some(("birthday", "not_a_date")),
                Some(("stamps", "not_a_count")),
                None,
                Some(("phone", "twice_in_the_list")),
            ]
        );
    }

    #[test]
    fn a_list_without_a_phone_column_is_no_list() {
        assert_eq!(read("name,email\nAna,a@b.pe\n", today()), Err(Invalid::new("phone", "no_column")));
        assert_eq!(read("", today()), Err(Invalid::new("name", "no_column")));
        assert_eq!(read("name,phone\n", today()), Err(Invalid::new("csv", "empty")));
    }

    #[test]
    fn more_than_five_thousand_rows_are_refused() {
        let text = format!("name,phone\n{}", "Ana,1\n".repeat(MOST_ROWS + 1));
        assert_eq!(read(&text, today()), Err(Invalid::new("csv", "too_many_rows")));
    }

    proptest! {
        /// Whatever is uploaded, reading it ends in rows or in an error that names a field.
        #[test]
        fn reading_is_total(text in "(name,phone\n)?[\\PC\n\",;]{0,300}") {
            let _ = read(&text, today());
        }
    }
}
