//! The environment: one table of every variable, and reading.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use super::backend;
use super::error::{InitError, Origin};

/// One row of the table of environment variables.
pub(crate) struct Variable {
    pub(crate) name: &'static str,
    pub(crate) meaning: &'static str,
    pub(crate) default: &'static str,
    pub(crate) used_by: &'static str,
}

pub(crate) const fn row(
    name: &'static str,
    meaning: &'static str,
    default: &'static str,
    used_by: &'static str,
) -> Variable {
    Variable { name, meaning, default, used_by }
}

/// Every variable this room reads; `docs/environment.md` is printed from it.
#[rustfmt::skip]
pub(crate) const VARIABLES: &[Variable] = &[
    // name                                        meaning                                                             default                                  used by
    row("OTEL_SDK_DISABLED",                       "`true` switches all export off; the guard keeps working",          "`false`",                               "everything"),
    row("OTEL_SERVICE_NAME",                       "`service.name`; beats the one in `OTEL_RESOURCE_ATTRIBUTES`",      "`unknown_service:<executable>`",        "resource"),
    row("OTEL_RESOURCE_ATTRIBUTES",                "`key=value,…`, keys and values percent-encoded",                   "none",                                  "resource"),
    row("OTEL_TRACES_EXPORTER",                                    "`otlp`, `console`, `none`, or a comma list of the first two",         "`otlp`",                                "exporters"),
    row("OTEL_METRICS_EXPORTER",                                   "as `OTEL_TRACES_EXPORTER`, for metrics",                              "`otlp`",                                "exporters"),
    row("OTEL_LOGS_EXPORTER",                                      "as `OTEL_TRACES_EXPORTER`, for log records",                          "`otlp`",                                "exporters"),
    row("OTEL_EXPORTER_OTLP_PROTOCOL",                             "`grpc`, `http/protobuf` or `http/json`",                              "`http/protobuf`; `grpc` if the feature `otlp-http` is off", "exporter `otlp`"),
    row("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL",                      "as `OTEL_EXPORTER_OTLP_PROTOCOL`, beats it",                          "unset",                                 "exporter `otlp`"),
    row("OTEL_EXPORTER_OTLP_METRICS_PROTOCOL",                     "as `OTEL_EXPORTER_OTLP_PROTOCOL`, beats it",                          "unset",                                 "exporter `otlp`"),
    row("OTEL_EXPORTER_OTLP_LOGS_PROTOCOL",                        "as `OTEL_EXPORTER_OTLP_PROTOCOL`, beats it",                          "unset",                                 "exporter `otlp`"),
    row("OTEL_EXPORTER_OTLP_ENDPOINT",                             "URL with `http://` or `https://`; over HTTP `/v1/traces`, `/v1/metrics` or `/v1/logs` is appended", "`http://localhost:4318`, gRPC: `http://localhost:4317`", "exporter `otlp`"),
    row("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT",                      "URL used as it is, beats `OTEL_EXPORTER_OTLP_ENDPOINT`",              "unset",                                 "exporter `otlp`"),
    row("OTEL_EXPORTER_OTLP_METRICS_ENDPOINT",                     "URL used as it is, beats `OTEL_EXPORTER_OTLP_ENDPOINT`",              "unset",                                 "exporter `otlp`"),
    row("OTEL_EXPORTER_OTLP_LOGS_ENDPOINT",                        "URL used as it is, beats `OTEL_EXPORTER_OTLP_ENDPOINT`",              "unset",                                 "exporter `otlp`"),
    row("OTEL_EXPORTER_OTLP_INSECURE",                             "gRPC endpoint without scheme: `true` means `http://`, `false` means `https://`", "unset (a scheme is required)",          "exporter `otlp`"),
    row("OTEL_EXPORTER_OTLP_TRACES_INSECURE",                      "as `OTEL_EXPORTER_OTLP_INSECURE`, beats it",                          "unset",                                 "exporter `otlp`"),
    row("OTEL_EXPORTER_OTLP_METRICS_INSECURE",                     "as `OTEL_EXPORTER_OTLP_INSECURE`, beats it",                          "unset",                                 "exporter `otlp`"),
    row("OTEL_EXPORTER_OTLP_LOGS_INSECURE",                        "as `OTEL_EXPORTER_OTLP_INSECURE`, beats it",                          "unset",                                 "exporter `otlp`"),
    row("OTEL_EXPORTER_OTLP_HEADERS",                              "`name=value,…`, values percent-encoded; values are never shown",      "none",                                  "exporter `otlp`"),
    row("OTEL_EXPORTER_OTLP_TRACES_HEADERS",                       "as `OTEL_EXPORTER_OTLP_HEADERS`, replaces it",                        "unset",                                 "exporter `otlp`"),
    row("OTEL_EXPORTER_OTLP_METRICS_HEADERS",                      "as `OTEL_EXPORTER_OTLP_HEADERS`, replaces it",                        "unset",                                 "exporter `otlp`"),
    row("OTEL_EXPORTER_OTLP_LOGS_HEADERS",                         "as `OTEL_EXPORTER_OTLP_HEADERS`, replaces it",                        "unset",                                 "exporter `otlp`"),
    row("OTEL_EXPORTER_OTLP_TIMEOUT",                              "milliseconds for one export with its retries, 0 = no limit",          "`10000`",                               "exporter `otlp`"),
    row("OTEL_EXPORTER_OTLP_TRACES_TIMEOUT",                       "as `OTEL_EXPORTER_OTLP_TIMEOUT`, beats it",                           "unset",                                 "exporter `otlp`"),
    row("OTEL_EXPORTER_OTLP_METRICS_TIMEOUT",                      "as `OTEL_EXPORTER_OTLP_TIMEOUT`, beats it",                           "unset",                                 "exporter `otlp`"),
    row("OTEL_EXPORTER_OTLP_LOGS_TIMEOUT",                         "as `OTEL_EXPORTER_OTLP_TIMEOUT`, beats it",                           "unset",                                 "exporter `otlp`"),
    row("OTEL_EXPORTER_OTLP_COMPRESSION",                          "`none` or `gzip`",                                                    "`none`",                                "exporter `otlp`"),
    row("OTEL_EXPORTER_OTLP_TRACES_COMPRESSION",                   "as `OTEL_EXPORTER_OTLP_COMPRESSION`, beats it",                       "unset",                                 "exporter `otlp`"),
    row("OTEL_EXPORTER_OTLP_METRICS_COMPRESSION",                  "as `OTEL_EXPORTER_OTLP_COMPRESSION`, beats it",                       "unset",                                 "exporter `otlp`"),
    row("OTEL_EXPORTER_OTLP_LOGS_COMPRESSION",                     "as `OTEL_EXPORTER_OTLP_COMPRESSION`, beats it",                       "unset",                                 "exporter `otlp`"),
    row("OTEL_EXPORTER_OTLP_CERTIFICATE",                          "PEM file of certificates to trust instead of the system's",           "the system's roots",                    "exporter `otlp`, `https`"),
    row("OTEL_EXPORTER_OTLP_TRACES_CERTIFICATE",                   "as `OTEL_EXPORTER_OTLP_CERTIFICATE`, beats it",                       "unset",                                 "exporter `otlp`, `https`"),
    row("OTEL_EXPORTER_OTLP_METRICS_CERTIFICATE",                  "as `OTEL_EXPORTER_OTLP_CERTIFICATE`, beats it",                       "unset",                                 "exporter `otlp`, `https`"),
    row("OTEL_EXPORTER_OTLP_LOGS_CERTIFICATE",                     "as `OTEL_EXPORTER_OTLP_CERTIFICATE`, beats it",                       "unset",                                 "exporter `otlp`, `https`"),
    row("OTEL_EXPORTER_OTLP_CLIENT_KEY",                           "PEM file of the client's private key",                                "none",                                  "exporter `otlp`, `https`"),
    row("OTEL_EXPORTER_OTLP_TRACES_CLIENT_KEY",                    "as `OTEL_EXPORTER_OTLP_CLIENT_KEY`, beats it",                        "unset",                                 "exporter `otlp`, `https`"),
    row("OTEL_EXPORTER_OTLP_METRICS_CLIENT_KEY",                   "as `OTEL_EXPORTER_OTLP_CLIENT_KEY`, beats it",                        "unset",                                 "exporter `otlp`, `https`"),
    row("OTEL_EXPORTER_OTLP_LOGS_CLIENT_KEY",                      "as `OTEL_EXPORTER_OTLP_CLIENT_KEY`, beats it",                        "unset",                                 "exporter `otlp`, `https`"),
    row("OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE",                   "PEM file of the client's certificate chain",                          "none",                                  "exporter `otlp`, `https`"),
    row("OTEL_EXPORTER_OTLP_TRACES_CLIENT_CERTIFICATE",            "as `OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE`, beats it",                "unset",                                 "exporter `otlp`, `https`"),
    row("OTEL_EXPORTER_OTLP_METRICS_CLIENT_CERTIFICATE",           "as `OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE`, beats it",                "unset",                                 "exporter `otlp`, `https`"),
    row("OTEL_EXPORTER_OTLP_LOGS_CLIENT_CERTIFICATE",              "as `OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE`, beats it",                "unset",                                 "exporter `otlp`, `https`"),
    row("OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE",       "`cumulative`, `delta` or `lowmemory` (delta for counters and histograms), in any case", "`cumulative`",                          "metrics"),
    row("OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION", "`explicit_bucket_histogram`, or `base2_exponential_bucket_histogram` instead of the boundaries that the conventions advise", "`explicit_bucket_histogram`",           "metrics"),
    row("OTEL_METRIC_EXPORT_INTERVAL",                             "milliseconds between two exports of metrics, at least 1",             "`60000`",                               "metrics"),
    row("OTEL_METRIC_EXPORT_TIMEOUT",                              "milliseconds for one of them, 0 = no limit; the smaller timeout counts", "`30000`",                               "metrics"),
    row("OTEL_BSP_SCHEDULE_DELAY",                 "milliseconds between two exports of spans, at least 1",                     "`5000`",                                "batches"),
    row("OTEL_BSP_EXPORT_TIMEOUT",                 "milliseconds for one export, 0 = no limit; the smaller timeout counts", "`30000`",                          "batches"),
    row("OTEL_BSP_MAX_QUEUE_SIZE",                 "ended spans kept in memory, 1 to 16777216; more are dropped and counted", "`2048`",                         "batches"),
    row("OTEL_BSP_MAX_EXPORT_BATCH_SIZE",          "spans in one export, at least 1, at most the queue size",          "`512`, or the queue size if smaller",   "batches"),
    row("OTEL_BLRP_SCHEDULE_DELAY",                                "milliseconds between two exports of log records, at least 1",         "`1000`",                                "batches"),
    row("OTEL_BLRP_EXPORT_TIMEOUT",                                "as `OTEL_BSP_EXPORT_TIMEOUT`, for log records",                       "`30000`",                               "batches"),
    row("OTEL_BLRP_MAX_QUEUE_SIZE",                                "log records kept in memory, 1 to 16777216; more are dropped and counted", "`2048`",                                "batches"),
    row("OTEL_BLRP_MAX_EXPORT_BATCH_SIZE",                         "log records in one export, at least 1, at most the queue size",       "`512`, or the queue size if smaller",   "batches"),
    row("OTEL_TRACES_SAMPLER",                     "`always_on`, `always_off`, `traceidratio` or one of these with the prefix `parentbased_`", "`parentbased_always_on`", "sampler"),
    row("OTEL_TRACES_SAMPLER_ARG",                 "ratio from 0 to 1 for the two ratio samplers",                     "`1.0`",                                 "sampler"),
    row("OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT",         "attributes of one span; of a GenAI span the most important",        "`128`",                                 "limits"),
    row("OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT",  "characters of one string value",                                   "no limit",                              "limits"),
    row("OTEL_SPAN_EVENT_COUNT_LIMIT",             "events of one span",                                               "`128`",                                 "limits"),
    row("OTEL_SPAN_LINK_COUNT_LIMIT",              "links of one span",                                                "`128`",                                 "limits"),
    row("OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT",        "attributes of one span event",                                     "`128`",                                 "limits"),
    row("OTEL_LINK_ATTRIBUTE_COUNT_LIMIT",         "attributes of one link",                                           "`128`",                                 "limits"),
    row("OTEL_LOGRECORD_ATTRIBUTE_COUNT_LIMIT",                    "attributes of one log record",                                        "`128`",                                 "limits"),
    row("OTEL_LOGRECORD_ATTRIBUTE_VALUE_LENGTH_LIMIT",             "characters of one string value of a log record",                      "no limit",                              "limits"),
    row("OTEL_ATTRIBUTE_COUNT_LIMIT",              "stands in for each of the four attribute counts that is unset",   "unset",                                 "limits"),
    row("OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT",       "stands in for each of the two value lengths that is unset",           "unset",                                 "limits"),
    row("OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT", "content of prompts, replies, tools, errors and logs: `SPAN_ONLY` (also `true`, `1`, `span`), `EVENT_ONLY` (log events, where there is one for it), `SPAN_AND_EVENT`; `NO_CONTENT` (also `false`, `0`) switches it off whatever the code says; so does an unknown value, which is told", "`NO_CONTENT`", "content"),
    row("OTEL_INSTRUMENTATION_GENAI_UPLOAD_BASE_PATH", "directory, `file://` URL or, with the feature `object-store`, URL of an object store: content is stored there and spans tell where; without a word in the variable above content is stored only", "none", "content"),
    row("OTEL_INSTRUMENTATION_GENAI_UPLOAD_FORMAT", "`json`, or `jsonl`: one line for each element of a list", "`json`", "content"),
    row("OTEL_INSTRUMENTATION_GENAI_UPLOAD_MAX_QUEUE_SIZE", "items that may wait to be stored, 1 to 16777216; more are dropped and counted", "`20`", "content"),
    row("OTEL_SEMCONV_STABILITY_OPT_IN",           "states of the GenAI conventions that are written, a list: `gen_ai_latest_experimental`, `gen_ai/1.41` (also `1.37` to `1.40`), `gen_ai/1.36`; `gen_ai/dup` is the first two; words about other things are left to others, an unknown `gen_ai…` is told", "what the backend reads, else the newest", "conventions"),
    row("TRACEPARENT",                             "the span that started this process, as W3C Trace Context writes it: parent of GenAI spans that would be roots; a bad one is told and counts as none", "none", "spans"),
    row("TRACESTATE",                              "the `tracestate` to it; a bad one is dropped",                     "none",                                  "spans"),
    row("BAGGAGE",                                 "W3C Baggage to it; only what `with_baggage` names is read",        "none",                                  "spans"),
    row("TRACING_GENAI_SESSION_ID",                "`session.id` of GenAI spans that have none from elsewhere, a UUID; beats `with_session_id`; a bad one is told and replaced by a new one", "none", "spans"),
    row("RUST_LOG",                                "which events and spans are printed on standard error; never touches export", "`info`",                      "`init()` and `install()`"),
];

const HEAD: &str = "# Environment variables

<!-- printed from src/pipeline/env.rs; update: UPDATE_PAGES=1 cargo test --lib environment_page -->

An empty value counts as unset. A setting made in code beats its variable, except `TRACING_GENAI_SESSION_ID`. A value
that means nothing is an error at start-up that names the variable, the value and the mend; values of headers are never
shown. What only says where this process belongs (used by: spans), switches content (used by: content) or chooses names (used by: conventions) is
no reason not to start: one line on standard error.

A backend that has no place for metrics or logs (HTTP 404 or 405, gRPC UNIMPLEMENTED) is told once on standard error and
gets no more of them; `none` as their exporter leaves them out from the start, for all backends:
`BackendConfig::with_signals` does it for one.

Over HTTP, `HTTP_PROXY`, `HTTPS_PROXY`, `ALL_PROXY` and `NO_PROXY` count as usual, but not for a receiver on this machine.
Over gRPC there is no proxy.

| variable | meaning | default | used by |
|---|---|---|---|
";

/// Where environment variables are read from: the process, or a map (for tests and embedded configuration).
///
/// ```
/// use tracing_genai::pipeline::{Env, Pipeline};
///
/// let env = Env::from_iter([("OTEL_SDK_DISABLED", "true"), ("OTEL_SERVICE_NAME", "docs")]);
/// let telemetry = Pipeline::builder().with_env(env).build()?;
/// # Ok::<(), tracing_genai::pipeline::InitError>(())
/// ```
#[derive(Clone, Default)]
pub struct Env(Source);

#[derive(Clone, Default)]
enum Source {
    #[default]
    Process,
    Map(BTreeMap<String, String>),
}

impl Env {
    /// The variables of this process, read when the pipeline is built.
    pub fn process() -> Self {
        Self::default()
    }

    /// No variable at all: only settings made in code count.
    pub fn empty() -> Self {
        Self(Source::Map(BTreeMap::new()))
    }

    /// The table of all variables as a Markdown page, for example for the `--help` of a program.
    pub fn page() -> String {
        let line = |v: &Variable| format!("| `{}` | {} | {} | {} |\n", v.name, v.meaning, v.default, v.used_by);
        HEAD.to_owned() + &VARIABLES.iter().chain(backend::VARIABLES).map(line).collect::<String>()
    }

    /// The trimmed value of `name`; unset and empty are `None`.
    pub(crate) fn get(&self, name: &'static str) -> Result<Option<String>, InitError> {
        let value = match &self.0 {
            Source::Map(map) => map.get(name).cloned(),
            Source::Process => match std::env::var_os(name).map(|value| value.into_string()) {
                None => None,
                Some(Ok(value)) => Some(value),
                Some(Err(_)) => {
                    return Err(Origin::Variable(name).refuse_unseen("bytes that are not UTF-8", "write it in UTF-8"));
                }
            },
        };
        let trimmed = value.map(|value| value.trim().to_owned());
        Ok(trimmed.filter(|value| !value.is_empty()))
    }

    /// The first set variable of `names` with its origin: the signal's own first, then the general one.
    pub(crate) fn first(&self, names: &[&'static str]) -> Result<Option<(Origin, String)>, InitError> {
        for &name in names {
            if let Some(value) = self.get(name)? {
                return Ok(Some((Origin::Variable(name), value)));
            }
        }
        Ok(None)
    }

    /// The first set variable of `names`, parsed; `mend` says what a good value looks like.
    pub(crate) fn parse<T: FromStr>(&self, names: &[&'static str], mend: &str) -> Result<Option<T>, InitError> {
        let Some((origin, value)) = self.first(names)? else {
            return Ok(None);
        };
        value.parse().map(Some).map_err(|_| origin.refuse(&value, mend))
    }

    /// As [`parse`](Self::parse) for `true` and `false` in any case.
    ///
    /// The specification reads every other word as `false`; here it is an error, because `OTEL_SDK_DISABLED=yes` that
    /// goes on exporting is not what its author wanted.
    pub(crate) fn flag(&self, names: &[&'static str]) -> Result<Option<bool>, InitError> {
        let Some((origin, value)) = self.first(names)? else {
            return Ok(None);
        };
        match value.to_ascii_lowercase().as_str() {
            "true" => Ok(Some(true)),
            "false" => Ok(Some(false)),
            _ => Err(origin.refuse(&value, "write true or false")),
        }
    }
}

impl<K: Into<String>, V: Into<String>> FromIterator<(K, V)> for Env {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(variables: I) -> Self {
        let pairs = variables.into_iter();
        Self(Source::Map(pairs.map(|(k, v)| (k.into(), v.into())).collect()))
    }
}

/// Names only: values may be secrets.
impl fmt::Debug for Env {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Source::Process => f.write_str("Env::process()"),
            Source::Map(map) => f.debug_set().entries(map.keys()).finish(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn empty_and_blank_are_unset() {
        let env = Env::from_iter([("OTEL_SERVICE_NAME", ""), ("OTEL_TRACES_EXPORTER", "  ")]);
        assert_eq!(env.get("OTEL_SERVICE_NAME").unwrap(), None);
        assert_eq!(env.get("OTEL_TRACES_EXPORTER").unwrap(), None);
        assert_eq!(env.get("OTEL_BSP_SCHEDULE_DELAY").unwrap(), None);
    }

    #[test]
    fn the_first_name_that_is_set_wins() {
        let env = Env::from_iter([("A", ""), ("B", "2"), ("C", "3")]);
        assert_eq!(env.parse::<u32>(&["A", "B", "C"], "").unwrap(), Some(2));
    }

    #[test]
    fn a_flag_is_true_or_false_and_nothing_else() {
        let env = Env::from_iter([("A", "TRUE"), ("B", "False"), ("C", "yes")]);
        assert_eq!(env.flag(&["A"]).unwrap(), Some(true));
        assert_eq!(env.flag(&["B"]).unwrap(), Some(false));
        let error = env.flag(&["C"]).unwrap_err().to_string();
        assert_eq!(error, "bad value \"yes\" in C: write true or false");
    }

    #[test]
    fn debug_shows_names_only() {
        let env = Env::from_iter([("OTEL_EXPORTER_OTLP_HEADERS", "authorization=canary")]);
        assert_eq!(format!("{env:?}"), "{\"OTEL_EXPORTER_OTLP_HEADERS\"}");
    }

    #[test]
    fn variables_are_listed_once_and_each_is_read() {
        const READERS: &[&str] = &[
            include_str!("batch.rs"),
            include_str!("cadence.rs"),
            include_str!("config.rs"),
            include_str!("content.rs"),
            include_str!("names.rs"),
            include_str!("resource.rs"),
            include_str!("sampler.rs"),
            include_str!("limits.rs"),
            include_str!("filter.rs"),
            include_str!("process.rs"),
            include_str!("semconv.rs"),
        ];
        const NAMES: &[&str] = &["RUST_LOG", "TRACEPARENT", "TRACESTATE", "BAGGAGE"];
        let read: std::collections::BTreeSet<&str> = READERS
            .iter()
            .flat_map(|source| source.split('"'))
            .filter(|word| NAMES.contains(word) || is_name(word))
            .collect();
        let listed: std::collections::BTreeSet<&str> = VARIABLES.iter().map(|v| v.name).collect();
        assert_eq!(read, listed);
        assert_eq!(listed.len(), VARIABLES.len());
    }

    fn is_name(word: &str) -> bool {
        (word.starts_with("OTEL_") || word.starts_with("TRACING_GENAI_"))
            && word.chars().all(|c| c.is_ascii_uppercase() || c == '_')
    }

    #[test]
    fn environment_page_is_printed_from_the_table() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/environment.md");
        if std::env::var_os("UPDATE_PAGES").is_some() {
            std::fs::write(path, Env::page()).unwrap();
        }
        assert_eq!(std::fs::read_to_string(path).unwrap(), Env::page());
    }
}
