//! T6: the panel and the till on the data of a year, beside those on the data of year 1.

use std::sync::Arc;
use std::time::Duration;

use growth::{Request, Year};
use serde_json::{Value, json};

use super::shops;
use super::told::ms;
use crate::data::{self, Filled};
use crate::figures::{Spread, Wanted};
use crate::latency::Latencies;
use crate::platform::Platform;
use crate::shop::Shop;
use crate::verdict::Verdict;
use crate::{mixed, stamps};

/// The target: panel p99, in ms.
const PANEL_MS: f64 = 30.0;
/// The target: stamping beside year 1.
const SHARE: f64 = 0.9;
/// Panels asked for in a second.
const PANELS: f64 = 100.0;
/// People who stamp at once.
const CLIENTS: usize = 64;

/// What was measured on the data of one year.
pub(super) struct OnYear {
    filled: Filled,
    year: Year,
    shops: u64,
    /// At least one.
    rounds: Vec<Round>,
}

/// One measurement.
struct Round {
    panel: Latencies,
    failed: usize,
    stamps: f64,
}

/// Fills an empty platform and measures panels and stamps on it, each for `length`, so many times; the platform is started anew each
/// time. They go to as many shops as the mixed load keeps busy, or to all of a smaller year: what more data cost is seen by those who
/// come to much of it.
pub(super) async fn on(
    platform: &mut Platform,
    year: Year,
    busy: u64,
    length: Duration,
    rounds: u32,
) -> anyhow::Result<OnYear> {
    let filled = data::fill(platform, year).await?;
    let count = busy.min(filled.businesses);
    let mut on_year = OnYear { filled, year, shops: count, rounds: Vec::new() };
    for _ in 0..rounds {
        // Each round's own: a token lives ten minutes.
        let shops = shops::open(platform, on_year.filled.businesses, count).await?;
        platform.restart().await?;
        on_year.rounds.push(measure(platform, &shops, length).await?);
    }
    Ok(on_year)
}

async fn measure(platform: &Platform, shops: &Arc<[Shop]>, length: Duration) -> anyhow::Result<Round> {
    let panels = mixed::run(&platform.address, shops, None, PANELS, || Request::Dashboard, length).await?;
    let stamped = stamps::run(platform, shops, CLIENTS, length).await?;
    Ok(Round { panel: panels.took(None), failed: panels.failed() + stamped.failed, stamps: stamped.rate })
}

impl OnYear {
    /// What it is measured on, and what was.
    pub(super) fn line(&self) -> String {
        let Filled { businesses, customers, stamps, seconds, megabytes } = &self.filled;
        format!(
            "year {}: {businesses} businesses, {customers} customers, {stamps} stamps, {megabytes} MB made in {seconds:.0} s; panel p50 \
             {}, p99 {}; {} by {} shops; {} failed",
            self.year.number(),
            self.panel(0.5).told(" ms"),
            self.panel(0.99).told(" ms"),
            self.stamps().told(" stamps/s"),
            self.shops,
            self.failed()
        )
    }

    fn panel(&self, share: f64) -> Spread {
        Spread::of(&self.rounds.iter().map(|round| ms(&round.panel, share)).collect::<Vec<_>>())
    }

    fn stamps(&self) -> Spread {
        Spread::of(&self.rounds.iter().map(|round| round.stamps).collect::<Vec<_>>())
    }

    fn failed(&self) -> usize {
        self.rounds.iter().map(|round| round.failed).sum()
    }

    /// Against the targets.
    pub(super) fn verdicts(&self, first: &Self) -> Vec<Verdict> {
        let year = self.year.number();
        let panel = format!(
            "panel p99 on the data of year {year}, beside {} on year 1",
            first.panel(0.99).told(" ms")
        );
        let stamps = format!(
            "stamps a second on year {year}, {}, beside {} on year 1",
            self.stamps().told(""),
            first.stamps().told("")
        );
        let share = Spread::of(&[self.stamps().median / first.stamps().median]);
        let mut verdicts = Vec::new();
        verdicts.extend(Wanted::Below(PANEL_MS).verdict("T6", panel, &self.panel(0.99), " ms"));
        verdicts.extend(Wanted::AtLeast(SHARE).verdict("T6", stamps, &share, " ×"));
        let failed = first.failed() + self.failed();
        verdicts.push(Verdict::none("T6", "panels and stamps that failed, on both", failed));
        verdicts
    }

    /// As numbers.
    pub(super) fn numbers(&self) -> Value {
        let each = |of: &dyn Fn(&Round) -> f64| self.rounds.iter().map(of).collect::<Vec<_>>();
        let panel = |share| each(&|round| ms(&round.panel, share));
        json!({
            "year": self.year.number(), "businesses": self.filled.businesses, "stamps": self.filled.stamps,
            "megabytes": self.filled.megabytes, "filled_in_seconds": self.filled.seconds, "shops": self.shops,
            "panel_ms": { "p50": panel(0.5), "p95": panel(0.95), "p99": panel(0.99) },
            "stamps_per_second": each(&|round| round.stamps), "failed": self.failed(),
        })
    }
}
