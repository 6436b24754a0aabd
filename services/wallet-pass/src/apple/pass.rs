//! What a pass says: the words and numbers of a card, in the two styles that iPhones know.

use kernel::Locale;
use pkpass::{Barcode, Color, Error, Field, Pass, Poster, SerialNumber, StoreCard, Strings, WebService};

use crate::domain::view::CardView;

/// The strip of stamps says it all on the older style; the poster of iOS 27 has room for words.
const NEWS: &str = "news";

/// Where a phone asks for the pass again, and with which secret.
pub(crate) struct Home<'a> {
    /// `https://…/wallet`.
    pub(crate) url: &'a str,
    /// The pass's own token.
    pub(crate) token: String,
    /// Plain HTTP may be written: only passes that no real phone takes.
    pub(crate) is_development: bool,
}

/// The words that a phone translates by itself: Spanish ones are their own keys, so that a phone in a third language shows
/// words.
pub(crate) fn strings() -> Result<Strings, Error> {
    let words = [
        ("SELLOS", "STAMPS"),
        ("PREMIO LISTO", "REWARD READY"),
        ("Novedades", "News"),
        ("Premios por recoger", "Rewards to pick up"),
        ("Cómo funciona", "How it works"),
        ("Tus datos", "Your data"),
        ("Premios", "Rewards"),
    ];
    words.into_iter().try_fold(Strings::none(), |strings, (es, en)| strings.with(es, es, en))
}

/// The pass of a card at this moment.
pub(crate) fn pass(
    view: &CardView,
    home: &Home<'_>,
    colors: [Color; 3],
    card_url: &str,
) -> Result<Pass, Error> {
    let web_service = if home.is_development { WebService::allow_http } else { WebService::new };
    let serial: SerialNumber = view.id.to_string().parse()?;
    let program = &view.program;
    let description = match view.language {
        Locale::Es => format!("Tarjeta de sellos de {}", program.organization),
        Locale::En => format!("Stamp card of {}", program.organization),
    };
    let [background, foreground, label] = colors;
    Pass::store_card(serial, program.organization.clone(), description, store_card(view, card_url))
        .poster(poster(view, card_url))
        .logo_text(program.organization.clone())
        .colors(background, foreground, label)
        .barcode(Barcode::qr(view.code.clone()))
        .web_service(web_service(home.url, home.token.parse()?)?)
        .voided(view.closed)
        .build()
}

fn store_card(view: &CardView, card_url: &str) -> StoreCard {
    let mut card = StoreCard::new().header(count(view));
    if let Some(next) = next_reward(view) {
        card = card.secondary(next);
    }
    if let Some(ready) = ready(view) {
        card = card.auxiliary(ready);
    }
    back(view, card_url).into_iter().fold(card, StoreCard::back)
}

fn poster(view: &CardView, card_url: &str) -> Poster {
    let mut poster = Poster::new().header(count(view));
    for field in [next_reward(view), ready(view)].into_iter().flatten() {
        poster = poster.primary(field);
    }
    back(view, card_url).into_iter().fold(poster, Poster::back)
}

fn count(view: &CardView) -> Field {
    Field::new("stamps", format!("{} / {}", view.stamps, view.program.required)).label("SELLOS")
}

fn next_reward(view: &CardView) -> Option<Field> {
    let (at, title) = view.program.next_reward(view.stamps)?;
    let missing = at - view.stamps;
    let label = match (view.language, missing) {
        (Locale::Es, 1) => "TE FALTA 1".to_owned(),
        (Locale::Es, _) => format!("TE FALTAN {missing}"),
        (Locale::En, _) => format!("{missing} TO GO"),
    };
    Some(Field::new("next", title.as_str()).label(label))
}

fn ready(view: &CardView) -> Option<Field> {
    let value = match view.open_rewards.as_slice() {
        [] => return None,
        [one] => one.title.clone(),
        [first, rest @ ..] => format!("{} +{}", first.title, rest.len()),
    };
    Some(Field::new("ready", value).label("PREMIO LISTO"))
}

/// The one field with a message: whatever happens, one sentence tells it, and nothing else on the pass makes the phone
/// speak.
fn back(view: &CardView, card_url: &str) -> Vec<Field> {
    let program = &view.program;
    let mut fields = vec![Field::new(NEWS, view.news.as_str()).label("Novedades").change_message("%@")];
    if !view.open_rewards.is_empty() {
        let open: Vec<&str> = view.open_rewards.iter().map(|reward| reward.title.as_str()).collect();
        fields.push(Field::new("open", open.join("\n")).label("Premios por recoger"));
    }
    let rewards: Vec<String> = program.rewards.iter().map(|(at, title)| format!("{at}: {title}")).collect();
    if !rewards.is_empty() {
        fields.push(Field::new("rewards", rewards.join("\n")).label("Premios"));
    }
    let how = match view.language {
        Locale::Es => {
            "Muestra este código en caja en cada visita. Tus sellos se guardan aunque pierdas el teléfono."
        }
        Locale::En => {
            "Show this code at the till on every visit. Your stamps are kept even if you lose your phone."
        }
    };
    fields.push(Field::new("how", how).label("Cómo funciona"));
    let see = match view.language {
        Locale::Es => "Ver tu tarjeta y tus datos",
        Locale::En => "See your card and your data",
    };
    fields.push(Field::link("data", see, card_url).label("Tus datos"));
    fields
}

#[cfg(test)]
mod tests {
    use kernel::{BusinessId, CardId, CustomerId, ProgramId};

    use super::*;
    use crate::domain::view::{OpenReward, Program};

    fn view(stamps: i32, news: &str) -> CardView {
        CardView {
            id: CardId::generate(),
            customer: CustomerId::generate(),
            stamps,
            cycle: 1,
            open_rewards: Vec::new(),
            code: "c".repeat(36),
            rotating: None,
            program: Program {
                id: ProgramId::generate(),
                business: BusinessId::generate(),
                version: 1,
                name: "Café de la casa".into(),
                organization: "Café Tostado".into(),
                required: 10,
                ink: "#8a3b12".into(),
                paper: "#fbf4e6".into(),
                shape: "cup".into(),
                rewards: vec![(5, "Una galleta".into()), (10, "Un café gratis".into())],
                logo: None,
            },
            language: Locale::Es,
            news: news.into(),
            closed: false,
        }
    }

    fn made(view: &CardView) -> Pass {
        let home = Home { url: "https://sello.example/wallet", token: "t".repeat(22), is_development: false };
        let colors = [Color::rgb(251, 244, 230), Color::rgb(138, 59, 18), Color::rgb(80, 60, 40)];
        pass(view, &home, colors, "https://sello.example/t/x").unwrap()
    }

    #[test]
    fn one_change_is_one_sentence_however_many_fields_it_changes() {
        let before = view(4, "Ya tienes 4 de 10.");
        let mut after =
            CardView { stamps: 5, news: "Ganaste un premio: Una galleta.".into(), ..before.clone() };
        after.open_rewards.push(OpenReward { title: "Una galleta".into(), expires_at: None });
        let (before, after) = (made(&before), made(&after));
        assert!(after.check_follows(&before).is_ok());
        assert_eq!(after.messages_since(&before), [NEWS], "the one field that makes the phone speak");
    }

    #[test]
    fn a_full_card_of_a_shop_with_many_rewards_is_still_a_pass() {
        let mut full = view(10, "");
        full.open_rewards = vec![OpenReward { title: "Un café gratis".into(), expires_at: None }; 7];
        full.program.rewards = (1..=10).map(|at| (at, format!("Premio {at}"))).collect();
        made(&full);
    }

    #[test]
    fn every_word_a_phone_translates_stands_in_both_languages() {
        assert!(strings().is_ok());
    }
}
