//! Web Push: what a shop has to say, sent to the browsers that asked for it on a card's page.
//!
//! - [`services`] says which addresses are sent to at all: they come from outside.
//! - [`encryption`] makes a message that the browser alone can read (RFC 8291).
//! - [`vapid`] tells the push service who sends (RFC 8292).
//! - [`client`] sends (RFC 8030) and reads the answer.
//!
//! None of it needs an account anywhere: a key pair of our own is all.

pub mod client;
pub mod encryption;
pub mod services;
pub mod vapid;

use kernel::Invalid;
use reqwest::Url;

use self::client::Client;
use self::encryption::Keys;
use self::services::Services;
use self::vapid::Vapid;
use crate::config::WebConfig;

/// The way to browsers.
pub(crate) struct Web {
    pub(crate) client: Client,
    services: Services,
}

/// A browser that wants to hear of a card, as its page says.
pub(crate) struct Browser {
    pub(crate) endpoint: String,
    pub(crate) keys: Keys,
}

impl Web {
    /// Reads the key; a bad one is found at the start.
    pub(crate) fn open(config: &WebConfig, public_url: &str) -> anyhow::Result<Self> {
        let services = Services::known_and(&config.services)?;
        let subject = match config.subject.as_str() {
            // Apple takes no message whose sender cannot be reached.
            "" if public_url.starts_with("https://") => Some(public_url.to_owned()),
            "" => None,
            subject => Some(subject.to_owned()),
        };
        let client = Client::new(Vapid::open(&config.key, subject)?, services.has_loopback())?;
        Ok(Self { client, services })
    }

    /// Whether a push service is taken that is none of the browsers' makers.
    pub(crate) fn is_on_trial(&self) -> bool {
        self.services.has_loopback()
    }

    /// Where a browser's messages go, if they still may go there.
    pub(crate) fn url(&self, endpoint: &str) -> Option<Url> {
        self.services.read(endpoint).ok()
    }

    /// Reads what a page says of its browser.
    pub(crate) fn browser(&self, endpoint: &str, p256dh: &str, auth: &str) -> Result<Browser, Invalid> {
        let endpoint = self.services.read(endpoint)?.to_string();
        Ok(Browser { endpoint, keys: Keys::read(p256dh, auth)? })
    }
}
