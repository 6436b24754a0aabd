//! What can be set, by `ENROLLMENT__…`.

use std::net::SocketAddr;

use kernel::Clock;
use serde::Deserialize;

/// The settings of this service. `DEFAULTS` holds every one that has a default.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Where gRPC is answered.
    pub listen: SocketAddr,
    /// Where health and metrics are answered.
    pub admin: SocketAddr,
    /// How long it goes on answering after it was told to stop, in milliseconds, so that nobody calls one that is gone.
    pub drain_ms: u64,
    /// Its schema's role and database.
    pub database: boot::database::Settings,
    /// The broker.
    pub nats: outbox::Settings,
    /// Logs and traces.
    #[serde(default)]
    pub telemetry: boot::telemetry::Settings,
    /// What services of this deployment prove themselves with. Empty: nobody can.
    pub service_secret: String,
    /// What the operator proves herself with. Empty: nobody can.
    pub operator_secret: String,
    /// What the consent texts say about this deployment.
    pub privacy: Privacy,
    /// Where the present comes from; not a setting, but what tests and the making of a history replace.
    #[serde(skip)]
    pub clock: Clock,
}

/// What the consent texts say about this deployment.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Privacy {
    /// Who runs it on behalf of the businesses.
    pub processor: String,
    /// Who gets personal data outside Peru, as a Spanish sentence lists them.
    pub recipients_es: String,
    /// The same in English.
    pub recipients_en: String,
    /// How many months data are kept after the last visit.
    pub retention_months: u32,
}

const DEFAULTS: &str = r#"
listen = "127.0.0.1:7101"
admin = "127.0.0.1:7201"
drain_ms = 2000
service_secret = ""
operator_secret = ""

[database]
url = "postgres://sello_enrollment@127.0.0.1:5432/sello"

[nats]
url = "nats://127.0.0.1:4222"

[privacy]
processor = "Sello"
recipients_es = "Twilio y Meta (mensajes de WhatsApp), Apple, Google, Microsoft y Mozilla (tarjeta y avisos en el celular), todas de Estados Unidos"
recipients_en = "Twilio and Meta (WhatsApp messages), Apple, Google, Microsoft and Mozilla (the card and notices on the phone), all of the United States"
retention_months = 24
"#;

impl Config {
    /// The defaults, then the environment.
    pub fn load() -> Result<Self, config::ConfigError> {
        boot::settings::load("ENROLLMENT", DEFAULTS)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_defaults_are_complete_and_let_nobody_in() {
        let config: Config = boot::settings::load("ENROLLMENT_DEFAULTS_ALONE", DEFAULTS).unwrap();
        assert!(config.service_secret.is_empty() && config.operator_secret.is_empty());
    }
}
