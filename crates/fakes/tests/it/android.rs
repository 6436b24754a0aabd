use chrono::DateTime;
use fakes::android::Android;
use fakes::google::{Google, SaveError};
use serde_json::json;

use crate::support::{Caller, class, object, save_claims, save_link, with_card};

async fn start() -> (Google, Caller, Android) {
    let google = Google::start().await.unwrap();
    let caller = with_card(&google, class(), object()).await;
    let phone = Android::new(&google, "ana");
    (google, caller, phone)
}

#[tokio::test]
async fn a_saved_pass_is_shown_and_follows_every_change() {
    let (google, caller, phone) = start().await;
    let card = phone.save(&save_link(&google, &save_claims(&google))).await.unwrap();
    let shown = phone.shows(&card).unwrap();
    assert_eq!((shown.balance.as_str(), shown.balance_label.as_str()), ("3/10", "Sellos"));
    assert_eq!((shown.issuer.as_str(), shown.barcode.as_deref()), ("Café Central", Some("code")));
    assert_eq!(shown.hero_image.as_deref(), Some("https://sello.pe/3.png"));
    let patch = json!({
        "loyaltyPoints": { "balance": { "string": "4/10" } }, "notifyPreference": "NOTIFY_ON_UPDATE",
        "heroImage": { "sourceUri": { "uri": "https://sello.pe/4.png" } },
    });
    let path = format!("loyaltyObject/{card}");
    let (changed, answer) =
        tokio::join!(phone.until(&card, |shown| shown.balance == "4/10"), caller.call("PATCH", &path, patch));
    assert_eq!(answer.0, 200);
    let changed = changed.unwrap();
    assert_eq!(changed.hero_image.as_deref(), Some("https://sello.pe/4.png"));
    assert_eq!(changed.notices, ["Sellos: 4/10"]);
    assert_eq!(serde_json::to_value(phone.snapshot()).unwrap()["passes"][0]["balance"], "4/10");
}

#[tokio::test]
async fn a_deleted_pass_is_gone_from_the_phone() {
    let (google, _caller, phone) = start().await;
    let card = phone.save(&save_link(&google, &save_claims(&google))).await.unwrap();
    assert!(phone.delete(&card).await);
    assert!(!phone.delete(&card).await);
    assert_eq!(phone.shows(&card), None);
    assert_eq!(google.object(&card).unwrap()["hasUsers"], false);
}

#[tokio::test]
async fn a_pass_of_one_person_is_not_saved_by_another() {
    let (google, _caller, phone) = start().await;
    let link = save_link(&google, &save_claims(&google));
    phone.save(&link).await.unwrap();
    let other = Android::new(&google, "eva");
    assert!(matches!(other.save(&link).await, Err(SaveError::Taken(_))));
    assert!(other.snapshot().passes.is_empty());
}

#[tokio::test]
async fn a_rotating_code_is_drawn_by_the_phone() {
    let google = Google::start().await.unwrap();
    let mut card = object();
    card["rotatingBarcode"] = json!({
        "type": "QR_CODE", "valuePattern": "s-{totp_timestamp_seconds}-{totp_value_0}",
        "totpDetails": {
            "algorithm": "TOTP_SHA1", "periodMillis": "30000",
            "parameters": [{ "key": "3132333435363738393031323334353637383930", "valueLength": 8 }],
        },
    });
    let _caller = with_card(&google, class(), card).await;
    let phone = Android::new(&google, "ana");
    let card = phone.save(&save_link(&google, &save_claims(&google))).await.unwrap();
    let at = |seconds| phone.barcode_at(&card, DateTime::from_timestamp(seconds, 0).unwrap()).unwrap();
    assert_eq!(at(59), "s-59-94287082");
    assert_eq!(at(1_111_111_109), "s-1111111109-07081804");
    assert!(phone.shows(&card).unwrap().rotates);
}
