use std::collections::{BTreeMap, HashMap};

use reqwest::Url;

use super::refusal::Refusal;
use super::template::{self, Template};
use super::{CHANNEL, Senders};

/// The longest text.
const LONGEST_BODY_CHARS: usize = 1_600;
/// The longest address for callbacks.
const LONGEST_URL_CHARS: usize = 4_000;
/// For how many seconds a message may be good.
const VALIDITY_SECONDS: std::ops::RangeInclusive<u32> = 1..=36_000;

/// What is to be sent, once everything about it was found in order.
#[derive(Debug)]
pub(super) struct Order {
    pub(super) to: String,
    pub(super) from: String,
    pub(super) service: Option<String>,
    pub(super) content: Content,
    pub(super) status_callback: Option<String>,
}

#[derive(Debug)]
pub(super) enum Content {
    Text(String),
    Template(Template, BTreeMap<String, String>),
}

/// The parameters of a request; the last of a name counts, and an empty one is none.
pub(super) struct Form(HashMap<String, String>);

impl Form {
    pub(super) fn read(bytes: &[u8]) -> Self {
        Self(form_urlencoded::parse(bytes).into_owned().filter(|(_, value)| !value.is_empty()).collect())
    }

    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }
}

/// Checks what Twilio checks before it takes a message (Twilio, "Messages resource", *Create a Message*).
pub(super) fn order(
    form: &Form,
    senders: &Senders,
    templates: &HashMap<String, Template>,
) -> Result<Order, Refusal> {
    let to = form.get("To").ok_or_else(|| Refusal::bad(21_604, "A 'To' phone number is required."))?;
    if !is_address(to) && !is_number(to) {
        return Err(Refusal::bad(21_211, format!("Invalid 'To' Phone Number: {to}")));
    }
    let (from, service) = sender(form, senders)?;
    if from.starts_with(CHANNEL) != to.starts_with(CHANNEL) {
        let message = "Twilio could not send the message: 'From' and 'To' should be of the same channel";
        return Err(Refusal::bad(21_910, message));
    }
    let content = content(form, templates)?;
    let status_callback = form.get("StatusCallback").map(callback_url).transpose()?;
    if let Some(seconds) = form.get("ValidityPeriod")
        && !seconds.parse().is_ok_and(|seconds: u32| VALIDITY_SECONDS.contains(&seconds))
    {
        return Err(Refusal::bad(20_001, "ValidityPeriod must be from 1 to 36000 seconds"));
    }
    if form.get("ScheduleType").is_some() || form.get("SendAt").is_some() {
        return Err(Refusal::bad(20_001, "This fake schedules nothing"));
    }
    Ok(Order { to: to.to_owned(), from, service, content, status_callback })
}

fn sender(form: &Form, senders: &Senders) -> Result<(String, Option<String>), Refusal> {
    let service = match form.get("MessagingServiceSid") {
        None => None,
        Some(sid) if !is_sid(sid, "MG") => {
            return Err(Refusal::bad(21_705, format!("The Messaging Service Sid {sid} is invalid")));
        }
        Some(sid) => {
            let of_service = senders
                .services
                .get(sid)
                .ok_or_else(|| Refusal::bad(21_701, "The Messaging Service does not exist"))?;
            Some((sid.to_owned(), of_service.clone()))
        }
    };
    match (form.get("From"), service) {
        (Some(from), service) if senders.addresses.contains(from) => {
            Ok((from.to_owned(), service.map(|(sid, _)| sid)))
        }
        (Some(_), _) => {
            let message = "Twilio could not find a Channel with the specified From address";
            Err(Refusal::bad(63_007, message))
        }
        (None, Some((sid, of_service))) => Ok((of_service, Some(sid))),
        (None, None) => {
            let message = "A 'From' or 'MessagingServiceSid' parameter is required to send a message.";
            Err(Refusal::bad(21_603, message))
        }
    }
}

fn content(form: &Form, templates: &HashMap<String, Template>) -> Result<Content, Refusal> {
    if let Some(sid) = form.get("ContentSid") {
        let template = templates.get(sid).filter(|_| is_sid(sid, "HX"));
        let template = template.ok_or_else(|| Refusal::bad(21_655, "The ContentSid is Invalid"))?;
        let variables =
            form.get("ContentVariables").map(template::variables).transpose()?.unwrap_or_default();
        return Ok(Content::Template(template.clone(), variables));
    }
    if form.get("ContentVariables").is_some() {
        return Err(Refusal::bad(21_654, "ContentSid Required"));
    }
    let body = form
        .get("Body")
        .ok_or_else(|| Refusal::bad(21_619, "A text message body or media urls must be specified."))?;
    if body.chars().count() > LONGEST_BODY_CHARS {
        return Err(Refusal::bad(21_617, "The concatenated message body exceeds the 1600 character limit"));
    }
    Ok(Content::Text(body.to_owned()))
}

fn callback_url(text: &str) -> Result<String, Refusal> {
    let is_good = |url: &Url| {
        matches!(url.scheme(), "http" | "https")
            && url.host_str().is_some_and(|host| !host.contains('_'))
            && text.len() <= LONGEST_URL_CHARS
    };
    match text.parse::<Url>().ok().filter(is_good) {
        Some(_) => Ok(text.to_owned()),
        None => Err(Refusal::bad(21_609, format!("The 'StatusCallback' URL {text} is not a valid URL."))),
    }
}

pub(super) fn is_sid(text: &str, kind: &str) -> bool {
    text.strip_prefix(kind)
        .is_some_and(|rest| rest.len() == 32 && rest.bytes().all(|b| b.is_ascii_hexdigit()))
}

/// E.164.
fn is_number(text: &str) -> bool {
    let digits = text.strip_prefix('+').unwrap_or_default();
    (8..=15).contains(&digits.len())
        && !digits.starts_with('0')
        && digits.bytes().all(|byte| byte.is_ascii_digit())
}

/// Whether it is the address of a number on WhatsApp (`whatsapp:+51…`), or of somebody who hides hers (`whatsapp:PE.…`: a
/// country, a dot, and up to 128 letters and digits).
pub fn is_address(text: &str) -> bool {
    let Some(rest) = text.strip_prefix(CHANNEL) else { return false };
    let is_hidden = rest.split_once('.').is_some_and(|(country, id)| {
        country.len() == 2
            && country.bytes().all(|byte| byte.is_ascii_uppercase())
            && (1..=128).contains(&id.len())
            && id.bytes().all(|byte| byte.is_ascii_alphanumeric())
    });
    is_hidden || is_number(rest)
}
