use std::collections::VecDeque;
use std::time::Duration;

use async_nats::jetstream;
use async_nats::jetstream::consumer::{AckPolicy, Consumer, DeliverPolicy, OrderedPullConsumer, pull};
use async_nats::jetstream::stream::Stream;
use boot::Stop;
use futures::StreamExt;
use tokio::sync::mpsc;

use crate::{Broker, Error};

/// An event as it stands in the stream.
#[derive(Clone, Debug)]
pub struct Fact {
    /// Its place in the stream; grows, with gaps.
    pub sequence: u64,
    /// `sello.v1.<business>.<service>.<event>`.
    pub subject: String,
    /// The encoded event.
    pub payload: Vec<u8>,
    /// The trace it belongs to.
    pub traceparent: Option<String>,
}

/// The pause before the stream is followed again after a cut.
const PAUSE: Duration = Duration::from_millis(250);

/// The incarnation of the stream (when it was made, in nanoseconds since 1970) and its last sequence. A cursor of
/// another incarnation means nothing.
pub async fn last_sequence(broker: &Broker) -> Result<(i128, u64), Error> {
    let mut stream = broker.stream().await?;
    let info = stream.info().await.map_err(Error::broker)?;
    Ok((info.created.unix_timestamp_nanos(), info.state.last_sequence))
}

/// How long a reading of what happened lately may lie idle at the broker.
const PASSING: Duration = Duration::from_secs(5);
/// How long the broker may take to give the next event of those that it has.
const GIVEN_WITHIN: Duration = Duration::from_secs(5);
/// Most events that one such reading goes through.
const MOST_READ: usize = 2_000;

/// Sends every event after `after` (or from now on) to `to`, in order and without a gap, until told to stop or until
/// nobody listens.
pub async fn follow(
    broker: Broker,
    mut after: Option<u64>,
    to: mpsc::Sender<Fact>,
    stop: Stop,
) -> anyhow::Result<()> {
    loop {
        let round = read(&broker, &mut after, &to);
        match stop.run_until_cancelled(round).await {
            None => return Ok(()),
            Some(Ok(())) if to.is_closed() => return Ok(()),
            Some(Ok(())) => {}
            Some(Err(error)) => tracing::debug!(%error, "following the stream again in a moment"),
        }
        if stop.run_until_cancelled(tokio::time::sleep(PAUSE)).await.is_none() {
            return Ok(());
        }
    }
}

/// What happened lately on the subjects that `filters` name: the newest `most` events of the first of `windows` that
/// holds as many, or else of the last one. Nothing is kept, neither here nor at the broker.
pub async fn recent(
    broker: &Broker,
    filters: &[String],
    windows: &[Duration],
    most: usize,
) -> Result<Vec<Fact>, Error> {
    let stream = broker.stream().await?;
    for (at, window) in windows.iter().enumerate() {
        let start_time = async_nats::datetime::now() - *window;
        let reading =
            Reading::of(&stream, passing(filters, DeliverPolicy::ByStartTime { start_time })).await?;
        if reading.waiting >= most || at + 1 == windows.len() {
            return reading.newest(most).await;
        }
    }
    Ok(Vec::new())
}

/// What happened on the subjects that `filters` name after a place in the stream, oldest first. `None` where that is more than
/// `most` or than one reading goes through, or where the stream no longer holds what came next.
pub async fn missed(
    broker: &Broker,
    filters: &[String],
    after: u64,
    most: usize,
) -> Result<Option<Vec<Fact>>, Error> {
    let mut stream = broker.stream().await?;
    let state = &stream.info().await.map_err(Error::broker)?.state;
    if after.saturating_add(1) < state.first_sequence || after > state.last_sequence {
        return Ok(None);
    }
    let from = DeliverPolicy::ByStartSequence { start_sequence: after + 1 };
    let reading = Reading::of(&stream, passing(filters, from)).await?;
    if reading.waiting > most.min(MOST_READ) {
        return Ok(None);
    }
    reading.newest(most).await.map(Some)
}

/// How the subjects that `filters` name are read once, from there on. Nothing is kept of it, neither here nor at the broker.
pub(crate) fn passing(filters: &[String], from: DeliverPolicy) -> pull::Config {
    pull::Config {
        deliver_policy: from,
        ack_policy: AckPolicy::None,
        filter_subjects: filters.to_vec(),
        inactive_threshold: PASSING,
        memory_storage: true,
        ..Default::default()
    }
}

/// One reading of what lies in the stream.
pub(crate) struct Reading {
    consumer: Consumer<pull::Config>,
    /// How many events there are to be read.
    pub(crate) waiting: usize,
}

impl Reading {
    pub(crate) async fn of(stream: &Stream, how: pull::Config) -> Result<Self, Error> {
        let consumer: Consumer<pull::Config> = stream.create_consumer(how).await.map_err(Error::broker)?;
        let waiting = usize::try_from(consumer.cached_info().num_pending).unwrap_or(usize::MAX);
        Ok(Self { consumer, waiting })
    }

    /// Reads on, at most so many at once; how many came. Whoever had asked a server that died is never answered, and stops waiting.
    pub(crate) async fn next(
        &self,
        most: usize,
        mut each: impl FnMut(&jetstream::Message) -> Result<(), Error>,
    ) -> Result<usize, Error> {
        let mut messages =
            self.consumer.fetch().max_messages(most).messages().await.map_err(Error::broker)?;
        let mut taken = 0;
        while let Some(message) =
            tokio::time::timeout(GIVEN_WITHIN, messages.next()).await.map_err(Error::broker)?
        {
            each(&message.map_err(Error::broker)?)?;
            taken += 1;
        }
        Ok(taken)
    }

    /// The newest of them, at most so many, oldest first.
    async fn newest(self, most: usize) -> Result<Vec<Fact>, Error> {
        let mut newest = VecDeque::with_capacity(most.min(self.waiting));
        self.next(self.waiting.min(MOST_READ), |message| {
            if newest.len() == most {
                newest.pop_front();
            }
            newest.push_back(fact(message)?);
            Ok(())
        })
        .await?;
        Ok(newest.into())
    }
}

fn fact(message: &jetstream::Message) -> Result<Fact, Error> {
    let sequence = message.info().map_err(Error::broker)?.stream_sequence;
    let traceparent = message.headers.as_ref().and_then(|headers| headers.get("traceparent"));
    Ok(Fact {
        sequence,
        subject: message.subject.to_string(),
        payload: message.payload.to_vec(),
        traceparent: traceparent.map(|value| value.to_string()),
    })
}

async fn read(broker: &Broker, after: &mut Option<u64>, to: &mpsc::Sender<Fact>) -> Result<(), Error> {
    let beginning = async {
        let mut stream = broker.stream().await?;
        // Fixed at the first attempt, so that what comes while we are cut off is not skipped.
        let begin = match *after {
            Some(sequence) => sequence,
            None => stream.info().await.map_err(Error::broker)?.state.last_sequence,
        };
        *after = Some(begin);
        let consumer: OrderedPullConsumer = stream
            .create_consumer(pull::OrderedConfig {
                deliver_policy: DeliverPolicy::ByStartSequence { start_sequence: begin + 1 },
                ..Default::default()
            })
            .await
            .map_err(Error::broker)?;
        consumer.messages().await.map_err(Error::broker)
    };
    let mut messages = broker.ask(beginning).await?;
    while let Some(message) = messages.next().await {
        let fact = fact(&message.map_err(Error::broker)?)?;
        let sequence = fact.sequence;
        if to.send(fact).await.is_err() {
            return Ok(());
        }
        *after = Some(sequence);
    }
    Ok(())
}
