//! What these tests share: a database of their own, events, and callers.

#![expect(dead_code, reason = "every test binary compiles this file and uses its own part of it")]

pub(crate) mod caller;
pub(crate) mod events;

use std::sync::Arc;

use analytics::{App, Projection, Reads};
use boot::Link;
use chrono::{DateTime, Utc};
use kernel::Clock;
use outbox::{Handler, Received};
use proto::analytics::analytics_service_client::AnalyticsServiceClient;
use sqlx::PgPool;
use testkit::TestDatabase;
use uuid::Uuid;

use self::caller::Callers;

/// The projection and the service over one fresh database.
pub(crate) struct World {
    pub(crate) pool: PgPool,
    pub(crate) callers: Callers,
    routes: tonic::service::Routes,
    _database: TestDatabase,
}

impl World {
    /// A world in which it is `now`.
    pub(crate) async fn at(now: DateTime<Utc>) -> Self {
        let database = TestDatabase::new("analytics", &analytics::MIGRATOR).await;
        let settings = boot::database::Settings { url: database.url.clone(), max_connections: 4 };
        let pool = boot::database::connect(&settings, "test").unwrap();
        let callers = Callers::new();
        // Nobody listens there: what needs the broker must say so and the rest must not care.
        let nowhere = outbox::Settings::at("nats://127.0.0.1:9");
        let broker = outbox::connect(&nowhere, "test").await.unwrap();
        let reads = Arc::new(Reads::new(pool.clone(), None));
        let app = App::new(pool.clone(), reads, broker, Clock::manual(now));
        let routes = analytics::routes(app, Arc::clone(&callers.verifier));
        Self { pool, callers, routes, _database: database }
    }

    pub(crate) fn client(&self) -> AnalyticsServiceClient<Link> {
        AnalyticsServiceClient::new(Link::local(self.routes.clone()))
    }

    /// Hands a batch to the projection as the outbox does: what was seen before is left out, and the effect commits
    /// with the ids.
    pub(crate) async fn deliver(&self, batch: &[events::Sent]) {
        let mut tx = self.pool.begin().await.unwrap();
        let mut ids: Vec<Uuid> = batch.iter().map(|event| event.id.as_uuid()).collect();
        ids.sort_unstable();
        ids.dedup();
        let mut unseen: std::collections::HashSet<Uuid> = sqlx::query_scalar(
            "insert into inbox (consumer, event_id) select 'analytics', unnest($1::uuid[])
             on conflict do nothing returning event_id",
        )
        .bind(&ids)
        .fetch_all(&mut *tx)
        .await
        .unwrap()
        .into_iter()
        .collect();
        let fresh: Vec<Received> = batch
            .iter()
            .filter(|event| unseen.remove(&event.id.as_uuid()))
            .map(|event| Received {
                id: event.id,
                subject: event.subject.clone(),
                payload: event.payload.clone(),
                traceparent: None,
            })
            .collect();
        Projection.handle(&mut tx, &fresh).await.unwrap();
        tx.commit().await.unwrap();
    }
}

/// A moment by its wall clock in Lima.
pub(crate) fn lima(text: &str) -> DateTime<Utc> {
    format!("{text}-05:00").parse().unwrap()
}
