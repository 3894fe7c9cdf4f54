//! The layer in every place a subscriber may have for it: both entrances work in all of them.

use insta::assert_snapshot;
use opentelemetry::trace::TraceContextExt;
use tracing::{Subscriber, info_span};
use tracing_genai::activity::{Operation, Turn, Usage};
use tracing_opentelemetry::OpenTelemetrySpanExt;
use tracing_subscriber::filter::{EnvFilter, LevelFilter};
use tracing_subscriber::layer::{Layer, SubscriberExt};
use tracing_subscriber::{Registry, reload};

use crate::support::Recorder;

fn work() {
    let agent = Operation::prompt("a").conversation("c-1").start();
    agent.in_scope(|| {
        info_span!("plain").in_scope(|| {
            Turn::chat("openai", "m").start().usage(Usage::new(1, 2)).finish_reason("stop").finish();
            let fields = info_span!("x", gen_ai.operation.name = "execute_tool", gen_ai.tool.name = "t");
            fields.in_scope(|| ());
        });
    });
}

fn trace_of<S>(stack: impl FnOnce(&Recorder) -> S) -> String
where
    S: Subscriber + Send + Sync + 'static,
{
    let recorder = Recorder::default();
    let subscriber = stack(&recorder);
    tracing::subscriber::with_default(subscriber, work);
    recorder.tree()
}

fn layer<S>(recorder: &Recorder) -> impl Layer<S> + use<S>
where
    S: Subscriber + for<'span> tracing_subscriber::registry::LookupSpan<'span>,
{
    tracing_genai::layer(recorder.sdk_tracer())
}

#[test]
fn plain() {
    assert_snapshot!(trace_of(|recorder| Registry::default().with(layer(recorder))), @r#"
    invoke_agent a
        agentic.operation.kind = "prompt"
        agentic.usage.input_tokens = 1
        agentic.usage.output_tokens = 2
        agentic.usage.turns = 1
        gen_ai.agent.name = "a"
        gen_ai.conversation.id = "c-1"
        gen_ai.operation.name = "invoke_agent"
        gen_ai.response.finish_reasons = ["stop"]
        gen_ai.usage.input_tokens = 1
        gen_ai.usage.output_tokens = 2
      plain
        chat m CLIENT
            gen_ai.agent.name = "a"
            gen_ai.conversation.id = "c-1"
            gen_ai.operation.name = "chat"
            gen_ai.provider.name = "openai"
            gen_ai.request.model = "m"
            gen_ai.response.finish_reasons = ["stop"]
            gen_ai.usage.input_tokens = 1
            gen_ai.usage.output_tokens = 2
        execute_tool t
            gen_ai.agent.name = "a"
            gen_ai.conversation.id = "c-1"
            gen_ai.operation.name = "execute_tool"
            gen_ai.tool.name = "t"
    "#);
}

fn expected() -> String {
    trace_of(|recorder| Registry::default().with(layer(recorder)))
}

#[test]
fn with_a_filter_of_its_own() {
    let filtered = trace_of(|recorder| Registry::default().with(layer(recorder).with_filter(EnvFilter::new("info"))));
    assert_eq!(filtered, expected());
}

#[test]
fn optional() {
    assert_eq!(trace_of(|recorder| Registry::default().with(Some(layer(recorder)))), expected());
}

#[test]
fn boxed() {
    assert_eq!(trace_of(|recorder| Registry::default().with(layer(recorder).boxed())), expected());
}

#[test]
fn in_a_vector() {
    let in_vector = trace_of(|recorder| {
        let layers: Vec<Box<dyn Layer<Registry> + Send + Sync>> =
            vec![layer(recorder).boxed(), LevelFilter::TRACE.boxed()];
        Registry::default().with(layers)
    });
    assert_eq!(in_vector, expected());
}

#[test]
fn under_a_global_filter() {
    let filtered = trace_of(|recorder| Registry::default().with(layer(recorder)).with(EnvFilter::new("info")));
    assert_eq!(filtered, expected());
}

/// `reload::Layer` hides the layer from `OpenTelemetrySpanExt`; the typed guards find another way.
#[test]
fn reloadable() {
    let reloadable = trace_of(|recorder| Registry::default().with(reload::Layer::new(layer(recorder)).0));
    assert_eq!(reloadable, expected());
}

#[test]
fn under_the_tracing_opentelemetry_layer_people_have() {
    let adopted =
        trace_of(|recorder| Registry::default().with(tracing_opentelemetry::layer().with_tracer(recorder.tracer())));
    // Its own extras show on plain spans only: of a GenAI span's they are no attributes.
    let extras = ["busy_ns", "idle_ns", "target", "thread.", "code."];
    let ours = |line: &&str| !extras.iter().any(|extra| line.trim().starts_with(extra));
    let adopted: String = adopted.lines().filter(ours).map(|line| format!("{line}\n")).collect();
    assert_eq!(adopted, expected());
}

#[test]
fn a_filter_that_shuts_us_out_leaves_inert_guards() {
    let recorder = Recorder::default();
    let subscriber = Registry::default().with(layer(&recorder).with_filter(LevelFilter::ERROR));
    tracing::subscriber::with_default(subscriber, work);
    assert_eq!(recorder.spans().len(), 0);
}

#[test]
fn without_a_subscriber_guards_do_nothing() {
    work();
    assert!(Operation::prompt("a").start().carrier().is_none());
}

#[test]
fn under_another_tracer_guards_are_inert() {
    use tracing_opentelemetry::OpenTelemetryLayer;
    let recorder = Recorder::default();
    let subscriber = Registry::default().with(OpenTelemetryLayer::new(recorder.sdk_tracer()));
    tracing::subscriber::with_default(subscriber, || {
        let turn = Turn::chat("openai", "m").start();
        assert!(turn.carrier().is_none());
        assert!(turn.span().context().span().span_context().is_valid());
    });
}
