//! One connection: its first frame, its loop, its end.
//!
//! Tens of thousands of them do nothing but wait. What is done now and then is boxed, so that no connection keeps room for it.

use std::time::Duration;

use axum::extract::ws::{CloseFrame, Message, Utf8Bytes, WebSocket};
use chrono::Utc;
use futures::SinkExt;
use kernel::{CardId, Locale, Principal, Role};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokio::time::{Instant, sleep_until, timeout};

use super::cursor::Cursor;
use super::hub::{CardWatch, Frame, Start, Subscription, Taken};
use super::recent::{missed, recent};
use crate::auth::Caller;
use crate::error::{ProblemBody, Refusal, Slug};
use crate::json::parse;
use crate::platform::Shared;
use crate::routes::cards::{Card, Reward};
use crate::routes::dashboard::Dashboard;

/// How long a client may take to say who it is.
const GREETING_TIMEOUT: Duration = Duration::from_secs(10);
/// How long one write may take; a peer that takes longer is gone.
const SEND_TIMEOUT: Duration = Duration::from_secs(20);
/// How often a peer is asked whether it is there. One that has not answered by the next time is gone.
const PING_EVERY: Duration = Duration::from_secs(20);
/// How long a snapshot waits for its figures.
const DASHBOARD_TIMEOUT: Duration = Duration::from_secs(3);
/// Frames a client may send that nobody asked for.
const MOST_UNASKED: u32 = 100;

/// The token is refused or has ended: come back with a new one.
const CLOSE_UNAUTHENTICATED: u16 = 4401;
/// The caller may not: do not come back.
const CLOSE_FORBIDDEN: u16 = 4403;
/// A service is away (RFC 6455's registry): come back in a moment.
const CLOSE_TRY_AGAIN: u16 = 1013;
/// This process ends: come back at once.
const CLOSE_RESTART: u16 = 1012;
/// Too much was sent, or the first frame cannot be read.
const CLOSE_POLICY: u16 = 1008;

/// Why a connection ends.
enum End {
    /// The peer closed it, or is gone.
    Gone,
    /// We close it, with a reason worth a problem.
    Refused(Refusal),
    /// We close it with this code.
    Closed(u16),
}

impl From<Refusal> for End {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

/// Counts a connection for as long as it lives.
struct Counted(&'static str);

impl Counted {
    fn new(kind: &'static str) -> Self {
        metrics::gauge!("live_connections", "kind" => kind).increment(1.0);
        Self(kind)
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        metrics::gauge!("live_connections", "kind" => self.0).decrement(1.0);
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PanelGreeting {
    token: String,
    #[serde(default)]
    after: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CardGreeting {
    holder_token: String,
}

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Told {
    Snapshot { cursor: String, as_of: u64, dashboard: Option<Box<Dashboard>>, recent: Vec<Value> },
    Resync { cursor: String },
    Card { card: Card, rewards: Vec<Reward> },
}

#[derive(Serialize)]
struct ToldProblem {
    #[serde(rename = "type")]
    kind: &'static str,
    problem: ProblemBody,
}

/// A panel's connection, from its first frame to its end.
pub(crate) async fn panel_socket(platform: Shared, mut socket: WebSocket, locale: Locale, trace_id: String) {
    let _counted = Counted::new("panel");
    let greeted = Box::pin(greet_panel(&platform, &mut socket, locale)).await;
    let end = match greeted {
        Ok((caller_ends_at, subscription)) => {
            watch(&platform, &mut socket, caller_ends_at, &subscription).await
        }
        Err(end) => end,
    };
    Box::pin(finish(socket, end, locale, &trace_id)).await;
}

/// A card's connection, from its first frame to its end.
pub(crate) async fn card_socket(
    platform: Shared,
    mut socket: WebSocket,
    card: CardId,
    locale: Locale,
    trace_id: String,
) {
    let _counted = Counted::new("card");
    let greeted = Box::pin(greet_card(&platform, &mut socket, card, locale)).await;
    let end = match greeted {
        Ok((holder_token, watch)) => {
            watch_card(&platform, &mut socket, &holder_token, card, &watch, locale).await
        }
        Err(end) => end,
    };
    Box::pin(finish(socket, end, locale, &trace_id)).await;
}

async fn greet_panel(
    platform: &Shared,
    socket: &mut WebSocket,
    locale: Locale,
) -> Result<(i64, Subscription), End> {
    let greeting: PanelGreeting = first_frame(socket).await?;
    let caller = platform.caller_by_token(&greeting.token, locale).await?;
    if !caller.principal().is_at_least(Role::Manager) {
        return Err(Refusal::new(Slug::Forbidden).into());
    }
    // A cursor that is none of ours is as good as one that is too old.
    let unreadable = Cursor { incarnation: -1, sequence: 0 };
    let after = greeting.after.map(|after| after.parse().unwrap_or(unreadable));
    let (subscription, start) = platform.hub.subscribe(caller.business()?, after);
    match start {
        Start::Snapshot(cursor) => {
            let (dashboard, recent) =
                tokio::join!(snapshot(platform, &caller), recent(platform, caller.business()?, cursor));
            let dashboard = dashboard?;
            let told =
                Told::Snapshot { cursor: cursor.to_string(), as_of: cursor.sequence, dashboard, recent };
            tell(socket, &told).await?;
        }
        Start::Resumed(frames) => send(socket, frames).await?,
        Start::Resync(cursor) => {
            let business = caller.business()?;
            let missed = match after {
                Some(after) => missed(platform, business, after, cursor).await,
                None => None,
            };
            match missed {
                Some(frames) => send(socket, frames).await?,
                None => tell(socket, &Told::Resync { cursor: cursor.to_string() }).await?,
            }
        }
    }
    Ok((caller.ends_at(), subscription))
}

/// The dashboard; `None` where analytics is away.
async fn snapshot(platform: &Shared, caller: &Caller) -> Result<Option<Box<Dashboard>>, End> {
    match timeout(DASHBOARD_TIMEOUT, platform.dashboard(caller)).await {
        Ok(Ok(dashboard)) => Ok(Some(Box::new(dashboard))),
        Ok(Err(refusal)) if !refusal.slug.status().is_server_error() => Err(refusal.into()),
        Ok(Err(_)) | Err(_) => Ok(None),
    }
}

async fn greet_card(
    platform: &Shared,
    socket: &mut WebSocket,
    card: CardId,
    locale: Locale,
) -> Result<(String, CardWatch), End> {
    let greeting: CardGreeting = first_frame(socket).await?;
    let caller = platform.caller_by_holder_token(&greeting.holder_token, locale).await?;
    let Principal::CardHolder { business, card: held, .. } = *caller.principal() else {
        return Err(Refusal::new(Slug::Forbidden).into());
    };
    if held != card {
        return Err(Refusal::new(Slug::Forbidden).into());
    }
    // Watched before it is read, so that no change falls between.
    let watch = platform.hub.watch_card(business, card);
    tell_card(platform, socket, &caller, card).await?;
    Ok((greeting.holder_token, watch))
}

async fn tell_card(
    platform: &Shared,
    socket: &mut WebSocket,
    caller: &Caller,
    card: CardId,
) -> Result<(), End> {
    let found = platform.card(caller, card).await?;
    let rewards = found.rewards.into_iter().map(Reward::from).collect();
    let card = crate::wire::present(found.card)?.into();
    tell(socket, &Told::Card { card, rewards }).await
}

async fn first_frame<T: DeserializeOwned>(socket: &mut WebSocket) -> Result<T, End> {
    let heard = timeout(GREETING_TIMEOUT, async {
        loop {
            match socket.recv().await {
                Some(Ok(Message::Text(text))) => return Ok(parse(text.as_bytes())?),
                Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
                Some(Ok(Message::Binary(_))) => return Err(Refusal::new(Slug::Malformed).into()),
                Some(Ok(Message::Close(_)) | Err(_)) | None => return Err(End::Gone),
            }
        }
    });
    heard.await.unwrap_or_else(|_| Err(Refusal::new(Slug::Unauthenticated).into()))
}

/// Shows events until the token ends, the peer goes, or the process does.
async fn watch(
    platform: &Shared,
    socket: &mut WebSocket,
    token_ends_at: i64,
    subscription: &Subscription,
) -> End {
    let token_ends = Instant::now() + seconds_until(token_ends_at);
    let mut peer = Peer::new();
    loop {
        let acted = tokio::select! {
            () = platform.stop.cancelled() => Err(End::Closed(CLOSE_RESTART)),
            heard = socket.recv() => peer.heard(heard),
            () = subscription.woken() => Box::pin(show(socket, subscription)).await,
            () = sleep_until(peer.ping_at.min(token_ends)) => {
                if Instant::now() >= token_ends { Err(Refusal::new(Slug::Unauthenticated).into()) } else { Box::pin(peer.ping(socket)).await }
            }
        };
        if let Err(end) = acted {
            return end;
        }
    }
}

async fn show(socket: &mut WebSocket, subscription: &Subscription) -> Result<(), End> {
    match subscription.take() {
        Taken::Frames(frames) => send(socket, frames).await,
        Taken::Resync(cursor) => tell(socket, &Told::Resync { cursor: cursor.to_string() }).await,
    }
}

async fn watch_card(
    platform: &Shared,
    socket: &mut WebSocket,
    holder_token: &str,
    card: CardId,
    watch: &CardWatch,
    locale: Locale,
) -> End {
    let mut peer = Peer::new();
    loop {
        let acted = tokio::select! {
            () = platform.stop.cancelled() => Err(End::Closed(CLOSE_RESTART)),
            heard = socket.recv() => peer.heard(heard),
            () = watch.changed() => Box::pin(async {
                // A revoked holder token ends here, a minute later at the latest.
                let caller = platform.caller_by_holder_token(holder_token, locale).await?;
                tell_card(platform, socket, &caller, card).await
            }).await,
            () = sleep_until(peer.ping_at) => Box::pin(peer.ping(socket)).await,
        };
        if let Err(end) = acted {
            return end;
        }
    }
}

/// What is known of the other end.
struct Peer {
    ping_at: Instant,
    answered: bool,
    unasked: u32,
}

impl Peer {
    fn new() -> Self {
        Self { ping_at: Instant::now() + PING_EVERY, answered: true, unasked: 0 }
    }

    fn heard(&mut self, heard: Option<Result<Message, axum::Error>>) -> Result<(), End> {
        match heard {
            Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
            Some(Ok(Message::Text(_) | Message::Binary(_))) => self.unasked += 1,
            Some(Ok(Message::Close(_)) | Err(_)) | None => return Err(End::Gone),
        }
        self.answered = true;
        if self.unasked > MOST_UNASKED { Err(End::Closed(CLOSE_POLICY)) } else { Ok(()) }
    }

    async fn ping(&mut self, socket: &mut WebSocket) -> Result<(), End> {
        if !self.answered {
            return Err(End::Gone);
        }
        self.answered = false;
        self.ping_at = Instant::now() + PING_EVERY;
        written(socket.send(Message::Ping(bytes::Bytes::new()))).await
    }
}

async fn send(socket: &mut WebSocket, frames: impl IntoIterator<Item = Frame>) -> Result<(), End> {
    let now = Utc::now().timestamp_millis();
    written(async {
        for frame in frames {
            if frame.recorded_at > 0 {
                let lag = Duration::from_millis(u64::try_from(now - frame.recorded_at).unwrap_or_default());
                metrics::histogram!("live_lag_seconds").record(lag);
            }
            socket.feed(Message::Text(frame.text)).await?;
        }
        SinkExt::<Message>::flush(socket).await
    })
    .await
}

async fn tell(socket: &mut WebSocket, told: &impl Serialize) -> Result<(), End> {
    let text = serde_json::to_string(told).map_err(|_| Refusal::new(Slug::Internal))?;
    written(socket.send(Message::Text(Utf8Bytes::from(text)))).await
}

async fn written(write: impl Future<Output = Result<(), axum::Error>>) -> Result<(), End> {
    match timeout(SEND_TIMEOUT, write).await {
        Ok(Ok(())) => Ok(()),
        Ok(Err(_)) | Err(_) => Err(End::Gone),
    }
}

async fn finish(mut socket: WebSocket, end: End, locale: Locale, trace_id: &str) {
    let code = match end {
        End::Gone => return,
        End::Closed(code) => code,
        End::Refused(refusal) => {
            let told = ToldProblem { kind: "problem", problem: refusal.told(locale, trace_id) };
            if tell(&mut socket, &told).await.is_err() {
                return;
            }
            code_of(&refusal)
        }
    };
    // The peer may be gone already, which is what was wanted.
    let _ =
        written(socket.send(Message::Close(Some(CloseFrame { code, reason: Utf8Bytes::default() })))).await;
}

fn code_of(refusal: &Refusal) -> u16 {
    match refusal.slug.status().as_u16() {
        401 => CLOSE_UNAUTHENTICATED,
        403 | 404 => CLOSE_FORBIDDEN,
        500.. => CLOSE_TRY_AGAIN,
        _ => CLOSE_POLICY,
    }
}

fn seconds_until(unix: i64) -> Duration {
    Duration::from_secs(u64::try_from(unix - Utc::now().timestamp()).unwrap_or_default())
}
