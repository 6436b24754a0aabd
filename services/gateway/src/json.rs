//! What comes in: bodies, queries and ids, read strictly. Whatever is wrong with them becomes a refusal that names
//! the field; axum's own rejections never get out.

use std::str::FromStr;
use std::time::Duration;

use axum::extract::{FromRequest, FromRequestParts, Path, Request};
use axum::response::{IntoResponse, Response};
use bytes::{Bytes, BytesMut};
use futures::StreamExt;
use http::request::Parts;
use http::{HeaderMap, header};
use kernel::Invalid;
use serde::Serialize;
use serde::de::{DeserializeOwned, IgnoredAny};
use tokio::time::timeout;

use crate::error::{Refusal, Slug};

/// A JSON body of any route but those that take CSV, or a form, in bytes.
const BODY_LIMIT_BYTES: usize = 64 * 1024;

/// A list of customers as CSV, in bytes.
const CSV_LIMIT_BYTES: usize = 2 * 1024 * 1024;

/// How much of a body that is too large is read and thrown away.
const DISCARD_LIMIT_BYTES: usize = 8 * 1024 * 1024;

/// How long a body may take to come in; a phone on a bad line sends 64 KB in half of it.
const BODY_TIMEOUT: Duration = Duration::from_secs(30);

/// A JSON body, read strictly on the way in.
pub(crate) struct Json<T>(pub(crate) T);

/// As [`Json`], but an absent body, or `null`, is the type's default.
pub(crate) struct OptionalJson<T>(pub(crate) T);

/// A query string, read strictly.
pub(crate) struct Query<T>(pub(crate) T);

/// The words of a path that are no ids of ours.
pub(crate) struct Words<T>(pub(crate) T);

/// The `{id}` of a path.
pub(crate) struct Id<T>(pub(crate) T);

/// A body as it came, of at most so many bytes.
pub(crate) struct Raw<const MOST: usize>(pub(crate) Bytes);

/// An `application/x-www-form-urlencoded` body: its parameters in the order in which they came, doubles too.
pub(crate) struct Form(pub(crate) Vec<(String, String)>);

/// What serde says where an object must have exactly one key, and has none or more.
pub(crate) const EXACTLY_ONE: &str = "exactly one key";

/// A `text/csv` body.
pub(crate) struct Csv(pub(crate) String);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Json<T> {
    type Rejection = Refusal;

    async fn from_request(request: Request, _: &S) -> Result<Self, Refusal> {
        if !has_type(request.headers(), "application/json") {
            return Err(Refusal::new(Slug::Unsupported));
        }
        parse(&read(request, BODY_LIMIT_BYTES).await?).map(Self)
    }
}

impl<S: Send + Sync, T: DeserializeOwned + Default> FromRequest<S> for OptionalJson<T> {
    type Rejection = Refusal;

    async fn from_request(request: Request, _: &S) -> Result<Self, Refusal> {
        let is_json = has_type(request.headers(), "application/json");
        let body = read(request, BODY_LIMIT_BYTES).await?;
        if body.is_empty() {
            return Ok(Self(T::default()));
        }
        if !is_json {
            return Err(Refusal::new(Slug::Unsupported));
        }
        Ok(Self(parse::<Option<T>>(&body)?.unwrap_or_default()))
    }
}

impl<S: Send + Sync, const MOST: usize> FromRequest<S> for Raw<MOST> {
    type Rejection = Refusal;

    async fn from_request(request: Request, _: &S) -> Result<Self, Refusal> {
        read(request, MOST).await.map(Self)
    }
}

impl<S: Send + Sync> FromRequest<S> for Form {
    type Rejection = Refusal;

    async fn from_request(request: Request, _: &S) -> Result<Self, Refusal> {
        if !has_type(request.headers(), "application/x-www-form-urlencoded") {
            return Err(Refusal::new(Slug::Unsupported));
        }
        let body = read(request, BODY_LIMIT_BYTES).await?;
        Ok(Self(pairs(&body)))
    }
}

impl<S: Send + Sync> FromRequest<S> for Csv {
    type Rejection = Refusal;

    async fn from_request(request: Request, _: &S) -> Result<Self, Refusal> {
        if !has_type(request.headers(), "text/csv") {
            return Err(Refusal::new(Slug::Unsupported));
        }
        let text = String::from_utf8(read(request, CSV_LIMIT_BYTES).await?.into());
        let text = text.map_err(|_| Refusal::new(Slug::Malformed).because("not_utf8"))?;
        if text.contains('\0') {
            return Err(Refusal::new(Slug::Malformed).because("control_character"));
        }
        Ok(Self(text))
    }
}

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for Query<T> {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Refusal> {
        parse_query(parts.uri.query().unwrap_or_default()).map(Self)
    }
}

impl<S, T> FromRequestParts<S> for Id<T>
where
    S: Send + Sync,
    T: FromStr<Err = Invalid>,
{
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Refusal> {
        let wrong = || Refusal::invalid("id", "not_a_uuid");
        let Path(text) = Path::<String>::from_request_parts(parts, state).await.map_err(|_| wrong())?;
        text.parse().map(Self).map_err(|_| wrong())
    }
}

impl<S: Send + Sync, T: DeserializeOwned + Send> FromRequestParts<S> for Words<T> {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Refusal> {
        let words = Path::<T>::from_request_parts(parts, state).await;
        words.map(|Path(words)| Self(words)).map_err(|_| Refusal::new(Slug::Malformed).because("not_utf8"))
    }
}

impl<T: Serialize> IntoResponse for Json<T> {
    fn into_response(self) -> Response {
        axum::Json(self.0).into_response()
    }
}

fn has_type(headers: &HeaderMap, wanted: &str) -> bool {
    let Some(given) = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()) else {
        return false;
    };
    given.split(';').next().is_some_and(|mime| mime.trim().eq_ignore_ascii_case(wanted))
}

/// Reads a whole body. Of one that is too large the rest is taken in and thrown away, up to a point: a client that is
/// still sending when the connection closes would never see the answer that says why.
async fn read(request: Request, limit: usize) -> Result<Bytes, Refusal> {
    let cut_off = || Refusal::new(Slug::Malformed).because("cut_off");
    let whole = async {
        let mut frames = request.into_body().into_data_stream();
        let (mut body, mut length) = (BytesMut::new(), 0);
        while let Some(frame) = frames.next().await {
            let frame = frame.map_err(|_| cut_off())?;
            length += frame.len();
            if length <= limit {
                body.extend_from_slice(&frame);
            } else if length > limit + DISCARD_LIMIT_BYTES {
                break;
            }
        }
        if length > limit { Err(Refusal::new(Slug::TooLarge)) } else { Ok(body.freeze()) }
    };
    timeout(BODY_TIMEOUT, whole).await.unwrap_or_else(|_| Err(cut_off()))
}

/// Reads a JSON text as `T`, and nothing beside it.
pub(crate) fn parse<T: DeserializeOwned>(text: &[u8]) -> Result<T, Refusal> {
    if holds_nul(text) {
        return Err(Refusal::new(Slug::Malformed).because("control_character"));
    }
    if std::str::from_utf8(text).is_err() {
        return Err(Refusal::new(Slug::Malformed).because("not_utf8"));
    }
    let mut reader = serde_json::Deserializer::from_slice(text);
    let value = serde_path_to_error::deserialize(&mut reader).map_err(|error| {
        let path = error.path().to_string();
        let cause = error.into_inner();
        match cause.classify() {
            // What goes wrong behind the first wrong field is told first: a text that is no JSON has no fields.
            serde_json::error::Category::Data if serde_json::from_slice::<IgnoredAny>(text).is_err() => {
                Refusal::new(Slug::Malformed).because("not_json")
            }
            serde_json::error::Category::Data => at_fault(&path, &cause.to_string()),
            serde_json::error::Category::Io
            | serde_json::error::Category::Syntax
            | serde_json::error::Category::Eof => Refusal::new(Slug::Malformed).because("not_json"),
        }
    })?;
    reader.end().map_err(|_| Refusal::new(Slug::Malformed).because("not_json"))?;
    Ok(value)
}

/// The parameters of a form.
pub(crate) fn pairs(body: &[u8]) -> Vec<(String, String)> {
    form_urlencoded::parse(body).into_owned().collect()
}

pub(crate) fn parse_query<T: DeserializeOwned>(query: &str) -> Result<T, Refusal> {
    if query.contains("%00") {
        return Err(Refusal::new(Slug::Malformed).because("control_character"));
    }
    // Bytes that are no text are read as U+FFFD, which nobody types.
    let is_text = |text: &str| !text.contains('\u{fffd}');
    if !form_urlencoded(query).all(|(name, value)| is_text(&name) && is_text(&value)) {
        return Err(Refusal::new(Slug::Malformed).because("not_utf8"));
    }
    let reader = serde_urlencoded::Deserializer::new(form_urlencoded(query));
    serde_path_to_error::deserialize(reader)
        .map_err(|error| at_fault(&error.path().to_string(), &error.inner().to_string()))
}

fn form_urlencoded(query: &str) -> form_urlencoded::Parse<'_> {
    form_urlencoded::parse(query.as_bytes())
}

/// PostgreSQL's `text` cannot hold U+0000, and no name or title needs it: it is refused where it comes in. JSON can
/// write it in one way only.
fn holds_nul(text: &[u8]) -> bool {
    text.windows(6).enumerate().any(|(at, window)| {
        // An even number of backslashes before it means that its own backslash is an escaped one's second half.
        window == b"\\u0000"
            && text[..at].iter().rev().take_while(|byte| **byte == b'\\').count().is_multiple_of(2)
    })
}

/// What serde says in words, as field and reason.
fn at_fault(path: &str, message: &str) -> Refusal {
    let named = || message.split('`').nth(1).unwrap_or_default();
    let reason = if message.starts_with("unknown field") {
        return Refusal::invalid(within(path, named()), "unknown_field");
    } else if message.starts_with("missing field") {
        return Refusal::invalid(within(path, named()), "required");
    } else if message.starts_with("duplicate field") {
        return Refusal::invalid(within(path, named()), "duplicate");
    } else if message.starts_with("unknown variant") {
        "not_one_of"
    } else if message.starts_with("UUID parsing failed") {
        "not_a_uuid"
    } else if message.starts_with(EXACTLY_ONE) {
        "exactly_one"
    } else {
        "wrong_type"
    };
    Refusal::invalid(if path == "." { "body" } else { path }, reason)
}

/// The path of `field` inside the object at `path`, which may or may not name it already.
fn within(path: &str, field: &str) -> String {
    if path == "." || path == field {
        field.to_owned()
    } else if path.strip_suffix(field).is_some_and(|parent| parent.ends_with('.')) {
        path.to_owned()
    } else {
        format!("{path}.{field}")
    }
}

/// A field of a change that may be absent (stays), `null` (is cleared) or a value.
pub(crate) fn cleared_or_set<'de, D, T>(deserializer: D) -> Result<Option<Option<T>>, D::Error>
where
    D: serde::Deserializer<'de>,
    T: serde::Deserialize<'de>,
{
    serde::Deserialize::deserialize(deserializer).map(Some)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only read")]
    struct Order {
        id: uuid::Uuid,
        count: u32,
        #[serde(default)]
        lines: Vec<Line>,
    }

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only read")]
    struct Line {
        at: i32,
    }

    const ID: &str = r#""id":"018f0000-0000-7000-8000-000000000000""#;

    #[test]
    fn bad_bodies_are_refused_by_field_and_reason() {
        for (rest, field, reason) in [
            (r#","count":1,"extra":true"#, "extra", "unknown_field"),
            (r#","count":"1""#, "count", "wrong_type"),
            (r#","count":-1"#, "count", "wrong_type"),
            (r#","count":1.5"#, "count", "wrong_type"),
            (r#","count":4294967296"#, "count", "wrong_type"),
            (r#","count":null"#, "count", "wrong_type"),
            ("", "count", "required"),
            (r#","count":1,"count":2"#, "count", "duplicate"),
            (r#","count":1,"lines":[{"at":1},{"at":"x"}]"#, "lines[1].at", "wrong_type"),
            (r#","count":1,"lines":[{"at":1,"of":2}]"#, "lines[0].of", "unknown_field"),
            (r#","count":1,"lines":[{}]"#, "lines[0].at", "required"),
            (r#","count":1,"lines":7"#, "lines", "wrong_type"),
        ] {
            let refusal = parse::<Order>(format!("{{{ID}{rest}}}").as_bytes()).unwrap_err();
            assert_eq!(refusal.slug, Slug::Invalid, "{rest}");
            assert_eq!(
                (refusal.field.as_deref(), refusal.reason.as_deref()),
                (Some(field), Some(reason)),
                "{rest}"
            );
        }
    }

    #[test]
    fn an_id_that_is_no_uuid_is_named() {
        let refusal = parse::<Order>(br#"{"id":"42","count":1}"#).unwrap_err();
        assert_eq!((refusal.field.as_deref(), refusal.reason.as_deref()), (Some("id"), Some("not_a_uuid")));
    }

    #[test]
    fn a_body_of_another_shape_is_at_fault_as_a_whole() {
        let refusal = parse::<Order>(b"42").unwrap_err();
        assert_eq!((refusal.field.as_deref(), refusal.reason.as_deref()), (Some("body"), Some("wrong_type")));
    }

    #[test]
    fn what_is_not_json_is_malformed() {
        let deep = "[".repeat(10_000);
        for text in [
            &b""[..],
            b"{",
            b"{}x",
            b"\xff\xfe",
            b"{\"id\":\"\xff\"}",
            b"{\"id\": \"\\u0000\"}",
            b"{\"id\":\"\\ud800\"}",
            deep.as_bytes(),
        ] {
            assert_eq!(parse::<serde_json::Value>(text).unwrap_err().slug, Slug::Malformed, "{text:?}");
        }
    }

    #[test]
    fn an_escaped_backslash_before_u0000_is_only_text() {
        assert!(parse::<String>(br#""\\u0000""#).is_ok());
        assert!(parse::<String>(br#""\\\u0000""#).is_err());
    }

    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Page {
        limit: Option<i32>,
        cursor: Option<String>,
    }

    #[test]
    fn bad_queries_are_refused_by_field_and_reason() {
        for (query, field, reason) in [
            ("limit=x", "limit", "wrong_type"),
            ("limit=99999999999", "limit", "wrong_type"),
            ("token=1", "token", "unknown_field"),
            ("limit=1&limit=2", "limit", "duplicate"),
        ] {
            let refusal = parse_query::<Page>(query).unwrap_err();
            assert_eq!(
                (refusal.field.as_deref(), refusal.reason.as_deref()),
                (Some(field), Some(reason)),
                "{query}"
            );
        }
        assert_eq!(parse_query::<Page>("limit=5").unwrap(), Page { limit: Some(5), cursor: None });
    }

    proptest! {
        /// Whatever bytes come in, reading them ends in a value or a refusal below 500.
        #[test]
        fn reading_is_total(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            if let Err(refusal) = parse::<Order>(&bytes) {
                prop_assert!(refusal.slug.status().is_client_error());
            }
        }
    }
}
