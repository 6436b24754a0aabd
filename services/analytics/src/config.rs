//! The settings of analytics.

use std::net::SocketAddr;

use serde::Deserialize;

/// What ships; the environment (`ANALYTICS__DATABASE__URL`, …) comes on top.
const DEFAULTS: &str = r#"
listen = "127.0.0.1:7107"
admin = "127.0.0.1:7207"
drain_ms = 2000
enrollment_url = "http://127.0.0.1:7101"
replica = ""

[database]
url = "postgres://sello_analytics@127.0.0.1:5432/sello"

[nats]
url = "nats://127.0.0.1:4222"

[telemetry]
"#;

/// Everything that can be set.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Where it answers gRPC.
    pub listen: SocketAddr,
    /// Where it answers operators: health and metrics.
    pub admin: SocketAddr,
    /// How long it goes on answering after it was told to stop, in milliseconds, so that nobody calls one that is gone.
    pub drain_ms: u64,
    /// Where enrollment answers, for the keys that tokens are checked with.
    pub enrollment_url: String,
    /// Its schema.
    pub database: boot::database::Settings,
    /// A streaming replica that answers questions while it keeps up: `host:port`, with the role, password and name of
    /// `database`, or a URL. Empty: there is none.
    pub replica: String,
    /// The stream it reads.
    pub nats: outbox::Settings,
    /// Its logs, traces and metrics.
    pub telemetry: boot::telemetry::Settings,
}

impl Config {
    /// The defaults, and the environment over them.
    pub fn load() -> Result<Self, config::ConfigError> {
        boot::settings::load("ANALYTICS", DEFAULTS)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_defaults_are_a_whole_configuration() {
        assert_eq!(Config::load().unwrap().database.max_connections, 10);
    }
}
