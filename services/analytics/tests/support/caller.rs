//! Callers with tokens, signed by a key made for the test.

use std::sync::Arc;

use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use boot::auth::{AUDIENCE, Claims, ISSUER, Verifier};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use kernel::{ApiKeyId, BusinessId, CardId, CustomerId, MemberId, Principal, Role};

pub(crate) struct Callers {
    pub(crate) verifier: Arc<Verifier>,
    key: EncodingKey,
}

impl Callers {
    pub(crate) fn new() -> Self {
        boot::install_crypto();
        let pair = Ed25519KeyPair::generate().unwrap();
        let point = URL_SAFE_NO_PAD.encode(pair.public_key().as_ref());
        let jwks = serde_json::json!({"keys": [
            {"kty": "OKP", "crv": "Ed25519", "alg": "EdDSA", "use": "sig", "kid": "test", "x": point}
        ]});
        Self {
            verifier: Arc::new(Verifier::with_keys(&jwks.to_string()).unwrap()),
            key: EncodingKey::from_ed_der(pair.to_pkcs8v1().unwrap().as_ref()),
        }
    }

    /// A call by this caller.
    pub(crate) fn request<T>(&self, caller: Principal, message: T) -> tonic::Request<T> {
        let now = chrono::Utc::now().timestamp();
        let claims = Claims {
            iss: ISSUER.into(),
            aud: AUDIENCE.into(),
            iat: now,
            exp: now + 600,
            family: None,
            principal: caller,
        };
        let header = Header { kid: Some("test".into()), ..Header::new(Algorithm::EdDSA) };
        let token = jsonwebtoken::encode(&header, &claims, &self.key).unwrap();
        boot::auth::with_bearer(message, &token).unwrap()
    }
}

pub(crate) fn member(business: BusinessId, role: Role) -> Principal {
    Principal::Member { business, member: MemberId::generate(), role, device: None, location: None }
}

pub(crate) fn owner(business: BusinessId) -> Principal {
    member(business, Role::Owner)
}

pub(crate) fn api_key(business: BusinessId) -> Principal {
    Principal::ApiKey { business, key: ApiKeyId::generate() }
}

pub(crate) fn card_holder(business: BusinessId) -> Principal {
    Principal::CardHolder { business, customer: CustomerId::generate(), card: CardId::generate() }
}

pub(crate) fn service() -> Principal {
    Principal::Service { name: "gateway".into() }
}
