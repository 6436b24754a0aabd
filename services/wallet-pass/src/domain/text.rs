//! What we say, in every language that we speak.

use kernel::Locale;

/// A text in both languages. Which one is read, the phone decides.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Text {
    /// In Spanish.
    pub es: String,
    /// In English.
    pub en: String,
}

impl Text {
    /// A text of ours.
    pub fn new(es: impl Into<String>, en: impl Into<String>) -> Self {
        Self { es: es.into(), en: en.into() }
    }

    /// A shop's own words, which nobody translates.
    pub fn of_the_shop(words: impl Into<String>) -> Self {
        let words = words.into();
        Self { es: words.clone(), en: words }
    }

    /// The words in a language.
    pub fn read_in(&self, language: Locale) -> &str {
        match language {
            Locale::Es => &self.es,
            Locale::En => &self.en,
        }
    }

    /// Whether nothing is said.
    pub fn is_empty(&self) -> bool {
        self.es.is_empty() && self.en.is_empty()
    }
}
