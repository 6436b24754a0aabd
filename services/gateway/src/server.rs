//! Wiring: the router, the tasks, the listeners.

use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::serve::Listener;
use axum::{Router, middleware};
use boot::drain::{Drain, goodbye};
use boot::{Link, Stop};
use bytes::Bytes;
use http::{HeaderValue, header};
use tokio::task::spawn_blocking;
use tokio_util::task::TaskTracker;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{NotForContentType, Predicate, SizeAbove};

use crate::config::Config;
use crate::edge::{Door, Peer, edge};
use crate::error::{Refusal, Slug};
use crate::live::{follow_stream, tidy_rooms};
use crate::pages::Pages;
use crate::platform::{Platform, Shared};
use crate::{docs, failures, openapi, routes};

/// What fits into one packet anyway is not worth compressing.
const SMALL_BYTES: u64 = 1_200;

/// How long requests under way may take once the process is told to stop.
const DRAIN_TIMEOUT: Duration = Duration::from_secs(10);

/// The ways to the services behind the gateway.
#[derive(Clone)]
pub struct Links {
    /// Businesses, members, customers, tokens.
    pub enrollment: Link,
    /// Programs, cards, stamps, rewards.
    pub stamping: Link,
    /// Figures.
    pub analytics: Link,
    /// Passes.
    pub wallet_pass: Link,
    /// Campaigns.
    pub campaign: Link,
    /// WhatsApp messages.
    pub messaging: Link,
}

/// A gateway that has started. Clones share everything, so that several listeners can be served.
#[derive(Clone)]
pub struct Gateway {
    router: Router,
    tasks: TaskTracker,
    serving: Arc<AtomicBool>,
    stop: Stop,
}

/// Starts a gateway. The services and the broker may all be away: what needs them answers `unavailable` until they come.
pub async fn start(
    config: Config,
    links: Links,
    health: &boot::admin::Health,
    stop: Stop,
) -> anyhow::Result<Gateway> {
    failures::tell_of_nothing_yet();
    let broker = outbox::connect(&config.nats, "gateway").await?;
    let platform = Arc::new(Platform::new(&config, links, Some(broker.clone()), stop.clone()));
    // Making the API's document leaves megabytes behind, which a thread hands back when it ends.
    let (routed, pages) = (Arc::clone(&platform), config.pages_dir.clone());
    let router = spawn_blocking(move || anyhow::Ok(router(routed, Pages::load(&pages)?))).await??;
    let tasks = TaskTracker::new();
    tasks.spawn(follow_stream(Arc::clone(&platform), broker, stop.clone()));
    tasks.spawn(tidy_rooms(Arc::clone(&platform), stop.clone()));
    tasks.spawn(forget_limits(Arc::clone(&platform), stop.clone()));
    let serving = Arc::new(AtomicBool::new(false));
    let (answers, ends) = (Arc::clone(&serving), stop.clone());
    // Services that are away do not make a gateway unready: others would be as helpless, and pages still come.
    health.add("serving", move || {
        let ready = answers.load(Ordering::Relaxed) && !ends.is_cancelled();
        async move { ready }
    });
    Ok(Gateway { router, tasks, serving, stop })
}

/// The OpenAPI document, for tools that want it without a running gateway.
pub fn openapi_json() -> anyhow::Result<String> {
    Ok(openapi::complete(routes::api().into_openapi()).to_pretty_json()?)
}

impl Gateway {
    /// Answers these paths too; for whoever runs a gateway as a part of something larger.
    #[must_use]
    pub fn beside(self, more: Router) -> Self {
        Self { router: self.router.merge(more), ..self }
    }

    /// Answers HTTP until told to stop, then lets what is under way finish. `drain` is of the listener's port.
    pub async fn serve<L: Listener<Addr = SocketAddr>>(
        self,
        listener: L,
        drain: Drain,
    ) -> anyhow::Result<()> {
        self.serve_on(listener, drain, false).await
    }

    /// As [`Gateway::serve`], for a listener that speaks TLS: links are made with `https`.
    pub async fn serve_tls<L: Listener<Addr = SocketAddr>>(
        self,
        listener: L,
        drain: Drain,
    ) -> anyhow::Result<()> {
        self.serve_on(listener, drain, true).await
    }

    async fn serve_on<L: Listener<Addr = SocketAddr>>(
        self,
        listener: L,
        drain: Drain,
        secured: bool,
    ) -> anyhow::Result<()> {
        self.serving.store(true, Ordering::Relaxed);
        let router = self.router.layer(middleware::from_fn_with_state(self.stop.clone(), goodbye));
        let service = router.into_make_service_with_connect_info::<Peer>();
        let server = axum::serve(Door { listener, secured }, service).with_graceful_shutdown(drain.over());
        // Idle connections of browsers would hold the end up for as long as they like.
        tokio::select! {
            served = server.into_future() => served?,
            () = after(&self.stop, DRAIN_TIMEOUT) => tracing::info!("connections cut after the drain"),
        }
        self.tasks.close();
        self.tasks.wait().await;
        Ok(())
    }
}

async fn after(stop: &Stop, wait: Duration) {
    stop.cancelled().await;
    tokio::time::sleep(wait).await;
}

async fn forget_limits(platform: Shared, stop: Stop) {
    platform.limits.forget(stop).await;
}

/// Everything the gateway answers.
pub(crate) fn router(platform: Shared, pages: Pages) -> Router {
    let (api, document) = routes::api().split_for_parts();
    let document = openapi::complete(document);
    let page = Bytes::from(docs::page(&document));
    let json = Bytes::from(document.to_json().unwrap_or_default());
    let pages = Arc::new(pages);
    let router = Router::new()
        .merge(api.layer(compression()))
        .route("/api/openapi.json", get(move || fixed("application/json", json.clone())))
        .route("/api/docs", get(move || fixed("text/html; charset=utf-8", page.clone())))
        .merge(routes::wallets::routes())
        .merge(pages.routes())
        .method_not_allowed_fallback(|| async { Refusal::new(Slug::Method) })
        .fallback(move |request| {
            let pages = Arc::clone(&pages);
            async move { pages.file(&request) }
        });
    behind_the_door(router, platform)
}

/// Lists and cards are sent small where the browser takes it. No cookie says who asks, so no other site can make a browser
/// ask for what it may not read and learn from its length.
fn compression() -> CompressionLayer<impl Predicate> {
    CompressionLayer::new().compress_when(SizeAbove::new(SMALL_BYTES).and(NotForContentType::IMAGES))
}

/// What every answer passes, also one that ends in a panic.
pub(crate) fn behind_the_door(router: Router<Shared>, platform: Shared) -> Router {
    router
        .layer(CatchPanicLayer::custom(|_| Refusal::new(Slug::Internal).into_response()))
        .layer(middleware::from_fn_with_state(Arc::clone(&platform), edge))
        .with_state(platform)
}

fn fixed(content_type: &'static str, body: Bytes) -> impl Future<Output = Response> {
    let header = (header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    std::future::ready(([header], body).into_response())
}
