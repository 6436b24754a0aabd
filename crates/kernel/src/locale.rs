use serde::{Deserialize, Serialize};

/// A language that every text of Sello exists in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Locale {
    /// Peruvian Spanish (`es-PE`), the first language.
    #[default]
    Es,
    /// English.
    En,
}

impl Locale {
    /// The two letters stored and sent: `es` or `en`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Es => "es",
            Self::En => "en",
        }
    }

    /// Reads the two letters; none for anything else.
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::Es, Self::En].into_iter().find(|locale| locale.as_str() == word)
    }

    /// Reads a language tag (`en-US`); what Sello does not speak becomes Spanish.
    pub fn from_tag(tag: &str) -> Self {
        if tag.trim_start().get(..2).is_some_and(|two| two.eq_ignore_ascii_case("en")) {
            Self::En
        } else {
            Self::Es
        }
    }

    /// The first language of an `Accept-Language` header (RFC 9110 §12.5.4) that Sello speaks, by the client's
    /// weights.
    pub fn from_accept_language(header: &str) -> Self {
        let mut best = (Self::Es, 0.0_f32);
        for part in header.split(',') {
            let (tag, weight) = match part.split_once(";q=") {
                Some((tag, weight)) => (tag, weight.trim().parse().unwrap_or(0.0)),
                None => (part, 1.0),
            };
            let tag = tag.trim();
            let spoken =
                tag.get(..2).is_some_and(|two| matches!(two.to_ascii_lowercase().as_str(), "es" | "en"));
            if spoken && weight > best.1 {
                best = (Self::from_tag(tag), weight);
            }
        }
        best.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_one_of_the_two_and_nothing_like_them() {
        assert_eq!(["es", "en"].map(Locale::from_word), [Some(Locale::Es), Some(Locale::En)]);
        assert_eq!(["", "ES", "en-US", "fr"].map(Locale::from_word), [None; 4]);
    }

    #[test]
    fn the_heaviest_language_that_is_spoken_wins() {
        assert_eq!(Locale::from_accept_language("qu, en;q=0.5, es;q=0.8"), Locale::Es);
        assert_eq!(Locale::from_accept_language("en-US,en;q=0.9"), Locale::En);
        assert_eq!(Locale::from_accept_language("fr, ñ;q=2"), Locale::Es);
    }
}
