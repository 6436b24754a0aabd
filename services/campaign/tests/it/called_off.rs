//! What goes by pass, and is called off before a pass has shown it.

use chrono::Duration;
use proto::campaign as pb;

use crate::support::World;
use crate::support::shop::Shop;

const CANCELED: (&str, &str) = ("canceled", "campaign_canceled");

/// A campaign to so many customers who have a pass each, and its sends.
async fn to_passes(world: &World, shop: &Shop, count: usize, policy: &str) -> (String, Vec<pb::Send>) {
    let all = shop.regulars(world, count).await;
    world.deliver(all.iter().map(|who| shop.installed(world.now(), *who)).collect()).await;
    let campaign = shop.blast(world, |asked| asked.channel_policy = policy.into()).await;
    let requested = world.requested().await.pop().unwrap();
    assert_eq!((requested.channel.as_str(), requested.sends.len()), ("wallet", count));
    (campaign.campaign_id, requested.sends)
}

#[tokio::test]
async fn what_no_pass_has_shown_counts_as_canceled_and_gives_its_claim_back() {
    let world = World::start().await;
    let shop = Shop::new();
    let (id, sends) = to_passes(&world, &shop, 2, "wallet").await;
    let now = world.now();
    world.deliver(vec![shop.pass_message(now, &id, &sends[0], "delivered")]).await;
    let cancel = pb::CancelCampaignRequest { campaign_id: id.clone() };
    world.client().cancel_campaign(world.request(shop.owner(), cancel)).await.unwrap();
    // What her pass has shown stays shown, whatever is told of it later.
    world
        .deliver(vec![
            shop.pass_ended(now, &id, &sends[0], CANCELED),
            shop.pass_ended(now, &id, &sends[1], CANCELED),
        ])
        .await;
    let counts = shop.get(&world, &id).await.counts.unwrap();
    assert_eq!((counts.planned, counts.delivered, counts.canceled, counts.failed), (2, 1, 1, 0));
    let next = shop.blast(&world, |_| {}).await;
    assert_eq!(next.counts.unwrap().planned, 1);
    let written = world.requested().await.pop().unwrap().sends;
    assert_eq!(written[0].customer_id, sends[1].customer_id);
}

#[tokio::test]
async fn nothing_follows_what_was_called_off_nor_who_may_not_be_written_to() {
    let world = World::start().await;
    let shop = Shop::new();
    let (id, sends) = to_passes(&world, &shop, 2, "wallet_first").await;
    let now = world.now();
    world
        .deliver(vec![
            shop.pass_ended(now, &id, &sends[0], CANCELED),
            shop.pass_ended(now, &id, &sends[1], ("failed", "opted_out")),
        ])
        .await;
    assert_eq!(world.count("select count(*) from campaign.contact_claim").await, 0);
    world.wait(Duration::days(4));
    assert_eq!(world.app.follow_up().await.unwrap(), 0);
    assert_eq!(world.requested().await.len(), 1);
    let counts = shop.get(&world, &id).await.counts.unwrap();
    assert_eq!((counts.canceled, counts.failed, counts.requested), (1, 1, 0));
    assert_eq!(world.app.finish().await.unwrap(), 1, "nothing is waited for");
}
