use std::time::Duration;

use kernel::Clock;

use super::http::AddressError;

/// Where Google Wallet answers.
pub(super) const API_URL: &str = "https://walletobjects.googleapis.com";
/// Where it shows the keys that vouch for callbacks.
const CALLBACK_KEYS_URL: &str = "https://pay.google.com/gp/m/issuer/keys";
/// What a save link begins with.
const SAVE_URL: &str = "https://pay.google.com/gp/v/save";
/// How long one request may take. Google answers a PATCH within a second on most days.
const TIMEOUT: Duration = Duration::from_secs(10);

/// What a [`super::Client`] needs to know. It holds a private key, so it cannot be printed.
#[derive(Clone)]
pub struct Settings {
    /// The issuer's number, from the Google Pay and Wallet Console.
    pub issuer_id: String,
    /// The key file of a service account that may act for the issuer, as Google hands it out.
    pub service_account_json: String,
    /// The scheme, host and port of the API.
    pub api_url: String,
    /// The address of the keys that vouch for callbacks.
    pub callback_keys_url: String,
    /// What a save link begins with.
    pub save_url: String,
    /// The sites that show a save button, for save links.
    pub origins: Vec<String>,
    /// How long one request may take.
    pub timeout: Duration,
    /// Where the time comes from, for assertions and for what is cached.
    pub clock: Clock,
}

impl Settings {
    /// The real Google Wallet, with this issuer and account.
    pub fn new(issuer_id: impl Into<String>, service_account_json: impl Into<String>) -> Self {
        Self {
            issuer_id: issuer_id.into(),
            service_account_json: service_account_json.into(),
            api_url: API_URL.into(),
            callback_keys_url: CALLBACK_KEYS_URL.into(),
            save_url: SAVE_URL.into(),
            origins: Vec::new(),
            timeout: TIMEOUT,
            clock: Clock::System,
        }
    }
}

/// Why there can be no client.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// The issuer is not a number.
    #[error("the issuer id is not a number")]
    IssuerId,
    /// The key file is not one of a service account. Nothing of it is repeated here.
    #[error("the service account's key file has no readable {0}")]
    ServiceAccount(&'static str),
    /// An address cannot be used.
    #[error("{name}: {problem}")]
    Address {
        /// Which one.
        name: &'static str,
        /// What is wrong with it.
        problem: AddressError,
    },
    /// There is no HTTP client.
    #[error("HTTP client")]
    Http(#[from] reqwest::Error),
}

#[cfg(test)]
mod tests {
    use crate::config::GoogleConfig;

    use super::API_URL;

    #[test]
    fn whoever_names_no_address_speaks_to_google_itself() {
        let least = serde_json::json!({ "issuer_id": "1", "service_account": "account.json" });
        assert_eq!(serde_json::from_value::<GoogleConfig>(least).unwrap().api_url, API_URL);
    }
}
