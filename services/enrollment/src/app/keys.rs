//! The keys that sign, as this replica knows them.

use std::sync::Arc;

use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use boot::auth::{AUDIENCE, Claims, ISSUER, Verifier};
use chrono::{DateTime, Utc};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use kernel::{Clock, Principal};
use serde_json::json;
use sqlx::PgPool;
use tokio::sync::RwLock;
use uuid::Uuid;

use crate::Error;
use crate::app::ACCESS_LIFE;
use crate::domain::keys;
use crate::domain::token::ServerSecret;
use crate::store;
use crate::store::key::SigningKey;

/// Hands out the keys; reads them when first needed and whenever told to.
pub struct Keys {
    pool: PgPool,
    clock: Clock,
    held: RwLock<Option<Arc<Ring>>>,
}

/// All keys at one moment.
pub struct Ring {
    signer: (String, EncodingKey),
    ids: Vec<String>,
    /// The public keys, as others ask for them.
    pub jwks_json: String,
    /// Checks tokens signed by any of the keys.
    pub verifier: Verifier,
    /// The secret of this deployment.
    pub secret: ServerSecret,
}

impl Keys {
    /// No key is read yet: a service starts while its database is away.
    pub fn new(pool: PgPool, clock: Clock) -> Self {
        Self { pool, clock, held: RwLock::default() }
    }

    /// The keys.
    pub async fn ring(&self) -> Result<Arc<Ring>, Error> {
        if let Some(ring) = self.held.read().await.as_ref() {
            return Ok(Arc::clone(ring));
        }
        self.reload().await
    }

    /// Reads the keys anew; makes the first, and the next when it is due, whichever replica comes first.
    pub async fn reload(&self) -> Result<Arc<Ring>, Error> {
        let now = self.clock.now();
        let mut tx = self.pool.begin().await?;
        let mut all = store::key::all(&mut *tx).await?;
        if needs_tending(&all, now) {
            store::key::lock(&mut tx).await?;
            all = tend(&mut tx, now).await?;
        }
        let secret = store::key::secret(&mut tx, &ServerSecret::generate_bytes()).await?;
        tx.commit().await?;
        let mut held = self.held.write().await;
        let fresh = Ring::new(&all, &secret, now)?;
        // The old ring remembers which tokens it has verified; it stays while nothing changed.
        if let Some(ring) =
            held.as_ref().filter(|ring| ring.ids == fresh.ids && ring.signer.0 == fresh.signer.0)
        {
            return Ok(Arc::clone(ring));
        }
        let fresh = Arc::new(fresh);
        *held = Some(Arc::clone(&fresh));
        Ok(fresh)
    }
}

fn made(all: &[SigningKey]) -> Vec<DateTime<Utc>> {
    all.iter().map(|key| key.made_at).collect()
}

fn needs_tending(all: &[SigningKey], now: DateTime<Utc>) -> bool {
    let made = made(all);
    let has_old = keys::gone_before(&made, now).is_some_and(|moment| made.iter().any(|at| *at < moment));
    keys::next_is_due(&made, now) || has_old
}

/// Makes and removes keys, under the lock.
async fn tend(tx: &mut sqlx::PgConnection, now: DateTime<Utc>) -> Result<Vec<SigningKey>, Error> {
    let made = made(&store::key::all(&mut *tx).await?);
    if keys::next_is_due(&made, now) {
        store::key::insert(&mut *tx, &generate(now)?).await?;
    }
    if let Some(moment) = keys::gone_before(&made, now) {
        store::key::delete_before(&mut *tx, moment).await?;
    }
    Ok(store::key::all(tx).await?)
}

fn generate(now: DateTime<Utc>) -> Result<SigningKey, Error> {
    let pair = Ed25519KeyPair::generate().map_err(Error::internal)?;
    Ok(SigningKey {
        id: Uuid::now_v7().simple().to_string(),
        private_key: pair.to_pkcs8().map_err(Error::internal)?.as_ref().to_vec(),
        public_key: pair.public_key().as_ref().to_vec(),
        made_at: now,
    })
}

impl Ring {
    fn new(all: &[SigningKey], secret: &[u8], now: DateTime<Utc>) -> Result<Self, Error> {
        let signer = keys::signer(&made(all), now).and_then(|place| all.get(place));
        let signer = signer.ok_or_else(|| Error::internal("no signing key"))?;
        let jwks: Vec<_> = all
            .iter()
            .map(|key| {
                json!({
                    "kty": "OKP", "crv": "Ed25519", "use": "sig", "alg": "EdDSA",
                    "kid": key.id, "x": URL_SAFE_NO_PAD.encode(&key.public_key),
                })
            })
            .collect();
        let jwks_json = json!({ "keys": jwks }).to_string();
        Ok(Self {
            signer: (signer.id.clone(), EncodingKey::from_ed_der(&signer.private_key)),
            ids: all.iter().map(|key| key.id.clone()).collect(),
            verifier: Verifier::with_keys(&jwks_json).map_err(Error::internal)?,
            jwks_json,
            secret: ServerSecret::new(secret),
        })
    }

    /// An access token for this principal; `family` where it can be refreshed.
    ///
    /// Tokens live by the machine's clock, as those who verify them do, even while a history is being made.
    pub fn sign(&self, principal: Principal, family: Option<Uuid>) -> Result<String, Error> {
        let now = Clock::System.now();
        let (id, key) = &self.signer;
        let header = Header { kid: Some(id.clone()), ..Header::new(Algorithm::EdDSA) };
        let claims = Claims {
            iss: ISSUER.into(),
            aud: AUDIENCE.into(),
            iat: now.timestamp(),
            exp: (now + ACCESS_LIFE).timestamp(),
            family,
            principal,
        };
        jsonwebtoken::encode(&header, &claims, key).map_err(Error::internal)
    }
}
