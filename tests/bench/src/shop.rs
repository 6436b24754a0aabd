//! The shops that are stamped at.

use anyhow::{Context, ensure};
use futures::{StreamExt, TryStreamExt, stream};
use serde_json::{Value, json};

use crate::http::Connection;
use crate::platform::Platform;

/// A business with cards, its owner signed in.
pub(crate) struct Shop {
    /// What the owner's requests and sockets prove themselves by.
    pub(crate) token: String,
    /// `authorization: Bearer …\r\n`, of the owner.
    pub(crate) bearer: String,
    /// What is sent to stamp each of its cards: by code as a till does, or by id as a panel does.
    pub(crate) stamps: Vec<String>,
    /// The customers who hold them.
    pub(crate) customers: Vec<String>,
    /// Its slug.
    pub(crate) slug: String,
}

/// The password of every owner.
pub(crate) const PASSWORD: &str = "una clave muy larga";
/// Enrolments under way at once.
const AT_ONCE: usize = 16;

impl Shop {
    /// Signs a business up and enrols customers, by the public API.
    pub(crate) async fn open(platform: &Platform, cards: usize) -> anyhow::Result<Self> {
        let mut connection = Connection::open(&platform.address).await?;
        let signup = json!({
            "business": { "name": "Banco de pruebas" },
            "owner": { "name": "Prueba", "email": "prueba@example.com", "password": PASSWORD },
        });
        let signed = call(&mut connection, "POST", "/api/v1/auth/signup", "", &signup, 201).await?;
        let token = signed["access_token"].as_str().context("no token")?.to_owned();
        let bearer = bearer(&token);
        let program = json!({
            "name": "Café", "stamps_required": 10, "rewards": [{ "at": 10, "title": "Un café" }],
            "rules": { "max_per_visit": 5, "min_minutes_between": 0, "max_per_day": 0 },
        });
        call(&mut connection, "POST", "/api/v1/programs", &bearer, &program, 201).await?;
        let slug = signed["business"]["slug"].as_str().context("no slug")?.to_owned();
        let enrolled: Vec<(String, String)> = stream::iter(0..cards)
            .map(|n| enroll(&platform.address, &slug, n))
            .buffer_unordered(AT_ONCE)
            .try_collect()
            .await?;
        let (customers, codes): (Vec<_>, Vec<String>) = enrolled.into_iter().unzip();
        let stamps = codes.iter().map(|code| json!({ "code": code }).to_string()).collect();
        Ok(Self { token, bearer, stamps, customers, slug })
    }
}

/// The header of whoever has this access token.
pub(crate) fn bearer(token: &str) -> String {
    format!("authorization: Bearer {token}\r\n")
}

/// What a customer numbered `n` sends to join.
pub(crate) fn enrollment(slug: &str, n: usize) -> Value {
    json!({
        "slug": slug, "name": format!("Cliente {n}"), "phone": format!("9{:08}", 10_000_000 + n), "age_ok": true,
        "consents": { "program": true, "marketing": false },
    })
}

async fn enroll(address: &str, slug: &str, n: usize) -> anyhow::Result<(String, String)> {
    let mut connection = Connection::open(address).await?;
    let joined = call(&mut connection, "POST", "/api/v1/enrollments", "", &enrollment(slug, n), 201).await?;
    let customer = joined["customer_id"].as_str().context("no customer")?;
    let code = joined["card"]["code"].as_str().context("no code")?;
    Ok((customer.to_owned(), code.to_owned()))
}

/// Sends JSON and reads JSON; anything but `expected` is an error that says what came instead.
pub(crate) async fn call(
    connection: &mut Connection,
    method: &str,
    path: &str,
    headers: &str,
    body: &Value,
    expected: u16,
) -> anyhow::Result<Value> {
    let body = if body.is_null() { String::new() } else { body.to_string() };
    let answer = connection.send(method, path, headers, &body).await?;
    let text = String::from_utf8_lossy(&answer.body);
    ensure!(answer.status == expected, "{method} {path} answered {}: {text}", answer.status);
    Ok(serde_json::from_str(&text).unwrap_or(Value::Null))
}
