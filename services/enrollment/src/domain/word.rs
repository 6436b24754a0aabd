//! One-use words: a customer sends one by WhatsApp from her own number, and that message is the proof.

use std::fmt;

use chrono::{DateTime, Duration, Utc};
use kernel::MessageId;

use crate::domain::token::Token;

/// How long a word is good.
pub const LIFE: Duration = Duration::hours(24);
/// What every word begins with, so that people and machines know one when they see it.
const MARK: &str = "SELLO-";
/// The mark as a typed code reads: capitals without dashes, `O` as zero and `L` as one.
const MARK_AS_READ: &str = "SE110";
/// Letters of a word: 40 bits, and only its customer's own number may send it.
const LETTERS: usize = 8;

/// A one-use word. `Debug` hides it.
#[derive(Clone, PartialEq, Eq)]
pub struct Word(String);

impl Word {
    /// The word of these random bytes.
    pub fn of(bytes: &[u8; 32]) -> Self {
        Self(Token::letters(&bytes[..LETTERS]))
    }

    /// A word as somebody typed or sent it, with its mark or without; capitals, spaces and dashes do not count, and confusable
    /// letters are read as meant. `None` for what cannot be one.
    pub fn parse(text: &str) -> Option<Self> {
        let code = Token::from_typed_code(text)?;
        let read = code.reveal();
        let letters = read.strip_prefix(MARK_AS_READ).filter(|rest| rest.len() == LETTERS).unwrap_or(read);
        let is_one = letters.len() == LETTERS && letters.bytes().all(|letter| letter.is_ascii_alphanumeric());
        is_one.then(|| Self(letters.to_owned()))
    }

    /// The word as it is shown and sent.
    pub fn written(&self) -> String {
        format!("{MARK}{}", self.0)
    }
}

impl fmt::Debug for Word {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Word(…)")
    }
}

/// What a word is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Her number, and with it the marketing consent she asked for.
    Confirm,
    /// Her number, for a link to her card.
    Recover,
}

impl Purpose {
    /// The word stored.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Confirm => "confirm",
            Self::Recover => "recover",
        }
    }

    /// Reads the stored word; the table allows no other.
    pub fn from_word(word: &str) -> Self {
        if word == "confirm" { Self::Confirm } else { Self::Recover }
    }
}

/// What becomes of a word that somebody sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It does its work now.
    Good,
    /// This very message did it before: it is answered again.
    Again,
    /// Another message of hers used it.
    Used,
    /// It is another number's.
    WrongNumber,
    /// Its day is over.
    Expired,
}

/// Judges a word. Whoever does not have the number learns only that the word is another's.
pub fn judge(
    from_her_number: bool,
    used_by: Option<MessageId>,
    message: MessageId,
    expires_at: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Verdict {
    let is_over = expires_at <= now;
    match used_by {
        _ if !from_her_number && is_over => Verdict::Expired,
        _ if !from_her_number => Verdict::WrongNumber,
        Some(before) if before == message => Verdict::Again,
        Some(_) => Verdict::Used,
        None if is_over => Verdict::Expired,
        None => Verdict::Good,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;

    proptest! {
        /// However a word is typed, it is read as itself.
        #[test]
        fn a_word_is_read_however_it_is_typed(bytes in any::<[u8; 32]>(), small in any::<bool>(), marked in any::<bool>()) {
            let word = Word::of(&bytes);
            let mut typed = word.written();
            if !marked {
                typed = typed.replace(MARK, "");
            }
            if small {
                typed = typed.to_lowercase();
            }
            let (head, tail) = typed.split_at(typed.len() - 4);
            prop_assert_eq!(Word::parse(&format!(" {head} {tail} ")), Some(word.clone()));
            prop_assert_eq!(Word::parse(&word.written().replace('0', "o").replace('1', "l")), Some(word));
        }

        /// Reading is total.
        #[test]
        fn anything_may_be_sent(text in "\\PC{0,60}") {
            let _ = Word::parse(&text);
        }

        /// Only one message ever uses a word, and only from the number it was made for.
        #[test]
        fn a_word_works_once_and_for_its_number(
            sent in proptest::collection::vec((any::<bool>(), 0..3u128, 0..40i64), 1..20),
        ) {
            let start = DateTime::UNIX_EPOCH;
            let (mut used_by, mut uses) = (None, 0);
            for (hers, message, hours) in sent {
                let (message, now) = (MessageId::from(Uuid::from_u128(message)), start + Duration::hours(hours));
                match judge(hers, used_by, message, start + LIFE, now) {
                    Verdict::Good => {
                        prop_assert!(hers && hours < 24);
                        used_by = Some(message);
                        uses += 1;
                    }
                    Verdict::Again => prop_assert!(hers && used_by == Some(message)),
                    Verdict::Used => prop_assert!(hers && used_by.is_some_and(|before| before != message)),
                    Verdict::WrongNumber => prop_assert!(!hers),
                    Verdict::Expired => prop_assert!(hours >= 24),
                }
            }
            prop_assert!(uses <= 1);
        }
    }

    #[test]
    fn what_is_too_short_or_too_long_is_no_word() {
        for text in ["", "SELLO-", "SELLO-1234567", "SELLO-123456789", "hola", "ñandú-12"] {
            assert_eq!(Word::parse(text), None, "{text}");
        }
    }

    #[test]
    fn a_word_never_enters_a_log() {
        let word = Word::of(&[7; 32]);
        assert!(!format!("{word:?}").contains(&word.0));
    }
}
