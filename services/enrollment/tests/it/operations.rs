//! A sign-up that is asked for twice.

use chrono::Duration;
use proto::enrollment as wire;
use uuid::Uuid;

use crate::support::{Shop, World, joining, problem, slug_of, with};

/// A form with an operation id, asking for promotions.
fn form(shop: &Shop, name: &str, phone: &str) -> wire::EnrollRequest {
    wire::EnrollRequest {
        operation_id: Uuid::new_v4().to_string(),
        consent_marketing: true,
        adult_ok: true,
        ..joining(shop, name, phone)
    }
}

#[tokio::test]
async fn whoever_lost_the_answer_is_given_the_same_card_and_the_same_word() {
    let world = World::start().await;
    let shop = world.shop("Café").await;
    let form = form(&shop, "Ana", "987654321");
    let first = world.enroll(form.clone()).await.unwrap();
    assert!(!first.known && !first.holder_token.is_empty() && !first.word.is_empty());
    assert_eq!(world.enroll(form.clone()).await.unwrap(), first);
    // Typed otherwise, it is the same number.
    let typed = wire::EnrollRequest { phone: "+51 987-654-321".into(), ..form.clone() };
    assert_eq!(world.enroll(typed).await.unwrap(), first);
    let request = wire::UseWordRequest {
        word: first.word.clone(),
        phone: "+51987654321".into(),
        message_id: Uuid::now_v7().to_string(),
    };
    world.customers().use_word(with(&world.service().await, request)).await.unwrap();
    assert_eq!(world.enroll(form).await.unwrap(), first);
    assert_eq!(world.holder(&first.holder_token).await.unwrap().card_id, first.card_id);
    assert_eq!(world.count("select count(*) from customer").await, 1);
    assert_eq!(world.count("select count(*) from holder_token").await, 1);
    assert_eq!(world.count("select count(*) from consent where purpose = 'program'").await, 1);
}

#[tokio::test]
async fn one_operation_at_once_makes_one_customer_and_one_answer() {
    let world = World::start().await;
    let shop = world.shop("Café").await;
    let form = form(&shop, "Ana", "987654321");
    let racing = (0..6).map(|_| {
        let (mut customers, request) = (world.customers(), form.clone());
        tokio::spawn(async move { customers.enroll(request).await.unwrap().into_inner() })
    });
    let mut answers = Vec::new();
    for answer in racing.collect::<Vec<_>>() {
        answers.push(answer.await.unwrap());
    }
    assert!(!answers[0].known && !answers[0].card_id.is_empty());
    assert!(answers.iter().all(|answer| *answer == answers[0]));
    assert_eq!(world.count("select count(*) from customer").await, 1);
    assert_eq!(world.count("select count(*) from outbox where subject like '%.customer_enrolled'").await, 1);
}

#[tokio::test]
async fn another_form_under_the_same_id_is_refused_and_another_shop_has_ids_of_its_own() {
    let world = World::start().await;
    let (shop, other) = (world.shop("Café").await, world.shop("Bodega").await);
    let form = form(&shop, "Ana", "987654321");
    let first = world.enroll(form.clone()).await.unwrap();
    let changed = [
        wire::EnrollRequest { name: "Eva".into(), ..form.clone() },
        wire::EnrollRequest { phone: "987654322".into(), ..form.clone() },
        wire::EnrollRequest { consent_marketing: false, ..form.clone() },
        wire::EnrollRequest { birthday: "1990-05-02".into(), ..form.clone() },
        wire::EnrollRequest { holder_token: first.holder_token.clone(), ..form.clone() },
    ];
    for request in changed {
        let refused = problem(world.enroll(request).await);
        assert_eq!(refused.slug, "operation-mismatch");
        assert_eq!(refused.field.as_deref(), Some("Idempotency-Key"));
    }
    let there = world.enroll(wire::EnrollRequest { slug: other.slug, ..form.clone() }).await.unwrap();
    assert!(!there.known && there.holder_token != first.holder_token && there.word != first.word);
    let odd = wire::EnrollRequest { operation_id: "x".into(), ..form };
    assert_eq!(problem(world.enroll(odd).await).field.as_deref(), Some("operation_id"));
    assert_eq!(world.count("select count(*) from customer").await, 2);
}

#[tokio::test]
async fn a_form_that_was_refused_may_be_sent_again_under_its_id() {
    let world = World::start().await;
    let shop = world.shop("Café").await;
    let form = form(&shop, "Ana", "987654321");
    let wrong = wire::EnrollRequest { phone: "12".into(), ..form.clone() };
    assert_eq!(problem(world.enroll(wrong).await).field.as_deref(), Some("phone"));
    assert!(world.enroll(form).await.is_ok_and(|joined| !joined.known));
}

#[tokio::test]
async fn a_known_number_is_answered_the_same_again_and_names_nobody() {
    let world = World::start().await;
    let shop = world.shop("Café").await;
    let ana = world.enroll(joining(&shop, "Ana", "987654321")).await.unwrap();
    let stranger = form(&shop, "Eva", "987654321");
    let told = world.enroll(stranger.clone()).await.unwrap();
    assert!(told.known && told.customer_id.is_empty() && told.holder_token.is_empty());
    assert_eq!(world.enroll(stranger).await.unwrap(), told);
    assert_eq!(world.count("select count(*) from word").await, 1);
    assert_eq!(world.count("select count(*) from operation where customer_id is not null").await, 0);

    let hers = wire::EnrollRequest { holder_token: ana.holder_token, ..form(&shop, "Ana", "987654321") };
    let proven = world.enroll(hers.clone()).await.unwrap();
    assert!(proven.known && proven.proven && proven.card_id == ana.card_id);
    assert_eq!(world.enroll(hers).await.unwrap(), proven);
}

#[tokio::test]
async fn a_late_retry_brings_nobody_back_who_was_erased_and_is_forgotten_after_ninety_days() {
    let world = World::start().await;
    let shop = world.shop("Café").await;
    let form = form(&shop, "Ana", "987654321");
    let ana = world.enroll(form.clone()).await.unwrap();
    let erase = wire::EraseCustomerRequest { customer_id: ana.customer_id };
    world.customers().erase_customer(with(&shop.owner, erase)).await.unwrap();
    assert_eq!(slug_of(world.enroll(form).await), "not-found");
    assert_eq!(world.count("select count(*) from customer where phone is not null").await, 0);
    world.wait(Duration::days(89));
    world.app.purge().await.unwrap();
    assert_eq!(world.count("select count(*) from operation").await, 1);
    world.wait(Duration::days(2));
    world.app.purge().await.unwrap();
    assert_eq!(world.count("select count(*) from operation").await, 0);
}
