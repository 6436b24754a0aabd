use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{Api, Call, Shop};

/// The PIN of every stamper.
const PIN: &str = "4711";

/// A paired till with a stamper signed in on it.
pub struct Till {
    api: Api,
    /// The till.
    pub device: String,
    /// What it proves itself with.
    pub device_token: String,
    /// The stamper.
    pub member: String,
    /// Her PIN.
    pub pin: &'static str,
    /// Her access token.
    pub access: String,
    /// Her refresh token.
    pub refresh: String,
    key: EcdsaKeyPair,
}

/// A stamp that waits in a till's offline queue.
#[derive(Clone, Debug)]
pub struct Queued {
    /// The intent.
    pub operation: Uuid,
    /// Which card.
    pub code: String,
    /// How many.
    pub count: i64,
    /// When, by the till's own clock.
    pub occurred_at: DateTime<Utc>,
}

impl Queued {
    /// One stamp, now.
    pub fn now(code: &str) -> Self {
        Self { operation: Uuid::now_v7(), code: code.to_owned(), count: 1, occurred_at: Utc::now() }
    }
}

impl Till {
    /// Pairs a new till with the shop and signs a new stamper in on it.
    pub async fn open(shop: &Shop) -> Self {
        let (member, _) = shop.hire("stamper", Some(PIN)).await;
        let key = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).expect("a key");
        let pairing = shop.post("/devices").send().await.ok(201);
        let form = json!({
            "pairing_code": pairing["pairing_code"], "name": "Mostrador",
            "public_key": URL_SAFE_NO_PAD.encode(key.public_key().as_ref()),
        });
        let paired = shop.api.post("/devices/pair").json(&form).send().await.ok(201);
        let word = |value: &Value| value.as_str().expect("a text").to_owned();
        let mut till = Self {
            api: shop.api.clone(),
            device: word(&paired["device_id"]),
            device_token: word(&paired["device_token"]),
            member,
            pin: PIN,
            access: String::new(),
            refresh: String::new(),
            key,
        };
        let signed_in = till.enter(PIN).answered().await.ok(200);
        till.access = word(&signed_in["access_token"]);
        till.refresh = word(&signed_in["refresh_token"]);
        till
    }

    /// Her PIN is typed.
    pub fn enter(&self, pin: &str) -> Call {
        let form = json!({ "device_token": self.device_token, "member_id": self.member, "pin": pin });
        self.api.post("/auth/pin").json(&form)
    }

    /// The stamper asks.
    pub fn get(&self, path: &str) -> Call {
        self.api.get(path).bearer(&self.access)
    }

    /// The stamper does.
    pub fn post(&self, path: &str) -> Call {
        self.api.post(path).bearer(&self.access)
    }

    /// The camera reads a code.
    pub async fn scan(&self, code: &str) -> Value {
        self.post("/scans").json(&json!({ "code": code })).send().await.ok(201)
    }

    /// She stamps what was scanned.
    pub fn stamp(&self, scan: &Value, key: Uuid) -> Call {
        self.post("/stamps").key(key).json(&json!({ "scan_id": scan["scan_id"] }))
    }

    /// She hands a reward over to whoever was scanned.
    pub fn redeem(&self, reward: &str, scan: &Value, key: Uuid) -> Call {
        self.post(&format!("/rewards/{reward}/redeem")).key(key).json(&json!({ "scan_id": scan["scan_id"] }))
    }

    /// She takes a stamp back.
    pub fn void(&self, stamp: &str, key: Uuid) -> Call {
        self.post(&format!("/stamps/{stamp}/void")).key(key).json(&json!({ "reason": "Me equivoqué" }))
    }

    /// What the till sends when it is back online, its clock being right.
    pub fn batch(&self, queue: &[Queued]) -> Value {
        self.batch_at(Utc::now(), queue)
    }

    /// The same, of a till whose clock says this.
    pub fn batch_at(&self, device_time: DateTime<Utc>, queue: &[Queued]) -> Value {
        let operations: Vec<Value> = queue
            .iter()
            .map(|queued| {
                json!({
                    "operation_id": queued.operation, "code": queued.code, "count": queued.count,
                    "occurred_at": queued.occurred_at,
                })
            })
            .collect();
        self.signed(&json!({ "device_time": device_time, "operations": operations }).to_string())
    }

    /// Any payload, with this till's own signature.
    pub fn signed(&self, payload: &str) -> Value {
        let signature = self.key.sign(&SystemRandom::new(), payload.as_bytes()).expect("a signature");
        json!({ "payload": payload, "signature": URL_SAFE_NO_PAD.encode(signature.as_ref()) })
    }

    /// Sends a batch.
    pub fn send(&self, batch: &Value) -> Call {
        self.post("/stamps/batch").json(batch)
    }
}
