use fakes::apns::Apns;
use fakes::iphone::{IPhone, PhoneError, Settings};
use serde_json::{Value, json};

use crate::passkit::{PassKit, SERIAL, TOKEN, package, pass};
use crate::support::{Authority, PASS_TYPE, provider, push};

fn set_stamps(pass: &mut Value, stamps: u32) {
    pass["storeCard"]["primaryFields"][0]["value"] = format!("{stamps} de 10").into();
}

#[tokio::test]
async fn an_installed_pass_is_registered_and_shown() {
    let service = PassKit::start().await;
    let phone = IPhone::new("phone-1").unwrap();
    assert_eq!(phone.install(service.link()).await.unwrap(), SERIAL);
    assert_eq!(service.push_tokens(), [phone.push_token()]);
    let shown = phone.shows(SERIAL).unwrap();
    assert!(shown.registered);
    assert_eq!((shown.stamps(), shown.value("terms")), (Some("3 de 10"), Some("Ninguna")));
    assert_eq!(shown.primary[0].label, "Sellos", "labels are translated");
    assert_eq!(shown.barcode.as_ref().unwrap().message, "code", "the first code an old phone can draw");
    assert_eq!(shown.strip.as_ref().unwrap().bytes(), b"strip at two", "the finest picture there is");
    assert_eq!((shown.secondary.len(), shown.auxiliary.len()), (3, 1), "what is too much is dropped");
    let page = serde_json::to_value(phone.snapshot()).unwrap();
    assert!(page["passes"][0]["strip"].as_str().unwrap().starts_with("data:image/png;base64,"));
}

#[tokio::test]
async fn a_phone_shows_its_own_language_in_links_too() {
    let service = PassKit::start().await;
    let mut pass = pass(&service.base, 3);
    pass["storeCard"]["backFields"] = json!([
        { "key": "link", "value": "Ver: https://a.pe", "attributedValue": "<a href=\"https://a.pe\">Ver &amp; más</a>" },
    ]);
    let english = r#""<a href=\"https://a.pe\">Ver &amp; más</a>" = "<a href=\"https://a.pe\">See &amp; more</a>";
        "Tarjeta de sellos" = "Stamp card"; "CHANGED" = "You have %@";"#;
    let package = package(&pass, &[("en.lproj/pass.strings", english.as_bytes())]);
    for (language, link, description) in
        [("es", "Ver & más", "Tarjeta de sellos"), ("en", "See & more", "Stamp card")]
    {
        let phone = IPhone::with(Settings { language: language.into(), ..Settings::new(language) }).unwrap();
        phone.install(package.clone()).await.unwrap();
        let shown = phone.shows(SERIAL).unwrap();
        assert_eq!((shown.value("link"), shown.description.as_str()), (Some(link), description));
    }
}

#[tokio::test]
async fn a_pushed_phone_asks_fetches_and_tells() {
    let service = PassKit::start().await;
    let authority = Authority::new();
    let apns = Apns::start(&authority.pem).await.unwrap();
    let provider = provider(&apns, Some(&authority.pass_identity(PASS_TYPE)));
    let phone = IPhone::new("phone-1").unwrap();
    phone.install(service.link()).await.unwrap();
    phone.listen(&apns);

    service.change(|pass| set_stamps(pass, 4));
    push(&provider, &apns, &phone.push_token()).await.unwrap();
    let shown = phone.until(SERIAL, |shown| shown.stamps() == Some("4 de 10")).await.unwrap();
    assert_eq!((shown.notices.as_slice(), shown.updates), (["Tienes 4 de 10".to_owned()].as_slice(), 1));

    service.change(|pass| {
        set_stamps(pass, 5);
        pass["storeCard"]["headerFields"][0]["value"] = "Platino".into();
    });
    push(&provider, &apns, "00ff").await.unwrap();
    push(&provider, &apns, &phone.push_token()).await.unwrap();
    let shown = phone.until(SERIAL, |shown| shown.updates == 2).await.unwrap();
    assert_eq!(shown.notices[1], "La tarjeta ha cambiado", "several changes, one general notice");
    assert_eq!(
        service.calls(),
        ["register card-1", "list -", "fetch card-1", "list 2", "fetch card-1"],
        "the tag is given back, and pushes to others are not heard"
    );
}

#[tokio::test]
async fn what_has_not_changed_is_not_sent_again() {
    let service = PassKit::start().await;
    let phone = IPhone::new("phone-1").unwrap();
    phone.install(service.link()).await.unwrap();
    assert!(!phone.pull(SERIAL).await.unwrap(), "304");
    assert_eq!(phone.refresh().await.unwrap(), 0, "listed for want of a tag, and not modified");
    assert_eq!(phone.refresh().await.unwrap(), 0, "204");
    service.change(|pass| set_stamps(pass, 9));
    assert_eq!(phone.refresh().await.unwrap(), 1);
    assert_eq!(phone.shows(SERIAL).unwrap().stamps(), Some("9 de 10"));
}

#[tokio::test]
async fn a_deleted_pass_is_unregistered() {
    let service = PassKit::start().await;
    let phone = IPhone::new("phone-1").unwrap();
    phone.install(service.link()).await.unwrap();
    phone.delete(SERIAL).await.unwrap();
    assert_eq!((phone.shows(SERIAL), service.push_tokens().len()), (None, 0));
    assert!(matches!(phone.delete(SERIAL).await, Err(PhoneError::NoPass(_))));
}

#[tokio::test]
async fn a_new_push_token_is_registered() {
    let service = PassKit::start().await;
    let phone = IPhone::new("phone-1").unwrap();
    phone.install(service.link()).await.unwrap();
    let before = phone.push_token();
    phone.renew_push_token().await.unwrap();
    assert_ne!(phone.push_token(), before);
    assert_eq!(service.push_tokens(), [phone.push_token()]);
}

#[tokio::test]
async fn a_phone_is_patient_with_a_service_that_is_away_for_a_moment() {
    let service = PassKit::start().await;
    let phone = IPhone::new("phone-1").unwrap();
    service.fail(2);
    phone.install(service.link()).await.unwrap();
    assert_eq!(service.calls().len(), 3);
}

#[tokio::test]
async fn a_refused_registration_is_told_and_the_pass_stays() {
    let service = PassKit::start().await;
    let phone = IPhone::new("phone-1").unwrap();
    let mut pass = pass(&service.base, 3);
    pass["authenticationToken"] = "another token of length".into();
    let refused = phone.install(package(&pass, &[])).await;
    assert!(matches!(refused, Err(PhoneError::Refused { call: "register", status: 401 })), "{refused:?}");
    assert!(!phone.shows(SERIAL).unwrap().registered);
}

#[tokio::test]
async fn a_failed_update_is_complained_of_to_the_service() {
    let service = PassKit::start().await;
    let authority = Authority::new();
    let apns = Apns::start(&authority.pem).await.unwrap();
    let provider = provider(&apns, Some(&authority.pass_identity(PASS_TYPE)));
    let phone = IPhone::new("phone-1").unwrap();
    phone.install(service.link()).await.unwrap();
    phone.listen(&apns);
    service.change(|pass| pass["authenticationToken"] = format!("{TOKEN}x").into());
    push(&provider, &apns, &phone.push_token()).await.unwrap();
    let snapshot = phone.until_all(|snapshot| !snapshot.troubles.is_empty()).await.unwrap();
    assert_eq!(snapshot.troubles, ["bad pass: an update has another authenticationToken"]);
    assert_eq!(snapshot.passes[0].stamps(), Some("3 de 10"), "the old pass stays");
}

#[tokio::test]
async fn a_package_that_is_not_whole_is_not_installed() {
    let base = "http://127.0.0.1:9";
    let phone = IPhone::new("phone-1").unwrap();
    let good = pass(base, 3);
    let with = |name: &str, value: Value| {
        let mut pass = good.clone();
        pass[name] = value;
        package(&pass, &[])
    };
    let bad_words = json!({ "primaryFields": [{ "key": "a", "value": 1, "changeMessage": "changed" }] });
    for (bytes, said) in [
        (b"no zip".to_vec(), "not a zip"),
        (package(&good, &[("manifest.json", b"{}")]), "No entry in manifest for file"),
        (package(&good, &[("manifest.json", br#"{"gone.png":""}"#)]), "not in the package"),
        (package(&good, &[("signature", b"")]), "no signature"),
        (package(&good, &[("card/icon.png", b"x")]), "only translations stand in folders"),
        (package(&good, &[("es.lproj\\pass.strings", b"")]), "forward slashes"),
        (package(&good, &[("es.lproj/pass.strings", b"STAMPS")]), "pass.strings"),
        (with("formatVersion", json!(2)), "formatVersion"),
        (with("serialNumber", json!("")), "serialNumber"),
        (with("authenticationToken", json!("short")), "authenticationToken"),
        (with("webServiceURL", json!("http://sello.pe/")), "not https"),
        (with("storeCard", bad_words), "no %@"),
        (with("storeCard", json!(null)), "no style that this phone knows"),
    ] {
        match phone.install(bytes).await {
            Err(PhoneError::BadPass(why)) => assert!(why.contains(said), "{said}: {why}"),
            other => panic!("{said}: {other:?}"),
        }
    }
    assert!(phone.snapshot().passes.is_empty());
}

#[tokio::test]
async fn a_checker_has_the_first_word() {
    let mut settings = Settings::new("phone-1");
    settings.checker = Some(Box::new(|bytes| Err(format!("{} bytes, badly signed", bytes.len()))));
    let phone = IPhone::with(settings).unwrap();
    let refused = phone.install(b"12345".to_vec()).await;
    assert!(matches!(refused, Err(PhoneError::BadPass(why)) if why == "5 bytes, badly signed"));
}

#[tokio::test]
async fn a_new_phone_shows_the_poster_and_draws_the_new_codes() {
    let service = PassKit::start().await;
    let phone = IPhone::with(Settings { ios: 27, ..Settings::new("phone-1") }).unwrap();
    phone.install(service.link()).await.unwrap();
    let shown = phone.shows(SERIAL).unwrap();
    assert_eq!((shown.style.as_str(), shown.stamps()), ("posterGeneric", Some("3/10")));
    assert_eq!(shown.barcode.unwrap().message, "39");
}
