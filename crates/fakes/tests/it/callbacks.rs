use std::sync::{Arc, Mutex};

use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1, UnparsedPublicKey};
use axum::extract::State;
use axum::routing::post;
use axum::{Json, Router};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chrono::Utc;
use fakes::google::{Event, Forgery, Google, ISSUER_ID, Sending};
use serde_json::{Value, json};

use crate::support::{class, id, object, save_claims, save_link, with_card};

type Received = Arc<Mutex<Vec<Value>>>;

/// An issuer that takes callbacks, and a wallet whose class names its address.
async fn start() -> (Google, Received) {
    let received = Received::default();
    let take = |State(received): State<Received>, Json(body): Json<Value>| async move {
        received.lock().unwrap().push(body);
    };
    let routes = Router::new().route("/wallet/google", post(take)).with_state(received.clone());
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, routes).await });
    let google = Google::start().await.unwrap();
    google.callback_base(base.parse().unwrap());
    let mut class = class();
    class["callbackOptions"] = json!({ "url": "https://sello.pe/wallet/google" });
    with_card(&google, class, object()).await;
    (google, received)
}

/// Verifies a callback from the description alone, sharing nothing with what signed it.
async fn verify(google: &Google, body: &Value) -> Result<Value, &'static str> {
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let keys: Value = http.get(google.keys_url()).send().await.unwrap().json().await.unwrap();
    let now = Utc::now().timestamp_millis();
    let fresh = |millis: &Value| millis.as_str().unwrap().parse::<i64>().unwrap() > now;
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let bytes = |value: &Value| STANDARD.decode(value.as_str().unwrap()).unwrap();
    let signed = |key: &Value, signature: &Value, parts: &[&str]| {
        let mut said = Vec::new();
        for part in parts {
            said.extend_from_slice(&u32::try_from(part.len()).unwrap().to_le_bytes());
            said.extend_from_slice(part.as_bytes());
        }
        let spki = bytes(key);
        // Of a SubjectPublicKeyInfo on P-256, the last 65 bytes are the point.
        let point = &spki[spki.len() - 65..];
        UnparsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, point).verify(&said, &bytes(signature)).is_ok()
    };
    let protocol = text(&body["protocolVersion"]);
    assert_eq!(protocol, "ECv2SigningOnly");
    let intermediate = &body["intermediateSigningKey"];
    let signed_key = text(&intermediate["signedKey"]);
    let vouched = keys["keys"].as_array().unwrap().iter().any(|key| {
        key["protocolVersion"] == protocol.as_str()
            && fresh(&key["keyExpiration"])
            && intermediate["signatures"].as_array().unwrap().iter().any(|signature| {
                signed(&key["keyValue"], signature, &["GooglePayPasses", &protocol, &signed_key])
            })
    });
    if !vouched {
        return Err("the key is not vouched for");
    }
    let key: Value = serde_json::from_str(&signed_key).unwrap();
    if !fresh(&key["keyExpiration"]) {
        return Err("the key has run out");
    }
    let message = text(&body["signedMessage"]);
    if !signed(&key["keyValue"], &body["signature"], &["GooglePayPasses", ISSUER_ID, &protocol, &message]) {
        return Err("the message is not signed");
    }
    let message: Value = serde_json::from_str(&message).unwrap();
    if message["expTimeMillis"].as_i64().unwrap() < now {
        return Err("the message is too old");
    }
    Ok(message)
}

#[tokio::test]
async fn saving_and_deleting_are_told_to_the_issuer_and_signed() {
    let (google, received) = start().await;
    let link = save_link(&google, &save_claims(&google));
    google.save(&link).await.unwrap();
    google.save(&link).await.unwrap();
    google.delete(&id("card")).await;
    let received = received.lock().unwrap().clone();
    assert_eq!(received.len(), 2, "saving again tells nothing new");
    let save = verify(&google, &received[0]).await.unwrap();
    assert_eq!((&save["eventType"], &save["objectId"]), (&json!("save"), &json!(id("card"))));
    assert_eq!(save["classId"], id("program"));
    let del = verify(&google, &received[1]).await.unwrap();
    assert_eq!(del["eventType"], "del");
    assert_ne!(save["nonce"], del["nonce"]);
    let sent = google.callbacks();
    assert_eq!(
        (sent[0].status, sent[0].event, &sent[1].nonce),
        (Some(200), Event::Save, &del["nonce"].as_str().unwrap().to_owned())
    );
}

#[tokio::test]
async fn a_callback_may_come_twice_with_one_nonce() {
    let (google, received) = start().await;
    google.send_callbacks(Sending::Twice);
    google.save(&save_link(&google, &save_claims(&google))).await.unwrap();
    let received = received.lock().unwrap().clone();
    assert_eq!(received.len(), 2);
    assert_eq!(received[0], received[1]);
}

#[tokio::test]
async fn no_forgery_passes_for_genuine() {
    let (google, _) = start().await;
    for forgery in Forgery::ALL {
        let forged = google.make_callback(&id("card"), Event::Save, Some(forgery)).unwrap();
        assert!(verify(&google, &forged.body).await.is_err(), "{forgery:?}");
    }
    let genuine = google.make_callback(&id("card"), Event::Save, None).unwrap();
    assert!(verify(&google, &genuine.body).await.is_ok());
}

#[tokio::test]
async fn forged_callbacks_are_sent_on_demand_and_none_when_none_is_wanted() {
    let (google, received) = start().await;
    google.send_callbacks(Sending::Forged(Forgery::UnknownRoot));
    google.save(&save_link(&google, &save_claims(&google))).await.unwrap();
    let forged = received.lock().unwrap()[0].clone();
    assert_eq!(verify(&google, &forged).await, Err("the key is not vouched for"));
    google.send_callbacks(Sending::Never);
    google.delete(&id("card")).await;
    assert_eq!(received.lock().unwrap().len(), 1);
}
