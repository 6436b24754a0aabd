//! One trace from the tap to the figure: across HTTP, gRPC, the outbox and the broker.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed, and says where")]

use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::routing::post;
use e2e::{Shop, World, eventually, key};
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::trace::v1::Span;
use prost::Message;
use serde_json::json;
use sqlx::Row;

/// What a collector has been told.
#[derive(Clone, Default)]
struct Collector(Arc<Mutex<Vec<Span>>>);

impl Collector {
    /// A collector that listens, and its address.
    async fn listen() -> (Self, String) {
        let collector = Self::default();
        let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let address = format!("http://{}/v1/traces", listener.local_addr().unwrap());
        let hears = collector.clone();
        let router = Router::new().route("/v1/traces", post(async move |body: Bytes| hears.take(&body)));
        tokio::spawn(async move { axum::serve(listener, router).await });
        (collector, address)
    }

    fn take(&self, body: &[u8]) {
        let told = ExportTraceServiceRequest::decode(body).expect("an OTLP message");
        let scopes = told.resource_spans.into_iter().flat_map(|resource| resource.scope_spans);
        self.0.lock().unwrap().extend(scopes.flat_map(|scope| scope.spans));
    }

    /// The spans of a trace.
    fn of(&self, trace: &str) -> Vec<Span> {
        self.0.lock().unwrap().iter().filter(|span| hex(&span.trace_id) == trace).cloned().collect()
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[track_caller]
fn the<'a>(spans: &'a [Span], what: &str, is: impl Fn(&Span) -> bool) -> &'a Span {
    let names: Vec<&str> = spans.iter().map(|span| span.name.as_str()).collect();
    spans.iter().find(|span| is(span)).unwrap_or_else(|| panic!("no {what} among {names:?}"))
}

/// The span and all above it that are in the trace, nearest first.
fn above<'a>(spans: &'a [Span], span: &Span) -> Vec<&'a Span> {
    let mut line: Vec<&Span> = Vec::new();
    let mut parent = span.parent_span_id.clone();
    while let Some(found) = spans.iter().find(|span| span.span_id == parent) {
        parent = found.parent_span_id.clone();
        line.push(found);
    }
    line
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_trace_leads_from_the_tap_to_the_figure() {
    let (collector, address) = Collector::listen().await;
    let world = tokio::task::block_in_place(|| World::start_with(&[("OTLP", address)]));
    let shop = Shop::open(&world).await;
    let ana = shop.enroll("Ana Flores").await;
    // The stamp's event is to travel alone.
    shop.today("enrollments", 1).await;
    world.verify().await;

    let (trace, tap) = ("4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7");
    // Whoever taps names the trace; that it is recorded is not theirs to say.
    let stamped = shop
        .post("/stamps")
        .key(key())
        .header("traceparent", &format!("00-{trace}-{tap}-00"))
        .json(&json!({ "card_id": ana.card }))
        .send()
        .await;
    assert_eq!(stamped.header("x-trace-id"), trace);
    stamped.ok(201);
    shop.today("stamps", 1).await;

    let consumer = |span: &Span| {
        span.name == "consume"
            && span.attributes.iter().any(|attribute| {
                attribute.key == "consumer" && format!("{:?}", attribute.value).contains("analytics")
            })
    };
    let spans = eventually("the whole trace", Duration::from_secs(20), async || {
        let spans = collector.of(trace);
        // Each process sends its own; once the ends are there and one is the root of the other, all between them is.
        let root = spans.iter().find(|span| hex(&span.parent_span_id) == tap)?;
        let end = spans.iter().find(|span| consumer(span))?;
        above(&spans, end).iter().any(|span| span.span_id == root.span_id).then_some(spans)
    })
    .await;
    let http = the(&spans, "span of HTTP", |span| span.name == "POST /api/v1/stamps");
    assert_eq!(hex(&http.parent_span_id), tap);
    let grpc =
        the(&spans, "span of stamping's gRPC", |span| span.name.ends_with("StampingService/AddStamps"));
    assert!(above(&spans, grpc).iter().any(|span| span.span_id == http.span_id), "gRPC is not under HTTP");

    let ledger = the(&spans, "span of PostgreSQL", |span| {
        span.attributes.iter().any(|attribute| {
            attribute.key == "db.system.name" && format!("{:?}", attribute.value).contains("postgresql")
        })
    });
    assert!(above(&spans, ledger).iter().any(|span| span.span_id == grpc.span_id));

    let mut database = world.database().await;
    let row = sqlx::query(
        "select subject, traceparent from stamping.outbox where traceparent like '%' || $1 || '%'",
    )
    .bind(trace)
    .fetch_all(&mut database)
    .await
    .unwrap();
    assert_eq!(row.len(), 1);
    assert!(row[0].get::<String, _>("subject").ends_with(".stamping.stamp_added"));
    let parent: String = row[0].get("traceparent");
    let writer = parent.split('-').nth(2).unwrap();
    let writer = the(&spans, "span that wrote the event", |span| hex(&span.span_id) == writer);
    let its_line = above(&spans, writer);
    assert!(
        writer.span_id == grpc.span_id || its_line.iter().any(|span| span.span_id == grpc.span_id),
        "the event was not written under gRPC but under {}",
        writer.name,
    );

    let consume = the(&spans, "span of the analytics consumer", consumer);
    assert_eq!(consume.parent_span_id, writer.span_id, "the consumer goes on from what the event carried");

    // The trace is of ids: nobody's name or number is in it.
    let told = format!("{spans:?}");
    for word in ["Ana", &ana.phone, &ana.code] {
        assert!(!told.contains(word), "{word} is in a trace");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_problem_names_the_trace_that_explains_it() {
    let (collector, address) = Collector::listen().await;
    let world = tokio::task::block_in_place(|| World::start_with(&[("OTLP", address)]));
    let shop = Shop::open(&world).await;
    let answer = shop.post("/scans").json(&json!({ "code": "x" })).send().await;
    let trace = answer.json()["trace_id"].as_str().unwrap().to_owned();
    answer.refused(422, "code-invalid");
    let spans = eventually("the trace of a refusal", Duration::from_secs(20), async || {
        let spans = collector.of(&trace);
        spans.iter().any(|span| span.name == "POST /api/v1/scans").then_some(spans)
    })
    .await;
    let http = the(&spans, "span of HTTP", |span| span.name == "POST /api/v1/scans");
    let status = http.attributes.iter().find(|attribute| attribute.key == "http.response.status_code");
    assert!(status.is_some_and(|status| format!("{:?}", status.value).contains("422")), "{http:?}");
}
