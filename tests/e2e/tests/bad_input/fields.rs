//! Fields: each is refused by its name, with the reason.

use chrono::{Duration, Utc};
use e2e::{Shop, key, shared};
use serde_json::{Value, json};

use crate::{Scene, invalid, malformed, refused};

#[tokio::test]
async fn a_stamp_is_given_in_counts_that_make_sense_to_a_card_that_is_named_once() {
    let scene = Scene::set(&shared()).await;
    let (card, code) = (&scene.ana.card, &scene.ana.code);
    let mut cases = vec![
        (scene.stamp(json!({})), invalid("scan_id", "required")),
        (scene.stamp(json!({ "card_id": card, "code": code })), invalid("scan_id", "one_target")),
        (
            scene.stamp(json!({ "card_id": card, "amount_cents": -1 })),
            invalid("amount_cents", "out_of_range"),
        ),
        (
            scene.stamp(json!({ "card_id": card, "amount_cents": i64::MAX })),
            invalid("amount_cents", "out_of_range"),
        ),
        (
            scene.stamp(json!({ "card_id": card, "override_reason": "x".repeat(5_000) })),
            invalid("override_reason", "too_long"),
        ),
        (
            scene.stamp(json!({ "card_id": card, "kind": "import", "count": 10_000 })),
            invalid("count", "out_of_range"),
        ),
        (scene.stamp(json!({ "card_id": e2e::key() })), refused(404, "not-found")),
        (scene.stamp(json!({ "scan_id": e2e::key() })), refused(409, "scan-expired")),
        (
            scene.till.post("/stamps").key(key()).json(&json!({ "card_id": card, "kind": "bonus" })),
            refused(403, "forbidden"),
        ),
        (
            scene.shop.post("/stamps").json(&json!({ "card_id": card })),
            invalid("Idempotency-Key", "required"),
        ),
        (scene.shop.post(&format!("/stamps/{}/void", scene.stamp)), invalid("Idempotency-Key", "required")),
    ];
    for count in [0, -1, 21, 10_000, i32::MAX, i32::MIN] {
        cases.push((
            scene.stamp(json!({ "card_id": card, "count": count })),
            invalid("count", "out_of_range"),
        ));
    }
    for bad_key in ["", "1", "not-a-uuid", "00000000-0000-0000-0000-00000000000g"] {
        let call =
            scene.shop.post("/stamps").header("idempotency-key", bad_key).json(&json!({ "card_id": card }));
        cases.push((call, invalid("Idempotency-Key", "not_a_uuid")));
    }
    scene.refuses(cases).await;
}

#[tokio::test]
async fn phones_are_numbers_that_exist_whatever_shape_they_are_typed_in() {
    let world = shared();
    let scene = Scene::set(&world).await;
    let mut cases = Vec::new();
    for (phone, reason) in [
        ("", "required"),
        ("   ", "required"),
        ("12", "not_a_phone"),
        ("hola", "not_a_phone"),
        ("+51 12", "not_a_phone"),
        ("987654321987654321", "not_a_phone"),
        ("98765432", "not_a_phone"),
        ("+999 123 456 789", "not_a_phone"),
        ("+00 000 000", "not_a_phone"),
        ("987-654-32x", "not_a_phone"),
        ("٩٨٧٦", "not_a_phone"),
        ("tel:", "not_a_phone"),
        ("😀", "not_a_phone"),
        ("' or 1=1 --", "not_a_phone"),
    ] {
        cases.push((scene.enroll(json!({ "phone": phone })), invalid("phone", reason)));
    }
    cases.push((scene.enroll(json!({ "phone": "9".repeat(5_000) })), invalid("phone", "too_long")));
    scene.refuses(cases).await;

    let shop = Shop::open(&world).await;
    for (typed, kept) in [
        ("987 654 321", "+51987654321"),
        ("+51 987-654-322", "+51987654322"),
        ("0051987654323", "+51987654323"),
        ("+56 9 6123 4567", "+56961234567"),
        ("+1 (415) 555-2671", "+14155552671"),
        ("+34 612 345 678", "+34612345678"),
        ("01 4401234", "+5114401234"),
    ] {
        let joined = shop.api.post("/enrollments").json(&shop.form("Eva Ríos", typed)).send().await.ok(201);
        let path = format!("/customers/{}", joined["customer_id"].as_str().unwrap());
        assert_eq!(shop.get(&path).send().await.ok(200)["phone"], kept, "{typed}");
    }
}

#[tokio::test]
async fn a_form_is_refused_by_the_field_that_is_wrong() {
    let scene = Scene::set(&shared()).await;
    let tomorrow = (Utc::now() + Duration::days(2)).date_naive().to_string();
    let child = (Utc::now() - Duration::days(365 * 10)).date_naive().to_string();
    scene
        .refuses(vec![
            (scene.enroll(json!({ "name": "" })), invalid("name", "required")),
            (scene.enroll(json!({ "name": " \t " })), invalid("name", "required")),
            (scene.enroll(json!({ "name": "(absent)" })), invalid("name", "required")),
            (scene.enroll(json!({ "name": "ñ".repeat(5_000) })), invalid("name", "too_long")),
            (scene.enroll(json!({ "name": "Ana\nLuz" })), invalid("name", "not_printable")),
            (scene.enroll(json!({ "name": "Ana\u{202e}zuL" })), invalid("name", "not_printable")),
            (scene.enroll(json!({ "name": "Ana\u{0}" })), malformed("control_character")),
            (scene.enroll(json!({ "slug": "a\u{0}b" })), malformed("control_character")),
            (scene.enroll(json!({ "slug": "no-such-shop" })), refused(404, "not-found")),
            (scene.enroll(json!({ "slug": "x".repeat(5_000) })), refused(404, "not-found")),
            (scene.enroll(json!({ "age_ok": false })), invalid("age_ok", "required")),
            (scene.enroll(json!({ "age_ok": "(absent)" })), invalid("age_ok", "required")),
            (
                scene.enroll(json!({ "consents": { "program": false, "marketing": false } })),
                invalid("consents.program", "required"),
            ),
            (
                scene.enroll(json!({ "consents": { "program": true } })),
                invalid("consents.marketing", "required"),
            ),
            (
                scene.enroll(json!({ "consents": { "program": true, "marketing": true } })),
                invalid("adult_ok", "required"),
            ),
            (scene.enroll(json!({ "birthday": tomorrow })), invalid("birthday", "in_the_future")),
            (scene.enroll(json!({ "birthday": child })), invalid("birthday", "too_young")),
            (scene.enroll(json!({ "birthday": "31/12/1990" })), invalid("birthday", "not_a_date")),
            (scene.enroll(json!({ "birthday": "1990-02-30" })), invalid("birthday", "not_a_date")),
            (scene.enroll(json!({ "birthday": "0001-01-01" })), invalid("birthday", "implausible")),
            (scene.enroll(json!({ "location_id": key() })), invalid("location_id", "unknown")),
            (scene.enroll(json!({ "program_id": key() })), refused(409, "program-inactive")),
            (scene.enroll(json!({ "program_id": "first" })), invalid("program_id", "not_a_uuid")),
        ])
        .await;
}

#[tokio::test]
async fn a_language_that_nobody_here_speaks_is_refused_wherever_it_is_asked_for() {
    let scene = Scene::set(&shared()).await;
    let quechua = json!({ "language": "qu" });
    scene
        .refuses(vec![
            (scene.shop.patch("/business").json(&quechua), invalid("language", "not_spoken")),
            (
                scene.shop.patch(&format!("/customers/{}", scene.ana.id)).json(&quechua),
                invalid("language", "not_spoken"),
            ),
            (scene.enroll(quechua), invalid("language", "not_spoken")),
        ])
        .await;
}

#[tokio::test]
async fn programs_that_no_card_could_follow_are_refused() {
    let scene = Scene::set(&shared()).await;
    let reward = |at: i64| json!({ "at": at, "title": "Postre" });
    scene
        .refuses(vec![
            (scene.program(json!({ "name": "" })), invalid("name", "required")),
            (scene.program(json!({ "name": "x".repeat(5_000) })), invalid("name", "too_long")),
            (scene.program(json!({ "stamps_required": 0 })), invalid("stamps_required", "out_of_range")),
            (scene.program(json!({ "stamps_required": -1 })), invalid("stamps_required", "out_of_range")),
            (scene.program(json!({ "stamps_required": 10_000 })), invalid("stamps_required", "out_of_range")),
            (scene.program(json!({ "rewards": [] })), invalid("rewards", "*")),
            (scene.program(json!({ "rewards": [reward(0)] })), invalid("rewards[0].at", "out_of_range")),
            (scene.program(json!({ "rewards": [reward(6)] })), invalid("rewards[0].at", "out_of_range")),
            (scene.program(json!({ "rewards": [reward(5), reward(5)] })), invalid("rewards[1].at", "*")),
            (scene.program(json!({ "rewards": vec![reward(5); 100] })), invalid("*", "*")),
            (
                scene.program(json!({ "rewards": [{ "at": 5, "title": "x".repeat(5_000) }] })),
                invalid("rewards[0].title", "too_long"),
            ),
            (
                scene.program(json!({ "rewards": [{ "at": 5, "title": "x", "cost_cents": -1 }] })),
                invalid("rewards[0].cost_cents", "out_of_range"),
            ),
            (
                scene.program(json!({ "rules": { "max_per_visit": 0 } })),
                invalid("rules.max_per_visit", "out_of_range"),
            ),
            (
                scene.program(json!({ "rules": { "max_per_day": -1 } })),
                invalid("rules.max_per_day", "out_of_range"),
            ),
            (
                scene.program(json!({ "rules": { "min_minutes_between": -5 } })),
                invalid("rules.min_minutes_between", "out_of_range"),
            ),
            (
                scene.program(json!({ "rules": { "cents_per_stamp": 0 } })),
                invalid("rules.cents_per_stamp", "out_of_range"),
            ),
            (
                scene.program(json!({ "rules": { "expires_after_days": 0 } })),
                invalid("rules.expires_after_days", "out_of_range"),
            ),
            (scene.program(json!({ "look": { "ink": "red" } })), invalid("look.ink", "not_a_colour")),
            (
                scene.program(json!({ "look": { "stamp_shape": "skull" } })),
                invalid("look.stamp_shape", "not_a_shape"),
            ),
        ])
        .await;
}

#[tokio::test]
async fn people_and_places_are_refused_by_the_field_that_is_wrong() {
    let scene = Scene::set(&shared()).await;
    let shop = &scene.shop;
    let member = |change: Value| {
        let mut member = json!({ "name": "Luz", "role": "stamper", "pin": "1234" });
        for (field, value) in change.as_object().expect("an object") {
            member[field] = value.clone();
        }
        shop.post("/members").json(&member)
    };
    let signup = |change: &str, value: Value| {
        let mut form = json!({
            "business": { "name": "Otro" },
            "owner": { "name": "Eva", "email": "eva@otro.pe", "password": "una clave larga" },
        });
        *form.pointer_mut(change).expect("a field") = value;
        shop.api.post("/auth/signup").json(&form)
    };
    let ana = format!("/customers/{}", scene.ana.id);
    scene
        .refuses(vec![
            (member(json!({ "pin": "123" })), invalid("pin", "not_a_pin")),
            (member(json!({ "pin": "12a4" })), invalid("pin", "not_a_pin")),
            (member(json!({ "pin": "١٢٣٤" })), invalid("pin", "not_a_pin")),
            (member(json!({ "pin": "1".repeat(5_000) })), invalid("pin", "not_a_pin")),
            (member(json!({ "pin": "" })), invalid("pin", "required")),
            (member(json!({ "email": "eva@otro.pe" })), invalid("password", "required")),
            (
                member(json!({ "email": "eva", "password": "una clave larga" })),
                invalid("email", "not_an_email"),
            ),
            (member(json!({ "location_id": key() })), refused(404, "not-found")),
            (signup("/business/name", "".into()), invalid("business.name", "required")),
            (signup("/owner/name", "x".repeat(5_000).into()), invalid("owner.name", "too_long")),
            (signup("/owner/email", "eva@".into()), invalid("owner.email", "not_an_email")),
            (
                signup("/owner/email", format!("{}@otro.pe", "x".repeat(5_000)).into()),
                invalid("owner.email", "too_long"),
            ),
            (signup("/owner/password", "corta".into()), invalid("owner.password", "too_short")),
            (signup("/owner/password", "x".repeat(5_000).into()), invalid("owner.password", "too_long")),
            (signup("/business/name", "Caf\u{0}".into()), malformed("control_character")),
            (shop.patch("/business").json(&json!({ "slug": "panel" })), invalid("slug", "reserved")),
            (shop.patch("/business").json(&json!({ "slug": "a b" })), invalid("slug", "not_a_slug")),
            (
                shop.patch("/business").json(&json!({ "time_zone": "Peru/Cuzco" })),
                invalid("time_zone", "not_a_zone"),
            ),
            (shop.patch("/business").json(&json!({ "ruc": "123" })), invalid("ruc", "not_a_ruc")),
            (shop.post("/locations").json(&json!({ "name": "" })), invalid("name", "required")),
            (
                shop.post("/locations").json(&json!({ "name": "A", "address": "x".repeat(5_000) })),
                invalid("address", "too_long"),
            ),
            (shop.post("/api-keys").json(&json!({ "name": "x".repeat(5_000) })), invalid("name", "too_long")),
            (shop.patch(&ana).json(&json!({ "phone": "12" })), invalid("phone", "not_a_phone")),
            (
                shop.patch(&ana).json(&json!({ "name": null, "nombre": 1 })),
                invalid("nombre", "unknown_field"),
            ),
            (
                shop.post(&format!("{ana}/merge")).json(&json!({ "from_customer_id": scene.ana.id })),
                invalid("from_customer_id", "*"),
            ),
            (
                shop.api.post("/devices/pair").json(&json!({ "pairing_code": "AAAAAAAA", "name": "Caja" })),
                refused(404, "not-found"),
            ),
            (
                shop.api.post("/devices/pair").json(&json!({ "pairing_code": "", "name": "Caja" })),
                invalid("pairing_code", "required"),
            ),
            (
                shop.api
                    .post("/devices/pair")
                    .json(&json!({ "pairing_code": "A", "name": "Caja", "public_key": "?" })),
                invalid("public_key", "not_base64"),
            ),
            (
                shop.api
                    .post("/devices/pair")
                    .json(&json!({ "pairing_code": "A", "name": "Caja", "public_key": "AAAA" })),
                invalid("public_key", "*"),
            ),
        ])
        .await;
}
