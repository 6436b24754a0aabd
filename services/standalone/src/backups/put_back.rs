use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, bail};

use super::manifest::Copy;
use crate::greeting::say;
use crate::options::{Options, text};
use crate::platform::{Backing, newest_schemas};
use crate::run::lock;
use crate::secrets::Secrets;
use crate::servers::Servers;

/// What a restored `DATA` is made of, and what is taken away again where that fails.
const MADE: [&str; 4] = ["postgres", "nats", "objects", "secrets.json"];

/// Makes an empty `DATA` a platform, from a copy and its secrets: those of `SECRETS`, or those that lie beside it.
pub(crate) async fn put_back(options: Options, from: &str) -> anyhow::Result<ExitCode> {
    let copy = Copy::find(Path::new(from))?;
    copy.manifest.must_be_known(&newest_schemas())?;
    let secrets = secrets_of(&copy)?;
    copy.manifest.must_belong(&secrets)?;
    let data = &options.data;
    must_be_empty(data)?;
    let Some(_lock) = lock(data)? else { bail!("{} is used by a running Sello", data.display()) };
    let done = fill(data, &copy, &secrets).await;
    if done.is_err() {
        for made in MADE {
            let path = data.join(made);
            // What is not there need not go.
            let _ = if path.is_dir() { fs::remove_dir_all(&path) } else { fs::remove_file(&path) };
        }
    }
    done.with_context(|| format!("{} was not restored", copy.name))?;
    let entries = copy.manifest.rows.get("stamping.stamp").copied().unwrap_or_default();
    say(&format!("{} is in {}: {entries} entries of the ledger.", copy.name, data.display()));
    say(&format!("Everything answered before {} is there; what came after is lost.", copy.manifest.taken_at));
    say(&format!(
        "make verify DATA={0} compares its books, and make run DATA={0} starts it.",
        data.display()
    ));
    Ok(ExitCode::SUCCESS)
}

fn secrets_of(copy: &Copy) -> anyhow::Result<Secrets> {
    let beside = copy.secrets();
    match text("SECRETS") {
        Some(named) => Secrets::read(&PathBuf::from(named)),
        None if beside.is_file() => Secrets::read(&beside),
        None => bail!(
            "no secrets lie beside {}; name the secrets.json of the platform that was copied: SECRETS=…/secrets.json",
            copy.name
        ),
    }
}

fn must_be_empty(data: &Path) -> anyhow::Result<()> {
    let entries = fs::read_dir(data).into_iter().flatten().flatten();
    // A lock is left by whoever looked before us.
    match entries.map(|entry| entry.file_name()).find(|name| name != "lock") {
        Some(_) => bail!("{} is not empty; a copy is restored into an empty folder: DATA=…", data.display()),
        None => Ok(()),
    }
}

async fn fill(data: &Path, copy: &Copy, secrets: &Secrets) -> anyhow::Result<()> {
    secrets.save(data)?;
    let servers = Servers::start(data, secrets, &[]).await?;
    let restored = restore(data, copy, &Backing::of(&servers, secrets)).await;
    servers.stop().await?;
    restored
}

async fn restore(data: &Path, copy: &Copy, backing: &Backing<'_>) -> anyhow::Result<()> {
    backing.provision().await?;
    let settings = [("COPY", copy.name.clone()), ("OBJECTS", data.join("objects").display().to_string())];
    super::run(super::RESTORE, backing.postgres_url, &copy.folder, &settings).await?;
    backing.migrate().await
}
