//! Opens a `.pkpass` as the strictest phone would: every complaint that keeps a pass from installing, or makes it
//! show less than was meant, is a [`Broken`] that says where.
//!
//! One thing a phone asks is not asked here: whether the chain ends at Apple. [`Opened::is_development`] and
//! [`Opened::generation`] tell who signed.

mod broken;
mod content;
mod fields;
mod package;
mod signature;

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde_json::Value;

pub use broken::Broken;

/// A pass in which nothing is broken.
#[derive(Clone, Debug)]
pub struct Opened {
    files: BTreeMap<String, Vec<u8>>,
    json: Value,
    signed_at: DateTime<Utc>,
    generation: Option<String>,
    development: bool,
}

impl Opened {
    /// Unpacks a `.pkpass` and checks all of it.
    pub fn read(pkpass: &[u8]) -> Result<Self, Broken> {
        let files = package::unpack(pkpass, package::MOST_OF_A_PASS)?;
        let manifest = package::check_manifest(&files)?;
        let json: Value = serde_json::from_slice(package::file(&files, "pass.json")?)
            .map_err(|error| Broken::PassJson(error.to_string()))?;
        let signed = signature::check(package::file(&files, "signature")?, manifest, &json)?;
        package::check_images(&files)?;
        content::check(&json, &content::texts(&files)?, signed.development)?;
        Ok(Self {
            files,
            json,
            signed_at: signed.at,
            generation: signed.generation,
            development: signed.development,
        })
    }

    /// What the pass says: its `pass.json`.
    pub fn json(&self) -> &Value {
        &self.json
    }

    /// The content of one of its files.
    pub fn file(&self, path: &str) -> Option<&[u8]> {
        self.files.get(path).map(Vec::as_slice)
    }

    /// The paths of its files, the manifest and the signature among them.
    pub fn paths(&self) -> impl Iterator<Item = &str> {
        self.files.keys().map(String::as_str)
    }

    /// The serial number.
    pub fn serial(&self) -> &str {
        text(&self.json, "serialNumber")
    }

    /// The pass type, which is also the certificate's.
    pub fn pass_type(&self) -> &str {
        text(&self.json, "passTypeIdentifier")
    }

    /// Where it is kept up to date and the token to show there, if it is.
    pub fn web_service(&self) -> Option<(&str, &str)> {
        let url = self.json.get("webServiceURL")?.as_str()?;
        Some((url, text(&self.json, "authenticationToken")))
    }

    /// The value of a field of a style, in whatever group it is.
    pub fn value(&self, style: &str, key: &str) -> Option<&Value> {
        let groups = self.json.get(style)?.as_object()?;
        let mut fields = groups.values().filter_map(Value::as_array).flatten();
        fields.find(|field| text(field, "key") == key)?.get("value")
    }

    /// When it was signed.
    pub fn signed_at(&self) -> DateTime<Utc> {
        self.signed_at
    }

    /// The generation of Apple's intermediate certificate: `G4`.
    pub fn generation(&self) -> Option<&str> {
        self.generation.as_deref()
    }

    /// Whether a development signer signed it.
    pub fn is_development(&self) -> bool {
        self.development
    }
}

/// Unpacks a `.pkpasses` into its passes, unread, in their order.
pub fn unbundle(pkpasses: &[u8]) -> Result<Vec<Vec<u8>>, Broken> {
    let files = package::unpack(pkpasses, package::MOST_OF_A_BUNDLE)?;
    match files.keys().find(|path| !path.ends_with(".pkpass")) {
        Some(other) => Err(Broken::NotAPass(other.clone())),
        None => {
            let mut passes: Vec<_> = files.into_iter().collect();
            // `10.pkpass` comes after `9.pkpass`.
            passes.sort_by_key(|(path, _)| path.len());
            Ok(passes.into_iter().map(|(_, pass)| pass).collect())
        }
    }
}

/// The text under a key, or an empty one.
fn text<'a>(json: &'a Value, key: &str) -> &'a str {
    json.get(key).and_then(Value::as_str).unwrap_or_default()
}
