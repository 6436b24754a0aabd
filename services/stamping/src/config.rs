//! Stamping's settings: `STAMPING__…` in the environment over these defaults.

use serde::Deserialize;

const DEFAULTS: &str = r#"
listen = "127.0.0.1:7102"
admin = "127.0.0.1:7202"
drain_ms = 2000
enrollment_url = "http://127.0.0.1:7101"
service_secret = ""
code_keys = ""
lanes = 2
search_cap = 40

[telemetry]

[database]
url = "postgres://sello_stamping@127.0.0.1:5432/sello"

[nats]
url = "nats://127.0.0.1:4222"
"#;

/// What stamping must be told.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Where gRPC is answered.
    pub listen: std::net::SocketAddr,
    /// Where `/healthz`, `/readyz` and `/metrics` are answered.
    pub admin: std::net::SocketAddr,
    /// How long it goes on answering after it was told to stop, in milliseconds, so that nobody calls one that is gone.
    pub drain_ms: u64,
    /// The way to enrollment, for a process of its own.
    pub enrollment_url: String,
    /// The secret that proves this service to enrollment.
    pub service_secret: String,
    /// Secrets of the codes, newest last: `1:<64 hexadecimal digits>`, divided by commas.
    pub code_keys: String,
    /// Transactions that may run at once.
    pub lanes: usize,
    /// Most stamps that one stamper gives by search in a day.
    pub search_cap: i32,
    /// The role `sello_stamping`.
    pub database: boot::database::Settings,
    /// The broker.
    pub nats: outbox::Settings,
    /// Logs and traces of a process of its own.
    pub telemetry: boot::telemetry::Settings,
    /// Where the present comes from; only the making of a demonstration's history sets it.
    #[serde(skip)]
    pub clock: kernel::Clock,
}

impl Config {
    /// Reads the environment; what is missing or misspelt is an error that names it.
    pub fn load() -> Result<Self, config::ConfigError> {
        boot::settings::load("STAMPING", DEFAULTS)
    }

    /// The secrets of the codes by their ids.
    pub(crate) fn code_secrets(&self) -> Option<Vec<(u8, Vec<u8>)>> {
        self.code_keys
            .split(',')
            .map(|pair| {
                let (id, secret) = pair.split_once(':')?;
                Some((id.trim().parse().ok()?, hex::decode(secret.trim()).ok()?))
            })
            .collect()
    }
}
