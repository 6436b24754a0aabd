//! What is promised, while everything that can die dies: `make chaos`.
//!
//! - R1: operations by the public API, each sent once to three times and out of order, while every process of a platform of seven
//!   services, two of each, is killed in its turn. Then each operation is in the ledger once, its answers agree, and every event is
//!   in every projection once.
//! - R2: the broker hangs and dies, PostgreSQL is restarted, PgBouncer is killed, each service stops answering. Stamping goes on
//!   without the broker; whatever cannot be answered is refused cleanly; all is well within seconds after; nothing is lost.
//! - R3: all the while Twilio and Apple answer one call in five with 5xx and one in twenty never, and some of what Twilio tells comes
//!   twice, late or out of order. Customers are stamped, written to and answered; at the end nobody was written to twice, every message
//!   has come to an end that its owner is shown, and every iPhone shows the newest balance of its card. Twenty thousand messages at
//!   once are a test of their own, which runs with the others: `tests/e2e/tests/twenty_thousand.rs`.
//!
//! `CHAOS_SEED` (1) decides what is done, who dies when and which calls the providers fail; `CHAOS_SIZE` (20,000) is the operations of
//! R1; `CHAOS_SECONDS` (60) how long the broker is away, and how many customers of R3 come to either of the others. The long form is
//! `CHAOS_SIZE=1000000`. With `POOLER=1` PgBouncer stands before the database, and dies in its turn as well. The exit code tells
//! whether everything was kept.
#![expect(clippy::print_stdout, reason = "it reports to a terminal")]

mod away;
mod books;
mod client;
mod errands;
mod messages;
mod passes;
mod plan;
mod providers;
mod regulars;
mod tellers;
mod victims;

use std::process::ExitCode;
use std::str::FromStr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, bail, ensure};

use crate::providers::Providers;
use crate::regulars::{Regulars, Wave};

/// Processes of each service.
const COPIES: &str = "2";
/// Fewer operations than this are not worth a kill.
const LEAST: usize = 1_000;
/// An owner's token lives ten minutes.
const LONGEST: u64 = 540;
/// With fewer customers chance may pass all of a provider's faults by.
const FEWEST_CUSTOMERS: usize = 20;
/// Faults that are told one by one.
const TOLD: usize = 10;

/// What may be chosen.
struct Choices {
    seed: u64,
    size: usize,
    away: Duration,
    has_pooler: bool,
}

impl Choices {
    fn read() -> anyhow::Result<Self> {
        let (size, seconds) = (number("CHAOS_SIZE", 20_000)?, number("CHAOS_SECONDS", 60)?);
        ensure!(size >= LEAST, "SIZE={size}: take {LEAST} or more, so that there is work between two kills");
        ensure!(
            (2..=LONGEST).contains(&seconds),
            "SECONDS={seconds}: take 2 to {LONGEST}, as long as a till's token lives"
        );
        let has_pooler = match std::env::var("POOLER").unwrap_or_default().as_str() {
            "" | "0" | "off" => false,
            "1" | "on" => true,
            other => bail!("POOLER={other} is neither 1 nor 0"),
        };
        Ok(Self { seed: number("CHAOS_SEED", 1)?, size, away: Duration::from_secs(seconds), has_pooler })
    }

    /// Customers of R3 that come to R1, and others that come to R2.
    fn customers(&self) -> usize {
        usize::try_from(self.away.as_secs()).map_or(FEWEST_CUSTOMERS, |seconds| seconds.max(FEWEST_CUSTOMERS))
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

    /// Tells of one that was kept if nothing speaks against it, and else what does.
    fn tell_of(&mut self, target: &str, faults: &[String], what: &str) {
        self.tell(target, faults.is_empty(), what);
        faults.iter().take(TOLD).for_each(|fault| println!("      {fault}"));
        if faults.len() > TOLD {
            println!("      and {} more", faults.len() - TOLD);
        }
    }
}

#[tokio::main]
async fn main() -> anyhow::Result<ExitCode> {
    let choices = Choices::read()?;
    let begun = Instant::now();
    let pooled = if choices.has_pooler { ", and PgBouncer before their database" } else { "" };
    println!("seed {}: {COPIES} processes of each service{pooled}", choices.seed);
    // Before anybody else takes some: the numbers decide, too, which calls fail.
    let phones: Vec<String> = (0..2 * choices.customers()).map(|_| e2e::phone()).collect();
    let (first, second) = phones.split_at(choices.customers());
    let providers = Providers::start(choices.seed).await;
    let world = providers.platform(COPIES, choices.has_pooler);
    let regulars = Arc::new(Regulars::open(providers, &world, choices.seed).await);
    let mut kept = Kept::default();

    let first = Arc::new(regulars.join(1, first).await?);
    let shift = regulars.begin(&first);
    let work = tellers::run(&world, choices.seed, choices.size, choices.has_pooler).await?;
    shift.end().await?;
    tellers::look(&world, &work, &mut kept).await?;

    let second = Arc::new(regulars.join(2, second).await?);
    let shift = regulars.begin(&second);
    let place = away::run(&world, choices.away, choices.has_pooler, &mut kept).await?;
    shift.end().await?;
    let waves: [&Wave; 2] = [&first, &second];
    let (ended, seen) =
        tokio::try_join!(messages::until_ended(&world), passes::until_shown(&world, &regulars, &waves))?;
    place.nothing_is_lost(&mut kept).await?;

    regulars.providers.tell(&mut kept);
    messages::look(&world, &regulars, &waves, ended, &mut kept).await?;
    passes::tell(&seen, &mut kept);
    println!("seed {}: {} broken, {:.0} s", choices.seed, kept.broken, begun.elapsed().as_secs_f64());
    Ok(if kept.broken == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
