//! Signing in, staying signed in, signing out: and what a thief gets.

use chrono::{DateTime, Duration, Utc};
use e2e::{Answer, PASSWORD, Shop, Till, shared};
use serde_json::{Value, json};

fn token(tokens: &Value) -> &str {
    tokens["refresh_token"].as_str().expect("a refresh token")
}

async fn refresh(shop: &Shop, token: &str) -> Answer {
    shop.api.post("/auth/refresh").json(&json!({ "refresh_token": token })).send().await
}

async fn login(shop: &Shop, password: &str) -> Answer {
    shop.api.post("/auth/login").json(&json!({ "email": shop.email, "password": password })).answered().await
}

/// A lock that holds for about a quarter of an hour.
#[track_caller]
fn assert_locked(answer: Answer) {
    let wait: i64 = answer.header("retry-after").parse().expect("Retry-After");
    let locked = answer.refused(429, "locked");
    let left = locked.until().parse::<DateTime<Utc>>().expect("until when") - Utc::now();
    assert!(left > Duration::minutes(14) && left <= Duration::minutes(15), "{left}");
    assert!((wait - left.num_seconds()).abs() <= 2, "Retry-After {wait}, until in {left}");
}

#[tokio::test]
async fn a_refresh_token_gives_the_next_pair_and_the_next_pair_works() {
    let world = shared();
    let shop = Shop::sign_up(&world).await;
    let mut held = shop.refresh.clone();
    for _ in 0..3 {
        let next = refresh(&shop, &held).await.ok(200);
        assert_ne!(token(&next), held);
        shop.api.get("/me").bearer(next["access_token"].as_str().unwrap()).send().await.ok(200);
        token(&next).clone_into(&mut held);
    }
}

#[tokio::test]
async fn a_client_whose_answer_was_lost_gets_the_same_successor_again() {
    let world = shared();
    let shop = Shop::sign_up(&world).await;
    let first = refresh(&shop, &shop.refresh).await.ok(200);
    for _ in 0..3 {
        let again = refresh(&shop, &shop.refresh).await.ok(200);
        assert_eq!(token(&again), token(&first));
    }
    refresh(&shop, token(&first)).await.ok(200);
}

#[tokio::test]
async fn twenty_tabs_that_refresh_at_once_stay_signed_in_together() {
    let world = shared();
    let shop = Shop::sign_up(&world).await;
    let answers = futures::future::join_all((0..20).map(|_| refresh(&shop, &shop.refresh))).await;
    let successors: std::collections::BTreeSet<String> =
        answers.into_iter().map(|answer| token(&answer.ok(200)).to_owned()).collect();
    assert_eq!(successors.len(), 1);
    refresh(&shop, successors.first().unwrap()).await.ok(200);
}

#[tokio::test]
async fn a_token_used_again_after_its_successor_ends_the_whole_sign_in() {
    let world = shared();
    let shop = Shop::sign_up(&world).await;
    let other = login(&shop, PASSWORD).await.ok(200);
    let second = refresh(&shop, &shop.refresh).await.ok(200);
    let third = refresh(&shop, token(&second)).await.ok(200);
    // Somebody else shows the first one: one of the two has stolen it.
    refresh(&shop, &shop.refresh).await.refused(401, "unauthenticated");
    for held in [token(&second), token(&third)] {
        refresh(&shop, held).await.refused(401, "unauthenticated");
    }
    // The sign-in on her other device is another one.
    refresh(&shop, token(&other)).await.ok(200);
}

#[tokio::test]
async fn five_wrong_pins_lock_the_till_for_a_quarter_of_an_hour() {
    let world = shared();
    let shop = Shop::open(&world).await;
    let till = Till::open(&shop).await;
    for _ in 0..5 {
        till.enter("0000").answered().await.refused(401, "invalid-credentials");
    }
    assert_locked(till.enter(till.pin).answered().await);
    // Whoever is signed in stays so, and another till is another matter: but the member is the same.
    till.get("/me").send().await.ok(200);
    let other = Till::open(&shop).await;
    other.get("/me").send().await.ok(200);
}

#[tokio::test]
async fn a_right_pin_forgets_the_wrong_ones() {
    let world = shared();
    let shop = Shop::open(&world).await;
    let till = Till::open(&shop).await;
    for _ in 0..3 {
        for _ in 0..4 {
            till.enter("0000").answered().await.refused(401, "invalid-credentials");
        }
        till.enter(till.pin).answered().await.ok(200);
    }
}

#[tokio::test]
async fn a_hundred_guesses_at_once_are_no_more_than_five() {
    let world = shared();
    let shop = Shop::open(&world).await;
    let till = Till::open(&shop).await;
    let guesses = (0..100).map(|guess| till.enter(&format!("{guess:04}")).answered());
    let answers = futures::future::join_all(guesses).await;
    let wrong = answers.iter().filter(|answer| answer.status() == 401).count();
    let locked = answers.iter().filter(|answer| answer.status() == 429).count();
    assert_eq!((wrong, locked), (5, 95));
}

#[tokio::test]
async fn five_wrong_passwords_lock_the_address_even_for_the_right_one() {
    let world = shared();
    let shop = Shop::sign_up(&world).await;
    for _ in 0..5 {
        login(&shop, "otra clave larga").await.refused(401, "invalid-credentials");
    }
    assert_locked(login(&shop, PASSWORD).await);
    // An address that nobody has locks just the same.
    let nobody = json!({ "email": format!("{}@nada.pe", e2e::key()), "password": PASSWORD });
    for _ in 0..5 {
        shop.api.post("/auth/login").json(&nobody).answered().await.refused(401, "invalid-credentials");
    }
    assert_locked(shop.api.post("/auth/login").json(&nobody).answered().await);
}

#[tokio::test]
async fn who_signs_out_is_out_here_and_nowhere_else() {
    let world = shared();
    let shop = Shop::sign_up(&world).await;
    let other = login(&shop, PASSWORD).await.ok(200);
    shop.post("/auth/logout").send().await.ok(204);
    refresh(&shop, &shop.refresh).await.refused(401, "unauthenticated");
    refresh(&shop, token(&other)).await.ok(200);
    shop.api.post("/auth/logout").send().await.refused(401, "unauthenticated");
}

#[tokio::test]
async fn a_recovery_code_sets_a_new_password_once_and_ends_every_sign_in() {
    let world = shared();
    let shop = Shop::sign_up(&world).await;
    assert_eq!(shop.recovery_codes.len(), 8);
    let recover = async |code: &str, password: &str| {
        let form = json!({ "email": shop.email, "recovery_code": code, "new_password": password });
        shop.api.post("/auth/recover").json(&form).answered().await
    };
    recover("AAAA-AAAA-AAAA-AAAA", "una clave nueva").await.refused(401, "invalid-credentials");
    // As it was written down by hand: in lower case, with spaces.
    let code = shop.recovery_codes[0].to_lowercase().replace('-', " ");
    recover(&code, "una clave nueva").await.ok(202);
    login(&shop, PASSWORD).await.refused(401, "invalid-credentials");
    login(&shop, "una clave nueva").await.ok(200);
    refresh(&shop, &shop.refresh).await.refused(401, "unauthenticated");
    recover(&shop.recovery_codes[0], "otra clave nueva").await.refused(401, "invalid-credentials");
    recover(&shop.recovery_codes[1], "corta").await.refused(422, "invalid");
    recover(&shop.recovery_codes[1], "otra clave nueva").await.ok(202);
}

#[tokio::test]
async fn who_may_enter_no_more_is_signed_out() {
    let world = shared();
    let shop = Shop::open(&world).await;
    let (left, repinned, unpaired) =
        (Till::open(&shop).await, Till::open(&shop).await, Till::open(&shop).await);
    shop.patch(&format!("/members/{}", left.member)).json(&json!({ "active": false })).send().await.ok(200);
    shop.patch(&format!("/members/{}", repinned.member))
        .json(&json!({ "pin": "998877" }))
        .answered()
        .await
        .ok(200);
    shop.delete(&format!("/devices/{}", unpaired.device)).send().await.ok(204);
    for till in [&left, &repinned, &unpaired] {
        refresh(&shop, &till.refresh).await.refused(401, "unauthenticated");
    }
    left.enter(left.pin).answered().await.refused(401, "invalid-credentials");
    repinned.enter(repinned.pin).answered().await.refused(401, "invalid-credentials");
    repinned.enter("998877").answered().await.ok(200);
    let gone = unpaired.enter(unpaired.pin).answered().await.refused(401, "unauthenticated");
    assert_eq!(gone.reason(), "not_paired");
    shop.api.get("/till").device(&unpaired.device_token).send().await.refused(401, "unauthenticated");
}

#[tokio::test]
async fn a_till_shows_who_may_enter_before_anyone_has() {
    let world = shared();
    let shop = Shop::open(&world).await;
    let till = Till::open(&shop).await;
    let shown = shop.api.get("/till").device(&till.device_token).send().await.ok(200);
    assert_eq!((&shown["device"]["id"], &shown["business"]["id"]), (&json!(till.device), &json!(shop.id)));
    assert_eq!(shown["programs"][0]["id"], shop.program.as_str());
    let members = shown["members"].as_array().unwrap();
    assert!(members.iter().any(|member| member["id"] == till.member.as_str()));
    // The owner has no PIN, so she is not on it.
    assert!(members.iter().all(|member| member["id"] != shop.owner_id.as_str()));
}

#[tokio::test]
async fn a_pairing_code_pairs_one_till() {
    let world = shared();
    let shop = Shop::sign_up(&world).await;
    let pairing = shop.post("/devices").send().await.ok(201);
    let code = pairing["pairing_code"].as_str().unwrap();
    assert!(pairing["pair_url"].as_str().unwrap().ends_with(&format!("/caja#par={code}")), "{pairing}");
    let form = json!({ "pairing_code": code, "name": "Caja" });
    let racers =
        futures::future::join_all((0..10).map(|_| shop.api.post("/devices/pair").json(&form).send())).await;
    let paired = racers.iter().filter(|answer| answer.status() == 201).count();
    assert_eq!(paired, 1);
    assert_eq!(shop.get("/devices").send().await.ok(200)["items"].as_array().map(Vec::len), Some(1));
}

#[tokio::test]
async fn a_business_keeps_an_owner() {
    let world = shared();
    let shop = Shop::sign_up(&world).await;
    let owner = format!("/members/{}", shop.owner_id);
    for change in [json!({ "role": "stamper" }), json!({ "active": false })] {
        assert_eq!(
            shop.patch(&owner).json(&change).send().await.refused(409, "conflict").reason(),
            "last_owner"
        );
    }
    shop.delete(&owner).send().await.refused(409, "conflict");
    // A manager makes stampers, and no equals.
    let (_, email) = shop.hire("manager", None).await;
    let manager = shop.sign_in(&email).await;
    let add = |role: &str| {
        shop.api
            .post("/members")
            .bearer(&manager)
            .json(&json!({ "name": "Luz", "role": role, "pin": "1234" }))
    };
    add("stamper").answered().await.ok(201);
    add("manager").answered().await.refused(403, "forbidden");
    add("owner").answered().await.refused(403, "forbidden");
    shop.api.delete(&owner).bearer(&manager).send().await.refused(403, "forbidden");
}
