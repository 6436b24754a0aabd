use std::time::{Duration, Instant};

use async_nats::HeaderMap;
use boot::Stop;
use futures::future::join_all;
use sqlx::{PgPool, Row as _};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;
use uuid::Uuid;

use crate::outbox::Row;
use crate::refill::{Looked, open, refill};
use crate::stream::gone;
use crate::{Broker, Error};

/// Rows published before their acknowledgements are awaited.
const BATCH: usize = 1_000;
/// How often what was published is marked so. A mark that a killed process did not make costs a second publication, which
/// the stream recognises.
const MARK_EVERY: Duration = Duration::from_millis(100);
/// How often the sweeper looks for rows that were left behind.
const SWEEP_EVERY: Duration = Duration::from_millis(500);
/// How old an unmarked row is that nobody has in hand.
const LEFT_BEHIND_AFTER: Duration = Duration::from_secs(2);
/// The pause after the broker could not be asked what it has, or another copy asks it.
const TRY_AGAIN_AFTER: Duration = Duration::from_secs(2);
/// How long published rows are kept, to be published anew if the stream is lost.
const KEPT_DAYS: i32 = 30;
/// How often kept rows are thinned out.
const PURGE_EVERY: Duration = Duration::from_secs(3_600);

/// How often what waits is counted.
const MEASURE_EVERY: Duration = Duration::from_secs(15);
/// Rows counted at most: where so many wait, how many more is of no interest.
const MOST_COUNTED: i64 = 100_000;

/// Publishes what an outbox holds.
pub struct Relay {
    service: &'static str,
    pool: PgPool,
    broker: Broker,
    from_outbox: mpsc::Receiver<Vec<Row>>,
    /// The server of which it is written down where it is to be looked through. Nothing is published anywhere else: what came after a
    /// gap would hide it.
    open_at: Option<String>,
    /// When a server could not be asked.
    refused: Option<Instant>,
    /// What the stream has, and has no mark yet.
    unmarked: Vec<Uuid>,
    /// When a mark was made last, or may have been.
    marked: Instant,
}

impl Relay {
    pub(crate) fn new(
        service: &'static str,
        pool: PgPool,
        broker: Broker,
        from_outbox: mpsc::Receiver<Vec<Row>>,
    ) -> Self {
        Self {
            service,
            pool,
            broker,
            from_outbox,
            open_at: None,
            refused: None,
            unmarked: Vec::new(),
            marked: Instant::now(),
        }
    }

    /// Publishes committed rows as they come, and sweeps, until told to stop. What is still waiting then is left to the
    /// next start.
    pub async fn run(mut self, stop: Stop) -> anyhow::Result<()> {
        let mut sweep = tokio::time::interval(SWEEP_EVERY);
        sweep.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        let mut purge = tokio::time::interval(PURGE_EVERY);
        let mut measure = tokio::time::interval(MEASURE_EVERY);
        measure.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        let mut mark = tokio::time::interval(MARK_EVERY);
        mark.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        let (swept, is_swept) = watch::channel(None);
        let mut looking = JoinSet::new();
        looking.spawn(look_through(self.service, self.pool.clone(), self.broker.clone(), is_swept));
        loop {
            tokio::select! {
                // What comes at its time comes before what never ends.
                biased;
                () = stop.cancelled() => break,
                _ = mark.tick(), if !self.unmarked.is_empty() => self.mark_or_leave().await,
                _ = sweep.tick() => {
                    let mut older_than = LEFT_BEHIND_AFTER;
                    if !self.is_open() {
                        // What the last server took has its mark before the next one is asked what it has.
                        self.mark_or_leave().await;
                        if stop.run_until_cancelled(self.open()).await.is_none() {
                            break;
                        }
                        // What came while there was nowhere to send it is in the table only, however new it is.
                        older_than = Duration::ZERO;
                    }
                    if self.is_open() {
                        match self.sweep(older_than).await {
                            // What waits goes out before what may be lost is looked for.
                            Ok(()) if older_than.is_zero() => {
                                swept.send_replace(self.open_at.clone());
                            }
                            Ok(()) => {}
                            Err(error) => {
                                tracing::warn!(service = self.service, %error, "sweep failed; will try again");
                                self.close();
                            }
                        }
                    }
                }
                _ = purge.tick() => self.purge().await,
                _ = measure.tick() => {
                    if let Err(error) = self.measure().await {
                        tracing::debug!(service = self.service, %error, "what waits was not counted");
                    }
                }
                Some(rows) = self.from_outbox.recv() => {
                    let mut batch = rows;
                    while batch.len() < BATCH && let Ok(more) = self.from_outbox.try_recv() {
                        batch.extend(more);
                    }
                    // While the broker is away the rows stay in the table; the sweeper has them.
                    if self.is_open() {
                        let (published, refused) = self.publish(&batch).await;
                        if let Some(error) = refused {
                            let left = batch.len() - published.len();
                            tracing::warn!(service = self.service, left, %error, "events left to the sweeper");
                            self.close();
                        }
                        self.unmarked.extend(published);
                    }
                }
            }
        }
        self.drain().await;
        Ok(())
    }

    /// At the end of a process, what has just been committed still goes out, if the broker is there.
    async fn drain(&mut self) {
        let mut batch = Vec::new();
        while let Ok(rows) = self.from_outbox.try_recv() {
            batch.extend(rows);
        }
        if !self.is_open() {
            batch.clear();
        }
        let last = async {
            let (mut published, _) = self.publish(&batch).await;
            published.append(&mut self.unmarked);
            self.mark(&published).await
        };
        if !matches!(tokio::time::timeout(Duration::from_secs(2), last).await, Ok(Ok(()))) {
            tracing::info!(service = self.service, "events left to the next start");
        }
    }

    fn is_open(&self) -> bool {
        self.open_at.is_some() && self.broker.server() == self.open_at
    }

    /// From now on the server that answers may be published to.
    async fn open(&mut self) {
        if self.refused.is_some_and(|refused| refused.elapsed() < TRY_AGAIN_AFTER) {
            return;
        }
        let Some(server) = self.broker.server() else { return };
        let opening = open(&self.pool, &self.broker, self.service, &server, self.marked.elapsed());
        // Where it has gone, the next one is asked at once.
        match self.broker.while_there(&server, opening).await {
            None => {}
            Some(Ok(())) => self.open_at = Some(server),
            Some(Err(error)) => {
                tracing::warn!(service = self.service, %error, "nothing can be published; will try again");
                self.refused = Some(Instant::now());
            }
        }
    }

    /// The stream itself may be gone, with whatever was marked until now: it is looked for and made before anything else goes out.
    fn close(&mut self) {
        self.marked = Instant::now();
        self.open_at = None;
    }

    /// Publishes all rows, then awaits all acknowledgements; returns the ids that the stream has, and why it has not taken the others:
    /// whatever the broker says of one holds of all, that it is away, is full, or does not grant the right.
    async fn publish(&self, rows: &[Row]) -> (Vec<Uuid>, Option<Error>) {
        let Some(server) = self.broker.server() else {
            return (Vec::new(), Some(gone()));
        };
        let mut under_way = Vec::with_capacity(rows.len());
        for row in rows {
            let mut headers = HeaderMap::new();
            headers.insert(async_nats::header::NATS_MESSAGE_ID, row.id.to_string());
            if let Some(parent) = &row.traceparent {
                headers.insert("traceparent", parent.as_str());
            }
            let sent = self
                .broker
                .jetstream
                .publish_with_headers(row.subject.clone(), headers, row.payload.clone().into())
                .await;
            under_way.push(async move {
                match sent {
                    Ok(acknowledgement) => acknowledgement.await.map(|_| row.id),
                    Err(error) => Err(error),
                }
            });
        }
        let (mut published, mut refused) = (Vec::with_capacity(rows.len()), None);
        // What a server took that has gone since is published again, and recognised.
        let answers = self.broker.while_there(&server, join_all(under_way)).await;
        if answers.is_none() {
            refused = Some(gone());
        }
        for taken in answers.into_iter().flatten() {
            match taken {
                Ok(id) => published.push(id),
                Err(error) => refused = Some(Error::broker(error)),
            }
        }
        metrics::counter!("outbox_published_total", "service" => self.service)
            .increment(published.len() as u64);
        (published, refused)
    }

    async fn mark(&mut self, ids: &[Uuid]) -> Result<(), sqlx::Error> {
        if !ids.is_empty() {
            sqlx::query("update outbox set published_at = clock_timestamp() where event_id = any($1)")
                .bind(ids)
                .execute(&self.pool)
                .await?;
            self.marked = Instant::now();
        }
        Ok(())
    }

    /// What cannot be marked is published again by the sweeper.
    async fn mark_or_leave(&mut self) {
        let unmarked = std::mem::take(&mut self.unmarked);
        if let Err(error) = self.mark(&unmarked).await {
            tracing::warn!(service = self.service, %error, "published events not marked");
        }
    }

    /// Publishes unmarked rows of that age. The row locks are the lease: two replicas never sweep the same rows, and a killed one gives
    /// them up with its connection.
    async fn sweep(&mut self, older_than: Duration) -> Result<(), Error> {
        loop {
            let mut tx = self.pool.begin().await?;
            let rows: Vec<Row> = sqlx::query(
                "select event_id, subject, payload, traceparent from outbox
                 where published_at is null and created_at <= now() - make_interval(secs => $2)
                 order by created_at limit $1 for update skip locked",
            )
            .bind(BATCH as i64)
            .bind(older_than.as_secs_f64())
            .fetch_all(&mut *tx)
            .await?
            .into_iter()
            .map(|row| Row {
                id: row.get("event_id"),
                subject: row.get("subject"),
                payload: row.get("payload"),
                traceparent: row.get("traceparent"),
            })
            .collect();
            if rows.is_empty() {
                return Ok(());
            }
            let (published, refused) = self.publish(&rows).await;
            sqlx::query("update outbox set published_at = clock_timestamp() where event_id = any($1)")
                .bind(&published)
                .execute(&mut *tx)
                .await?;
            tx.commit().await?;
            self.marked = Instant::now();
            if let Some(error) = refused {
                return Err(error);
            }
            if rows.len() < BATCH {
                return Ok(());
            }
        }
    }

    /// Shows how much waits, and since when: the same in every replica.
    async fn measure(&self) -> Result<(), sqlx::Error> {
        let row = sqlx::query(
            "select (select count(*) from (select from outbox where published_at is null limit $1) as counted) as waiting,
                    coalesce(extract(epoch from now() - (
                        select created_at from outbox where published_at is null order by created_at limit 1
                    )), 0)::float8 as oldest",
        )
        .bind(MOST_COUNTED)
        .fetch_one(&self.pool)
        .await?;
        metrics::gauge!("outbox_waiting", "service" => self.service).set(row.get::<i64, _>("waiting") as f64);
        metrics::gauge!("outbox_oldest_seconds", "service" => self.service)
            .set(row.get::<f64, _>("oldest").max(0.0));
        Ok(())
    }

    async fn purge(&self) {
        for old in [
            "delete from outbox where published_at < now() - make_interval(days => $1)",
            "delete from outbox_broker where begun_at < now() - make_interval(days => $1)",
        ] {
            if let Err(error) = sqlx::query(old).bind(KEPT_DAYS).execute(&self.pool).await {
                tracing::warn!(service = self.service, %error, "old events not purged; will try again");
            }
        }
    }
}

/// Looks through the stream of every server that comes, once what had waited is out.
async fn look_through(
    service: &'static str,
    pool: PgPool,
    broker: Broker,
    mut swept: watch::Receiver<Option<String>>,
) {
    while swept.changed().await.is_ok() {
        let Some(server) = swept.borrow_and_update().clone() else { continue };
        // Where it has gone, the next one is looked through.
        while let Some(looked) = broker.while_there(&server, refill(&pool, &broker, service, &server)).await {
            match looked {
                Ok(Looked { lost, is_through }) => {
                    metrics::counter!("outbox_lost_total", "service" => service).increment(lost);
                    if lost > 0 {
                        tracing::warn!(service, lost, "the broker had lost events; they are published again");
                    }
                    if is_through {
                        break;
                    }
                }
                Err(error) => {
                    tracing::warn!(service, %error, "the stream was not looked through; will try again");
                }
            }
            tokio::time::sleep(TRY_AGAIN_AFTER).await;
        }
    }
}
