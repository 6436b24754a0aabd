//! What a business is called, and where it stands.

use kernel::{BusinessId, Invalid, Locale, LocationId, Zone};

use crate::domain::search;

/// Fewest and most characters of a slug.
const SLUG_LENGTH: std::ops::RangeInclusive<usize> = 3..=40;
/// Characters of a made slug that leave room for a suffix.
const MADE_LENGTH: usize = 34;
/// Digits of Peru's taxpayer number.
const RUC_DIGITS: usize = 11;
/// Words that the gateway's own addresses use, or that would mislead.
const RESERVED: [&str; 8] = ["api", "admin", "caja", "panel", "sello", "unete", "wallet", "webhooks"];

/// A tenant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Business {
    /// Its id.
    pub id: BusinessId,
    /// Its name in addresses.
    pub slug: String,
    /// Its name for people.
    pub name: String,
    /// Where it counts its days.
    pub zone: Zone,
    /// The language it speaks.
    pub language: Locale,
    /// Taxpayer number; may be empty.
    pub ruc: String,
    /// Grows by one with each change.
    pub version: i64,
    /// When it signed up.
    pub created_at: chrono::DateTime<chrono::Utc>,
}

/// One shop of a business.
#[derive(Clone, Debug)]
pub struct Location {
    /// Its id.
    pub id: LocationId,
    /// What the team calls it.
    pub name: String,
    /// Where it is; may be empty.
    pub address: String,
}

/// A business's name in addresses: lower-case ascii letters and digits, single dashes between them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Slug(String);

impl Slug {
    /// Reads a slug somebody chose.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let text = text.trim().to_ascii_lowercase();
        if text.is_empty() {
            return Err(Invalid::new("slug", "required"));
        }
        if text.len() > *SLUG_LENGTH.end() {
            return Err(Invalid::new("slug", "too_long"));
        }
        if text.len() < *SLUG_LENGTH.start() {
            return Err(Invalid::new("slug", "too_short"));
        }
        let plain = text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
        if !plain || text.starts_with('-') || text.ends_with('-') || text.contains("--") {
            return Err(Invalid::new("slug", "not_a_slug"));
        }
        if RESERVED.contains(&text.as_str()) {
            return Err(Invalid::new("slug", "reserved"));
        }
        Ok(Self(text))
    }

    /// Makes a slug from a name; the `attempt`-th carries a number, for when the earlier ones are taken.
    pub fn from_name(name: &str, attempt: u32) -> Self {
        let words: String = search::normalise(name)
            .chars()
            .filter(|letter| letter.is_ascii_alphanumeric() || *letter == ' ')
            .collect();
        let mut stem = words.split_whitespace().collect::<Vec<_>>().join("-");
        stem.truncate(MADE_LENGTH);
        let stem = stem.trim_end_matches('-');
        if attempt <= 1 && Self::parse(stem).is_ok() {
            return Self(stem.to_owned());
        }
        let stem = if stem.is_empty() { "negocio" } else { stem };
        Self(format!("{stem}-{}", attempt.max(2)))
    }

    /// The slug as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Reads a taxpayer number, or none.
pub fn parse_ruc(text: &str) -> Result<String, Invalid> {
    let text = text.trim();
    if text.is_empty() || (text.len() == RUC_DIGITS && text.bytes().all(|b| b.is_ascii_digit())) {
        Ok(text.to_owned())
    } else {
        Err(Invalid::new("ruc", "not_a_ruc"))
    }
}

/// Reads one of the languages Sello speaks.
pub fn parse_language(text: &str) -> Result<Locale, Invalid> {
    Locale::from_word(text).ok_or_else(|| Invalid::new("language", "not_spoken"))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_slug_is_made_from_the_name() {
        assert_eq!(Slug::from_name("Café Ñusta & Cía.", 1).as_str(), "cafe-nusta-cia");
        assert_eq!(Slug::from_name("Café Ñusta & Cía.", 3).as_str(), "cafe-nusta-cia-3");
    }

    #[test]
    fn names_that_make_no_slug_still_get_one() {
        for (name, slug) in [("日本", "negocio-2"), ("A", "a-2"), ("Caja", "caja-2"), ("!!", "negocio-2")] {
            assert_eq!(Slug::from_name(name, 1).as_str(), slug);
        }
    }

    #[test]
    fn a_ruc_has_eleven_digits_or_none() {
        assert!(parse_ruc("20601234567").is_ok() && parse_ruc("").is_ok());
        assert_eq!(parse_ruc("2060123456x"), Err(Invalid::new("ruc", "not_a_ruc")));
    }

    proptest! {
        /// Whatever a business is called, what is made of it is a slug, and the next attempt makes another one.
        #[test]
        fn every_name_makes_a_slug(name in "\\PC{0,90}", attempt in 1..10_000u32) {
            let made = Slug::from_name(&name, attempt);
            prop_assert_eq!(Slug::parse(made.as_str()), Ok(made.clone()));
            if attempt > 1 {
                prop_assert_ne!(Slug::from_name(&name, attempt + 1), made);
            }
        }

        /// Reading a slug never panics, and what is read holds nothing that an address could misread.
        #[test]
        fn slugs_are_plain(text in "\\PC{0,60}") {
            if let Ok(slug) = Slug::parse(&text) {
                prop_assert!(slug.as_str().bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-'));
            }
        }
    }
}
