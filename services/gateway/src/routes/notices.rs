//! Notices in her browser (Web Push), switched on and off on the card's page.

use axum::extract::State;
use http::StatusCode;
use kernel::CardId;
use proto::wallet_pass as wire;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::auth::{Caller, Language};
use crate::error::Refusal;
use crate::json::{Id, Json, Words};
use crate::platform::Shared;

/// A browser's subscription, as `PushSubscription.toJSON()` writes it.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Subscription {
    /// Where its push service takes messages; of a browser's maker.
    #[schema(format = "uri", example = "https://fcm.googleapis.com/fcm/send/c1v3")]
    endpoint: String,
    keys: SubscriptionKeys,
}

/// What messages are encrypted for (RFC 8291), in base64url.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SubscriptionKeys {
    /// The browser's public key of P-256, not compressed.
    #[schema(
        example = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"
    )]
    p256dh: String,
    /// The secret that it shares with us: 16 bytes.
    #[schema(example = "BTBZMqHH6r4Tts7J_aSIgg")]
    auth: String,
}

/// By this the subscription is ended.
#[derive(Serialize, ToSchema)]
pub(crate) struct Subscribed {
    #[schema(value_type = Uuid)]
    id: String,
}

/// Lets this browser hear what the shop says. Said again, it is written anew and keeps its id. What the shop sends still needs her
/// consent to marketing.
#[utoipa::path(
    put, path = "/api/v1/cards/{id}/push", tag = "wallet-pass", operation_id = "subscribeBrowser",
    security(("card" = [])), params(("id" = Uuid, Path, description = "The card")), request_body = Subscription,
    responses((status = 200, description = "It was subscribed already", body = Subscribed),
        (status = 201, description = "Subscribed", body = Subscribed),
        (status = 404, description = "It is not her card, or notices are off here"))
)]
pub(crate) async fn subscribe(
    State(platform): State<Shared>,
    caller: Caller,
    language: Language,
    Id(card): Id<CardId>,
    Json(body): Json<Subscription>,
) -> Result<(StatusCode, Json<Subscribed>), Refusal> {
    let question = wire::SubscribeBrowserRequest {
        card_id: card.to_string(),
        endpoint: body.endpoint,
        p256dh: body.keys.p256dh,
        auth: body.keys.auth,
        language: language.0.as_str().into(),
    };
    let answer = platform.wallet_pass().subscribe_browser(caller.request(question)).await?.into_inner();
    let status = if answer.created { StatusCode::CREATED } else { StatusCode::OK };
    Ok((status, Json(Subscribed { id: answer.subscription_id })))
}

/// Ends a browser's subscription; one that was never there is ended as well.
#[utoipa::path(
    delete, path = "/api/v1/cards/{id}/push/{subscription}", tag = "wallet-pass", operation_id = "unsubscribeBrowser",
    security(("card" = [])),
    params(("id" = Uuid, Path, description = "The card"),
        ("subscription" = Uuid, Path, description = "The subscription")),
    responses((status = 204, description = "It hears no more"), (status = 404, description = "It is not her card"))
)]
pub(crate) async fn unsubscribe(
    State(platform): State<Shared>,
    caller: Caller,
    Words((card_id, subscription_id)): Words<(String, String)>,
) -> Result<StatusCode, Refusal> {
    let question = wire::UnsubscribeBrowserRequest { card_id, subscription_id };
    platform.wallet_pass().unsubscribe_browser(caller.request(question)).await?;
    Ok(StatusCode::NO_CONTENT)
}
