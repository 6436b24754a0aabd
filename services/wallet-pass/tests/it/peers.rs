//! Enrollment and stamping as wallet-pass sees them: every RPC that is not answered here is away.

use std::collections::{HashMap, HashSet};
use std::convert::Infallible;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
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
use kernel::{CardId, Principal, Zone};
use prost::Message;
use proto::{enrollment as en, stamping as st};
use tonic::Status;

use crate::world::Person;

type Body = tonic::body::Body;

/// Everything that is asked of.
pub(crate) struct Peers {
    cards: Mutex<HashMap<CardId, Person>>,
    /// The customers who agreed to marketing.
    agreed: Mutex<HashSet<String>>,
    is_away: AtomicBool,
    /// Where all shops are.
    zone: Zone,
    /// How often it was asked who may be written to.
    questions: AtomicUsize,
    key: EncodingKey,
    jwks: String,
}

impl Peers {
    pub(crate) fn new(zone: Zone) -> Arc<Self> {
        let pair = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).unwrap();
        let public = Ed25519KeyPair::from_pkcs8(pair.as_ref()).unwrap();
        let x = URL_SAFE_NO_PAD.encode(public.public_key().as_ref());
        Arc::new(Self {
            cards: Mutex::default(),
            agreed: Mutex::default(),
            is_away: AtomicBool::default(),
            zone,
            questions: AtomicUsize::default(),
            key: EncodingKey::from_ed_der(pair.as_ref()),
            jwks: format!(
                r#"{{"keys":[{{"kty":"OKP","crv":"Ed25519","alg":"EdDSA","kid":"k","x":"{x}"}}]}}"#
            ),
        })
    }

    /// A customer with a card, who agreed to marketing.
    pub(crate) fn add(&self, person: Person) {
        self.cards.lock().unwrap().insert(person.card, person);
        self.agreed.lock().unwrap().insert(person.customer.to_string());
    }

    /// She takes her consent back, and nobody is told.
    pub(crate) fn revoke(&self, person: Person) {
        self.agreed.lock().unwrap().remove(&person.customer.to_string());
    }

    /// Enrollment does not answer, but for tokens.
    pub(crate) fn set_away(&self, is_away: bool) {
        self.is_away.store(is_away, Ordering::Relaxed);
    }

    pub(crate) fn questions(&self) -> usize {
        self.questions.load(Ordering::Relaxed)
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
        // Before every message stand a flag and its length.
        question.advance(5);
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
                let token = self.token(Principal::Service { name: "wallet-pass".into() });
                Ok(en::IssueServiceTokenResponse { access_token: token, expires_in: 600 }.encode_to_vec())
            }
            "GetContacts" => {
                let answer = self.contacts(&en::GetContactsRequest::decode(question).unwrap());
                self.questions.fetch_add(1, Ordering::Relaxed);
                answer
            }
            "GetBusiness" => {
                self.is_there()?;
                let asked = en::GetBusinessRequest::decode(question).unwrap();
                let business = en::Business {
                    business_id: asked.business_id,
                    name: "Café Luna".into(),
                    time_zone: self.zone.name().into(),
                    ..Default::default()
                };
                Ok(en::GetBusinessResponse { business: Some(business) }.encode_to_vec())
            }
            "GetCard" => self.card(&st::GetCardRequest::decode(question).unwrap()),
            _ => Err(Status::unavailable("away")),
        }
    }

    fn is_there(&self) -> Result<(), Status> {
        if self.is_away.load(Ordering::Relaxed) { Err(Status::unavailable("away")) } else { Ok(()) }
    }

    fn contacts(&self, asked: &en::GetContactsRequest) -> Result<Vec<u8>, Status> {
        self.is_there()?;
        assert_eq!(asked.purpose, "marketing");
        let agreed = self.agreed.lock().unwrap();
        let may = asked.customer_ids.iter().filter(|customer| agreed.contains(*customer));
        let contacts = may.map(|customer| en::Contact {
            customer_id: customer.clone(),
            first_name: "Ana".into(),
            phone: "+51987654321".into(),
            language: "es".into(),
        });
        Ok(en::GetContactsResponse { contacts: contacts.collect() }.encode_to_vec())
    }

    fn card(&self, asked: &st::GetCardRequest) -> Result<Vec<u8>, Status> {
        let cards = self.cards.lock().unwrap();
        let person = asked.card_id.parse::<CardId>().ok().and_then(|card| cards.get(&card).copied());
        let person = person.ok_or_else(|| Status::not_found("card_id"))?;
        let (card_id, program_id) = (asked.card_id.clone(), person.program.to_string());
        let card = st::Card {
            card_id: card_id.clone(),
            customer_id: person.customer.to_string(),
            program_id: program_id.clone(),
            stamps_required: 10,
            cycle: 1,
            ..Default::default()
        };
        let program = st::Program {
            program_id,
            business_id: person.business.to_string(),
            name: "Café de la casa".into(),
            version: 1,
            stamps_required: 10,
            active: true,
            ..Default::default()
        };
        let answer = st::GetCardResponse {
            card: Some(card),
            program: Some(program),
            code: card_id,
            ..Default::default()
        };
        Ok(answer.encode_to_vec())
    }
}
