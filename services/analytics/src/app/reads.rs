//! Where questions are answered from: a replica for as long as it keeps up, else the primary.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use sqlx::pool::PoolConnection;
use sqlx::{PgPool, Postgres};
use tokio::time::timeout;

use crate::domain::lag::Lag;
use crate::store;

/// What a replica may be missing and still answer: longer, and an owner would look for a stamp that she has just seen.
const MOST_LAG: Duration = Duration::from_secs(2);

/// How long a server may take to say how far it is; one that hangs is no better than one that is gone.
const LOOK_WITHIN: Duration = Duration::from_secs(1);

/// The pools that questions may use.
pub struct Reads {
    primary: PgPool,
    replica: Option<PgPool>,
    keeps_up: AtomicBool,
}

impl Reads {
    /// Reads from the primary, until a replica is found to keep up.
    pub fn new(primary: PgPool, replica: Option<PgPool>) -> Self {
        Self { primary, replica, keeps_up: AtomicBool::new(false) }
    }

    /// A connection to read by.
    pub(crate) async fn acquire(&self) -> Result<PoolConnection<Postgres>, sqlx::Error> {
        if let Some(replica) = &self.replica
            && self.keeps_up.load(Ordering::Relaxed)
        {
            match replica.acquire().await {
                Ok(connection) => return Ok(connection),
                Err(error) => {
                    self.turn(false, &error);
                }
            }
        }
        self.primary.acquire().await
    }

    /// One look at how far the replica is; nothing where there is none.
    pub(crate) async fn look(&self, lag: &mut Lag) {
        let Some(replica) = &self.replica else { return };
        // While the primary cannot be asked, nothing new can be missing.
        if let Ok(Ok(position)) = timeout(LOOK_WITHIN, store::replica::written(&self.primary)).await {
            lag.wrote(position, Instant::now());
        }
        match timeout(LOOK_WITHIN, store::replica::replayed(replica)).await {
            Ok(Ok(Some(position))) => {
                let behind = lag.shows(position, Instant::now());
                metrics::gauge!("replica_lag_seconds").set(behind.as_secs_f64());
                self.turn(behind <= MOST_LAG, &format_args!("it is {behind:?} behind"));
            }
            // Promoted, or a copy that was started on its own: it stands still, or goes its own way.
            Ok(Ok(None)) => self.turn(false, &"it follows no primary"),
            Ok(Err(error)) => self.turn(false, &error),
            Err(elapsed) => self.turn(false, &elapsed),
        }
        let is_in_use = self.keeps_up.load(Ordering::Relaxed);
        metrics::gauge!("replica_in_use").set(f64::from(is_in_use as u8));
    }

    fn turn(&self, keeps_up: bool, reason: &dyn std::fmt::Display) {
        if self.keeps_up.swap(keeps_up, Ordering::Relaxed) == keeps_up {
            return;
        }
        if keeps_up {
            tracing::info!("questions are answered by the replica");
        } else {
            tracing::warn!(%reason, "questions are answered by the primary, not by the replica");
        }
    }
}
