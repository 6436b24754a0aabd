use chrono::{TimeDelta, Utc};
use fakes::google::{Fault, Google};
use futures::future::join_all;
use kernel::Clock;
use wallet_pass::google::{Client, Failure, Written};

use crate::support::{asked, class, settings, start, start_at, start_impatient};

async fn put(client: &Client) -> Result<(), Failure> {
    client.put_class(&class(), Written::Perhaps).await
}

/// From now on a request for a token shows: it fails.
fn watch_tokens(google: &Google) {
    google.fault_next_token(Fault::Status(500));
}

#[tokio::test]
async fn a_token_is_fetched_once_for_all_that_need_it() {
    let (google, client) = start().await;
    put(&client).await.unwrap();
    watch_tokens(&google);
    for done in join_all((0..20).map(|_| put(&client))).await {
        done.unwrap();
    }
}

#[tokio::test]
async fn all_that_wait_for_a_token_share_one_flight_and_its_failure() {
    let (google, client) = start_impatient().await;
    google.fault_next_token(Fault::Hang);
    let begin = std::time::Instant::now();
    for failed in join_all((0..20).map(|_| put(&client))).await {
        assert_eq!(failed, Err(Failure::Again { after: None }));
    }
    assert!(begin.elapsed() < std::time::Duration::from_secs(10), "they waited one after the other");
    assert!(google.requests().is_empty());
    put(&client).await.unwrap();
}

#[tokio::test]
async fn a_token_serves_55_minutes() {
    let begin = Utc::now();
    let clock = Clock::manual(begin);
    let (google, client) = start_at(clock.clone()).await;
    put(&client).await.unwrap();
    watch_tokens(&google);
    clock.set(begin + TimeDelta::minutes(54));
    google.advance(TimeDelta::minutes(54));
    put(&client).await.unwrap();
    clock.set(begin + TimeDelta::minutes(55));
    google.advance(TimeDelta::minutes(1));
    assert_eq!(put(&client).await, Err(Failure::Again { after: None }), "no new token was asked for");
    put(&client).await.unwrap();
}

#[tokio::test]
async fn a_token_that_is_refused_is_fetched_anew_once() {
    let (google, client) = start().await;
    put(&client).await.unwrap();
    google.expire_tokens();
    let done = join_all((0..5).map(|_| put(&client))).await;
    assert!(done.iter().all(Result::is_ok), "{done:?}");
    let refused = asked(&google).iter().filter(|line| line.ends_with("401")).count();
    assert!((1..=5).contains(&refused), "{refused}");

    google.fault_always(Fault::Status(401));
    let before = google.requests().len();
    assert_eq!(put(&client).await, Err(Failure::Credentials { status: 401, reason: "authError".into() }));
    assert_eq!(google.requests().len(), before + 2);
}

#[tokio::test]
async fn five_that_are_refused_together_fetch_one_token() {
    let (google, client) = start_impatient().await;
    put(&client).await.unwrap();
    google.expire_tokens();
    // The one flight fails; a second one would bring a token, and somebody would be done.
    google.fault_next_token(Fault::Hang);
    for failed in join_all((0..5).map(|_| put(&client))).await {
        assert_eq!(failed, Err(Failure::Again { after: None }));
    }
}

#[tokio::test]
async fn an_account_that_google_does_not_know_is_alarming() {
    let (google, _) = start().await;
    let stranger = Google::start().await.unwrap();
    let json = stranger.service_account().json.replace(stranger.url(), google.url());
    let client =
        Client::new(wallet_pass::google::Settings { service_account_json: json, ..settings(&google) })
            .unwrap();
    assert_eq!(put(&client).await, Err(Failure::Credentials { status: 400, reason: "invalid_grant".into() }));
    assert!(google.requests().is_empty());
}
