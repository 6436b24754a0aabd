//! The demonstration's pretend WhatsApp: one phone for every customer who was written to or who writes, and the page where one
//! reads on it and answers in her place.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{Html, IntoResponse};
use axum::routing::{get, post};
use axum::{Json, Router};
use boot::Stop;
use fakes::twilio::{SENDER, Twilio, is_address};
use futures::Stream;
use http::{StatusCode, header};
use serde::Deserialize;
use serde_json::json;

const PAGE: &str = include_str!("../phones/chats.html");
const SCRIPT: &str = include_str!("../phones/chats.js");
const STYLE: &str = include_str!("../phones/chats.css");
/// What all pretend phones look like.
const PHONES_STYLE: &str = include_str!("../phones/phones.css");

/// How many messages of a chat are shown.
const SHOWN: usize = 60;
/// A campaign changes hundreds of messages a second; the page is told of them together.
const TOLD_EVERY: Duration = Duration::from_millis(200);
/// The longest text that WhatsApp takes.
const LONGEST_CHARS: usize = 4_096;

/// The pretend phones.
pub(crate) struct Chats {
    twilio: Arc<Twilio>,
    stop: Stop,
}

/// What somebody does on a customer's phone.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Said {
    /// Her number, or what stands for it where she hides it.
    number: String,
    text: String,
    /// The message that she answers.
    #[serde(default)]
    answers: Option<String>,
    /// Whether the text is that of a button below it.
    #[serde(default)]
    pressed: bool,
}

impl Chats {
    /// The phones of everybody this Twilio knows. Pages that follow them are let go at the stop.
    pub(crate) fn new(twilio: Arc<Twilio>, stop: Stop) -> Self {
        Self { twilio, stop }
    }

    /// The page, what it follows, and what it sends.
    pub(crate) fn routes(&self) -> Router {
        let (twilio, stop) = (self.twilio.clone(), self.stop.clone());
        Router::new()
            .route("/mensajes", get(|| async { Html(PAGE) }))
            .route("/mensajes/chats.js", get(|| asset("text/javascript; charset=utf-8", SCRIPT)))
            .route("/mensajes/chats.css", get(|| asset("text/css; charset=utf-8", STYLE)))
            .route("/mensajes/phones.css", get(|| asset("text/css; charset=utf-8", PHONES_STYLE)))
            .route("/mensajes/cambios", get(async move |State(twilio)| follow(twilio, stop.clone())))
            .route("/mensajes/escribir", post(write))
            .with_state(twilio)
    }
}

async fn asset(kind: &'static str, text: &'static str) -> impl IntoResponse {
    ([(header::CONTENT_TYPE, kind)], text)
}

/// Says what a customer says, and how the platform answered.
async fn write(State(twilio): State<Arc<Twilio>>, Json(said): Json<Said>) -> impl IntoResponse {
    let refuse = |field: &str| (StatusCode::UNPROCESSABLE_ENTITY, Json(json!({ "field": field })));
    let address = format!("whatsapp:{}", said.number.trim_start_matches("whatsapp:"));
    if !is_address(&address) {
        return refuse("number");
    }
    if said.text.trim().is_empty() || said.text.chars().count() > LONGEST_CHARS {
        return refuse("text");
    }
    let customer = twilio.customer(&address);
    let written = match &said.answers {
        Some(sid) if said.pressed => customer.presses(sid, &said.text).await,
        Some(sid) => customer.answers(sid, &said.text).await,
        None => customer.says(&said.text).await,
    };
    (StatusCode::OK, Json(json!({ "sid": written.sid, "answer": written.answer })))
}

/// All chats first, then those that changed.
fn follow(twilio: Arc<Twilio>, stop: Stop) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let changes = twilio.watch();
    let begin = (twilio, changes, None::<u64>);
    let events = futures::stream::unfold(begin, move |(twilio, mut changes, seen)| {
        let stop = stop.clone();
        async move {
            loop {
                if seen.is_some() {
                    stop.run_until_cancelled(changes.changed()).await?.ok()?;
                    stop.run_until_cancelled(tokio::time::sleep(TOLD_EVERY)).await?;
                }
                changes.borrow_and_update();
                let (revision, chats) = twilio.chats_since(seen.unwrap_or_default(), SHOWN);
                // Requests that were refused change nothing that a phone shows.
                if seen.is_none() || !chats.is_empty() {
                    let told = json!({ "sender": SENDER, "chats": chats });
                    let event = Event::default().data(told.to_string());
                    return Some((Ok(event), (twilio, changes, Some(revision))));
                }
            }
        }
    });
    Sse::new(events).keep_alive(KeepAlive::default())
}
