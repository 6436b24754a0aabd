use chrono::{DateTime, TimeDelta, Utc};
use kernel::{BusinessId, CampaignId};

use crate::world::World;

/// The moments that were given away, and to whom.
async fn slots(world: &World) -> Vec<(DateTime<Utc>, BusinessId)> {
    let rows: Vec<(DateTime<Utc>, uuid::Uuid)> =
        sqlx::query_as("select slot_at, business_id from messaging.attempt order by slot_at")
            .fetch_all(&world.pool)
            .await
            .unwrap();
    rows.into_iter().map(|(at, business)| (at, business.into())).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn three_replicas_together_never_pass_the_rate() {
    for (per_second, messages) in [(80, 200), (400, 900)] {
        let world = World::with(3, per_second, 0).await;
        let shop = world.shop("Café").await;
        let people = world.people(&shop, messages);
        world.ask(&shop, CampaignId::generate(), &people).await;
        world.twilio.until_accepted_within(messages, crate::world::DEADLINE).await.unwrap();
        let called = "select count(*) from messaging.attempt where called_at is not null";
        world.until_count(called, i64::try_from(messages).unwrap()).await;
        let calls: Vec<DateTime<Utc>> = sqlx::query_scalar(
            "select called_at from messaging.attempt where called_at is not null order by called_at",
        )
        .fetch_all(&world.pool)
        .await
        .unwrap();
        let most = usize::try_from(per_second).unwrap();
        for pair in calls.windows(most + 1) {
            assert!(pair[most] - pair[0] >= TimeDelta::seconds(1), "{per_second} a second were passed");
        }
        assert_eq!(world.twilio.requests().len(), messages, "each once");
        // A call whose moment passed on a busy machine was not made, and has an attempt after it that was.
        let twice = world.count("select count(*) from (select from messaging.attempt where called_at is not null group by message_id having count(*) > 1) t").await;
        assert_eq!(twice, 0);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn three_replicas_together_never_pass_the_tier() {
    let world = World::with(3, 400, 250).await;
    let shop = world.shop("Café").await;
    let people = world.people(&shop, 300);
    world.ask(&shop, CampaignId::generate(), &people).await;
    // Twelve addresses of the day are left to what somebody waits for.
    world.twilio.until_accepted_within(238, crate::world::DEADLINE).await.unwrap();
    world.until_count("select count(*) from messaging.queue where state = 'waiting'", 62).await;
    let account = world.account(&shop).await;
    let tier = account.tier.unwrap();
    assert_eq!((tier.limit, tier.used, tier.days_to_half, account.held_by.as_str()), (250, 238, 0, "tier"));
    assert_eq!(world.twilio.accepted_count(), 238);
    let waits = world.people(&shop, 20);
    world.ask_as(&shop, CampaignId::generate(), &waits, "utility").await;
    world.twilio.until_accepted_within(250, crate::world::DEADLINE).await.unwrap();
    world.until_count("select count(*) from messaging.queue where state = 'waiting'", 62 + 8).await;
    assert_eq!(world.twilio.accepted_count(), 250);
    // A day later the addresses of yesterday count no more.
    world.wait(chrono::Duration::hours(24) + chrono::Duration::minutes(1));
    world.twilio.until_accepted_within(320, crate::world::DEADLINE).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn one_shops_blast_delays_nobodys_few_nor_what_somebody_waits_for() {
    let world = World::start().await;
    let (blast, few) = (world.shop("Grande").await, world.shop("Chica").await);
    let many = world.people(&blast, 160);
    world.ask(&blast, CampaignId::generate(), &many).await;
    world.twilio.until_accepted(10).await.unwrap();
    // However long it takes to ask, the blast is in its middle.
    let peers = std::sync::Arc::clone(&world.peers);
    let gate = peers.gate.write().await;
    let three = world.people(&few, 3);
    world.ask(&few, CampaignId::generate(), &three).await;
    drop(gate);
    let receipt = world.people(&blast, 1);
    let receipt = world.ask_as(&blast, CampaignId::generate(), &receipt, "utility").await;
    world.until_told(receipt[0], "delivered").await;
    world.twilio.until_accepted_within(164, crate::world::DEADLINE).await.unwrap();
    let order: Vec<BusinessId> = slots(&world).await.into_iter().map(|(_, business)| business).collect();
    let last_of_few = order.iter().rposition(|business| *business == few.id).unwrap();
    assert!(last_of_few < 120, "the last of three came as number {last_of_few}");
}

#[tokio::test(flavor = "multi_thread")]
async fn shops_have_shares_by_their_weights() {
    let world = World::start().await;
    let (one, three) = (world.shop_unapproved("Uno"), world.shop_unapproved("Tres"));
    world.approve(&one, 1_000_000, 10).await;
    world.approve(&three, 1_000_000, 30).await;
    // Both are there before anything goes.
    world.peers.set_away(true);
    let (of_one, of_three) = (world.people(&one, 120), world.people(&three, 240));
    world.ask(&one, CampaignId::generate(), &of_one).await;
    world.ask(&three, CampaignId::generate(), &of_three).await;
    world.peers.set_away(false);
    world.wait(chrono::Duration::seconds(5));
    world.twilio.until_accepted_within(200, crate::world::DEADLINE).await.unwrap();
    let first: Vec<BusinessId> =
        slots(&world).await.into_iter().take(200).map(|(_, business)| business).collect();
    let share = first.iter().filter(|business| **business == three.id).count();
    // 150, but for what was already in a worker's hands when enrollment came back.
    assert!((125..=175).contains(&share), "{share} of 200 went to the shop with three times the weight");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_that_a_process_ends_before_is_made_by_the_next_without_a_pause() {
    let mut world = World::start().await;
    let shop = world.shop("Café").await;
    let untouched = "select count(*) from messaging.attempt where given_back and called_at is null";
    // Moments are given away ahead, so some have not come when the process is told to end.
    while world.count(untouched).await == 0 {
        world.ask(&shop, CampaignId::generate(), &world.people(&shop, 80)).await;
        world.until_count("select least(count(*), 1) from messaging.queue where state = 'trying'", 1).await;
        world.end_replica().await;
        world.add_replica().await;
    }
    // To a clock that stands still a pause would never end.
    let missing = "select count(*) from (select from messaging.attempt group by message_id
                                         having bool_or(given_back) and count(called_at) = 0) t";
    world.until_count(missing, 0).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_process_had_claimed_when_it_was_told_to_end_the_next_has_at_once() {
    let mut world = World::start().await;
    let shop = world.shop("Café").await;
    let people = world.people(&shop, 20);
    let peers = std::sync::Arc::clone(&world.peers);
    // Whoever asks enrollment waits, with its claim in its hands.
    let gate = peers.gate.write().await;
    world.ask(&shop, CampaignId::generate(), &people).await;
    let claimed = "select least(count(*), 1) from messaging.queue where state = 'claimed'";
    world.until_count(claimed, 1).await;
    world.end_replica().await;
    assert_eq!(world.count(claimed).await, 0);
    drop(gate);
    world.add_replica().await;
    // To a clock that stands still no claim would ever end by itself.
    world.twilio.until_accepted_within(20, crate::world::DEADLINE).await.unwrap();
    assert_eq!(world.twilio.requests().len(), 20, "each once");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_process_was_answering_when_it_was_told_to_end_is_answered() {
    let mut world = World::start().await;
    let shop = world.shop("Café").await;
    let ana = world.person(&shop);
    let peers = std::sync::Arc::clone(&world.peers);
    let gate = peers.gate.write().await;
    world.phone(&ana).says("sellos").await;
    world.until_count("select count(*) from messaging.inbound where attempts = 1", 1).await;
    let ((), ()) = tokio::join!(world.end_replica(), async { drop(gate) });
    // To a clock that stands still nobody would take it up again.
    assert_eq!(world.count("select count(*) from messaging.inbound where state = 'done'").await, 1);
}
