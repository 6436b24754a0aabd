use aws_lc_rs::agreement::{ECDH_P256, PrivateKey};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::Utc;
use fakes::webpush::{Browser, Fault, WebPush};
use reqwest::{Client, RequestBuilder};
use serde_json::{Value, json};

const KEY: &str = "yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw";

/// A sender as the standards want it, whose every part can be made wrong.
struct Sender {
    key: EcdsaKeyPair,
    public: String,
}

impl Sender {
    fn new() -> Self {
        let private = URL_SAFE_NO_PAD.decode(KEY).unwrap();
        let public =
            PrivateKey::from_private_key(&ECDH_P256, &private).unwrap().compute_public_key().unwrap();
        let algorithm = &ECDSA_P256_SHA256_FIXED_SIGNING;
        let key =
            EcdsaKeyPair::from_private_key_and_public_key(algorithm, &private, public.as_ref()).unwrap();
        Self { key, public: URL_SAFE_NO_PAD.encode(public.as_ref()) }
    }

    fn claims(&self, service: &WebPush) -> Value {
        json!({ "aud": service.url(), "exp": Utc::now().timestamp() + 3_600, "sub": "mailto:a@b.pe" })
    }

    fn authorization(&self, claims: &Value) -> String {
        let head = URL_SAFE_NO_PAD.encode(r#"{"typ":"JWT","alg":"ES256"}"#);
        let signed = format!("{head}.{}", URL_SAFE_NO_PAD.encode(claims.to_string()));
        let signature = self.key.sign(&SystemRandom::new(), signed.as_bytes()).unwrap();
        format!("vapid t={signed}.{}, k={}", URL_SAFE_NO_PAD.encode(signature), self.public)
    }

    fn push(&self, browser: &Browser, authorization: &str) -> RequestBuilder {
        let request = Client::new().post(browser.endpoint()).header("authorization", authorization);
        request.header("content-encoding", "aes128gcm").body("x")
    }
}

async fn status(request: RequestBuilder) -> u16 {
    request.send().await.unwrap().status().as_u16()
}

#[tokio::test]
async fn a_message_is_taken_from_the_key_that_the_browser_subscribed_with_and_no_other() {
    let (service, sender) = (WebPush::start().await.unwrap(), Sender::new());
    let (hers, other) = (service.subscribe(&sender.public), service.subscribe("another"));
    let good = sender.claims(&service);
    let with = |name: &str, value: Value| {
        let mut claims = good.clone();
        claims[name] = value;
        sender.authorization(&claims)
    };
    let now = Utc::now().timestamp();
    for authorization in [
        "Bearer x".to_owned(),
        "vapid t=x, k=x".to_owned(),
        with("aud", json!("https://fcm.googleapis.com")),
        with("exp", json!(now - 1)),
        with("exp", json!(now + 25 * 3_600)),
        with("sub", json!("a@b.pe")),
        with("sub", Value::Null),
    ] {
        let request = sender.push(&hers, &authorization).header("ttl", 60);
        assert_eq!(status(request).await, 401, "{authorization}");
    }
    let authorization = sender.authorization(&good);
    let (head, tail) = authorization.rsplit_once(", k=").unwrap();
    let forged = format!("{}A, k={tail}", &head[..head.len() - 1]);
    let forged = if forged == authorization { forged.replace("A, k=", "Q, k=") } else { forged };
    assert_ne!(status(sender.push(&hers, &forged).header("ttl", 60)).await, 201, "a signature of nobody's");
    assert_eq!(status(sender.push(&other, &authorization).header("ttl", 60)).await, 403);
    let mistakes = service.mistakes().len();
    assert_eq!(status(sender.push(&hers, &authorization).header("ttl", 60)).await, 201);
    assert_eq!(service.mistakes().len(), mistakes);
    assert!(hers.notices().is_empty(), "what was not encrypted for her is shown");
}

#[tokio::test]
async fn a_message_that_is_written_otherwise_than_the_standards_say_is_refused() {
    let (service, sender) = (WebPush::start().await.unwrap(), Sender::new());
    let browser = service.subscribe(&sender.public);
    let push = || sender.push(&browser, &sender.authorization(&sender.claims(&service)));
    assert_eq!(status(push()).await, 400, "no TTL");
    assert_eq!(status(push().header("ttl", "soon")).await, 400);
    assert_eq!(status(push().header("ttl", 60).header("urgency", "at once")).await, 400);
    assert_eq!(status(push().header("ttl", 60).header("topic", "x".repeat(33))).await, 400);
    assert_eq!(status(push().header("ttl", 60).body(vec![0_u8; 4_097])).await, 413);
    assert_eq!(status(push().header("ttl", 60).body(vec![0_u8; 4_096])).await, 201);
    let stranger = Client::new().post(format!("{}/push/nobody", service.url()));
    assert_eq!(status(stranger).await, 404);
    browser.unsubscribe();
    assert_eq!(status(push().header("ttl", 60)).await, 410);
}

#[tokio::test]
async fn what_goes_wrong_goes_wrong_as_it_was_asked() {
    let (service, sender) = (WebPush::start().await.unwrap(), Sender::new());
    let browser = service.subscribe(&sender.public);
    let push = || sender.push(&browser, &sender.authorization(&sender.claims(&service))).header("ttl", 60);
    service.fault_next(Fault::Status(503));
    service.fault_next(Fault::TooMany { retry_after: 7 });
    assert_eq!(status(push()).await, 503);
    let too_many = push().send().await.unwrap();
    assert_eq!((too_many.status().as_u16(), too_many.headers()["retry-after"].to_str().unwrap()), (429, "7"));
    service.fault_always(Fault::Status(500));
    assert_eq!((status(push()).await, status(push()).await), (500, 500));
    service.heal();
    assert_eq!(status(push()).await, 201);
    let told: Vec<u16> = service.until_pushes(5).await.unwrap().iter().map(|push| push.status).collect();
    assert_eq!(told, [503, 429, 500, 500, 201]);
}

#[tokio::test]
async fn a_browser_reads_the_example_of_the_standard_only_with_its_own_keys() {
    let body = "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3j\
                l7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN";
    let body = URL_SAFE_NO_PAD.decode(body).unwrap();
    let hers =
        Browser::with_keys("q1dXpw3UpT5VOmu_cf_v6ih07Aems3njxI-JWgLcM94", "BTBZMqHH6r4Tts7J_aSIgg").unwrap();
    assert_eq!(
        hers.p256dh(),
        "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"
    );
    assert_eq!(hers.decrypt(&body).unwrap(), b"When I grow up, I want to be a watermelon");
    assert!(Browser::alone().decrypt(&body).is_err());
    for short in 0..body.len() {
        assert!(hers.decrypt(&body[..short]).is_err(), "{short} bytes of it");
    }
}
