//! A platform that runs elsewhere, as the environment names it: `SELLO__ENROLLMENT_URL=http://sello-enrollment:7101` and so on.

use anyhow::{Context, ensure};
use serde::Deserialize;

/// What begins every variable.
const PREFIX: &str = "SELLO__";

/// Where its services answer, and what proves the operator to them.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Elsewhere {
    pub(crate) enrollment_url: String,
    pub(crate) stamping_url: String,
    pub(crate) analytics_url: String,
    pub(crate) wallet_pass_url: String,
    pub(crate) messaging_url: String,
    pub(crate) campaign_url: String,
    /// Where its gateways would answer; only what needs them to be stopped asks.
    gateway_url: String,
    /// Enrollment's `ENROLLMENT__OPERATOR_SECRET`.
    pub(crate) operator_secret: String,
}

impl Elsewhere {
    /// Reads the environment; `None` where it names no such platform.
    pub(crate) fn from_environment() -> anyhow::Result<Option<Self>> {
        if !std::env::vars_os().any(|(name, _)| name.to_string_lossy().starts_with(PREFIX)) {
            return Ok(None);
        }
        let read: Self = boot::settings::load("SELLO", "")?;
        read.complete().map(Some)
    }

    fn complete(self) -> anyhow::Result<Self> {
        let needed = [
            ("ENROLLMENT_URL", &self.enrollment_url),
            ("STAMPING_URL", &self.stamping_url),
            ("ANALYTICS_URL", &self.analytics_url),
            ("WALLET_PASS_URL", &self.wallet_pass_url),
            ("MESSAGING_URL", &self.messaging_url),
            ("CAMPAIGN_URL", &self.campaign_url),
            ("OPERATOR_SECRET", &self.operator_secret),
        ];
        let missing: Vec<String> = needed
            .into_iter()
            .filter(|(_, value)| value.trim().is_empty())
            .map(|(name, _)| format!("{PREFIX}{name}"))
            .collect();
        ensure!(
            missing.is_empty(),
            "a platform elsewhere needs all of its addresses; missing: {}",
            missing.join(", ")
        );
        Ok(self)
    }

    /// `host:port` of the gateways.
    pub(crate) fn gateway(&self) -> anyhow::Result<String> {
        let name = format!("{PREFIX}GATEWAY_URL");
        ensure!(!self.gateway_url.is_empty(), "{name} is missing: the gateways must be seen to be stopped");
        let uri: http::Uri = self.gateway_url.parse().with_context(|| format!("{name} is no address"))?;
        let host = uri.host().with_context(|| format!("{name} has no host; expected http://host:port"))?;
        Ok(format!("{host}:{}", uri.port_u16().unwrap_or(80)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn whole() -> Elsewhere {
        let uri = || "http://sello:7101".to_owned();
        Elsewhere {
            enrollment_url: uri(),
            stamping_url: uri(),
            analytics_url: uri(),
            wallet_pass_url: uri(),
            messaging_url: uri(),
            campaign_url: uri(),
            gateway_url: String::new(),
            operator_secret: "word".to_owned(),
        }
    }

    #[test]
    fn everything_that_is_missing_is_named_in_one_sentence() {
        assert!(whole().complete().is_ok());
        let less = Elsewhere { stamping_url: " ".into(), operator_secret: String::new(), ..whole() };
        let refusal = less.complete().unwrap_err().to_string();
        assert!(refusal.ends_with("missing: SELLO__STAMPING_URL, SELLO__OPERATOR_SECRET"), "{refusal}");
    }

    #[test]
    fn the_gateways_are_looked_for_where_they_are_said_to_be() {
        let at = |url: &str| Elsewhere { gateway_url: url.into(), ..whole() }.gateway();
        assert_eq!(at("http://sello-gateway:8080").unwrap(), "sello-gateway:8080");
        assert_eq!(at("http://sello-gateway").unwrap(), "sello-gateway:80");
        assert!(at("").unwrap_err().to_string().starts_with("SELLO__GATEWAY_URL is missing"));
        assert!(at("/path").is_err());
    }
}
