use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU32, Ordering};

use serde_json::{Value, json};
use uuid::Uuid;

use crate::{Answer, Api, Call, Socket, World, soon};

/// The password of every owner.
pub const PASSWORD: &str = "una clave larga";

/// A business with its owner signed in.
pub struct Shop {
    /// The way to the platform.
    pub api: Api,
    /// Its id.
    pub id: String,
    /// The word in its join address.
    pub slug: String,
    /// The owner's address.
    pub email: String,
    /// The owner.
    pub owner_id: String,
    /// The owner's access token.
    pub access: String,
    /// The owner's refresh token.
    pub refresh: String,
    /// Her eight one-use codes.
    pub recovery_codes: Vec<String>,
    /// The program that new customers join; empty before there is one.
    pub program: String,
}

/// A customer with her card on her phone.
#[derive(Clone, Debug)]
pub struct Customer {
    /// She.
    pub id: String,
    /// Her card.
    pub card: String,
    /// What it shows to be scanned.
    pub code: String,
    /// What her phone opens it with.
    pub holder_token: String,
    /// Her number.
    pub phone: String,
}

/// A number that no other customer of this test process has.
pub fn phone() -> String {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    format!("+519{:08}", 10_000_000 + NEXT.fetch_add(1, Ordering::Relaxed))
}

/// A figure of a panel's first screen since its shop is there. That is minutes: what came before a midnight is yesterday's.
pub fn so_far(dashboard: &Value, figure: &str) -> i64 {
    ["today", "yesterday"].iter().filter_map(|day| dashboard[day][figure].as_i64()).sum()
}

impl Shop {
    /// A shop with a program of ten stamps that sets no limits worth speaking of.
    pub async fn open(world: &World) -> Self {
        Self::with_rules(world, json!({ "max_per_visit": 20, "min_minutes_between": 0, "max_per_day": 0 }))
            .await
    }

    /// A shop with a program of ten stamps and these rules.
    pub async fn with_rules(world: &World, rules: Value) -> Self {
        let mut shop = Self::sign_up(world).await;
        let program = shop
            .post("/programs")
            .json(&json!({
                "name": "Café de la casa", "stamps_required": 10,
                "rewards": [{ "at": 10, "title": "Un café gratis", "cost_cents": 450 }],
                "rules": rules,
            }))
            .answered()
            .await
            .ok(201);
        shop.program = id(&program["id"]);
        shop
    }

    /// A shop that has just signed up: no program yet.
    pub async fn sign_up(world: &World) -> Self {
        let api = world.api();
        let word = Uuid::now_v7().simple().to_string();
        let (slug, email) = (format!("cafe-{}", &word[16..]), format!("{word}@cafe.pe"));
        let signed_up = api
            .post("/auth/signup")
            .json(&json!({
                "business": { "name": "Café Ñusta", "slug": slug },
                "owner": { "name": "Rosa Quispe", "email": email, "password": PASSWORD },
            }))
            .answered()
            .await
            .ok(201);
        let codes = signed_up["recovery_codes"].as_array().expect("recovery codes");
        Self {
            id: id(&signed_up["business"]["id"]),
            owner_id: id(&signed_up["member"]["id"]),
            access: id(&signed_up["access_token"]),
            refresh: id(&signed_up["refresh_token"]),
            recovery_codes: codes.iter().map(id).collect(),
            program: String::new(),
            api,
            slug,
            email,
        }
    }

    /// The owner asks.
    pub fn get(&self, path: &str) -> Call {
        self.api.get(path).bearer(&self.access)
    }

    /// The owner does.
    pub fn post(&self, path: &str) -> Call {
        self.api.post(path).bearer(&self.access)
    }

    /// The owner changes.
    pub fn patch(&self, path: &str) -> Call {
        self.api.patch(path).bearer(&self.access)
    }

    /// The owner removes.
    pub fn delete(&self, path: &str) -> Call {
        self.api.delete(path).bearer(&self.access)
    }

    /// What a stranger sends to join this shop.
    pub fn form(&self, name: &str, phone: &str) -> Value {
        json!({
            "slug": self.slug, "name": name, "phone": phone, "age_ok": true,
            "consents": { "program": true, "marketing": false },
        })
    }

    /// A stranger joins with a number of her own.
    pub async fn enroll(&self, name: &str) -> Customer {
        let phone = phone();
        let form = self.form(name, &phone);
        let joined = self.api.post("/enrollments").json(&form).answered().await.ok(201);
        let (id_, card) = (id(&joined["customer_id"]), id(&joined["card"]["id"]));
        let holder_token = id(&joined["card"]["holder_token"]);
        // Where stamping was away for a moment, the card's page has the code as soon as it is back.
        let code = match joined["card"]["code"].as_str() {
            Some(code) => code.to_owned(),
            None => soon("the code of a card", async || self.code_of(&card, &holder_token).await).await,
        };
        Customer { id: id_, card, code, holder_token, phone }
    }

    async fn code_of(&self, card: &str, holder_token: &str) -> Option<String> {
        let page = self.api.get(&format!("/cards/{card}")).card(holder_token).answered().await;
        (page.status() == 200).then(|| id(&page.json()["code"]))
    }

    /// The owner stamps a card from her panel.
    pub fn stamp(&self, card: &str, key: Uuid) -> Call {
        self.post("/stamps").key(key).json(&json!({ "card_id": card }))
    }

    /// Adds a member with a PIN, or with an address and [`PASSWORD`]; returns her id and her address.
    pub async fn hire(&self, role: &str, pin: Option<&str>) -> (String, String) {
        let email = format!("{}@cafe.pe", Uuid::now_v7().simple());
        let mut member = json!({ "name": "Luz Mamani", "role": role });
        match pin {
            Some(pin) => member["pin"] = pin.into(),
            None => {
                member["email"] = email.clone().into();
                member["password"] = PASSWORD.into();
            }
        }
        let member = self.post("/members").json(&member).answered().await.ok(201);
        (id(&member["id"]), email)
    }

    /// Signs a member in on the panel; returns her access token.
    pub async fn sign_in(&self, email: &str) -> String {
        let form = json!({ "email": email, "password": PASSWORD });
        id(&self.api.post("/auth/login").json(&form).answered().await.ok(200)["access_token"])
    }

    /// A card as its holder sees it.
    pub async fn card_page(&self, customer: &Customer) -> Value {
        self.api.get(&format!("/cards/{}", customer.card)).card(&customer.holder_token).send().await.ok(200)
    }

    /// The same without the server's clock, which goes on: to be compared before and after.
    pub async fn card_as_it_stands(&self, customer: &Customer) -> Value {
        let mut page = self.card_page(customer).await;
        page["as_of"] = Value::Null;
        page
    }

    /// Everything that ever happened on a customer's cards, oldest first, page by page.
    pub async fn ledger(&self, customer: &str) -> Vec<Value> {
        let (mut entries, mut cursor) = (Vec::new(), String::new());
        loop {
            let path = match cursor.as_str() {
                "" => format!("/customers/{customer}/ledger?limit=100"),
                cursor => format!("/customers/{customer}/ledger?limit=100&cursor={cursor}"),
            };
            let page = self.get(&path).answered().await.ok(200);
            entries.extend(page["items"].as_array().expect("entries").iter().cloned());
            match page["next_cursor"].as_str() {
                Some(next) => next.clone_into(&mut cursor),
                None => break,
            }
        }
        entries.reverse();
        entries
    }

    /// The panel's first screen.
    pub async fn dashboard(&self) -> Value {
        self.get("/dashboard").answered().await.ok(200)
    }

    /// A figure of the panel's first screen since the shop is there.
    pub async fn so_far(&self, figure: &str) -> i64 {
        so_far(&self.dashboard().await, figure)
    }

    /// Waits until a figure of the panel's first screen is this.
    pub async fn today(&self, figure: &str, value: i64) {
        let what = format!("{figure} of today to be {value}");
        soon(&what, async || (self.so_far(figure).await == value).then_some(())).await;
    }

    /// The owner's live socket.
    pub async fn live(&self, world: &World) -> Socket {
        Socket::panel(world, &self.access, None).await
    }

    /// The owner's live socket, once it shows that so many customers have joined: nothing of that is heard after its snapshot.
    pub async fn live_after_joining(&self, world: &World, customers: usize) -> Socket {
        soon("a panel that shows who has joined", async || {
            let mut panel = self.live(world).await;
            let recent = panel.next_of("snapshot").await["recent"].take();
            // The last that either service tells of it.
            let are_told = ["consent_changed", "card_opened"].iter().all(|name| {
                let told =
                    recent.as_array().into_iter().flatten().filter(|frame| frame["event"]["name"] == *name);
                told.count() >= customers
            });
            are_told.then_some(panel)
        })
        .await
    }

    /// All that the owner can read of her shop, to be compared before and after.
    pub async fn everything(&self) -> BTreeMap<&'static str, Value> {
        let mut all = BTreeMap::new();
        for path in [
            "/business",
            "/members",
            "/locations",
            "/programs?include_inactive=true",
            "/customers?limit=200",
            "/api-keys",
        ] {
            all.insert(path, self.get(path).answered().await.ok(200));
        }
        let devices: Answer = self.get("/devices").answered().await;
        let mut devices = devices.ok(200);
        for device in devices["items"].as_array_mut().expect("devices") {
            device["last_seen_at"] = Value::Null;
        }
        all.insert("/devices", devices);
        all
    }
}

/// A text that must be there.
#[track_caller]
fn id(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("expected a text, got {value}")).to_owned()
}
