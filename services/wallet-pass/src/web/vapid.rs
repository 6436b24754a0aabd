//! Who sends, for push services that want to know it (RFC 8292): a token signed by our key, and the key.

use aws_lc_rs::agreement::{ECDH_P256, PrivateKey};
use aws_lc_rs::error::Unspecified;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;

/// How long a token is good; a day is the most (RFC 8292 §2), and clocks differ.
const GOOD_FOR: TimeDelta = TimeDelta::hours(12);
/// Bytes of a private key.
const KEY: usize = 32;

/// Why the settings cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum VapidError {
    /// No private key of P-256.
    #[error("setting `web.key` is not a private key of P-256 (32 bytes in base64url)")]
    Key,
    /// Apple refuses it.
    #[error("setting `web.subject` begins neither with `mailto:` nor with `https://`")]
    Subject,
}

/// Our key.
pub struct Vapid {
    key: EcdsaKeyPair,
    public: String,
    subject: Option<String>,
}

impl Vapid {
    /// Reads a private key, and who is written to when messages make trouble.
    pub fn open(private: &str, subject: Option<String>) -> Result<Self, VapidError> {
        let is_way = |way: &String| way.starts_with("mailto:") || way.starts_with("https://");
        if subject.as_ref().is_some_and(|subject| !is_way(subject)) {
            return Err(VapidError::Subject);
        }
        let private = URL_SAFE_NO_PAD.decode(private.trim_end_matches('=')).map_err(|_| VapidError::Key)?;
        if private.len() != KEY {
            return Err(VapidError::Key);
        }
        let public = PrivateKey::from_private_key(&ECDH_P256, &private)
            .ok()
            .and_then(|key| key.compute_public_key().ok())
            .ok_or(VapidError::Key)?;
        let algorithm = &ECDSA_P256_SHA256_FIXED_SIGNING;
        let key = EcdsaKeyPair::from_private_key_and_public_key(algorithm, &private, public.as_ref());
        Ok(Self {
            key: key.map_err(|_| VapidError::Key)?,
            public: URL_SAFE_NO_PAD.encode(public.as_ref()),
            subject,
        })
    }

    /// What a page subscribes with, so that its push service takes our messages and nobody else's.
    pub fn public_key(&self) -> &str {
        &self.public
    }

    /// The `Authorization` of a request to the service at this origin.
    pub fn authorization(&self, origin: &str, now: DateTime<Utc>) -> Result<String, Unspecified> {
        let mut claims = json!({ "aud": origin, "exp": (now + GOOD_FOR).timestamp() });
        if let Some(subject) = &self.subject {
            claims["sub"] = subject.as_str().into();
        }
        let mut token = URL_SAFE_NO_PAD.encode(r#"{"typ":"JWT","alg":"ES256"}"#);
        token.push('.');
        URL_SAFE_NO_PAD.encode_string(claims.to_string(), &mut token);
        let signature = self.key.sign(&SystemRandom::new(), token.as_bytes())?;
        token.push('.');
        URL_SAFE_NO_PAD.encode_string(signature, &mut token);
        Ok(format!("vapid t={token}, k={}", self.public))
    }
}

#[cfg(test)]
mod tests {
    use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED, UnparsedPublicKey};
    use serde_json::Value;

    use super::*;

    const KEY: &str = "yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw";

    #[test]
    fn a_token_is_signed_by_the_key_that_stands_beside_it() {
        let vapid = Vapid::open(KEY, Some("mailto:ayuda@sello.pe".into())).unwrap();
        let now = DateTime::from_timestamp(1_790_000_000, 0).unwrap();
        let told = vapid.authorization("https://push.example.net", now).unwrap();
        let (token, key) = told.strip_prefix("vapid t=").unwrap().split_once(", k=").unwrap();
        assert_eq!(key, vapid.public_key());
        let (signed, signature) = token.rsplit_once('.').unwrap();
        let bytes = |text: &str| URL_SAFE_NO_PAD.decode(text).unwrap();
        UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, bytes(key))
            .verify(signed.as_bytes(), &bytes(signature))
            .unwrap();
        let (head, claims) = signed.split_once('.').unwrap();
        let read = |text: &str| serde_json::from_slice::<Value>(&bytes(text)).unwrap();
        assert_eq!(read(head), json!({ "typ": "JWT", "alg": "ES256" }));
        let expected = json!({
            "aud": "https://push.example.net", "exp": 1_790_000_000 + 12 * 3_600, "sub": "mailto:ayuda@sello.pe",
        });
        assert_eq!(read(claims), expected);
    }

    #[test]
    fn the_public_key_is_the_standards_own_for_its_private_one() {
        let public =
            "BP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A8";
        assert_eq!(Vapid::open(KEY, None).unwrap().public_key(), public, "RFC 8291, Appendix A");
    }

    #[test]
    fn settings_that_no_service_takes_are_found_at_the_start() {
        for wrong in ["", "x", "Ñ", &KEY[1..], &"A".repeat(43), &"_".repeat(43)] {
            assert_eq!(Vapid::open(wrong, None).err(), Some(VapidError::Key), "{wrong}");
        }
        assert_eq!(Vapid::open(KEY, Some("ayuda@sello.pe".into())).err(), Some(VapidError::Subject));
    }
}
