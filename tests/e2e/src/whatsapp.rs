use std::process::Output;

use chrono::{Timelike, Utc};
use fakes::twilio::{SENDER, Template, Twilio};
use serde_json::{Value, json};

use crate::{Customer, Shop, World, phone, soon};

/// Twilio, as far as a test needs it, and what a platform must know to speak to it.
pub struct WhatsApp {
    /// Twilio's.
    pub twilio: Twilio,
}

impl WhatsApp {
    /// Starts it.
    pub async fn start() -> Self {
        Self { twilio: Twilio::start().await.expect("Twilio") }
    }

    /// A platform that speaks to it, and is quick to wonder what became of a message.
    pub fn platform(&self) -> World {
        self.platform_with(Vec::new())
    }

    /// The same, with settings for others that it speaks to.
    pub fn platform_with(&self, mut settings: Vec<(&'static str, String)>) -> World {
        let account = self.twilio.account();
        settings.extend([
            ("PROVIDERS", "live".into()),
            ("MESSAGING__TWILIO__ACCOUNT_SID", account.sid.clone()),
            ("MESSAGING__TWILIO__AUTH_TOKEN", account.auth_token.clone()),
            ("MESSAGING__TWILIO__BASE_URL", self.twilio.url().to_owned()),
            ("MESSAGING__IN_DOUBT_AFTER_MS", "2000".into()),
            ("MESSAGING__PROVIDER_TIMEOUT_MS", "2000".into()),
            ("MESSAGING__POLL_AFTER_MS", "3000".into()),
        ]);
        let world = World::start_with(&settings);
        self.twilio.inbound_url(format!("{}/webhooks/twilio/inbound", world.url()));
        world
    }

    /// The operator has a number, and lets a shop send from it; it is noon there.
    pub async fn approve(&self, world: &World, shop: &Shop, sender: &[&str]) {
        order(world, &[&["sender", SENDER.trim_start_matches("whatsapp:"), "prueba"], sender].concat()).await;
        order(world, &["approve", &shop.slug, "20000", "200000"]).await;
        shop.patch("/business").json(&json!({ "time_zone": zone_at(12) })).send().await.ok(200);
        soon("the shop may send", async || {
            let account = shop.get("/messaging").send().await.ok(200);
            (account["status"] == "approved" && account["held_by"].is_null()).then_some(())
        })
        .await;
    }

    /// WhatsApp has approved a template, in Spanish.
    pub async fn template(&self, world: &World, shop: &Shop, name: &str) {
        let all = shop.get("/templates").send().await.ok(200);
        let items = all["items"].as_array().expect("templates");
        let known = items.iter().find(|known| known["name"] == name && known["language"] == "es");
        let body = known.unwrap_or_else(|| panic!("no template {name}"))["body"].as_str().expect("a body");
        let sid = format!("HX{}", uuid::Uuid::now_v7().simple());
        self.twilio.add_template(Template::new(&sid, body));
        order(world, &["template", "approve", name, "es", &sid]).await;
    }

    /// A customer who ticked the box for news and proved it with the word that the page gave her.
    pub async fn consenting(&self, shop: &Shop, name: &str) -> Customer {
        let number = phone();
        let mut form = shop.form(name, &number);
        form["consents"]["marketing"] = true.into();
        form["adult_ok"] = true.into();
        let joined = shop.api.post("/enrollments").json(&form).answered().await.ok(201);
        self.twilio.customer(&format!("whatsapp:{number}")).says(&proof(&joined)).await;
        let text = |value: &Value| value.as_str().expect("a text").to_owned();
        let customer = Customer {
            id: text(&joined["customer_id"]),
            card: text(&joined["card"]["id"]),
            code: text(&joined["card"]["code"]),
            holder_token: text(&joined["card"]["holder_token"]),
            phone: number,
        };
        marketing(shop, &customer, "granted").await;
        // She is told so, which is the first message on her phone.
        self.phone_of(&customer).until_received(1).await.expect("a word of thanks");
        customer
    }

    /// Her phone.
    pub fn phone_of(&self, customer: &Customer) -> fakes::twilio::Customer {
        self.twilio.customer(&format!("whatsapp:{}", customer.phone))
    }
}

/// What whoever has joined writes to prove her number and to agree, as the page has put it into her mouth.
pub fn proof(joined: &Value) -> String {
    let url = joined["whatsapp_url"].as_str().unwrap_or_else(|| panic!("no word: {joined}"));
    let url = reqwest::Url::parse(url).expect("an address");
    url.query_pairs().find(|(name, _)| name == "text").expect("a text").1.into_owned()
}

/// Waits until her consent to marketing stands so.
pub async fn marketing(shop: &Shop, customer: &Customer, state: &str) {
    let path = format!("/customers/{}", customer.id);
    soon("her consent", async || {
        let shown = shop.get(&path).send().await.ok(200);
        (shown["marketing"] == state).then_some(())
    })
    .await;
}

/// `sello operator …`, which must be carried out; what it says.
pub async fn order(world: &World, words: &[&str]) -> String {
    let output = ordered(world, words).await;
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "sello operator {}: {errors}", words.join(" "));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// `sello operator …`, which must be refused; why.
pub async fn order_refused(world: &World, words: &[&str]) -> String {
    let output = ordered(world, words).await;
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(!output.status.success(), "sello operator {} was carried out: {said}", words.join(" "));
    String::from_utf8_lossy(&output.stderr).into_owned()
}

async fn ordered(world: &World, words: &[&str]) -> Output {
    let mut command = world.sello("operator");
    command.args(words);
    let output = tokio::task::spawn_blocking(move || command.output()).await.expect("a thread");
    output.expect("to run `sello operator`")
}

/// A zone where it is about this hour now.
pub fn zone_at(hour: i64) -> String {
    let ahead = (hour - i64::from(Utc::now().hour()) + 12).rem_euclid(24) - 12;
    // The signs of these names are turned round.
    format!("Etc/GMT{:+}", -ahead)
}
