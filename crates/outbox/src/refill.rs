//! What the stream has lost is told again. The broker acknowledges a fact before its disk has it: a server that stands alone writes
//! through every two minutes (NATS, JetStream configuration, `sync_interval`), so a machine that falls can take the newest facts with
//! it, and a volume that is gone takes all of them. The outbox still has them.

use std::time::Duration;

use async_nats::datetime::DateTime;
use async_nats::jetstream::consumer::{DeliverPolicy, pull};
use async_nats::jetstream::stream::Stream;
use sqlx::PgPool;
use uuid::Uuid;

use crate::feed::{Reading, passing};
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
/// Events that are asked for at once.
const AT_ONCE: usize = 1_000;

/// Takes the mark off every fact that the stream should have and has not, so that the sweeper publishes it; how many there were.
/// Whoever publishes calls this first: the stream's newest fact tells where to look.
pub(crate) async fn refill(pool: &PgPool, broker: &Broker, service: &str) -> Result<u64, Error> {
    let stream = broker.stream().await?;
    let subjects = [format!("sello.v1.*.{service}.>")];
    // What others publish meanwhile may be missing in what is read now.
    let begun: chrono::DateTime<chrono::Utc> =
        sqlx::query_scalar("select clock_timestamp()").fetch_one(pool).await?;
    let last = read(&stream, &subjects, DeliverPolicy::Last).await?;
    let window = last.first().map(|(_, at)| Window::behind(*at));
    let there = match window {
        Some(Window { taken: start_time, .. }) => {
            read(&stream, &subjects, DeliverPolicy::ByStartTime { start_time }).await?
        }
        None => Vec::new(),
    };
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
    Ok(lost.rows_affected())
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
    fn behind(last: DateTime) -> Self {
        let marked = last - LOST_BEFORE - CLOCKS;
        Self { marked, taken: marked - MARKED_WITHIN - CLOCKS }
    }
}

/// The ids of the facts that the stream has from there on, and when it took them.
async fn read(
    stream: &Stream,
    subjects: &[String],
    from: DeliverPolicy,
) -> Result<Vec<(Uuid, DateTime)>, Error> {
    let how = pull::Config { headers_only: true, ..passing(subjects, from) };
    let reading = Reading::of(stream, how).await?;
    let (mut facts, mut taken) = (Vec::new(), 0);
    while taken < reading.waiting {
        let came = reading
            .next(AT_ONCE.min(reading.waiting - taken), |message| {
                let at = message.info().map_err(Error::broker)?.published;
                let id =
                    message.headers.as_ref().and_then(|all| all.get(async_nats::header::NATS_MESSAGE_ID));
                facts.extend(id.and_then(|id| id.as_str().parse::<Uuid>().ok()).map(|id| (id, at)));
                Ok(())
            })
            .await?;
        if came == 0 {
            return Err(Error::broker("the stream did not give what it has"));
        }
        taken += came;
    }
    Ok(facts)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stream::DEDUP_WINDOW;

    #[test]
    fn a_mark_that_came_late_is_looked_for_from_before_its_fact_was_taken() {
        let last = DateTime::from_unix_timestamp_nanos(1_764_000_000_900_000_000).unwrap();
        let Window { marked, taken } = Window::behind(last);
        assert!(last - marked > LOST_BEFORE, "a mark may be by a clock that is slow");
        assert!(
            marked - taken > DEDUP_WINDOW + CLOCKS,
            "what the broker recognised was taken that long before"
        );
    }
}
