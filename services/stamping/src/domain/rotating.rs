//! Codes that change every half minute, so that a photograph of one is soon worth nothing: `R`, then key id (1 byte), card
//! id (16) and generation (2) in base64url, a dot, seconds since 1970, a dot, and the one-time code of that moment (RFC
//! 6238, SHA-1, 30 seconds, 8 digits). Wallets compute the last part themselves, from a key that is the card's alone.

use aws_lc_rs::{constant_time, hmac};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Utc};

use crate::Error;
use crate::domain::code::{BODY, Code, CodeKeys};

/// How long one code stands.
const PERIOD_SECONDS: i64 = 30;
/// A phone's clock may be one period away from ours (RFC 6238, section 5.2).
const WINDOW: i64 = 1;
/// Characters before the first dot.
const PREFIX: usize = 1 + (BODY * 4).div_ceil(3);
/// SHA-1's own length (RFC 4226, section 4, R6 recommends it for the key).
const KEY: usize = 20;

/// What a wallet makes codes of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RotatingCode {
    /// What stands before the first dot.
    pub prefix: String,
    /// The key of the one-time codes, in hexadecimal.
    pub key_hex: String,
}

/// A code as it was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Read {
    /// Which card, in which generation.
    pub code: Code,
    /// The half minute that a rotating code is of; none for a static one.
    pub step: Option<i64>,
}

impl CodeKeys {
    /// What a wallet makes the codes of a card of.
    pub fn rotating(&self, code: Code) -> RotatingCode {
        let body = self.body(code);
        let prefix = format!("R{}", URL_SAFE_NO_PAD.encode(body));
        RotatingCode { prefix, key_hex: hex::encode(one_time_key(&self.keys[&self.newest], &body)) }
    }

    /// Reads whatever a card shows at this moment: its static code or the rotating one.
    pub fn read_at(&self, text: &str, now: DateTime<Utc>) -> Result<Read, Error> {
        if text.len() <= PREFIX || !text.starts_with('R') || text.as_bytes()[PREFIX] != b'.' {
            return self.read(text).map(|code| Read { code, step: None });
        }
        let (prefix, rest) = (&text[1..PREFIX], &text[PREFIX + 1..]);
        let (seconds, shown) = rest.split_once('.').ok_or(Error::CodeInvalid)?;
        let body: [u8; BODY] = URL_SAFE_NO_PAD
            .decode(prefix)
            .ok()
            .and_then(|bytes| bytes.try_into().ok())
            .ok_or(Error::CodeInvalid)?;
        let key = self.keys.get(&body[0]).ok_or(Error::CodeInvalid)?;
        let step = seconds.parse::<i64>().map_err(|_| Error::CodeInvalid)? / PERIOD_SECONDS;
        let due = one_time(&one_time_key(key, &body), step);
        constant_time::verify_slices_are_equal(due.as_bytes(), shown.as_bytes())
            .map_err(|_| Error::CodeInvalid)?;
        // Said only to whoever has shown a code that was right once.
        if (now.timestamp() / PERIOD_SECONDS - step).abs() > WINDOW {
            return Err(Error::CodePassed);
        }
        Ok(Read { code: Code::of_body(&body)?, step: Some(step) })
    }
}

/// The card's own key: derived, so that nothing need be kept.
fn one_time_key(key: &hmac::Key, body: &[u8]) -> [u8; KEY] {
    let mut told = b"rotating".to_vec();
    told.extend_from_slice(body);
    let mac = hmac::sign(key, &told);
    let mut derived = [0; KEY];
    derived.copy_from_slice(&mac.as_ref()[..KEY]);
    derived
}

/// Eight digits for a step (RFC 4226, section 5.3).
fn one_time(key: &[u8], step: i64) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, key);
    let mac = hmac::sign(&key, &step.to_be_bytes());
    let mac = mac.as_ref();
    let begin = usize::from(mac[mac.len() - 1] & 0x0f);
    let number = mac[begin..begin + 4].iter().fold(0_u32, |number, byte| number << 8 | u32::from(*byte));
    format!("{:08}", (number & 0x7fff_ffff) % 100_000_000)
}

#[cfg(test)]
mod tests {
    use kernel::CardId;
    use proptest::prelude::*;

    use super::*;

    fn keys() -> CodeKeys {
        CodeKeys::new([(1, vec![7; 32])]).unwrap()
    }

    /// What a wallet shows at a moment.
    fn shown(rotating: &RotatingCode, at: DateTime<Utc>) -> String {
        let key = hex::decode(&rotating.key_hex).unwrap();
        let seconds = at.timestamp();
        format!("{}.{seconds}.{}", rotating.prefix, one_time(&key, seconds / PERIOD_SECONDS))
    }

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_790_000_010 + seconds, 0).unwrap()
    }

    /// RFC 6238, appendix B, for SHA-1.
    #[test]
    fn one_time_codes_are_those_of_the_standard() {
        let key = b"12345678901234567890";
        assert_eq!(one_time(key, 59 / PERIOD_SECONDS), "94287082");
        assert_eq!(one_time(key, 20_000_000_000 / PERIOD_SECONDS), "65353130");
    }

    #[test]
    fn a_rotating_code_is_read_for_a_minute_and_not_after() {
        let code = Code { card: CardId::generate(), generation: 3 };
        let text = shown(&keys().rotating(code), at(0));
        assert!(text.len() < 60);
        let read = keys().read_at(&text, at(0)).unwrap();
        assert_eq!((read.code, read.step), (code, Some(at(0).timestamp() / PERIOD_SECONDS)));
        assert!(keys().read_at(&text, at(30)).is_ok() && keys().read_at(&text, at(-30)).is_ok());
        assert!(matches!(keys().read_at(&text, at(75)), Err(Error::CodePassed)));
        assert!(matches!(keys().read_at(&text, at(-75)), Err(Error::CodePassed)));
    }

    #[test]
    fn a_static_code_is_read_beside_it() {
        let code = Code { card: CardId::generate(), generation: 3 };
        let read = keys().read_at(&keys().mint(code), at(0)).unwrap();
        assert_eq!(read, Read { code, step: None });
    }

    #[test]
    fn anothers_card_and_another_generation_need_another_key() {
        let (mine, hers) = (CardId::generate(), CardId::generate());
        let text = shown(&keys().rotating(Code { card: mine, generation: 1 }), at(0));
        let other = keys().rotating(Code { card: hers, generation: 1 });
        let forged = text.replacen(&text[..PREFIX], &other.prefix, 1);
        assert!(matches!(keys().read_at(&forged, at(0)), Err(Error::CodeInvalid)));
    }

    proptest! {
        /// Reading is total.
        #[test]
        fn whatever_is_scanned_is_read_or_refused(text in "R?\\PC{0,80}") {
            let _ = keys().read_at(&text, at(0));
        }

        /// No other digits pass.
        #[test]
        fn a_guess_is_refused(guess in "[0-9]{8}") {
            let text = shown(&keys().rotating(Code { card: CardId::generate(), generation: 1 }), at(0));
            let forged = format!("{}{guess}", &text[..text.len() - 8]);
            prop_assume!(forged != text);
            prop_assert!(keys().read_at(&forged, at(0)).is_err());
        }
    }
}
