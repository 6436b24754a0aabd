//! The document's tables: its own numbers, what follows from its assumptions, and where the two differ.

mod activity;
mod growing;
mod holding;
mod load;
mod messaging;
mod running;

use std::fmt;

use crate::table::{Table, number, wrapped};
use crate::{Assumptions, Contradiction, Section, contradictions};

/// Columns of a terminal that lines are broken for.
const WIDTH: usize = 120;

/// A number of the document, and what follows in its place.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Cell {
    /// What the document says; the least of it where it says a range.
    pub least: f64,
    /// The most of it; the same where it says one number.
    pub most: f64,
    /// What follows from its assumptions; nothing where it only states.
    pub follows: Option<f64>,
    /// How far apart the two may lie and be the same, as the document rounds.
    pub rounding: f64,
    /// The contradiction that speaks of it where it does not follow.
    pub subject: Option<&'static str>,
}

impl Cell {
    fn stated(said: f64) -> Self {
        Self { least: said, most: said, follows: None, rounding: 0.0, subject: None }
    }

    fn of(said: f64, follows: f64, rounding: f64) -> Self {
        Self { follows: Some(follows), rounding, ..Self::stated(said) }
    }

    fn between((least, most): (f64, f64), follows: f64, rounding: f64) -> Self {
        Self { least, most, follows: Some(follows), rounding, subject: None }
    }

    fn about(self, subject: &'static str) -> Self {
        Self { subject: Some(subject), ..self }
    }

    /// Whether what follows is something else.
    pub fn differs(&self) -> bool {
        let said = self.least - self.rounding..=self.most + self.rounding;
        self.follows.is_some_and(|follows| !said.contains(&follows))
    }

    fn said(&self) -> String {
        if self.least < self.most {
            format!("{}-{}", number(self.least), number(self.most))
        } else {
            number(self.least)
        }
    }

    fn following(&self) -> String {
        let mark = if self.differs() { "*" } else { "" };
        match self.follows {
            None => String::new(),
            Some(follows) if follows.is_infinite() => format!("{mark}no limit"),
            Some(follows) => format!("{mark}{}", number(follows)),
        }
    }
}

/// A row of a table.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    /// What stands before it.
    pub name: String,
    /// Its numbers, under the columns.
    pub cells: Vec<Cell>,
}

impl Line {
    fn of(name: impl Into<String>, cells: impl IntoIterator<Item = Cell>) -> Self {
        Self { name: name.into(), cells: cells.into_iter().collect() }
    }
}

/// A table of the document, or numbers that stand in a list there.
#[derive(Clone, Debug, PartialEq)]
pub struct Sheet {
    /// Where it stands.
    pub section: Section,
    /// What it is of.
    pub title: &'static str,
    /// What its columns are.
    pub columns: Vec<&'static str>,
    /// Its rows.
    pub lines: Vec<Line>,
}

impl Sheet {
    fn new(section: Section, title: &'static str, columns: &[&'static str]) -> Self {
        Self { section, title, columns: columns.to_vec(), lines: Vec::new() }
    }

    fn line(&mut self, name: impl Into<String>, cells: impl IntoIterator<Item = Cell>) {
        self.lines.push(Line::of(name, cells));
    }

    /// A number by its row and column.
    pub fn cell(&self, line: &str, column: &str) -> Option<Cell> {
        let at = self.columns.iter().position(|one| *one == column)?;
        self.lines.iter().find(|one| one.name == line)?.cells.get(at).copied()
    }

    /// A column says what follows only where something does.
    fn has_following(&self, column: usize) -> bool {
        self.lines.iter().filter_map(|line| line.cells.get(column)).any(|cell| cell.follows.is_some())
    }

    fn table(&self, count_of: impl Fn(&str) -> Option<usize>) -> Table {
        let mut head = vec![""];
        for (at, column) in self.columns.iter().enumerate() {
            head.push(column);
            if self.has_following(at) {
                head.push("follows");
            }
        }
        let is_marked = self.lines.iter().any(|line| line.cells.iter().any(Cell::differs));
        if is_marked {
            head.push("see");
        }
        let mut table = Table::new(&head);
        for line in &self.lines {
            let mut row = vec![line.name.clone()];
            for at in 0..self.columns.len() {
                let cell = line.cells.get(at);
                row.push(cell.map(Cell::said).unwrap_or_default());
                if self.has_following(at) {
                    row.push(cell.map(Cell::following).unwrap_or_default());
                }
            }
            if is_marked {
                let differing = line.cells.iter().filter(|cell| cell.differs());
                let mut counts: Vec<usize> =
                    differing.filter_map(|cell| cell.subject).filter_map(&count_of).collect();
                counts.sort_unstable();
                counts.dedup();
                let counts: Vec<String> = counts.iter().map(ToString::to_string).collect();
                row.push(counts.join(", "));
            }
            table.row(row);
        }
        table
    }
}

/// All tables of the document.
#[derive(Clone, Debug)]
pub struct Sheets {
    /// In its order.
    pub all: Vec<Sheet>,
    /// What is said of where they do not follow.
    pub contradictions: Vec<Contradiction>,
}

impl Sheets {
    /// With what follows from these.
    pub fn new(assumed: &Assumptions) -> Self {
        let mut all = growing::list(assumed);
        all.extend(activity::list(assumed));
        all.extend(load::list(assumed));
        all.extend(messaging::list(assumed));
        all.extend(holding::list(assumed));
        all.extend(running::list(assumed));
        Self { all, contradictions: contradictions(assumed) }
    }

    /// As the report counts them.
    fn count_of(&self, subject: &str) -> Option<usize> {
        self.contradictions.iter().position(|one| one.subject == subject).map(|at| at + 1)
    }
}

impl fmt::Display for Sheets {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(to, "THE DOCUMENT'S TABLES, its own numbers beside what follows from its assumptions.")?;
        writeln!(to, "* does not follow; the last column is the contradiction that tells why.")?;
        for sheet in &self.all {
            writeln!(to, "\n{} ({})\n", sheet.title, sheet.section)?;
            write!(to, "{}", sheet.table(|subject| self.count_of(subject)))?;
        }
        writeln!(to, "\nWHY, as `sello growth` tells at length")?;
        let cells = || self.all.iter().flat_map(|sheet| &sheet.lines).flat_map(|line| &line.cells);
        for (at, one) in self.contradictions.iter().enumerate() {
            if cells().any(|cell| cell.differs() && cell.subject == Some(one.subject)) {
                let told = format!("{}. We plan: {}", one.subject, one.plan);
                writeln!(to, "  {:>3}  {}", at + 1, wrapped(&told, 7, WIDTH))?;
            }
        }
        Ok(())
    }
}
