//! Nothing happens twice: however often a till asks, however many tills ask at the same time.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed, and says where")]

use std::collections::BTreeMap;
use std::time::Duration;

use e2e::{
    Answer, Call, Customer, Queued, Shop, Till, Wallets, WhatsApp, World, eventually, key, marketing, shared,
    soon, zone_at,
};
use futures::future::join_all;
use serde_json::{Value, json};

/// How often a thing is asked for at the same time.
const AT_ONCE: usize = 20;

/// Sends so many calls at the same time.
async fn at_once(calls: impl IntoIterator<Item = Call>) -> Vec<Answer> {
    join_all(calls.into_iter().map(Call::send)).await
}

/// The answers by status: how many of each.
fn count(answers: &[Answer], status: u16) -> usize {
    answers.iter().filter(|answer| answer.status() == status).count()
}

/// One answer did it, the others repeat it word by word.
#[track_caller]
fn assert_done_once(answers: &[Answer], done: u16) -> Value {
    // One of each status says enough.
    let told: BTreeMap<u16, String> =
        answers.iter().map(|answer| (answer.status(), answer.to_string())).collect();
    let repeated = if done == 200 { answers.len() } else { answers.len() - 1 };
    assert_eq!(count(answers, 200), repeated, "of {} answers: {told:#?}", answers.len());
    assert_eq!(count(answers, done), if done == 200 { repeated } else { 1 }, "{told:#?}");
    let body = answers[0].json();
    assert!(answers.iter().all(|answer| answer.json() == body), "{told:#?}");
    body
}

async fn shop_with_ana() -> (e2e::Shared, Shop, Customer) {
    let world = shared();
    let shop = Shop::open(&world).await;
    let ana = shop.enroll("Ana Flores").await;
    (world, shop, ana)
}

async fn with_a_reward() -> (e2e::Shared, Shop, Customer, String) {
    let (world, shop, ana) = shop_with_ana().await;
    let ten = json!({ "card_id": ana.card, "count": 10 });
    let stamped = shop.post("/stamps").key(key()).json(&ten).send().await.ok(201);
    let reward = stamped["rewards_unlocked"][0]["id"].as_str().unwrap().to_owned();
    (world, shop, ana, reward)
}

#[tokio::test]
async fn twenty_requests_with_one_key_are_one_stamp_and_twenty_equal_answers() {
    let (world, shop, ana) = shop_with_ana().await;
    let once = key();
    let answers = at_once((0..AT_ONCE).map(|_| shop.stamp(&ana.card, once))).await;
    let body = assert_done_once(&answers, 201);
    assert_eq!(body["card"]["total"], 1);
    assert_eq!(shop.stamp(&ana.card, once).send().await.ok(200), body);
    assert_eq!(shop.ledger(&ana.id).await.len(), 1);
    world.verify().await;
}

#[tokio::test]
async fn one_key_for_the_same_card_by_its_scan_its_code_and_its_id_is_one_stamp() {
    let world = shared();
    let shop = Shop::with_rules(&world, json!({ "max_per_visit": 1, "max_per_day": 1 })).await;
    for _ in 0..5 {
        let ana = shop.enroll("Ana Flores").await;
        let scan = shop.post("/scans").json(&json!({ "code": ana.code })).send().await.ok(201);
        let names = [
            json!({ "scan_id": scan["scan_id"] }),
            json!({ "code": ana.code }),
            json!({ "card_id": ana.card }),
        ];
        let once = key();
        let answers =
            at_once((0..AT_ONCE).map(|turn| shop.post("/stamps").key(once).json(&names[turn % 3]))).await;
        assert_done_once(&answers, 201);
        assert_eq!(shop.ledger(&ana.id).await.len(), 1);
    }
}

#[tokio::test]
async fn a_key_that_did_one_thing_does_no_other() {
    let (_world, shop, ana) = shop_with_ana().await;
    let eva = shop.enroll("Eva Ríos").await;
    let once = key();
    let body = shop.stamp(&ana.card, once).send().await.ok(201);
    for other in [
        json!({ "card_id": eva.card }),
        json!({ "card_id": ana.card, "count": 2 }),
        json!({ "card_id": ana.card, "amount_cents": 500 }),
        json!({ "card_id": ana.card, "kind": "bonus" }),
    ] {
        let refused =
            shop.post("/stamps").key(once).json(&other).send().await.refused(422, "operation-mismatch");
        assert_eq!(refused.field(), "Idempotency-Key", "{other}");
    }
    let void = format!("/stamps/{}/void", body["stamp_id"].as_str().unwrap());
    shop.post(&void).key(once).send().await.refused(422, "operation-mismatch");
    assert_eq!((shop.ledger(&ana.id).await.len(), shop.ledger(&eva.id).await.len()), (1, 0));
}

#[tokio::test]
async fn a_double_tap_at_the_till_is_one_stamp() {
    let (_world, shop, ana) = shop_with_ana().await;
    let till = Till::open(&shop).await;
    for _ in 0..5 {
        let scan = till.scan(&ana.code).await;
        let once = key();
        assert_done_once(&at_once([till.stamp(&scan, once), till.stamp(&scan, once)]).await, 201);
    }
    assert_eq!(shop.ledger(&ana.id).await.len(), 5);
}

#[tokio::test]
async fn a_double_tap_on_a_reward_hands_it_over_once_and_says_so_twice() {
    let (world, shop, _, reward) = with_a_reward().await;
    let once = key();
    let path = format!("/rewards/{reward}/redeem");
    assert_done_once(&at_once((0..AT_ONCE).map(|_| shop.post(&path).key(once))).await, 200);
    shop.today("rewards_redeemed", 1).await;
    world.verify().await;
}

#[tokio::test]
async fn of_twenty_who_hand_one_reward_over_one_does() {
    let (_world, shop, _, reward) = with_a_reward().await;
    let path = format!("/rewards/{reward}/redeem");
    let answers = at_once((0..AT_ONCE).map(|_| shop.post(&path).key(key()))).await;
    assert_eq!((count(&answers, 200), count(&answers, 409)), (1, AT_ONCE - 1));
    for answer in answers.into_iter().filter(|answer| answer.status() == 409) {
        answer.refused(409, "reward-not-open");
    }
}

#[tokio::test]
async fn a_double_tap_on_undo_takes_one_stamp_back_and_says_so_twice() {
    let (world, shop, ana) = shop_with_ana().await;
    let stamped = shop.stamp(&ana.card, key()).send().await.ok(201);
    let path = format!("/stamps/{}/void", stamped["stamp_id"].as_str().unwrap());
    let once = key();
    let body = assert_done_once(&at_once((0..AT_ONCE).map(|_| shop.post(&path).key(once))).await, 200);
    assert_eq!(body["card"]["total"], 0);
    assert_eq!(shop.ledger(&ana.id).await.len(), 2);
    world.verify().await;
}

#[tokio::test]
async fn of_twenty_who_undo_one_stamp_one_does() {
    let (_world, shop, ana) = shop_with_ana().await;
    let stamped = shop.stamp(&ana.card, key()).send().await.ok(201);
    let path = format!("/stamps/{}/void", stamped["stamp_id"].as_str().unwrap());
    let answers = at_once((0..AT_ONCE).map(|_| shop.post(&path).key(key()))).await;
    assert_eq!((count(&answers, 200), count(&answers, 409)), (1, AT_ONCE - 1));
    for answer in answers.into_iter().filter(|answer| answer.status() == 409) {
        answer.refused(409, "already-voided");
    }
    assert_eq!(shop.ledger(&ana.id).await.len(), 2);
}

#[tokio::test]
async fn twenty_keys_at_once_get_no_more_than_the_day_gives() {
    let world = shared();
    let shop = Shop::with_rules(&world, json!({ "max_per_visit": 1, "max_per_day": 3 })).await;
    let ana = shop.enroll("Ana Flores").await;
    let answers = at_once((0..AT_ONCE).map(|_| shop.stamp(&ana.card, key()))).await;
    assert_eq!((count(&answers, 201), count(&answers, 409)), (3, AT_ONCE - 3));
    for answer in answers.into_iter().filter(|answer| answer.status() == 409) {
        let limit = answer.refused(409, "limit-reached");
        assert_eq!(limit.reason(), "max_per_day");
        let until = limit.until().parse::<chrono::DateTime<chrono::Utc>>().unwrap();
        // Midnight in Lima.
        assert_eq!(until.time(), chrono::NaiveTime::from_hms_opt(5, 0, 0).unwrap());
    }
    assert_eq!(shop.ledger(&ana.id).await.len(), 3);
    world.verify().await;
}

#[tokio::test]
async fn two_visits_keep_their_distance_whoever_stamps() {
    let world = shared();
    let shop = Shop::with_rules(&world, json!({ "max_per_visit": 2, "min_minutes_between": 30 })).await;
    let (till, other) = (Till::open(&shop).await, Till::open(&shop).await);
    let ana = shop.enroll("Ana Flores").await;
    let (here, there) = (till.scan(&ana.code).await, other.scan(&ana.code).await);
    let answers = at_once([till.stamp(&here, key()), other.stamp(&there, key())]).await;
    assert_eq!((count(&answers, 201), count(&answers, 409)), (1, 1));
    let refused =
        answers.into_iter().find(|answer| answer.status() == 409).unwrap().refused(409, "limit-reached");
    assert_eq!(refused.reason(), "min_minutes_between");
    let scan = till.scan(&ana.code).await;
    assert_eq!(scan["allowed"]["now"], false);
    assert_eq!(scan["allowed"]["until"], refused.until());
    // A manager may pass a limit on purpose, and gives her reason.
    let on_purpose = json!({ "card_id": ana.card, "override_reason": "Pidió dos veces" });
    shop.post("/stamps").key(key()).json(&on_purpose).send().await.ok(201);
    till.post("/stamps").key(key()).json(&on_purpose).send().await.refused(403, "forbidden");
}

#[tokio::test]
async fn a_retry_is_answered_even_after_the_limit_that_it_reached_itself() {
    let world = shared();
    let shop = Shop::with_rules(&world, json!({ "max_per_visit": 1, "max_per_day": 1 })).await;
    let ana = shop.enroll("Ana Flores").await;
    let once = key();
    let body = shop.stamp(&ana.card, once).send().await.ok(201);
    shop.stamp(&ana.card, key()).send().await.refused(409, "limit-reached");
    assert_eq!(shop.stamp(&ana.card, once).send().await.ok(200), body);
}

#[tokio::test]
async fn a_refusal_is_judged_afresh_with_the_same_key() {
    let (_world, shop, ana) = shop_with_ana().await;
    let once = key();
    let program = format!("/programs/{}", shop.program);
    shop.patch(&program).json(&json!({ "active": false })).send().await.ok(200);
    shop.stamp(&ana.card, once).send().await.refused(409, "program-inactive");
    shop.patch(&program).json(&json!({ "active": true })).send().await.ok(200);
    shop.stamp(&ana.card, once).send().await.ok(201);
}

#[tokio::test]
async fn what_was_stamped_online_is_not_stamped_again_from_the_offline_queue() {
    let (_world, shop, ana) = shop_with_ana().await;
    let till = Till::open(&shop).await;
    let queued = Queued::now(&ana.code);
    let code = json!({ "code": ana.code });
    let online = till.post("/stamps").key(queued.operation).json(&code).send().await.ok(201);
    let answer = till.send(&till.batch(&[queued])).send().await.ok(200);
    assert_eq!(answer["results"][0]["status"], "replayed", "{answer}");
    assert_eq!(answer["results"][0]["stamp"]["stamp_id"], online["stamp_id"]);
    assert_eq!(shop.ledger(&ana.id).await.len(), 1);
}

#[tokio::test]
async fn the_same_queue_sent_by_five_tabs_at_once_counts_once() {
    let (world, shop, ana) = shop_with_ana().await;
    let till = Till::open(&shop).await;
    let queue: Vec<Queued> = (0..40).map(|_| Queued::now(&ana.code)).collect();
    let batch = till.batch(&queue);
    let answers = at_once((0..5).map(|_| till.send(&batch))).await;
    let done: usize = answers
        .iter()
        .flat_map(|answer| answer.json()["results"].as_array().unwrap().clone())
        .filter(|result| result["status"] == "done")
        .count();
    assert_eq!((done, shop.ledger(&ana.id).await.len()), (40, 40));
    world.verify().await;
}

#[tokio::test]
async fn one_key_in_two_businesses_is_two_operations() {
    let (world, shop, ana) = shop_with_ana().await;
    let other = Shop::open(&world).await;
    let eva = other.enroll("Eva Ríos").await;
    let once = key();
    let (here, there) = tokio::join!(shop.stamp(&ana.card, once).send(), other.stamp(&eva.card, once).send());
    assert_ne!(here.ok(201)["stamp_id"], there.ok(201)["stamp_id"]);
}

#[tokio::test]
async fn a_hundred_stamps_at_once_on_one_card_all_count_and_unlock_ten_rewards() {
    let (world, shop, ana) = shop_with_ana().await;
    let answers = at_once((0..100).map(|_| shop.stamp(&ana.card, key()))).await;
    assert_eq!(count(&answers, 201), 100);
    let mut totals: Vec<i64> =
        answers.iter().map(|answer| answer.json()["card"]["total"].as_i64().unwrap()).collect();
    totals.sort_unstable();
    assert_eq!(totals, (1..=100).collect::<Vec<_>>());
    let unlocked: usize =
        answers.iter().map(|answer| answer.json()["rewards_unlocked"].as_array().unwrap().len()).sum();
    assert_eq!(unlocked, 10);
    world.verify().await;
}

#[tokio::test]
async fn twenty_who_change_a_program_at_once_make_twenty_versions_one_after_the_other() {
    let (_world, shop, _) = shop_with_ana().await;
    let path = format!("/programs/{}", shop.program);
    let changes = (0..AT_ONCE).map(|turn| shop.patch(&path).json(&json!({ "name": format!("Café {turn}") })));
    let mut versions: Vec<_> =
        at_once(changes).await.into_iter().map(|answer| answer.ok(200)["version"].as_u64()).collect();
    versions.sort_unstable();
    assert_eq!(versions, (2..=AT_ONCE as u64 + 1).map(Some).collect::<Vec<_>>());
}

#[tokio::test]
async fn books_that_three_compare_at_once_agree_for_each() {
    let (world, shop, ana) = shop_with_ana().await;
    shop.stamp(&ana.card, key()).send().await.ok(201);
    tokio::join!(world.verify(), world.verify(), world.verify());
}

#[tokio::test]
async fn figures_that_were_spoiled_are_made_anew_from_the_ledger_as_they_were() {
    // A platform of its own: it is spoiled and stopped.
    let world = World::start();
    let shop = Shop::open(&world).await;
    // No midnight comes between one look and the next.
    shop.patch("/business").json(&json!({ "time_zone": zone_at(12) })).send().await.ok(200);
    let ana = shop.enroll("Ana Flores").await;
    let eva = shop.enroll("Eva Rojas").await;
    for _ in 0..12 {
        shop.stamp(&ana.card, key()).send().await.ok(201);
    }
    let mistaken = shop.stamp(&eva.card, key()).send().await.ok(201);
    let undo = format!("/stamps/{}/void", mistaken["stamp_id"].as_str().unwrap());
    shop.post(&undo).key(key()).json(&json!({ "reason": "Otra tarjeta" })).send().await.ok(200);
    let page = shop.card_page(&ana).await;
    let reward = page["rewards"][0]["id"].as_str().unwrap().to_owned();
    shop.post(&format!("/rewards/{reward}/redeem")).key(key()).send().await.ok(200);
    shop.delete(&format!("/customers/{}", eva.id)).send().await.ok(204);
    world.verify().await;
    let figures = async || {
        let mut dashboard = shop.dashboard().await;
        dashboard["as_of"] = Value::Null;
        let members = shop.get("/analytics/members").send().await;
        (dashboard, members.text().to_owned())
    };
    let before = figures().await;

    // Somebody's hand in the database.
    let mut database = world.database().await;
    for spoil in [
        "update analytics.slot set stamps = stamps + 7",
        "delete from analytics.card_visit",
        "update analytics.total set customers = 99",
    ] {
        sqlx::query(spoil).execute(&mut database).await.unwrap();
    }
    drop(database);
    assert!(world.sello("verify").output().unwrap().stdout.windows(7).all(|said| said != b"drift 0"));
    let running = world.sello("rebuild").arg("analytics").output().unwrap();
    assert!(!running.status.success(), "rebuilt under a running platform");
    world.stop();
    let rebuilt = world.sello("rebuild").arg("analytics").output().unwrap();
    let said = String::from_utf8_lossy(&rebuilt.stdout);
    assert!(rebuilt.status.success() && said.contains("drift 0"), "{said}");
    world.restart();
    assert_eq!(figures().await, before);
}

/// Those that campaigns are made for here, as a page shows them before one is launched.
async fn previews(shop: &Shop) -> Vec<Value> {
    let audiences = [
        json!({ "all": [] }),
        json!({ "visits": { "min": 1, "days": 0 } }),
        json!({ "visits": { "max": 0, "days": 0 } }),
        json!({ "days_since_visit": { "max": 3 } }),
        json!({ "stamps_left": { "min": 1, "max": 8 } }),
        json!({ "stamps_left": { "min": 10, "max": 10 } }),
        json!({ "reward_open": { "expires_within_days": 0 } }),
        json!({ "reward_open": { "expires_within_days": 40 } }),
        json!({ "all": [{ "language": { "language": "es" } }, { "not": { "reward_open": { "expires_within_days": 0 } } }] }),
        json!({ "joined": { "from": "2026-01-01" } }),
    ];
    let mut shown = Vec::new();
    for audience in audiences {
        let asked = json!({ "audience": audience, "channel_policy": "wallet_first", "holdout_percent": 0 });
        shown.push(shop.post("/audiences/preview").json(&asked).answered().await.ok(200));
    }
    shown
}

/// Launches a campaign and waits until so many have read it.
async fn write_to(shop: &Shop, audience: Value, number: i64) -> String {
    let draft = json!({
        "name": "Jueves de dos por uno", "audience": audience, "holdout_percent": 0, "channel_policy": "whatsapp",
        "wordings": [{
            "language": "es", "template": "news",
            "variables": ["{first_name}", "{business}", "este jueves, dos por uno"],
        }],
    });
    let made = shop.post("/campaigns").key(key()).json(&draft).send().await.ok(201);
    let campaign = made["campaign_id"].as_str().unwrap().to_owned();
    shop.post(&format!("/campaigns/{campaign}/launch")).send().await.ok(200);
    eventually("everybody to have read it", Duration::from_secs(30), async || {
        (counts(shop, &campaign).await["read"] == number).then_some(())
    })
    .await;
    campaign
}

async fn counts(shop: &Shop, campaign: &str) -> Value {
    shop.get(&format!("/campaigns/{campaign}")).send().await.ok(200)["counts"].clone()
}

/// A shop with customers in every state that campaigns know.
struct Regulars {
    shop: Shop,
    /// May be written to, with a pass each: in her iPhone's wallet, in her Android's, in her browser.
    ana: Customer,
    luz: Customer,
    sol: Customer,
    /// Has a reward that waits, and no pass.
    eva: Customer,
    /// Must not: one who was Ana as well, two who said BAJA, one who was forgotten, one who was never asked.
    ines: Customer,
    paz: Customer,
    mia: Customer,
    nora: Customer,
    rosa: Customer,
}

async fn regulars(whatsapp: &WhatsApp, wallets: &Wallets, world: &World) -> Regulars {
    let rules = json!({
        "max_per_visit": 20, "min_minutes_between": 0, "max_per_day": 0, "expires_after_days": 30,
    });
    let shop = Shop::with_rules(world, rules).await;
    whatsapp.approve(world, &shop, &[]).await;
    whatsapp.template(world, &shop, "news").await;
    let give = async |who: &Customer, count: i32| {
        let stamps = json!({ "card_id": who.card, "count": count });
        shop.post("/stamps").key(key()).json(&stamps).send().await.ok(201)
    };
    let fan = async |name: &str| whatsapp.consenting(&shop, name).await;
    let (ana, luz, sol) = (fan("Ana Flores").await, fan("Luz Paz").await, fan("Sol Inga").await);
    let (eva, paz, mia) = (fan("Eva Ríos").await, fan("Paz Soto").await, fan("Mía Vega").await);
    let nora = fan("Nora Díaz").await;
    let (ines, rosa) = (shop.enroll("Inés Flores").await, shop.enroll("Rosa Lima").await);
    for (who, count) in [(&ana, 3), (&ines, 2), (&luz, 10), (&eva, 10), (&paz, 1), (&nora, 4), (&rosa, 9)] {
        give(who, count).await;
    }
    let mistaken = give(&ana, 1).await;
    let undo = format!("/stamps/{}/void", mistaken["stamp_id"].as_str().unwrap());
    shop.post(&undo).key(key()).json(&json!({ "reason": "Otra tarjeta" })).send().await.ok(200);
    let merge = json!({ "from_customer_id": ines.id });
    shop.post(&format!("/customers/{}/merge", ana.id)).json(&merge).send().await.ok(200);
    let reward = shop.card_page(&luz).await["rewards"][0]["id"].as_str().unwrap().to_owned();
    shop.post(&format!("/rewards/{reward}/redeem")).key(key()).send().await.ok(200);
    for who in [&paz, &mia] {
        whatsapp.phone_of(who).says("BAJA").await;
        marketing(&shop, who, "revoked").await;
        // A word of thanks when she came, and now one that she hears no more.
        whatsapp.phone_of(who).until_received(2).await.unwrap();
    }
    wallets.iphone_with(&shop, &ana).await;
    wallets.android_with(&shop, &luz).await;
    wallets.browser_with(&shop, &sol).await;
    shop.delete(&format!("/customers/{}", nora.id)).send().await.ok(204);
    soon("both Anas to have one card", async || {
        (shop.card_page(&ana).await["card"]["stamps"] == 5).then_some(())
    })
    .await;
    soon("every pass to be known", async || (previews(&shop).await[0]["by_wallet"] == 3).then_some(())).await;
    world.verify().await;
    Regulars { shop, ana, luz, sol, eva, ines, paz, mia, nora, rosa }
}

#[tokio::test]
async fn whom_campaigns_choose_is_made_anew_as_it_was_and_nobody_is_written_to_again() {
    let (whatsapp, wallets) = (WhatsApp::start().await, Wallets::start().await);
    let world = whatsapp.platform_with(wallets.settings());
    let Regulars { shop, ana, luz, sol, eva, ines, paz, mia, nora, rosa } =
        regulars(&whatsapp, &wallets, &world).await;
    let first = write_to(&shop, json!({ "reward_open": { "expires_within_days": 0 } }), 1).await;
    world.verify().await;
    let before = previews(&shop).await;
    let everybody = &before[0];
    assert_eq!((&everybody["count"], &everybody["reachable"]), (&json!(8), &json!(3)), "{everybody}");
    let excluded =
        json!({ "erased": 1, "opted_out": 2, "no_consent": 1, "capped": 1, "holdout": 0, "no_pass": 0 });
    assert_eq!(everybody["excluded"], excluded);
    let written = counts(&shop, &first).await;
    let accepted = whatsapp.twilio.accepted_count();

    // Somebody's hand in the database: those who left look as if they had never gone.
    let mut database = world.database().await;
    for spoil in [
        "delete from campaign.audience where opted_out_at = (select min(opted_out_at) from campaign.audience)",
        "update campaign.audience set erased = false, merged_into = null, consent = 'granted', consent_version = 0,
             consent_at = now(), visits = 7, days = '{}', entries = '{}', cards = '{}', rewards = '{}', stamps_left = 2,
             open_rewards = 0, apple_passes = 0, google_passes = 9, web_passes = 0",
        "delete from campaign.program",
    ] {
        sqlx::query(spoil).execute(&mut database).await.unwrap();
    }
    drop(database);
    assert_ne!(previews(&shop).await, before);
    let running = world.sello("rebuild").arg("campaign").output().unwrap();
    assert!(!running.status.success(), "rebuilt under a running platform");
    world.stop();
    let rebuilt = world.sello("rebuild").arg("campaign").output().unwrap();
    let said = String::from_utf8_lossy(&rebuilt.stdout);
    assert!(rebuilt.status.success() && said.contains("facts counted anew"), "{said}");
    world.restart();
    assert_eq!(previews(&shop).await, before);
    assert_eq!(counts(&shop, &first).await, written);

    // The next campaign goes to whoever is left, and to nobody else.
    write_to(&shop, json!({ "all": [] }), 3).await;
    assert_eq!(whatsapp.twilio.accepted_count(), accepted + 3);
    let news = |who: &Customer| {
        let received = whatsapp.phone_of(who).received();
        received.iter().filter(|message| message.body.contains("dos por uno")).count()
    };
    assert_eq!([&ana, &luz, &sol, &eva].map(news), [1; 4]);
    assert_eq!([&ines, &paz, &mia, &nora, &rosa].map(news), [0; 5]);
}
