//! What a customer means by what she writes. Accents, capitals and punctuation do not count.

/// What follows from a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Meaning {
    /// No marketing any more: BAJA, ALTO, STOP.
    Stop,
    /// Marketing again: ALTA, START.
    Start,
    /// What may be the one-use word of the join page, the likeliest first.
    Words(Vec<Word>),
    /// How many stamps has she?
    Stamps,
    /// One of several answers, by its number.
    Choice(usize),
    /// For a person to read.
    Other,
}

/// What may be a one-use word.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Word {
    /// As it is to be looked up.
    pub text: String,
    /// It bears its dash, which nobody writes by chance. Without one, eight letters after "sello" may be a word like any other.
    pub is_marked: bool,
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
/// How keyboards and people write the dash after it.
const DASHES: [char; 4] = ['-', '–', '—', '_'];
/// Its letters and digits after that.
const LETTERS: usize = 8;
/// Words of one text that are looked up.
const MOST_WORDS: usize = 3;
/// Longest text that is looked at: what means something is short.
pub(super) const LONGEST: usize = 400;

impl Meaning {
    /// The word told and stored.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Stop => "stop",
            Self::Start => "start",
            Self::Words(_) => "word",
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
        let words = words(&short);
        if !words.is_empty() {
            return Self::Words(words);
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

/// What may be the one-use word, wherever it stands in the text and however its dash was kept: first what bears one, then what
/// has a digit.
fn words(text: &str) -> Vec<Word> {
    let upper = text.to_uppercase();
    let mut words: Vec<Word> = upper.match_indices(MARK).filter_map(|(at, _)| word(&upper, at)).collect();
    words.sort_by_key(|word| (!word.is_marked, !word.text.contains(|letter: char| letter.is_ascii_digit())));
    words.truncate(MOST_WORDS);
    words
}

/// What follows the mark that stands there, where it may be a word.
fn word(upper: &str, at: usize) -> Option<Word> {
    let before = upper[..at].chars().next_back();
    if before.is_some_and(char::is_alphanumeric) {
        return None;
    }
    let rest = &upper[at + MARK.len()..];
    let dashed = rest.strip_prefix(DASHES);
    // Without a dash or a space it would be "SELLOS…".
    let after = dashed.or_else(|| rest.strip_prefix(' '))?;
    let letters: String = after.trim_start().chars().take_while(|letter| letter.is_alphanumeric()).collect();
    let is_one = letters.len() == LETTERS && letters.is_ascii();
    // "sello- anterior" is no word written with its dash.
    let is_marked = dashed.is_some_and(|after| !after.starts_with(char::is_whitespace));
    is_one.then(|| Word { text: format!("{MARK}-{letters}"), is_marked })
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

    fn found(word: &str, is_marked: bool) -> Word {
        Word { text: word.into(), is_marked }
    }

    #[test]
    fn the_one_use_word_is_found_in_its_sentence() {
        for (text, is_marked) in [
            ("SELLO-7KQ2M9XZ", true),
            ("Hola, confirmo mi tarjeta: sello-7kq2m9xz.", true),
            ("(SELLO-7KQ2M9XZ)", true),
            ("sello—7kq2m9xz", true),
            ("Quiero mis sellos. Mi palabra: SELLO-7KQ2M9XZ", true),
            ("Hola Sellos Lima, soy Ana: sello_7kq2m9xz", true),
            ("Sello 7kq2m9xz", false),
            ("sello- 7kq2m9xz", false),
        ] {
            assert_eq!(Meaning::of(text), Meaning::Words(vec![found("SELLO-7KQ2M9XZ", is_marked)]), "{text}");
        }
        for text in ["SELLO-123", "sellos12345678", "SELLO-123456789", "sello", "mi sello pequeñit"] {
            assert!(!matches!(Meaning::of(text), Meaning::Words(_)), "{text}");
        }
    }

    #[test]
    fn a_word_of_eight_letters_after_sello_is_only_perhaps_one() {
        for (text, word) in [
            ("Falta mi sello anterior", "SELLO-ANTERIOR"),
            ("el sello faltante", "SELLO-FALTANTE"),
            ("me deben un sello - anterior al viernes", ""),
        ] {
            let perhaps = match word {
                "" => Meaning::Other,
                word => Meaning::Words(vec![found(word, false)]),
            };
            assert_eq!(Meaning::of(text), perhaps, "{text}");
        }
        let all = Meaning::of("El sello faltante, o mi sello 7kq2m9xz; escrito: sello-00000000");
        let likeliest_first = vec![
            found("SELLO-00000000", true),
            found("SELLO-7KQ2M9XZ", false),
            found("SELLO-FALTANTE", false),
        ];
        assert_eq!(all, Meaning::Words(likeliest_first));
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

        /// Whatever she writes around it, the word that bears its dash is what is looked up first.
        #[test]
        fn a_word_is_found_behind_whatever_stands_before_it(before in "((sellos?|SELLO|mi|anterior|faltante)[ ,.:]{1,2}){0,12}",
                                                            word in "[A-Z0-9]{8}", after in "([ .,!)][a-z ]{0,20})?") {
            match Meaning::of(&format!("{before}SELLO-{word}{after}")) {
                Meaning::Words(words) => {
                    prop_assert_eq!(&words[0], &found(&format!("SELLO-{word}"), true));
                    prop_assert!(words.len() <= MOST_WORDS);
                }
                other => prop_assert!(false, "{other:?}"),
            }
        }

        /// Who writes no dash is never told that her word is over: it may be none.
        #[test]
        fn without_a_dash_nothing_is_surely_a_word(text in "((sellos?|Sello|mi|el|anterior|faltante|7kq2m9xz)[ ,.:]{1,2}){0,12}") {
            if let Meaning::Words(words) = Meaning::of(&text) {
                prop_assert!(words.iter().all(|word| !word.is_marked), "{:?}", words);
            }
        }

        #[test]
        fn capitals_and_full_stops_do_not_count(text in prop::sample::select(vec!["baja", "alta", "sellos", "cuántos sellos tengo"])) {
            prop_assert_eq!(Meaning::of(&format!("  {}!!", text.to_uppercase())), Meaning::of(text));
        }
    }
}
