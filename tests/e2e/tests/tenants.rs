//! Tenants never meet: every endpoint of the API with every kind of wrong token, and the roles behind it.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed, and says where")]

use std::collections::{BTreeMap, BTreeSet};

use aws_lc_rs::signature::Ed25519KeyPair;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::Utc;
use e2e::{Answer, Call, Customer, Document, Queued, Shop, Till, World, key, shared, soon};
use futures::StreamExt;
use reqwest::Method;
use serde_json::{Value, json};
use sqlx::postgres::PgConnectOptions;
use sqlx::{Connection, PgConnection, Row};

/// Who an endpoint is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum For {
    /// Anybody at all.
    Everyone,
    /// Whoever shows a token of any kind.
    Callers,
    /// Any member of the business.
    Members,
    /// Any member of the business, and the card's own holder.
    MembersAndHolder,
    /// Managers and owners, and the card's own holder.
    ManagersAndHolder,
    /// Managers and owners.
    Managers,
    /// Owners.
    Owners,
    /// A paired till before anyone signed in.
    Tills,
    /// Whoever asks for a WebSocket; its first frame says who.
    Sockets,
    /// Whoever signs as Twilio does; no token of ours opens it.
    Twilio,
}

use For::{
    Callers, Everyone, Managers, ManagersAndHolder, Members, MembersAndHolder, Owners, Sockets, Tills, Twilio,
};

/// One endpoint: whom it is for, and what another business's owner is told who names what is this business's.
/// `2xx` for those that name nothing: they answer about her own.
const ENDPOINTS: &[(&str, &str, For, &str)] = &[
    ("POST", "/api/v1/auth/signup", Everyone, "409"),
    ("POST", "/api/v1/auth/login", Everyone, "401"),
    ("POST", "/api/v1/auth/refresh", Everyone, "401"),
    ("POST", "/api/v1/auth/pin", Everyone, "401"),
    ("POST", "/api/v1/auth/logout", Callers, "2xx"),
    ("POST", "/api/v1/auth/recover", Everyone, "202"),
    ("GET", "/api/v1/me", Members, "2xx"),
    ("GET", "/api/v1/till", Tills, "401"),
    ("GET", "/api/v1/business", MembersAndHolder, "2xx"),
    ("PATCH", "/api/v1/business", Owners, "2xx"),
    ("GET", "/api/v1/locations", Members, "2xx"),
    ("POST", "/api/v1/locations", Managers, "2xx"),
    ("PATCH", "/api/v1/locations/{id}", Managers, "404"),
    ("GET", "/api/v1/members", Managers, "2xx"),
    ("POST", "/api/v1/members", Managers, "404"),
    ("PATCH", "/api/v1/members/{id}", Managers, "404"),
    ("DELETE", "/api/v1/members/{id}", Managers, "404"),
    ("GET", "/api/v1/devices", Managers, "2xx"),
    ("POST", "/api/v1/devices", Managers, "404"),
    ("POST", "/api/v1/devices/pair", Everyone, "404"),
    ("DELETE", "/api/v1/devices/{id}", Managers, "404"),
    ("GET", "/api/v1/api-keys", Owners, "2xx"),
    ("POST", "/api/v1/api-keys", Owners, "2xx"),
    ("DELETE", "/api/v1/api-keys/{id}", Owners, "404"),
    ("GET", "/api/v1/audit", Managers, "2xx"),
    ("GET", "/api/v1/programs", Members, "2xx"),
    ("POST", "/api/v1/programs", Managers, "2xx"),
    ("GET", "/api/v1/programs/{id}", Members, "404"),
    ("PATCH", "/api/v1/programs/{id}", Managers, "404"),
    ("PUT", "/api/v1/programs/{id}/logo", Managers, "404"),
    ("DELETE", "/api/v1/programs/{id}/logo", Managers, "404"),
    ("GET", "/api/v1/pass-art", Managers, "2xx"),
    ("GET", "/api/v1/deliveries", Managers, "2xx"),
    ("POST", "/api/v1/deliveries/{id}/retry", Managers, "404"),
    ("POST", "/api/v1/deliveries/retry", Managers, "2xx"),
    ("GET", "/api/v1/wallets", Managers, "2xx"),
    ("GET", "/api/v1/join/{slug}", Everyone, "200"),
    ("POST", "/api/v1/enrollments", Everyone, "401"),
    ("GET", "/api/v1/cards/{id}", MembersAndHolder, "404"),
    ("POST", "/api/v1/cards/link", Everyone, "404"),
    ("POST", "/api/v1/cards/{id}/rotate-code", ManagersAndHolder, "404"),
    ("GET", "/api/v1/cards/{id}/live", Sockets, "400"),
    ("POST", "/api/v1/scans", Members, "422"),
    ("POST", "/api/v1/stamps", Members, "404"),
    ("POST", "/api/v1/stamps/batch", Members, "403"),
    ("POST", "/api/v1/stamps/{id}/void", Members, "404"),
    ("POST", "/api/v1/rewards/{id}/redeem", Members, "404"),
    ("POST", "/api/v1/rewards/{id}/unredeem", Members, "404"),
    ("GET", "/api/v1/customers", Members, "2xx"),
    ("GET", "/api/v1/customers/{id}", Members, "404"),
    ("PATCH", "/api/v1/customers/{id}", Managers, "404"),
    ("DELETE", "/api/v1/customers/{id}", Managers, "404"),
    ("GET", "/api/v1/customers/{id}/ledger", Managers, "404"),
    ("GET", "/api/v1/customers/{id}/export", Managers, "404"),
    ("POST", "/api/v1/customers/{id}/merge", Managers, "404"),
    ("POST", "/api/v1/customers/{id}/link", Members, "404"),
    ("POST", "/api/v1/customers/import", Managers, "2xx"),
    ("GET", "/api/v1/customers/export", Managers, "2xx"),
    ("GET", "/api/v1/dashboard", Managers, "2xx"),
    ("GET", "/api/v1/poster.pdf", Members, "2xx"),
    ("GET", "/api/v1/poster.png", Members, "2xx"),
    ("GET", "/api/v1/poster.svg", Members, "2xx"),
    ("GET", "/api/v1/analytics/overview", Managers, "2xx"),
    ("GET", "/api/v1/analytics/heatmap", Managers, "2xx"),
    ("GET", "/api/v1/analytics/members", Managers, "2xx"),
    ("GET", "/api/v1/live", Sockets, "400"),
    ("POST", "/api/v1/audiences/preview", Managers, "2xx"),
    ("GET", "/api/v1/campaigns", Managers, "2xx"),
    ("POST", "/api/v1/campaigns", Managers, "2xx"),
    ("GET", "/api/v1/campaigns/{id}", Managers, "404"),
    ("PATCH", "/api/v1/campaigns/{id}", Managers, "404"),
    ("POST", "/api/v1/campaigns/{id}/launch", Managers, "404"),
    ("POST", "/api/v1/campaigns/{id}/pause", Managers, "404"),
    ("POST", "/api/v1/campaigns/{id}/resume", Managers, "404"),
    ("POST", "/api/v1/campaigns/{id}/cancel", Managers, "404"),
    ("GET", "/api/v1/campaigns/{id}/results", Managers, "404"),
    ("GET", "/api/v1/automations", Managers, "2xx"),
    ("GET", "/api/v1/templates", Managers, "2xx"),
    ("GET", "/api/v1/messages", Managers, "2xx"),
    ("GET", "/api/v1/inbox", Managers, "2xx"),
    ("GET", "/api/v1/inbox/{id}", Managers, "404"),
    ("POST", "/api/v1/inbox/{id}", Managers, "404"),
    ("GET", "/api/v1/messaging", Managers, "2xx"),
    ("PATCH", "/api/v1/messaging", Owners, "422"),
    ("POST", "/webhooks/twilio/status", Twilio, "403"),
    ("POST", "/webhooks/twilio/inbound", Twilio, "403"),
];

/// A picture that can be put on a pass.
const LOGO: &str = r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 80 80"><rect width="80" height="80" fill="#123456"/></svg>"##;

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
struct Scene {
    shop: Shop,
    till: Till,
    ana: Customer,
    eva: Customer,
    location: String,
    api_key: String,
    stamp: String,
    reward: String,
    campaign: String,
    /// What the API says that it answers.
    document: Document,
}

impl Scene {
    async fn set(world: &World) -> Self {
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
    fn call(&self, method: &str, path: &str) -> Call {
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
    async fn state(&self) -> Value {
        let mut state = json!(self.shop.everything().await);
        state["ledger"] = json!([self.shop.ledger(&self.ana.id).await, self.shop.ledger(&self.eva.id).await]);
        state["card"] = self.shop.card_as_it_stands(&self.ana).await;
        state
    }

    /// Asks every endpoint as `who`; `wrong` says what is wrong about an answer.
    async fn ask_all(
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

fn must(condition: bool, fault: &'static str) -> Option<&'static str> {
    (!condition).then_some(fault)
}

#[tokio::test]
async fn the_table_of_endpoints_is_the_documents() {
    let world = shared();
    let document = Document::of(&world.api()).await;
    let documented: BTreeSet<(String, String)> =
        document.endpoints().into_iter().map(|endpoint| (endpoint.method, endpoint.path)).collect();
    let tested: BTreeSet<(String, String)> =
        ENDPOINTS.iter().map(|(method, path, ..)| ((*method).to_owned(), (*path).to_owned())).collect();
    let untested: Vec<_> = documented.difference(&tested).collect();
    let undocumented: Vec<_> = tested.difference(&documented).collect();
    assert!(untested.is_empty(), "endpoints that no test asks with a wrong token: {untested:?}");
    assert!(undocumented.is_empty(), "endpoints that the document does not name: {undocumented:?}");
}

#[tokio::test]
async fn without_a_token_nothing_answers_but_what_is_public() {
    let scene = Scene::set(&shared()).await;
    let before = scene.state().await;
    let judge = |group, _: &str, answer: &Answer| match group {
        Everyone => must(answer.status() != 403, "is public"),
        Sockets => must(answer.status() == 400, "is no WebSocket"),
        Twilio => must(answer.status() == 403, "is not signed"),
        _ => must(answer.status() == 401, "should be 401"),
    };
    scene.ask_all("nobody", |call| call, judge).await;
    assert_eq!(scene.state().await, before);
}

#[tokio::test]
async fn a_token_that_is_garbage_or_has_ended_is_as_good_as_none() {
    let world = shared();
    let scene = Scene::set(&world).await;
    let before = scene.state().await;
    let ended =
        resigned(&world, &scene.shop.access, |claims| claims["exp"] = (Utc::now().timestamp() - 1).into())
            .await;
    let foreign = resigned(&world, &scene.shop.access, |claims| claims["iss"] = "another".into()).await;
    let elsewhere = resigned(&world, &scene.shop.access, |claims| claims["aud"] = "another".into()).await;
    // The same hand makes good tokens too: it is what they say that is refused.
    let good = resigned(&world, &scene.shop.access, |_| ()).await;
    scene.shop.api.get("/me").bearer(&good).send().await.ok(200);
    let judge = |group, _: &str, answer: &Answer| match group {
        Everyone => must(answer.status() != 403, "is public"),
        Sockets => must(answer.status() == 400, "is no WebSocket"),
        Twilio => must(answer.status() == 403, "is not signed"),
        _ => must(answer.status() == 401, "should be 401"),
    };
    for (who, token) in
        [("garbage", "x.y.z"), ("ended", &ended), ("of another issuer", &foreign), ("for others", &elsewhere)]
    {
        scene.ask_all(who, |call| call.bearer(token), judge).await;
    }
    assert_eq!(scene.state().await, before);
}

#[tokio::test]
async fn another_businesss_owner_finds_nothing_and_changes_nothing() {
    let world = shared();
    let scene = Scene::set(&world).await;
    let other = Shop::open(&world).await;
    let before = scene.state().await;
    let judge = |_, foreign: &str, answer: &Answer| match foreign {
        "2xx" => must(answer.status() / 100 == 2, "should be about her own business"),
        status => must(answer.status().to_string() == status, "is not what a neighbour is told"),
    };
    let ours = [
        scene.shop.id.as_str(),
        &scene.shop.owner_id,
        &scene.shop.program,
        &scene.till.member,
        &scene.till.device,
        &scene.ana.id,
        &scene.ana.card,
        &scene.ana.code,
        &scene.ana.phone,
        &scene.eva.id,
        &scene.location,
        &scene.api_key,
        &scene.stamp,
        &scene.reward,
    ];
    let sees_ours = |group, foreign: &str, answer: &Answer| {
        let leaks = group != Everyone && ours.iter().any(|id| answer.text().contains(id));
        judge(group, foreign, answer).or(must(!leaks, "tells what is another business's"))
    };
    let access = fresh(&other).await;
    scene.ask_all("a neighbour", |call| call.bearer(&access), sees_ours).await;
    assert_eq!(scene.state().await, before);

    // A reward and a scan of the neighbour's are no way in either.
    let scan = scene.till.scan(&scene.ana.code).await;
    let stamp = json!({ "scan_id": scan["scan_id"] });
    other.post("/stamps").key(key()).json(&stamp).send().await.refused(409, "scan-expired");
    let merge = json!({ "from_customer_id": scene.ana.id });
    let sol = other.enroll("Sol Vega").await;
    other.post(&format!("/customers/{}/merge", sol.id)).json(&merge).send().await.refused(404, "not-found");
    let link = json!({ "card_id": scene.ana.card });
    other.post(&format!("/customers/{}/link", sol.id)).json(&link).send().await.refused(404, "not-found");
    assert_eq!(scene.state().await, before);
}

#[tokio::test]
async fn the_owner_is_answered_in_the_shapes_that_the_document_promises() {
    let scene = Scene::set(&shared()).await;
    let access = fresh(&scene.shop).await;
    scene
        .ask_all(
            "the owner",
            |call| call.bearer(&access),
            |_, _, answer| must(answer.status() < 500, "is our fault"),
        )
        .await;
}

#[tokio::test]
async fn a_stamper_stamps_and_neither_manages_nor_owns() {
    let scene = Scene::set(&shared()).await;
    let before = scene.state().await;
    let judge = |group, _: &str, answer: &Answer| match group {
        Managers | ManagersAndHolder | Owners => must(answer.status() == 403, "should be 403"),
        Members | MembersAndHolder => must(!matches!(answer.status(), 401 | 403), "is what stampers are for"),
        Tills => must(answer.status() == 401, "takes a till's own token"),
        Sockets => must(answer.status() == 400, "is no WebSocket"),
        Twilio => must(answer.status() == 403, "is not signed"),
        Callers | Everyone => None,
    };
    // Signing herself out is no test of the rest.
    let access = scene.till.access.clone();
    scene.ask_all("a stamper", |call| call.bearer(&access), judge).await;
    let mut after = scene.state().await;
    // She has stamped, as she may: nothing else is different.
    for part in ["ledger", "card", "/customers?limit=200"] {
        after[part] = before[part].clone();
    }
    assert_eq!(after, before);
}

#[tokio::test]
async fn a_customers_phone_opens_her_card_and_nothing_of_the_shop() {
    let scene = Scene::set(&shared()).await;
    let before = scene.state().await;
    let judge = |group, _: &str, answer: &Answer| match group {
        Members | Managers | Owners => must(matches!(answer.status(), 401 | 403 | 404), "is the shop's"),
        Tills => must(answer.status() == 401, "takes a till's own token"),
        MembersAndHolder | ManagersAndHolder | Callers | Everyone | Sockets => None,
        Twilio => must(answer.status() == 403, "is not signed"),
    };
    // Eva's phone names what is Ana's.
    scene.ask_all("a customer", |call| call.card(&scene.eva.holder_token), judge).await;
    assert_eq!(scene.state().await, before);
}

#[tokio::test]
async fn a_shops_own_system_does_what_a_manager_does_and_no_more() {
    let world = shared();
    let (shop, other) = (Shop::open(&world).await, Shop::open(&world).await);
    let (ana, sol) = (shop.enroll("Ana Flores").await, other.enroll("Sol Vega").await);
    let made = shop.post("/api-keys").json(&json!({ "name": "Caja registradora" })).send().await.ok(201);
    let secret = made["secret"].as_str().unwrap();
    let by_key = |call: Call| call.authorization("ApiKey", secret).send();
    let stamp = |card: &str| shop.api.post("/stamps").key(key()).json(&json!({ "card_id": card }));
    by_key(stamp(&ana.card)).await.ok(201);
    by_key(stamp(&sol.card)).await.refused(404, "not-found");
    by_key(shop.api.get("/business")).await.ok(200);
    by_key(shop.api.get("/customers")).await.ok(200);
    for owners in ["/api-keys", "/me"] {
        by_key(shop.api.get(owners)).await.refused(403, "forbidden");
    }
    assert_eq!(shop.ledger(&ana.id).await[0]["via"], "api");
    let listed = shop.get("/api-keys").send().await.ok(200).to_string();
    assert!(!listed.contains(secret), "a key's secret is shown once");
}

#[tokio::test]
async fn the_role_of_one_schema_can_touch_no_other() {
    let world = shared();
    Shop::open(&world).await;
    let mut admin = world.database().await;
    let mut tables: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let rows =
        sqlx::query("select schemaname, tablename from pg_tables where schemaname !~ '^(pg_|information_)'");
    for row in rows.fetch_all(&mut admin).await.unwrap() {
        tables.entry(row.get("schemaname")).or_default().push(row.get("tablename"));
    }
    let services: Vec<String> = tables.keys().cloned().collect();
    let all = ["analytics", "campaign", "enrollment", "messaging", "stamping", "wallet_pass"];
    assert_eq!(services, all);
    for service in &services {
        let mut own = as_role(&world, service).await;
        for (schema, names) in &tables {
            for table in names {
                let tried = sqlx::query(sqlx::AssertSqlSafe(format!("select from {schema}.{table} limit 1")))
                    .execute(&mut own)
                    .await;
                assert_eq!(tried.is_ok(), schema == service, "{service} reading {schema}.{table}: {tried:?}");
            }
        }
        for beyond in [
            "create schema mine",
            "create table public.mine (a int)",
            "create role other",
            "set role postgres",
        ] {
            let tried = sqlx::query(beyond).execute(&mut own).await;
            assert!(tried.is_err(), "{service} may `{beyond}`");
        }
    }
}

#[tokio::test]
async fn a_service_publishes_its_own_facts_and_nobody_elses() {
    let world = shared();
    let shop = Shop::open(&world).await;
    for (service, event, may) in [
        ("analytics", "stamping.stamp_added", false),
        ("gateway", "enrollment.customer_enrolled", false),
        ("enrollment", "stamping.stamp_added", false),
        ("enrollment", "enrollment.nothing_really", true),
    ] {
        let password = world.secrets()["services"][service]["nats"].as_str().unwrap().to_owned();
        let (told, mut hears) = futures::channel::mpsc::unbounded();
        let options = async_nats::ConnectOptions::with_user_and_password(service.to_owned(), password);
        let options = options.event_callback(move |event| {
            let _ = told.unbounded_send(event.to_string());
            async {}
        });
        let client = options.connect(world.nats_url()).await.unwrap();
        client.publish(format!("sello.v1.{}.{event}", shop.id), "x".into()).await.unwrap();
        client.flush().await.unwrap();
        // What the server thinks of it has come by the time it answers the next question.
        let refused = soon("the broker's word", async || {
            let _ = client.flush().await;
            let heard = tokio::time::timeout(std::time::Duration::from_secs(1), hears.next()).await;
            match heard {
                Ok(Some(said)) if said.to_lowercase().contains("permissions violation") => Some(true),
                Ok(Some(_)) => None,
                Ok(None) | Err(_) => Some(false),
            }
        })
        .await;
        assert_eq!(refused, !may, "{service} publishing {event}");
    }
    world.verify().await;
}

async fn as_role(world: &World, service: &str) -> PgConnection {
    let password = world.secrets()["services"][service]["postgres"].as_str().unwrap().to_owned();
    let options: PgConnectOptions = world.postgres_url().parse().unwrap();
    let options = options.username(&format!("sello_{service}")).password(&password);
    PgConnection::connect_with(&options).await.unwrap()
}

/// A token of a session of its own: the table signs it out.
async fn fresh(shop: &Shop) -> String {
    shop.sign_in(&shop.email).await
}

/// The same token saying something else, signed by the platform's own key.
async fn resigned(world: &World, token: &str, change: impl FnOnce(&mut Value)) -> String {
    let mut parts = token.split('.');
    let (head, claims) = (parts.next().unwrap(), parts.next().unwrap());
    let mut claims: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(claims).unwrap()).unwrap();
    change(&mut claims);
    let kid: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(head).unwrap()).unwrap();
    let mut database = world.database().await;
    let key: Vec<u8> = sqlx::query_scalar("select private_key from enrollment.signing_key where key_id = $1")
        .bind(kid["kid"].as_str().unwrap())
        .fetch_one(&mut database)
        .await
        .unwrap();
    let signed = format!("{head}.{}", URL_SAFE_NO_PAD.encode(claims.to_string()));
    let pair = Ed25519KeyPair::from_pkcs8(&key).unwrap();
    format!("{signed}.{}", URL_SAFE_NO_PAD.encode(pair.sign(signed.as_bytes()).as_ref()))
}
