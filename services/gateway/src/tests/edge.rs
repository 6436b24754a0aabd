use axum::Router;
use axum::routing::get;
use http::StatusCode;
use kernel::{BusinessId, Principal, Role};
use serde_json::json;

use crate::config::{Rate, Switch};
use crate::server::behind_the_door;
use crate::testing::World;

const STAMPS: &str = "/api/v1/stamps";

#[tokio::test]
async fn what_is_not_there_and_what_is_not_meant_are_problems() {
    let world = World::new();
    let told = world.ask("GET", "/api/v1/nothing").send().await;
    assert_eq!((told.status, told.problem().as_str()), (StatusCode::NOT_FOUND, "not-found"));
    let told = world.ask("PUT", STAMPS).send().await;
    assert_eq!((told.status, told.problem().as_str()), (StatusCode::METHOD_NOT_ALLOWED, "method"));
    assert_eq!(told.headers["allow"], "POST");
}

#[tokio::test]
async fn a_panic_is_a_problem_and_says_nothing_of_its_cause() {
    let mut world = World::new();
    let router = Router::new().route(
        "/panics",
        get(|| async {
            if true {
                panic!("secret")
            }
        }),
    );
    world.router = behind_the_door(router, world.platform.clone());
    let told = world.ask("GET", "/panics").send().await;
    assert_eq!((told.status, told.problem().as_str()), (StatusCode::INTERNAL_SERVER_ERROR, "internal"));
    assert!(!told.text().contains("secret"));
}

#[tokio::test]
async fn bad_bodies_are_problems_below_500() {
    let world = World::new();
    let token = world.member(Role::Owner);
    let ask = || {
        world
            .ask("POST", STAMPS)
            .bearer(&token)
            .header("idempotency-key", "018f0000-0000-7000-8000-000000000000")
    };
    let huge = format!("{{\"code\":\"{}\"}}", "x".repeat(70_000));
    for (content_type, body, status, slug) in [
        ("application/json", huge.into_bytes(), 413, "too-large"),
        ("text/plain", b"{}".to_vec(), 415, "unsupported"),
        ("application/json", b"{\"code\":".to_vec(), 400, "malformed"),
        ("application/json", b"{\"code\":\"\xff\xfe\"}".to_vec(), 400, "malformed"),
        ("application/json", b"{\"code\":\"a\\u0000\"}".to_vec(), 400, "malformed"),
        ("application/json", b"{\"code\":\"a\",\"extra\":1}".to_vec(), 422, "invalid"),
        ("application/json", b"{\"code\":7}".to_vec(), 422, "invalid"),
        ("application/json", b"{\"scan_id\":\"x\"}".to_vec(), 422, "invalid"),
        ("application/json", b"{}".to_vec(), 422, "invalid"),
        ("application/json", b"{\"code\":\"a\",\"kind\":\"gift\"}".to_vec(), 422, "invalid"),
        ("application/json", b"[]".to_vec(), 422, "invalid"),
    ] {
        let shown = String::from_utf8_lossy(&body[..body.len().min(40)]).into_owned();
        let told = ask().body(content_type, body).send().await;
        assert_eq!((told.status.as_u16(), told.problem().as_str()), (status, slug), "{shown}");
    }
    assert_eq!(world.fakes.times_asked("AddStamps"), 0, "nothing of this reached stamping");
}

#[tokio::test]
async fn bad_ids_name_their_field() {
    let world = World::new();
    let token = world.member(Role::Owner);
    let told = world.ask("GET", "/api/v1/customers/42").bearer(&token).send().await;
    assert_eq!((told.problem().as_str(), told.json()["field"].as_str()), ("invalid", Some("id")));
    for (key, reason) in [(None, "required"), (Some("42"), "not_a_uuid")] {
        let ask = world.ask("POST", STAMPS).bearer(&token).json(&json!({"code": "a"}));
        let ask = key.into_iter().fold(ask, |ask, key| ask.header("idempotency-key", key));
        let told = ask.send().await;
        assert_eq!(told.problem(), "invalid");
        assert_eq!(
            (told.json()["field"].as_str(), told.json()["reason"].as_str()),
            (Some("Idempotency-Key"), Some(reason))
        );
    }
    let told = world.ask("GET", "/api/v1/customers?limit=-1").bearer(&token).send().await;
    assert_eq!((told.problem().as_str(), told.json()["field"].as_str()), ("invalid", Some("limit")));
}

#[tokio::test]
async fn a_problem_speaks_the_callers_language() {
    let world = World::new();
    let spanish = world.ask("GET", "/api/v1/me").send().await.json();
    let english =
        world.ask("GET", "/api/v1/me").header("accept-language", "en-US,en;q=0.9").send().await.json();
    assert_eq!(spanish["detail"], "Tu sesión terminó. Vuelve a entrar.");
    assert_eq!(english["detail"], "Your session ended. Sign in again.");
    assert_eq!(spanish["type"], english["type"]);
}

#[tokio::test]
async fn a_service_that_is_away_is_told_as_such_with_the_time_to_wait() {
    let world = World::new();
    let token = world.member(Role::Owner);
    let told = world.ask("GET", "/api/v1/dashboard").bearer(&token).send().await;
    assert_eq!((told.status, told.problem().as_str()), (StatusCode::SERVICE_UNAVAILABLE, "unavailable"));
    assert_eq!(told.headers["retry-after"], "1");
}

#[tokio::test]
async fn every_answer_carries_the_security_headers() {
    let world = World::new();
    for path in ["/api/v1/nothing", "/api/docs", "/robots.txt", "/"] {
        let headers = world.ask("GET", path).send().await.headers;
        assert!(
            headers["content-security-policy"].to_str().unwrap().contains("frame-ancestors 'none'"),
            "{path}"
        );
        assert_eq!(headers["x-content-type-options"], "nosniff");
        assert_eq!(headers["referrer-policy"], "no-referrer");
    }
}

#[tokio::test]
async fn a_browser_comes_by_tls_from_then_on_where_the_address_is_https_and_only_there() {
    for (address, told) in [("https://sello.example", true), ("http://192.0.2.7:8080", false), ("", false)] {
        let world = World::with(|config| config.public_url = address.to_owned());
        for path in ["/", "/panel", "/assets/none.js", "/api/v1/me", "/api/docs", "/wallet/v1/log"] {
            let headers = world.ask("GET", path).send().await.headers;
            let said = headers.get("strict-transport-security").map(|value| value.to_str().unwrap());
            assert_eq!(said, told.then_some("max-age=31536000"), "{path} at `{address}`");
        }
    }
}

#[tokio::test]
async fn the_one_request_too_many_is_told_when_to_come_back() {
    let rate = Rate { per_minute: 1, burst: 2 };
    let world = World::with(|config| config.limits.address = rate);
    for _ in 0..2 {
        assert_eq!(world.ask("GET", "/api/v1/me").send().await.status, StatusCode::UNAUTHORIZED);
    }
    let told = world.ask("GET", "/api/v1/me").send().await;
    assert_eq!((told.status, told.problem().as_str()), (StatusCode::TOO_MANY_REQUESTS, "rate-limited"));
    assert!(told.headers["retry-after"].to_str().unwrap().parse::<u64>().unwrap() > 0);
    assert_eq!(world.ask("GET", "/robots.txt").send().await.status, StatusCode::OK, "pages are not limited");
}

#[tokio::test]
async fn a_business_that_asks_too_much_is_limited_alone() {
    let rate = Rate { per_minute: 1, burst: 1 };
    let world = World::with(|config| config.limits.business = rate);
    let key = kernel::ApiKeyId::generate();
    let token = world.member(Role::Owner);
    let theirs = world.token(Principal::ApiKey { business: BusinessId::generate(), key }, 600);
    let ask = |token: &str| world.ask("GET", "/api/v1/dashboard").bearer(token).send();
    assert_eq!(ask(&token).await.problem(), "unavailable");
    assert_eq!(ask(&token).await.problem(), "rate-limited");
    assert_eq!(ask(&theirs).await.problem(), "unavailable");
}

#[tokio::test]
async fn lifted_limits_let_everyone_through() {
    let rate = Rate { per_minute: 1, burst: 1 };
    let world = World::with(|config| {
        config.limits.address = rate;
        config.rate_limits = Switch::Off;
    });
    for _ in 0..5 {
        assert_eq!(world.ask("GET", "/api/v1/me").send().await.problem(), "unauthenticated");
    }
}

#[tokio::test]
async fn links_follow_the_request_where_no_address_is_configured() {
    let world = World::with(|config| config.public_url = String::new());
    let token = world.member(Role::Owner);
    world.fakes.on("CreatePairing", |_: proto::enrollment::CreatePairingRequest, _| {
        Ok(proto::enrollment::CreatePairingResponse { pairing_code: "abc".into(), expires_at: None })
    });
    let ask = || world.ask("POST", "/api/v1/devices").bearer(&token);
    for ask in [ask(), ask().json(&json!(null)), ask().json(&json!({}))] {
        assert_eq!(ask.send().await.json()["pair_url"], "http://sello.example/caja#par=abc");
    }
}
