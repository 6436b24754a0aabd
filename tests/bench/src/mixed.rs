//! T2, API part: the growth document's mix of requests at three times its peak. Requests are sent by a schedule that
//! does not wait for slow answers, and a request's time counts from when it was due, so that a stall is not hidden.

use std::sync::Arc;
use std::time::{Duration, Instant};

use growth::{Assumptions, Multiple, Request, Workload, Year};
use rand::Rng;
use serde_json::Value;
use tokio::sync::Mutex;
use tokio::task::JoinSet;

use crate::http::Connection;
use crate::platform::Platform;
use crate::shop::{Shop, enrollment};

/// Connections that are kept open.
const CONNECTIONS: usize = 64;

/// The kinds of the growth model that are sent. Campaigns and webhooks, one request in forty, are not: the others are sent as
/// often as all together.
const MIX: [(Kind, Request); 5] = [
    (Kind::Stamp, Request::Stamp),
    (Kind::Customer, Request::Customer),
    (Kind::Dashboard, Request::Dashboard),
    (Kind::Analytics, Request::Analytics),
    (Kind::Enrollment, Request::Enrollment),
];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Stamp,
    Customer,
    Dashboard,
    Analytics,
    Enrollment,
}

/// What was measured.
pub(crate) struct Mixed {
    took: Vec<(Kind, u32)>,
    failed: usize,
    planned: f64,
    seconds: f64,
}

impl Mixed {
    /// The report, a line for all requests and one for each kind.
    pub(crate) fn lines(&self) -> Vec<String> {
        let mut lines = vec![format!(
            "{:.0} requests/s sent ({:.0} planned), {} failed; all: {}",
            self.took.len() as f64 / self.seconds,
            self.planned,
            self.failed,
            percentiles(self.took.iter().map(|(_, micros)| *micros)),
        )];
        for (kind, _) in MIX {
            let of_kind = self.took.iter().filter(|(other, _)| *other == kind).map(|(_, micros)| *micros);
            lines.push(format!("{kind:?}: {}", percentiles(of_kind)));
        }
        lines
    }
}

fn percentiles(micros: impl Iterator<Item = u32>) -> String {
    let mut micros: Vec<u32> = micros.collect();
    micros.sort_unstable();
    let at = |share: f64| {
        let index = ((micros.len() as f64 * share) as usize).min(micros.len().saturating_sub(1));
        micros.get(index).map_or(0.0, |micros| f64::from(*micros) / 1e3)
    };
    format!(
        "p50 {:.1} ms, p95 {:.1} ms, p99 {:.1} ms (targets 5, 20, 50), n {}",
        at(0.5),
        at(0.95),
        at(0.99),
        micros.len()
    )
}

/// Sends the mix for `length`.
pub(crate) async fn run(platform: &Platform, shop: &Shop, length: Duration) -> anyhow::Result<Mixed> {
    let load = Workload::planned(Year::Three.businesses(), Multiple::LOAD_TEST, &Assumptions::PLANNED);
    let mut pool = Vec::new();
    for _ in 0..CONNECTIONS {
        pool.push(Connection::open(&platform.address).await?);
    }
    let pool = Arc::new(Mutex::new(pool));
    let (begun, mut under_way, mut number) = (Instant::now(), JoinSet::new(), 0_usize);
    while begun.elapsed() < length {
        let due = begun + Duration::from_secs_f64(number as f64 / load.per_second());
        tokio::time::sleep_until(due.into()).await;
        number += 1;
        let kind = pick(&load);
        let (method, path, headers, body) = request(kind, shop, number);
        let (pool, address) = (Arc::clone(&pool), platform.address.clone());
        under_way.spawn(async move {
            let held = pool.lock().await.pop();
            let mut connection = match held {
                Some(connection) => connection,
                None => Connection::open(&address).await?,
            };
            let answer = connection.send(method, &path, &headers, &body).await?;
            let took = u32::try_from(due.elapsed().as_micros()).unwrap_or(u32::MAX);
            pool.lock().await.push(connection);
            std::io::Result::Ok((kind, took, answer.status))
        });
    }
    let (mut took, mut failed) = (Vec::new(), 0);
    while let Some(done) = under_way.join_next().await {
        match done? {
            Ok((kind, micros, 200..=299)) => took.push((kind, micros)),
            Ok(_) | Err(_) => failed += 1,
        }
    }
    Ok(Mixed { took, failed, planned: load.per_second(), seconds: begun.elapsed().as_secs_f64() })
}

fn pick(load: &Workload) -> Kind {
    let mut left = rand::rng().random_range(0.0..MIX.iter().map(|(_, request)| load.rate(*request)).sum());
    for (kind, request) in MIX {
        left -= load.rate(request);
        if left < 0.0 {
            return kind;
        }
    }
    Kind::Stamp
}

fn request(kind: Kind, shop: &Shop, number: usize) -> (&'static str, String, String, String) {
    let bearer = shop.bearer.clone();
    match kind {
        Kind::Stamp => {
            let headers = format!("{bearer}idempotency-key: {}\r\n", uuid::Uuid::now_v7());
            let code = &shop.codes[number * 31 % shop.codes.len()];
            ("POST", "/api/v1/stamps".into(), headers, format!("{{\"code\":\"{code}\"}}"))
        }
        Kind::Customer => {
            let customer = &shop.customers[number * 17 % shop.customers.len()];
            ("GET", format!("/api/v1/customers/{customer}"), bearer, String::new())
        }
        Kind::Dashboard => ("GET", "/api/v1/dashboard".into(), bearer, String::new()),
        Kind::Analytics => {
            ("GET", "/api/v1/analytics/overview?from=2026-10-01&to=2026-11-30".into(), bearer, String::new())
        }
        Kind::Enrollment => {
            let body: Value = enrollment(&shop.slug, 1_000_000 + number);
            ("POST", "/api/v1/enrollments".into(), String::new(), body.to_string())
        }
    }
}
