use std::fmt;
use std::time::{Duration, Instant};

use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use reqwest::{Client, Method, RequestBuilder, StatusCode};
use serde_json::Value;
use uuid::Uuid;

/// Longer than any answer takes; what takes longer has failed.
const PATIENCE: Duration = Duration::from_secs(30);
/// How long a client that tries again goes on trying.
const GIVE_UP_AFTER: Duration = Duration::from_secs(90);
/// Its pause between two tries.
const PAUSE: Duration = Duration::from_millis(50);

/// A client of the public API.
#[derive(Clone)]
pub struct Api {
    client: Client,
    url: String,
}

impl Api {
    /// A client of the platform at `url`.
    pub(crate) fn at(url: String) -> Self {
        let client = Client::builder().timeout(PATIENCE).build().expect("an HTTP client");
        Self { client, url }
    }

    /// Where the platform is.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// A call by its method and the path under `/api/v1`; a path that begins with `//` stands for itself.
    pub fn call(&self, method: Method, path: &str) -> Call {
        let path =
            path.strip_prefix("//").map_or_else(|| format!("/api/v1{path}"), |path| format!("/{path}"));
        let what = format!("{method} {path}");
        Call {
            request: self.client.request(method, format!("{}{path}", self.url)),
            what,
            body: String::new(),
        }
    }

    /// Asks for something.
    pub fn get(&self, path: &str) -> Call {
        self.call(Method::GET, path)
    }

    /// Does something.
    pub fn post(&self, path: &str) -> Call {
        self.call(Method::POST, path)
    }

    /// Changes something.
    pub fn patch(&self, path: &str) -> Call {
        self.call(Method::PATCH, path)
    }

    /// Removes something.
    pub fn delete(&self, path: &str) -> Call {
        self.call(Method::DELETE, path)
    }
}

/// One request on its way.
pub struct Call {
    request: RequestBuilder,
    what: String,
    body: String,
}

impl Call {
    /// By a member.
    pub fn bearer(self, access_token: &str) -> Self {
        self.authorization("Bearer", access_token)
    }

    /// By a customer's phone.
    pub fn card(self, holder_token: &str) -> Self {
        self.authorization("Card", holder_token)
    }

    /// By a till that nobody has signed in on.
    pub fn device(self, device_token: &str) -> Self {
        self.authorization("Device", device_token)
    }

    /// By whoever has this token of this kind.
    pub fn authorization(self, scheme: &str, token: &str) -> Self {
        self.header("authorization", &format!("{scheme} {token}"))
    }

    /// With this header.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        let name = HeaderName::try_from(name).expect("a header's name");
        self.request = self.request.header(name, HeaderValue::try_from(value).expect("a header's value"));
        self
    }

    /// As the operation `key`.
    pub fn key(self, key: Uuid) -> Self {
        self.header("idempotency-key", &key.to_string())
    }

    /// With a JSON body.
    pub fn json(mut self, body: &Value) -> Self {
        self.body = body.to_string();
        self.request = self.request.json(body);
        self
    }

    /// With a body of any kind.
    pub fn bytes(mut self, content_type: &str, body: impl Into<Vec<u8>>) -> Self {
        let body = body.into();
        self.body = String::from_utf8_lossy(&body).into_owned();
        self.request = self.request.body(body);
        self.header("content-type", content_type)
    }

    /// Sends it once, and tells of a connection that broke.
    pub async fn try_send(self) -> Result<Answer, reqwest::Error> {
        let Self { request, what, body } = self;
        let response = request.send().await?;
        let (status, headers) = (response.status(), response.headers().clone());
        let text = String::from_utf8_lossy(&response.bytes().await?).into_owned();
        Ok(Answer { what, body, status, headers, text })
    }

    /// Sends it once; there must be an answer.
    pub async fn send(self) -> Answer {
        let what = self.what.clone();
        self.try_send().await.unwrap_or_else(|error| panic!("{what}: no answer: {error:?}"))
    }

    /// Sends it until it is answered, as a client does that keeps its operation id: a broken connection or a `503` is
    /// no answer.
    pub async fn answered(self) -> Answer {
        let begun = Instant::now();
        loop {
            let again = Self {
                request: self.request.try_clone().expect("a body that can be sent again"),
                what: self.what.clone(),
                body: self.body.clone(),
            };
            let tried = again.try_send().await;
            match tried {
                Ok(answer) if answer.status != StatusCode::SERVICE_UNAVAILABLE => return answer,
                _ if begun.elapsed() < GIVE_UP_AFTER => tokio::time::sleep(PAUSE).await,
                tried => panic!("{}: not answered within {GIVE_UP_AFTER:?}; last: {tried:?}", self.what),
            }
        }
    }
}

/// What came back.
#[derive(Clone, Debug)]
pub struct Answer {
    what: String,
    body: String,
    status: StatusCode,
    headers: HeaderMap,
    text: String,
}

impl Answer {
    /// The HTTP status.
    pub fn status(&self) -> u16 {
        self.status.as_u16()
    }

    /// A header's text; empty where it is absent.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// The names of all headers.
    pub fn header_names(&self) -> Vec<&str> {
        self.headers.keys().map(HeaderName::as_str).collect()
    }

    /// The body as it came.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The body as JSON.
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{self}: not JSON: {error}"))
    }

    /// The body of an answer that must have this status.
    #[track_caller]
    pub fn ok(self, status: u16) -> Value {
        assert_eq!(self.status(), status, "{self}");
        if self.text.is_empty() { Value::Null } else { self.json() }
    }

    /// The refusal that it must be: this status and slug, told as a problem.
    #[track_caller]
    pub fn refused(self, status: u16, slug: &str) -> Problem {
        let problem = self.problem();
        assert_eq!((self.status(), problem.slug()), (status, slug), "{self}");
        problem
    }

    /// The refusal that it must be, whichever it is.
    #[track_caller]
    pub fn problem(&self) -> Problem {
        assert_eq!(self.header("content-type"), "application/problem+json", "{self}");
        let body = self.json();
        let kind = body["type"].as_str().unwrap_or_default();
        assert!(kind.starts_with("https://sello.pe/problems/"), "{self}");
        assert_eq!(body["status"], self.status(), "{self}");
        for part in ["title", "detail"] {
            assert!(body[part].as_str().is_some_and(|text| !text.is_empty()), "no {part}: {self}");
        }
        let trace = body["trace_id"].as_str().unwrap_or_default();
        assert!(trace.len() == 32 && trace.bytes().all(|b| b.is_ascii_hexdigit()), "no trace id: {self}");
        if self.status == StatusCode::SERVICE_UNAVAILABLE || self.status == StatusCode::TOO_MANY_REQUESTS {
            assert!(self.header("retry-after").parse::<u64>().is_ok(), "no Retry-After: {self}");
        }
        Problem(body)
    }
}

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sent: String = self.body.chars().take(300).collect();
        write!(f, "{} {sent} → {} {}", self.what, self.status.as_u16(), self.text)
    }
}

/// A refusal as the outside reads it.
#[derive(Clone, Debug)]
pub struct Problem(Value);

impl Problem {
    /// Which refusal it is.
    pub fn slug(&self) -> &str {
        self.word("type").rsplit('/').next().unwrap_or_default()
    }

    /// The field at fault; empty where there is none.
    pub fn field(&self) -> &str {
        self.word("field")
    }

    /// The reason under the slug; empty where there is none.
    pub fn reason(&self) -> &str {
        self.word("reason")
    }

    /// When it will be possible; empty where time does not heal it.
    pub fn until(&self) -> &str {
        self.word("until")
    }

    fn word(&self, name: &str) -> &str {
        self.0[name].as_str().unwrap_or_default()
    }
}
