use std::fs::{self, OpenOptions};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::Path;

use anyhow::Context;
use growth::{Assumptions, Connections, Deployment};
use sqlx::postgres::PgConnectOptions;

use super::child::{Watched, wait_ready};
use super::tools::{Tools, free_port};
use crate::options::Pool;
use crate::secrets::Secrets;

/// What a cluster's PgBouncer runs with.
const CONFIGURATION: &str = "helm/sello/files/pgbouncer/pgbouncer.ini";

/// What the chart calls the read replica of the database there.
pub(crate) const REPLICA: &str = "sello_replica";

/// What it stands before.
pub(crate) struct Before<'a> {
    /// PostgreSQL, whose roles are there already: a role that PgBouncer finds missing it does not try again for a while.
    pub(crate) database: &'a PgConnectOptions,
    /// A replica of it at `host:port`, which is reached as [`REPLICA`]; empty where there is none.
    pub(crate) replica: &'a str,
}

/// A pooler between the services and PostgreSQL, in transaction mode, as the chart sets it up.
pub(crate) struct PgBouncer {
    /// Where it answers.
    pub(crate) port: u16,
    /// The server.
    pub(crate) child: Watched,
}

impl PgBouncer {
    /// Starts PgBouncer under `data/pgbouncer`, with as many connections as `pool` says.
    pub(crate) async fn start(
        tools: &Tools,
        data: &Path,
        before: &Before<'_>,
        pool: Pool,
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
        let (host, behind) = (before.database.get_host(), before.database.get_port());
        let mut databases = format!("sello = host={host} port={behind}\n");
        if let Some((host, port)) = before.replica.rsplit_once(':') {
            databases += &format!("{REPLICA} = host={host} port={port} dbname=sello\n");
        }
        write("databases.ini", &databases)?;
        // What stands last holds.
        let users = home.join("users.txt");
        let own = format!("listen_addr = 127.0.0.1\nlisten_port = {port}\nauth_file = {}\n", users.display());
        write("sizes.ini", &(sizes(pool) + &own))?;
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

/// Of one copy, as the chart's values have them for that year; nothing where the file's own hold.
fn sizes(pool: Pool) -> String {
    let Pool::OfYear(year) = pool else { return String::new() };
    let Connections { pool, reserve, pool_total, .. } = Deployment::of(year, &Assumptions::PLANNED).database;
    format!("default_pool_size = {pool}\nreserve_pool_size = {reserve}\nmax_db_connections = {pool_total}\n")
}

fn passwords(secrets: &Secrets) -> String {
    let services = secrets.services.iter();
    services.map(|(service, keys)| format!("\"sello_{service}\" \"{}\"\n", keys.postgres)).collect()
}

#[cfg(test)]
mod tests {
    use growth::Year;

    use super::*;

    #[test]
    fn its_sizes_are_its_files_or_those_that_the_chart_has_for_the_year() {
        assert_eq!(sizes(Pool::AsWritten), "");
        for (year, values) in [
            (Year::One, include_str!("../../../../helm/sello/values-year1.yaml")),
            (Year::Three, include_str!("../../../../helm/sello/values-year3.yaml")),
            (Year::Five, include_str!("../../../../helm/sello/values-year5.yaml")),
        ] {
            let said = sizes(Pool::OfYear(year));
            for (setting, value) in [
                ("default_pool_size", "poolSize"),
                ("reserve_pool_size", "reservePoolSize"),
                ("max_db_connections", "maxDatabaseConnections"),
            ] {
                let line =
                    values.lines().find_map(|line| line.trim().strip_prefix(value)?.strip_prefix(": "));
                let line = line.unwrap_or_else(|| panic!("year {}: no {value}", year.number()));
                assert!(said.contains(&format!("{setting} = {line}\n")), "year {}: {said}", year.number());
            }
        }
    }
}
