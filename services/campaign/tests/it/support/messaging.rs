//! A pretend messaging, and as much of enrollment as gives a service its token.

use std::convert::Infallible;
use std::future::Future;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};

use boot::Link;
use proto::enrollment::{IssueServiceTokenRequest, IssueServiceTokenResponse};
use proto::messaging as pb;
use tonic::body::Body;
use tonic::codegen::http;
use tonic::{Code, Request, Response, Status};
use tonic_prost::ProstCodec;

/// What it answers, and what it was told.
#[derive(Clone, Default)]
pub(crate) struct Messaging {
    state: Arc<Mutex<State>>,
}

pub(crate) struct State {
    pub(crate) is_away: bool,
    /// Of the business's account.
    pub(crate) status: &'static str,
    pub(crate) held_by: &'static str,
    pub(crate) templates: Vec<pb::Template>,
    /// How often it was asked what holds a business.
    pub(crate) quotes: usize,
    /// Campaign and state, in their order.
    pub(crate) holds: Vec<(String, String)>,
}

impl Default for State {
    fn default() -> Self {
        let variable = |name: &str| pb::Variable { name: name.into(), sample: "x".into() };
        let template = |name: &str, language: &str, variables: &[&str]| pb::Template {
            name: name.into(),
            language: language.into(),
            category: "marketing".into(),
            body: "Hola {{1}}, novedades de {{2}}.".into(),
            variables: variables.iter().map(|name| variable(name)).collect(),
            status: "approved".into(),
            content_sid: "HX1".into(),
            reason: String::new(),
        };
        let mut templates = Vec::new();
        for language in ["es", "en"] {
            templates.push(template("news", language, &["first_name", "business"]));
            for (name, variables) in [
                ("win_back", &["first_name", "business", "stamps_left", "reward"] as &[&str]),
                ("birthday", &["first_name", "business", "gift"]),
                ("one_stamp_left", &["first_name", "business", "reward"]),
                ("reward_expiring", &["first_name", "business", "reward"]),
                ("welcome", &["first_name", "business", "stamps", "stamps_left"]),
                ("feedback", &["first_name", "business"]),
            ] {
                templates.push(template(name, language, variables));
            }
        }
        Self { is_away: false, status: "approved", held_by: "", templates, quotes: 0, holds: Vec::new() }
    }
}

impl Messaging {
    pub(crate) fn link(&self) -> Link {
        Link::local(Service(self.clone()))
    }

    pub(crate) fn set(&self, change: impl FnOnce(&mut State)) {
        change(&mut self.state.lock().unwrap());
    }

    pub(crate) fn quotes(&self) -> usize {
        self.state.lock().unwrap().quotes
    }

    pub(crate) fn holds(&self) -> Vec<String> {
        self.state.lock().unwrap().holds.iter().map(|(_, state)| state.clone()).collect()
    }

    fn here(&self) -> Result<std::sync::MutexGuard<'_, State>, Status> {
        let state = self.state.lock().unwrap();
        if state.is_away { Err(Status::new(Code::Unavailable, "away")) } else { Ok(state) }
    }

    fn quote(&self, asked: &pb::QuoteRequest) -> Result<pb::QuoteResponse, Status> {
        let mut state = self.here()?;
        state.quotes += 1;
        Ok(pb::QuoteResponse {
            amount_cents: asked.count * 28,
            currency: "PEN".into(),
            prices_of: "2026-10-01".into(),
            tier_left: 250,
            status: state.status.into(),
            held_by: state.held_by.into(),
        })
    }

    fn hold(&self, asked: pb::HoldCampaignRequest) -> Result<pb::HoldCampaignResponse, Status> {
        self.here()?.holds.push((asked.campaign_id, asked.state));
        Ok(pb::HoldCampaignResponse { messages: 0 })
    }
}

#[derive(Clone)]
struct Service(Messaging);

/// Answers a call of one message by one message.
async fn answer<M, R>(
    request: http::Request<Body>,
    answer: impl Fn(M) -> Result<R, Status> + Clone + Send + 'static,
) -> http::Response<Body>
where
    M: prost::Message + Default + Send + 'static,
    R: prost::Message + Default + Send + 'static,
{
    let unary = tower::service_fn(move |request: Request<M>| {
        let answered = answer(request.into_inner()).map(Response::new);
        async move { answered }
    });
    tonic::server::Grpc::new(ProstCodec::<R, M>::default()).unary(unary, request).await
}

impl tower::Service<http::Request<Body>> for Service {
    type Response = http::Response<Body>;
    type Error = Infallible;
    type Future = std::pin::Pin<Box<dyn Future<Output = Result<http::Response<Body>, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: http::Request<Body>) -> Self::Future {
        let messaging = self.0.clone();
        Box::pin(async move {
            let method = request.uri().path().rsplit('/').next().unwrap_or_default().to_owned();
            Ok(match method.as_str() {
                "IssueServiceToken" => {
                    answer(request, |_: IssueServiceTokenRequest| {
                        Ok(IssueServiceTokenResponse { access_token: "token".into(), expires_in: 600 })
                    })
                    .await
                }
                "Quote" => answer(request, move |asked: pb::QuoteRequest| messaging.quote(&asked)).await,
                "HoldCampaign" => answer(request, move |asked| messaging.hold(asked)).await,
                "ListTemplates" => {
                    answer(request, move |_: pb::ListTemplatesRequest| {
                        let templates = messaging.here()?.templates.clone();
                        Ok(pb::ListTemplatesResponse { templates })
                    })
                    .await
                }
                other => panic!("campaign asked for {other}"),
            })
        })
    }
}
