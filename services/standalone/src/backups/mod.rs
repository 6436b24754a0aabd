//! `sello backup` and `sello restore`: a whole copy of the platform of `DATA`, and a platform made from one.
//!
//! Copies are taken and put back by the scripts that a cluster uses too. JetStream is not copied: what its stream held for those
//! who had not read it yet is published again from the outboxes.

mod manifest;
mod put_back;
mod take;

use std::path::Path;

use anyhow::{Context, ensure};
use reqwest::Url;

use crate::servers::{Tools, tied};

pub(crate) use put_back::put_back;
pub(crate) use take::take;

const BACKUP: &str = include_str!("../../../../helm/sello/files/postgresql/backup.sh");
const RESTORE: &str = include_str!("../../../../helm/sello/files/postgresql/restore.sh");

/// Runs one of them in `folder`, as the administrator of the database; returns what it says.
async fn run(
    script: &str,
    postgres_url: &str,
    folder: &Path,
    settings: &[(&str, String)],
) -> anyhow::Result<String> {
    let database = Url::parse(postgres_url).context("the address of PostgreSQL")?;
    let mut command = tied(Path::new("sh"), &[]);
    command.args(["-c", script, "sello"]).env("PATH", Tools::find()?.path()?).env("FOLDER", folder);
    command
        .env("PGHOST", database.host_str().unwrap_or_default())
        .env("PGPORT", database.port().unwrap_or(5432).to_string())
        .env("PGUSER", database.username())
        .env("PGPASSWORD", database.password().unwrap_or_default())
        .env("PGDATABASE", database.path().trim_start_matches('/'));
    command.envs(settings.iter().map(|(name, value)| (name, value)));
    let ended = command.output().await.context("cannot run a shell")?;
    let said = String::from_utf8_lossy(&ended.stderr);
    ensure!(ended.status.success(), "{}", said.trim());
    Ok(String::from_utf8_lossy(&ended.stdout).trim().to_owned())
}
