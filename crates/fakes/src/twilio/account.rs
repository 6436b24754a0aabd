use std::collections::{BTreeMap, BTreeSet};

use aws_lc_rs::hmac;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderMap, header};
use uuid::Uuid;

/// An account made for one fake: what to configure in place of one's own.
#[derive(Clone, Debug)]
pub struct Account {
    /// `AC…`: whose messages they are.
    pub sid: String,
    /// The account's own password; webhooks are signed with it.
    pub auth_token: String,
    /// `SK…`: a name to call with that can be taken back.
    pub api_key: String,
    /// Its password; it signs nothing.
    pub api_secret: String,
}

impl Account {
    pub(super) fn new() -> Self {
        Self { sid: sid("AC"), auth_token: secret(), api_key: sid("SK"), api_secret: secret() }
    }

    /// Whether a caller has shown the account's password, or its key's.
    pub(super) fn lets_in(&self, headers: &HeaderMap) -> bool {
        let shown = headers
            .get(header::AUTHORIZATION)
            .and_then(|value| value.to_str().ok()?.strip_prefix("Basic "))
            .and_then(|value| String::from_utf8(STANDARD.decode(value).ok()?).ok());
        shown.as_deref().and_then(|shown| shown.split_once(':')).is_some_and(|shown| {
            shown == (self.sid.as_str(), self.auth_token.as_str())
                || shown == (self.api_key.as_str(), self.api_secret.as_str())
        })
    }
}

/// A new id of the kind that its two letters say.
pub(super) fn sid(kind: &str) -> String {
    format!("{kind}{}", Uuid::now_v7().simple())
}

fn secret() -> String {
    hex::encode(rand::random::<[u8; 16]>())
}

/// `X-Twilio-Signature` of a form sent to `url` (Twilio, "Security", *Validating requests*): HMAC-SHA1 with the auth token
/// over the address without its fragment, then each name and each of its values, both sorted, each pair once.
pub fn sign(auth_token: &str, url: &str, form: &[(String, String)]) -> String {
    let mut pairs: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for (name, value) in form {
        pairs.entry(name).or_default().insert(value);
    }
    let mut said = url.split('#').next().unwrap_or_default().to_owned();
    for (name, values) in pairs {
        for value in values {
            said.push_str(name);
            said.push_str(value);
        }
    }
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, auth_token.as_bytes());
    STANDARD.encode(hmac::sign(&key, said.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    /// The example in Twilio's own documentation.
    #[test]
    fn the_documented_example_has_the_documented_signature() {
        let form = form(&[
            ("Digits", "1234"),
            ("To", "+18005551212"),
            ("From", "+14158675309"),
            ("Caller", "+14158675309"),
            ("CallSid", "CA1234567890ABCDE"),
        ]);
        let url = "https://mycompany.com/myapp.php?foo=1&bar=2";
        assert_eq!(sign("12345", url, &form), "RSOYDt4T1cUTdK1PDd93/VVr8B8=");
        assert_eq!(sign("12345", &format!("{url}#rc=5"), &form), "RSOYDt4T1cUTdK1PDd93/VVr8B8=");
    }

    #[test]
    fn a_pair_counts_once_and_order_does_not_matter() {
        let once = form(&[("A", "1"), ("A", "2")]);
        let more = form(&[("A", "2"), ("A", "1"), ("A", "2")]);
        assert_eq!(sign("t", "https://sello.pe/", &once), sign("t", "https://sello.pe/", &more));
        assert_ne!(sign("t", "https://sello.pe/", &once), sign("u", "https://sello.pe/", &once));
    }
}
