//! A gateway before fake services, for tests: every RPC that a test does not answer is away.

use std::collections::HashMap;
use std::convert::Infallible;
use std::sync::{Arc, Mutex};

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use axum::Router;
use axum::body::Body;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use boot::auth::{AUDIENCE, Claims, ISSUER};
use boot::{Link, Stop};
use bytes::{Buf, BufMut, Bytes, BytesMut};
use http::{HeaderMap, HeaderName, Request, Response, StatusCode};
use http_body_util::{BodyExt, Full};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use kernel::{BusinessId, MemberId, Principal, Role};
use prost::Message;
use proto::enrollment::{
    GetJwksRequest, GetJwksResponse, IssueServiceTokenRequest, IssueServiceTokenResponse,
};
use serde_json::Value;
use tonic::{Code, Status};
use tower::ServiceExt;

use crate::config::Config;
use crate::pages::Pages;
use crate::platform::{Platform, Shared};
use crate::server::{Links, router};

type Answer = Box<dyn Fn(Bytes, &HeaderMap) -> Result<Vec<u8>, Status> + Send + Sync>;

/// All services behind the gateway.
#[derive(Clone, Default)]
pub(crate) struct Fakes {
    answers: Arc<Mutex<HashMap<&'static str, Answer>>>,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Fakes {
    /// Answers a method: `AddStamps`, or `MessagingService/ListDeliveries` where two services have one of that name.
    pub(crate) fn on<Q, A>(
        &self,
        method: &'static str,
        answer: impl Fn(Q, &HeaderMap) -> Result<A, Status> + Send + Sync + 'static,
    ) where
        Q: Message + Default,
        A: Message,
    {
        let boxed: Answer = Box::new(move |question, headers| {
            let question = Q::decode(question).map_err(|_| Status::internal("not the question"))?;
            answer(question, headers).map(|answer| answer.encode_to_vec())
        });
        self.answers.lock().unwrap().insert(method, boxed);
    }

    /// How often a method was asked.
    pub(crate) fn times_asked(&self, method: &str) -> usize {
        self.asked.lock().unwrap().iter().filter(|asked| *asked == method).count()
    }

    fn link(&self) -> Link {
        let fakes = self.clone();
        Link::local(tower::service_fn(move |request: Request<tonic::body::Body>| {
            let fakes = fakes.clone();
            async move { Ok::<_, Infallible>(fakes.answer(request).await) }
        }))
    }

    async fn answer(&self, request: Request<tonic::body::Body>) -> Response<tonic::body::Body> {
        let (parts, body) = request.into_parts();
        let mut question = body.collect().await.unwrap().to_bytes();
        question.advance(5);
        let path = parts.uri.path();
        let method = path.rsplit('/').next().unwrap().to_owned();
        let of_service = path.rsplit_once('.').unwrap().1;
        self.asked.lock().unwrap().extend([method.clone(), of_service.to_owned()]);
        let away = || Err(Status::new(Code::Unavailable, "away"));
        let answers = self.answers.lock().unwrap();
        let answer = answers.get(of_service).or_else(|| answers.get(method.as_str()));
        match answer.map_or_else(away, |answer| answer(question, &parts.headers)) {
            Err(status) => status.into_http(),
            Ok(message) => {
                let mut framed = BytesMut::with_capacity(message.len() + 5);
                framed.put_u8(0);
                framed.put_u32(u32::try_from(message.len()).unwrap());
                framed.put_slice(&message);
                let trailers =
                    HeaderMap::from_iter([(HeaderName::from_static("grpc-status"), "0".parse().unwrap())]);
                let body = Full::new(framed.freeze()).with_trailers(async move { Some(Ok(trailers)) });
                let body = tonic::body::Body::new(body);
                Response::builder().header("content-type", "application/grpc").body(body).unwrap()
            }
        }
    }
}

/// A gateway and what stands behind it.
pub(crate) struct World {
    pub(crate) fakes: Fakes,
    pub(crate) platform: Shared,
    pub(crate) router: Router,
    pub(crate) stop: Stop,
    pub(crate) business: BusinessId,
    key: EncodingKey,
}

impl World {
    pub(crate) fn new() -> Self {
        Self::with(|_| {})
    }

    pub(crate) fn with(change: impl FnOnce(&mut Config)) -> Self {
        let pair = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).unwrap();
        let key = EncodingKey::from_ed_der(pair.as_ref());
        let public = Ed25519KeyPair::from_pkcs8(pair.as_ref()).unwrap();
        let x = URL_SAFE_NO_PAD.encode(public.public_key().as_ref());
        let jwks =
            format!(r#"{{"keys":[{{"kty":"OKP","crv":"Ed25519","alg":"EdDSA","kid":"k","x":"{x}"}}]}}"#);
        let fakes = Fakes::default();
        fakes.on("GetJwks", move |_: GetJwksRequest, _| Ok(GetJwksResponse { jwks_json: jwks.clone() }));
        fakes.on("IssueServiceToken", |_: IssueServiceTokenRequest, _| {
            Ok(IssueServiceTokenResponse { access_token: "service".into(), expires_in: 600 })
        });
        let mut config = Config::load().unwrap();
        config.public_url = "https://sello.example".into();
        change(&mut config);
        let stop = Stop::new();
        let links = Links {
            enrollment: fakes.link(),
            stamping: fakes.link(),
            analytics: fakes.link(),
            wallet_pass: fakes.link(),
            campaign: fakes.link(),
            messaging: fakes.link(),
        };
        let platform = Arc::new(Platform::new(&config, links, None, stop.clone()));
        let router = router(Arc::clone(&platform), Pages::default());
        Self { fakes, platform, router, stop, business: BusinessId::generate(), key }
    }

    /// A token of a member of the business.
    pub(crate) fn member(&self, role: Role) -> String {
        let (business, member) = (self.business, MemberId::generate());
        self.token(Principal::Member { business, member, role, device: None, location: None }, 600)
    }

    pub(crate) fn token(&self, principal: Principal, good_for: i64) -> String {
        let now = chrono::Utc::now().timestamp();
        let (iss, aud) = (ISSUER.to_owned(), AUDIENCE.to_owned());
        let claims = Claims { iss, aud, iat: now, exp: now + good_for, family: None, principal };
        let header = Header { kid: Some("k".into()), ..Header::new(Algorithm::EdDSA) };
        jsonwebtoken::encode(&header, &claims, &self.key).unwrap()
    }

    /// Begins a request.
    pub(crate) fn ask(&self, method: &str, path: &str) -> Ask {
        let request = Request::builder().method(method).uri(path).header("host", "sello.example");
        Ask { router: self.router.clone(), request, body: Body::empty() }
    }
}

/// A request that is being made.
pub(crate) struct Ask {
    router: Router,
    request: http::request::Builder,
    body: Body,
}

impl Ask {
    pub(crate) fn header(self, name: &str, value: &str) -> Self {
        Self { request: self.request.header(name, value), ..self }
    }

    pub(crate) fn bearer(self, token: &str) -> Self {
        self.header("authorization", &format!("Bearer {token}"))
    }

    pub(crate) fn body(self, content_type: &str, body: impl Into<Body>) -> Self {
        Self { body: body.into(), ..self.header("content-type", content_type) }
    }

    pub(crate) fn json(self, value: &Value) -> Self {
        self.body("application/json", value.to_string())
    }

    pub(crate) async fn send(self) -> Told {
        let response = self.router.oneshot(self.request.body(self.body).unwrap()).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = body.collect().await.unwrap().to_bytes();
        Told { status: parts.status, headers: parts.headers, bytes }
    }
}

/// An answer.
pub(crate) struct Told {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) bytes: Bytes,
}

impl Told {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.bytes).unwrap_or(Value::Null)
    }

    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.bytes).unwrap()
    }

    /// The slug of a problem that is one through and through.
    pub(crate) fn problem(&self) -> String {
        assert_eq!(self.headers["content-type"], "application/problem+json");
        let problem = self.json();
        assert_eq!(problem["status"], self.status.as_u16());
        assert_eq!(problem["trace_id"], self.headers["x-trace-id"].to_str().unwrap());
        assert!(
            !problem["title"].as_str().unwrap().is_empty() && !problem["detail"].as_str().unwrap().is_empty()
        );
        problem["type"].as_str().unwrap().strip_prefix("https://sello.pe/problems/").unwrap().to_owned()
    }
}
