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
#![expect(clippy::print_stdout, reason = "it reports to a terminal")]

mod campaigns;
mod http;
mod mixed;
mod passes;
mod pgbench;
mod platform;
mod shop;
mod stamps;

use std::time::Duration;

use anyhow::Context;

/// What may be chosen.
struct Choices {
    seconds: Duration,
    clients: usize,
    cards: usize,
}

impl Choices {
    fn read() -> anyhow::Result<Self> {
        let number = |name: &str, default: u64| match std::env::var(name) {
            Ok(text) => text.parse().with_context(|| format!("{name}={text} is not a number")),
            Err(_) => Ok(default),
        };
        Ok(Self {
            seconds: Duration::from_secs(number("BENCH_SECONDS", 60)?),
            clients: usize::try_from(number("BENCH_CLIENTS", 64)?)?,
            cards: usize::try_from(number("BENCH_CARDS", 2_000)?)?,
        })
    }
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let choices = Choices::read()?;
    if std::env::var("BENCH_ONLY").is_ok_and(|only| only == "T5") {
        print!("{}", campaigns::run().await?);
        return Ok(());
    }
    let platform = platform::Platform::start().await?;
    println!("T7  ready after {:.2} s, on an empty DATA {:.2} s", platform.warm_start, platform.cold_start);
    println!("T7  resident at rest {} MB (target < 120)", platform.resident_mb()?);

    println!("making a shop with {} cards", choices.cards);
    let shop = shop::Shop::open(&platform, choices.cards).await?;
    let stamped = stamps::run(&platform, &shop, choices.clients, choices.seconds).await?;
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
    println!("T1  figures complete {:.2} s after the last stamp (target < 2)", stamped.lag_seconds);
    println!("T1  resident under this load {} MB", stamped.resident_mb);
    let baseline = pgbench::run(&platform, choices.clients, choices.seconds).await?;
    println!("T1  pgbench, the same statements one stamp a transaction: {baseline:.0}/s");
    println!("T1  ratio {:.2} (done at 1.0, aimed at 2.0)", stamped.rate / baseline);

    let mixed = mixed::run(&platform, &shop, choices.seconds).await?;
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
