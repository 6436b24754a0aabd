//! `sello with-servers`: a PostgreSQL and a NATS of their own beside a command, for as long as it runs.

use std::process::ExitCode;
use std::time::Duration;

use anyhow::Context;
use boot::admin::Health;
use tokio::process::Command;

use crate::secrets::Secrets;
use crate::servers::Servers;

/// What is in it is gone with the command, so nothing has to outlive a power cut: a database is made and removed for each test.
const GONE_AT_THE_END: &[&str] = &["fsync=off", "full_page_writes=off", "wal_compression=off"];

/// Runs `command` with `SELLO_TEST_POSTGRES` and `SELLO_TEST_NATS` set; its exit code is ours.
pub(crate) async fn run(command: &[&str]) -> anyhow::Result<ExitCode> {
    let data = std::env::temp_dir().join(format!("sello-test-{}", std::process::id()));
    std::fs::create_dir_all(&data).with_context(|| format!("cannot make {}", data.display()))?;
    let secrets = Secrets::load(&data)?;
    let servers = Servers::start(&data, &secrets, GONE_AT_THE_END).await?;
    let nats_of = |service: &str| {
        let password = secrets.services.get(service).map(|keys| keys.nats.as_str()).unwrap_or_default();
        servers.nats_url.replacen("nats://", &format!("nats://{service}:{password}@"), 1)
    };
    let stop = boot::stop_on_signal(&Health::default(), Duration::ZERO)?;
    let mut child = Command::new(command[0])
        .args(&command[1..])
        .env("SELLO_TEST_POSTGRES", &servers.postgres_url)
        .env("SELLO_TEST_NATS", nats_of("stamping"))
        .spawn()
        .with_context(|| format!("cannot run {}", command[0]))?;
    let status = tokio::select! {
        status = child.wait() => status?,
        () = stop.cancelled() => child.wait().await?,
    };
    servers.stop().await?;
    std::fs::remove_dir_all(&data)?;
    Ok(if status.success() {
        ExitCode::SUCCESS
    } else {
        ExitCode::from(u8::try_from(status.code().unwrap_or(1)).unwrap_or(1))
    })
}
