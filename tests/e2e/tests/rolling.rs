//! A new version is rolled out while the shops are open: every process of every service is asked to end in its turn, and no
//! request notices.

use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use e2e::{Books, Shop, Uuid, World, eventually, key, signal};
use futures::future::join_all;

/// Those who stamp at the same time, and those who look.
const STAMPERS: usize = 4;
const OWNERS: usize = 2;
/// How long a process may take to finish, and its successor to be ready.
const REPLACED_WITHIN: Duration = Duration::from_secs(60);

/// Waits until as many processes as before answer that they are ready, the one that was asked to end not among them.
async fn replaced(world: &World, ended: u32, count: usize) {
    eventually("the process to be replaced", REPLACED_WITHIN, async || {
        let there = world.services();
        let is_gone = there.iter().all(|(_, pid)| *pid != ended);
        (is_gone && there.len() == count && world.is_ready().await).then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_process_may_be_replaced_while_requests_come_and_none_is_lost() {
    let world = World::start_with(&[("SPLIT", "2".to_owned())]);
    let shop = Shop::open(&world).await;
    let mut customers = Vec::new();
    for number in 0..STAMPERS {
        customers.push(shop.enroll(&format!("Clienta {number}")).await);
    }
    let processes = world.services();
    let names: HashSet<&str> = processes.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!((processes.len(), names.len()), (14, 7), "{processes:?}");

    let is_over = AtomicBool::new(false);
    let over = || is_over.load(Ordering::Relaxed);
    // Each answer is asked for once: whoever is refused or not answered fails the test.
    let stamp = async |card: &str| {
        let mut answered: Vec<Uuid> = Vec::new();
        while !over() {
            let operation = key();
            shop.stamp(card, operation).send().await.ok(201);
            answered.push(operation);
        }
        answered
    };
    let look = async || {
        while !over() {
            shop.dashboard().await;
            shop.get("/customers?limit=5").send().await.ok(200);
            shop.get("/messaging").send().await.ok(200);
            shop.get("/campaigns").send().await.ok(200);
            shop.get("/deliveries").send().await.ok(200);
        }
    };
    let roll = async || {
        for (_, pid) in &processes {
            signal(*pid, "TERM");
            let name = format!("Nueva {pid}");
            let (_, newcomer) = tokio::join!(replaced(&world, *pid, processes.len()), shop.enroll(&name));
            shop.stamp(&newcomer.card, key()).send().await.ok(201);
        }
        is_over.store(true, Ordering::Relaxed);
    };
    let (answered, _, ()) = tokio::join!(
        join_all(customers.iter().map(|customer| stamp(&customer.card))),
        join_all((0..OWNERS).map(|_| look())),
        roll(),
    );

    world.verify().await;
    let answered: Vec<Uuid> = answered.into_iter().flatten().collect();
    let books = Books::of(&world, &shop.id).await;
    assert!(answered.len() > processes.len(), "only {} stamps while all was replaced", answered.len());
    // And one stamp of each who joined at the moment that a process was told to end.
    assert_eq!(books.entries.len(), answered.len() + processes.len());
    assert!(answered.iter().all(|operation| books.entries.get(&operation.to_string()) == Some(&1)));
}
