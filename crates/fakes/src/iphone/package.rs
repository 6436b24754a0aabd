use std::collections::BTreeMap;
use std::io::{Cursor, Read};

use aws_lc_rs::digest::{SHA1_FOR_LEGACY_USE_ONLY, digest};
use reqwest::Url;
use serde_json::Value;
use zip::ZipArchive;

/// The most a pass may unpack to; a phone takes less.
const LARGEST_BYTES: u64 = 20 * 1024 * 1024;
/// The shortest token a phone takes.
const SHORTEST_TOKEN: usize = 16;
/// What is not in the manifest.
const OUTSIDE: [&str; 2] = ["manifest.json", "signature"];

/// A pass taken out of its package, and found whole. Whether the signature holds is for a checker to say.
#[derive(Clone, Debug)]
pub(super) struct Package {
    pub(super) pass: Value,
    pub(super) serial: String,
    pub(super) pass_type: String,
    pub(super) service: Option<Service>,
    files: BTreeMap<String, Vec<u8>>,
}

/// Where a pass is kept up to date, and with what the phone proves that it has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Service {
    pub(super) url: Url,
    pub(super) token: String,
}

impl Package {
    pub(super) fn open(bytes: &[u8]) -> Result<Self, String> {
        let files = unzip(bytes)?;
        check_manifest(&files)?;
        let pass = json(&files, "pass.json")?;
        if pass["formatVersion"] != 1 {
            return Err("pass.json: formatVersion is not 1".into());
        }
        for name in ["teamIdentifier", "organizationName", "description"] {
            text(&pass, name)?;
        }
        let names = files.keys();
        let has_icon = |name: &String| name.starts_with("icon.") || name.starts_with("icon@");
        if !names.into_iter().any(has_icon) {
            return Err("there is no icon at the root".into());
        }
        let service = match pass.get("webServiceURL") {
            None => None,
            Some(_) => Some(Service { url: service_url(&pass)?, token: token(&pass)? }),
        };
        Ok(Self {
            serial: text(&pass, "serialNumber")?,
            pass_type: text(&pass, "passTypeIdentifier")?,
            service,
            pass,
            files,
        })
    }

    /// The finest there is of a picture, in this language before any.
    pub(super) fn picture(&self, name: &str, language: &str) -> Option<Vec<u8>> {
        let folders = [format!("{language}.lproj/"), String::new()];
        let path = |folder: &String, scale| format!("{folder}{name}{scale}.png");
        let paths = folders.iter().flat_map(|folder| ["@3x", "@2x", ""].map(|scale| path(folder, scale)));
        paths.into_iter().find_map(|path| self.files.get(&path)).cloned()
    }

    /// The translations into a language.
    pub(super) fn strings(&self, language: &str) -> Option<&[u8]> {
        self.files.get(&format!("{language}.lproj/pass.strings")).map(Vec::as_slice)
    }
}

fn unzip(bytes: &[u8]) -> Result<BTreeMap<String, Vec<u8>>, String> {
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(|error| format!("not a zip: {error}"))?;
    let mut files = BTreeMap::new();
    let mut left = LARGEST_BYTES;
    for number in 0..archive.len() {
        let file = archive.by_index(number).map_err(|error| format!("entry {number}: {error}"))?;
        let name = file.name().map_err(|error| format!("entry {number}: {error}"))?.into_owned();
        if name.contains('\\') {
            return Err(format!("{name}: folders are parted by forward slashes"));
        }
        if name.ends_with('/') {
            continue;
        }
        if name.split_once('/').is_some_and(|(folder, _)| !folder.ends_with(".lproj")) {
            return Err(format!("{name}: only translations stand in folders"));
        }
        let mut content = Vec::new();
        file.take(left).read_to_end(&mut content).map_err(|error| format!("{name}: {error}"))?;
        left -= content.len() as u64;
        if left == 0 {
            return Err(format!("more than {LARGEST_BYTES} bytes"));
        }
        if files.insert(name.clone(), content).is_some() {
            return Err(format!("{name} is there twice"));
        }
    }
    Ok(files)
}

fn check_manifest(files: &BTreeMap<String, Vec<u8>>) -> Result<(), String> {
    let manifest = json(files, "manifest.json")?;
    let manifest = manifest.as_object().ok_or("manifest.json is not an object")?;
    if files.get("signature").is_none_or(Vec::is_empty) {
        return Err("there is no signature".into());
    }
    if let Some(name) = manifest.keys().find(|name| !files.contains_key(*name)) {
        return Err(format!("{name} is in the manifest and not in the package"));
    }
    for (name, content) in files.iter().filter(|(name, _)| !OUTSIDE.contains(&name.as_str())) {
        let hash = hex::encode(digest(&SHA1_FOR_LEGACY_USE_ONLY, content));
        match manifest.get(name) {
            None => return Err(format!("No entry in manifest for file {name}")),
            Some(listed) if *listed != hash => return Err(format!("{name} is not what the manifest says")),
            Some(_) => {}
        }
    }
    Ok(())
}

fn json(files: &BTreeMap<String, Vec<u8>>, name: &str) -> Result<Value, String> {
    let content = files.get(name).ok_or_else(|| format!("there is no {name}"))?;
    serde_json::from_slice(content).map_err(|error| format!("{name}: {error}"))
}

fn text(pass: &Value, name: &str) -> Result<String, String> {
    match pass[name].as_str() {
        Some(text) if !text.is_empty() => Ok(text.to_owned()),
        _ => Err(format!("pass.json: {name} is missing")),
    }
}

/// A phone asks over TLS only; this machine is the exception, for a phone that is only played.
fn service_url(pass: &Value) -> Result<Url, String> {
    let url: Url = text(pass, "webServiceURL")?.parse().map_err(|error| format!("webServiceURL: {error}"))?;
    let is_here = matches!(url.host_str(), Some("localhost" | "127.0.0.1" | "[::1]"));
    match url.scheme() {
        "https" => Ok(url),
        "http" if is_here => Ok(url),
        _ => Err(format!("webServiceURL: {url} is not https")),
    }
}

fn token(pass: &Value) -> Result<String, String> {
    let token = text(pass, "authenticationToken")?;
    if token.len() < SHORTEST_TOKEN {
        return Err(format!("authenticationToken is shorter than {SHORTEST_TOKEN}"));
    }
    Ok(token)
}
