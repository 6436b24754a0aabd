//! What a customer means by what she writes. Accents, capitals and punctuation do not count.

/// What follows from a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Meaning {
    /// No marketing any more: BAJA, ALTO, STOP.
    Stop,
    /// Marketing again: ALTA, START.
    Start,
    /// The one-use word of the join page, as it is to be looked up.
    Word(String),
    /// How many stamps has she?
    Stamps,
    /// One of several answers, by its number.
    Choice(usize),
    /// For a person to read.
    Other,
}

/// Words that end marketing, alone or before "por favor".
const STOP: [&str; 12] = [
    "baja",
    "alto",
    "stop",
    "darme de baja",
    "dar de baja",
    "dame de baja",
    "quiero darme de baja",
    "unsubscribe",
    "no mas mensajes",
    "no mas",
    "cancelar suscripcion",
    "stop promotions",
];
/// Words that begin it again.
const START: [&str; 6] = ["alta", "start", "darme de alta", "dame de alta", "quiero alta", "unstop"];
/// Questions for the card.
const STAMPS: [&str; 14] = [
    "sellos",
    "mis sellos",
    "sello",
    "cuantos sellos",
    "cuantos sellos tengo",
    "cuantos sellos me faltan",
    "cuantos me faltan",
    "mi tarjeta",
    "tarjeta",
    "ver mi tarjeta",
    "stamps",
    "my stamps",
    "how many stamps",
    "how many stamps do i have",
];
/// What may stand around any of them.
const POLITE: [&str; 9] =
    ["por favor", "porfavor", "porfa", "please", "gracias", "thanks", "hola", "buenas", "ya"];
/// What a one-use word begins with.
const MARK: &str = "SELLO";
/// Its letters and digits after the mark.
const LETTERS: usize = 8;
/// Longest text that is looked at: what means something is short.
pub(super) const LONGEST: usize = 400;

impl Meaning {
    /// The word told and stored.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Stop => "stop",
            Self::Start => "start",
            Self::Word(_) => "word",
            Self::Stamps => "stamps",
            Self::Choice(_) | Self::Other => "other",
        }
    }

    /// Reads a message.
    pub fn of(text: &str) -> Self {
        let short: String = text.chars().take(LONGEST).collect();
        // Stopping goes before everything: it must never be missed.
        let plain = plain(&short);
        let bare = without_courtesy(&plain);
        if STOP.contains(&bare.as_str()) || STOP.contains(&plain.as_str()) {
            return Self::Stop;
        }
        if let Some(word) = word(&short) {
            return Self::Word(word);
        }
        if START.contains(&bare.as_str()) {
            return Self::Start;
        }
        if STAMPS.contains(&bare.as_str()) {
            return Self::Stamps;
        }
        match bare.as_str() {
            number if number.len() == 1 => match number.parse() {
                Ok(number @ 1..=9) => Self::Choice(number),
                _ => Self::Other,
            },
            _ => Self::Other,
        }
    }
}

/// Small letters and digits without accents, words divided by one space.
pub(super) fn plain(text: &str) -> String {
    let folded: String = text
        .chars()
        .flat_map(char::to_lowercase)
        .map(|letter| match letter {
            'á' | 'à' | 'ä' | 'â' => 'a',
            'é' | 'è' | 'ë' | 'ê' => 'e',
            'í' | 'ì' | 'ï' | 'î' => 'i',
            'ó' | 'ò' | 'ö' | 'ô' => 'o',
            'ú' | 'ù' | 'ü' | 'û' => 'u',
            // Combining accents, as some keyboards send them, stand apart and are dropped below.
            letter if letter.is_alphanumeric() || ('\u{300}'..='\u{36f}').contains(&letter) => letter,
            _ => ' ',
        })
        .filter(|letter| !('\u{300}'..='\u{36f}').contains(letter))
        .collect();
    folded.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Without greetings before and thanks after.
pub(super) fn without_courtesy(plain: &str) -> String {
    let mut bare = plain;
    loop {
        let before = bare;
        for polite in POLITE {
            if let Some(rest) = bare.strip_suffix(polite).and_then(|rest| rest.strip_suffix(' ')) {
                bare = rest;
            }
            if let Some(rest) = bare.strip_prefix(polite).and_then(|rest| rest.strip_prefix(' ')) {
                bare = rest;
            }
        }
        if bare == before {
            return bare.to_owned();
        }
    }
}

/// The one-use word, wherever it stands in the text and however its dash was kept.
fn word(text: &str) -> Option<String> {
    let upper = text.to_uppercase();
    for (at, _) in upper.match_indices(MARK) {
        let before = upper[..at].chars().next_back();
        if before.is_some_and(char::is_alphanumeric) {
            continue;
        }
        let rest = &upper[at + MARK.len()..];
        // Without a dash or a space it would be "SELLOS…".
        let rest = rest.strip_prefix(['-', ' ', '–', '—', '_'])?.trim_start();
        let letters: String = rest.chars().take_while(char::is_ascii_alphanumeric).collect();
        if letters.len() == LETTERS {
            return Some(format!("{MARK}-{letters}"));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn stopping_is_understood_however_it_is_written() {
        for text in [
            "BAJA",
            "baja.",
            " ¡Baja! ",
            "Alto",
            "STOP",
            "Stop please",
            "Hola, baja por favor",
            "No más",
            "Darme de baja",
        ] {
            assert_eq!(Meaning::of(text), Meaning::Stop, "{text}");
        }
    }

    #[test]
    fn not_every_mention_of_a_word_is_a_wish() {
        for text in
            ["¿La tienda de la planta baja?", "alto ahí, ¿tienen torta?", "start up", "quiero 2 cafés", ""]
        {
            assert_eq!(Meaning::of(text), Meaning::Other, "{text}");
        }
    }

    #[test]
    fn beginning_again_and_asking_for_stamps() {
        assert_eq!((Meaning::of("ALTA"), Meaning::of("Start, please")), (Meaning::Start, Meaning::Start));
        for text in [
            "sellos",
            "¿Cuántos sellos tengo?",
            "CUANTOS SELLOS",
            "Hola, mis sellos porfa",
            "How many stamps?",
        ] {
            assert_eq!(Meaning::of(text), Meaning::Stamps, "{text}");
        }
    }

    #[test]
    fn the_one_use_word_is_found_in_its_sentence() {
        let found = Meaning::Word("SELLO-7KQ2M9XZ".into());
        for text in [
            "SELLO-7KQ2M9XZ",
            "Hola, confirmo mi tarjeta: sello-7kq2m9xz.",
            "Sello 7kq2m9xz",
            "(SELLO-7KQ2M9XZ)",
        ] {
            assert_eq!(Meaning::of(text), found, "{text}");
        }
        for text in ["SELLO-123", "sellos12345678", "SELLO-123456789", "sello"] {
            assert!(!matches!(Meaning::of(text), Meaning::Word(_)), "{text}");
        }
    }

    #[test]
    fn a_number_alone_is_a_choice() {
        assert_eq!((Meaning::of("2"), Meaning::of(" 1. ")), (Meaning::Choice(2), Meaning::Choice(1)));
        assert_eq!((Meaning::of("0"), Meaning::of("12")), (Meaning::Other, Meaning::Other));
    }

    proptest! {
        /// Whatever she writes, reading it never panics, and shouting changes nothing.
        #[test]
        fn reading_is_total(text in "\\PC{0,120}") {
            let _ = Meaning::of(&text);
        }

        #[test]
        fn capitals_and_full_stops_do_not_count(text in prop::sample::select(vec!["baja", "alta", "sellos", "cuántos sellos tengo"])) {
            prop_assert_eq!(Meaning::of(&format!("  {}!!", text.to_uppercase())), Meaning::of(text));
        }
    }
}
