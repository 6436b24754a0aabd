//! A platform of the benchmark's own: the real binary, on a folder that is gone afterwards.

use std::path::PathBuf;
use std::process::Stdio;
use std::time::Instant;

use anyhow::{Context, bail, ensure};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

/// The running platform.
pub(crate) struct Platform {
    /// `127.0.0.1:port`.
    pub(crate) address: String,
    /// Seconds from the start to `ready`, with an empty folder.
    pub(crate) cold_start: f64,
    /// The same with a folder that a run before has made.
    pub(crate) warm_start: f64,
    data: PathBuf,
    child: Child,
}

impl Platform {
    /// Starts twice: the first start makes the folder.
    pub(crate) async fn start() -> anyhow::Result<Self> {
        let data = std::env::temp_dir().join(format!("sello-bench-{}", std::process::id()));
        let port = std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let (mut first, cold_start) = launch(&data, port).await?;
        end(&mut first).await?;
        let (child, warm_start) = launch(&data, port).await?;
        Ok(Self { address: format!("127.0.0.1:{port}"), cold_start, warm_start, data, child })
    }

    /// Resident memory of the platform's process, in MB; PostgreSQL and NATS are not counted.
    pub(crate) fn resident_mb(&self) -> anyhow::Result<u64> {
        let pid = self.child.id().context("the platform has ended")?;
        let status = std::fs::read_to_string(format!("/proc/{pid}/status"))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).context("no VmRSS")?;
        let kilobytes: u64 = line.split_whitespace().next().context("no VmRSS")?.parse()?;
        Ok(kilobytes / 1_024)
    }

    /// The administrator's URL of its PostgreSQL.
    pub(crate) fn postgres_url(&self) -> anyhow::Result<String> {
        let text = std::fs::read(self.data.join("running.json"))?;
        let running: serde_json::Value = serde_json::from_slice(&text)?;
        Ok(running["postgres_url"].as_str().context("no postgres_url")?.to_owned())
    }

    /// `sello verify` beside it: its last line.
    pub(crate) async fn verify(&self) -> anyhow::Result<String> {
        let output = Command::new(binary()).arg("verify").env("DATA", &self.data).output().await?;
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        Ok(text.lines().last().unwrap_or("verify said nothing").to_owned())
    }

    /// Stops it and removes its folder.
    pub(crate) async fn stop(mut self) -> anyhow::Result<()> {
        end(&mut self.child).await?;
        Ok(std::fs::remove_dir_all(&self.data)?)
    }
}

fn binary() -> PathBuf {
    std::env::var_os("SELLO_BIN")
        .map_or_else(|| std::env::current_exe().unwrap_or_default().with_file_name("sello"), PathBuf::from)
}

async fn launch(data: &std::path::Path, port: u16) -> anyhow::Result<(Child, f64)> {
    let begun = Instant::now();
    let mut child = Command::new(binary())
        .arg("run")
        .env("DATA", data)
        .env("PORT", port.to_string())
        .env("DEMO", "0")
        .env("RATE_LIMITS", "off")
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .context("cannot start the platform; build it first")?;
    let mut lines = BufReader::new(child.stdout.take().context("no output")?).lines();
    while let Some(line) = lines.next_line().await? {
        if line.starts_with("ready ") {
            tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
            return Ok((child, begun.elapsed().as_secs_f64()));
        }
    }
    bail!("the platform ended before it was ready: {}", child.wait().await?)
}

async fn end(child: &mut Child) -> anyhow::Result<()> {
    let pid = child.id().context("the platform has ended")?;
    Command::new("kill").args(["-s", "INT", &pid.to_string()]).status().await?;
    ensure!(child.wait().await?.success(), "the platform did not stop cleanly");
    Ok(())
}
