//! Opaque tokens and short codes: random, shown once, kept as a hash.

use std::fmt;

use aws_lc_rs::{digest, hmac, rand};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use kernel::{BusinessId, MessageId};

use crate::domain::word::Word;

/// Longest token that is looked at: ours are shorter.
const LONGEST: usize = 200;
/// Letters and digits that nobody confuses on paper or aloud: no I, L, O, U.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/// Letters of a pairing code: 40 bits, good for ten minutes.
const PAIRING_LETTERS: usize = 8;
/// Letters of a recovery code: 80 bits, good for years.
const RECOVERY_LETTERS: usize = 16;
/// Characters of an API key that are kept to tell keys apart.
const API_KEY_PREFIX: usize = 14;

/// Something only its bearer should have. `Debug` hides it.
#[derive(Clone, PartialEq, Eq)]
pub struct Token(String);

/// What is kept of a token.
pub type TokenHash = [u8; 32];

impl Token {
    /// 256 random bits, as base64url.
    pub fn generate() -> Self {
        Self(URL_SAFE_NO_PAD.encode(random::<32>()))
    }

    /// A key of a shop's own system, recognisable as one of ours where it leaks.
    pub fn generate_api_key() -> Self {
        Self(format!("sello_{}", URL_SAFE_NO_PAD.encode(random::<32>())))
    }

    /// A code to type or scan on another device.
    pub fn generate_pairing_code() -> Self {
        Self(letters::<PAIRING_LETTERS>())
    }

    /// A code to write down: `XXXX-XXXX-XXXX-XXXX`.
    pub fn generate_recovery_code() -> Self {
        let code = letters::<RECOVERY_LETTERS>();
        let groups: Vec<&str> = (0..code.len()).step_by(4).map(|at| &code[at..at + 4]).collect();
        Self(groups.join("-"))
    }

    /// A token somebody shows. Any text may be one; what is too long is none.
    pub fn from_bearer(text: &str) -> Option<Self> {
        let text = text.trim();
        (!text.is_empty() && text.len() <= LONGEST).then(|| Self(text.to_owned()))
    }

    /// A code somebody typed: spaces, dashes and capitals do not count, and confusable letters are read as meant.
    pub fn from_typed_code(text: &str) -> Option<Self> {
        let meant: String = text
            .chars()
            .filter(|letter| !letter.is_whitespace() && *letter != '-')
            .map(|letter| match letter.to_ascii_uppercase() {
                'O' => '0',
                'I' | 'L' => '1',
                other => other,
            })
            .collect();
        Self::from_bearer(&meant)
    }

    /// Bytes as letters and digits that nobody confuses, one each.
    pub(super) fn letters(bytes: &[u8]) -> String {
        bytes.iter().map(|byte| char::from(ALPHABET[usize::from(byte % 32)])).collect()
    }

    /// The token, to be handed over.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// What is stored and looked up. Plain SHA-256 is enough: the tokens are random, not chosen by people.
    pub fn hash(&self) -> TokenHash {
        let mut hash = [0; 32];
        hash.copy_from_slice(digest::digest(&digest::SHA256, self.0.as_bytes()).as_ref());
        hash
    }

    /// The beginning of an API key.
    pub fn prefix(&self) -> &str {
        self.0.get(..API_KEY_PREFIX).unwrap_or(&self.0)
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(…)")
    }
}

/// The code a customer shares so that a friend's joining counts for her: short, since it stands in a link.
pub fn generate_referral_code() -> String {
    letters::<10>()
}

/// The secret of this deployment from which keyed hashes are made.
#[derive(Clone)]
pub struct ServerSecret(hmac::Key);

impl ServerSecret {
    /// New bytes for a deployment that has none yet.
    pub fn generate_bytes() -> [u8; 32] {
        random()
    }

    /// The secret of these stored bytes.
    pub fn new(bytes: &[u8]) -> Self {
        Self(hmac::Key::new(hmac::HMAC_SHA256, bytes))
    }

    fn keyed(&self, purpose: &str, value: &str) -> TokenHash {
        let mut context = hmac::Context::with_key(&self.0);
        // The divider cannot stand in a purpose, so no two pairs read alike.
        for part in [purpose.as_bytes(), &[0], value.as_bytes()] {
            context.update(part);
        }
        let mut hash = [0; 32];
        hash.copy_from_slice(context.sign().as_ref());
        hash
    }

    /// The refresh token that follows this one: always the same, and known only to who has both token and secret.
    pub fn successor(&self, token: &Token) -> Token {
        Token(URL_SAFE_NO_PAD.encode(self.keyed("refresh", token.reveal())))
    }

    /// The holder token that a sign-up gives. Who knows seed and secret can give it again, though only its hash is stored.
    pub fn holder_token(&self, business: BusinessId, seed: &Token) -> Token {
        Token(URL_SAFE_NO_PAD.encode(self.keyed("holder", &seeded(business, seed))))
    }

    /// The word that a sign-up gives, and gives again.
    pub fn word(&self, business: BusinessId, seed: &Token) -> Word {
        Word::of(&self.keyed("word", &seeded(business, seed)))
    }

    /// What is stored of a word: it is short, so a plain hash would not hide it.
    pub fn word_hash(&self, word: &Word) -> TokenHash {
        self.keyed("word_hash", &word.written())
    }

    /// The link to her card that a word gives, and gives again to the same message.
    pub fn link(&self, word: &Word, message: MessageId) -> Token {
        Token(URL_SAFE_NO_PAD.encode(self.keyed("link", &format!("{}/{message}", word.written()))))
    }

    /// What is kept of a sign-up's form, to know the same one again.
    pub fn form_hash(&self, form: &str) -> TokenHash {
        self.keyed("form", form)
    }

    /// What is kept of a phone after its owner was erased.
    pub fn phone_hash(&self, phone: &str) -> TokenHash {
        self.keyed("phone", phone)
    }

    /// What wrong tries at an e-mail address are counted under, known or not.
    pub fn email_hash(&self, email: &str) -> TokenHash {
        self.keyed("email", email)
    }
}

fn seeded(business: BusinessId, seed: &Token) -> String {
    format!("{business}/{}", seed.reveal())
}

/// True where both are the same, in a time that does not tell how much of them is.
pub fn same(one: &str, other: &str) -> bool {
    let hash = |text: &str| digest::digest(&digest::SHA256, text.as_bytes());
    aws_lc_rs::constant_time::verify_slices_are_equal(hash(one).as_ref(), hash(other).as_ref()).is_ok()
}

fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    // AWS-LC ends the process rather than give weak bytes; an error here is a machine without randomness.
    rand::fill(&mut bytes).expect("the system has randomness");
    bytes
}

fn letters<const N: usize>() -> String {
    Token::letters(&random::<N>())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_token_never_enters_a_log() {
        let token = Token::generate();
        assert!(!format!("{token:?}").contains(token.reveal()));
    }

    #[test]
    fn a_code_is_read_as_it_was_meant() {
        let code = Token::from_typed_code(" 0ilk-9abc ").unwrap();
        assert_eq!(code.reveal(), "011K9ABC");
        assert_eq!(Token::generate_recovery_code().reveal().len(), 19);
    }

    #[test]
    fn an_api_key_tells_what_it_is_and_little_more() {
        let key = Token::generate_api_key();
        assert!(key.prefix().starts_with("sello_") && key.reveal().len() > 40);
    }

    #[test]
    fn phone_and_email_of_the_same_letters_hash_apart() {
        let secret = ServerSecret::new(&ServerSecret::generate_bytes());
        assert_ne!(secret.phone_hash("a"), secret.email_hash("a"));
    }

    #[test]
    fn a_sign_up_gives_the_same_again_and_another_business_gives_another() {
        let secret = ServerSecret::new(&ServerSecret::generate_bytes());
        let (business, seed) = (BusinessId::generate(), Token::generate());
        assert_eq!(secret.holder_token(business, &seed), secret.holder_token(business, &seed));
        assert_eq!(secret.word(business, &seed), secret.word(business, &seed));
        assert_ne!(secret.holder_token(BusinessId::generate(), &seed), secret.holder_token(business, &seed));
        assert_ne!(secret.holder_token(business, &seed).reveal(), seed.reveal());
    }

    proptest! {
        /// A successor is always the same, never its predecessor, and another deployment's is another.
        #[test]
        fn successors_are_determined_by_token_and_secret(one in any::<[u8; 32]>(), two in any::<[u8; 32]>()) {
            let token = Token::generate();
            let secret = ServerSecret::new(&one);
            prop_assert_eq!(secret.successor(&token), secret.successor(&token));
            prop_assert_ne!(secret.successor(&token), token.clone());
            if one != two {
                prop_assert_ne!(ServerSecret::new(&two).successor(&token), secret.successor(&token));
            }
        }
    }
}
