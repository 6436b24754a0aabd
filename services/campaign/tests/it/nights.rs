//! In the quiet hours of a shop nothing is planned that would light up a phone at once.

use chrono::Duration;
use proto::campaign as pb;

use crate::support::World;
use crate::support::shop::Shop;

/// At ten in the evening in Lima, and its customers asleep.
async fn evening(count: usize) -> (World, Shop) {
    let world = World::start().await;
    let shop = Shop::new();
    let now = world.now();
    let all = shop.regulars(&world, count).await;
    world.deliver(all.iter().map(|who| shop.installed(now, *who)).collect()).await;
    world.wait(Duration::hours(12));
    (world, shop)
}

async fn blast(world: &World, shop: Shop, policy: &str) -> pb::Campaign {
    shop.blast(world, |asked| asked.channel_policy = policy.into()).await
}

fn planned(campaign: &pb::Campaign) -> i64 {
    campaign.counts.unwrap().planned
}

#[tokio::test]
async fn what_may_go_by_a_pass_begins_at_nine_and_says_so_until_then() {
    for policy in ["wallet", "wallet_first"] {
        let (world, shop) = evening(3).await;
        let campaign = blast(&world, shop, policy).await;
        assert_eq!((planned(&campaign), campaign.held_by.as_str()), (0, "quiet_hours"), "{policy}");
        world.wait(Duration::minutes(11 * 60 - 1));
        world.plan().await;
        assert_eq!(planned(&shop.get(&world, &campaign.campaign_id).await), 0);
        world.wait(Duration::minutes(1));
        world.plan().await;
        let campaign = shop.get(&world, &campaign.campaign_id).await;
        assert_eq!((planned(&campaign), campaign.held_by.as_str()), (3, ""), "{policy}");
    }
}

#[tokio::test]
async fn what_goes_by_whatsapp_is_planned_at_night_for_messaging_holds_it() {
    let (world, shop) = evening(3).await;
    assert_eq!(planned(&blast(&world, shop, "whatsapp").await), 3);
}

#[tokio::test]
async fn a_shop_that_turns_out_to_be_elsewhere_need_not_wait_for_limas_morning() {
    let (world, shop) = evening(3).await;
    let campaign = blast(&world, shop, "wallet").await;
    assert_eq!(planned(&campaign), 0);
    world.deliver(vec![shop.moved(world.now(), "Asia/Tokyo", 1)]).await;
    world.plan().await;
    assert_eq!(planned(&shop.get(&world, &campaign.campaign_id).await), 3);
}

#[tokio::test]
async fn a_pass_follows_a_message_that_did_not_arrive_in_the_morning() {
    let (world, shop) = evening(1).await;
    let id = blast(&world, shop, "whatsapp").await.campaign_id;
    let send = world.requested().await[0].sends[0].clone();
    world.deliver(vec![shop.status(world.now(), &id, &send, ("failed", 3, "experiment"))]).await;
    world.app.follow_up().await.unwrap();
    assert_eq!(world.requested().await.len(), 1);
    world.wait(Duration::hours(11));
    world.app.follow_up().await.unwrap();
    let asked = world.requested().await;
    assert_eq!((asked.len(), asked[1].channel.as_str()), (2, "wallet"));
}
