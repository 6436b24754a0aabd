//! The owner watches it happen: in order, without a gap, without a double, and only what is hers.

use std::collections::BTreeSet;
use std::time::Duration;

use e2e::{Customer, Queued, Shop, Socket, Till, World, eventually, key, shared, so_far};
use futures::future::join_all;
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::client::IntoClientRequest;

/// Batches of 200 stamps that fill whatever lies between a gateway and a reader: some 40 MB of frames.
const MOST_BATCHES: usize = 300;
/// Until a platform that was killed shows what it knows.
const STARTED: Duration = Duration::from_secs(30);

fn cursor(frame: &Value) -> &str {
    frame["cursor"].as_str().expect("a cursor")
}

/// The place in the stream that a frame stands for.
fn place(frame: &Value) -> u64 {
    cursor(frame).rsplit('-').next().and_then(|place| place.parse().ok()).expect("a place")
}

/// Gives three stamps, and returns them as a panel of the shop is shown them.
async fn three_stamps(world: &World, shop: &Shop, customer: &Customer) -> Vec<Value> {
    let mut panel = shop.live_after_joining(world, 1).await;
    let mut seen = Vec::new();
    for _ in 0..3 {
        shop.stamp(&customer.card, key()).send().await.ok(201);
        seen.push(panel.event("stamp_added").await);
    }
    seen
}

/// Those of these frames that tell of a stamp.
fn stamps(frames: &[Value]) -> Vec<Value> {
    frames.iter().filter(|frame| frame["event"]["name"] == "stamp_added").cloned().collect()
}

#[tokio::test]
async fn a_panel_gets_a_snapshot_and_then_every_event_in_its_order() {
    let world = shared();
    let shop = Shop::open(&world).await;
    let ana = shop.enroll("Ana Flores").await;
    shop.today("enrollments", 1).await;
    let mut panel = shop.live(&world).await;
    let snapshot = panel.next_of("snapshot").await;
    assert_eq!(so_far(&snapshot["dashboard"], "enrollments"), 1);
    assert_eq!(snapshot["dashboard"]["hours"].as_array().map(Vec::len), Some(24));

    let mut last = place(&snapshot);
    for total in 1..=10 {
        let stamped = shop.stamp(&ana.card, key()).send().await.ok(201);
        let frame = panel.event("stamp_added").await;
        let event = &frame["event"];
        assert_eq!(
            (&event["data"]["stamp_id"], &event["data"]["card"]["total"]),
            (&stamped["stamp_id"], &json!(total))
        );
        assert_eq!(event["customer"], json!({ "id": ana.id, "first_name": "Ana" }));
        assert!(event["recorded_at"].is_string());
        assert!(place(&frame) > last);
        last = place(&frame);
    }
    let unlocked = panel.event("reward_unlocked").await;
    assert_eq!(unlocked["event"]["data"]["card_id"], ana.card.as_str());
    assert!(place(&unlocked) > last);
}

#[tokio::test]
async fn a_panel_that_is_opened_anew_is_shown_what_happened_before_as_it_was_shown_then() {
    let world = shared();
    let shop = Shop::open(&world).await;
    let ana = shop.enroll("Ana Flores").await;
    let seen = three_stamps(&world, &shop, &ana).await;

    let snapshot = shop.live(&world).await.next_of("snapshot").await;
    let recent = snapshot["recent"].as_array().expect("what happened before");
    assert!(recent.is_sorted_by_key(place) && recent.iter().all(|frame| place(frame) <= place(&snapshot)));
    assert_eq!(stamps(recent), seen);
    let other = Shop::open(&world).await;
    let theirs = other.live(&world).await.next_of("snapshot").await["recent"].to_string();
    assert!(!theirs.contains(&ana.id), "a neighbour's: {theirs}");
}

#[tokio::test]
async fn a_panel_that_was_cut_off_goes_on_without_a_gap_or_a_double() {
    let world = shared();
    let shop = Shop::open(&world).await;
    let ana = shop.enroll("Ana Flores").await;
    let mut panel = shop.live(&world).await;
    let mut after = cursor(&panel.next_of("snapshot").await).to_owned();

    let (mut given, mut seen) = (Vec::new(), Vec::new());
    for round in 0..5 {
        let stamps = (0..6).map(|_| shop.stamp(&ana.card, key()).send());
        given.extend(join_all(stamps).await.into_iter().map(|answer| answer.ok(201)["stamp_id"].clone()));
        // Some are seen before the cut, the rest happen while nobody listens.
        for _ in 0..round {
            let frame = panel.next_of("event").await;
            cursor(&frame).clone_into(&mut after);
            seen.push(frame);
        }
        drop(panel);
        given.push(shop.stamp(&ana.card, key()).send().await.ok(201)["stamp_id"].clone());
        panel = Socket::panel(&world, &shop.access, Some(&after)).await;
    }
    let is_stamp = |frame: &&Value| frame["event"]["name"] == "stamp_added";
    while seen.iter().filter(is_stamp).count() < given.len() {
        seen.push(panel.next_of("event").await);
    }
    assert!(seen.windows(2).all(|pair| place(&pair[0]) < place(&pair[1])), "out of order, or twice");
    let mut stamps: Vec<&Value> =
        seen.iter().filter(is_stamp).map(|frame| &frame["event"]["data"]["stamp_id"]).collect();
    let mut given: Vec<&Value> = given.iter().collect();
    stamps.sort_by_key(|id| id.to_string());
    given.sort_by_key(|id| id.to_string());
    assert_eq!(stamps, given);
}

#[tokio::test]
async fn a_panel_that_reads_too_slowly_is_told_to_fetch_anew_and_then_goes_on() {
    let world = World::start();
    let shop = Shop::open(&world).await;
    let till = Till::open(&shop).await;
    let ana = shop.enroll("Ana Flores").await;
    let mut panel = Socket::narrow_panel(&world, &shop.access).await;
    panel.next_of("snapshot").await;

    // Not before the buffers of every hop are full, whose size the system chooses.
    let mut batches = 0;
    while world.metric("live_queue_drops_total").await == 0.0 {
        batches += 1;
        assert!(batches <= MOST_BATCHES, "the platform does not give up on a reader that does not read");
        let queue: Vec<Queued> = (0..200).map(|_| Queued::now(&ana.code)).collect();
        till.send(&till.batch(&queue)).send().await.ok(200);
    }

    // Now it reads: what was on its way, and the word to fetch anew, perhaps more than once while so much comes in. A
    // stamp that is given after that word is heard after it.
    let (mut before, mut awaited) = (0, None);
    let total = loop {
        let frame = panel.next().await;
        assert!(place(&frame) > before, "out of order, or twice: {frame} after {before}");
        before = place(&frame);
        if frame["type"] == "resync" {
            awaited = Some(shop.stamp(&ana.card, key()).send().await.ok(201));
            continue;
        }
        assert_eq!(frame["type"], "event");
        let heard = &frame["event"]["data"]["stamp_id"];
        if let Some(stamped) = awaited.as_ref().filter(|stamped| stamped["stamp_id"] == *heard) {
            break stamped["card"]["total"].as_i64().unwrap();
        }
    };
    assert_eq!(shop.card_page(&ana).await["card"]["total"], total);
    world.verify().await;
    shop.today("stamps", total).await;
}

#[tokio::test]
async fn a_gateway_that_has_just_started_knows_what_was_shown_before() {
    let world = World::start();
    let shop = Shop::open(&world).await;
    let ana = shop.enroll("Ana Flores").await;
    let seen = three_stamps(&world, &shop, &ana).await;
    world.kill();
    world.restart();

    let found = eventually("what was shown before", STARTED, async || {
        let snapshot = shop.live(&world).await.next_of("snapshot").await;
        let stamps = stamps(snapshot["recent"].as_array()?);
        (!stamps.is_empty()).then_some(stamps)
    });
    assert_eq!(found.await, seen);
    let mut back = Socket::panel(&world, &shop.access, Some(cursor(&seen[0]))).await;
    for missed in &seen[1..] {
        assert_eq!(&back.next_of("event").await, missed);
    }
    let stamped = shop.stamp(&ana.card, key()).send().await.ok(201);
    let event = back.next_of("event").await;
    assert_eq!(event["event"]["data"]["stamp_id"], stamped["stamp_id"]);
}

#[tokio::test]
async fn a_cursor_of_another_time_or_of_no_time_is_told_to_fetch_anew() {
    let world = shared();
    let shop = Shop::open(&world).await;
    let ana = shop.enroll("Ana Flores").await;
    // Waits until the gateway follows the stream: what happens before is in what a page fetches, and no event.
    drop(shop.live(&world).await);
    for after in ["1-1", "nonsense", "", "99999999999999999999-1"] {
        let mut panel = Socket::panel(&world, &shop.access, Some(after)).await;
        panel.next_of("resync").await;
        let stamped = shop.stamp(&ana.card, key()).send().await.ok(201);
        let event = panel.past_resyncs("stamp_added").await;
        assert_eq!(event["event"]["data"]["stamp_id"], stamped["stamp_id"]);
    }
}

#[tokio::test]
async fn a_stamper_and_a_stranger_are_shown_out() {
    let world = shared();
    let shop = Shop::open(&world).await;
    let till = Till::open(&shop).await;
    let ana = shop.enroll("Ana Flores").await;
    for (token, slug, code) in [
        (till.access.as_str(), "forbidden", 4403),
        ("x.y.z", "unauthenticated", 4401),
        ("", "unauthenticated", 4401),
        (&ana.holder_token, "unauthenticated", 4401),
    ] {
        let (told, ended) = Socket::panel(&world, token, None).await.to_its_end().await;
        assert_eq!((told.len(), ended), (1, code), "{told:?}");
        let problem = if told[0]["problem"].is_object() { &told[0]["problem"] } else { &told[0] };
        assert_eq!(told[0]["type"], "problem");
        assert!(problem.to_string().contains(slug), "{problem}");
    }
    for greeting in
        [json!({}), json!({ "token": 1 }), json!([]), json!({ "token": shop.access, "business_id": shop.id })]
    {
        let (told, ended) = Socket::greeted(&world, "/api/v1/live", &greeting, None).await.to_its_end().await;
        assert!(told.iter().all(|frame| frame["type"] == "problem"), "{told:?}");
        assert_eq!(ended, 1008, "{greeting}");
    }
}

#[tokio::test]
async fn a_page_of_another_origin_gets_no_socket() {
    let world = shared();
    let url = format!("ws://127.0.0.1:{}/api/v1/live", world.port());
    for (origin, status) in [("https://evil.example", 403), ("null", 403)] {
        let mut request = url.as_str().into_client_request().unwrap();
        request.headers_mut().insert("origin", origin.parse().unwrap());
        let refused = tokio_tungstenite::connect_async(request).await.unwrap_err();
        let tokio_tungstenite::tungstenite::Error::Http(answer) = refused else { panic!("{refused}") };
        assert_eq!(answer.status().as_u16(), status, "{origin}");
    }
    let mut own = url.as_str().into_client_request().unwrap();
    own.headers_mut().insert("origin", world.url().parse().unwrap());
    assert!(tokio_tungstenite::connect_async(own).await.is_ok());
}

#[tokio::test]
async fn what_happens_next_door_is_not_heard() {
    let world = shared();
    let (shop, other) = (Shop::open(&world).await, Shop::open(&world).await);
    let (ana, sol) = (shop.enroll("Ana Flores").await, other.enroll("Sol Vega").await);
    let mut panel = shop.live_after_joining(&world, 1).await;
    drop(other.live_after_joining(&world, 1).await);
    let mut neighbour = other.live(&world).await;
    let snapshot = neighbour.next_of("snapshot").await;
    for _ in 0..5 {
        shop.stamp(&ana.card, key()).send().await.ok(201);
    }
    for _ in 0..5 {
        panel.event("stamp_added").await;
    }
    let stamped = other.stamp(&sol.card, key()).send().await.ok(201);
    // The very first thing she hears is her own.
    let first = neighbour.next_of("event").await;
    assert_eq!(first["event"]["data"]["stamp_id"], stamped["stamp_id"]);
    assert!(place(&first) >= place(&snapshot) + 6);

    // Nor with a cursor of the other shop's.
    let mut prying = Socket::panel(&world, &other.access, Some(cursor(&snapshot))).await;
    assert_eq!(prying.next_of("event").await["event"]["data"]["stamp_id"], stamped["stamp_id"]);
}

#[tokio::test]
async fn a_phone_watches_its_own_card_and_no_other() {
    let world = shared();
    let shop = Shop::open(&world).await;
    let (ana, eva) = (shop.enroll("Ana Flores").await, shop.enroll("Eva Ríos").await);
    let (told, ended) = Socket::card(&world, &eva.card, &ana.holder_token).await.to_its_end().await;
    assert_eq!((told[0]["type"].as_str(), ended), (Some("problem"), 4403));
    let (_, ended) = Socket::card(&world, &ana.card, "x").await.to_its_end().await;
    assert_eq!(ended, 4401);

    drop(shop.live_after_joining(&world, 2).await);
    let mut phone = Socket::card(&world, &ana.card, &ana.holder_token).await;
    phone.next_of("card").await;
    shop.stamp(&eva.card, key()).send().await.ok(201);
    let ten = json!({ "card_id": ana.card, "count": 10 });
    shop.post("/stamps").key(key()).json(&ten).send().await.ok(201);
    let shown = phone.next_of("card").await;
    assert_eq!((&shown["card"]["id"], &shown["card"]["stamps"]), (&json!(ana.card), &json!(10)));
    assert_eq!(shown["rewards"][0]["state"], "open");
}

#[tokio::test]
async fn a_panel_that_comes_in_the_middle_of_it_misses_nothing_between_its_snapshot_and_its_events() {
    let world = shared();
    let shop = Shop::open(&world).await;
    let ana = shop.enroll("Ana Flores").await;
    let stamping = async {
        for _ in 0..60 {
            shop.stamp(&ana.card, key()).send().await.ok(201);
        }
    };
    let watching = async {
        let mut panel = shop.live(&world).await;
        let snapshot = panel.next_of("snapshot").await;
        // Two processes that stamp publish beside each other, so the order is not promised; that none is missing is.
        let mut totals = BTreeSet::new();
        loop {
            let frame = panel.event("stamp_added").await;
            assert!(place(&frame) > place(&snapshot));
            let total = frame["event"]["data"]["card"]["total"].as_i64().unwrap();
            assert!(totals.insert(total), "{total} twice");
            let (first, last) = (*totals.first().unwrap(), *totals.last().unwrap());
            if last == 60 && totals.len() as i64 == last - first + 1 {
                return;
            }
        }
    };
    tokio::join!(stamping, watching);
}
