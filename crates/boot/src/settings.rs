//! Settings: the defaults a service ships, then its environment. A misspelt name is an error, not a silence.

use serde::de::DeserializeOwned;

/// Reads `defaults` (TOML), then every variable `<PREFIX>__…`, where `__` also divides sections
/// (`STAMPING__DATABASE__URL`).
///
/// The doubled underscore keeps out what an orchestrator sets by itself, such as `STAMPING_PORT`.
pub fn load<T: DeserializeOwned>(prefix: &str, defaults: &str) -> Result<T, config::ConfigError> {
    config::Config::builder()
        .add_source(config::File::from_str(defaults, config::FileFormat::Toml))
        .add_source(environment(prefix))
        .build()?
        .try_deserialize()
}

/// Texts stay texts until their field says otherwise: a password of digits keeps its zeros.
fn environment(prefix: &str) -> config::Environment {
    config::Environment::with_prefix(prefix).prefix_separator("__").separator("__")
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize, PartialEq)]
    struct Told {
        password: String,
        ratio: f64,
        most: u32,
        is_on: bool,
    }

    #[test]
    fn a_field_says_what_a_text_of_the_environment_is() {
        let told = [("PASSWORD", "0042"), ("RATIO", "0.5"), ("MOST", "7"), ("IS_ON", "true")];
        let source = told.map(|(name, value)| (format!("SETTINGSTEST__{name}"), value.to_owned()));
        let environment = environment("SETTINGSTEST").source(Some(source.into_iter().collect()));
        let read: Told =
            config::Config::builder().add_source(environment).build().unwrap().try_deserialize().unwrap();
        assert_eq!(read, Told { password: "0042".into(), ratio: 0.5, most: 7, is_on: true });
    }
}
