//! What the stream has lost is told again. The broker acknowledges a fact before its disk has it: a server that stands alone writes
//! through every two minutes (NATS, JetStream configuration, `sync_interval`), so a machine that falls can take the newest facts with
//! it, and a volume that is gone takes all of them. The outbox still has them.
//!
//! Where to look is behind the newest fact that a server had when it came, and whatever is published hides that. So it is written
//! down in `outbox_broker` before anybody publishes; the looking itself takes its time, beside what waits to go out, and one copy of a
//! service does it for all.

use std::ops::ControlFlow;
use std::time::Duration;

use async_nats::datetime::DateTime;
use async_nats::jetstream::consumer::DeliverPolicy;
use async_nats::jetstream::stream::Stream;
use sqlx::PgPool;
use uuid::Uuid;

use crate::feed::read_once;
use crate::stream::KEPT;
use crate::{Broker, Error};

/// How far the clocks of broker and database may differ.
const CLOCKS: Duration = Duration::from_secs(60);
/// What a broker that fell may have lost before the newest fact that it has: two minutes, and as long as it was away where somebody's
/// facts came into it first.
const LOST_BEFORE: Duration = Duration::from_secs(180);
/// How long a fact may wait for its mark. More than the broker remembers ids for: what it only recognised has stood in the stream
/// for as long.
const MARKED_WITHIN: Duration = Duration::from_secs(180);
/// How long a looking through holds good for a copy that comes to the same server.
const LOOKED_LATELY: Duration = Duration::from_secs(600);
/// Of the copies that share a schema one looks.
const BEGIN_LOOKING: &str =
    "select pg_try_advisory_xact_lock(hashtextextended(current_schema() || '.outbox_broker', 0))";

/// What came of looking.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Looked {
    /// Facts that the stream had lost, which wait for the sweeper again.
    pub(crate) lost: u64,
    /// Nobody need look any more: neither is another copy at it, nor has one asked for it anew meanwhile.
    pub(crate) is_through: bool,
}

/// Writes down where a server is to be looked through, before the first fact is published to it. `unseen` is how long the caller has
/// marked nothing: looking that began since then has seen every mark of its.
pub(crate) async fn open(
    pool: &PgPool,
    broker: &Broker,
    service: &str,
    server: &str,
    unseen: Duration,
) -> Result<(), Error> {
    let newest = read(&broker.stream().await?, service, DeliverPolicy::Last).await?;
    sqlx::query(
        "insert into outbox_broker as known (server, newest_at)
         values ($1, coalesce(to_timestamp($2::float8), '-infinity'))
         on conflict (server) do update set
             newest_at = case when known.is_whole then excluded.newest_at else least(known.newest_at, excluded.newest_at) end,
             begun_at = null, is_whole = false
         where known.begun_at <= clock_timestamp() - make_interval(secs => $3)
            -- It has less than was thought.
            or excluded.newest_at < known.newest_at or excluded.newest_at = '-infinity'",
    )
    .bind(server)
    .bind(newest.first().map(|(_, at)| at.unix_timestamp_nanos() as f64 / 1e9))
    .bind(unseen.min(LOOKED_LATELY).as_secs_f64())
    .execute(pool)
    .await?;
    Ok(())
}

/// Takes the mark off every fact that a server's stream should have and has not, so that the sweeper publishes it.
pub(crate) async fn refill(
    pool: &PgPool,
    broker: &Broker,
    service: &str,
    server: &str,
) -> Result<Looked, Error> {
    // The lock ends with the transaction, which has nothing else to do: what it stands for is seen by others while it is held.
    let mut looking = pool.begin().await?;
    let is_mine: bool = sqlx::query_scalar(BEGIN_LOOKING).fetch_one(&mut *looking).await?;
    if !is_mine {
        return Ok(Looked { lost: 0, is_through: false });
    }
    let begun: Option<(chrono::DateTime<chrono::Utc>, f64)> = sqlx::query_as(
        "update outbox_broker set begun_at = clock_timestamp() where server = $1 and not is_whole
         returning begun_at, extract(epoch from newest_at)::float8",
    )
    .bind(server)
    .fetch_optional(pool)
    .await?;
    // What others publish meanwhile may be missing in what is read now.
    let Some((begun, newest)) = begun else { return Ok(Looked { lost: 0, is_through: true }) };
    let window = newest.is_finite().then(|| Window::behind(newest)).transpose()?;
    // Where it had nothing, all that it has came since.
    let from =
        window.map_or(DeliverPolicy::All, |window| DeliverPolicy::ByStartTime { start_time: window.taken });
    let there = read(&broker.stream().await?, service, from).await?;
    let lost = sqlx::query(
        "update outbox set published_at = null
         where published_at > coalesce(to_timestamp($1::float8), '-infinity') and published_at < $2
           and created_at > now() - make_interval(secs => $3) and event_id <> all($4)",
    )
    .bind(window.map(|window| window.marked.unix_timestamp_nanos() as f64 / 1e9))
    .bind(begun)
    .bind(KEPT.as_secs_f64())
    .bind(there.into_iter().map(|(id, _)| id).collect::<Vec<_>>())
    .execute(pool)
    .await?;
    let done = sqlx::query("update outbox_broker set is_whole = true where server = $1 and begun_at = $2")
        .bind(server)
        .bind(begun)
        .execute(pool)
        .await?;
    looking.rollback().await?;
    Ok(Looked { lost: lost.rows_affected(), is_through: done.rows_affected() > 0 })
}

/// Where to look for what is lost: a stream loses its end, or everything.
#[derive(Clone, Copy)]
struct Window {
    /// Marks after this are looked at.
    marked: DateTime,
    /// What bears them was taken after this, unless it is lost.
    taken: DateTime,
}

impl Window {
    /// Seconds since 1970, of the newest fact that was there.
    fn behind(newest: f64) -> Result<Self, Error> {
        let newest = DateTime::from_unix_timestamp_nanos((newest * 1e9) as i128).map_err(Error::broker)?;
        let marked = newest - LOST_BEFORE - CLOCKS;
        Ok(Self { marked, taken: marked - MARKED_WITHIN - CLOCKS })
    }
}

/// The ids of a service's facts that the stream has from there on, and when it took them.
async fn read(stream: &Stream, service: &str, from: DeliverPolicy) -> Result<Vec<(Uuid, DateTime)>, Error> {
    let (filter, mut facts) = (format!("sello.v1.*.{service}.>"), Vec::new());
    let reading = read_once(stream, &filter, from, |message| {
        let at = message.info().map_err(Error::broker)?.published;
        let id = message.headers.as_ref().and_then(|all| all.get(async_nats::header::NATS_MESSAGE_ID));
        facts.extend(id.and_then(|id| id.as_str().parse::<Uuid>().ok()).map(|id| (id, at)));
        Ok(ControlFlow::Continue(()))
    });
    reading.await?;
    Ok(facts)
}

#[cfg(test)]
mod tests;
