use proptest::prelude::*;

use super::*;

const ISSUER: &str = "3388000000012345678";

fn card() -> Card {
    Card {
        issuer_id: ISSUER.into(),
        card_id: Uuid::from_u128(7),
        program_id: Uuid::from_u128(3),
        stamps: 9,
        required: 10,
        cycle: 3,
        next_reward: Some(Reward { at: 10, title: "Un café".into() }),
        open_rewards: Vec::new(),
        hero_url: None,
        code: "code".into(),
        code_text: "7F3K".into(),
        rotating: None,
        language: Locale::Es,
        news: None,
        state: State::Active,
    }
}

fn body<'a>(object: &'a Object, id: &str) -> Option<&'a str> {
    let texts = object.json()["textModulesData"].as_array()?;
    texts.iter().find(|text| text["id"] == id)?["body"].as_str()
}

#[test]
fn a_card_speaks_the_customers_language_and_knows_the_other() {
    let spanish = object(&card());
    assert_eq!(body(&spanish, "next"), Some("Un café · te falta 1 sello"));
    assert_eq!(spanish.json()["loyaltyPoints"]["balance"]["string"], "9 / 10");
    let english = object(&Card { language: Locale::En, stamps: 7, ..card() });
    assert_eq!(body(&english, "next"), Some("Un café · 3 stamps to go"));
    let label = &english.json()["loyaltyPoints"]["localizedLabel"];
    assert_eq!(label["defaultValue"], json!({ "language": "en", "value": "Stamps" }));
    assert_eq!(label["translatedValues"], json!([{ "language": "es-PE", "value": "Sellos" }]));
}

#[test]
fn a_card_shows_what_there_is_and_takes_away_what_there_is_not() {
    let first = object(&Card { cycle: 1, next_reward: None, ..card() });
    assert_eq!(first.json()["textModulesData"], json!([]));
    for absent in ["heroImage", "rotatingBarcode", "secondaryLoyaltyPoints"] {
        assert_eq!(first.json().get(absent), Some(&Value::Null), "{absent}");
    }
    let rich = object(&Card {
        open_rewards: vec!["Un café".into(), "Una torta".into()],
        news: Some(Text::new("Abrimos el lunes", "We open on Monday")),
        hero_url: Some("https://sello.pe/9.png".into()),
        ..card()
    });
    assert_eq!(rich.json()["secondaryLoyaltyPoints"]["balance"]["int"], 2);
    assert_eq!(body(&rich, "open"), Some("Un café\nUna torta"));
    assert_eq!((body(&rich, "news"), body(&rich, "filled")), (Some("Abrimos el lunes"), Some("2")));
    let texts = rich.json()["textModulesData"].as_array().unwrap();
    let news = texts.iter().find(|text| text["id"] == "news").unwrap();
    let english = json!([{ "language": "en", "value": "We open on Monday" }]);
    assert_eq!(news["localizedBody"]["translatedValues"], english, "the news too");
    let said = &rich.json()["heroImage"]["contentDescription"]["defaultValue"]["value"];
    assert_eq!(said, "9 de 10 sellos");
}

#[test]
fn a_code_that_rotates_has_a_secret_that_is_not_printed() {
    let rotating = Rotating { prefix: "G1abc".into(), key: vec![0xab; 20] };
    let card = Card { rotating: Some(rotating), ..card() };
    assert!(!format!("{card:?}").contains("171"), "171 is 0xab");
    let active = object(&card);
    let barcode = &active.json()["rotatingBarcode"];
    assert_eq!(barcode["valuePattern"], "G1abc.{totp_timestamp_seconds}.{totp_value_0}");
    let details = json!({
        "algorithm": "TOTP_SHA1", "periodMillis": "30000",
        "parameters": [{ "key": "ab".repeat(20), "valueLength": 8 }],
    });
    assert_eq!(barcode["totpDetails"], details);
    assert_eq!(active.json()["passConstraints"]["screenshotEligibility"], "INELIGIBLE");
    assert_eq!(active.json()["barcode"]["value"], "code");

    let inactive = object(&Card { state: State::Inactive, ..card });
    assert_eq!(inactive.json()["state"], "INACTIVE");
    assert!(inactive.json()["barcode"].is_null() && inactive.json()["rotatingBarcode"].is_null());
}

#[test]
fn an_object_of_another_is_no_card_of_ours() {
    let id = object_id(ISSUER, Uuid::from_u128(7));
    assert_eq!(card_of("3388", &id), None);
    assert_eq!(card_of(ISSUER, &id.to_uppercase()), None);
    assert_eq!(card_of(ISSUER, &id.replace('-', "")), None);
    assert_eq!(card_of(ISSUER, &class_id(ISSUER, Uuid::from_u128(7))), None);
}

proptest! {
    /// The id of an object leads back to its card.
    #[test]
    fn an_object_knows_its_card(number: u128) {
        let card = Uuid::from_u128(number);
        prop_assert_eq!(card_of(ISSUER, &object_id(ISSUER, card)), Some(card));
    }

    /// Whatever a card holds, its JSON is made, and has no more texts than Google takes.
    #[test]
    fn any_card_has_a_look(stamps: i32, required: i32, cycle: i32, at: i32, open in 0..20_usize) {
        let made = object(&Card {
            stamps, required, cycle,
            next_reward: Some(Reward { at, title: "x".into() }),
            open_rewards: vec!["x".into(); open],
            news: Some(Text::of_the_shop("x")),
            ..card()
        });
        prop_assert!(made.json()["textModulesData"].as_array().unwrap().len() <= 10);
    }
}
