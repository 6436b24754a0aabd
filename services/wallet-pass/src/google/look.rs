//! What a class and an object hold: from a program and a card to Google's JSON, and nothing else.
//!
//! No name of a person is in it: what a pass shows is the business and the stamps.
//!
//! Texts stand there twice. The plain field has the customer's language; the localized one has both, and the phone
//! takes the one it is set to. What is not there is `null`: to Google an insert with a null is one without the field,
//! and a change with a null takes the field away, so that one JSON serves both.

mod words;

use kernel::Locale;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::domain::text::Text;
use words::{Words, so_far, stamps, to_go, words};

/// How long one code is shown (RFC 6238 §4.1: the time step).
pub const CODE_PERIOD_SECONDS: u32 = 30;
/// How many digits it has (RFC 4226 §5.3).
pub const CODE_DIGITS: u32 = 8;

/// Something to be had for stamps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reward {
    /// The stamps it takes.
    pub at: i32,
    /// What it is, in the owner's words.
    pub title: String,
}

/// A program, as its class shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Program {
    /// The issuer's number.
    pub issuer_id: String,
    /// The program.
    pub program_id: Uuid,
    /// Whose it is. Google shows about 20 characters.
    pub business_name: String,
    /// What it is called. Google shows about 20 characters.
    pub program_name: String,
    /// Its rewards.
    pub rewards: Vec<Reward>,
    /// `#rrggbb`.
    pub background: String,
    /// The logo: a square that Google cuts to a circle.
    pub logo_url: String,
    /// The wide picture of cards that have none of their own.
    pub hero_url: Option<String>,
    /// Where Google says that a pass was saved or deleted.
    pub callback_url: String,
    /// The page of the business.
    pub public_url: String,
}

/// Whether a card can be used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum State {
    /// It can.
    #[default]
    Active,
    /// It lies with the old ones, and shows no code.
    Inactive,
}

/// A code that changes with time: the prefix, a dot, the second, a dot, the one-time code of that second.
#[derive(Clone, PartialEq, Eq)]
pub struct Rotating {
    /// What the code begins with; no braces.
    pub prefix: String,
    /// The secret of this card, for HMAC-SHA-1. It goes to Google and to nobody else, and cannot be printed.
    pub key: Vec<u8>,
}

impl std::fmt::Debug for Rotating {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Rotating").field("prefix", &self.prefix).finish_non_exhaustive()
    }
}

/// A card, as its object shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Card {
    /// The issuer's number.
    pub issuer_id: String,
    /// The card.
    pub card_id: Uuid,
    /// Its program.
    pub program_id: Uuid,
    /// The stamps of this cycle.
    pub stamps: i32,
    /// The stamps that fill it.
    pub required: i32,
    /// Which cycle this is; the first is 1.
    pub cycle: i32,
    /// What the next stamps earn.
    pub next_reward: Option<Reward>,
    /// The rewards that wait for her.
    pub open_rewards: Vec<String>,
    /// The picture of its stamps.
    pub hero_url: Option<String>,
    /// The code that stays, for phones that cannot show the other.
    pub code: String,
    /// What stands under the code, for when it cannot be scanned.
    pub code_text: String,
    /// The code that changes.
    pub rotating: Option<Rotating>,
    /// The customer's language.
    pub language: Locale,
    /// What the business has to say.
    pub news: Option<Text>,
    /// Whether it can be used.
    pub state: State,
}

/// A class as Google takes it.
#[derive(Clone, Debug, PartialEq)]
pub struct Class {
    id: String,
    json: Value,
}

/// An object as Google takes it. It may hold the secret of a code, and cannot be printed.
#[derive(Clone, PartialEq)]
pub struct Object {
    id: String,
    json: Value,
}

impl Class {
    /// `<issuer>.program-<program>`.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// All of it. Two that are the same need only one to be sent.
    pub fn json(&self) -> &Value {
        &self.json
    }
}

impl Object {
    /// `<issuer>.card-<card>`.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// All of it, with the secret of its code. Two that are the same need only one to be sent.
    pub fn json(&self) -> &Value {
        &self.json
    }
}

/// The id of a program's class.
pub fn class_id(issuer_id: &str, program_id: Uuid) -> String {
    format!("{issuer_id}.program-{program_id}")
}

/// The id of a card's object.
pub fn object_id(issuer_id: &str, card_id: Uuid) -> String {
    format!("{issuer_id}.card-{card_id}")
}

/// The card of an object of this issuer.
pub fn card_of(issuer_id: &str, object_id: &str) -> Option<Uuid> {
    let text = object_id.strip_prefix(issuer_id)?.strip_prefix(".card-")?;
    // Only as it was written: a UUID has other spellings, an id has one.
    text.parse().ok().filter(|id: &Uuid| id.hyphenated().to_string() == text)
}

/// The class of a program.
pub fn class(program: &Program) -> Class {
    let id = class_id(&program.issuer_id, program.program_id);
    let logo_said =
        both(Locale::Es, |language| format!("{} {}", words(language).logo_of, program.business_name));
    let rewards = |language| {
        let line = |reward: &Reward| format!("{}: {}", stamps(language, reward.at), reward.title);
        program.rewards.iter().map(line).collect::<Vec<_>>().join("\n")
    };
    let mut texts = Vec::new();
    if !program.rewards.is_empty() {
        texts.push(text("rewards", Locale::Es, |language| words(language).rewards.into(), rewards));
    }
    texts.push(text(
        "how",
        Locale::Es,
        |language| words(language).how_it_works.into(),
        |language| words(language).how_it_works_said.into(),
    ));
    let json = json!({
        "id": id,
        "issuerName": program.business_name,
        "programName": program.program_name,
        // A name has one language, the owner's. Said as such, Google does not guess another.
        "localizedProgramName": {
            "defaultValue": { "language": words(Locale::Es).tag, "value": program.program_name },
        },
        "programLogo": { "sourceUri": { "uri": program.logo_url }, "contentDescription": logo_said },
        "heroImage": program.hero_url.as_ref().map(|url| json!({ "sourceUri": { "uri": url } })),
        "hexBackgroundColor": program.background,
        "countryCode": "PE",
        // Each change is a new review: an approved class must be handed in again.
        "reviewStatus": "UNDER_REVIEW",
        "multipleDevicesAndHoldersAllowedStatus": "ONE_USER_ALL_DEVICES",
        "homepageUri": { "uri": program.public_url, "description": program.business_name },
        "callbackOptions": { "url": program.callback_url },
        "textModulesData": texts,
    });
    Class { id, json }
}

/// The object of a card.
pub fn object(card: &Card) -> Object {
    let id = object_id(&card.issuer_id, card.card_id);
    let label = |of: fn(&Words) -> &'static str| move |language| of(words(language)).to_owned();
    let picture = card.hero_url.as_ref().map(|url| {
        let said = both(card.language, |language| so_far(language, card.stamps, card.required));
        json!({ "sourceUri": { "uri": url }, "contentDescription": said })
    });
    let open = (!card.open_rewards.is_empty()).then(|| {
        let label = label(|words| words.rewards);
        json!({
            "label": label(card.language),
            "localizedLabel": both(card.language, label),
            "balance": { "int": card.open_rewards.len() },
        })
    });
    let is_active = card.state == State::Active;
    let rotating = card.rotating.as_ref().filter(|_| is_active);
    let json = json!({
        "id": id,
        "classId": class_id(&card.issuer_id, card.program_id),
        "state": if is_active { "ACTIVE" } else { "INACTIVE" },
        "loyaltyPoints": {
            "label": words(card.language).stamps,
            "localizedLabel": both(card.language, label(|words| words.stamps)),
            "balance": { "string": format!("{} / {}", card.stamps, card.required) },
        },
        "secondaryLoyaltyPoints": open,
        "heroImage": picture,
        "barcode": is_active.then(|| json!({
            "type": "QR_CODE",
            "value": card.code,
            "alternateText": card.code_text,
        })),
        "rotatingBarcode": rotating.map(|rotating| rotating_barcode(rotating, &card.code_text)),
        // A picture of a code that changes is of no use but to cheat, or to be disappointed.
        "passConstraints": {
            "screenshotEligibility": if rotating.is_some() { "INELIGIBLE" } else { "ELIGIBLE" },
        },
        "textModulesData": texts(card),
    });
    Object { id, json }
}

fn rotating_barcode(rotating: &Rotating, code_text: &str) -> Value {
    json!({
        "type": "QR_CODE",
        "valuePattern": format!("{}.{{totp_timestamp_seconds}}.{{totp_value_0}}", rotating.prefix),
        "alternateText": code_text,
        "totpDetails": {
            "algorithm": "TOTP_SHA1",
            // An integer of 64 bits, which Google writes in quotes.
            "periodMillis": (u64::from(CODE_PERIOD_SECONDS) * 1_000).to_string(),
            "parameters": [{ "key": hex::encode(&rotating.key), "valueLength": CODE_DIGITS }],
        },
    })
}

/// The texts of a card, the most wanted first. What all cards of a program have in common stands in the class.
fn texts(card: &Card) -> Vec<Value> {
    let mut texts = Vec::new();
    let mut add = |id, header: fn(&Words) -> &'static str, body: &dyn Fn(Locale) -> String| {
        texts.push(text(id, card.language, |language| header(words(language)).into(), body));
    };
    if !card.open_rewards.is_empty() {
        add("open", |words| words.open, &|_| card.open_rewards.join("\n"));
    }
    if let Some(next) = &card.next_reward {
        let missing = next.at.saturating_sub(card.stamps).max(0);
        add("next", |words| words.next, &|language| format!("{} · {}", next.title, to_go(language, missing)));
    }
    if let Some(news) = &card.news {
        add("news", |words| words.news, &|language| news.read_in(language).to_owned());
    }
    if card.cycle > 1 {
        add("filled", |words| words.filled, &|_| (card.cycle - 1).to_string());
    }
    texts
}

fn text(
    id: &str,
    language: Locale,
    header: impl Fn(Locale) -> String,
    body: impl Fn(Locale) -> String,
) -> Value {
    json!({
        "id": id,
        "header": header(language),
        "localizedHeader": both(language, &header),
        "body": body(language),
        "localizedBody": both(language, &body),
    })
}

/// A text in both languages; `first` is for phones that speak neither.
fn both(first: Locale, say: impl Fn(Locale) -> String) -> Value {
    let other = match first {
        Locale::Es => Locale::En,
        Locale::En => Locale::Es,
    };
    let value = |language| json!({ "language": words(language).tag, "value": say(language) });
    json!({ "defaultValue": value(first), "translatedValues": [value(other)] })
}

#[cfg(test)]
mod tests;
