use std::collections::BTreeMap;
use std::io::{Cursor, Read as _};

use zip::ZipArchive;

use super::Broken;
use crate::template::push_sha1;
use crate::{ImageKind, Scale, image};

/// More than any pass unpacks to.
pub(super) const MOST_OF_A_PASS: u64 = 20 * 1_000 * 1_000;
/// More than any bundle unpacks to.
pub(super) const MOST_OF_A_BUNDLE: u64 = 200 * 1_000 * 1_000;

/// The files of an archive by their paths, each of which stays inside, if all are `most` bytes at most.
pub(super) fn unpack(bytes: &[u8], most: u64) -> Result<BTreeMap<String, Vec<u8>>, Broken> {
    let broken = |error: &dyn std::fmt::Display| Broken::Zip(error.to_string());
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(|error| broken(&error))?;
    let mut files = BTreeMap::new();
    let mut left = most;
    for index in 0..archive.len() {
        let entry = archive.by_index(index).map_err(|error| broken(&error))?;
        let path = std::str::from_utf8(entry.name_raw()).map_err(|error| broken(&error))?.to_owned();
        if path.contains('\\') {
            return Err(Broken::Backslash(path));
        }
        if path.starts_with('/') || path.contains(':') || path.split('/').any(|part| part == "..") {
            return Err(Broken::Escapes(path));
        }
        // Entries for folders hold nothing, and phones pass over them.
        if path.ends_with('/') {
            continue;
        }
        let mut content = Vec::new();
        entry.take(left + 1).read_to_end(&mut content).map_err(|error| broken(&error))?;
        left = left.checked_sub(content.len() as u64).ok_or(Broken::TooLarge(most))?;
        files.insert(path, content);
    }
    Ok(files)
}

pub(super) fn file<'a>(files: &'a BTreeMap<String, Vec<u8>>, path: &'static str) -> Result<&'a [u8], Broken> {
    files.get(path).map(Vec::as_slice).ok_or(Broken::FileMissing(path))
}

/// The manifest, which names all files and nothing else, each by its hash.
pub(super) fn check_manifest(files: &BTreeMap<String, Vec<u8>>) -> Result<&[u8], Broken> {
    if !files.contains_key("pass.json")
        && let Some(inside) = files.keys().find(|path| path.ends_with("/pass.json"))
    {
        return Err(Broken::ParentFolder(inside.clone()));
    }
    for path in ["pass.json", "manifest.json", "signature"] {
        file(files, path)?;
    }
    let manifest = file(files, "manifest.json")?;
    let hashes: BTreeMap<String, String> =
        serde_json::from_slice(manifest).map_err(|error| Broken::Manifest(error.to_string()))?;
    for (path, content) in files {
        if path == "manifest.json" || path == "signature" {
            continue;
        }
        let hash = hashes.get(path).ok_or_else(|| Broken::NotInManifest(path.clone()))?;
        let mut sha1 = String::with_capacity(40);
        push_sha1(&mut sha1, content);
        if *hash != sha1 {
            return Err(Broken::Hash(path.clone()));
        }
    }
    let listed =
        |path: &&String| !files.contains_key(*path) || *path == "manifest.json" || *path == "signature";
    match hashes.keys().find(listed) {
        Some(path) => Err(Broken::NotInPackage(path.clone())),
        None => Ok(manifest),
    }
}

/// Every image that Wallet knows is a PNG that fits its place, and the icon is there.
pub(super) fn check_images(files: &BTreeMap<String, Vec<u8>>) -> Result<(), Broken> {
    let mut icon = false;
    for kind in ImageKind::ALL {
        for scale in Scale::ALL {
            if let Some(png) = files.get(&kind.file_name(scale)) {
                image::check(kind, scale, png).map_err(Broken::Image)?;
                icon |= kind == ImageKind::Icon;
            }
        }
    }
    if icon { Ok(()) } else { Err(Broken::NoIcon) }
}
