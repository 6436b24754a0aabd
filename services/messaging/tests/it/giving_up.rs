//! What waited until its time had passed says for what it waited, so that its owner knows, and can have it tried again where
//! that may help.

use chrono::Duration;
use kernel::CampaignId;
use proto::messaging as pb;
use uuid::Uuid;

use crate::peers::Person;
use crate::quality::{say_baja, told, until_braked};
use crate::world::{Shop, World, with};

const RESTORE: &str = include_str!("../../../../helm/sello/files/postgresql/restore.sh");

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
    world.approve(&shop, 28, 0).await;
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
    let world = World::with(1, 400, 0).await;
    let shop = world.shop("Café").await;
    let people = told(&world, &shop, 60).await;
    say_baja(&world, &people[..5]).await;
    until_braked(&world, &shop, "stopped", "opt_outs").await;
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

/// What a restore does with all that waits.
async fn restored(world: &World) {
    let from = RESTORE.find("update messaging.queue").unwrap();
    let to = from + RESTORE[from..].find(';').unwrap();
    sqlx::query(&RESTORE[from..to]).execute(&world.pool).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_may_have_gone_out_before_a_restore_is_never_tried_again_not_even_at_night() {
    let world = World::start().await;
    let shop = world.shop("Café").await;
    world.wait(Duration::hours(10));
    let sends = world.ask(&shop, CampaignId::generate(), &world.people(&shop, 1)).await;
    restored(&world).await;
    have_failed_for(&world, &sends, "expired").await;
    assert_eq!(shown(&world, &shop).await, []);
    world.wait(Duration::hours(10));
    assert_eq!(retried(&world, &shop).await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn nor_is_what_waited_for_a_tier_before_it() {
    let world = World::start().await;
    let shop = world.shop("Café").await;
    world.wait(Duration::hours(10));
    let sends = world.ask(&shop, CampaignId::generate(), &world.people(&shop, 1)).await;
    let waits = "select count(*) from messaging.queue where state = 'waiting'";
    world.until_count(waits, 1).await;
    sqlx::query("update messaging.queue set reason = 'tier', next_at = next_at + interval '1 hour'")
        .execute(&world.pool)
        .await
        .unwrap();
    restored(&world).await;
    world.wait(Duration::hours(21));
    have_failed_for(&world, &sends, "expired").await;
    assert_eq!(shown(&world, &shop).await, []);
    assert_eq!(retried(&world, &shop).await, 0);
}

/// What a campaign asked for as campaigns do, and what was given up 72 hours later because there was no money for it.
async fn given_up_for_money(world: &World, shop: &Shop, people: &[Person]) -> Vec<Uuid> {
    world.approve(shop, 20, 0).await;
    let good_until = world.clock.now() + Duration::hours(72);
    let sends = world.ask_until(shop, CampaignId::generate(), people, "marketing", Some(good_until)).await;
    let held = "select count(*) from messaging.business where marketing_broke_until is not null";
    world.until_count(held, 1).await;
    world.wait(Duration::hours(70));
    have_failed_for(world, &sends, "budget").await;
    sends
}

#[tokio::test(flavor = "multi_thread")]
async fn a_campaign_that_was_given_up_is_tried_again_within_three_days_and_has_three_more() {
    let world = World::start().await;
    let shop = world.shop_unapproved("Café");
    let sends = given_up_for_money(&world, &shop, &[world.person(&shop)]).await;
    assert_eq!(shown(&world, &shop).await, [("budget".to_owned(), true)]);
    world.wait(Duration::hours(70));
    assert_eq!(retried(&world, &shop).await, 1);
    // Two days later there is money for it.
    world.wait(Duration::hours(50));
    world.approve(&shop, 1_000, 0).await;
    world.until_told(sends[0], "delivered").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_given_up_three_days_ago_is_news_no_more() {
    let world = World::start().await;
    let shop = world.shop_unapproved("Café");
    given_up_for_money(&world, &shop, &[world.person(&shop)]).await;
    world.approve(&shop, 1_000, 0).await;
    world.wait(Duration::hours(73));
    assert_eq!(retried(&world, &shop).await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_was_written_to_in_the_meantime_is_left_in_peace() {
    let world = World::start().await;
    let shop = world.shop_unapproved("Café");
    let people = world.people(&shop, 2);
    let sends = given_up_for_money(&world, &shop, &people).await;
    world.approve(&shop, 1_000, 0).await;
    let other = world.ask(&shop, CampaignId::generate(), &people[..1]).await;
    world.until_told(other[0], "delivered").await;
    assert_eq!(retried(&world, &shop).await, 1);
    world.until_told(sends[1], "delivered").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_in_hand_when_its_time_passed_says_for_what_it_had_waited() {
    let world = World::start().await;
    let shop = world.shop_unapproved("Café");
    world.approve(&shop, 20, 0).await;
    let good_until = world.clock.now() + Duration::days(1) + Duration::seconds(5);
    let ana = [world.person(&shop)];
    let sends = world.ask_until(&shop, CampaignId::generate(), &ana, "marketing", Some(good_until)).await;
    let waits = "select count(*) from messaging.queue where state = 'waiting' and reason = 'budget'";
    world.until_count(waits, 1).await;
    // Its last seconds pass while enrollment is being asked for her.
    let gate = world.peers.gate.write().await;
    world.wait(Duration::days(1));
    world.until_count("select count(*) from messaging.queue where state = 'claimed'", 1).await;
    world.wait(Duration::seconds(6));
    drop(gate);
    let story = world.until_told(sends[0], "failed").await;
    assert_eq!(story, [("failed".to_owned(), "budget".to_owned())]);
}
