//! What a stranger learns: nothing of anybody who is a customer already.

use e2e::{Answer, Shop, key, shared};
use futures::future::join_all;
use serde_json::{Value, json};

fn header_shape(answer: &Answer) -> Vec<&str> {
    let mut names = answer.header_names();
    names.sort_unstable();
    names
}

#[tokio::test]
async fn a_known_number_typed_on_an_unknown_phone_is_known_and_nothing_more() {
    let world = shared();
    let shop = Shop::open(&world).await;
    let ana = shop.enroll("Ana Flores").await;
    let mut form = shop.form("Beatriz Soto", &e2e::phone());
    form["birthday"] = "1990-05-02".into();
    form["consents"]["marketing"] = true.into();
    form["adult_ok"] = true.into();
    let eva = shop.api.post("/enrollments").json(&form).send().await.ok(201);
    // One has stamps and a full card, the other has nothing: it must not show.
    shop.post("/stamps").key(key()).json(&json!({ "card_id": ana.card, "count": 10 })).send().await.ok(201);

    let of_ana = shop.api.post("/enrollments").json(&shop.form("Mallory", &ana.phone)).send().await;
    let of_eva = shop
        .api
        .post("/enrollments")
        .json(&shop.form("Mallory", form["phone"].as_str().unwrap()))
        .send()
        .await;
    assert_eq!(of_ana.json(), json!({ "known": true, "recover": ["whatsapp", "till"] }));
    assert_eq!((of_ana.status(), of_ana.text()), (200, of_eva.text()));
    assert_eq!(header_shape(&of_ana), header_shape(&of_eva));
    for secret in
        ["Ana", "Flores", &ana.id, &ana.card, &ana.code, &ana.phone, eva["customer_id"].as_str().unwrap()]
    {
        assert!(!of_ana.text().contains(secret) && !of_eva.text().contains(secret), "{secret}");
    }
    // And whatever the stranger typed beside the number changed nothing.
    let kept = shop.get(&format!("/customers/{}", ana.id)).send().await.ok(200);
    assert_eq!((&kept["name"], &kept["marketing"]), (&json!("Ana Flores"), &json!("no")));
}

#[tokio::test]
async fn her_own_phone_gets_the_same_card_again_and_somebody_elses_does_not() {
    let world = shared();
    let shop = Shop::open(&world).await;
    let (ana, eva) = (shop.enroll("Ana Flores").await, shop.enroll("Eva Ríos").await);
    let join = |holder_token: &str| {
        shop.api.post("/enrollments").card(holder_token).json(&shop.form("Ana", &ana.phone)).send()
    };

    let again = join(&ana.holder_token).await.ok(200);
    assert_eq!(again["card"]["id"], ana.card.as_str());
    assert_eq!((&again["customer_id"], &again["card"]["code"]), (&json!(ana.id), &json!(ana.code)));
    let known = json!({ "known": true, "recover": ["whatsapp", "till"] });
    assert_eq!(join(&eva.holder_token).await.ok(200), known);
    assert_eq!(join("a-token-that-never-was").await.ok(200), known);
    let other = Shop::open(&world).await.enroll("Sol Vega").await;
    assert_eq!(join(&other.holder_token).await.ok(200), known);
}

#[tokio::test]
async fn twenty_people_racing_with_one_number_make_one_customer() {
    let world = shared();
    let shop = Shop::open(&world).await;
    let phone = e2e::phone();
    let shapes =
        [phone.clone(), phone.replace("+51", ""), phone.replace("+51", "+51 "), phone.replace("+51", "0051")];
    let racers = (0..20)
        .map(|turn| shop.api.post("/enrollments").json(&shop.form("Ana Flores", &shapes[turn % 4])).send());
    let answers = join_all(racers).await;
    let joined: Vec<&Answer> = answers.iter().filter(|answer| answer.status() == 201).collect();
    assert_eq!(joined.len(), 1, "{}", joined.iter().map(ToString::to_string).collect::<String>());
    for answer in answers.iter().filter(|answer| answer.status() != 201) {
        assert_eq!((answer.status(), &answer.json()["known"]), (200, &Value::Bool(true)), "{answer}");
    }
    let customers = shop.get("/customers").send().await.ok(200);
    assert_eq!(customers["total"], 1);
    assert_eq!(customers["items"][0]["cards"].as_array().map(Vec::len), Some(1));
    shop.today("enrollments", 1).await;
    world.verify().await;
}

#[tokio::test]
async fn one_number_is_another_customer_in_another_shop() {
    let world = shared();
    let (shop, other) = (Shop::open(&world).await, Shop::open(&world).await);
    let ana = shop.enroll("Ana Flores").await;
    let joined = other.api.post("/enrollments").json(&other.form("Ana F.", &ana.phone)).send().await.ok(201);
    assert_ne!(joined["customer_id"], ana.id.as_str());
}

#[tokio::test]
async fn a_card_opens_itself_and_no_other() {
    let world = shared();
    let shop = Shop::open(&world).await;
    let (ana, eva) = (shop.enroll("Ana Flores").await, shop.enroll("Eva Ríos").await);
    let of_eva = format!("/cards/{}", eva.card);
    shop.api.get(&of_eva).card(&ana.holder_token).send().await.refused(404, "not-found");
    shop.api
        .post(&format!("{of_eva}/rotate-code"))
        .card(&ana.holder_token)
        .send()
        .await
        .refused(404, "not-found");
    shop.api.get(&of_eva).send().await.refused(401, "unauthenticated");
    // The code is shown to everybody who looks over her shoulder: it opens nothing.
    shop.api.get(&of_eva).card(&eva.code).send().await.refused(401, "unauthenticated");
    let page = shop.card_page(&eva).await;
    assert_eq!(page["customer"]["first_name"], "Eva");
    assert!(!page.to_string().contains("Ríos") && !page.to_string().contains(&eva.phone));
}

#[tokio::test]
async fn an_unknown_address_and_a_wrong_password_sound_the_same() {
    let world = shared();
    let shop = Shop::sign_up(&world).await;
    let login = async |email: &str| {
        let form = json!({ "email": email, "password": "otra clave larga" });
        shop.api.post("/auth/login").json(&form).answered().await
    };
    let (known, unknown) = (login(&shop.email).await, login("nadie@nada.pe").await);
    let strip = |answer: Answer| {
        let mut body = answer.clone().json();
        answer.refused(401, "invalid-credentials");
        body["trace_id"] = Value::Null;
        body
    };
    assert_eq!(strip(known), strip(unknown));
    for email in [shop.email.as_str(), "nadie@nada.pe"] {
        let form = json!({ "email": email });
        assert_eq!(shop.api.post("/auth/recover").json(&form).answered().await.ok(202), json!({}));
    }
}
