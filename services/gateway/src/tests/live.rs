use std::net::SocketAddr;

use axum::extract::ws::Utf8Bytes;
use futures::{SinkExt, StreamExt};
use kernel::{CardId, CustomerId, Principal, Role};
use proto::{analytics, enrollment, stamping};
use serde_json::{Value, json};
use tokio::net::{TcpListener, TcpStream};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

use crate::edge::{Door, Peer};
use crate::live::{Frame, Told};
use crate::testing::World;

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// A gateway that answers on a port of its own.
async fn serving() -> (World, SocketAddr) {
    let world = World::new();
    world.fakes.on("GetDashboard", |_: analytics::GetDashboardRequest, _| {
        let today = Some(analytics::Figures { stamps: 12, ..Default::default() });
        Ok(analytics::GetDashboardResponse { today, ..Default::default() })
    });
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    let service = world.router.clone().into_make_service_with_connect_info::<Peer>();
    tokio::spawn(async move { axum::serve(Door { listener, secured: false }, service).await });
    world.platform.hub.begin(7, 100);
    (world, address)
}

async fn open(address: SocketAddr, path: &str, greeting: Value) -> Socket {
    let (mut socket, _) = connect_async(format!("ws://{address}{path}")).await.unwrap();
    socket.send(Message::text(greeting.to_string())).await.unwrap();
    socket
}

async fn next(socket: &mut Socket) -> Value {
    loop {
        match socket.next().await.unwrap().unwrap() {
            Message::Text(text) => return serde_json::from_str(text.as_str()).unwrap(),
            Message::Close(close) => panic!("closed with {close:?}"),
            _ => {}
        }
    }
}

async fn close_code(socket: &mut Socket) -> u16 {
    loop {
        if let Message::Close(close) = socket.next().await.unwrap().unwrap() {
            return close.unwrap().code.into();
        }
    }
}

fn publish(world: &World, sequence: u64, card: Option<CardId>) {
    let text = Utf8Bytes::from(json!({"type": "event", "cursor": format!("7-{sequence}")}).to_string());
    world.platform.hub.deliver(world.business, sequence, |_| {
        Some(Told { frame: Frame { sequence, recorded_at: 1, text }, card })
    });
}

#[tokio::test]
async fn an_owner_sees_a_snapshot_then_events_and_resumes_without_a_gap() {
    let (world, address) = serving().await;
    let token = world.member(Role::Owner);
    let mut socket = open(address, "/api/v1/live", json!({"token": token})).await;
    let snapshot = next(&mut socket).await;
    assert_eq!(
        (snapshot["type"].as_str(), snapshot["cursor"].as_str(), snapshot["as_of"].as_u64()),
        (Some("snapshot"), Some("7-100"), Some(100))
    );
    assert_eq!(snapshot["dashboard"]["today"]["stamps"], 12);
    publish(&world, 101, None);
    assert_eq!(next(&mut socket).await["cursor"], "7-101");
    drop(socket);
    publish(&world, 102, None);
    let mut socket = open(address, "/api/v1/live", json!({"token": token, "after": "7-101"})).await;
    assert_eq!(next(&mut socket).await["cursor"], "7-102");
    let mut socket = open(address, "/api/v1/live", json!({"token": token, "after": "6-101"})).await;
    assert_eq!(next(&mut socket).await, json!({"type": "resync", "cursor": "7-102"}));
}

#[tokio::test]
async fn a_snapshot_comes_without_figures_where_analytics_is_away() {
    let (world, address) = serving().await;
    world.fakes.on("GetDashboard", |_: analytics::GetDashboardRequest, _| {
        Err::<analytics::GetDashboardResponse, _>(tonic::Status::unavailable(""))
    });
    let mut socket = open(address, "/api/v1/live", json!({"token": world.member(Role::Manager)})).await;
    assert_eq!(next(&mut socket).await["dashboard"], Value::Null);
}

#[tokio::test]
async fn strangers_are_closed_with_4401_stampers_with_4403_and_nonsense_with_a_problem() {
    let (world, address) = serving().await;
    for (greeting, slug, code) in [
        (json!({"token": "x"}), "unauthenticated", 4401),
        (json!({"token": world.member(Role::Stamper)}), "forbidden", 4403),
        (json!({"tocken": "x"}), "invalid", 1008),
    ] {
        let mut socket = open(address, "/api/v1/live", greeting).await;
        let told = next(&mut socket).await;
        assert_eq!(
            (told["type"].as_str(), told["problem"]["type"].as_str()),
            (Some("problem"), Some(format!("https://sello.pe/problems/{slug}").as_str()))
        );
        assert_eq!(close_code(&mut socket).await, code);
    }
}

#[tokio::test]
async fn a_connection_ends_with_its_token_and_with_the_process() {
    let (world, address) = serving().await;
    let principal = Principal::Member {
        business: world.business,
        member: kernel::MemberId::generate(),
        role: Role::Owner,
        device: None,
        location: None,
    };
    let mut short = open(address, "/api/v1/live", json!({"token": world.token(principal, 1)})).await;
    let mut long = open(address, "/api/v1/live", json!({"token": world.member(Role::Owner)})).await;
    assert_eq!(next(&mut long).await["type"], "snapshot");
    assert_eq!(next(&mut short).await["type"], "snapshot");
    assert_eq!(next(&mut short).await["type"], "problem");
    assert_eq!(close_code(&mut short).await, 4401);
    world.stop.cancel();
    assert_eq!(close_code(&mut long).await, 1012);
}

#[tokio::test]
async fn a_page_of_another_origin_opens_nothing() {
    let (_world, address) = serving().await;
    let asking = |origin: &str| {
        let mut request = format!("ws://{address}/api/v1/live").into_client_request().unwrap();
        request.headers_mut().insert("origin", origin.parse().unwrap());
        connect_async(request)
    };
    assert!(asking("https://evil.example").await.is_err());
    assert!(asking("null").await.is_err());
    assert!(asking("https://sello.example").await.is_ok());
    assert!(asking(&format!("http://{address}")).await.is_ok());
}

#[tokio::test]
async fn a_card_shows_itself_at_once_and_on_each_change() {
    let (world, address) = serving().await;
    let (customer, card, business) = (CustomerId::generate(), CardId::generate(), world.business);
    let access_token = world.token(Principal::CardHolder { business, customer, card }, 600);
    world.fakes.on("ExchangeHolderToken", move |_: enrollment::ExchangeHolderTokenRequest, _| {
        Ok(enrollment::ExchangeHolderTokenResponse {
            access_token: access_token.clone(),
            ..Default::default()
        })
    });
    let stamps = std::sync::atomic::AtomicI32::new(3);
    world.fakes.on("GetCard", move |question: stamping::GetCardRequest, _| {
        let stamps = stamps.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let card = stamping::Card { card_id: question.card_id, stamps, ..Default::default() };
        Ok(stamping::GetCardResponse { card: Some(card), ..Default::default() })
    });
    let path = format!("/api/v1/cards/{card}/live");
    let mut socket = open(address, &path, json!({"holder_token": "mine"})).await;
    let told = next(&mut socket).await;
    assert_eq!(
        (told["type"].as_str(), told["card"]["stamps"].as_i64(), &told["rewards"]),
        (Some("card"), Some(3), &json!([]))
    );
    publish(&world, 101, Some(card));
    assert_eq!(next(&mut socket).await["card"]["stamps"], 4);
    let other = format!("/api/v1/cards/{}/live", CardId::generate());
    let mut socket = open(address, &other, json!({"holder_token": "mine"})).await;
    assert_eq!(next(&mut socket).await["type"], "problem");
    assert_eq!(close_code(&mut socket).await, 4403);
}
