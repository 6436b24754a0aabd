//! A process that is there and does not answer, as on a machine that is gone: the others go on without it.

use e2e::{Books, Shop, World, key, signal};

/// Stamps while one process is silent.
const STAMPS: usize = 40;
/// Who finds out that it is silent: each of two gateways, by one call, and by another one after ten seconds.
const FIND_OUT: usize = 4;

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
