//! Twenty thousand messages through a provider that fails, hangs, tells things twice, late and out of order, and a platform
//! that is killed all the while: each customer has one message or none, and every message comes to an end.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use async_nats::{ConnectOptions, HeaderMap, jetstream};
use e2e::{Shop, Uuid, WhatsApp, World, eventually};
use fakes::twilio::{CallbackFaults, Fault, Faults, SENDER};
use prost::Message;
use proto::campaign::event::Fact;
use proto::campaign::{Event, Send, SendRequested, Wording};
use sqlx::Row;

const MESSAGES: usize = 20_000;
const OF_ONE_EVENT: usize = 500;
/// The rate that the sender was granted.
const A_SECOND: usize = 400;
/// How long a platform lives before it is killed.
const LIFE: Duration = Duration::from_secs(7);
/// When a test gives up.
const IN_ALL: Duration = Duration::from_secs(900);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_is_written_to_twice_and_nothing_is_lost() {
    let whatsapp = WhatsApp::start().await;
    let world = whatsapp.platform();
    let shop = Shop::open(&world).await;
    whatsapp.approve(&world, &shop, &["0", &A_SECOND.to_string()]).await;
    whatsapp.template(&world, &shop, "news").await;
    let customers = customers(&world, &shop).await;
    whatsapp.twilio.faults(Faults {
        seed: 20_000,
        requests: vec![
            (0.12, Fault::Status(503)),
            (0.08, Fault::TakeAndStatus(500)),
            (0.03, Fault::TakeAndHang),
            (0.02, Fault::TakeAndClose),
            (0.02, Fault::TooManyRequests),
        ],
        callbacks: CallbackFaults {
            dropped: 0.02,
            doubled: 0.2,
            delayed: 0.1,
            late_by_ms: 3_000,
            shuffled: 0.3,
        },
    });
    ask(&world, &shop, &customers).await;

    let begun = Instant::now();
    loop {
        let life = Instant::now();
        while life.elapsed() < LIFE && open_messages(&world).await > 0 {
            tokio::time::sleep(Duration::from_millis(250)).await;
        }
        if begun.elapsed() < IN_ALL && open_messages(&world).await == 0 {
            break;
        }
        assert!(begun.elapsed() < IN_ALL, "{} messages have not come to an end", open_messages(&world).await);
        world.kill();
        world.restart();
    }

    let mut sent: HashMap<String, usize> = HashMap::new();
    for message in whatsapp.twilio.accepted() {
        *sent.entry(message.to).or_default() += 1;
    }
    assert!(sent.values().all(|count| *count == 1), "somebody was written to twice");
    let ended = ended(&world).await;
    assert_eq!(ended.values().sum::<i64>(), MESSAGES as i64, "{ended:?}");
    // Whoever has it is not told otherwise, and whoever is told has it.
    let arrived: i64 = ["sent", "delivered", "read"].iter().filter_map(|status| ended.get(*status)).sum();
    assert_eq!(arrived, sent.len() as i64, "{ended:?}");
    assert!(whatsapp.twilio.busiest_second(SENDER) <= A_SECOND);
    assert_eq!(whatsapp.twilio.mistakes(), Vec::<String>::new());
}

/// Customers who agreed to be written to, straight into the books: their joining is another test's.
async fn customers(world: &World, shop: &Shop) -> Vec<String> {
    let mut database = world.database().await;
    let made = sqlx::query(
        "with made as (
             insert into enrollment.customer (customer_id, business_id, name, search_name, phone, adult_declared, language,
                                              source, referral_code, created_at)
             select uuidv7(), $1::uuid, 'Ana ' || n, 'ana ' || n, '+5197' || lpad(n::text, 7, '0'), true, 'es', 'join',
                    'T' || n, now()
             from generate_series(1, $2::int) as n
             returning customer_id
         ), agreed as (
             insert into enrollment.consent (consent_id, business_id, customer_id, purpose, version, state, text_version,
                                             language, via, recorded_at)
             select uuidv7(), $1::uuid, customer_id, purpose, 1, 'granted', 1, 'es', 'join', now()
             from made cross join unnest(array['program', 'marketing']) as purpose
         )
         select customer_id::text as customer from made",
    )
    .bind(&shop.id)
    .bind(MESSAGES as i32)
    .fetch_all(&mut database)
    .await
    .expect("customers");
    made.iter().map(|row| row.get("customer")).collect()
}

/// A campaign's events, as campaign itself publishes them.
async fn ask(world: &World, shop: &Shop, customers: &[String]) {
    let password = world.secrets()["services"]["campaign"]["nats"].as_str().expect("a password").to_owned();
    let client = ConnectOptions::with_user_and_password("campaign".into(), password)
        .connect(world.nats_url())
        .await
        .expect("the broker");
    let stream = jetstream::new(client);
    let campaign = Uuid::now_v7().to_string();
    for some in customers.chunks(OF_ONE_EVENT) {
        let id = Uuid::now_v7().to_string();
        let wording = Wording {
            language: "es".into(),
            template: "news".into(),
            variables: ["{first_name}", "{business}", "dos por uno"].map(str::to_owned).into(),
            ..Default::default()
        };
        let sends = some.iter().map(|customer| Send {
            send_id: Uuid::now_v7().to_string(),
            customer_id: customer.clone(),
            language: "es".into(),
            ..Default::default()
        });
        let tomorrow = chrono::Utc::now() + chrono::Duration::days(1);
        let asked = SendRequested {
            campaign_id: campaign.clone(),
            channel: "whatsapp".into(),
            category: "marketing".into(),
            wordings: vec![wording],
            sends: sends.collect(),
            good_until: Some(prost_types::Timestamp { seconds: tomorrow.timestamp(), nanos: 0 }),
        };
        let event = Event {
            event_id: id.clone(),
            business_id: shop.id.clone(),
            fact: Some(Fact::SendRequested(asked)),
            ..Default::default()
        };
        let mut headers = HeaderMap::new();
        headers.insert("Nats-Msg-Id", id.as_str());
        let subject = format!("sello.v1.{}.campaign.send_requested", shop.id);
        let taken = stream.publish_with_headers(subject, headers, event.encode_to_vec().into()).await;
        taken.expect("to publish").await.expect("to be taken");
    }
    eventually("every message is a row", Duration::from_secs(30), async || {
        (ended(world).await.values().sum::<i64>() == MESSAGES as i64).then_some(())
    })
    .await;
}

async fn ended(world: &World) -> HashMap<String, i64> {
    let mut database = world.database().await;
    let rows = sqlx::query(
        "select status, count(*) as many from messaging.message where template = 'news' group by status",
    );
    let rows = rows.fetch_all(&mut database).await.expect("the messages");
    rows.iter().map(|row| (row.get("status"), row.get("many"))).collect()
}

/// Messages that are not at an end: still to be handed over, in doubt, or under way without a word from the provider.
async fn open_messages(world: &World) -> i64 {
    let all = ended(world).await;
    ["waiting", "in_doubt", "handed_over"].iter().filter_map(|status| all.get(*status)).sum()
}
