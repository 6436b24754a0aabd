//! What customers write, and what they are answered.

use axum::extract::State;
use chrono::{DateTime, Utc};
use http::StatusCode;
use kernel::{CustomerId, Locale};
use proto::messaging as wire;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::messages::Message;
use crate::auth::{Caller, Language};
use crate::error::Refusal;
use crate::idempotency::Operation;
use crate::json::{Id, Json, Query};
use crate::names::FirstNames;
use crate::platform::Shared;
use crate::wire::{Page, present, some, time};

/// What was said with one address.
#[derive(Serialize, ToSchema)]
pub(crate) struct Thread {
    #[schema(value_type = Uuid)]
    thread_id: String,
    /// Null where nobody is known by that address.
    #[schema(value_type = Option<Uuid>)]
    customer_id: Option<String>,
    /// Her first name, where it is known at this moment.
    customer_name: Option<String>,
    /// The last three digits of the number.
    #[schema(example = "321")]
    address_end: String,
    last: Message,
    unread: i32,
    /// Until when she may be answered freely; null: no more.
    open_until: Option<DateTime<Utc>>,
}

impl Thread {
    fn told(thread: wire::Thread, names: &FirstNames, locale: Locale) -> Result<Self, Refusal> {
        Ok(Self {
            customer_name: names.of(&thread.customer_id),
            thread_id: thread.thread_id,
            customer_id: some(thread.customer_id),
            address_end: thread.address_end,
            last: Message::told(present(thread.last)?, names, locale),
            unread: thread.unread,
            open_until: time(thread.open_until),
        })
    }
}

/// A page of threads.
#[derive(Serialize, ToSchema)]
pub(crate) struct Inbox {
    items: Vec<Thread>,
    /// Asks for the next page; null where there is none.
    next_cursor: Option<String>,
    /// In all threads.
    unread: i32,
}

/// The threads, those with the newest message first.
#[utoipa::path(
    get, path = "/api/v1/inbox", tag = "messaging", operation_id = "listThreads",
    security(("bearer" = []), ("api_key" = [])), params(Page),
    responses((status = 200, description = "A page", body = Inbox))
)]
pub(crate) async fn list(
    State(platform): State<Shared>,
    caller: Caller,
    language: Language,
    Query(page): Query<Page>,
) -> Result<Json<Inbox>, Refusal> {
    let question = wire::ListThreadsRequest {
        limit: page.limit.unwrap_or_default(),
        cursor: page.cursor.unwrap_or_default(),
    };
    let answer = platform.messaging().list_threads(caller.request(question)).await?.into_inner();
    let customers = answer.threads.iter().map(|thread| thread.customer_id.as_str());
    let names = platform.first_names(&caller, customers).await;
    let items = answer.threads.into_iter().map(|thread| Thread::told(thread, &names, language.0));
    Ok(Json(Inbox {
        items: items.collect::<Result<_, _>>()?,
        next_cursor: some(answer.next_cursor),
        unread: answer.unread,
    }))
}

/// One thread, read.
#[derive(Serialize, ToSchema)]
pub(crate) struct OpenThread {
    thread: Thread,
    /// Oldest first, the last 200.
    messages: Vec<Message>,
}

/// One thread; from now on it is read.
#[utoipa::path(
    get, path = "/api/v1/inbox/{id}", tag = "messaging", operation_id = "getThread",
    security(("bearer" = []), ("api_key" = [])),
    params(("id" = Uuid, Path, description = "The thread, or its customer")),
    responses((status = 200, description = "What was said", body = OpenThread))
)]
pub(crate) async fn get(
    State(platform): State<Shared>,
    caller: Caller,
    language: Language,
    Id(id): Id<CustomerId>,
) -> Result<Json<OpenThread>, Refusal> {
    let question = wire::GetThreadRequest { id: id.to_string() };
    let answer = platform.messaging().get_thread(caller.request(question)).await?.into_inner();
    let thread = present(answer.thread)?;
    let names = platform.first_names(&caller, [thread.customer_id.as_str()].into_iter()).await;
    let told = |message| Message::told(message, &names, language.0);
    Ok(Json(OpenThread {
        messages: answer.messages.into_iter().map(told).collect(),
        thread: Thread::told(thread, &names, language.0)?,
    }))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Reply {
    /// 1 to 1,600 characters.
    #[schema(example = "¡Claro! Te esperamos hasta las 8.")]
    text: String,
}

/// Answers her, within 24 hours of her last message.
#[utoipa::path(
    post, path = "/api/v1/inbox/{id}", tag = "messaging", operation_id = "reply",
    security(("bearer" = []), ("api_key" = [])),
    params(("id" = Uuid, Path, description = "The thread, or its customer"),
        ("Idempotency-Key" = Uuid, Header, description = "The client's id for this one intent")),
    request_body = Reply,
    responses((status = 201, description = "It is on its way", body = Message),
        (status = 409, description = "She wrote too long ago, or nothing may be sent"))
)]
pub(crate) async fn reply(
    State(platform): State<Shared>,
    caller: Caller,
    language: Language,
    Operation(operation): Operation,
    Id(id): Id<CustomerId>,
    Json(body): Json<Reply>,
) -> Result<(StatusCode, Json<Message>), Refusal> {
    let question =
        wire::ReplyRequest { operation_id: operation.to_string(), id: id.to_string(), text: body.text };
    let answer = platform.messaging().reply(caller.request(question)).await?.into_inner();
    let message = present(answer.message)?;
    let names = platform.first_names(&caller, [message.customer_id.as_str()].into_iter()).await;
    Ok((StatusCode::CREATED, Json(Message::told(message, &names, language.0))))
}
