use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Instant;

use http::{Request, Response};
use tower::{Layer, Service};
use tracing::Instrument as _;

use crate::trace;

/// Puts a span and RED metrics (rate, errors, duration) around every call a service answers.
#[derive(Clone, Copy)]
pub struct InstrumentLayer {
    /// The service that answers.
    pub service: &'static str,
}

impl<S> Layer<S> for InstrumentLayer {
    type Service = Instrument<S>;
    fn layer(&self, inner: S) -> Instrument<S> {
        Instrument { inner, service: self.service }
    }
}

/// The service that [`InstrumentLayer`] makes.
#[derive(Clone)]
pub struct Instrument<S> {
    inner: S,
    service: &'static str,
}

impl<S, In, Out> Service<Request<In>> for Instrument<S>
where
    S: Service<Request<In>, Response = Response<Out>>,
    S::Future: Send + 'static,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<S::Response, S::Error>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: Request<In>) -> Self::Future {
        let service = self.service;
        let method = request.uri().path().to_owned();
        let span = tracing::info_span!("grpc", rpc.service = service, rpc.method = %method, otel.kind = "server", otel.name = %method);
        trace::continue_from(&span, request.headers());
        let begun = Instant::now();
        let answer = self.inner.call(request);
        Box::pin(
            async move {
                let answer = answer.await;
                // A refusal is trailers-only, so its code is among the headers; success carries it in the trailers.
                let code = match &answer {
                    Ok(response) => response
                        .headers()
                        .get("grpc-status")
                        .and_then(|code| code.to_str().ok())
                        .map_or_else(|| "0".to_owned(), str::to_owned),
                    Err(_) => "lost".to_owned(),
                };
                // Unknown methods are a stranger's words; they must not become label values.
                if code != "12" {
                    metrics::histogram!("rpc_server_duration_seconds", "service" => service, "method" => method, "code" => code)
                        .record(begun.elapsed());
                }
                answer
            }
            .instrument(span),
        )
    }
}
