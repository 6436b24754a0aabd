//! What wallet-pass does on its own clock.

use std::sync::Arc;
use std::time::Duration;

use boot::Stop;
use tokio::task::JoinSet;

use crate::app::{APPLE, App, GOOGLE, Noticing, Patching, Pushing, Queue, Round, WEB};
use crate::{Error, store};

/// How often rows are looked for that nobody was woken for: those whose time has come, and a killed process's.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// How often old things are cleared away.
const KEEP_HOUSE_EVERY: Duration = Duration::from_secs(3_600);
/// How often what waits is counted.
const MEASURE_EVERY: Duration = Duration::from_secs(15);
/// The pause after a failure.
const TRY_AGAIN_AFTER: Duration = Duration::from_secs(2);

/// Tells Apple's phones what changed, as soon as it is wanted.
pub(crate) async fn push(app: Arc<App>, stop: Stop) -> anyhow::Result<()> {
    let pushing = Arc::new(Pushing::new(Arc::clone(&app)));
    in_rounds(&app, &stop, &APPLE, |round| Arc::clone(&pushing).finish(round)).await
}

/// Tells Google what changed, as soon as it is wanted and its limits let us.
pub(crate) async fn patch(app: Arc<App>, stop: Stop) -> anyhow::Result<()> {
    let patching = Arc::new(Patching::new(Arc::clone(&app)));
    in_rounds(&app, &stop, &GOOGLE, |round| Arc::clone(&patching).finish(round)).await
}

/// Says what campaigns ask for, as soon as it is asked and enrollment lets it. What it has taken up it says before it ends.
pub(crate) async fn say(app: Arc<App>, stop: Stop) -> anyhow::Result<()> {
    while !stop.is_cancelled() {
        // Armed before the look, so that what is wanted during it wakes the next.
        let wanted = app.wanted.notified();
        let pause = match app.say().await {
            Ok(0) => LOOK_EVERY,
            Ok(_) => continue,
            Err(error) => {
                tracing::warn!(%error, "what campaigns say was not looked at; will try again");
                TRY_AGAIN_AFTER
            }
        };
        tokio::select! {
            () = stop.cancelled() => {}
            () = wanted => {}
            () = tokio::time::sleep(pause) => {}
        }
    }
    Ok(())
}

/// Tells browsers what the shop says, as soon as it is wanted.
pub(crate) async fn notify(app: Arc<App>, stop: Stop) -> anyhow::Result<()> {
    let noticing = Arc::new(Noticing::new(Arc::clone(&app)));
    in_rounds(&app, &stop, &WEB, |round| Arc::clone(&noticing).finish(round)).await
}

/// Round after round while there is something to do and room for it; then whenever something is wanted, and now and then. An
/// answer that does not come holds up its own round and no other. What is under way when it is told to stop is written down before
/// it ends: dropped, it would lie until its lease is over.
async fn in_rounds<Finish>(
    app: &App,
    stop: &Stop,
    queue: &Queue,
    finish: impl Fn(Round) -> Finish,
) -> anyhow::Result<()>
where
    Finish: Future<Output = Result<(), Error>> + Send + 'static,
{
    let wallet = queue.wallet;
    let written = |(rows, outcome): (i64, Result<(), Error>)| {
        if let Err(error) = outcome {
            tracing::warn!(wallet, %error, "what came of pushes was not written down; they are tried again");
        }
        rows
    };
    let (mut rounds, mut under_way, mut is_on_trial) = (JoinSet::new(), 0, false);
    while !stop.is_cancelled() {
        // Armed before the look, so that what is wanted during it wakes the next.
        let wanted = app.wanted.notified();
        is_on_trial &= under_way > 0;
        let has_room = under_way < queue.most_under_way && !is_on_trial;
        let mut pause = LOOK_EVERY;
        if has_room {
            match app.begin_round(queue, queue.most_under_way - under_way).await {
                Ok(round) if round.rows() == 0 => {}
                Ok(round) => {
                    (is_on_trial, under_way) = (round.is_a_trial(), under_way + round.rows());
                    let (rows, finished) = (round.rows(), finish(round));
                    rounds.spawn(async move { (rows, finished.await) });
                    continue;
                }
                Err(error) => {
                    tracing::warn!(wallet, %error, "pushes not looked at; will try again");
                    pause = TRY_AGAIN_AFTER;
                }
            }
        }
        tokio::select! {
            () = stop.cancelled() => {}
            Some(ended) = rounds.join_next() => under_way -= written(ended?),
            () = wanted, if has_room => {}
            () = tokio::time::sleep(pause) => {}
        }
    }
    while let Some(ended) = rounds.join_next().await {
        written(ended?);
    }
    Ok(())
}

/// Clears away what is past its time. Replicas may do so at once.
pub(crate) async fn keep_house(app: Arc<App>, stop: Stop) -> anyhow::Result<()> {
    loop {
        let pause = match app.keep_house().await {
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

/// Shows how much waits, how much was given up, which wallets refuse us, and how long the certificate is still good.
pub(crate) async fn measure(app: Arc<App>, stop: Stop) -> anyhow::Result<()> {
    let mut ticks = tokio::time::interval(MEASURE_EVERY);
    while stop.run_until_cancelled(ticks.tick()).await.is_some() {
        if let Err(error) = measure_rows(&app).await {
            tracing::debug!(%error, "what waits was not counted");
        }
        if let Some(apple) = &app.apple {
            let left = apple.signer.not_after() - app.clock.now();
            metrics::gauge!("pass_certificate_seconds_left").set(left.num_seconds() as f64);
        }
    }
    Ok(())
}

async fn measure_rows(app: &App) -> Result<(), sqlx::Error> {
    let by_wallet = store::progress::by_wallet(&app.pool).await?;
    let wallets = [APPLE.wallet, GOOGLE.wallet, WEB.wallet];
    for wallet in wallets.into_iter().chain([store::progress::WORDS]) {
        let found = by_wallet.iter().find(|waiting| waiting.wallet == wallet);
        let waited = app.clock.seconds_since(found.and_then(|waiting| waiting.due_since));
        let (count, dead) = found.map_or((0, 0), |waiting| (waiting.count, waiting.dead));
        metrics::gauge!("pushes_waiting", "wallet" => wallet).set(count as f64);
        metrics::gauge!("pushes_dead", "wallet" => wallet).set(dead as f64);
        metrics::gauge!("pushes_oldest_waiting_seconds", "wallet" => wallet).set(waited as f64);
    }
    // As they stand for all replicas: whoever has just started knows it too.
    let stopped = store::stopped::all(&app.pool).await?;
    for wallet in wallets {
        let is_stopped = stopped.iter().any(|stopped| stopped.wallet == wallet);
        metrics::gauge!("wallet_stopped", "wallet" => wallet).set(f64::from(is_stopped as u8));
    }
    Ok(())
}
