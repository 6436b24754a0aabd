use std::time::Duration;

use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

use crate::admin::Health;

/// Tells every task of a process that it is time to finish. Passed in, never global.
pub type Stop = CancellationToken;

/// A [`Stop`] that fires on `SIGTERM` or `SIGINT`, after `drain`: the process is not ready from the signal on, and until it
/// stops it answers whoever has not heard of that. A second signal ends the process at once.
pub fn stop_on_signal(health: &Health, drain: Duration) -> std::io::Result<Stop> {
    let stop = Stop::new();
    let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    let (fired, health) = (stop.clone(), health.clone());
    tokio::spawn(async move {
        tokio::select! { _ = terminate.recv() => {}, _ = interrupt.recv() => {} }
        health.leave();
        let drained = async {
            tokio::time::sleep(drain).await;
            fired.cancel();
            std::future::pending::<()>().await;
        };
        tokio::select! { () = drained => {}, _ = terminate.recv() => {}, _ = interrupt.recv() => {} }
        std::process::exit(130);
    });
    Ok(stop)
}
