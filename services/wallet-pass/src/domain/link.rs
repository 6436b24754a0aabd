//! Secrets that need not be kept, because they are computed: the links that passes are downloaded by, and the tokens by
//! which installed passes prove themselves.

use aws_lc_rs::{constant_time, hmac};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Utc};
use kernel::{BusinessId, CardId, CustomerId};
use uuid::Uuid;

/// How long a link can be followed: as long as a page may stay open on a counter.
const LINK_SECONDS: i64 = 24 * 3_600;
/// Bytes of a MAC that travels.
const MAC: usize = 16;
/// Business, customer, card, and the minute of its end.
const BODY: usize = 16 * 3 + 4;

/// What makes and checks them.
pub struct Secrets(hmac::Key);

/// Whose pass a link is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Holder {
    /// The tenant.
    pub business: BusinessId,
    /// Whose card it is.
    pub customer: CustomerId,
    /// The card.
    pub card: CardId,
}

impl Secrets {
    /// From 64 hexadecimal digits.
    pub fn from_hex(text: &str) -> Option<Self> {
        let secret = hex::decode(text).ok().filter(|secret| secret.len() == 32)?;
        Some(Self(hmac::Key::new(hmac::HMAC_SHA256, &secret)))
    }

    fn mac(&self, purpose: &[u8], told: &[u8]) -> [u8; MAC] {
        let mut context = hmac::Context::with_key(&self.0);
        context.update(purpose);
        context.update(told);
        let mut mac = [0; MAC];
        mac.copy_from_slice(&context.sign().as_ref()[..MAC]);
        mac
    }

    /// A link for a card, good for a day.
    pub fn link(&self, holder: Holder, now: DateTime<Utc>) -> String {
        let mut bytes = [0; BODY + MAC];
        bytes[..16].copy_from_slice(holder.business.as_uuid().as_bytes());
        bytes[16..32].copy_from_slice(holder.customer.as_uuid().as_bytes());
        bytes[32..48].copy_from_slice(holder.card.as_uuid().as_bytes());
        let ends = u32::try_from((now.timestamp() + LINK_SECONDS) / 60).unwrap_or(u32::MAX);
        bytes[48..BODY].copy_from_slice(&ends.to_be_bytes());
        let mac = self.mac(b"link", &bytes[..BODY]);
        bytes[BODY..].copy_from_slice(&mac);
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// Reads a link; `None` for one that has ended or was never made.
    pub fn read_link(&self, text: &str, now: DateTime<Utc>) -> Option<Holder> {
        // The length is checked first, so that nobody has us decode a megabyte.
        if text.len() != ((BODY + MAC) * 4).div_ceil(3) {
            return None;
        }
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        let (body, mac) = bytes.split_at(BODY);
        constant_time::verify_slices_are_equal(&self.mac(b"link", body), mac).ok()?;
        let ends = u32::from_be_bytes(body[48..].try_into().ok()?);
        let id = |at: usize| Uuid::from_slice(&body[at..at + 16]).ok();
        let holder = Holder { business: id(0)?.into(), customer: id(16)?.into(), card: id(32)?.into() };
        (now.timestamp() / 60 <= i64::from(ends)).then_some(holder)
    }

    /// The token in a card's passes (Apple: at least 16 characters), the same for ever.
    pub fn pass_token(&self, card: CardId) -> String {
        URL_SAFE_NO_PAD.encode(self.mac(b"pass", card.as_uuid().as_bytes()))
    }

    /// Whether this is that token, in a time that tells nothing of where it differs.
    pub fn is_pass_token(&self, card: CardId, shown: &str) -> bool {
        constant_time::verify_slices_are_equal(self.pass_token(card).as_bytes(), shown.as_bytes()).is_ok()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn secrets() -> Secrets {
        Secrets::from_hex(&"7a".repeat(32)).unwrap()
    }

    fn holder() -> Holder {
        Holder {
            business: BusinessId::generate(),
            customer: CustomerId::generate(),
            card: CardId::generate(),
        }
    }

    #[test]
    fn a_link_opens_its_card_for_a_day_and_not_longer() {
        let (holder, now) = (holder(), Utc::now());
        let link = secrets().link(holder, now);
        assert_eq!(secrets().read_link(&link, now), Some(holder));
        assert_eq!(secrets().read_link(&link, now + chrono::Duration::hours(23)), Some(holder));
        assert_eq!(secrets().read_link(&link, now + chrono::Duration::hours(25)), None);
    }

    #[test]
    fn a_passs_token_is_long_enough_for_apple_and_opens_no_other_pass() {
        let (mine, hers) = (CardId::generate(), CardId::generate());
        let token = secrets().pass_token(mine);
        assert!(token.len() >= 16);
        assert!(secrets().is_pass_token(mine, &token) && !secrets().is_pass_token(hers, &token));
    }

    proptest! {
        /// No change of any character of a link reads as a link.
        #[test]
        fn a_changed_link_is_refused(place in 0..90_usize, letter in "[A-Za-z0-9_-]") {
            let now = Utc::now();
            let link = secrets().link(holder(), now);
            let mut forged = link.clone();
            forged.replace_range(place..=place, &letter);
            prop_assume!(forged != link);
            prop_assert_eq!(secrets().read_link(&forged, now), None);
        }

        /// Reading is total.
        #[test]
        fn whatever_comes_as_a_link_is_read_or_refused(text in "\\PC{0,120}") {
            prop_assert_eq!(secrets().read_link(&text, Utc::now()), None);
        }
    }
}
