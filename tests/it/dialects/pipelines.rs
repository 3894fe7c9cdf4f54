//! What a pipeline writes: by its setting, by the variable, by what is said of a backend.

use std::time::Duration;

use tracing_genai::collector::Collector;
use tracing_genai::pipeline::{Backend, BackendConfig, Env, Pipeline, PipelineBuilder, Protocol};
use tracing_subscriber::layer::SubscriberExt;

use super::*;

const PATIENCE: Duration = Duration::from_secs(20);
const OPT_IN: &str = "OTEL_SEMCONV_STABILITY_OPT_IN";

/// The older names that came out, besides `gen_ai.provider.name` if it did.
fn exported(set: impl FnOnce(PipelineBuilder, &str) -> PipelineBuilder) -> Vec<String> {
    let collector = Collector::builder().start().expect("a free port");
    let builder = Pipeline::builder().with_env(Env::empty()).with_protocol(Protocol::HttpProtobuf);
    let telemetry = set(builder, &collector.http_endpoint()).build().expect("good settings");
    let subscriber = tracing_subscriber::registry().with(telemetry.layer());
    tracing::subscriber::with_default(subscriber, agent);
    telemetry.flush(PATIENCE).expect("exported");
    let spans = collector.spans();
    assert_eq!(spans.len(), 5);
    let turn = spans.iter().find(|span| span.name == "chat gpt-4o").expect("the turn");
    let keys = turn.attributes.iter().map(|(key, _)| key.clone());
    let mut keys: Vec<_> = keys.filter(|key| OLD.contains(&key.as_str()) || key == "gen_ai.provider.name").collect();
    keys.sort_unstable();
    keys
}

fn env(value: &str) -> Env {
    Env::from_iter([(OPT_IN, value)])
}

fn names(dialects: impl Into<Dialects>) -> Vec<String> {
    let recorder = under(dialects, agent);
    let keys = once(&recorder.span("chat gpt-4o")).into_keys();
    keys.filter(|key| OLD.contains(&key.as_str()) || key == "gen_ai.provider.name").collect()
}

#[test]
fn a_pipeline_writes_what_code_says_else_the_variable_else_the_newest() {
    assert_eq!(exported(|builder, url| builder.with_endpoint(url)), names(Latest));
    assert_eq!(exported(|builder, url| builder.with_endpoint(url).with_semconv(V1_36)), names(V1_36));
    let by_variable =
        |builder: PipelineBuilder, url: &str| builder.with_endpoint(url).with_env(env("http/dup,gen_ai/dup"));
    assert_eq!(exported(by_variable), names([Latest, V1_41]));
    let both = exported(|builder, url| by_variable(builder, url).with_semconv([V1_41, V1_36]));
    assert_eq!(both, names([V1_41, V1_36]));
}

#[test]
fn what_is_said_of_one_backend_beats_what_is_said_of_all() {
    let backend = |url: &str| BackendConfig::from(Backend::Otlp).with_endpoint(url);
    let own = exported(|builder, url| builder.with_env(env("gen_ai/1.41")).backend(backend(url).with_semconv(V1_36)));
    assert_eq!(own, names(V1_36));
    let all = exported(|builder, url| builder.with_env(env("gen_ai/1.41")).backend(backend(url)));
    assert_eq!(all, names(V1_41));
}

#[test]
fn the_tracer_of_a_pipeline_keeps_the_names_of_the_pipeline() {
    let collector = Collector::builder().start().expect("a free port");
    let builder = Pipeline::builder().with_env(Env::empty()).with_protocol(Protocol::HttpProtobuf);
    let telemetry = builder.with_endpoint(collector.http_endpoint()).build().expect("good settings");
    let tracer = telemetry.tracer().with_semconv([Latest, V1_41, V1_36]);
    let subscriber = tracing_subscriber::registry().with(tracer.into_layer());
    tracing::subscriber::with_default(subscriber, agent);
    telemetry.flush(PATIENCE).expect("exported");
    let keys: Vec<_> = collector.spans().into_iter().flat_map(|span| span.attributes).map(|(key, _)| key).collect();
    assert!(!keys.is_empty() && keys.iter().all(|key| !OLD.contains(&key.as_str())), "{keys:?}");
}
