//! T2, API part: the growth document's mix of requests, each kind as often as it is planned. They are sent by a schedule that does
//! not wait for slow answers, and a request's time counts from when it was due, so that a stall is not hidden.

use std::collections::{BTreeMap, HashMap};
use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::Utc;
use fakes::twilio::Webhook;
use growth::{Request, Workload};
use rand::Rng;
use tokio::sync::Mutex;
use tokio::task::JoinSet;
use uuid::Uuid;

use crate::figures::{Figures, Wanted, plain};
use crate::http::Connection;
use crate::latency::Latencies;
use crate::shop::{Shop, enrollment};
use crate::stamps::stamp_in;
use crate::whatsapp::{self, Sent as Messages};

/// Connections that are kept open.
const CONNECTIONS: usize = 64;
/// T2: p50, p95 and p99 of all requests, in ms.
pub(crate) const REQUESTS_MS: [(&str, f64, f64); 3] =
    [("p50", 0.5, 5.0), ("p95", 0.95, 20.0), ("p99", 0.99, 50.0)];
/// Different failures that a report names.
pub(crate) const SHOWN_FAILURES: usize = 5;
/// How long a request that was sent may take.
const PATIENCE: Duration = Duration::from_secs(30);

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

    /// Webhooks that were answered well and yet changed nothing have failed too.
    pub(crate) fn note_lost(&mut self, count: usize) {
        if count > 0 {
            let failure = format!("{} was answered, and changed nothing", Request::Webhook.endpoint());
            self.failures.insert(failure, count);
        }
    }

    /// How many failed.
    pub(crate) fn failed(&self) -> usize {
        self.failures.values().sum()
    }

    /// Tells it against its targets, then each kind, and what went wrong.
    pub(crate) fn tell(&self, figures: &mut Figures) {
        let rate = self.sent.len() as f64 / self.seconds;
        let what = format!("requests a second sent, of {:.0} planned", self.planned);
        figures.tell("T2", &what, &[rate], "", Wanted::Told);
        figures.tell("T2", "requests that failed", &[self.failed() as f64], "", Wanted::Nothing);
        let all = self.took(None);
        for (name, share, target) in REQUESTS_MS {
            let what = format!("{name} of all requests");
            figures.tell("T2", &what, &[all.ms(share)], " ms", Wanted::Below(target));
        }
        for kind in Request::ALL {
            let line = format!("{}: {}", kind.endpoint(), percentiles(&self.took(Some(kind))));
            println!("{}", plain("T2", &line));
        }
        for (failure, count) in self.failures.iter().take(SHOWN_FAILURES) {
            println!("{}", plain("T2", &format!("{count} ×: {failure}")));
        }
    }
}

/// In words, of how many.
pub(crate) fn percentiles(took: &Latencies) -> String {
    format!(
        "p50 {:.1} ms, p95 {:.1} ms, p99 {:.1} ms, n {}",
        took.ms(0.5),
        took.ms(0.95),
        took.ms(0.99),
        took.count()
    )
}

/// Sends for `length` what `kind` draws, so many a second, to all shops. Webhooks tell of `messages`, and there are none without.
pub(crate) async fn run(
    address: &str,
    shops: &Arc<[Shop]>,
    messages: Option<&Arc<Messages>>,
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
        let messages = messages.cloned();
        under_way.spawn(async move {
            let asked = async {
                let asked = request(kind, &shops, messages.as_deref(), &address, number)?;
                ask(&pool, &address, kind, &asked).await
            };
            let asked = tokio::time::timeout(PATIENCE, asked).await;
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
    pick(load, rand::rng().random_range(0.0..load.per_second()))
}

fn pick(load: &Workload, mut left: f64) -> Request {
    for kind in Request::ALL {
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
    asked: &Asked,
) -> io::Result<(u16, Option<Uuid>)> {
    let held = pool.lock().await.pop();
    let mut connection = match held {
        Some(connection) => connection,
        None => Connection::open(address).await?,
    };
    let answer = connection.send(asked.method, &asked.path, &asked.headers, &asked.body).await?;
    pool.lock().await.push(connection);
    let stamp = (kind == Request::Stamp).then(|| stamp_in(&String::from_utf8_lossy(&answer.body))).flatten();
    Ok((answer.status, stamp))
}

/// A request as it is sent.
#[derive(Debug, PartialEq, Eq)]
struct Asked {
    method: &'static str,
    path: String,
    headers: String,
    body: String,
}

impl Asked {
    fn get(path: String, bearer: &str) -> Self {
        Self { method: "GET", path, headers: bearer.to_owned(), body: String::new() }
    }

    fn post(path: &str, headers: String, body: String) -> Self {
        Self { method: "POST", path: path.to_owned(), headers, body }
    }

    /// None where it is meant for somebody else than whoever answers at `address`.
    fn webhook(webhook: Webhook, address: &str) -> Option<Self> {
        let Webhook { url, signature, token, body } = webhook;
        let path = url.strip_prefix("http://")?.strip_prefix(address).filter(|path| path.starts_with('/'))?;
        let headers = format!(
            "x-twilio-signature: {signature}\r\ni-twilio-idempotency-token: {token}\r\n\
             content-type: application/x-www-form-urlencoded; charset=UTF-8\r\n"
        );
        Some(Self::post(path, headers, body))
    }
}

fn request(
    kind: Request,
    shops: &[Shop],
    messages: Option<&Messages>,
    address: &str,
    number: usize,
) -> io::Result<Asked> {
    let (shop, turn) = (&shops[number % shops.len()], number / shops.len());
    let bearer = &shop.bearer;
    let intent = || format!("{bearer}idempotency-key: {}\r\n", Uuid::now_v7());
    Ok(match kind {
        Request::Customer => {
            let customer = &shop.customers[turn * 17 % shop.customers.len()];
            Asked::get(format!("/api/v1/customers/{customer}"), bearer)
        }
        Request::Dashboard => Asked::get("/api/v1/dashboard".into(), bearer),
        Request::Analytics => {
            let today = Utc::now().date_naive();
            let from = today - chrono::Days::new(60);
            Asked::get(format!("/api/v1/analytics/overview?from={from}&to={today}"), bearer)
        }
        Request::Enrollment => {
            let body = enrollment(&shop.slug, 1_000_000 + number);
            Asked::post("/api/v1/enrollments", String::new(), body.to_string())
        }
        Request::Stamp => {
            let body = shop.stamps[turn * 31 % shop.stamps.len()].clone();
            Asked::post("/api/v1/stamps", intent(), body)
        }
        Request::Campaign => {
            let body = whatsapp::draft(&format!("Jueves {number}"));
            Asked::post("/api/v1/campaigns", intent(), body.to_string())
        }
        Request::Webhook => messages
            .and_then(Messages::tell_next)
            .and_then(|webhook| Asked::webhook(webhook, address))
            .ok_or_else(|| io::Error::other("there is no message to tell of"))?,
    })
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
        let all = load.per_second();
        let draws = 100_000;
        let mut drawn: HashMap<Request, usize> = HashMap::new();
        for draw in 0..draws {
            *drawn.entry(pick(&load, all * draw as f64 / draws as f64)).or_default() += 1;
        }
        for kind in Request::ALL {
            let share = drawn[&kind] as f64 / draws as f64;
            assert!((share - load.rate(kind) / all).abs() < 0.001, "{kind:?} {share}");
        }
    }

    #[test]
    fn a_campaign_is_an_intent_of_its_own_and_a_webhook_bears_what_proves_it_and_nobodys_token() {
        let shop = Shop {
            token: "t".into(),
            bearer: "authorization: Bearer t\r\n".into(),
            stamps: Vec::new(),
            customers: Vec::new(),
            slug: "cafe".into(),
        };
        let shops = [shop];
        let campaign = |number| request(Request::Campaign, &shops, None, "127.0.0.1:1", number).unwrap();
        let (one, other) = (campaign(1), campaign(1));
        assert!(one.headers.contains("Bearer t") && one.headers.contains("idempotency-key"), "{one:?}");
        assert_ne!(one.headers, other.headers);
        let webhook = Webhook {
            url: "http://127.0.0.1:1/webhooks/twilio/status?m=1&a=2".into(),
            signature: "sig=".into(),
            token: "once".into(),
            body: "MessageStatus=read".into(),
        };
        let told = Asked::webhook(webhook.clone(), "127.0.0.1:1").unwrap();
        assert_eq!((told.method, told.path.as_str()), ("POST", "/webhooks/twilio/status?m=1&a=2"));
        assert!(told.headers.contains("x-twilio-signature: sig=\r\n") && told.headers.ends_with("\r\n"));
        assert!(!told.headers.contains("authorization") && told.body == "MessageStatus=read", "{told:?}");
        assert!(Asked::webhook(webhook, "127.0.0.1:2").is_none(), "another's");
        assert!(request(Request::Webhook, &shops, None, "127.0.0.1:1", 1).is_err(), "no message, no success");
    }
}
