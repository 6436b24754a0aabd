use chrono::Duration;
use fakes::twilio::{CallbackFaults, Fault, Faults};
use kernel::CampaignId;
use proto::messaging as pb;

use crate::world::{ON_PHONES, World, with};

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_answer_is_made_up_for_by_the_callback() {
    for fault in [Fault::TakeAndHang, Fault::TakeAndClose, Fault::TakeAndStatus(500)] {
        let world = World::start().await;
        let shop = world.shop("Café").await;
        let ana = world.person(&shop);
        world.twilio.fault_next(fault);
        let sends = world.ask(&shop, CampaignId::generate(), std::slice::from_ref(&ana)).await;
        world.until_told(sends[0], "read").await;
        world.until_count("select count(*) from messaging.queue", 0).await;
        assert_eq!(world.phone(&ana).received().len(), 1, "{fault:?}");
        assert_eq!(world.account(&shop).await.daily_spent_cents, 29);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn without_answer_and_callback_the_provider_is_asked() {
    let world = World::start().await;
    let shop = world.shop("Café").await;
    let ana = world.person(&shop);
    let callbacks = CallbackFaults { dropped: 1.0, ..CallbackFaults::default() };
    world.twilio.faults(Faults { callbacks, ..Faults::default() });
    world.twilio.fault_next(Fault::TakeAndStatus(503));
    let sends = world.ask(&shop, CampaignId::generate(), std::slice::from_ref(&ana)).await;
    world.until_told(sends[0], "in_doubt").await;
    world.wait_here(Duration::seconds(5));
    world.until_told(sends[0], "read").await;
    assert_eq!(world.twilio.requests().len(), 1, "it was asked about, not sent again");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_provably_absent_is_sent_again_unless_it_is_marketing() {
    let world = World::start().await;
    let shop = world.shop("Café").await;
    let people = world.people(&shop, 2);
    for person in &people {
        world.twilio.fault_next_to(&person.phone, Fault::Status(500));
    }
    let marketing = world.ask(&shop, CampaignId::generate(), &people[..1]).await;
    let utility = world.ask_as(&shop, CampaignId::generate(), &people[1..], "utility").await;
    world.until_told(marketing[0], "in_doubt").await;
    world.until_told(utility[0], "in_doubt").await;
    world.wait(Duration::seconds(7));
    world.until_told(utility[0], "read").await;
    let failed = world.until_told(marketing[0], "failed").await;
    assert_eq!(failed.last().unwrap().1, "in_doubt");
    assert_eq!((world.phone(&people[0]).received().len(), world.phone(&people[1]).received().len()), (0, 1));
    let dead = pb::ListDeliveriesRequest { status: "dead".into(), ..Default::default() };
    let dead = world.client().list_deliveries(with(&shop.owner, dead)).await.unwrap().into_inner().messages;
    assert_eq!((dead.len(), dead[0].reason.as_str(), dead[0].retryable), (1, "in_doubt", false));
    assert_eq!(world.account(&shop).await.daily_spent_cents, 14, "what was not sent is not paid for");
}

#[tokio::test(flavor = "multi_thread")]
async fn while_the_provider_cannot_be_asked_it_stays_in_doubt() {
    let world = World::start().await;
    let shop = world.shop("Café").await;
    let ana = world.person(&shop);
    world.twilio.fault_next(Fault::Status(500));
    world.twilio.reads_fail(Some(500));
    let sends = world.ask_as(&shop, CampaignId::generate(), &[ana], "utility").await;
    world.until_told(sends[0], "in_doubt").await;
    world.wait(Duration::seconds(7));
    world.until_count("select count(*) from messaging.queue where state = 'in_doubt' and asked = 1", 1).await;
    world.twilio.reads_fail(None);
    world.wait(Duration::seconds(31));
    world.until_told(sends[0], "read").await;
    assert_eq!(world.twilio.accepted_count(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn too_fast_is_tried_later_and_sent_once() {
    let world = World::start().await;
    let shop = world.shop("Café").await;
    let ana = world.person(&shop);
    world.twilio.fault_next(Fault::TooManyRequests);
    let sends = world.ask(&shop, CampaignId::generate(), std::slice::from_ref(&ana)).await;
    world
        .until_count("select count(*) from messaging.queue where state = 'waiting' and reason = 'rate'", 1)
        .await;
    assert_eq!(world.account(&shop).await.daily_spent_cents, 0, "given back while it waits");
    world.wait(Duration::seconds(10));
    world.until_told(sends[0], "read").await;
    assert_eq!(world.phone(&ana).received().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn callbacks_in_any_order_and_twice_end_the_same_and_none_at_all_is_polled() {
    let world = World::with(2, 400, 0).await;
    let shop = world.shop("Café").await;
    let people = world.people(&shop, 60);
    let callbacks = CallbackFaults { doubled: 0.5, shuffled: 0.5, dropped: 0.3, ..CallbackFaults::default() };
    world.twilio.faults(Faults { seed: 7, callbacks, ..Faults::default() });
    world.ask(&shop, CampaignId::generate(), &people).await;
    world.twilio.until_accepted(60).await.unwrap();
    world.until_count("select count(*) from messaging.queue", 0).await;
    world.twilio.until_settled(crate::world::DEADLINE).await.unwrap();
    world.wait(Duration::seconds(20));
    world.until_count(ON_PHONES, 60).await;
    assert_eq!(world.twilio.requests().len(), 60);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_killed_replica_had_in_hand_is_asked_about_by_another() {
    let mut world = World::with(1, 80, 0).await;
    let shop = world.shop("Café").await;
    let people = world.people(&shop, 2);
    // Their answers never come, so the outcome is nowhere when the process dies; of one the callback does not come either.
    let callbacks = CallbackFaults { dropped: 1.0, ..CallbackFaults::default() };
    world.twilio.faults(Faults { callbacks, ..Faults::default() });
    world.twilio.fault_next_to(&people[0].phone, Fault::TakeAndHang);
    world.twilio.fault_next_to(&people[1].phone, Fault::Hang);
    let sends = world.ask_as(&shop, CampaignId::generate(), &people, "utility").await;
    world.until_count("select count(*) from messaging.queue where state = 'trying'", 2).await;
    world.twilio.until_accepted(1).await.unwrap();
    world.kill_replica();
    world.add_replica().await;
    world.wait_here(Duration::seconds(20));
    world.until_count("select count(*) from messaging.queue where state = 'in_doubt'", 2).await;
    world.wait_here(Duration::seconds(20));
    world.until_told(sends[0], "read").await;
    world.until_told(sends[1], "handed_over").await;
    assert_eq!((world.phone(&people[0]).received().len(), world.phone(&people[1]).received().len()), (1, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn metas_cap_of_marketing_is_waited_for_and_in_the_united_states_it_is_the_end() {
    let world = World::start().await;
    let shop = world.shop("Café").await;
    let people = [world.person(&shop), world.person_at(&shop, "+14155552671")];
    for person in &people {
        world.phone(person).fate(fakes::twilio::Fate::Failed(63_049));
    }
    let sends = world.ask(&shop, CampaignId::generate(), &people).await;
    assert_eq!(world.until_told(sends[1], "failed").await.last().unwrap().1, "no_marketing_there");
    let waits = "select count(*) from messaging.queue where state = 'waiting' and reason = 'marketing_cap'";
    world.until_count(waits, 1).await;
    let account = world.account(&shop).await;
    assert_eq!((account.dead, account.daily_spent_cents), (0, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failure_that_was_told_before_the_answer_came_stands_and_is_not_paid_for() {
    let world = World::start().await;
    let shop = world.shop("Café").await;
    let [ana, eva] = [world.person(&shop), world.person(&shop)];
    world.phone(&ana).fate(fakes::twilio::Fate::Failed(63_049));
    world.twilio.fault_next_to(&ana.phone, Fault::AnswerLast);
    world.ask(&shop, CampaignId::generate(), std::slice::from_ref(&ana)).await;
    let waits = "select count(*) from messaging.queue where state = 'waiting' and reason = 'marketing_cap'";
    world.until_count(waits, 1).await;
    world.twilio.until_settled(crate::world::DEADLINE).await.unwrap();
    // Another's message is out and told of by the time that the late answer has long been read.
    let sends = world.ask(&shop, CampaignId::generate(), &[eva]).await;
    world.until_told(sends[0], "read").await;
    assert_eq!(world.count(waits).await, 1);
    assert_eq!(world.count("select count(*) from messaging.message where status = 'waiting'").await, 1);
    assert_eq!(world.account(&shop).await.daily_spent_cents, 29, "the other's alone");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failed_message_is_tried_again_by_a_person() {
    let world = World::start().await;
    let shop = world.shop("Café").await;
    let ana = world.person(&shop);
    world.phone(&ana).fate(fakes::twilio::Fate::Failed(63_013));
    let sends = world.ask_as(&shop, CampaignId::generate(), std::slice::from_ref(&ana), "utility").await;
    let failed = world.until_told(sends[0], "failed").await;
    assert_eq!(failed.last().unwrap().1, "policy");
    world.phone(&ana).fate(fakes::twilio::Fate::Read);
    world.wait(Duration::seconds(10));
    let all = pb::RetryDeliveryRequest::default();
    let retried = world.client().retry_delivery(with(&shop.owner, all)).await.unwrap().into_inner().retried;
    assert_eq!(retried, 1);
    world.until_told(sends[0], "read").await;
    assert_eq!(world.account(&shop).await.dead, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn news_that_failed_is_not_tried_again_once_another_campaign_has_written_to_her_or_it_is_old() {
    let world = World::start().await;
    let shop = world.shop("Café").await;
    let (ana, eva) = (world.person(&shop), world.person(&shop));
    for person in [&ana, &eva] {
        world.phone(person).fate(fakes::twilio::Fate::Failed(63_013));
    }
    let both = [ana.clone(), eva.clone()];
    let failed = world.ask(&shop, CampaignId::generate(), &both).await;
    for send in &failed {
        world.until_told(*send, "failed").await;
    }
    for person in [&ana, &eva] {
        world.phone(person).fate(fakes::twilio::Fate::Read);
    }
    world.wait(Duration::seconds(10));
    // Their claims were given back, and another campaign has written to Ana since.
    let other = world.ask(&shop, CampaignId::generate(), std::slice::from_ref(&ana)).await;
    world.until_told(other[0], "read").await;
    let received = world.phone(&ana).received().len();
    world.wait(Duration::seconds(10));
    let of_ana = "select message_id::text from messaging.message where dead and customer_id = $1";
    let hers: String =
        sqlx::query_scalar(of_ana).bind(ana.customer.as_uuid()).fetch_one(&world.pool).await.unwrap();
    let hers = pb::RetryDeliveryRequest { message_id: hers };
    let refused = world.client().retry_delivery(with(&shop.owner, hers)).await;
    assert_eq!(crate::world::problem(refused).reason.as_deref(), Some("capped"));
    let all = pb::RetryDeliveryRequest::default();
    let retried = world.client().retry_delivery(with(&shop.owner, all.clone())).await.unwrap().into_inner();
    assert_eq!(retried.retried, 1, "Eva's");
    world.until_told(failed[1], "read").await;
    assert_eq!(world.phone(&ana).received().len(), received, "one in seven days");
    // What was news three days ago is none.
    world.wait(Duration::days(4));
    let retried = world.client().retry_delivery(with(&shop.owner, all)).await.unwrap().into_inner();
    assert_eq!(retried.retried, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_given_up_and_arrived_after_all_is_told_and_paid_for() {
    let world = World::start().await;
    let shop = world.shop("Café").await;
    let ana = world.person(&shop);
    // Its callback comes only when the provider has been asked, and could not answer truly.
    let callbacks = CallbackFaults { dropped: 1.0, ..CallbackFaults::default() };
    world.twilio.faults(Faults { callbacks, ..Faults::default() });
    world.twilio.fault_next(Fault::TakeAndStatus(503));
    world.twilio.advance(Duration::hours(1));
    let sends = world.ask(&shop, CampaignId::generate(), std::slice::from_ref(&ana)).await;
    world.until_told(sends[0], "in_doubt").await;
    world.wait_here(Duration::seconds(5));
    world.until_told(sends[0], "failed").await;
    assert_eq!(world.account(&shop).await.daily_spent_cents, 0);
    world.twilio.call_back_again(&world.twilio.accepted()[0].sid).await;
    world.until_told(sends[0], "read").await;
    assert_eq!(world.account(&shop).await.daily_spent_cents, 29);
    assert_eq!(world.account(&shop).await.dead, 0);
}
