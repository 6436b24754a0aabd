//! T1: as many stamps as the platform takes.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use futures::future::try_join_all;
use serde_json::Value;
use uuid::Uuid;

use crate::http::Connection;
use crate::latency::Latencies;
use crate::platform::Platform;
use crate::shop::{Shop, call};

/// What was measured.
pub(crate) struct Stamped {
    pub(crate) count: i64,
    pub(crate) rate: f64,
    pub(crate) seconds: f64,
    pub(crate) failed: usize,
    pub(crate) p50_ms: f64,
    pub(crate) p99_ms: f64,
    pub(crate) resident_mb: f64,
}

/// Stamps for `length` with `clients` at once, all over the cards of all shops.
pub(crate) async fn run(
    platform: &Platform,
    shops: &Arc<[Shop]>,
    clients: usize,
    length: Duration,
) -> anyhow::Result<Stamped> {
    let failed = Arc::new(AtomicUsize::new(0));
    let begun = Instant::now();
    let work = (0..clients).map(|client| {
        let (address, shops, failed) = (platform.address.clone(), Arc::clone(shops), Arc::clone(&failed));
        tokio::spawn(async move {
            let mut connection = Connection::open(&address).await?;
            let mut took = Vec::new();
            let mut n = client * 7_919;
            while begun.elapsed() < length {
                n += 1;
                let shop = &shops[n % shops.len()];
                let headers = format!("{}idempotency-key: {}\r\n", shop.bearer, Uuid::now_v7());
                let body = &shop.stamps[(n / shops.len()) % shop.stamps.len()];
                let sent = Instant::now();
                let answer = connection.send("POST", "/api/v1/stamps", &headers, body).await?;
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
    let took = Latencies::of(took);
    Ok(Stamped {
        count: i64::try_from(took.count())?,
        rate: took.count() as f64 / seconds,
        seconds,
        failed: failed.load(Ordering::Relaxed),
        p50_ms: took.ms(0.5),
        p99_ms: took.ms(0.99),
        resident_mb,
    })
}

/// The stamp that a text speaks of, whether it answers a request or is shown to a panel.
pub(crate) fn stamp_in(text: &str) -> Option<Uuid> {
    let (_, rest) = text.split_once("\"stamp_id\":\"")?;
    rest.get(..36)?.parse().ok()
}

/// Seconds until the dashboard counts all `stamps`; given up after a minute, which then shows.
pub(crate) async fn figures_lag(platform: &Platform, shop: &Shop, stamps: i64) -> anyhow::Result<f64> {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stamp_is_found_in_what_speaks_of_one() {
        let stamp = Uuid::now_v7();
        assert_eq!(stamp_in(&format!("{{\"a\":1,\"stamp_id\":\"{stamp}\"}}")), Some(stamp));
        assert_eq!((stamp_in("{\"stamp_id\":\"x\"}"), stamp_in("{}")), (None, None));
    }
}
