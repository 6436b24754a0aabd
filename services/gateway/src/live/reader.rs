//! From the event stream into the hub.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use boot::Stop;
use kernel::{BusinessId, CustomerId};
use outbox::{Broker, Fact, Subject};
use tokio::sync::mpsc;

use super::hub::Told;
use super::render::{News, decode, is_history};
use crate::platform::{Platform, Shared};

/// Facts that may wait between the stream and the hub.
const WAITING: usize = 4_096;
/// Most facts taken at once.
const BATCH: usize = 256;
/// How long an event waits for a first name.
const NAME_PATIENCE: Duration = Duration::from_millis(20);
/// How often the stream is asked whether it is still the same.
const SAME_STREAM_EVERY: Duration = Duration::from_secs(15);
/// The pause after the broker did not answer.
const PAUSE: Duration = Duration::from_millis(500);
/// How far back panels that come are shown what happened.
pub(super) const LOOKED_BACK: Duration = Duration::from_secs(24 * 3_600);
/// Most places of the stream that are looked at for it.
const MOST_LOOKED_AT: u64 = 1_000_000;
/// How often rings that nobody came back to are given up.
const TIDY_EVERY: Duration = Duration::from_secs(30);

/// Reads the stream into the hub until told to stop, across cuts, and across a stream made anew.
pub(crate) async fn follow_stream(platform: Shared, broker: Broker, stop: Stop) {
    while !stop.is_cancelled() {
        let Some((incarnation, last)) = stop.run_until_cancelled(reach(&broker)).await else { return };
        // Before anybody can hold a place of the stream of now against what is known of the one before.
        platform.history.forget();
        let after = platform.hub.begin(incarnation, last);
        platform.history.begin(after);
        let round = stop.child_token();
        let (to_hub, facts) = mpsc::channel(WAITING);
        let following = tokio::spawn(outbox::follow(broker.clone(), Some(after), to_hub, round.clone()));
        tokio::select! {
            () = deliver_all(&platform, facts) => {}
            () = look_back(&platform, &broker, after) => {}
            () = another_stream(&platform, &broker, incarnation) => tracing::warn!("the stream was made anew, or lost its end; everyone resyncs"),
            () = stop.cancelled() => {}
        }
        round.cancel();
        if let Err(error) = following.await {
            tracing::error!(%error, "the reader of the stream failed");
        }
    }
}

/// Finds where the newest events of every business stand that happened before, across cuts, and then has nothing more to do.
async fn look_back(platform: &Platform, broker: &Broker, mut until: u64) {
    let end = until.saturating_sub(MOST_LOOKED_AT);
    loop {
        let from = until;
        let looked = outbox::look_back(broker, end, from, LOOKED_BACK, |after, facts| {
            let subjects =
                facts.iter().filter_map(|(place, subject)| Some((Subject::parse(subject)?, *place)));
            let shown = subjects.filter(|(subject, _)| is_history(subject));
            let shown: Vec<_> = shown.map(|(subject, place)| (subject.business, place)).collect();
            platform.history.remember(after, &shown);
            until = after;
        });
        match looked.await {
            Ok(()) => break,
            Err(error) => tracing::info!(%error, "looking further back in a moment"),
        }
        tokio::time::sleep(PAUSE).await;
    }
    platform.history.end();
    std::future::pending().await
}

/// Gives up rings until told to stop.
pub(crate) async fn tidy_rooms(platform: Shared, stop: Stop) {
    while stop.run_until_cancelled(tokio::time::sleep(TIDY_EVERY)).await.is_some() {
        platform.hub.tidy(Instant::now());
    }
}

/// The stream's incarnation and last sequence, as soon as the broker answers.
async fn reach(broker: &Broker) -> (i128, u64) {
    loop {
        if broker.is_connected() {
            match outbox::last_sequence(broker).await {
                Ok(answer) => return answer,
                Err(error) => tracing::info!(%error, "the stream is not there yet"),
            }
        }
        tokio::time::sleep(PAUSE).await;
    }
}

/// Returns when the stream is another one, or ends before what has been read of it: its broker's machine fell, and sequences come again.
async fn another_stream(platform: &Platform, broker: &Broker, incarnation: i128) {
    let (mut server, mut asked) = (broker.server(), Instant::now());
    loop {
        tokio::time::sleep(PAUSE).await;
        let now_at = broker.server();
        if now_at.is_none() || now_at == server && asked.elapsed() < SAME_STREAM_EVERY {
            continue;
        }
        // Read before the stream is asked, which only grows.
        let position = platform.hub.position();
        if let Ok((found, last)) = outbox::last_sequence(broker).await {
            if found != incarnation || last < position {
                return;
            }
            (server, asked) = (now_at, Instant::now());
        }
    }
}

async fn deliver_all(platform: &Shared, mut facts: mpsc::Receiver<Fact>) {
    let mut batch = Vec::with_capacity(BATCH);
    while facts.recv_many(&mut batch, BATCH).await > 0 {
        let batch: Vec<(Fact, Option<News>)> =
            batch.drain(..).map(|fact| read_ahead(platform, fact)).collect();
        ask_for_names(platform, &batch).await;
        for (fact, news) in batch {
            deliver(platform, &fact, news);
        }
    }
}

/// Decodes a fact that somebody waits for, or that takes a name away.
fn read_ahead(platform: &Platform, fact: Fact) -> (Fact, Option<News>) {
    let Some(Subject { business, event, .. }) = Subject::parse(&fact.subject) else { return (fact, None) };
    let takes_name_away = matches!(event, "customer_erased" | "customer_merged");
    let news = (takes_name_away || platform.hub.is_watched(business)).then(|| decode(&fact)).flatten();
    if let Some(person) = news.as_ref().and_then(|news| news.forgotten) {
        platform.names.forget(business, person);
    }
    (fact, news)
}

/// Asks for the names that a batch needs, one question a business, and waits a little. What comes later is at hand the
/// next time.
async fn ask_for_names(platform: &Shared, batch: &[(Fact, Option<News>)]) {
    let mut unknown: HashMap<BusinessId, Vec<CustomerId>> = HashMap::new();
    for (fact, news) in batch {
        let customer = news.as_ref().filter(|news| news.forgotten.is_none()).and_then(|news| news.customer);
        if let (Some(Subject { business, .. }), Some(customer)) = (Subject::parse(&fact.subject), customer)
            && platform.hub.is_watched(business)
            && platform.names.at_hand(business, customer).is_none()
        {
            unknown.entry(business).or_default().push(customer);
        }
    }
    if unknown.is_empty() {
        return;
    }
    let questions: Vec<_> = unknown
        .into_iter()
        .map(|(business, mut customers)| {
            customers.sort_unstable();
            customers.dedup();
            let platform = Arc::clone(platform);
            tokio::spawn(async move {
                if let Err(refusal) = platform.ask_names(business, &customers).await {
                    tracing::debug!(slug = refusal.slug.as_str(), "names did not come");
                }
            })
        })
        .collect();
    // The questions go on by themselves when this gives up waiting.
    let _ = tokio::time::timeout(NAME_PATIENCE, futures::future::join_all(questions)).await;
}

fn deliver(platform: &Platform, fact: &Fact, news: Option<News>) {
    let Some(subject) = Subject::parse(&fact.subject) else {
        return platform.hub.pass(fact.sequence);
    };
    let business = subject.business;
    // Before it has passed: a snapshot that ends with it shows it.
    if is_history(&subject) {
        platform.history.note(business, fact.sequence);
    }
    platform.hub.deliver(business, fact.sequence, |cursor| {
        // Decoded now where somebody has come since the batch was read.
        let news = news.or_else(|| decode(fact))?;
        let name = news.customer.and_then(|customer| platform.names.at_hand(business, customer)).flatten();
        Some(Told { frame: news.render(cursor, name.as_deref())?, card: news.card })
    });
}
