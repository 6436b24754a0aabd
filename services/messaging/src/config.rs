//! The settings of messaging: `MESSAGING__…` in the environment over these defaults.

use std::net::SocketAddr;
use std::time::Duration;

use serde::Deserialize;

const DEFAULTS: &str = r#"
listen = "127.0.0.1:7105"
admin = "127.0.0.1:7205"
drain_ms = 2000
enrollment_url = "http://127.0.0.1:7101"
stamping_url = "http://127.0.0.1:7102"
service_secret = ""
address_secret = ""
public_url = ""
provider = "off"
in_doubt_after_ms = 90000
provider_timeout_ms = 10000
poll_after_ms = 300000

[retention]
months = 24
detached = "drop"

[telemetry]

[database]
url = "postgres://sello_messaging@127.0.0.1:5432/sello"

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
    /// What addresses are hashed with: 64 hexadecimal digits. Changing it forgets every opt-out.
    pub address_secret: String,
    /// The address that the provider reaches the gateway by, without a slash at its end. Callbacks are signed over it.
    pub public_url: String,
    /// Who answers in place of WhatsApp: `live`, `fake` (the demonstration), `off`.
    pub provider: String,
    /// Absent: nothing is sent.
    #[serde(default)]
    pub twilio: Option<TwilioConfig>,
    /// How long a callback is waited for before the provider is asked about a message in doubt, in milliseconds.
    pub in_doubt_after_ms: u64,
    /// How long one call to the provider may take, in milliseconds.
    pub provider_timeout_ms: u64,
    /// How long a message may be silent before the provider is asked how it stands, in milliseconds.
    pub poll_after_ms: u64,
    /// How long messages and their attempts stay, in months; the texts that customers agree to speak of as many.
    pub retention: boot::partition::Retention,
    /// Its schema.
    pub database: boot::database::Settings,
    /// The stream it reads and writes.
    pub nats: outbox::Settings,
    /// Its logs, traces and metrics.
    pub telemetry: boot::telemetry::Settings,
    /// Where the present comes from; only tests and the making of a demonstration's history set it.
    #[serde(skip)]
    pub clock: kernel::Clock,
}

/// The account at Twilio.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TwilioConfig {
    /// `AC…`.
    pub account_sid: String,
    /// The account's primary token: callbacks are signed with it, and calls made where there is no key.
    pub auth_token: String,
    /// `SK…`: calls are made with it where it is set.
    #[serde(default)]
    pub api_key: Option<String>,
    /// The key's secret.
    #[serde(default)]
    pub api_secret: Option<String>,
    /// Twilio's API.
    #[serde(default = "twilio_api")]
    pub base_url: String,
}

fn twilio_api() -> String {
    "https://api.twilio.com".to_owned()
}

impl Config {
    /// Reads the environment; what is missing or misspelt is an error that names it.
    pub fn load() -> Result<Self, config::ConfigError> {
        boot::settings::load("MESSAGING", DEFAULTS)
    }

    pub(crate) fn in_doubt_after(&self) -> Duration {
        Duration::from_millis(self.in_doubt_after_ms)
    }

    pub(crate) fn provider_timeout(&self) -> Duration {
        Duration::from_millis(self.provider_timeout_ms)
    }

    pub(crate) fn poll_after(&self) -> Duration {
        Duration::from_millis(self.poll_after_ms)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_defaults_are_a_whole_configuration_without_any_provider() {
        let config = Config::load().unwrap();
        assert!(config.twilio.is_none() && config.provider == "off");
    }
}
