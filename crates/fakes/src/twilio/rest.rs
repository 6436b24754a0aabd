use std::sync::Arc;
use std::time::Instant;

use axum::body::Bytes;
use axum::extract::{OriginalUri, Path, State as With};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use http::{HeaderMap, StatusCode};
use hyper::server::conn::http1;
use hyper::service::{Service, service_fn};
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use serde_json::{Value, json};
use tokio::net::TcpListener;

use super::book::{Message, Status};
use super::check::{self, Content, Form, Order};
use super::fate::{Fate, Over};
use super::faults::Fault;
use super::refusal::{Refusal, meaning};
use super::{API_VERSION, Request, State, Working, account};
use crate::locked;
use crate::tasks::Tasks;

/// How many messages a page has where nobody says (Twilio, "Messages resource", *Read multiple Message resources*).
const USUAL_PAGE: usize = 50;
/// The most a page has.
const LARGEST_PAGE: usize = 1_000;

type Shared = With<Arc<State>>;

/// Marks an answer that must not be given: the connection is closed in its place.
#[derive(Clone, Copy)]
struct Cut;

/// How a request to send ends.
enum Ending {
    Answer(Response),
    AnswerLast(Response),
    Hang,
    Close,
}

pub(super) fn serve(tasks: &Tasks, listener: TcpListener, twilio: Arc<State>) {
    let routes = Router::new()
        .route("/2010-04-01/Accounts/{account}/Messages.json", get(list).post(create))
        .route("/2010-04-01/Accounts/{account}/Messages/{file}", get(fetch))
        .fallback(async |uri: OriginalUri| Refusal::not_found(uri.path()))
        .with_state(twilio);
    crate::server::accept(tasks, listener, move |stream| {
        let routes = TowerToHyperService::new(routes.clone());
        let service = service_fn(move |request| {
            let answer = routes.call(request);
            async move {
                match answer.await {
                    Ok(response) if response.extensions().get::<Cut>().is_some() => {
                        Err(std::io::Error::other("closed on demand"))
                    }
                    Ok(response) => Ok(response),
                    Err(never) => match never {},
                }
            }
        });
        async move {
            if let Err(error) = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await {
                tracing::debug!(%error, "a connection ended badly");
            }
        }
    });
}

async fn create(
    With(twilio): Shared,
    Path(account): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let form = Form::read(&body);
    let (mut request, ending) = twilio.answer(&account, &headers, &form);
    request.status = match &ending {
        Ending::Answer(response) | Ending::AnswerLast(response) => Some(response.status().as_u16()),
        Ending::Hang | Ending::Close => None,
    };
    locked(&twilio.requests).push(request);
    twilio.note_change();
    match ending {
        Ending::Answer(response) => response,
        Ending::AnswerLast(response) => {
            // Nobody who could set more off is left then, so there is nothing to wait for.
            let _ = twilio.at_work.subscribe().wait_for(|working| *working == 0).await;
            response
        }
        Ending::Hang => std::future::pending().await,
        Ending::Close => {
            let mut response = StatusCode::NO_CONTENT.into_response();
            response.extensions_mut().insert(Cut);
            response
        }
    }
}

async fn fetch(
    With(twilio): Shared,
    Path((account, file)): Path<(String, String)>,
    uri: OriginalUri,
    headers: HeaderMap,
) -> Result<Json<Value>, Refusal> {
    twilio.let_read(&account, &headers)?;
    let sid = file.strip_suffix(".json").ok_or_else(|| Refusal::not_found(uri.path()))?;
    let book = locked(&twilio.book);
    let message = book.get(sid).ok_or_else(|| Refusal::not_found(uri.path()))?;
    Ok(Json(resource(&account, message)))
}

async fn list(
    With(twilio): Shared,
    Path(account): Path<String>,
    uri: OriginalUri,
    headers: HeaderMap,
) -> Result<Json<Value>, Refusal> {
    twilio.let_read(&account, &headers)?;
    let query = Form::read(uri.query().unwrap_or_default().as_bytes());
    let whole = |name: &str, usual: usize| match query.get(name) {
        None => Ok(usual),
        Some(text) => text.parse().map_err(|_| Refusal::bad(20_001, format!("{name} is not a number"))),
    };
    let (size, page) = (whole("PageSize", USUAL_PAGE)?.clamp(1, LARGEST_PAGE), whole("Page", 0)?);
    let (to, from) = (query.get("To"), query.get("From"));
    let since = query.get("DateSent>").map(|text| moment(text, NaiveTime::MIN)).transpose()?;
    let last = NaiveTime::from_hms_opt(23, 59, 59).unwrap_or_default();
    let until = query.get("DateSent<").map(|text| moment(text, last)).transpose()?;
    let day = query.get("DateSent").map(|text| moment(text, NaiveTime::MIN)).transpose()?;
    let is_wanted = |message: &Message| {
        // What has not left yet is sought by when it was taken.
        let at = message.sent_at.unwrap_or(message.at);
        to.is_none_or(|to| message.to == to)
            && from.is_none_or(|from| message.from == from)
            // Twilio keeps whole seconds.
            && since.is_none_or(|since| at.timestamp() >= since.timestamp())
            && until.is_none_or(|until| at.timestamp() <= until.timestamp())
            && day.is_none_or(|day| at.date_naive() == day.date_naive())
    };
    let book = locked(&twilio.book);
    let found = book.newest([to, from], is_wanted);
    let begin = (page * size).min(found.len());
    let end = (begin + size).min(found.len());
    let address = |page: usize| page_address(&uri, page);
    Ok(Json(json!({
        "first_page_uri": address(0),
        "previous_page_uri": page.checked_sub(1).map(address),
        "next_page_uri": (end < found.len()).then(|| address(page + 1)),
        "uri": address(page),
        "page": page,
        "page_size": size,
        "start": begin,
        "end": end.saturating_sub(1),
        "messages": found[begin..end].iter().map(|message| resource(&account, message)).collect::<Vec<_>>(),
    })))
}

fn page_address(uri: &OriginalUri, page: usize) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    for (name, value) in form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes()) {
        if name != "Page" {
            query.append_pair(&name, &value);
        }
    }
    query.append_pair("Page", &page.to_string());
    format!("{}?{}", uri.path(), query.finish())
}

/// A day, or a moment in UTC.
fn moment(text: &str, of_day: NaiveTime) -> Result<DateTime<Utc>, Refusal> {
    let day = text.parse::<NaiveDate>().map(|day| day.and_time(of_day).and_utc());
    day.or_else(|_| text.parse()).map_err(|_| Refusal::bad(20_001, format!("{text} is not a date")))
}

/// A message as Twilio shows it.
fn resource(account: &str, message: &Message) -> Value {
    let uri = format!("/{API_VERSION}/Accounts/{account}/Messages/{}", message.sid);
    json!({
        "account_sid": account,
        "api_version": API_VERSION,
        "body": message.body,
        "date_created": message.at.to_rfc2822(),
        "date_sent": message.sent_at.map(|at| at.to_rfc2822()),
        "date_updated": message.updated_at.to_rfc2822(),
        "direction": if message.inbound { "inbound" } else { "outbound-api" },
        "error_code": message.error_code,
        "error_message": message.error_code.map(meaning),
        "from": message.from,
        "messaging_service_sid": message.service,
        "num_media": "0",
        "num_segments": "1",
        "price": null,
        "price_unit": "USD",
        "sid": message.sid,
        "status": message.status.name(),
        "subresource_uris": { "media": format!("{uri}/Media.json") },
        "to": message.to,
        "uri": format!("{uri}.json"),
    })
}

impl State {
    fn let_in(&self, account: &str, headers: &HeaderMap) -> Result<(), Refusal> {
        let may = account == self.account.sid && self.account.lets_in(headers);
        if may { Ok(()) } else { Err(Refusal::unauthenticated()) }
    }

    fn let_read(&self, account: &str, headers: &HeaderMap) -> Result<(), Refusal> {
        self.let_in(account, headers)?;
        match *locked(&self.reads_fail) {
            Some(status) => Err(Refusal::of_status(status)),
            None => Ok(()),
        }
    }

    /// Decides over a request to send.
    fn answer(self: &Arc<Self>, account: &str, headers: &HeaderMap, form: &Form) -> (Request, Ending) {
        let mut request = Request {
            at: Utc::now(),
            to: form.get("To").unwrap_or_default().to_owned(),
            from: form.get("From").unwrap_or_default().to_owned(),
            sid: None,
            status: None,
            code: None,
        };
        let refuse = |request: Request, refusal: Refusal| {
            let request = Request { code: Some(refusal.code), ..request };
            (request, Ending::Answer(refusal.into_response()))
        };
        if let Err(refusal) = self.let_in(account, headers) {
            return refuse(request, refusal);
        }
        let fault = locked(&self.script).of_request(&request.to);
        match fault {
            Some(Fault::TooManyRequests) => return refuse(request, Refusal::too_many()),
            Some(Fault::Status(status)) => return refuse(request, Refusal::of_status(status)),
            Some(Fault::Hang) => return (request, Ending::Hang),
            _ => {}
        }
        let order = check::order(form, &locked(&self.senders), &locked(&self.templates));
        let order = match order {
            Ok(order) => order,
            Err(refusal) => return refuse(request, refusal),
        };
        let admitted = locked(&self.rate).admit(&order.from, Instant::now());
        if admitted == Err(Over::Refuse) {
            return refuse(request, Refusal::too_many());
        }
        request.from.clone_from(&order.from);
        let message = self.take(order, admitted.is_err());
        request.sid = Some(message.sid.clone());
        let ending = match fault {
            Some(Fault::TakeAndHang) => Ending::Hang,
            Some(Fault::TakeAndClose) => Ending::Close,
            Some(Fault::TakeAndStatus(status)) => {
                return refuse(request, Refusal::of_status(status));
            }
            _ => {
                let body = Json(resource(&self.account.sid, &message));
                let response = (StatusCode::CREATED, body).into_response();
                if fault == Some(Fault::AnswerLast) {
                    Ending::AnswerLast(response)
                } else {
                    Ending::Answer(response)
                }
            }
        };
        (request, ending)
    }

    /// Takes a message, and sets off what becomes of it.
    fn take(self: &Arc<Self>, order: Order, is_over: bool) -> Message {
        let now = self.now();
        let (body, template, variables, buttons, wrong) = match order.content {
            Content::Text(body) => {
                let is_open = locked(&self.book).is_open(&order.to, &order.from, now);
                (body, None, Default::default(), Vec::new(), (!is_open).then_some(63_016))
            }
            Content::Template(template, variables) => {
                self.note_unused(&template, &variables);
                let (body, wrong) = template.fill(&variables);
                (body, Some(template.sid), variables, template.buttons, wrong)
            }
        };
        let message = Message {
            sid: account::sid("SM"),
            status: if order.service.is_some() { Status::Accepted } else { Status::Queued },
            to: order.to,
            from: order.from,
            service: order.service,
            body,
            template,
            variables,
            buttons,
            status_callback: order.status_callback,
            inbound: false,
            reply_to: None,
            error_code: None,
            at: now,
            sent_at: None,
            updated_at: now,
        };
        let steps = {
            let mut fates = locked(&self.fates);
            let is_bad = !fates.is_good();
            let fate = match wrong {
                _ if is_over || is_bad => Fate::Failed(63_018),
                Some(code) => Fate::Failed(code),
                None => fates.of(&message.to),
            };
            fate.steps(fates.pace)
        };
        let (callbacks, dice) = {
            let script = locked(&self.script);
            (script.faults.callbacks, script.of_callbacks(&message.to))
        };
        locked(&self.book).add(message.clone());
        let working = Working::new(self);
        let work = self.clone().work(message.sid.clone(), steps, callbacks, dice);
        self.spawner.spawn(async move {
            work.await;
            drop(working);
        });
        message
    }

    fn note_unused(
        &self,
        template: &super::Template,
        variables: &std::collections::BTreeMap<String, String>,
    ) {
        let placeholders = template.placeholders();
        for name in variables.keys().filter(|name| !placeholders.contains(&name.as_str())) {
            locked(&self.mistakes).push(format!("{} has no variable {name}", template.sid));
        }
    }
}
