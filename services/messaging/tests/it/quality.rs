//! What follows when customers are tired of a shop's advertising: it goes slower or not at all, and everything else goes.

use chrono::Duration;
use kernel::CampaignId;
use proto::messaging as pb;

use crate::peers::Person;
use crate::world::{Shop, World};

/// Some customers of a shop who have just read its news.
pub(crate) async fn told(world: &World, shop: &Shop, count: usize) -> Vec<Person> {
    let people = world.people(shop, count);
    let sends = world.ask(shop, CampaignId::generate(), &people).await;
    for send in sends {
        world.until_told(send, "delivered").await;
    }
    world.wait(Duration::seconds(10));
    people
}

/// These write BAJA, and it is understood.
pub(crate) async fn say_baja(world: &World, people: &[Person]) {
    for person in people {
        world.phone(person).says("BAJA").await;
    }
    world.until_count("select count(*) from messaging.inbound where next_at is not null", 0).await;
    world.wait(Duration::seconds(10));
}

/// Waits until a shop's advertising is braked so, and why.
pub(crate) async fn until_braked(
    world: &World,
    shop: &Shop,
    state: &str,
    reason: &str,
) -> pb::GetAccountResponse {
    let told = |account: &pb::GetAccountResponse| {
        let quality = account.quality.clone().unwrap_or_default();
        (quality.state, quality.reason) == (state.to_owned(), reason.to_owned())
    };
    let account = world.until(async || world.account(shop).await, told).await;
    assert!(told(&account), "never {state} by {reason}: {:?}", account.quality);
    account
}

/// Somebody new of a shop is written to; whether it went while another shop's message was written and arrived after it.
async fn goes(world: &World, shop: &Shop, other: &Shop) -> bool {
    let (ours, theirs) = (world.person(shop), world.person(other));
    world.ask(shop, CampaignId::generate(), std::slice::from_ref(&ours)).await;
    for send in world.ask(other, CampaignId::generate(), std::slice::from_ref(&theirs)).await {
        world.until_told(send, "delivered").await;
    }
    !world.phone(&ours).messages().is_empty()
}

async fn waiting(world: &World) -> i64 {
    world.count("select count(*) from messaging.queue where state = 'waiting'").await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stopped_shop_sends_what_is_waited_for_and_no_advertising_until_the_week_is_over() {
    let mut world = World::with(1, 400, 0).await;
    let (shop, other) = (world.shop("Café Luna").await, world.shop("Café Sol").await);
    let people = told(&world, &shop, 60).await;
    say_baja(&world, &people[..5]).await;
    let account = until_braked(&world, &shop, "stopped", "opt_outs").await;
    assert_eq!(account.held_by, "quality");
    assert!(!goes(&world, &shop, &other).await);
    let eva = world.person(&shop);
    let ready = world.ask_as(&shop, CampaignId::generate(), std::slice::from_ref(&eva), "utility").await;
    world.until_told(ready[0], "delivered").await;
    assert_eq!((waiting(&world).await, world.phone(&eva).received().len()), (1, 1));

    // A week later nobody holds it against the shop, and whoever judges next lets it go.
    world.wait(Duration::days(8));
    world.add_replica().await;
    until_braked(&world, &shop, "none", "").await;
    let luz = world.person(&shop);
    let news = world.ask(&shop, CampaignId::generate(), std::slice::from_ref(&luz)).await;
    world.until_told(news[0], "delivered").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_had_enough_while_a_shop_was_judged_is_counted() {
    let world = World::with(1, 400, 0).await;
    let shop = world.shop("Café Luna").await;
    let people = told(&world, &shop, 60).await;
    say_baja(&world, &people[..2]).await;

    // The third is judged while something holds the shop; until it is let go, two more have had enough.
    let mut held = world.pool.begin().await.unwrap();
    sqlx::query("select from messaging.business where business_id = $1 for update")
        .bind(shop.id.as_uuid())
        .execute(&mut *held)
        .await
        .unwrap();
    world.phone(&people[2]).says("BAJA").await;
    world.until_count("select count(*) from messaging.opt_out_said", 3).await;
    let waits = "select least(count(*), 1) from pg_stat_activity
                 where datname = current_database() and wait_event_type = 'Lock'";
    world.until_count(waits, 1).await;
    let more = "insert into messaging.opt_out_said (inbound_id, business_id, sender_id, at)
                select gen_random_uuid(), business_id, sender_id, at from messaging.opt_out_said limit 2";
    sqlx::query(more).execute(&world.pool).await.unwrap();
    held.commit().await.unwrap();
    until_braked(&world, &shop, "stopped", "opt_outs").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slowed_shop_has_one_moment_in_four_of_the_sender() {
    let world = World::with(1, 80, 0).await;
    let (shop, other) = (world.shop("Café Luna").await, world.shop("Café Sol").await);
    let people = told(&world, &shop, 60).await;
    say_baja(&world, &people[..3]).await;
    let account = until_braked(&world, &shop, "slowed", "opt_outs").await;
    assert_eq!(account.held_by, "", "it goes on");

    // One message takes four moments of an eightieth of a second: fifty milliseconds of a clock that stands still.
    let first = world.person(&shop);
    let sends = world.ask(&shop, CampaignId::generate(), &[first]).await;
    world.until_told(sends[0], "delivered").await;
    assert!(!goes(&world, &shop, &other).await);
    world.wait(Duration::milliseconds(49));
    assert_eq!((goes(&world, &shop, &other).await, waiting(&world).await), (false, 2));
    world.wait(Duration::milliseconds(1));
    world.until_count("select count(*) from messaging.queue where state = 'waiting'", 0).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slowed_number_has_one_moment_in_four_for_all_its_shops_together_and_answers_go_all_the_while() {
    let mut world = World::with(2, 80, 0).await;
    let mut shops = Vec::new();
    for name in ["Luna", "Sol", "Mar", "Río"] {
        shops.push(world.shop(name).await);
    }
    let people = told(&world, &shops[0], 60).await;
    say_baja(&world, &people[..3]).await;
    until_braked(&world, &shops[0], "slowed", "opt_outs").await;
    // Whoever starts judges everybody, and so the number.
    world.add_replica().await;
    world.until_count("select count(*) from messaging.sender where quality_state = 'slowed'", 1).await;
    // Moments, whether or not a busy machine came to use them.
    let gone = "select count(*) from messaging.attempt join messaging.message using (message_id) where category = 'marketing'";
    let before = world.count(gone).await;
    for shop in &shops {
        world.ask(shop, CampaignId::generate(), &world.people(shop, 40)).await;
    }
    // Of a clock that stands still: four at once, and the next after a fifth of a second.
    for fifths in 0..=5 {
        world.until_count(gone, before + 4 + 4 * fifths).await;
        // What somebody waits for goes, so nobody was only late with the rest.
        let waits = world.people(&shops[0], 5);
        let ready = world.ask_as(&shops[0], CampaignId::generate(), &waits, "utility").await;
        for send in ready {
            world.until_told(send, "delivered").await;
        }
        assert_eq!(world.count(gone).await, before + 4 + 4 * fifths, "in a second twenty of eighty");
        world.wait(Duration::milliseconds(200));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_blocks_is_counted_and_stops_it_too() {
    let mut world = World::with(1, 400, 0).await;
    let shop = world.shop("Café").await;
    told(&world, &shop, 60).await;
    let people = world.people(&shop, 5);
    for person in &people {
        world.phone(person).blocks();
    }
    for send in world.ask(&shop, CampaignId::generate(), &people).await {
        world.until_told(send, "failed").await;
    }
    world.add_replica().await;
    let account = until_braked(&world, &shop, "stopped", "blocks").await;
    let quality = account.quality.unwrap_or_default();
    assert_eq!((quality.blocked, quality.delivered, quality.opted_out), (5, 60, 0));
    assert_eq!(account.held_by, "quality");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_number_that_customers_of_several_shops_are_tired_of_is_stopped_for_all_of_them() {
    let mut world = World::with(1, 400, 0).await;
    let (luna, sol) = (world.shop("Café Luna").await, world.shop("Café Sol").await);
    let (of_luna, of_sol) = (told(&world, &luna, 40).await, told(&world, &sol, 40).await);
    say_baja(&world, &of_luna[..3]).await;
    say_baja(&world, &of_sol[..2]).await;
    for shop in [&luna, &sol] {
        until_braked(&world, shop, "none", "").await;
    }
    // Neither is to blame by itself; of the number they share one in sixteen wants no more.
    world.add_replica().await;
    for shop in [&luna, &sol] {
        let account = until_braked(&world, shop, "stopped", "opt_outs").await;
        assert_eq!(account.held_by, "quality");
    }
    let eva = world.person(&sol);
    let held = world.person(&luna);
    world.ask(&luna, CampaignId::generate(), std::slice::from_ref(&held)).await;
    let ready = world.ask_as(&sol, CampaignId::generate(), std::slice::from_ref(&eva), "utility").await;
    world.until_told(ready[0], "delivered").await;
    assert_eq!((world.phone(&held).messages().len(), waiting(&world).await), (0, 1));
    let facts = world.facts().await;
    let stopped = |id: kernel::BusinessId| {
        facts.iter().any(|(business, fact)| match fact {
            pb::event::Fact::SendingHeld(held) => {
                *business == id.to_string() && held.state == "stopped" && held.reason == "opt_outs"
            }
            _ => false,
        })
    };
    assert!(stopped(luna.id) && stopped(sol.id), "both owners are told");
}
