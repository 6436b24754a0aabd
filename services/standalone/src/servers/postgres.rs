use std::fs::{self, File, OpenOptions};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::Path;

use anyhow::{Context, ensure};
use sqlx::{Connection, PgConnection};

use super::child::{Watched, clear_leftover, wait_ready};
use super::tools::{Tools, free_port};
use crate::secrets::Secrets;

/// Thousands of hashes for each connection are there for passwords that can be guessed. All of this server's are 256 random bits,
/// and every start and every new connection would wait for them.
const ONE_HASH: &str = "scram_iterations=1";

/// The platform's own PostgreSQL.
pub(crate) struct Postgres {
    /// The administrator's URL, into the database `sello`.
    pub(crate) url: String,
    /// The server.
    pub(crate) child: Watched,
}

impl Postgres {
    /// Starts PostgreSQL under `data/postgres`, made on the first run, with `settings` besides ours.
    pub(crate) async fn start(
        tools: &Tools,
        data: &Path,
        secrets: &Secrets,
        settings: &[&str],
    ) -> anyhow::Result<Self> {
        let home = data.join("postgres");
        let (cluster, log) = (home.join("data"), home.join("log"));
        fs::create_dir_all(&home).with_context(|| format!("cannot make {}", home.display()))?;
        fs::set_permissions(&home, fs::Permissions::from_mode(0o700))?;
        let open_log = || OpenOptions::new().create(true).append(true).open(&log);
        if !cluster.join("PG_VERSION").exists() {
            make_cluster(tools, &home, &cluster, secrets, open_log()?).await?;
        }
        clear_leftover(&cluster.join("postmaster.pid"), "postgres", &cluster).await?;
        let port = free_port()?;
        let mut command = tools.postgres("postgres", &home).await?;
        command.arg("-D").arg(&cluster);
        for setting in [
            &format!("port={port}"),
            "listen_addresses=127.0.0.1",
            "unix_socket_directories=",
            "max_connections=400",
            "shared_buffers=256MB",
            "effective_cache_size=1GB",
            "max_wal_size=2GB",
            "checkpoint_timeout=15min",
            "wal_compression=on",
            "random_page_cost=1.1",
            "jit=off",
            "log_checkpoints=off",
            ONE_HASH,
        ]
        .iter()
        .chain(settings)
        {
            command.arg("-c").arg(setting);
        }
        command.stdout(open_log()?).stderr(open_log()?);
        let mut process = command.spawn().context("cannot start PostgreSQL")?;
        let server = format!("postgres://postgres:{}@127.0.0.1:{port}", secrets.postgres);
        wait_ready("PostgreSQL", &mut process, &log, || async {
            PgConnection::connect(&format!("{server}/postgres")).await.is_ok()
        })
        .await?;
        make_database(&server).await?;
        Ok(Self { url: format!("{server}/sello"), child: Watched { process, command, stop_signal: "INT" } })
    }
}

async fn make_cluster(
    tools: &Tools,
    home: &Path,
    cluster: &Path,
    secrets: &Secrets,
    log: File,
) -> anyhow::Result<()> {
    // Where an earlier start was cut off in the middle, half a cluster is worth nothing.
    let _ = fs::remove_dir_all(cluster);
    let password = home.join("password");
    let mut file = OpenOptions::new().create(true).write(true).truncate(true).mode(0o600).open(&password)?;
    std::io::Write::write_all(&mut file, secrets.postgres.as_bytes())?;
    let mut command = tools.postgres("initdb", home).await?;
    command.arg("-D").arg(cluster).arg("--pwfile").arg(&password);
    command.args(["-U", "postgres", "-A", "scram-sha-256", "-E", "UTF8", "--locale=C.UTF-8", "-c", ONE_HASH]);
    let made = command.stdout(log.try_clone()?).stderr(log).status().await.context("cannot run initdb")?;
    fs::remove_file(&password)?;
    ensure!(
        made.success(),
        "PostgreSQL could not make its data folder; the log is {}",
        home.join("log").display()
    );
    Ok(())
}

async fn make_database(server: &str) -> anyhow::Result<()> {
    let mut admin = PgConnection::connect(&format!("{server}/postgres")).await?;
    let there: bool = sqlx::query_scalar("select exists(select from pg_database where datname = 'sello')")
        .fetch_one(&mut admin)
        .await?;
    if !there {
        sqlx::raw_sql("create database sello").execute(&mut admin).await?;
    }
    Ok(admin.close().await?)
}
