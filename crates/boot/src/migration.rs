//! Bringing a schema to its newest version, also where the server comes up only after us.

use std::io;
use std::time::Duration;

use anyhow::Context;
use sqlx::migrate::Migrator;
use sqlx::{Connection, PgConnection};
use tokio::time::{Instant, sleep, timeout};

use crate::is_passing;

/// How long a server that is not there yet is waited for. Less than the five minutes that Helm gives a job unless told
/// otherwise, so that the log says what was missing while somebody still looks.
const PATIENCE: Duration = Duration::from_secs(4 * 60);

/// Between two tries: at first, and at most.
const FIRST_PAUSE: Duration = Duration::from_millis(250);
const LONGEST_PAUSE: Duration = Duration::from_secs(8);

/// How long one try may take: a network that swallows what it is given says nothing for minutes.
const ONE_TRY: Duration = Duration::from_secs(10);

/// Brings the schema of the role in `url` to the newest version that `migrator` knows. The URL is a direct one: migrations
/// hold a session's lock, which a pooler in transaction mode cannot keep.
///
/// # Errors
/// At once where the server refuses the role or a migration fails; after four minutes where the server cannot be reached.
pub async fn run(url: &str, migrator: &Migrator) -> anyhow::Result<()> {
    let mut connection = reach(url).await.context("cannot reach the database to migrate")?;
    migrator.run(&mut connection).await?;
    Ok(connection.close().await?)
}

async fn reach(url: &str) -> Result<PgConnection, sqlx::Error> {
    let until = Instant::now() + PATIENCE;
    let mut pause = FIRST_PAUSE;
    loop {
        let error = match timeout(ONE_TRY, PgConnection::connect(url)).await {
            Ok(Ok(connection)) => return Ok(connection),
            Ok(Err(error)) => error,
            Err(_) => sqlx::Error::Io(io::ErrorKind::TimedOut.into()),
        };
        if !is_passing(&error) || Instant::now() + pause > until {
            return Err(error);
        }
        tracing::warn!(%error, again_in_ms = pause.as_millis() as u64, "the database is not there yet");
        sleep(pause).await;
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}
