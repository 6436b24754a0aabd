use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

/// Tells every task of a process that it is time to finish. Passed in, never global.
pub type Stop = CancellationToken;

/// A [`Stop`] that fires on `SIGTERM` or `SIGINT`. A second signal ends the process at once.
pub fn stop_on_signal() -> std::io::Result<Stop> {
    let stop = Stop::new();
    let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    let fired = stop.clone();
    tokio::spawn(async move {
        tokio::select! { _ = terminate.recv() => {}, _ = interrupt.recv() => {} }
        fired.cancel();
        tokio::select! { _ = terminate.recv() => {}, _ = interrupt.recv() => {} }
        std::process::exit(130);
    });
    Ok(stop)
}
