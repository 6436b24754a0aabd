//! The settings of campaign: `CAMPAIGN__…` in the environment over these defaults.

use std::net::SocketAddr;

use serde::Deserialize;

const DEFAULTS: &str = r#"
listen = "127.0.0.1:7104"
admin = "127.0.0.1:7204"
drain_ms = 2000
enrollment_url = "http://127.0.0.1:7101"
messaging_url = "http://127.0.0.1:7105"
service_secret = ""

[retention]
months = 24
detached = "drop"

[telemetry]

[database]
url = "postgres://sello_campaign@127.0.0.1:5432/sello"

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
    /// The way to messaging, for a process of its own.
    pub messaging_url: String,
    /// The secret that proves this service to enrollment.
    pub service_secret: String,
    /// How long sends stay, in months; the texts that customers agree to speak of as many.
    pub retention: boot::partition::Retention,
    /// Its schema.
    pub database: boot::database::Settings,
    /// The stream it reads and writes.
    pub nats: outbox::Settings,
    /// Its logs, traces and metrics.
    pub telemetry: boot::telemetry::Settings,
    /// Where the present comes from; only the making of a demonstration's history and tests set it.
    #[serde(skip)]
    pub clock: kernel::Clock,
}

impl Config {
    /// Reads the environment; what is missing or misspelt is an error that names it.
    pub fn load() -> Result<Self, config::ConfigError> {
        boot::settings::load("CAMPAIGN", DEFAULTS)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_defaults_are_a_whole_configuration() {
        assert_eq!(Config::load().unwrap().listen.port(), 7104);
    }
}
