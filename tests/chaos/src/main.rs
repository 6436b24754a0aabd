//! What is promised, while everything that can die dies: `make chaos`.
//!
//! - R1: operations by the public API, each sent once to three times and out of order, while every process of a platform of seven
//!   services, two of each, is killed in its turn. Then each operation is in the ledger once, its answers agree, and every event is
//!   in every projection once.
//! - R2: the broker hangs and dies, PostgreSQL is restarted, each service stops answering. Stamping goes on without the broker;
//!   whatever cannot be answered is refused cleanly; all is well within seconds after; nothing is lost.
//! - R3 is a test of its own, and runs with the others: `tests/e2e/tests/twenty_thousand.rs`.
//!
//! `CHAOS_SEED` (1) decides what is done and who dies when; `CHAOS_SIZE` (20,000) is the operations of R1; `CHAOS_SECONDS` (60) how long
//! the broker is away. The long form is `CHAOS_SIZE=1000000`. The exit code tells whether everything was kept.
#![expect(clippy::print_stdout, reason = "it reports to a terminal")]

mod away;
mod books;
mod client;
mod plan;
mod tellers;
mod victims;

use std::process::ExitCode;
use std::str::FromStr;
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use e2e::World;

/// Processes of each service.
const COPIES: &str = "2";
/// Fewer operations than this are not worth a kill.
const LEAST: usize = 1_000;
/// An owner's token lives ten minutes.
const LONGEST: u64 = 540;

/// What may be chosen.
struct Choices {
    seed: u64,
    size: usize,
    away: Duration,
}

impl Choices {
    fn read() -> anyhow::Result<Self> {
        let (size, seconds) = (number("CHAOS_SIZE", 20_000)?, number("CHAOS_SECONDS", 60)?);
        ensure!(size >= LEAST, "SIZE={size}: take {LEAST} or more, so that there is work between two kills");
        ensure!(
            (2..=LONGEST).contains(&seconds),
            "SECONDS={seconds}: take 2 to {LONGEST}, as long as a till's token lives"
        );
        Ok(Self { seed: number("CHAOS_SEED", 1)?, size, away: Duration::from_secs(seconds) })
    }
}

fn number<T: FromStr>(name: &str, default: T) -> anyhow::Result<T> {
    let text = std::env::var(name).unwrap_or_default();
    if text.is_empty() {
        return Ok(default);
    }
    text.parse().ok().with_context(|| format!("{name}={text} is not such a number"))
}

/// Things that were promised, and whether they were kept.
#[derive(Default)]
struct Kept {
    broken: usize,
}

impl Kept {
    /// Tells of one.
    fn tell(&mut self, target: &str, is_kept: bool, what: &str) {
        self.broken += usize::from(!is_kept);
        println!("{target}  {:<6} {what}", if is_kept { "kept" } else { "BROKEN" });
    }
}

#[tokio::main]
async fn main() -> anyhow::Result<ExitCode> {
    let choices = Choices::read()?;
    let begun = Instant::now();
    println!("seed {}: {COPIES} processes of each service", choices.seed);
    let world = World::start_with(&[("SPLIT", COPIES.to_owned())]);
    let mut kept = Kept::default();
    tellers::run(&world, choices.seed, choices.size, &mut kept).await?;
    away::run(&world, choices.away, &mut kept).await?;
    println!("R3  is a test of its own: cargo test --profile sello -p e2e --test twenty_thousand");
    println!("seed {}: {} broken, {:.0} s", choices.seed, kept.broken, begun.elapsed().as_secs_f64());
    Ok(if kept.broken == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
