use chrono::{Duration, Utc};
use fakes::twilio::Fault;
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
    let called = world.until(async || world.called_after(answered).await, |called| *called > 0).await;
    assert_eq!(called, 1, "Eva's, and none of the campaign's");

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
    let answered = Utc::now();
    world.until_count("select count(*) from messaging.queue", 0).await;
    let told = world.count("select count(*) from messaging.message where status = 'canceled' and reason = 'campaign_canceled'").await;
    // A call whose moment passed on a busy machine was not made, and is canceled like what was waiting.
    let not_made =
        world.count("select count(distinct message_id) from messaging.attempt where called_at is null").await;
    assert!((canceled..=canceled + not_made).contains(&told), "{told} of {canceled} and {not_made}");
    assert_eq!(world.called_after(answered).await, 0);
    assert_eq!(usize::try_from(told).unwrap() + world.twilio.requests().len(), 80);
    let late = world.ask(&shop, campaign, &people[..1]).await;
    world.until_told(late[0], "canceled").await;
    let pause = pb::HoldCampaignRequest {
        business_id: shop.id.to_string(),
        campaign_id: campaign.to_string(),
        state: "paused".into(),
    };
    let refused = problem(world.client().hold_campaign(world.service(pause)).await);
    assert_eq!(refused.reason.as_deref(), Some("canceled_already"), "nothing waits that could be held");
    assert_eq!(sends.len(), 80);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_an_automation_had_waiting_stays_canceled_when_it_goes_on_and_what_comes_later_goes() {
    let world = World::start().await;
    let shop = world.shop("Café").await;
    let automation = CampaignId::generate();
    world.hold(&shop, automation, "paused").await;
    let before = world.ask(&shop, automation, &world.people(&shop, 20)).await;
    assert_eq!(world.hold(&shop, automation, "canceled").await, 20);
    // At once, while what was canceled is still there.
    assert_eq!(world.hold(&shop, automation, "running").await, 0);
    let eva = world.person(&shop);
    let after = world.ask(&shop, automation, std::slice::from_ref(&eva)).await;
    world.until_told(after[0], "delivered").await;
    for send in before {
        let story = world.until_told(send, "canceled").await;
        assert_eq!(story, [("canceled".to_owned(), "campaign_canceled".to_owned())]);
    }
    assert_eq!(world.twilio.requests().len(), 1, "Eva's");
    // The same again.
    assert_eq!(world.hold(&shop, automation, "canceled").await, 0);
    let late = world.ask(&shop, automation, &[world.person(&shop)]).await;
    world.until_told(late[0], "canceled").await;
}

/// What becomes of a message that was paused for eight days, where another campaign wrote to her on the eighth and the pause
/// goes on for as long again as is given; and how many she has received.
async fn paused_for_eight_days_and(again: Duration) -> (String, usize) {
    let world = World::start().await;
    let shop = world.shop("Café").await;
    let ana = world.person(&shop);
    let campaign = CampaignId::generate();
    world.hold(&shop, campaign, "paused").await;
    let held = world.ask(&shop, campaign, std::slice::from_ref(&ana)).await;
    world.wait(Duration::days(8));
    // By now the first campaign's claim has lapsed.
    let other = world.ask(&shop, CampaignId::generate(), std::slice::from_ref(&ana)).await;
    world.until_told(other[0], "delivered").await;
    world.wait(again);
    world.hold(&shop, campaign, "running").await;
    let is_over = |story: &Vec<(String, String)>| {
        story.iter().any(|(status, _)| status == "failed" || status == "delivered")
    };
    let story = world.until(async || world.story(held[0]).await, is_over).await;
    assert!(is_over(&story), "{story:?}");
    let failed = story.iter().find(|(status, _)| status == "failed").map(|(_, reason)| reason.clone());
    (failed.unwrap_or_default(), world.phone(&ana).received().len())
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_pause_of_more_than_a_week_she_is_still_not_written_to_twice_in_one() {
    assert_eq!(paused_for_eight_days_and(Duration::seconds(10)).await, ("capped".to_owned(), 1));
    assert_eq!(paused_for_eight_days_and(Duration::days(6)).await, ("capped".to_owned(), 1));
    assert_eq!(paused_for_eight_days_and(Duration::days(7)).await, (String::new(), 2));
}

#[tokio::test(flavor = "multi_thread")]
async fn while_one_message_is_on_its_way_to_her_no_other_campaign_begins_another() {
    let world = World::start().await;
    let shop = world.shop("Café").await;
    let ana = world.person(&shop);
    world.twilio.fault_next_to(&ana.phone, Fault::Hang);
    world.ask(&shop, CampaignId::generate(), std::slice::from_ref(&ana)).await;
    // Nobody knows yet what came of the call.
    world.until_count("select count(*) from messaging.queue where state in ('trying', 'in_doubt')", 1).await;
    let other = world.ask(&shop, CampaignId::generate(), std::slice::from_ref(&ana)).await;
    assert_eq!(world.until_told(other[0], "failed").await, [("failed".to_owned(), "capped".to_owned())]);
    assert_eq!(world.twilio.requests().len(), 1);
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
