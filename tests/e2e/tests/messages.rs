//! Bringing customers back: from an audience to a message on a phone, and all that must never happen on the way.

use std::time::Duration;

use e2e::{Customer, Shop, Wallets, WhatsApp, World, eventually, key, marketing, order, phone, soon};
use fakes::android::Android;
use fakes::iphone::IPhone;
use fakes::twilio::{Fault, Faults, SENDER};
use serde_json::{Value, json};

struct Scene {
    whatsapp: WhatsApp,
    world: World,
    shop: Shop,
}

/// A shop that may write to its customers, with a template that WhatsApp has approved.
async fn scene() -> Scene {
    let whatsapp = WhatsApp::start().await;
    let world = whatsapp.platform();
    let shop = Shop::open(&world).await;
    whatsapp.approve(&world, &shop, &[]).await;
    whatsapp.template(&world, &shop, "news").await;
    Scene { whatsapp, world, shop }
}

/// The same with three who agreed: Ana has her pass on an iPhone, Eva on an Android, and Luz has none.
struct Passes {
    scene: Scene,
    wallets: Wallets,
    ana: Customer,
    eva: Customer,
    luz: Customer,
    apple: (IPhone, String),
    google: (Android, String),
}

async fn with_passes() -> Passes {
    let (whatsapp, wallets) = (WhatsApp::start().await, Wallets::start().await);
    let world = whatsapp.platform_with(wallets.settings());
    let shop = Shop::open(&world).await;
    whatsapp.approve(&world, &shop, &[]).await;
    whatsapp.template(&world, &shop, "news").await;
    let ana = whatsapp.consenting(&shop, "Ana Flores").await;
    let eva = whatsapp.consenting(&shop, "Eva Ríos").await;
    let luz = whatsapp.consenting(&shop, "Luz Paz").await;
    let apple = wallets.iphone_with(&shop, &ana).await;
    let google = wallets.android_with(&shop, &eva).await;
    Passes { scene: Scene { whatsapp, world, shop }, wallets, ana, eva, luz, apple, google }
}

impl Scene {
    async fn consenting(&self, name: &str) -> Customer {
        self.whatsapp.consenting(&self.shop, name).await
    }

    /// A draft to everybody.
    async fn draft(&self) -> String {
        self.draft_by("whatsapp").await
    }

    async fn draft_by(&self, channel_policy: &str) -> String {
        let draft = json!({
            "name": "Jueves de dos por uno", "audience": { "all": [] }, "holdout_percent": 0,
            "channel_policy": channel_policy,
            "wordings": [{
                "language": "es", "template": "news",
                "variables": ["{first_name}", "{business}", "este jueves, dos por uno"],
            }],
        });
        let made = self.shop.post("/campaigns").key(key()).json(&draft).send().await.ok(201);
        made["campaign_id"].as_str().expect("an id").to_owned()
    }

    /// A campaign to everybody that has been launched once so many can be reached.
    async fn launch(&self, reachable: i64) -> String {
        self.shop.reach(reachable).await;
        let campaign = self.draft().await;
        self.does(&campaign, "launch").await;
        campaign
    }

    async fn does(&self, campaign: &str, what: &str) -> Value {
        self.shop.post(&format!("/campaigns/{campaign}/{what}")).send().await.ok(200)
    }

    async fn shows(&self, campaign: &str) -> Value {
        self.shop.get(&format!("/campaigns/{campaign}")).send().await.ok(200)
    }

    async fn message_to(&self, customer: &Customer, status: &str) -> Value {
        let path = format!("/messages?customer={}", customer.id);
        eventually(status, Duration::from_secs(30), async || {
            let page = self.shop.get(&path).send().await.ok(200);
            let out = page["items"].as_array()?.iter().find(|message| message["category"] == "marketing")?;
            (out["status"] == status).then(|| out.clone())
        })
        .await
    }

    fn marketing_to(&self, customer: &Customer) -> usize {
        let received = self.whatsapp.phone_of(customer).received();
        received.iter().filter(|message| message.body.contains("dos por uno")).count()
    }
}

#[tokio::test]
async fn a_campaign_reaches_those_who_agreed_with_their_name_and_is_counted_to_the_reading() {
    let scene = scene().await;
    let ana = scene.consenting("Ana Flores").await;
    let eva = scene.shop.enroll("Eva Ríos").await;
    let preview = json!({ "audience": { "all": [] }, "holdout_percent": 0 });
    let preview = soon("both are known", async || {
        let preview = scene.shop.post("/audiences/preview").json(&preview).send().await.ok(200);
        (preview["count"] == 2 && preview["reachable"] == 1).then_some(preview)
    })
    .await;
    assert_eq!(preview["excluded"]["no_consent"], 1);
    assert!(preview["cost"]["amount_cents"].as_i64().unwrap() > 0);
    let campaign = scene.launch(1).await;
    scene.shop.counts(&campaign, "read", 1).await;
    let received = scene.whatsapp.phone_of(&ana).received();
    let text = &received.last().unwrap().body;
    assert!(text.starts_with("Hola Ana, novedades de Café Ñusta: este jueves, dos por uno"), "{text}");
    assert!(scene.whatsapp.phone_of(&eva).received().is_empty());
    assert_eq!(scene.message_to(&ana, "read").await["campaign_id"], campaign.as_str());
    let results = scene.shop.get(&format!("/campaigns/{campaign}/results")).send().await.ok(200);
    assert_eq!(results["verdict"], "unknown");
    // Whoever was written to this week is written to by nobody else.
    scene.shop.reach(0).await;
    let again = scene.draft().await;
    let refused = scene.shop.post(&format!("/campaigns/{again}/launch")).send().await;
    assert!((400..500).contains(&refused.status()), "{refused}");
    assert_eq!(scene.whatsapp.twilio.mistakes(), Vec::<String>::new());
}

#[tokio::test]
async fn a_shop_that_was_not_approved_sends_nothing() {
    let whatsapp = WhatsApp::start().await;
    let world = whatsapp.platform();
    let shop = Shop::open(&world).await;
    order(&world, &["sender", SENDER.trim_start_matches("whatsapp:"), "prueba"]).await;
    whatsapp.template(&world, &shop, "news").await;
    let account = shop.get("/messaging").send().await.ok(200);
    assert_eq!(account["status"], "waiting");
    // She wants to be written to, and everything else is in order too.
    let number = phone();
    let mut form = shop.form("Ana Flores", &number);
    form["consents"]["marketing"] = true.into();
    form["adult_ok"] = true.into();
    let joined = shop.api.post("/enrollments").json(&form).answered().await.ok(201);
    let url = reqwest::Url::parse(joined["whatsapp_url"].as_str().expect("a word")).unwrap();
    let word = url.query_pairs().find(|(name, _)| name == "text").unwrap().1.into_owned();
    whatsapp.twilio.customer(&format!("whatsapp:{number}")).says(&word).await;
    let scene = Scene { whatsapp, world, shop };
    scene.shop.reach(1).await;
    let campaign = scene.draft().await;
    let refused = scene.shop.post(&format!("/campaigns/{campaign}/launch")).send().await;
    let problem = refused.refused(409, "conflict");
    assert_eq!((problem.field(), problem.reason()), ("messaging", "not_approved"));
    assert_eq!(scene.whatsapp.twilio.accepted_count(), 0);
    // Once it is approved, the same campaign goes out.
    order(&scene.world, &["approve", &scene.shop.slug, "20000", "200000"]).await;
    scene.shop.clocks_at(12, None).await;
    scene.does(&campaign, "launch").await;
    scene.shop.counts(&campaign, "read", 1).await;
}

#[tokio::test]
async fn baja_ends_marketing_at_once_and_alta_brings_it_back() {
    let scene = scene().await;
    let ana = scene.consenting("Ana Flores").await;
    scene.whatsapp.phone_of(&ana).says("Baja por favor").await;
    marketing(&scene.shop, &ana, "revoked").await;
    scene.shop.reach(0).await;
    scene.whatsapp.phone_of(&ana).says("ALTA").await;
    marketing(&scene.shop, &ana, "granted").await;
    scene.shop.reach(1).await;
}

#[tokio::test]
async fn a_pause_holds_once_it_is_answered_and_a_cancel_gives_the_claims_back() {
    let scene = scene().await;
    let mut asleep = Vec::new();
    for name in ["Ana", "Eva", "Luz"] {
        asleep.push(scene.consenting(&format!("{name} Flores")).await);
    }
    scene.shop.reach(3).await;
    // At night nothing leaves: the campaign is still on its way, and holds three claims, when it is paused.
    scene.shop.clocks_at(0, Some("quiet_hours")).await;
    let campaign = scene.draft().await;
    scene.does(&campaign, "launch").await;
    scene.shop.counts(&campaign, "requested", 3).await;
    scene.shop.reach(0).await;
    assert_eq!(scene.does(&campaign, "pause").await["status"], "paused");
    // By day another campaign goes out, and the paused one does not.
    scene.shop.clocks_at(12, None).await;
    let sol = scene.consenting("Sol Ramos").await;
    let other = scene.launch(1).await;
    scene.shop.counts(&other, "read", 1).await;
    assert_eq!(scene.marketing_to(&sol), 1);
    let shown = scene.shows(&campaign).await;
    assert_eq!((&shown["status"], &shown["counts"]["requested"]), (&json!("paused"), &json!(3)));
    scene.shop.reach(0).await;
    assert_eq!(scene.does(&campaign, "cancel").await["status"], "canceled");
    scene.shop.counts(&campaign, "canceled", 3).await;
    scene.shop.reach(3).await;
    for customer in &asleep {
        assert_eq!(scene.marketing_to(customer), 0);
    }
}

#[tokio::test]
async fn a_campaign_starts_at_no_time_that_has_passed_and_not_at_all_once_it_is_canceled() {
    let scene = scene().await;
    scene.consenting("Ana Flores").await;
    scene.shop.reach(1).await;
    let campaign = scene.draft().await;
    let path = format!("/campaigns/{campaign}");
    let at = |at: String| json!({ "scheduled_at": at });
    let late = scene.shop.patch(&path).json(&at("2020-01-01T00:00:00Z".into())).send().await;
    assert_eq!(late.problem().field(), "scheduled_at");
    let soon = chrono::Utc::now() + chrono::Duration::hours(2);
    scene.shop.patch(&path).json(&at(soon.to_rfc3339())).send().await.ok(200);
    assert_eq!(scene.does(&campaign, "launch").await["status"], "scheduled");
    assert_eq!(scene.does(&campaign, "cancel").await["status"], "canceled");
    let refused = scene.shop.post(&format!("{path}/launch")).send().await;
    assert_eq!(refused.problem().field(), "status");
}

#[tokio::test]
async fn a_message_that_was_taken_while_its_answer_was_lost_is_not_sent_again() {
    let scene = scene().await;
    let ana = scene.consenting("Ana Flores").await;
    let address = format!("whatsapp:{}", ana.phone);
    scene.whatsapp.twilio.fault_next_to(&address, Fault::TakeAndHang);
    let campaign = scene.launch(1).await;
    scene.shop.counts(&campaign, "read", 1).await;
    assert_eq!(scene.marketing_to(&ana), 1);
}

#[tokio::test]
async fn she_asks_for_her_stamps_and_whatever_else_she_writes_is_answered_from_the_panel() {
    let scene = scene().await;
    let ana = scene.consenting("Ana Flores").await;
    scene.shop.stamp(&ana.card, key()).send().await.ok(201);
    let phone = scene.whatsapp.phone_of(&ana);
    let before = phone.received().len();
    phone.says("¿Cuántos sellos tengo?").await;
    let received = phone.until_received(before + 1).await.unwrap();
    assert!(received.last().unwrap().body.contains('1'), "{}", received.last().unwrap().body);
    phone.says("¿Abren el domingo?").await;
    let thread = soon("her question", async || {
        let inbox = scene.shop.get("/inbox").send().await.ok(200);
        let thread = inbox["items"].as_array()?.first()?.clone();
        (thread["last"]["text"] == "¿Abren el domingo?").then_some(thread)
    })
    .await;
    assert_eq!(thread["customer_id"], ana.id.as_str());
    let (path, once) = (format!("/inbox/{}", ana.id), key());
    let text = json!({ "text": "Sí, de nueve a una." });
    let answered = scene.shop.post(&path).key(once).json(&text).send().await.ok(201);
    let again = scene.shop.post(&path).key(once).json(&text).send().await;
    assert_eq!(again.json()["message_id"], answered["message_id"]);
    let received = phone.until_received(before + 2).await.unwrap();
    assert_eq!(received.last().unwrap().body, "Sí, de nueve a una.");
}

#[tokio::test]
async fn what_is_not_signed_by_twilio_changes_nothing() {
    let scene = scene().await;
    let ana = scene.consenting("Ana Flores").await;
    let forged = format!("From=whatsapp%3A%2B{}&To={SENDER}&Body=BAJA&MessageSid=SM1", &ana.phone[1..]);
    for path in ["inbound", "status?m=x&a=y"] {
        let url = format!("{}/webhooks/twilio/{path}", scene.world.url());
        let call = reqwest::Client::new()
            .post(&url)
            .header("content-type", "application/x-www-form-urlencoded")
            .header("x-twilio-signature", "c2lnbmVkIGJ5IG5vYm9keQ==")
            .body(forged.clone());
        assert_eq!(call.send().await.unwrap().status(), 403, "{path}");
    }
    marketing(&scene.shop, &ana, "granted").await;
}

#[tokio::test]
async fn marketing_whose_fate_nobody_knows_is_given_up_and_shown_not_repeated() {
    let scene = scene().await;
    let ana = scene.consenting("Ana Flores").await;
    let address = format!("whatsapp:{}", ana.phone);
    scene.whatsapp.twilio.fault_next_to(&address, Fault::Status(503));
    scene.launch(1).await;
    let message = scene.message_to(&ana, "failed").await;
    assert_eq!(message["reason"], "in_doubt");
    let dead = scene.shop.get("/deliveries?status=dead&kind=message").send().await.ok(200);
    assert_eq!(dead["items"][0]["customer_id"], ana.id.as_str());
    assert_eq!(scene.marketing_to(&ana), 0);
}

#[tokio::test]
async fn a_campaign_for_wallets_is_read_on_the_pass_and_whatsapp_is_left_alone() {
    let Passes { scene, wallets, ana, eva, luz, apple: (iphone, serial), google: (android, object) } =
        with_passes().await;
    // Both passes are known.
    scene.shop.reach_by("wallet", 2).await;
    let campaign = scene.draft_by("wallet").await;
    scene.does(&campaign, "launch").await;
    let says_so = |text: &String| text.contains("este jueves, dos por uno");
    let told = iphone.until(&serial, |pass| pass.notices.iter().any(says_so)).await;
    assert!(told.is_ok(), "{:?}", iphone.shows(&serial).map(|pass| pass.notices));
    let told = android.until(&object, |pass| pass.notices.iter().any(says_so)).await;
    assert!(told.is_ok(), "{:?}", android.shows(&object).map(|pass| pass.notices));
    scene.shop.counts(&campaign, "delivered", 2).await;
    // Whoever has no pass has no message, and may be written to by the next campaign.
    assert_eq!(scene.shows(&campaign).await["counts"]["planned"], 2);
    scene.shop.reach(1).await;
    for customer in [&ana, &eva, &luz] {
        assert_eq!(scene.marketing_to(customer), 0);
    }
    assert_eq!(iphone.snapshot().troubles, Vec::<String>::new());
    assert_eq!(wallets.apns.mistakes(), Vec::<String>::new());
}

#[tokio::test]
async fn the_wallet_comes_first_and_whatsapp_follows_who_stays_away() {
    let Passes { scene, wallets, ana, eva, luz, apple: (iphone, serial), google: (android, object) } =
        with_passes().await;
    let with_pass =
        json!({ "audience": { "all": [] }, "holdout_percent": 0, "channel_policy": "wallet_first" });
    soon("both passes are known", async || {
        let preview = scene.shop.post("/audiences/preview").json(&with_pass).send().await.ok(200);
        (preview["reachable"] == 3 && preview["by_wallet"] == 2).then_some(())
    })
    .await;
    let campaign = scene.draft_by("wallet_first").await;
    scene.does(&campaign, "launch").await;
    // Two read it on their passes, and who has none in WhatsApp.
    let says_so = |text: &String| text.contains("este jueves, dos por uno");
    let told = iphone.until(&serial, |pass| pass.notices.iter().any(says_so)).await;
    assert!(told.is_ok(), "{:?}", iphone.shows(&serial).map(|pass| pass.notices));
    let told = android.until(&object, |pass| pass.notices.iter().any(says_so)).await;
    assert!(told.is_ok(), "{:?}", android.shows(&object).map(|pass| pass.notices));
    scene.message_to(&luz, "read").await;
    scene.shop.counts(&campaign, "delivered", 3).await;
    assert_eq!((scene.marketing_to(&ana), scene.marketing_to(&eva)), (0, 0));
    assert_eq!(scene.shows(&campaign).await["status"], "running");
    // Eva comes the same day, after her pass told her; Ana does not. The days are over.
    scene.shop.stamp(&eva.card, key()).send().await.ok(201);
    let came = json!({ "audience": { "visits": { "min": 1 } }, "holdout_percent": 0 });
    soon("her visit is known", async || {
        let preview = scene.shop.post("/audiences/preview").json(&came).send().await.ok(200);
        (preview["count"] == 1).then_some(())
    })
    .await;
    sqlx::query("update campaign.send set follow_up_at = now() where follow_up_at is not null")
        .execute(&mut scene.world.database().await)
        .await
        .unwrap();
    scene.message_to(&ana, "read").await;
    scene.shop.counts(&campaign, "read", 2).await;
    assert_eq!((scene.marketing_to(&ana), scene.marketing_to(&eva), scene.marketing_to(&luz)), (1, 0, 1));
    soon("nothing is left to do", async || (scene.shows(&campaign).await["status"] == "done").then_some(()))
        .await;
    assert_eq!(scene.shows(&campaign).await["counts"]["planned"], 3);
    assert_eq!(wallets.apns.mistakes(), Vec::<String>::new());
}

#[tokio::test]
async fn a_whatsapp_that_does_not_answer_is_left_alone_and_said_so_and_what_waits_goes_when_it_is_back() {
    // Ten answers are the fewest that a process concludes anything from, and two processes may share these.
    const FRIENDS: usize = 24;
    let scene = scene().await;
    let mut customers = Vec::new();
    for number in 0..FRIENDS {
        customers.push(scene.consenting(&format!("Clienta {number}")).await);
    }
    let account = async || scene.shop.get("/messaging").send().await.ok(200);
    let circuit = async || scene.world.metric("provider_circuit_open").await;
    let away = Faults { requests: vec![(1.0, Fault::Status(503))], ..Faults::default() };
    scene.whatsapp.twilio.faults(away);
    let campaign = scene.launch(FRIENDS as i64).await;
    eventually("the circuit to open", Duration::from_secs(30), async || {
        let account = account().await;
        (account["circuit"] == "open" && account["held_by"] == "provider").then_some(())
    })
    .await;
    eventually("the metric to tell", Duration::from_secs(30), async || {
        (circuit().await == 1.0).then_some(())
    })
    .await;
    for customer in &customers[..4] {
        scene.whatsapp.phone_of(customer).says("sellos").await;
    }
    let answered = |customer: &Customer| {
        let received = scene.whatsapp.phone_of(customer).received();
        received.iter().filter(|message| message.body.contains("0 de 10")).count()
    };

    scene.whatsapp.twilio.heal();
    eventually("the circuit to close", Duration::from_secs(90), async || {
        let account = account().await;
        (account["circuit"] == "closed" && account["held_by"].is_null()).then_some(())
    })
    .await;
    eventually("the metric to tell", Duration::from_secs(30), async || {
        (circuit().await == 0.0).then_some(())
    })
    .await;
    for customer in &customers[..4] {
        eventually("her answer", Duration::from_secs(30), async || (answered(customer) == 1).then_some(()))
            .await;
    }
    // Nobody knows whether WhatsApp took what it answered 503 to: advertising of which that is so never goes again. What had only
    // waited goes now.
    eventually("the campaign to end", Duration::from_secs(60), async || {
        let shown = scene.shop.get(&format!("/campaigns/{campaign}")).send().await.ok(200);
        let failed = usize::try_from(shown["counts"]["failed"].as_i64()?).ok()?;
        let sent: Vec<usize> = customers.iter().map(|customer| scene.marketing_to(customer)).collect();
        let is_over = failed + sent.iter().sum::<usize>() == FRIENDS;
        (is_over && failed >= 10 && sent.iter().all(|sent| *sent <= 1)).then_some(())
    })
    .await;
}
