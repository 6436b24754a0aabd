//! Notices in the browser of a customer whose card is in no wallet: switched on by her page, encrypted for her browser alone, sent
//! by a service that is as strict as the real ones, and switched off again.

use std::time::Duration;

use e2e::{Customer, Shop, Wallets, WhatsApp, World, eventually, key, soon, subscription};
use fakes::webpush::{Fault, Notice};
use reqwest::Method;
use serde_json::{Value, json};

/// Longer than a pause after a first failure.
const AFTER_A_PAUSE: Duration = Duration::from_secs(20);

struct Scene {
    wallets: Wallets,
    whatsapp: WhatsApp,
    world: World,
    shop: Shop,
    ana: Customer,
}

/// A shop that may write to its customers, and Ana, who wants to hear of it.
async fn scene() -> Scene {
    let (wallets, whatsapp) = (Wallets::start().await, WhatsApp::start().await);
    let world = whatsapp.platform_with(wallets.settings());
    let shop = Shop::open(&world).await;
    whatsapp.approve(&world, &shop, &[]).await;
    whatsapp.template(&world, &shop, "news").await;
    let ana = whatsapp.consenting(&shop, "Ana Flores").await;
    Scene { wallets, whatsapp, world, shop, ana }
}

impl Scene {
    /// A campaign to everybody, launched once so many hear of it for nothing.
    async fn launch(&self, policy: &str, by_wallet: i64) -> String {
        self.shop.reach_by("wallet", by_wallet).await;
        let draft = json!({
            "name": "Jueves de dos por uno", "audience": { "all": [] }, "holdout_percent": 0,
            "channel_policy": policy,
            "wordings": [{
                "language": "es", "template": "news",
                "variables": ["{first_name}", "{business}", "este jueves, dos por uno"],
            }],
        });
        let made = self.shop.post("/campaigns").key(key()).json(&draft).send().await.ok(201);
        let campaign = made["campaign_id"].as_str().expect("an id").to_owned();
        self.shop.post(&format!("/campaigns/{campaign}/launch")).send().await.ok(200);
        campaign
    }

    /// Waits until a campaign counts so many.
    async fn counts(&self, campaign: &str, count: &str, number: i64) {
        eventually(count, AFTER_A_PAUSE, async || {
            let shown = self.shop.get(&format!("/campaigns/{campaign}")).send().await.ok(200);
            (shown["counts"][count] == number).then_some(())
        })
        .await;
    }

    fn by_whatsapp(&self) -> usize {
        let received = self.whatsapp.phone_of(&self.ana).received();
        received.iter().filter(|message| message.body.contains("dos por uno")).count()
    }

    async fn dead(&self) -> Vec<Value> {
        let page = self.shop.get("/deliveries?status=dead&kind=push").send().await.ok(200);
        page["items"].as_array().cloned().unwrap_or_default()
    }

    async fn browsers(&self) -> i64 {
        let mut database = self.world.database().await;
        let count = sqlx::query_scalar("select count(*) from wallet_pass.web_subscription");
        count.fetch_one(&mut database).await.expect("a count")
    }

    async fn subscribe(&self, body: &Value) -> e2e::Answer {
        let path = format!("/cards/{}/push", self.ana.card);
        self.shop.api.call(Method::PUT, &path).card(&self.ana.holder_token).json(body).send().await
    }
}

fn says_the_words(notice: &Notice, ana: &Customer) {
    assert_eq!(notice.title, "Café Ñusta");
    assert!(notice.body.contains("dos por uno"), "{}", notice.body);
    assert_eq!(notice.url, format!("/t/{}", ana.card), "the address, and not what opens it");
}

#[tokio::test]
async fn a_campaign_reaches_her_browser_with_its_words_and_costs_no_whatsapp() {
    let scene = scene().await;
    let (browser, _) = scene.wallets.browser_with(&scene.shop, &scene.ana).await;
    let campaign = scene.launch("wallet_first", 1).await;
    let notices = browser.until_notices(1).await.unwrap();
    says_the_words(&notices[0], &scene.ana);
    scene.counts(&campaign, "delivered", 1).await;
    let push = scene.wallets.web.pushes().pop().unwrap();
    assert!(push.ttl > 3_600 && push.urgency == "normal" && push.topic.len() == 32, "{push:?}");
    assert!(!String::from_utf8_lossy(&push.body).contains("dos por uno"), "the service reads it");
    // What she sees at the till is no news for her browser.
    scene.shop.stamp(&scene.ana.card, key()).send().await.ok(201);
    scene.world.verify().await;
    assert_eq!((browser.notices().len(), scene.by_whatsapp()), (1, 0));
    assert_eq!(scene.wallets.web.mistakes(), Vec::<String>::new());
    assert!(!scene.world.log().contains(browser.endpoint()), "an address in the log");
}

#[tokio::test]
async fn what_failed_is_tried_again_or_waits_for_a_person_and_whatsapp_follows_a_browser_that_is_gone() {
    let scene = scene().await;
    let (browser, _) = scene.wallets.browser_with(&scene.shop, &scene.ana).await;
    scene.wallets.web.fault_next(Fault::Status(503));
    scene.wallets.web.fault_next(Fault::TooMany { retry_after: 1 });
    scene.wallets.web.fault_next(Fault::Status(413));
    let campaign = scene.launch("wallet", 1).await;
    let dead = eventually("a dead letter", AFTER_A_PAUSE, async || scene.dead().await.pop()).await;
    assert_eq!((dead["wallet"].as_str(), dead["reason"].as_str()), (Some("web"), Some("too_large")));
    assert_eq!(dead["attempts"], 3);
    scene.counts(&campaign, "failed", 1).await;
    assert!(browser.notices().is_empty());
    let retry = format!("/deliveries/{}/retry", dead["id"].as_str().unwrap());
    scene.shop.post(&retry).send().await.ok(204);
    says_the_words(&browser.until_notices(1).await.unwrap()[0], &scene.ana);
    soon("no dead letter", async || scene.dead().await.is_empty().then_some(())).await;

    // The campaign did not wait for the person, and gave her week back. Now her browser is gone.
    browser.unsubscribe();
    let campaign = scene.launch("wallet_first", 1).await;
    scene.counts(&campaign, "delivered", 1).await;
    assert_eq!((scene.by_whatsapp(), scene.browsers().await), (1, 0));
    assert!(scene.dead().await.is_empty(), "who is gone is nobody's to look at");
}

#[tokio::test]
async fn a_key_that_is_refused_stops_every_push_and_is_told_but_one_odd_browser_stops_nobody() {
    let scene = scene().await;
    let stopped = async || {
        let wallets = scene.shop.get("/wallets").send().await.ok(200);
        wallets["items"][2]["stopped"].as_str().map(str::to_owned)
    };
    // A browser that takes another sender's messages, as anybody can make one.
    let odd = scene.wallets.web.subscribe("BP4zodd");
    scene.subscribe(&subscription(&odd)).await.ok(201);
    scene.launch("wallet", 1).await;
    let dead = eventually("a dead letter", AFTER_A_PAUSE, async || scene.dead().await.pop()).await;
    assert_eq!((dead["reason"].as_str(), stopped().await), (Some("credentials"), None));

    let (browser, _) = scene.wallets.browser_with(&scene.shop, &scene.ana).await;
    let campaign = scene.launch("wallet", 1).await;
    browser.until_notices(1).await.unwrap();
    scene.counts(&campaign, "delivered", 1).await;
    forget_claims(&scene.world).await;
    scene.wallets.web.fault_always(Fault::Status(403));
    scene.launch("wallet", 1).await;
    let reason = eventually("notices to stop", AFTER_A_PAUSE, stopped).await;
    assert_eq!(reason, "403");
}

/// As if the week were over.
async fn forget_claims(world: &World) {
    let mut database = world.database().await;
    sqlx::query("delete from campaign.contact_claim")
        .execute(&mut database)
        .await
        .expect("to forget the claims");
}

#[tokio::test]
async fn only_she_switches_notices_on_for_a_browser_of_hers_and_off_again() {
    let scene = scene().await;
    what_is_no_browsers_is_refused(&scene).await;
    she_hears_no_more(&scene).await;
}

/// What is no browser's address or key is refused by its name, and whoever is not she by what she may.
async fn what_is_no_browsers_is_refused(scene: &Scene) {
    let browser = scene.wallets.web.subscribe("x");
    let good = subscription(&browser);
    let with = |field: &str, value: Value| {
        let mut body = good.clone();
        *body.pointer_mut(field).expect("a field of the form") = value;
        body
    };
    for (body, field) in [
        (with("/endpoint", json!("http://fcm.googleapis.com/fcm/send/x")), "endpoint"),
        (with("/endpoint", json!("https://169.254.169.254/latest/meta-data")), "endpoint"),
        (with("/endpoint", json!(format!("{}/api/v1/me", scene.world.url()))), "endpoint"),
        (with("/endpoint", json!("")), "endpoint"),
        (with("/endpoint", json!(format!("https://fcm.googleapis.com/{}", "x".repeat(2_000)))), "endpoint"),
        (with("/keys/p256dh", json!("BBBB")), "keys.p256dh"),
        (with("/keys/auth", json!("BBBB")), "keys.auth"),
    ] {
        let refused = scene.subscribe(&body).await;
        assert_eq!((refused.status(), refused.problem().field()), (422, field), "{refused}");
    }
    // Another's card is nobody's to listen to, and the shop switches nothing on in her place.
    let eva = scene.shop.enroll("Eva Ríos").await;
    let path = format!("/cards/{}/push", scene.ana.card);
    let by = |call: e2e::Call| call.json(&good).send();
    let call = || scene.shop.api.call(Method::PUT, &path);
    by(call().card(&eva.holder_token)).await.refused(404, "not-found");
    by(call().bearer(&scene.shop.access)).await.refused(403, "forbidden");
    assert_eq!(scene.browsers().await, 0);
}

/// She switches notices off, and once she is erased nothing of hers hears any more.
async fn she_hears_no_more(scene: &Scene) {
    let (browser, first) = scene.wallets.browser_with(&scene.shop, &scene.ana).await;
    let again = scene.subscribe(&subscription(&browser)).await.ok(200);
    assert_eq!(again["id"], first.as_str(), "switched on twice, it is on");
    let path = format!("/cards/{}/push/{first}", scene.ana.card);
    scene.shop.reach_by("wallet", 1).await;
    let off = || scene.shop.api.call(Method::DELETE, &path).card(&scene.ana.holder_token);
    off().send().await.ok(204);
    off().send().await.ok(204);
    assert_eq!(scene.browsers().await, 0);
    scene.shop.reach_by("wallet", 0).await;

    scene.wallets.browser_with(&scene.shop, &scene.ana).await;
    scene.shop.delete(&format!("/customers/{}", scene.ana.id)).send().await.ok(204);
    eventually("her browsers are forgotten", AFTER_A_PAUSE, async || {
        (scene.browsers().await == 0).then_some(())
    })
    .await;
}
