//! Tokens: what they say, how a service checks one by itself, and how a service gets one of its own.
//!
//! Enrollment alone signs (Ed25519, RFC 8037); every other service verifies by the public keys that enrollment hands
//! out, and caches what it has verified until the token ends.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant};

use jsonwebtoken::jwk::JwkSet;
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header};
use kernel::{Denied, Principal};
use proto::enrollment::auth_service_client::AuthServiceClient;
use proto::enrollment::{GetJwksRequest, IssueServiceTokenRequest};
use serde::{Deserialize, Serialize};
use tokio::sync::Mutex;
use tonic::metadata::MetadataMap;
use tonic::{Code, Request, Status};

use crate::{Link, Problem};

/// The `iss` of every token.
pub const ISSUER: &str = "sello";
/// The `aud` of every token.
pub const AUDIENCE: &str = "sello";

/// What a token says.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Claims {
    /// [`ISSUER`].
    pub iss: String,
    /// [`AUDIENCE`].
    pub aud: String,
    /// Issued at, in seconds since 1970.
    pub iat: i64,
    /// Ends at, in seconds since 1970.
    pub exp: i64,
    /// The family of refresh tokens it came from; absent for tokens that cannot be refreshed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub family: Option<uuid::Uuid>,
    /// Who bears it.
    pub principal: Principal,
}

/// Checks tokens. Cheap to share; one a process is enough.
pub struct Verifier {
    keys: RwLock<HashMap<String, DecodingKey>>,
    source: Option<Link>,
    /// When the keys were last asked for, so that forged key ids cannot make us ask again and again.
    asked: Mutex<Option<Instant>>,
    verified: moka::sync::Cache<String, Arc<Claims>>,
}

/// Tokens remembered as verified.
const REMEMBERED: u64 = 50_000;
/// The least time between two questions for keys.
const ASK_AGAIN_AFTER: Duration = Duration::from_secs(2);

impl Verifier {
    /// A verifier that asks enrollment for the keys when it meets one it does not know.
    pub fn new(enrollment: Link) -> Self {
        Self { source: Some(enrollment), ..Self::empty() }
    }

    /// A verifier with these keys (a JWKS document, RFC 7517) and no others.
    pub fn with_keys(jwks_json: &str) -> anyhow::Result<Self> {
        let verifier = Self::empty();
        verifier.learn(jwks_json)?;
        Ok(verifier)
    }

    fn empty() -> Self {
        Self {
            keys: RwLock::default(),
            source: None,
            asked: Mutex::default(),
            verified: moka::sync::Cache::new(REMEMBERED),
        }
    }

    fn learn(&self, jwks_json: &str) -> anyhow::Result<()> {
        let set: JwkSet = serde_json::from_str(jwks_json)?;
        let mut known = HashMap::new();
        for key in &set.keys {
            if let Some(id) = &key.common.key_id {
                known.insert(id.clone(), DecodingKey::from_jwk(key)?);
            }
        }
        *self.keys.write().unwrap_or_else(PoisonError::into_inner) = known;
        Ok(())
    }

    fn key(&self, id: &str) -> Option<DecodingKey> {
        self.keys.read().unwrap_or_else(PoisonError::into_inner).get(id).cloned()
    }

    async fn ask_for_keys(&self) -> Result<(), Status> {
        let Some(source) = &self.source else { return Ok(()) };
        let mut asked = self.asked.lock().await;
        if asked.is_some_and(|at| at.elapsed() < ASK_AGAIN_AFTER) {
            return Ok(());
        }
        let answer = AuthServiceClient::new(source.clone()).get_jwks(GetJwksRequest {}).await?;
        self.learn(&answer.into_inner().jwks_json).map_err(|error| crate::internal_status(error.as_ref()))?;
        *asked = Some(Instant::now());
        Ok(())
    }

    /// The claims of a token that is ours and has not ended.
    pub async fn verify(&self, token: &str) -> Result<Arc<Claims>, Status> {
        if let Some(claims) = self.verified.get(token) {
            if claims.exp > chrono::Utc::now().timestamp() {
                return Ok(claims);
            }
            self.verified.invalidate(token);
        }
        let id = decode_header(token).ok().and_then(|header| header.kid).ok_or_else(refused)?;
        let key = match self.key(&id) {
            Some(key) => key,
            None => {
                self.ask_for_keys().await?;
                self.key(&id).ok_or_else(refused)?
            }
        };
        let mut rules = Validation::new(Algorithm::EdDSA);
        rules.set_issuer(&[ISSUER]);
        rules.set_audience(&[AUDIENCE]);
        rules.leeway = 0;
        let claims = Arc::new(decode::<Claims>(token, &key, &rules).map_err(|_| refused())?.claims);
        self.verified.insert(token.to_owned(), Arc::clone(&claims));
        Ok(claims)
    }

    /// What the bearer token of a call says; `None` where the call bears none.
    pub async fn claims(&self, metadata: &MetadataMap) -> Result<Option<Arc<Claims>>, Status> {
        let Some(value) = metadata.get("authorization") else { return Ok(None) };
        let token = value.to_str().ok().and_then(|text| text.strip_prefix("Bearer ")).ok_or_else(refused)?;
        self.verify(token).await.map(Some)
    }

    /// Who is calling, by the `authorization` metadata of a call; [`Principal::Public`] where there is none.
    pub async fn caller(&self, metadata: &MetadataMap) -> Result<Principal, Status> {
        Ok(self.claims(metadata).await?.map_or(Principal::Public, |claims| claims.principal.clone()))
    }
}

/// The one answer to a token that is absent, forged, ended or of another deployment.
pub fn refused() -> Status {
    Problem::new("unauthenticated").status(Code::Unauthenticated)
}

/// The one answer to a caller who may not.
pub fn forbidden() -> Status {
    Problem::new("forbidden").status(Code::PermissionDenied)
}

/// The answer to a caller who is turned away.
pub fn denied(denied: Denied) -> Status {
    match denied {
        Denied::Unauthenticated => refused(),
        Denied::Forbidden => forbidden(),
    }
}

/// Puts a bearer token on a call.
pub fn with_bearer<T>(message: T, token: &str) -> Result<Request<T>, Status> {
    let mut request = Request::new(message);
    let value = format!("Bearer {token}").parse().map_err(|_| refused())?;
    request.metadata_mut().insert("authorization", value);
    Ok(request)
}

/// A service's own identity towards other services: a token that enrollment issues against the shared secret of the
/// deployment, fetched when first needed and again before it ends.
pub struct ServiceIdentity {
    name: &'static str,
    secret: String,
    enrollment: Link,
    held: Mutex<Option<(String, Instant)>>,
}

impl ServiceIdentity {
    /// The identity of the service `name`.
    pub fn new(name: &'static str, secret: String, enrollment: Link) -> Self {
        Self { name, secret, enrollment, held: Mutex::default() }
    }

    /// A token good for at least another minute.
    pub async fn token(&self) -> Result<String, Status> {
        let mut held = self.held.lock().await;
        if let Some((token, until)) = held.as_ref()
            && *until > Instant::now()
        {
            return Ok(token.clone());
        }
        let question = IssueServiceTokenRequest { service: self.name.into(), secret: self.secret.clone() };
        let answer =
            AuthServiceClient::new(self.enrollment.clone()).issue_service_token(question).await?.into_inner();
        let good_for = Duration::from_secs(u64::try_from(answer.expires_in).unwrap_or(0).saturating_sub(60));
        *held = Some((answer.access_token.clone(), Instant::now() + good_for));
        Ok(answer.access_token)
    }

    /// A call that bears this identity.
    pub async fn request<T>(&self, message: T) -> Result<Request<T>, Status> {
        with_bearer(message, &self.token().await?)
    }
}
