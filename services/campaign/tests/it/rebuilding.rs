//! The projection made anew: as it was, without a word to anybody and for nobody who wants none.

use chrono::Duration;
use kernel::{BusinessId, Principal, RewardId, Role};
use outbox::Received;
use proto::campaign as pb;
use tonic::{Code, Status};

use crate::support::shop::{Customer, Shop, everybody};
use crate::support::{World, member, refusal};

fn operator() -> Principal {
    Principal::Operator
}

async fn ask(world: &World, caller: Principal, asked: pb::RebuildRequest) -> Result<i64, Status> {
    let answer = world.client().rebuild(world.request(caller, asked)).await;
    answer.map(|answer| answer.into_inner().counted)
}

async fn begin(world: &World) {
    ask(world, operator(), pb::RebuildRequest { begin: true, ..Default::default() }).await.unwrap();
}

async fn end(world: &World) {
    ask(world, operator(), pb::RebuildRequest { end: true, ..Default::default() }).await.unwrap();
}

/// What an owner tells, and how many facts of it there were.
async fn tell(world: &World, shop: Shop, told: &[Received]) -> i64 {
    let facts = told.iter().map(|event| pb::RebuildFact {
        service: event.subject.split('.').nth(3).unwrap().to_owned(),
        business_id: shop.business.to_string(),
        payload: event.payload.clone(),
    });
    let asked = pb::RebuildRequest { facts: facts.collect(), ..Default::default() };
    ask(world, operator(), asked).await.unwrap()
}

/// Everything that is known of customers, programs and the business, as one text.
async fn projection(world: &World) -> String {
    sqlx::query_scalar(
        "select jsonb_pretty(jsonb_build_array(
             (select jsonb_agg(to_jsonb(a) order by customer_id) from campaign.audience as a),
             (select jsonb_agg(to_jsonb(p) order by program_id) from campaign.program as p),
             (select jsonb_agg(to_jsonb(b) - array['mean_gap_days', 'regularity', 'rhythm_at'] order by business_id)
              from campaign.business as b)))",
    )
    .fetch_one(&world.pool)
    .await
    .unwrap()
}

#[tokio::test]
async fn whatever_was_spoiled_is_as_it_was_once_its_owners_have_told_it() {
    let world = World::start().await;
    let (shop, who, other, gone) = (Shop::new(), Customer::new(), Customer::new(), Customer::new());
    let at = |days: i64| world.now() - Duration::days(days);
    let reward = RewardId::generate();
    let told = [
        shop.program(at(100)),
        shop.enrolled(at(90), who),
        shop.consent(at(90), who, "granted", 1),
        shop.enrolled(at(80), other),
        shop.merged(at(5), other, who),
        shop.enrolled(at(80), gone),
        shop.consent(at(80), gone, "granted", 1),
        shop.erased(at(4), gone),
        shop.opened(at(90), who),
        shop.stamped(at(70), who, 1),
        shop.stamped(at(60), other, 1),
        shop.stamped(at(50), gone, 1),
        shop.voided(at(30), at(70), who, 0),
        shop.unlocked(at(20), who, reward, Some(at(-9))),
        shop.redeemed(at(19), who, reward),
        shop.installed(at(10), other),
    ];
    for event in &told {
        world.deliver(vec![again(event)]).await;
    }
    world.deliver(vec![shop.held(at(3), "slowed", "blocks"), shop.opted_out(at(2), who, "")]).await;
    let before = projection(&world).await;
    for spoil in [
        "update campaign.audience set visits = 40, days = '{2026-01-01}', entries = '{1}', opted_out_at = opted_out_at",
        "update campaign.program set stamps_required = 3",
        "update campaign.business set purchases = 70, time_zone = 'Asia/Tokyo', version = 9",
    ] {
        sqlx::query(spoil).execute(&world.pool).await.unwrap();
    }
    assert_ne!(projection(&world).await, before);
    begin(&world).await;
    assert!(tell(&world, shop, &told).await > 0);
    end(&world).await;
    assert_eq!(projection(&world).await, before);
    // What was heard as news before is not heard again.
    world.deliver(told.iter().map(again).collect()).await;
    begin(&world).await;
    tell(&world, shop, &told).await;
    end(&world).await;
    assert_eq!(projection(&world).await, before);
}

fn again(event: &Received) -> Received {
    Received {
        id: event.id,
        subject: event.subject.clone(),
        payload: event.payload.clone(),
        traceparent: None,
    }
}

#[tokio::test]
async fn nobody_who_wants_no_more_is_reached_by_a_rebuild_even_if_her_row_was_lost() {
    let world = World::start().await;
    let (shop, now) = (Shop::new(), world.now());
    let (said, lost) = (Customer::new(), Customer::new());
    let enrolled = |who| [shop.enrolled(now, who), shop.consent(now, who, "granted", 1)];
    let told: Vec<Received> = [said, lost].into_iter().flat_map(enrolled).collect();
    let later = now + Duration::hours(1);
    let opted_out = [shop.opted_out(later, said, ""), shop.opted_out(later, lost, "")];
    world.deliver(told.iter().chain(&opted_out).map(again).collect()).await;
    sqlx::query("delete from campaign.audience where customer_id = $1")
        .bind(lost.id.as_uuid())
        .execute(&world.pool)
        .await
        .unwrap();
    begin(&world).await;
    tell(&world, shop, &told).await;
    // Messaging tells it of the one whose row is gone; of the other it was kept.
    tell(&world, shop, &opted_out[1..]).await;
    end(&world).await;
    let preview = shop.preview(&world, everybody(), "").await.unwrap();
    assert_eq!((preview.count, preview.reachable), (2, 0));
    assert_eq!(preview.excluded.unwrap().opted_out, 2);
}

#[tokio::test]
async fn nobody_is_written_to_before_it_has_ended_and_nobody_twice() {
    let world = World::start().await;
    let (shop, now) = (Shop::new(), world.now());
    let who = Customer::new();
    let told = [shop.enrolled(now, who), shop.consent(now, who, "granted", 1), shop.stamped(now, who, 1)];
    world.deliver(told.iter().map(again).collect()).await;
    let draft = shop.draft(&world, |_| {}).await;
    shop.launch(&world, &draft.campaign_id).await.unwrap();
    begin(&world).await;
    // She has not been told of: a walk now would end without her.
    world.plan().await;
    tell(&world, shop, &told).await;
    world.plan().await;
    assert_eq!(world.requested().await.len(), 0);
    end(&world).await;
    world.plan().await;
    assert_eq!(world.requested().await.len(), 1);
    begin(&world).await;
    tell(&world, shop, &told).await;
    end(&world).await;
    world.plan().await;
    assert_eq!(world.requested().await.len(), 1);
    let next = shop.draft(&world, |_| {}).await;
    let refused = shop.launch(&world, &next.campaign_id).await.unwrap_err();
    assert_eq!(refusal(&refused), ("audience".into(), "nobody_reachable".into()));
}

#[tokio::test]
async fn whatsapp_that_is_to_follow_waits_for_its_end() {
    let world = World::start().await;
    let (shop, now) = (Shop::new(), world.now());
    let who = Customer::new();
    let told = [shop.enrolled(now, who), shop.consent(now, who, "granted", 1), shop.installed(now, who)];
    world.deliver(told.iter().map(again).collect()).await;
    shop.blast(&world, |asked| {
        asked.channel_policy = "wallet_first".into();
        asked.wallet_days = 3;
    })
    .await;
    world.wait(Duration::days(4));
    begin(&world).await;
    assert_eq!(world.app.follow_up().await.unwrap(), 0);
    tell(&world, shop, &told).await;
    end(&world).await;
    assert_eq!(world.app.follow_up().await.unwrap(), 1);
    let channels: Vec<String> = world.requested().await.into_iter().map(|sent| sent.channel).collect();
    assert_eq!(channels, ["wallet", "whatsapp"]);
}

#[tokio::test]
async fn sends_stay_as_they_are_whatever_is_told() {
    let world = World::start().await;
    let shop = Shop::new();
    let who = shop.regulars(&world, 1).await[0];
    let campaign = shop.blast(&world, |_| {}).await;
    let send = world.requested().await[0].sends[0].clone();
    let status = shop.status(world.now(), &campaign.campaign_id, &send, ("delivered", 3, ""));
    let opted_out = shop.opted_out(world.now(), who, &campaign.campaign_id);
    begin(&world).await;
    // That she wants no more is taken, that she said so because of a campaign is not counted again.
    assert_eq!(tell(&world, shop, &[status, opted_out]).await, 1);
    end(&world).await;
    assert_eq!(shop.get(&world, &campaign.campaign_id).await.counts, campaign.counts);
}

#[tokio::test]
async fn facts_are_taken_only_after_a_beginning_and_only_of_the_platform() {
    let world = World::start().await;
    let status = ask(&world, operator(), pb::RebuildRequest::default()).await.unwrap_err();
    assert_eq!(status.code(), Code::FailedPrecondition);
    assert_eq!(refusal(&status), ("begin".into(), "not_begun".into()));
    let owner = member(BusinessId::generate(), Role::Owner);
    for (caller, code) in [(owner, Code::PermissionDenied), (Principal::Public, Code::Unauthenticated)] {
        let asked = pb::RebuildRequest { begin: true, ..Default::default() };
        assert_eq!(ask(&world, caller, asked).await.unwrap_err().code(), code);
    }
}
