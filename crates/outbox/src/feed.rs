use std::ops::ControlFlow;
use std::time::Duration;

use async_nats::jetstream;
use async_nats::jetstream::consumer::{AckPolicy, Consumer, DeliverPolicy, OrderedPullConsumer, pull};
use async_nats::jetstream::message::StreamMessage;
use async_nats::jetstream::stream::{DirectGetErrorKind, RawMessageErrorKind, Stream};
use boot::Stop;
use futures::StreamExt;
use futures::future::try_join_all;
use tokio::sync::mpsc;

use crate::{Broker, Error, STREAM};

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

/// How long a reading of what lies in the stream may lie idle at the broker.
const PASSING: Duration = Duration::from_secs(5);
/// How long the broker may take to give the next event of those that it has.
const GIVEN_WITHIN: Duration = Duration::from_secs(5);
/// Events that are asked for at once.
const AT_ONCE: usize = 1_000;
/// Places that are looked at before the next look further back.
const PIECE: u64 = 20_000;

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

/// Goes back through the stream from `until` to `after`, as long as what stands there was taken within `window`, and tells `each` of one
/// piece after the other, the newest first: the place after which it begins, and the places and subjects of what stands in it, oldest
/// first.
pub async fn look_back(
    broker: &Broker,
    after: u64,
    until: u64,
    window: Duration,
    mut each: impl FnMut(u64, &[(u64, String)]),
) -> Result<(), Error> {
    let mut stream = broker.stream().await?;
    let state = &stream.info().await.map_err(Error::broker)?.state;
    let mut until = until.min(state.last_sequence);
    let end = after.max(state.first_sequence.saturating_sub(1));
    let earliest = async_nats::datetime::now() - window;
    while until > end {
        let after = until.saturating_sub(PIECE).max(end);
        let from = DeliverPolicy::ByStartSequence { start_sequence: after + 1 };
        let (mut piece, mut is_old, mut is_past) = (Vec::new(), false, false);
        let reading = read_once(&stream, ">", from, |message| {
            let info = message.info().map_err(Error::broker)?;
            is_past = info.stream_sequence >= until;
            is_old |= info.published < earliest;
            if info.stream_sequence <= until {
                piece.push((info.stream_sequence, message.subject.to_string()));
            }
            Ok(if is_past { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
        });
        reading.await?;
        // A copy of the stream answers that, which may not have come so far yet.
        if !is_past && raw(&stream, until).await?.is_some() {
            return Err(Error::broker("a copy of the stream is behind"));
        }
        each(after, &piece);
        if is_old {
            return Ok(());
        }
        until = after;
    }
    Ok(())
}

/// What stands at places of the stream, in their order, all asked for at once; what is no longer there is left out.
pub async fn at(broker: &Broker, places: &[u64]) -> Result<Vec<Fact>, Error> {
    let stream = broker.jetstream.get_stream_no_info(STREAM).await.map_err(Error::broker)?;
    let found = try_join_all(places.iter().map(|place| one(&stream, *place))).await?;
    Ok(found.into_iter().flatten().collect())
}

async fn one(stream: &Stream<()>, place: u64) -> Result<Option<Fact>, Error> {
    let message = match stream.direct_get(place).await {
        Ok(message) => message,
        // Any copy of the stream answers that, and one may not have come so far yet.
        Err(error) if error.kind() == DirectGetErrorKind::NotFound => match raw(stream, place).await? {
            Some(message) => message,
            None => return Ok(None),
        },
        Err(error) => return Err(Error::broker(error)),
    };
    let traceparent = message.headers.get("traceparent").map(ToString::to_string);
    Ok(Some(Fact {
        sequence: message.sequence,
        subject: message.subject.to_string(),
        payload: message.payload.to_vec(),
        traceparent,
    }))
}

/// What stands at a place, as the leader of the stream knows it.
async fn raw<T>(stream: &Stream<T>, place: u64) -> Result<Option<StreamMessage>, Error> {
    match stream.get_raw_message(place).await {
        Ok(message) => Ok(Some(message)),
        Err(error) if error.kind() == RawMessageErrorKind::NoMessageFound => Ok(None),
        Err(error) => Err(Error::broker(error)),
    }
}

/// Reads the events on the subjects that `filter` means once, without what they say, from there to the end that the stream has now, or
/// until `each` has enough. Nothing is kept of it, neither here nor at the broker. Whoever had asked a server that died is never
/// answered, and stops waiting.
pub(crate) async fn read_once(
    stream: &Stream,
    filter: &str,
    from: DeliverPolicy,
    mut each: impl FnMut(&jetstream::Message) -> Result<ControlFlow<()>, Error>,
) -> Result<(), Error> {
    let how = pull::Config {
        deliver_policy: from,
        ack_policy: AckPolicy::None,
        filter_subject: filter.to_owned(),
        headers_only: true,
        inactive_threshold: PASSING,
        memory_storage: true,
        ..Default::default()
    };
    let consumer: Consumer<pull::Config> = stream.create_consumer(how).await.map_err(Error::broker)?;
    let mut waiting = usize::try_from(consumer.cached_info().num_pending).unwrap_or(usize::MAX);
    while waiting > 0 {
        let asked = consumer.fetch().max_messages(AT_ONCE.min(waiting)).messages();
        let (mut messages, before) = (asked.await.map_err(Error::broker)?, waiting);
        while let Some(message) =
            tokio::time::timeout(GIVEN_WITHIN, messages.next()).await.map_err(Error::broker)?
        {
            if each(&message.map_err(Error::broker)?)?.is_break() {
                return Ok(());
            }
            waiting -= 1;
        }
        if waiting == before {
            return Err(Error::broker("the stream did not give what it has"));
        }
    }
    Ok(())
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
