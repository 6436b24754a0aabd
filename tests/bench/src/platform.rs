//! A platform of the benchmark's own: the real binary, on a folder that is gone afterwards, with a Twilio of its own.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, bail, ensure};
use fakes::twilio::{Pace, Twilio};
use serde_json::Value;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

use crate::verdict::{Short, Verdict};

/// Longer than anything is measured: what Twilio tells is told by the load, when its schedule wants it.
const SILENCE: Duration = Duration::from_secs(86_400);
/// What `sello verify` says last where everything agrees.
const NO_DRIFT: &str = "drift 0";

/// MB of what the kernel calls a kB. Targets and the growth model count by thousands, the kernel by 1,024.
pub(crate) const MB_OF_KERNEL_KB: f64 = 0.001_024;

/// The running platform.
pub(crate) struct Platform {
    /// `127.0.0.1:port`.
    pub(crate) address: String,
    /// Seconds from its last start to `ready`.
    pub(crate) ready_after: f64,
    /// Who carries its messages, and tells nothing by itself.
    pub(crate) twilio: Arc<Twilio>,
    port: u16,
    data: PathBuf,
    child: Child,
}

impl Platform {
    /// Starts one in a folder of its own.
    pub(crate) async fn start() -> anyhow::Result<Self> {
        Self::start_in(std::env::temp_dir().join(format!("sello-bench-{}", std::process::id()))).await
    }

    /// Starts one in this folder; what an earlier run left there is removed.
    pub(crate) async fn start_in(data: PathBuf) -> anyhow::Result<Self> {
        if let Some(pid) = running(&data).ok().and_then(|running| running["pid"].as_u64())
            && Path::new(&format!("/proc/{pid}")).exists()
        {
            bail!("a platform runs in {} (process {pid}); wait for it, or stop it", data.display());
        }
        if data.exists() {
            std::fs::remove_dir_all(&data).with_context(|| format!("cannot remove {}", data.display()))?;
        }
        let port = e2e::free_port();
        let address = format!("127.0.0.1:{port}");
        let twilio = Twilio::start().await.context("the fake of Twilio")?;
        twilio.pace(Pace { sent: SILENCE, ..Pace::default() });
        twilio.inbound_url(format!("http://{address}/webhooks/twilio/inbound"));
        let (child, ready_after) = launch(&data, port, &twilio).await?;
        Ok(Self { address, ready_after, twilio: Arc::new(twilio), port, data, child })
    }

    /// Stops it, and starts it again on the same folder and port.
    pub(crate) async fn restart(&mut self) -> anyhow::Result<()> {
        end(&mut self.child).await?;
        (self.child, self.ready_after) = launch(&self.data, self.port, &self.twilio).await?;
        Ok(())
    }

    /// Its process.
    pub(crate) fn pid(&self) -> anyhow::Result<u32> {
        self.child.id().context("the platform has ended")
    }

    /// Resident memory of the platform's process, in MB; PostgreSQL and NATS are not counted.
    pub(crate) fn resident_mb(&self) -> anyhow::Result<f64> {
        resident_mb(self.pid()?)
    }

    /// The administrator's URL of its PostgreSQL.
    pub(crate) fn postgres_url(&self) -> anyhow::Result<String> {
        Ok(running(&self.data)?["postgres_url"].as_str().context("no postgres_url")?.to_owned())
    }

    /// `sello verify` beside it: whether the books agree, and its last line or what it complains of.
    pub(crate) async fn verify(&self, target: &'static str) -> anyhow::Result<Verdict> {
        let output = Command::new(binary()).arg("verify").env("DATA", &self.data).output().await?;
        let said = [output.stdout, output.stderr].map(|text| String::from_utf8_lossy(&text).into_owned());
        let last = said.iter().find_map(|text| text.lines().last()).unwrap_or("nothing");
        Ok(Verdict {
            target,
            what: "sello verify at the end".to_owned(),
            measured: last.to_owned(),
            wanted: NO_DRIFT.to_owned(),
            passed: output.status.success() && last == NO_DRIFT,
            short: Short::Broken,
        })
    }

    /// `sello operator …` beside it, which must be carried out.
    pub(crate) async fn operator(&self, words: &[&str]) -> anyhow::Result<()> {
        let output =
            Command::new(binary()).arg("operator").args(words).env("DATA", &self.data).output().await?;
        let said = String::from_utf8_lossy(&output.stderr);
        ensure!(output.status.success(), "sello operator {}: {said}", words.join(" "));
        Ok(())
    }

    /// Stops it and removes its folder.
    pub(crate) async fn stop(mut self) -> anyhow::Result<()> {
        end(&mut self.child).await?;
        Ok(std::fs::remove_dir_all(&self.data)?)
    }
}

fn running(data: &Path) -> anyhow::Result<Value> {
    Ok(serde_json::from_slice(&std::fs::read(data.join("running.json"))?)?)
}

fn binary() -> PathBuf {
    std::env::var_os("SELLO_BIN")
        .map_or_else(|| std::env::current_exe().unwrap_or_default().with_file_name("sello"), PathBuf::from)
}

/// Resident memory of a process, in MB.
pub(crate) fn resident_mb(pid: u32) -> anyhow::Result<f64> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).context("no VmRSS")?;
    let found: f64 = line.split_whitespace().next().context("no VmRSS")?.parse()?;
    Ok(found * MB_OF_KERNEL_KB)
}

async fn launch(data: &Path, port: u16, twilio: &Twilio) -> anyhow::Result<(Child, f64)> {
    let account = twilio.account();
    let begun = Instant::now();
    let mut child = Command::new(binary())
        .arg("run")
        .env("DATA", data)
        .env("PORT", port.to_string())
        .env("DEMO", "0")
        .env("RATE_LIMITS", "off")
        .env("PROVIDERS", "live")
        .env("MESSAGING__TWILIO__ACCOUNT_SID", &account.sid)
        .env("MESSAGING__TWILIO__AUTH_TOKEN", &account.auth_token)
        .env("MESSAGING__TWILIO__BASE_URL", twilio.url())
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
