use std::time::Duration;

use http::{StatusCode, header};
use reqwest::{Client, Method, RequestBuilder, Response, Url};
use serde::Deserialize;
use serde_json::json;

use super::PhoneError;
use super::package::{Package, Service};

/// The type a pass is sent as.
const PASS_MIME: &str = "application/vnd.apple.pkpass";
/// How often a call that failed is made again.
const RETRIES: u32 = 5;
/// The pause before the first time; it doubles.
const FIRST_PAUSE: Duration = Duration::from_millis(200);

/// The calls a phone makes to those who keep its passes up to date.
pub(super) struct Web {
    pub(super) http: Client,
    pub(super) device: String,
}

/// Which passes changed.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Changed {
    pub(super) serial_numbers: Vec<String>,
    pub(super) last_updated: String,
}

/// A pass as it came, and the version it has.
pub(super) struct Fetched {
    pub(super) bytes: Vec<u8>,
    pub(super) last_modified: Option<String>,
}

impl Web {
    /// Fetches a pass from a link, as a browser that hands it to the wallet.
    pub(super) async fn download(&self, url: &str) -> Result<Fetched, PhoneError> {
        let answer = self.once("download", self.http.get(url)).await?;
        take(answer, "download").await
    }

    pub(super) async fn register(&self, package: &Package, push_token: &str) -> Result<(), PhoneError> {
        let Some(service) = &package.service else { return Ok(()) };
        let url = self.registration(service, package);
        let call = self.signed(Method::POST, url, service).json(&json!({ "pushToken": push_token }));
        let answer = self.patiently("register", call).await?;
        match answer.status() {
            StatusCode::CREATED | StatusCode::OK => Ok(()),
            status => Err(PhoneError::Refused { call: "register", status: status.as_u16() }),
        }
    }

    pub(super) async fn unregister(&self, package: &Package) -> Result<(), PhoneError> {
        let Some(service) = &package.service else { return Ok(()) };
        let call = self.signed(Method::DELETE, self.registration(service, package), service);
        let answer = self.patiently("unregister", call).await?;
        match answer.status() {
            StatusCode::OK => Ok(()),
            status => Err(PhoneError::Refused { call: "unregister", status: status.as_u16() }),
        }
    }

    /// Which passes of a type have changed since a tag; none if none have.
    pub(super) async fn changed(
        &self,
        base: &Url,
        pass_type: &str,
        since: Option<&str>,
    ) -> Result<Option<Changed>, PhoneError> {
        let mut url = address(base, &["v1", "devices", &self.device, "registrations", pass_type]);
        if let Some(tag) = since {
            url.query_pairs_mut().append_pair("passesUpdatedSince", tag);
        }
        let answer = self.patiently("list", self.http.get(url)).await?;
        match answer.status() {
            StatusCode::OK => {
                answer.json().await.map(Some).map_err(|error| PhoneError::unreachable("list", error))
            }
            // A phone that is not known any more has nothing that changed.
            StatusCode::NO_CONTENT | StatusCode::NOT_FOUND => Ok(None),
            status => Err(PhoneError::Refused { call: "list", status: status.as_u16() }),
        }
    }

    /// The newest version of a pass; none if the phone has it.
    pub(super) async fn fetch(
        &self,
        package: &Package,
        last_modified: Option<&str>,
    ) -> Result<Option<Fetched>, PhoneError> {
        let Some(service) = &package.service else { return Ok(None) };
        let url = address(&service.url, &["v1", "passes", &package.pass_type, &package.serial]);
        let mut call = self.signed(Method::GET, url, service);
        if let Some(version) = last_modified {
            call = call.header(header::IF_MODIFIED_SINCE, version);
        }
        let answer = self.patiently("fetch", call).await?;
        if answer.status() == StatusCode::NOT_MODIFIED {
            return Ok(None);
        }
        let fetched = take(answer, "fetch").await?;
        if fetched.last_modified.is_none() {
            return Err(PhoneError::BadPass("it comes without Last-Modified".into()));
        }
        Ok(Some(fetched))
    }

    /// Tells the service what went wrong. Nobody hears of it if that goes wrong too.
    pub(super) async fn log(&self, base: &Url, line: &str) {
        let call = self.http.post(address(base, &["v1", "log"])).json(&json!({ "logs": [line] }));
        let _ = call.send().await;
    }

    fn registration(&self, service: &Service, package: &Package) -> Url {
        let path = ["v1", "devices", &self.device, "registrations", &package.pass_type, &package.serial];
        address(&service.url, &path)
    }

    fn signed(&self, method: Method, url: Url, service: &Service) -> RequestBuilder {
        self.http.request(method, url).header(header::AUTHORIZATION, format!("ApplePass {}", service.token))
    }

    async fn once(&self, call: &'static str, request: RequestBuilder) -> Result<Response, PhoneError> {
        request.send().await.map_err(|error| PhoneError::unreachable(call, error))
    }

    /// Makes a call again, with growing pauses, while the service is away or overloaded.
    async fn patiently(&self, call: &'static str, request: RequestBuilder) -> Result<Response, PhoneError> {
        let mut pause = FIRST_PAUSE;
        for _ in 0..RETRIES {
            let Some(attempt) = request.try_clone() else { break };
            match self.once(call, attempt).await {
                Ok(answer) if !is_passing(answer.status()) => return Ok(answer),
                Ok(answer) => tracing::debug!(call, status = %answer.status(), "a phone tries again"),
                Err(error) => tracing::debug!(call, %error, "a phone tries again"),
            }
            tokio::time::sleep(pause).await;
            pause *= 2;
        }
        self.once(call, request).await
    }
}

fn is_passing(status: StatusCode) -> bool {
    status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS
}

/// The address of a call, under the path of the service.
fn address(base: &Url, path: &[&str]) -> Url {
    let mut url = base.clone();
    if let Ok(mut segments) = url.path_segments_mut() {
        segments.pop_if_empty().extend(path);
    }
    url
}

async fn take(answer: Response, call: &'static str) -> Result<Fetched, PhoneError> {
    if answer.status() != StatusCode::OK {
        return Err(PhoneError::Refused { call, status: answer.status().as_u16() });
    }
    let text = |name| answer.headers().get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
    let mime = text(header::CONTENT_TYPE).unwrap_or_default();
    if mime != PASS_MIME {
        return Err(PhoneError::BadPass(format!("it comes as {mime:?}")));
    }
    let last_modified = text(header::LAST_MODIFIED);
    let bytes = answer.bytes().await.map_err(|error| PhoneError::unreachable(call, error))?;
    Ok(Fetched { bytes: bytes.to_vec(), last_modified })
}
