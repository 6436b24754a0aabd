//! Who is written to, exactly.

use std::collections::HashSet;

use chrono::Duration;
use kernel::{BusinessId, CampaignId, CustomerId};
use proto::campaign as pb;

use crate::support::World;
use crate::support::shop::{Shop, news};

#[tokio::test]
async fn twenty_thousand_customers_are_planned_exactly_once_each() {
    let world = World::start().await;
    let shop = Shop::new();
    shop.fill(&world, 20_000).await;
    let campaign = shop.blast(&world, |asked| asked.holdout_percent = Some(10)).await;
    let counts = campaign.counts.unwrap();
    assert_eq!(counts.planned + counts.holdout, 20_000);
    assert!((1_800..2_200).contains(&counts.holdout), "{}", counts.holdout);
    assert_eq!(counts.requested, counts.planned);

    let requested = world.requested().await;
    assert!(requested.iter().all(|event| event.sends.len() <= 500 && event.channel == "whatsapp"));
    let sends: Vec<&pb::Send> = requested.iter().flat_map(|event| &event.sends).collect();
    let customers: HashSet<&str> = sends.iter().map(|send| send.customer_id.as_str()).collect();
    assert_eq!((sends.len() as i64, customers.len()), (counts.planned, sends.len()));

    let held_out: Vec<uuid::Uuid> =
        sqlx::query_scalar("select customer_id from campaign.send where status = 'holdout'")
            .fetch_all(&world.pool)
            .await
            .unwrap();
    let id: CampaignId = campaign.campaign_id.parse().unwrap();
    let by_hash = |business: BusinessId, customer: uuid::Uuid| {
        campaign::domain::holdout::is_held_out(business, id, customer.into(), 10)
    };
    assert_eq!(held_out.len() as i64, counts.holdout);
    assert!(held_out.iter().all(|customer| by_hash(shop.business, *customer)));
    assert!(held_out.iter().all(|customer| !customers.contains(customer.to_string().as_str())));
    assert_eq!(world.count("select count(*) from campaign.contact_claim").await, counts.planned);
    assert_eq!(world.count("select count(distinct customer_id) from campaign.send").await, 20_000);
}

#[tokio::test]
async fn only_whoever_wants_it_is_written_to() {
    let world = World::start().await;
    let (shop, now) = (Shop::new(), world.now());
    let all = shop.regulars(&world, 6).await;
    world
        .deliver(vec![
            shop.erased(now, all[0]),
            shop.opted_out(now, all[1], ""),
            shop.consent(now, all[2], "revoked", 2),
            shop.merged(now, all[3], all[4]),
        ])
        .await;
    shop.blast(&world, |_| {}).await;
    let written: HashSet<CustomerId> = world
        .requested()
        .await
        .iter()
        .flat_map(|event| &event.sends)
        .map(|send| send.customer_id.parse().unwrap())
        .collect();
    assert_eq!(written, HashSet::from([all[4].id, all[5].id]));
}

#[tokio::test]
async fn nobody_has_two_messages_in_seven_days_over_all_campaigns() {
    let world = World::start().await;
    let shop = Shop::new();
    shop.regulars(&world, 10).await;
    let planned = async |world: &World| shop.blast(world, |_| {}).await.counts.unwrap().planned;
    assert_eq!(planned(&world).await, 10);
    world.wait(Duration::days(6));
    let draft = shop.draft(&world, |_| {}).await;
    let refused = shop.launch(&world, &draft.campaign_id).await.unwrap_err();
    assert_eq!(crate::support::refusal(&refused), ("audience".into(), "nobody_reachable".into()));
    world.wait(Duration::days(1));
    assert_eq!(planned(&world).await, 10);
}

#[tokio::test]
async fn each_is_written_to_in_her_language_and_in_spanish_where_there_is_none() {
    let world = World::start().await;
    let shop = Shop::new();
    let [abroad, _] = *shop.regulars(&world, 2).await else { panic!("two") };
    world.deliver(vec![shop.reads(world.now(), abroad, "en")]).await;
    // Heard later than what she said after it.
    world.deliver(vec![shop.reads(world.now() - Duration::days(1), abroad, "es")]).await;
    shop.blast(&world, |_| {}).await;
    let mut spoken: Vec<String> =
        world.requested().await[0].sends.iter().map(|send| send.language.clone()).collect();
    spoken.sort();
    assert_eq!(spoken, ["en", "es"]);
    world.wait(Duration::days(7));
    shop.blast(&world, |asked| asked.wordings = news()[..1].to_vec()).await;
    let last = world.requested().await.pop().unwrap();
    assert!(last.sends.iter().all(|send| send.language == "es"));
    assert_eq!(last.good_until.unwrap().seconds, (world.now() + Duration::hours(72)).timestamp());
}

/// A campaign to everybody: by the pass where there is one, and by WhatsApp after so many days.
async fn wallet_first(shop: &Shop, world: &World, days: i32) -> pb::Campaign {
    let asked = |asked: &mut pb::CreateCampaignRequest| {
        asked.channel_policy = "wallet_first".into();
        asked.wallet_days = days;
    };
    shop.blast(world, asked).await
}

#[tokio::test]
async fn the_wallet_comes_first_and_whatsapp_follows_those_who_have_not_come() {
    let world = World::start().await;
    let (shop, now) = (Shop::new(), world.now());
    let all = shop.regulars(&world, 4).await;
    world.deliver(all[..3].iter().map(|who| shop.installed(now, *who)).collect()).await;
    let campaign = wallet_first(&shop, &world, 3).await;
    let requested = world.requested().await;
    let by = |channel: &str| -> Vec<pb::Send> {
        requested
            .iter()
            .filter(|event| event.channel == channel)
            .flat_map(|event| event.sends.clone())
            .collect()
    };
    let (by_pass, by_whatsapp) = (by("wallet"), by("whatsapp"));
    assert_eq!((by_pass.len(), by_whatsapp.len()), (3, 1));
    let shown = requested.iter().find(|event| event.channel == "wallet").unwrap();
    assert_eq!(
        (shown.wordings[0].text.as_str(), shown.wordings[0].template.as_str()),
        ("Hola, novedades de {business}.", "")
    );
    // The pass shows it to all three; one comes, one opts out.
    let id = &campaign.campaign_id;
    world.deliver(by_pass.iter().map(|send| shop.pass_message(now, id, send, "delivered")).collect()).await;
    assert_eq!(shop.get(&world, id).await.counts.unwrap().delivered, 3);
    world.wait(Duration::days(2));
    assert_eq!(world.app.follow_up().await.unwrap(), 0);
    world.deliver(vec![shop.stamped(world.now(), all[0], 2), shop.opted_out(world.now(), all[1], id)]).await;
    world.wait(Duration::days(1));
    assert_eq!(world.app.follow_up().await.unwrap(), 3);
    let followed = world.requested().await.pop().unwrap();
    assert_eq!((followed.channel.as_str(), followed.sends.len()), ("whatsapp", 1));
    assert_eq!(followed.sends[0].customer_id, all[2].id.to_string());
    // It is the same send: the same claim, counted once.
    assert!(by_pass.iter().any(|send| send.send_id == followed.sends[0].send_id));
    assert_eq!(shop.get(&world, id).await.counts.unwrap().planned, 4);
    assert_eq!(world.app.follow_up().await.unwrap(), 0);
}

#[tokio::test]
async fn after_a_pause_whatsapp_waits_its_days_anew_for_a_pass_that_shows_it_now() {
    let world = World::start().await;
    let shop = Shop::new();
    let who = shop.regulars(&world, 1).await[0];
    world.deliver(vec![shop.installed(world.now(), who)]).await;
    let id = wallet_first(&shop, &world, 1).await.campaign_id;
    let pause = pb::PauseCampaignRequest { campaign_id: id.clone() };
    world.client().pause_campaign(world.request(shop.owner(), pause)).await.unwrap();
    world.wait(Duration::days(2));
    world.app.follow_up().await.unwrap();
    let resume = pb::ResumeCampaignRequest { campaign_id: id.clone() };
    world.client().resume_campaign(world.request(shop.owner(), resume)).await.unwrap();
    // The pass lights up now; a message beside it would be the second of one minute.
    world.wait(Duration::hours(23));
    world.app.follow_up().await.unwrap();
    assert_eq!(world.requested().await.len(), 1);
    world.wait(Duration::hours(1));
    world.app.follow_up().await.unwrap();
    assert_eq!(world.requested().await[1].channel, "whatsapp");
}

#[tokio::test]
async fn where_no_pass_shows_it_any_more_whatsapp_follows_at_once() {
    let world = World::start().await;
    let (shop, now) = (Shop::new(), world.now());
    let all = shop.regulars(&world, 1).await;
    world.deliver(vec![shop.installed(now, all[0])]).await;
    let campaign = shop.blast(&world, |asked| asked.channel_policy = "wallet_first".into()).await;
    let send = world.requested().await[0].sends[0].clone();
    world.deliver(vec![shop.pass_message(now, &campaign.campaign_id, &send, "failed")]).await;
    assert_eq!(world.app.follow_up().await.unwrap(), 1);
    assert_eq!(world.requested().await.pop().unwrap().channel, "whatsapp");
    assert_eq!(shop.get(&world, &campaign.campaign_id).await.counts.unwrap().failed, 0);
}

#[tokio::test]
async fn a_campaign_is_not_done_while_a_message_that_follows_the_pass_waits() {
    let world = World::start().await;
    let (shop, now) = (Shop::new(), world.now());
    let all = shop.regulars(&world, 2).await;
    world.deliver(all.iter().map(|who| shop.installed(now, *who)).collect()).await;
    let campaign = wallet_first(&shop, &world, 1).await;
    let id = campaign.campaign_id;
    let sends = world.requested().await[0].sends.clone();
    world.deliver(sends.iter().map(|send| shop.pass_message(now, &id, send, "delivered")).collect()).await;
    world.wait(Duration::days(1));
    assert_eq!(world.app.follow_up().await.unwrap(), 2);
    // The pass has shown both, and both wait for WhatsApp: it runs, and can be paused.
    assert_eq!(world.app.finish().await.unwrap(), 0);
    let pause = pb::PauseCampaignRequest { campaign_id: id.clone() };
    let paused = world.client().pause_campaign(world.request(shop.owner(), pause)).await.unwrap();
    assert_eq!(paused.into_inner().campaign.unwrap().status, "paused");
    let resume = pb::ResumeCampaignRequest { campaign_id: id.clone() };
    world.client().resume_campaign(world.request(shop.owner(), resume)).await.unwrap();
    let told = |send: usize, status: (&'static str, i32, &'static str)| {
        shop.status(world.now(), &id, &sends[send], status)
    };
    world.deliver(vec![told(0, ("handed_over", 1, "")), told(1, ("failed", 2, "not_reachable"))]).await;
    assert_eq!(world.app.finish().await.unwrap(), 0);
    world.deliver(vec![told(0, ("read", 4, ""))]).await;
    // What the pass has shown stays shown, and that WhatsApp failed after it is told beside it.
    let asked = pb::GetResultsRequest { campaign_id: id.clone() };
    let results = world.client().get_results(world.request(shop.owner(), asked)).await.unwrap().into_inner();
    let counts = results.counts.unwrap();
    assert_eq!((counts.delivered, counts.read, counts.failed, counts.follow_failed), (2, 1, 0, 1));
    // Somebody tries it again, and it arrives.
    world.deliver(vec![told(1, ("handed_over", 3, ""))]).await;
    world.deliver(vec![told(1, ("delivered", 4, ""))]).await;
    let counts = shop.get(&world, &id).await.counts.unwrap();
    assert_eq!((counts.delivered, counts.failed, counts.follow_failed), (2, 0, 0));
    assert_eq!(world.app.finish().await.unwrap(), 1);
}

#[tokio::test]
async fn whoever_comes_hours_after_her_pass_showed_it_is_not_written_to_and_who_came_before_is() {
    let world = World::start().await;
    let (shop, now) = (Shop::new(), world.now());
    let all = shop.regulars(&world, 3).await;
    world.deliver(all.iter().map(|who| shop.installed(now, *who)).collect()).await;
    world.deliver(vec![shop.stamped(now - Duration::hours(1), all[0], 2)]).await;
    let campaign = wallet_first(&shop, &world, 1).await;
    let sends = world.requested().await[0].sends.clone();
    let shown = |send| shop.pass_message(now, &campaign.campaign_id, send, "delivered");
    world.deliver(sends.iter().map(shown).collect()).await;
    world.deliver(vec![shop.stamped(now + Duration::hours(3), all[1], 2)]).await;
    world.wait(Duration::days(1));
    assert_eq!(world.app.follow_up().await.unwrap(), 3);
    let followed = world.requested().await.pop().unwrap();
    assert_eq!(followed.channel, "whatsapp");
    let followed: HashSet<CustomerId> =
        followed.sends.iter().map(|send| send.customer_id.parse().unwrap()).collect();
    assert_eq!(followed, HashSet::from([all[0].id, all[2].id]));
}

#[tokio::test]
async fn where_a_pass_is_gone_and_she_may_not_be_written_to_any_more_her_claim_is_given_back() {
    let world = World::start().await;
    let (shop, now) = (Shop::new(), world.now());
    let all = shop.regulars(&world, 1).await;
    world.deliver(vec![shop.installed(now, all[0])]).await;
    let campaign = shop.blast(&world, |asked| asked.channel_policy = "wallet_first".into()).await;
    let send = world.requested().await[0].sends[0].clone();
    let id = &campaign.campaign_id;
    world.deliver(vec![shop.pass_message(now, id, &send, "failed"), shop.opted_out(now, all[0], id)]).await;
    assert_eq!(world.app.follow_up().await.unwrap(), 1);
    assert_eq!(shop.get(&world, id).await.counts.unwrap().failed, 1);
    assert_eq!(world.count("select count(*) from campaign.contact_claim").await, 0);
}
