//! What proves something: codes, tokens, signatures.

use chrono::Utc;
use e2e::{key, shared};
use serde_json::json;

use crate::{Scene, invalid, refused};

#[tokio::test]
async fn codes_that_are_forged_foreign_or_unreadable_are_refused_as_codes() {
    let scene = Scene::set(&shared()).await;
    let good = &scene.ana.code;
    let mut codes = vec![
        String::new(),
        "x".into(),
        good[1..].to_owned(),
        format!("{good}A"),
        format!("{good} "),
        good.to_lowercase(),
        "A".repeat(36),
        "ñ".repeat(18),
        "😀".repeat(9),
        "x".repeat(5_000),
        "'; drop table stamping.card; --".into(),
        scene.foreign.code.clone(),
        scene.foreign.holder_token.clone(),
    ];
    // Every single letter of a code counts.
    codes.extend((0..good.len()).map(|at| {
        let other = if &good[at..=at] == "B" { "C" } else { "B" };
        format!("{}{other}{}", &good[..at], &good[at + 1..])
    }));
    let mut cases = Vec::new();
    for code in codes {
        let body = json!({ "code": code });
        cases.push((scene.till.post("/scans").json(&body), refused(422, "code-invalid")));
        cases.push((scene.stamp(body), refused(422, "code-invalid")));
    }
    cases.push((scene.till.post("/scans").json(&json!({})), invalid("code", "required")));
    cases.push((scene.till.post("/scans").json(&json!({ "code": null })), invalid("code", "wrong_type")));
    scene.refuses(cases).await;
}

#[tokio::test]
async fn tokens_that_are_garbage_forged_or_of_another_kind_open_nothing() {
    let scene = Scene::set(&shared()).await;
    let (head, tail) = scene.shop.access.rsplit_once('.').unwrap();
    let claims = head.split_once('.').unwrap().1;
    let none = base64::Engine::encode(&base64::engine::general_purpose::URL_SAFE_NO_PAD, r#"{"alg":"none"}"#);
    let tokens = [
        "x".to_owned(),
        "a.b.c".to_owned(),
        format!("{head}."),
        format!("{head}.{}", tail.chars().rev().collect::<String>()),
        format!("{none}.{claims}."),
        "x".repeat(5_000),
        scene.shop.refresh.clone(),
        scene.ana.holder_token.clone(),
        scene.till.device_token.clone(),
        format!("{} ", &scene.shop.access[..scene.shop.access.len() - 1]),
    ];
    let mut cases = Vec::new();
    for token in &tokens {
        cases.push((scene.shop.api.get("/me").bearer(token), refused(401, "unauthenticated")));
        cases.push((scene.shop.api.get("/dashboard").bearer(token), refused(401, "unauthenticated")));
        let stamp = scene
            .shop
            .api
            .post("/stamps")
            .bearer(token)
            .key(key())
            .json(&json!({ "card_id": scene.ana.card }));
        cases.push((stamp, refused(401, "unauthenticated")));
    }
    let access = &scene.shop.access;
    for scheme in ["Basic", "Card", "Device", "ApiKey", "Token"] {
        cases
            .push((scene.shop.api.get("/me").authorization(scheme, access), refused(401, "unauthenticated")));
    }
    cases.push((scene.shop.api.get("/me").header("authorization", access), refused(401, "unauthenticated")));
    let card = format!("/cards/{}", scene.ana.card);
    cases.push((scene.shop.api.get(&card).card("x"), refused(401, "unauthenticated")));
    cases.push((scene.shop.api.get(&card).card(&scene.foreign.holder_token), refused(404, "not-found")));
    cases.push((scene.shop.api.get("/till").device("x"), refused(401, "unauthenticated")));
    cases.push((
        scene.shop.api.post("/auth/refresh").json(&json!({ "refresh_token": "x" })),
        refused(401, "unauthenticated"),
    ));
    let link = json!({ "link_token": "x".repeat(5_000) });
    cases.push((scene.shop.api.post("/cards/link").json(&link), refused(404, "not-found")));
    scene.refuses(cases).await;
}

#[tokio::test]
async fn a_signed_queue_is_still_read_with_care() {
    let scene = Scene::set(&shared()).await;
    let till = &scene.till;
    let payload = |text: &str| till.send(&till.signed(text));
    let many: Vec<_> = (0..201)
        .map(|_| json!({ "operation_id": key(), "code": "x", "count": 1, "occurred_at": Utc::now() }))
        .collect();
    let many = json!({ "device_time": Utc::now(), "operations": many }).to_string();
    let far = json!({ "device_time": "9999-12-31T23:59:59Z", "operations": [] });
    scene
        .refuses(vec![
            (payload("not json"), invalid("payload", "*")),
            (payload(""), invalid("payload", "*")),
            (payload("[]"), invalid("payload", "*")),
            (payload("{\"operations\":[]}"), invalid("payload", "*")),
            (payload(&many), invalid("payload.operations", "too_many")),
            (till.send(&json!({ "payload": far, "signature": "AA" })), invalid("payload", "wrong_type")),
            (till.send(&json!({ "payload": "{}", "signature": "***" })), invalid("signature", "not_base64")),
            (till.send(&json!({ "payload": "{}", "signature": "AA" })), refused(401, "batch-signature")),
            (till.send(&json!({ "payload": "{}" })), invalid("signature", "required")),
        ])
        .await;

    // Times at the end of the calendar are refused by operation, and nothing overflows.
    for (device_time, occurred_at) in [
        ("9999-12-31T23:59:59Z", "0001-01-01T00:00:00Z"),
        ("0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z"),
        ("+262142-12-31T23:59:59Z", "-262143-01-01T00:00:00Z"),
    ] {
        let operation =
            json!({ "operation_id": key(), "code": scene.ana.code, "count": 1, "occurred_at": occurred_at });
        let answer = payload(&json!({ "device_time": device_time, "operations": [operation] }).to_string())
            .send()
            .await;
        match answer.status() {
            200 => assert_eq!(answer.json()["results"][0]["problem"]["slug"], "invalid", "{answer}"),
            _ => drop(answer.refused(422, "invalid")),
        }
    }
}
