use chrono::Datelike as _;
use kernel::CampaignId;
use proto::messaging as pb;

use crate::world::{ON_PHONES, World, with};

fn words(story: &[(String, String)]) -> Vec<&str> {
    story.iter().map(|(status, _)| status.as_str()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_arrives_once_filled_and_paid_for() {
    let world = World::start().await;
    let shop = world.shop("Café Luna").await;
    let ana = world.person(&shop);
    let sends = world.ask(&shop, CampaignId::generate(), std::slice::from_ref(&ana)).await;
    let story = world.until_told(sends[0], "read").await;
    assert_eq!(words(&story).last(), Some(&"read"));
    let received = world.phone(&ana).received();
    assert_eq!(received.len(), 1);
    assert_eq!(
        received[0].body,
        "Hola Ana, te falta un solo sello en Café Luna para tu premio: un café. Te esperamos. Si no quieres más mensajes, responde BAJA."
    );
    assert!(world.twilio.mistakes().is_empty(), "{:?}", world.twilio.mistakes());
    let account = world.account(&shop).await;
    assert_eq!((account.daily_spent_cents, account.monthly_spent_cents, account.waiting), (29, 29, 0));
    assert_eq!((account.status.as_str(), account.held_by.as_str()), ("approved", ""));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_number_abroad_is_paid_for_at_the_price_of_its_country() {
    let world = World::start().await;
    let shop = world.shop("Café").await;
    let people = [world.person_at(&shop, "+56961234567"), world.person_at(&shop, "+14155552671")];
    for send in world.ask(&shop, CampaignId::generate(), &people).await {
        world.until_told(send, "delivered").await;
    }
    // To Chile 36, to the United States 12.
    assert_eq!(world.account(&shop).await.daily_spent_cents, 48);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_send_asked_for_twice_is_one_message() {
    let world = World::start().await;
    let shop = world.shop("Café").await;
    let ana = world.person(&shop);
    let asked = proto::campaign::SendRequested {
        campaign_id: CampaignId::generate().to_string(),
        channel: "whatsapp".into(),
        category: "marketing".into(),
        wordings: vec![proto::campaign::Wording {
            language: "es".into(),
            template: "feedback".into(),
            variables: vec!["{first_name}".into(), "{business}".into()],
            text: String::new(),
        }],
        sends: vec![proto::campaign::Send {
            send_id: uuid::Uuid::now_v7().to_string(),
            customer_id: ana.customer.to_string(),
            language: "es".into(),
            ..Default::default()
        }],
        good_until: None,
    };
    for _ in 0..3 {
        world.tell_campaign(shop.id, asked.clone()).await;
    }
    world.until_told(asked.sends[0].send_id.parse().unwrap(), "delivered").await;
    assert_eq!(
        (world.count("select count(*) from messaging.message").await, world.twilio.accepted_count()),
        (1, 1)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn who_has_not_agreed_gets_nothing_and_it_costs_nothing() {
    let world = World::start().await;
    let shop = world.shop("Café").await;
    let people = world.people(&shop, 2);
    world.peers.people.lock().unwrap()[0].marketing = "pending".into();
    let sends = world.ask(&shop, CampaignId::generate(), &people).await;
    assert_eq!(world.until_told(sends[0], "failed").await, [("failed".to_owned(), "no_consent".to_owned())]);
    world.until_told(sends[1], "delivered").await;
    assert_eq!((world.twilio.accepted_count(), world.account(&shop).await.daily_spent_cents), (1, 29));
    // It is no matter for a person: she said no.
    assert_eq!(world.account(&shop).await.dead, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn while_enrollment_is_away_nothing_goes_and_nothing_is_lost() {
    let world = World::start().await;
    let shop = world.shop("Café").await;
    let ana = world.person(&shop);
    world.peers.set_away(true);
    let sends = world.ask(&shop, CampaignId::generate(), &[ana]).await;
    // It was taken up, and put back for later.
    world.until_count("select count(*) from messaging.queue where state = 'waiting' and next_at > created_at + interval '1 s'", 1).await;
    assert_eq!(world.twilio.requests().len(), 0);
    world.peers.set_away(false);
    world.wait(chrono::Duration::seconds(10));
    world.until_told(sends[0], "delivered").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn before_the_operator_approves_nothing_goes() {
    let world = World::start().await;
    let (shop, other) = (world.shop_unapproved("Bodega"), world.shop("Café").await);
    let (ana, eva) = (world.person(&shop), world.person(&other));
    let sends = world.ask(&shop, CampaignId::generate(), &[ana]).await;
    // Another shop's goes through meanwhile, so the first was passed over and not only late.
    let others = world.ask(&other, CampaignId::generate(), &[eva]).await;
    world.until_told(others[0], "delivered").await;
    assert_eq!(
        (world.twilio.accepted_count(), world.account(&shop).await.held_by.as_str()),
        (1, "not_approved")
    );
    world.approve(&shop, 1_000, 0).await;
    world.until_told(sends[0], "delivered").await;
    let stop = pb::StopBusinessRequest { business_id: shop.id.to_string() };
    world.client().stop_business(world.operator(stop)).await.unwrap();
    assert_eq!(world.account(&shop).await.status, "stopped");
}

#[tokio::test(flavor = "multi_thread")]
async fn no_budget_is_passed_and_the_next_day_has_its_own() {
    let world = World::with(3, 80, 0).await;
    world.wait_for(|day| day.day() == 15);
    let shop = world.shop_unapproved("Café");
    // Three messages of 29, and not a fourth.
    world.approve(&shop, 100, 0).await;
    let people = world.people(&shop, 10);
    world.ask(&shop, CampaignId::generate(), &people).await;
    world.until_count(ON_PHONES, 3).await;
    let account = world.account(&shop).await;
    assert_eq!((account.daily_spent_cents, account.held_by.as_str(), account.waiting), (87, "budget", 7));
    assert!(account.daily_spent_cents <= account.daily_limit_cents);
    world.wait(chrono::Duration::days(1));
    world.until_count(ON_PHONES, 6).await;
    assert_eq!((world.twilio.accepted_count(), world.account(&shop).await.monthly_spent_cents), (6, 174));
    let raise = pb::SetBudgetRequest { daily_budget_cents: 101, monthly_budget_cents: 1_000 };
    let refused = crate::world::problem(world.client().set_budget(with(&shop.owner, raise)).await);
    assert_eq!(refused.field.as_deref(), Some("daily_budget_cents"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_next_month_has_its_own_budget() {
    let world = World::start().await;
    world.wait_for(|day| day.succ_opt().unwrap().day() == 1);
    let shop = world.shop("Café").await;
    // A month of 62, of which 58 are marketing's: two messages of 29, and not a third.
    let budget = pb::SetBudgetRequest { daily_budget_cents: 1_000_000, monthly_budget_cents: 62 };
    world.client().set_budget(with(&shop.owner, budget)).await.unwrap();
    let people = world.people(&shop, 3);
    world.ask(&shop, CampaignId::generate(), &people).await;
    world.until_count(ON_PHONES, 2).await;
    let account = world.account(&shop).await;
    assert_eq!((account.monthly_spent_cents, account.held_by.as_str(), account.waiting), (58, "budget", 1));
    world.wait(chrono::Duration::days(1));
    world.until_count(ON_PHONES, 3).await;
    assert_eq!((world.twilio.accepted_count(), world.account(&shop).await.monthly_spent_cents), (3, 29));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_fails_gives_its_money_back_with_a_reason() {
    let world = World::start().await;
    let shop = world.shop("Café").await;
    let people = world.people(&shop, 2);
    world.phone(&people[0]).blocks();
    world.phone(&people[1]).leaves_whatsapp();
    let sends = world.ask(&shop, CampaignId::generate(), &people).await;
    let blocked = world.until_told(sends[0], "failed").await;
    let gone = world.until_told(sends[1], "failed").await;
    assert_eq!(
        (blocked.last().unwrap().1.as_str(), gone.last().unwrap().1.as_str()),
        ("blocked", "not_reachable")
    );
    assert_eq!(world.account(&shop).await.daily_spent_cents, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn nights_are_quiet_for_marketing_and_not_for_what_she_waits_for() {
    let world = World::start().await;
    let shop = world.shop("Café").await;
    world.wait(chrono::Duration::hours(10));
    let people = world.people(&shop, 2);
    let marketing = world.ask(&shop, CampaignId::generate(), &people[..1]).await;
    let utility = world.ask_as(&shop, CampaignId::generate(), &people[1..], "utility").await;
    world.until_told(utility[0], "delivered").await;
    assert_eq!(
        (world.twilio.accepted_count(), world.account(&shop).await.held_by.as_str()),
        (1, "quiet_hours")
    );
    world.wait(chrono::Duration::hours(11));
    world.until_told(marketing[0], "delivered").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_address_has_one_message_in_six_seconds() {
    let world = World::start().await;
    let shop = world.shop("Café").await;
    let ana = world.person(&shop);
    let sends = world.ask_as(&shop, CampaignId::generate(), &[ana.clone(), ana.clone()], "utility").await;
    world
        .until_count("select count(*) from messaging.queue where state = 'waiting' and reason = 'rate'", 1)
        .await;
    let received = world.phone(&ana).until_received(1).await.unwrap();
    assert_eq!(received.len(), 1);
    world.wait(chrono::Duration::seconds(6));
    for send in sends {
        world.until_told(send, "delivered").await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_circuit_that_an_ended_process_left_open_is_closed_by_the_first_answer() {
    let world = World::start().await;
    let shop = world.shop("Café Luna").await;
    let ana = world.person(&shop);
    let left = "with left_open as (update messaging.sender set circuit = 'open' returning 1) select count(*) from left_open";
    assert_eq!(world.count(left).await, 1);
    let sends = world.ask(&shop, CampaignId::generate(), &[ana]).await;
    world.until_told(sends[0], "delivered").await;
    world.until_count("select count(*) from messaging.sender where circuit = 'closed'", 1).await;
}
