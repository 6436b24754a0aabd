//! What a shop's money is for: marketing leaves a twentieth of it to answers, and a dear number holds up nobody else.

use chrono::Duration;
use fakes::twilio::{CallbackFaults, Faults};
use kernel::CampaignId;
use proto::messaging as pb;
use proto::messaging::event::Fact;

use crate::world::{Shop, World, with};

const ARRIVED: &str =
    "select count(*) from messaging.message where category = 'marketing' and delivered_at is not null";
const WAITING: &str = "select count(*) from messaging.queue where state = 'waiting'";
/// Nothing of marketing is tried any more before midnight.
const HELD: &str = "select count(*) from messaging.business where marketing_broke_until is not null";

/// A shop that may spend so many céntimos a day.
async fn shop_with(world: &World, daily: i64) -> Shop {
    let shop = world.shop_unapproved("Café");
    world.approve(&shop, daily, 0).await;
    shop
}

#[tokio::test(flavor = "multi_thread")]
async fn a_blast_that_used_up_the_days_money_leaves_answers_theirs() {
    let world = World::with(3, 80, 0).await;
    // Ten messages of 29 are all that is marketing's of it, to the céntimo.
    let shop = shop_with(&world, 306).await;
    world.ask(&shop, CampaignId::generate(), &world.people(&shop, 12)).await;
    world.until_count(ARRIVED, 10).await;
    world.until_count(HELD, 1).await;
    let account = world.account(&shop).await;
    assert_eq!((account.daily_spent_cents, account.held_by.as_str(), account.waiting), (290, "budget", 2));
    // Somebody asks for her stamps, and is answered from what is left.
    let eva = world.person(&shop);
    world.phone(&eva).says("sellos").await;
    world.phone(&eva).until_received(1).await.unwrap();
    assert_eq!((world.account(&shop).await.daily_spent_cents, world.count(ARRIVED).await), (304, 10));
    let told = world.facts().await.into_iter().filter(
        |(_, fact)| matches!(fact, Fact::SendingHeld(held) if held.state == "stopped" && held.reason == "budget"),
    );
    assert_eq!(told.count(), 1, "its owner is told once");
    // The next day has its own.
    world.wait(Duration::days(1));
    world.until_count(ARRIVED, 12).await;
    assert_eq!(world.count(WAITING).await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_month_whose_money_is_used_up_leaves_answers_theirs_too() {
    let world = World::start().await;
    let shop = world.shop("Café").await;
    // A month of 60, of which 57 are marketing's: one message, and not a second.
    let budget = pb::SetBudgetRequest { daily_budget_cents: 1_000_000, monthly_budget_cents: 60 };
    world.client().set_budget(with(&shop.owner, budget)).await.unwrap();
    world.ask(&shop, CampaignId::generate(), &world.people(&shop, 2)).await;
    world.until_count(ARRIVED, 1).await;
    let alone = "select count(*) from messaging.queue where state = 'waiting' and reason = 'budget'";
    world.until_count(alone, 1).await;
    let eva = world.person(&shop);
    world.phone(&eva).says("sellos").await;
    world.phone(&eva).until_received(1).await.unwrap();
    assert_eq!((world.count(alone).await, world.account(&shop).await.monthly_spent_cents), (1, 29 + 14));
    // Once she raises it, what waited goes at once.
    let budget = pb::SetBudgetRequest { daily_budget_cents: 1_000_000, monthly_budget_cents: 1_000 };
    world.client().set_budget(with(&shop.owner, budget)).await.unwrap();
    world.until_count(ARRIVED, 2).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_remainder_for_nobody_at_home_lets_the_blast_alone_until_tomorrow() {
    let world = World::start().await;
    // Of it 304 are marketing's: ten messages, and fourteen are left over, which would do for a number in Turkey.
    let shop = shop_with(&world, 320).await;
    world.ask(&shop, CampaignId::generate(), &world.people(&shop, 100)).await;
    world.until_count(ARRIVED, 10).await;
    world.until_count(HELD, 1).await;
    world.until_count("select count(*) from messaging.queue where state <> 'waiting'", 0).await;
    let last_change = "select max(xmin::text::bigint) from messaging.queue where lane = 1";
    let before = world.count(last_change).await;
    // Rounds go on, as an answer shows, and none claims any of them.
    world.wait(Duration::hours(2));
    let eva = world.person(&shop);
    world.phone(&eva).says("sellos").await;
    world.phone(&eva).until_received(1).await.unwrap();
    assert_eq!((world.count(last_change).await, world.count(ARRIVED).await), (before, 10));
    world.wait(Duration::days(1));
    world.until_count(ARRIVED, 20).await;
}

/// A message of 29 to somebody who has left WhatsApp, which her provider has not told yet: its id there.
async fn to_whom_is_not_there(world: &World, shop: &Shop) -> String {
    let gone = world.person(shop);
    world.phone(&gone).leaves_whatsapp();
    let callbacks = CallbackFaults { dropped: 1.0, ..CallbackFaults::default() };
    world.twilio.faults(Faults { callbacks, ..Faults::default() });
    world.ask(shop, CampaignId::generate(), &[gone]).await;
    world.twilio.until_accepted(1).await.unwrap().remove(0).sid
}

#[tokio::test(flavor = "multi_thread")]
async fn money_that_comes_back_is_there_for_the_rest_of_a_blast() {
    let world = World::start().await;
    // One message, and not a second.
    let shop = shop_with(&world, 32).await;
    let failing = to_whom_is_not_there(&world, &shop).await;
    world.ask(&shop, CampaignId::generate(), &world.people(&shop, 1)).await;
    world.until_count(HELD, 1).await;
    assert_eq!(world.twilio.accepted_count(), 1);
    // Not at midnight: the clock stands still.
    world.twilio.call_back_again(&failing).await;
    world.twilio.until_accepted(2).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn money_that_comes_back_is_there_for_whoever_waits_for_an_answer() {
    let world = World::start().await;
    let shop = shop_with(&world, 32).await;
    let failing = to_whom_is_not_there(&world, &shop).await;
    // Her answer would cost 14, and 3 are left.
    let ana = world.person(&shop);
    world.phone(&ana).says("sellos").await;
    world.until_count("select count(*) from messaging.queue where lane = 0 and reason = 'budget'", 1).await;
    world.twilio.call_back_again(&failing).await;
    world.phone(&ana).until_received(1).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_budget_of_one_message_sends_it() {
    let world = World::start().await;
    let shop = shop_with(&world, 30).await;
    let sends = world.ask(&shop, CampaignId::generate(), &world.people(&shop, 1)).await;
    world.until_told(sends[0], "delivered").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_processes_of_before_say_of_money_holds_up_nothing_and_ends_with_a_new_budget() {
    let world = World::start().await;
    let shop = world.shop("Café").await;
    let theirs = "with theirs as (update messaging.business set broke_until = '2100-01-01' returning 1) select count(*) from theirs";
    assert_eq!(world.count(theirs).await, 1);
    let people = world.people(&shop, 2);
    let marketing = world.ask(&shop, CampaignId::generate(), &people[..1]).await;
    let utility = world.ask_as(&shop, CampaignId::generate(), &people[1..], "utility").await;
    world.until_told(marketing[0], "delivered").await;
    world.until_told(utility[0], "delivered").await;
    let held = "select count(*) from messaging.business where broke_until is not null";
    assert_eq!(world.count(held).await, 1);
    let budget = pb::SetBudgetRequest { daily_budget_cents: 1_000, monthly_budget_cents: 1_000 };
    world.client().set_budget(with(&shop.owner, budget)).await.unwrap();
    assert_eq!(world.count(held).await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dear_number_waits_alone_and_goes_as_soon_as_there_is_money_for_it() {
    let world = World::start().await;
    // What is marketing's reaches for a message to Peru, and for none to the Netherlands.
    let shop = shop_with(&world, 60).await;
    let (dutch, ana) = (world.person_at(&shop, "+31612345678"), world.person(&shop));
    let dear = world.ask(&shop, CampaignId::generate(), &[dutch]).await;
    let alone = "select count(*) from messaging.queue where state = 'waiting' and reason = 'budget' and next_at > created_at";
    world.until_count(alone, 1).await;
    let cheap = world.ask(&shop, CampaignId::generate(), &[ana]).await;
    world.until_told(cheap[0], "delivered").await;
    assert_eq!((world.account(&shop).await.daily_spent_cents, world.count(WAITING).await), (29, 1));
    world.approve(&shop, 1_000, 0).await;
    world.until_told(dear[0], "delivered").await;
    assert_eq!(world.account(&shop).await.daily_spent_cents, 29 + 62);
}
