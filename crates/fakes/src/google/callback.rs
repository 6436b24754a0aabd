use aws_lc_rs::encoding::{AsDer, PublicKeyX509Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, TimeDelta, Utc};
use serde::Serialize;
use serde_json::{Value, json};
use uuid::Uuid;

use super::StartError;

/// Who signs, as it stands in what is signed.
const SENDER: &str = "GooglePayPasses";
/// The scheme of all of it.
pub(super) const PROTOCOL: &str = "ECv2SigningOnly";
/// How long a message may be believed.
const GOOD_FOR: TimeDelta = TimeDelta::hours(1);
/// How long the keys are good.
const KEYS_GOOD_FOR: TimeDelta = TimeDelta::days(7);

/// What a person did with a pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Event {
    /// She took it into her wallet.
    Save,
    /// She threw it out.
    Del,
}

impl Event {
    fn name(self) -> &'static str {
        match self {
            Self::Save => "save",
            Self::Del => "del",
        }
    }
}

/// A way in which a callback is not what it seems.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Forgery {
    /// The chain of keys begins with one that is not Google's.
    UnknownRoot,
    /// The message was changed after it was signed.
    ChangedMessage,
    /// The key that signed the message had run out.
    ExpiredKey,
    /// It was signed for another issuer, and is played to us.
    OtherRecipient,
    /// It is genuine, and too old.
    ExpiredMessage,
}

impl Forgery {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::UnknownRoot,
        Self::ChangedMessage,
        Self::ExpiredKey,
        Self::OtherRecipient,
        Self::ExpiredMessage,
    ];
}

/// What happens when somebody saves or deletes a pass.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sending {
    /// One callback, as on most days.
    #[default]
    Once,
    /// The same one twice, as Google may.
    Twice,
    /// A forged one in its place.
    Forged(Forgery),
    /// None.
    Never,
}

/// A callback that was sent.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Callback {
    /// The object it is about.
    pub object_id: String,
    /// What happened to it.
    pub event: Event,
    /// By which a receiver knows one it has had.
    pub nonce: String,
    /// Where it was sent.
    pub url: String,
    /// What was sent.
    pub body: Value,
    /// How the receiver answered; none if it did not.
    pub status: Option<u16>,
}

/// What is said in a callback, before it is signed.
pub(super) struct Said<'a> {
    pub(super) class_id: &'a str,
    pub(super) object_id: &'a str,
    pub(super) event: Event,
    pub(super) issuer: &'a str,
    pub(super) now: DateTime<Utc>,
}

/// The keys that vouch for callbacks.
pub(super) struct Signer {
    root: EcdsaKeyPair,
    stranger: EcdsaKeyPair,
    intermediate: EcdsaKeyPair,
}

impl Signer {
    pub(super) fn new() -> Result<Self, StartError> {
        let pair = || EcdsaKeyPair::generate(&ECDSA_P256_SHA256_ASN1_SIGNING).map_err(|_| StartError::Key);
        Ok(Self { root: pair()?, stranger: pair()?, intermediate: pair()? })
    }

    /// The keys as Google shows them to everybody.
    pub(super) fn public_keys(&self, now: DateTime<Utc>) -> Value {
        json!({ "keys": [{
            "keyValue": public_key(&self.root),
            "protocolVersion": PROTOCOL,
            "keyExpiration": millis(now + KEYS_GOOD_FOR),
        }] })
    }

    /// A signed callback, and its nonce.
    pub(super) fn sign(&self, said: &Said<'_>, forgery: Option<Forgery>) -> (Value, String) {
        let is = |way| forgery == Some(way);
        let nonce = Uuid::now_v7().to_string();
        let good_until = said.now + if is(Forgery::ExpiredMessage) { -GOOD_FOR } else { GOOD_FOR };
        let message = |object_id: &str| {
            json!({
                "classId": said.class_id,
                "objectId": object_id,
                "eventType": said.event.name(),
                "expTimeMillis": good_until.timestamp_millis(),
                "nonce": nonce,
            })
            .to_string()
        };
        let key_until = said.now + if is(Forgery::ExpiredKey) { -GOOD_FOR } else { KEYS_GOOD_FOR };
        let signed_key =
            json!({ "keyValue": public_key(&self.intermediate), "keyExpiration": millis(key_until) })
                .to_string();
        let root = if is(Forgery::UnknownRoot) { &self.stranger } else { &self.root };
        let recipient = if is(Forgery::OtherRecipient) { "3388000000099999999" } else { said.issuer };
        let signed = message(said.object_id);
        let signature = sign(&self.intermediate, &[SENDER, recipient, PROTOCOL, &signed]);
        let sent =
            if is(Forgery::ChangedMessage) { message(&format!("{}x", said.object_id)) } else { signed };
        let body = json!({
            "signature": signature,
            "intermediateSigningKey": {
                "signedKey": signed_key,
                "signatures": [sign(root, &[SENDER, PROTOCOL, &signed_key])],
            },
            "protocolVersion": PROTOCOL,
            "signedMessage": sent,
        });
        (body, nonce)
    }
}

/// A moment in milliseconds as Google writes it: in quotes.
fn millis(at: DateTime<Utc>) -> String {
    at.timestamp_millis().to_string()
}

/// SubjectPublicKeyInfo in DER, in base64.
fn public_key(pair: &EcdsaKeyPair) -> String {
    let der: Result<PublicKeyX509Der<'_>, _> = pair.public_key().as_der();
    der.map(|der| STANDARD.encode(der.as_ref())).unwrap_or_default()
}

/// Signs the parts, each after its length in four bytes, the least first.
fn sign(pair: &EcdsaKeyPair, parts: &[&str]) -> String {
    let mut bytes = Vec::new();
    for part in parts {
        bytes.extend((part.len() as u32).to_le_bytes());
        bytes.extend(part.as_bytes());
    }
    pair.sign(&SystemRandom::new(), &bytes)
        .map(|signature| STANDARD.encode(signature.as_ref()))
        .unwrap_or_default()
}
