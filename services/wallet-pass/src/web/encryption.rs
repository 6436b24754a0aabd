//! A message for one browser, which the push service in between cannot read (RFC 8291): a key that both sides find by
//! Diffie-Hellman, and one record of `aes128gcm` (RFC 8188).

use aws_lc_rs::aead::{AES_128_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use aws_lc_rs::agreement::{self, ECDH_P256, ParsedPublicKey, PrivateKey, UnparsedPublicKey};
use aws_lc_rs::error::Unspecified;
use aws_lc_rs::{hkdf, rand};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use kernel::Invalid;

/// Bytes of a point of P-256 as it is written, not compressed.
pub const POINT: usize = 65;
/// Bytes of the secret that a browser shares with us.
pub const AUTH: usize = 16;
const SALT: usize = 16;
/// What no push service refuses as too long (RFC 8030 §7.2); of one record, with all that stands around it.
const RECORD: usize = 4_096;
/// Salt, size of a record, length of the key's name, the key.
const HEADER: usize = SALT + 4 + 1 + POINT;
const TAG: usize = 16;
/// After the last of a message's records.
const LAST: u8 = 2;
/// The longest message, in bytes.
pub const LONGEST: usize = RECORD - HEADER - TAG - 1;

/// What messages to a browser are encrypted for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Keys {
    /// Its public key.
    pub p256dh: [u8; POINT],
    /// The secret that it shares with us.
    pub auth: [u8; AUTH],
}

/// Why there is no message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotEncrypted {
    /// It is longer than push services take.
    #[error("too long")]
    TooLong,
    /// The keys fit no curve, or the machine gives no random numbers.
    #[error("keys")]
    Keys,
}

impl From<Unspecified> for NotEncrypted {
    fn from(_: Unspecified) -> Self {
        Self::Keys
    }
}

/// So many bytes of key.
struct Bytes(usize);

impl hkdf::KeyType for Bytes {
    fn len(&self) -> usize {
        self.0
    }
}

impl Keys {
    /// Reads what `PushSubscription.toJSON()` writes.
    pub fn read(p256dh: &str, auth: &str) -> Result<Self, Invalid> {
        let p256dh: [u8; POINT] = decode(p256dh).ok_or(Invalid::new("keys.p256dh", "not_a_key"))?;
        let auth = decode(auth).ok_or(Invalid::new("keys.auth", "not_a_key"))?;
        // A point beside the curve is found here, and not with the first message.
        ParsedPublicKey::try_from(UnparsedPublicKey::new(&ECDH_P256, p256dh))
            .map_err(|_| Invalid::new("keys.p256dh", "not_a_key"))?;
        Ok(Self { p256dh, auth })
    }

    /// The body of a request that brings `message` to the browser.
    pub fn encrypt(&self, message: &[u8]) -> Result<Vec<u8>, NotEncrypted> {
        let mut salt = [0; SALT];
        rand::fill(&mut salt)?;
        self.seal(message, &PrivateKey::generate(&ECDH_P256)?, &salt)
    }

    fn seal(&self, message: &[u8], own: &PrivateKey, salt: &[u8; SALT]) -> Result<Vec<u8>, NotEncrypted> {
        if message.len() > LONGEST {
            return Err(NotEncrypted::TooLong);
        }
        let public = own.compute_public_key()?;
        let info = [b"WebPush: info\0", self.p256dh.as_slice(), public.as_ref()];
        let theirs = UnparsedPublicKey::new(&ECDH_P256, self.p256dh);
        let shared =
            agreement::agree(own, theirs, Unspecified, |secret| derive::<32>(&self.auth, secret, &info))?;
        let key: [u8; 16] = derive(salt, &shared, &[b"Content-Encoding: aes128gcm\0"])?;
        let nonce: [u8; NONCE_LEN] = derive(salt, &shared, &[b"Content-Encoding: nonce\0"])?;

        let mut record = Vec::with_capacity(message.len() + 1 + TAG);
        record.extend_from_slice(message);
        record.push(LAST);
        let key = LessSafeKey::new(UnboundKey::new(&AES_128_GCM, &key)?);
        key.seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::empty(), &mut record)?;

        let mut body = Vec::with_capacity(HEADER + record.len());
        body.extend_from_slice(salt);
        body.extend_from_slice(&u32::try_from(RECORD).unwrap_or(u32::MAX).to_be_bytes());
        body.push(u8::try_from(POINT).unwrap_or(u8::MAX));
        body.extend_from_slice(public.as_ref());
        body.append(&mut record);
        Ok(body)
    }
}

/// HKDF with SHA-256 (RFC 5869).
fn derive<const LENGTH: usize>(
    salt: &[u8],
    secret: &[u8],
    info: &[&[u8]],
) -> Result<[u8; LENGTH], Unspecified> {
    let mut key = [0; LENGTH];
    let extracted = hkdf::Salt::new(hkdf::HKDF_SHA256, salt).extract(secret);
    extracted.expand(info, Bytes(LENGTH))?.fill(&mut key)?;
    Ok(key)
}

/// Base64 for addresses, with or without what fills it up.
fn decode<const LENGTH: usize>(text: &str) -> Option<[u8; LENGTH]> {
    let text = text.trim_end_matches('=');
    // The length is checked first, so that nobody has us decode a megabyte.
    if text.len() != (LENGTH * 4).div_ceil(3) {
        return None;
    }
    URL_SAFE_NO_PAD.decode(text).ok()?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use fakes::webpush::Browser;
    use proptest::prelude::*;

    use super::*;

    const P256DH: &str =
        "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4";
    const SECRET: &str = "BTBZMqHH6r4Tts7J_aSIgg";

    fn bytes(text: &str) -> Vec<u8> {
        URL_SAFE_NO_PAD.decode(text).unwrap()
    }

    /// RFC 8291, Appendix A.
    #[test]
    fn the_example_of_the_standard_comes_out_to_the_byte() {
        let own =
            PrivateKey::from_private_key(&ECDH_P256, &bytes("yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw"));
        let salt = bytes("DGv6ra1nlYgDCS1FRnbzlw").try_into().unwrap();
        let keys = Keys::read(P256DH, SECRET).unwrap();
        let sealed = keys.seal(b"When I grow up, I want to be a watermelon", &own.unwrap(), &salt).unwrap();
        assert_eq!(
            URL_SAFE_NO_PAD.encode(sealed),
            "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_\
             yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
        );
    }

    #[test]
    fn keys_that_are_none_are_refused_by_their_name() {
        let field = |p256dh: &str, auth: &str| Keys::read(p256dh, auth).err().map(|invalid| invalid.field);
        let beside = URL_SAFE_NO_PAD.encode([4; POINT]);
        let short = URL_SAFE_NO_PAD.encode([4; 33]);
        for wrong in ["", "x", &P256DH[1..], "Ñ", &beside, &short, &"A".repeat(100_000)] {
            assert_eq!(field(wrong, SECRET).as_deref(), Some("keys.p256dh"), "{wrong:.80}");
        }
        for wrong in ["", "x", &SECRET[1..], &"A".repeat(100_000)] {
            assert_eq!(field(P256DH, wrong).as_deref(), Some("keys.auth"), "{wrong:.80}");
        }
        assert_eq!(field(&format!("{P256DH}="), &format!("{SECRET}==")), None);
    }

    #[test]
    fn a_message_that_push_services_refuse_is_not_made() {
        let keys = Keys::read(P256DH, SECRET).unwrap();
        assert_eq!(keys.encrypt(&[b'x'; LONGEST]).unwrap().len(), RECORD);
        assert_eq!(keys.encrypt(&[b'x'; LONGEST + 1]), Err(NotEncrypted::TooLong));
    }

    proptest! {
        /// A browser that goes by the standard, and not by this file, reads what was written; another does not.
        #[test]
        fn the_browser_reads_what_was_said_and_no_other_can(message in prop::collection::vec(any::<u8>(), 0..LONGEST)) {
            let (hers, other) = (Browser::alone(), Browser::alone());
            let keys = Keys::read(&hers.p256dh(), &hers.auth()).unwrap();
            let (first, second) = (keys.encrypt(&message).unwrap(), keys.encrypt(&message).unwrap());
            prop_assert_ne!(&first, &second, "the same is never sent twice");
            prop_assert_eq!(hers.decrypt(&first).unwrap(), message);
            prop_assert!(other.decrypt(&first).is_err());
        }
    }
}
