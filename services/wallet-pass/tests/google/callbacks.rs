use chrono::{TimeDelta, Utc};
use fakes::google::{Event as Sent, Forgery, Google, ISSUER_ID};
use kernel::Clock;
use proptest::prelude::*;
use serde_json::{Value, json};
use uuid::Uuid;
use wallet_pass::google::callback::{Event, Keys, Refused, verify};
use wallet_pass::google::{Client, Failure, look};

use crate::support::{class, object, put_card, start_at, start_with_card};

fn sent(google: &Google, event: Sent, forgery: Option<Forgery>) -> (Vec<u8>, String) {
    let callback = google.make_callback(object(0).id(), event, forgery).unwrap();
    (callback.body.to_string().into_bytes(), callback.nonce)
}

#[tokio::test]
async fn a_genuine_callback_is_read() {
    let (google, client) = start_with_card().await;
    let keys = client.callback_keys().await.unwrap();
    for (event, read_as) in [(Sent::Save, Event::Saved), (Sent::Del, Event::Deleted)] {
        let now = Utc::now();
        let (body, nonce) = sent(&google, event, None);
        let callback = verify(&body, &keys, ISSUER_ID, now).unwrap();
        assert_eq!((callback.event, &callback.nonce), (read_as, &nonce));
        assert_eq!(callback.class_id, class().id());
        assert_eq!(look::card_of(ISSUER_ID, &callback.object_id), Some(Uuid::from_u128(7)));
        assert!(callback.expires_at > now + TimeDelta::minutes(59));
        assert_eq!(verify(&body, &keys, ISSUER_ID, callback.expires_at), Err(Refused::ExpiredMessage));
    }
}

#[tokio::test]
async fn every_forgery_is_refused_for_what_it_is() {
    let (google, client) = start_with_card().await;
    let keys = client.callback_keys().await.unwrap();
    for forgery in Forgery::ALL {
        let (body, _) = sent(&google, Sent::Save, Some(forgery));
        let expected = match forgery {
            Forgery::UnknownRoot => Refused::UnknownRoot,
            Forgery::ChangedMessage | Forgery::OtherRecipient => Refused::Signature,
            Forgery::ExpiredKey => Refused::ExpiredKey,
            Forgery::ExpiredMessage => Refused::ExpiredMessage,
        };
        assert_eq!(verify(&body, &keys, ISSUER_ID, Utc::now()), Err(expected), "{forgery:?}");
    }
}

#[tokio::test]
async fn a_root_that_has_run_out_or_is_of_another_scheme_vouches_for_nothing() {
    let (google, client) = start_with_card().await;
    let (body, _) = sent(&google, Sent::Save, None);
    let keys = client.callback_keys().await.unwrap();
    let late = Utc::now() + TimeDelta::days(8);
    assert_eq!(verify(&body, &keys, ISSUER_ID, late), Err(Refused::UnknownRoot));

    let published = reqwest::get(google.keys_url()).await.unwrap().text().await.unwrap();
    let now = Utc::now();
    assert!(verify(&body, &Keys::read(published.as_bytes(), now).unwrap(), ISSUER_ID, now).is_ok());
    let other = published.replace("ECv2SigningOnly", "ECv1");
    let keys = Keys::read(other.as_bytes(), now).unwrap();
    assert_eq!(verify(&body, &keys, ISSUER_ID, now), Err(Refused::UnknownRoot));
    assert!(Keys::read(b"<html>", now).is_none());

    let mut older: Value = serde_json::from_slice(&body).unwrap();
    older["protocolVersion"] = json!("ECv1");
    let keys = Keys::read(published.as_bytes(), now).unwrap();
    assert_eq!(verify(older.to_string().as_bytes(), &keys, ISSUER_ID, now), Err(Refused::Protocol));
}

#[tokio::test]
async fn nobody_buys_much_work_with_one_request() {
    let (google, client) = start_with_card().await;
    let keys = client.callback_keys().await.unwrap();
    let mut many: Value = serde_json::from_slice(&sent(&google, Sent::Save, None).0).unwrap();
    let signature = many["intermediateSigningKey"]["signatures"][0].clone();
    many["intermediateSigningKey"]["signatures"] = vec![signature; 9].into();
    assert_eq!(verify(many.to_string().as_bytes(), &keys, ISSUER_ID, Utc::now()), Err(Refused::Unreadable));
    assert_eq!(verify(&[b' '; 20_000], &keys, ISSUER_ID, Utc::now()), Err(Refused::Unreadable));
}

#[tokio::test]
async fn keys_are_kept_for_a_day() {
    let begin = Utc::now();
    let clock = Clock::manual(begin);
    let (google, client) = start_at(clock.clone()).await;
    put_card(&client).await;
    client.callback_keys().await.unwrap();
    drop(google);
    clock.set(begin + TimeDelta::hours(23));
    client.callback_keys().await.unwrap();
    clock.set(begin + TimeDelta::hours(25));
    assert_eq!(client.callback_keys().await.err(), Some(Failure::Again { after: None }));
}

/// Keys, and the body of a genuine callback.
fn genuine() -> (std::sync::Arc<Keys>, Vec<u8>) {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let (google, client): (Google, Client) = start_with_card().await;
        (client.callback_keys().await.unwrap(), sent(&google, Sent::Save, None).0)
    })
}

#[test]
fn any_bytes_are_refused_and_a_changed_callback_never_says_something_else() {
    let (keys, body) = genuine();
    let now = Utc::now();
    let said = verify(&body, &keys, ISSUER_ID, now).unwrap();
    proptest!(|(bytes in proptest::collection::vec(any::<u8>(), 0..300))| {
        prop_assert!(verify(&bytes, &keys, ISSUER_ID, now).is_err());
        Keys::read(&bytes, now);
    });
    proptest!(|(at in 0..body.len(), byte: u8)| {
        let mut changed = body.clone();
        changed[at] = byte;
        if let Ok(read) = verify(&changed, &keys, ISSUER_ID, now) {
            prop_assert_eq!(&read, &said);
        }
    });
    proptest!(|(texts in proptest::collection::vec(".{0,40}", 4), millis: i64)| {
        let key = json!({ "keyValue": texts[0], "protocolVersion": "ECv2SigningOnly", "keyExpiration": millis });
        Keys::read(json!({ "keys": [key] }).to_string().as_bytes(), now);
        let body = json!({
            "protocolVersion": "ECv2SigningOnly", "signature": texts[1], "signedMessage": texts[2],
            "intermediateSigningKey": { "signedKey": key.to_string(), "signatures": [texts[3]] },
        });
        prop_assert!(verify(body.to_string().as_bytes(), &keys, ISSUER_ID, now).is_err());
    });
}
