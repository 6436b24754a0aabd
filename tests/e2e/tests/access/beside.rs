//! What the document does not name, because phones and their makers ask it: each path has a secret of its own.

use std::collections::BTreeSet;
use std::fs;

use e2e::{Shop, Till, root, shared};
use reqwest::Method;
use serde_json::json;

/// Each path of `routes/wallets.rs`, and what somebody hears who has no secret of a pass.
const PATHS: &[(&str, &str, u16)] = &[
    ("POST", "/wallet/v1/devices/{device}/registrations/{pass_type}/{serial}", 401),
    ("DELETE", "/wallet/v1/devices/{device}/registrations/{pass_type}/{serial}", 401),
    ("GET", "/wallet/v1/devices/{device}/registrations/{pass_type}", 404),
    ("GET", "/wallet/v1/passes/{pass_type}/{serial}", 401),
    ("POST", "/wallet/v1/log", 200),
    ("GET", "/wallet/passes/{token}", 404),
    ("GET", "/wallet/bundles/{token}", 404),
    ("GET", "/wallet/google/{token}", 404),
    ("GET", "/wallet/art/{program}/{fingerprint}/{name}", 404),
    ("POST", "/webhooks/google", 404),
];

#[test]
fn no_path_beside_the_document_is_forgotten() {
    let source = fs::read_to_string(root().join("services/gateway/src/routes/wallets.rs")).unwrap();
    let source = source.split("#[cfg(test)]").next().unwrap();
    let routes = source.split("fn routes()").nth(1).unwrap().split("\n}\n").next().unwrap();
    let written: BTreeSet<String> = routes
        .split('"')
        .skip(1)
        .step_by(2)
        .filter(|text| {
            text.contains('/') && !text.starts_with("/wallet/v1") && !text.starts_with("/wallet//")
        })
        .map(|text| {
            let text = text.replace("{base}", "/wallet/v1").replace("{{", "{").replace("}}", "}");
            text.replace("{registrations}", "/wallet/v1/devices/{device}/registrations/{pass_type}")
        })
        .collect();
    let tested: BTreeSet<String> = PATHS.iter().map(|(_, path, _)| (*path).to_owned()).collect();
    assert_eq!(written, tested);
}

#[tokio::test]
async fn no_token_of_ours_opens_a_pass() {
    let world = shared();
    let shop = Shop::open(&world).await;
    let (till, ana) = (Till::open(&shop).await, shop.enroll("Ana Flores").await);
    let made = shop.post("/api-keys").json(&json!({ "name": "Caja registradora" })).send().await.ok(201);
    let mut faults = Vec::new();
    for (scheme, token) in [
        ("", ""),
        ("ApplePass", "x.y.z"),
        ("ApplePass", &ana.holder_token),
        ("ApplePass", &ana.code),
        ("Bearer", &shop.access),
        ("Bearer", &till.access),
        ("Card", &ana.holder_token),
        ("Device", &till.device_token),
        ("ApiKey", made["secret"].as_str().unwrap()),
    ] {
        for (method, path, told) in PATHS {
            // Her card is a serial, and whoever has seen its code knows it.
            let path = path
                .replace("{device}", "0f0f0f0f0f0f0f0f")
                .replace("{pass_type}", "pass.pe.sello.prueba")
                .replace("{serial}", &ana.card)
                .replace("{token}", &ana.card)
                .replace("{program}", "018f0000-0000-7000-8000-000000000000")
                .replace("{fingerprint}", "0f0f")
                .replace("{name}", "strip-3.png");
            let call = shop.api.call(method.parse::<Method>().unwrap(), &format!("/{path}"));
            let call =
                if *method == "POST" { call.json(&json!({ "pushToken": "0f0f", "logs": [] })) } else { call };
            let call = if scheme.is_empty() { call } else { call.authorization(scheme, token) };
            let answer = call.send().await;
            // Whoever knows how to say it is told no differently.
            let is_wrong_secret = scheme == "ApplePass" && matches!(answer.status(), 401 | 404);
            if answer.status() >= 400 {
                answer.problem();
            }
            if answer.status() != *told && !is_wrong_secret {
                faults.push(format!("{scheme}: {answer}"));
            }
        }
    }
    assert!(faults.is_empty(), "{} faults\n{}", faults.len(), faults.join("\n"));
}
