//! Settings: the defaults a service ships, then its environment. A misspelt name is an error, not a silence.

use serde::de::DeserializeOwned;

/// Reads `defaults` (TOML), then every variable `<PREFIX>__…`, where `__` also divides sections
/// (`STAMPING__DATABASE__URL`).
///
/// The doubled underscore keeps out what an orchestrator sets by itself, such as `STAMPING_PORT`.
pub fn load<T: DeserializeOwned>(prefix: &str, defaults: &str) -> Result<T, config::ConfigError> {
    config::Config::builder()
        .add_source(config::File::from_str(defaults, config::FileFormat::Toml))
        .add_source(
            config::Environment::with_prefix(prefix).prefix_separator("__").separator("__").try_parsing(true),
        )
        .build()?
        .try_deserialize()
}
