use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::handshake::client::Request;
use tokio_tungstenite::{WebSocketStream, client_async};

use crate::{World, soon};

/// Longer than any frame takes.
const PATIENCE: Duration = Duration::from_secs(15);

/// What a socket hears in the background.
#[derive(Clone, Default)]
pub struct Heard(Arc<Mutex<Vec<Value>>>);

impl Heard {
    /// All frames so far, in their order.
    pub fn frames(&self) -> Vec<Value> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// A WebSocket to the platform.
pub struct Socket {
    stream: WebSocketStream<TcpStream>,
    /// A frame that was looked at and not taken yet.
    seen: Option<Value>,
}

impl Socket {
    /// The live socket of whoever has this access token, going on after a cursor where there is one.
    pub async fn panel(world: &World, access_token: &str, after: Option<&str>) -> Self {
        let Some(after) = after else { return Self::following(world, access_token, None).await };
        Self::greeted(world, "/api/v1/live", &json!({ "token": access_token, "after": after }), None).await
    }

    /// The same, with so little room for what is not read yet that the platform notices soon.
    pub async fn narrow_panel(world: &World, access_token: &str) -> Self {
        Self::following(world, access_token, Some(4_096)).await
    }

    /// A panel of a platform that follows its event stream: one that has only just started tells every panel to fetch
    /// anew as soon as it has reached the stream, which is right and not what most tests are about.
    async fn following(world: &World, access_token: &str, room: Option<u32>) -> Self {
        let greeting = json!({ "token": access_token });
        soon("the platform to follow its events", async || {
            let mut socket = Self::greeted(world, "/api/v1/live", &greeting, room).await;
            let first = socket.next().await;
            let is_early = first["cursor"].as_str().is_some_and(|cursor| cursor.starts_with("0-"));
            socket.seen = Some(first);
            (!is_early).then_some(socket)
        })
        .await
    }

    /// A card's socket, on the phone that has this token.
    pub async fn card(world: &World, card: &str, holder_token: &str) -> Self {
        let greeting = json!({ "holder_token": holder_token });
        Self::greeted(world, &format!("/api/v1/cards/{card}/live"), &greeting, None).await
    }

    /// Any socket with any first frame.
    pub async fn greeted(world: &World, path: &str, greeting: &Value, room: Option<u32>) -> Self {
        let tcp = TcpSocket::new_v4().expect("a socket");
        if let Some(room) = room {
            tcp.set_recv_buffer_size(room).expect("a small buffer");
        }
        let address = ([127, 0, 0, 1], world.port()).into();
        let stream = tcp.connect(address).await.expect("a connection");
        let url = format!("ws://127.0.0.1:{}{path}", world.port());
        let request: Request = url.into_client_request().expect("a URL");
        let (mut socket, _) = client_async(request, stream).await.expect("a WebSocket");
        socket.send(Message::text(greeting.to_string())).await.expect("to send the first frame");
        Self { stream: socket, seen: None }
    }

    /// The next frame.
    pub async fn next(&mut self) -> Value {
        if let Some(seen) = self.seen.take() {
            return seen;
        }
        match self.heard().await {
            Message::Text(text) => serde_json::from_str(&text).expect("a JSON frame"),
            other => panic!("expected a frame, got {other:?}"),
        }
    }

    /// The next frame, which must be of this type.
    pub async fn next_of(&mut self, kind: &str) -> Value {
        let frame = self.next().await;
        assert_eq!(frame["type"], kind, "{frame}");
        frame
    }

    /// The next event of this name, passing over those of other names.
    pub async fn event(&mut self, name: &str) -> Value {
        loop {
            let frame = self.next_of("event").await;
            if frame["event"]["name"] == name {
                return frame;
            }
        }
    }

    /// The next event of this name, passing over those of other names and over what tells a page to fetch anew.
    pub async fn past_resyncs(&mut self, name: &str) -> Value {
        loop {
            let frame = self.next().await;
            if frame["type"] == "event" && frame["event"]["name"] == name {
                return frame;
            }
        }
    }

    /// Goes on hearing in the background, as a page does, until the connection ends.
    pub fn listen(mut self) -> Heard {
        let heard = Heard(Arc::new(Mutex::new(self.seen.take().into_iter().collect())));
        let frames = heard.clone();
        tokio::spawn(async move {
            while let Some(Ok(message)) = self.stream.next().await {
                if let Message::Text(text) = message {
                    let frame = serde_json::from_str(&text).expect("a JSON frame");
                    frames.0.lock().unwrap_or_else(PoisonError::into_inner).push(frame);
                }
            }
        });
        heard
    }

    /// What was told before the end, and the code that it ended with.
    pub async fn to_its_end(&mut self) -> (Vec<Value>, u16) {
        let mut told: Vec<Value> = self.seen.take().into_iter().collect();
        loop {
            match self.heard().await {
                Message::Text(text) => told.push(serde_json::from_str(&text).expect("a JSON frame")),
                Message::Close(close) => return (told, close.map_or(1005, |close| close.code.into())),
                other => panic!("expected an end, got {other:?}"),
            }
        }
    }

    async fn heard(&mut self) -> Message {
        loop {
            let heard = timeout(PATIENCE, self.stream.next()).await;
            let heard = heard.unwrap_or_else(|_| panic!("nothing was heard for {PATIENCE:?}"));
            match heard.expect("the connection ended").expect("the connection broke") {
                Message::Ping(_) | Message::Pong(_) => {}
                message => return message,
            }
        }
    }
}
