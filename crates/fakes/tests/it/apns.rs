use std::time::Duration;

use chrono::DateTime;
use fakes::apns::{Answer, Apns, Reason};
use http::Version;
use reqwest::Client;
use serde_json::{Value, json};

use crate::support::{Authority, PASS_TYPE, provider, push};

const TOKEN: &str = "00ff";

async fn start() -> (Apns, Client) {
    let authority = Authority::new();
    let apns = Apns::start(&authority.pem).await.unwrap();
    let client = provider(&apns, Some(&authority.pass_identity(PASS_TYPE)));
    (apns, client)
}

#[tokio::test]
async fn a_good_push_is_accepted_and_recorded_with_all_it_said() {
    let (apns, client) = start().await;
    let answer = client
        .post(format!("{}/3/device/{TOKEN}", apns.url()))
        .header("apns-topic", PASS_TYPE)
        .header("apns-push-type", "background")
        .header("apns-priority", "5")
        .header("apns-expiration", "1800000000")
        .header("apns-id", "0199c0de-0000-7000-8000-000000000001")
        .body("{}")
        .send()
        .await
        .unwrap();
    assert_eq!((answer.status().as_u16(), answer.version()), (200, Version::HTTP_2));
    assert_eq!(answer.headers()["apns-id"], "0199c0de-0000-7000-8000-000000000001");
    assert_eq!(answer.text().await.unwrap(), "");
    let recorded = apns.pushed_to(TOKEN).await.unwrap();
    assert_eq!((recorded.topic.as_str(), recorded.priority), (PASS_TYPE, Some(5)));
    assert_eq!(
        (recorded.push_type.as_deref(), recorded.expiration),
        (Some("background"), Some(1_800_000_000))
    );
    assert_eq!((recorded.status, recorded.connection), (Some(200), 1));
    assert_eq!(apns.mistakes(), Vec::<String>::new());
}

#[tokio::test]
async fn many_pushes_go_over_one_connection() {
    let (apns, client) = start().await;
    // The first makes the connection; those that come at once would else race for it.
    push(&client, &apns, TOKEN).await.unwrap();
    let pushes = (0..500).map(|_| push(&client, &apns, TOKEN));
    for answer in futures::future::join_all(pushes).await {
        assert_eq!(answer.unwrap().status(), 200);
    }
    assert_eq!(apns.until_pushes(501).await.unwrap().len(), 501);
    assert_eq!((apns.connections(), apns.open_connections()), (1, 1));
}

#[tokio::test]
async fn who_has_no_certificate_of_the_authority_is_not_let_in() {
    let (apns, _) = start().await;
    let stranger = Authority::new().pass_identity(PASS_TYPE);
    for client in [provider(&apns, None), provider(&apns, Some(&stranger))] {
        assert!(push(&client, &apns, TOKEN).await.is_err());
    }
    assert_eq!((apns.connections(), apns.pushes().len()), (0, 0));
}

#[tokio::test]
async fn a_client_that_speaks_only_http_1_is_not_let_in() {
    let authority = Authority::new();
    let apns = Apns::start(&authority.pem).await.unwrap();
    let client = Client::builder()
        .no_proxy()
        .http1_only()
        .tls_certs_only([reqwest::Certificate::from_pem(apns.authority_pem().as_bytes()).unwrap()])
        .identity(reqwest::Identity::from_pem(authority.pass_identity(PASS_TYPE).as_bytes()).unwrap())
        .build()
        .unwrap();
    assert!(push(&client, &apns, TOKEN).await.is_err());
}

#[tokio::test]
async fn what_apple_refuses_is_refused_with_apples_reason() {
    let (apns, client) = start().await;
    let post = |path: &str| client.post(format!("{}{path}", apns.url())).body("{}");
    let good = || post("/3/device/00ff").header("apns-topic", PASS_TYPE);
    let cases = [
        (post("/3/device/00ff"), 400, "MissingTopic"),
        (post("/3/device/00ff").header("apns-topic", "pass.other"), 400, "DeviceTokenNotForTopic"),
        (post("/3/device/xyz0").header("apns-topic", PASS_TYPE), 400, "BadDeviceToken"),
        (post("/3/device/").header("apns-topic", PASS_TYPE), 400, "MissingDeviceToken"),
        (post("/2/device/00ff").header("apns-topic", PASS_TYPE), 404, "BadPath"),
        (client.get(format!("{}/3/device/00ff", apns.url())), 405, "MethodNotAllowed"),
        (good().body(""), 400, "PayloadEmpty"),
        (good().body("x".repeat(5_000)), 413, "PayloadTooLarge"),
        (good().header("apns-priority", "7"), 400, "BadPriority"),
        (good().header("apns-push-type", "wallet"), 400, "InvalidPushType"),
        (good().header("apns-expiration", "soon"), 400, "BadExpirationDate"),
        (good().header("apns-id", "1"), 400, "BadMessageId"),
    ];
    for (request, status, reason) in cases {
        let answer = request.send().await.unwrap();
        assert_eq!(answer.status().as_u16(), status, "{reason}");
        assert!(answer.headers().contains_key("apns-id"), "{reason}");
        assert_eq!(answer.json::<Value>().await.unwrap(), json!({ "reason": reason }));
    }
}

#[tokio::test]
async fn a_body_that_is_not_empty_braces_is_let_pass_and_noted() {
    let (apns, client) = start().await;
    let request = client.post(format!("{}/3/device/00ff", apns.url())).header("apns-topic", PASS_TYPE);
    assert_eq!(request.body(r#"{"aps":{}}"#).send().await.unwrap().status(), 200);
    assert_eq!(apns.mistakes(), [r#"the body is not {} but {"aps":{}}"#]);
}

#[tokio::test]
async fn every_refusal_comes_when_asked_for() {
    let (apns, client) = start().await;
    for reason in Reason::ALL {
        apns.answer_next(Answer::Refuse(*reason));
        let answer = push(&client, &apns, TOKEN).await.unwrap();
        assert_eq!(answer.status().as_u16(), reason.status());
        let body: Value = answer.json().await.unwrap();
        assert_eq!(body["reason"], reason.name());
        assert_eq!(body["timestamp"].is_i64(), reason.status() == 410);
    }
    assert_eq!(push(&client, &apns, TOKEN).await.unwrap().status(), 200);
}

#[tokio::test]
async fn a_dead_token_is_gone_since_the_moment_that_was_chosen() {
    let (apns, client) = start().await;
    let since = DateTime::from_timestamp_millis(1_790_000_000_123).unwrap();
    apns.always_to("dead", Answer::Gone { since });
    let answer = push(&client, &apns, "dead").await.unwrap();
    assert_eq!(answer.status().as_u16(), 410);
    let body: Value = answer.json().await.unwrap();
    assert_eq!(body, json!({ "reason": "Unregistered", "timestamp": 1_790_000_000_123_i64 }));
    assert_eq!(push(&client, &apns, TOKEN).await.unwrap().status(), 200);
    assert_eq!(apns.pushed_to("dead").await.unwrap().status, Some(410));
}

#[tokio::test]
async fn a_push_that_hangs_is_recorded_and_holds_up_no_other() {
    let (apns, client) = start().await;
    apns.answer_next_to("dead", Answer::Hang);
    let hanging = tokio::spawn({
        let request = client.post(format!("{}/3/device/dead", apns.url()));
        request.header("apns-topic", PASS_TYPE).timeout(Duration::from_millis(300)).body("{}").send()
    });
    assert_eq!(apns.pushed_to("dead").await.unwrap().status, None);
    assert_eq!(push(&client, &apns, TOKEN).await.unwrap().status(), 200);
    assert!(hanging.await.unwrap().unwrap_err().is_timeout());
    assert_eq!(push(&client, &apns, "dead").await.unwrap().status(), 200);
    assert_eq!(apns.connections(), 1);
}

#[tokio::test]
async fn a_push_that_is_held_is_answered_and_heard_of_when_the_server_is_healed() {
    let (apns, client) = start().await;
    let mut heard = apns.subscribe();
    apns.always(Answer::Hold);
    let held = async { push(&client, &apns, TOKEN).await.unwrap().status() };
    let healed = async {
        assert_eq!(apns.pushed_to(TOKEN).await.unwrap().status, None);
        apns.heal();
    };
    assert_eq!(tokio::join!(held, healed).0, 200);
    let first = tokio::time::timeout(fakes::DEADLINE, heard.recv()).await.unwrap().unwrap();
    assert_eq!((first.token.as_str(), first.status), (TOKEN, Some(200)));
    assert_eq!(apns.pushes()[0].status, Some(200));
    assert_eq!(push(&client, &apns, TOKEN).await.unwrap().status(), 200);
}

#[tokio::test]
async fn a_cut_connection_fails_the_push_and_the_next_makes_a_new_one() {
    let (apns, client) = start().await;
    apns.answer_next(Answer::Cut);
    assert!(push(&client, &apns, TOKEN).await.is_err());
    assert_eq!(push(&client, &apns, TOKEN).await.unwrap().status(), 200);
    assert_eq!(apns.connections(), 2);
}

#[tokio::test]
async fn after_goaway_the_next_push_makes_a_new_connection() {
    let (apns, client) = start().await;
    apns.close_after(2);
    for _ in 0..6 {
        // GOAWAY may overtake a push that is being sent; such a push is sent again by whoever sends it.
        let mut tries = 1;
        while push(&client, &apns, TOKEN).await.is_err() {
            tries += 1;
            assert!(tries < 10, "no push gets through");
        }
    }
    assert!(apns.connections() >= 3, "{} connections", apns.connections());
    assert!(apns.pushes().iter().all(|push| push.status == Some(200)));
}

#[tokio::test]
async fn who_waits_for_a_push_gets_each_once_and_is_told_when_none_comes() {
    let (apns, client) = start().await;
    let (waited, sent) = tokio::join!(apns.pushed_to(TOKEN), push(&client, &apns, TOKEN));
    assert_eq!((waited.unwrap().token.as_str(), sent.unwrap().status().as_u16()), (TOKEN, 200));
    let short = Duration::from_millis(50);
    assert_eq!(apns.pushed_to_within(TOKEN, short).await, Err(fakes::Late(short)));
}

#[tokio::test]
async fn subscribers_hear_of_accepted_pushes_only() {
    let (apns, client) = start().await;
    let mut heard = apns.subscribe();
    apns.answer_next(Answer::Refuse(Reason::TooManyRequests));
    push(&client, &apns, "01").await.unwrap();
    push(&client, &apns, "02").await.unwrap();
    let first = tokio::time::timeout(fakes::DEADLINE, heard.recv()).await.unwrap().unwrap();
    assert_eq!(first.token, "02");
}

#[tokio::test]
async fn a_dropped_server_is_gone() {
    let (apns, client) = start().await;
    push(&client, &apns, TOKEN).await.unwrap();
    let url = format!("{}/3/device/{TOKEN}", apns.url());
    drop(apns);
    assert!(client.post(url).header("apns-topic", PASS_TYPE).body("{}").send().await.is_err());
}

#[tokio::test]
async fn an_authority_that_is_none_is_refused_at_the_start() {
    assert!(Apns::start("nothing").await.is_err());
}
