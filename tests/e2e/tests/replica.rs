//! Figures are read from a streaming replica for as long as it keeps up, and from the primary when it lags or dies.

use std::time::Duration;

use e2e::{Replica, Shop, World, eventually, free_port, key};

/// Longer than a lag takes to be found out.
const FOUND_OUT: Duration = Duration::from_secs(20);

async fn in_use(world: &World, is_used: bool) {
    eventually("the other server", FOUND_OUT, async || {
        ((world.metric("replica_in_use").await > 0.0) == is_used).then_some(())
    })
    .await;
}

#[tokio::test]
async fn figures_come_from_a_replica_that_keeps_up_and_are_never_old() {
    let port = free_port();
    let world = World::start_with(&[("ANALYTICS__REPLICA", format!("127.0.0.1:{port}"))]);
    let shop = Shop::open(&world).await;
    let ana = shop.enroll("Ana Flores").await;
    let stamp = async || shop.stamp(&ana.card, key()).send().await.ok(201);
    // There is none yet.
    stamp().await;
    shop.today("stamps", 1).await;

    let mut replica = Replica::of(&world, port).await;
    in_use(&world, true).await;
    stamp().await;
    shop.today("stamps", 2).await;

    replica.pause().await;
    stamp().await;
    // What it does not show makes it old; the primary answers, until it has caught up.
    shop.today("stamps", 3).await;
    in_use(&world, false).await;
    replica.resume().await;
    in_use(&world, true).await;

    // One that hangs answers nobody, and is not waited for.
    replica.hang();
    in_use(&world, false).await;
    stamp().await;
    shop.today("stamps", 4).await;
    replica.go_on();
    in_use(&world, true).await;

    replica.kill();
    stamp().await;
    shop.today("stamps", 5).await;
    in_use(&world, false).await;
    replica.start().await;
    in_use(&world, true).await;

    // Made a server of its own, it misses whatever happens from then on; also after it was started anew, when nothing shows
    // that it ever followed anybody.
    replica.promote().await;
    in_use(&world, false).await;
    replica.kill();
    replica.start().await;
    stamp().await;
    shop.today("stamps", 6).await;
    assert!(world.metric("replica_in_use").await < 1.0);
}
