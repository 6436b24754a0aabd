//! What other services tell becomes who a customer is, in whatever order it comes.

use chrono::{DateTime, Duration, Utc};
use kernel::RewardId;
use outbox::Received;
use sqlx::Row;

use crate::support::World;
use crate::support::shop::{Customer, Shop, everybody};

/// A customer's story, in the order in which it happened.
fn story(shop: Shop, who: Customer, other: Customer, now: DateTime<Utc>) -> Vec<Received> {
    let at = |days: i64| now - Duration::days(days);
    let (reward, spent) = (RewardId::generate(), RewardId::generate());
    vec![
        shop.program(at(100)),
        shop.enrolled(at(90), who),
        shop.opened(at(90), who),
        shop.consent(at(90), who, "pending", 1),
        shop.stamped(at(80), who, 1),
        shop.stamped(at(70), who, 2),
        shop.consent(at(60), who, "granted", 2),
        shop.enrolled(at(60), other),
        shop.stamped(at(50), other, 1),
        shop.stamped(at(40), who, 3),
        shop.voided(at(40), at(40), who, 2),
        shop.unlocked(at(30), who, reward, Some(now + Duration::days(5))),
        shop.unlocked(at(30), who, spent, None),
        shop.redeemed(at(29), who, spent),
        shop.installed(at(20), who),
        shop.merged(at(10), other, who),
    ]
}

async fn who_is(world: &World, who: Customer) -> String {
    let row = sqlx::query(
        "select jsonb_pretty(to_jsonb(a)) as is from campaign.audience as a where customer_id = $1",
    )
    .bind(who.id.as_uuid())
    .fetch_one(&world.pool)
    .await
    .unwrap();
    row.get("is")
}

#[tokio::test]
async fn a_story_ends_the_same_in_any_order_and_however_often_it_is_told() {
    let world = World::start().await;
    let (shop, who, other) = (Shop::new(), Customer::new(), Customer::new());
    let mut ends = Vec::new();
    let told = story(shop, who, other, world.now());
    let again = |events: &[Received]| -> Vec<Received> {
        events
            .iter()
            .map(|event| Received {
                id: event.id,
                subject: event.subject.clone(),
                payload: event.payload.clone(),
                traceparent: None,
            })
            .collect()
    };
    let mut backwards = again(&told);
    backwards.reverse();
    // A program that nobody has told of yet says nothing of its cards: it comes first in life.
    let program = backwards.pop().unwrap();
    backwards.insert(0, program);
    let mut merged_early = again(&told);
    let merge = merged_early.pop().unwrap();
    merged_early.insert(1, merge);
    for order in [again(&told), backwards, merged_early] {
        sqlx::query("truncate campaign.audience, campaign.inbox, campaign.business")
            .execute(&world.pool)
            .await
            .unwrap();
        for event in again(&order) {
            world.deliver(vec![event]).await;
        }
        world.deliver(order).await;
        ends.push(who_is(&world, who).await);
    }
    assert_eq!(ends[0], ends[1]);
    assert_eq!(ends[0], ends[2]);
    let row = sqlx::query(
        "select visits, stamps_left, open_rewards, reward_title, consent, google_passes, birth_month::int as month
         from campaign.audience where customer_id = $1",
    )
    .bind(who.id.as_uuid())
    .fetch_one(&world.pool)
    .await
    .unwrap();
    let number = |name: &str| row.get::<i32, _>(name);
    // Two of her own, one of the customer she was merged with; the voided day is none.
    assert_eq!(number("visits"), 3);
    assert_eq!((number("stamps_left"), number("open_rewards"), number("google_passes")), (8, 1, 1));
    assert_eq!(
        (row.get::<String, _>("reward_title"), row.get::<String, _>("consent")),
        ("Café gratis".into(), "granted".into())
    );
    assert_eq!(number("month"), 11);
}

#[tokio::test]
async fn a_whole_story_may_come_in_one_batch() {
    let world = World::start().await;
    let (shop, who, other) = (Shop::new(), Customer::new(), Customer::new());
    world.deliver(story(shop, who, other, world.now())).await;
    let visits: i32 = sqlx::query_scalar("select visits from campaign.audience where customer_id = $1")
        .bind(who.id.as_uuid())
        .fetch_one(&world.pool)
        .await
        .unwrap();
    assert_eq!(visits, 3);
}

#[tokio::test]
async fn an_erased_customer_leaves_a_tombstone_and_stays_one() {
    let world = World::start().await;
    let (shop, now) = (Shop::new(), world.now());
    let who = shop.regulars(&world, 1).await[0];
    world.deliver(vec![shop.erased(now, who)]).await;
    world.deliver(vec![shop.stamped(now, who, 5), shop.consent(now, who, "granted", 9)]).await;
    let row = sqlx::query(
        "select erased, visits, consent, birth_month::int as month, joined_at, cards::text as cards
         from campaign.audience where customer_id = $1",
    )
    .bind(who.id.as_uuid())
    .fetch_one(&world.pool)
    .await
    .unwrap();
    assert!(row.get::<bool, _>("erased"));
    assert_eq!((row.get::<i32, _>("visits"), row.get::<i32, _>("month")), (0, 0));
    assert_eq!(row.get::<Option<DateTime<Utc>>, _>("joined_at"), None);
    assert_eq!(
        (row.get::<String, _>("consent"), row.get::<String, _>("cards")),
        ("none".into(), "{}".into())
    );
}

#[tokio::test]
async fn a_stamp_after_midnight_in_lima_is_of_the_day_there() {
    let world = World::start().await;
    let (shop, who) = (Shop::new(), Customer::new());
    // Two in the morning UTC is nine in the evening of the day before.
    world.deliver(vec![shop.stamped("2026-11-20T02:00:00Z".parse().unwrap(), who, 1)]).await;
    let day: chrono::NaiveDate =
        sqlx::query_scalar("select last_day from campaign.audience where customer_id = $1")
            .bind(who.id.as_uuid())
            .fetch_one(&world.pool)
            .await
            .unwrap();
    assert_eq!(day.to_string(), "2026-11-19");
}

#[tokio::test]
async fn whoever_was_merged_was_written_to_lately_and_has_had_her_birthday() {
    let world = World::start().await;
    let (shop, now) = (Shop::new(), world.now());
    let (from, into) = (Customer::new(), Customer::new());
    for who in [from, into] {
        let joined = now - Duration::days(50);
        world.deliver(vec![shop.enrolled(joined, who), shop.consent(joined, who, "granted", 1)]).await;
    }
    let count = async |table: &str, who: Customer| -> i64 {
        let query = format!("select count(*) from campaign.{table} where customer_id = $1");
        sqlx::query_scalar(sqlx::AssertSqlSafe(query))
            .bind(who.id.as_uuid())
            .fetch_one(&world.pool)
            .await
            .unwrap()
    };
    sqlx::query(
        "with claimed as (insert into campaign.contact_claim values ($1, $2, gen_random_uuid(), gen_random_uuid(), $3))
         insert into campaign.fired values ($1, 'birthday', $2, '2026', $3)",
    )
    .bind(shop.business.as_uuid())
    .bind(from.id.as_uuid())
    .bind(now)
    .execute(&world.pool)
    .await
    .unwrap();
    let reachable = async || shop.preview(&world, everybody(), "").await.unwrap().excluded.unwrap().capped;
    assert_eq!((reachable().await, count("fired", into).await), (1, 0));
    world.deliver(vec![shop.merged(now, from, into)]).await;
    assert_eq!((reachable().await, count("fired", into).await), (1, 1));
    assert_eq!(count("contact_claim", into).await, 1);
}

#[tokio::test]
async fn the_claim_of_whoever_was_merged_is_given_back_when_her_message_fails() {
    let world = World::start().await;
    let (shop, now) = (Shop::new(), world.now());
    let from = shop.regulars(&world, 1).await[0];
    let id = shop.blast(&world, |_| {}).await.campaign_id;
    let send = world.requested().await[0].sends[0].clone();
    let into = shop.regulars(&world, 1).await[0];
    world.deliver(vec![shop.merged(now, from, into)]).await;
    let capped = async || shop.preview(&world, everybody(), "").await.unwrap().excluded.unwrap().capped;
    assert_eq!(capped().await, 1);
    world.deliver(vec![shop.status(now, &id, &send, ("failed", 3, "blocked"))]).await;
    assert_eq!(capped().await, 0);
}
