//! One trace from the tap to the last consumer: W3C `traceparent` in and out of HTTP, gRPC and event headers.

use http::{HeaderMap, HeaderName, HeaderValue};
use opentelemetry::propagation::{Extractor, Injector, TextMapPropagator};
use opentelemetry::trace::TraceContextExt;
use opentelemetry_sdk::propagation::TraceContextPropagator;
use tracing::Span;
use tracing_opentelemetry::OpenTelemetrySpanExt;

struct Outgoing<'a>(&'a mut HeaderMap);
impl Injector for Outgoing<'_> {
    fn set(&mut self, key: &str, value: String) {
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(key), HeaderValue::try_from(value)) {
            self.0.insert(name, value);
        }
    }
}

struct Incoming<'a>(&'a HeaderMap);
impl Extractor for Incoming<'_> {
    fn get(&self, key: &str) -> Option<&str> {
        self.0.get(key)?.to_str().ok()
    }
    fn keys(&self) -> Vec<&str> {
        self.0.keys().map(HeaderName::as_str).collect()
    }
}

struct Parent<'a>(&'a str);
impl Extractor for Parent<'_> {
    fn get(&self, key: &str) -> Option<&str> {
        (key == "traceparent").then_some(self.0)
    }
    fn keys(&self) -> Vec<&str> {
        vec!["traceparent"]
    }
}

#[derive(Default)]
struct Kept(Option<String>);
impl Injector for Kept {
    fn set(&mut self, key: &str, value: String) {
        if key == "traceparent" {
            self.0 = Some(value);
        }
    }
}

/// Writes the current span's context into headers that leave the process.
pub fn inject(headers: &mut HeaderMap) {
    TraceContextPropagator::new().inject_context(&Span::current().context(), &mut Outgoing(headers));
}

/// Makes `span` a child of the context that came in with headers, if any did.
pub fn continue_from(span: &Span, headers: &HeaderMap) {
    if headers.contains_key("traceparent") {
        // Fails only where no telemetry layer is installed, as in unit tests.
        let _ = span.set_parent(TraceContextPropagator::new().extract(&Incoming(headers)));
    }
}

/// Makes `span` a child of a stored `traceparent`: an outbox row's or an event's.
pub fn continue_from_parent(span: &Span, traceparent: &str) {
    let _ = span.set_parent(TraceContextPropagator::new().extract(&Parent(traceparent)));
}

/// The current span as a `traceparent`, to be stored beside what it caused.
pub fn current_parent() -> Option<String> {
    let mut kept = Kept::default();
    TraceContextPropagator::new().inject_context(&Span::current().context(), &mut kept);
    kept.0
}

/// The trace id of a span in hexadecimal; `None` where no telemetry layer is installed.
pub fn id_of(span: &Span) -> Option<String> {
    let context = span.context();
    let span_context = context.span().span_context().clone();
    span_context.is_valid().then(|| span_context.trace_id().to_string())
}
