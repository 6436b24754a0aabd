use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use chrono::{DateTime, Utc};
use fakes::android::{Android, totp};
use serde_json::Value;
use wallet_pass::google::look::{self, Card, Program, State};
use wallet_pass::google::{Client, Failure, Kept, Notify, Settings, SettingsError, Written};

use crate::support::{
    KEY, asked, card, class, link, object, program, put_card, settings, start, start_with_card,
};

#[tokio::test]
async fn what_is_new_is_inserted_and_what_is_there_is_changed_with_one_request_each() {
    let (google, client) = start_with_card().await;
    client.put_class(&class(), Written::Perhaps).await.unwrap();
    client.put_object(&object(1), Written::Perhaps, Notify::No).await.unwrap();
    assert_eq!(
        asked(&google),
        [
            "POST loyaltyClass 200",
            "POST loyaltyObject 200",
            "PATCH loyaltyClass 200",
            "PATCH loyaltyObject 200",
        ]
    );
    let kept = google.object(object(0).id()).unwrap();
    assert_eq!(kept["loyaltyPoints"]["balance"]["string"], "1 / 10");
    assert_eq!(google.class(class().id()).unwrap()["reviewStatus"], "APPROVED");
}

#[tokio::test]
async fn a_wrong_guess_costs_a_request_and_nothing_else() {
    let (google, client) = start().await;
    client.put_class(&class(), Written::Perhaps).await.unwrap();
    client.put_class(&class(), Written::Never).await.unwrap();
    assert_eq!(
        asked(&google),
        [
            "PATCH loyaltyClass 404",
            "POST loyaltyClass 200",
            "POST loyaltyClass 409",
            "PATCH loyaltyClass 200",
        ]
    );
}

#[tokio::test]
async fn an_object_without_its_class_says_what_is_missing() {
    let (_google, client) = start().await;
    for written in [Written::Never, Written::Perhaps] {
        assert_eq!(client.put_object(&object(0), written, Notify::No).await, Err(Failure::Missing));
    }
    put_card(&client).await;
}

#[tokio::test]
async fn a_saved_card_is_on_the_phone_and_follows_the_card() {
    let (google, client) = start_with_card().await;
    let phone = Android::new(&google, "ana");
    let link = link(&client);
    assert!(link.starts_with("https://pay.google.com/gp/v/save/") && link.len() < 1_800, "{}", link.len());
    let id = phone.save(&link).await.unwrap();

    let shown = phone.shows(&id).unwrap();
    assert_eq!((shown.issuer.as_str(), shown.program.as_str()), ("Café Luna", "Diez cafés"));
    assert_eq!((shown.balance_label.as_str(), shown.balance.as_str()), ("Sellos", "0 / 10"));
    assert_eq!(shown.hero_image.as_deref(), Some("https://sello.pe/0.png"));
    assert_eq!(shown.background.as_deref(), Some("#2b1d14"));
    assert_eq!((shown.barcode.as_deref(), shown.barcode_text.as_deref()), (Some("static"), Some("7F3K")));
    assert_eq!(shown.texts[0].body, "Un café · te faltan 10 sellos");
    assert!(shown.account_name.is_empty() && shown.account_id.is_empty(), "a person stands on the pass");

    let open = Card { open_rewards: vec!["Un alfajor".into()], ..card(4) };
    let kept = client.put_object(&look::object(&open), Written::Perhaps, Notify::Yes).await.unwrap();
    assert_eq!(kept, Kept { has_users: true });
    let shown = phone.until(&id, |pass| pass.balance == "4 / 10").await.unwrap();
    assert_eq!(shown.notices, ["Sellos: 4 / 10", "Premios: 1"]);
    assert_eq!(shown.second_balance.as_deref(), Some("1"));

    client.put_object(&object(5), Written::Perhaps, Notify::No).await.unwrap();
    let shown = phone.until(&id, |pass| pass.balance == "5 / 10").await.unwrap();
    assert_eq!((shown.notices.len(), shown.second_balance), (2, None));

    let ended = look::object(&Card { state: State::Inactive, ..card(5) });
    client.put_object(&ended, Written::Perhaps, Notify::No).await.unwrap();
    let shown = phone.until(&id, |pass| pass.state == "INACTIVE").await.unwrap();
    assert_eq!((shown.barcode, shown.rotates), (None, false));
    assert!(phone.delete(&id).await);
    let kept = client.put_object(&object(6), Written::Perhaps, Notify::No).await.unwrap();
    assert_eq!(kept, Kept { has_users: false });
}

#[tokio::test]
async fn the_code_on_the_phone_is_the_one_of_its_moment() {
    let (google, client) = start_with_card().await;
    let phone = Android::new(&google, "ana");
    let id = phone.save(&link(&client)).await.unwrap();
    for at in ["2026-11-27T12:00:29Z", "2026-11-27T12:00:30Z", "2033-05-18T03:33:20Z"] {
        let at: DateTime<Utc> = at.parse().unwrap();
        let period = u64::from(look::CODE_PERIOD_SECONDS) * 1_000;
        let code = totp(&KEY, at.timestamp_millis().unsigned_abs(), period, look::CODE_DIGITS);
        assert_eq!(phone.barcode_at(&id, at), Some(format!("G1abc.{}.{code}", at.timestamp())));
    }
    // RFC 6238, appendix B: this key at this second.
    let at = DateTime::from_timestamp(2_000_000_000, 0).unwrap();
    assert_eq!(phone.barcode_at(&id, at).as_deref(), Some("G1abc.2000000000.69279037"));

    let still = look::object(&Card { rotating: None, ..card(0) });
    client.put_object(&still, Written::Perhaps, Notify::No).await.unwrap();
    assert_eq!(phone.barcode_at(&id, at).as_deref(), Some("static"));
}

#[tokio::test]
async fn a_class_without_pictures_and_rewards_is_taken_too() {
    let (google, client) = start().await;
    let bare = Program { hero_url: None, rewards: Vec::new(), ..program() };
    client.put_class(&look::class(&bare), Written::Never).await.unwrap();
    client.put_class(&class(), Written::Perhaps).await.unwrap();
    assert_eq!(
        google.class(class().id()).unwrap()["heroImage"]["sourceUri"]["uri"],
        program().hero_url.unwrap()
    );
    client.put_class(&look::class(&bare), Written::Perhaps).await.unwrap();
    assert_eq!(google.class(class().id()).unwrap()["heroImage"], Value::Null);
}

#[tokio::test]
async fn the_gate_is_asked_before_every_request() {
    let (google, client) = start().await;
    let asked = Arc::new(AtomicUsize::new(0));
    let count = asked.clone();
    let client = client.paced_by(Box::new(move || {
        let number = count.fetch_add(1, Ordering::Relaxed);
        Box::pin(async move { if number < 5 { Ok(()) } else { Err(Failure::Again { after: None }) } })
    }));
    put_card(&client).await;
    google.expire_tokens();
    client.put_class(&class(), Written::Never).await.unwrap();
    let requests = google.requests().len();
    assert_eq!((requests, asked.load(Ordering::Relaxed)), (5, 5), "one was repeated with a new token");
    let closed = client.put_class(&class(), Written::Perhaps).await;
    assert_eq!((closed, google.requests().len()), (Err(Failure::Again { after: None }), requests));
}

#[tokio::test]
async fn bad_settings_are_refused_at_the_start() {
    let (google, _) = start().await;
    let refused = |change: fn(&mut Settings)| {
        let mut settings = settings(&google);
        change(&mut settings);
        Client::new(settings).err().unwrap()
    };
    assert!(matches!(refused(|s| s.issuer_id = "../x".into()), SettingsError::IssuerId));
    assert!(matches!(refused(|s| s.service_account_json.clear()), SettingsError::ServiceAccount("JSON")));
    for (error, name) in [
        (refused(|s| s.api_url = "http://walletobjects.googleapis.com".into()), "api_url"),
        (refused(|s| s.callback_keys_url = "http://pay.google.com".into()), "callback_keys_url"),
        (refused(|s| s.save_url = "pay".into()), "save_url"),
    ] {
        assert!(error.to_string().starts_with(name), "{error}");
    }
}

#[tokio::test]
async fn a_client_knows_whether_it_speaks_to_google_itself() {
    let (google, client) = start().await;
    assert!(!client.is_googles());
    let real = Settings::new(google.issuer_id(), &google.service_account().json);
    assert!(Client::new(real).unwrap().is_googles());
}
