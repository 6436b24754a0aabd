use chrono::Utc;
use kernel::CampaignId;
use proto::messaging as pb;

use crate::world::{World, problem};

#[tokio::test(flavor = "multi_thread")]
async fn once_a_pause_is_answered_nothing_more_is_handed_to_the_provider() {
    let world = World::with(3, 80, 0).await;
    let shop = world.shop("Café").await;
    let campaign = CampaignId::generate();
    let people = world.people(&shop, 160);
    world.ask(&shop, campaign, &people).await;
    world.twilio.until_accepted(10).await.unwrap();
    world.hold(&shop, campaign, "paused").await;
    let answered = Utc::now();
    let handed = world.twilio.requests().len();
    assert!(handed < 160, "all had gone before the pause");
    // What was under way is written, and nothing waits but what is held.
    world.until_count("select count(*) from messaging.queue where state <> 'held'", 0).await;
    // Another campaign goes through all the same.
    let eva = world.person(&shop);
    let other = world.ask(&shop, CampaignId::generate(), std::slice::from_ref(&eva)).await;
    world.until_told(other[0], "delivered").await;
    assert_eq!(world.called_after(answered).await, 1, "Eva's, and none of the campaign's");

    assert!(world.hold(&shop, campaign, "running").await > 0);
    world.twilio.until_accepted(161).await.unwrap();
    world.until_count("select count(*) from messaging.queue", 0).await;
    assert_eq!(world.twilio.requests().len(), 161);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_canceled_never_goes_and_is_told() {
    let world = World::start().await;
    let shop = world.shop("Café").await;
    let campaign = CampaignId::generate();
    let people = world.people(&shop, 80);
    let sends = world.ask(&shop, campaign, &people).await;
    world.twilio.until_accepted(5).await.unwrap();
    let canceled = world.hold(&shop, campaign, "canceled").await;
    assert!(canceled > 0);
    let gone = world.twilio.requests().len();
    world.until_count("select count(*) from messaging.queue", 0).await;
    let told = world.count("select count(*) from messaging.message where status = 'canceled' and reason = 'campaign_canceled'").await;
    assert_eq!((told, world.twilio.requests().len()), (canceled, gone));
    assert_eq!(usize::try_from(told).unwrap() + gone, 80);
    let late = world.ask(&shop, campaign, &people[..1]).await;
    world.until_told(late[0], "canceled").await;
    let again = pb::HoldCampaignRequest {
        business_id: shop.id.to_string(),
        campaign_id: campaign.to_string(),
        state: "running".into(),
    };
    let refused = problem(world.client().hold_campaign(world.service(again)).await);
    assert_eq!(refused.reason.as_deref(), Some("canceled_already"));
    assert_eq!(sends.len(), 80);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_campaign_paused_before_its_messages_come_holds_them() {
    let world = World::start().await;
    let shop = world.shop("Café").await;
    let campaign = CampaignId::generate();
    world.hold(&shop, campaign, "paused").await;
    let ana = world.person(&shop);
    let sends = world.ask(&shop, campaign, &[ana]).await;
    assert_eq!(world.count("select count(*) from messaging.queue where state = 'held'").await, 1);
    assert_eq!(world.hold(&shop, campaign, "running").await, 1);
    world.until_told(sends[0], "delivered").await;
}
