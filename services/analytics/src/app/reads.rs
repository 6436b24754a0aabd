//! Where questions are answered from: a replica for as long as it keeps up, else the primary.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use sqlx::pool::PoolConnection;
use sqlx::{PgPool, Postgres};

use crate::domain::lag::Lag;
use crate::store;

/// What a replica may be missing and still answer: longer, and an owner would look for a stamp that she has just seen.
const MOST_LAG: Duration = Duration::from_secs(2);

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
        if let Ok(position) = store::replica::written(&self.primary).await {
            lag.wrote(position, Instant::now());
        }
        match store::replica::replayed(replica).await {
            Ok(position) => {
                let behind = position.map_or(Duration::ZERO, |position| lag.shows(position, Instant::now()));
                metrics::gauge!("replica_lag_seconds").set(behind.as_secs_f64());
                self.turn(behind <= MOST_LAG, &format_args!("it is {behind:?} behind"));
            }
            Err(error) => self.turn(false, &error),
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
