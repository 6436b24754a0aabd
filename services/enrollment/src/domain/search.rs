//! Finding a customer by a part of her name, with or without accents, or of her phone.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// Fewest characters a stamper must give, so that nobody leafs through the customers at a till.
pub const FEWEST_FOR_TILL: usize = 3;
/// Most rows a stamper sees.
pub const MOST_FOR_TILL: i64 = 10;
/// Fewest digits that are taken for a part of a phone.
const FEWEST_DIGITS: usize = 3;
/// Most words of a search that count.
const MOST_WORDS: usize = 8;

/// A name as it is searched: lower case, no accents, words of letters and digits divided by one space.
pub fn normalise(name: &str) -> String {
    let plain: String = name
        .nfd()
        .filter(|letter| !is_combining_mark(*letter))
        .flat_map(char::to_lowercase)
        .map(|letter| if letter.is_alphanumeric() { letter } else { ' ' })
        .collect();
    plain.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// What somebody looks for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Search {
    /// Every one of these must stand somewhere in the name. Letters and digits only, so nothing in them is a
    /// pattern.
    pub words: Vec<String>,
    /// Or this must stand somewhere in the phone; absent where the search has letters or too few digits.
    pub digits: Option<String>,
}

impl Search {
    /// Reads what was typed; nothing typed finds everybody.
    pub fn parse(text: &str) -> Self {
        let normal = normalise(text);
        let words = normal.split_whitespace().take(MOST_WORDS).map(str::to_owned).collect();
        let has_letters = normal.chars().any(|letter| !letter.is_ascii_digit() && letter != ' ');
        let digits: String = normal.chars().filter(char::is_ascii_digit).collect();
        // `0051…` is `+51…`, which is stored.
        let digits = digits.strip_prefix("00").map(str::to_owned).unwrap_or(digits);
        Self { words, digits: (!has_letters && digits.len() >= FEWEST_DIGITS).then_some(digits) }
    }

    /// How much was typed, in characters that count.
    pub fn length(&self) -> usize {
        self.words.iter().map(|word| word.chars().count()).sum()
    }

    /// True where it would find everybody.
    pub fn is_empty(&self) -> bool {
        self.words.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn accents_capitals_and_signs_do_not_count() {
        assert_eq!(normalise("  José-Luis  ÑAUPARI Pérez "), "jose luis naupari perez");
    }

    #[test]
    fn digits_are_a_part_of_a_phone_and_letters_are_not() {
        assert_eq!(Search::parse("987 654").digits.as_deref(), Some("987654"));
        assert_eq!(Search::parse("0051 987").digits.as_deref(), Some("51987"));
        assert_eq!(Search::parse("ana 987").digits, None);
        assert_eq!(Search::parse("98").digits, None);
    }

    proptest! {
        /// Normal is normal: doing it again changes nothing, and no letter of a pattern is left.
        #[test]
        fn normalising_is_stable_and_leaves_no_pattern(name in "\\PC{0,60}") {
            let once = normalise(&name);
            prop_assert_eq!(normalise(&once), once.clone());
            prop_assert!(!once.contains(['%', '_', '\\']));
        }

        /// Whoever types any whole word of a name, in capitals and without accents, finds that name.
        #[test]
        fn every_word_of_a_name_finds_it(name in "[A-Za-zÁÉÍÓÚáéíóúñÑ]{2,8}( [A-Za-zÁÉÍÓÚáéíóúñÑ]{2,8}){0,3}") {
            let stored = normalise(&name);
            for word in name.split(' ') {
                for found in Search::parse(&word.to_uppercase()).words {
                    prop_assert!(stored.contains(&found));
                }
            }
        }
    }
}
