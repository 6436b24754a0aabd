//! `sello operator …` as whoever runs a platform types it, read as she reads it.

use std::fs;
use std::time::Duration;

use e2e::{Customer, Shop, WhatsApp, World, eventually, key, order, order_refused};
use fakes::twilio::Template;
use serde_json::{Value, json};

/// How long something may take that a command is asked about again and again.
const LIMIT: Duration = Duration::from_secs(30);
const BODY: &str = "Hola {{1}}, los martes en {{2}} hay doble sello. Responde BAJA y no te escribimos más.";
const SAYS: &str = "Hola Ana, los martes en Café Ñusta hay doble sello.";

/// The only line that begins so.
#[track_caller]
fn line<'a>(said: &'a str, begins: &str) -> &'a str {
    let lines: Vec<&str> = said.lines().filter(|line| line.starts_with(begins)).collect();
    assert_eq!(lines.len(), 1, "lines that begin with {begins}:\n{said}");
    lines[0]
}

/// A shop that may write to its customers.
struct Scene {
    whatsapp: WhatsApp,
    world: World,
    shop: Shop,
}

impl Scene {
    async fn start() -> Self {
        let whatsapp = WhatsApp::start().await;
        let world = whatsapp.platform();
        let shop = Shop::open(&world).await;
        whatsapp.approve(&world, &shop, &[]).await;
        Self { whatsapp, world, shop }
    }

    /// A draft to everybody in these words.
    async fn draft(&self, template: &str, variables: &[&str]) -> String {
        let draft = json!({
            "name": "Los martes", "audience": { "all": [] }, "holdout_percent": 0, "channel_policy": "whatsapp",
            "wordings": [{ "language": "es", "template": template, "variables": variables }],
        });
        let made = self.shop.post("/campaigns").key(key()).json(&draft).send().await.ok(201);
        made["campaign_id"].as_str().expect("an id").to_owned()
    }

    async fn launch(&self, campaign: &str) -> Value {
        self.shop.post(&format!("/campaigns/{campaign}/launch")).send().await.ok(200)
    }

    fn tuesdays_of(&self, customer: &Customer) -> usize {
        let received = self.whatsapp.phone_of(customer).received();
        received.iter().filter(|message| message.body.starts_with(SAYS)).count()
    }

    async fn operator(&self, words: &[&str]) -> String {
        order(&self.world, words).await
    }
}

#[tokio::test]
async fn the_operator_sees_who_waits_lets_her_send_and_gives_her_a_share() {
    let world = World::start();
    let (luna, sol) = (Shop::sign_up(&world).await, Shop::sign_up(&world).await);
    let waits = |shop: &Shop| format!("{}   Café Ñusta   waits for approval", shop.slug);
    // Messaging hears of a business by an event.
    eventually("both to wait", LIMIT, async || {
        let said = order(&world, &["businesses", "waiting"]).await;
        [&luna, &sol].iter().all(|shop| said.lines().any(|line| line == waits(shop))).then_some(())
    })
    .await;
    assert_eq!(order(&world, &["businesses", "approved"]).await.trim(), "No business is approved.");
    let number = "+51900000001";
    assert_eq!(order(&world, &["sender", number]).await.trim(), format!("{number} is a sender"));

    let approve = ["approve", &luna.slug, "20", "300", "40"];
    assert_eq!(order(&world, &approve).await.trim(), format!("{} may send", luna.slug));
    let all = order(&world, &["businesses"]).await;
    let stands = |limits: &str, weight: i32| {
        format!("{}   Café Ñusta   approved: {limits}, weight {weight}, marketing goes out", luna.slug)
    };
    let limits = "up to S/ 20.00 a day and S/ 300.00 a month";
    assert_eq!((line(&all, &luna.slug), line(&all, &sol.slug)), (&*stands(limits, 40), &*waits(&sol)));

    let weight = order(&world, &["weight", &luna.slug, "60"]).await;
    assert_eq!(weight.trim(), format!("{} has a weight of 60", luna.slug));
    // More money is no other share.
    order(&world, &["approve", &luna.slug, "25.50", "300"]).await;
    let approved = order(&world, &["businesses", "approved"]).await;
    assert_eq!(approved.trim(), stands("up to S/ 25.50 a day and S/ 300.00 a month", 60));

    order(&world, &["stop", &luna.slug]).await;
    let stopped = order(&world, &["businesses", "stopped"]).await;
    assert!(line(&stopped, &luna.slug).contains("stopped by you: "), "{stopped}");
    assert_eq!(order(&world, &["businesses", "braked"]).await.trim(), "No business is braked.");

    let refused = order_refused(&world, &["weight", &luna.slug, "0"]).await;
    assert_eq!(refused.trim(), "sello: the weight: 0 is not between 1 and 100");
    let refused = order_refused(&world, &["approve", "no-such-shop", "20", "300"]).await;
    assert!(refused.contains("no business is called no-such-shop"), "{refused}");
    let refused = order_refused(&world, &["businesses", "gone"]).await;
    assert!(refused.contains("sello operator businesses [waiting|approved|stopped|braked]"), "{refused}");
}

#[tokio::test]
async fn a_text_is_added_by_a_file_and_used_once_it_is_approved_and_no_more_once_it_is_rejected() {
    let scene = Scene::start().await;
    let file = scene.world.data().join("tuesday.json");
    let name = file.to_str().expect("a path");
    let variables =
        json!([{ "name": "first_name", "sample": "Ana" }, { "name": "business", "sample": "Café" }]);
    let mut text = json!({
        "name": "tuesday", "language": "es", "category": "marketing", "body": BODY, "variables": [variables[0]],
    });
    fs::write(&file, text.to_string()).expect("a file");
    let refused = order_refused(&scene.world, &["template", "add", name]).await;
    assert!(refused.contains("template.variables: do not fit the body"), "{refused}");
    text["variables"] = variables;
    fs::write(&file, text.to_string()).expect("a file");
    let said = scene.operator(&["template", "add", name]).await;
    assert_eq!(said.trim(), "tuesday waits in es for WhatsApp's approval");
    let pending = scene.operator(&["templates", "pending"]).await;
    assert_eq!(line(&pending, "tuesday"), "tuesday   es   marketing   pending");
    assert!(
        pending.contains(&format!("    {BODY}\n    {{{{1}}}} first_name (Ana), {{{{2}}}} business (Café)"))
    );

    let ana = scene.whatsapp.consenting(&scene.shop, "Ana Flores").await;
    scene.shop.reach(1).await;
    let campaign = scene.draft("tuesday", &["{first_name}", "{business}"]).await;
    let refused = async || {
        let answer = scene.shop.post(&format!("/campaigns/{campaign}/launch")).send().await;
        (answer.problem().field().to_owned(), answer.problem().reason().to_owned(), answer.text().to_owned())
    };
    let (field, reason, _) = refused().await;
    assert_eq!((field.as_str(), reason.as_str()), ("wordings[0].template", "not_approved"));

    let sid = format!("HX{}", "a1".repeat(16));
    scene.whatsapp.twilio.add_template(Template::new(&sid, BODY));
    let said = scene.operator(&["template", "approve", "tuesday", "es", &sid]).await;
    assert_eq!(said.trim(), "tuesday may be used in es");
    let refused_file = order_refused(&scene.world, &["template", "add", name]).await;
    assert!(refused_file.contains("tuesday is there in es and approved"), "{refused_file}");

    let said = scene.operator(&["template", "reject", "tuesday", "es", "parece", "spam"]).await;
    assert_eq!(said.trim(), "tuesday is rejected in es: nothing goes out with it any more");
    let rejected = scene.operator(&["templates", "rejected"]).await;
    assert_eq!(
        line(&rejected, "tuesday"),
        format!("tuesday   es   marketing   rejected: parece spam   {sid}")
    );
    let (field, reason, text) = refused().await;
    assert_eq!((field.as_str(), reason.as_str()), ("wordings[0].template", "template_rejected"));
    assert!(text.contains("Esta plantilla fue rechazada"), "{text}");
    assert_eq!(scene.tuesdays_of(&ana), 0);

    // It was a mistake: what it was approved by is not forgotten.
    scene.operator(&["template", "approve", "tuesday", "es"]).await;
    scene.launch(&campaign).await;
    scene.shop.counts(&campaign, "read", 1).await;
    assert_eq!(scene.tuesdays_of(&ana), 1);
    assert_eq!(scene.whatsapp.twilio.mistakes(), Vec::<String>::new());
}

#[tokio::test]
async fn a_text_that_is_paused_under_a_campaign_goes_to_nobody_and_the_owner_reads_why() {
    let scene = Scene::start().await;
    scene.whatsapp.template(&scene.world, &scene.shop, "news").await;
    let ana = scene.whatsapp.consenting(&scene.shop, "Ana Flores").await;
    scene.shop.reach(1).await;
    // At night nothing leaves: the campaign is on its way when its text is paused.
    scene.shop.clocks_at(0, Some("quiet_hours")).await;
    let news = ["{first_name}", "{business}", "este jueves, dos por uno"];
    let campaign = scene.draft("news", &news).await;
    scene.launch(&campaign).await;
    scene.shop.counts(&campaign, "requested", 1).await;
    let said = scene.operator(&["template", "pause", "news", "es", "Meta bajó su calidad"]).await;
    assert_eq!(said.trim(), "news is paused in es: nothing goes out with it");
    let paused = scene.operator(&["templates", "paused"]).await;
    assert!(
        line(&paused, "news").starts_with("news   es   marketing   paused: Meta bajó su calidad"),
        "{paused}"
    );
    let other = scene.draft("news", &news).await;
    let refused = scene.shop.post(&format!("/campaigns/{other}/launch")).send().await;
    assert_eq!(refused.problem().reason(), "template_paused");
    assert!(refused.text().contains("Esta plantilla está en pausa"), "{refused}");

    // By day it does not leave either, and says so.
    scene.shop.clocks_at(12, None).await;
    scene.shop.counts(&campaign, "failed", 1).await;
    let dead = scene.shop.get("/deliveries?status=dead&kind=message").send().await.ok(200);
    let dead = &dead["items"][0];
    assert_eq!((&dead["customer_id"], &dead["reason"]), (&json!(ana.id), &json!("template_paused")));
    assert_eq!(
        dead["reason_text"],
        "Este texto está en pausa y no se envió. Reinténtalo cuando vuelva, o elige otra plantilla."
    );
    let received = || scene.whatsapp.phone_of(&ana).received();
    let marketing = || received().iter().filter(|message| message.body.contains("dos por uno")).count();
    let account = scene.shop.get("/messaging").send().await.ok(200);
    assert_eq!((marketing(), &dead["retryable"]), (0, &json!(true)), "{account}");

    // Once the text is back, the owner has it tried again.
    scene.operator(&["template", "approve", "news", "es"]).await;
    let retry = format!("/deliveries/{}/retry", dead["id"].as_str().expect("an id"));
    scene.shop.post(&retry).send().await.ok(204);
    scene.shop.counts(&campaign, "read", 1).await;
    assert_eq!(marketing(), 1);
    assert_eq!(scene.whatsapp.twilio.mistakes(), Vec::<String>::new());
}

#[tokio::test]
async fn the_operator_sees_each_number_and_which_business_is_braked_and_why() {
    const FRIENDS: i64 = 5;
    let scene = Scene::start().await;
    scene.whatsapp.template(&scene.world, &scene.shop, "news").await;
    let senders = scene.operator(&["senders"]).await;
    let number = "+51900000001   portfolio prueba   80 messages a second   1 business";
    assert_eq!(line(&senders, "+51"), number);
    assert_eq!(line(&senders, "    provider"), "    provider   answers");
    assert_eq!(line(&senders, "    brake "), "    brake      marketing goes out");
    assert!(line(&senders, "    tier").contains("0 addresses in 24 hours of 250 "), "{senders}");
    assert!(!senders.contains("    braked"), "{senders}");

    let mut customers = Vec::new();
    for number in 0..FRIENDS {
        customers.push(scene.whatsapp.consenting(&scene.shop, &format!("Clienta {number}")).await);
    }
    scene.shop.reach(FRIENDS).await;
    let campaign = scene.draft("news", &["{first_name}", "{business}", "dos por uno"]).await;
    scene.launch(&campaign).await;
    scene.shop.counts(&campaign, "read", FRIENDS).await;
    for customer in &customers {
        scene.whatsapp.phone_of(customer).says("BAJA").await;
    }
    let why = "marketing is stopped: 5 of 5 delivered in 7 days wrote BAJA, 100.00 %, and 2 % is too many";
    let braked = format!("    braked     {} (Café Ñusta): {why}", scene.shop.slug);
    let senders = eventually("the shop to be braked", LIMIT, async || {
        let said = scene.operator(&["senders"]).await;
        said.lines().any(|line| line == braked).then_some(said)
    })
    .await;
    let rates = line(&senders, "    quality");
    assert!(
        rates.contains("100.00 % opted out (2 % is too many), 0.00 % blocked (0.5 % is too many)"),
        "{rates}"
    );
    let businesses = scene.operator(&["businesses", "braked"]).await;
    assert!(line(&businesses, &scene.shop.slug).ends_with(why), "{businesses}");
}
