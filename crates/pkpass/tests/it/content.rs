//! Everything that is known to keep what a pass says from being shown: each is said by a good one, and named.

use pkpass::inspect::Broken;
use serde_json::{Value as Json, json};

use crate::harness::{after, after_saying};

fn remove(json: &mut Json, key: &str) {
    json.as_object_mut().unwrap().remove(key);
}

#[test]
fn a_pass_says_what_it_is() {
    assert!(matches!(
        after(|files| drop(files.insert("pass.json".into(), b"{".to_vec()))),
        Broken::PassJson(_)
    ));
    assert_eq!(after_saying(|pass| pass["formatVersion"] = 2.into()), Broken::Key("formatVersion"));
    for key in ["serialNumber", "organizationName", "description"] {
        assert_eq!(after_saying(|pass| remove(pass, key)), Broken::Key(key));
        assert_eq!(after_saying(|pass| pass[key] = "".into()), Broken::Key(key));
    }
}

#[test]
fn a_pass_is_its_certificates() {
    assert_eq!(
        after_saying(|pass| pass["passTypeIdentifier"] = "pass.pe.otra".into()),
        Broken::PassTypeDiffers { certificate: "pass.pe.sello.card".into(), pass: "pass.pe.otra".into() }
    );
    assert_eq!(
        after_saying(|pass| pass["teamIdentifier"] = "ZZZZZZZZZZ".into()),
        Broken::TeamDiffers { certificate: "A1B2C3D4E5".into(), pass: "ZZZZZZZZZZ".into() }
    );
}

#[test]
fn a_pass_has_a_style_that_every_phone_knows() {
    assert_eq!(after_saying(|pass| remove(pass, "storeCard")), Broken::PosterAlone);
    let none = after_saying(|pass| {
        remove(pass, "storeCard");
        remove(pass, "posterGeneric");
    });
    assert_eq!(none, Broken::NoStyle);
}

#[test]
fn a_token_is_long_enough_and_goes_with_an_address() {
    assert_eq!(
        after_saying(|pass| pass["authenticationToken"] = "0123456789abcde".into()),
        Broken::TokenTooShort
    );
    assert_eq!(after_saying(|pass| remove(pass, "authenticationToken")), Broken::WebService);
    assert_eq!(after_saying(|pass| remove(pass, "webServiceURL")), Broken::WebService);
    assert_eq!(
        after_saying(|pass| pass["webServiceURL"] = "ftp://sello.pe".into()),
        Broken::NotHttps("ftp://sello.pe".into())
    );
}

#[test]
fn a_field_has_a_key_of_its_own_and_a_value() {
    let broken = |key: &str| Broken::Field { style: "storeCard".into(), key: key.into() };
    let twice = json!([{"key": "stamps", "value": 1}]);
    assert_eq!(after_saying(|pass| pass["storeCard"]["primaryFields"] = twice), broken("stamps"));
    let empty = json!([{"key": "x"}]);
    assert_eq!(after_saying(|pass| pass["storeCard"]["primaryFields"] = empty), broken("x"));
    let unnamed = json!([{"value": 1}]);
    assert_eq!(after_saying(|pass| pass["storeCard"]["primaryFields"] = unnamed), broken(""));
}

#[test]
fn a_style_shows_so_many_fields() {
    let many = |n: usize| Json::from_iter((0..n).map(|n| json!({"key": format!("f{n}"), "value": n})));
    for (style, group, shown) in [
        ("storeCard", "headerFields", 3),
        ("storeCard", "primaryFields", 1),
        ("storeCard", "auxiliaryFields", 3),
        ("posterGeneric", "headerFields", 1),
        ("posterGeneric", "primaryFields", 4),
        ("posterGeneric", "footerFields", 1),
    ] {
        let done = after_saying(|pass| pass[style][group] = many(shown + 1));
        assert!(matches!(done, Broken::TooManyFields { style: of, .. } if of == style), "{style} {group}");
    }
}

#[test]
fn a_change_message_has_a_place_for_the_value_in_every_language() {
    let broken = |message: &str| Broken::ChangeMessage { key: "stamps".into(), message: message.into() };
    assert_eq!(
        after_saying(|pass| pass["storeCard"]["headerFields"][0]["changeMessage"] = "Hola".into()),
        broken("Hola")
    );
    let done = after(|files| {
        files.insert("es.lproj/pass.strings".into(), b"\"You have %@\" = \"Tienes sellos\";".to_vec());
    });
    assert_eq!(done, broken("Tienes sellos"));
}

#[test]
fn a_field_is_shown_in_one_way() {
    assert_eq!(
        after_saying(
            |pass| pass["storeCard"]["backFields"][0]["textAlignment"] = "PKTextAlignmentLeft".into()
        ),
        Broken::Alignment("help".into())
    );
    let both =
        json!([{"key": "n", "value": 1, "numberStyle": "PKNumberStyleDecimal", "currencyCode": "PEN"}]);
    assert_eq!(
        after_saying(|pass| pass["storeCard"]["primaryFields"] = both),
        Broken::NumberAndCurrency("n".into())
    );
}

#[test]
fn a_barcode_is_shown_by_every_phone() {
    for key in ["format", "message", "messageEncoding"] {
        assert!(matches!(after_saying(|pass| remove(&mut pass["barcodes"][0], key)), Broken::Barcode(_)));
    }
    assert_eq!(
        after_saying(|pass| pass["barcodes"][0]["format"] = "PKBarcodeFormatEAN13".into()),
        Broken::BarcodeFallback
    );
    assert_eq!(after_saying(|pass| pass["barcodes"] = json!({})), Broken::Key("barcodes"));
}

#[test]
fn dates_have_their_zone_and_colours_their_form() {
    for date in ["2026-12-01", "2026-12-01T00:00:00", "mañana"] {
        assert_eq!(after_saying(|pass| pass["expirationDate"] = date.into()), Broken::Date("expirationDate"));
        assert_eq!(
            after_saying(|pass| pass["relevantDates"] = json!([{"date": date}])),
            Broken::Date("relevantDates")
        );
    }
    for color in ["#ffffff", "rgb(1, 2)", "rgb(1, 2, 256)"] {
        assert_eq!(after_saying(|pass| pass["labelColor"] = color.into()), Broken::Color("labelColor"));
    }
}

#[test]
fn places_are_ten_on_earth_and_actions_two() {
    let place = json!({"latitude": 1, "longitude": 1});
    assert_eq!(after_saying(|pass| pass["locations"] = vec![place; 11].into()), Broken::TooMany("locations"));
    assert_eq!(after_saying(|pass| pass["locations"][0]["latitude"] = 91.into()), Broken::Key("locations"));
    assert_eq!(
        after_saying(|pass| pass["featuredActions"] = vec![json!({}); 3].into()),
        Broken::TooMany("featuredActions")
    );
}
