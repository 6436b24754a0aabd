//! `bench load`: the growth plan's mixed load with its sockets, on the data of one of its years, and a report with pictures.
//!
//! `LOAD_TIMES` (3) is how many times the planned peak of 2,000 businesses, for `LOAD_SECONDS` (60). `LOAD_YEAR` chooses whose data
//! it runs on (3), and then panels and stamps are compared with those on year 1's first (T6). `LOAD_ROUNDS` (1) is how often each
//! is measured, on a platform that was started anew each time; medians are told. `LOAD_SOCKETS` opens so many sockets instead, and
//! looks at what each costs (T3, second half). `LOAD_REPORT` is the folder of the report (target/load).
//!
//! The exit code is 1 where something failed that is not speed: a request, a socket that ended, a frame that nobody heard, `sello
//! verify` afterwards. `STRICT=1` makes every target that is short count.
//!
//! Years are heavy: year 5 writes 8.1 million stamps and takes some gigabytes while it runs.

mod compared;
mod held;
mod processes;
mod report;
mod shops;
mod sockets;
mod told;

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, bail, ensure};
use growth::{Assumptions, Multiple, Request, Workload, Year};

use crate::data::{self, Filled};
use crate::figures::plain;
use crate::mixed::{Mixed, percentiles};
use crate::platform::Platform;
use crate::shop::Shop;
use crate::verdict::{Tally, Verdict};
use crate::whatsapp::{self, Sent};
use crate::{mixed, number};
use compared::OnYear;
use processes::{Uses, Watch};
use report::Report;
use sockets::{Heard, Sockets};

/// An owner's token lives ten minutes, and signing in comes before the load.
const LONGEST: u64 = 420;
/// How long T6 measures each thing.
const COMPARED_FOR: Duration = Duration::from_secs(30);
/// Files that are open beside sockets.
const OTHER_FILES: usize = 600;
/// Events that a panel is shown of an enrollment: the customer, and her card.
const EVENTS_OF_ENROLLMENT: f64 = 2.0;
/// After the last request, until the last frame.
const LAST_FRAMES: Duration = Duration::from_secs(2);

/// What was asked for.
struct Choices {
    multiple: Multiple,
    length: Duration,
    rounds: u32,
    year: Option<Year>,
    sockets: Option<usize>,
    report: PathBuf,
    open_files: usize,
}

impl Choices {
    fn read() -> anyhow::Result<Self> {
        let times = number("LOAD_TIMES")?.unwrap_or(Multiple::LOAD_TEST.get());
        let seconds = number("LOAD_SECONDS")?.unwrap_or(60);
        ensure!(
            (5..=LONGEST).contains(&seconds),
            "SECONDS={seconds}: take 5 to {LONGEST}, as long as a panel's token lives"
        );
        let rounds = number("LOAD_ROUNDS")?.unwrap_or(1);
        ensure!(rounds > 0, "ROUNDS: take 1 or more");
        let year = match number("LOAD_YEAR")? {
            None => None,
            Some(year) => Some(Year::from_number(year).with_context(|| format!("YEAR={year}: take 1 to 5"))?),
        };
        let sockets = number("LOAD_SOCKETS")?;
        ensure!(
            sockets.is_none_or(|count| count >= 1_000),
            "SOCKETS: take 1000 or more, since a difference is measured"
        );
        Ok(Self {
            multiple: Multiple::new(times)
                .with_context(|| format!("TIMES={times}: take more than 0 and at most 1000"))?,
            length: Duration::from_secs(seconds),
            rounds,
            year,
            sockets,
            report: std::env::var_os("LOAD_REPORT").map_or_else(|| "target/load".into(), PathBuf::from),
            open_files: open_files()?,
        })
    }

    fn ensure_files(&self, sockets: usize) -> anyhow::Result<()> {
        let needed = sockets + OTHER_FILES;
        if self.open_files < needed {
            bail!(
                "{sockets} sockets need {needed} open files and {} are allowed here: raise the hard limit first (as root: prlimit --pid $$ \
                 --nofile={needed}, or LimitNOFILE= of the session)",
                self.open_files
            );
        }
        Ok(())
    }

    /// Fewer shops for as many sockets would be more frames than the plan's.
    fn ensure_shops(&self, load: &Workload) -> anyhow::Result<()> {
        let (year, busy) = (self.year.unwrap_or(Year::Three), busy_shops(load));
        let businesses = year.businesses();
        ensure!(
            self.sockets.is_some() || busy <= businesses,
            "TIMES={} keeps {busy} shops busy, and year {} has {businesses}: take fewer TIMES or a later YEAR",
            crate::chart::number(self.multiple.get()),
            year.number()
        );
        Ok(())
    }
}

/// Files that this process and its children may have open. `make load` has raised it as far as it goes.
fn open_files() -> anyhow::Result<usize> {
    let limits = std::fs::read_to_string("/proc/self/limits")?;
    let line = limits
        .lines()
        .find_map(|line| line.strip_prefix("Max open files"))
        .context("no limit of open files")?;
    Ok(line.split_whitespace().next().and_then(|word| word.parse().ok()).unwrap_or(usize::MAX))
}

/// Runs what was asked for, prints it against the targets and writes the report.
pub(crate) async fn run() -> anyhow::Result<ExitCode> {
    let (choices, mut tally) = (Choices::read()?, Tally::read()?);
    let load = Workload::planned(Year::Three.businesses(), choices.multiple, &Assumptions::PLANNED);
    choices.ensure_files(choices.sockets.unwrap_or(usize::try_from(load.sockets())?))?;
    choices.ensure_shops(&load)?;
    let first = match choices.year {
        Some(Year::One) | None => None,
        Some(_) => {
            let work =
                async |platform: &mut Platform| on_the_first_year(platform, &load, choices.rounds).await;
            Some(in_a_platform(&choices, work).await?)
        }
    };
    let (first, books) = first.unzip();
    let report = in_a_platform(&choices, async |platform| match choices.sockets {
        Some(count) => held::run(platform, &choices, count).await,
        None => mixed_load(platform, &choices, &load, first.as_ref()).await,
    });
    let mut report = report.await?;
    report.verdicts.extend(books);
    for verdict in &report.verdicts {
        println!("{}", verdict.line());
        tally.count(verdict);
    }
    let name = if choices.sockets.is_some() { "sockets" } else { "load" };
    println!("report: {}", report.write(&choices.report, name)?.display());
    println!("{}", tally.line());
    Ok(tally.exit_code())
}

/// Works in a platform of its own, and removes it however that ends.
async fn in_a_platform<T>(
    choices: &Choices,
    work: impl AsyncFnOnce(&mut Platform) -> anyhow::Result<T>,
) -> anyhow::Result<T> {
    std::fs::create_dir_all(&choices.report)
        .with_context(|| format!("cannot make {}", choices.report.display()))?;
    let mut platform = Platform::start_in(std::path::absolute(choices.report.join("data"))?).await?;
    let worked = work(&mut platform).await;
    let stopped = platform.stop().await;
    let worked = worked?;
    stopped?;
    Ok(worked)
}

async fn on_year(
    platform: &mut Platform,
    year: Year,
    load: &Workload,
    rounds: u32,
) -> anyhow::Result<OnYear> {
    println!("making the data of year {}", year.number());
    let on_year = compared::on(platform, year, busy_shops(load), COMPARED_FOR, rounds).await?;
    println!("T6  {}", on_year.line());
    Ok(on_year)
}

/// With what its books say afterwards; of the other year they are asked after everything.
async fn on_the_first_year(
    platform: &mut Platform,
    load: &Workload,
    rounds: u32,
) -> anyhow::Result<(OnYear, Verdict)> {
    let on_year = on_year(platform, Year::One, load, rounds).await?;
    Ok((on_year, platform.verify("T6").await?))
}

/// What one mixed load has shown.
struct Shown {
    mixed: Mixed,
    heard: Heard,
    uses: Vec<Uses>,
    sockets: usize,
    ended: usize,
    shops: usize,
}

async fn mixed_load(
    platform: &mut Platform,
    choices: &Choices,
    load: &Workload,
    first: Option<&OnYear>,
) -> anyhow::Result<Report> {
    let year = choices.year.unwrap_or(Year::Three);
    let compared = match choices.year {
        Some(year) => Some(on_year(platform, year, load, choices.rounds).await?),
        None => {
            println!("making the data of year {}", year.number());
            let Filled { stamps, seconds, megabytes, .. } = data::fill(platform, year).await?;
            println!("{stamps} stamps, {megabytes} MB, in {seconds:.0} s");
            None
        }
    };
    let busy = busy_shops(load);
    let wanted = whatsapp::messages_for(load.rate(Request::Webhook), choices.length * choices.rounds);
    let (mut messages, mut rounds) = (None, Vec::new());
    for round in 1..=choices.rounds {
        if choices.rounds > 1 {
            println!("--  round {round} of {}", choices.rounds);
        }
        // Each round's own: a token lives ten minutes.
        println!("signing in the owners of {busy} shops");
        let shops = shops::open(platform, year.businesses(), busy).await?;
        let messages = match &messages {
            Some(messages) => messages,
            None => {
                println!("sending {wanted} messages, for the load to tell of");
                messages.insert(whatsapp::send(platform, &shops, wanted).await?)
            }
        };
        // What signing in and sending has taken is not the load's.
        platform.restart().await?;
        let shown = show(platform, load, &shops, messages, choices.length).await?;
        if choices.rounds > 1 {
            println!("{}", plain("T2", &percentiles(&shown.mixed.took(None))));
        }
        rounds.push(shown);
    }
    let mut report = told::report(choices, load, year, &rounds, first.zip(compared.as_ref()))?;
    report.verdicts.push(platform.verify("T2").await?);
    Ok(report)
}

/// As many shops as make the plan's frames: each event goes to every socket of its shop.
fn busy_shops(load: &Workload) -> u64 {
    let unlocks = Assumptions::PLANNED.unlocking.value / 2.0;
    // Of a campaign the panel is shown that it was made, of a webhook that a campaign moves or that somebody wrote.
    let events = load.rate(Request::Stamp) * (1.0 + unlocks)
        + load.rate(Request::Enrollment) * EVENTS_OF_ENROLLMENT
        + load.rate(Request::Campaign)
        + load.rate(Request::Webhook);
    (load.sockets() as f64 * events / load.frames_per_second).round().max(1.0) as u64
}

async fn show(
    platform: &Platform,
    load: &Workload,
    shops: &Arc<[Shop]>,
    messages: &Arc<Sent>,
    length: Duration,
) -> anyhow::Result<Shown> {
    let count = usize::try_from(load.sockets())?;
    println!("opening {count} sockets, {:.0} panels and {:.0} tills", load.panels, load.tills);
    let mut sockets = Sockets::to(&platform.address);
    sockets.open(shops, count).await?;
    println!("{:.0} requests/s for {} s", load.per_second(), length.as_secs());
    sockets.take();
    let watch = Watch::of(platform.pid()?);
    let draw = || mixed::drawn(load);
    let mut mixed =
        mixed::run(&platform.address, shops, Some(messages), load.per_second(), draw, length).await?;
    let uses = watch.end();
    tokio::time::sleep(LAST_FRAMES).await;
    let heard = sockets.take();
    mixed.note_lost(messages.lost(platform).await?);
    Ok(Shown { mixed, heard, uses, sockets: count, ended: sockets.ended(), shops: shops.len() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen(year: Option<Year>, open_files: usize) -> Choices {
        Choices {
            multiple: Multiple::LOAD_TEST,
            length: Duration::from_secs(60),
            rounds: 1,
            year,
            sockets: None,
            report: PathBuf::new(),
            open_files,
        }
    }

    #[test]
    fn busy_shops_and_their_sockets_make_the_plans_frames() {
        let load = Workload::planned(Year::Three.businesses(), Multiple::LOAD_TEST, &Assumptions::PLANNED);
        let shops = busy_shops(&load);
        assert!((500..=1_500).contains(&shops), "{shops}");
        let doubled =
            Workload::planned(Year::Three.businesses(), Multiple::new(6.0).unwrap(), &Assumptions::PLANNED);
        assert_eq!(busy_shops(&doubled), shops * 2, "twice the load is twice the shops");
    }

    #[test]
    fn a_year_with_too_few_shops_for_the_load_is_told_in_one_sentence() {
        let load = Workload::planned(Year::Three.businesses(), Multiple::LOAD_TEST, &Assumptions::PLANNED);
        let said = chosen(Some(Year::One), 20_000).ensure_shops(&load).unwrap_err().to_string();
        assert!(
            said.contains("TIMES=3") && said.contains("year 1 has 105") && said.lines().count() == 1,
            "{said}"
        );
        chosen(None, 20_000).ensure_shops(&load).unwrap();
    }

    #[test]
    fn the_limit_of_open_files_is_read_and_too_few_are_told_in_one_sentence() {
        let open_files = open_files().unwrap();
        assert!(open_files > 0);
        let said = chosen(None, 1_024).ensure_files(20_000).unwrap_err().to_string();
        assert!(said.contains("20600") && said.contains("1024") && said.lines().count() == 1, "{said}");
    }
}
