//! Twenty thousand messages through a provider that fails, hangs, tells things twice, late and out of order, and a platform
//! that is killed all the while: each customer has one message or none, and every message comes to an end.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use chrono::TimeDelta;
use e2e::{Blast, Shop, WhatsApp, until_none};
use fakes::twilio::{CallbackFaults, Fault, Faults};

const MESSAGES: usize = 20_000;
/// The rate that the sender was granted.
const A_SECOND: usize = 400;
/// How long a platform lives before it is killed.
const LIFE: Duration = Duration::from_secs(7);
/// When a test gives up: for so long no message has come to an end.
const STUCK: Duration = Duration::from_secs(120);
/// Clocks are not set at the same moment.
const CLOCKS_APART: TimeDelta = TimeDelta::milliseconds(50);
/// How long messaging waits for an answer.
const ANSWERED_WITHIN: TimeDelta = TimeDelta::seconds(10);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_is_written_to_twice_and_nothing_is_lost() {
    let whatsapp = WhatsApp::start().await;
    let world = whatsapp.platform();
    let shop = Shop::open(&world).await;
    whatsapp.approve(&world, &shop, &["0", &A_SECOND.to_string()]).await;
    whatsapp.template(&world, &shop, "news").await;
    let blast = Blast { world: &world, shop: &shop };
    let customers = blast.customers(1, MESSAGES).await;
    whatsapp.twilio.faults(Faults {
        seed: 20_000,
        requests: vec![
            (0.12, Fault::Status(503)),
            (0.08, Fault::TakeAndStatus(500)),
            (0.05, Fault::TakeAndHang),
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
    let campaign = blast.launch(&customers).await;

    let (mut least, mut kills) = ((i64::MAX, Instant::now()), 0);
    loop {
        let life = Instant::now();
        while life.elapsed() < LIFE && blast.open().await > 0 {
            tokio::time::sleep(Duration::from_millis(250)).await;
        }
        let open = blast.open().await;
        if open == 0 {
            break;
        }
        if open < least.0 {
            least = (open, Instant::now());
        }
        assert!(least.1.elapsed() < STUCK, "{open} messages have not come to an end");
        world.kill();
        kills += 1;
        world.restart();
    }
    assert!(kills >= 3, "killed {kills} times only");

    let mut sent: HashMap<String, usize> = HashMap::new();
    for message in whatsapp.twilio.accepted() {
        *sent.entry(message.to).or_default() += 1;
    }
    assert!(sent.values().all(|count| *count == 1), "somebody was written to twice");
    let ended = blast.statuses().await;
    assert_eq!(ended.values().sum::<i64>(), MESSAGES as i64, "{ended:?}");
    // Whoever has it is not told otherwise, and whoever is told has it.
    let arrived: i64 = ["sent", "delivered", "read"].iter().filter_map(|status| ended.get(*status)).sum();
    assert_eq!(arrived, sent.len() as i64, "{ended:?}");
    assert!(sent.len() > MESSAGES * 7 / 10, "{ended:?}");
    // Campaign hears of each end, and keeps from other campaigns whoever has it, or may have.
    let failed = ended.get("failed").copied().unwrap_or(0);
    // What nobody told it while it was dead the provider is asked for, message by message: as long as that goes on it is waited for.
    until_none("campaign to hear of one more", Duration::from_secs(60), async || {
        let (_, _, open) = blast.tally(&campaign).await;
        usize::try_from(open).expect("a count")
    })
    .await;
    assert_eq!(blast.tally(&campaign).await, (MESSAGES as i64, failed, 0));
    let in_doubt = blast.failed_for("in_doubt").await;
    assert_eq!(blast.claimed().await, arrived + in_doubt, "{ended:?}");
    assert!(blast.busiest_second().await <= A_SECOND as i64);
    // Those are the moments at which calls were made: each came to the provider after its own, and while it was waited for.
    let calls = blast.calls().await;
    assert!(calls.len() > MESSAGES / 2, "{} calls are known", calls.len());
    for request in whatsapp.twilio.requests() {
        let Some(called_at) = request.sid.as_ref().and_then(|sid| calls.get(sid)) else { continue };
        let on_its_way = request.at - *called_at;
        assert!(on_its_way > -CLOCKS_APART && on_its_way < ANSWERED_WITHIN, "{on_its_way} after its call");
    }
    assert_eq!(whatsapp.twilio.mistakes(), Vec::<String>::new());
}
