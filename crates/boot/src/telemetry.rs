//! Traces, metrics and logs of one process.

use anyhow::Context;
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use opentelemetry::trace::TracerProvider;
use opentelemetry_otlp::{SpanExporter, WithExportConfig};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::{Sampler, SdkTracerProvider};
use serde::Deserialize;
use tracing_subscriber::Layer;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

use crate::{statements, trace};

/// What a process tells about itself, and where to.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// `info`, or directives such as `stamping=debug,info`.
    #[serde(default = "info")]
    pub log: String,
    /// JSON lines for machines, or text for people.
    #[serde(default)]
    pub log_json: bool,
    /// OTLP over HTTP: `http://collector:4318/v1/traces`. Absent: traces are not exported.
    #[serde(default)]
    pub otlp_endpoint: Option<String>,
    /// The share of traces begun here or by a page that are exported, 0 to 1. A service's own decision is kept.
    #[serde(default = "all")]
    pub trace_ratio: f64,
}

fn info() -> String {
    "info".into()
}
fn all() -> f64 {
    1.0
}

impl Default for Settings {
    fn default() -> Self {
        Self { log: info(), log_json: false, otlp_endpoint: None, trace_ratio: all() }
    }
}

/// Keeps telemetry alive; sends what is still held when dropped.
pub struct Telemetry {
    provider: SdkTracerProvider,
    /// Renders `/metrics`.
    pub metrics: PrometheusHandle,
}

impl Drop for Telemetry {
    fn drop(&mut self) {
        if let Err(error) = self.provider.shutdown() {
            tracing::debug!(%error, "traces not flushed");
        }
    }
}

/// Seconds, from a fast call in memory to a hopeless one.
const BUCKETS: [f64; 14] =
    [0.000_5, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0];

/// Installs logs, traces and metrics for the process named `service`.
pub fn init(service: &'static str, settings: &Settings) -> anyhow::Result<Telemetry> {
    let resource = Resource::builder().with_service_name(service).build();
    let mut provider = SdkTracerProvider::builder().with_resource(resource);
    provider = match &settings.otlp_endpoint {
        Some(endpoint) => {
            let exporter = SpanExporter::builder().with_http().with_endpoint(endpoint).build()?;
            let share = Sampler::TraceIdRatioBased(settings.trace_ratio);
            trace::decide_by(share.clone());
            provider.with_sampler(Sampler::ParentBased(Box::new(share))).with_batch_exporter(exporter)
        }
        // Ids are still made, so that logs and problems can name them; nothing is recorded.
        None => provider.with_sampler(Sampler::AlwaysOff),
    };
    let provider = provider.build();
    // A span tells what it is named and how long it took; where it was idle, and on which thread, costs more than it says.
    let traces = tracing_opentelemetry::layer()
        .with_tracer(provider.tracer(service))
        .with_tracked_inactivity(false)
        .with_location(false)
        .with_threads(false);
    let filter: Targets = settings.log.parse().context("setting `telemetry.log`")?;
    let lines = tracing_subscriber::fmt::layer().with_writer(std::io::stderr).with_target(true);
    let lines = if settings.log_json {
        lines.json().with_current_span(true).with_span_list(false).boxed()
    } else {
        lines.compact().boxed()
    };
    tracing_subscriber::registry()
        .with(statements::layer())
        .with(traces.with_filter(LevelFilter::INFO))
        .with(lines.with_filter(filter))
        .init();

    let metrics = PrometheusBuilder::new()
        .set_buckets_for_metric(Matcher::Suffix("_seconds".into()), &BUCKETS)?
        .install_recorder()?;
    Ok(Telemetry { provider, metrics })
}
