use kernel::{BusinessId, EventId};
use sqlx::{PgConnection, PgPool};
use tokio::sync::mpsc;
use uuid::Uuid;

use crate::{Broker, Relay, Subject};

/// Batches that may wait for the relay; what does not fit is left to the sweeper.
const WAITING_BATCHES: usize = 1_024;

/// A fact that is about to be written.
pub struct NewEvent {
    /// Its id, the `Nats-Msg-Id`.
    pub id: EventId,
    /// The tenant it happened in.
    pub business: BusinessId,
    /// Its name as the last word of its subject: `stamp_added`.
    pub name: &'static str,
    /// The encoded event.
    pub payload: Vec<u8>,
}

/// One row on its way to the broker.
#[derive(Debug)]
pub(crate) struct Row {
    pub(crate) id: Uuid,
    pub(crate) subject: String,
    pub(crate) payload: Vec<u8>,
    pub(crate) traceparent: Option<String>,
}

/// Where a service writes its facts.
#[derive(Clone)]
pub struct Outbox {
    service: &'static str,
    to_relay: mpsc::Sender<Vec<Row>>,
}

impl Outbox {
    /// The outbox of `service`, whose role `pool` connects as, and the relay that empties it.
    pub fn new(service: &'static str, pool: PgPool, broker: Broker) -> (Self, Relay) {
        let (to_relay, from_outbox) = mpsc::channel(WAITING_BATCHES);
        (Self { service, to_relay }, Relay::new(service, pool, broker, from_outbox))
    }

    /// Writes facts in the caller's transaction. They are on their way once [`Appended::committed`] is called; if it
    /// never is, the sweeper finds them.
    pub async fn append(
        &self,
        tx: &mut PgConnection,
        events: Vec<NewEvent>,
    ) -> Result<Appended, sqlx::Error> {
        let traceparent = boot::trace::current_parent();
        self.append_traced(tx, events.into_iter().map(|event| (event, traceparent.clone())).collect()).await
    }

    /// As [`Outbox::append`], for a batch whose facts belong to different traces.
    pub async fn append_traced(
        &self,
        tx: &mut PgConnection,
        events: Vec<(NewEvent, Option<String>)>,
    ) -> Result<Appended, sqlx::Error> {
        if events.is_empty() {
            return Ok(Appended { rows: Vec::new(), to_relay: self.to_relay.clone() });
        }
        let rows: Vec<Row> = events
            .into_iter()
            .map(|(event, traceparent)| Row {
                id: event.id.as_uuid(),
                subject: Subject { business: event.business, service: self.service, event: event.name }
                    .to_string(),
                payload: event.payload,
                traceparent,
            })
            .collect();
        let ids: Vec<Uuid> = rows.iter().map(|row| row.id).collect();
        let subjects: Vec<&str> = rows.iter().map(|row| row.subject.as_str()).collect();
        let payloads: Vec<&[u8]> = rows.iter().map(|row| row.payload.as_slice()).collect();
        let parents: Vec<Option<&str>> = rows.iter().map(|row| row.traceparent.as_deref()).collect();
        sqlx::query(
            "insert into outbox (event_id, subject, payload, traceparent)
             select * from unnest($1::uuid[], $2::text[], $3::bytea[], $4::text[])",
        )
        .bind(ids)
        .bind(subjects)
        .bind(payloads)
        .bind(parents)
        .execute(tx)
        .await?;
        Ok(Appended { rows, to_relay: self.to_relay.clone() })
    }
}

/// Facts written in a transaction that has not ended yet.
#[must_use = "call `committed` after the commit, or the facts wait for the sweeper"]
pub struct Appended {
    rows: Vec<Row>,
    to_relay: mpsc::Sender<Vec<Row>>,
}

impl Appended {
    /// Wakes the relay: the transaction has committed.
    pub fn committed(self) {
        if !self.rows.is_empty() {
            // A full or closed channel is no loss: the rows are in the table, and the sweeper reads that.
            let _ = self.to_relay.try_send(self.rows);
        }
    }
}
