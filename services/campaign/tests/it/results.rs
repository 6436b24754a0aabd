//! What a campaign brought is told when it can be known, and not before.

use chrono::Duration;
use proto::campaign as pb;

use crate::support::World;
use crate::support::shop::{Customer, Shop};

async fn results(world: &World, shop: Shop, id: &str) -> pb::GetResultsResponse {
    let asked = pb::GetResultsRequest { campaign_id: id.into() };
    world.client().get_results(world.request(shop.owner(), asked)).await.unwrap().into_inner()
}

/// Those of the holdout, or those written to.
async fn group(world: &World, is_holdout: bool) -> Vec<uuid::Uuid> {
    sqlx::query_scalar(
        "select customer_id from campaign.send where (status = 'holdout') = $1 order by customer_id",
    )
    .bind(is_holdout)
    .fetch_all(&world.pool)
    .await
    .unwrap()
}

#[tokio::test]
async fn an_effect_is_unknown_for_fourteen_days_and_then_told_with_its_interval() {
    let world = World::start().await;
    let shop = Shop::new();
    let all = shop.regulars(&world, 400).await;
    let campaign = shop.blast(&world, |asked| asked.holdout_percent = Some(30)).await;
    let id = campaign.campaign_id;
    let (written, held_out) = (group(&world, false).await, group(&world, true).await);
    let early = results(&world, shop, &id).await;
    assert_eq!((early.verdict.as_str(), early.lift), ("unknown", None));
    assert_eq!(
        early.known_after.unwrap().seconds,
        "2026-12-08T05:00:00Z".parse::<chrono::DateTime<chrono::Utc>>().unwrap().timestamp()
    );
    // Half of those written to come within the window, a tenth of the others; and one comes too late.
    world.wait(Duration::days(3));
    let came = written.iter().step_by(2).chain(held_out.iter().step_by(10));
    let who = |id: &uuid::Uuid| -> Customer { *all.iter().find(|who| who.id.as_uuid() == *id).unwrap() };
    let visits = came.map(|id| shop.stamped(world.now(), who(id), 2)).collect();
    world.deliver(visits).await;
    let sends = world.requested().await[0].sends.clone();
    let paid = sends.iter().map(|send| shop.status(world.now(), &id, send, ("delivered", 3, ""))).collect();
    world.deliver(paid).await;
    assert_eq!(results(&world, shop, &id).await.verdict, "unknown");
    world.wait(Duration::days(12));
    let late = shop.stamped(world.now(), who(&held_out[1]), 2);
    world.deliver(vec![late]).await;
    let told = results(&world, shop, &id).await;
    assert_eq!(told.verdict, "up");
    let (ours, theirs) = (told.written.unwrap(), told.holdout.unwrap());
    assert_eq!(
        (ours.customers as usize, ours.came_back as usize),
        (written.len(), written.len().div_ceil(2))
    );
    assert_eq!(
        (theirs.customers as usize, theirs.came_back as usize),
        (held_out.len(), held_out.len().div_ceil(10))
    );
    let lift = told.lift.unwrap();
    assert!(lift.low > 25.0 && (35.0..45.0).contains(&lift.middle) && lift.high < 52.0, "{lift:?}");
    // Each purchase came to S/ 20, each message cost 28 céntimos.
    let gain = told.soles_per_sol.unwrap();
    let by_hand =
        lift.middle / 100.0 * written.len() as f64 * 2_000.0 / told.cost.unwrap().amount_cents as f64;
    assert!((gain.middle - by_hand).abs() < 1e-9, "{gain:?}");
    assert_eq!(told.known_after, None);
}

#[tokio::test]
async fn too_few_are_never_told_and_no_day_is_promised() {
    let world = World::start().await;
    let shop = Shop::new();
    shop.regulars(&world, 30).await;
    let campaign = shop.blast(&world, |asked| asked.holdout_percent = Some(10)).await;
    world.wait(Duration::days(20));
    let told = results(&world, shop, &campaign.campaign_id).await;
    assert_eq!((told.verdict.as_str(), told.known_after, told.lift), ("unknown", None, None));
}

#[tokio::test]
async fn whoever_was_taken_up_ten_times_counts_once_by_the_first_time() {
    let world = World::start().await;
    let shop = Shop::new();
    let all = shop.regulars(&world, 60).await;
    let campaign = shop.blast(&world, |asked| asked.holdout_percent = Some(50)).await;
    let id = campaign.campaign_id;
    let (written, held_out) = (group(&world, false).await, group(&world, true).await);
    let sends = world.requested().await[0].sends.clone();
    let paid = sends.iter().map(|send| shop.status(world.now(), &id, send, ("delivered", 3, ""))).collect();
    world.deliver(paid).await;
    // She comes after the second of ten times, which is too late for the first.
    sqlx::query(
        "insert into campaign.send
             (business_id, campaign_id, planned_at, planned_day, send_id, customer_id, status, channel, language, cost_cents)
         select business_id, campaign_id, planned_at + make_interval(days => 20 * n), planned_day + 20 * n,
                gen_random_uuid(), customer_id, status, channel, language, cost_cents
         from campaign.send, generate_series(1, 9) as n",
    )
    .execute(&world.pool)
    .await
    .unwrap();
    let who = *all.iter().find(|who| who.id.as_uuid() == written[0]).unwrap();
    world.wait(Duration::days(22));
    world.deliver(vec![shop.stamped(world.now(), who, 2)]).await;
    world.wait(Duration::days(300));
    let told = results(&world, shop, &id).await;
    let (ours, theirs) = (told.written.unwrap(), told.holdout.unwrap());
    assert_eq!((ours.customers as usize, ours.came_back), (written.len(), 0));
    assert_eq!((theirs.customers as usize, theirs.came_back), (held_out.len(), 0));
}

#[tokio::test]
async fn what_a_campaign_brought_is_known_when_its_sends_are_long_gone() {
    // So long ago that the database's own clock, too, is past the end.
    let world = World::start_at("2024-01-08T15:00:00Z").await;
    world.app.keep_house().await.unwrap();
    let shop = Shop::new();
    let all = shop.regulars(&world, 120).await;
    let campaign = shop.blast(&world, |asked| asked.holdout_percent = Some(50)).await;
    let id = campaign.campaign_id;
    let written = group(&world, false).await;
    let sends = world.requested().await[0].sends.clone();
    let paid = sends.iter().map(|send| shop.status(world.now(), &id, send, ("delivered", 3, ""))).collect();
    world.deliver(paid).await;
    world.wait(Duration::days(3));
    let who = |id: &uuid::Uuid| -> Customer { *all.iter().find(|who| who.id.as_uuid() == *id).unwrap() };
    let visits = written.iter().map(|id| shop.stamped(world.now(), who(id), 2)).collect();
    world.deliver(visits).await;
    world.wait(Duration::days(40));
    world.app.finish().await.unwrap();
    let told = results(&world, shop, &id).await;
    assert_eq!(told.verdict, "up");

    world.wait(Duration::days(640));
    world.app.keep_house().await.unwrap();
    assert_eq!(group(&world, false).await.len(), written.len(), "they stay for as long as was said");
    world.wait(Duration::days(90));
    world.app.keep_house().await.unwrap();
    assert_eq!(group(&world, false).await.len() + group(&world, true).await.len(), 0);
    let after = results(&world, shop, &id).await;
    assert_eq!((after.written, after.holdout), (told.written, told.holdout));
    assert_eq!((after.lift, after.soles_per_sol), (told.lift, told.soles_per_sol));
}

#[tokio::test]
async fn after_a_pause_the_days_of_whoever_waited_count_anew_and_of_as_many_of_the_held_out() {
    let world = World::start().await;
    let shop = Shop::new();
    shop.regulars(&world, 400).await;
    let campaign = shop.blast(&world, |asked| asked.holdout_percent = Some(30)).await;
    let id = campaign.campaign_id;
    let sends: Vec<_> = world.requested().await.into_iter().flat_map(|asked| asked.sends).collect();
    // Half of them had gone out when it was paused.
    let half = sends.len() / 2;
    let told = sends[..half].iter().map(|send| shop.status(world.now(), &id, send, ("delivered", 3, "")));
    world.deliver(told.collect()).await;
    let pause = pb::PauseCampaignRequest { campaign_id: id.clone() };
    world.client().pause_campaign(world.request(shop.owner(), pause)).await.unwrap();
    world.wait(Duration::days(16));
    let resume = pb::ResumeCampaignRequest { campaign_id: id.clone() };
    world.client().resume_campaign(world.request(shop.owner(), resume)).await.unwrap();
    let moved = |is_holdout: bool| {
        let pool = world.pool.clone();
        async move {
            sqlx::query_scalar::<_, i64>(
                "select count(*) from campaign.send where (status = 'holdout') = $1 and planned_day = '2026-12-09'",
            )
            .bind(is_holdout)
            .fetch_one(&pool)
            .await
            .unwrap() as usize
        }
    };
    assert_eq!(moved(false).await, sends.len() - half);
    let held_out = group(&world, true).await.len();
    assert!(moved(true).await.abs_diff(held_out / 2) <= 1, "{} of {held_out}", moved(true).await);
    // Sixteen days are no answer where half of it has only begun.
    assert_eq!(results(&world, shop, &id).await.verdict, "unknown");
    world.wait(Duration::days(15));
    assert_ne!(results(&world, shop, &id).await.verdict, "unknown");
}
