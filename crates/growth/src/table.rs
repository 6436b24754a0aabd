//! Numbers and tables as plain text.

use std::fmt;

/// A number as people write it: thousands apart, and no more digits than tell something.
pub(crate) fn number(value: f64) -> String {
    let digits = match value.abs() {
        size if size >= 100.0 || (size - size.round()).abs() < 1e-9 => 0,
        size if size >= 10.0 => 1,
        size if size >= 1.0 => 2,
        _ => 3,
    };
    // Half goes up, as the document rounds; the formatter would go to the even one.
    let written = if digits == 0 { format!("{:.0}", value.round()) } else { format!("{value:.digits$}") };
    let (whole, rest) = written.split_once('.').map_or((written.as_str(), ""), |(whole, rest)| (whole, rest));
    let (sign, whole) = whole.strip_prefix('-').map_or(("", whole), |whole| ("-", whole));
    let mut apart = String::new();
    for (at, digit) in whole.chars().enumerate() {
        if at > 0 && (whole.len() - at).is_multiple_of(3) && digit.is_ascii_digit() {
            apart.push(',');
        }
        apart.push(digit);
    }
    let rest = rest.trim_end_matches('0');
    let point = if rest.is_empty() { "" } else { "." };
    format!("{sign}{apart}{point}{rest}")
}

/// Rows under a head; the first column stands left, the others right.
#[derive(Clone, Debug)]
pub(crate) struct Table {
    rows: Vec<Vec<String>>,
}

impl Table {
    pub(crate) fn new(head: &[&str]) -> Self {
        Self { rows: vec![head.iter().map(|cell| (*cell).to_owned()).collect()] }
    }

    pub(crate) fn row(&mut self, cells: impl IntoIterator<Item = String>) {
        self.rows.push(cells.into_iter().collect());
    }
}

impl fmt::Display for Table {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        let columns = self.rows.iter().map(Vec::len).max().unwrap_or(0);
        let width = |column: usize| {
            self.rows
                .iter()
                .filter_map(|row| row.get(column))
                .map(|cell| cell.chars().count())
                .max()
                .unwrap_or(0)
        };
        let widths: Vec<usize> = (0..columns).map(width).collect();
        for (at, row) in self.rows.iter().enumerate() {
            let mut line = String::new();
            for (column, (cell, width)) in row.iter().zip(&widths).enumerate() {
                line += &match column {
                    0 => format!("  {cell:<width$}"),
                    _ => format!("  {cell:>width$}"),
                };
            }
            writeln!(to, "{}", line.trim_end())?;
            if at == 0 {
                let rule = widths.iter().map(|width| width + 2).sum::<usize>().saturating_sub(2);
                writeln!(to, "  {}", "-".repeat(rule))?;
            }
        }
        Ok(())
    }
}

/// Writes words under one another, no line longer than `width`, every line after `indent` spaces.
pub(crate) fn wrapped(words: &str, indent: usize, width: usize) -> String {
    let mut lines: Vec<String> = Vec::new();
    for word in words.split_whitespace() {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() + indent <= width => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    let margin = " ".repeat(indent);
    lines.join(&format!("\n{margin}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_as_people_write_them() {
        let written = [0.0, 0.3125, 4.11, 18.75, 39.0, 117.4, 1_125.0, 1_620_000.0, -1_234.0].map(number);
        assert_eq!(written, ["0", "0.312", "4.11", "18.8", "39", "117", "1,125", "1,620,000", "-1,234"]);
        assert_eq!(
            (number(f64::INFINITY), number(12.5), number(0.30)),
            ("inf".into(), "12.5".into(), "0.3".into())
        );
    }

    #[test]
    fn columns_stand_under_one_another() {
        let mut table = Table::new(&["service", "replicas"]);
        table.row(["gateway".into(), "2".into()]);
        table.row(["wallet-pass".into(), "12".into()]);
        assert_eq!(
            table.to_string(),
            "  service      replicas\n  ---------------------\n  gateway             2\n  wallet-pass        12\n"
        );
    }

    #[test]
    fn long_words_are_laid_under_one_another() {
        assert_eq!(wrapped("one two three", 2, 9), "one two\n  three");
    }
}
