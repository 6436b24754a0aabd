//! The platform's own PostgreSQL, NATS and, where it is asked for, PgBouncer: real servers from packages, children of this
//! process, on loopback.

mod child;
mod nats;
mod pgbouncer;
mod postgres;
mod tools;

use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use anyhow::Context;
use boot::Stop;
use sqlx::postgres::PgConnectOptions;
use tokio::task::JoinHandle;

pub(crate) use child::{Watched, watch};
pub(crate) use nats::Nats;
pub(crate) use pgbouncer::REPLICA;
use pgbouncer::{Before, PgBouncer};
pub(crate) use postgres::Postgres;
pub(crate) use tools::{Tools, free_port, tied};

use crate::options::Pool;
use crate::secrets::Secrets;

/// The servers, running and watched.
pub(crate) struct Servers {
    /// PostgreSQL's administrator's URL.
    pub(crate) postgres_url: String,
    /// NATS's URL; users and passwords are in [`Secrets`].
    pub(crate) nats_url: String,
    /// The same by PgBouncer, if there is one.
    pub(crate) pooled_url: Option<String>,
    watched: Vec<JoinHandle<()>>,
    stop: Stop,
}

/// What `sello verify` beside a running platform must know.
#[derive(serde::Serialize, serde::Deserialize)]
pub(crate) struct Running {
    /// The platform's process.
    pub(crate) pid: u32,
    /// PostgreSQL's administrator's URL.
    pub(crate) postgres_url: String,
    /// NATS's URL.
    pub(crate) nats_url: String,
    /// Where processes of their own tell of themselves.
    #[serde(default)]
    pub(crate) admins: Vec<SocketAddr>,
}

impl Servers {
    /// Starts both under `data`, PostgreSQL with `settings` besides its own, and starts one again if it dies.
    pub(crate) async fn start(data: &Path, secrets: &Secrets, settings: &[&str]) -> anyhow::Result<Self> {
        let tools = tools::Tools::find()?;
        let (postgres, nats) = tokio::try_join!(
            Postgres::start(&tools, data, secrets, settings),
            Nats::start(&tools, data, secrets)
        )?;
        let (postgres_url, nats_url) = (postgres.url.clone(), nats.url.clone());
        let stop = Stop::new();
        let watched = vec![
            tokio::spawn(child::watch("PostgreSQL", postgres.child, stop.clone())),
            tokio::spawn(child::watch("NATS", nats.child, stop.clone())),
        ];
        Ok(Self { postgres_url, nats_url, pooled_url: None, watched, stop })
    }

    /// Puts PgBouncer before PostgreSQL, and before the replica that analytics is told of.
    pub(crate) async fn pool(&mut self, pool: Pool, data: &Path, secrets: &Secrets) -> anyhow::Result<()> {
        let tools = tools::Tools::find()?;
        let direct: PgConnectOptions = self.postgres_url.parse()?;
        let replica = analytics::Config::load()?.replica;
        let before = Before { database: &direct, replica: &replica };
        let PgBouncer { port, child } = PgBouncer::start(&tools, data, &before, pool, secrets).await?;
        self.watched.push(tokio::spawn(child::watch("PgBouncer", child, self.stop.clone())));
        let (from, to) = (format!(":{}/", direct.get_port()), format!(":{port}/"));
        self.pooled_url = Some(self.postgres_url.replacen(&from, &to, 1));
        Ok(())
    }

    /// Stops them; they write what they hold first.
    pub(crate) async fn stop(self) -> anyhow::Result<()> {
        self.stop.cancel();
        for watched in self.watched {
            tokio::time::timeout(Duration::from_secs(30), watched)
                .await
                .context("a server did not stop")??;
        }
        Ok(())
    }
}
