//! The whole way: from the poster to the reward, and what can be taken back on it.

use chrono::{Duration, Utc};
use e2e::{Queued, Shop, Socket, Till, key, shared, soon};
use fakes::android::totp;
use serde_json::{Value, json};

#[tokio::test]
async fn a_poster_shows_the_shop_its_card_and_both_consents_before_anything_is_asked() {
    let world = shared();
    let shop = Shop::open(&world).await;
    let join = shop.api.get(&format!("/join/{}", shop.slug)).send().await.ok(200);
    assert_eq!(join["business"]["slug"], shop.slug.as_str());
    assert_eq!(join["programs"][0]["id"], shop.program.as_str());
    assert_eq!(join["programs"][0]["rewards"][0]["title"], "Un café gratis");
    for purpose in ["program", "marketing"] {
        assert!(join["consent"][purpose]["long"].as_str().is_some_and(|text| text.len() > 100), "{purpose}");
    }
    let page = shop.api.get(&format!("//unete/{}", shop.slug)).send().await;
    assert_eq!((page.status(), page.header("content-type")), (200, "text/html; charset=utf-8"));
}

#[tokio::test]
async fn the_owner_prints_a_poster_that_leads_to_her_shop() {
    let world = shared();
    let shop = Shop::open(&world).await;
    for (form, kind) in [("svg", "image/svg+xml"), ("png", "image/png"), ("pdf", "application/pdf")] {
        let poster = shop.get(&format!("/poster.{form}?size=a4")).send().await;
        assert_eq!((poster.status(), poster.header("content-type")), (200, kind), "{poster}");
    }
    shop.api.get("/poster.svg").send().await.refused(401, "unauthenticated");

    // Nothing is printed that leads nowhere: a new shop has no card, and this one closes its own.
    let poster = async |shop: &Shop| shop.get("/poster.svg").send().await.refused(409, "no-program");
    poster(&Shop::sign_up(&world).await).await;
    shop.patch(&format!("/programs/{}", shop.program)).json(&json!({ "active": false })).send().await.ok(200);
    poster(&shop).await;
}

#[tokio::test]
async fn from_the_poster_to_the_reward_and_on_to_the_next_card() {
    let world = shared();
    let shop = Shop::open(&world).await;
    let till = Till::open(&shop).await;
    let mut panel = shop.live(&world).await;
    panel.next_of("snapshot").await;

    let ana = shop.enroll("Ana Flores").await;
    let enrolled = panel.event("customer_enrolled").await;
    assert_eq!(enrolled["event"]["customer"]["id"], ana.id.as_str());

    // A scan waits for a name only so long.
    soon("her name to be at hand", async || {
        (till.scan(&ana.code).await["customer"]["first_name"] == "Ana").then_some(())
    })
    .await;
    for count in 1..=10 {
        let scan = till.scan(&ana.code).await;
        assert_eq!(scan["customer"]["first_name"], "Ana");
        assert_eq!(scan["card"]["stamps"], count - 1);
        let stamped = till.stamp(&scan, key()).send().await.ok(201);
        assert_eq!(stamped["card"]["stamps"], count);
        assert_eq!(stamped["rewards_unlocked"].as_array().map(Vec::len), Some(usize::from(count == 10)));
        let seen = panel.event("stamp_added").await;
        assert_eq!(seen["event"]["data"]["stamp_id"], stamped["stamp_id"]);
        assert_eq!(seen["event"]["customer"]["first_name"], "Ana");
    }
    panel.event("reward_unlocked").await;

    // The full card shows its reward, and the reward is handed over once.
    let scan = till.scan(&ana.code).await;
    let reward = scan["rewards"][0]["id"].as_str().unwrap();
    assert_eq!(
        (&scan["card"]["stamps"], &scan["rewards"][0]["title"]),
        (&json!(10), &json!("Un café gratis"))
    );
    let once = key();
    let redeemed = till.redeem(reward, &scan, once).send().await.ok(200);
    assert_eq!(redeemed["reward"]["state"], "redeemed");
    let second = till.redeem(reward, &scan, key()).send().await.refused(409, "reward-not-open");
    assert_eq!(second.reason(), "redeemed");
    assert_eq!(till.redeem(reward, &scan, once).send().await.ok(200), redeemed);
    panel.event("reward_redeemed").await;

    // The eleventh stamp begins the next card on the same card.
    let stamped = till.stamp(&scan, key()).send().await.ok(201);
    let card = &stamped["card"];
    assert_eq!((&card["stamps"], &card["cycle"], &card["total"]), (&json!(1), &json!(2), &json!(11)));
    assert_eq!(card["id"], ana.card.as_str());

    let page = shop.card_page(&ana).await;
    assert_eq!(page["card"]["total"], 11);
    assert_eq!(page["history"].as_array().map(Vec::len), Some(11));
    assert_eq!(page["rewards"][0]["state"], "redeemed");

    shop.today("stamps", 11).await;
    shop.today("enrollments", 1).await;
    shop.today("rewards_unlocked", 1).await;
    shop.today("rewards_redeemed", 1).await;
    world.verify().await;
}

#[tokio::test]
async fn a_stamp_taken_back_within_the_minute_is_an_entry_of_its_own() {
    let world = shared();
    let shop = Shop::open(&world).await;
    let till = Till::open(&shop).await;
    let ana = shop.enroll("Ana Flores").await;
    let mut panel = shop.live(&world).await;
    panel.next_of("snapshot").await;

    let scan = till.scan(&ana.code).await;
    let stamped = till.stamp(&scan, key()).send().await.ok(201);
    let stamp = stamped["stamp_id"].as_str().unwrap();
    let voided = till.void(stamp, key()).send().await.ok(200);
    assert_eq!((&voided["card"]["stamps"], &voided["card"]["total"]), (&json!(0), &json!(0)));
    till.void(stamp, key()).send().await.refused(409, "already-voided");

    let ledger = shop.ledger(&ana.id).await;
    assert_eq!(ledger.len(), 2);
    assert_eq!(
        (&ledger[0]["kind"], &ledger[0]["count"], &ledger[0]["voided"]),
        (&json!("earn"), &json!(1), &json!(true))
    );
    assert_eq!((&ledger[1]["kind"], &ledger[1]["count"]), (&json!("void"), &json!(-1)));
    assert_eq!(ledger[1]["reverses_id"], stamp);
    assert_eq!(ledger[1]["id"], voided["stamp_id"]);
    let seen = panel.event("stamp_voided").await;
    assert_eq!(seen["event"]["data"]["reverses_stamp_id"], stamp);
    world.verify().await;
    shop.today("stamps", 0).await;
}

#[tokio::test]
async fn a_stamper_takes_back_her_own_stamps_only_and_a_manager_anybodys() {
    let world = shared();
    let shop = Shop::open(&world).await;
    let (till, other) = (Till::open(&shop).await, Till::open(&shop).await);
    let ana = shop.enroll("Ana Flores").await;
    let scan = till.scan(&ana.code).await;
    let stamped = till.stamp(&scan, key()).send().await.ok(201);
    let path = format!("/stamps/{}/void", stamped["stamp_id"].as_str().unwrap());
    other.post(&path).key(key()).send().await.refused(403, "forbidden");
    shop.post(&path).key(key()).send().await.ok(200);
}

#[tokio::test]
async fn a_void_takes_back_the_reward_it_had_unlocked_unless_it_was_handed_over() {
    let world = shared();
    let shop = Shop::open(&world).await;
    let ana = shop.enroll("Ana Flores").await;
    let ten = json!({ "card_id": ana.card, "count": 10 });
    let stamped = shop.post("/stamps").key(key()).json(&ten).send().await.ok(201);
    let (stamp, reward) =
        (stamped["stamp_id"].as_str().unwrap(), stamped["rewards_unlocked"][0]["id"].as_str().unwrap());
    let void = format!("/stamps/{stamp}/void");

    shop.post(&format!("/rewards/{reward}/redeem")).key(key()).send().await.ok(200);
    shop.post(&void).key(key()).send().await.refused(409, "reward-redeemed");
    shop.post(&format!("/rewards/{reward}/unredeem")).key(key()).send().await.ok(200);
    let voided = shop.post(&void).key(key()).send().await.ok(200);
    assert_eq!(voided["rewards_taken_back"], json!([reward]));
    shop.post(&format!("/rewards/{reward}/redeem")).key(key()).send().await.refused(404, "not-found");
    world.verify().await;
}

#[tokio::test]
async fn who_left_her_phone_at_home_is_found_by_name_and_stamped() {
    let world = shared();
    let shop = Shop::open(&world).await;
    let till = Till::open(&shop).await;
    let ana = shop.enroll("Ñandú Pérez").await;
    shop.enroll("Berta Soto").await;

    let found = till.get("/customers?search=nandu").send().await.ok(200);
    assert_eq!(found["items"].as_array().map(Vec::len), Some(1), "{found}");
    let seen = &found["items"][0];
    assert_eq!((&seen["id"], &seen["name"]), (&json!(ana.id), &json!("Ñandú")));
    assert_eq!(seen["phone"], ana.phone[ana.phone.len() - 3..]);
    assert!(seen["birthday"].is_null() && seen["referral_code"].is_null());

    let by_phone = till.get(&format!("/customers?search={}", &ana.phone[4..])).send().await.ok(200);
    assert_eq!(by_phone["items"][0]["id"], ana.id.as_str());

    let stamp = json!({ "card_id": seen["cards"][0]["id"] });
    till.post("/stamps").key(key()).json(&stamp).send().await.ok(201);
    let ledger = shop.ledger(&ana.id).await;
    assert_eq!((&ledger[0]["via"], &ledger[0]["member_id"]), (&json!("search"), &json!(till.member)));
}

#[tokio::test]
async fn a_till_that_was_offline_hands_its_queue_in_and_each_stamp_counts_when_it_happened() {
    let world = shared();
    let shop = Shop::open(&world).await;
    let till = Till::open(&shop).await;
    let (ana, eva) = (shop.enroll("Ana Flores").await, shop.enroll("Eva Ríos").await);

    // The till's clock is three hours slow, and so is all it wrote down.
    let slow = Duration::hours(3);
    let two_hours_ago = Utc::now() - Duration::hours(2);
    let queue = [
        Queued { occurred_at: two_hours_ago - slow, ..Queued::now(&ana.code) },
        Queued { occurred_at: two_hours_ago - slow, count: 2, ..Queued::now(&eva.code) },
    ];
    let batch = till.batch_at(Utc::now() - slow, &queue);
    let done = till.send(&batch).send().await.ok(200);
    for (at, result) in done["results"].as_array().unwrap().iter().enumerate() {
        assert_eq!(result["status"], "done", "{result}");
        assert_eq!(result["operation_id"], queue[at].operation.to_string());
    }
    let ledger = shop.ledger(&eva.id).await;
    assert_eq!((&ledger[0]["via"], &ledger[0]["count"]), (&json!("offline"), &json!(2)));
    let occurred_at = ledger[0]["occurred_at"].as_str().unwrap().parse::<chrono::DateTime<Utc>>().unwrap();
    assert!(
        (occurred_at - two_hours_ago).abs() < Duration::seconds(30),
        "{occurred_at} is not {two_hours_ago}"
    );

    // The answer was lost, so the till sends the same again.
    let again = till.send(&batch).send().await.ok(200);
    for (first, second) in
        done["results"].as_array().unwrap().iter().zip(again["results"].as_array().unwrap())
    {
        assert_eq!(second["status"], "replayed");
        assert_eq!(second["stamp"], first["stamp"]);
    }
    assert_eq!(shop.ledger(&eva.id).await.len(), 1);
    world.verify().await;
}

#[tokio::test]
async fn a_queue_that_this_till_did_not_sign_is_refused_whole() {
    let world = shared();
    let shop = Shop::open(&world).await;
    let (till, other) = (Till::open(&shop).await, Till::open(&shop).await);
    let ana = shop.enroll("Ana Flores").await;
    let queue = [Queued::now(&ana.code)];

    let foreign = other.batch(&queue);
    assert_eq!(till.send(&foreign).send().await.refused(401, "batch-signature").field(), "signature");
    let mut changed = till.batch(&queue);
    changed["payload"] = changed["payload"].as_str().unwrap().replace("\"count\":1", "\"count\":9").into();
    till.send(&changed).send().await.refused(401, "batch-signature");
    let mut unsigned = till.batch(&queue);
    unsigned["signature"] = "".into();
    till.send(&unsigned).send().await.refused(401, "batch-signature");
    shop.post("/stamps/batch").json(&till.batch(&queue)).send().await.refused(403, "forbidden");
    assert!(shop.ledger(&ana.id).await.is_empty());
}

#[tokio::test]
async fn in_a_queue_each_operation_is_judged_alone() {
    let world = shared();
    let shop = Shop::open(&world).await;
    let till = Till::open(&shop).await;
    let (ana, stranger) =
        (shop.enroll("Ana Flores").await, Shop::open(&world).await.enroll("Sol Vega").await);
    let mut forged = ana.code.clone();
    forged.replace_range(30..31, if &forged[30..31] == "A" { "B" } else { "A" });
    let queue = [
        Queued { occurred_at: Utc::now() - Duration::hours(73), ..Queued::now(&ana.code) },
        Queued { occurred_at: Utc::now() + Duration::minutes(5), ..Queued::now(&ana.code) },
        Queued::now(&forged),
        Queued::now(&stranger.code),
        Queued { count: 21, ..Queued::now(&ana.code) },
        Queued::now(&ana.code),
    ];
    let answer = till.send(&till.batch(&queue)).send().await.ok(200);
    let told: Vec<_> = answer["results"]
        .as_array()
        .unwrap()
        .iter()
        .map(|result| {
            (result["status"].as_str().unwrap(), result["problem"]["slug"].as_str().unwrap_or_default())
        })
        .collect();
    let refused = |slug| ("refused", slug);
    assert_eq!(
        told,
        [
            refused("invalid"),
            refused("invalid"),
            refused("code-invalid"),
            refused("code-invalid"),
            refused("invalid"),
            ("done", "")
        ],
    );
    assert_eq!(shop.ledger(&ana.id).await.len(), 1);
}

#[tokio::test]
async fn who_lost_her_card_gets_it_back_from_the_till_by_a_link_that_opens_once() {
    let world = shared();
    let shop = Shop::open(&world).await;
    let till = Till::open(&shop).await;
    let ana = shop.enroll("Ana Flores").await;
    let link = till.post(&format!("/customers/{}/link", ana.id)).send().await.ok(201);
    let (address, token) = link["link_url"].as_str().unwrap().split_once("#link=").unwrap();
    assert!(address.ends_with(&format!("/t/{}", ana.card)), "{address}");

    let opened = shop.api.post("/cards/link").json(&json!({ "link_token": token })).send().await.ok(200);
    assert_eq!(opened["card_id"], ana.card.as_str());
    let holder_token = opened["holder_token"].as_str().unwrap();
    shop.api.get(&format!("/cards/{}", ana.card)).card(holder_token).send().await.ok(200);
    shop.api.post("/cards/link").json(&json!({ "link_token": token })).send().await.refused(404, "not-found");
}

#[tokio::test]
async fn a_code_that_was_replaced_opens_nothing_any_more() {
    let world = shared();
    let shop = Shop::open(&world).await;
    let till = Till::open(&shop).await;
    let ana = shop.enroll("Ana Flores").await;
    let rotate = format!("/cards/{}/rotate-code", ana.card);
    let rotated = shop.api.post(&rotate).card(&ana.holder_token).send().await.ok(200);
    let old = json!({ "code": ana.code });
    till.post("/scans").json(&old).send().await.refused(409, "code-revoked");
    till.post("/stamps").key(key()).json(&old).send().await.refused(409, "code-revoked");
    till.scan(rotated["code"].as_str().unwrap()).await;
}

#[tokio::test]
async fn her_own_phone_makes_codes_that_are_worth_nothing_a_minute_later() {
    let world = shared();
    let shop = Shop::open(&world).await;
    let till = Till::open(&shop).await;
    let ana = shop.enroll("Ana Flores").await;
    let rotating = shop.card_page(&ana).await["rotating"].clone();
    let key = hex::decode(rotating["key_hex"].as_str().unwrap()).unwrap();
    let shown = |at: chrono::DateTime<Utc>| {
        let code = totp(&key, at.timestamp_millis() as u64, 30_000, 8);
        format!("{}.{}.{code}", rotating["prefix"].as_str().unwrap(), at.timestamp())
    };
    soon("her code to bring her", async || {
        (till.scan(&shown(Utc::now())).await["customer"]["first_name"] == "Ana").then_some(())
    })
    .await;
    let photographed = json!({ "code": shown(Utc::now() - Duration::minutes(2)) });
    let passed = till.post("/scans").json(&photographed).send().await.refused(409, "code-revoked");
    assert_eq!(passed.reason(), "passed");
    // Whoever works in the shop sees the card and cannot make its codes.
    assert!(shop.get(&format!("/cards/{}", ana.card)).send().await.ok(200)["rotating"].is_null());
}

#[tokio::test]
async fn a_stamp_appears_on_the_customers_own_phone_by_itself() {
    let world = shared();
    let shop = Shop::open(&world).await;
    let till = Till::open(&shop).await;
    let ana = shop.enroll("Ana Flores").await;
    let mut phone = Socket::card(&world, &ana.card, &ana.holder_token).await;
    assert_eq!(phone.next_of("card").await["card"]["stamps"], 0);
    let scan = till.scan(&ana.code).await;
    till.stamp(&scan, key()).send().await.ok(201);
    let shown = soon("the stamp on her phone", async || {
        let card = phone.next_of("card").await;
        (card["card"]["stamps"] == 1).then_some(card)
    });
    shown.await;
}

#[tokio::test]
async fn a_scan_is_good_on_the_till_that_made_it_and_on_no_other() {
    let world = shared();
    let shop = Shop::open(&world).await;
    let (till, other) = (Till::open(&shop).await, Till::open(&shop).await);
    let ana = shop.enroll("Ana Flores").await;
    let scan = till.scan(&ana.code).await;
    other.stamp(&scan, key()).send().await.refused(409, "scan-expired");
    till.stamp(&scan, key()).send().await.ok(201);
}

#[tokio::test]
async fn a_stamper_hands_a_reward_over_only_to_the_card_she_scanned() {
    let world = shared();
    let shop = Shop::open(&world).await;
    let till = Till::open(&shop).await;
    let (ana, eva) = (shop.enroll("Ana Flores").await, shop.enroll("Eva Ríos").await);
    let ten = json!({ "card_id": ana.card, "count": 10 });
    let stamped = shop.post("/stamps").key(key()).json(&ten).send().await.ok(201);
    let reward = stamped["rewards_unlocked"][0]["id"].as_str().unwrap();
    let path = format!("/rewards/{reward}/redeem");
    assert_eq!(till.post(&path).key(key()).send().await.refused(422, "invalid").field(), "scan_id");
    let wrong = till.scan(&eva.code).await;
    till.redeem(reward, &wrong, key()).send().await.refused(409, "scan-expired");
    let right = till.scan(&ana.code).await;
    till.redeem(reward, &right, key()).send().await.ok(200);
}

#[tokio::test]
async fn paper_cards_are_carried_over_once_however_often_the_list_is_sent() {
    let world = shared();
    let shop = Shop::open(&world).await;
    let list = "name,phone,birthday,stamps\nAna Flores,987000001,,7\nEva Ríos,987 000 002,1990-05-02,13\nSin Número,12,,1\n";
    let import = async |query: &str| {
        shop.post(&format!("/customers/import{query}")).bytes("text/csv", list).send().await.ok(200)
    };
    let dry = import("?dry_run=true").await;
    assert_eq!((&dry["created"], &dry["errors"]), (&json!(2), &json!(1)), "{dry}");
    assert_eq!(shop.get("/customers").send().await.ok(200)["total"], 0);
    import("").await;
    let again = import("").await;
    assert_eq!((&again["created"], &again["known"]), (&json!(0), &json!(2)), "{again}");

    let customers = shop.get("/customers?search=eva").send().await.ok(200);
    let card = &customers["items"][0]["cards"][0];
    assert_eq!((&card["total"], &card["stamps"], &card["cycle"]), (&json!(13), &json!(3), &json!(2)));
    world.verify().await;
}

#[tokio::test]
async fn an_erased_customer_is_nobody_and_her_stamps_still_add_up() {
    let world = shared();
    let shop = Shop::open(&world).await;
    let till = Till::open(&shop).await;
    let ana = shop.enroll("Ana Flores").await;
    let scan = till.scan(&ana.code).await;
    till.stamp(&scan, key()).send().await.ok(201);
    shop.today("stamps", 1).await;
    let path = format!("/customers/{}", ana.id);
    shop.delete(&path).send().await.ok(204);

    let left = shop.get(&path).send().await;
    if left.status() == 200 {
        let left = left.json();
        assert!(left["erased"] == true && left["phone"].is_null() && left["name"] == "", "{left}");
    } else {
        left.refused(404, "not-found");
    }
    let code = json!({ "code": ana.code });
    soon("her card to be closed", async || {
        (till.post("/scans").json(&code).send().await.status() == 409).then_some(())
    })
    .await;
    assert_eq!(
        shop.api.get(&format!("/cards/{}", ana.card)).card(&ana.holder_token).send().await.status() / 100,
        4
    );
    world.verify().await;
    assert_eq!(shop.so_far("stamps").await, 1);
}

#[tokio::test]
async fn a_scan_gives_no_more_than_a_visits_stamps_however_often_it_is_asked() {
    let world = shared();
    let rules = json!({ "max_per_visit": 2, "min_minutes_between": 0, "max_per_day": 0 });
    let shop = Shop::with_rules(&world, rules).await;
    let ana = shop.enroll("Ana Flores").await;
    let scan = shop.post("/scans").json(&json!({ "code": ana.code })).send().await.ok(201);
    let stamp = async |scan: &Value| {
        shop.post("/stamps").key(key()).json(&json!({ "scan_id": scan["scan_id"] })).send().await
    };
    stamp(&scan).await.ok(201);
    assert_eq!(stamp(&scan).await.ok(201)["card"]["total"], 2);
    let third = stamp(&scan).await;
    assert_eq!((third.status(), &third.json()["reason"]), (409, &json!("max_per_visit")), "{third}");
    // She comes again: another scan is another visit, for there is no pause here.
    let again = shop.post("/scans").json(&json!({ "code": ana.code })).send().await.ok(201);
    assert_eq!(stamp(&again).await.ok(201)["card"]["total"], 3);
}

#[tokio::test]
async fn what_a_change_of_a_program_leaves_out_stays() {
    let world = shared();
    let rules = json!({
        "max_per_visit": 3, "min_minutes_between": 30, "max_per_day": 6, "expires_after_days": 60,
    });
    let shop = Shop::with_rules(&world, rules).await;
    let path = format!("/programs/{}", shop.program);
    let change = async |change: Value| shop.patch(&path).json(&change).send().await.ok(200);
    change(json!({ "look": { "ink": "#123456", "paper": "#fbf6ea", "stamp_shape": "cup" } })).await;
    change(json!({ "look": { "stamp_shape": "paw" } })).await;
    let program = change(json!({ "rules": { "max_per_day": 4 } })).await;
    assert_eq!(program["look"], json!({ "ink": "#123456", "paper": "#fbf6ea", "stamp_shape": "paw" }));
    let rules = &program["rules"];
    assert_eq!(
        (&rules["max_per_visit"], &rules["min_minutes_between"], &rules["max_per_day"]),
        (&json!(3), &json!(30), &json!(4)),
    );
    assert_eq!(rules["expires_after_days"], 60);
    let program = change(json!({ "rules": { "expires_after_days": null } })).await;
    assert_eq!(program["rules"]["expires_after_days"], Value::Null);
    let wrong = shop.patch(&path).json(&json!({ "rules": { "max_per_visit": 0 } })).send().await;
    assert_eq!(wrong.problem().field(), "rules.max_per_visit");
}
