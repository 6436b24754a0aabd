//! How fast Sello is, on this machine, told as it is. Nothing here asserts a time.
//!
//! `bench` starts a platform of its own and measures, one after the other:
//! - T7: seconds until it answers, and its memory at rest;
//! - T1: stamps a second, HTTP in to durable commit, over many cards; then `pgbench` running the same statements on the
//!   same server, one stamp a transaction, with as many clients; the ratio; and how long the figures lag at the end;
//! - T4: signed passes a second beside the raw rate of their key and beside npm's `passkit-generator`; and how long a stamp
//!   takes to the push at Apple's server;
//! - T2 (API part): the growth document's mix at three times its peak, by a schedule that does not wait for slow answers.
//!
//! `BENCH_SECONDS` (60) is the length of each; `BENCH_CLIENTS` (64) how many stamp at once; `BENCH_CARDS` (2000).
//!
//! `bench load` measures T2, T3 and T6 with sockets, on the data of a year of the growth plan, and writes a report: see [`load`].
#![expect(clippy::print_stdout, reason = "it reports to a terminal")]

mod campaigns;
mod chart;
mod data;
mod http;
mod latency;
mod load;
mod mixed;
mod passes;
mod pgbench;
mod platform;
mod shop;
mod stamps;

use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, bail};
use growth::{Assumptions, Multiple, Workload, Year};

/// What may be chosen.
struct Choices {
    seconds: Duration,
    clients: usize,
    cards: usize,
}

impl Choices {
    fn read() -> anyhow::Result<Self> {
        Ok(Self {
            seconds: Duration::from_secs(number("BENCH_SECONDS")?.unwrap_or(60)),
            clients: number("BENCH_CLIENTS")?.unwrap_or(64),
            cards: number("BENCH_CARDS")?.unwrap_or(2_000),
        })
    }
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
async fn main() -> anyhow::Result<()> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    match words.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        [] => measure().await,
        ["load"] => load::run().await,
        _ => bail!("it is `bench`, or `bench load`"),
    }
}

async fn measure() -> anyhow::Result<()> {
    let choices = Choices::read()?;
    if std::env::var("BENCH_ONLY").is_ok_and(|only| only == "T5") {
        print!("{}", campaigns::run().await?);
        return Ok(());
    }
    let mut platform = platform::Platform::start().await?;
    let on_nothing = platform.ready_after;
    platform.restart().await?;
    println!("T7  ready after {:.2} s, on an empty DATA {on_nothing:.2} s", platform.ready_after);
    println!("T7  resident at rest {} MB (target < 120)", platform.resident_mb()?);

    println!("making a shop with {} cards", choices.cards);
    let shops: Arc<[shop::Shop]> = Arc::new([shop::Shop::open(&platform, choices.cards).await?]);
    let stamped = stamps::run(&platform, &shops, choices.clients, choices.seconds).await?;
    let lag_seconds = stamps::figures_lag(&platform, &shops[0], stamped.count).await?;
    println!(
        "T1  {:.0} stamps/s over {:.0} s with {} clients and {} cards; {} refused or failed; p50 {:.1} ms, p99 {:.1} ms",
        stamped.rate,
        stamped.seconds,
        choices.clients,
        choices.cards,
        stamped.failed,
        stamped.p50_ms,
        stamped.p99_ms
    );
    println!("T1  figures complete {lag_seconds:.2} s after the last stamp (target < 2)");
    println!("T1  resident under this load {} MB", stamped.resident_mb);
    let baseline = pgbench::run(&platform, choices.clients, choices.seconds).await?;
    println!("T1  pgbench, the same statements one stamp a transaction: {baseline:.0}/s");
    println!("T1  ratio {:.2} (done at 1.0, aimed at 2.0)", stamped.rate / baseline);

    let load = Workload::planned(Year::Three.businesses(), Multiple::LOAD_TEST, &Assumptions::PLANNED);
    let per_second = load.per_second();
    let mixed =
        mixed::run(&platform.address, &shops, per_second, || mixed::drawn(&load), choices.seconds).await?;
    for line in mixed.lines() {
        println!("T2  {line}");
    }
    println!("T7  resident after the mixed load {} MB (target < 300)", platform.resident_mb()?);
    println!("{}", platform.verify().await?);
    platform.stop().await?;

    print!("{}", campaigns::run().await?);

    let node = std::env::var_os("BENCH_NODE").unwrap_or_else(|| "tests/bench/node".into());
    for line in passes::run(node.as_ref()).await?.lines() {
        println!("T4  {line}");
    }
    Ok(())
}
