//! What each reader is made for.

use kernel::{BusinessId, CardId, CustomerId};
use messaging::domain::signature::SigningKey;
use stamping::domain::Code;
use uuid::Uuid;
use wallet_pass::domain::link::{Holder, Secrets};

use crate::webhook::{ADDRESS, TOKEN};
use crate::{card_code, now};

const ID: Uuid = Uuid::from_u128(0x018f_0000_0000_7000_8000_0000_0000_0001);

fn owned(texts: &[&str]) -> Vec<Vec<u8>> {
    texts.iter().map(|text| text.as_bytes().to_vec()).collect()
}

pub(crate) fn codes() -> Vec<Vec<u8>> {
    let Some(keys) = card_code::keys() else { return Vec::new() };
    let code = Code { card: CardId::from(ID), generation: 3 };
    let rotating = format!("{}.{}.00000000", keys.rotating(code).prefix, now().timestamp());
    vec![keys.mint(code).into_bytes(), rotating.into_bytes()]
}

pub(crate) fn customers() -> Vec<Vec<u8>> {
    owned(&[
        "name,phone,birthday,stamps\nAna Paz,987654321,1990-05-02,7\n",
        "\u{feff}Nombre;Teléfono;Cumpleaños;Sellos\r\n\"Luz; hija\";+51 987 654 322;;\r\n",
        "name,phone\n,12\nAna,987654321\nAna,0051987654321\n",
    ])
}

pub(crate) fn webhooks() -> Vec<Vec<u8>> {
    let forms = [
        "From=whatsapp%3A%2B51987654321&Body=BAJA&MessageSid=SM0123&ProfileName=Ana",
        "MessageSid=SM0123&MessageStatus=delivered&ErrorCode=63016&To=whatsapp%3A%2B51987654321",
        "From=whatsapp%3APE.abc&Body=Hola%2C+SELLO+ABCD2345",
    ];
    let key = SigningKey::new(TOKEN);
    forms
        .iter()
        .map(|form| {
            format!("{}\n{form}", key.sign(ADDRESS, &gateway::probe::form(form.as_bytes()))).into_bytes()
        })
        .collect()
}

pub(crate) fn passkit() -> Vec<Vec<u8>> {
    let mut seeds = owned(&[
        "\u{0}{\"pushToken\":\"0f0f0f0f\"}",
        "\u{1}{\"logs\":[\"Passbook: no pass\"]}",
        "\u{2}passesUpdatedSince=42",
        "\u{5}{\"protocolVersion\":\"ECv2SigningOnly\",\"signature\":\"MEUCIQ==\",\"intermediateSigningKey\":{\"signedKey\":\"{\\\"keyValue\\\":\\\"MFkw\\\",\\\"keyExpiration\\\":\\\"4102444800000\\\"}\",\"signatures\":[\"MEUCIQ==\"]},\"signedMessage\":\"{\\\"classId\\\":\\\"1.a\\\",\\\"objectId\\\":\\\"1.b\\\",\\\"eventType\\\":\\\"save\\\",\\\"expTimeMillis\\\":4102444800000,\\\"nonce\\\":\\\"n\\\"}\"}",
    ]);
    if let Some(secrets) = Secrets::from_hex(&"7a".repeat(32)) {
        let (business, customer, card) = (BusinessId::from(ID), CustomerId::from(ID), CardId::from(ID));
        seeds.push(format!("\u{3}{}", secrets.link(Holder { business, customer, card }, now())).into_bytes());
        seeds.push(format!("\u{4}{}", secrets.pass_token(card)).into_bytes());
    }
    seeds
}

pub(crate) fn campaigns() -> Vec<Vec<u8>> {
    let wording = r#"[{"language":"es","template":"news","variables":["{first_name}","{business}","dos por uno"]},{"language":"en","template":"plain","variables":["{stamps_left} left"]}]"#;
    let audiences = [
        r#"{"all":[]}"#,
        r#"{"all":[{"visits":{"min":2,"days":30}},{"any":[{"days_since_visit":{"max":30}},{"at_risk":{}}]},{"not":{"language":{"language":"en"}}}]}"#,
        r#"{"any":[{"stamps_left":{"max":1}},{"reward_open":{"expires_within_days":7}},{"birthday_month":{"month":5}},{"joined":{"from":"2026-01-01","to":"2026-02-01"}},{"days_between_visits":{"min":1}},{"location":{"location_id":"018f0000-0000-7000-8000-000000000001"}}]}"#,
    ];
    audiences
        .iter()
        .map(|audience| {
            format!(
                r#"{{"name":"Jueves","audience":{audience},"channel_policy":"wallet_first","wallet_days":3,"holdout_percent":10,"wordings":{wording}}}"#
            )
            .into_bytes()
        })
        .collect()
}

pub(crate) fn logos() -> Vec<Vec<u8>> {
    let drawing = r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 40 40"><defs><linearGradient id="a"><stop offset="0" stop-color="#a03a1c"/></linearGradient></defs><rect width="40" height="40" fill="url(#a)"/><path d="M4 4L36 36" stroke="#fff"/></svg>"##;
    let mut seeds = vec![drawing.as_bytes().to_vec()];
    // The same as dots, which we write ourselves.
    seeds.extend(art::Logo::read(drawing.as_bytes()).map(|logo| logo.png().to_vec()));
    // The begin of a photograph: one grey block.
    seeds.push(b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00\xff\xc0\x00\x0b\x08\x00\x28\x00\x28\x01\x01\x11\x00\xff\xd9".to_vec());
    seeds
}
