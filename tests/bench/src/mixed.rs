//! T2, API part: the growth document's mix of requests. They are sent by a schedule that does not wait for slow answers, and a
//! request's time counts from when it was due, so that a stall is not hidden.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::Utc;
use growth::{Request, Workload};
use rand::Rng;
use tokio::sync::Mutex;
use tokio::task::JoinSet;
use uuid::Uuid;

use crate::http::Connection;
use crate::latency::Latencies;
use crate::shop::{Shop, enrollment};
use crate::stamps::stamp_in;

/// Connections that are kept open.
const CONNECTIONS: usize = 64;
/// How long a request that was sent may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// The kinds of the growth model that are sent. Campaigns and webhooks, one request in forty, are not: the others are sent as
/// often as all together.
pub(crate) const MIX: [Request; 5] =
    [Request::Stamp, Request::Customer, Request::Dashboard, Request::Analytics, Request::Enrollment];

/// One request.
pub(crate) struct Sent {
    /// What it asked for.
    pub(crate) kind: Request,
    /// When it was due.
    pub(crate) due: Instant,
    /// Until its whole answer was there, from when it was due.
    pub(crate) micros: u32,
    /// It was answered, and by what it asked for.
    pub(crate) done: bool,
}

/// What was measured.
pub(crate) struct Mixed {
    /// When the first was due.
    pub(crate) begun: Instant,
    /// How long requests were sent.
    pub(crate) seconds: f64,
    /// Requests a second that were to be sent.
    pub(crate) planned: f64,
    /// Each request.
    pub(crate) sent: Vec<Sent>,
    /// When the tap was due that made a stamp.
    pub(crate) taps: HashMap<Uuid, Instant>,
    /// What went wrong, and how often.
    pub(crate) failures: BTreeMap<String, usize>,
}

impl Mixed {
    /// Times of what was done, of one kind or of all.
    pub(crate) fn took(&self, kind: Option<Request>) -> Latencies {
        let done = self.sent.iter().filter(|sent| sent.done && kind.is_none_or(|kind| kind == sent.kind));
        Latencies::of(done.map(|sent| sent.micros))
    }

    /// How many failed.
    pub(crate) fn failed(&self) -> usize {
        self.failures.values().sum()
    }

    /// The report, a line for all requests and one for each kind.
    pub(crate) fn lines(&self) -> Vec<String> {
        let mut lines = vec![format!(
            "{:.0} requests/s sent ({:.0} planned), {} failed; all: {}",
            self.sent.len() as f64 / self.seconds,
            self.planned,
            self.failed(),
            percentiles(&self.took(None)),
        )];
        for kind in MIX {
            lines.push(format!("{}: {}", kind.endpoint(), percentiles(&self.took(Some(kind)))));
        }
        lines
    }
}

fn percentiles(took: &Latencies) -> String {
    format!(
        "p50 {:.1} ms, p95 {:.1} ms, p99 {:.1} ms (targets 5, 20, 50), n {}",
        took.ms(0.5),
        took.ms(0.95),
        took.ms(0.99),
        took.count()
    )
}

/// Sends for `length` what `kind` draws, so many a second, to all shops.
pub(crate) async fn run(
    address: &str,
    shops: &Arc<[Shop]>,
    per_second: f64,
    kind: impl Fn() -> Request,
    length: Duration,
) -> anyhow::Result<Mixed> {
    let mut pool = Vec::new();
    for _ in 0..CONNECTIONS {
        pool.push(Connection::open(address).await?);
    }
    let pool = Arc::new(Mutex::new(pool));
    let (begun, mut under_way) = (Instant::now(), JoinSet::new());
    for number in 0.. {
        let due_after = due(number, per_second);
        if due_after >= length {
            break;
        }
        let (due, kind) = (begun + due_after, kind());
        tokio::time::sleep_until(due.into()).await;
        let (pool, shops, address) = (Arc::clone(&pool), Arc::clone(shops), address.to_owned());
        under_way.spawn(async move {
            let asked = tokio::time::timeout(PATIENCE, ask(&pool, &address, kind, &shops, number)).await;
            let micros = u32::try_from(due.elapsed().as_micros()).unwrap_or(u32::MAX);
            (kind, due, micros, asked)
        });
    }
    let seconds = begun.elapsed().as_secs_f64();
    let mut mixed = Mixed {
        begun,
        seconds,
        planned: per_second,
        sent: Vec::new(),
        taps: HashMap::new(),
        failures: BTreeMap::new(),
    };
    while let Some(ended) = under_way.join_next().await {
        let (kind, due, micros, asked) = ended?;
        let failure = match asked {
            Ok(Ok((200..=299, stamp))) => {
                mixed.taps.extend(stamp.map(|stamp| (stamp, due)));
                None
            }
            Ok(Ok((status, _))) => Some(format!("{} answered {status}", kind.endpoint())),
            Ok(Err(error)) => Some(format!("{}: {error}", kind.endpoint())),
            Err(_) => Some(format!("{}: no answer in {} s", kind.endpoint(), PATIENCE.as_secs())),
        };
        mixed.sent.push(Sent { kind, due, micros, done: failure.is_none() });
        if let Some(failure) = failure {
            *mixed.failures.entry(failure).or_default() += 1;
        }
    }
    Ok(mixed)
}

/// When a request is due, after the first.
fn due(number: usize, per_second: f64) -> Duration {
    Duration::from_secs_f64(number as f64 / per_second)
}

/// Draws a kind as often as the plan has it.
pub(crate) fn drawn(load: &Workload) -> Request {
    let all = MIX.iter().map(|kind| load.rate(*kind)).sum();
    pick(load, rand::rng().random_range(0.0..all))
}

fn pick(load: &Workload, mut left: f64) -> Request {
    for kind in MIX {
        left -= load.rate(kind);
        if left < 0.0 {
            return kind;
        }
    }
    Request::Stamp
}

async fn ask(
    pool: &Mutex<Vec<Connection>>,
    address: &str,
    kind: Request,
    shops: &[Shop],
    number: usize,
) -> std::io::Result<(u16, Option<Uuid>)> {
    let shop = &shops[number % shops.len()];
    let (method, path, headers, body) = request(kind, shop, number / shops.len(), number);
    let held = pool.lock().await.pop();
    let mut connection = match held {
        Some(connection) => connection,
        None => Connection::open(address).await?,
    };
    let answer = connection.send(method, &path, &headers, &body).await?;
    pool.lock().await.push(connection);
    let stamp = (kind == Request::Stamp).then(|| stamp_in(&String::from_utf8_lossy(&answer.body))).flatten();
    Ok((answer.status, stamp))
}

fn request(kind: Request, shop: &Shop, turn: usize, number: usize) -> (&'static str, String, String, String) {
    let bearer = shop.bearer.clone();
    match kind {
        Request::Customer => {
            let customer = &shop.customers[turn * 17 % shop.customers.len()];
            ("GET", format!("/api/v1/customers/{customer}"), bearer, String::new())
        }
        Request::Dashboard => ("GET", "/api/v1/dashboard".into(), bearer, String::new()),
        Request::Analytics => {
            let today = Utc::now().date_naive();
            let path =
                format!("/api/v1/analytics/overview?from={}&to={today}", today - chrono::Days::new(60));
            ("GET", path, bearer, String::new())
        }
        Request::Enrollment => {
            let body = enrollment(&shop.slug, 1_000_000 + number);
            ("POST", "/api/v1/enrollments".into(), String::new(), body.to_string())
        }
        Request::Stamp | Request::Campaign | Request::Webhook => {
            let headers = format!("{bearer}idempotency-key: {}\r\n", Uuid::now_v7());
            ("POST", "/api/v1/stamps".into(), headers, shop.stamps[turn * 31 % shop.stamps.len()].clone())
        }
    }
}

#[cfg(test)]
mod tests {
    use growth::{Assumptions, Multiple, Year};

    use super::*;

    #[test]
    fn requests_are_due_evenly_whatever_the_answers_take() {
        assert_eq!(due(0, 351.0), Duration::ZERO);
        assert_eq!(due(3_510, 351.0), Duration::from_secs(10));
        assert!((1..2_000).all(|number| due(number, 351.0) > due(number - 1, 351.0)));
    }

    #[test]
    fn every_kind_has_its_share() {
        let load = Workload::planned(Year::Three.businesses(), Multiple::LOAD_TEST, &Assumptions::PLANNED);
        let all: f64 = MIX.iter().map(|kind| load.rate(*kind)).sum();
        let draws = 10_000;
        let mut drawn: HashMap<Request, usize> = HashMap::new();
        for draw in 0..draws {
            *drawn.entry(pick(&load, all * draw as f64 / draws as f64)).or_default() += 1;
        }
        for kind in MIX {
            let share = drawn[&kind] as f64 / draws as f64;
            assert!((share - load.rate(kind) / all).abs() < 0.001, "{kind:?} {share}");
        }
    }
}
