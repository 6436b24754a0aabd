//! What is printed on a poster, in Spanish and in English.

use kernel::Locale;

/// Before the headline: what it takes.
pub(super) fn lead(stamps: u32, locale: Locale) -> String {
    match (locale, stamps) {
        (Locale::Es, 1) => "Junta 1 sello y llévate".to_owned(),
        (Locale::Es, _) => format!("Junta {stamps} sellos y llévate"),
        (Locale::En, 1) => "Collect 1 stamp and get".to_owned(),
        (Locale::En, _) => format!("Collect {stamps} stamps and get"),
    }
}

/// A reward on the way to the headline's.
pub(super) fn on_the_way(stamps: u32, title: &str, locale: Locale) -> String {
    match (locale, stamps) {
        (Locale::Es, 1) => format!("Con 1 sello: {title}"),
        (Locale::Es, _) => format!("Con {stamps} sellos: {title}"),
        (Locale::En, 1) => format!("With 1 stamp: {title}"),
        (Locale::En, _) => format!("With {stamps} stamps: {title}"),
    }
}

/// What to do.
pub(super) fn call(locale: Locale) -> &'static str {
    match locale {
        Locale::Es => "Escanea con la cámara de tu celular",
        Locale::En => "Scan with your phone’s camera",
    }
}

/// Why not to hesitate.
pub(super) fn promise(locale: Locale) -> &'static str {
    match locale {
        Locale::Es => "Sin app. En un minuto.",
        Locale::En => "No app. In a minute.",
    }
}

/// Before the address, for a phone whose camera does not read codes.
pub(super) fn by_hand(locale: Locale) -> &'static str {
    match locale {
        Locale::Es => "O entra a",
        Locale::En => "Or go to",
    }
}
