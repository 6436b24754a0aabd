use std::collections::HashSet;
use std::future::Future;
use std::time::Duration;

use async_nats::jetstream::consumer::{AckPolicy, PullConsumer, pull};
use async_nats::jetstream::{AckKind, Message};
use boot::Stop;
use futures::StreamExt;
use kernel::EventId;
use sqlx::{PgConnection, PgPool};
use tokio::task::unconstrained;
use tokio::time::Instant;
use tracing::Instrument;
use uuid::Uuid;

use crate::subject::{covers, one_for_all};
use crate::{Broker, Error, pending};

/// How often the broker says that nothing is new. Whoever hears nothing twice as long reads anew: a stream that was taken
/// away is not always told to those who wait for it.
const HEARTBEAT: Duration = Duration::from_secs(2);
/// Most events of one transaction.
const BATCH: usize = 500;
/// How long the broker waits for an acknowledgement before it hands an event out again: what a killed process had in
/// hand is worked on again after that. Handed out twice does no harm; the inbox knows it.
const ACK_WAIT: Duration = Duration::from_secs(5);
/// Batches begin no closer together than this. An event that comes alone is taken at once; a busy stream is read in larger
/// batches, and the database commits fewer of them.
const SPACING: Duration = Duration::from_millis(50);
/// How often what waits is counted.
const MEASURE_EVERY: Duration = Duration::from_secs(15);
/// The pause after a failure.
const PAUSE: Duration = Duration::from_millis(500);

/// An event that this consumer has not seen before.
pub struct Received {
    /// Its id.
    pub id: EventId,
    /// `sello.v1.<business>.<service>.<event>`.
    pub subject: String,
    /// The encoded event.
    pub payload: Vec<u8>,
    /// The trace it belongs to.
    pub traceparent: Option<String>,
}

/// What a service does with events, in the transaction that also remembers them.
pub trait Handler: Send + Sync {
    /// Takes effect for every event of the batch, or fails and nothing happened. An event that cannot be understood is
    /// told to the log and passed over: it would fail for ever.
    fn handle(
        &self,
        tx: &mut PgConnection,
        events: &[Received],
    ) -> impl Future<Output = Result<(), sqlx::Error>> + Send;

    /// Called after the commit, for what is not kept: waking a relay, a metric.
    fn committed(&self) {}
}

/// Reads the events under `filters` as the durable consumer `name` until told to stop. Replicas that use the same
/// name share the work.
pub async fn consume<H: Handler>(
    broker: Broker,
    pool: PgPool,
    name: &'static str,
    filters: Vec<String>,
    handler: H,
    stop: Stop,
) -> anyhow::Result<()> {
    // It begins at nothing: of a counter that is born with its first event, an alert sees no increase.
    metrics::counter!("events_given_back_total", "consumer" => name).increment(0);
    let reading = async {
        loop {
            if let Err(error) = read(&broker, &pool, name, &filters, &handler).await {
                tracing::info!(consumer = name, %error, "reading again in a moment");
            }
            tokio::time::sleep(PAUSE).await;
        }
    };
    tokio::select! {
        () = stop.cancelled() => {}
        () = reading => {}
        () = measure(&broker, name) => {}
    }
    Ok(())
}

/// Shows how many events wait, again and again: the same in every replica.
async fn measure(broker: &Broker, name: &'static str) {
    let mut ticks = tokio::time::interval(MEASURE_EVERY);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        if broker.is_connected()
            && let Ok(pending) = pending(broker, name).await
        {
            metrics::gauge!("events_pending", "consumer" => name).set(pending as f64);
        }
    }
}

/// What comes to the durable consumer `name`, from now on. The broker is given one filter: to find what comes next for one that has
/// several and is behind, NATS 2.15 goes through every subject of a block of the stream (0.36 ms with 5,000 of them, beside 0.006).
async fn messages(broker: &Broker, name: &str, filters: &[String]) -> Result<pull::Stream, Error> {
    let stream = broker.stream().await?;
    let consumer: PullConsumer = stream
        // Made, or changed into this: a release that listens to more facts finds the consumer of the one before.
        .create_consumer(pull::Config {
            durable_name: Some(name.into()),
            filter_subject: one_for_all(filters),
            ack_policy: AckPolicy::Explicit,
            ack_wait: ACK_WAIT,
            max_ack_pending: 10_000,
            ..Default::default()
        })
        .await
        .map_err(Error::broker)?;
    let messages = consumer
        .stream()
        .max_messages_per_batch(BATCH * 2)
        .heartbeat(HEARTBEAT)
        .expires(Duration::from_secs(30))
        .messages();
    messages.await.map_err(Error::broker)
}

async fn read<H: Handler>(
    broker: &Broker,
    pool: &PgPool,
    name: &'static str,
    filters: &[String],
    handler: &H,
) -> Result<(), Error> {
    let messages = broker.ask(messages(broker, name, filters)).await?;
    let mut chunks = messages.ready_chunks(BATCH);
    // Unconstrained: else tokio's budget of a task ends every batch at 128.
    while let Some(chunk) = unconstrained(chunks.next()).await {
        let next = Instant::now() + SPACING;
        let chunk: Vec<Message> = chunk.into_iter().collect::<Result<_, _>>().map_err(Error::broker)?;
        let is_full = chunk.len() == BATCH;
        let (ours, others): (Vec<_>, Vec<_>) = chunk
            .into_iter()
            .partition(|message| filters.iter().any(|filter| covers(filter, &message.subject)));
        acknowledge(&others).await?;
        if !ours.is_empty() {
            take(pool, name, handler, ours).await?;
        }
        if !is_full {
            tokio::time::sleep_until(next).await;
        }
    }
    Ok(())
}

/// One batch in one transaction; if it fails, each event alone, so that one cannot hold up its neighbours.
async fn take<H: Handler>(
    pool: &PgPool,
    name: &'static str,
    handler: &H,
    chunk: Vec<Message>,
) -> Result<(), Error> {
    let span = tracing::info_span!("consume", consumer = name, events = chunk.len());
    if let [only] = chunk.as_slice()
        && let Some(parent) = header(only, "traceparent")
    {
        boot::trace::continue_from_parent(&span, parent);
    }
    async {
        let Err(error) = apply(pool, name, handler, &chunk).await else {
            return acknowledge(&chunk).await;
        };
        if chunk.len() == 1 || matches!(error, sqlx::Error::Io(_) | sqlx::Error::PoolTimedOut) {
            give_back(name, &chunk, &error).await;
            return Err(error.into());
        }
        tracing::warn!(consumer = name, %error, "batch failed; taking its events one by one");
        for message in &chunk {
            match apply(pool, name, handler, std::slice::from_ref(message)).await {
                Ok(()) => acknowledge(std::slice::from_ref(message)).await?,
                Err(error) => give_back(name, std::slice::from_ref(message), &error).await,
            }
        }
        Ok(())
    }
    .instrument(span)
    .await
}

async fn apply<H: Handler>(
    pool: &PgPool,
    name: &'static str,
    handler: &H,
    chunk: &[Message],
) -> Result<(), sqlx::Error> {
    let mut events = Vec::with_capacity(chunk.len());
    for message in chunk {
        // What carries no id of ours cannot be remembered, so it has no effect.
        let Some(id) = header(message, "Nats-Msg-Id").and_then(|id| id.parse::<Uuid>().ok()) else {
            tracing::error!(consumer = name, subject = %message.subject, "event without an id passed over");
            continue;
        };
        events.push(Received {
            id: id.into(),
            subject: message.subject.to_string(),
            payload: message.payload.to_vec(),
            traceparent: header(message, "traceparent").map(str::to_owned),
        });
    }
    let mut tx = pool.begin().await?;
    let mut ids: Vec<Uuid> = events.iter().map(|event| event.id.as_uuid()).collect();
    // One order for all, so that two replicas with overlapping batches wait for each other instead of locking up.
    ids.sort_unstable();
    ids.dedup();
    let mut unseen: HashSet<Uuid> = sqlx::query_scalar(
        "insert into inbox (consumer, event_id) select $1, unnest($2::uuid[]) on conflict do nothing returning event_id",
    )
    .bind(name)
    .bind(&ids)
    .fetch_all(&mut *tx)
    .await?
    .into_iter()
    .collect();
    events.retain(|event| unseen.remove(&event.id.as_uuid()));
    if !events.is_empty() {
        handler.handle(&mut tx, &events).await?;
    }
    tx.commit().await?;
    handler.committed();
    metrics::counter!("events_consumed_total", "consumer" => name).increment(events.len() as u64);
    Ok(())
}

async fn acknowledge(chunk: &[Message]) -> Result<(), Error> {
    for message in chunk {
        message.ack().await.map_err(Error::broker)?;
    }
    Ok(())
}

async fn give_back(name: &'static str, chunk: &[Message], error: &sqlx::Error) {
    tracing::warn!(consumer = name, %error, events = chunk.len(), "events given back");
    metrics::counter!("events_given_back_total", "consumer" => name).increment(chunk.len() as u64);
    for message in chunk {
        // If this is lost too, the broker hands the event out again after `ACK_WAIT`.
        let _ = message.ack_with(AckKind::Nak(Some(PAUSE))).await;
    }
}

fn header<'a>(message: &'a Message, name: &str) -> Option<&'a str> {
    message.headers.as_ref()?.get(name).map(|value| value.as_str())
}
