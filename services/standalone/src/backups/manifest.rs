use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail, ensure};
use chrono::{DateTime, Utc};
use serde::Deserialize;
use sha2::{Digest, Sha256};

use crate::secrets::Secrets;

/// The form of manifests that is understood here.
const FORMAT: u32 = 1;
/// Bytes of a key's fingerprint: enough to tell keys apart, and of no help to anybody who guesses.
const FINGERPRINT: usize = 8;

/// What a copy is.
#[derive(Debug, Deserialize)]
pub(super) struct Manifest {
    format: u32,
    /// Everything answered before this is in it.
    pub(super) taken_at: DateTime<Utc>,
    /// The newest migration of each schema.
    schemas: BTreeMap<String, i64>,
    /// How many rows some tables had.
    pub(super) rows: BTreeMap<String, i64>,
    /// Fingerprints of the keys that belong to it; a copy that a cluster took knows none.
    keys: BTreeMap<String, String>,
}

/// A copy in a folder.
#[derive(Debug)]
pub(super) struct Copy {
    pub(super) folder: PathBuf,
    /// `sello-20261127T083000Z`.
    pub(super) name: String,
    pub(super) manifest: Manifest,
}

impl Copy {
    /// The copy that `path` names (its dump or its manifest), or the newest of a folder.
    pub(super) fn find(path: &Path) -> anyhow::Result<Self> {
        let path = std::path::absolute(path)?;
        let (folder, name) = if path.is_dir() {
            let name = newest(&path)?;
            (path, name)
        } else {
            let folder = path.parent().map(Path::to_owned);
            let name = path.file_stem().map(|stem| stem.to_string_lossy().into_owned());
            folder.zip(name).with_context(|| format!("{} is no copy", path.display()))?
        };
        Self::read(folder, name)
    }

    /// The copy of this name.
    pub(super) fn read(folder: PathBuf, name: String) -> anyhow::Result<Self> {
        let path = folder.join(format!("{name}.json"));
        let text = fs::read(&path).with_context(|| format!("there is no copy {}", path.display()))?;
        let manifest: Manifest = serde_json::from_slice(&text)
            .with_context(|| format!("{} is no manifest of a copy", path.display()))?;
        ensure!(manifest.format == FORMAT, "{name} was written by another version of Sello; take that one");
        Ok(Self { folder, name, manifest })
    }

    /// Where its secrets are, if they were taken too.
    pub(super) fn secrets(&self) -> PathBuf {
        self.folder.join(format!("{}.secrets.json", self.name))
    }
}

fn newest(folder: &Path) -> anyhow::Result<String> {
    let entries = fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))?;
    let names = entries.flatten().map(|entry| entry.file_name().to_string_lossy().into_owned());
    let copies = names.filter_map(|name| Some(name.strip_suffix(".json")?.to_owned()));
    // Their names are their times; what has a point in it is the secrets of one.
    copies
        .filter(|name| name.starts_with("sello-") && !name.contains('.'))
        .max()
        .with_context(|| format!("there is no copy in {}", folder.display()))
}

impl Manifest {
    /// Refuses what a newer Sello wrote.
    pub(super) fn must_be_known(&self, known: &[(&str, i64)]) -> anyhow::Result<()> {
        for (schema, version) in &self.schemas {
            match known.iter().find(|(name, _)| name == schema) {
                Some((_, newest)) if version <= newest => {}
                Some((_, newest)) => bail!(
                    "the copy was taken by a newer Sello ({schema} is at {version}, here at {newest}); restore it with that one"
                ),
                None => bail!("the copy was taken by another Sello: nothing here is called {schema}"),
            }
        }
        Ok(())
    }

    /// Refuses secrets of another platform: what they were made with cannot be read by others.
    pub(super) fn must_belong(&self, secrets: &Secrets) -> anyhow::Result<()> {
        let given = fingerprints(secrets);
        match given.iter().find(|(name, print)| self.keys.get(*name).is_some_and(|known| known != *print)) {
            Some((name, _)) => bail!("these secrets are not those of the copy: {name} is another"),
            None => Ok(()),
        }
    }
}

/// What tells the keys of one platform from those of another, without telling the keys.
pub(super) fn fingerprints(secrets: &Secrets) -> BTreeMap<String, String> {
    let prints = secrets.irreplaceable().into_iter().map(|(name, key, _)| {
        let digest = Sha256::digest(format!("sello {name} {key}"));
        (name.to_owned(), hex::encode(&digest[..FINGERPRINT]))
    });
    prints.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn manifest(schemas: &[(&str, i64)], keys: BTreeMap<String, String>) -> Manifest {
        let schemas = schemas.iter().map(|(name, version)| ((*name).to_owned(), *version)).collect();
        Manifest { format: FORMAT, taken_at: Utc::now(), schemas, rows: BTreeMap::new(), keys }
    }

    fn secrets(folder: &str) -> Secrets {
        let data = std::env::temp_dir().join(format!("sello-secrets-{folder}-{}", std::process::id()));
        fs::create_dir_all(&data).unwrap();
        let secrets = Secrets::load(&data).unwrap();
        fs::remove_dir_all(&data).unwrap();
        secrets
    }

    #[test]
    fn a_copy_of_a_newer_version_or_of_something_else_is_refused_and_an_older_one_is_not() {
        let known = [("stamping", 4), ("campaign", 1)];
        let check = |schemas: &[(&str, i64)]| manifest(schemas, BTreeMap::new()).must_be_known(&known);
        assert!(check(&[("stamping", 4), ("campaign", 1)]).is_ok());
        assert!(check(&[("stamping", 2)]).is_ok());
        let newer = check(&[("stamping", 5)]).unwrap_err().to_string();
        assert!(newer.contains("newer Sello (stamping is at 5, here at 4)"), "{newer}");
        assert!(check(&[("billing", 1)]).unwrap_err().to_string().contains("called billing"));
    }

    #[test]
    fn secrets_of_another_platform_are_refused_where_the_copy_knows_its_own() {
        let (mine, other) = (secrets("mine"), secrets("other"));
        assert!(manifest(&[], fingerprints(&mine)).must_belong(&mine).is_ok());
        let refused = manifest(&[], fingerprints(&mine)).must_belong(&other).unwrap_err().to_string();
        assert!(refused.ends_with("is another"), "{refused}");
        assert!(manifest(&[], BTreeMap::new()).must_belong(&other).is_ok());
        // A fingerprint is not the key.
        assert!(fingerprints(&mine).values().all(|print| !mine.code_keys.contains(print)));
    }
}
