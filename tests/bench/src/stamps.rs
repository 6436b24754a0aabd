//! T1: as many stamps as the platform takes.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use futures::future::try_join_all;
use serde_json::Value;

use crate::http::Connection;
use crate::platform::Platform;
use crate::shop::{Shop, call};

/// What was measured.
pub(crate) struct Stamped {
    pub(crate) rate: f64,
    pub(crate) seconds: f64,
    pub(crate) failed: usize,
    pub(crate) p50_ms: f64,
    pub(crate) p99_ms: f64,
    pub(crate) lag_seconds: f64,
    pub(crate) resident_mb: u64,
}

/// Stamps for `length` with `clients` at once, then waits until the figures are complete.
pub(crate) async fn run(
    platform: &Platform,
    shop: &Shop,
    clients: usize,
    length: Duration,
) -> anyhow::Result<Stamped> {
    let failed = Arc::new(AtomicUsize::new(0));
    let begun = Instant::now();
    let work = (0..clients).map(|client| {
        let (address, bearer, codes) = (platform.address.clone(), shop.bearer.clone(), shop.codes.clone());
        let failed = Arc::clone(&failed);
        tokio::spawn(async move {
            let mut connection = Connection::open(&address).await?;
            let mut took = Vec::new();
            let mut n = client * 7_919;
            while begun.elapsed() < length {
                n += 1;
                let headers = format!("{bearer}idempotency-key: {}\r\n", uuid::Uuid::now_v7());
                let body = format!("{{\"code\":\"{}\",\"count\":1}}", codes[n % codes.len()]);
                let sent = Instant::now();
                let answer = connection.send("POST", "/api/v1/stamps", &headers, &body).await?;
                if answer.status == 201 {
                    took.push(u32::try_from(sent.elapsed().as_micros()).unwrap_or(u32::MAX));
                } else {
                    failed.fetch_add(1, Ordering::Relaxed);
                }
            }
            std::io::Result::Ok(took)
        })
    });
    let mut took = Vec::new();
    for answered in try_join_all(work).await? {
        took.extend(answered?);
    }
    let seconds = begun.elapsed().as_secs_f64();
    let resident_mb = platform.resident_mb()?;
    let lag_seconds = figures_lag(platform, shop, took.len() as i64).await?;
    took.sort_unstable();
    let at = |share: f64| {
        took.get((took.len() as f64 * share) as usize).map_or(0.0, |micros| f64::from(*micros) / 1e3)
    };
    Ok(Stamped {
        rate: took.len() as f64 / seconds,
        seconds,
        failed: failed.load(Ordering::Relaxed),
        p50_ms: at(0.5),
        p99_ms: at(0.99),
        lag_seconds,
        resident_mb,
    })
}

/// Seconds until the dashboard counts all `stamps`; given up after a minute, which then shows.
async fn figures_lag(platform: &Platform, shop: &Shop, stamps: i64) -> anyhow::Result<f64> {
    let begun = Instant::now();
    let mut connection = Connection::open(&platform.address).await?;
    loop {
        let dashboard =
            call(&mut connection, "GET", "/api/v1/dashboard", &shop.bearer, &Value::Null, 200).await?;
        let days = dashboard["days"]
            .as_array()
            .map_or(0, |days| days.iter().filter_map(|d| d["stamps"].as_i64()).sum());
        if days >= stamps || begun.elapsed() > Duration::from_secs(60) {
            return Ok(begun.elapsed().as_secs_f64());
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}
