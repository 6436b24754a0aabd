//! WhatsApp messages, out and in.

use axum::extract::State;
use chrono::{DateTime, Utc};
use kernel::Locale;
use proto::messaging as wire;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::auth::{Caller, Language};
use crate::error::Refusal;
use crate::json::{Json, Query};
use crate::names::FirstNames;
use crate::platform::Shared;
use crate::texts;
use crate::wire::{Listing, id_or_empty, some, time};

/// A message to a customer, or from one.
#[derive(Serialize, ToSchema)]
pub(crate) struct Message {
    #[schema(value_type = Uuid)]
    message_id: String,
    /// Null where nobody is known by that address.
    #[schema(value_type = Option<Uuid>)]
    customer_id: Option<String>,
    /// Her first name, where it is known at this moment.
    customer_name: Option<String>,
    /// The campaign that asked for it.
    #[schema(value_type = Option<Uuid>)]
    campaign_id: Option<String>,
    /// out or in.
    direction: String,
    /// marketing, utility, authentication or service.
    category: String,
    /// Null for a free text.
    template: Option<String>,
    /// As it read, or will.
    text: String,
    /// waiting, in_doubt, handed_over, sent, delivered, read, failed or canceled; received for what came in.
    status: String,
    /// A stable word why it failed or was canceled.
    #[schema(example = "not_reachable")]
    reason: Option<String>,
    /// The same as a sentence.
    reason_text: Option<&'static str>,
    attempts: i32,
    /// What it cost, in céntimos.
    cost_cents: i64,
    created_at: Option<DateTime<Utc>>,
    changed_at: Option<DateTime<Utc>>,
    /// When it is tried next.
    next_at: Option<DateTime<Utc>>,
    /// A person may have it tried again.
    retryable: bool,
}

impl Message {
    pub(super) fn told(message: wire::Message, names: &FirstNames, locale: Locale) -> Self {
        Self {
            customer_name: names.of(&message.customer_id),
            reason_text: texts::message_reason(&message.reason, locale),
            message_id: message.message_id,
            customer_id: some(message.customer_id),
            campaign_id: some(message.campaign_id),
            direction: message.direction,
            category: message.category,
            template: some(message.template),
            text: message.text,
            status: message.status,
            reason: some(message.reason),
            attempts: message.attempts,
            cost_cents: message.cost_cents,
            created_at: time(message.created_at),
            changed_at: time(message.changed_at),
            next_at: time(message.next_at),
            retryable: message.retryable,
        }
    }
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct WhichMessages {
    /// Only those to and from this customer.
    #[serde(default)]
    customer: Option<Uuid>,
    /// Only those in this state.
    #[serde(default)]
    status: Option<String>,
    #[serde(default)]
    limit: Option<i32>,
    #[serde(default)]
    cursor: Option<String>,
}

/// Messages, newest first.
#[utoipa::path(
    get, path = "/api/v1/messages", tag = "messaging", operation_id = "listMessages",
    security(("bearer" = []), ("api_key" = [])), params(WhichMessages),
    responses((status = 200, description = "A page", body = Listing<Message>))
)]
pub(crate) async fn list(
    State(platform): State<Shared>,
    caller: Caller,
    language: Language,
    Query(which): Query<WhichMessages>,
) -> Result<Json<Listing<Message>>, Refusal> {
    let question = wire::ListMessagesRequest {
        customer_id: id_or_empty(which.customer),
        status: which.status.unwrap_or_default(),
        limit: which.limit.unwrap_or_default(),
        cursor: which.cursor.unwrap_or_default(),
    };
    let page = platform.messaging().list_messages(caller.request(question)).await?.into_inner();
    let customers = page.messages.iter().map(|message| message.customer_id.as_str());
    let names = platform.first_names(&caller, customers).await;
    let items = page.messages.into_iter().map(|message| Message::told(message, &names, language.0));
    Ok(Json(Listing { items: items.collect(), next_cursor: some(page.next_cursor) }))
}
