//! What this `DATA` alone knows: passwords and keys, made at random on the first run.

use std::collections::BTreeMap;
use std::fs::{self, OpenOptions};
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use anyhow::Context;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rand::Rng;
use rand::distr::Alphanumeric;
use serde::{Deserialize, Serialize};

/// The services that have a schema, a role and a NATS user of their own.
const SERVICES: [&str; 7] =
    ["analytics", "campaign", "enrollment", "gateway", "messaging", "stamping", "wallet_pass"];

/// Passwords and keys of one `DATA`.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Secrets {
    /// PostgreSQL's administrator.
    pub(crate) postgres: String,
    /// By service.
    pub(crate) services: BTreeMap<String, ServiceSecrets>,
    /// With which services prove themselves to enrollment.
    pub(crate) service: String,
    /// With which the operator does.
    pub(crate) operator: String,
    /// The keys of the codes, `1:<hex>`.
    pub(crate) code_keys: String,
    /// What links to passes are made with, in hexadecimal.
    #[serde(default)]
    pub(crate) pass_links: String,
    /// What addresses that messages go to are hashed with, in hexadecimal.
    #[serde(default)]
    pub(crate) addresses: String,
    /// The private key by which push services of browsers know us, in base64url.
    #[serde(default)]
    pub(crate) web_push: String,
    /// The demonstration's sign-in, if it was made.
    #[serde(default)]
    pub(crate) demo: Option<DemoSignIn>,
}

/// What one service proves itself with.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct ServiceSecrets {
    /// To PostgreSQL.
    pub(crate) postgres: String,
    /// To NATS.
    pub(crate) nats: String,
}

/// How a person gets into the demonstration.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct DemoSignIn {
    /// The owner's address.
    pub(crate) email: String,
    /// The owner's password.
    pub(crate) password: String,
    /// The stamper's name.
    pub(crate) stamper: String,
    /// The stamper's PIN.
    pub(crate) pin: String,
    /// The shop's slug.
    pub(crate) slug: String,
    /// A customer's card to begin with: the path and fragment of its page.
    pub(crate) card_path: String,
}

impl Secrets {
    /// Reads `data/secrets.json`, or makes it.
    pub(crate) fn load(data: &Path) -> anyhow::Result<Self> {
        let path = data.join("secrets.json");
        if path.is_file() {
            return Self::read(&path)?.completed(data);
        }
        let secrets = Self {
            postgres: word(32),
            services: BTreeMap::new(),
            service: word(40),
            operator: word(40),
            code_keys: format!("1:{}", key()),
            pass_links: String::new(),
            addresses: String::new(),
            web_push: String::new(),
            demo: None,
        };
        secrets.completed(data)
    }

    /// Reads what a platform kept.
    pub(crate) fn read(path: &Path) -> anyhow::Result<Self> {
        let cannot = || format!("{} cannot be read", path.display());
        let text = fs::read_to_string(path).with_context(cannot)?;
        serde_json::from_str(&text).with_context(cannot)
    }

    /// What cannot be made anew without a loss: its name, itself, and the loss.
    pub(crate) fn irreplaceable(&self) -> [(&'static str, &str, &'static str); 3] {
        [
            ("code_keys", &self.code_keys, "no code that customers hold opens a card"),
            ("addresses", &self.addresses, "nobody is known who wanted no more messages"),
            ("pass_links", &self.pass_links, "no pass that lies in a wallet changes any more"),
        ]
    }

    /// Adds what services need that this folder has not met yet: a new one's, or one that came with a newer version.
    fn completed(mut self, data: &Path) -> anyhow::Result<Self> {
        let missing: Vec<&str> =
            SERVICES.into_iter().filter(|name| !self.services.contains_key(*name)).collect();
        let known = [&self.pass_links, &self.addresses, &self.web_push];
        if missing.is_empty() && known.iter().all(|made| !made.is_empty()) {
            return Ok(self);
        }
        for name in missing {
            self.services.insert(name.to_owned(), ServiceSecrets { postgres: word(32), nats: word(32) });
        }
        for made in [&mut self.pass_links, &mut self.addresses] {
            if made.is_empty() {
                *made = key();
            }
        }
        if self.web_push.is_empty() {
            // Nearly every number of 32 bytes is a key of P-256; one with a zero at its beginning always is.
            let mut key: [u8; 32] = rand::rng().random();
            key[0] = 0;
            self.web_push = URL_SAFE_NO_PAD.encode(key);
        }
        self.save(data)?;
        Ok(self)
    }

    /// Writes the file whole, readable by its owner alone.
    pub(crate) fn save(&self, data: &Path) -> anyhow::Result<()> {
        self.write(&data.join("secrets.json"))
    }

    /// Writes such a file, whole or not at all.
    pub(crate) fn write(&self, path: &Path) -> anyhow::Result<()> {
        let new = path.with_extension("json.new");
        let mut file = OpenOptions::new().create(true).write(true).truncate(true).mode(0o600).open(&new)?;
        file.write_all(serde_json::to_string_pretty(self)?.as_bytes())?;
        file.sync_all()?;
        fs::rename(&new, path).with_context(|| format!("cannot write {}", path.display()))
    }
}

/// A key of 32 bytes in hexadecimal.
fn key() -> String {
    hex::encode(rand::rng().random::<[u8; 32]>())
}

/// A word that nobody guesses.
pub(crate) fn word(length: usize) -> String {
    rand::rng().sample_iter(Alphanumeric).take(length).map(char::from).collect()
}
