//! A wallet, a client of it, and a card.

use std::time::Duration;

use fakes::google::Google;
use kernel::{Clock, Locale};
use uuid::Uuid;
use wallet_pass::google::look::{self, Card, Class, Object, Program, Reward, Rotating, State};
use wallet_pass::google::{Client, Kept, Notify, Settings, Written};

/// How long a client waits where answers come, on a machine that may be busy.
const TIMEOUT: Duration = Duration::from_secs(10);
/// How long it waits where an answer is not to come.
const SHORT_TIMEOUT: Duration = Duration::from_secs(1);

pub(crate) const KEY: [u8; 20] = *b"12345678901234567890";

pub(crate) fn settings(google: &Google) -> Settings {
    Settings {
        api_url: google.url().into(),
        callback_keys_url: google.keys_url(),
        origins: vec!["https://sello.pe".into()],
        timeout: TIMEOUT,
        ..Settings::new(google.issuer_id(), &google.service_account().json)
    }
}

/// A wallet without a speed limit, and a client of it.
pub(crate) async fn start() -> (Google, Client) {
    start_at(Clock::System).await
}

pub(crate) async fn start_at(clock: Clock) -> (Google, Client) {
    let google = Google::start().await.unwrap();
    google.rate_limit(None);
    let client = Client::new(Settings { clock, ..settings(&google) }).unwrap();
    (google, client)
}

/// The same, but the client waits for an answer for a short time only.
pub(crate) async fn start_impatient() -> (Google, Client) {
    let (google, _) = start().await;
    let client = Client::new(Settings { timeout: SHORT_TIMEOUT, ..settings(&google) }).unwrap();
    (google, client)
}

/// The same as [`start`] with a class and an object written once.
pub(crate) async fn start_with_card() -> (Google, Client) {
    let (google, client) = start().await;
    put_card(&client).await;
    (google, client)
}

pub(crate) async fn put_card(client: &Client) {
    client.put_class(&class(), Written::Never).await.unwrap();
    let kept = client.put_object(&object(0), Written::Never, Notify::No).await.unwrap();
    assert_eq!(kept, Kept { has_users: false });
}

/// The link of the card.
pub(crate) fn link(client: &Client) -> String {
    client.save_link(object(0).id(), class().id(), chrono::Utc::now()).unwrap()
}

pub(crate) fn program() -> Program {
    Program {
        issuer_id: fakes::google::ISSUER_ID.into(),
        program_id: Uuid::from_u128(3),
        business_name: "Café Luna".into(),
        program_name: "Diez cafés".into(),
        rewards: vec![
            Reward { at: 5, title: "Un alfajor".into() },
            Reward { at: 10, title: "Un café".into() },
        ],
        background: "#2b1d14".into(),
        logo_url: "https://sello.pe/logo.png".into(),
        hero_url: Some("https://sello.pe/hero.png".into()),
        callback_url: "https://sello.pe/wallet/google".into(),
        public_url: "https://sello.pe/unete/luna".into(),
    }
}

pub(crate) fn card(stamps: i32) -> Card {
    Card {
        issuer_id: fakes::google::ISSUER_ID.into(),
        card_id: Uuid::from_u128(7),
        program_id: Uuid::from_u128(3),
        stamps,
        required: 10,
        cycle: 1,
        next_reward: Some(Reward { at: 10, title: "Un café".into() }),
        open_rewards: Vec::new(),
        hero_url: Some(format!("https://sello.pe/{stamps}.png")),
        code: "static".into(),
        code_text: "7F3K".into(),
        rotating: Some(Rotating { prefix: "G1abc".into(), key: KEY.to_vec() }),
        language: Locale::Es,
        news: None,
        state: State::Active,
    }
}

pub(crate) fn class() -> Class {
    look::class(&program())
}

pub(crate) fn object(stamps: i32) -> Object {
    look::object(&card(stamps))
}

/// What was asked of the wallet, as "METHOD last-part-of-path status".
pub(crate) fn asked(google: &Google) -> Vec<String> {
    let line = |request: fakes::google::Request| {
        let kind = request.path.split('/').find(|part| part.starts_with("loyalty")).unwrap().to_owned();
        format!("{} {kind} {}", request.method, request.status.unwrap_or_default())
    };
    google.requests().into_iter().map(line).collect()
}
