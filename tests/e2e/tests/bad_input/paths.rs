//! Paths and queries.

use e2e::{key, shared};
use reqwest::Method;

use crate::{Scene, invalid, malformed, refused};

#[tokio::test]
async fn figures_without_days_are_those_of_the_last_thirty() {
    let world = shared();
    let scene = Scene::set(&world).await;
    scene.shop.today("stamps", 1).await;
    let overview = scene.shop.get("/analytics/overview").send().await.ok(200);
    assert_eq!(overview["total"]["stamps"], 1, "{overview}");
    assert!(matches!(overview["days"].as_array().map(Vec::len), Some(30 | 31)), "{overview}");
}

#[tokio::test]
async fn paths_and_queries_are_read_as_strictly_as_bodies() {
    let scene = Scene::set(&shared()).await;
    let shop = &scene.shop;
    let mut cases = Vec::new();
    for bad in [
        "42",
        "not-a-uuid",
        "00000000-0000-0000-0000-00000000000g",
        "%00",
        "%ff%fe",
        "..%2f..%2fetc",
        &"x".repeat(5_000),
    ] {
        for path in ["/cards/{}", "/customers/{}", "/customers/{}/ledger", "/programs/{}"] {
            cases.push((shop.get(&path.replace("{}", bad)), invalid("id", "not_a_uuid")));
        }
        cases.push((shop.post(&format!("/stamps/{bad}/void")).key(key()), invalid("id", "not_a_uuid")));
        cases.push((shop.post(&format!("/rewards/{bad}/redeem")).key(key()), invalid("id", "not_a_uuid")));
        cases.push((shop.delete(&format!("/members/{bad}")), invalid("id", "not_a_uuid")));
        cases.push((shop.api.get(&format!("/join/{bad}")), refused(404, "not-found")));
    }
    for (path, field, reason) in [
        ("/customers?limit=0", "limit", "out_of_range"),
        ("/customers?limit=-1", "limit", "out_of_range"),
        ("/customers?limit=10000", "limit", "out_of_range"),
        ("/customers?limit=many", "limit", "wrong_type"),
        ("/customers?limit=1&limit=2", "limit", "duplicate"),
        ("/customers?cursor=x", "cursor", "not_a_cursor"),
        ("/customers?segment=x", "segment", "unknown"),
        ("/customers?segment=new&search=ana", "search", "not_with_segment"),
        ("/customers?group=x", "group", "unknown_field"),
        ("/audit?cursor=x", "cursor", "not_a_cursor"),
        ("/programs?include_inactive=perhaps", "include_inactive", "wrong_type"),
        ("/analytics/overview?from=yesterday&to=2026-01-31", "from", "not_a_day"),
        ("/analytics/overview?from=2026-01-01&to=2026-02-30", "to", "not_a_day"),
        ("/analytics/overview?format=xml", "format", "not_one_of"),
        ("/analytics/heatmap?from=2026-01-02&to=2026-01-01", "*", "*"),
        ("/analytics/heatmap?from=0001-01-01&to=9999-12-31", "*", "*"),
    ] {
        cases.push((shop.get(path), invalid(field, reason)));
    }
    let ledger = format!("/customers/{}/ledger", scene.ana.id);
    cases.push((shop.get(&format!("{ledger}?cursor=1.2")), invalid("cursor", "not_a_cursor")));
    cases.push((shop.get(&format!("{ledger}?limit=101")), invalid("limit", "out_of_range")));
    cases.push((shop.get("/customers?search=%00"), malformed("control_character")));
    cases.push((scene.till.get("/customers?search=a"), invalid("search", "too_short")));
    cases.push((shop.get("/nothing"), refused(404, "not-found")));
    cases.push((shop.api.call(Method::PUT, "/stamps"), refused(405, "method")));
    cases.push((shop.delete("/business"), refused(405, "method")));
    cases.push((shop.get("/live"), malformed("not_a_websocket")));
    cases.push((shop.get("//webhooks/nothing"), refused(404, "not-found")));
    scene.refuses(cases).await;
}

#[tokio::test]
async fn a_search_for_anything_at_all_is_only_a_search() {
    let world = shared();
    let scene = Scene::set(&world).await;
    for text in
        ["%", "_", "%25", "\\", "'", "\"", "%27%3B--", "%F0%9F%98%80", "ñ", "(", "[", "*", "+51", "%20%20%20"]
    {
        let found = scene.shop.get(&format!("/customers?search={text}")).send().await.ok(200);
        assert!(found["total"].as_i64().unwrap() <= 1, "{text}: {found}");
    }
    let long = "x".repeat(5_000);
    let answer = scene.shop.get(&format!("/customers?search={long}")).send().await;
    assert!(matches!(answer.status(), 200 | 422), "{answer}");
}

#[tokio::test]
async fn bytes_that_are_no_text_are_a_problem_wherever_they_stand() {
    let scene = Scene::set(&shared()).await;
    scene.shop.get("/customers?search=%ff").send().await.refused(400, "malformed");
    let client = reqwest::Client::new();
    for path in [
        "/wallet/v1/devices/%ff%fe/registrations/pass.pe.sello.prueba",
        "/wallet/passes/%ff",
        "/wallet/bundles/%ff",
        "/wallet/google/%ff",
        "/wallet/art/%ff/x/strip-1.png",
    ] {
        let answer = client.get(format!("{}{path}", shared().url())).send().await.unwrap();
        assert_eq!(answer.status(), 400, "{path}");
        assert_eq!(answer.headers()["content-type"], "application/problem+json", "{path}");
    }
}

#[tokio::test]
async fn a_person_who_follows_a_link_that_is_over_reads_a_page_and_not_json() {
    let world = shared();
    let client = reqwest::Client::new();
    for path in ["/nope", "/wallet/passes/over", "/wallet/google/over"] {
        let browser = client.get(format!("{}{path}", world.url()));
        let browser = browser.header("accept", "text/html,*/*;q=0.8").header("accept-language", "es-PE");
        let answer = browser.send().await.unwrap();
        assert!(answer.status().is_client_error() || answer.status() == 503, "{path}: {}", answer.status());
        assert_eq!(answer.headers()["content-type"], "text/html; charset=utf-8", "{path}");
        let page = answer.text().await.unwrap();
        assert!(page.contains("lang=\"es\"") && page.contains("<h1>"), "{path}: {page}");
    }
}
