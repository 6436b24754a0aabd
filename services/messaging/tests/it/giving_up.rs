//! What waited until its time had passed says for what it waited, so that its owner knows, and can have it tried again where
//! that may help.

use chrono::Duration;
use kernel::CampaignId;
use proto::messaging as pb;
use uuid::Uuid;

use crate::world::{Shop, World, with};

/// So many people of a shop are to be written to within two hours; their sends.
async fn ask_for_two_hours(world: &World, shop: &Shop, count: usize) -> Vec<Uuid> {
    let good_until = world.clock.now() + Duration::hours(2);
    let people = world.people(shop, count);
    world.ask_until(shop, CampaignId::generate(), &people, "marketing", Some(good_until)).await
}

/// Three hours later all of them have failed for this.
async fn have_failed_for(world: &World, sends: &[Uuid], reason: &str) {
    world.wait(Duration::hours(3));
    for send in sends {
        let story = world.until_told(*send, "failed").await;
        assert_eq!(story, [("failed".to_owned(), reason.to_owned())]);
    }
}

/// What the owner is shown as failed: why, and whether it may be tried again.
async fn shown(world: &World, shop: &Shop) -> Vec<(String, bool)> {
    let dead = pb::ListDeliveriesRequest { status: "dead".into(), ..Default::default() };
    let dead = world.client().list_deliveries(with(&shop.owner, dead)).await.unwrap().into_inner();
    dead.messages.into_iter().map(|message| (message.reason, message.retryable)).collect()
}

async fn retried(world: &World, shop: &Shop) -> i64 {
    let all = with(&shop.owner, pb::RetryDeliveryRequest::default());
    world.client().retry_delivery(all).await.unwrap().into_inner().retried
}

#[tokio::test(flavor = "multi_thread")]
async fn what_waited_for_money_goes_after_all_once_there_is_some_and_it_is_tried_again() {
    let world = World::start().await;
    let shop = world.shop_unapproved("Café");
    world.approve(&shop, 20, 0).await;
    let sends = ask_for_two_hours(&world, &shop, 1).await;
    let waits = "select count(*) from messaging.queue where state = 'waiting' and reason = 'budget'";
    world.until_count(waits, 1).await;
    have_failed_for(&world, &sends, "budget").await;
    assert_eq!(shown(&world, &shop).await, [("budget".to_owned(), true)]);
    world.approve(&shop, 1_000, 0).await;
    assert_eq!(retried(&world, &shop).await, 1);
    world.until_told(sends[0], "delivered").await;
    assert_eq!(shown(&world, &shop).await, []);
}

#[tokio::test(flavor = "multi_thread")]
async fn so_does_what_was_never_looked_at_because_its_whole_lane_waited() {
    let world = World::start().await;
    let shop = world.shop_unapproved("Café");
    // Less than a message costs anywhere.
    world.approve(&shop, 5, 0).await;
    let sends = ask_for_two_hours(&world, &shop, 60).await;
    let held = "select count(*) from messaging.business where marketing_broke_until is not null";
    world.until_count(held, 1).await;
    have_failed_for(&world, &sends, "budget").await;
    assert_eq!(world.account(&shop).await.dead, 60);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_waited_for_the_operator_says_so() {
    let world = World::start().await;
    let shop = world.shop_unapproved("Bodega");
    let sends = ask_for_two_hours(&world, &shop, 1).await;
    have_failed_for(&world, &sends, "not_approved").await;
    assert_eq!(shown(&world, &shop).await, [("not_approved".to_owned(), true)]);
    world.approve(&shop, 1_000, 0).await;
    assert_eq!(retried(&world, &shop).await, 1);
    world.until_told(sends[0], "delivered").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_stopped_for_its_quality_says_so_and_is_not_tried_again() {
    let world = World::start().await;
    let shop = world.shop("Café").await;
    sqlx::query("update messaging.business set quality_state = 'stopped'")
        .execute(&world.pool)
        .await
        .unwrap();
    let sends = ask_for_two_hours(&world, &shop, 1).await;
    have_failed_for(&world, &sends, "quality").await;
    assert_eq!(shown(&world, &shop).await, [("quality".to_owned(), false)]);
    assert_eq!(retried(&world, &shop).await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_could_have_gone_at_night_only_says_so() {
    let world = World::start().await;
    let shop = world.shop("Café").await;
    world.wait(Duration::hours(10));
    let sends = ask_for_two_hours(&world, &shop, 1).await;
    have_failed_for(&world, &sends, "quiet_hours").await;
    assert_eq!(shown(&world, &shop).await, [("quiet_hours".to_owned(), true)]);
    world.wait(Duration::hours(10));
    assert_eq!(retried(&world, &shop).await, 1);
    world.until_told(sends[0], "delivered").await;
}
