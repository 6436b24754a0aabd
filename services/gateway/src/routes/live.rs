//! The two WebSockets.

use axum::extract::State;
use axum::extract::ws::WebSocketUpgrade;
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::response::Response;
use http::HeaderMap;
use kernel::CardId;

use crate::auth::Language;
use crate::edge::{TraceId, is_own_origin};
use crate::error::{Refusal, Slug};
use crate::json::Id;
use crate::live::{card_socket, panel_socket};
use crate::platform::{Platform, Shared};

type Upgrade = Result<WebSocketUpgrade, WebSocketUpgradeRejection>;

/// What a client sends is a token and a cursor, and nothing after it.
const LARGEST_FRAME_BYTES: usize = 8 * 1024;
/// Twenty thousand of these are open at once.
const READ_BUFFER_BYTES: usize = 512;

/// The business live: a snapshot, then every event as it happens.
///
/// A WebSocket. The client's first frame is `{"token": access_token, "after"?: cursor}`; the server's frames are JSON
/// texts of type `snapshot`, `event`, `resync` and `problem`. Close codes: 4401 the token is refused or has ended, 4403
/// the member may not.
#[utoipa::path(
    get, path = "/api/v1/live", tag = "gateway", operation_id = "live",
    responses((status = 101, description = "A WebSocket"),
        (status = 400, description = "Not a WebSocket"), (status = 403, description = "A page of another origin"))
)]
pub(crate) async fn business(
    State(platform): State<Shared>,
    language: Language,
    trace: axum::Extension<TraceId>,
    headers: HeaderMap,
    upgrade: Upgrade,
) -> Result<Response, Refusal> {
    let upgrade = checked(&platform, &headers, upgrade)?;
    Ok(upgrade.on_upgrade(move |socket| panel_socket(platform, socket, language.0, trace.0.0)))
}

/// A card live: its state at once and on each change, so that a stamp appears on it by itself.
///
/// A WebSocket. The client's first frame is `{"holder_token": …}`; the server's are `{"type": "card", "card": …,
/// "rewards": […]}`. Close code 4401: the token is refused.
#[utoipa::path(
    get, path = "/api/v1/cards/{id}/live", tag = "gateway", operation_id = "cardLive",
    params(("id" = uuid::Uuid, Path, description = "The card")),
    responses((status = 101, description = "A WebSocket"),
        (status = 400, description = "Not a WebSocket"), (status = 403, description = "A page of another origin"))
)]
pub(crate) async fn card(
    State(platform): State<Shared>,
    language: Language,
    trace: axum::Extension<TraceId>,
    Id(card): Id<CardId>,
    headers: HeaderMap,
    upgrade: Upgrade,
) -> Result<Response, Refusal> {
    let upgrade = checked(&platform, &headers, upgrade)?;
    Ok(upgrade.on_upgrade(move |socket| card_socket(platform, socket, card, language.0, trace.0.0)))
}

fn checked(platform: &Platform, headers: &HeaderMap, upgrade: Upgrade) -> Result<WebSocketUpgrade, Refusal> {
    let upgrade = upgrade.map_err(|_| Refusal::new(Slug::Malformed).because("not_a_websocket"))?;
    if !is_own_origin(platform, headers) {
        return Err(Refusal::new(Slug::Forbidden));
    }
    Ok(upgrade
        .read_buffer_size(READ_BUFFER_BYTES)
        .write_buffer_size(0)
        .max_message_size(LARGEST_FRAME_BYTES)
        .max_frame_size(LARGEST_FRAME_BYTES))
}
