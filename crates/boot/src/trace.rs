//! One trace from the tap to the last consumer: W3C `traceparent` in and out of HTTP, gRPC and event headers.

use std::sync::OnceLock;

use http::{HeaderMap, HeaderName, HeaderValue};
use opentelemetry::Context;
use opentelemetry::propagation::{Extractor, Injector, TextMapPropagator};
use opentelemetry::trace::{SpanContext, SpanKind, TraceContextExt, TraceFlags, TraceState};
use opentelemetry_sdk::propagation::TraceContextPropagator;
use opentelemetry_sdk::trace::{IdGenerator, RandomIdGenerator, Sampler, SamplingDecision, ShouldSample};
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

/// Decides which of the traces that strangers began are recorded; set once, with telemetry.
static DECIDES: OnceLock<Sampler> = OnceLock::new();

/// From now on this decides which of the traces that strangers began are recorded.
pub(crate) fn decide_by(sampler: Sampler) {
    // One process has one telemetry: who comes second, as in tests, is heard no more.
    let _ = DECIDES.set(sampler);
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

/// Makes `span` a child of what a stranger sent: a page names its trace, and may quote it. Whether the trace is recorded is
/// decided here: whoever could ask for it could have everything recorded, at our cost.
pub fn continue_from_stranger(span: &Span, headers: &HeaderMap) {
    if headers.contains_key("traceparent")
        && let Some(told) = told_by_stranger(headers, DECIDES.get().unwrap_or(&Sampler::AlwaysOff))
    {
        let _ = span.set_parent(Context::new().with_remote_span_context(told));
    }
}

/// What a stranger's headers say of the trace, with our own decision in place of theirs; `None` where they make no sense.
fn told_by_stranger(headers: &HeaderMap, decides: &Sampler) -> Option<SpanContext> {
    let told = TraceContextPropagator::new().extract_with_context(&Context::new(), &Incoming(headers));
    let told = told.span().span_context().clone();
    // Drawn by us: with an id of its own choice a stranger would choose the decision as well.
    let drawn = RandomIdGenerator::default().new_trace_id();
    let decided = decides.should_sample(None, drawn, "", &SpanKind::Server, &[], &[]).decision;
    let flags = match decided {
        SamplingDecision::RecordAndSample => TraceFlags::SAMPLED,
        SamplingDecision::RecordOnly | SamplingDecision::Drop => TraceFlags::NOT_SAMPLED,
    };
    let ours = || SpanContext::new(told.trace_id(), told.span_id(), flags, true, TraceState::NONE);
    told.is_valid().then(ours)
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

#[cfg(test)]
mod tests {
    use super::*;

    fn told(traceparent: &'static str, decides: &Sampler) -> Option<(String, String, bool)> {
        let mut headers = HeaderMap::new();
        headers.insert("traceparent", HeaderValue::from_static(traceparent));
        let told = told_by_stranger(&headers, decides)?;
        Some((told.trace_id().to_string(), told.span_id().to_string(), told.is_sampled()))
    }

    #[test]
    fn a_stranger_names_the_trace_and_does_not_decide_that_it_is_recorded() {
        let (trace, span) = ("4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7");
        for asked in [
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00",
        ] {
            for (decides, recorded) in [(Sampler::AlwaysOff, false), (Sampler::AlwaysOn, true)] {
                let found = told(asked, &decides);
                assert_eq!(found, Some((trace.to_owned(), span.to_owned(), recorded)), "{asked}");
            }
        }
    }

    #[test]
    fn an_id_that_would_be_recorded_by_itself_is_drawn_for_like_any_other() {
        // Of this id the smallest share there is would be recorded, if it were asked.
        let lowest = "00-00000000000000000000000000000001-00f067aa0ba902b7-01";
        assert_eq!(
            told(lowest, &Sampler::TraceIdRatioBased(1e-12)).map(|(.., recorded)| recorded),
            Some(false)
        );
    }

    #[test]
    fn what_makes_no_sense_is_no_trace() {
        for nonsense in [
            "",
            "00",
            "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
            "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-zz",
        ] {
            assert_eq!(told(nonsense, &Sampler::AlwaysOn), None, "{nonsense}");
        }
    }
}
