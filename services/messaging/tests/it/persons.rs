use kernel::{CampaignId, CustomerId};
use prost::Message;
use proto::enrollment as en;
use proto::enrollment::event::Fact;

use crate::world::{Shop, World};

async fn tell(world: &World, shop: &Shop, name: &str, fact: Fact) {
    let event = en::Event { business_id: shop.id.to_string(), fact: Some(fact), ..Default::default() };
    world.tell(format!("sello.v1.{}.enrollment.{name}", shop.id), event.encode_to_vec()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_erased_leaves_no_text_and_no_address_but_her_opt_out() {
    let world = World::start().await;
    let shop = world.shop("Café").await;
    let ana = world.person(&shop);
    let sends = world.ask(&shop, CampaignId::generate(), std::slice::from_ref(&ana)).await;
    world.until_told(sends[0], "read").await;
    world.phone(&ana).says("baja").await;
    world.until_count("select count(*) from messaging.inbound where next_at is not null", 0).await;
    world.wait(chrono::Duration::seconds(10));
    world.phone(&ana).says("¿y ahora?").await;
    world.until_count("select count(*) from messaging.thread", 1).await;
    let campaign = CampaignId::generate();
    world.hold(&shop, campaign, "paused").await;
    let waiting = world.ask_as(&shop, campaign, std::slice::from_ref(&ana), "utility").await;
    world.until_count("select count(*) from messaging.queue where state <> 'held'", 0).await;

    let erased = en::CustomerErased { customer_id: ana.customer.to_string() };
    tell(&world, &shop, "customer_erased", Fact::CustomerErased(erased)).await;
    assert_eq!(world.story(waiting[0]).await.last().unwrap(), &("canceled".to_owned(), "erased".to_owned()));
    for left in [
        "select count(*) from messaging.message where text is not null or address is not null or customer_id is not null",
        "select count(*) from messaging.inbound where text is not null or address is not null or customer_id is not null",
        "select count(*) from messaging.thread",
        "select count(*) from messaging.queue",
    ] {
        assert_eq!(world.count(left).await, 0, "{left}");
    }
    assert_eq!(world.count("select count(*) from messaging.opt_out").await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_waits_for_one_who_was_merged_goes_to_the_other() {
    let world = World::start().await;
    let shop = world.shop("Café").await;
    let (stays, goes) = (world.person(&shop), CustomerId::generate());
    let campaign = CampaignId::generate();
    world.hold(&shop, campaign, "paused").await;
    let gone = crate::peers::Person { customer: goes, ..stays.clone() };
    let sends = world.ask(&shop, campaign, &[gone]).await;
    let merged = en::CustomerMerged {
        into_customer_id: stays.customer.to_string(),
        from_customer_id: goes.to_string(),
    };
    tell(&world, &shop, "customer_merged", Fact::CustomerMerged(merged)).await;
    world.hold(&shop, campaign, "running").await;
    world.until_told(sends[0], "read").await;
    assert_eq!(world.phone(&stays).received().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_consent_taken_back_elsewhere_cancels_what_waits() {
    let world = World::start().await;
    let shop = world.shop("Café").await;
    let ana = world.person(&shop);
    let campaign = CampaignId::generate();
    world.hold(&shop, campaign, "paused").await;
    let sends = world.ask(&shop, campaign, std::slice::from_ref(&ana)).await;
    let revoked = en::ConsentChanged {
        customer_id: ana.customer.to_string(),
        purpose: "marketing".into(),
        state: "revoked".into(),
        ..Default::default()
    };
    tell(&world, &shop, "consent_changed", Fact::ConsentChanged(revoked)).await;
    assert_eq!(world.story(sends[0]).await, [("canceled".to_owned(), "no_consent".to_owned())]);
}
