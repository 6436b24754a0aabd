//! Bodies: what is not JSON, what is too large, what has other fields than it should.

use e2e::{Call, key, shared};
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::{Scene, invalid, malformed, refused};

#[tokio::test]
async fn what_is_not_json_is_malformed_wherever_it_comes_in() {
    let scene = Scene::set(&shared()).await;
    let api = &scene.shop.api;
    let mut cases = Vec::new();
    // The first thing that is wrong is what is told, so each begins with a field that the route knows.
    for (path, field) in [
        ("/scans", "code"),
        ("/stamps", "code"),
        ("/programs", "name"),
        ("/members", "name"),
        ("/locations", "name"),
        ("/auth/login", "email"),
        ("/auth/refresh", "refresh_token"),
        ("/enrollments", "slug"),
        ("/devices/pair", "pairing_code"),
        ("/cards/link", "link_token"),
    ] {
        let is_public =
            ["/auth", "/enr", "/devices/pair", "/cards/link"].iter().any(|begin| path.starts_with(begin));
        let begin = format!("{{\"{field}\":");
        let with = |rest: &[u8]| [begin.as_bytes(), rest].concat();
        for body in [
            b"".to_vec(),
            b"{".to_vec(),
            b"nonsense".to_vec(),
            b"\xff\xfe\x00".to_vec(),
            with(b""),
            with(b"\"a\",}"),
            with(b"'a'}"),
            with(b"NaN}"),
            with(b"\"a"),
            with(b"\"a\nb\"}"),
            with(b"\"\xc3\x28\"}"),
            with(b"\"\\ud800\"}"),
            with(b"\"\\u0000\"}"),
        ] {
            let call = if is_public { api.post(path) } else { scene.shop.post(path).key(key()) };
            cases.push((call.bytes("application/json", body), malformed("*")));
        }
    }
    for (path, body) in [
        ("/scans", "{\"code\":\"a\"}}"),
        ("/scans", "{\"code\":\"a\"} x"),
        ("/locations", "{\"name\":\"a\"}{}"),
    ] {
        cases.push((scene.shop.post(path).bytes("application/json", body), malformed("not_json")));
    }
    scene.refuses(cases).await;

    for body in [
        "[".repeat(20_000),
        "{\"a\":".repeat(10_000),
        "1e999".into(),
        format!("\"{}\"", "\\u0041".repeat(9_000)),
    ] {
        for call in [
            api.post("/auth/signup"),
            api.post("/enrollments"),
            scene.shop.post("/scans"),
            scene.shop.post("/programs"),
        ] {
            let answer = call.bytes("application/json", body.clone()).send().await;
            assert!(matches!(answer.status(), 400 | 422), "{answer}");
            answer.problem();
        }
    }
}

#[tokio::test]
async fn bodies_that_are_too_large_or_of_another_type_are_refused_unread() {
    let scene = Scene::set(&shared()).await;
    let huge = json!({ "code": "x".repeat(70_000) }).to_string();
    let list = format!("name,phone\n{}", "Ana,987654321\n".repeat(200_000));
    let form = "code=abc";
    // Each on a connection of its own: what becomes of the connection is the next test's.
    let alone = |call: Call| call.header("connection", "close");
    scene
        .refuses(vec![
            (
                alone(scene.shop.post("/scans").bytes("application/json", huge.clone())),
                refused(413, "too-large"),
            ),
            (
                alone(scene.shop.post("/stamps").key(key()).bytes("application/json", huge.clone())),
                refused(413, "too-large"),
            ),
            (
                alone(scene.shop.api.post("/enrollments").bytes("application/json", huge)),
                refused(413, "too-large"),
            ),
            (alone(scene.shop.post("/customers/import").bytes("text/csv", list)), refused(413, "too-large")),
            (
                scene.shop.post("/scans").bytes("application/x-www-form-urlencoded", form),
                refused(415, "unsupported"),
            ),
            (scene.shop.post("/scans").bytes("text/plain", "{}"), refused(415, "unsupported")),
            (scene.shop.post("/scans"), refused(415, "unsupported")),
            (scene.shop.post("/customers/import").json(&json!({})), refused(415, "unsupported")),
            (
                scene.shop.post("/customers/import").bytes("text/csv", b"name,phone\n\xff\xfe".to_vec()),
                malformed("*"),
            ),
            (
                scene.shop.post("/customers/import").bytes("text/csv", "name,phone\nA\0,987654321"),
                malformed("*"),
            ),
        ])
        .await;
}

#[tokio::test]
async fn after_a_body_that_is_too_large_the_connection_goes_on_or_says_that_it_ends() {
    let world = shared();
    let address = ("127.0.0.1", world.port());
    let (size, question) = (200_000, "GET /robots.txt HTTP/1.1\r\nhost: sello\r\n\r\n");
    let head = format!(
        "POST /api/v1/enrollments HTTP/1.1\r\nhost: sello\r\ncontent-type: application/json\r\ncontent-length: {size}\r\n\r\n"
    );
    let mut connection = tokio::net::TcpStream::connect(address).await.unwrap();
    connection.write_all(head.as_bytes()).await.unwrap();
    // A client sends on until it has read the answer.
    let _ = connection.write_all(&vec![b' '; size]).await;
    let _ = connection.write_all(question.as_bytes()).await;
    let mut answers = Vec::new();
    let _ =
        tokio::time::timeout(std::time::Duration::from_secs(3), connection.read_to_end(&mut answers)).await;
    let answers = String::from_utf8_lossy(&answers).to_lowercase();
    assert!(answers.starts_with("http/1.1 413"), "the refusal was lost: {answers:?}");
    let goes_on = answers.contains("http/1.1 200");
    let says_so = answers.contains("connection: close");
    assert!(
        goes_on || says_so,
        "the connection ended without a word, and took the next request with it: {answers}"
    );
}

#[tokio::test]
async fn unknown_fields_and_wrong_types_are_named_by_their_path() {
    let scene = Scene::set(&shared()).await;
    let card = &scene.ana.card;
    scene
        .refuses(vec![
            (scene.stamp(json!({ "card_id": card, "cuantos": 2 })), invalid("cuantos", "unknown_field")),
            (scene.stamp(json!({ "card_id": card, "count": "1" })), invalid("count", "wrong_type")),
            (scene.stamp(json!({ "card_id": card, "count": 1.5 })), invalid("count", "wrong_type")),
            (
                scene.stamp(json!({ "card_id": card, "count": 3_000_000_000_i64 })),
                invalid("count", "wrong_type"),
            ),
            (scene.stamp(json!({ "card_id": card, "count": [1] })), invalid("count", "wrong_type")),
            (
                scene.stamp(json!({ "card_id": card, "amount_cents": true })),
                invalid("amount_cents", "wrong_type"),
            ),
            (scene.stamp(json!({ "card_id": 42 })), invalid("card_id", "wrong_type")),
            (scene.stamp(json!({ "card_id": "42" })), invalid("card_id", "not_a_uuid")),
            (scene.stamp(json!({ "card_id": card, "kind": "gift" })), invalid("kind", "not_one_of")),
            (scene.stamp(json!([1, 2])), invalid("*", "*")),
            (scene.stamp(json!("stamp")), invalid("body", "wrong_type")),
            (
                scene.program(json!({ "rewards": [{ "at": 5, "title": "A" }, { "at": "x", "title": "B" }] })),
                invalid("rewards[1].at", "wrong_type"),
            ),
            (
                scene.program(json!({ "rewards": [{ "at": 5, "title": "A", "of": 1 }] })),
                invalid("rewards[0].of", "unknown_field"),
            ),
            (
                scene.program(json!({ "rules": { "max_per_week": 1 } })),
                invalid("rules.max_per_week", "unknown_field"),
            ),
            (
                scene.enroll(json!({ "consents": { "program": "yes", "marketing": false } })),
                invalid("consents.program", "wrong_type"),
            ),
            (scene.enroll(json!({ "phone": 987_654_321 })), invalid("phone", "wrong_type")),
            (scene.enroll(json!({ "role": "owner" })), invalid("role", "unknown_field")),
            (scene.enroll(json!({ "business_id": scene.shop.id })), invalid("business_id", "unknown_field")),
            (
                scene.shop.post("/scans").bytes("application/json", "{\"code\":\"a\",\"code\":\"b\"}"),
                invalid("code", "duplicate"),
            ),
            (
                scene.shop.post("/members").json(&json!({ "name": "Luz", "role": "boss" })),
                invalid("role", "not_one_of"),
            ),
            (
                scene.shop.patch("/business").json(&json!({ "id": scene.shop.id })),
                invalid("id", "unknown_field"),
            ),
        ])
        .await;
}
