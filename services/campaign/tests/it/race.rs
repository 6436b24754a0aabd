//! At most one message a customer in seven days, under any race.

use std::collections::HashMap;
use std::sync::Arc;

use campaign::App;

use crate::support::World;
use crate::support::shop::Shop;

const CAMPAIGNS: usize = 50;
const CUSTOMERS: usize = 400;

/// Steps until nothing is due. What gives way to a neighbour is done again, as its worker does.
async fn walk(app: Arc<App>) {
    loop {
        match app.plan_step().await {
            Ok(Some(_)) | Err(campaign::Error::Store(_)) => {}
            Ok(None) => return,
            Err(error) => panic!("{error}"),
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fifty_campaigns_on_one_audience_through_three_replicas_write_to_each_customer_once() {
    let world = World::start().await;
    let shop = Shop::new();
    shop.fill(&world, CUSTOMERS).await;
    let mut ids = Vec::new();
    for _ in 0..CAMPAIGNS {
        let draft = shop.draft(&world, |asked| asked.holdout_percent = Some(10)).await;
        shop.launch(&world, &draft.campaign_id).await.unwrap();
        ids.push(draft.campaign_id);
    }
    let mut walking = tokio::task::JoinSet::new();
    for replica in [Arc::clone(&world.app), world.replica().await, world.replica().await] {
        // Two walk at once in each.
        walking.spawn(walk(Arc::clone(&replica)));
        walking.spawn(walk(replica));
    }
    while let Some(walked) = walking.join_next().await {
        walked.unwrap();
    }
    let mut written: HashMap<String, usize> = HashMap::new();
    for send in world.requested().await.into_iter().flat_map(|event| event.sends) {
        *written.entry(send.customer_id).or_default() += 1;
    }
    assert!(written.values().all(|messages| *messages == 1));
    // Somebody held out of one campaign is written to by another; nobody is left out of all fifty.
    assert_eq!(written.len(), CUSTOMERS);
    assert_eq!(world.count("select count(*) from campaign.contact_claim").await, CUSTOMERS as i64);
    let mut planned = 0;
    for id in &ids {
        planned += shop.get(&world, id).await.counts.unwrap().planned;
    }
    assert_eq!(planned, CUSTOMERS as i64);
}
