//! A card in a phone's wallet shows what the card is: on pretend phones that are as strict as real ones, over the real
//! protocols, with the failures of Apple's and Google's servers on demand.

use std::time::Duration;

use chrono::Utc;
use e2e::{Customer, Shop, Till, Wallets, World, key, phone, soon};
use fakes::apns::{Answer, Reason};
use fakes::google::{Fault, Forgery, Sending};
use fakes::iphone::IPhone;
use futures::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};

/// Longer than a pause after a first failure.
const AFTER_A_PAUSE: Duration = Duration::from_secs(20);

struct Scene {
    wallets: Wallets,
    world: World,
    shop: Shop,
    ana: Customer,
}

/// A shop whose first reward comes with the second stamp, and Ana with her card.
async fn scene() -> Scene {
    let wallets = Wallets::start().await;
    let world = wallets.platform();
    let shop = Shop::open(&world).await;
    let program =
        json!({ "rewards": [{ "at": 2, "title": "Una galleta" }, { "at": 10, "title": "Un café gratis" }] });
    shop.patch(&format!("/programs/{}", shop.program)).json(&program).send().await.ok(200);
    let ana = shop.enroll("Ana Flores").await;
    let scene = Scene { wallets, world, shop, ana };
    // What changed the shop before would change, and push, a pass that is made meanwhile.
    scene.world.wallets_hear().await;
    scene
}

impl Scene {
    async fn stamp(&self) -> Value {
        self.shop.stamp(&self.ana.card, key()).send().await.ok(201)
    }

    async fn shows(&self, phone: &IPhone, serial: &str, stamps: &str) {
        let shown = phone.until(serial, |pass| pass.stamps() == Some(stamps)).await;
        let shows = || phone.shows(serial).and_then(|pass| pass.stamps().map(str::to_owned));
        assert!(shown.is_ok(), "the pass shows {:?}, not {stamps}", shows());
    }

    async fn says(&self, phone: &IPhone, serial: &str, sentence: &str) {
        let said = phone.until(serial, |pass| pass.notices.last().is_some_and(|last| last == sentence)).await;
        assert!(said.is_ok(), "{:?}, not {sentence}", phone.shows(serial).map(|pass| pass.notices));
    }

    /// Until every phone was told of everything.
    async fn all_told(&self) {
        soon("nothing left to tell", async || {
            let page = self.shop.get("/deliveries").send().await.ok(200);
            page["items"].as_array().is_some_and(Vec::is_empty).then_some(())
        })
        .await;
    }

    async fn dead(&self) -> Vec<Value> {
        let page = self.shop.get("/deliveries?status=dead&kind=push").send().await.ok(200);
        page["items"].as_array().cloned().unwrap_or_default()
    }
}

#[tokio::test]
async fn a_pass_shows_every_stamp_and_says_one_sentence_for_each_change() {
    let scene = scene().await;
    let (phone, serial) = scene.wallets.iphone_with(&scene.shop, &scene.ana).await;
    let first = phone.shows(&serial).unwrap();
    assert_eq!((first.organization.as_str(), first.stamps()), ("Café Ñusta", Some("0 / 10")));
    assert_eq!(first.barcode.as_ref().map(|code| code.message.as_str()), Some(scene.ana.code.as_str()));
    assert!(first.strip.is_some() && first.icon.is_some());

    scene.stamp().await;
    scene.shows(&phone, &serial, "1 / 10").await;
    let second = phone.shows(&serial).unwrap();
    assert_eq!(second.notices, ["Ya tienes 1 de 10."]);
    assert_ne!(second.strip.unwrap().bytes(), first.strip.unwrap().bytes(), "the same stamps are drawn");

    let unlocked = scene.stamp().await;
    scene.shows(&phone, &serial, "2 / 10").await;
    scene.says(&phone, &serial, "Ganaste un premio: Una galleta.").await;
    let reward = unlocked["rewards_unlocked"][0]["id"].as_str().unwrap().to_owned();
    scene.shop.post(&format!("/rewards/{reward}/redeem")).key(key()).send().await.ok(200);
    scene.says(&phone, &serial, "Que lo disfrutes: Una galleta.").await;
    assert_eq!(phone.snapshot().troubles, Vec::<String>::new());
    assert_eq!(scene.wallets.apns.mistakes(), Vec::<String>::new());
    let processes = scene.world.services().iter().filter(|(name, _)| name == "wallet-pass").count();
    let connections = scene.wallets.apns.connections();
    assert!(
        (1..=processes.max(1)).contains(&connections),
        "{connections}: one long-lived connection of each process"
    );
}

#[tokio::test]
async fn the_passes_of_phones_of_every_age_are_whole() {
    let scene = scene().await;
    let page = scene.shop.card_page(&scene.ana).await;
    let url = page["apple_url"].as_str().unwrap();
    let answer = reqwest::get(url).await.unwrap();
    assert_eq!(answer.headers()["content-type"], "application/vnd.apple.pkpass");
    let opened = pkpass::inspect::Opened::read(&answer.bytes().await.unwrap()).unwrap();
    assert!(opened.is_development());
    let json = opened.json();
    assert!(json["storeCard"].is_object() && json["posterGeneric"].is_object());
    for path in ["strip@3x.png", "artwork@2x.png", "es.lproj/pass.strings", "en.lproj/pass.strings"] {
        assert!(opened.file(path).is_some(), "{path}");
    }
    let wallets = scene.shop.get("/wallets").send().await.ok(200);
    for wallet in wallets["items"].as_array().unwrap() {
        assert_eq!(wallet["is_development"], true, "no pretend wallet is told as a real one: {wallet}");
    }
}

/// Every text of ours on the front and the back of a new card whose first reward comes with the second stamp.
const SPANISH: [&str; 9] = [
    "Tarjeta de sellos de Café Ñusta",
    "SELLOS",
    "TE FALTAN 2",
    "Novedades",
    "Premios",
    "Cómo funciona",
    "Muestra este código en caja en cada visita. Tus sellos se guardan aunque pierdas el teléfono.",
    "Tus datos",
    "Ver tu tarjeta y tus datos",
];
const ENGLISH: [&str; 9] = [
    "Stamp card of Café Ñusta",
    "STAMPS",
    "2 TO GO",
    "News",
    "Rewards",
    "How it works",
    "Show this code at the till on every visit. Your stamps are kept even if you lose your phone.",
    "Your data",
    "See your card and your data",
];

#[tokio::test]
async fn every_phone_shows_a_pass_in_its_own_language_whoever_downloaded_it() {
    let scene = scene().await;
    let page = scene.shop.card_page(&scene.ana).await;
    let client = reqwest::Client::new();
    let mut phones = Vec::new();
    for read in ["es", "en"] {
        let link = client.get(page["apple_url"].as_str().unwrap()).header("accept-language", read);
        let pass = link.send().await.unwrap().bytes().await.unwrap();
        for (language, own, foreign) in [("es", SPANISH, ENGLISH), ("en", ENGLISH, SPANISH)] {
            let phone = scene.wallets.iphone_in(language);
            let serial = phone.install(pass.to_vec()).await.unwrap();
            let shown = phone.shows(&serial).unwrap();
            let fields = [shown.header, shown.secondary, shown.auxiliary, shown.back].concat();
            let texts = fields.into_iter().flat_map(|field| [field.label, field.value]);
            let texts: Vec<String> = texts.chain([shown.description]).collect();
            for (own, foreign) in own.iter().zip(foreign) {
                assert!(texts.iter().any(|text| text == own), "{language}: no {own} among {texts:?}");
                assert!(!texts.iter().any(|text| text == foreign), "{language}: {foreign} is shown");
            }
            phones.push((phone, serial, language));
        }
    }
    scene.stamp().await;
    for (phone, serial, language) in phones {
        let news = if language == "es" { "Ya tienes 1 de 10." } else { "You have 1 of 10." };
        let told = phone.until(&serial, |pass| pass.notices == [news]).await;
        assert!(told.is_ok(), "{language}: {:?}", phone.shows(&serial).map(|pass| pass.notices));
    }
}

#[tokio::test]
async fn a_customer_with_two_cards_gets_both_in_one_file() {
    let wallets = Wallets::start().await;
    let world = wallets.platform();
    let shop = Shop::open(&world).await;
    let lunch = json!({
        "name": "Menú del día", "stamps_required": 6, "rewards": [{ "at": 6, "title": "Un menú gratis" }],
    });
    let lunch = shop.post("/programs").json(&lunch).send().await.ok(201);
    let ana = shop.enroll("Ana Flores").await;
    let alone = shop.card_page(&ana).await;
    assert!(
        alone["apple_url"].is_string() && alone["bundle_url"].is_null() && alone["bundle_cards"].is_null()
    );

    // With another number of hers she joined the other program; then the shop makes one customer of both.
    let mut form = shop.form("Ana Flores", &phone());
    form["program_id"] = lunch["id"].clone();
    let joined = shop.api.post("/enrollments").json(&form).send().await.ok(201);
    let merge = json!({ "from_customer_id": joined["customer_id"] });
    shop.post(&format!("/customers/{}/merge", ana.id)).json(&merge).send().await.ok(200);
    let page = soon("a link to both cards", async || {
        let page = shop.card_page(&ana).await;
        page["bundle_url"].is_string().then_some(page)
    })
    .await;
    assert_eq!(page["bundle_cards"], 2);
    let bundle = reqwest::get(page["bundle_url"].as_str().unwrap()).await.unwrap();
    assert_eq!(bundle.headers()["content-type"], "application/vnd.apple.pkpasses");
    let passes = pkpass::inspect::unbundle(&bundle.bytes().await.unwrap()).unwrap();
    let opened = passes.iter().map(|pass| pkpass::inspect::Opened::read(pass).unwrap());
    let mut cards: Vec<String> = opened.map(|pass| pass.serial().to_owned()).collect();
    let mut expected = [ana.card.as_str(), joined["card"]["id"].as_str().unwrap()];
    cards.sort();
    expected.sort_unstable();
    assert_eq!(cards, expected);
}

#[tokio::test]
async fn apples_paths_answer_as_apple_says() {
    let scene = scene().await;
    let page = scene.shop.card_page(&scene.ana).await;
    let pass = reqwest::get(page["apple_url"].as_str().unwrap()).await.unwrap().bytes().await.unwrap();
    let opened = pkpass::inspect::Opened::read(&pass).unwrap();
    let (base, token) = opened.web_service().map(|(url, token)| (url.to_owned(), token.to_owned())).unwrap();
    let (pass_type, serial) = (opened.pass_type().to_owned(), opened.serial().to_owned());
    let client = reqwest::Client::new();
    let ask = |method: Method, path: String, token: Option<&str>| {
        let request = client.request(method, format!("{base}{path}"));
        match token {
            Some(token) => request.header("authorization", format!("ApplePass {token}")),
            None => request,
        }
    };
    let registration = format!("/v1/devices/d1/registrations/{pass_type}/{serial}");
    let register =
        |token| ask(Method::POST, registration.clone(), token).json(&json!({ "pushToken": "a1b2" }));
    for wrong in [None, Some("x"), Some("0123456789012345678901")] {
        assert_eq!(register(wrong).send().await.unwrap().status(), 401);
    }
    assert_eq!(register(Some(&token)).send().await.unwrap().status(), 201);
    assert_eq!(register(Some(&token)).send().await.unwrap().status(), 200);
    let list = |device: &str, since: &str| {
        let path = format!("/v1/devices/{device}/registrations/{pass_type}?passesUpdatedSince={since}");
        ask(Method::GET, path, None).send()
    };
    let changed: Value = list("d1", "0").await.unwrap().json().await.unwrap();
    assert_eq!(changed["serialNumbers"], json!([serial]));
    let tag = changed["lastUpdated"].as_str().unwrap().to_owned();
    assert_eq!(list("d1", &tag).await.unwrap().status(), 204);
    assert_eq!(list("stranger", "0").await.unwrap().status(), 204);
    for never_ours in ["", "-1", "soon", "9223372036854775807", "9223372036854775808"] {
        let told: Value = list("d1", never_ours).await.unwrap().json().await.unwrap();
        assert_eq!((&told["serialNumbers"], &told["lastUpdated"]), (&json!([serial]), &json!(tag)));
    }
    scene.stamp().await;
    let again: Value = soon("a newer tag", async || {
        let answer = list("d1", &tag).await.unwrap();
        if answer.status() == 200 { Some(answer.json().await.unwrap()) } else { None }
    })
    .await;
    assert_eq!(again["serialNumbers"], json!([serial]));

    let path = format!("/v1/passes/{pass_type}/{serial}");
    let fetch = |since: Option<&str>| {
        let request = ask(Method::GET, path.clone(), Some(&token));
        match since {
            Some(since) => request.header("if-modified-since", since),
            None => request,
        }
    };
    let first = fetch(None).send().await.unwrap();
    let modified = first.headers()["last-modified"].to_str().unwrap().to_owned();
    assert_eq!(fetch(Some(&modified)).send().await.unwrap().status(), 304);
    scene.stamp().await;
    soon("a newer pass", async || {
        (fetch(Some(&modified)).send().await.unwrap().status() == 200).then_some(())
    })
    .await;
    assert_eq!(ask(Method::GET, path.clone(), None).send().await.unwrap().status(), 401);
    // An event of the stamp may still come between the two.
    soon("HEAD to tell what GET tells", async || {
        let head = ask(Method::HEAD, path.clone(), Some(&token)).send().await.unwrap();
        let get = fetch(None).send().await.unwrap();
        let told = |answer: &reqwest::Response| {
            let names = ["content-type", "content-length", "last-modified", "cache-control"];
            (answer.status(), names.map(|name| answer.headers().get(name).cloned()))
        };
        let (of_head, of_get) = (told(&head), told(&get));
        assert!(head.bytes().await.unwrap().is_empty());
        (of_head.0 == 200 && of_head == of_get && of_head.1.iter().all(Option::is_some)).then_some(())
    })
    .await;
    let doubled = ask(Method::GET, format!("/{path}"), Some(&token)).send().await.unwrap();
    assert_eq!(doubled.status(), 200, "a slash too many");
    let log = ask(Method::POST, "/v1/log".into(), None).json(&json!({ "logs": ["it hurts"] }));
    assert_eq!(log.send().await.unwrap().status(), 200);
    let unregister = |token| ask(Method::DELETE, registration.clone(), token).send();
    assert_eq!(unregister(None).await.unwrap().status(), 401);
    assert_eq!(unregister(Some(&token)).await.unwrap().status(), 200);
    assert_eq!(list("d1", "0").await.unwrap().status(), 204);
}

#[tokio::test]
async fn a_pass_that_changed_before_its_phone_was_registered_is_told_at_once() {
    let scene = scene().await;
    let page = scene.shop.card_page(&scene.ana).await;
    let pass = reqwest::get(page["apple_url"].as_str().unwrap()).await.unwrap().bytes().await.unwrap();
    scene.stamp().await;
    // The event has come when the pass is another.
    let apple_url = page["apple_url"].as_str().unwrap();
    let old = pkpass::inspect::Opened::read(&pass).unwrap().value("storeCard", "stamps").cloned();
    let phone = scene.wallets.iphone();
    let serial = phone.install(pass.to_vec()).await.unwrap();
    scene.shows(&phone, &serial, "1 / 10").await;
    assert_ne!(old, None, "{apple_url}");
}

#[tokio::test]
async fn many_stamps_at_once_are_few_pushes_and_the_right_number() {
    let scene = scene().await;
    let (phone, serial) = scene.wallets.iphone_with(&scene.shop, &scene.ana).await;
    scene.wallets.apns.always(Answer::Hold);
    scene.stamp().await;
    scene.wallets.apns.until_pushes(1).await.unwrap();
    join_all((0..7).map(|_| scene.stamp())).await;
    scene.world.wallets_hear().await;
    scene.wallets.apns.heal();
    scene.shows(&phone, &serial, "8 / 10").await;
    scene.all_told().await;
    assert_eq!(
        scene.wallets.apns.pushes().len(),
        2,
        "one that was under way, and one for all that came since"
    );
}

#[tokio::test]
async fn a_push_that_failed_is_tried_again_and_one_that_cannot_be_waits_for_a_person() {
    let scene = scene().await;
    let (phone, serial) = scene.wallets.iphone_with(&scene.shop, &scene.ana).await;
    scene.wallets.apns.answer_next(Answer::Refuse(Reason::ServiceUnavailable));
    scene.stamp().await;
    let healed = phone.until_within(&serial, AFTER_A_PAUSE, |pass| pass.stamps() == Some("1 / 10")).await;
    assert!(healed.is_ok(), "not tried again after a 503");
    // This one earns a reward as well, and what two facts change may be told twice; the next is one change alone.
    scene.stamp().await;
    scene.says(&phone, &serial, "Ganaste un premio: Una galleta.").await;
    scene.all_told().await;

    scene.wallets.apns.always(Answer::Refuse(Reason::PayloadTooLarge));
    scene.stamp().await;
    let dead = soon("a dead letter", async || scene.dead().await.pop()).await;
    assert_eq!((dead["wallet"].as_str(), dead["reason"].as_str()), (Some("apple"), Some("PayloadTooLarge")));
    assert_eq!(dead["card_id"], scene.ana.card.as_str());
    scene.wallets.apns.heal();
    let retry = format!("/deliveries/{}/retry", dead["id"].as_str().unwrap());
    scene.shop.post(&retry).send().await.ok(204);
    scene.shows(&phone, &serial, "3 / 10").await;
    soon("no dead letter", async || scene.dead().await.is_empty().then_some(())).await;
    scene.shop.post(&retry).send().await.refused(404, "not-found");
}

#[tokio::test]
async fn a_phone_that_is_gone_is_forgotten_unless_it_came_back_since() {
    let scene = scene().await;
    let (phone, serial) = scene.wallets.iphone_with(&scene.shop, &scene.ana).await;
    let token = phone.push_token();
    let before = Utc::now() - chrono::Duration::hours(1);
    scene.wallets.apns.answer_next_to(&token, Answer::Gone { since: before });
    scene.stamp().await;
    scene.wallets.apns.pushed_to(&token).await.unwrap();
    scene.stamp().await;
    // It had registered after Apple lost it: it is still told.
    scene.shows(&phone, &serial, "2 / 10").await;

    scene.wallets.apns.always_to(&token, Answer::Gone { since: Utc::now() + chrono::Duration::hours(1) });
    scene.stamp().await;
    scene.wallets.apns.until_pushes(3).await.unwrap();
    let mut database = scene.world.database().await;
    soon("the phone to be forgotten", async || {
        let left = sqlx::query_scalar("select count(*) from wallet_pass.registration");
        (left.fetch_one(&mut database).await.ok() == Some(0_i64)).then_some(())
    })
    .await;
    scene.wallets.apns.heal();
    let told = scene.wallets.apns.pushes().len();
    scene.stamp().await;
    scene.world.verify().await;
    assert_eq!(scene.wallets.apns.pushes().len(), told, "a phone that is gone is pushed to");
}

#[tokio::test]
async fn a_refused_certificate_stops_every_push_and_is_told_to_the_owner() {
    let scene = scene().await;
    let (_phone, _) = scene.wallets.iphone_with(&scene.shop, &scene.ana).await;
    scene.wallets.apns.always(Answer::Refuse(Reason::BadCertificate));
    scene.stamp().await;
    let stopped = soon("the wallet to stop", async || {
        let wallets = scene.shop.get("/wallets").send().await.ok(200);
        wallets["items"][0]["stopped"].as_str().map(str::to_owned)
    })
    .await;
    assert_eq!(stopped, "BadCertificate");
    let asked = scene.wallets.apns.pushes().len();
    scene.stamp().await;
    scene.world.verify().await;
    assert_eq!(scene.wallets.apns.pushes().len(), asked, "pushed in spite of it");
    assert!(scene.dead().await.is_empty(), "nothing is given up for it");
}

#[tokio::test]
async fn a_phone_that_deleted_the_pass_is_left_in_peace() {
    let scene = scene().await;
    let (phone, serial) = scene.wallets.iphone_with(&scene.shop, &scene.ana).await;
    phone.delete(&serial).await.unwrap();
    scene.stamp().await;
    scene.world.wallets_hear().await;
    scene.all_told().await;
    scene.world.verify().await;
    assert!(scene.wallets.apns.pushes().is_empty());
}

#[tokio::test]
async fn whoever_reads_another_language_has_her_pass_in_it_at_once_and_nothing_said_again() {
    let scene = scene().await;
    // A phone that speaks neither shows what the pass itself is in.
    let phone = scene.wallets.iphone_in("pt");
    let page = scene.shop.card_page(&scene.ana).await;
    let serial = phone.install(page["apple_url"].as_str().unwrap()).await.unwrap();
    let (_android, object) = scene.wallets.android_with(&scene.shop, &scene.ana).await;
    scene.stamp().await;
    scene.shows(&phone, &serial, "1 / 10").await;
    scene.all_told().await;
    let rings = scene.wallets.google.notices(&object).len();
    let english = json!({ "language": "en" });
    scene.shop.patch(&format!("/customers/{}", scene.ana.id)).json(&english).send().await.ok(200);
    let read = phone.until(&serial, |pass| pass.description == "Stamp card of Café Ñusta").await;
    assert!(read.is_ok(), "{:?}", phone.shows(&serial));
    scene.all_told().await;
    assert_eq!(scene.wallets.google.notices(&object).len(), rings);
}

#[tokio::test]
async fn whoever_is_erased_has_a_void_pass_and_no_code() {
    let scene = scene().await;
    let (phone, serial) = scene.wallets.iphone_with(&scene.shop, &scene.ana).await;
    scene.shop.delete(&format!("/customers/{}", scene.ana.id)).send().await.ok(204);
    let voided = phone.until(&serial, |pass| pass.voided).await;
    assert!(voided.is_ok(), "{:?}", phone.snapshot());
}

#[tokio::test]
async fn a_shops_picture_and_a_changed_program_reach_the_passes_that_are_out() {
    let scene = scene().await;
    let (phone, serial) = scene.wallets.iphone_with(&scene.shop, &scene.ana).await;
    let logo = r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 200 100"><rect width="200" height="100" fill="#123456"/></svg>"##;
    let path = format!("/programs/{}/logo", scene.shop.program);
    let put = |body: Vec<u8>| {
        scene.shop.api.call(Method::PUT, &path).bearer(&scene.shop.access).bytes("image/svg+xml", body)
    };
    for (bytes, reason) in [
        (b"hello".to_vec(), "not_an_image"),
        (logo.replace("<rect", "<script>alert(1)</script><rect").into_bytes(), "scripted"),
        (vec![0x89; 3 * 1024 * 1024], ""),
    ] {
        let refused = put(bytes).send().await;
        assert!([413, 422].contains(&refused.status()), "{refused}");
        if !reason.is_empty() {
            assert_eq!(refused.json()["reason"], reason);
        }
    }
    put(logo.as_bytes().to_vec()).send().await.ok(200);
    assert!(phone.until(&serial, |pass| pass.logo.is_some()).await.is_ok());
    let look = json!({ "look": { "ink": "#0b5345", "paper": "#eef7f2", "stamp_shape": "leaf" } });
    scene.shop.patch(&format!("/programs/{}", scene.shop.program)).json(&look).send().await.ok(200);
    let told = phone.until(&serial, |pass| !pass.notices.is_empty()).await;
    assert!(told.is_ok());
    scene.shop.delete(&path).send().await.ok(204);
    assert!(phone.until(&serial, |pass| pass.logo.is_none()).await.is_ok());
}

#[tokio::test]
async fn a_card_in_google_wallet_follows_its_stamps_and_rings_three_times_a_day() {
    let mut scene = scene().await;
    // Without a reward on the way, a stamp changes one number and rings once. Cards keep the rules they began with.
    let program = json!({ "rewards": [{ "at": 10, "title": "Un café gratis" }] });
    scene.shop.patch(&format!("/programs/{}", scene.shop.program)).json(&program).send().await.ok(200);
    scene.ana = scene.shop.enroll("Ana Quispe").await;
    let (phone, object) = scene.wallets.android_with(&scene.shop, &scene.ana).await;
    assert_eq!(phone.shows(&object).unwrap().balance, "0 / 10");
    scene.all_told().await;
    for stamps in 1..=5 {
        scene.stamp().await;
        let balance = format!("{stamps} / 10");
        let shown = phone.until(&object, |pass| pass.balance == balance).await;
        assert!(shown.is_ok(), "{:?}", phone.shows(&object));
    }
    let rings = scene.wallets.google.notices(&object);
    assert!((1..=3).contains(&rings.len()), "{rings:?}");
    let shown = phone.shows(&object).unwrap();
    let hero = reqwest::get(shown.hero_image.unwrap()).await.unwrap();
    assert_eq!(
        (hero.status().as_u16(), hero.headers()["content-type"].to_str().unwrap()),
        (200, "image/png")
    );
}

#[tokio::test]
async fn a_card_that_nobody_keeps_is_not_written_to_google() {
    let scene = scene().await;
    scene.wallets.google.send_callbacks(Sending::Twice);
    let (phone, object) = scene.wallets.android_with(&scene.shop, &scene.ana).await;
    scene.stamp().await;
    assert!(phone.until(&object, |pass| pass.balance == "1 / 10").await.is_ok());
    scene.all_told().await;
    assert!(phone.delete(&object).await);
    soon("Google's word that it is gone", async || {
        let told = scene.wallets.google.callbacks();
        (told.len() >= 4 && told.iter().all(|told| told.status == Some(200))).then_some(())
    })
    .await;
    let asked = scene.wallets.google.requests().len();
    scene.stamp().await;
    scene.world.verify().await;
    assert_eq!(scene.wallets.google.requests().len(), asked);
}

#[tokio::test]
async fn a_callback_that_is_not_googles_changes_nothing() {
    let scene = scene().await;
    scene.wallets.google.send_callbacks(Sending::Never);
    let (_phone, object) = scene.wallets.android_with(&scene.shop, &scene.ana).await;
    for forgery in Forgery::ALL {
        let callback =
            scene.wallets.google.make_callback(&object, fakes::google::Event::Save, Some(forgery)).unwrap();
        scene.wallets.google.send_callback(callback).await;
        let told = scene.wallets.google.callbacks();
        assert_eq!(told.last().and_then(|told| told.status), Some(401), "{forgery:?}");
    }
    let garbage = reqwest::Client::new().post(format!("{}/webhooks/google", scene.world.url())).body("{}");
    assert_eq!(garbage.send().await.unwrap().status(), 422);
    let asked = scene.wallets.google.requests().len();
    scene.stamp().await;
    scene.world.verify().await;
    assert_eq!(scene.wallets.google.requests().len(), asked, "nobody keeps it, as far as we know");
}

#[tokio::test]
async fn google_failing_for_a_while_loses_no_change() {
    let scene = scene().await;
    let (phone, object) = scene.wallets.android_with(&scene.shop, &scene.ana).await;
    scene.wallets.google.fault_next(Fault::Status(503));
    scene.stamp().await;
    let shown = phone.until_within(&object, AFTER_A_PAUSE, |pass| pass.balance == "1 / 10").await;
    assert!(shown.is_ok(), "{:?}", phone.shows(&object));
}

#[tokio::test]
async fn a_rotating_code_opens_the_card_once_and_on_one_till() {
    let scene = scene().await;
    let (till, other) = (Till::open(&scene.shop).await, Till::open(&scene.shop).await);
    let (phone, object) = scene.wallets.android_with(&scene.shop, &scene.ana).await;
    let code = phone.barcode_at(&object, Utc::now()).unwrap();
    assert_ne!(code, scene.ana.code);
    let scan = json!({ "code": code });
    let seen = till.post("/scans").json(&scan).send().await.ok(201);
    assert_eq!(seen["card"]["id"], scene.ana.card.as_str());
    till.post("/scans").json(&scan).send().await.ok(201);
    let replayed = other.post("/scans").json(&scan).send().await.refused(409, "code-revoked");
    assert_eq!(replayed.reason(), "used");
    let old = phone.barcode_at(&object, Utc::now() - chrono::Duration::minutes(5)).unwrap();
    let passed = till.post("/scans").json(&json!({ "code": old })).send().await.refused(409, "code-revoked");
    assert_eq!(passed.reason(), "passed");
    let forged = format!("{}00000000", &code[..code.len() - 8]);
    till.post("/scans").json(&json!({ "code": forged })).send().await.refused(422, "code-invalid");
}

#[tokio::test]
async fn a_platform_killed_between_the_stamp_and_the_push_tells_the_phone_after_it() {
    let scene = scene().await;
    let (phone, serial) = scene.wallets.iphone_with(&scene.shop, &scene.ana).await;
    scene.wallets.apns.always(Answer::Hang);
    scene.stamp().await;
    scene.wallets.apns.until_pushes(1).await.unwrap();
    scene.world.kill();
    scene.wallets.apns.heal();
    scene.world.restart();
    // The killed worker's lease must end first.
    let told =
        phone.until_within(&serial, Duration::from_secs(90), |pass| pass.stamps() == Some("1 / 10")).await;
    assert!(told.is_ok(), "{:?}", phone.shows(&serial));
    scene.world.verify().await;
}
