//! `sello growth [year] [times]`: what a year of the growth plan needs, and where the plan contradicts itself; `sello growth tables`: the
//! plan's tables beside what follows from it.

use std::process::ExitCode;

use anyhow::{Context, bail};
use growth::{Assumptions, Multiple, Report, Sheets, Year};

use crate::greeting::say;

/// Tells of a year, the third if none is named, and of a load test, at three times its peak if nothing else is asked for.
pub(crate) fn plan(words: &[&str]) -> anyhow::Result<ExitCode> {
    let (year, times) = match words {
        ["tables"] => {
            say(Sheets::new(&Assumptions::PLANNED).to_string().trim_end());
            return Ok(ExitCode::SUCCESS);
        }
        [] => ("3", "3"),
        [year] => (*year, "3"),
        [year, times] => (*year, *times),
        _ => bail!("expected `growth [year] [times]` or `growth tables`"),
    };
    let year = year.parse().ok().and_then(Year::from_number);
    let year = year.context("year: expected a number from 1 to 5")?;
    let times = times.parse().ok().and_then(Multiple::new);
    let times =
        times.with_context(|| format!("times: expected a number above 0, at most {}", Multiple::MOST))?;
    say(Report::new(year, times).to_string().trim_end());
    Ok(ExitCode::SUCCESS)
}
