//! Parents from elsewhere, in their order: the caller, a carrier, the resolver, the environment, nobody.

use std::cell::RefCell;
use std::collections::HashMap;

use axum::http::HeaderMap;
use opentelemetry_http::{HeaderExtractor, HeaderInjector};
use tracing::info_span;
use tracing_genai::activity::{Operation, Turn, Workflow};
use tracing_genai::pipeline::{Env, Pipeline, PipelineBuilder};
use tracing_genai::{Carrier, GenAiTracer};
use tracing_subscriber::layer::SubscriberExt;

use crate::support::Recorder;

/// Places in four traces; the first digit of the trace id says whose.
fn place(whose: u8) -> Carrier {
    format!("00-{whose}af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01").parse().expect("valid")
}

const CARRIER: u8 = 1;
const HEADERS: u8 = 2;
const ENVIRONMENT: u8 = 3;

thread_local! {
    /// The headers of the request that this thread is at.
    static REQUEST: RefCell<HeaderMap> = RefCell::default();
}

/// A resolver that takes the parent from the headers of the request at hand.
fn with_headers<T>(tracer: GenAiTracer<T>) -> GenAiTracer<T> {
    tracer.with_root_context(|_| {
        let carrier = REQUEST.with_borrow(|headers| Carrier::extract(&HeaderExtractor(headers)));
        carrier.ok().flatten().map(|carrier| carrier.context())
    })
}

/// First digit of the trace id of the turn on `model`.
fn trace(recorder: &Recorder, model: &str) -> char {
    let id = recorder.span(&format!("chat {model}")).span_context.trace_id().to_string();
    id.chars().next().expect("32 digits")
}

#[test]
fn the_first_place_that_is_there_is_the_parent() {
    let recorder = Recorder::default();
    let tracer = with_headers(recorder.tracer()).with_process_parent(&place(ENVIRONMENT));
    tracing::subscriber::with_default(tracing_subscriber::registry().with(tracer.into_layer()), || {
        Turn::chat("openai", "environment").start().finish();
        REQUEST.with_borrow_mut(|headers| place(HEADERS).inject(&mut HeaderInjector(headers)));
        Turn::chat("openai", "headers").start().finish();
        Turn::chat("openai", "carrier").continues(&place(CARRIER)).start().finish();
        let agent = Operation::prompt("a").start();
        let child = || Turn::chat("openai", "caller").child_of(agent.span()).continues(&place(CARRIER));
        child().start().finish();
        agent.in_scope(|| {
            Turn::chat("openai", "current").start().finish();
            // Who names a carrier means it, whatever runs here.
            Turn::chat("openai", "carrier inside").continues(&place(CARRIER)).start().finish();
        });
        info_span!("plain").in_scope(|| Turn::chat("openai", "in a plain span").start().finish());
        REQUEST.take();
    });
    let agent = recorder.span("invoke_agent a").span_context;
    for model in ["caller", "current"] {
        assert_eq!(recorder.span(&format!("chat {model}")).parent_span_id, agent.span_id(), "{model}");
    }
    for (model, whose) in [("carrier", '1'), ("carrier inside", '1'), ("headers", '2'), ("environment", '3')] {
        assert_eq!(trace(&recorder, model), whose, "{model}");
        assert!(recorder.span(&format!("chat {model}")).parent_span_is_remote, "{model}");
    }
    let plain = recorder.span("plain");
    assert_eq!(recorder.span("chat in a plain span").parent_span_id, plain.span_context.span_id());
    assert!(!plain.parent_span_is_remote, "other programs' spans are not touched");
}

#[test]
fn a_disabled_parent_leaves_the_carrier_its_say() {
    let recorder = crate::support::record(|| {
        let turn = Turn::chat("openai", "m").child_of(&tracing::Span::none()).continues(&place(CARRIER));
        turn.start().finish();
    });
    assert_eq!(trace(&recorder, "m"), '1');
}

#[test]
fn a_resolver_that_panics_leaves_the_environment_its_say() {
    let recorder = Recorder::default();
    let tracer = recorder.tracer().with_root_context(|_| panic!("a bug of the resolver"));
    let tracer = tracer.with_process_parent(&place(ENVIRONMENT));
    tracing::subscriber::with_default(tracing_subscriber::registry().with(tracer.clone().into_layer()), || {
        Turn::chat("openai", "m").start().finish();
    });
    assert_eq!(trace(&recorder, "m"), '3');
    assert_eq!(tracer.stats().hook_panics, 1);
}

#[test]
fn headers_carry_place_state_and_allowed_baggage() {
    let carrier = Carrier::new(&place(HEADERS).traceparent(), Some("vendor=1")).expect("valid");
    let carrier = carrier.with_baggage_entry("session.id", "ä b").with_baggage_entry("bad key", "x");
    let mut headers = HeaderMap::new();
    carrier.inject(&mut HeaderInjector(&mut headers));
    headers.append("tracestate", "other=2".parse().expect("a header"));
    headers.append("baggage", "user.id=u;p=1, =bad".parse().expect("a header"));
    let received = Carrier::extract(&HeaderExtractor(&headers)).expect("valid").expect("there is one");
    assert_eq!(received.tracestate().as_deref(), Some("vendor=1,other=2"));
    let received = received.with_baggage(["session.id", "user.id", "bad key"]);
    assert_eq!(received.baggage().as_deref(), Some("session.id=%C3%A4%20b,user.id=u"));
    assert_eq!(Carrier::extract(&HeaderExtractor(&HeaderMap::new())), Ok(None));
}

#[test]
fn what_is_no_text_is_no_traceparent() {
    let mut headers = HeaderMap::new();
    headers.insert("traceparent", axum::http::HeaderValue::from_bytes(b"\xff").expect("opaque"));
    assert_eq!(Carrier::extract(&HeaderExtractor(&headers)), Ok(None));
}

#[test]
fn a_carrier_goes_through_opentelemetrys_propagator_and_back() {
    use opentelemetry::propagation::TextMapPropagator;
    use opentelemetry_sdk::propagation::TraceContextPropagator;
    let carrier = Carrier::new(&place(HEADERS).traceparent(), Some("vendor=1")).expect("valid");
    let mut map = HashMap::new();
    TraceContextPropagator::new().inject_context(&carrier.context(), &mut map);
    assert_eq!(Carrier::extract(&map), Ok(Some(carrier.clone())));
    let mut ours = HashMap::new();
    carrier.inject(&mut ours);
    let read = TraceContextPropagator::new().extract(&ours);
    assert_eq!(Carrier::from_context(&read), Some(carrier));
}

#[test]
fn a_pipeline_takes_its_place_from_its_environment() {
    let traceparent = place(ENVIRONMENT).traceparent();
    let env = Env::from_iter([
        ("OTEL_TRACES_EXPORTER", "none"),
        ("OTEL_METRICS_EXPORTER", "none"),
        ("OTEL_LOGS_EXPORTER", "none"),
        ("TRACEPARENT", &traceparent),
    ]);
    let trace_of = |pipeline: PipelineBuilder| {
        let telemetry = pipeline.with_env(env.clone()).build().expect("a pipeline");
        let start = || Workflow::new("w").start().carrier().expect("a tracer").trace_id();
        tracing::subscriber::with_default(tracing_subscriber::registry().with(telemetry.layer()), start)
    };
    assert_eq!(trace_of(Pipeline::builder()), place(ENVIRONMENT).trace_id());
    assert_ne!(trace_of(Pipeline::builder().without_process_parent()), place(ENVIRONMENT).trace_id());
}
