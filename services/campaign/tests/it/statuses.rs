//! What became of messages: statuses, counts, cost and claims.

use chrono::Duration;
use proto::campaign as pb;

use crate::support::World;
use crate::support::shop::{Customer, Shop};

#[tokio::test]
async fn statuses_count_once_in_any_order_and_twice_told() {
    let world = World::start().await;
    let (shop, now) = (Shop::new(), world.now());
    shop.regulars(&world, 4).await;
    let campaign = shop.blast(&world, |_| {}).await;
    let id = campaign.campaign_id;
    let sends = world.requested().await[0].sends.clone();
    let told = |send: usize, status: &'static str, version| {
        shop.status(now, &id, &sends[send], (status, version, ""))
    };
    world
        .deliver(vec![
            told(0, "read", 4),
            told(0, "handed_over", 1),
            told(0, "delivered", 3),
            told(1, "sent", 2),
            told(1, "handed_over", 1),
            told(2, "handed_over", 1),
        ])
        .await;
    world
        .deliver(vec![shop.status(now, &id, &sends[3], ("failed", 2, "not_reachable")), told(0, "sent", 2)])
        .await;
    world.deliver(vec![told(1, "delivered", 3), told(1, "delivered", 3)]).await;
    let campaign = shop.get(&world, &id).await;
    let expected = pb::Counts {
        planned: 4,
        holdout: 0,
        requested: 1,
        sent: 2,
        delivered: 2,
        read: 1,
        failed: 1,
        canceled: 0,
        follow_failed: 0,
    };
    assert_eq!(campaign.counts, Some(expected));
    let cost = campaign.cost.unwrap();
    assert_eq!((cost.amount_cents, cost.prices_of.as_str()), (3 * 28, "2026-10-01"));
}

#[tokio::test]
async fn a_failed_send_gives_its_claim_back_and_one_in_doubt_keeps_it() {
    let world = World::start().await;
    let (shop, now) = (Shop::new(), world.now());
    shop.regulars(&world, 3).await;
    let campaign = shop.blast(&world, |_| {}).await;
    let id = campaign.campaign_id;
    let sends = world.requested().await[0].sends.clone();
    world
        .deliver(vec![
            shop.status(now, &id, &sends[0], ("failed", 2, "not_reachable")),
            shop.status(now, &id, &sends[1], ("failed", 2, "in_doubt")),
            shop.status(now, &id, &sends[2], ("canceled", 2, "campaign_canceled")),
        ])
        .await;
    let next = shop.blast(&world, |_| {}).await;
    assert_eq!(next.counts.unwrap().planned, 2);
    let written: Vec<String> =
        world.requested().await.pop().unwrap().sends.into_iter().map(|send| send.customer_id).collect();
    assert!(!written.contains(&sends[1].customer_id));
    // What comes late of the first does not take the second's claim away.
    world.deliver(vec![shop.status(now, &id, &sends[0], ("failed", 3, "not_reachable"))]).await;
    assert_eq!(world.count("select count(*) from campaign.contact_claim").await, 3);
}

#[tokio::test]
async fn the_seven_days_run_from_the_hand_over() {
    let world = World::start().await;
    let shop = Shop::new();
    shop.regulars(&world, 1).await;
    let campaign = shop.blast(&world, |_| {}).await;
    let send = world.requested().await[0].sends[0].clone();
    world.wait(Duration::days(2));
    let handed_over = shop.status(world.now(), &campaign.campaign_id, &send, ("handed_over", 1, ""));
    world.deliver(vec![handed_over]).await;
    world.wait(Duration::days(6));
    let draft = shop.draft(&world, |_| {}).await;
    assert!(shop.launch(&world, &draft.campaign_id).await.is_err());
    world.wait(Duration::days(1));
    assert!(shop.launch(&world, &draft.campaign_id).await.is_ok());
}

#[tokio::test]
async fn another_businesss_word_changes_nothing() {
    let world = World::start().await;
    let (shop, stranger) = (Shop::new(), Shop::new());
    shop.regulars(&world, 1).await;
    let campaign = shop.blast(&world, |_| {}).await;
    let send = world.requested().await[0].sends[0].clone();
    let forged = stranger.status(world.now(), &campaign.campaign_id, &send, ("read", 4, ""));
    world.deliver(vec![forged]).await;
    assert_eq!(shop.get(&world, &campaign.campaign_id).await.counts.unwrap().requested, 1);
}

#[tokio::test]
async fn progress_is_told_at_most_once_a_second_and_a_campaign_ends_when_all_is_heard() {
    let world = World::start().await;
    let shop = Shop::new();
    shop.regulars(&world, 2).await;
    let campaign = shop.blast(&world, |_| {}).await;
    let id = campaign.campaign_id;
    let sends = world.requested().await[0].sends.clone();
    assert_eq!(world.app.tell_progress().await.unwrap(), 1);
    assert_eq!(world.app.tell_progress().await.unwrap(), 0);
    world.deliver(vec![shop.status(world.now(), &id, &sends[0], ("delivered", 3, ""))]).await;
    assert_eq!(world.app.tell_progress().await.unwrap(), 0, "a second has not passed");
    world.wait(Duration::seconds(1));
    assert_eq!(world.app.tell_progress().await.unwrap(), 1);
    let Some(pb::event::Fact::CampaignProgressed(told)) = world.facts("campaign_progressed").await.pop()
    else {
        panic!("nothing was told");
    };
    assert_eq!((told.counts.unwrap().delivered, told.counts.unwrap().requested), (1, 1));
    assert_eq!(world.app.finish().await.unwrap(), 0);
    world.deliver(vec![shop.status(world.now(), &id, &sends[1], ("failed", 2, "blocked"))]).await;
    assert_eq!(world.app.finish().await.unwrap(), 1);
    let ended = shop.get(&world, &id).await;
    assert_eq!((ended.status.as_str(), ended.ended_at.is_some()), ("done", true));
}

#[tokio::test]
async fn a_campaign_of_which_nothing_is_heard_ends_when_nothing_may_be_handed_over_any_more() {
    let world = World::start().await;
    let shop = Shop::new();
    shop.regulars(&world, 2).await;
    let campaign = shop.blast(&world, |_| {}).await;
    world.wait(Duration::hours(71));
    assert_eq!(world.app.finish().await.unwrap(), 0);
    world.wait(Duration::hours(2));
    assert_eq!(world.app.finish().await.unwrap(), 1);
    assert_eq!(shop.get(&world, &campaign.campaign_id).await.status, "done");
}

#[tokio::test]
async fn what_holds_a_running_campaign_is_told() {
    let world = World::start().await;
    let shop = Shop::new();
    shop.regulars(&world, 1).await;
    world.messaging.set(|state| state.held_by = "quiet_hours");
    let campaign = shop.blast(&world, |_| {}).await;
    assert_eq!(campaign.held_by, "quiet_hours");
    world.messaging.set(|state| state.is_away = true);
    world.deliver(vec![shop.held(world.now(), "stopped", "opt_outs")]).await;
    assert_eq!(shop.get(&world, &campaign.campaign_id).await.held_by, "quality");
}

#[tokio::test]
async fn who_answers_a_campaign_with_baja_is_counted_there() {
    let world = World::start().await;
    let shop = Shop::new();
    let who: Customer = shop.regulars(&world, 1).await[0];
    let campaign = shop.blast(&world, |_| {}).await;
    world.deliver(vec![shop.opted_out(world.now(), who, &campaign.campaign_id)]).await;
    let asked = pb::GetResultsRequest { campaign_id: campaign.campaign_id };
    let results = world.client().get_results(world.request(shop.owner(), asked)).await.unwrap().into_inner();
    assert_eq!(results.opted_out, 1);
}

#[tokio::test]
async fn what_whatsapp_does_not_bring_goes_to_her_pass_under_the_same_claim_and_fails_without_one() {
    let world = World::start().await;
    let (shop, now) = (Shop::new(), world.now());
    let all = shop.regulars(&world, 2).await;
    world.deliver(vec![shop.installed(now, all[0])]).await;
    let campaign = shop.blast(&world, |_| {}).await;
    let id = campaign.campaign_id;
    let sends = world.requested().await[0].sends.clone();
    let held_back = |send| shop.status(now, &id, send, ("failed", 2, "experiment"));
    world.deliver(sends.iter().map(held_back).collect()).await;
    assert_eq!(world.app.finish().await.unwrap(), 0);
    assert_eq!(world.app.follow_up().await.unwrap(), 2);
    let turned = world.requested().await.pop().unwrap();
    assert_eq!((turned.channel.as_str(), turned.sends.len()), ("wallet", 1));
    assert_eq!(turned.sends[0].customer_id, all[0].id.to_string());
    assert!(sends.iter().any(|send| send.send_id == turned.sends[0].send_id));
    // Who has no pass may be written to by somebody else; the other's claim is the one she had.
    assert_eq!(world.count("select count(*) from campaign.contact_claim").await, 1);
    let counts = shop.get(&world, &id).await.counts.unwrap();
    assert_eq!((counts.planned, counts.requested, counts.failed), (2, 1, 1));
    world.deliver(vec![shop.pass_message(now, &id, &turned.sends[0], "delivered")]).await;
    let counts = shop.get(&world, &id).await.counts.unwrap();
    assert_eq!((counts.delivered, counts.failed), (1, 1));
    assert_eq!(world.app.finish().await.unwrap(), 1);
}

#[tokio::test]
async fn what_was_held_by_a_pause_has_its_hours_and_its_claims_from_when_it_goes_on() {
    let world = World::start().await;
    let shop = Shop::new();
    shop.regulars(&world, 2).await;
    let id = shop.blast(&world, |_| {}).await.campaign_id;
    let pause = pb::PauseCampaignRequest { campaign_id: id.clone() };
    world.client().pause_campaign(world.request(shop.owner(), pause)).await.unwrap();
    world.wait(Duration::days(6));
    let resume = pb::ResumeCampaignRequest { campaign_id: id.clone() };
    world.client().resume_campaign(world.request(shop.owner(), resume)).await.unwrap();
    // Its messages may still go out, so it is not done, and nobody else may write to the same customers.
    assert_eq!(world.app.finish().await.unwrap(), 0);
    world.wait(Duration::days(2));
    let draft = shop.draft(&world, |_| {}).await;
    assert!(shop.launch(&world, &draft.campaign_id).await.is_err());
    assert_eq!(world.app.finish().await.unwrap(), 0);
    world.wait(Duration::days(1) + Duration::hours(1));
    assert_eq!(world.app.finish().await.unwrap(), 1);
}

#[tokio::test]
async fn what_holds_those_of_a_list_is_asked_once_and_is_what_holds_now() {
    let world = World::start().await;
    let shop = Shop::new();
    shop.fill(&world, 2).await;
    shop.blast(&world, |_| {}).await;
    world.wait(Duration::days(7));
    shop.blast(&world, |_| {}).await;
    let automations = async || {
        let asked = world.request(shop.owner(), pb::ListAutomationsRequest {});
        world.client().list_automations(asked).await.unwrap().into_inner().automations
    };
    let welcome = automations().await.into_iter().find(|one| one.trigger == "welcome").unwrap();
    shop.launch(&world, &welcome.campaign_id).await.unwrap();
    let list = async || {
        let asked = world.request(shop.owner(), pb::ListCampaignsRequest::default());
        world.client().list_campaigns(asked).await.unwrap().into_inner().campaigns
    };
    let held = |campaigns: &[pb::Campaign]| -> Vec<String> {
        campaigns.iter().filter(|one| one.status == "running").map(|one| one.held_by.clone()).collect()
    };
    // A day whose money was spent is told; that it is over is not.
    world.deliver(vec![shop.held(world.now(), "stopped", "budget")]).await;
    world.messaging.set(|state| state.held_by = "budget");
    let before = world.messaging.quotes();
    assert_eq!(held(&list().await), ["budget", "budget"]);
    assert_eq!(held(&automations().await), ["budget"]);
    assert_eq!(world.messaging.quotes(), before + 2);
    world.messaging.set(|state| state.held_by = "");
    assert_eq!(
        (held(&list().await), held(&automations().await)),
        (vec![String::new(); 2], vec![String::new()])
    );
    world.messaging.set(|state| state.is_away = true);
    assert_eq!(held(&list().await), ["", ""]);
}

#[tokio::test]
async fn why_messages_did_not_arrive_is_counted_by_reason_for_managers_of_that_shop() {
    let world = World::start().await;
    let (shop, other) = (Shop::new(), Shop::new());
    shop.regulars(&world, 4).await;
    let id = shop.blast(&world, |_| {}).await.campaign_id;
    let sends = world.requested().await[0].sends.clone();
    let now = world.now();
    world
        .deliver(vec![
            shop.status(now, &id, &sends[0], ("failed", 3, "budget")),
            shop.status(now, &id, &sends[1], ("failed", 3, "blocked")),
            shop.status(now, &id, &sends[2], ("failed", 3, "budget")),
            shop.status(now, &id, &sends[3], ("delivered", 3, "")),
        ])
        .await;
    let ask = async |shop: Shop| {
        let asked = pb::GetFailuresRequest { campaign_id: id.clone() };
        world.client().get_failures(world.request(shop.owner(), asked)).await
    };
    let told = ask(shop).await.unwrap().into_inner().failures;
    let told: Vec<_> = told.iter().map(|failure| (failure.reason.as_str(), failure.count)).collect();
    assert_eq!(told, [("budget", 2), ("blocked", 1)]);
    assert_eq!(ask(other).await.unwrap_err().code(), tonic::Code::NotFound);
}
