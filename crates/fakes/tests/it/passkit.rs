//! A service that keeps passes up to date, as small as can be: what an iPhone needs, and what it did.

use std::collections::BTreeMap;
use std::io::{Cursor, Write};
use std::sync::{Arc, Mutex};

use aws_lc_rs::digest::{SHA1_FOR_LEGACY_USE_ONLY, digest};
use axum::body::Bytes;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use chrono::DateTime;
use serde_json::{Value, json};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use crate::support::PASS_TYPE;

pub(crate) const SERIAL: &str = "card-1";
pub(crate) const TOKEN: &str = "0123456789abcdef";

/// The service, and the one card it has.
#[derive(Clone)]
pub(crate) struct PassKit {
    pub(crate) base: String,
    inside: Arc<Mutex<Inside>>,
}

#[derive(Default)]
struct Inside {
    pass: Value,
    version: i64,
    push_tokens: BTreeMap<String, String>,
    calls: Vec<String>,
    failing: usize,
}

impl PassKit {
    pub(crate) async fn start() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let inside = Inside { pass: pass(&base, 3), version: 1, ..Inside::default() };
        let service = Self { base, inside: Arc::new(Mutex::new(inside)) };
        let registration = "/passes/v1/devices/{device}/registrations/{pass_type}/{serial}";
        let routes = Router::new()
            .route("/card.pkpass", get(link))
            .route(registration, post(register).delete(unregister))
            .route("/passes/v1/devices/{device}/registrations/{pass_type}", get(list))
            .route("/passes/v1/passes/{pass_type}/{serial}", get(fetch))
            .route("/passes/v1/log", post(log))
            .with_state(service.clone());
        tokio::spawn(async move { axum::serve(listener, routes).await });
        service
    }

    pub(crate) fn link(&self) -> String {
        format!("{}/card.pkpass", self.base)
    }

    /// Changes the card.
    pub(crate) fn change(&self, work: impl FnOnce(&mut Value)) {
        let mut inside = self.inside.lock().unwrap();
        work(&mut inside.pass);
        inside.version += 1;
    }

    /// Answers so many calls with 503.
    pub(crate) fn fail(&self, calls: usize) {
        self.inside.lock().unwrap().failing = calls;
    }

    pub(crate) fn push_tokens(&self) -> Vec<String> {
        self.inside.lock().unwrap().push_tokens.values().cloned().collect()
    }

    pub(crate) fn calls(&self) -> Vec<String> {
        self.inside.lock().unwrap().calls.clone()
    }

    fn enter(&self, call: String) -> Result<std::sync::MutexGuard<'_, Inside>, StatusCode> {
        let mut inside = self.inside.lock().unwrap();
        inside.calls.push(call);
        if inside.failing > 0 {
            inside.failing -= 1;
            return Err(StatusCode::SERVICE_UNAVAILABLE);
        }
        Ok(inside)
    }
}

impl Inside {
    fn package(&self) -> Response {
        let modified = DateTime::from_timestamp(1_790_000_000 + self.version, 0).unwrap();
        let headers = [
            (header::CONTENT_TYPE, "application/vnd.apple.pkpass".to_owned()),
            (header::LAST_MODIFIED, modified.format("%a, %d %b %Y %H:%M:%S GMT").to_string()),
        ];
        (headers, package(&self.pass, &[])).into_response()
    }
}

fn authorised(headers: &HeaderMap) -> Result<(), StatusCode> {
    let expected = format!("ApplePass {TOKEN}");
    let given = headers.get(header::AUTHORIZATION);
    if given.is_some_and(|given| given == &expected) { Ok(()) } else { Err(StatusCode::UNAUTHORIZED) }
}

async fn link(State(service): State<PassKit>) -> Response {
    service.inside.lock().unwrap().package()
}

type Registration = Path<(String, String, String)>;

async fn register(
    State(service): State<PassKit>,
    Path((device, _, serial)): Registration,
    headers: HeaderMap,
    Json(body): Json<Value>,
) -> Result<StatusCode, StatusCode> {
    let mut inside = service.enter(format!("register {serial}"))?;
    authorised(&headers)?;
    let token = body["pushToken"].as_str().ok_or(StatusCode::BAD_REQUEST)?.to_owned();
    let before = inside.push_tokens.insert(device, token);
    Ok(if before.is_none() { StatusCode::CREATED } else { StatusCode::OK })
}

async fn unregister(
    State(service): State<PassKit>,
    Path((device, _, serial)): Registration,
    headers: HeaderMap,
) -> Result<StatusCode, StatusCode> {
    let mut inside = service.enter(format!("unregister {serial}"))?;
    authorised(&headers)?;
    inside.push_tokens.remove(&device);
    Ok(StatusCode::OK)
}

async fn list(
    State(service): State<PassKit>,
    Path((device, pass_type)): Path<(String, String)>,
    Query(query): Query<BTreeMap<String, String>>,
) -> Result<Response, StatusCode> {
    let since = query.get("passesUpdatedSince").map_or("-", String::as_str).to_owned();
    let inside = service.enter(format!("list {since}"))?;
    assert_eq!(pass_type, PASS_TYPE);
    if !inside.push_tokens.contains_key(&device) || since == inside.version.to_string() {
        return Ok(StatusCode::NO_CONTENT.into_response());
    }
    let body = json!({ "serialNumbers": [SERIAL], "lastUpdated": inside.version.to_string() });
    Ok(Json(body).into_response())
}

async fn fetch(
    State(service): State<PassKit>,
    Path((_, serial)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<Response, StatusCode> {
    let inside = service.enter(format!("fetch {serial}"))?;
    authorised(&headers)?;
    let package = inside.package();
    if headers.get(header::IF_MODIFIED_SINCE) == package.headers().get(header::LAST_MODIFIED) {
        return Ok(StatusCode::NOT_MODIFIED.into_response());
    }
    Ok(package)
}

async fn log(State(service): State<PassKit>, body: Bytes) -> StatusCode {
    service.inside.lock().unwrap().calls.push(format!("log {}", String::from_utf8_lossy(&body)));
    StatusCode::OK
}

pub(crate) fn pass(base: &str, stamps: u32) -> Value {
    json!({
        "formatVersion": 1, "passTypeIdentifier": PASS_TYPE, "serialNumber": SERIAL, "teamIdentifier": "TEAM000000",
        "organizationName": "Café Central", "description": "Tarjeta de sellos", "logoText": "Café",
        "webServiceURL": format!("{base}/passes/"), "authenticationToken": TOKEN, "backgroundColor": "rgb(58,43,28)",
        "barcodes": [
            { "format": "PKBarcodeFormatCode39", "message": "39", "messageEncoding": "iso-8859-1" },
            { "format": "PKBarcodeFormatQR", "message": "code", "messageEncoding": "iso-8859-1", "altText": "A-1" },
        ],
        "storeCard": {
            "headerFields": [{ "key": "level", "label": "Nivel", "value": "Oro", "changeMessage": "Ahora eres %@" }],
            "primaryFields": [{ "key": "stamps", "label": "STAMPS", "value": format!("{stamps} de 10"),
                "changeMessage": "CHANGED" }],
            "secondaryFields": (0..3).map(|n| json!({ "key": format!("s{n}"), "value": n })).collect::<Vec<_>>(),
            "auxiliaryFields": (0..3).map(|n| json!({ "key": format!("a{n}"), "value": n })).collect::<Vec<_>>(),
            "backFields": [{ "key": "terms", "label": "Condiciones", "value": "Ninguna" }],
        },
        "posterGeneric": { "primaryFields": [{ "key": "stamps", "value": format!("{stamps}/10") }] },
    })
}

/// A package of a pass, with these files besides the usual ones or in their place.
pub(crate) fn package(pass: &Value, others: &[(&str, &[u8])]) -> Vec<u8> {
    let strings = "\"STAMPS\" = \"Sellos\";\n\"CHANGED\" = \"Tienes %@\";\n";
    let mut files: BTreeMap<&str, Vec<u8>> = BTreeMap::from([
        ("pass.json", pass.to_string().into_bytes()),
        ("icon.png", b"icon".to_vec()),
        ("strip.png", b"strip".to_vec()),
        ("strip@2x.png", b"strip at two".to_vec()),
        ("es.lproj/pass.strings", strings.into()),
    ]);
    files.extend(others.iter().map(|(name, content)| (*name, content.to_vec())));
    let hashes: BTreeMap<&str, String> = files
        .iter()
        .map(|(name, content)| (*name, hex::encode(digest(&SHA1_FOR_LEGACY_USE_ONLY, content))))
        .collect();
    files.entry("manifest.json").or_insert_with(|| json!(hashes).to_string().into_bytes());
    files.entry("signature").or_insert_with(|| b"signature".to_vec());
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in files {
        zip.start_file(name, SimpleFileOptions::default()).unwrap();
        zip.write_all(&content).unwrap();
    }
    zip.finish().unwrap().into_inner()
}
