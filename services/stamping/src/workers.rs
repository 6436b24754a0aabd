//! What stamping does on its own clock.

use std::sync::Arc;
use std::time::Duration;

use boot::Stop;

use crate::app::App;
use crate::store;

/// How often rewards are looked at for their end.
const EXPIRE_EVERY: Duration = Duration::from_secs(60);
/// How often partitions are made ahead and old operations forgotten.
const KEEP_HOUSE_EVERY: Duration = Duration::from_secs(3_600);
/// The pause after a failure.
const TRY_AGAIN_AFTER: Duration = Duration::from_secs(5);

/// Ends rewards whose last moment has passed.
pub(crate) async fn expire_rewards(app: Arc<App>, stop: Stop) -> anyhow::Result<()> {
    loop {
        let pause = match app.expire_rewards().await {
            Ok(0) => EXPIRE_EVERY,
            // There may be more than one pass takes.
            Ok(_) => Duration::ZERO,
            Err(error) => {
                tracing::warn!(%error, "rewards not looked at; will try again");
                TRY_AGAIN_AFTER
            }
        };
        if stop.run_until_cancelled(tokio::time::sleep(pause)).await.is_none() {
            return Ok(());
        }
    }
}

/// Makes the ledger's months ahead of time and forgets what is too old to matter.
pub(crate) async fn keep_house(app: Arc<App>, stop: Stop) -> anyhow::Result<()> {
    loop {
        let now = app.clock().now();
        let done = async {
            crate::keep_partitions(app.pool(), now).await?;
            metrics::gauge!("stamp_default_partition_rows")
                .set(boot::partition::strays(app.pool(), crate::SCHEMA, crate::LEDGER).await? as f64);
            store::operation::purge(app.pool(), now).await
        };
        let pause = match done.await {
            Ok(()) => KEEP_HOUSE_EVERY,
            Err(error) => {
                tracing::warn!(%error, "housekeeping not done; will try again");
                TRY_AGAIN_AFTER
            }
        };
        if stop.run_until_cancelled(tokio::time::sleep(pause)).await.is_none() {
            return Ok(());
        }
    }
}
