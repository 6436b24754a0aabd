use std::fs::DirBuilder;
use std::os::unix::fs::DirBuilderExt;
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context, bail};
use chrono::Utc;

use super::manifest::{Copy, fingerprints};
use crate::elsewhere::Elsewhere;
use crate::greeting::say;
use crate::options::{Options, switch, text};
use crate::reached::Attached;

/// Copies that are kept where `KEEP` does not say.
const KEPT: u32 = 7;

/// Takes a copy of the platform of `DATA`, running or not, into a folder. `KEEP` copies stay there; with `WITH_SECRETS=1` the
/// secrets lie beside it.
pub(crate) async fn take(options: Options, folder: &str) -> anyhow::Result<ExitCode> {
    let keep = match text("KEEP") {
        Some(keep) => match keep.parse() {
            Ok(0) | Err(_) => bail!("KEEP={keep} is no number of copies; take 1 or more"),
            Ok(keep) => keep,
        },
        None => KEPT,
    };
    if Elsewhere::from_environment()?.is_some() {
        bail!(
            "a platform elsewhere is copied where it runs: kubectl create job --from=cronjob/sello-backup backup-now"
        );
    }
    let with_secrets = switch("WITH_SECRETS", false)?;
    let folder = std::path::absolute(folder)?;
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(&folder)
        .with_context(|| format!("cannot make the folder {}", folder.display()))?;
    let attached = Attached::to(&options.data).await?;
    let taken = copy(&options.data, &attached, &folder, (keep, with_secrets)).await;
    attached.detach().await?;
    let copy = taken?;
    say(&format!("Everything answered before {} is in it, and nothing after.", copy.manifest.taken_at));
    if with_secrets {
        say(&format!("The secrets lie beside it, for you alone to read: {}", copy.secrets().display()));
        say("Whoever has both has everything: keep them apart.");
    }
    Ok(ExitCode::SUCCESS)
}

async fn copy(
    data: &Path,
    attached: &Attached,
    folder: &Path,
    (keep, with_secrets): (u32, bool),
) -> anyhow::Result<Copy> {
    let name = format!("sello-{}", Utc::now().format("%Y%m%dT%H%M%SZ"));
    let secrets = &attached.secrets;
    let objects = data.join("objects");
    let objects = if objects.is_dir() { objects.display().to_string() } else { String::new() };
    let settings = [
        ("NAME", name.clone()),
        ("KEEP", keep.to_string()),
        ("OBJECTS", objects),
        ("AT_REST", attached.is_alone().to_string()),
        ("KEYS", serde_json::to_string(&fingerprints(secrets))?),
    ];
    let said = super::run(super::BACKUP, attached.backing().postgres_url, folder, &settings).await?;
    said.lines().for_each(say);
    let copy = Copy::read(folder.to_owned(), name)?;
    if with_secrets {
        secrets.write(&copy.secrets())?;
    } else {
        say(&format!(
            "Not in it: {}. Keep that file somewhere else, for without it",
            data.join("secrets.json").display()
        ));
        for (name, _, loss) in secrets.irreplaceable() {
            say(&format!("  {loss} ({name})"));
        }
        say("What else is in there can be made anew. WITH_SECRETS=1 puts it beside the copy.");
    }
    Ok(copy)
}
