//! A process that is there and does not answer, as on a machine that is gone: the others go on without it.

use std::time::Duration;

use e2e::{Books, Shop, World, eventually, key, signal};
use tokio::time::timeout;

/// Stamps while one process is silent.
const STAMPS: usize = 40;
/// Who finds out that it is silent: each of two gateways, by one call, and by another one after ten seconds.
const FIND_OUT: usize = 4;
/// How long somebody waits for an answer.
const PATIENCE: Duration = Duration::from_secs(5);
/// Answers on end, of which half would be another gateway's if it were asked.
const ANSWERS: usize = 20;

#[tokio::test(flavor = "multi_thread")]
async fn one_of_two_processes_that_answers_nobody_costs_a_few_calls_and_not_half_of_them() {
    let world = World::start_with(&[("SPLIT", "2".to_owned())]);
    let shop = Shop::open(&world).await;
    let ana = shop.enroll("Ana Flores").await;
    let stamping = world.services().into_iter().find(|(name, _)| name == "stamping").expect("stamping");

    signal(stamping.1, "STOP");
    let mut unanswered = 0;
    for _ in 0..STAMPS {
        let operation = key();
        if shop.stamp(&ana.card, operation).send().await.status() != 201 {
            unanswered += 1;
            // Nothing is lost: the same stamp, asked for again.
            shop.stamp(&ana.card, operation).answered().await;
        }
    }
    signal(stamping.1, "CONT");

    assert!((1..=FIND_OUT).contains(&unanswered), "{unanswered} of {STAMPS} stamps were not answered");
    world.verify().await;
    assert_eq!(Books::of(&world, &shop.id).await.entries.len(), STAMPS);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_of_two_gateways_that_answers_nobody_is_soon_asked_for_nothing() {
    let world = World::start_with(&[("SPLIT", "2".to_owned())]);
    let shop = Shop::open(&world).await;
    let gateway = world.services().into_iter().find(|(name, _)| name == "gateway").expect("a gateway");

    signal(gateway.1, "STOP");
    // Whoever asks in the first second may be sent there.
    eventually("answers that all come", PATIENCE * 12, async || {
        for _ in 0..ANSWERS {
            let asked = shop.api.get("/business").bearer(&shop.access).try_send();
            timeout(PATIENCE, asked).await.ok()?.ok().filter(|answer| answer.status() == 200)?;
        }
        Some(())
    })
    .await;
    signal(gateway.1, "CONT");
}
