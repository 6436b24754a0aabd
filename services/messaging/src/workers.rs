//! What messaging does on its own clock.

use std::collections::HashMap;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use boot::Stop;
use tokio::sync::mpsc;
use tokio::task::AbortHandle;
use uuid::Uuid;

use crate::app::{App, MOST_CALLS, News, Outcome, Round};
use crate::store::sender::{Pace, Sender};
use crate::{Error, store};

/// How often rows are looked for that nobody was woken for.
const LOOK_EVERY: Duration = Duration::from_millis(500);
/// How often senders are looked for that are new.
const SENDERS_EVERY: Duration = Duration::from_secs(1);
/// How often leases, ages and cancellations are looked at.
const SWEEP_EVERY: Duration = Duration::from_secs(1);
/// How often the quality is judged.
const JUDGE_EVERY: Duration = Duration::from_secs(60);
/// How often old things are cleared away.
const KEEP_HOUSE_EVERY: Duration = Duration::from_secs(3_600);
/// How often what waits is counted.
const MEASURE_EVERY: Duration = Duration::from_secs(15);
/// The pause after a failure.
const TRY_AGAIN_AFTER: Duration = Duration::from_secs(1);
/// Readings of the database's clock before anything is handed over.
const FIRST_READINGS: usize = 8;
/// Outcomes, or statuses, of one transaction.
const MOST_OF_A_BATCH: usize = 100;
/// Such batches begin at least so far apart: what comes in the meantime shares the next one's transaction.
const BATCHES_APART: Duration = Duration::from_millis(20);
/// Tries at writing outcomes before they are left to the leases.
const MOST_WRITES: usize = 5;

/// Hands messages over, each sender at its own pace, until told to stop; then waits for the calls under way.
pub(crate) async fn hand_over(app: Arc<App>, stop: Stop) -> anyhow::Result<()> {
    let mut senders: HashMap<Uuid, AbortHandle> = HashMap::new();
    let mut tasks = tokio::task::JoinSet::new();
    loop {
        let wanted = app.wanted.notified();
        match store::sender::list(&app.pool, None).await {
            Ok(found) => {
                for sender in found {
                    let is_there = senders.get(&sender.sender).is_some_and(|task| !task.is_finished());
                    if !is_there && app.twilio.is_some() {
                        let task = tasks.spawn(carry(Arc::clone(&app), sender.sender, stop.clone()));
                        senders.insert(sender.sender, task);
                    }
                }
            }
            Err(error) => tracing::warn!(%error, "senders not looked for; will try again"),
        }
        tokio::select! {
            () = stop.cancelled() => break,
            () = wanted => {}
            () = tokio::time::sleep(SENDERS_EVERY) => {}
        }
    }
    while tasks.join_next().await.is_some() {}
    // Each call holds a permit until its outcome is on its way to the writer.
    let _ = app.calls.acquire_many(MOST_CALLS).await;
    app.calls.close();
    Ok(())
}

/// Hands over what one sender carries.
async fn carry(app: Arc<App>, sender: Uuid, stop: Stop) {
    read_clock(&app, sender).await;
    while !stop.is_cancelled() {
        // Armed before the look, so that what is wanted during it wakes the next.
        let wanted = app.wanted.notified();
        let Some(looked) = stop.run_until_cancelled(look(&app, sender)).await else { return };
        // Not dropped in its middle: a round knows what to let go.
        let round = match looked {
            Ok(Some((sender, pace))) => app.hand_over(&sender, &pace, &stop).await,
            Ok(None) => Ok(Round::Idle(None)),
            Err(error) => Err(error),
        };
        let pause = match round {
            Ok(Round::Did) => continue,
            Ok(Round::Wait(pause)) => {
                stop.run_until_cancelled(tokio::time::sleep(pause)).await;
                continue;
            }
            Ok(Round::Idle(slowed)) => slowed.map_or(LOOK_EVERY, |pause| pause.min(LOOK_EVERY)),
            Err(error) => {
                tracing::warn!(%error, "messages not handed over; will try again");
                TRY_AGAIN_AFTER
            }
        };
        tokio::select! {
            () = stop.cancelled() => return,
            () = wanted => {}
            () = tokio::time::sleep(pause) => {}
        }
    }
}

/// The first calls are made by the first readings: among a few of them is one that was not held up on its way.
async fn read_clock(app: &App, sender: Uuid) {
    for _ in 0..FIRST_READINGS {
        // Without a database there is no round either, which says so.
        let Ok(pace) = store::sender::pace(&app.pool, sender).await else { return };
        app.database_clock.note(pace.now);
    }
}

/// A sender, if it is there, and how far its moments are given away.
async fn look(app: &App, sender: Uuid) -> Result<Option<(Sender, Pace)>, Error> {
    let Some(found) = store::sender::list(&app.pool, Some(sender)).await?.pop() else { return Ok(None) };
    let pace = store::sender::pace(&app.pool, sender).await?;
    Ok(Some((found, pace)))
}

/// Writes what came of calls, until whoever hands over has ended.
pub(crate) async fn write_outcomes(
    app: Arc<App>,
    mut outcomes: mpsc::Receiver<Outcome>,
) -> anyhow::Result<()> {
    let mut batch = Vec::with_capacity(MOST_OF_A_BATCH);
    let mut begins = batches_apart();
    loop {
        begins.tick().await;
        let received = tokio::select! {
            biased;
            received = outcomes.recv_many(&mut batch, MOST_OF_A_BATCH) => received,
            () = ended(&app) => 0,
        };
        if received == 0 {
            return Ok(());
        }
        for attempt in 1..=MOST_WRITES {
            match app.write_outcomes(&batch).await {
                Ok(()) => break,
                Err(error) => {
                    tracing::warn!(%error, attempt, outcomes = batch.len(), "outcomes not written");
                    tokio::time::sleep(TRY_AGAIN_AFTER).await;
                }
            }
        }
        batch.clear();
    }
}

/// Writes the statuses that callbacks bring, until nobody calls any more.
pub(crate) async fn keep_statuses(
    app: Arc<App>,
    mut statuses: mpsc::Receiver<News>,
    answered: Stop,
) -> anyhow::Result<()> {
    let mut begins = batches_apart();
    loop {
        begins.tick().await;
        let mut batch = Vec::with_capacity(MOST_OF_A_BATCH);
        let received = tokio::select! {
            biased;
            received = statuses.recv_many(&mut batch, MOST_OF_A_BATCH) => received,
            () = answered.cancelled() => {
                statuses.close();
                statuses.recv_many(&mut batch, MOST_OF_A_BATCH).await
            }
        };
        if received == 0 {
            return Ok(());
        }
        app.keep_statuses(batch).await;
    }
}

fn batches_apart() -> tokio::time::Interval {
    let mut begins = tokio::time::interval(BATCHES_APART);
    begins.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    begins
}

/// Waits until no call can come any more.
async fn ended(app: &App) {
    while !app.calls.is_closed() {
        tokio::time::sleep(LOOK_EVERY).await;
    }
}

/// Does what customers write, as soon as they do. What it has taken up is done before it ends: dropped in its middle, a message
/// would wait for its lease.
pub(crate) async fn answer(app: Arc<App>, stop: Stop) -> anyhow::Result<()> {
    while !stop.is_cancelled() {
        let wrote = app.wrote.notified();
        let pause = match app.answer_inbound().await {
            Ok(0) => LOOK_EVERY,
            Ok(_) => continue,
            Err(error) => {
                tracing::warn!(%error, "customers' messages not looked at; will try again");
                TRY_AGAIN_AFTER
            }
        };
        tokio::select! {
            () = stop.cancelled() => {}
            () = wrote => {}
            () = tokio::time::sleep(pause) => {}
        }
    }
    Ok(())
}

/// Does `work` again and again: at once while there is some, else after a pause.
async fn repeat<F: Future<Output = Result<usize, Error>>>(
    what: &'static str,
    every: Duration,
    stop: Stop,
    work: impl Fn() -> F,
) -> anyhow::Result<()> {
    loop {
        let pause = match stop.run_until_cancelled(work()).await {
            None => return Ok(()),
            Some(Ok(0)) => every,
            Some(Ok(_)) => Duration::ZERO,
            Some(Err(error)) => {
                tracing::warn!(%error, what, "not done; will try again");
                TRY_AGAIN_AFTER
            }
        };
        if stop.run_until_cancelled(tokio::time::sleep(pause)).await.is_none() {
            return Ok(());
        }
    }
}

/// Asks about what is in doubt.
pub(crate) async fn resolve_doubts(app: Arc<App>, stop: Stop) -> anyhow::Result<()> {
    let every = (app.in_doubt_after / 4).clamp(Duration::from_millis(100), Duration::from_secs(5));
    repeat("doubts", every, stop, || app.resolve_doubts()).await
}

/// Asks how those stand of which nothing was told.
pub(crate) async fn poll(app: Arc<App>, stop: Stop) -> anyhow::Result<()> {
    let every = (app.poll_after / 4).clamp(Duration::from_millis(100), Duration::from_secs(10));
    repeat("silent messages", every, stop, || app.poll()).await
}

/// Ends what time ends.
pub(crate) async fn sweep(app: Arc<App>, stop: Stop) -> anyhow::Result<()> {
    repeat("sweeping", SWEEP_EVERY, stop, || app.sweep()).await
}

/// Judges the quality.
pub(crate) async fn judge(app: Arc<App>, stop: Stop) -> anyhow::Result<()> {
    repeat("quality", JUDGE_EVERY, stop, || async { app.judge_all().await.map(|()| 0) }).await
}

/// Makes months ahead and clears away what is past its time. Replicas may do so at once.
pub(crate) async fn keep_house(app: Arc<App>, stop: Stop) -> anyhow::Result<()> {
    repeat("housekeeping", KEEP_HOUSE_EVERY, stop, || async { app.keep_house().await.map(|()| 0) }).await
}

/// Shows how much waits.
pub(crate) async fn measure(app: Arc<App>, stop: Stop) -> anyhow::Result<()> {
    repeat("measuring", MEASURE_EVERY, stop, || async { app.measure().await.map(|()| 0) }).await
}
