//! The settings of wallet-pass: `WALLET_PASS__…` in the environment over these defaults.

use std::net::SocketAddr;
use std::path::PathBuf;

use serde::Deserialize;

const DEFAULTS: &str = r#"
listen = "127.0.0.1:7106"
admin = "127.0.0.1:7206"
drain_ms = 2000
enrollment_url = "http://127.0.0.1:7101"
stamping_url = "http://127.0.0.1:7102"
service_secret = ""
link_secret = ""
public_url = ""
objects = "data/objects"

[telemetry]

[database]
url = "postgres://sello_wallet_pass@127.0.0.1:5432/sello"

[nats]
url = "nats://127.0.0.1:4222"
"#;

/// Everything that can be set.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Where gRPC is answered.
    pub listen: SocketAddr,
    /// Where health and metrics are answered.
    pub admin: SocketAddr,
    /// How long it goes on answering after it was told to stop, in milliseconds, so that nobody calls one that is gone.
    pub drain_ms: u64,
    /// The way to enrollment, for a process of its own.
    pub enrollment_url: String,
    /// The way to stamping, for a process of its own.
    pub stamping_url: String,
    /// The secret that proves this service to enrollment.
    pub service_secret: String,
    /// What links to passes and the passes' own tokens are made with: 64 hexadecimal digits. Changing it breaks every pass
    /// that is out.
    pub link_secret: String,
    /// The address that phones reach the gateway by, without a slash at its end.
    pub public_url: String,
    /// Where logos and made passes are kept: a folder, or `s3://bucket/prefix?endpoint=…` with the usual `AWS_…` in the
    /// environment.
    pub objects: String,
    /// Absent: no passes for Apple Wallet.
    #[serde(default)]
    pub apple: Option<AppleConfig>,
    /// Absent: no passes for Google Wallet.
    #[serde(default)]
    pub google: Option<GoogleConfig>,
    /// Absent: no notices in browsers.
    #[serde(default)]
    pub web: Option<WebConfig>,
    /// Its schema.
    pub database: boot::database::Settings,
    /// The stream it reads and writes.
    pub nats: outbox::Settings,
    /// Its logs, traces and metrics.
    pub telemetry: boot::telemetry::Settings,
    /// Where the present comes from; only the making of a demonstration's history sets it.
    #[serde(skip)]
    pub clock: kernel::Clock,
}

/// What signs passes and speaks to Apple.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AppleConfig {
    /// `pass.pe.example.sello`.
    pub pass_type: String,
    /// Ten letters and digits.
    pub team: String,
    /// The certificate and key of the pass type, as Keychain exports them.
    pub p12: PathBuf,
    /// What opens it.
    pub p12_password: String,
    /// Apple's intermediate certificate (WWDR G4 or later), where the p12 does not hold it.
    #[serde(default)]
    pub intermediate: Option<PathBuf>,
    /// Apple's push service.
    #[serde(default = "apns")]
    pub apns_url: String,
    /// An authority to trust instead of the public ones; for tests.
    #[serde(default)]
    pub apns_authority: Option<PathBuf>,
}

fn apns() -> String {
    "https://api.push.apple.com".to_owned()
}

/// What speaks to Google.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GoogleConfig {
    /// The issuer's number.
    pub issuer_id: String,
    /// The service account's key file (JSON).
    pub service_account: PathBuf,
    /// Google Wallet's API.
    #[serde(default = "google_api")]
    pub api_url: String,
    /// Where Google publishes the keys of its callbacks.
    #[serde(default = "google_keys")]
    pub callback_keys_url: String,
    /// What links that save a card begin with.
    #[serde(default = "google_save")]
    pub save_url: String,
}

/// What tells browsers.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WebConfig {
    /// Our private key of P-256: 32 bytes in base64url. Changing it ends every subscription, until its card is opened again.
    pub key: String,
    /// How push services reach whoever runs this: `mailto:…` or `https://…`. Empty: `public_url`, where that is https.
    #[serde(default)]
    pub subject: String,
    /// Push services that are taken beside those of the browsers' makers: `https://host`, divided by commas.
    #[serde(default)]
    pub services: String,
}

fn google_api() -> String {
    "https://walletobjects.googleapis.com".to_owned()
}

fn google_keys() -> String {
    "https://pay.google.com/gp/m/issuer/keys".to_owned()
}

fn google_save() -> String {
    "https://pay.google.com/gp/v/save".to_owned()
}

impl Config {
    /// Reads the environment; what is missing or misspelt is an error that names it.
    pub fn load() -> Result<Self, config::ConfigError> {
        boot::settings::load("WALLET_PASS", DEFAULTS)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_defaults_are_a_whole_configuration_without_any_wallet() {
        let config = Config::load().unwrap();
        assert!(config.apple.is_none() && config.google.is_none() && config.web.is_none());
    }
}
