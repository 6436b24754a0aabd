use std::sync::Arc;

use enrollment::consumers::Stamps;
use kernel::EventId;
use outbox::{Handler, Received};
use prost::Message;
use proto::enrollment as wire;
use proto::enrollment::event::Fact;
use proto::stamping;

use crate::support::{Shop, World, joining, with};

async fn join(world: &World, shop: &Shop, phone: &str, code: &str) -> wire::EnrollResponse {
    let request = wire::EnrollRequest { referral_code: code.into(), ..joining(shop, "Ana", phone) };
    world.enroll(request).await.unwrap()
}

/// Tells enrollment of a stamp, as stamping would.
async fn stamp(world: &World, shop: &Shop, customer: &str, kind: &str) {
    let card = stamping::CardState { customer_id: customer.into(), ..Default::default() };
    let fact =
        stamping::StampAdded { card: Some(card), kind: kind.into(), first: true, ..Default::default() };
    let event = stamping::Event {
        business_id: shop.id.clone(),
        fact: Some(stamping::event::Fact::StampAdded(fact)),
        ..Default::default()
    };
    let received = Received {
        id: EventId::generate(),
        subject: format!("sello.v1.{}.stamping.stamp_added", shop.id),
        payload: event.encode_to_vec(),
        traceparent: None,
    };
    let handler = Stamps { app: Arc::clone(&world.app) };
    let mut tx = world.pool.begin().await.unwrap();
    handler.handle(&mut tx, &[received]).await.unwrap();
    tx.commit().await.unwrap();
}

async fn paid(world: &World) -> Vec<(String, String)> {
    let facts = world.facts().await.into_iter().filter_map(|fact| match fact {
        Fact::ReferralPaid(fact) => Some((fact.referrer_customer_id, fact.friend_customer_id)),
        _ => None,
    });
    facts.collect()
}

#[tokio::test]
async fn a_friends_first_stamp_pays_her_referral_once() {
    let world = World::start().await;
    let shop = world.shop("Café").await;
    let ana = join(&world, &shop, "987654321", "").await;
    let luz = join(&world, &shop, "987654322", &ana.referral_code.to_lowercase()).await;
    for kind in ["import", "bonus"] {
        stamp(&world, &shop, &luz.customer_id, kind).await;
    }
    stamp(&world, &shop, &ana.customer_id, "earn").await;
    assert!(paid(&world).await.is_empty());
    for _ in 0..3 {
        stamp(&world, &shop, &luz.customer_id, "earn").await;
    }
    assert_eq!(paid(&world).await, [(ana.customer_id, luz.customer_id)]);
}

#[tokio::test]
async fn a_code_of_another_business_or_of_nobody_invites_nobody() {
    let world = World::start().await;
    let (shop, other) = (world.shop("Café").await, world.shop("Bodega").await);
    let ana = join(&world, &other, "987654321", "").await;
    join(&world, &shop, "987654322", &ana.referral_code).await;
    join(&world, &shop, "987654323", "NOBODYS").await;
    join(&world, &shop, "987654324", &"X".repeat(500)).await;
    assert_eq!(world.count("select count(*) from referral").await, 0);
}

#[tokio::test]
async fn nobody_invites_herself_by_being_erased_and_joining_again() {
    let world = World::start().await;
    let shop = world.shop("Café").await;
    let ana = join(&world, &shop, "987654321", "").await;
    let luz = join(&world, &shop, "987654322", &ana.referral_code).await;
    let erase = with(&shop.owner, wire::EraseCustomerRequest { customer_id: ana.customer_id });
    world.customers().erase_customer(erase).await.unwrap();
    join(&world, &shop, "987654321", &luz.referral_code).await;
    assert_eq!(world.count("select count(*) from referral").await, 0);
}

#[tokio::test]
async fn an_invitation_between_two_numbers_of_one_person_goes_with_their_merge() {
    let world = World::start().await;
    let shop = world.shop("Café").await;
    let ana = join(&world, &shop, "987654321", "").await;
    let second = join(&world, &shop, "987654322", &ana.referral_code).await;
    let luz = join(&world, &shop, "987654323", &second.referral_code).await;
    let merge = wire::MergeCustomersRequest {
        into_customer_id: ana.customer_id.clone(),
        from_customer_id: second.customer_id,
    };
    world.customers().merge_customers(with(&shop.owner, merge)).await.unwrap();
    stamp(&world, &shop, &ana.customer_id, "earn").await;
    assert!(paid(&world).await.is_empty());
    stamp(&world, &shop, &luz.customer_id, "earn").await;
    assert_eq!(paid(&world).await, [(ana.customer_id, luz.customer_id)]);
}

#[tokio::test]
async fn a_merge_that_closes_a_ring_pays_nobody() {
    let world = World::start().await;
    let shop = world.shop("Café").await;
    let ana = join(&world, &shop, "987654321", "").await;
    let luz = join(&world, &shop, "987654322", &ana.referral_code).await;
    let eva = join(&world, &shop, "987654323", &luz.referral_code).await;
    // Eva, whom Luz invited, is Ana, who invited Luz.
    let merge = wire::MergeCustomersRequest {
        into_customer_id: eva.customer_id.clone(),
        from_customer_id: ana.customer_id,
    };
    world.customers().merge_customers(with(&shop.owner, merge)).await.unwrap();
    stamp(&world, &shop, &eva.customer_id, "earn").await;
    assert!(paid(&world).await.is_empty());
}
