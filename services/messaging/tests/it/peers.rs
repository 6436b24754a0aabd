//! Enrollment and stamping as messaging sees them: every RPC that is not answered here is away.

use std::collections::HashMap;
use std::convert::Infallible;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use boot::Link;
use boot::auth::{AUDIENCE, Claims, ISSUER};
use bytes::{Buf, BufMut, Bytes, BytesMut};
use http::{HeaderMap, HeaderName, Request, Response};
use http_body_util::{BodyExt, Full};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use kernel::{BusinessId, CustomerId, Principal};
use prost::Message;
use proto::{enrollment as en, stamping as st};
use tokio::sync::RwLock;
use tonic::Status;

type Body = tonic::body::Body;

/// A customer as enrollment knows her.
#[derive(Clone)]
pub(crate) struct Person {
    pub(crate) business: BusinessId,
    pub(crate) customer: CustomerId,
    pub(crate) phone: String,
    /// granted, pending, revoked, no.
    pub(crate) marketing: String,
    /// Whether she declared to be an adult.
    pub(crate) is_adult: bool,
}

/// Everything that is asked of.
pub(crate) struct Peers {
    pub(crate) people: Mutex<Vec<Person>>,
    pub(crate) names: Mutex<HashMap<BusinessId, String>>,
    /// What a word does.
    pub(crate) words: Mutex<HashMap<String, en::UseWordResponse>>,
    /// Every change of mind that was written down.
    pub(crate) consents: Mutex<Vec<en::SetConsentRequest>>,
    pub(crate) cards: Mutex<HashMap<CustomerId, st::ListCardsResponse>>,
    pub(crate) is_away: AtomicBool,
    /// Answers what it is asked and takes no change.
    pub(crate) is_deaf: AtomicBool,
    /// Whoever holds it keeps every answer back.
    pub(crate) gate: RwLock<()>,
    key: EncodingKey,
    jwks: String,
}

impl Peers {
    pub(crate) fn new() -> Arc<Self> {
        let pair = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).unwrap();
        let public = Ed25519KeyPair::from_pkcs8(pair.as_ref()).unwrap();
        let x = URL_SAFE_NO_PAD.encode(public.public_key().as_ref());
        Arc::new(Self {
            people: Mutex::default(),
            names: Mutex::default(),
            words: Mutex::default(),
            consents: Mutex::default(),
            cards: Mutex::default(),
            is_away: AtomicBool::default(),
            is_deaf: AtomicBool::default(),
            gate: RwLock::default(),
            key: EncodingKey::from_ed_der(pair.as_ref()),
            jwks: format!(
                r#"{{"keys":[{{"kty":"OKP","crv":"Ed25519","alg":"EdDSA","kid":"k","x":"{x}"}}]}}"#
            ),
        })
    }

    pub(crate) fn set_away(&self, is_away: bool) {
        self.is_away.store(is_away, Ordering::Relaxed);
    }

    pub(crate) fn set_deaf(&self, is_deaf: bool) {
        self.is_deaf.store(is_deaf, Ordering::Relaxed);
    }

    pub(crate) fn token(&self, principal: Principal) -> String {
        let now = chrono::Utc::now().timestamp();
        let (iss, aud) = (ISSUER.to_owned(), AUDIENCE.to_owned());
        let claims = Claims { iss, aud, iat: now, exp: now + 600, family: None, principal };
        let header = Header { kid: Some("k".into()), ..Header::new(Algorithm::EdDSA) };
        jsonwebtoken::encode(&header, &claims, &self.key).unwrap()
    }

    pub(crate) fn link(self: &Arc<Self>) -> Link {
        let peers = Arc::clone(self);
        Link::local(tower::service_fn(move |request: Request<Body>| {
            let peers = Arc::clone(&peers);
            async move { Ok::<_, Infallible>(peers.respond(request).await) }
        }))
    }

    async fn respond(&self, request: Request<Body>) -> Response<Body> {
        let (parts, body) = request.into_parts();
        let mut question = body.collect().await.unwrap().to_bytes();
        question.advance(5);
        let _open = self.gate.read().await;
        match self.answer(parts.uri.path().rsplit('/').next().unwrap(), question) {
            Err(status) => status.into_http(),
            Ok(message) => {
                let mut framed = BytesMut::with_capacity(message.len() + 5);
                framed.put_u8(0);
                framed.put_u32(u32::try_from(message.len()).unwrap());
                framed.put_slice(&message);
                let done =
                    HeaderMap::from_iter([(HeaderName::from_static("grpc-status"), "0".parse().unwrap())]);
                let body = Full::new(framed.freeze()).with_trailers(async move { Some(Ok(done)) });
                Response::builder().header("content-type", "application/grpc").body(Body::new(body)).unwrap()
            }
        }
    }

    fn answer(&self, method: &str, question: Bytes) -> Result<Vec<u8>, Status> {
        match method {
            "GetJwks" => Ok(en::GetJwksResponse { jwks_json: self.jwks.clone() }.encode_to_vec()),
            "IssueServiceToken" => {
                let token = self.token(Principal::Service { name: "messaging".into() });
                Ok(en::IssueServiceTokenResponse { access_token: token, expires_in: 600 }.encode_to_vec())
            }
            _ if self.is_away.load(Ordering::Relaxed) => Err(Status::unavailable("away")),
            "SetConsent" if self.is_deaf.load(Ordering::Relaxed) => Err(Status::unavailable("deaf")),
            "GetBusiness" => {
                Ok(self.business(en::GetBusinessRequest::decode(question).unwrap()).encode_to_vec())
            }
            "GetContacts" => {
                Ok(self.contacts(&en::GetContactsRequest::decode(question).unwrap()).encode_to_vec())
            }
            "FindByPhone" => {
                Ok(self.find(&en::FindByPhoneRequest::decode(question).unwrap()).encode_to_vec())
            }
            "SetConsent" => self
                .consent(en::SetConsentRequest::decode(question).unwrap())
                .map(|answer| answer.encode_to_vec()),
            "UseWord" => {
                let asked = en::UseWordRequest::decode(question).unwrap();
                let found = self.words.lock().unwrap().get(&asked.word).cloned();
                let unknown = en::UseWordResponse { outcome: "unknown".into(), ..Default::default() };
                Ok(found.unwrap_or(unknown).encode_to_vec())
            }
            "CreateCardLink" => {
                Ok(en::CreateCardLinkResponse { link_token: "abc".into(), expires_at: None }.encode_to_vec())
            }
            "ListCards" => {
                let asked = st::ListCardsRequest::decode(question).unwrap();
                let customer = asked.customer_id.parse().unwrap();
                Ok(self.cards.lock().unwrap().get(&customer).cloned().unwrap_or_default().encode_to_vec())
            }
            _ => Err(Status::unavailable("away")),
        }
    }

    fn business(&self, asked: en::GetBusinessRequest) -> en::GetBusinessResponse {
        let business = asked.business_id.parse().unwrap();
        let name = self.names.lock().unwrap().get(&business).cloned().unwrap_or_else(|| "Café Luna".into());
        let business = en::Business {
            business_id: asked.business_id,
            name,
            language: "es".into(),
            ..Default::default()
        };
        en::GetBusinessResponse { business: Some(business) }
    }

    fn contacts(&self, asked: &en::GetContactsRequest) -> en::GetContactsResponse {
        let people = self.people.lock().unwrap();
        let may = |person: &&Person| {
            person.business.to_string() == asked.business_id
                && asked.customer_ids.contains(&person.customer.to_string())
                && (asked.purpose != "marketing" || person.marketing == "granted")
        };
        let contact = |person: &Person| en::Contact {
            customer_id: person.customer.to_string(),
            first_name: "Ana".into(),
            phone: person.phone.clone(),
            language: "es".into(),
        };
        en::GetContactsResponse { contacts: people.iter().filter(may).map(contact).collect() }
    }

    fn find(&self, asked: &en::FindByPhoneRequest) -> en::FindByPhoneResponse {
        let people = self.people.lock().unwrap();
        let is_she = |person: &&Person| {
            person.phone == asked.phone && asked.business_ids.contains(&person.business.to_string())
        };
        let found = people.iter().filter(is_she).map(|person| en::FoundCustomer {
            business_id: person.business.to_string(),
            customer_id: person.customer.to_string(),
            first_name: "Ana".into(),
            language: "es".into(),
            marketing: person.marketing.clone(),
        });
        en::FindByPhoneResponse { found: found.collect() }
    }

    fn consent(&self, asked: en::SetConsentRequest) -> Result<en::SetConsentResponse, Status> {
        let mut people = self.people.lock().unwrap();
        let person = people.iter_mut().find(|person| person.customer.to_string() == asked.customer_id);
        let person = person.ok_or_else(|| Status::not_found("customer_id"))?;
        if asked.granted && !person.is_adult {
            return Err(Status::invalid_argument("adult_ok"));
        }
        person.marketing = if asked.granted { "granted" } else { "revoked" }.into();
        let state = person.marketing.clone();
        self.consents.lock().unwrap().push(asked);
        Ok(en::SetConsentResponse { state })
    }
}
