//! What stamping does on its own clock.

use std::sync::Arc;
use std::time::Duration;

use boot::Stop;
use boot::partition::Retention;

use crate::app::{App, Walk};
use crate::store;

/// How often rewards are looked at for their end.
const EXPIRE_EVERY: Duration = Duration::from_secs(60);
/// How often partitions are made ahead and old operations forgotten.
const KEEP_HOUSE_EVERY: Duration = Duration::from_secs(3_600);
/// How often some cards are held against their ledger.
const AUDIT_EVERY: Duration = Duration::from_secs(15);
/// Cards held against their ledger at once: a few milliseconds' work. Half a million cards take ten hours.
const AUDITED: i64 = 200;
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
        let done = async {
            let now = boot::partition::agreed(app.pool(), app.clock().now()).await?;
            // What is too old goes whether or not the months could be made.
            let made = crate::keep_partitions(app.pool(), app.clock().now()).await;
            store::operation::purge(app.pool(), now).await?;
            made
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

/// Holds every card against its ledger, a few at a time and again from the first, and shows how many differ: those of the last
/// whole walk, or of the one under way where it has found more already. Shows beside it how far the months are made ahead.
pub(crate) async fn audit(app: Arc<App>, stop: Stop) -> anyhow::Result<()> {
    let mut ticks = tokio::time::interval(AUDIT_EVERY);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let mut walk = Walk::default();
    while stop.run_until_cancelled(ticks.tick()).await.is_some() {
        match stop.run_until_cancelled(app.audit(walk.after(), AUDITED)).await {
            None => break,
            Some(Ok(part)) => {
                for drift in &part.drifts {
                    tracing::error!(sello.card.id = %drift.card, what = drift.what, "a card differs from its ledger");
                }
                metrics::counter!("ledger_audited_cards_total").increment(part.cards.unsigned_abs());
                walk.took(&part);
                metrics::gauge!("ledger_drift_cards").set(walk.drifted() as f64);
            }
            Some(Err(error)) => tracing::debug!(%error, "cards were not held against their ledger"),
        }
        let now = app.clock().now();
        // A card is the sum of its ledger: a month less, and no balance could be told from it.
        let measured =
            boot::partition::measure(app.pool(), crate::SCHEMA, &[crate::LEDGER], Retention::FOR_EVER, now);
        if let Err(error) = measured.await {
            tracing::debug!(%error, "months were not counted");
        }
    }
    Ok(())
}
