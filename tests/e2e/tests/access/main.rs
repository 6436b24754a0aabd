//! Every endpoint of the API with every kind of token: nobody's, one that has ended, a forged one, a neighbour's of each kind, a
//! stamper's, a customer's, and the right one. Only what is documented is ever answered.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed, and says where")]

mod beside;
mod endpoints;
mod headers;
mod scene;

use std::collections::BTreeSet;

use aws_lc_rs::signature::Ed25519KeyPair;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::Utc;
use e2e::{Answer, Call, Document, Shop, Till, World, key, shared};
use serde_json::{Value, json};

use crate::endpoints::ENDPOINTS;
use crate::endpoints::For::{
    Everyone, Holder, Managers, ManagersAndHolder, Members, MembersAndHolder, Owners, Sockets, Tills, Twilio,
};
use crate::scene::Scene;

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
    let ours = scene.secrets();
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
async fn no_token_of_a_neighbours_finds_or_changes_anything() {
    let world = shared();
    let scene = Scene::set(&world).await;
    let before = scene.state().await;
    let other = Shop::open(&world).await;
    let (till, sol) = (Till::open(&other).await, other.enroll("Sol Vega").await);
    let (_, email) = other.hire("manager", None).await;
    let manager = other.sign_in(&email).await;
    let made = other.post("/api-keys").json(&json!({ "name": "Caja registradora" })).send().await.ok(201);
    let ours = scene.secrets();
    for (who, scheme, token) in [
        ("a neighbour's stamper", "Bearer", till.access.as_str()),
        ("a neighbour's manager", "Bearer", &manager),
        ("a neighbour's own system", "ApiKey", made["secret"].as_str().unwrap()),
        ("a neighbour's customer", "Card", &sol.holder_token),
        ("a neighbour's till", "Device", &till.device_token),
    ] {
        let judge = |group, foreign: &str, answer: &Answer| {
            let is_refused = matches!(answer.status(), 401 | 403 | 404);
            // What names nothing is about her own business.
            let is_own = matches!(answer.status(), 200..=299 | 422)
                && (foreign == "2xx" || matches!(group, Tills | Everyone));
            let is_told = answer.status().to_string() == foreign;
            let leaks = group != Everyone && ours.iter().any(|id| answer.text().contains(id));
            must(is_refused || is_own || is_told, "is not what a neighbour is told")
                .or(must(!leaks, "tells what is another business's"))
        };
        scene.ask_all(who, |call| call.authorization(scheme, token), judge).await;
    }
    assert_eq!(scene.state().await, before);
}

#[tokio::test]
async fn a_token_of_one_kind_is_none_of_another_and_a_forged_one_is_none_at_all() {
    let world = shared();
    let scene = Scene::set(&world).await;
    let before = scene.state().await;
    let access = scene.shop.access.as_str();
    let of_the_till = resigned(&world, &scene.till.access, |claims| {
        claims["exp"] = (Utc::now().timestamp() - 1).into();
    })
    .await;
    // The claims are good; it is the signature that is nobody's.
    let claims = access.split('.').nth(1).unwrap();
    let unsigned = format!("{}.{claims}.", URL_SAFE_NO_PAD.encode(r#"{"alg":"none","typ":"JWT"}"#));
    let cut = &access[..access.len() - 8];
    let long = "x".repeat(5_000);
    let judge = |group, _: &str, answer: &Answer| match group {
        Everyone => must(answer.status() < 500, "is our fault"),
        Sockets => must(answer.status() == 400, "is no WebSocket"),
        Twilio => must(answer.status() == 403, "is not signed"),
        _ => must(answer.status() == 401, "should be 401"),
    };
    for (who, scheme, token) in [
        ("a stamper whose token has ended", "Bearer", of_the_till.as_str()),
        ("a token without a signature", "Bearer", &unsigned),
        ("a token that was cut off", "Bearer", cut),
        ("a token that is too long", "Bearer", &long),
        ("a refresh token", "Bearer", &scene.shop.refresh),
        ("a holder token as a member's", "Bearer", &scene.ana.holder_token),
        ("a till's token as a member's", "Bearer", &scene.till.device_token),
        ("a key as a member's token", "Bearer", &scene.api_secret),
        ("a member's token as a card's", "Card", access),
        ("a card's code as its token", "Card", &scene.ana.code),
        ("a member's token as a key", "ApiKey", access),
        ("a member's token as a till's", "Device", access),
        ("another scheme", "Basic", "cm9zYTpjbGF2ZQ=="),
    ] {
        scene.ask_all(who, |call| call.authorization(scheme, token), judge).await;
    }
    assert_eq!(scene.state().await, before);
}

#[tokio::test]
async fn an_endpoint_takes_the_tokens_that_it_documents_and_no_others() {
    let world = shared();
    let mut faults = Vec::new();
    for scheme in ["device", "card", "api_key", "bearer"] {
        let scene = Scene::set(&world).await;
        let access = fresh(&scene.shop).await;
        let (word, token) = match scheme {
            "device" => ("Device", &scene.till.device_token),
            "card" => ("Card", &scene.ana.holder_token),
            "api_key" => ("ApiKey", &scene.api_secret),
            _ => ("Bearer", &access),
        };
        for endpoint in scene.document.endpoints().iter().filter(|endpoint| !endpoint.is_public) {
            // A queue is sent by the till that signed it.
            let is_of_the_till = scheme == "bearer" && endpoint.path.ends_with("/batch");
            let token = if is_of_the_till { &scene.till.access } else { token };
            let answer = scene.call(&endpoint.method, &endpoint.path).authorization(word, token).send().await;
            let is_taken = !matches!(answer.status(), 401 | 403);
            if is_taken != endpoint.schemes.iter().any(|known| known == scheme) {
                faults.push(format!("takes {:?}, and of {scheme}: {answer}", endpoint.schemes));
            }
        }
    }
    assert!(faults.is_empty(), "{} faults\n{}", faults.len(), faults.join("\n"));
}

#[tokio::test]
async fn every_endpoint_that_is_not_for_everybody_documents_a_token() {
    let document = Document::of(&shared().api()).await;
    for endpoint in document.endpoints() {
        let mut rows = ENDPOINTS.iter();
        let row = rows.find(|(method, path, ..)| *method == endpoint.method && *path == endpoint.path);
        let (method, path, group, _) = row.unwrap();
        let is_for_everybody = matches!(group, Everyone | Sockets | Twilio);
        assert_eq!(endpoint.is_public, is_for_everybody, "{method} {path} is for {group:?}");
    }
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
        Holder | Managers | ManagersAndHolder | Owners => must(answer.status() == 403, "should be 403"),
        Members | MembersAndHolder => must(!matches!(answer.status(), 401 | 403), "is what stampers are for"),
        Tills => must(answer.status() == 401, "takes a till's own token"),
        Sockets => must(answer.status() == 400, "is no WebSocket"),
        Twilio => must(answer.status() == 403, "is not signed"),
        Everyone => None,
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
        Holder => must(answer.status() == 404, "is another's card"),
        MembersAndHolder | ManagersAndHolder | Everyone | Sockets => None,
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
