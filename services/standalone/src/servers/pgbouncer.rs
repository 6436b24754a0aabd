use std::fs::{self, OpenOptions};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::Path;

use anyhow::Context;
use sqlx::postgres::PgConnectOptions;

use super::child::{Watched, wait_ready};
use super::tools::{Tools, free_port};
use crate::secrets::Secrets;

/// What a cluster's PgBouncer runs with.
const CONFIGURATION: &str = "helm/sello/files/pgbouncer/pgbouncer.ini";

/// What the chart calls the read replica of the database there.
pub(crate) const REPLICA: &str = "sello_replica";

/// A pooler between the services and PostgreSQL, in transaction mode, as the chart sets it up.
pub(crate) struct PgBouncer {
    /// Where it answers.
    pub(crate) port: u16,
    /// The server.
    pub(crate) child: Watched,
}

impl PgBouncer {
    /// Starts PgBouncer under `data/pgbouncer` before the PostgreSQL at `database`, whose roles are there already: a role that it
    /// finds missing it does not try again for a while. A `replica` of it at `host:port` is reached as [`REPLICA`]; empty where
    /// there is none.
    pub(crate) async fn start(
        tools: &Tools,
        data: &Path,
        database: &PgConnectOptions,
        replica: &str,
        secrets: &Secrets,
    ) -> anyhow::Result<Self> {
        let home = data.join("pgbouncer");
        fs::create_dir_all(&home).with_context(|| format!("cannot make {}", home.display()))?;
        fs::set_permissions(&home, fs::Permissions::from_mode(0o700))?;
        let port = free_port()?;
        let write = |name: &str, text: &str| {
            let mut file = OpenOptions::new()
                .create(true)
                .write(true)
                .truncate(true)
                .mode(0o600)
                .open(home.join(name))?;
            std::io::Write::write_all(&mut file, text.as_bytes())
        };
        let configuration = fs::read_to_string(CONFIGURATION)
            .with_context(|| format!("cannot read {CONFIGURATION}; start Sello where the checkout lies"))?;
        write("pgbouncer.ini", &configuration.replace("/etc/pgbouncer", &home.display().to_string()))?;
        let (host, behind) = (database.get_host(), database.get_port());
        let mut databases = format!("sello = host={host} port={behind}\n");
        if let Some((host, port)) = replica.rsplit_once(':') {
            databases += &format!("{REPLICA} = host={host} port={port} dbname=sello\n");
        }
        write("databases.ini", &databases)?;
        // What stands last holds.
        let users = home.join("users.txt");
        let own = format!("listen_addr = 127.0.0.1\nlisten_port = {port}\nauth_file = {}\n", users.display());
        write("sizes.ini", &own)?;
        write("users.txt", &passwords(secrets))?;

        let log = home.join("log");
        let open_log = || OpenOptions::new().create(true).append(true).open(&log);
        let mut command = tools.pgbouncer(&home).await?;
        command.arg(home.join("pgbouncer.ini")).stdout(open_log()?).stderr(open_log()?);
        let mut process = command.spawn().context("cannot start PgBouncer")?;
        wait_ready("PgBouncer", &mut process, &log, || async {
            tokio::net::TcpStream::connect(("127.0.0.1", port)).await.is_ok()
        })
        .await?;
        Ok(Self { port, child: Watched { process, command, stop_signal: "QUIT" } })
    }
}

fn passwords(secrets: &Secrets) -> String {
    let services = secrets.services.iter();
    services.map(|(service, keys)| format!("\"sello_{service}\" \"{}\"\n", keys.postgres)).collect()
}
