use fakes::google::Fault;
use wallet_pass::google::look::{self, Card};
use wallet_pass::google::{Failure, Notify, Written};

use crate::support::{card, class, object, put_card, start_impatient, start_with_card};

const AGAIN: Failure = Failure::Again { after: None };

#[tokio::test]
async fn what_passes_is_to_be_tried_again_and_then_works() {
    let (google, client) = start_impatient().await;
    put_card(&client).await;
    for (stamps, fault) in (1..).zip([
        Fault::Status(429),
        Fault::Status(500),
        Fault::Status(503),
        Fault::Hang,
        Fault::LoseAnswer,
    ]) {
        let before = google.requests().len();
        google.fault_next(fault);
        let put = client.put_object(&object(stamps), Written::Perhaps, Notify::No).await;
        assert_eq!(put, Err(AGAIN), "{fault:?}");
        assert_eq!(
            google.requests().len(),
            before + 1,
            "{fault:?}: nothing is repeated behind the caller's back"
        );
        client.put_object(&object(stamps), Written::Perhaps, Notify::No).await.unwrap();
        let kept = google.object(object(0).id()).unwrap();
        assert_eq!(kept["loyaltyPoints"]["balance"]["string"], format!("{stamps} / 10"));
    }
}

#[tokio::test]
async fn an_insert_whose_answer_was_lost_is_repaired_by_the_next() {
    let (google, client) = start_impatient().await;
    put_card(&client).await;
    let other = look::object(&Card { card_id: uuid::Uuid::from_u128(8), ..card(2) });
    google.fault_next(Fault::LoseAnswer);
    assert_eq!(client.put_object(&other, Written::Never, Notify::No).await, Err(AGAIN));
    client.put_object(&other, Written::Never, Notify::No).await.unwrap();
    assert_eq!(google.objects().len(), 2);
}

#[tokio::test]
async fn nobody_listening_is_to_be_tried_again() {
    let (google, client) = start_with_card().await;
    drop(google);
    assert_eq!(client.put_class(&class(), Written::Perhaps).await, Err(AGAIN));
}

#[tokio::test]
async fn beyond_the_quota_the_same_goes_without_a_notice() {
    for status in [403, 429, 400] {
        let (google, client) = start_with_card().await;
        google.quota_status(status);
        for stamps in 1..=3 {
            client.put_object(&object(stamps), Written::Perhaps, Notify::Yes).await.unwrap();
        }
        let put = client.put_object(&object(4), Written::Perhaps, Notify::Yes).await;
        assert_eq!(put, Err(Failure::NoNotice), "{status}");
        client.put_object(&object(4), Written::Perhaps, Notify::No).await.unwrap();
        let kept = google.object(object(0).id()).unwrap();
        assert_eq!(kept["loyaltyPoints"]["balance"]["string"], "4 / 10");
        assert_eq!(google.notices(object(0).id()).len(), 3);
    }
}

#[tokio::test]
async fn what_is_wrong_is_refused_for_good() {
    let (google, client) = start_with_card().await;
    let open = look::object(&Card { hero_url: Some("http://sello.pe/1.png".into()), ..card(1) });
    let refused = Failure::Refused { status: 400, reason: "invalidResource".into() };
    for written in [Written::Never, Written::Perhaps] {
        assert_eq!(client.put_object(&open, written, Notify::No).await, Err(refused.clone()));
    }
    assert!(!refused.to_string().contains("sello.pe"));
    assert_eq!(
        google.object(object(0).id()).unwrap()["heroImage"]["sourceUri"]["uri"],
        "https://sello.pe/0.png"
    );
}

#[tokio::test]
async fn another_issuers_object_is_a_matter_of_credentials() {
    let (_google, client) = start_with_card().await;
    let theirs = look::object(&Card { issuer_id: "1234".into(), ..card(0) });
    let put = client.put_object(&theirs, Written::Never, Notify::No).await;
    assert_eq!(put, Err(Failure::Credentials { status: 403, reason: "permissionDenied".into() }));
}
