//! Where somebody is written to: an opaque text, often a phone number, sometimes not (WhatsApp users may hide theirs).

use std::fmt;

use aws_lc_rs::hmac;
use kernel::Phone;

/// Longest address that is taken: the provider promises 140 characters.
const LONGEST: usize = 140;
/// What stands before an address on the provider's side.
const CHANNEL: &str = "whatsapp:";

/// An address without its channel. `Debug` hides all but its end.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Address(String);

/// What is kept of an address where the address itself is not: enough to know it again.
pub type AddressHash = [u8; 32];

impl Address {
    /// Reads what the provider tells: `whatsapp:+51…`, `whatsapp:PE.…`.
    pub fn from_provider(text: &str) -> Option<Self> {
        let bare = text.strip_prefix(CHANNEL).unwrap_or(text).trim();
        let is_plain = bare.chars().all(|letter| letter.is_ascii_graphic());
        (!bare.is_empty() && bare.len() <= LONGEST && is_plain).then(|| Self(bare.to_owned()))
    }

    /// The address as it is stored.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The address as the provider takes it.
    pub fn for_provider(&self) -> String {
        format!("{CHANNEL}{}", self.0)
    }

    /// The number, where the address is one.
    pub fn phone(&self) -> Option<Phone> {
        self.0.starts_with('+').then(|| self.0.parse().ok()).flatten()
    }

    /// The last three characters: enough to tell two apart.
    pub fn end(&self) -> String {
        let from = self.0.chars().count().saturating_sub(3);
        self.0.chars().skip(from).collect()
    }
}

impl From<&Phone> for Address {
    fn from(phone: &Phone) -> Self {
        Self(phone.as_str().to_owned())
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Address(…{})", self.end())
    }
}

/// What addresses are hashed with.
pub struct AddressSecret(hmac::Key);

impl AddressSecret {
    /// From 64 hexadecimal digits.
    pub fn from_hex(text: &str) -> Option<Self> {
        let secret = hex::decode(text).ok().filter(|secret| secret.len() == 32)?;
        Some(Self(hmac::Key::new(hmac::HMAC_SHA256, &secret)))
    }

    /// The same for the same address, and telling nothing of it.
    pub fn hash(&self, address: &Address) -> AddressHash {
        let mut hash = [0; 32];
        hash.copy_from_slice(hmac::sign(&self.0, address.0.as_bytes()).as_ref());
        hash
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_hidden_number_is_an_address_too() {
        let hidden = Address::from_provider("whatsapp:PE.8fh2AbC").unwrap();
        assert_eq!((hidden.phone(), hidden.for_provider().as_str()), (None, "whatsapp:PE.8fh2AbC"));
        let number = Address::from_provider("whatsapp:+51987654321").unwrap();
        assert_eq!(number.phone().map(|phone| phone.as_str().to_owned()), Some("+51987654321".into()));
        assert_eq!(format!("{number:?}"), "Address(…321)");
    }

    #[test]
    fn an_address_is_known_again_by_its_hash_and_by_no_other_secret() {
        let (one, other) = ("11".repeat(32), "22".repeat(32));
        let (one, other) = (AddressSecret::from_hex(&one).unwrap(), AddressSecret::from_hex(&other).unwrap());
        let address = Address::from_provider("+51987654321").unwrap();
        assert_eq!(one.hash(&address), one.hash(&Address::from_provider("whatsapp:+51987654321").unwrap()));
        assert_ne!(one.hash(&address), other.hash(&address));
        assert!(AddressSecret::from_hex("abc").is_none());
    }

    proptest! {
        /// Whatever stands in `From`, reading it never panics, and what is too long or not plain is none.
        #[test]
        fn reading_is_total(text in "\\PC{0,200}") {
            if let Some(address) = Address::from_provider(&text) {
                prop_assert!(address.as_str().len() <= LONGEST);
                prop_assert!(address.end().chars().count() <= 3);
            }
        }
    }
}
