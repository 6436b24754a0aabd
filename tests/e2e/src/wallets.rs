use std::path::PathBuf;

use chrono::Utc;
use fakes::android::Android;
use fakes::apns::Apns;
use fakes::google::Google;
use fakes::iphone::{IPhone, Settings};
use fakes::webpush::{Browser, WebPush};
use pkpass::development;
use pkpass::inspect::Opened;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{Customer, Shop, World};

const PASS_TYPE: &str = "pass.pe.sello.prueba";
const TEAM: &str = "SELLOTEST1";
/// Nobody's: the example of RFC 8291.
const PUSH_KEY: &str = "yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw";

/// Apple's push service, Google Wallet and the push service of browsers, as far as a test needs them, and what a platform must know to speak to them.
pub struct Wallets {
    /// Apple's.
    pub apns: Apns,
    /// Google's.
    pub google: Google,
    /// That of browsers.
    pub web: WebPush,
    folder: PathBuf,
}

impl Wallets {
    /// Starts them, with a certificate that is good for this test alone.
    pub async fn start() -> Self {
        let (pass_type, team) = (PASS_TYPE.parse().expect("a pass type"), TEAM.parse().expect("a team"));
        let made = development::make(&pass_type, &team, Utc::now()).expect("a certificate");
        let apns = Apns::start(&made.authority_pem).await.expect("Apple's push service");
        let google = Google::start().await.expect("Google Wallet");
        let web = WebPush::start().await.expect("the push service of browsers");
        let folder = std::env::temp_dir().join(format!("sello-wallets-{}", Uuid::now_v7().simple()));
        std::fs::create_dir_all(&folder).expect("a folder for certificates");
        let account = google.service_account().json.to_string();
        for (name, content) in [
            ("p12", made.p12.as_slice()),
            ("password", made.password.as_bytes()),
            ("intermediate", made.intermediate_pem.as_bytes()),
            ("apns", apns.authority_pem().as_bytes()),
            ("google", account.as_bytes()),
        ] {
            std::fs::write(folder.join(name), content).expect("to write a certificate");
        }
        Self { apns, google, web, folder }
    }

    /// A platform that speaks to them.
    pub fn platform(&self) -> World {
        World::start_with(&self.settings())
    }

    /// What a platform must know to speak to them.
    pub fn settings(&self) -> Vec<(&'static str, String)> {
        let file = |name: &str| self.folder.join(name).display().to_string();
        let password = std::fs::read_to_string(self.folder.join("password")).expect("a password");
        vec![
            ("PROVIDERS", "live".into()),
            ("WALLET_PASS__APPLE__PASS_TYPE", PASS_TYPE.into()),
            ("WALLET_PASS__APPLE__TEAM", TEAM.into()),
            ("WALLET_PASS__APPLE__P12", file("p12")),
            ("WALLET_PASS__APPLE__P12_PASSWORD", password),
            ("WALLET_PASS__APPLE__INTERMEDIATE", file("intermediate")),
            ("WALLET_PASS__APPLE__APNS_URL", self.apns.url()),
            ("WALLET_PASS__APPLE__APNS_AUTHORITY", file("apns")),
            ("WALLET_PASS__GOOGLE__ISSUER_ID", self.google.issuer_id().to_owned()),
            ("WALLET_PASS__GOOGLE__SERVICE_ACCOUNT", file("google")),
            ("WALLET_PASS__GOOGLE__API_URL", self.google.url().to_owned()),
            ("WALLET_PASS__GOOGLE__CALLBACK_KEYS_URL", self.google.keys_url()),
            ("WALLET_PASS__GOOGLE__SAVE_URL", format!("{}/gp/v/save", self.google.url())),
            ("WALLET_PASS__WEB__KEY", PUSH_KEY.into()),
            ("WALLET_PASS__WEB__SUBJECT", "mailto:ayuda@sello.pe".into()),
            ("WALLET_PASS__WEB__SERVICES", self.web.url().to_owned()),
        ]
    }

    /// An iPhone that checks every pass as strictly as Apple's, listening to pushes.
    pub fn iphone(&self) -> IPhone {
        self.iphone_in("es")
    }

    /// The same, set to a language.
    pub fn iphone_in(&self, language: &str) -> IPhone {
        let mut settings = Settings::new(format!("iphone-{}", Uuid::now_v7().simple()));
        settings.language = language.to_owned();
        self.iphone_as(settings)
    }

    /// The same as described, but for what it checks.
    pub fn iphone_as(&self, mut settings: Settings) -> IPhone {
        let strict = |pass: &[u8]| Opened::read(pass).map(|_| ()).map_err(|broken| broken.to_string());
        settings.checker = Some(Box::new(strict));
        let phone = IPhone::with(settings).expect("an iPhone");
        phone.listen(&self.apns);
        phone
    }

    /// An iPhone with a customer's card in its wallet; and the serial of the pass.
    pub async fn iphone_with(&self, shop: &Shop, customer: &Customer) -> (IPhone, String) {
        let phone = self.iphone();
        let page = shop.card_page(customer).await;
        let serial =
            phone.install(page["apple_url"].as_str().expect("a pass for Apple")).await.expect("a pass");
        (phone, serial)
    }

    /// An Android with a customer's card in its wallet; and the id of the object.
    pub async fn android_with(&self, shop: &Shop, customer: &Customer) -> (Android, String) {
        let phone = Android::new(&self.google, "android");
        let object = phone.save(&save_url(shop, customer).await).await.expect("a card for Google");
        (phone, object)
    }

    /// A browser that hears of a customer's card; and the id of its subscription.
    pub async fn browser_with(&self, shop: &Shop, customer: &Customer) -> (Browser, String) {
        let page = shop.card_page(customer).await;
        let browser = self.web.subscribe(page["push_key"].as_str().expect("a key for notices"));
        let path = format!("/cards/{}/push", customer.card);
        let call = shop.api.call(reqwest::Method::PUT, &path).card(&customer.holder_token);
        let subscribed = call.json(&subscription(&browser)).send().await.ok(201);
        (browser, subscribed["id"].as_str().expect("an id").to_owned())
    }
}

/// What a page says of a browser.
pub fn subscription(browser: &Browser) -> Value {
    json!({
        "endpoint": browser.endpoint(), "keys": { "p256dh": browser.p256dh(), "auth": browser.auth() },
    })
}

/// Where Google saves a customer's card from, as her browser finds it.
async fn save_url(shop: &Shop, customer: &Customer) -> String {
    let page = shop.card_page(customer).await;
    let client =
        reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().expect("a client");
    let link = page["google_url"].as_str().expect("a link for Google");
    let answer = client.get(link).send().await.expect("an answer");
    let location = answer.headers().get("location").and_then(|value| value.to_str().ok());
    location.unwrap_or_else(|| panic!("{link} leads nowhere: {}", answer.status())).to_owned()
}

impl Drop for Wallets {
    fn drop(&mut self) {
        // What is left in the folder for temporary things harms nobody.
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}
