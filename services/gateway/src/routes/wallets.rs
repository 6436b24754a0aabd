//! What phones and their makers ask: PassKit's web service on Apple's own paths, links that put a card into a wallet, the
//! drawn parts of passes, and Google's callback. No token of ours opens these: each carries a secret of its own.

use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use bytes::Bytes;
use chrono::{DateTime, Utc};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use proto::wallet_pass as wire;
use serde::{Deserialize, Serialize};

use crate::auth::Language;
use crate::error::{Refusal, Slug};
use crate::json::{Json, Query, Raw, Words};
use crate::platform::{Platform, Shared};
use crate::wire::{present, some, time};

const PASS: HeaderValue = HeaderValue::from_static("application/vnd.apple.pkpass");
const PASSES: HeaderValue = HeaderValue::from_static("application/vnd.apple.pkpasses");
const PNG: HeaderValue = HeaderValue::from_static("image/png");
/// A pass is a secret, and another one tomorrow.
const NOT_KEPT: HeaderValue = HeaderValue::from_static("no-store");
/// What is drawn stands under a name that changes with it.
const KEPT: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");
/// HTTP's own way to write a moment (RFC 9110 §5.6.7).
const HTTP_DATE: &str = "%a, %d %b %Y %H:%M:%S GMT";
/// Google's callbacks are a tenth of it.
const CALLBACK_BYTES: usize = 16 * 1024;

/// Everything that is asked without a token.
pub(crate) fn routes() -> Router<Shared> {
    // A phone puts Apple's paths behind whatever the pass says; a slash too many is not worth a pass.
    let passkit = ["/wallet/v1", "/wallet//v1"].into_iter().fold(Router::new(), |router, base| {
        let registrations = format!("{base}/devices/{{device}}/registrations/{{pass_type}}");
        router
            .route(&format!("{registrations}/{{serial}}"), post(register).delete(unregister))
            .route(&registrations, get(changed))
            .route(&format!("{base}/passes/{{pass_type}}/{{serial}}"), get(fetch))
            .route(&format!("{base}/log"), post(log))
    });
    passkit
        .route("/wallet/passes/{token}", get(download))
        .route("/wallet/bundles/{token}", get(download_all))
        .route("/wallet/google/{token}", get(save))
        .route("/wallet/art/{program}/{fingerprint}/{name}", get(art))
        .route("/webhooks/google", post(google_callback))
}

/// The pass's own secret.
fn pass_secret(headers: &HeaderMap) -> Result<String, Refusal> {
    let shown = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let secret = shown.and_then(|text| text.strip_prefix("ApplePass "));
    secret.map(str::to_owned).ok_or_else(|| Refusal::new(Slug::Unauthenticated))
}

#[derive(Deserialize)]
pub(crate) struct Registration {
    #[serde(rename = "pushToken")]
    pub(crate) push_token: String,
}

async fn register(
    State(platform): State<Shared>,
    Words((device, pass_type, serial)): Words<(String, String, String)>,
    headers: HeaderMap,
    Json(body): Json<Registration>,
) -> Result<StatusCode, Refusal> {
    let question = wire::RegisterDeviceRequest {
        device,
        pass_type,
        serial,
        authentication_token: pass_secret(&headers)?,
        push_token: body.push_token,
    };
    let answer = platform.wallet_pass().register_device(question).await?.into_inner();
    Ok(if answer.created { StatusCode::CREATED } else { StatusCode::OK })
}

async fn unregister(
    State(platform): State<Shared>,
    Words((device, pass_type, serial)): Words<(String, String, String)>,
    headers: HeaderMap,
) -> Result<StatusCode, Refusal> {
    let authentication_token = pass_secret(&headers)?;
    let question = wire::UnregisterDeviceRequest { device, pass_type, serial, authentication_token };
    platform.wallet_pass().unregister_device(question).await?;
    Ok(StatusCode::OK)
}

#[derive(Deserialize)]
pub(crate) struct Since {
    #[serde(rename = "passesUpdatedSince", default)]
    pub(crate) since: String,
}

#[derive(Serialize)]
struct Changed {
    #[serde(rename = "serialNumbers")]
    serials: Vec<String>,
    #[serde(rename = "lastUpdated")]
    last_updated: String,
}

async fn changed(
    State(platform): State<Shared>,
    Words((device, pass_type)): Words<(String, String)>,
    Query(Since { since }): Query<Since>,
) -> Result<Response, Refusal> {
    let question = wire::ListChangedPassesRequest { device, pass_type, since };
    let answer = platform.wallet_pass().list_changed_passes(question).await?.into_inner();
    Ok(if answer.serials.is_empty() {
        StatusCode::NO_CONTENT.into_response()
    } else {
        Json(Changed { serials: answer.serials, last_updated: answer.last_updated }).into_response()
    })
}

async fn fetch(
    State(platform): State<Shared>,
    Words((pass_type, serial)): Words<(String, String)>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let held = headers.get(header::IF_MODIFIED_SINCE).and_then(|value| value.to_str().ok());
    // A date that cannot be read is none (RFC 9110 §13.1.3).
    let held = held.and_then(|text| DateTime::parse_from_rfc2822(text).ok());
    let question = wire::FetchPassRequest {
        pass_type,
        serial,
        authentication_token: pass_secret(&headers)?,
        if_modified_since: held.map(|at| prost_types::Timestamp { seconds: at.timestamp(), nanos: 0 }),
    };
    let answer = platform.wallet_pass().fetch_pass(question).await?.into_inner();
    let modified = present(time(answer.last_modified))?;
    let mut response = if answer.pkpass.is_empty() {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        file(answer.pkpass, PASS, NOT_KEPT)
    };
    response.headers_mut().insert(header::LAST_MODIFIED, http_date(modified));
    Ok(response)
}

#[derive(Deserialize)]
pub(crate) struct Complaints {
    #[serde(default)]
    pub(crate) logs: Vec<String>,
}

async fn log(State(platform): State<Shared>, Json(body): Json<Complaints>) -> Result<StatusCode, Refusal> {
    platform.wallet_pass().log_device(wire::LogDeviceRequest { logs: body.logs }).await?;
    Ok(StatusCode::OK)
}

async fn download(
    State(platform): State<Shared>,
    language: Language,
    Words(token): Words<String>,
) -> Result<Response, Refusal> {
    let question = wire::DownloadPassRequest { token, language: language.0.as_str().into() };
    let answer = platform.wallet_pass().download_pass(question).await?.into_inner();
    let mut response = file(answer.pkpass, PASS, NOT_KEPT);
    let modified = present(time(answer.last_modified))?;
    response.headers_mut().insert(header::LAST_MODIFIED, http_date(modified));
    Ok(response)
}

async fn download_all(
    State(platform): State<Shared>,
    language: Language,
    Words(token): Words<String>,
) -> Result<Response, Refusal> {
    let question = wire::DownloadBundleRequest { token, language: language.0.as_str().into() };
    let answer = platform.wallet_pass().download_bundle(question).await?.into_inner();
    Ok(file(answer.pkpasses, PASSES, NOT_KEPT))
}

/// Google is told of a card only when somebody wants it there.
async fn save(
    State(platform): State<Shared>,
    language: Language,
    Words(token): Words<String>,
) -> Result<Response, Refusal> {
    let question = wire::SavePassRequest { token, language: language.0.as_str().into() };
    let answer = platform.wallet_pass().save_pass(question).await?.into_inner();
    let mut response = Redirect::to(&answer.save_url).into_response();
    response.headers_mut().insert(header::CACHE_CONTROL, NOT_KEPT);
    Ok(response)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Drawn {
    #[serde(default)]
    scale: Option<i32>,
}

async fn art(
    State(platform): State<Shared>,
    Words((program_id, _fingerprint, name)): Words<(String, String, String)>,
    Query(drawn): Query<Drawn>,
) -> Result<Response, Refusal> {
    let part = name.strip_suffix(".png").and_then(|name| name.rsplit_once('-'));
    let (kind, stamps) = part.ok_or_else(|| Refusal::new(Slug::NotFound))?;
    let question = wire::GetArtRequest {
        program_id,
        kind: kind.to_owned(),
        stamps: stamps.parse().map_err(|_| Refusal::new(Slug::NotFound))?,
        scale: drawn.scale.unwrap_or_default(),
    };
    let answer = platform.wallet_pass().get_art(question).await?.into_inner();
    Ok(file(answer.png, PNG, KEPT))
}

async fn google_callback(
    State(platform): State<Shared>,
    Raw(body): Raw<CALLBACK_BYTES>,
) -> Result<StatusCode, Refusal> {
    let question = wire::TakeGoogleCallbackRequest { body: body.to_vec() };
    platform.wallet_pass().take_google_callback(question).await?;
    Ok(StatusCode::OK)
}

pub(super) fn file(bytes: Vec<u8>, kind: HeaderValue, kept: HeaderValue) -> Response {
    let mut response = Response::new(Body::from(Bytes::from(bytes)));
    response.headers_mut().insert(header::CONTENT_TYPE, kind);
    response.headers_mut().insert(header::CACHE_CONTROL, kept);
    response
}

fn http_date(at: DateTime<Utc>) -> HeaderValue {
    HeaderValue::try_from(at.format(HTTP_DATE).to_string()).unwrap_or(HeaderValue::from_static(""))
}

/// Where a card can be put into a wallet.
#[derive(Clone, Debug, Default)]
pub(crate) struct WalletUrls {
    pub(crate) apple: Option<String>,
    pub(crate) google: Option<String>,
    /// All her cards at once, and how many they are.
    pub(crate) bundle: Option<(String, i32)>,
    /// What her browser subscribes to notices with.
    pub(crate) push_key: Option<String>,
}

impl Platform {
    /// The links of a card. A wallet service that is away costs the buttons and nothing else.
    pub(crate) async fn wallet_urls(
        &self,
        question: Result<tonic::Request<wire::GetPassLinksRequest>, Refusal>,
        public_url: &str,
    ) -> WalletUrls {
        let links =
            async { Ok::<_, Refusal>(self.wallet_pass().get_pass_links(question?).await?.into_inner()) };
        match links.await {
            Ok(links) => {
                let url = |way: &str, token: String| {
                    (!token.is_empty()).then(|| format!("{public_url}/wallet/{way}/{token}"))
                };
                let bundle = (links.bundle_cards > 1).then(|| links.apple_token.clone());
                WalletUrls {
                    bundle: bundle.and_then(|token| Some((url("bundles", token)?, links.bundle_cards))),
                    apple: url("passes", links.apple_token),
                    google: url("google", links.google_token),
                    push_key: some(links.web_push_key),
                }
            }
            Err(refusal) => {
                tracing::debug!(slug = refusal.slug.as_str(), "a card without its wallets");
                WalletUrls::default()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_written_as_http_writes_it_and_read_back() {
        let at = DateTime::from_timestamp(1_790_000_000, 0).unwrap();
        let written = http_date(at);
        assert_eq!(written, "Mon, 21 Sep 2026 14:13:20 GMT");
        assert_eq!(DateTime::parse_from_rfc2822(written.to_str().unwrap()).unwrap(), at);
    }
}
