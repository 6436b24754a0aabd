//! Whether a callback is the provider's: `X-Twilio-Signature`, as Twilio specifies it.

use std::collections::BTreeSet;

use aws_lc_rs::hmac;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// Longest signature that is looked at: twenty bytes in base64 are twenty-eight letters.
const LONGEST: usize = 64;

/// What callbacks are signed with: the account's primary token. An API key's secret does not sign.
pub struct SigningKey(hmac::Key);

impl SigningKey {
    /// Of the account's primary token.
    pub fn new(auth_token: &str) -> Self {
        Self(hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, auth_token.as_bytes()))
    }

    /// Whether `signature` is the one of a form posted to `url`. The provider signs the address with a port or without, so
    /// either counts. Compared in constant time.
    pub fn verify(&self, url: &str, parameters: &[(String, String)], signature: &str) -> bool {
        if signature.len() > LONGEST {
            return false;
        }
        let Ok(tag) = STANDARD.decode(signature) else { return false };
        spellings(url).iter().any(|url| hmac::verify(&self.0, &signed(url, parameters), &tag).is_ok())
    }

    /// The signature of a form posted to `url`.
    pub fn sign(&self, url: &str, parameters: &[(String, String)]) -> String {
        STANDARD.encode(hmac::sign(&self.0, &signed(url, parameters)))
    }
}

/// The address, then every distinct name in the order of its bytes with every distinct value of it, nothing between.
fn signed(url: &str, parameters: &[(String, String)]) -> Vec<u8> {
    let pairs: BTreeSet<(&str, &str)> =
        parameters.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let mut bytes = url.as_bytes().to_vec();
    for (name, value) in pairs {
        bytes.extend_from_slice(name.as_bytes());
        bytes.extend_from_slice(value.as_bytes());
    }
    bytes
}

/// The address as it is, and with its port left out or put in.
fn spellings(url: &str) -> Vec<String> {
    let mut all = vec![url.to_owned()];
    let Some((scheme, rest)) = url.split_once("://") else { return all };
    let standard = match scheme {
        "https" => "443",
        "http" => "80",
        _ => return all,
    };
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (authority, path) = rest.split_at(end);
    // A colon inside brackets belongs to an IPv6 address.
    let colon = authority.rfind(':').filter(|at| !authority[*at..].contains(']'));
    match colon {
        Some(at) => all.push(format!("{scheme}://{}{path}", &authority[..at])),
        None => all.push(format!("{scheme}://{authority}:{standard}{path}")),
    }
    all
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn pairs(of: &[(&str, &str)]) -> Vec<(String, String)> {
        of.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    const URL: &str = "https://mycompany.com/myapp.php?foo=1&bar=2";

    fn call(from: &str) -> Vec<(String, String)> {
        pairs(&[
            ("To", "+18005551212"),
            ("Digits", "1234"),
            ("CallSid", "CA1234567890ABCDE"),
            ("From", from),
            ("Caller", from),
        ])
    }

    #[test]
    fn twilios_own_examples_verify() {
        let key = SigningKey::new("12345");
        for (from, signature) in [
            ("+14158675309", "RSOYDt4T1cUTdK1PDd93/VVr8B8="),
            ("+12349013030", "0/KCTR6DLpKmkAf8muzZqo1nDgQ="),
            ("+14158675310", "GvWf1cFY/Q7PnoempGyD5oXAezc="),
        ] {
            assert!(key.verify(URL, &call(from), signature), "{from}");
            assert_eq!(key.sign(URL, &call(from)), signature);
            assert!(!SigningKey::new("54321").verify(URL, &call(from), signature));
        }
    }

    #[test]
    fn a_port_counts_neither_for_nor_against() {
        let key = SigningKey::new("12345");
        let with = URL.replace("mycompany.com", "mycompany.com:443");
        let signature = "RSOYDt4T1cUTdK1PDd93/VVr8B8=";
        assert!(key.verify(&with, &call("+14158675309"), signature));
        assert!(key.verify(URL, &call("+14158675309"), &key.sign(&with, &call("+14158675309"))));
        let odd = URL.replace("mycompany.com", "mycompany.com:8443");
        assert!(key.verify(&odd, &call("+14158675309"), signature));
        assert_eq!(spellings("http://[::1]:8080/x"), ["http://[::1]:8080/x", "http://[::1]/x"]);
        assert_eq!(spellings("http://[::1]/x?y"), ["http://[::1]/x?y", "http://[::1]:80/x?y"]);
    }

    #[test]
    fn doubled_parameters_count_once_and_in_order_of_their_values() {
        let key = SigningKey::new("12345");
        let said = key.sign(URL, &pairs(&[("A", "1"), ("A", "2"), ("B", " x ")]));
        assert!(key.verify(URL, &pairs(&[("B", " x "), ("A", "2"), ("A", "1"), ("A", "2")]), &said));
        assert!(
            !key.verify(URL, &pairs(&[("B", "x"), ("A", "2"), ("A", "1")]), &said),
            "values are not trimmed"
        );
        assert!(!key.verify(URL, &pairs(&[("A", "1"), ("A", "2")]), &said), "unknown parameters count");
    }

    proptest! {
        /// No text but the signature itself passes, and reading any text never panics.
        #[test]
        fn nothing_else_passes(signature in "\\PC{0,80}", url in "\\PC{0,60}") {
            let key = SigningKey::new("12345");
            let right = key.sign(&url, &[]);
            prop_assert_eq!(key.verify(&url, &[], &signature), signature == right);
            prop_assert!(key.verify(&url, &[], &right));
        }
    }
}
