//! Names of people, businesses, places and things, as people type them.

use kernel::Invalid;

/// Most characters of any name.
pub const LONGEST: usize = 80;
/// Most characters of an address.
const LONGEST_ADDRESS: usize = 200;

/// Reads a name: trimmed, 1 to 80 characters, none of them a control character. `field` is what the API calls it.
pub fn parse(field: &'static str, text: &str) -> Result<String, Invalid> {
    let text = text.trim();
    if text.is_empty() {
        return Err(Invalid::new(field, "required"));
    }
    checked(field, text, LONGEST)
}

/// Reads a name that may be absent; `otherwise` stands in for it.
pub fn parse_or(field: &'static str, text: &str, otherwise: &str) -> Result<String, Invalid> {
    if text.trim().is_empty() { Ok(otherwise.to_owned()) } else { parse(field, text) }
}

/// Reads an address; it may be empty.
pub fn parse_address(text: &str) -> Result<String, Invalid> {
    checked("address", text.trim(), LONGEST_ADDRESS)
}

fn checked(field: &'static str, text: &str, longest: usize) -> Result<String, Invalid> {
    if text.chars().count() > longest {
        return Err(Invalid::new(field, "too_long"));
    }
    if text.chars().any(is_unprintable) {
        return Err(Invalid::new(field, "not_printable"));
    }
    Ok(text.to_owned())
}

/// Control characters, and the invisible ones that turn the direction of text or hide in it.
fn is_unprintable(letter: char) -> bool {
    letter.is_control()
        || matches!(letter, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

/// The first word of a name: what a till calls her by.
pub fn first(name: &str) -> &str {
    name.split_whitespace().next().unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_name_is_trimmed_and_must_say_something() {
        assert_eq!(parse("name", "  María José  "), Ok("María José".into()));
        assert_eq!(parse("name", " \t "), Err(Invalid::new("name", "required")));
    }

    #[test]
    fn letters_that_cannot_be_seen_are_refused() {
        for text in ["Ana\u{0}", "Ana\nLuz", "Ana\u{202e}zuL", "A\u{200b}na"] {
            assert_eq!(parse("name", text), Err(Invalid::new("name", "not_printable")), "{text:?}");
        }
    }

    #[test]
    fn eighty_letters_pass_and_eighty_one_do_not() {
        assert!(parse("name", &"ñ".repeat(80)).is_ok());
        assert_eq!(parse("name", &"ñ".repeat(81)), Err(Invalid::new("name", "too_long")));
    }

    proptest! {
        /// What was read reads again as itself, and its first word is part of it.
        #[test]
        fn reading_is_total_and_stable(text in "\\PC{0,100}") {
            if let Ok(name) = parse("name", &text) {
                prop_assert_eq!(parse("name", &name), Ok(name.clone()));
                prop_assert!(!first(&name).is_empty() && name.contains(first(&name)));
            }
        }
    }
}
