//! The port for operators: `/healthz` (the process lives), `/readyz` (it can do its work, and means to go on), `/metrics`.

use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::get;
use axum::{Json, Router};
use metrics_exporter_prometheus::PrometheusHandle;
use serde_json::{Map, Value};
use sqlx::PgPool;
use tokio::net::TcpListener;

use crate::Stop;

/// How long the checks may take before a scrape calls them failed.
const REPORTED_WITHIN: Duration = Duration::from_secs(2);

type Check = Arc<dyn Fn() -> Pin<Box<dyn Future<Output = bool> + Send>> + Send + Sync>;

/// What must be there for a process to be ready, by name. Cloned handles share one list.
#[derive(Clone, Default)]
pub struct Health {
    checks: Arc<Mutex<Vec<(&'static str, Check)>>>,
    pools: Arc<Mutex<Vec<(&'static str, PgPool)>>>,
    is_leaving: Arc<AtomicBool>,
}

impl Health {
    /// Adds something that must hold.
    pub fn add<F, Fut>(&self, name: &'static str, check: F)
    where
        F: Fn() -> Fut + Send + Sync + 'static,
        Fut: Future<Output = bool> + Send + 'static,
    {
        let check: Check = Arc::new(move || Box::pin(check()));
        self.checks.lock().unwrap_or_else(PoisonError::into_inner).push((name, check));
    }

    /// Adds a database that must answer.
    pub fn add_database(&self, name: &'static str, pool: PgPool) {
        self.watch_pool(name, pool.clone());
        self.add(name, move || {
            let pool = pool.clone();
            async move { sqlx::query("select 1").execute(&pool).await.is_ok() }
        });
    }

    /// Shows how many connections a pool has, whether or not its database must answer.
    pub fn watch_pool(&self, name: &'static str, pool: PgPool) {
        self.pools.lock().unwrap_or_else(PoisonError::into_inner).push((name, pool));
    }

    /// From now on the process is not ready: it still answers, but nobody new should come.
    pub fn leave(&self) {
        self.is_leaving.store(true, Ordering::Relaxed);
    }

    fn measure_pools(&self) {
        for (name, pool) in self.pools.lock().unwrap_or_else(PoisonError::into_inner).iter() {
            let idle = u32::try_from(pool.num_idle()).unwrap_or(u32::MAX);
            let counts = [
                ("idle", idle),
                ("used", pool.size().saturating_sub(idle)),
                ("max", pool.options().get_max_connections()),
            ];
            for (state, count) in counts {
                metrics::gauge!("db_pool_connections", "pool" => *name, "state" => state).set(count);
            }
        }
    }

    /// Tells the metrics what `/readyz` would answer. A database that hangs would hold a scrape up until it is given up, and a
    /// process that cannot be scraped counts as gone.
    async fn measure_ready(&self) {
        let report = tokio::time::timeout(REPORTED_WITHIN, self.report()).await;
        let is_ready = report.is_ok_and(|(ready, _)| ready);
        metrics::gauge!("sello_ready").set(f64::from(u8::from(is_ready)));
    }

    async fn report(&self) -> (bool, Map<String, Value>) {
        if self.is_leaving.load(Ordering::Relaxed) {
            return (false, Map::from_iter([("leaving".to_owned(), Value::Bool(true))]));
        }
        let checks = self.checks.lock().unwrap_or_else(PoisonError::into_inner).clone();
        // Operators are answered from the first moment; nothing is checked before there is something to serve.
        let (mut ready, mut parts) = (!checks.is_empty(), Map::new());
        for (name, check) in checks {
            let holds = check().await;
            ready &= holds;
            parts.insert(name.to_owned(), Value::Bool(holds));
        }
        (ready, parts)
    }
}

/// Answers operators until told to stop.
pub async fn serve(
    listener: TcpListener,
    health: Health,
    metrics: PrometheusHandle,
    stop: Stop,
) -> anyhow::Result<()> {
    let (upkeep, measured) = (metrics.clone(), health.clone());
    let router = Router::new()
        .route("/healthz", get(|| async { "ok" }))
        .route(
            "/readyz",
            get(|State(health): State<Health>| async move {
                let (ready, parts) = health.report().await;
                let status = if ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
                (status, Json(Value::Object(parts)))
            }),
        )
        .route(
            "/metrics",
            get(move || async move {
                measured.measure_pools();
                measured.measure_ready().await;
                metrics.render()
            }),
        )
        .with_state(health);
    let ticks = stop.clone();
    tokio::spawn(async move {
        let mut every = tokio::time::interval(Duration::from_secs(5));
        while ticks.run_until_cancelled(every.tick()).await.is_some() {
            upkeep.run_upkeep();
        }
    });
    axum::serve(listener, router).with_graceful_shutdown(stop.cancelled_owned()).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_process_is_ready_once_all_that_it_needs_is_there_and_until_it_leaves() {
        let health = Health::default();
        assert!(!health.report().await.0, "nothing is served yet");
        let is_there = Arc::new(AtomicBool::new(false));
        let seen = Arc::clone(&is_there);
        health.add("serving", || async { true });
        health.add("database", move || std::future::ready(seen.load(Ordering::Relaxed)));
        let (ready, parts) = health.report().await;
        assert!(!ready);
        assert_eq!(Value::Object(parts), serde_json::json!({ "serving": true, "database": false }));
        is_there.store(true, Ordering::Relaxed);
        assert!(health.report().await.0);
        health.leave();
        assert!(!health.report().await.0);
    }
}
