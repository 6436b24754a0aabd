//! Google's word that somebody saved a pass or threw it out, told from everybody else's.
//!
//! The scheme is `ECv2SigningOnly`: a root key that Google publishes vouches for an intermediate key, and that one for
//! the message (Google's guide to save and delete callbacks; what is signed is described with its payment data
//! cryptography). Google sends at least once: [`Callback::nonce`] tells the second time from the first.

use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1, UnparsedPublicKey};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, TimeDelta, Utc};
use serde::Deserialize;

/// Who signs, as it stands in what is signed.
const SENDER: &str = "GooglePayPasses";
/// The scheme.
const PROTOCOL: &str = "ECv2SigningOnly";
/// The longest callback that is looked at; real ones have about a kilobyte.
const LONGEST_BODY_BYTES: usize = 16 * 1_024;
/// The most signatures and the most roots that are tried with each other, so that nobody can buy much work with one
/// request.
const MOST_TRIED: usize = 8;
/// How long published keys are kept at most, so that a key that is taken back does not live on here.
const KEYS_KEPT: TimeDelta = TimeDelta::days(1);
/// How long they are kept at least: callbacks come from anywhere, and must not make us ask Google each time.
const KEYS_KEPT_AT_LEAST: TimeDelta = TimeDelta::minutes(1);
/// What a SubjectPublicKeyInfo on P-256 with an uncompressed point begins with (RFC 5480 §2); the point follows.
const P256_SPKI_PREFIX: [u8; 26] = [
    0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86,
    0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00,
];
/// An uncompressed point on P-256.
const POINT_BYTES: usize = 65;

/// What somebody did with a pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// Took it into her wallet.
    Saved,
    /// Threw it out.
    Deleted,
}

/// A callback that is Google's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Callback {
    /// The object it is about; [`super::look::card_of`] says whose card it is.
    pub object_id: String,
    /// The class of that object.
    pub class_id: String,
    /// What happened.
    pub event: Event,
    /// The same for every copy of one callback, and for no other.
    pub nonce: String,
    /// From when on it is no longer believed; until then its nonce must be kept.
    pub expires_at: DateTime<Utc>,
}

/// Why a callback is not believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// It is not a callback at all.
    #[error("not a callback")]
    Unreadable,
    /// It is signed by another scheme.
    #[error("another protocol")]
    Protocol,
    /// No key of Google's that is good now vouches for the key it is signed with.
    #[error("no key of Google's vouches for it")]
    UnknownRoot,
    /// The key it is signed with has run out.
    #[error("its key has run out")]
    ExpiredKey,
    /// It was changed, or is for another issuer.
    #[error("its signature does not fit")]
    Signature,
    /// It is too old.
    #[error("too old")]
    ExpiredMessage,
}

/// The keys that Google publishes.
#[derive(Clone, Debug)]
pub struct Keys {
    roots: Vec<Root>,
    good_until: DateTime<Utc>,
}

#[derive(Clone, Debug)]
struct Root {
    key: Key,
    expires_at: DateTime<Utc>,
}

/// An uncompressed point on P-256; whether it is on the curve shows when a signature is checked.
#[derive(Clone, Debug)]
struct Key([u8; POINT_BYTES]);

#[derive(Deserialize)]
struct Published {
    keys: Vec<PublishedKey>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PublishedKey {
    key_value: String,
    protocol_version: String,
    key_expiration: Millis,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Envelope {
    protocol_version: String,
    signature: String,
    intermediate_signing_key: Intermediate,
    signed_message: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Intermediate {
    signed_key: String,
    signatures: Vec<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct SignedKey {
    key_value: String,
    key_expiration: Millis,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Said {
    class_id: String,
    object_id: String,
    event_type: EventType,
    exp_time_millis: Millis,
    nonce: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum EventType {
    Save,
    Del,
}

/// A moment in milliseconds. Google writes that of a key in quotes and that of a message without.
#[derive(Deserialize)]
#[serde(untagged)]
enum Millis {
    Number(i64),
    Text(String),
}

impl Millis {
    fn moment(&self) -> Option<DateTime<Utc>> {
        match self {
            Self::Number(millis) => DateTime::from_timestamp_millis(*millis),
            Self::Text(text) => DateTime::from_timestamp_millis(text.parse().ok()?),
        }
    }
}

impl Keys {
    /// Reads what Google publishes; keys of other schemes and unreadable ones are left out. None if it is no list of
    /// keys.
    pub fn read(json: &[u8], now: DateTime<Utc>) -> Option<Self> {
        let published: Published = serde_json::from_slice(json).ok()?;
        let is_ours = |key: &&PublishedKey| key.protocol_version == PROTOCOL;
        let roots: Vec<_> = published
            .keys
            .iter()
            .filter(is_ours)
            .filter_map(|published| {
                let key = Key::read(&published.key_value)?;
                Some(Root { key, expires_at: published.key_expiration.moment()? })
            })
            .filter(|root| now < root.expires_at)
            .take(MOST_TRIED)
            .collect();
        let soonest = roots.iter().map(|root| root.expires_at).min().unwrap_or(now);
        let good_until = soonest.clamp(now + KEYS_KEPT_AT_LEAST, now + KEYS_KEPT);
        Some(Self { roots, good_until })
    }

    /// When they must be fetched anew.
    pub(super) fn good_until(&self) -> DateTime<Utc> {
        self.good_until
    }
}

impl Key {
    /// SubjectPublicKeyInfo in DER, in base64.
    fn read(text: &str) -> Option<Self> {
        let der = STANDARD.decode(text).ok()?;
        der.strip_prefix(&P256_SPKI_PREFIX)?.try_into().ok().map(Self)
    }

    /// Whether this key signed the parts: each after its length in four bytes, the least first.
    fn signed(&self, parts: &[&str], signature: &str) -> bool {
        let Ok(signature) = STANDARD.decode(signature) else { return false };
        let mut bytes = Vec::new();
        for part in parts {
            let Ok(length) = u32::try_from(part.len()) else { return false };
            bytes.extend_from_slice(&length.to_le_bytes());
            bytes.extend_from_slice(part.as_bytes());
        }
        UnparsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, &self.0).verify(&bytes, &signature).is_ok()
    }
}

/// What a callback says, if Google said it to this issuer and it is still to be believed. Takes any bytes.
pub fn verify(body: &[u8], keys: &Keys, issuer_id: &str, now: DateTime<Utc>) -> Result<Callback, Refused> {
    if body.len() > LONGEST_BODY_BYTES {
        return Err(Refused::Unreadable);
    }
    let envelope: Envelope = serde_json::from_slice(body).map_err(|_| Refused::Unreadable)?;
    if envelope.protocol_version != PROTOCOL {
        return Err(Refused::Protocol);
    }
    let Intermediate { signed_key, signatures } = &envelope.intermediate_signing_key;
    if signatures.len() > MOST_TRIED {
        return Err(Refused::Unreadable);
    }
    let said_of_key = [SENDER, PROTOCOL, signed_key];
    let vouches = |root: &Root| {
        now < root.expires_at && signatures.iter().any(|signature| root.key.signed(&said_of_key, signature))
    };
    if !keys.roots.iter().any(vouches) {
        return Err(Refused::UnknownRoot);
    }
    // From here on the key is Google's, and what it says of itself can be read.
    let signed_key: SignedKey = serde_json::from_str(signed_key).map_err(|_| Refused::Unreadable)?;
    if signed_key.key_expiration.moment().is_none_or(|until| until <= now) {
        return Err(Refused::ExpiredKey);
    }
    let key = Key::read(&signed_key.key_value).ok_or(Refused::Unreadable)?;
    if !key.signed(&[SENDER, issuer_id, PROTOCOL, &envelope.signed_message], &envelope.signature) {
        return Err(Refused::Signature);
    }
    let said: Said = serde_json::from_str(&envelope.signed_message).map_err(|_| Refused::Unreadable)?;
    let expires_at = said.exp_time_millis.moment().ok_or(Refused::Unreadable)?;
    if expires_at <= now {
        return Err(Refused::ExpiredMessage);
    }
    let event = match said.event_type {
        EventType::Save => Event::Saved,
        EventType::Del => Event::Deleted,
    };
    Ok(Callback { object_id: said.object_id, class_id: said.class_id, event, nonce: said.nonce, expires_at })
}
