use fakes::google::Fault;
use serde_json::Value;
use wallet_pass::google::{Failure, Message, Notify, Written};

use crate::support::{object, put_card, start, start_impatient, start_with_card};

fn message(number: usize) -> Message {
    Message { id: format!("m{number}"), header: "Café Luna".into(), body: format!("Novedad {number}") }
}

fn bodies(object: &Value) -> Vec<&str> {
    let messages = object["messages"].as_array().map(Vec::as_slice).unwrap_or_default();
    messages.iter().filter_map(|message| message["body"].as_str()).collect()
}

#[tokio::test]
async fn a_message_rings_three_times_a_day_and_is_read_all_day() {
    let (google, client) = start_with_card().await;
    let id = object(0).id().to_owned();
    for number in 1..=3 {
        client.add_message(&id, &message(number), Written::Never, Notify::Yes).await.unwrap();
    }
    let fourth = client.add_message(&id, &message(4), Written::Never, Notify::Yes).await;
    assert_eq!(fourth, Err(Failure::NoNotice));
    client.add_message(&id, &message(4), Written::Never, Notify::No).await.unwrap();
    assert_eq!(bodies(&google.object(&id).unwrap()).len(), 4);
    assert_eq!(google.notices(&id).len(), 3);
}

#[tokio::test]
async fn a_message_whose_answer_was_lost_is_not_said_twice() {
    let (google, client) = start_impatient().await;
    put_card(&client).await;
    let id = object(0).id().to_owned();
    for (number, fault) in [(1, Fault::LoseAnswer), (2, Fault::Hang)] {
        google.fault_next(fault);
        let lost = client.add_message(&id, &message(number), Written::Never, Notify::Yes).await;
        assert_eq!(lost, Err(Failure::Again { after: None }));
        client.add_message(&id, &message(number), Written::Perhaps, Notify::Yes).await.unwrap();
    }
    assert_eq!(bodies(&google.object(&id).unwrap()), ["Novedad 1", "Novedad 2"]);
    assert_eq!(google.notices(&id).len(), 2);
}

#[tokio::test]
async fn the_newest_messages_have_room() {
    let (google, client) = start_with_card().await;
    let id = object(0).id().to_owned();
    for number in 1..=11 {
        client.add_message(&id, &message(number), Written::Never, Notify::No).await.unwrap();
    }
    let kept = google.object(&id).unwrap();
    assert_eq!(bodies(&kept), ["Novedad 7", "Novedad 8", "Novedad 9", "Novedad 10", "Novedad 11"]);
    assert_eq!(kept["loyaltyPoints"]["balance"]["string"], "0 / 10", "nothing else was touched");
}

#[tokio::test]
async fn a_message_for_nobody_says_what_is_missing() {
    let (_google, client) = start().await;
    for written in [Written::Never, Written::Perhaps] {
        let added = client.add_message(object(0).id(), &message(1), written, Notify::No).await;
        assert_eq!(added, Err(Failure::Missing));
    }
    put_card(&client).await;
}
