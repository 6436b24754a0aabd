//! At night nothing that a campaign says is shown, however it came to be late.

use chrono::TimeDelta;
use fakes::webpush::Fault;
use kernel::CampaignId;

use crate::world::{World, delivered};

#[tokio::test(flavor = "multi_thread")]
async fn what_was_paused_by_day_and_goes_on_at_night_is_shown_in_the_morning() {
    let world = World::start().await;
    let ana = world.with_iphone().await;
    let campaign = CampaignId::generate();
    let send = world.ask_while_paused(campaign, ana).await;
    // From noon to ten at night.
    world.later(TimeDelta::hours(10));
    world.stands(campaign, ana, ("blast", "running", 4)).await;
    world.until_put_off(send).await;
    assert_eq!((world.news(ana).await, world.story(send).await), (String::new(), Vec::new()));
    assert!(world.apns.pushes().is_empty());
    // To nine.
    world.later(TimeDelta::hours(11));
    assert_eq!(world.ended(send).await, delivered());
    assert_eq!(world.news(ana).await, "Hoy dos por uno");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_waits_for_enrollment_in_the_evening_waits_for_the_morning_when_it_is_back_at_night() {
    let world = World::start_at(19, TimeDelta::hours(-4)).await;
    let (ana, browser) = world.with_browser().await;
    let eva = world.with_iphone().await;
    world.peers.set_away(true);
    let anas = world.ask(CampaignId::generate(), ana).await;
    // Where eva's shop is nobody has been told yet.
    let evas = world.ask(CampaignId::generate(), eva).await;
    world.until_asked(1).await;
    world.later(TimeDelta::hours(3));
    world.peers.set_away(false);
    world.until_put_off(anas).await;
    world.until_put_off(evas).await;
    assert_eq!((browser.notices(), world.news(eva).await.as_str()), (Vec::new(), ""));
    world.later(TimeDelta::hours(11));
    assert_eq!((world.ended(anas).await, world.ended(evas).await), (delivered(), delivered()));
    assert_eq!(browser.notices().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_browser_that_could_not_be_told_in_the_evening_is_told_in_the_morning() {
    let world = World::start_at(19, TimeDelta::hours(-4)).await;
    let (ana, browser) = world.with_browser().await;
    world.web.fault_always(Fault::Status(503));
    let send = world.ask(CampaignId::generate(), ana).await;
    world.web.until_pushes(1).await.unwrap();
    world.later(TimeDelta::hours(3));
    world.until_push_put_off(send).await;
    world.web.heal();
    assert_eq!((browser.notices(), world.story(send).await), (Vec::new(), Vec::new()));
    world.later(TimeDelta::hours(11));
    assert_eq!(browser.until_notices(1).await.unwrap()[0].body, "Hoy dos por uno");
    assert_eq!(world.ended(send).await, delivered());
}
