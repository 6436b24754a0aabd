//! What this service does on its own clock.

use std::sync::Arc;
use std::time::Duration;

use boot::Stop;

use crate::app::App;

/// How often signing keys are read anew: less than a new key is shown before it signs.
const KEYS_EVERY: Duration = Duration::from_secs(60);
/// How often rows whose time is over are removed.
const PURGE_EVERY: Duration = Duration::from_secs(3_600);

/// Keeps the signing keys fresh until told to stop.
pub async fn tend_keys(app: Arc<App>, stop: Stop) -> anyhow::Result<()> {
    let mut every = tokio::time::interval(KEYS_EVERY);
    while stop.run_until_cancelled(every.tick()).await.is_some() {
        if let Err(error) = app.tend_keys().await {
            tracing::warn!(%error, "signing keys not read; will try again");
        }
    }
    Ok(())
}

/// Removes rows whose time is over until told to stop. Every replica does; twice is as good as once.
pub async fn purge(app: Arc<App>, stop: Stop) -> anyhow::Result<()> {
    let mut every = tokio::time::interval(PURGE_EVERY);
    while stop.run_until_cancelled(every.tick()).await.is_some() {
        if let Err(error) = app.purge().await {
            tracing::warn!(%error, "old rows not removed; will try again");
        }
    }
    Ok(())
}
