//! From a checked configuration to what runs: providers, observers, export threads.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use opentelemetry::logs::LoggerProvider;
use opentelemetry::metrics::MeterProvider;
use opentelemetry::trace::TracerProvider;
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::logs::SdkLoggerProvider;
use opentelemetry_sdk::metrics::{
    Aggregation, Instrument, InstrumentKind, ManualReader, SdkMeterProvider, Stream, Temporality,
};
use opentelemetry_sdk::trace::{SdkTracer, SdkTracerProvider};

use crate::events::{Events, scope};
use crate::metrics::Metrics;
use crate::span::{GenAiTracer, LastGate, Settings as Mapping, Shared};

use super::adapter::Adapter;
use super::cadence::{Cadence, Histograms};
use super::config::{Config, DEFAULT_SHUTDOWN_TIMEOUT, Export, RouteConfig};
use super::console;
use super::delivery::{Delivery, stop_all};
use super::ended_span::{Entrance, SpanGate};
use super::error::InitError;
use super::exporter;
use super::gate::SAMPLER_ROOM;
use super::log_entrance::{Bridged, Written};
use super::reader::{Reader, Source};
use super::record::RecordGate;
use super::sink::{MakeSinks, Sinks};
use super::telemetry::{LogEvents, Telemetry};
use super::thread::{self, Plan, Queue, Readings};

/// A route before its thread runs: the observers of its signals must be in the tracer's settings first.
struct Prepared {
    config: RouteConfig,
    adapter: Arc<Adapter>,
    /// Of our instruments; on one route also of the application's. Empty if it takes no metrics.
    sources: Vec<Source>,
    /// What its log processor writes to, once it is there.
    door: Arc<OnceLock<Arc<Delivery>>>,
}

/// Starts everything.
///
/// # Errors
/// If an exporter cannot be built or the operating system refuses a thread. Nothing is left running.
pub(crate) fn running(mut config: Config, mut mapping: Mapping) -> Result<Telemetry, InitError> {
    let limit = &mut config.limits.counts.max_attributes_per_span;
    mapping.attribute_limit = Some(usize::try_from(*limit).unwrap_or(usize::MAX));
    mapping.gated_twice = true;
    *limit = limit.saturating_add(SAMPLER_ROOM);
    mapping.marks_identity = config.routes.iter().any(|route| route.adapter.wants_identity());
    let exported = std::mem::take(&mut config.routes).into_iter().filter(RouteConfig::exports_anything);
    let mut prepared: Vec<_> = exported.map(|route| prepare(route, &config.cadence, &mut mapping)).collect();
    let meters = application_meters(&mut prepared, &config.cadence);
    let shared = Arc::new(Shared::new(mapping));
    let mut routes = Vec::new();
    for route in prepared {
        let door = Arc::clone(&route.door);
        match start(route, &config, &shared) {
            Ok(route) => {
                let route = Arc::new(route);
                let _ = door.set(Arc::clone(&route));
                routes.push(route);
            }
            Err(error) => {
                stop_all(&routes, Duration::ZERO);
                return Err(error);
            }
        }
    }
    let log_events = log_events(&config, &routes, &shared);
    let provider = tracer_provider(&config, &routes);
    let tracer = tracer(&provider, shared);
    let (references, shutdown_timeout) = (Vec::new(), config.shutdown_timeout);
    Ok(Telemetry { tracer, provider, routes, meters, references, log_events, shutdown_timeout })
}

fn tracer_provider(config: &Config, routes: &[Arc<Delivery>]) -> SdkTracerProvider {
    let builder = SdkTracerProvider::builder()
        .with_resource(config.resource.clone())
        .with_sampler(config.sampler.clone())
        .with_span_limits(config.limits.counts);
    let spans: Vec<_> = routes.iter().filter(|route| route.spans.is_some()).cloned().collect();
    match spans.is_empty() {
        true => builder.build(),
        false => builder.with_span_processor(Entrance { spans, all: routes.to_vec() }).build(),
    }
}

/// A guard around a tracer that makes no spans. A provider that was shut down does that, and unlike the sampler
/// `always_off` it sends no "unsampled" to other services.
pub(crate) fn disabled() -> Telemetry {
    let provider = SdkTracerProvider::builder().with_resource(Resource::builder_empty().build()).build();
    let tracer = tracer(&provider, Arc::default());
    let _ = provider.shutdown();
    let (routes, references, shutdown_timeout) = (Vec::new(), Vec::new(), DEFAULT_SHUTDOWN_TIMEOUT);
    Telemetry { tracer, provider, routes, meters: None, references, log_events: None, shutdown_timeout }
}

fn tracer(provider: &SdkTracerProvider, shared: Arc<Shared>) -> GenAiTracer<SdkTracer> {
    GenAiTracer::with_shared(provider.tracer_with_scope(scope()), shared)
}

/// Makes the observers of a route's metrics and logs.
fn prepare(config: RouteConfig, cadence: &Cadence, mapping: &mut Mapping) -> Prepared {
    let dialects = config.adapter.dialects;
    let mut sources = Vec::new();
    let door = Arc::new(OnceLock::new());
    if !config.metrics.is_empty() {
        let source = source(&config.resource, cadence);
        mapping.observers.add(Arc::new(Metrics::new(&source.provider.meter_with_scope(scope()), dialects)));
        sources.push(source);
    }
    if !config.logs.is_empty() {
        let provider = SdkLoggerProvider::builder().with_log_processor(Written(Arc::clone(&door))).build();
        mapping.observers.add(Arc::new(Events::new(provider.logger_with_scope(scope()), dialects)));
    }
    let adapter = Arc::new(config.adapter.clone());
    Prepared { config, adapter, sources, door }
}

/// A meter provider for the application, on the first route that takes metrics: what its callbacks do to it harms none of
/// ours.
fn application_meters(routes: &mut [Prepared], cadence: &Cadence) -> Option<SdkMeterProvider> {
    let route = routes.iter_mut().find(|route| !route.sources.is_empty())?;
    let source = source(&route.config.resource, cadence);
    let provider = source.provider.clone();
    route.sources.push(source);
    Some(provider)
}

fn source(resource: &Resource, cadence: &Cadence) -> Source {
    let reader = Arc::new(ManualReader::builder().with_temporality(cadence.temporality).build());
    let builder = SdkMeterProvider::builder().with_resource(resource.clone()).with_reader(Reader(Arc::clone(&reader)));
    let provider = match cadence.histograms {
        Histograms::Explicit => builder.build(),
        Histograms::Exponential => builder.with_view(exponential).build(),
    };
    Source { reader, provider }
}

/// Size and scale of the specification's default.
fn exponential(instrument: &Instrument) -> Option<Stream> {
    let aggregation = Aggregation::Base2ExponentialHistogram { max_size: 160, max_scale: 20, record_min_max: true };
    match instrument.kind() {
        InstrumentKind::Histogram => Stream::builder().with_aggregation(aggregation).build().ok(),
        _ => None,
    }
}

fn start(route: Prepared, config: &Config, shared: &Arc<Shared>) -> Result<Delivery, InitError> {
    let Prepared { config: RouteConfig { name, resource, traces, metrics, logs, .. }, adapter, sources, .. } = route;
    let unmarked = LastGate::new(Arc::clone(shared));
    let span_gate = SpanGate {
        unmarked: unmarked.clone(),
        adapter: Arc::clone(&adapter),
        value_length: config.limits.value_length,
    };
    let record_gate = RecordGate { unmarked, adapter, limits: config.record_limits };
    let Cadence { interval, export_timeout, temporality, .. } = config.cadence;
    let plan = Plan {
        name,
        spans: (!traces.is_empty()).then_some(Queue { batch: config.spans, gate: span_gate }),
        records: (!logs.is_empty()).then_some(Queue { batch: config.records, gate: record_gate }),
        metrics: (!sources.is_empty()).then_some(Readings { sources, interval, export_timeout }),
    };
    let make: MakeSinks = Box::new(move || sinks([&traces, &metrics, &logs], &resource, temporality));
    thread::start(plan, make)
}

fn sinks(
    [traces, metrics, logs]: [&Vec<Export>; 3],
    resource: &Resource,
    temporality: Temporality,
) -> Result<Sinks, InitError> {
    let mut sinks = Sinks::default();
    for export in traces {
        sinks.spans.push(match export {
            Export::Console => Arc::new(console::Spans),
            Export::Otlp(otlp) => exporter::of_spans(otlp, resource)?,
        });
    }
    for export in metrics {
        sinks.metrics.push(match export {
            Export::Console => Arc::new(console::Metrics),
            Export::Otlp(otlp) => exporter::of_metrics(otlp, temporality)?,
        });
    }
    for export in logs {
        sinks.records.push(match export {
            Export::Console => Arc::new(console::Records),
            Export::Otlp(otlp) => exporter::of_records(otlp, resource)?,
        });
    }
    Ok(sinks)
}

/// Log events of the application as log records, if they are wanted and there is a way out for them.
fn log_events(config: &Config, routes: &[Arc<Delivery>], shared: &Arc<Shared>) -> Option<LogEvents> {
    let level = config.log_events;
    let routes: Vec<_> = routes.iter().filter(|route| route.records.is_some()).cloned().collect();
    if routes.is_empty() || level == tracing::metadata::LevelFilter::OFF {
        return None;
    }
    let bridged = Bridged { routes, shared: Arc::clone(shared) };
    Some(LogEvents { level, provider: SdkLoggerProvider::builder().with_log_processor(bridged).build() })
}
