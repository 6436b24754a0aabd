//! Who is calling. A handler asks for what proves the caller as an argument, so that authorisation is hard to forget:
//! [`Caller`] for anyone with a token, [`HolderToken`] and [`DeviceToken`] for those two tokens themselves.
//!
//! The gateway verifies tokens to refuse early and to limit by business; the services decide who may do what, from
//! the same token, which travels on in the call's `authorization`.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::{FromRequestParts, OptionalFromRequestParts};
use boot::auth::Claims;
use http::request::Parts;
use http::{HeaderMap, HeaderValue, header};
use kernel::{BusinessId, Locale, Principal};
use moka::sync::Cache;
use proto::enrollment::{ExchangeApiKeyRequest, ExchangeHolderTokenRequest};
use tonic::metadata::MetadataMap;

use crate::error::{Refusal, Slug};
use crate::platform::{Platform, Shared};

/// How long an exchanged holder token or key is believed: the longest a revoked one goes on working.
const EXCHANGED_FOR: Duration = Duration::from_secs(60);
/// Exchanged tokens remembered.
const EXCHANGED: u64 = 50_000;
/// Longer than any token of ours; what is longer is refused unread.
const LONGEST_TOKEN: usize = 4_096;

/// Somebody whose token was verified.
#[derive(Clone)]
pub(crate) struct Caller {
    claims: Arc<Claims>,
    /// `Bearer …`, as it goes on to the services.
    authorization: HeaderValue,
    locale: Locale,
}

/// A holder token as the customer's phone sent it.
pub(crate) struct HolderToken(pub(crate) String);

/// A device token as the till sent it.
pub(crate) struct DeviceToken(pub(crate) String);

/// The language the caller reads.
#[derive(Clone, Copy)]
pub(crate) struct Language(pub(crate) Locale);

/// Tokens of other kinds, exchanged for access tokens by enrollment and kept for a minute.
pub(crate) struct Exchanged(Cache<(Scheme, Box<str>), (Arc<Claims>, HeaderValue)>);

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Scheme {
    Bearer,
    Card,
    ApiKey,
    Device,
}

impl Caller {
    /// Who it is.
    pub(crate) fn principal(&self) -> &Principal {
        &self.claims.principal
    }

    /// When the token ends, in seconds since 1970.
    pub(crate) fn ends_at(&self) -> i64 {
        self.claims.exp
    }

    /// The caller's business; operators and services have none and are refused where one is needed.
    pub(crate) fn business(&self) -> Result<BusinessId, Refusal> {
        self.principal().business().ok_or_else(|| Refusal::new(Slug::Forbidden))
    }

    /// A call to a service in the caller's name and language.
    pub(crate) fn request<T>(&self, message: T) -> tonic::Request<T> {
        let mut headers = HeaderMap::with_capacity(4);
        headers.insert(header::AUTHORIZATION, self.authorization.clone());
        headers.insert(header::ACCEPT_LANGUAGE, HeaderValue::from_static(self.locale.as_str()));
        tonic::Request::from_parts(MetadataMap::from_headers(headers), tonic::Extensions::default(), message)
    }
}

impl Language {
    /// The language that a request asks for.
    pub(crate) fn of(headers: &HeaderMap) -> Self {
        let asked = headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
        Self(asked.map(Locale::from_accept_language).unwrap_or_default())
    }

    /// A call to a service by nobody in particular, in this language.
    pub(crate) fn request<T>(self, message: T) -> tonic::Request<T> {
        let mut headers = HeaderMap::with_capacity(2);
        headers.insert(header::ACCEPT_LANGUAGE, HeaderValue::from_static(self.0.as_str()));
        tonic::Request::from_parts(MetadataMap::from_headers(headers), tonic::Extensions::default(), message)
    }
}

impl Default for Exchanged {
    fn default() -> Self {
        Self(Cache::builder().max_capacity(EXCHANGED).time_to_live(EXCHANGED_FOR).build())
    }
}

fn refused() -> Refusal {
    Refusal::new(Slug::Unauthenticated)
}

/// The scheme and the token of an `Authorization` header; `None` where there is no header.
fn presented(headers: &HeaderMap) -> Result<Option<(Scheme, &str)>, Refusal> {
    let Some(value) = headers.get(header::AUTHORIZATION) else { return Ok(None) };
    let (scheme, token) = value.to_str().ok().and_then(|text| text.split_once(' ')).ok_or_else(refused)?;
    let scheme = [
        ("Bearer", Scheme::Bearer),
        ("Card", Scheme::Card),
        ("ApiKey", Scheme::ApiKey),
        ("Device", Scheme::Device),
    ]
    .into_iter()
    .find(|(name, _)| name.eq_ignore_ascii_case(scheme))
    .ok_or_else(refused)?
    .1;
    let token = token.trim();
    if token.is_empty() || token.len() > LONGEST_TOKEN { Err(refused()) } else { Ok(Some((scheme, token))) }
}

fn bearer(token: &str) -> Result<HeaderValue, Refusal> {
    HeaderValue::try_from(format!("Bearer {token}")).map_err(|_| refused())
}

impl Platform {
    /// The caller that an access token proves.
    pub(crate) async fn caller_by_token(&self, token: &str, locale: Locale) -> Result<Caller, Refusal> {
        let claims = self.verifier.verify(token).await?;
        Ok(Caller { claims, authorization: bearer(token)?, locale })
    }

    /// The caller that a card's holder token proves.
    pub(crate) async fn caller_by_holder_token(
        &self,
        token: &str,
        locale: Locale,
    ) -> Result<Caller, Refusal> {
        self.exchange(Scheme::Card, token, locale).await
    }

    async fn exchange(&self, scheme: Scheme, token: &str, locale: Locale) -> Result<Caller, Refusal> {
        let key = (scheme, Box::from(token));
        if let Some((claims, authorization)) = self.exchanged.0.get(&key)
            && claims.exp > chrono::Utc::now().timestamp()
        {
            return Ok(Caller { claims, authorization, locale });
        }
        let access_token = match scheme {
            Scheme::Bearer | Scheme::Device => return Err(refused()),
            Scheme::Card => {
                let question = ExchangeHolderTokenRequest { holder_token: token.to_owned() };
                self.auth().exchange_holder_token(question).await?.into_inner().access_token
            }
            Scheme::ApiKey => {
                let question = ExchangeApiKeyRequest { api_key: token.to_owned() };
                self.auth().exchange_api_key(question).await?.into_inner().access_token
            }
        };
        let caller = self.caller_by_token(&access_token, locale).await?;
        self.exchanged.0.insert(key, (Arc::clone(&caller.claims), caller.authorization.clone()));
        Ok(caller)
    }
}

impl FromRequestParts<Shared> for Caller {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, platform: &Shared) -> Result<Self, Refusal> {
        let locale = Language::of(&parts.headers).0;
        let (scheme, token) = presented(&parts.headers)?.ok_or_else(refused)?;
        let caller = match scheme {
            Scheme::Bearer => {
                let claims = platform.verifier.verify(token).await?;
                // The header is what the services want to see already, unless somebody wrote `bearer`.
                let given = parts
                    .headers
                    .get(header::AUTHORIZATION)
                    .filter(|value| value.as_bytes().starts_with(b"Bearer "));
                let authorization = given.cloned().map_or_else(|| bearer(token), Ok)?;
                Self { claims, authorization, locale }
            }
            Scheme::Card | Scheme::ApiKey => platform.exchange(scheme, token, locale).await?,
            Scheme::Device => return Err(refused()),
        };
        if let Some(business) = caller.principal().business() {
            platform.limits.business(business)?;
        }
        Ok(caller)
    }
}

impl OptionalFromRequestParts<Shared> for HolderToken {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, _: &Shared) -> Result<Option<Self>, Refusal> {
        match presented(&parts.headers)? {
            None => Ok(None),
            Some((Scheme::Card, token)) => Ok(Some(Self(token.to_owned()))),
            Some((Scheme::Bearer | Scheme::ApiKey | Scheme::Device, _)) => Err(refused()),
        }
    }
}

impl FromRequestParts<Shared> for DeviceToken {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, _: &Shared) -> Result<Self, Refusal> {
        match presented(&parts.headers)? {
            Some((Scheme::Device, token)) => Ok(Self(token.to_owned())),
            Some((Scheme::Bearer | Scheme::Card | Scheme::ApiKey, _)) | None => Err(refused()),
        }
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Language {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Refusal> {
        Ok(Self::of(&parts.headers))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(value: &'static str) -> HeaderMap {
        HeaderMap::from_iter([(header::AUTHORIZATION, HeaderValue::from_static(value))])
    }

    #[test]
    fn the_four_schemes_are_read_and_no_other() {
        assert_eq!(presented(&header("Bearer a.b.c")).unwrap(), Some((Scheme::Bearer, "a.b.c")));
        assert_eq!(presented(&header("card xyz")).unwrap(), Some((Scheme::Card, "xyz")));
        assert_eq!(presented(&HeaderMap::new()).unwrap(), None);
        for bad in ["Basic abc", "Bearer", "Bearer ", "", "abc"] {
            assert!(presented(&header(bad)).is_err(), "{bad}");
        }
    }
}
