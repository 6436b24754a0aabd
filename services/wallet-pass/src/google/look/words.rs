use kernel::Locale;

/// What stands on a pass in one language.
pub(super) struct Words {
    pub(super) tag: &'static str,
    pub(super) stamps: &'static str,
    pub(super) rewards: &'static str,
    pub(super) next: &'static str,
    pub(super) open: &'static str,
    pub(super) filled: &'static str,
    pub(super) news: &'static str,
    pub(super) how_it_works: &'static str,
    pub(super) how_it_works_said: &'static str,
    pub(super) logo_of: &'static str,
}

const ES: Words = Words {
    tag: "es-PE",
    stamps: "Sellos",
    rewards: "Premios",
    next: "Próximo premio",
    open: "Premios por canjear",
    filled: "Tarjetas completadas",
    news: "Novedades",
    how_it_works: "Cómo funciona",
    how_it_works_said: "Muestra este código al pagar: la caja lo escanea y tus sellos aparecen aquí.",
    logo_of: "Logo de",
};

const EN: Words = Words {
    tag: "en",
    stamps: "Stamps",
    rewards: "Rewards",
    next: "Next reward",
    open: "Rewards to redeem",
    filled: "Cards completed",
    news: "News",
    how_it_works: "How it works",
    how_it_works_said: "Show this code when you pay: the till scans it, and your stamps appear here.",
    logo_of: "Logo of",
};

pub(super) fn words(language: Locale) -> &'static Words {
    match language {
        Locale::Es => &ES,
        Locale::En => &EN,
    }
}

/// "5 sellos".
pub(super) fn stamps(language: Locale, count: i32) -> String {
    match (language, count) {
        (Locale::Es, 1) => "1 sello".into(),
        (Locale::Es, _) => format!("{count} sellos"),
        (Locale::En, 1) => "1 stamp".into(),
        (Locale::En, _) => format!("{count} stamps"),
    }
}

/// "Te faltan 3 sellos".
pub(super) fn to_go(language: Locale, count: i32) -> String {
    let stamps = stamps(language, count);
    match (language, count) {
        (Locale::Es, 1) => format!("te falta {stamps}"),
        (Locale::Es, _) => format!("te faltan {stamps}"),
        (Locale::En, _) => format!("{stamps} to go"),
    }
}

/// What the picture of the stamps shows, for who cannot see it.
pub(super) fn so_far(language: Locale, stamps: i32, required: i32) -> String {
    match language {
        Locale::Es => format!("{stamps} de {required} sellos"),
        Locale::En => format!("{stamps} of {required} stamps"),
    }
}
