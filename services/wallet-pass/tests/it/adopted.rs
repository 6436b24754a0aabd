//! What replicas of before wrote, while a new version takes their place.

use kernel::CampaignId;

use crate::world::{World, canceled, delivered};

#[tokio::test(flavor = "multi_thread")]
async fn what_a_replica_of_before_wrote_for_a_browser_is_shown_once_and_told() {
    let world = World::start().await;
    let (ana, browser) = world.with_browser().await;
    let send = world.ask_a_replica_of_before(CampaignId::generate(), ana).await;
    assert_eq!(world.ended(send).await, delivered());
    assert_eq!(browser.notices().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_replica_of_before_wrote_of_a_campaign_that_is_canceled_is_told_as_that() {
    let world = World::start().await;
    let (ana, browser) = world.with_browser().await;
    let campaign = CampaignId::generate();
    world.stands(campaign, ana, ("blast", "canceled", 3)).await;
    let send = world.ask_a_replica_of_before(campaign, ana).await;
    assert_eq!(world.ended(send).await, canceled());
    world.hears_nothing(&browser).await;
}
