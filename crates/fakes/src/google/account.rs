use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der};
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::KeyPair as _;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use serde::Deserialize;
use serde_json::{Value, json};

use super::StartError;

/// What a wallet's token may be used for.
pub(super) const SCOPE: &str = "https://www.googleapis.com/auth/wallet_object.issuer";
/// Google's own token address; it is taken as audience as well as the fake's.
const REAL_TOKEN_URI: &str = "https://oauth2.googleapis.com/token";
/// The longest an assertion may be good for.
const LONGEST_ASSERTION_SECONDS: i64 = 3_600;
/// How far the clocks of caller and server may lie apart.
const CLOCK_DRIFT_SECONDS: i64 = 60;

/// A service account made for one fake: the key file to configure, and what is in it.
#[derive(Clone, Debug)]
pub struct ServiceAccount {
    /// The file as Google hands it out.
    pub json: String,
    /// Its `client_email`, the issuer of assertions and save links.
    pub email: String,
    /// Its private key, PKCS#8 in PEM.
    pub private_key_pem: String,
}

/// The account and what proves that it signed.
pub(super) struct Account {
    pub(super) public: ServiceAccount,
    key: DecodingKey,
    token_uri: String,
}

#[derive(Deserialize)]
struct Assertion {
    scope: String,
    iat: i64,
    exp: i64,
}

impl Account {
    pub(super) fn new(base: &str) -> Result<Self, StartError> {
        let pair = KeyPair::generate(KeySize::Rsa2048).map_err(|_| StartError::Key)?;
        let private: Pkcs8V1Der<'_> = pair.as_der().map_err(|_| StartError::Key)?;
        let private_key_pem = pem("PRIVATE KEY", private.as_ref());
        let email = "sello@fake-project.iam.gserviceaccount.com".to_owned();
        let token_uri = format!("{base}/token");
        let file = json!({
            "type": "service_account",
            "project_id": "fake-project",
            "private_key_id": hex::encode(rand::random::<[u8; 20]>()),
            "private_key": private_key_pem,
            "client_email": email,
            "client_id": "100000000000000000001",
            "auth_uri": "https://accounts.google.com/o/oauth2/auth",
            "token_uri": token_uri,
            "auth_provider_x509_cert_url": "https://www.googleapis.com/oauth2/v1/certs",
            "client_x509_cert_url": format!("{base}/robot/v1/metadata/x509/{email}"),
            "universe_domain": "googleapis.com",
        });
        let key = DecodingKey::from_rsa_der(pair.public_key().as_ref());
        Ok(Self {
            public: ServiceAccount { json: format!("{file:#}"), email, private_key_pem },
            key,
            token_uri,
        })
    }

    /// What an assertion says, if this account signed it and it is good now.
    pub(super) fn check_assertion(&self, jwt: &str, now: i64) -> Result<(), &'static str> {
        let mut rules = self.rules();
        rules.set_audience(&[self.token_uri.as_str(), REAL_TOKEN_URI]);
        rules.set_required_spec_claims(&["iss", "aud", "exp"]);
        let claims = jsonwebtoken::decode::<Assertion>(jwt, &self.key, &rules)
            .map_err(|error| {
                tracing::debug!(%error, "an assertion was refused");
                "Invalid JWT Signature."
            })?
            .claims;
        if claims.scope.split(' ').all(|scope| scope != SCOPE) {
            return Err("Invalid OAuth scope or ID token audience provided.");
        }
        let is_short = claims.exp - claims.iat <= LONGEST_ASSERTION_SECONDS;
        let is_now = claims.iat <= now + CLOCK_DRIFT_SECONDS && claims.exp > now;
        if !is_short || !is_now {
            return Err("Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable \
                        timeframe. Check your iat and exp values in the JWT claim.");
        }
        Ok(())
    }

    /// What a save link says, if this account signed it.
    pub(super) fn read_save_link(&self, jwt: &str) -> Result<Value, String> {
        let mut rules = self.rules();
        rules.set_audience(&["google"]);
        rules.set_required_spec_claims(&["iss", "aud"]);
        jsonwebtoken::decode(jwt, &self.key, &rules)
            .map(|token| token.claims)
            .map_err(|error| error.to_string())
    }

    fn rules(&self) -> Validation {
        let mut rules = Validation::new(Algorithm::RS256);
        rules.set_issuer(&[&self.public.email]);
        // Times are judged by the fake's own clock, which tests can move.
        rules.validate_exp = false;
        rules
    }
}

fn pem(label: &str, der: &[u8]) -> String {
    let text = STANDARD.encode(der);
    let mut out = format!("-----BEGIN {label}-----\n");
    let mut rest = text.as_str();
    while !rest.is_empty() {
        let (line, more) = rest.split_at(rest.len().min(64));
        out.push_str(line);
        out.push('\n');
        rest = more;
    }
    out.push_str(&format!("-----END {label}-----\n"));
    out
}
