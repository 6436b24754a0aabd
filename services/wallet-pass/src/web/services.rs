//! Push services that are sent to. A browser says where its messages go, so whoever writes to the API could have us ask any
//! machine for anything; hence only the services of the browsers' makers are believed, and what the operator adds.

use kernel::Invalid;
use reqwest::Url;

/// The services of Chrome and Edge on most systems, of Firefox, of Safari, and of Edge on Windows; a dot at the beginning
/// stands for any name before it.
const KNOWN: [&str; 4] =
    ["fcm.googleapis.com", "updates.push.services.mozilla.com", ".push.apple.com", ".notify.windows.com"];
/// Characters of an address that is believed; the longest in use are half of it.
const LONGEST_ENDPOINT: usize = 1_000;

/// A setting that names no service.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("setting `web.services`: {0} is not the https address of a push service, without a path")]
pub struct NotAService(String);

/// Who is sent to.
#[derive(Clone, Debug, Default)]
pub struct Services {
    /// Beside those that are known: scheme, host and port.
    more: Vec<Url>,
}

impl Services {
    /// The known ones, and these: addresses divided by commas. Only on this machine may one be without TLS.
    pub fn known_and(more: &str) -> Result<Self, NotAService> {
        let words = more.split(',').map(str::trim).filter(|word| !word.is_empty());
        let more = words.map(|word| {
            let url: Url = word.parse().map_err(|_| NotAService(word.to_owned()))?;
            let is_private = url.scheme() == "https" || url.scheme() == "http" && is_loopback(&url);
            let is_bare = url.path() == "/" && url.query().is_none() && url.username().is_empty();
            if is_private && is_bare { Ok(url) } else { Err(NotAService(word.to_owned())) }
        });
        Ok(Self { more: more.collect::<Result<_, _>>()? })
    }

    /// Whether one of them is on this machine, as in a test.
    pub fn has_loopback(&self) -> bool {
        self.more.iter().any(is_loopback)
    }

    /// Reads the address that a browser gives.
    pub fn read(&self, endpoint: &str) -> Result<Url, Invalid> {
        let refused = |reason| Invalid::new("endpoint", reason);
        match endpoint.len() {
            0 => return Err(refused("required")),
            1..=LONGEST_ENDPOINT => {}
            _ => return Err(refused("too_long")),
        }
        let url: Url = endpoint.parse().map_err(|_| refused("not_a_url"))?;
        let is_plain = url.username().is_empty() && url.password().is_none() && url.fragment().is_none();
        if is_plain && (self.knows(&url) || self.more.iter().any(|more| more.origin() == url.origin())) {
            Ok(url)
        } else {
            Err(refused("not_a_push_service"))
        }
    }

    fn knows(&self, url: &Url) -> bool {
        let host = url.host_str().unwrap_or_default();
        let is_known = |known: &&str| match known.strip_prefix('.') {
            Some(_) => host.ends_with(*known),
            None => host == *known,
        };
        // `port` is none where it is the scheme's own.
        url.scheme() == "https" && url.port().is_none() && KNOWN.iter().any(is_known)
    }
}

fn is_loopback(url: &Url) -> bool {
    matches!(url.host_str(), Some("localhost" | "127.0.0.1" | "[::1]"))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn reason(services: &Services, endpoint: &str) -> Option<&'static str> {
        services.read(endpoint).err().map(|invalid| {
            assert_eq!(invalid.field, "endpoint");
            invalid.reason
        })
    }

    #[test]
    fn browsers_own_services_are_sent_to_and_nobody_else() {
        let services = Services::default();
        for good in [
            "https://fcm.googleapis.com/fcm/send/abc:APA91",
            "https://updates.push.services.mozilla.com/wpush/v2/gAAA",
            "https://web.push.apple.com/QGu-7x",
            "https://wns2-by3p.notify.windows.com/w/?token=BQYAAA%3d",
            "https://FCM.googleapis.com:443/fcm/send/abc",
        ] {
            assert_eq!(reason(&services, good), None, "{good}");
        }
        for evil in [
            "http://fcm.googleapis.com/fcm/send/abc",
            "https://fcm.googleapis.com:8443/fcm/send/abc",
            "https://fcm.googleapis.com.evil.pe/x",
            "https://evil.pe/fcm.googleapis.com",
            "https://fcm.googleapis.com@evil.pe/x",
            "https://rosa:clave@fcm.googleapis.com/x",
            "https://evilpush.apple.com/x",
            "https://push.apple.com/x",
            "https://169.254.169.254/latest/meta-data",
            "https://localhost/x",
            "https://[::1]/x",
            "file:///etc/passwd",
        ] {
            assert_eq!(reason(&services, evil), Some("not_a_push_service"), "{evil}");
        }
        assert_eq!(reason(&services, ""), Some("required"));
        assert_eq!(reason(&services, "fcm.googleapis.com/x"), Some("not_a_url"));
        let long = format!("https://fcm.googleapis.com/{}", "x".repeat(LONGEST_ENDPOINT));
        assert_eq!(reason(&services, &long), Some("too_long"));
    }

    #[test]
    fn the_operator_may_add_services_but_none_without_tls_beyond_this_machine() {
        let services = Services::known_and("http://127.0.0.1:4040, https://push.sello.pe").unwrap();
        assert!(services.has_loopback());
        assert_eq!(reason(&services, "http://127.0.0.1:4040/push/x"), None);
        assert_eq!(reason(&services, "https://push.sello.pe/x"), None);
        assert_eq!(reason(&services, "http://127.0.0.1:4041/push/x"), Some("not_a_push_service"));
        assert_eq!(reason(&services, "http://push.sello.pe/x"), Some("not_a_push_service"));
        for wrong in ["http://push.sello.pe", "https://push.sello.pe/path", "push.sello.pe", "https://a@b.pe"]
        {
            assert!(Services::known_and(wrong).is_err(), "{wrong}");
        }
        assert!(!Services::known_and("").unwrap().has_loopback());
    }

    proptest! {
        /// Whatever is written there: it is read or refused, and what is read leads to a service that is known.
        #[test]
        fn nothing_leads_anywhere_else(text in "(https?://)?([a-z.@:/\\\\]{0,12})(fcm\\.googleapis\\.com|push\\.apple\\.com)?\\PC{0,20}") {
            if let Ok(url) = Services::default().read(&text) {
                let host = url.host_str().unwrap();
                prop_assert!(host == "fcm.googleapis.com" || host.ends_with(".push.apple.com"), "{host}");
                prop_assert_eq!(url.scheme(), "https");
            }
        }
    }
}
