//! The table of backends.
//!
//! Facts: what the backends' own pages and sources said in November 2026. What no page says is left out: no limit, no
//! signal and no key is guessed.

use crate::semconv::attr;
use crate::span::Dialect;

use super::super::adapter::{Aside, Extra, Limits};
use super::super::otlp_config::DEFAULT_PROTOCOL;
use super::super::otlp_config::Protocol::{self, Grpc, HttpJson, HttpProtobuf};
use super::super::route::Paths;
use super::super::signal::Signal::{self, Logs, Metrics, Traces};
use super::Backend;
use super::keys;
use super::place::{Otherwise, Place};

/// What is known of one backend.
pub(crate) struct Row {
    pub(crate) backend: Backend,
    pub(crate) name: &'static str,
    pub(crate) place: Place,
    /// What it speaks, the default first. Empty: any.
    pub(crate) protocols: &'static [Protocol],
    pub(crate) headers: &'static [Header],
    /// What it takes.
    pub(crate) signals: &'static [Signal],
    /// The state of the conventions that it reads.
    pub(crate) dialects: &'static [Dialect],
    pub(crate) keys: &'static [Extra],
    pub(crate) aside: &'static [Aside],
    /// Attributes of the resource, and the variables that hold them.
    pub(crate) resource: &'static [(&'static str, &'static str)],
    pub(crate) limits: Limits,
    /// Where the facts are from, and what is in doubt.
    #[cfg_attr(not(test), expect(dead_code, reason = "printed in docs/backends.md"))]
    pub(crate) source: &'static str,
}

/// A header by which it knows who sends.
pub(crate) struct Header {
    pub(crate) name: &'static str,
    pub(crate) form: Form,
    pub(crate) needed: Needed,
}

/// How its value is made of variables.
#[derive(Clone, Copy)]
pub(crate) enum Form {
    Fixed(&'static str),
    /// The first of these that is set.
    Plain(&'static [&'static str]),
    /// `Bearer` and the first of these that is set.
    Bearer(&'static [&'static str]),
    /// `Basic` and both, encoded.
    Basic {
        user: &'static str,
        password: &'static str,
    },
    /// The key of the DSN in this variable.
    SentryKey(&'static str),
}

/// Whether it takes anything without.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Needed {
    Always,
    /// A server of one's own may do without.
    Perhaps,
}

const fn header(name: &'static str, form: Form, needed: Needed) -> Header {
    Header { name, form, needed }
}

const fn place(variables: &'static [&'static str], otherwise: Otherwise, path: &'static str) -> Place {
    Place { variables, otherwise, path, paths: Paths::PerSignal }
}

use Form::{Basic, Bearer, Fixed, Plain, SentryKey};
use Needed::{Always, Perhaps};

const ALL: &[Signal] = &[Traces, Metrics, Logs];
const HTTP: &[Protocol] = &[HttpProtobuf, HttpJson];
/// The crate's default protocol first: with the feature `otlp-http` off there is only the other.
const ANY: &[Protocol] = match DEFAULT_PROTOCOL {
    Grpc => &[Grpc, HttpProtobuf, HttpJson],
    _ => &[HttpProtobuf, Grpc, HttpJson],
};
const NO_LIMITS: Limits = Limits { value: None, span: None };
const NEWEST: &[Dialect] = &[Dialect::Latest];
/// The last state that knows `gen_ai.usage.cache_creation.input_tokens`, and names providers as today.
const KNOWS_CACHE_CREATION: &[Dialect] = &[Dialect::V1_41];

/// A row that says nothing.
const fn plain(backend: Backend, name: &'static str) -> Row {
    Row {
        backend,
        name,
        place: place(&[], Otherwise::ThisMachine, ""),
        protocols: ANY,
        headers: &[],
        signals: ALL,
        dialects: NEWEST,
        keys: &[],
        aside: &[],
        resource: &[],
        limits: NO_LIMITS,
        source: "",
    }
}

pub(crate) const OTLP: Row = Row {
    source: "The OpenTelemetry specification; every variable of `docs/environment.md` counts.",
    ..plain(Backend::Otlp, "OTLP")
};

#[rustfmt::skip]
pub(crate) const ROWS: &[Row] = &[
    OTLP,
    Row {
        signals: &[Traces],
        source: "jaeger-ui #3856, #4271, #4466, #4467. Its view of agents knows a span by `gen_ai.operation.name`; no value that it does not know is written.",
        ..plain(Backend::Jaeger, "Jaeger")
    },
    Row {
        signals: &[Traces],
        limits: Limits { value: Some(2048), span: None },
        source: "Grafana Tempo, `max_attribute_bytes` (default 2048): longer values are cut there, and JSON is none any more.",
        ..plain(Backend::Tempo, "Tempo")
    },
    Row {
        place: place(&["LANGFUSE_BASE_URL", "LANGFUSE_HOST"], Otherwise::Url("https://cloud.langfuse.com"), "/api/public/otel"),
        protocols: HTTP,
        headers: &[
            header("authorization", Basic { user: "LANGFUSE_PUBLIC_KEY", password: "LANGFUSE_SECRET_KEY" }, Always),
            header("x-langfuse-ingestion-version", Fixed("4"), Perhaps),
        ],
        signals: &[Traces],
        dialects: KNOWS_CACHE_CREATION,
        keys: keys::LANGFUSE,
        aside: keys::LANGFUSE_ASIDE,
        limits: Limits { value: None, span: Some(1_000_000) },
        source: "langfuse.com/integrations/native/opentelemetry; `packages/shared/src/server/otel` of langfuse/langfuse; issues #17117 (`cache_write` is counted twice), #4940 (spans above 1 MB vanish: the server's own limit is a setting, so the size here is an estimate).",
        ..plain(Backend::Langfuse, "Langfuse")
    },
    Row {
        place: place(&["LANGSMITH_ENDPOINT"], Otherwise::Url("https://api.smith.langchain.com"), "/otel"),
        protocols: HTTP,
        headers: &[
            header("x-api-key", Plain(&["LANGSMITH_API_KEY"]), Always),
            header("langsmith-project", Plain(&["LANGSMITH_PROJECT"]), Perhaps),
        ],
        signals: &[Traces],
        dialects: KNOWS_CACHE_CREATION,
        keys: keys::LANGSMITH,
        source: "docs.langchain.com/langsmith/trace-with-opentelemetry: the provider is read from `gen_ai.system`, reasoning from `gen_ai.usage.details.reasoning_tokens`; no cache keys are listed.",
        ..plain(Backend::LangSmith, "LangSmith")
    },
    Row {
        place: place(&["PHOENIX_COLLECTOR_ENDPOINT"], Otherwise::Url("http://localhost:6006"), ""),
        protocols: &[HttpProtobuf],
        headers: &[header("authorization", Bearer(&["PHOENIX_API_KEY"]), Perhaps)],
        signals: &[Traces],
        dialects: KNOWS_CACHE_CREATION,
        keys: keys::PHOENIX,
        aside: keys::AGENTS_ASIDE,
        resource: &[("openinference.project.name", "PHOENIX_PROJECT_NAME")],
        source: "arize.com/docs/phoenix; `src/phoenix/trace/gen_ai/conversion.py` of Arize-ai/phoenix: operations without a kind of OpenInference get one here. Its gRPC port is another address and not offered.",
        ..plain(Backend::Phoenix, "Phoenix")
    },
    Row {
        place: place(&["MLFLOW_TRACKING_URI"], Otherwise::Url("http://localhost:5000"), ""),
        protocols: HTTP,
        headers: &[
            header("x-mlflow-experiment-id", Plain(&["MLFLOW_EXPERIMENT_ID"]), Always),
            header("authorization", Basic { user: "MLFLOW_TRACKING_USERNAME", password: "MLFLOW_TRACKING_PASSWORD" }, Perhaps),
            header("authorization", Bearer(&["MLFLOW_TRACKING_TOKEN"]), Perhaps),
        ],
        signals: &[Traces],
        dialects: KNOWS_CACHE_CREATION,
        keys: keys::MLFLOW,
        source: "mlflow.org/docs/latest/genai/tracing/opentelemetry/ingest (3.6 and later, HTTP only); `mlflow/tracing/otel/translation/genai_semconv.py`. A tracking URI that is no `http://` or `https://` URL is refused.",
        ..plain(Backend::MLflow, "MLflow")
    },
    Row {
        place: place(&["HONEYCOMB_API_ENDPOINT"], Otherwise::Url("https://api.honeycomb.io"), ""),
        protocols: ANY,
        headers: &[
            header("x-honeycomb-team", Plain(&["HONEYCOMB_API_KEY"]), Always),
            header("x-honeycomb-dataset", Plain(&["HONEYCOMB_DATASET"]), Perhaps),
        ],
        keys: keys::HONEYCOMB,
        limits: Limits { value: Some(64 * 1024), span: Some(1_000_000) },
        source: "docs.honeycomb.io/send-data/opentelemetry, /send-data/agents, /api/events (64 KB a string, 1 MB an event). The dataset is for metrics, and for traces of classic environments.",
        ..plain(Backend::Honeycomb, "Honeycomb")
    },
    Row {
        place: place(&[], Otherwise::DatadogSite { variable: "DD_SITE", default: "datadoghq.com" }, ""),
        protocols: HTTP,
        headers: &[
            header("dd-api-key", Plain(&["DD_API_KEY"]), Always),
            header("dd-otlp-source", Fixed("llmobs"), Perhaps),
        ],
        signals: &[Traces],
        dialects: KNOWS_CACHE_CREATION,
        source: "docs.datadoghq.com/llm_observability/instrumentation/otel_instrumentation (conventions 1.37 and later), /opentelemetry/setup/otlp_ingest/traces. The endpoint is not there at every site. Its intake of metrics and logs wants other headers: not offered.",
        ..plain(Backend::Datadog, "Datadog")
    },
    Row {
        place: place(&["LOGFIRE_BASE_URL"], Otherwise::LogfireRegion { token: "LOGFIRE_TOKEN" }, ""),
        protocols: HTTP,
        headers: &[header("authorization", Plain(&["LOGFIRE_TOKEN"]), Always)],
        dialects: KNOWS_CACHE_CREATION,
        keys: keys::LOGFIRE,
        source: "pydantic.dev/docs/logfire/guides/alternative-clients, /observe/llm-panels; pydantic/logfire #1076, #1619, #1760.",
        ..plain(Backend::Logfire, "Logfire")
    },
    Row {
        place: Place {
            paths: Paths::AsItIs,
            ..place(&["POSTHOG_HOST"], Otherwise::Url("https://us.i.posthog.com"), "/i/v0/ai/otel")
        },
        protocols: HTTP,
        headers: &[header("authorization", Bearer(&["POSTHOG_API_KEY", "POSTHOG_PROJECT_API_KEY"]), Always)],
        signals: &[Traces],
        keys: keys::POSTHOG,
        source: "posthog.com/docs/llm-analytics/installation/opentelemetry; `nodejs/src/ingestion/ai/otel` of PostHog/posthog. Spans that are not about models are dropped there.",
        ..plain(Backend::PostHog, "PostHog")
    },
    Row {
        place: place(&[], Otherwise::SentryDsn("SENTRY_DSN"), ""),
        protocols: HTTP,
        headers: &[header("x-sentry-auth", SentryKey("SENTRY_DSN"), Always)],
        signals: &[Traces, Logs],
        keys: keys::SENTRY,
        source: "docs.sentry.io/concepts/otlp: traces and logs, no metrics; events of spans are dropped there. A trace needs its root.",
        ..plain(Backend::Sentry, "Sentry")
    },
];

/// The row of `backend`.
pub(crate) fn of(backend: Backend) -> &'static Row {
    ROWS.iter().find(|row| row.backend == backend).unwrap_or(&OTLP)
}

/// The attribute that holds the id of a session, or stands in for it.
pub(crate) const SESSION: &[&str] = &[attr::SESSION_ID, attr::GEN_AI_CONVERSATION_ID];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_backend_has_one_row() {
        for row in ROWS {
            assert_eq!(of(row.backend).name, row.name);
            assert_eq!(ROWS.iter().filter(|other| other.backend == row.backend).count(), 1, "{}", row.name);
            assert!(!row.source.is_empty() && !row.signals.is_empty() && !row.protocols.is_empty(), "{}", row.name);
        }
    }

    #[test]
    fn what_takes_one_url_takes_one_signal() {
        for row in ROWS.iter().filter(|row| row.place.paths == Paths::AsItIs) {
            assert_eq!(row.signals, [Traces], "{}", row.name);
        }
    }
}
