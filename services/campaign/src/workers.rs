//! What campaign does on its own clock. Every replica does all of it: rows are taken with their locks.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use boot::Stop;

use crate::Error;
use crate::app::{App, SCHEMA, SENDS};
use crate::store;

/// How often campaigns are looked for that have a step to do.
const PLAN_EVERY: Duration = Duration::from_millis(500);
/// How often sends are looked for of which the other way is to be tried.
const FOLLOW_EVERY: Duration = Duration::from_secs(5);
/// How often campaigns are looked for that moved or ended. Each is told at most once a second.
const TELL_EVERY: Duration = Duration::from_millis(500);
/// How often campaigns are looked for whose state messaging was not told.
const SETTLE_EVERY: Duration = Duration::from_secs(2);
/// How often months are made ahead and old things cleared away.
const KEEP_HOUSE_EVERY: Duration = Duration::from_secs(3_600);
/// How often what waits is counted.
const MEASURE_EVERY: Duration = Duration::from_secs(15);
/// The pause after a failure.
const TRY_AGAIN_AFTER: Duration = Duration::from_secs(2);

/// Runs rounds until told to stop: at once again after one that found something, else after `every`.
async fn rounds<F, R>(name: &'static str, every: Duration, stop: Stop, round: F) -> anyhow::Result<()>
where
    F: Fn() -> R,
    R: Future<Output = Result<bool, Error>>,
{
    rounds_when(name, every, stop, std::future::pending, round).await
}

/// The same, and at once where `woken` says so.
async fn rounds_when<F, R, W>(
    name: &'static str,
    every: Duration,
    stop: Stop,
    woken: impl Fn() -> W,
    round: F,
) -> anyhow::Result<()>
where
    F: Fn() -> R,
    R: Future<Output = Result<bool, Error>>,
    W: Future<Output = ()>,
{
    loop {
        let pause = match stop.run_until_cancelled(round()).await {
            None => return Ok(()),
            Some(Ok(true)) => continue,
            Some(Ok(false)) => every,
            Some(Err(error)) => {
                tracing::warn!(%error, name, "a round of work was not done; will try again");
                TRY_AGAIN_AFTER
            }
        };
        tokio::select! {
            () = stop.cancelled() => return Ok(()),
            () = woken() => {}
            () = tokio::time::sleep(pause) => {}
        }
    }
}

/// Starts what is due and walks what runs.
pub(crate) async fn plan(app: Arc<App>, stop: Stop) -> anyhow::Result<()> {
    rounds_when(
        "plan",
        PLAN_EVERY,
        stop,
        || app.to_walk.notified(),
        || async {
            app.begin_scheduled().await?;
            Ok(app.plan_step().await?.is_some())
        },
    )
    .await
}

/// Lets WhatsApp follow the wallet, and the wallet WhatsApp.
pub(crate) async fn follow_up(app: Arc<App>, stop: Stop) -> anyhow::Result<()> {
    rounds("follow_up", FOLLOW_EVERY, stop, || async { Ok(app.follow_up().await? > 0) }).await
}

/// Tells how far campaigns are, and ends those that are through.
pub(crate) async fn tell(app: Arc<App>, stop: Stop) -> anyhow::Result<()> {
    rounds("tell", TELL_EVERY, stop, || async {
        app.finish().await?;
        app.tell_progress().await?;
        Ok(false)
    })
    .await
}

/// Tells messaging what callers could not.
pub(crate) async fn settle(app: Arc<App>, stop: Stop) -> anyhow::Result<()> {
    rounds("settle", SETTLE_EVERY, stop, || async { Ok(app.settle_holds().await? > 0) }).await
}

/// Makes the months of sends ahead of time and forgets what is too old to matter.
pub(crate) async fn keep_house(app: Arc<App>, stop: Stop) -> anyhow::Result<()> {
    rounds("housekeeping", KEEP_HOUSE_EVERY, stop, || async {
        app.keep_house().await?;
        Ok(false)
    })
    .await
}

/// Shows how much is on its way.
pub(crate) async fn measure(app: Arc<App>, stop: Stop) -> anyhow::Result<()> {
    rounds("measure", MEASURE_EVERY, stop, || async {
        let now = app.clock.now();
        let progress = store::progress::count(&app.pool, now).await?;
        metrics::gauge!("campaign_walk_late_seconds").set(app.clock.seconds_since(progress.due_since) as f64);
        metrics::gauge!("campaigns_running").set(progress.running as f64);
        metrics::gauge!("campaign_sends_open").set(progress.open as f64);
        if let Some(since) = store::rebuild::begun_at(&app.pool).await? {
            tracing::warn!(%since, "nobody is written to until `sello rebuild campaign` has come to its end");
        }
        boot::partition::measure(&app.pool, SCHEMA, &[SENDS], app.retention, now).await?;
        Ok(false)
    })
    .await
}
