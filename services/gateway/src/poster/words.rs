//! What is printed on a poster, in Spanish and in English.

use kernel::Locale;

/// A space that no line ends at.
pub(super) const TIE: char = '\u{a0}';

/// Several things beside each other; no line begins with the dot between two.
pub(super) fn beside<T: AsRef<str>>(things: &[T]) -> String {
    let things: Vec<&str> = things.iter().map(AsRef::as_ref).collect();
    things.join(&format!("{TIE}· "))
}

/// Before the headline: what it takes.
pub(super) fn lead(stamps: u32, locale: Locale) -> String {
    match (locale, stamps) {
        (Locale::Es, 1) => "Junta 1 sello y llévate".to_owned(),
        (Locale::Es, _) => format!("Junta {stamps} sellos y llévate"),
        (Locale::En, 1) => "Collect 1 stamp and get".to_owned(),
        (Locale::En, _) => format!("Collect {stamps} stamps and get"),
    }
}

/// The headline where there is no reward to name.
pub(super) fn invitation(locale: Locale) -> &'static str {
    match locale {
        Locale::Es => "Escanea y junta sellos",
        Locale::En => "Scan and collect stamps",
    }
}

/// A reward on the way to the headline's.
pub(super) fn on_the_way(stamps: u32, title: &str, locale: Locale) -> String {
    match (locale, stamps) {
        (Locale::Es, 1) => format!("Con{TIE}1{TIE}sello: {title}"),
        (Locale::Es, _) => format!("Con{TIE}{stamps}{TIE}sellos: {title}"),
        (Locale::En, 1) => format!("With{TIE}1{TIE}stamp: {title}"),
        (Locale::En, _) => format!("With{TIE}{stamps}{TIE}stamps: {title}"),
    }
}

/// What to do, in lines that are read in one breath each.
pub(super) fn call(locale: Locale) -> [&'static str; 3] {
    match locale {
        Locale::Es => ["Escanea", "con la cámara", "de tu celular"],
        Locale::En => ["Scan with", "your phone’s", "camera"],
    }
}

/// Why not to hesitate.
pub(super) fn promise(locale: Locale) -> [&'static str; 2] {
    match locale {
        Locale::Es => ["Sin app.", "En un minuto."],
        Locale::En => ["No app.", "In a minute."],
    }
}

/// For a phone whose camera does not read codes.
pub(super) fn by_hand(address: &str, locale: Locale) -> String {
    match locale {
        Locale::Es => format!("O entra a {address}"),
        Locale::En => format!("Or go to {address}"),
    }
}
