//! What a campaign that is paused for days has to say when it goes on.

use chrono::TimeDelta;
use kernel::CampaignId;

use crate::world::{World, delivered, failed};

#[tokio::test(flavor = "multi_thread")]
async fn what_was_paused_longer_than_it_is_good_for_goes_all_the_same() {
    let world = World::start().await;
    let ana = world.with_iphone().await;
    let campaign = CampaignId::generate();
    let send = world.ask_while_paused(campaign, ana).await;
    world.later(TimeDelta::days(4));
    world.stands(campaign, ana, ("blast", "running", 4)).await;
    assert_eq!(world.ended(send).await, delivered());
    assert_eq!(world.news(ana).await, "Hoy dos por uno");
}

/// After seven days another campaign may have written to her.
#[tokio::test(flavor = "multi_thread")]
async fn what_was_paused_for_more_than_a_week_expires() {
    let world = World::start().await;
    let ana = world.with_iphone().await;
    let campaign = CampaignId::generate();
    let send = world.ask_while_paused(campaign, ana).await;
    world.later(TimeDelta::days(8));
    world.stands(campaign, ana, ("blast", "running", 4)).await;
    assert_eq!(world.ended(send).await, failed("expired"));
    assert_eq!(world.news(ana).await, "");
    assert!(world.apns.pushes().is_empty());
}
