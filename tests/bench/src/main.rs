//! How fast Sello is, on this machine, told as it is. Nothing here asserts a time.
//!
//! `bench` starts a platform of its own and measures, one after the other:
//! - T7: seconds until it answers, and its memory at rest; then that of each service as a process of its own;
//! - T1: stamps a second, HTTP in to durable commit, over many cards; then `pgbench` running the same statements on the
//!   same server, one stamp a transaction, with as many clients; the ratio; and how long the figures lag at the end;
//! - T2 (API part): the growth document's mix at three times its peak, by a schedule that does not wait for slow answers;
//! - T5: how campaigns are planned, and at which pace their messages leave;
//! - T4: signed passes a second beside the raw rate of their key and beside npm's `passkit-generator`; and how long a stamp
//!   takes to the push at Apple's server.
//!
//! `BENCH_ROUNDS` (1) is how often all of it is done, each time on a platform that is new; the last round tells the median of all
//! and its range. Planning and signing are five rounds in themselves, and are done once. `BENCH_ONLY` names what is measured, such
//! as `T2,T7`; `BENCH_SECONDS` (60) is the length of each; `BENCH_CLIENTS` (64) how many stamp at once; `BENCH_CARDS` (2000).
//!
//! The exit code is 1 where something failed that is not speed: a request, a promise about a pace, `sello verify`. `STRICT=1` makes
//! every target that is short count.
//!
//! `bench load` measures T2, T3 and T6 with sockets, on the data of a year of the growth plan, and writes a report: see [`load`].
#![expect(clippy::print_stdout, reason = "it reports to a terminal")]

mod alone;
mod campaigns;
mod chart;
mod data;
mod figures;
mod http;
mod latency;
mod load;
mod mixed;
mod passes;
mod pgbench;
mod platform;
mod shop;
mod stamps;
mod verdict;
mod whatsapp;

use std::process::ExitCode;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, bail, ensure};
use growth::{Assumptions, Multiple, Request, Workload, Year};

use figures::{Figures, Wanted, plain};
use platform::Platform;
use shop::Shop;
use verdict::Tally;

/// What is measured where nobody says.
const ALL: [&str; 5] = ["T1", "T2", "T4", "T5", "T7"];

/// What may be chosen.
struct Choices {
    rounds: usize,
    only: Vec<&'static str>,
    seconds: Duration,
    clients: usize,
    cards: usize,
}

impl Choices {
    fn read() -> anyhow::Result<Self> {
        let rounds = number("BENCH_ROUNDS")?.unwrap_or(1);
        ensure!(rounds > 0, "BENCH_ROUNDS: take 1 or more");
        Ok(Self {
            rounds,
            only: only(&std::env::var("BENCH_ONLY").unwrap_or_default())?,
            seconds: Duration::from_secs(number("BENCH_SECONDS")?.unwrap_or(60)),
            clients: number("BENCH_CLIENTS")?.unwrap_or(64),
            cards: number("BENCH_CARDS")?.unwrap_or(2_000),
        })
    }

    fn want(&self, target: &str) -> bool {
        self.only.contains(&target)
    }
}

/// What of everything is named; all of it where nothing is.
fn only(words: &str) -> anyhow::Result<Vec<&'static str>> {
    if words.is_empty() {
        return Ok(ALL.to_vec());
    }
    let known = |word: &str| ALL.into_iter().find(|target| *target == word);
    let named = words.split(',').map(|word| {
        known(word).with_context(|| format!("BENCH_ONLY={words}: {word} is none of {}", ALL.join(", ")))
    });
    named.collect()
}

/// A number of the environment, if it is there.
fn number<T: FromStr>(name: &str) -> anyhow::Result<Option<T>> {
    let text = std::env::var(name).unwrap_or_default();
    if text.is_empty() {
        return Ok(None);
    }
    text.parse().ok().map(Some).with_context(|| format!("{name}={text} is not such a number"))
}

#[tokio::main]
async fn main() -> anyhow::Result<ExitCode> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    match words.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        [] => measure(&Choices::read()?).await,
        ["load"] => load::run().await,
        _ => bail!("it is `bench`, or `bench load`"),
    }
}

async fn measure(choices: &Choices) -> anyhow::Result<ExitCode> {
    let mut figures = Figures::of(choices.rounds, Tally::read()?);
    for _ in 0..choices.rounds {
        figures.begin();
        if ["T1", "T2", "T7"].iter().any(|target| choices.want(target)) {
            on_a_platform(choices, &mut figures).await?;
        }
        if choices.want("T7") {
            alone::tell(&mut figures).await?;
        }
        if choices.want("T5") {
            campaigns::keep_paces(&mut figures).await?;
        }
        if choices.want("T4") {
            passes::push(&mut figures).await;
        }
    }
    if choices.want("T5") {
        campaigns::plan(&mut figures).await?;
    }
    if choices.want("T4") {
        let node = std::env::var_os("BENCH_NODE").unwrap_or_else(|| "tests/bench/node".into());
        passes::sign_all(node.as_ref(), &mut figures)?;
    }
    println!("{}", figures.tally().line());
    Ok(figures.tally().exit_code())
}

/// What one platform, new and all services in one process, is asked for.
async fn on_a_platform(choices: &Choices, figures: &mut Figures) -> anyhow::Result<()> {
    let mut platform = Platform::start().await?;
    let on_nothing = platform.ready_after;
    platform.restart().await?;
    if choices.want("T7") {
        figures.tell("T7", "ready after the start", &[platform.ready_after], " s", Wanted::Below(2.0));
        figures.tell("T7", "ready after the start on an empty DATA", &[on_nothing], " s", Wanted::Told);
        let resident = platform.resident_mb()?;
        figures.tell("T7", "all services, resident at rest", &[resident], " MB", Wanted::Below(120.0));
    }
    if choices.want("T1") || choices.want("T2") {
        println!("making a shop with {} cards", choices.cards);
        let shops: Arc<[Shop]> = Arc::new([Shop::open(&platform, choices.cards).await?]);
        if choices.want("T1") {
            stamp(choices, &platform, &shops, figures).await?;
        }
        if choices.want("T2") {
            mix(choices, &platform, &shops, figures).await?;
        }
        figures.judge(&platform.verify("R1").await?);
    }
    platform.stop().await
}

/// T1.
async fn stamp(
    choices: &Choices,
    platform: &Platform,
    shops: &Arc<[Shop]>,
    figures: &mut Figures,
) -> anyhow::Result<()> {
    let stamped = stamps::run(platform, shops, choices.clients, choices.seconds).await?;
    let lag_seconds = stamps::figures_lag(platform, &shops[0], stamped.count).await?;
    let what = format!(
        "stamps a second over {} s with {} clients and {} cards",
        choices.seconds.as_secs(),
        choices.clients,
        choices.cards
    );
    figures.tell("T1", &what, &[stamped.rate], "", Wanted::Told);
    println!("{}", plain("T1", &format!("all of them in {:.1} s: {}", stamped.seconds, stamped.count)));
    figures.tell("T1", "stamps refused or failed", &[stamped.failed as f64], "", Wanted::Nothing);
    figures.tell("T1", "p50 of a stamp", &[stamped.p50_ms], " ms", Wanted::Told);
    figures.tell("T1", "p99 of a stamp", &[stamped.p99_ms], " ms", Wanted::Told);
    let what = "figures complete after the last stamp";
    figures.tell("T1", what, &[lag_seconds], " s", Wanted::Below(2.0));
    figures.tell("T1", "resident under this load", &[stamped.resident_mb], " MB", Wanted::Told);
    let baseline = pgbench::run(platform, choices.clients, choices.seconds).await?;
    let what = "pgbench, the same statements one stamp a transaction, a second";
    figures.tell("T1", what, &[baseline], "", Wanted::Told);
    let what = "stamps beside pgbench, aimed at 2";
    figures.tell("T1", what, &[stamped.rate / baseline], " ×", Wanted::AtLeast(1.0));
    Ok(())
}

/// T2, and T7 at the end of it.
async fn mix(
    choices: &Choices,
    platform: &Platform,
    shops: &Arc<[Shop]>,
    figures: &mut Figures,
) -> anyhow::Result<()> {
    let load = Workload::planned(Year::Three.businesses(), Multiple::LOAD_TEST, &Assumptions::PLANNED);
    let wanted = whatsapp::messages_for(load.rate(Request::Webhook), choices.seconds);
    println!("sending {wanted} messages, for the load to tell of");
    let messages = whatsapp::send(platform, shops, wanted).await?;
    let draw = || mixed::drawn(&load);
    let (address, length) = (&platform.address, choices.seconds);
    let mut mixed = mixed::run(address, shops, Some(&messages), load.per_second(), draw, length).await?;
    let resident = platform.resident_mb()?;
    mixed.note_lost(messages.lost(platform).await?);
    mixed.tell(figures);
    let what = "all services, resident after the mixed load";
    figures.tell("T7", what, &[resident], " MB", Wanted::Below(300.0));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_measured_can_be_named_and_a_slip_is_told() {
        assert_eq!(only("").unwrap(), ALL);
        assert_eq!(only("T7,T2").unwrap(), ["T7", "T2"]);
        let slip = only("T2,T9").unwrap_err().to_string();
        assert!(slip.contains("T9") && slip.contains("T1, T2, T4, T5, T7"), "{slip}");
    }
}
