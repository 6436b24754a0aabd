//! What a process has begun when it is told to end.

use fakes::apns::{Answer, Apns};
use kernel::CampaignId;

use crate::world::World;

#[tokio::test(flavor = "multi_thread")]
async fn a_push_that_is_under_way_is_written_down_before_the_process_ends() {
    let mut world = World::start().await;
    let ana = world.with_iphone().await;
    world.apns.always(Answer::Hold);
    world.ask(CampaignId::generate(), ana).await;
    world.apns.until_pushes(1).await.unwrap();
    world.end(Apns::heal).await;
    world
        .until_count("select count(*) from wallet_pass.push where leased_until is null and told = wanted", 1)
        .await;
}
