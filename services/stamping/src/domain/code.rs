use std::collections::BTreeMap;

use aws_lc_rs::{constant_time, hmac};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use kernel::CardId;

use crate::Error;

/// What a card shows to be scanned, version 1: key id (1 byte), card id (16), generation (2), MAC (8), in base64url:
/// 36 characters. It says which card, and proves nothing about who holds it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Code {
    /// Which card.
    pub card: CardId,
    /// Only the card's newest generation is good.
    pub generation: u16,
}

/// Bytes that say which card: key id, card id, generation.
pub(super) const BODY: usize = 1 + 16 + 2;
const MAC: usize = 8;

/// The secrets that codes are made with, by key id. The highest id makes new codes; all of them read.
pub struct CodeKeys {
    pub(super) keys: BTreeMap<u8, hmac::Key>,
    pub(super) newest: u8,
}

impl CodeKeys {
    /// Takes secrets of at least 32 bytes; at least one.
    pub fn new(secrets: impl IntoIterator<Item = (u8, Vec<u8>)>) -> Option<Self> {
        let mut keys = BTreeMap::new();
        for (id, secret) in secrets {
            if secret.len() < 32 {
                return None;
            }
            keys.insert(id, hmac::Key::new(hmac::HMAC_SHA256, &secret));
        }
        let newest = *keys.keys().next_back()?;
        Some(Self { keys, newest })
    }

    /// The code of a card in a generation.
    pub fn mint(&self, code: Code) -> String {
        let mut bytes = [0; BODY + MAC];
        bytes[..BODY].copy_from_slice(&self.body(code));
        let mac = hmac::sign(&self.keys[&self.newest], &bytes[..BODY]);
        bytes[BODY..].copy_from_slice(&mac.as_ref()[..MAC]);
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// What a code says, before anything proves it.
    pub(super) fn body(&self, code: Code) -> [u8; BODY] {
        let mut body = [0; BODY];
        body[0] = self.newest;
        body[1..17].copy_from_slice(code.card.as_uuid().as_bytes());
        body[17..].copy_from_slice(&code.generation.to_be_bytes());
        body
    }

    /// Reads a code that one of our keys has made.
    pub fn read(&self, text: &str) -> Result<Code, Error> {
        // The length is checked first, so that nobody has us decode a megabyte.
        if text.len() != (BODY + MAC) * 4 / 3 {
            return Err(Error::CodeInvalid);
        }
        let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| Error::CodeInvalid)?;
        let (body, mac) = bytes.split_at(BODY);
        let key = self.keys.get(&body[0]).ok_or(Error::CodeInvalid)?;
        let expected = hmac::sign(key, body);
        constant_time::verify_slices_are_equal(&expected.as_ref()[..MAC], mac)
            .map_err(|_| Error::CodeInvalid)?;
        Code::of_body(body)
    }
}

impl Code {
    /// Reads what [`CodeKeys::body`] wrote, once it is proven.
    pub(super) fn of_body(body: &[u8]) -> Result<Self, Error> {
        let card = uuid::Uuid::from_slice(&body[1..17]).map_err(|_| Error::CodeInvalid)?;
        Ok(Self { card: card.into(), generation: u16::from_be_bytes([body[17], body[18]]) })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn keys(ids: &[u8]) -> CodeKeys {
        CodeKeys::new(ids.iter().map(|id| (*id, vec![*id; 32]))).unwrap()
    }

    #[test]
    fn a_code_reads_as_what_it_was_made_of_and_is_short() {
        let code = Code { card: CardId::generate(), generation: 7 };
        let text = keys(&[1]).mint(code);
        assert_eq!(text.len(), 36);
        assert_eq!(keys(&[1]).read(&text).unwrap(), code);
    }

    #[test]
    fn codes_of_an_older_key_still_read_and_those_of_a_stranger_do_not() {
        let text = keys(&[1]).mint(Code { card: CardId::generate(), generation: 1 });
        assert!(keys(&[1, 2]).read(&text).is_ok());
        assert!(keys(&[2]).read(&text).is_err());
        let stranger = CodeKeys::new([(1, vec![9; 32])]).unwrap();
        assert!(stranger.read(&text).is_err());
    }

    proptest! {
        /// No change of any character of a code reads as a code.
        #[test]
        fn a_changed_code_is_refused(place in 0..36_usize, letter in "[A-Za-z0-9_-]") {
            let text = keys(&[1]).mint(Code { card: CardId::generate(), generation: 1 });
            let mut forged = text.clone();
            forged.replace_range(place..=place, &letter);
            prop_assume!(forged != text);
            prop_assert!(keys(&[1]).read(&forged).is_err());
        }

        /// Reading is total.
        #[test]
        fn whatever_is_scanned_is_a_code_or_is_refused(text in "\\PC{0,80}") {
            let _ = keys(&[1]).read(&text);
        }
    }
}
