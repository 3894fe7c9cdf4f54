//! Backends: where they listen, how they know who sends, what they read, as rows of a table.
//!
//! `docs/backends.md` is printed from the rows.

mod config;
mod keys;
#[cfg(test)]
mod page;
mod place;
mod rows;
mod sentry;
#[cfg(test)]
mod tests;
mod variables;

pub use config::BackendConfig;
pub(crate) use variables::VARIABLES;

/// A backend whose needs are known: its endpoint and headers come from the variables that its own tools read, and its
/// spans get the names, keys and sizes it understands. `docs/backends.md` says which.
///
/// ```
/// use tracing_genai::content::Content;
/// use tracing_genai::pipeline::{Backend, Pipeline};
///
/// // Content for the one, metadata for the other; keys from LANGFUSE_PUBLIC_KEY, LANGFUSE_SECRET_KEY.
/// let builder = Pipeline::builder()
///     .backend(Backend::Langfuse.config().with_content(Content::all()))
///     .backend(Backend::Jaeger);
/// # drop(builder);
/// ```
///
/// Several at once have queues, a thread and counts of their own: one that fails does not delay another. The variables
/// `OTEL_EXPORTER_OTLP_ENDPOINT`, `_HEADERS` and `_PROTOCOL` count for [`Otlp`](Self::Otlp) only.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Backend {
    /// Any OTLP receiver, by the `OTEL_EXPORTER_OTLP_*` variables.
    Otlp,
    /// [Jaeger](https://www.jaegertracing.io), on this machine unless its endpoint is set.
    Jaeger,
    /// [Grafana Tempo](https://grafana.com/oss/tempo/), on this machine unless its endpoint is set.
    Tempo,
    /// [Langfuse](https://langfuse.com), its cloud in the EU unless `LANGFUSE_BASE_URL` or `LANGFUSE_HOST` says
    /// otherwise.
    Langfuse,
    /// [LangSmith](https://smith.langchain.com).
    LangSmith,
    /// [Arize Phoenix](https://phoenix.arize.com), on this machine unless `PHOENIX_COLLECTOR_ENDPOINT` says otherwise.
    Phoenix,
    /// [MLflow](https://mlflow.org), on this machine unless `MLFLOW_TRACKING_URI` says otherwise.
    MLflow,
    /// [Honeycomb](https://www.honeycomb.io), in the US unless `HONEYCOMB_API_ENDPOINT` says otherwise.
    Honeycomb,
    /// [Datadog](https://www.datadoghq.com) LLM Observability, without an agent.
    Datadog,
    /// [Pydantic Logfire](https://pydantic.dev/logfire), in the region that its token names.
    Logfire,
    /// [PostHog](https://posthog.com) LLM analytics, in the US unless `POSTHOG_HOST` says otherwise.
    PostHog,
    /// [Sentry](https://sentry.io), by its DSN.
    Sentry,
}

impl Backend {
    /// Itself with nothing set yet, to set something.
    pub fn config(self) -> BackendConfig {
        self.into()
    }

    /// What it is called.
    pub fn name(self) -> &'static str {
        self.row().name
    }

    fn row(self) -> &'static rows::Row {
        rows::of(self)
    }
}
