//! What the platform tells of itself: all of it, and what stands in the database right after a start too.

use std::time::Duration;

use e2e::{Server, Shop, World, children, eventually, key, signal};

/// Longer than the first count of what waits takes.
const TOLD: Duration = Duration::from_secs(20);

async fn tells(world: &World, name: &str, number: f64) {
    eventually(name, TOLD, async || {
        // What nobody tells is none too.
        let is_told = world.metrics().await.lines().any(|line| line.starts_with(name));
        (is_told && world.metric(name).await == number).then_some(())
    })
    .await;
}

#[tokio::test]
async fn what_is_held_up_or_does_not_add_up_is_told_by_a_process_that_has_just_started() {
    let world = World::start();
    let shop = Shop::open(&world).await;
    let ana = shop.enroll("Ana Flores").await;
    shop.stamp(&ana.card, key()).send().await.ok(201);
    shop.today("stamps", 1).await;
    for name in [
        "wallet_stopped",
        "ledger_drift_cards",
        "inbound_oldest_waiting_seconds",
        "campaign_walk_late_seconds",
    ] {
        tells(&world, name, 0.0).await;
    }
    // Of senders there are none.
    assert_eq!(
        (world.metric("provider_circuit_open").await, world.metric("sender_braked").await),
        (0.0, 0.0)
    );

    let mut database = world.database().await;
    // Shops are counted when a process starts and then once a minute; this one is to be known by then.
    eventually("the figures to know the shop", TOLD, async || {
        let known = sqlx::query("select from analytics.business").fetch_optional(&mut database).await;
        known.unwrap().map(|_| ())
    })
    .await;
    for statement in [
        "insert into wallet_pass.stopped values ('apple', 'certificate', now(), now() + interval '1 day')",
        "insert into messaging.portfolio (portfolio, tier) values ('told', 250)",
        "insert into messaging.sender
             (sender_id, phone, portfolio, messages_per_second, circuit, quality_state, created_at)
         values (gen_random_uuid(), '+51900000001', 'told', 80, 'open', 'stopped', now())",
        "insert into messaging.inbound
             (inbound_id, received_at, sender_id, sid, address_hash, meaning, state, next_at)
         values (gen_random_uuid(), now() - interval '10 minutes', gen_random_uuid(), 'SM1', '', 'other', 'new',
                 now() + interval '1 hour')",
        // Of a shop that nobody has approved: it waits, and for nothing of ours.
        "insert into messaging.queue
             (message_id, created_at, business_id, lane, category, state, next_at, good_until)
         values (gen_random_uuid(), now(), gen_random_uuid(), 0, 'utility', 'waiting', now() - interval '10 minutes',
                 now() + interval '1 hour')",
        "update stamping.card set total = total + 1",
    ] {
        sqlx::query(statement).execute(&mut database).await.unwrap();
    }
    drop(database);
    world.kill();
    world.restart();
    tells(&world, "wallet_stopped", 1.0).await;
    tells(&world, "provider_circuit_open", 1.0).await;
    tells(&world, "sender_braked", 2.0).await;
    tells(&world, "ledger_drift_cards", 1.0).await;
    eventually("what waits to be looked at", TOLD, async || {
        (world.metric("inbound_oldest_waiting_seconds").await >= 600.0).then_some(())
    })
    .await;
    tells(&world, "messages_waiting", 1.0).await;
    tells(&world, "messages_oldest_waiting_seconds", 0.0).await;
    // One shop had a visitor; of each of four tables three months are made ahead.
    tells(&world, "businesses_active", 1.0).await;
    tells(&world, "partition_months_ahead", 4.0 * 3.0).await;
}

#[tokio::test]
async fn statements_connections_and_what_waits_are_told_of_every_service() {
    let world = World::start();
    let wanted = [
        "db_query_duration_seconds_count{statement=\"select messaging.queue\"}",
        "db_pool_connections{pool=\"stamping\",state=\"max\"}",
        "db_pool_connections{pool=\"analytics\",state=\"idle\"}",
        "outbox_waiting{service=\"campaign\"}",
        "outbox_oldest_seconds{service=\"enrollment\"}",
        "messages_oldest_waiting_seconds{category=\"marketing\"}",
        "pushes_oldest_waiting_seconds{wallet=\"apple\"}",
        "pushes_waiting{wallet=\"words\"}",
        "events_pending{consumer=\"analytics\"}",
        "events_pending{consumer=\"campaign\"}",
        "events_pending{consumer=\"enrollment-stamping\"}",
        "events_pending{consumer=\"messaging\"}",
        "events_pending{consumer=\"stamping-enrollment\"}",
        "events_pending{consumer=\"wallet-pass\"}",
    ];
    for line in wanted {
        let is_told = async || world.metrics().await.contains(&format!("\n{line} ")).then_some(());
        eventually(line, TOLD, is_told).await;
    }
}

#[tokio::test]
async fn whoever_cannot_do_its_work_says_so_while_its_database_hangs_and_is_ready_again_after() {
    let world = World::start();
    let told_ready = async |wanted: bool| {
        eventually("what the platform says of itself", TOLD, async || {
            // Where there are several processes, one that is not ready is enough.
            let all_are =
                world.metrics().await.lines().filter(|line| line.starts_with("sello_ready ")).all(is_one);
            (all_are == wanted).then_some(())
        })
        .await;
    };
    told_ready(true).await;
    assert!(world.is_ready().await);

    let postgres = world.pid_of(Server::Postgres).expect("the database");
    let all_of_it: Vec<u32> = children(postgres).into_iter().chain([postgres]).collect();
    all_of_it.iter().for_each(|pid| signal(*pid, "STOP"));
    told_ready(false).await;
    all_of_it.iter().for_each(|pid| signal(*pid, "CONT"));
    told_ready(true).await;
    assert!(world.is_ready().await);
}

fn is_one(line: &str) -> bool {
    line == "sello_ready 1"
}
