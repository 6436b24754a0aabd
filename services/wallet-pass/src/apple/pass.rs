//! What a pass says: the words and numbers of a card, in the two styles that iPhones know and in both languages.

use std::collections::BTreeMap;

use kernel::Locale;
use pkpass::{
    Barcode, Color, Error, Field, Pass, Poster, SerialNumber, StoreCard, Strings, Value, WebService,
};

use crate::domain::text::Text;
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

/// What is ours among the texts of a pass. Each is its own key, so that a phone in a third language shows words too.
struct Words {
    /// What the keys are in.
    language: Locale,
    said: BTreeMap<String, Text>,
}

impl Words {
    /// A text, as it stands on the pass.
    fn say(&mut self, text: Text) -> String {
        let key = text.read_in(self.language).to_owned();
        // What is the same in both languages needs no translation.
        if text.es != text.en {
            self.said.insert(key.clone(), text);
        }
        key
    }

    fn label(&mut self, es: &str, en: &str) -> String {
        self.say(Text::new(es, en))
    }

    /// A link, whose words are translated with its address: phones show the one text, watches the other.
    fn link(&mut self, key: &str, text: &Text, url: &str) -> Field {
        let [es, en] = [&text.es, &text.en].map(|words| Field::link(key, words, url));
        if let (Value::Text(es), Value::Text(en)) = (es.value(), en.value()) {
            self.label(es, en);
        }
        if let (Some(es), Some(en)) = (es.attributed_value(), en.attributed_value()) {
            self.label(es, en);
        }
        match self.language {
            Locale::Es => es,
            Locale::En => en,
        }
    }

    fn strings(self) -> Result<Strings, Error> {
        let mut said = self.said.into_iter();
        said.try_fold(Strings::none(), |strings, (key, text)| strings.with(&key, &text.es, &text.en))
    }
}

/// The pass of a card at this moment, and its texts in both languages.
pub(crate) fn pass(
    view: &CardView,
    home: &Home<'_>,
    colors: [Color; 3],
    card_url: &str,
) -> Result<(Pass, Strings), Error> {
    let web_service = if home.is_development { WebService::allow_http } else { WebService::new };
    let serial: SerialNumber = view.id.to_string().parse()?;
    let shop = &view.program.organization;
    let mut words = Words { language: view.language, said: BTreeMap::new() };
    let description =
        words.say(Text::new(format!("Tarjeta de sellos de {shop}"), format!("Stamp card of {shop}")));
    let [background, foreground, label] = colors;
    let card = store_card(view, card_url, &mut words);
    let pass = Pass::store_card(serial, shop.clone(), description, card)
        .poster(poster(view, card_url, &mut words))
        .logo_text(shop.clone())
        .colors(background, foreground, label)
        .barcode(Barcode::qr(view.code.clone()))
        .web_service(web_service(home.url, home.token.parse()?)?)
        .voided(view.closed)
        .build()?;
    Ok((pass, words.strings()?))
}

fn store_card(view: &CardView, card_url: &str, words: &mut Words) -> StoreCard {
    let mut card = StoreCard::new().header(count(view, words));
    if let Some(next) = next_reward(view, words) {
        card = card.secondary(next);
    }
    if let Some(ready) = ready(view, words) {
        card = card.auxiliary(ready);
    }
    back(view, card_url, words).into_iter().fold(card, StoreCard::back)
}

fn poster(view: &CardView, card_url: &str, words: &mut Words) -> Poster {
    let mut poster = Poster::new().header(count(view, words));
    for field in [next_reward(view, words), ready(view, words)].into_iter().flatten() {
        poster = poster.primary(field);
    }
    back(view, card_url, words).into_iter().fold(poster, Poster::back)
}

fn count(view: &CardView, words: &mut Words) -> Field {
    Field::new("stamps", format!("{} / {}", view.stamps, view.program.required))
        .label(words.label("SELLOS", "STAMPS"))
}

fn next_reward(view: &CardView, words: &mut Words) -> Option<Field> {
    let (at, title) = view.program.next_reward(view.stamps)?;
    let missing = at - view.stamps;
    let spanish = if missing == 1 { "TE FALTA 1".to_owned() } else { format!("TE FALTAN {missing}") };
    let label = words.say(Text::new(spanish, format!("{missing} TO GO")));
    Some(Field::new("next", title.as_str()).label(label))
}

fn ready(view: &CardView, words: &mut Words) -> Option<Field> {
    let value = match view.open_rewards.as_slice() {
        [] => return None,
        [one] => one.title.clone(),
        [first, rest @ ..] => format!("{} +{}", first.title, rest.len()),
    };
    Some(Field::new("ready", value).label(words.label("PREMIO LISTO", "REWARD READY")))
}

/// The one field with a message: whatever happens, one sentence tells it, and nothing else on the pass makes the phone
/// speak.
fn back(view: &CardView, card_url: &str, words: &mut Words) -> Vec<Field> {
    let program = &view.program;
    let news = Field::new(NEWS, words.say(view.news.clone()));
    let mut fields = vec![news.label(words.label("Novedades", "News")).change_message("%@")];
    if !view.open_rewards.is_empty() {
        let open: Vec<&str> = view.open_rewards.iter().map(|reward| reward.title.as_str()).collect();
        let label = words.label("Premios por recoger", "Rewards to pick up");
        fields.push(Field::new("open", open.join("\n")).label(label));
    }
    let rewards: Vec<String> = program.rewards.iter().map(|(at, title)| format!("{at}: {title}")).collect();
    if !rewards.is_empty() {
        fields.push(Field::new("rewards", rewards.join("\n")).label(words.label("Premios", "Rewards")));
    }
    let how = words.label(
        "Muestra este código en caja en cada visita. Tus sellos se guardan aunque pierdas el teléfono.",
        "Show this code at the till on every visit. Your stamps are kept even if you lose your phone.",
    );
    fields.push(Field::new("how", how).label(words.label("Cómo funciona", "How it works")));
    let see = Text::new("Ver tu tarjeta y tus datos", "See your card and your data");
    fields.push(words.link("data", &see, card_url).label(words.label("Tus datos", "Your data")));
    fields
}

#[cfg(test)]
mod tests {
    use kernel::{BusinessId, CardId, CustomerId, ProgramId};
    use pkpass::Language;

    use super::*;
    use crate::domain::news::News;
    use crate::domain::view::{OpenReward, Program};

    fn view(stamps: i32, news: &News) -> CardView {
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
                rewards: vec![(5, "Muffin".into()), (10, "Espresso".into())],
                logo: None,
            },
            language: Locale::Es,
            news: news.sentence(stamps, 10),
            closed: false,
        }
    }

    fn made(view: &CardView) -> (Pass, Strings) {
        let home = Home { url: "https://sello.example/wallet", token: "t".repeat(22), is_development: false };
        let colors = [Color::rgb(251, 244, 230), Color::rgb(138, 59, 18), Color::rgb(80, 60, 40)];
        pass(view, &home, colors, "https://sello.example/t/x").unwrap()
    }

    /// A pass with every text that there is.
    fn full(language: Locale) -> (Pass, Strings) {
        let mut view = CardView { language, ..view(4, &News::RewardUnlocked("Muffin".into())) };
        view.open_rewards.push(OpenReward { title: "Muffin".into(), expires_at: None });
        made(&view)
    }

    /// Every text of a pass that a phone shows, by the place where it stands.
    fn texts(pass: &Pass) -> Vec<(String, String)> {
        let json = pass.json(&"pass.pe.sello".parse().unwrap(), &"A1B2C3D4E5".parse().unwrap()).unwrap();
        let json: serde_json::Value = serde_json::from_slice(&json).unwrap();
        let mut texts = vec![("description".to_owned(), json["description"].as_str().unwrap().to_owned())];
        for style in ["storeCard", "posterGeneric"] {
            let groups = json[style].as_object().unwrap().values();
            for field in groups.flat_map(|fields| fields.as_array().unwrap()) {
                for part in ["label", "value", "attributedValue"] {
                    if let Some(text) = field[part].as_str() {
                        texts.push((format!("{style} {} {part}", field["key"]), text.to_owned()));
                    }
                }
            }
        }
        texts
    }

    /// As a phone of this language shows them.
    fn shown(pass: &Pass, strings: &Strings, language: Language) -> Vec<String> {
        let texts = texts(pass).into_iter();
        texts.map(|(_, text)| strings.get(language, &text).unwrap_or(&text).to_owned()).collect()
    }

    #[test]
    fn one_change_is_one_sentence_however_many_fields_it_changes() {
        let before = view(4, &News::Stamped);
        let news = News::RewardUnlocked("Muffin".into()).sentence(5, 10);
        let mut after = CardView { stamps: 5, news, ..before.clone() };
        after.open_rewards.push(OpenReward { title: "Muffin".into(), expires_at: None });
        let ((before, _), (after, _)) = (made(&before), made(&after));
        assert!(after.check_follows(&before).is_ok());
        assert_eq!(after.messages_since(&before), [NEWS], "the one field that makes the phone speak");
    }

    #[test]
    fn a_full_card_of_a_shop_with_many_rewards_is_still_a_pass() {
        let mut full = view(10, &News::Stamped);
        full.open_rewards = vec![OpenReward { title: "Un café gratis".into(), expires_at: None }; 7];
        full.program.rewards = (1..=10).map(|at| (at, format!("Premio {at}"))).collect();
        made(&full);
    }

    #[test]
    fn every_text_of_ours_on_a_pass_stands_in_both_languages() {
        for language in [Locale::Es, Locale::En] {
            let (pass, strings) = full(language);
            for (place, text) in texts(&pass) {
                let is_of_the_shop = ["Muffin", "Espresso"].contains(&text.as_str())
                    || text == "5: Muffin\n10: Espresso"
                    || text == "4 / 10";
                let both = Language::ALL.map(|language| strings.get(language, &text));
                match both {
                    [Some(es), Some(en)] => assert!(es != en && !is_of_the_shop, "{place}: {text}"),
                    _ => assert!(is_of_the_shop, "{place} is in one language only: {text}"),
                }
            }
        }
    }

    #[test]
    fn a_phone_shows_its_own_language_whoever_downloaded_the_pass() {
        let expected = [
            "Stamp card of Café Tostado",
            "You earned a reward: Muffin.",
            "1 TO GO",
            "STAMPS",
            "REWARD READY",
            "News",
            "Rewards to pick up",
            "Rewards",
            "How it works",
            "Show this code at the till on every visit. Your stamps are kept even if you lose your phone.",
            "Your data",
            "See your card and your data: https://sello.example/t/x",
            "<a href=\"https://sello.example/t/x\">See your card and your data</a>",
        ];
        let [(es_pass, es_strings), (en_pass, en_strings)] = [Locale::Es, Locale::En].map(full);
        let english = shown(&es_pass, &es_strings, Language::En);
        for text in expected {
            assert!(english.iter().any(|shown| shown == text), "{text} is not among {english:?}");
        }
        assert_eq!(english, shown(&en_pass, &en_strings, Language::En));
        let spanish = shown(&es_pass, &es_strings, Language::Es);
        assert_eq!(spanish, shown(&en_pass, &en_strings, Language::Es));
        assert!(spanish.iter().any(|shown| shown == "TE FALTA 1"));
        let ours = |text: &&String| {
            !["Muffin", "Espresso", "4 / 10", "5: Muffin\n10: Espresso"].contains(&text.as_str())
        };
        for text in english.iter().filter(ours) {
            assert!(!spanish.contains(text), "{text} is shown in both languages");
        }
    }

    #[test]
    fn a_phone_in_a_third_language_shows_the_words_of_the_last_download() {
        let (pass, _) = full(Locale::En);
        assert!(texts(&pass).iter().any(|(_, text)| text == "1 TO GO"));
    }

    #[test]
    fn a_shops_own_words_are_shown_as_they_are() {
        let (pass, strings) = made(&view(4, &News::Said("Hoy dos por uno".into())));
        assert!(shown(&pass, &strings, Language::En).contains(&"Hoy dos por uno".to_owned()));
    }
}
