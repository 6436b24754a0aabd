//! R2: what others do while the broker, the database or a service is away, and how soon all is well again.

use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use anyhow::Context;
use e2e::{Answer, Customer, Server, Shop, Uuid, World, eventually, signal, so_far};
use futures::future::join_all;

use crate::Kept;
use crate::books::projections;
use crate::client::Till;
use crate::victims::{of, pooler};

/// How soon after it is back all must be well.
const WELL_WITHIN: Duration = Duration::from_secs(5);
/// What a stamp may take while the broker is away: nobody at a till notices.
const STAMPED_WITHIN: Duration = Duration::from_secs(1);
/// How long that is waited for before it is given up.
const PATIENCE: Duration = Duration::from_secs(60);
/// How long a service does not answer: longer than a call may take.
const SILENT: Duration = Duration::from_secs(13);
/// Times that PostgreSQL is restarted, and PgBouncer killed.
const RESTARTS: usize = 3;
/// What is asked for besides stamps, all the while: each needs another service.
const ASKED: [(&str, &str); 6] = [
    ("enrollment", "/business"),
    ("stamping", "/programs"),
    ("analytics", "/dashboard"),
    ("wallet-pass", "/deliveries"),
    ("messaging", "/messages"),
    ("campaign", "/campaigns"),
];

/// Everything in its turn; the books are still to be looked at.
pub(crate) async fn run<'a>(
    world: &'a World,
    away: Duration,
    has_pooler: bool,
    kept: &mut Kept,
) -> anyhow::Result<Place<'a>> {
    let shop = Shop::open(world).await;
    let customer = shop.enroll("Ana Flores").await;
    let place = Place { world, till: Till::of(shop), customer, stamped: Mutex::default() };
    place.well_again().await?;
    place.without_the_broker(away, kept).await?;
    place.without_the_database(kept).await?;
    if has_pooler {
        place.without_the_pooler(kept).await?;
    }
    for (service, _) in ASKED {
        place.without(service, kept).await?;
    }
    Ok(place)
}

/// Where it happens.
pub(crate) struct Place<'a> {
    world: &'a World,
    till: Till,
    customer: Customer,
    /// The keys of stamps that were answered.
    stamped: Mutex<Vec<String>>,
}

/// How a server ends.
struct Ends {
    name: &'static str,
    verb: &'static str,
    signal: &'static str,
}

/// What was seen while something was away.
#[derive(Default)]
struct Seen {
    stamps: usize,
    refusals: usize,
    slowest: Duration,
    answers: usize,
    unclean: Vec<String>,
}

impl Place<'_> {
    async fn without_the_broker(&self, away: Duration, kept: &mut Kept) -> anyhow::Result<()> {
        self.till.sign_in().await?;
        let over = AtomicBool::new(false);
        let fault = async {
            // Half of the time it hangs, and half of the time it is dead however often it is started again.
            let broker = self.pid_of(Server::Nats).await;
            signal(broker, "STOP");
            tokio::time::sleep(away / 2).await;
            let dead = Instant::now();
            while dead.elapsed() < away / 2 {
                if let Some(broker) = self.world.pid_of(Server::Nats) {
                    signal(broker, "KILL");
                }
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
            let well = self.well_again().await;
            over.store(true, Ordering::Relaxed);
            well
        };
        let (well, seen) = tokio::join!(fault, self.watch(&over, &[]));
        let went_on = seen.refusals == 0 && seen.stamps > 0 && seen.slowest < STAMPED_WITHIN;
        let what = format!(
            "stamping went on without the broker for {} s: {} stamps, {} refused, the slowest {} ms (target < {})",
            away.as_secs(),
            seen.stamps,
            seen.refusals,
            seen.slowest.as_millis(),
            STAMPED_WITHIN.as_millis()
        );
        tell(kept, went_on && seen.unclean.is_empty(), &what, &seen);
        soon_enough(kept, "the broker", well?);
        Ok(())
    }

    async fn without_the_database(&self, kept: &mut Kept) -> anyhow::Result<()> {
        // As an administrator restarts it: it throws everybody out and ends.
        let ends = Ends { name: "PostgreSQL", verb: "restarted", signal: "INT" };
        self.without_a_server(&ends, || self.world.pid_of(Server::Postgres), kept).await
    }

    async fn without_the_pooler(&self, kept: &mut Kept) -> anyhow::Result<()> {
        let ends = Ends { name: "PgBouncer", verb: "killed", signal: "KILL" };
        self.without_a_server(&ends, || pooler(self.world), kept).await
    }

    /// A server on every way to the database ends and is started again, some times.
    async fn without_a_server(
        &self,
        Ends { name, verb, signal: word }: &Ends,
        find: impl Fn() -> Option<u32>,
        kept: &mut Kept,
    ) -> anyhow::Result<()> {
        for turn in 1..=RESTARTS {
            self.till.sign_in().await?;
            let over = AtomicBool::new(false);
            let paths: Vec<&str> = ASKED.iter().map(|(_, path)| *path).collect();
            let fault = async {
                let server = eventually("the server", PATIENCE, async || find()).await;
                signal(server, word);
                let gone = Instant::now();
                eventually("the server to be back", PATIENCE, async || find().filter(|now| *now != server))
                    .await;
                let well = self.well_again().await;
                over.store(true, Ordering::Relaxed);
                well.map(|_| gone.elapsed())
            };
            let (well, seen) = tokio::join!(fault, self.watch(&over, &paths));
            let what = format!(
                "{name} {verb} ({turn} of {RESTARTS}): {} stamps, {} refused, {} other answers, all clean",
                seen.stamps, seen.refusals, seen.answers
            );
            tell(kept, seen.unclean.is_empty(), &what, &seen);
            soon_enough(kept, &format!("{name}, from the moment it was told to end"), well?);
        }
        Ok(())
    }

    /// The processes of a service stop answering, as behind a cut cable.
    async fn without(&self, service: &str, kept: &mut Kept) -> anyhow::Result<()> {
        self.till.sign_in().await?;
        let over = AtomicBool::new(false);
        let paths: Vec<&str> = ASKED.iter().map(|(_, path)| *path).collect();
        let silent = of(self.world, service);
        let fault = async {
            silent.iter().for_each(|pid| signal(*pid, "STOP"));
            tokio::time::sleep(SILENT).await;
            silent.iter().for_each(|pid| signal(*pid, "CONT"));
            let well = self.well_again().await;
            over.store(true, Ordering::Relaxed);
            well
        };
        let (well, seen) = tokio::join!(fault, self.watch(&over, &paths));
        let goes_on = service == "stamping" || seen.refusals == 0;
        let what = format!(
            "{} processes of {service} silent for {} s: {} stamps, {} refused, the slowest {} ms; {} other answers, all clean",
            silent.len(),
            SILENT.as_secs(),
            seen.stamps,
            seen.refusals,
            seen.slowest.as_millis(),
            seen.answers
        );
        tell(kept, seen.unclean.is_empty() && goes_on && !silent.is_empty(), &what, &seen);
        soon_enough(kept, service, well?);
        Ok(())
    }

    /// Stamps and asks for other things until it is over. A stamp that is refused is tried again with its key.
    async fn watch(&self, over: &AtomicBool, paths: &[&str]) -> Seen {
        let seen = Mutex::new(Seen::default());
        let note = |take: &dyn Fn(&mut Seen)| take(&mut seen.lock().unwrap_or_else(PoisonError::into_inner));
        let note = &note;
        let asking = join_all(paths.iter().map(|path| async move {
            while !over.load(Ordering::Relaxed) {
                let asked = self.till.shop.api.get(path).bearer(&self.till.token()).try_send().await;
                let fault = unclean(&asked);
                note(&|seen| {
                    seen.answers += 1;
                    seen.unclean.extend(fault.clone());
                });
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        }));
        let stamping = async {
            let mut key = e2e::key();
            while !over.load(Ordering::Relaxed) {
                let begun = Instant::now();
                let call = self.till.stamp(&self.till.token(), &self.customer.card, key).try_send().await;
                let took = begun.elapsed();
                let (fault, is_done) = (unclean(&call), call.is_ok_and(|answer| answer.status() / 100 == 2));
                note(&|seen| {
                    seen.slowest = seen.slowest.max(took);
                    seen.unclean.extend(fault.clone());
                    seen.stamps += usize::from(is_done);
                    seen.refusals += usize::from(!is_done);
                });
                if is_done {
                    self.note(key);
                    key = e2e::key();
                }
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
            // What was refused last is asked for until it is answered, so that its one stamp is known.
            let last =
                self.till.until_answered(|token| self.till.stamp(token, &self.customer.card, key)).await;
            if last.is_ok_and(|answer| answer.status() / 100 == 2) {
                self.note(key);
            }
        };
        tokio::join!(asking, stamping);
        seen.into_inner().unwrap_or_else(PoisonError::into_inner)
    }

    fn note(&self, key: Uuid) {
        self.stamped.lock().unwrap_or_else(PoisonError::into_inner).push(key.to_string());
    }

    /// How long it takes from now until everything is answered, a stamp is taken, and the panel has counted it.
    async fn well_again(&self) -> anyhow::Result<Duration> {
        let begun = Instant::now();
        for (_, path) in ASKED {
            self.answered(path).await;
        }
        let key = e2e::key();
        let stamped =
            self.till.until_answered(|token| self.till.stamp(token, &self.customer.card, key)).await?;
        self.note(key);
        let total = stamped.json()["card"]["total"].as_i64().context("no total")?;
        eventually("the panel to have counted it", PATIENCE, async || {
            let shown =
                self.till.shop.api.get("/dashboard").bearer(&self.till.token()).try_send().await.ok()?;
            (shown.status() == 200 && so_far(&shown.json(), "stamps") >= total).then_some(())
        })
        .await;
        Ok(begun.elapsed())
    }

    async fn answered(&self, path: &str) {
        eventually(path, PATIENCE, async || {
            let asked = self.till.shop.api.get(path).bearer(&self.till.token()).try_send().await;
            asked.is_ok_and(|answer| answer.status() == 200).then_some(())
        })
        .await;
    }

    async fn pid_of(&self, server: Server) -> u32 {
        eventually("the server", PATIENCE, async || self.world.pid_of(server)).await
    }

    /// Looks at the books.
    pub(crate) async fn nothing_is_lost(&self, kept: &mut Kept) -> anyhow::Result<()> {
        self.world.verify().await;
        let books = e2e::Books::of(self.world, &self.till.shop.id).await;
        let stamped = self.stamped.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let once = stamped.iter().filter(|key| books.entries.get(*key) == Some(&1)).count();
        let is_kept = once == stamped.len() && books.entries.len() == once;
        let what = format!(
            "drift 0; of {} stamps that were answered {once} are in the ledger once, which has {}",
            stamped.len(),
            books.entries.len()
        );
        kept.tell("R2", is_kept, &what);
        let (events, faults) = projections(self.world).await?;
        kept.tell_of("R2", &faults, &format!("each of {events} events in every projection once"));
        Ok(())
    }
}

fn tell(kept: &mut Kept, is_kept: bool, what: &str, seen: &Seen) {
    kept.tell("R2", is_kept, what);
    seen.unclean.iter().take(3).for_each(|fault| println!("      {fault}"));
}

fn soon_enough(kept: &mut Kept, what: &str, well: Duration) {
    let said =
        format!("all well {:.1} s after {what} (target < {} s)", well.as_secs_f64(), WELL_WITHIN.as_secs());
    kept.tell("R2", well < WELL_WITHIN, &said);
}

/// What is wrong with an answer that is neither what was asked for nor a `503` that says when to come again.
fn unclean(answer: &Result<Answer, impl std::fmt::Display>) -> Option<String> {
    match answer {
        Ok(answer) if answer.status() / 100 == 2 => None,
        Ok(answer) if answer.status() == 503 => {
            answer.header("retry-after").parse::<u64>().err().map(|_| format!("no Retry-After: {answer}"))
        }
        Ok(answer) => Some(answer.to_string()),
        Err(error) => Some(format!("no answer: {error}")),
    }
}
