//! T6: the panel and the till on the data of a year, beside those on the data of year 1.

use std::sync::Arc;
use std::time::Duration;

use growth::{Request, Year};
use serde_json::{Value, json};

use super::shops;
use crate::data::{self, Filled};
use crate::latency::Latencies;
use crate::platform::Platform;
use crate::shop::Shop;
use crate::verdict::{Short, Verdict};
use crate::{mixed, stamps};

/// The target: panel p99, in ms.
const PANEL_MS: f64 = 30.0;
/// The target: stamping beside year 1.
const SHARE: f64 = 0.9;
/// Panels asked for in a second.
const PANELS: f64 = 100.0;
/// People who stamp at once.
const CLIENTS: usize = 64;
/// Shops that are asked and stamped at.
const SHOPS: u64 = 100;

/// What was measured on the data of one year.
pub(super) struct OnYear {
    filled: Filled,
    year: Year,
    panel: Latencies,
    failed: usize,
    stamps: f64,
}

/// Fills an empty platform, starts it anew, and measures panels and stamps, each for `length`.
pub(super) async fn on(platform: &mut Platform, year: Year, length: Duration) -> anyhow::Result<OnYear> {
    let filled = data::fill(platform, year).await?;
    let shops = shops::open(platform, filled.businesses, SHOPS).await?;
    platform.restart().await?;
    measure(platform, year, filled, &shops, length).await
}

async fn measure(
    platform: &Platform,
    year: Year,
    filled: Filled,
    shops: &Arc<[Shop]>,
    length: Duration,
) -> anyhow::Result<OnYear> {
    let panels = mixed::run(&platform.address, shops, None, PANELS, || Request::Dashboard, length).await?;
    let stamped = stamps::run(platform, shops, CLIENTS, length).await?;
    Ok(OnYear {
        filled,
        year,
        panel: panels.took(None),
        failed: panels.failed() + stamped.failed,
        stamps: stamped.rate,
    })
}

impl OnYear {
    /// What it is measured on, and what was.
    pub(super) fn line(&self) -> String {
        let Filled { businesses, customers, stamps, seconds, megabytes } = &self.filled;
        format!(
            "year {}: {businesses} businesses, {customers} customers, {stamps} stamps, {megabytes} MB made in {seconds:.0} s; panel p50 \
             {:.1} ms, p99 {:.1} ms of {}; {:.0} stamps/s; {} failed",
            self.year.number(),
            self.panel.ms(0.5),
            self.panel.ms(0.99),
            self.panel.count(),
            self.stamps,
            self.failed
        )
    }

    /// Against the targets.
    pub(super) fn verdicts(&self, first: &Self) -> [Verdict; 3] {
        let (p99, share) = (self.panel.ms(0.99), self.stamps / first.stamps);
        let year = self.year.number();
        [
            Verdict {
                target: "T6",
                what: format!(
                    "panel p99 on the data of year {year}, beside {:.1} ms on year 1",
                    first.panel.ms(0.99)
                ),
                measured: format!("{p99:.1} ms"),
                wanted: format!("< {PANEL_MS:.0} ms"),
                passed: p99 < PANEL_MS,
                short: Short::Slow,
            },
            Verdict {
                target: "T6",
                what: format!(
                    "{:.0} stamps/s on year {year} beside {:.0} on year 1",
                    self.stamps, first.stamps
                ),
                measured: format!("{share:.2} ×"),
                wanted: format!("≥ {SHARE} ×"),
                passed: share >= SHARE,
                short: Short::Slow,
            },
            Verdict::none("T6", "panels and stamps that failed, on both", first.failed + self.failed),
        ]
    }

    /// As numbers.
    pub(super) fn numbers(&self) -> Value {
        json!({
            "year": self.year.number(), "businesses": self.filled.businesses, "stamps": self.filled.stamps,
            "megabytes": self.filled.megabytes, "filled_in_seconds": self.filled.seconds,
            "panel_ms": { "p50": self.panel.ms(0.5), "p95": self.panel.ms(0.95), "p99": self.panel.ms(0.99) },
            "stamps_per_second": self.stamps, "failed": self.failed,
        })
    }
}
