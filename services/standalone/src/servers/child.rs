use std::path::Path;
use std::time::Duration;

use anyhow::{Context, bail};
use boot::Stop;
use tokio::process::{Child, Command};

/// A server that is started again, on the same port, whenever it dies.
pub(crate) struct Watched {
    /// The process.
    pub(crate) process: Child,
    /// How to start it again.
    pub(crate) command: Command,
    /// The signal that asks it to finish.
    pub(crate) stop_signal: &'static str,
}

/// The pause before a server that died is started again.
const AGAIN_AFTER: Duration = Duration::from_millis(200);

/// Keeps a server running until `stop`, then asks it to finish and waits.
pub(crate) async fn watch(name: &'static str, mut watched: Watched, stop: Stop) {
    loop {
        tokio::select! {
            ended = watched.process.wait() => {
                tracing::warn!(server = name, ?ended, "a server died; starting it again");
                tokio::time::sleep(AGAIN_AFTER).await;
                match watched.command.spawn() {
                    Ok(process) => watched.process = process,
                    Err(error) => tracing::error!(server = name, %error, "a server cannot be started again"),
                }
            }
            () = stop.cancelled() => {
                if let Some(pid) = watched.process.id() {
                    signal(pid, watched.stop_signal).await;
                }
                let _ = watched.process.wait().await;
                return;
            }
        }
    }
}

/// Sends a signal by its name.
pub(crate) async fn signal(pid: u32, name: &str) {
    // Fails where the process has just ended by itself, which is what was wanted.
    let _ = Command::new("kill").args(["-s", name, &pid.to_string()]).status().await;
}

/// Waits until a process that an earlier run left behind is gone, and sends it away if it does not go by itself. Only
/// a process whose executable and data folder are ours is touched.
pub(crate) async fn clear_leftover(pid_file: &Path, executable: &str, data: &Path) -> anyhow::Result<()> {
    let Ok(text) = std::fs::read_to_string(pid_file) else { return Ok(()) };
    let Some(pid) = text.lines().next().and_then(|line| line.trim().parse::<u32>().ok()) else {
        return Ok(());
    };
    for attempt in 0..100 {
        if !is_ours(pid, executable, data) {
            return Ok(());
        }
        // The kernel has told it to finish when its parent died; only a server that hangs is pushed.
        match attempt {
            50 => signal(pid, "INT").await,
            80 => signal(pid, "KILL").await,
            _ => {}
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    bail!("a {executable} of an earlier run (process {pid}) does not end; end it and try again")
}

fn is_ours(pid: u32, executable: &str, data: &Path) -> bool {
    let Ok(command_line) = std::fs::read(format!("/proc/{pid}/cmdline")) else { return false };
    let words: Vec<&[u8]> = command_line.split(|byte| *byte == 0).collect();
    let runs_it = words.first().is_some_and(|word| word.ends_with(executable.as_bytes()));
    let data = data.as_os_str().as_encoded_bytes();
    runs_it && words.iter().any(|word| word.starts_with(data))
}

/// Asks again and again until `ready` answers yes, the child dies, or the time is up.
pub(crate) async fn wait_ready<F, Fut>(
    name: &str,
    child: &mut Child,
    log: &Path,
    ready: F,
) -> anyhow::Result<()>
where
    F: Fn() -> Fut,
    Fut: Future<Output = bool>,
{
    for _ in 0..600 {
        if ready().await {
            return Ok(());
        }
        if let Some(status) = child.try_wait().context("looking after a server")? {
            bail!("{name} ended at its start ({status}); its log is {}", log.display());
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    bail!("{name} does not answer; its log is {}", log.display())
}
