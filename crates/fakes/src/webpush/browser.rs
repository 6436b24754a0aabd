use std::sync::Arc;

use aws_lc_rs::aead::{AES_128_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use aws_lc_rs::agreement::{self, ECDH_P256, PrivateKey, UnparsedPublicKey};
use aws_lc_rs::hmac;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;

use super::State;
use crate::{DEADLINE, Late, locked, wait_for};

const SALT: usize = 16;
const POINT: usize = 65;

/// A browser with keys of its own, as `PushSubscription` shows them to a page.
pub struct Browser {
    endpoint: String,
    name: String,
    key: PrivateKey,
    public: Vec<u8>,
    auth: [u8; 16],
    state: Arc<State>,
}

/// What a page's service worker is handed.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Notice {
    /// Whose words they are.
    pub title: String,
    /// The words.
    pub body: String,
    /// What a touch opens.
    pub url: String,
    /// The same for the same words.
    pub id: String,
}

/// Why a message cannot be read, which a browser passes over in silence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Unreadable(&'static str);

impl Browser {
    /// One that subscribed nowhere: it has keys and no address.
    pub fn alone() -> Self {
        Self::at(Arc::default(), "https://nowhere.invalid", String::new())
    }

    /// The same with keys that are known, in base64url: a private one of P-256, and the secret. None where they are no keys.
    pub fn with_keys(private: &str, auth: &str) -> Option<Self> {
        let private = URL_SAFE_NO_PAD.decode(private).ok()?;
        let key = PrivateKey::from_private_key(&ECDH_P256, &private).ok()?;
        let public = key.compute_public_key().ok()?.as_ref().to_vec();
        let auth = URL_SAFE_NO_PAD.decode(auth).ok()?.try_into().ok()?;
        Some(Self { key, public, auth, ..Self::alone() })
    }

    #[expect(clippy::expect_used, reason = "without random numbers there is no test")]
    pub(super) fn at(state: Arc<State>, url: &str, name: String) -> Self {
        let key = PrivateKey::generate(&ECDH_P256).expect("a key");
        let public = key.compute_public_key().expect("its other half").as_ref().to_vec();
        Self { endpoint: format!("{url}/push/{name}"), name, key, public, auth: rand::random(), state }
    }

    /// Where its messages go.
    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// Its public key, as the page sends it.
    pub fn p256dh(&self) -> String {
        URL_SAFE_NO_PAD.encode(&self.public)
    }

    /// The secret that it shares with whoever sends, as the page sends it.
    pub fn auth(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.auth)
    }

    /// It takes no more messages: 410 to whoever sends one.
    pub fn unsubscribe(&self) {
        if let Some(known) = locked(&self.state.subscriptions).get_mut(&self.name) {
            known.is_gone = true;
        }
    }

    /// What it was shown so far, oldest first. What it cannot read it does not show, and what it is sent again takes the
    /// place of what it has.
    pub fn notices(&self) -> Vec<Notice> {
        let read = |body: &[u8]| serde_json::from_slice::<Notice>(&self.decrypt(body).ok()?).ok();
        let mut shown: Vec<Notice> = Vec::new();
        for notice in self.state.taken(&self.name).iter().filter_map(|push| read(&push.body)) {
            shown.retain(|known| known.id != notice.id);
            shown.push(notice);
        }
        shown
    }

    /// Waits until it has been shown so many.
    pub async fn until_notices(&self, count: usize) -> Result<Vec<Notice>, Late> {
        self.until_notices_within(DEADLINE, count).await
    }

    /// The same, with a deadline of one's own.
    pub async fn until_notices_within(
        &self,
        within: std::time::Duration,
        count: usize,
    ) -> Result<Vec<Notice>, Late> {
        wait_for(self.state.recorded.subscribe(), within, || {
            let notices = self.notices();
            (notices.len() >= count).then_some(notices)
        })
        .await
    }

    /// Reads a message (RFC 8291 §3.4, RFC 8188 §2): written from the standards with nothing but HMAC, so that it does not
    /// share a mistake with who wrote it.
    pub fn decrypt(&self, body: &[u8]) -> Result<Vec<u8>, Unreadable> {
        let (salt, rest) = body.split_at_checked(SALT).ok_or(Unreadable("no salt"))?;
        let (size, rest) = rest.split_first_chunk::<4>().ok_or(Unreadable("no record size"))?;
        let (length, rest) = rest.split_first().ok_or(Unreadable("no key"))?;
        if usize::from(*length) != POINT {
            return Err(Unreadable("the key's name is no key"));
        }
        let (public, record) = rest.split_at_checked(POINT).ok_or(Unreadable("no key"))?;
        if record.len() > u32::from_be_bytes(*size) as usize {
            return Err(Unreadable("more than one record"));
        }
        let theirs = UnparsedPublicKey::new(&ECDH_P256, public);
        let shared = agreement::agree(&self.key, theirs, Unreadable("a key beside the curve"), |secret| {
            let mut info = b"WebPush: info\0".to_vec();
            info.extend_from_slice(&self.public);
            info.extend_from_slice(public);
            Ok(expand(&mac(&self.auth, &[secret]), &info))
        })?;
        let extracted = mac(salt, &[&shared]);
        let key = expand(&extracted, b"Content-Encoding: aes128gcm\0");
        let nonce = expand(&extracted, b"Content-Encoding: nonce\0");
        let broken = Unreadable("it was encrypted for somebody else, or changed");
        let key = UnboundKey::new(&AES_128_GCM, &key[..16]).map_err(|_| broken)?;
        let nonce = Nonce::try_assume_unique_for_key(&nonce[..12]).map_err(|_| broken)?;
        let mut text = record.to_vec();
        let text = LessSafeKey::new(key).open_in_place(nonce, Aad::empty(), &mut text).map_err(|_| broken)?;
        // What fills a record up is zeros behind a 2, which only the last record has.
        let end = text.iter().rposition(|byte| *byte != 0).ok_or(Unreadable("no end"))?;
        if text[end] != 2 {
            return Err(Unreadable("not the last record"));
        }
        Ok(text[..end].to_vec())
    }
}

fn mac(key: &[u8], parts: &[&[u8]]) -> [u8; 32] {
    let mut context = hmac::Context::with_key(&hmac::Key::new(hmac::HMAC_SHA256, key));
    for part in parts {
        context.update(part);
    }
    let mut made = [0; 32];
    made.copy_from_slice(context.sign().as_ref());
    made
}

/// The first block of HKDF-Expand (RFC 5869 §2.3), which is all that is needed of it.
fn expand(key: &[u8; 32], info: &[u8]) -> [u8; 32] {
    mac(key, &[info, &[1]])
}
