use std::collections::BTreeMap;
use std::time::Duration;

use fakes::twilio::{CallbackFaults, Fate, Fault, Faults, Over, SENDER, Status, Twilio};
use futures::future::join_all;
use serde_json::{Value, json};

use crate::twilio::{ANA, PATIENCE, World, template_to};

fn number(n: usize) -> String {
    format!("whatsapp:+519{n:08}")
}

fn hangs(fault: Fault) -> bool {
    matches!(fault, Fault::Hang | Fault::TakeAndHang)
}

async fn status_of(world: &World, sid: &str) -> (Status, Option<u32>) {
    world.settle().await;
    let message = world.twilio.message(sid).unwrap();
    (message.status, message.error_code)
}

#[tokio::test]
async fn a_request_fails_in_every_way_on_demand() {
    let world = World::start().await;
    for (fault, answer, is_taken) in [
        (Fault::TooManyRequests, (429, json!(20_429)), false),
        (Fault::Status(503), (503, json!(20_503)), false),
        (Fault::Hang, (0, Value::Null), false),
        (Fault::TakeAndHang, (0, Value::Null), true),
        (Fault::TakeAndClose, (0, Value::Null), true),
        (Fault::TakeAndStatus(500), (500, json!(20_500)), true),
    ] {
        let before = world.twilio.accepted_count();
        world.twilio.fault_next_to(ANA, fault);
        let decided = world.twilio.requests().len() + 1;
        let form = template_to(ANA);
        let (status, body) = tokio::select! {
            answer = world.send(&form) => answer,
            Ok(_) = world.twilio.until_requests(decided), if hangs(fault) => (0, Value::Null),
        };
        assert_eq!((status, &body["code"]), (answer.0, &answer.1), "{fault:?}");
        assert_eq!(world.twilio.accepted_count() - before, usize::from(is_taken), "{fault:?}");
        world.settle().await;
        let requests = world.twilio.requests();
        let request = requests.last().unwrap();
        assert_eq!(request.sid.is_some(), is_taken, "{fault:?}");
        assert_eq!(request.status.unwrap_or_default(), status, "{fault:?}");
        if let Some(sid) = &request.sid {
            assert_eq!(
                world.told(sid),
                ["sent", "delivered", "read"],
                "{fault:?}: callbacks come all the same"
            );
        }
    }
    world.twilio.fault_next(Fault::Status(500));
    assert_eq!(world.send(&template_to(&number(1))).await.0, 500);
    world.send_template(ANA).await;
}

#[tokio::test]
async fn shares_of_requests_go_wrong_the_same_way_with_the_same_seed() {
    let run = async |seed| {
        let world = World::start().await;
        world.twilio.faults(Faults {
            seed,
            requests: vec![
                (0.2, Fault::TooManyRequests),
                (0.2, Fault::Status(503)),
                (0.1, Fault::TakeAndClose),
            ],
            ..Faults::default()
        });
        let numbers: Vec<_> = (0..120).map(number).collect();
        let answers = join_all(numbers.iter().map(|to| async { world.send(&template_to(to)).await.0 })).await;
        let taken = world.twilio.accepted_count();
        world.twilio.heal();
        assert_eq!(world.send(&template_to(ANA)).await.0, 201);
        let mut counts = BTreeMap::<u16, usize>::new();
        for answer in &answers {
            *counts.entry(*answer).or_default() += 1;
        }
        assert_eq!(taken, counts[&201] + counts[&0]);
        assert!([0, 429, 503].iter().all(|status| (3..45).contains(&counts[status])), "{counts:?}");
        answers
    };
    let answers = run(7).await;
    assert_eq!(answers, run(7).await);
    assert_ne!(answers, run(8).await);
}

#[tokio::test]
async fn callbacks_are_dropped_doubled_late_or_out_of_order_on_demand() {
    let told = async |callbacks| {
        let world = World::start().await;
        world.twilio.faults(Faults { callbacks, ..Faults::default() });
        let sid = world.send_template(ANA).await;
        assert_eq!(status_of(&world, &sid).await, (Status::Read, None), "the message itself is not harmed");
        world.told(&sid)
    };
    let none = CallbackFaults::default();
    assert!(told(CallbackFaults { dropped: 1.0, ..none }).await.is_empty());
    assert_eq!(
        told(CallbackFaults { doubled: 1.0, ..none }).await,
        ["sent", "sent", "delivered", "delivered", "read", "read"]
    );
    let mut late = told(CallbackFaults { delayed: 1.0, late_by_ms: 20, ..none }).await;
    late.sort();
    assert_eq!(late, ["delivered", "read", "sent"]);
    let shuffled = told(CallbackFaults { shuffled: 1.0, ..none }).await;
    assert_eq!(shuffled.len(), 3);
    assert_ne!(shuffled, ["sent", "delivered", "read"]);
}

#[tokio::test]
async fn people_block_and_leave_and_switch_their_phones_off() {
    let world = World::start().await;
    let ana = world.twilio.customer(ANA);
    for (fate, ends) in [
        (Fate::Read, (Status::Read, None)),
        (Fate::Delivered, (Status::Delivered, None)),
        (Fate::Sent, (Status::Sent, None)),
        (Fate::Failed(63_049), (Status::Failed, Some(63_049))),
        (Fate::Undelivered(63_012), (Status::Undelivered, Some(63_012))),
    ] {
        ana.fate(fate);
        let sid = world.send_template(ANA).await;
        assert_eq!(status_of(&world, &sid).await, ends);
    }
    ana.blocks();
    let sid = world.send_template(ANA).await;
    assert_eq!(status_of(&world, &sid).await, (Status::Failed, Some(63_014)));
    ana.leaves_whatsapp();
    let sid = world.send_template(ANA).await;
    assert_eq!(status_of(&world, &sid).await, (Status::Undelivered, Some(63_024)));
    assert_eq!(world.told(&sid), ["undelivered"]);
    let sid = world.send_template(&number(1)).await;
    assert_eq!(status_of(&world, &sid).await, (Status::Read, None), "nobody else is concerned");
}

#[tokio::test]
async fn the_quality_falls_after_so_many_and_recovers() {
    let world = World::start().await;
    world.twilio.lower_quality_after(Some(2));
    let mut ends = Vec::new();
    for n in 0..4 {
        let sid = world.send_template(&number(n)).await;
        ends.push(status_of(&world, &sid).await.1);
    }
    assert_eq!(ends, [None, None, Some(63_018), Some(63_018)]);
    world.twilio.lower_quality_after(None);
    let sid = world.send_template(ANA).await;
    assert_eq!(status_of(&world, &sid).await.0, Status::Read);
}

#[tokio::test]
async fn a_sender_beyond_its_rate_is_refused_or_fails_and_the_rate_is_recorded() {
    let world = World::start().await;
    let numbers: Vec<_> = (0..60).map(number).collect();
    let send_all =
        async || join_all(numbers.iter().map(|to| async { world.send(&template_to(to)).await })).await;
    world.twilio.rate_limit(Some((1, Over::Refuse)));
    let answers = send_all().await;
    let refused =
        answers.iter().filter(|(status, body)| (*status, &body["code"]) == (429, &json!(20_429))).count();
    assert!(refused > 0, "sixty at once are more than one a second");
    assert_eq!(world.twilio.accepted_count(), 60 - refused);
    world.twilio.rate_limit(Some((1, Over::Fail)));
    assert!(send_all().await.iter().all(|(status, _)| *status == 201));
    world.settle().await;
    assert!(world.twilio.accepted().iter().any(|message| message.error_code == Some(63_018)));
    assert!(world.twilio.busiest_second(SENDER) > 1);
    assert_eq!(world.twilio.busiest_second("+51900000002"), 0);
}

#[tokio::test]
async fn questions_fail_on_demand() {
    let world = World::start().await;
    world.twilio.reads_fail(Some(503));
    assert_eq!(world.get("Messages.json").await.0, 503);
    assert_eq!(world.send(&template_to(ANA)).await.0, 201);
    world.twilio.heal();
    assert_eq!(world.get("Messages.json").await.0, 200);
}

#[tokio::test]
async fn faults_can_be_written_down() {
    let faults: Faults = serde_json::from_value(json!({
        "seed": 3, "requests": [[0.2, { "status": 503 }], [0.05, "take_and_hang"]], "callbacks": { "doubled": 0.5 },
    }))
    .unwrap();
    assert_eq!(faults.requests, [(0.2, Fault::Status(503)), (0.05, Fault::TakeAndHang)]);
    assert_eq!(faults.callbacks, CallbackFaults { doubled: 0.5, ..CallbackFaults::default() });
}

#[tokio::test]
async fn a_burst_of_messages_is_told_of_completely() {
    let world = World::start().await;
    let numbers: Vec<_> = (0..500).map(number).collect();
    for some in numbers.chunks(50) {
        join_all(some.iter().map(|to| world.send_template(to))).await;
    }
    world.twilio.until_settled(3 * PATIENCE).await.unwrap();
    assert_eq!(world.hooks().len(), 1_500);
    assert!(world.twilio.callbacks().iter().all(|callback| callback.answer == Some(200)));
    assert!(world.twilio.accepted().iter().all(|message| message.status == Status::Read));
}

#[tokio::test]
async fn nothing_is_waited_for_in_vain() {
    let twilio = Twilio::start().await.unwrap();
    assert!(twilio.until_accepted_within(1, Duration::from_millis(10)).await.is_err());
    assert!(twilio.until_settled(Duration::from_millis(10)).await.is_ok());
}
