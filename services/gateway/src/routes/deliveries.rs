//! What could not be delivered, to be seen and tried again; and the wallets it goes to.

use axum::extract::State;
use chrono::{DateTime, Utc};
use http::StatusCode;
use kernel::{DeliveryId, Locale};
use proto::{messaging, wallet_pass as wire};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::auth::{Caller, Language};
use crate::error::{Refusal, Slug};
use crate::json::{Id, Json, OptionalJson, Query};
use crate::names::FirstNames;
use crate::platform::{Platform, Shared};
use crate::texts;
use crate::wire::{Listing, some, time};

/// Something that has not come through yet.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
pub(crate) enum Delivery {
    Push(PushDelivery),
    Message(MessageDelivery),
}

/// A change that a phone has not been told.
#[derive(Serialize, ToSchema)]
pub(crate) struct PushDelivery {
    #[schema(value_type = Uuid)]
    id: String,
    /// push: to a pass in a wallet, or to a browser.
    #[schema(example = "push")]
    kind: &'static str,
    #[schema(value_type = Uuid)]
    card_id: String,
    #[schema(value_type = Uuid)]
    customer_id: String,
    /// apple, google, or web for a browser.
    wallet: String,
    /// waiting or dead.
    status: String,
    /// A stable word: unreachable, timeout, certificate, …; null while nothing has failed.
    reason: Option<String>,
    /// The same as a sentence.
    reason_text: Option<&'static str>,
    attempts: i32,
    wanted_at: Option<DateTime<Utc>>,
    /// When it is tried next; null for what is dead.
    next_at: Option<DateTime<Utc>>,
}

impl PushDelivery {
    fn told(delivery: wire::Delivery, locale: Locale) -> Self {
        Self {
            reason_text: texts::push_reason(&delivery.reason, locale),
            id: delivery.delivery_id,
            kind: Kind::Push.as_str(),
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

/// A message that a customer has not got.
#[derive(Serialize, ToSchema)]
pub(crate) struct MessageDelivery {
    #[schema(value_type = Uuid)]
    id: String,
    /// message: by WhatsApp.
    #[schema(example = "message")]
    kind: &'static str,
    #[schema(value_type = Option<Uuid>)]
    customer_id: Option<String>,
    /// Her first name, where it is known at this moment.
    customer_name: Option<String>,
    /// As it will read.
    text: String,
    /// waiting or dead.
    status: &'static str,
    /// A stable word; null while nothing has failed.
    #[schema(example = "not_reachable")]
    reason: Option<String>,
    /// The same as a sentence.
    reason_text: Option<&'static str>,
    attempts: i32,
    /// A person may have it tried again.
    retryable: bool,
    created_at: Option<DateTime<Utc>>,
    /// When it is tried next; null for what is dead.
    next_at: Option<DateTime<Utc>>,
}

impl MessageDelivery {
    fn told(message: messaging::Message, names: &FirstNames, locale: Locale) -> Self {
        Self {
            customer_name: names.of(&message.customer_id),
            reason_text: texts::message_reason(&message.reason, locale),
            id: message.message_id,
            kind: Kind::Message.as_str(),
            customer_id: some(message.customer_id),
            text: message.text,
            status: if message.status == "failed" { "dead" } else { "waiting" },
            reason: some(message.reason),
            attempts: message.attempts,
            retryable: message.retryable,
            created_at: time(message.created_at),
            next_at: time(message.next_at),
        }
    }
}

/// Which way something goes out.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Push,
    Message,
}

impl Kind {
    fn as_str(self) -> &'static str {
        match self {
            Self::Push => "push",
            Self::Message => "message",
        }
    }

    fn parse(word: &str) -> Result<Self, Refusal> {
        let known = [Self::Push, Self::Message].into_iter().find(|kind| kind.as_str() == word);
        known.ok_or_else(|| Refusal::invalid("kind", "unknown"))
    }

    /// A cursor of the owner's list, with the kind that it belongs to.
    fn mark(self, cursor: &str) -> String {
        format!("{}.{cursor}", self.as_str())
    }
}

/// Where a page begins: in which list, and after what. Cursors from before there were messages are of pushes.
fn begin(kind: Option<Kind>, cursor: &str) -> Result<(Kind, &str), Refusal> {
    let marked = |of: Kind| Some((of, cursor.strip_prefix(of.as_str())?.strip_prefix('.')?));
    let (of, owners) = if cursor.is_empty() {
        (kind.unwrap_or(Kind::Push), "")
    } else {
        marked(Kind::Message).or_else(|| marked(Kind::Push)).unwrap_or((Kind::Push, cursor))
    };
    if kind.is_some_and(|kind| kind != of) {
        return Err(Refusal::invalid("cursor", "not_a_cursor"));
    }
    Ok((of, owners))
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Wanted {
    /// dead or waiting; absent: both.
    #[serde(default)]
    status: Option<String>,
    /// push or message; absent: every kind, pushes first.
    #[serde(default)]
    kind: Option<String>,
    /// 1 to 100; absent: 50.
    #[serde(default)]
    limit: Option<i32>,
    #[serde(default)]
    cursor: Option<String>,
}

/// Rows of a page that names no number.
const USUAL_LIMIT: i32 = 50;
const MOST: i32 = 100;

/// What phones and customers have not got, in an order that stays.
#[utoipa::path(
    get, path = "/api/v1/deliveries", tag = "wallet-pass", operation_id = "listDeliveries",
    security(("bearer" = []), ("api_key" = [])), params(Wanted),
    responses((status = 200, description = "A page", body = Listing<Delivery>))
)]
pub(crate) async fn list(
    State(platform): State<Shared>,
    caller: Caller,
    language: Language,
    Query(wanted): Query<Wanted>,
) -> Result<Json<Listing<Delivery>>, Refusal> {
    let kind = wanted.kind.as_deref().map(Kind::parse).transpose()?;
    let limit = wanted.limit.unwrap_or(USUAL_LIMIT);
    if !(1..=MOST).contains(&limit) {
        return Err(Refusal::invalid("limit", "out_of_range"));
    }
    let (status, cursor) = (wanted.status.unwrap_or_default(), wanted.cursor.unwrap_or_default());
    let (first, after) = begin(kind, &cursor)?;
    let mut page = Listing { items: Vec::new(), next_cursor: None };
    if first == Kind::Push {
        page = platform.pushes(&caller, language.0, &status, limit, after).await?;
        if page.next_cursor.is_some() || kind == Some(Kind::Push) {
            return Ok(Json(page));
        }
    }
    let left = limit - i32::try_from(page.items.len()).unwrap_or(limit);
    if left <= 0 {
        return Ok(Json(Listing { next_cursor: Some(Kind::Message.mark("")), ..page }));
    }
    let after = if first == Kind::Message { after } else { "" };
    let messages = platform.dead_messages(&caller, language.0, &status, left, after).await?;
    page.items.extend(messages.items);
    Ok(Json(Listing { next_cursor: messages.next_cursor, ..page }))
}

impl Platform {
    async fn pushes(
        &self,
        caller: &Caller,
        locale: Locale,
        status: &str,
        limit: i32,
        after: &str,
    ) -> Result<Listing<Delivery>, Refusal> {
        let question = wire::ListDeliveriesRequest { status: status.into(), limit, cursor: after.into() };
        let page = self.wallet_pass().list_deliveries(caller.request(question)).await?.into_inner();
        let told = |delivery| Delivery::Push(PushDelivery::told(delivery, locale));
        Ok(Listing {
            items: page.deliveries.into_iter().map(told).collect(),
            next_cursor: some(page.next_cursor).map(|cursor| Kind::Push.mark(&cursor)),
        })
    }

    async fn dead_messages(
        &self,
        caller: &Caller,
        locale: Locale,
        status: &str,
        limit: i32,
        after: &str,
    ) -> Result<Listing<Delivery>, Refusal> {
        let question =
            messaging::ListDeliveriesRequest { status: status.into(), limit, cursor: after.into() };
        let page = self.messaging().list_deliveries(caller.request(question)).await?.into_inner();
        let customers = page.messages.iter().map(|message| message.customer_id.as_str());
        let names = self.first_names(caller, customers).await;
        let told = |message| Delivery::Message(MessageDelivery::told(message, &names, locale));
        Ok(Listing {
            items: page.messages.into_iter().map(told).collect(),
            next_cursor: some(page.next_cursor).map(|cursor| Kind::Message.mark(&cursor)),
        })
    }
}

/// Tries one again.
#[utoipa::path(
    post, path = "/api/v1/deliveries/{id}/retry", tag = "wallet-pass", operation_id = "retryDelivery",
    security(("bearer" = []), ("api_key" = [])), params(("id" = Uuid, Path, description = "The delivery")),
    responses((status = 204, description = "It is tried again now"),
        (status = 409, description = "It must not be tried again"))
)]
pub(crate) async fn retry(
    State(platform): State<Shared>,
    caller: Caller,
    Id(delivery): Id<DeliveryId>,
) -> Result<StatusCode, Refusal> {
    let question = wire::RetryDeliveryRequest { delivery_id: delivery.to_string() };
    match platform.wallet_pass().retry_delivery(caller.request(question)).await.map_err(Refusal::from) {
        // Ids are of one kind or the other, and never of both.
        Err(refusal) if refusal.slug == Slug::NotFound => {
            let question = messaging::RetryDeliveryRequest { message_id: delivery.to_string() };
            platform.messaging().retry_delivery(caller.request(question)).await?;
        }
        answer => drop(answer?),
    }
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RetryAll {
    /// push or message; absent: push. Messages cost money, so they go out again only where they are named.
    #[serde(default)]
    #[schema(example = "message")]
    kind: Option<String>,
}

/// How many are tried again.
#[derive(Serialize, ToSchema)]
pub(crate) struct Retried {
    retried: i64,
}

/// Tries everything of a kind again that was given up and may be tried.
#[utoipa::path(
    post, path = "/api/v1/deliveries/retry", tag = "wallet-pass", operation_id = "retryDeliveries",
    security(("bearer" = []), ("api_key" = [])), request_body = Option<RetryAll>,
    responses((status = 200, description = "How many", body = Retried))
)]
pub(crate) async fn retry_all(
    State(platform): State<Shared>,
    caller: Caller,
    OptionalJson(body): OptionalJson<RetryAll>,
) -> Result<Json<Retried>, Refusal> {
    let kind = body.kind.as_deref().map_or(Ok(Kind::Push), Kind::parse)?;
    let retried = match kind {
        Kind::Push => {
            let question = caller.request(wire::RetryDeliveryRequest::default());
            platform.wallet_pass().retry_delivery(question).await?.into_inner().retried
        }
        Kind::Message => {
            let question = caller.request(messaging::RetryDeliveryRequest::default());
            platform.messaging().retry_delivery(question).await?.into_inner().retried
        }
    };
    Ok(Json(Retried { retried }))
}

/// A wallet that cards can be put into.
#[derive(Serialize, ToSchema)]
pub(crate) struct Wallet {
    /// apple, google, or web for notices in browsers.
    wallet: String,
    on: bool,
    /// Why nothing is sent to it for now; null while all is well.
    stopped: Option<String>,
    /// On trial: passes are signed by a certificate made here, which real phones refuse, or go to a wallet that is not
    /// Google's own.
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_knows_its_list_and_older_ones_are_of_pushes() {
        let of = |kind, cursor: &str| {
            begin(kind, cursor).ok().map(|(kind, after)| (kind.as_str(), after.to_owned()))
        };
        assert_eq!(of(None, ""), Some(("push", String::new())));
        assert_eq!(of(Some(Kind::Message), ""), Some(("message", String::new())));
        for kind in [Kind::Push, Kind::Message] {
            let cursor = kind.mark("a.b");
            assert_eq!(of(None, &cursor), Some((kind.as_str(), "a.b".into())));
            assert_eq!(of(Some(kind), &cursor), Some((kind.as_str(), "a.b".into())));
        }
        assert_eq!(of(Some(Kind::Push), "a.b"), Some(("push", "a.b".into())));
        let refusal = begin(Some(Kind::Push), "message.x").err().and_then(|refusal| refusal.field);
        assert_eq!(refusal.as_deref(), Some("cursor"));
    }
}
