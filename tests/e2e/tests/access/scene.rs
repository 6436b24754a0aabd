//! A shop with something of everything, and every endpoint asked for it.

use e2e::{Answer, Call, Customer, Document, Queued, Shop, Till, World, key};
use reqwest::Method;
use serde_json::{Value, json};

use crate::endpoints::{ENDPOINTS, For};

/// A picture that can be put on a pass.
const LOGO: &str = r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 80 80"><rect width="80" height="80" fill="#123456"/></svg>"##;

/// A browser's, by the example of RFC 8291.
fn subscription() -> Value {
    json!({
        "endpoint": "https://fcm.googleapis.com/fcm/send/x",
        "keys": {
            "p256dh": "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4",
            "auth": "BTBZMqHH6r4Tts7J_aSIgg",
        },
    })
}

/// A draft to everybody.
fn campaign() -> Value {
    json!({
        "name": "Jueves de dos por uno", "audience": { "all": [] }, "channel_policy": "whatsapp",
        "wordings": [{
            "language": "es", "template": "news", "variables": ["{first_name}", "{business}", "dos por uno"],
        }],
    })
}

/// A shop with something of everything, which its neighbour would like to see.
pub(crate) struct Scene {
    pub(crate) shop: Shop,
    pub(crate) till: Till,
    pub(crate) ana: Customer,
    pub(crate) eva: Customer,
    pub(crate) location: String,
    pub(crate) api_key: String,
    /// What the key says; shown once.
    pub(crate) api_secret: String,
    pub(crate) stamp: String,
    pub(crate) reward: String,
    pub(crate) campaign: String,
    /// What the API says that it answers.
    pub(crate) document: Document,
}

impl Scene {
    pub(crate) async fn set(world: &World) -> Self {
        let shop = Shop::open(world).await;
        let till = Till::open(&shop).await;
        let (ana, eva) = (shop.enroll("Ana Flores").await, shop.enroll("Eva Ríos").await);
        let ten = json!({ "code": ana.code, "count": 10 });
        let stamped = till.post("/stamps").key(key()).json(&ten).send().await.ok(201);
        let location = shop.post("/locations").json(&json!({ "name": "Centro" })).send().await.ok(201);
        let api_key =
            shop.post("/api-keys").json(&json!({ "name": "Caja registradora" })).send().await.ok(201);
        let campaign = shop.post("/campaigns").key(key()).json(&campaign()).send().await.ok(201);
        let word = |value: &Value| value.as_str().expect("a text").to_owned();
        Self {
            campaign: word(&campaign["campaign_id"]),
            location: word(&location["id"]),
            api_key: word(&api_key["id"]),
            api_secret: word(&api_key["secret"]),
            stamp: word(&stamped["stamp_id"]),
            reward: word(&stamped["rewards_unlocked"][0]["id"]),
            document: Document::of(&shop.api).await,
            shop,
            till,
            ana,
            eva,
        }
    }

    /// The endpoint with this shop's own things named in path and body.
    pub(crate) fn call(&self, method: &str, path: &str) -> Call {
        let id = match path.split('/').nth(3).unwrap_or_default() {
            "members" => &self.till.member,
            "locations" => &self.location,
            "devices" => &self.till.device,
            "api-keys" => &self.api_key,
            "programs" => &self.shop.program,
            "cards" => &self.ana.card,
            "stamps" => &self.stamp,
            "rewards" => &self.reward,
            "campaigns" => &self.campaign,
            _ => &self.ana.id,
        };
        let mut path = path.replace("{id}", id).replace("{slug}", &self.shop.slug);
        path = path.replace("{subscription}", &self.ana.id);
        if path.contains("/analytics/") {
            path.push_str("?from=2026-01-01&to=2026-01-31");
        }
        if path.ends_with("/pass-art") {
            path.push_str(
                "?kind=strip&ink=%238a3b12&paper=%23fbf4e6&stamp_shape=cup&stamps=4&stamps_required=10",
            );
        }
        let method_ = method.parse::<Method>().expect("a method");
        let call = self.shop.api.call(method_, &format!("/{path}")).key(key());
        match self.body(method, &path) {
            Some(Value::String(logo)) if path.ends_with("/logo") => call.bytes("image/svg+xml", logo),
            Some(Value::String(csv)) => call.bytes("text/csv", csv),
            Some(body) => call.json(&body),
            None => call,
        }
    }

    fn body(&self, method: &str, path: &str) -> Option<Value> {
        let (shop, ana) = (&self.shop, &self.ana);
        let body = match (method, path.strip_prefix("/api/v1")?) {
            (_, "/audiences/preview") => json!({ "audience": { "all": [] } }),
            ("POST", "/campaigns") => campaign(),
            ("PATCH", path) if path.starts_with("/campaigns/") => json!({ "name": "Mallory" }),
            ("POST", path) if path.starts_with("/inbox/") => json!({ "text": "Hola" }),
            ("PATCH", "/messaging") => json!({ "daily_budget_cents": 1, "monthly_budget_cents": 1 }),
            (_, "/auth/signup") => json!({
                "business": { "name": "Otro", "slug": shop.slug },
                "owner": { "name": "Eva", "email": "eva@otro.pe", "password": "una clave larga" },
            }),
            (_, "/auth/login") => json!({ "email": shop.email, "password": "otra clave larga" }),
            (_, "/auth/refresh") => json!({ "refresh_token": "x" }),
            (_, "/auth/pin") => json!({ "device_token": "x", "member_id": self.till.member, "pin": "0000" }),
            (_, "/auth/recover") => json!({ "email": shop.email }),
            ("PATCH", "/business") => json!({ "name": "Mallory" }),
            ("POST", "/locations") => json!({ "name": "Mallory" }),
            ("PUT", path) if path.ends_with("/logo") => LOGO.into(),
            ("PUT", path) if path.ends_with("/push") => subscription(),
            ("POST", "/members") => {
                json!({ "name": "Mallory", "role": "stamper", "pin": "1234", "location_id": self.location })
            }
            ("POST", "/devices") => json!({ "location_id": self.location }),
            (_, "/devices/pair") => json!({ "pairing_code": "AAAAAAAA", "name": "Mallory" }),
            ("POST", "/api-keys") => json!({ "name": "Mallory" }),
            ("POST", "/programs") => {
                json!({ "name": "Mallory", "stamps_required": 3, "rewards": [{ "at": 3, "title": "Todo" }] })
            }
            (_, "/enrollments") => shop.form("Mallory", &ana.phone),
            (_, "/cards/link") => json!({ "link_token": "x" }),
            (_, "/scans") => json!({ "code": ana.code }),
            (_, "/stamps") => json!({ "card_id": ana.card }),
            (_, "/stamps/batch") => self.till.batch(&[Queued::now(&ana.code)]),
            (_, "/customers/import") => "name,phone,stamps\nMallory,987654321,5\n".into(),
            ("PATCH", path) if path.starts_with("/locations/") => json!({ "name": "Mallory" }),
            ("PATCH", path) if path.starts_with("/members/") => json!({ "role": "owner" }),
            ("PATCH", path) if path.starts_with("/programs/") => json!({ "stamps_required": 1 }),
            ("PATCH", path) if path.starts_with("/customers/") => json!({ "name": "Mallory" }),
            (_, path) if path.ends_with("/merge") => json!({ "from_customer_id": self.eva.id }),
            _ => return None,
        };
        Some(body)
    }

    /// Everything that a neighbour must not have changed.
    pub(crate) async fn state(&self) -> Value {
        let mut state = json!(self.shop.everything().await);
        state["ledger"] = json!([self.shop.ledger(&self.ana.id).await, self.shop.ledger(&self.eva.id).await]);
        let campaign = self.shop.get(&format!("/campaigns/{}", self.campaign)).send().await.ok(200);
        state["campaign"] = json!([campaign["name"], campaign["status"]]);
        state["card"] = self.shop.card_as_it_stands(&self.ana).await;
        state
    }

    /// What is this shop's, and must be told to nobody else.
    pub(crate) fn secrets(&self) -> [&str; 16] {
        [
            &self.shop.id,
            &self.shop.owner_id,
            &self.shop.program,
            &self.till.member,
            &self.till.device,
            &self.ana.id,
            &self.ana.card,
            &self.ana.code,
            &self.ana.phone,
            &self.eva.id,
            &self.location,
            &self.api_key,
            &self.stamp,
            &self.reward,
            &self.campaign,
            &self.eva.card,
        ]
    }

    /// Asks every endpoint as `who`; `wrong` says what is wrong about an answer.
    pub(crate) async fn ask_all(
        &self,
        who: &str,
        with: impl Fn(Call) -> Call,
        wrong: impl Fn(For, &str, &Answer) -> Option<&'static str>,
    ) {
        let mut faults = Vec::new();
        for (method, path, group, foreign) in ENDPOINTS {
            let answer = with(self.call(method, path)).send().await;
            if answer.status() >= 400 {
                answer.problem();
            }
            if let Some(fault) = wrong(*group, foreign, &answer) {
                faults.push(format!("{answer}\n    {fault}"));
            }
            let fault = self.document.fault(method, path, &answer);
            faults.extend(fault.map(|fault| format!("{answer}\n    {fault}")));
        }
        assert!(faults.is_empty(), "{who}: {} faults\n{}", faults.len(), faults.join("\n"));
    }
}
