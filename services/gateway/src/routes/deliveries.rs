//! What could not be delivered, to be seen and tried again; and the wallets it goes to.

use axum::extract::State;
use chrono::{DateTime, Utc};
use http::StatusCode;
use kernel::DeliveryId;
use proto::wallet_pass as wire;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::auth::Caller;
use crate::error::Refusal;
use crate::json::{Id, Json, Query};
use crate::platform::Shared;
use crate::wire::{Listing, some, time};

/// A change that a phone has not been told.
#[derive(Serialize, ToSchema)]
pub(crate) struct Delivery {
    #[schema(value_type = Uuid)]
    id: String,
    /// push: a pass in a wallet.
    kind: &'static str,
    #[schema(value_type = Uuid)]
    card_id: String,
    #[schema(value_type = Uuid)]
    customer_id: String,
    /// apple or google.
    wallet: String,
    /// waiting or dead.
    status: String,
    /// A stable word: unreachable, timeout, certificate, …; null while nothing has failed.
    reason: Option<String>,
    attempts: i32,
    wanted_at: Option<DateTime<Utc>>,
    /// When it is tried next; null for what is dead.
    next_at: Option<DateTime<Utc>>,
}

impl From<wire::Delivery> for Delivery {
    fn from(delivery: wire::Delivery) -> Self {
        Self {
            id: delivery.delivery_id,
            kind: "push",
            card_id: delivery.card_id,
            customer_id: delivery.customer_id,
            wallet: delivery.wallet,
            status: delivery.status,
            reason: some(delivery.reason),
            attempts: delivery.attempts,
            wanted_at: time(delivery.wanted_at),
            next_at: time(delivery.next_at),
        }
    }
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Wanted {
    /// dead or waiting; absent: both.
    #[serde(default)]
    status: Option<String>,
    /// push; absent: every kind.
    #[serde(default)]
    kind: Option<String>,
    #[serde(default)]
    limit: Option<i32>,
    #[serde(default)]
    cursor: Option<String>,
}

/// What phones have not been told, in an order that stays.
#[utoipa::path(
    get, path = "/api/v1/deliveries", tag = "wallet-pass", operation_id = "listDeliveries",
    security(("bearer" = []), ("api_key" = [])), params(Wanted),
    responses((status = 200, description = "A page", body = Listing<Delivery>))
)]
pub(crate) async fn list(
    State(platform): State<Shared>,
    caller: Caller,
    Query(wanted): Query<Wanted>,
) -> Result<Json<Listing<Delivery>>, Refusal> {
    if wanted.kind.is_some_and(|kind| kind != "push") {
        return Err(Refusal::invalid("kind", "unknown"));
    }
    if wanted.limit == Some(0) {
        return Err(Refusal::invalid("limit", "out_of_range"));
    }
    let question = wire::ListDeliveriesRequest {
        status: wanted.status.unwrap_or_default(),
        limit: wanted.limit.unwrap_or_default(),
        cursor: wanted.cursor.unwrap_or_default(),
    };
    let page = platform.wallet_pass().list_deliveries(caller.request(question)).await?.into_inner();
    Ok(Json(Listing::page(page.deliveries, page.next_cursor)))
}

/// Tries one again.
#[utoipa::path(
    post, path = "/api/v1/deliveries/{id}/retry", tag = "wallet-pass", operation_id = "retryDelivery",
    security(("bearer" = []), ("api_key" = [])), params(("id" = Uuid, Path, description = "The delivery")),
    responses((status = 204, description = "It is tried again now"))
)]
pub(crate) async fn retry(
    State(platform): State<Shared>,
    caller: Caller,
    Id(delivery): Id<DeliveryId>,
) -> Result<StatusCode, Refusal> {
    let question = wire::RetryDeliveryRequest { delivery_id: delivery.to_string() };
    platform.wallet_pass().retry_delivery(caller.request(question)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// How many are tried again.
#[derive(Serialize, ToSchema)]
pub(crate) struct Retried {
    retried: i64,
}

/// Tries everything again that was given up.
#[utoipa::path(
    post, path = "/api/v1/deliveries/retry", tag = "wallet-pass", operation_id = "retryDeliveries",
    security(("bearer" = []), ("api_key" = [])),
    responses((status = 200, description = "How many", body = Retried))
)]
pub(crate) async fn retry_all(
    State(platform): State<Shared>,
    caller: Caller,
) -> Result<Json<Retried>, Refusal> {
    let question = wire::RetryDeliveryRequest::default();
    let answer = platform.wallet_pass().retry_delivery(caller.request(question)).await?.into_inner();
    Ok(Json(Retried { retried: answer.retried }))
}

/// A wallet that cards can be put into.
#[derive(Serialize, ToSchema)]
pub(crate) struct Wallet {
    /// apple or google.
    wallet: String,
    on: bool,
    /// Why nothing is sent to it for now; null while all is well.
    stopped: Option<String>,
    /// Passes are signed by a certificate made here, which real phones refuse.
    is_development: bool,
    good_until: Option<DateTime<Utc>>,
}

impl From<wire::Channel> for Wallet {
    fn from(channel: wire::Channel) -> Self {
        Self {
            wallet: channel.wallet,
            on: channel.on,
            stopped: some(channel.stopped),
            is_development: channel.is_development,
            good_until: time(channel.good_until),
        }
    }
}

/// The wallets, and how they stand.
#[utoipa::path(
    get, path = "/api/v1/wallets", tag = "wallet-pass", operation_id = "listWallets",
    security(("bearer" = []), ("api_key" = [])),
    responses((status = 200, description = "All of them", body = Listing<Wallet>))
)]
pub(crate) async fn wallets(
    State(platform): State<Shared>,
    caller: Caller,
) -> Result<Json<Listing<Wallet>>, Refusal> {
    let question = caller.request(wire::GetChannelsRequest {});
    let answer = platform.wallet_pass().get_channels(question).await?.into_inner();
    Ok(Json(Listing::whole(answer.channels)))
}
