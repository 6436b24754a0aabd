//! What writes by itself: each cause once, with the same consent and the same claim.

use chrono::Duration;
use kernel::{OperationId, RewardId};
use proto::campaign as pb;

use crate::support::shop::{Customer, Shop};
use crate::support::{World, refusal};

async fn automations(world: &World, shop: Shop) -> Vec<pb::Campaign> {
    let asked = world.request(shop.owner(), pb::ListAutomationsRequest {});
    world.client().list_automations(asked).await.unwrap().into_inner().automations
}

/// Launches one without a holdout.
async fn launch(world: &World, shop: Shop, trigger: &str) -> String {
    let all = automations(world, shop).await;
    let id = all.into_iter().find(|one| one.trigger == trigger).unwrap().campaign_id;
    let asked =
        pb::UpdateCampaignRequest { campaign_id: id.clone(), holdout_percent: Some(0), ..Default::default() };
    world.client().update_campaign(world.request(shop.owner(), asked)).await.unwrap();
    shop.launch(world, &id).await.unwrap();
    id
}

async fn planned(world: &World, shop: Shop, id: &str) -> i64 {
    world.wait(Duration::minutes(15));
    world.plan().await;
    shop.get(world, id).await.counts.unwrap().planned
}

#[tokio::test]
async fn a_business_has_one_of_each_from_the_beginning_as_drafts() {
    let world = World::start().await;
    let shop = Shop::new();
    let first = automations(&world, shop).await;
    let triggers: Vec<&str> = first.iter().map(|one| one.trigger.as_str()).collect();
    assert_eq!(triggers, ["at_risk", "birthday", "one_stamp_left", "reward_expiring", "welcome", "feedback"]);
    assert!(
        first.iter().all(|one| one.status == "draft" && one.wordings.len() == 2 && one.kind == "automation")
    );
    let ids = |all: &[pb::Campaign]| all.iter().map(|one| one.campaign_id.clone()).collect::<Vec<_>>();
    assert_eq!(ids(&first), ids(&automations(&world, shop).await));
    // Every default fits the registry.
    for one in first {
        assert_eq!(shop.launch(&world, &one.campaign_id).await.unwrap().status, "running", "{}", one.trigger);
    }
}

#[tokio::test]
async fn one_that_runs_cannot_be_made_again_and_one_that_was_canceled_begins_anew() {
    let world = World::start().await;
    let shop = Shop::new();
    let id = launch(&world, shop, "welcome").await;
    let create = async || {
        let asked = pb::CreateCampaignRequest {
            operation_id: OperationId::generate().to_string(),
            trigger: "welcome".into(),
            ..Default::default()
        };
        world.client().create_campaign(world.request(shop.owner(), asked)).await
    };
    assert_eq!(refusal(&create().await.unwrap_err()), ("trigger".into(), "already_there".into()));
    let cancel = pb::CancelCampaignRequest { campaign_id: id.clone() };
    world.client().cancel_campaign(world.request(shop.owner(), cancel)).await.unwrap();
    let made = create().await.unwrap().into_inner().campaign.unwrap();
    assert_ne!(made.campaign_id, id);
    assert_eq!((made.status.as_str(), made.wordings.len()), ("draft", 2));
}

#[tokio::test]
async fn whoever_stays_away_longer_than_her_rhythm_is_written_to_once_an_absence() {
    let world = World::start().await;
    let (shop, who) = (Shop::new(), Customer::new());
    let now = world.now();
    let mut told = vec![shop.enrolled(now - Duration::days(120), who), shop.consent(now, who, "granted", 1)];
    told.extend((0..8).map(|week| shop.stamped(now - Duration::days(100 - week * 7), who, week as i32 + 1)));
    world.deliver(told).await;
    let id = launch(&world, shop, "at_risk").await;
    assert_eq!(planned(&world, shop, &id).await, 1);
    // Neither the next walk nor the next week writes again.
    assert_eq!(planned(&world, shop, &id).await, 1);
    world.wait(Duration::days(8));
    assert_eq!(planned(&world, shop, &id).await, 1);
    // She comes, and stays away again.
    world.deliver(vec![shop.stamped(world.now(), who, 9)]).await;
    assert_eq!(planned(&world, shop, &id).await, 1);
    world.wait(Duration::days(60));
    assert_eq!(planned(&world, shop, &id).await, 2);
}

#[tokio::test]
async fn birthday_one_stamp_left_and_reward_each_fire_once_under_one_claim() {
    let world = World::start().await;
    let (shop, who, reward) = (Shop::new(), Customer::new(), RewardId::generate());
    let now = world.now();
    world
        .deliver(vec![
            shop.enrolled(now - Duration::days(50), who),
            shop.consent(now, who, "granted", 1),
            shop.stamped(now - Duration::days(1), who, 9),
            shop.unlocked(now, who, reward, Some(now + Duration::days(2))),
        ])
        .await;
    let expiring = launch(&world, shop, "reward_expiring").await;
    assert_eq!(planned(&world, shop, &expiring).await, 1);
    let told = world.requested().await.pop().unwrap();
    assert_eq!(told.sends[0].reward, "Café gratis");
    // The others wait for the claim, and have not fired.
    let (birthday, one_left) =
        (launch(&world, shop, "birthday").await, launch(&world, shop, "one_stamp_left").await);
    assert_eq!((planned(&world, shop, &birthday).await, planned(&world, shop, &one_left).await), (0, 0));
    // After seven days one of the two has the claim; the month is still hers.
    world.wait(Duration::days(7));
    let both = planned(&world, shop, &birthday).await + planned(&world, shop, &one_left).await;
    assert_eq!(both, 1);
    assert_eq!(planned(&world, shop, &expiring).await, 1);
}

#[tokio::test]
async fn her_month_is_kept_once_a_year_and_nobody_elses() {
    let world = World::start().await;
    let (shop, november, december) = (Shop::new(), Customer::new(), Customer::new());
    let before = world.now() - Duration::days(50);
    world
        .deliver(vec![
            shop.enrolled_born(before, november, 11),
            shop.consent(before, november, "granted", 1),
            shop.enrolled_born(before, december, 12),
            shop.consent(before, december, "granted", 1),
        ])
        .await;
    let id = launch(&world, shop, "birthday").await;
    assert_eq!(planned(&world, shop, &id).await, 1);
    let to = async || world.requested().await.pop().unwrap().sends[0].customer_id.clone();
    assert_eq!(to().await, november.id.to_string());
    // From the 23rd of November to the 1st of December, and on to the next year's months.
    for (days, count, who) in [(8, 2, december), (300, 2, december), (37, 3, november), (30, 4, december)] {
        world.wait(Duration::days(days));
        assert_eq!(planned(&world, shop, &id).await, count, "{}", world.now());
        assert_eq!(to().await, who.id.to_string());
    }
}

#[tokio::test]
async fn one_stamp_left_is_told_once_a_card_is_so_near_and_again_with_the_next_one() {
    let world = World::start().await;
    let (shop, who) = (Shop::new(), Customer::new());
    let now = world.now();
    world
        .deliver(vec![
            shop.enrolled_born(now - Duration::days(50), who, 2),
            shop.consent(now, who, "granted", 1),
            shop.stamped(now - Duration::days(2), who, 8),
        ])
        .await;
    let id = launch(&world, shop, "one_stamp_left").await;
    assert_eq!(planned(&world, shop, &id).await, 0);
    world.deliver(vec![shop.stamped(world.now(), who, 9)]).await;
    assert_eq!(planned(&world, shop, &id).await, 1);
    // The same card says nothing new, a week and a month later.
    for days in [8, 30] {
        world.wait(Duration::days(days));
        assert_eq!(planned(&world, shop, &id).await, 1);
    }
    world.deliver(vec![shop.stamped_in(world.now(), who, 9, 2)]).await;
    assert_eq!(planned(&world, shop, &id).await, 2);
}

#[tokio::test]
async fn a_welcome_is_for_those_who_join_from_now_on() {
    let world = World::start().await;
    let shop = Shop::new();
    let id = launch(&world, shop, "welcome").await;
    let old = Customer::new();
    let before = world.now() - Duration::hours(1);
    world.deliver(vec![shop.enrolled(before, old), shop.consent(before, old, "granted", 1)]).await;
    assert_eq!(planned(&world, shop, &id).await, 0);
    let (new, shy) = (Customer::new(), Customer::new());
    let now = world.now();
    world
        .deliver(vec![
            shop.enrolled(now, new),
            shop.consent(now, new, "granted", 1),
            shop.enrolled(now, shy),
            shop.consent(now, shy, "pending", 1),
        ])
        .await;
    assert_eq!(planned(&world, shop, &id).await, 1);
    // Her consent comes by WhatsApp an hour later.
    world.wait(Duration::hours(1));
    world.deliver(vec![shop.consent(world.now(), shy, "granted", 2)]).await;
    assert_eq!(planned(&world, shop, &id).await, 2);
}

#[tokio::test]
async fn she_is_asked_how_it_was_the_day_after_her_reward() {
    let world = World::start().await;
    let (shop, who, reward) = (Shop::new(), Customer::new(), RewardId::generate());
    let id = launch(&world, shop, "feedback").await;
    let now = world.now();
    world
        .deliver(vec![
            shop.enrolled(now, who),
            shop.consent(now, who, "granted", 1),
            shop.stamped(now, who, 10),
            shop.unlocked(now, who, reward, None),
            shop.redeemed(now, who, reward),
        ])
        .await;
    assert_eq!(planned(&world, shop, &id).await, 0);
    world.wait(Duration::days(1));
    assert_eq!(planned(&world, shop, &id).await, 1);
    world.wait(Duration::days(9));
    assert_eq!(planned(&world, shop, &id).await, 1);
}

#[tokio::test]
async fn turned_off_it_takes_back_what_waits_and_whoever_still_is_due_is_taken_up_anew() {
    let world = World::start().await;
    let (shop, who) = (Shop::new(), Customer::new());
    let now = world.now();
    world
        .deliver(vec![
            shop.enrolled(now - Duration::days(50), who),
            shop.consent(now, who, "granted", 1),
            shop.stamped(now - Duration::days(1), who, 9),
        ])
        .await;
    let id = launch(&world, shop, "birthday").await;
    assert_eq!(planned(&world, shop, &id).await, 1);
    let send = world.requested().await[0].sends[0].clone();
    let pause = pb::PauseCampaignRequest { campaign_id: id.clone() };
    world.client().pause_campaign(world.request(shop.owner(), pause)).await.unwrap();
    world.deliver(vec![shop.status(world.now(), &id, &send, ("canceled", 2, "campaign_canceled"))]).await;
    let counts = shop.get(&world, &id).await.counts.unwrap();
    assert_eq!((counts.planned, counts.canceled, counts.requested), (1, 1, 0));
    let resume = async || {
        let asked = pb::ResumeCampaignRequest { campaign_id: id.clone() };
        world.client().resume_campaign(world.request(shop.owner(), asked)).await.unwrap();
    };
    resume().await;
    assert_eq!(world.messaging.holds(), ["canceled", "running"]);
    // Nothing went out, so she may be written to at once, and once.
    assert_eq!(planned(&world, shop, &id).await, 2);
    assert_eq!(planned(&world, shop, &id).await, 2);
    let asked = pb::GetResultsRequest { campaign_id: id.clone() };
    let told = world.client().get_results(world.request(shop.owner(), asked)).await.unwrap().into_inner();
    assert_eq!(told.written.unwrap().customers, 1);
    // What has gone out is not taken back, and does not fire again.
    let sends: Vec<_> = world.requested().await.into_iter().flat_map(|asked| asked.sends).collect();
    world.deliver(vec![shop.status(world.now(), &id, &sends[1], ("delivered", 3, ""))]).await;
    let pause = pb::PauseCampaignRequest { campaign_id: id.clone() };
    world.client().pause_campaign(world.request(shop.owner(), pause)).await.unwrap();
    resume().await;
    // The last day of her month: no claim is in the way any more.
    world.wait(Duration::days(7));
    assert_eq!(planned(&world, shop, &id).await, 2);
}

#[tokio::test]
async fn before_it_is_turned_on_it_is_told_whom_it_would_write_to() {
    let world = World::start().await;
    let shop = Shop::new();
    let now = world.now();
    let all: Vec<Customer> = (0..6).map(|_| Customer::new()).collect();
    for (at, who) in all.iter().enumerate() {
        // Five of November, and one of March.
        let month = if at == 5 { 3 } else { 11 };
        world
            .deliver(vec![
                shop.enrolled_born(now - Duration::days(50), *who, month),
                shop.consent(now, *who, if at == 4 { "pending" } else { "granted" }, 1),
            ])
            .await;
    }
    world.deliver(vec![shop.installed(now, all[0])]).await;
    let ask = async |policy: &str| {
        let asked = pb::PreviewAudienceRequest {
            audience: Some(crate::support::shop::everybody()),
            channel_policy: policy.into(),
            holdout_percent: Some(0),
            trigger: "birthday".into(),
            ..Default::default()
        };
        let told = shop.ask_preview(&world, asked).await.unwrap();
        let excluded = told.excluded.unwrap();
        (told.count, told.reachable, excluded.no_consent, excluded.no_pass, told.cost.unwrap().amount_cents)
    };
    assert_eq!(ask("whatsapp").await, (5, 4, 1, 0, 4 * 28));
    assert_eq!(ask("wallet").await, (5, 1, 1, 3, 0));
    let id = launch(&world, shop, "birthday").await;
    assert_eq!(planned(&world, shop, &id).await, 4);
    // Whom it has written to it is not due for any more.
    assert_eq!(ask("whatsapp").await, (1, 0, 1, 0, 0));
}
