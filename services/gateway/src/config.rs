//! The gateway's settings. The defaults run on one machine; every one can be set by `GATEWAY__…`.

use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;

use ipnet::IpNet;
use serde::{Deserialize, Deserializer};

/// The defaults, which are also the manual.
const DEFAULTS: &str = include_str!("../config.default.toml");

/// What a gateway is told.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Where pages and API are served.
    pub listen: SocketAddr,
    /// Where operators ask: health, readiness, metrics.
    pub admin: SocketAddr,
    /// How long it goes on answering after it was told to stop, in milliseconds, so that nobody calls one that is gone.
    pub drain_ms: u64,
    /// Logs and traces.
    pub telemetry: boot::telemetry::Settings,
    /// The broker, whose stream feeds the WebSockets.
    pub nats: outbox::Settings,
    /// Where enrollment answers, when it is another process: `http://host:port`.
    pub enrollment_url: String,
    /// Where stamping answers.
    pub stamping_url: String,
    /// Where analytics answers.
    pub analytics_url: String,
    /// The way to wallet-pass, for a process of its own.
    pub wallet_pass_url: String,
    /// Where campaign answers.
    pub campaign_url: String,
    /// Where messaging answers.
    pub messaging_url: String,
    /// The secret that the services of one deployment share.
    pub service_secret: String,
    /// What people type: `https://sello.example`. Empty: taken from each request's own `Host`.
    #[serde(deserialize_with = "without_slash")]
    pub public_url: String,
    /// The page of pretend phones that stands in for `https://wa.me` in a demonstration. Empty: WhatsApp itself.
    pub pretend_phones: String,
    /// The built pages.
    pub pages_dir: PathBuf,
    /// Whether requests are limited. Sign-in and PIN tries always are, in enrollment.
    pub rate_limits: Switch,
    /// How many requests are too many.
    pub limits: LimitSettings,
    /// Proxies whose `X-Forwarded-For` is believed: addresses or networks, divided by commas.
    pub trusted_proxies: Networks,
}

/// On or off.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Switch {
    /// In force.
    On,
    /// Lifted, for load tests.
    Off,
}

/// Requests a key may make: so many a second in the long run, and so many at once.
#[derive(Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rate {
    /// Requests a minute in the long run; at least 1.
    pub per_minute: u32,
    /// Requests at once; at least 1.
    pub burst: u32,
}

/// The limits by what they count.
#[derive(Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LimitSettings {
    /// Every request to the API, by the client's address. Loose: a carrier's customers share one.
    pub address: Rate,
    /// Joins, by shop and address.
    pub join: Rate,
    /// Requests of tills, panels and keys, by their business.
    pub business: Rate,
}

impl Config {
    /// The defaults, then the environment.
    pub fn load() -> Result<Self, config::ConfigError> {
        boot::settings::load("GATEWAY", DEFAULTS)
    }
}

/// A list of networks, written `10.0.0.0/8, 127.0.0.1`.
#[derive(Clone, Debug, Default)]
pub struct Networks(Vec<IpNet>);

impl Networks {
    /// True for an address inside one of them.
    pub fn contain(&self, address: IpAddr) -> bool {
        self.0.iter().any(|network| network.contains(&address))
    }

    fn parse(text: &str) -> Result<Self, ipnet::AddrParseError> {
        let words = text.split(',').map(str::trim).filter(|word| !word.is_empty());
        words
            .map(|word| match word.parse::<IpAddr>() {
                Ok(address) => Ok(IpNet::from(address)),
                Err(_) => word.parse(),
            })
            .collect::<Result<_, _>>()
            .map(Self)
    }
}

impl<'de> Deserialize<'de> for Networks {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).map_err(|_| serde::de::Error::custom(format!("not a list of networks: {text}")))
    }
}

fn without_slash<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    Ok(String::deserialize(deserializer)?.trim_end_matches('/').to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_defaults_are_a_whole_configuration() {
        let config: Config = boot::settings::load("GATEWAY_TEST", DEFAULTS).unwrap();
        assert_eq!(config.rate_limits, Switch::On);
        assert!(config.public_url.is_empty());
        assert!(config.pretend_phones.is_empty(), "unasked, chats open on WhatsApp");
    }

    #[test]
    fn a_network_and_a_single_address_are_both_understood() {
        let networks = Networks::parse("10.0.0.0/8, ::1").unwrap();
        assert!(networks.contain("10.1.2.3".parse().unwrap()));
        assert!(networks.contain("::1".parse().unwrap()));
        assert!(!networks.contain("11.0.0.1".parse().unwrap()));
        assert!(Networks::parse("10.0.0.0/99").is_err());
    }
}
