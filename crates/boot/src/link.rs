use std::convert::Infallible;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use tonic::body::Body;
use tower::util::BoxCloneSyncService;
use tower::{BoxError, Service, ServiceExt};

use crate::replicas::Replicas;
use crate::trace;

type Inner = BoxCloneSyncService<http::Request<Body>, http::Response<Body>, BoxError>;

/// How long a call may take before the caller gives up.
const CALL_TIMEOUT: Duration = Duration::from_secs(10);

/// The way to another service: over the network, or to its routes in this very process. Callers cannot tell, and
/// generated clients take either. The trace goes along by itself.
#[derive(Clone)]
pub struct Link(Inner);

impl Link {
    /// A link over HTTP/2 to the processes of a service: `http://host:port`, or several of them divided by commas. A name
    /// that stands for several addresses is all of them, and is looked up again and again. Calls go to each in turn; one that
    /// a process did not take, because it is gone or going, is sent to the next.
    ///
    /// Must be made inside a tokio runtime, which then does the looking up.
    pub fn to(uris: &str) -> anyhow::Result<Self> {
        Self::patient(uris, CALL_TIMEOUT)
    }

    /// As [`Link::to`], for calls that may take as long as `patience`.
    pub fn patient(uris: &str, patience: Duration) -> anyhow::Result<Self> {
        let replicas = Replicas::of(uris, patience)?;
        let service = tower::service_fn(move |request| {
            let replicas = Arc::clone(&replicas);
            async move { replicas.call(request).await }
        });
        Ok(Self(BoxCloneSyncService::new(service)))
    }

    /// A link to routes in this process: no socket, no frames, the same bytes.
    pub fn local<S>(routes: S) -> Self
    where
        S: Service<http::Request<Body>, Response = http::Response<Body>, Error = Infallible>
            + Clone
            + Send
            + Sync
            + 'static,
        S::Future: Send + 'static,
    {
        Self(BoxCloneSyncService::new(routes.map_err(|never| match never {})))
    }
}

impl Service<http::Request<Body>> for Link {
    type Response = http::Response<Body>;
    type Error = BoxError;
    type Future = <Inner as Service<http::Request<Body>>>::Future;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.0.poll_ready(context)
    }

    fn call(&mut self, mut request: http::Request<Body>) -> Self::Future {
        trace::inject(request.headers_mut());
        self.0.call(request)
    }
}
