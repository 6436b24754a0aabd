//! What goes by pass or to browsers obeys its campaign, as what goes by WhatsApp does.

use fakes::apns::{Answer, Reason};
use fakes::webpush::Fault;
use kernel::CampaignId;

use crate::world::{World, canceled, delivered};

#[tokio::test(flavor = "multi_thread")]
async fn what_is_canceled_while_the_push_service_fails_never_arrives_and_is_told() {
    let world = World::start().await;
    let (ana, browser) = world.with_browser().await;
    let campaign = CampaignId::generate();
    world.stands(campaign, ana, ("blast", "running", 2)).await;
    world.web.fault_always(Fault::Status(503));
    let send = world.ask(campaign, ana).await;
    world.web.until_pushes(1).await.unwrap();
    world.stands(campaign, ana, ("blast", "canceled", 3)).await;
    world.web.heal();
    assert_eq!(world.ended(send).await, canceled());
    world.hears_nothing(&browser).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_paused_waits_and_goes_on_with_its_campaign() {
    let world = World::start().await;
    let (ana, browser) = world.with_browser().await;
    let campaign = CampaignId::generate();
    world.web.fault_always(Fault::Status(503));
    let send = world.ask(campaign, ana).await;
    world.web.until_pushes(1).await.unwrap();
    world.stands(campaign, ana, ("blast", "paused", 3)).await;
    world.web.heal();
    world.until_held().await;
    world.hears_nothing(&browser).await;
    assert_eq!(world.story(send).await, []);
    world.stands(campaign, ana, ("blast", "running", 4)).await;
    assert_eq!(browser.until_notices(1).await.unwrap()[0].body, "Hoy dos por uno");
    assert_eq!(world.ended(send).await, delivered());
}

/// Whoever reads the stream may be behind: what is known of the campaign counts, in whatever order it was heard of.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_heard_of_after_its_campaign_was_paused_or_canceled_does_as_it_does() {
    let world = World::start().await;
    let (ana, browser) = world.with_browser().await;
    let (paused, over) = (CampaignId::generate(), CampaignId::generate());
    world.stands(over, ana, ("blast", "canceled", 5)).await;
    world.stands(over, ana, ("blast", "running", 4)).await;
    let never = world.ask(over, ana).await;
    assert_eq!(world.ended(never).await, canceled());
    world.stands(paused, ana, ("blast", "paused", 3)).await;
    let later = world.ask(paused, ana).await;
    world.until_held().await;
    world.hears_nothing(&browser).await;
    world.stands(paused, ana, ("blast", "running", 4)).await;
    assert_eq!(world.ended(later).await, delivered());
    assert_eq!(browser.notices().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_waited_while_paused_is_told_as_canceled_when_its_campaign_is() {
    let world = World::start().await;
    let (ana, browser) = world.with_browser().await;
    let campaign = CampaignId::generate();
    let send = world.ask_while_paused(campaign, ana).await;
    world.stands(campaign, ana, ("blast", "canceled", 4)).await;
    assert_eq!(world.ended(send).await, canceled());
    world.hears_nothing(&browser).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_an_automation_had_to_say_ends_with_its_pause_and_what_comes_later_goes() {
    let world = World::start().await;
    let (ana, browser) = world.with_browser().await;
    let campaign = CampaignId::generate();
    world.web.fault_always(Fault::Status(503));
    let before = world.ask(campaign, ana).await;
    world.web.until_pushes(1).await.unwrap();
    world.stands(campaign, ana, ("automation", "paused", 3)).await;
    world.web.heal();
    assert_eq!(world.ended(before).await, canceled());
    world.stands(campaign, ana, ("automation", "running", 4)).await;
    let after = world.ask(campaign, ana).await;
    assert_eq!(world.ended(after).await, delivered());
    assert_eq!(browser.notices().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pass_that_no_phone_has_fetched_shows_what_is_canceled_no_more() {
    let world = World::start().await;
    let ana = world.with_iphone().await;
    let campaign = CampaignId::generate();
    world.apns.always(Answer::Refuse(Reason::ServiceUnavailable));
    let send = world.ask(campaign, ana).await;
    world.apns.until_pushes(1).await.unwrap();
    assert_eq!(world.news(ana).await, "Hoy dos por uno");
    world.stands(campaign, ana, ("blast", "canceled", 3)).await;
    assert_eq!(world.ended(send).await, canceled());
    assert_eq!(world.news(ana).await, "");
    world.apns.heal();
    // The next campaign finds its way all the same.
    let next = world.ask(CampaignId::generate(), ana).await;
    assert_eq!(world.ended(next).await, delivered());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pass_says_again_what_was_paused_before_a_phone_heard_of_it() {
    let world = World::start().await;
    let ana = world.with_iphone().await;
    let campaign = CampaignId::generate();
    world.apns.always(Answer::Refuse(Reason::ServiceUnavailable));
    let send = world.ask(campaign, ana).await;
    world.apns.until_pushes(1).await.unwrap();
    world.stands(campaign, ana, ("blast", "paused", 3)).await;
    world.until_held().await;
    assert_eq!(world.news(ana).await, "");
    world.apns.heal();
    world.stands(campaign, ana, ("blast", "running", 4)).await;
    assert_eq!(world.ended(send).await, delivered());
    assert_eq!(world.news(ana).await, "Hoy dos por uno");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_pass_has_shown_stays_shown() {
    let world = World::start().await;
    let (told, fetched) = (world.with_iphone().await, world.with_iphone().await);
    let campaign = CampaignId::generate();
    let send = world.ask(campaign, told).await;
    assert_eq!(world.ended(send).await, delivered());
    world.stands(campaign, told, ("blast", "canceled", 3)).await;
    world.opts_out(told).await;
    assert_eq!(
        (world.story(send).await, world.news(told).await),
        (vec![delivered()], "Hoy dos por uno".into())
    );

    // Her phone asked by itself, before Apple could wake it.
    let campaign = CampaignId::generate();
    world.apns.always(Answer::Refuse(Reason::ServiceUnavailable));
    let before = world.apns.pushes().len();
    let send = world.ask(campaign, fetched).await;
    world.apns.until_pushes(before + 1).await.unwrap();
    world.fetches(fetched).await;
    world.stands(campaign, fetched, ("blast", "canceled", 3)).await;
    assert_eq!(world.ended(send).await, delivered());
    assert_eq!(world.news(fetched).await, "Hoy dos por uno");
}
