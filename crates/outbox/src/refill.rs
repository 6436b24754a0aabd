//! What the stream has lost is told again. The broker acknowledges a fact before its disk has it: a server that stands alone writes
//! through every two minutes (NATS, JetStream configuration, `sync_interval`), so a machine that falls can take the newest facts with
//! it, and a volume that is gone takes all of them. The outbox still has them.

use std::time::Duration;

use async_nats::jetstream::consumer::{AckPolicy, Consumer, DeliverPolicy, pull};
use async_nats::jetstream::stream::{LastRawMessageErrorKind, Stream};
use futures::StreamExt;
use sqlx::PgPool;
use uuid::Uuid;

use crate::stream::KEPT;
use crate::{Broker, Error};

/// How far the clocks of broker and database may differ, and how long a fact may wait for its mark.
const SLACK: Duration = Duration::from_secs(60);
/// Ids that are asked for at once.
const AT_ONCE: usize = 1_000;
/// How long a reading may lie idle at the broker.
const PASSING: Duration = Duration::from_secs(5);

/// Takes the mark off every fact that the stream should have and has not, so that the sweeper publishes it; how many there were.
pub(crate) async fn refill(pool: &PgPool, broker: &Broker, service: &str) -> Result<u64, Error> {
    let stream = broker.stream().await?;
    let subjects = format!("sello.v1.*.{service}.>");
    let last = match stream.get_last_raw_message_by_subject(&subjects).await {
        Ok(last) => Some(last.time - SLACK),
        Err(error) if matches!(error.kind(), LastRawMessageErrorKind::NoMessageFound) => None,
        Err(error) => return Err(Error::broker(error)),
    };
    // Before the last fact that it has, it has all: it loses its end, or everything.
    let there = match last {
        Some(start_time) => ids(&stream, subjects, DeliverPolicy::ByStartTime { start_time }).await?,
        None => Vec::new(),
    };
    let lost = sqlx::query(
        "update outbox set published_at = null
         where published_at > coalesce(to_timestamp($1::float8), '-infinity')
           and created_at > now() - make_interval(secs => $2) and event_id <> all($3)",
    )
    .bind(last.map(|from| from.unix_timestamp() as f64))
    .bind(KEPT.as_secs_f64())
    .bind(there)
    .execute(pool)
    .await?;
    Ok(lost.rows_affected())
}

/// The ids of the facts that the stream has from there on.
async fn ids(stream: &Stream, subjects: String, from: DeliverPolicy) -> Result<Vec<Uuid>, Error> {
    let consumer: Consumer<pull::Config> = stream
        .create_consumer(pull::Config {
            deliver_policy: from,
            ack_policy: AckPolicy::None,
            filter_subject: subjects,
            headers_only: true,
            inactive_threshold: PASSING,
            memory_storage: true,
            ..Default::default()
        })
        .await
        .map_err(Error::broker)?;
    let waiting = usize::try_from(consumer.cached_info().num_pending).unwrap_or(usize::MAX);
    let (mut ids, mut read) = (Vec::new(), 0);
    while read < waiting {
        let wanted = AT_ONCE.min(waiting - read);
        let mut messages = consumer.fetch().max_messages(wanted).messages().await.map_err(Error::broker)?;
        let before = read;
        while let Some(message) = messages.next().await {
            let message = message.map_err(Error::broker)?;
            let id = message.headers.as_ref().and_then(|all| all.get(async_nats::header::NATS_MESSAGE_ID));
            ids.extend(id.and_then(|id| id.as_str().parse::<Uuid>().ok()));
            read += 1;
        }
        if read == before {
            return Err(Error::broker("the stream did not give what it has"));
        }
    }
    Ok(ids)
}
