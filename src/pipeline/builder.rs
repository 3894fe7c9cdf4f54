//! From settings to a running pipeline: `install()` for the whole, `build()` for a subscriber of one's own.

use std::io::IsTerminal;
use std::sync::Arc;
use std::time::Duration;

use opentelemetry::{Context, Key, KeyValue, Value};
use opentelemetry_sdk::trace::ShouldSample;
use tracing::metadata::LevelFilter;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::{Layer, fmt, registry};

use crate::content::Content;
use crate::span::{Dialects, Orphan, PriceTable, Profile, SessionId, Settings as Mapping, SpanStart};

use super::backend::BackendConfig;
use super::config::{Settings, resolve};
use super::content;
use super::env::Env;
use super::error::{InitError, InitErrorKind, Origin};
use super::filter;
use super::otlp_config::{Compression, Protocol};
use super::process::{self, ProcessParent};
use super::route::SetHeader;
use super::running::{disabled, running};
use super::telemetry::Telemetry;

/// The way to a [`Telemetry`]: [`Pipeline::builder`].
#[derive(Debug)]
#[non_exhaustive]
pub struct Pipeline;

impl Pipeline {
    /// A builder that takes from the environment whatever is not set in code.
    pub fn builder() -> PipelineBuilder {
        PipelineBuilder::default()
    }
}

/// Settings of a pipeline. Every setter beats the environment variable of the same meaning, except
/// [`with_session_id`](Self::with_session_id).
///
/// ```no_run
/// use tracing_genai::pipeline::{Pipeline, Protocol};
///
/// let telemetry = Pipeline::builder()
///     .with_service_name("travel-agent")
///     .with_endpoint("http://localhost:4317")
///     .with_protocol(Protocol::Grpc)
///     .install()?;
/// # drop(telemetry);
/// # Ok::<(), tracing_genai::pipeline::InitError>(())
/// ```
#[derive(Default)]
#[must_use = "a builder does nothing until install() or build()"]
pub struct PipelineBuilder {
    settings: Settings,
    mapping: Mapping,
}

/// Without the settings: headers may be secrets.
impl std::fmt::Debug for PipelineBuilder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PipelineBuilder").finish_non_exhaustive()
    }
}

impl PipelineBuilder {
    /// Sets `service.name`. Default: `OTEL_SERVICE_NAME`, else `unknown_service:<executable>`.
    pub fn with_service_name(self, name: impl Into<Value>) -> Self {
        self.with_resource_attribute("service.name", name)
    }

    /// Adds an attribute to the resource; a later value of the same key wins. Default: `OTEL_RESOURCE_ATTRIBUTES`.
    pub fn with_resource_attribute(mut self, key: impl Into<Key>, value: impl Into<Value>) -> Self {
        self.settings.attributes.push(KeyValue::new(key, value));
        self
    }

    /// Sets the address of the receiver: a URL with `http://` or `https://`. Over HTTP `/v1/traces`,
    /// `/v1/metrics` or `/v1/logs` is appended; one that stands there already is replaced. Of backends it counts for
    /// [`Backend::Otlp`](super::Backend::Otlp) alone. Default: `OTEL_EXPORTER_OTLP_ENDPOINT`, else [`DEFAULT_HTTP_ENDPOINT`](super::DEFAULT_HTTP_ENDPOINT)
    /// or [`DEFAULT_GRPC_ENDPOINT`](super::DEFAULT_GRPC_ENDPOINT).
    pub fn with_endpoint(mut self, url: impl Into<String>) -> Self {
        self.settings.connection.endpoint = Some(url.into());
        self
    }

    /// Sets the protocol. Of backends it counts for [`Backend::Otlp`](super::Backend::Otlp) alone. Default:
    /// `OTEL_EXPORTER_OTLP_PROTOCOL`, else [`DEFAULT_PROTOCOL`](super::DEFAULT_PROTOCOL).
    pub fn with_protocol(mut self, protocol: Protocol) -> Self {
        self.settings.connection.protocol = Some(protocol);
        self
    }

    /// Sets a header (metadata over gRPC) of every request. The value is treated as a secret. Of backends only
    /// [`Backend::Otlp`](super::Backend::Otlp) gets it. Default: the headers of
    /// `OTEL_EXPORTER_OTLP_HEADERS`, to which this one is added.
    pub fn with_header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        let origin = Origin::Setter("with_header");
        self.settings.connection.headers.push(SetHeader { origin, name: name.into(), value: value.into() });
        self
    }

    /// Sets the longest time for one export with its retries, for all backends that have no setting of their own; zero is
    /// no limit. Default: `OTEL_EXPORTER_OTLP_TIMEOUT`,
    /// else [`DEFAULT_TIMEOUT`](super::DEFAULT_TIMEOUT).
    pub fn with_timeout(mut self, timeout: Duration) -> Self {
        self.settings.connection.timeout = Some(timeout);
        self
    }

    /// Compresses requests, also those to all backends. Default: `OTEL_EXPORTER_OTLP_COMPRESSION`, else none.
    pub fn with_compression(mut self, compression: Compression) -> Self {
        self.settings.connection.compression = Some(compression);
        self
    }

    /// Adds a backend. With at least one, telemetry goes to those that were added, each with queues of its own; the
    /// receiver of `OTEL_EXPORTER_OTLP_ENDPOINT` is one of them only as [`Backend::Otlp`](super::Backend::Otlp). Default:
    /// that receiver.
    pub fn backend(mut self, backend: impl Into<BackendConfig>) -> Self {
        self.settings.backends.push(backend.into());
        self
    }

    /// Sets which states of the conventions are written, on spans, metrics and log events, for all backends that have no
    /// [setting of their own](BackendConfig::with_semconv). Default: `OTEL_SEMCONV_STABILITY_OPT_IN`, else what a backend
    /// reads, else [`Dialect::Latest`](crate::Dialect::Latest).
    pub fn with_semconv(mut self, dialects: impl Into<Dialects>) -> Self {
        self.settings.dialects = Some(dialects.into());
        self
    }

    /// Sets the sampler. Default: `OTEL_TRACES_SAMPLER`, else every trace whose parent is sampled or absent.
    pub fn with_sampler(mut self, sampler: impl ShouldSample + 'static) -> Self {
        self.settings.sampler = Some(Box::new(sampler));
        self
    }

    /// Sets the time between two exports of spans, and of log records, at least a millisecond. Default:
    /// `OTEL_BSP_SCHEDULE_DELAY`, else [`DEFAULT_SCHEDULE_DELAY`](super::DEFAULT_SCHEDULE_DELAY); for log records
    /// `OTEL_BLRP_SCHEDULE_DELAY`, else [`DEFAULT_LOG_SCHEDULE_DELAY`](super::DEFAULT_LOG_SCHEDULE_DELAY).
    pub fn with_schedule_delay(mut self, delay: Duration) -> Self {
        self.settings.schedule_delay = Some(delay);
        self
    }

    /// Sets the time between two exports of metrics, at least a millisecond. Default: `OTEL_METRIC_EXPORT_INTERVAL`, else
    /// [`DEFAULT_METRIC_EXPORT_INTERVAL`](super::DEFAULT_METRIC_EXPORT_INTERVAL).
    pub fn with_metric_export_interval(mut self, interval: Duration) -> Self {
        self.settings.metric_interval = Some(interval);
        self
    }

    /// Makes log records of the log events of `tracing` (`tracing::info!` …) up to this level, for all backends that take
    /// logs. Those inside of a GenAI span tell when, how grave and from where, and neither text nor fields; all others
    /// leave as they are, but for fields that are content by name. Events of the transport (`h2`, `hyper`, `tonic` …)
    /// never leave. Default: [`LevelFilter::OFF`].
    pub fn with_log_events(mut self, most: LevelFilter) -> Self {
        self.settings.log_events = Some(most);
        self
    }

    /// Sets the longest time for handing one batch to an exporter; zero is no limit. Default:
    /// `OTEL_BSP_EXPORT_TIMEOUT`, `OTEL_BLRP_EXPORT_TIMEOUT` and `OTEL_METRIC_EXPORT_TIMEOUT`, else
    /// [`DEFAULT_EXPORT_TIMEOUT`](super::DEFAULT_EXPORT_TIMEOUT).
    pub fn with_export_timeout(mut self, timeout: Duration) -> Self {
        self.settings.export_timeout = Some(timeout);
        self
    }

    /// Sets how many ended spans, and log records, are kept for each backend; more are dropped and counted. Default:
    /// `OTEL_BSP_MAX_QUEUE_SIZE` and `OTEL_BLRP_MAX_QUEUE_SIZE`, else
    /// [`DEFAULT_MAX_QUEUE_SIZE`](super::DEFAULT_MAX_QUEUE_SIZE).
    pub fn with_max_queue_size(mut self, spans: usize) -> Self {
        self.settings.max_queue_size = Some(spans);
        self
    }

    /// Sets how many bytes of ended spans, and of log records, are kept for each backend, by estimate. What finds no
    /// room loses its content; if that is not enough it is dropped and counted. Default: [`DEFAULT_MAX_QUEUE_BYTES`](super::DEFAULT_MAX_QUEUE_BYTES).
    pub fn with_max_queue_bytes(mut self, bytes: usize) -> Self {
        self.settings.max_queue_bytes = Some(bytes);
        self
    }

    /// Sets how many spans or log records are sent at once. Default: `OTEL_BSP_MAX_EXPORT_BATCH_SIZE` and
    /// `OTEL_BLRP_MAX_EXPORT_BATCH_SIZE`, else
    /// [`DEFAULT_MAX_EXPORT_BATCH_SIZE`](super::DEFAULT_MAX_EXPORT_BATCH_SIZE).
    pub fn with_max_export_batch_size(mut self, spans: usize) -> Self {
        self.settings.max_export_batch_size = Some(spans);
        self
    }

    /// Sets how long shutdown and drop of the guard may wait. Default:
    /// [`DEFAULT_SHUTDOWN_TIMEOUT`](super::DEFAULT_SHUTDOWN_TIMEOUT).
    pub fn with_shutdown_timeout(mut self, timeout: Duration) -> Self {
        self.settings.shutdown_timeout = Some(timeout);
        self
    }

    /// Sets the root-context resolver, as [`GenAiTracer::with_root_context`](crate::GenAiTracer::with_root_context) has it. Default: none.
    pub fn with_root_context<F>(mut self, resolver: F) -> Self
    where
        F: Fn(&SpanStart<'_>) -> Option<Context> + Send + Sync + 'static,
    {
        self.mapping.root_context = Some(Arc::new(resolver));
        self
    }

    /// Sets what completes GenAI spans, as [`GenAiTracer::with_default_attributes`](crate::GenAiTracer::with_default_attributes) has it. Default: none.
    pub fn with_default_attributes<F>(mut self, attributes: F) -> Self
    where
        F: Fn(&SpanStart<'_>) -> Vec<KeyValue> + Send + Sync + 'static,
    {
        self.mapping.default_attributes = Some(Arc::new(attributes));
        self
    }

    /// Allows further attributes on GenAI spans, as [`GenAiTracer::with_attributes`](crate::GenAiTracer::with_attributes) has it. Default: none.
    pub fn with_attributes<K: Into<String>>(mut self, keys: impl IntoIterator<Item = K>) -> Self {
        self.mapping.allowed.extend(keys.into_iter().map(Into::into));
        self
    }

    /// Tells where in the source code log events and spans with fields come from, as [`GenAiTracer::with_location`](crate::GenAiTracer::with_location) has it. Default:
    /// nothing is told.
    pub fn with_location(mut self) -> Self {
        self.mapping.location = true;
        self
    }

    /// Sets how many GenAI spans may be open at once, as [`GenAiTracer::with_max_open_spans`](crate::GenAiTracer::with_max_open_spans) has it. Default:
    /// [`DEFAULT_MAX_OPEN_SPANS`](crate::DEFAULT_MAX_OPEN_SPANS).
    pub fn with_max_open_spans(mut self, max: usize) -> Self {
        self.mapping.max_open_spans = max;
        self
    }

    /// Sets how long a GenAI span in which nothing runs may be open, as [`GenAiTracer::with_open_span_ttl`](crate::GenAiTracer::with_open_span_ttl) has it.
    /// Default: [`DEFAULT_OPEN_SPAN_TTL`](crate::DEFAULT_OPEN_SPAN_TTL).
    pub fn with_open_span_ttl(mut self, ttl: Duration) -> Self {
        self.mapping.open_span_ttl = ttl;
        self
    }

    /// Lets baggage become attributes, as [`GenAiTracer::with_baggage`](crate::GenAiTracer::with_baggage) has it. Default: none.
    pub fn with_baggage<K: AsRef<str>>(mut self, keys: impl IntoIterator<Item = K>) -> Self {
        self.mapping.defaults.allow(keys);
        self
    }

    /// Sets `session.id` of every GenAI span that has none from elsewhere, as [`GenAiTracer::with_session_id`](crate::GenAiTracer::with_session_id) has it.
    /// `TRACING_GENAI_SESSION_ID` beats it: whoever starts the process knows to which session it belongs. Default:
    /// that variable, else none.
    pub fn with_session_id(mut self, id: SessionId) -> Self {
        self.mapping.defaults.set_session(&id);
        self
    }

    /// GenAI spans that would be roots stay so. Default: they hang below the span that `TRACEPARENT` names, because
    /// that is what the starter of the process asked for.
    pub fn without_process_parent(mut self) -> Self {
        self.settings.process_parent = ProcessParent::Nobody;
        self
    }

    /// Sets the orphan detector, as [`GenAiTracer::with_orphan_detector`](crate::GenAiTracer::with_orphan_detector) has it. Default: none.
    pub fn with_orphan_detector<F>(mut self, detector: F) -> Self
    where
        F: Fn(&Orphan<'_>) + Send + Sync + 'static,
    {
        self.mapping.orphan_detector = Some(Arc::new(detector));
        self
    }

    /// Sets the price table, as [`GenAiTracer::with_prices`](crate::GenAiTracer::with_prices) has it. Default: none.
    pub fn with_prices(mut self, prices: PriceTable) -> Self {
        self.mapping.prices = Some(Arc::new(prices));
        self
    }

    /// Sets the profile, the names of spans and attributes, as [`GenAiTracer::with_profile`](crate::GenAiTracer::with_profile) has it. Default:
    /// [`Profile::GenAi`].
    pub fn with_profile(mut self, profile: Profile) -> Self {
        self.mapping.profile = profile;
        self
    }

    /// Sets what is done with content: see [`GenAiTracer::with_content`](crate::GenAiTracer::with_content). Default:
    /// `OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT`, else it stays in the process; `NO_CONTENT` there switches it
    /// off whatever is set here.
    pub fn with_content(mut self, content: Content) -> Self {
        self.settings.content = Some(content);
        self
    }

    /// Reads variables from `env`. Read from the process all the same, by the libraries underneath: the proxies of HTTP
    /// (`HTTPS_PROXY` …), and `OTEL_EXPORTER_OTLP_COMPRESSION` if neither code nor `env` asks for compression. Default:
    /// [`Env::process`].
    pub fn with_env(mut self, env: Env) -> Self {
        self.settings.env = env;
        self
    }

    /// Starts export and installs a global subscriber: the layer, and `fmt` on standard error filtered by `RUST_LOG`.
    ///
    /// # Errors
    /// As [`build`](Self::build), and [`InitErrorKind::AlreadyInitialized`] if there is a global subscriber; that one
    /// stays as it is and nothing of this pipeline remains.
    pub fn install(self) -> Result<Telemetry, InitError> {
        let printed = filter::printed(&self.settings.env)?;
        let mut telemetry = self.build()?;
        let print =
            fmt::layer().with_ansi(std::io::stderr().is_terminal()).with_writer(std::io::stderr).with_filter(printed);
        let subscriber = registry().with(telemetry.layer()).with(telemetry.log_layer()).with(print);
        match tracing::subscriber::set_global_default(subscriber) {
            Ok(()) => Ok(telemetry),
            Err(error) => {
                telemetry.stop();
                let message = "a global subscriber is set already: call init() once, or build() and add \
                               Telemetry::layer() to your own subscriber";
                Err(InitError::new(InitErrorKind::AlreadyInitialized, message).with_source(error))
            }
        }
    }

    /// Starts export without touching the global subscriber; add [`Telemetry::layer`] to your own.
    ///
    /// # Errors
    /// If a setting, a variable or a certificate is bad, the protocol's cargo feature is off, or the operating system
    /// refuses the export thread. Nothing is left running.
    pub fn build(mut self) -> Result<Telemetry, InitError> {
        let (env, parent) = (self.settings.env.clone(), self.settings.process_parent);
        let content = self.settings.content.take();
        match resolve(self.settings)? {
            Some(mut config) => {
                let mut given = content::Given::read(&env, config.limits.value_length)?;
                let own = given.setting(content)?;
                let shared = given.shared(own, &mut config.routes)?;
                self.mapping.content = shared.content;
                self.mapping.content_mode = Some(given.mode);
                process::read(&env, parent, &mut self.mapping);
                let mut telemetry = running(config, self.mapping)?;
                telemetry.references = shared.references;
                Ok(telemetry)
            }
            None => Ok(disabled()),
        }
    }
}
