//! Where requests go, and what they say of who sends.

use tracing_genai::Dialect;
use tracing_genai::content::Content;
use tracing_genai::pipeline::{Backend, Env, InitErrorKind, Pipeline, Signal};

use crate::receiver::Receiver;
use crate::scenario::{CANARY, named, pipeline, send, with};

/// The paths that were asked, each once, sorted; metrics and logs where the backend takes them.
fn paths(receiver: &Receiver) -> Vec<String> {
    let mut paths: Vec<_> = receiver.asked().into_iter().map(|asked| asked.path).collect();
    paths.sort();
    paths.dedup();
    paths
}

type Pairs = &'static [(&'static str, &'static str)];

#[test]
fn paths_and_headers_of_every_backend() {
    #[rustfmt::skip]
    let cases: &[(Backend, &str, Pairs)] = &[
        (Backend::Jaeger,    "/v1/traces",                    &[]),
        (Backend::Tempo,     "/v1/traces",                    &[]),
        (Backend::Langfuse,  "/api/public/otel/v1/traces",    &[("authorization", "Basic cGstbGY6c2stbGY="), ("x-langfuse-ingestion-version", "4")]),
        (Backend::LangSmith, "/otel/v1/traces",               &[("x-api-key", "ls-key"), ("langsmith-project", "travel")]),
        (Backend::Phoenix,   "/v1/traces",                    &[("authorization", "Bearer px-key")]),
        (Backend::MLflow,    "/v1/traces",                    &[("x-mlflow-experiment-id", "7")]),
        (Backend::Honeycomb, "/v1/traces",                    &[("x-honeycomb-team", "hc-key")]),
        (Backend::Datadog,   "/v1/traces",                    &[("dd-api-key", "dd-key"), ("dd-otlp-source", "llmobs")]),
        (Backend::Logfire,   "/v1/traces",                    &[("authorization", "pylf_v1_us_key")]),
        (Backend::PostHog,   "/i/v0/ai/otel",                 &[("authorization", "Bearer phc_key")]),
        (Backend::Sentry,    "/v1/traces",                    &[("x-sentry-auth", "sentry sentry_key=abc")]),
    ];
    for (backend, path, headers) in cases {
        let receiver = Receiver::start();
        send(pipeline().backend(with(*backend, &receiver).with_signals([Signal::Traces])));
        assert_eq!(paths(&receiver), [*path], "{backend:?}");
        let sent = &receiver.asked()[0].headers;
        for (name, value) in *headers {
            assert_eq!(sent.get(*name).map(String::as_str), Some(*value), "{backend:?}: {name}");
        }
    }
}

#[test]
fn a_backend_gets_the_signals_that_it_takes() {
    let receiver = Receiver::start();
    send(pipeline().backend(with(Backend::Langfuse, &receiver)));
    assert_eq!(paths(&receiver), ["/api/public/otel/v1/traces"]);
    let receiver = Receiver::start();
    send(pipeline().backend(with(Backend::Honeycomb, &receiver)));
    assert_eq!(paths(&receiver), ["/v1/logs", "/v1/metrics", "/v1/traces"]);
}

#[test]
fn variables_for_one_receiver_are_not_sent_to_another() {
    let receiver = Receiver::start();
    let env = Env::from_iter([
        ("OTEL_EXPORTER_OTLP_HEADERS", format!("x-secret={CANARY}").as_str()),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:9"),
        ("HONEYCOMB_API_KEY", "hc-key"),
    ]);
    let named = with(Backend::Honeycomb, &receiver).with_signals([Signal::Traces]);
    send(Pipeline::builder().with_env(env).backend(named));
    let asked = receiver.asked();
    assert!(!asked.is_empty() && asked.iter().all(|asked| !asked.headers.contains_key("x-secret")));
}

#[test]
fn a_missing_variable_stops_the_start_and_says_which() {
    let error = Pipeline::builder().with_env(Env::empty()).backend(Backend::Langfuse).build().unwrap_err();
    assert_eq!(error.kind(), InitErrorKind::Variable);
    assert!(error.to_string().contains("LANGFUSE_PUBLIC_KEY and LANGFUSE_SECRET_KEY"), "{error}");
}

#[test]
fn secrets_are_never_shown() {
    let receiver = Receiver::start();
    let config = with(Backend::Langfuse, &receiver).with_header("authorization", CANARY);
    let mut shown = format!("{config:?}");
    let builder = pipeline().backend(config);
    shown += &format!("{builder:?}");
    let telemetry = builder.build().unwrap();
    shown += &format!("{telemetry:?}");
    shown += &format!("{:?}", telemetry.shutdown());
    assert!(!shown.contains(CANARY), "{shown}");
}

#[test]
fn the_names_of_code_beat_those_of_the_backend() {
    let receiver = Receiver::start();
    let config = with(Backend::MLflow, &receiver).with_semconv(Dialect::Latest);
    send(pipeline().with_content(Content::off()).backend(config));
    let spans = receiver.spans();
    let turn = named(&spans, "chat m-large");
    assert_eq!(turn.int("gen_ai.usage.cache_write.input_tokens"), Some(10));
    assert_eq!(turn.int("gen_ai.usage.cache_creation.input_tokens"), None);
}
