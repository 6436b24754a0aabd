//! The report: one file that shows itself anywhere, and the same numbers as JSON beside it.

use std::fmt::Write;
use std::path::{Path, PathBuf};

use anyhow::Context;
use serde_json::{Value, json};

use crate::chart::escaped;
use crate::verdict::Verdict;

/// A picture with its heading and what must be known of it.
pub(crate) struct Figure {
    /// What it shows.
    pub(crate) heading: &'static str,
    /// The drawing.
    pub(crate) drawing: String,
    /// What to know.
    pub(crate) note: String,
}

/// Everything that is told of one load.
pub(crate) struct Report {
    /// What was done, in a sentence.
    pub(crate) said: String,
    /// Against the targets.
    pub(crate) verdicts: Vec<Verdict>,
    /// Pictures.
    pub(crate) figures: Vec<Figure>,
    /// Rows of numbers: a heading row first.
    pub(crate) table: Vec<Vec<String>>,
    /// All numbers.
    pub(crate) numbers: Value,
}

const STYLE: &str = "
:root { color-scheme: light dark; --paper: #fff; --ink: #1a1a1a; --faint: #d8d8d8; --s0: #0060a0; --s1: #b84a00; --s2: #00734d; --s3: #9a3d7a; }
@media (prefers-color-scheme: dark) { :root { --paper: #16181c; --ink: #ececec; --faint: #3c4048; --s0: #6cbcf0; --s1: #f0a050; --s2: #4fd0a0; --s3: #f0a0d0; } }
body { margin: 2rem auto; max-width: 52rem; padding: 0 1rem; background: var(--paper); color: var(--ink); font: 16px/1.5 system-ui, sans-serif; }
h1 { font-size: 1.5rem; } h2 { font-size: 1.1rem; margin: 2rem 0 .5rem; } p.legend, p.note { font-size: .9rem; margin: .25rem 0; }
svg { width: 100%; height: auto; } .legend svg { width: 28px; height: 8px; } .legend span { margin-right: 1rem; white-space: nowrap; }
svg text { fill: var(--ink); font-size: 12px; } .grid { stroke: var(--faint); } .target { stroke: var(--ink); stroke-dasharray: 2 3; }
.line { fill: none; stroke-width: 2; } .range { stroke: var(--ink); stroke-width: 3; } .whisker { stroke: var(--ink); } .bar { fill: var(--s0); }
.s0 { stroke: var(--s0); } .s1 { stroke: var(--s1); } .s2 { stroke: var(--s2); } .s3 { stroke: var(--s3); }
.line.s1 { stroke-dasharray: 7 3; } .line.s2 { stroke-dasharray: 2 3; } .line.s3 { stroke-dasharray: 10 3 2 3; } .dot { stroke-width: 3; fill: var(--paper); }
table { border-collapse: collapse; width: 100%; font-size: .95rem; } th, td { text-align: left; padding: .3rem .6rem .3rem 0; border-bottom: 1px solid var(--faint); }
td.n { font-variant-numeric: tabular-nums; } .short { font-weight: 700; color: var(--s1); } .pass { color: var(--s2); }
";

impl Report {
    /// Writes both files; the path of the one for people.
    pub(crate) fn write(&self, folder: &Path, name: &str) -> anyhow::Result<PathBuf> {
        std::fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
        let page = folder.join(format!("{name}.html"));
        std::fs::write(&page, self.page())?;
        std::fs::write(folder.join(format!("{name}.json")), format!("{:#}\n", self.json()))?;
        Ok(page)
    }

    fn json(&self) -> Value {
        let verdicts = self.verdicts.iter().map(|one| {
            json!({
                "target": one.target, "what": one.what, "measured": one.measured, "wanted": one.wanted,
                "passed": one.passed,
            })
        });
        json!({ "said": self.said, "verdicts": verdicts.collect::<Vec<_>>(), "numbers": self.numbers })
    }

    fn page(&self) -> String {
        let mut page = format!(
            "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>Sello under load</title>\
             <meta name=\"viewport\" content=\"width=device-width\"><style>{STYLE}</style></head><body>\
             <h1>Sello under load</h1><p>{}</p><table><tr><th>target</th><th>what</th><th>measured</th><th>wanted</th><th></th></tr>",
            escaped(&self.said)
        );
        for one in &self.verdicts {
            let cells = [one.target, &one.what, &one.measured, &one.wanted].map(escaped);
            let _ = write!(
                page,
                "<tr><td>{}</td><td>{}</td><td class=\"n\">{}</td><td class=\"n\">{}</td><td class=\"{word}\">{word}</td></tr>",
                cells[0],
                cells[1],
                cells[2],
                cells[3],
                word = one.word()
            );
        }
        page.push_str("</table>");
        for Figure { heading, drawing, note } in &self.figures {
            let _ = write!(page, "<h2>{heading}</h2>{drawing}<p class=\"note\">{}</p>", escaped(note));
        }
        if let Some((heading, rows)) = self.table.split_first() {
            let row = |cells: &[String], tag: &str| {
                let cells = cells.iter().map(|cell| format!("<{tag} class=\"n\">{}</{tag}>", escaped(cell)));
                format!("<tr>{}</tr>", cells.collect::<String>())
            };
            let _ = write!(page, "<h2>Numbers</h2><table>{}", row(heading, "th"));
            page.extend(rows.iter().map(|cells| row(cells, "td")));
            page.push_str("</table>");
        }
        page + "</body></html>\n"
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::verdict::tests::slow;

    #[test]
    fn a_page_needs_nothing_beside_it_and_says_what_is_short() {
        let report = Report {
            said: "a < b".into(),
            verdicts: vec![slow()],
            figures: vec![Figure { heading: "Rate", drawing: "<svg></svg>".into(), note: String::new() }],
            table: vec![vec!["kind".into()], vec!["POST".into()]],
            numbers: json!({ "p99": 70 }),
        };
        let page = report.page();
        assert!(page.contains("a &lt; b") && page.contains(">short<") && page.contains("&lt; 50 ms"));
        assert!(!page.contains("src=") && !page.contains("href=") && !page.contains("@import"), "{page}");
        assert_eq!(report.json()["verdicts"][0]["passed"], false);
    }
}
