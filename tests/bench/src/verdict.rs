//! A number beside what it should be, and which of them make the exit code 1.

use std::process::ExitCode;

use anyhow::bail;

/// What it means that a number is not as it should be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Short {
    /// This machine was too slow, or its memory too large: told, and no more unless every target counts.
    Slow,
    /// A promise was broken, on however slow a machine.
    Broken,
}

/// A number beside what it should be.
#[derive(Debug)]
pub(crate) struct Verdict {
    /// The row of the targets.
    pub(crate) target: &'static str,
    /// What was measured.
    pub(crate) what: String,
    /// As it was.
    pub(crate) measured: String,
    /// As it should be.
    pub(crate) wanted: String,
    /// Reached.
    pub(crate) passed: bool,
    /// What it means where it was not.
    pub(crate) short: Short,
}

impl Verdict {
    /// Of things of which there must be none.
    pub(crate) fn none(target: &'static str, what: impl Into<String>, count: usize) -> Self {
        Self {
            target,
            what: what.into(),
            measured: count.to_string(),
            wanted: "none".to_owned(),
            passed: count == 0,
            short: Short::Broken,
        }
    }

    /// In a line for a terminal.
    pub(crate) fn line(&self) -> String {
        format!(
            "{}  {:<5} {}: {} (target {})",
            self.target,
            self.word(),
            self.what,
            self.measured,
            self.wanted
        )
    }

    /// In a word.
    pub(crate) fn word(&self) -> &'static str {
        if self.passed { "pass" } else { "short" }
    }
}

/// What was short, and whether that makes the exit code 1.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    is_strict: bool,
    slow: usize,
    broken: usize,
}

impl Tally {
    /// Nothing yet. `STRICT=1` makes what was slow count like what was broken.
    pub(crate) fn read() -> anyhow::Result<Self> {
        Ok(Self { is_strict: strict(&std::env::var("STRICT").unwrap_or_default())?, ..Self::default() })
    }

    /// Takes one in.
    pub(crate) fn count(&mut self, verdict: &Verdict) {
        match verdict.short {
            _ if verdict.passed => {}
            Short::Slow => self.slow += 1,
            Short::Broken => self.broken += 1,
        }
    }

    /// In a line for a terminal.
    pub(crate) fn line(&self) -> String {
        let slow = if self.is_strict { "counts" } else { "does not count; STRICT=1 lets it" };
        format!("{} broken; {} slow, which {slow}", self.broken, self.slow)
    }

    /// Whether the run has failed.
    pub(crate) fn has_failed(&self) -> bool {
        self.broken > 0 || self.is_strict && self.slow > 0
    }

    /// The same as an exit code.
    pub(crate) fn exit_code(&self) -> ExitCode {
        if self.has_failed() { ExitCode::FAILURE } else { ExitCode::SUCCESS }
    }
}

fn strict(text: &str) -> anyhow::Result<bool> {
    match text {
        "" | "0" => Ok(false),
        "1" => Ok(true),
        other => bail!("STRICT={other} is neither 1 nor 0"),
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// One that is short.
    pub(crate) fn slow() -> Verdict {
        Verdict {
            target: "T2",
            what: "p99".into(),
            measured: "70 ms".into(),
            wanted: "< 50 ms".into(),
            passed: false,
            short: Short::Slow,
        }
    }

    fn has_failed(is_strict: bool, verdicts: &[Verdict]) -> bool {
        let mut tally = Tally { is_strict, ..Tally::default() };
        verdicts.iter().for_each(|verdict| tally.count(verdict));
        tally.has_failed()
    }

    #[test]
    fn a_slow_machine_fails_nothing_unless_every_target_counts() {
        assert!(!has_failed(false, &[slow()]));
        assert!(has_failed(true, &[slow()]));
        assert!(!has_failed(true, &[Verdict { passed: true, ..slow() }]));
    }

    #[test]
    fn one_request_that_failed_fails_the_run_on_every_machine() {
        let failed = |count| Verdict::none("T2", "requests that failed", count);
        assert!(!has_failed(false, &[failed(0)]));
        assert!(has_failed(false, &[failed(0), failed(1)]));
    }

    #[test]
    fn the_last_line_says_what_counts() {
        let mut tally = Tally::default();
        tally.count(&slow());
        tally.count(&Verdict::none("T3", "sockets that ended", 2));
        assert_eq!(tally.line(), "1 broken; 1 slow, which does not count; STRICT=1 lets it");
    }

    #[test]
    fn strict_is_one_or_nought() {
        assert!(strict("1").unwrap() && !strict("0").unwrap() && !strict("").unwrap());
        assert!(strict("yes").unwrap_err().to_string().contains("STRICT=yes"));
    }
}
