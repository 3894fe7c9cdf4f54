//! Where each backend is and how it knows who sends, by its variables and by code.

use super::super::otlp_config::{Otlp, Protocol};
use super::super::route::{Paths, Route};
use super::super::signal::Signal;
use super::rows::ROWS;
use super::*;
use crate::pipeline::{Env, InitErrorKind};

type Pairs = &'static [(&'static str, &'static str)];

/// Everything that a backend may be told by variables.
const EVERYTHING: Pairs = &[
    ("DD_API_KEY", "dd-canary"),
    ("HONEYCOMB_API_KEY", "hc-canary"),
    ("HONEYCOMB_DATASET", "numbers"),
    ("LANGFUSE_PUBLIC_KEY", "pk-lf"),
    ("LANGFUSE_SECRET_KEY", "sk-canary"),
    ("LANGSMITH_API_KEY", "ls-canary"),
    ("LANGSMITH_PROJECT", "travel"),
    ("LOGFIRE_TOKEN", "pylf_v1_eu_canary"),
    ("MLFLOW_EXPERIMENT_ID", "7"),
    ("MLFLOW_TRACKING_TOKEN", "ml-canary"),
    ("PHOENIX_API_KEY", "px-canary"),
    ("PHOENIX_PROJECT_NAME", "travel"),
    ("POSTHOG_API_KEY", "phc_canary"),
    ("SENTRY_DSN", "https://5ecretcanary@o1.ingest.us.sentry.io/42"),
    // Meant for somebody else.
    ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://elsewhere:4318"),
    ("OTEL_EXPORTER_OTLP_HEADERS", "authorization=other-canary"),
    ("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc"),
];

fn env(pairs: &[(&str, &str)]) -> Env {
    Env::from_iter(pairs.iter().map(|(name, value)| (name.to_string(), value.to_string())))
}

fn route(backend: impl Into<BackendConfig>, pairs: &[(&str, &str)]) -> Route {
    backend.into().route(&env(pairs)).unwrap_or_else(|error| panic!("{error}"))
}

fn refusal(backend: impl Into<BackendConfig>, pairs: &[(&str, &str)]) -> String {
    let Err(error) = backend.into().route(&env(pairs)) else { panic!("it was taken") };
    format!("{error} {error:?} {:?}", error.kind())
}

/// `name: value` of every header, sorted.
fn headers(route: &Route) -> Vec<String> {
    let mut headers: Vec<_> =
        route.connection.headers.iter().map(|set| format!("{}: {}", set.name, set.value)).collect();
    headers.sort();
    headers
}

#[test]
fn every_backend_by_its_variables() {
    #[rustfmt::skip]
    let cases: &[(Backend, Option<&str>, &[&str])] = &[
        (Backend::Jaeger,    None,                                      &[]),
        (Backend::Tempo,     None,                                      &[]),
        (Backend::Langfuse,  Some("https://cloud.langfuse.com/api/public/otel"),
            &["authorization: Basic cGstbGY6c2stY2FuYXJ5", "x-langfuse-ingestion-version: 4"]),
        (Backend::LangSmith, Some("https://api.smith.langchain.com/otel"),
            &["langsmith-project: travel", "x-api-key: ls-canary"]),
        (Backend::Phoenix,   Some("http://localhost:6006"),             &["authorization: Bearer px-canary"]),
        (Backend::MLflow,    Some("http://localhost:5000"),
            &["authorization: Bearer ml-canary", "x-mlflow-experiment-id: 7"]),
        (Backend::Honeycomb, Some("https://api.honeycomb.io"),
            &["x-honeycomb-dataset: numbers", "x-honeycomb-team: hc-canary"]),
        (Backend::Datadog,   Some("https://otlp.datadoghq.com"),
            &["dd-api-key: dd-canary", "dd-otlp-source: llmobs"]),
        (Backend::Logfire,   Some("https://logfire-eu.pydantic.dev"),   &["authorization: pylf_v1_eu_canary"]),
        (Backend::PostHog,   Some("https://us.i.posthog.com/i/v0/ai/otel"), &["authorization: Bearer phc_canary"]),
        (Backend::Sentry,    Some("https://o1.ingest.us.sentry.io/api/42/integration/otlp"),
            &["x-sentry-auth: sentry sentry_key=5ecretcanary"]),
    ];
    for (backend, endpoint, expected) in cases {
        let route = route(*backend, EVERYTHING);
        assert_eq!(route.connection.endpoint.as_deref(), *endpoint, "{backend:?}");
        assert_eq!(headers(&route), *expected, "{backend:?}");
        assert!(!route.from_environment, "{backend:?}");
        assert_eq!(route.name, backend.name());
    }
    assert_eq!(cases.len() + 1, ROWS.len());
}

#[test]
fn addresses_by_their_variables() {
    const KEYS: Pairs = EVERYTHING;
    #[rustfmt::skip]
    let cases: &[(Backend, &str, &str, &str)] = &[
        (Backend::Langfuse,  "LANGFUSE_HOST",              "https://us.cloud.langfuse.com",     "https://us.cloud.langfuse.com/api/public/otel"),
        (Backend::Langfuse,  "LANGFUSE_BASE_URL",          "http://localhost:3000/",            "http://localhost:3000/api/public/otel"),
        (Backend::LangSmith, "LANGSMITH_ENDPOINT",         "https://eu.api.smith.langchain.com", "https://eu.api.smith.langchain.com/otel"),
        (Backend::LangSmith, "LANGSMITH_ENDPOINT",         "https://h/api/v1",                  "https://h/api/v1/otel"),
        (Backend::Phoenix,   "PHOENIX_COLLECTOR_ENDPOINT", "https://app.phoenix.arize.com/s/me", "https://app.phoenix.arize.com/s/me"),
        (Backend::Phoenix,   "PHOENIX_COLLECTOR_ENDPOINT", "http://h:6006/v1/traces",           "http://h:6006"),
        (Backend::MLflow,    "MLFLOW_TRACKING_URI",        "http://mlflow:5000",                "http://mlflow:5000"),
        (Backend::Honeycomb, "HONEYCOMB_API_ENDPOINT",     "https://api.eu1.honeycomb.io:443",  "https://api.eu1.honeycomb.io:443"),
        (Backend::Datadog,   "DD_SITE",                    "us3.datadoghq.com",                 "https://otlp.us3.datadoghq.com"),
        (Backend::Logfire,   "LOGFIRE_BASE_URL",           "http://localhost:8080",             "http://localhost:8080"),
        (Backend::PostHog,   "POSTHOG_HOST",               "https://eu.i.posthog.com",          "https://eu.i.posthog.com/i/v0/ai/otel"),
    ];
    for (backend, name, value, expected) in cases {
        let pairs: Vec<_> = KEYS.iter().copied().chain([(*name, *value)]).collect();
        assert_eq!(route(*backend, &pairs).connection.endpoint.as_deref(), Some(*expected), "{name}={value}");
        let code = backend.config().with_endpoint(" http://code:1\n");
        let endpoint = route(code, &pairs).connection.endpoint.unwrap();
        assert!(endpoint.starts_with("http://code:1"), "{endpoint}");
    }
    assert_eq!(route(Backend::PostHog, KEYS).connection.paths, Paths::AsItIs);
}

#[test]
fn what_is_needed_and_missing_is_named_with_its_mend() {
    #[rustfmt::skip]
    let cases = [
        (Backend::Langfuse,  "Langfuse needs LANGFUSE_PUBLIC_KEY and LANGFUSE_SECRET_KEY"),
        (Backend::LangSmith, "LangSmith needs LANGSMITH_API_KEY"),
        (Backend::MLflow,    "MLflow needs MLFLOW_EXPERIMENT_ID"),
        (Backend::Honeycomb, "Honeycomb needs HONEYCOMB_API_KEY"),
        (Backend::Datadog,   "Datadog needs DD_API_KEY"),
        (Backend::Logfire,   "Logfire needs LOGFIRE_TOKEN"),
        (Backend::PostHog,   "PostHog needs POSTHOG_API_KEY or POSTHOG_PROJECT_API_KEY"),
        (Backend::Sentry,    "Sentry needs SENTRY_DSN"),
    ];
    for (backend, expected) in cases {
        let text = refusal(backend, &[]);
        assert!(text.contains(expected) && text.contains("with_header") | text.contains("x-sentry-auth"), "{text}");
        assert!(text.contains(&format!("{:?}", InitErrorKind::Variable)), "{text}");
    }
    for backend in [Backend::Otlp, Backend::Jaeger, Backend::Tempo, Backend::Phoenix] {
        assert!(backend.config().route(&Env::empty()).is_ok(), "{backend:?}");
    }
    let half = refusal(Backend::Langfuse, &[("LANGFUSE_SECRET_KEY", "canary")]);
    assert!(half.contains("set LANGFUSE_PUBLIC_KEY as well") && !half.contains("canary"), "{half}");
}

#[test]
fn a_header_set_in_code_beats_its_variable_and_is_enough() {
    let config = Backend::Langfuse.config().with_header("Authorization", "Basic bWluZQ==");
    for pairs in [EVERYTHING, &[]] {
        let of_code = ["Authorization: Basic bWluZQ==", "x-langfuse-ingestion-version: 4"];
        assert_eq!(headers(&route(config.clone(), pairs)), of_code);
    }
    let sentry = Backend::Sentry.config().with_endpoint("https://h/otlp").with_header("x-sentry-auth", "sentry k");
    assert_eq!(route(sentry, &[]).connection.endpoint.as_deref(), Some("https://h/otlp"));
}

#[test]
fn secrets_are_in_no_error_and_no_debug() {
    #[rustfmt::skip]
    let cases = [
        (Backend::Langfuse,  "LANGFUSE_HOST",       "canary"),
        (Backend::MLflow,    "MLFLOW_TRACKING_URI", "databricks"),
        (Backend::MLflow,    "MLFLOW_TRACKING_URI", "http://user:canary@h"),
        (Backend::Datadog,   "DD_SITE",             "https://datadoghq.eu"),
        (Backend::Sentry,    "SENTRY_DSN",          "canary"),
        (Backend::Logfire,   "LOGFIRE_TOKEN",       "pylf_v1_xx_canary"),
    ];
    for (backend, name, value) in cases {
        let pairs: Vec<_> =
            EVERYTHING.iter().copied().filter(|(known, _)| *known != name).chain([(name, value)]).collect();
        let text = refusal(backend, &pairs);
        assert!(text.contains(name), "{text}");
        let is_url = name.ends_with("HOST");
        assert!(!text.contains("canary") || is_url, "{text}");
    }
    let config = Backend::Langfuse.config().with_header("authorization", "canary").with_endpoint("http://canary");
    assert!(!format!("{config:?}").contains("canary"), "{config:?}");
}

#[test]
fn settings_of_code_beat_the_row() {
    let config = Backend::Logfire.config().with_signals([Signal::Logs]).with_semconv(crate::Dialect::V1_36);
    let set = route(config, EVERYTHING);
    assert_eq!(set.signals, [Signal::Logs]);
    assert_eq!(set.adapter.dialects, crate::Dialect::V1_36.into());
    let row = route(Backend::Langfuse, EVERYTHING);
    assert_eq!(row.signals, [Signal::Traces]);
    assert_eq!(row.adapter.dialects, crate::Dialect::V1_41.into());
    assert_eq!(row.connection.protocol, Some(Protocol::HttpProtobuf));
    let text = refusal(Backend::Langfuse.config().with_protocol(Protocol::Grpc), EVERYTHING);
    assert!(text.contains("use Protocol::HttpProtobuf or Protocol::HttpJson"), "{text}");
    let phoenix = route(Backend::Phoenix, EVERYTHING);
    assert_eq!(phoenix.resource, [opentelemetry::KeyValue::new("openinference.project.name", "travel")]);
}

#[test]
fn signals_that_a_backend_does_not_take_are_refused() {
    let text = refusal(Backend::PostHog.config().with_signals([Signal::Traces, Signal::Metrics]), EVERYTHING);
    assert!(text.contains("PostHog does not take metrics: use Signal::Traces"), "{text}");
    assert!(text.contains(&format!("{:?}", InitErrorKind::Setting)), "{text}");
}

#[test]
fn an_error_about_a_value_of_a_variable_names_the_variable() {
    let pairs = [("LANGSMITH_API_KEY", "cänary\u{7}")];
    let route = route(Backend::LangSmith, &pairs);
    let Err(error) = Otlp::resolve(&route, &env(&pairs), Signal::Traces) else { panic!("it was taken") };
    let text = error.to_string();
    assert!(text.contains("LANGSMITH_API_KEY") && !text.contains("with_header"), "{text}");
    assert!(!text.contains("nary"), "{text}");
}

#[test]
fn a_site_is_shown_as_endpoints_are() {
    let text = refusal(Backend::Datadog, &[("DD_API_KEY", "k"), ("DD_SITE", "https://u:canary@dd.eu/?k=canary")]);
    assert!(text.contains("DD_SITE") && text.contains("dd.eu") && !text.contains("canary"), "{text}");
}
