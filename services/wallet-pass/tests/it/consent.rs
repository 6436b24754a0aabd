//! Who may not be written to is told nothing, whenever that comes out.

use fakes::webpush::Fault;
use kernel::CampaignId;

use crate::world::{World, delivered, failed};

#[tokio::test(flavor = "multi_thread")]
async fn who_writes_baja_before_her_browser_was_told_is_told_nothing() {
    let world = World::start().await;
    let (ana, browser) = world.with_browser().await;
    world.web.fault_always(Fault::Status(503));
    let send = world.ask(CampaignId::generate(), ana).await;
    world.web.until_pushes(1).await.unwrap();
    world.opts_out(ana).await;
    world.web.heal();
    assert_eq!(world.ended(send).await, failed("opted_out"));
    world.hears_nothing(&browser).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_takes_her_consent_back_before_her_browser_was_told_is_told_nothing() {
    let world = World::start().await;
    let (ana, browser) = world.with_browser().await;
    world.web.fault_always(Fault::Status(503));
    let send = world.ask(CampaignId::generate(), ana).await;
    world.web.until_pushes(1).await.unwrap();
    world.revokes(ana).await;
    world.web.heal();
    assert_eq!(world.ended(send).await, failed("no_consent"));
    world.hears_nothing(&browser).await;
}

/// The news of it may come late; enrollment knows it at once.
#[tokio::test(flavor = "multi_thread")]
async fn a_consent_that_was_taken_back_is_found_out_at_the_next_try() {
    let world = World::start().await;
    let (ana, browser) = world.with_browser().await;
    world.web.fault_next(Fault::Status(503));
    let send = world.ask(CampaignId::generate(), ana).await;
    world.web.until_pushes(1).await.unwrap();
    world.peers.revoke(ana);
    assert_eq!(world.ended(send).await, failed("no_consent"));
    world.hears_nothing(&browser).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pass_does_not_show_what_she_has_not_agreed_to() {
    let world = World::start().await;
    let ana = world.with_iphone().await;
    world.peers.revoke(ana);
    let send = world.ask(CampaignId::generate(), ana).await;
    assert_eq!(world.ended(send).await, failed("no_consent"));
    assert_eq!(world.news(ana).await, "");
    world.until_count("select count(*) from wallet_pass.push where next_at is not null", 0).await;
    assert!(world.apns.pushes().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn while_enrollment_is_away_words_wait_and_go_once_it_is_back() {
    let world = World::start().await;
    let (ana, browser) = world.with_browser().await;
    let eva = world.with_iphone().await;
    world.peers.set_away(true);
    let anas = world.ask(CampaignId::generate(), ana).await;
    let evas = world.ask(CampaignId::generate(), eva).await;
    world.until_asked(3).await;
    assert_eq!((world.story(anas).await, world.story(evas).await), (Vec::new(), Vec::new()));
    assert_eq!((browser.notices(), world.news(eva).await.as_str()), (Vec::new(), ""));
    world.peers.set_away(false);
    assert_eq!((world.ended(anas).await, world.ended(evas).await), (delivered(), delivered()));
    assert_eq!(browser.notices()[0].body, "Hoy dos por uno");
    assert_eq!(world.news(eva).await, "Hoy dos por uno");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_waits_for_who_leaves_ends_with_her() {
    let world = World::start().await;
    let (ana, browser) = world.with_browser().await;
    world.web.fault_always(Fault::Status(503));
    let send = world.ask(CampaignId::generate(), ana).await;
    world.web.until_pushes(1).await.unwrap();
    world.is_erased(ana).await;
    world.web.heal();
    assert_eq!(world.ended(send).await, failed("gone"));
    world.hears_nothing(&browser).await;
}
