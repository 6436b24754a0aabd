//! What the platform answers by itself: the catalogue, in both languages.

use kernel::Locale;

/// Automatic replies that one address has in a day, at most: each costs the shop money.
pub const MOST_A_DAY: i32 = 3;
/// Cards told of at most.
const MOST_CARDS: usize = 3;

/// A card as she is told of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CardLine {
    /// Stamps of the running cycle.
    pub stamps: i32,
    /// What the cycle asks for.
    pub required: i32,
    /// Rewards she may fetch.
    pub rewards: Vec<String>,
    /// Opens it.
    pub link: String,
}

/// Something to answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// Her number is hers; and whether she now gets news.
    Confirmed {
        /// She agreed to marketing.
        marketing: bool,
    },
    /// Her card is back; the link that opens it.
    Recovered {
        /// Opens her card, once.
        link: String,
    },
    /// The word is another number's.
    WrongNumber,
    /// The word was used, or is too old.
    WordOver,
    /// No marketing any more.
    Stopped,
    /// Marketing again; or nothing to begin again.
    Started {
        /// Something was begun again.
        any: bool,
    },
    /// Her cards.
    Cards(Vec<CardLine>),
    /// Which shop does she mean?
    WhichShop(Vec<String>),
    /// Which, where they are too many to be listed?
    NameShop {
        /// What she wrote is no shop's name.
        again: bool,
    },
}

impl Answer {
    /// The sentence, as the shop of this name says it.
    pub fn text(&self, shop: &str, language: Locale) -> String {
        match language {
            Locale::Es => self.spanish(shop),
            Locale::En => self.english(shop),
        }
    }

    fn spanish(&self, shop: &str) -> String {
        match self {
            Self::Confirmed { marketing: true } => {
                format!(
                    "Listo, confirmaste tu número en {shop}. Te avisaremos de premios y novedades. Para no recibir más, responde BAJA."
                )
            }
            Self::Confirmed { marketing: false } => format!("Listo, confirmaste tu número en {shop}."),
            Self::Recovered { link } => {
                format!(
                    "Aquí está tu tarjeta de {shop}. Ábrela en este celular; el enlace sirve una vez: {link}"
                )
            }
            Self::WrongNumber => {
                "Ese código es de otro número. Pídelo desde el celular con el que te registraste.".into()
            }
            Self::WordOver => {
                "Ese código ya se usó o venció. Pide otro desde la página de tu tarjeta.".into()
            }
            Self::Stopped => {
                "Listo, no te enviaremos más promociones. Si cambias de idea, responde ALTA.".into()
            }
            Self::Started { any: true } => {
                "Listo, volverás a recibir novedades. Para no recibir más, responde BAJA.".into()
            }
            Self::Started { any: false } => {
                "Para recibir novedades, únete a la tarjeta de tu tienda y marca que las quieres.".into()
            }
            Self::Cards(cards) if cards.is_empty() => {
                format!(
                    "No encontramos una tarjeta tuya en {shop}. Escanea el afiche de la tienda para tener una."
                )
            }
            Self::Cards(cards) => {
                let lines = cards.iter().take(MOST_CARDS).map(|card| {
                    let left = (card.required - card.stamps).max(0);
                    let state = if card.rewards.is_empty() {
                        format!("te faltan {left}")
                    } else {
                        format!("tienes por recoger: {}", card.rewards.join(", "))
                    };
                    format!("{} de {} sellos en {shop}; {state}. {}", card.stamps, card.required, card.link)
                });
                lines.collect::<Vec<_>>().join("\n")
            }
            Self::WhichShop(names) => {
                format!("¿A cuál tienda le escribes? Responde con el número.\n{}", numbered(names))
            }
            Self::NameShop { again: false } => {
                "¿A qué tienda le escribes? Responde con su nombre, como está en su afiche.".into()
            }
            Self::NameShop { again: true } => {
                "No encontramos una tienda con ese nombre. Responde solo con el nombre, como está en su afiche.".into()
            }
        }
    }

    fn english(&self, shop: &str) -> String {
        match self {
            Self::Confirmed { marketing: true } => {
                format!(
                    "Done, your number is confirmed at {shop}. We will tell you about rewards and news. To stop, reply STOP."
                )
            }
            Self::Confirmed { marketing: false } => format!("Done, your number is confirmed at {shop}."),
            Self::Recovered { link } => {
                format!("Here is your card at {shop}. Open it on this phone; the link works once: {link}")
            }
            Self::WrongNumber => {
                "That code belongs to another number. Ask for it from the phone you joined with.".into()
            }
            Self::WordOver => {
                "That code was used or has expired. Ask for another on your card's page.".into()
            }
            Self::Stopped => {
                "Done, we will send you no more promotions. If you change your mind, reply START.".into()
            }
            Self::Started { any: true } => "Done, you will get news again. To stop, reply STOP.".into(),
            Self::Started { any: false } => {
                "To get news, join your shop's card and tick that you want them.".into()
            }
            Self::Cards(cards) if cards.is_empty() => {
                format!("We found no card of yours at {shop}. Scan the shop's poster to get one.")
            }
            Self::Cards(cards) => {
                let lines = cards.iter().take(MOST_CARDS).map(|card| {
                    let left = (card.required - card.stamps).max(0);
                    let state = if card.rewards.is_empty() {
                        format!("{left} to go")
                    } else {
                        format!("ready for you: {}", card.rewards.join(", "))
                    };
                    format!("{} of {} stamps at {shop}; {state}. {}", card.stamps, card.required, card.link)
                });
                lines.collect::<Vec<_>>().join("\n")
            }
            Self::WhichShop(names) => {
                format!("Which shop are you writing to? Reply with the number.\n{}", numbered(names))
            }
            Self::NameShop { again: false } => {
                "Which shop are you writing to? Reply with its name, as it stands on its poster.".into()
            }
            Self::NameShop { again: true } => {
                "We found no shop of that name. Reply with nothing but its name, as it stands on its poster."
                    .into()
            }
        }
    }
}

fn numbered(names: &[String]) -> String {
    let lines = (1..).zip(names).map(|(number, name): (usize, _)| format!("{number}. {name}"));
    lines.collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_card_is_told_in_one_line() {
        let mut card =
            CardLine { stamps: 7, required: 10, rewards: vec![], link: "https://sello.pe/t/x".into() };
        let told = Answer::Cards(vec![card.clone()]).text("Café Luna", Locale::Es);
        assert_eq!(told, "7 de 10 sellos en Café Luna; te faltan 3. https://sello.pe/t/x");
        card.rewards = vec!["un café".into()];
        assert!(
            Answer::Cards(vec![card]).text("Café Luna", Locale::Es).contains("tienes por recoger: un café")
        );
    }

    #[test]
    fn shops_are_numbered() {
        let told = Answer::WhichShop(vec!["Café".into(), "Bodega".into()]).text("Café", Locale::Es);
        assert!(told.ends_with("1. Café\n2. Bodega"), "{told}");
    }

    #[test]
    fn every_answer_exists_in_both_languages() {
        let all = [
            Answer::Confirmed { marketing: true },
            Answer::Confirmed { marketing: false },
            Answer::Recovered { link: "x".into() },
            Answer::WrongNumber,
            Answer::WordOver,
            Answer::Stopped,
            Answer::Started { any: true },
            Answer::Started { any: false },
            Answer::Cards(vec![]),
            Answer::WhichShop(vec!["a".into()]),
            Answer::NameShop { again: false },
            Answer::NameShop { again: true },
        ];
        for answer in all {
            let (es, en) = (answer.text("Café", Locale::Es), answer.text("Café", Locale::En));
            assert!(es != en && !es.is_empty() && !en.is_empty(), "{answer:?}");
        }
    }
}
