//! A broker whose machine falls may have acknowledged what its disk never had. What it has lost is told again.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed, and says where")]

use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use e2e::{Server, Shop, Uuid, World, eventually, key, signal};
use futures::StreamExt;

/// Longer than what was lost takes to be told again.
const REFILLED: Duration = Duration::from_secs(20);

/// The ids of the stamps in the stream, in its order.
async fn told(world: &World) -> Vec<Uuid> {
    let password = world.secrets()["services"]["analytics"]["nats"].as_str().unwrap().to_owned();
    let options = async_nats::ConnectOptions::with_user_and_password("analytics".to_owned(), password);
    let jetstream = async_nats::jetstream::new(options.connect(world.nats_url()).await.unwrap());
    let stream = jetstream.get_stream("SELLO").await.unwrap();
    let consumer = async_nats::jetstream::consumer::pull::Config {
        filter_subject: "sello.v1.*.stamping.stamp_added".into(),
        ack_policy: async_nats::jetstream::consumer::AckPolicy::None,
        ..Default::default()
    };
    let consumer = stream.create_consumer(consumer).await.unwrap();
    let there = usize::try_from(consumer.cached_info().num_pending).unwrap();
    let messages = consumer.fetch().max_messages(there).messages().await.unwrap();
    let ids = messages.map(|message| {
        let headers = message.unwrap().headers.clone().unwrap();
        headers.get("Nats-Msg-Id").unwrap().as_str().parse::<Uuid>().unwrap()
    });
    ids.collect().await
}

/// Where the broker keeps the events themselves; what its readers have had stands beside it.
fn events(world: &World) -> PathBuf {
    let streams = world.data().join("nats/store/jetstream/$G/streams/SELLO/msgs");
    assert!(streams.is_dir(), "{}", streams.display());
    streams
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for file in fs::read_dir(from).unwrap() {
        let file = file.unwrap();
        fs::copy(file.path(), to.join(file.file_name())).unwrap();
    }
}

#[tokio::test]
async fn what_the_broker_acknowledged_and_lost_is_told_again_once() {
    let world = World::start();
    let shop = Shop::open(&world).await;
    let ana = shop.enroll("Ana Flores").await;
    let stamp = async || shop.stamp(&ana.card, key()).send().await.ok(201);
    for _ in 0..3 {
        stamp().await;
    }
    shop.today("stamps", 3).await;
    let older = world.data().join("older");
    let events = events(&world);
    copy(&events, &older);
    for _ in 0..2 {
        stamp().await;
    }
    shop.today("stamps", 5).await;
    let before = told(&world).await;
    assert_eq!(before.len(), 5);

    // Its disk had the first three, and that its readers have had all five.
    assert!(world.stop().success());
    fs::remove_dir_all(&events).unwrap();
    copy(&older, &events);
    world.restart();

    let after = eventually("the stream to have them all", REFILLED, async || {
        let after = told(&world).await;
        (after.len() >= before.len()).then_some(after)
    })
    .await;
    let mut sorted = (before, after);
    sorted.0.sort_unstable();
    sorted.1.sort_unstable();
    assert_eq!(sorted.0, sorted.1, "each once, and no other");
    // Whoever had read further than the stream now goes reads on, and counts nothing twice.
    stamp().await;
    shop.today("stamps", 6).await;
    world.verify().await;
}

#[tokio::test]
async fn what_a_broker_lost_under_a_running_platform_is_told_again_before_anything_new() {
    let world = World::start();
    let shop = Shop::open(&world).await;
    let ana = shop.enroll("Ana Flores").await;
    let stamp = async || shop.stamp(&ana.card, key()).send().await.ok(201);
    for _ in 0..3 {
        stamp().await;
    }
    shop.today("stamps", 3).await;
    let older = world.data().join("older");
    let events = events(&world);
    copy(&events, &older);
    for _ in 0..2 {
        stamp().await;
    }
    shop.today("stamps", 5).await;
    let before = told(&world).await;

    // Whoever starts it again waits, while its disk goes back.
    signal(world.pid(), "STOP");
    signal(world.pid_of(Server::Nats).unwrap(), "KILL");
    eventually("the broker to be gone", REFILLED, async || {
        world.pid_of(Server::Nats).is_none().then_some(())
    })
    .await;
    fs::remove_dir_all(&events).unwrap();
    copy(&older, &events);
    signal(world.pid(), "CONT");
    for _ in 0..3 {
        stamp().await;
    }
    shop.today("stamps", 8).await;

    let after = eventually("the stream to have them all", REFILLED, async || {
        let after = told(&world).await;
        (after.len() >= 8).then_some(after)
    })
    .await;
    let (after, all): (HashSet<Uuid>, usize) = (after.iter().copied().collect(), after.len());
    assert!(before.iter().all(|id| after.contains(id)), "what was lost is there");
    assert_eq!((after.len(), all), (8, 8), "each once");
    world.verify().await;
}

#[tokio::test]
async fn a_broker_that_lost_everything_has_the_last_days_again() {
    let world = World::start();
    let shop = Shop::open(&world).await;
    let ana = shop.enroll("Ana Flores").await;
    for _ in 0..3 {
        shop.stamp(&ana.card, key()).send().await.ok(201);
    }
    shop.today("stamps", 3).await;
    assert!(world.stop().success());
    fs::remove_dir_all(world.data().join("nats/store")).unwrap();
    world.restart();
    eventually("the stream to have them all", REFILLED, async || {
        (told(&world).await.len() == 3).then_some(())
    })
    .await;
    shop.stamp(&ana.card, key()).send().await.ok(201);
    shop.today("stamps", 4).await;
    world.verify().await;
}
