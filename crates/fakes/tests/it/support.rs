//! What the tests have in common: certificates, tokens, and a caller for each server.

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{RSA_PKCS1_SHA256, RsaKeyPair};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use chrono::Utc;
use fakes::apns::Apns;
use fakes::google::{Google, ISSUER_ID, ServiceAccount};
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};
use reqwest::{Certificate, Client, Identity, Response};
use serde_json::{Value, json};

pub(crate) const PASS_TYPE: &str = "pass.pe.sello.card";

/// Who signs the certificates of pass types.
pub(crate) struct Authority {
    pub(crate) pem: String,
    issuer: Issuer<'static, KeyPair>,
}

impl Authority {
    pub(crate) fn new() -> Self {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.distinguished_name.push(DnType::CommonName, "Test WWDR");
        let key = KeyPair::generate().unwrap();
        let pem = params.self_signed(&key).unwrap().pem();
        Self { pem, issuer: Issuer::new(params, key) }
    }

    /// A key and a certificate for a pass type, as one PEM.
    pub(crate) fn pass_identity(&self, pass_type: &str) -> String {
        let mut params = CertificateParams::default();
        params
            .distinguished_name
            .push(DnType::CustomDnType(vec![0, 9, 2342, 19_200_300, 100, 1, 1]), pass_type);
        params.distinguished_name.push(DnType::CommonName, format!("Pass Type ID: {pass_type}"));
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        format!("{}{}", key.serialize_pem(), certificate.pem())
    }
}

/// A provider's client, set up as ours is.
pub(crate) fn provider(apns: &Apns, identity_pem: Option<&str>) -> Client {
    let authority = Certificate::from_pem(apns.authority_pem().as_bytes()).unwrap();
    let mut builder = Client::builder().no_proxy().http2_prior_knowledge().tls_certs_only([authority]);
    if let Some(pem) = identity_pem {
        builder = builder.identity(Identity::from_pem(pem.as_bytes()).unwrap());
    }
    builder.build().unwrap()
}

pub(crate) async fn push(client: &Client, apns: &Apns, token: &str) -> reqwest::Result<Response> {
    client
        .post(format!("{}/3/device/{token}", apns.url()))
        .header("apns-topic", PASS_TYPE)
        .header("apns-push-type", "background")
        .header("apns-priority", "5")
        .body("{}")
        .send()
        .await
}

/// A JWT signed by this PKCS#8 key, made without the library that reads it.
pub(crate) fn sign_jwt(private_key_pem: &str, claims: &Value) -> String {
    let text: String = private_key_pem.lines().filter(|line| !line.starts_with('-')).collect();
    let pair = RsaKeyPair::from_pkcs8(&STANDARD.decode(text).unwrap()).unwrap();
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let said = format!("{}.{}", part(&json!({ "alg": "RS256", "typ": "JWT" })), part(claims));
    let mut signature = vec![0; pair.public_modulus_len()];
    pair.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), said.as_bytes(), &mut signature).unwrap();
    format!("{said}.{}", URL_SAFE_NO_PAD.encode(signature))
}

pub(crate) fn assertion(account: &ServiceAccount) -> Value {
    let now = Utc::now().timestamp();
    json!({
        "iss": account.email, "scope": "https://www.googleapis.com/auth/wallet_object.issuer",
        "aud": "https://oauth2.googleapis.com/token", "iat": now, "exp": now + 3_600,
    })
}

/// A caller of the wallet with a token.
pub(crate) struct Caller {
    http: Client,
    pub(crate) base: String,
    pub(crate) token: String,
}

impl Caller {
    pub(crate) async fn new(google: &Google) -> Self {
        let account = google.service_account();
        let (status, body) =
            ask_for_token(google, &sign_jwt(&account.private_key_pem, &assertion(account))).await;
        assert_eq!((status, &body["expires_in"]), (200, &json!(3_600)));
        Self {
            http: Client::builder().no_proxy().build().unwrap(),
            base: format!("{}/walletobjects/v1", google.url()),
            token: body["access_token"].as_str().unwrap().to_owned(),
        }
    }

    pub(crate) async fn call(&self, method: &str, path: &str, body: Value) -> (u16, Value) {
        let request = self
            .http
            .request(method.parse().unwrap(), format!("{}/{path}", self.base))
            .bearer_auth(&self.token)
            .timeout(std::time::Duration::from_secs(2));
        let request = if body.is_null() { request } else { request.json(&body) };
        match request.send().await {
            Ok(answer) => (answer.status().as_u16(), answer.json().await.unwrap()),
            Err(error) => {
                assert!(error.is_timeout(), "{error}");
                (0, Value::Null)
            }
        }
    }
}

pub(crate) async fn ask_for_token(google: &Google, assertion: &str) -> (u16, Value) {
    let account: Value = serde_json::from_str(&google.service_account().json).unwrap();
    let body =
        format!("grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer&assertion={assertion}");
    let answer = Client::builder()
        .no_proxy()
        .build()
        .unwrap()
        .post(account["token_uri"].as_str().unwrap())
        .header("content-type", "application/x-www-form-urlencoded")
        .body(body)
        .send()
        .await
        .unwrap();
    (answer.status().as_u16(), answer.json().await.unwrap())
}

pub(crate) fn id(suffix: &str) -> String {
    format!("{ISSUER_ID}.{suffix}")
}

pub(crate) fn class() -> Value {
    json!({
        "id": id("program"), "issuerName": "Café Central", "programName": "Sellos", "reviewStatus": "UNDER_REVIEW",
        "programLogo": { "sourceUri": { "uri": "https://sello.pe/logo.png" } }, "hexBackgroundColor": "#3a2b1c",
        "multipleDevicesAndHoldersAllowedStatus": "ONE_USER_ALL_DEVICES", "countryCode": "PE",
    })
}

pub(crate) fn object() -> Value {
    json!({
        "id": id("card"), "classId": id("program"), "state": "ACTIVE", "accountName": "Ana", "accountId": "A-1",
        "loyaltyPoints": { "label": "Sellos", "balance": { "string": "3/10" } },
        "barcode": { "type": "QR_CODE", "value": "code", "alternateText": "A-1" },
        "heroImage": { "sourceUri": { "uri": "https://sello.pe/3.png" } },
    })
}

/// A wallet with one class and one card in it.
pub(crate) async fn with_card(google: &Google, class: Value, object: Value) -> Caller {
    let caller = Caller::new(google).await;
    let inserted = caller.call("POST", "loyaltyClass", class).await;
    assert_eq!(inserted.0, 200, "{}", inserted.1);
    let inserted = caller.call("POST", "loyaltyObject", object).await;
    assert_eq!(inserted.0, 200, "{}", inserted.1);
    caller
}

pub(crate) fn save_claims(google: &Google) -> Value {
    json!({
        "iss": google.service_account().email, "aud": "google", "typ": "savetowallet",
        "iat": Utc::now().timestamp(), "origins": [],
        "payload": { "loyaltyObjects": [{ "id": id("card"), "classId": id("program") }] },
    })
}

pub(crate) fn save_link(google: &Google, claims: &Value) -> String {
    let jwt = sign_jwt(&google.service_account().private_key_pem, claims);
    format!("https://pay.google.com/gp/v/save/{jwt}")
}
