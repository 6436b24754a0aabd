//! Whatever is typed anywhere: an answer that the document names, in the shape that it names, and never our fault.

use std::collections::BTreeMap;

use e2e::{Answer, Call, Customer, Document, Endpoint, Shop, Till, key, shared};
use futures::{StreamExt, stream};
use reqwest::Method;
use serde_json::{Value, json};

/// Requests on their way at the same time.
const AT_ONCE: usize = 8;

/// What nobody expects in a field.
fn oddities() -> Vec<Value> {
    let mut odd = vec![
        Value::Null,
        json!(true),
        json!(0),
        json!(-1),
        json!(10_000),
        json!(i32::MIN),
        json!(i64::MAX),
        json!(u64::MAX),
        json!(0.1),
        json!(1e300),
        json!([]),
        json!({}),
        json!([[[]]]),
        json!({ "": null }),
    ];
    let texts = [
        "",
        " ",
        "0",
        "-1",
        "null",
        "texto",
        "\u{0}",
        "\u{7f}",
        "\u{202e}",
        "\u{feff}",
        "😀",
        "ß",
        "İ",
        "e\u{301}\u{301}\u{301}",
        "' or 1=1 --",
        "\"; drop table x; --",
        "<script>alert(1)</script>",
        "../../../etc/passwd",
        "%00%ff",
        "${7*7}",
        "{{7*7}}",
        "=cmd()",
        "a@b.pe",
        "+51987654321",
        "#ffffff",
        "2026-02-30",
        "9999-12-31",
        "0001-01-01T00:00:00Z",
        "America/Lima",
        "00000000-0000-0000-0000-000000000000",
        "owner",
        "earn",
    ];
    odd.extend(texts.iter().map(|text| json!(text)));
    odd.push("x".repeat(5_000).into());
    odd.push("ñ".repeat(81).into());
    odd
}

/// Where in a body something can be put: `/owner/email`, and the body itself.
fn places(body: &Value, at: &str) -> Vec<String> {
    let mut found = vec![at.to_owned()];
    match body {
        Value::Object(fields) => {
            found.extend(fields.iter().flat_map(|(name, value)| places(value, &format!("{at}/{name}"))))
        }
        Value::Array(items) => found.extend(
            items.iter().enumerate().flat_map(|(index, value)| places(value, &format!("{at}/{index}"))),
        ),
        _ => {}
    }
    found
}

/// The shop whose things the requests name.
struct Scene {
    shop: Shop,
    till: Till,
    ana: Customer,
    document: Document,
}

impl Scene {
    async fn set(world: &e2e::World) -> Self {
        let shop = Shop::open(world).await;
        let (till, ana) = (Till::open(&shop).await, shop.enroll("Ana Flores").await);
        let document = Document::of(&shop.api).await;
        Self { shop, till, ana, document }
    }

    fn path(&self, endpoint: &Endpoint) -> String {
        let id = match endpoint.path.split('/').nth(3).unwrap_or_default() {
            "members" => &self.till.member,
            "devices" => &self.till.device,
            "programs" => &self.shop.program,
            "cards" => &self.ana.card,
            _ => &self.ana.id,
        };
        endpoint.path.replace("{id}", id).replace("{slug}", &self.shop.slug)
    }

    /// As the owner, or as nobody where nobody in particular is meant.
    fn call(&self, endpoint: &Endpoint, path: &str) -> Call {
        let method = endpoint.method.parse::<Method>().expect("a method");
        let call = self.shop.api.call(method, &format!("/{path}")).key(key());
        if endpoint.is_public { call } else { call.bearer(&self.shop.access) }
    }

    /// A body that looks right, so that the one odd thing in it is what is looked at.
    fn body(&self, sample: &Value) -> Value {
        let mut body = sample.clone();
        let known = [
            ("code", json!(self.ana.code)),
            ("phone", json!(e2e::phone())),
            ("email", json!("nadie@nada.pe")),
            ("pin", json!("0000")),
            ("language", json!("es")),
            ("birthday", json!("1990-05-02")),
            ("name", json!("Texto")),
            ("role", json!("stamper")),
            ("ruc", json!("20601234567")),
            ("time_zone", json!("America/Lima")),
            ("ink", json!("#a03a1c")),
            ("paper", json!("#fbf6ea")),
            ("stamp_shape", json!("cup")),
            ("password", json!("una clave larga")),
            ("new_password", json!("una clave larga")),
            ("slug", json!(self.shop.slug)),
            ("location_id", Value::Null),
            ("program_id", Value::Null),
            ("scan_id", Value::Null),
            ("card_id", Value::Null),
            ("public_key", Value::Null),
            ("amount_cents", Value::Null),
            ("cents_per_stamp", Value::Null),
            ("override_reason", Value::Null),
            ("welcome_stamps", json!(0)),
        ];
        for place in places(sample, "") {
            let name = place.rsplit('/').next().unwrap_or_default();
            if let (Some(field), Some((_, value))) =
                (body.pointer_mut(&place), known.iter().find(|(known, _)| *known == name))
            {
                *field = value.clone();
            }
        }
        body
    }

    /// Sends all, and tells of each kind of fault once.
    async fn hold(&self, calls: Vec<(&Endpoint, Call)>) {
        let answers: Vec<(&Endpoint, Answer)> = stream::iter(calls)
            .map(async |(endpoint, call)| (endpoint, call.send().await))
            .buffer_unordered(AT_ONCE)
            .collect()
            .await;
        let mut faults = BTreeMap::new();
        for (endpoint, answer) in &answers {
            let ours = (answer.status() >= 500 && answer.status() != 503).then(|| "our fault".to_owned());
            if let Some(fault) =
                ours.or_else(|| self.document.fault(&endpoint.method, &endpoint.path, answer))
            {
                faults.entry((&endpoint.path, &endpoint.method, fault)).or_insert(answer);
            }
        }
        let told: Vec<String> =
            faults.iter().map(|((_, _, fault), answer)| format!("{answer}\n    {fault}")).collect();
        assert!(told.is_empty(), "{} of {} answers:\n{}", told.len(), answers.len(), told.join("\n"));
    }
}

#[tokio::test]
async fn no_body_is_too_odd_for_any_endpoint() {
    let scene = Scene::set(&shared()).await;
    let endpoints = scene.document.endpoints();
    let mut calls = Vec::new();
    for endpoint in &endpoints {
        let Some(sample) = &endpoint.body else { continue };
        let path = scene.path(endpoint);
        let body = scene.body(sample);
        for place in places(&body, "") {
            for odd in oddities() {
                let mut body = scene.body(sample);
                *body.pointer_mut(&place).expect("a place") = odd;
                calls.push((endpoint, scene.call(endpoint, &path).json(&body)));
            }
        }
    }
    assert!(calls.len() > 2_000, "{} calls", calls.len());
    scene.hold(calls).await;
}

#[tokio::test]
async fn no_path_and_no_query_is_too_odd_for_any_endpoint() {
    let scene = Scene::set(&shared()).await;
    let endpoints = scene.document.endpoints();
    let odd: Vec<String> = oddities()
        .iter()
        .filter_map(|odd| odd.as_str().map(str::to_owned).or_else(|| Some(odd.to_string())))
        .map(|text| text.bytes().map(|byte| format!("%{byte:02X}")).collect())
        .collect();
    let mut calls = Vec::new();
    for endpoint in endpoints.iter().filter(|endpoint| endpoint.method == "GET") {
        let right = scene.path(endpoint);
        for odd in &odd {
            if endpoint.path.contains('{') && !odd.is_empty() {
                let wrong = endpoint.path.replace("{id}", odd).replace("{slug}", odd);
                calls.push((endpoint, scene.call(endpoint, &wrong)));
            }
            for name in &endpoint.query {
                let asked = format!("{right}?{name}={odd}");
                calls.push((endpoint, scene.call(endpoint, &asked)));
            }
        }
    }
    assert!(calls.len() > 500, "{} calls", calls.len());
    scene.hold(calls).await;
}

#[tokio::test]
async fn no_header_is_too_odd_for_any_endpoint() {
    let scene = Scene::set(&shared()).await;
    let endpoints = scene.document.endpoints();
    let long = "x".repeat(3_000);
    let headers = [
        ("accept-language", "es-PE;q=0.0001,*;q=abc,,;;"),
        ("accept-language", &long),
        ("accept", "image/png"),
        ("accept-encoding", "zstd, br;q=9"),
        ("traceparent", "00-zz-zz-zz"),
        ("traceparent", &long),
        ("traceparent", "00-00000000000000000000000000000000-0000000000000000-01"),
        ("x-forwarded-for", "::::, 1.2.3.4.5, <script>"),
        ("host", "evil.example"),
        ("origin", "null"),
        ("if-none-match", "*"),
        ("range", "bytes=5-1"),
        ("cookie", "a=b; c"),
        ("content-encoding", "gzip"),
        ("expect", "something"),
    ];
    let mut calls = Vec::new();
    for endpoint in
        endpoints.iter().filter(|endpoint| endpoint.method != "DELETE" && !endpoint.path.ends_with("/logout"))
    {
        for (name, value) in headers {
            let mut call = scene.call(endpoint, &scene.path(endpoint)).header(name, value);
            if let Some(sample) = &endpoint.body {
                call = call.json(&scene.body(sample));
            }
            calls.push((endpoint, call));
        }
    }
    scene.hold(calls).await;
}
