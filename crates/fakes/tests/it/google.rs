use std::time::Instant;

use chrono::{TimeDelta, Utc};
use fakes::google::{Fault, Google, SaveError};
use serde_json::{Value, json};

use crate::support::{
    Caller, ask_for_token, assertion, class, id, object, save_claims, save_link, sign_jwt, with_card,
};

async fn start() -> (Google, Caller) {
    let google = Google::start().await.unwrap();
    let caller = with_card(&google, class(), object()).await;
    (google, caller)
}

#[tokio::test]
async fn a_token_is_given_for_a_good_assertion_only() {
    let google = Google::start().await.unwrap();
    let other = Google::start().await.unwrap();
    let account = google.service_account();
    let now = Utc::now().timestamp();
    let with = |name: &str, value: Value| {
        let mut claims = assertion(account);
        claims[name] = value;
        claims
    };
    for (claims, key) in [
        (assertion(account), other.service_account()),
        (with("iss", json!("somebody@else")), account),
        (with("aud", json!("https://example.com")), account),
        (with("scope", json!("https://www.googleapis.com/auth/drive")), account),
        (with("exp", json!(now + 3_700)), account),
        (with("exp", json!(now - 1)), account),
        (with("iat", json!(now + 600)), account),
    ] {
        let (status, body) = ask_for_token(&google, &sign_jwt(&key.private_key_pem, &claims)).await;
        assert_eq!((status, &body["error"]), (400, &json!("invalid_grant")), "{claims}");
    }
    Caller::new(&google).await;
}

#[tokio::test]
async fn the_wallet_is_open_to_good_tokens_only() {
    let (google, mut caller) = start().await;
    let path = format!("loyaltyObject/{}", id("card"));
    google.advance(TimeDelta::minutes(61));
    let (status, body) = caller.call("GET", &path, Value::Null).await;
    assert_eq!((status, &body["error"]["status"]), (401, &json!("UNAUTHENTICATED")));
    google.advance(-TimeDelta::minutes(61));
    assert_eq!(caller.call("GET", &path, Value::Null).await.0, 200);
    google.expire_tokens();
    assert_eq!(caller.call("GET", &path, Value::Null).await.0, 401);
    caller.token = Caller::new(&google).await.token;
    assert_eq!(caller.call("GET", &path, Value::Null).await.0, 200);
}

#[tokio::test]
async fn a_resource_is_inserted_once_and_found_by_its_id() {
    let (_google, caller) = start().await;
    let (status, body) = caller.call("POST", "loyaltyObject", object()).await;
    assert_eq!((status, &body["error"]["status"]), (409, &json!("ALREADY_EXISTS")));
    assert_eq!(caller.call("POST", "loyaltyClass", class()).await.0, 409);
    let (status, body) = caller.call("GET", &format!("loyaltyObject/{}", id("none")), Value::Null).await;
    assert_eq!((status, &body["error"]["errors"][0]["reason"]), (404, &json!("resourceNotFound")));
    let (_, kept) = caller.call("GET", &format!("loyaltyObject/{}", id("card")), Value::Null).await;
    assert_eq!((&kept["hasUsers"], &kept["kind"]), (&json!(false), &json!("walletobjects#loyaltyObject")));
    assert_eq!(kept["barcode"]["value"], "code");
}

#[tokio::test]
async fn what_google_does_not_know_is_refused() {
    let google = Google::start().await.unwrap();
    google.rate_limit(None);
    let caller = with_card(&google, class(), object()).await;
    let with = |name: &str, value: Value| {
        let mut object = object();
        object["id"] = id("other").into();
        object[name] = value;
        object
    };
    for (body, status) in [
        (with("stamps", json!(3)), 400),
        (with("id", json!("card")), 400),
        (with("id", json!("1234.card")), 403),
        (with("id", json!(id("no spaces"))), 400),
        (with("classId", Value::Null), 400),
        (with("classId", json!(id("none"))), 404),
        (with("state", json!("active")), 400),
        (with("loyaltyPoints", json!({ "balance": { "int": "3" } })), 400),
        (with("loyaltyPoints", json!({ "balance": { "int": 3, "string": "3" } })), 400),
        (with("barcode", json!({ "type": "QR", "value": "x" })), 400),
        (with("heroImage", json!({ "sourceUri": { "uri": "http://sello.pe/3.png" } })), 400),
        (with("textModulesData", json!(vec![json!({ "body": "x" }); 11])), 400),
        (with("textModulesData", json!(vec![json!({ "body": "x" }); 10])), 200),
    ] {
        let (code, answer) = caller.call("POST", "loyaltyObject", body.clone()).await;
        assert_eq!(code, status, "{body}: {answer}");
    }
    let mut unreviewed = class();
    unreviewed["id"] = id("unreviewed").into();
    unreviewed["reviewStatus"] = "APPROVED".into();
    assert_eq!(caller.call("POST", "loyaltyClass", unreviewed).await.0, 400);
}

#[tokio::test]
async fn a_patch_merges_and_a_put_replaces() {
    let (_google, caller) = start().await;
    let path = format!("loyaltyObject/{}", id("card"));
    let patch = json!({ "loyaltyPoints": { "balance": { "string": "4/10" } }, "accountId": null });
    let (status, patched) = caller.call("PATCH", &path, patch).await;
    assert_eq!(status, 200, "{patched}");
    assert_eq!(patched["loyaltyPoints"], json!({ "label": "Sellos", "balance": { "string": "4/10" } }));
    assert_eq!((&patched["accountId"], &patched["accountName"]), (&Value::Null, &json!("Ana")));
    assert_eq!((&patched["version"], &patched["barcode"]["value"]), (&json!("2"), &json!("code")));

    let (status, body) =
        caller.call("PATCH", &path, json!({ "loyaltyPoints": { "balance": { "int": 4 } } })).await;
    assert_eq!(status, 400, "two balances after the merge: {body}");
    assert_eq!(caller.call("PATCH", &path, json!({ "points": 4 })).await.0, 400);
    assert_eq!(caller.call("PATCH", &path, json!({ "classId": id("other") })).await.0, 400);
    assert_eq!(caller.call("PATCH", &format!("loyaltyObject/{}", id("none")), json!({})).await.0, 404);

    let put = json!({ "id": id("card"), "classId": id("program"), "state": "INACTIVE" });
    let (status, replaced) = caller.call("PUT", &path, put).await;
    assert_eq!(
        (status, &replaced["loyaltyPoints"], &replaced["state"]),
        (200, &Value::Null, &json!("INACTIVE"))
    );
}

#[tokio::test]
async fn an_approved_class_is_handed_in_again_with_each_change() {
    let (google, caller) = start().await;
    assert_eq!(google.class(&id("program")).unwrap()["reviewStatus"], "APPROVED");
    let path = format!("loyaltyClass/{}", id("program"));
    assert_eq!(caller.call("PATCH", &path, json!({ "programName": "Más sellos" })).await.0, 400);
    let patch = json!({ "programName": "Más sellos", "reviewStatus": "UNDER_REVIEW" });
    assert_eq!(caller.call("PATCH", &path, patch).await.1["programName"], "Más sellos");
}

#[tokio::test]
async fn a_pass_notifies_three_times_a_day_and_no_more() {
    let (google, caller) = start().await;
    let path = format!("loyaltyObject/{}", id("card"));
    let message = |kind| json!({ "message": { "header": "Premio", "body": "Un café", "messageType": kind } });
    let add = format!("{path}/addMessage");
    let patch = |stamps: u32| {
        json!({ "loyaltyPoints": { "balance": { "string": format!("{stamps}/10") } },
            "notifyPreference": "NOTIFY_ON_UPDATE" })
    };
    let (status, body) = caller.call("POST", &add, message("TEXT_AND_NOTIFY")).await;
    assert_eq!((status, &body["resource"]["messages"][0]["body"]), (200, &json!("Un café")));
    assert_eq!(caller.call("PATCH", &path, patch(4)).await.0, 200);
    assert_eq!(caller.call("PATCH", &path, patch(5)).await.0, 200);
    assert_eq!(google.notices(&id("card")), ["Premio: Un café", "Sellos: 4/10", "Sellos: 5/10"]);
    assert_eq!(google.object(&id("card")).unwrap()["notifyPreference"], Value::Null);

    let (status, body) = caller.call("POST", &add, message("TEXT_AND_NOTIFY")).await;
    assert_eq!(status, 403);
    assert!(body["error"]["message"].as_str().unwrap().starts_with("QuotaExceededException"), "{body}");
    google.quota_status(429);
    assert_eq!(caller.call("PATCH", &path, patch(6)).await.0, 429);
    assert_eq!(google.object(&id("card")).unwrap()["loyaltyPoints"]["balance"]["string"], "5/10");
    assert_eq!(caller.call("POST", &add, message("TEXT")).await.0, 200);
}

#[tokio::test]
async fn the_quota_is_new_after_a_day() {
    let (google, caller) = start().await;
    let add = format!("loyaltyObject/{}/addMessage", id("card"));
    let message = json!({ "message": { "body": "Un café", "messageType": "TEXT_AND_NOTIFY" } });
    // Spent a day ago by the fake's clock; then back to the present, where tokens are good.
    google.advance(-TimeDelta::hours(24));
    for _ in 0..3 {
        assert_eq!(caller.call("POST", &add, message.clone()).await.0, 200);
    }
    assert_eq!(caller.call("POST", &add, message.clone()).await.0, 403);
    google.advance(TimeDelta::hours(24));
    assert_eq!(caller.call("POST", &add, message).await.0, 200);
}

#[tokio::test]
async fn a_pass_holds_ten_messages() {
    let (_google, caller) = start().await;
    let add = format!("loyaltyObject/{}/addMessage", id("card"));
    for n in 0..11 {
        let (status, body) = caller.call("POST", &add, json!({ "message": { "body": n.to_string() } })).await;
        assert_eq!(status, if n < 10 { 200 } else { 400 }, "{body}");
    }
}

#[tokio::test]
async fn requests_beyond_the_rate_are_refused_and_counted() {
    let (google, caller) = start().await;
    google.rate_limit(Some(5));
    let path = format!("loyaltyObject/{}", id("card"));
    let begin = Instant::now();
    let answers = futures::future::join_all((0..30).map(|_| caller.call("GET", &path, Value::Null))).await;
    let refused = answers.iter().filter(|(status, _)| *status == 429).count();
    let admitted_most = 5 + (begin.elapsed().as_secs_f64() * 5.0).ceil() as usize;
    assert!(refused >= 30 - admitted_most, "{refused} refused");
    let (_, body) = answers.iter().find(|(status, _)| *status == 429).unwrap();
    assert_eq!(body["error"]["errors"][0]["reason"], "rateLimitExceeded");
    assert_eq!(google.until_requests(32).await.unwrap().len(), 32);
    assert!(google.busiest_second() >= 30);
    google.rate_limit(None);
    let answers = futures::future::join_all((0..100).map(|_| caller.call("GET", &path, Value::Null))).await;
    assert!(answers.iter().all(|(status, _)| *status == 200));
}

#[tokio::test]
async fn faults_come_when_asked_for_and_end_when_healed() {
    let (google, caller) = start().await;
    let path = format!("loyaltyObject/{}", id("card"));
    google.fault_next(Fault::Status(503));
    let (status, body) = caller.call("GET", &path, Value::Null).await;
    assert_eq!((status, &body["error"]["status"]), (503, &json!("UNAVAILABLE")));
    google.fault_next(Fault::Hang);
    assert_eq!(caller.call("PATCH", &path, json!({ "accountName": "Eva" })).await.0, 0);
    assert_eq!(google.object(&id("card")).unwrap()["accountName"], "Ana");
    google.fault_next(Fault::LoseAnswer);
    assert_eq!(caller.call("PATCH", &path, json!({ "accountName": "Eva" })).await.0, 0);
    assert_eq!(google.object(&id("card")).unwrap()["accountName"], "Eva");
    google.fault_of(&id("card"), Fault::Status(500));
    assert_eq!(caller.call("GET", &path, Value::Null).await.0, 500);
    assert_eq!(caller.call("GET", &format!("loyaltyClass/{}", id("program")), Value::Null).await.0, 200);
    google.fault_always(Fault::Status(401));
    assert_eq!(caller.call("GET", &format!("loyaltyClass/{}", id("program")), Value::Null).await.0, 401);
    google.heal();
    assert_eq!(caller.call("GET", &path, Value::Null).await.0, 200);
}

#[tokio::test]
async fn a_save_link_is_believed_only_as_it_should_be() {
    let (google, _caller) = start().await;
    let with = |name: &str, value: Value| {
        let mut claims = save_claims(&google);
        claims[name] = value;
        save_link(&google, &claims)
    };
    let fat = json!({ "loyaltyObjects": [object()] });
    let classes =
        json!({ "loyaltyObjects": [{ "id": id("card"), "classId": id("program") }], "loyaltyClasses": [] });
    let none = json!({ "loyaltyObjects": [{ "id": id("none"), "classId": id("program") }] });
    let other = json!({ "loyaltyObjects": [{ "id": id("card"), "classId": id("other") }] });
    for (link, error) in [
        ("https://sello.pe".to_owned(), SaveError::NotASaveLink),
        (with("typ", json!("savetoandroidpay")), SaveError::Claim("typ")),
        (with("iat", Value::Null), SaveError::Claim("iat")),
        (with("payload", fat), SaveError::NotSkinny),
        (with("payload", classes), SaveError::NotSkinny),
        (with("payload", none), SaveError::NoObject(id("none"))),
        (with("payload", other), SaveError::OtherClass(id("other"))),
    ] {
        assert_eq!(google.save(&link).await, Err(error));
    }
    for link in [with("aud", json!("me")), with("iss", json!("me"))] {
        assert!(matches!(google.save(&link).await, Err(SaveError::Signature(_))));
    }
    let stranger = Google::start().await.unwrap();
    let forged = save_link(&stranger, &save_claims(&google));
    assert!(matches!(google.save(&forged).await, Err(SaveError::Signature(_))));
    assert_eq!(google.object(&id("card")).unwrap()["hasUsers"], false);

    assert_eq!(google.save(&save_link(&google, &save_claims(&google))).await, Ok(id("card")));
    assert_eq!(google.object(&id("card")).unwrap()["hasUsers"], true);
    assert!(google.delete(&id("card")).await);
    assert_eq!(google.object(&id("card")).unwrap()["hasUsers"], false);
}

#[tokio::test]
async fn a_browser_can_open_a_save_link_too() {
    let (google, _caller) = start().await;
    let link = save_link(&google, &save_claims(&google)).replace("https://pay.google.com", google.url());
    let answer = reqwest::Client::builder().no_proxy().build().unwrap().get(link).send().await.unwrap();
    assert_eq!(answer.status(), 200);
    assert_eq!(google.object(&id("card")).unwrap()["hasUsers"], true);
}
