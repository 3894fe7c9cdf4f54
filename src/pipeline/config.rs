//! From settings and environment to one checked configuration. Code beats environment, environment beats defaults.

use std::time::Duration;

use opentelemetry::KeyValue;
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::ShouldSample;
use tracing::metadata::LevelFilter;

use crate::content::Content;
use crate::span::Dialects;

use super::adapter::Adapter;
use super::backend::BackendConfig;
use super::batch::Batch;
use super::cadence::Cadence;
use super::env::Env;
use super::error::{InitError, Origin};
use super::limits::{Limits, RecordLimits};
use super::names;
use super::otlp_config::Otlp;
use super::process::ProcessParent;
use super::resource::resource;
use super::route::{Connection, Route};
use super::sampler::sampler;
use super::semconv;
use super::signal::Signal;

/// Longest time `shutdown` and drop of the guard wait for telemetry to be sent.
pub const DEFAULT_SHUTDOWN_TIMEOUT: Duration = Duration::from_secs(5);

/// What was set in code. Deliberately without `Debug`: it holds header values.
#[derive(Default)]
pub(crate) struct Settings {
    pub(crate) env: Env,
    pub(crate) attributes: Vec<KeyValue>,
    pub(crate) connection: Connection,
    pub(crate) backends: Vec<BackendConfig>,
    pub(crate) dialects: Option<Dialects>,
    pub(crate) sampler: Option<Box<dyn ShouldSample>>,
    pub(crate) schedule_delay: Option<Duration>,
    pub(crate) metric_interval: Option<Duration>,
    pub(crate) export_timeout: Option<Duration>,
    pub(crate) max_queue_size: Option<usize>,
    pub(crate) max_queue_bytes: Option<usize>,
    pub(crate) max_export_batch_size: Option<usize>,
    pub(crate) content: Option<Content>,
    pub(crate) log_events: Option<LevelFilter>,
    pub(crate) shutdown_timeout: Option<Duration>,
    pub(crate) process_parent: ProcessParent,
}

/// Everything the pipeline needs, checked.
#[derive(Debug)]
pub(crate) struct Config {
    pub(crate) routes: Vec<RouteConfig>,
    pub(crate) resource: Resource,
    pub(crate) sampler: Box<dyn ShouldSample>,
    pub(crate) limits: Limits,
    pub(crate) record_limits: RecordLimits,
    pub(crate) spans: Batch,
    pub(crate) records: Batch,
    pub(crate) cadence: Cadence,
    /// Which log events of the application become log records.
    pub(crate) log_events: LevelFilter,
    pub(crate) shutdown_timeout: Duration,
}

/// One route, checked. A signal without a way out is not exported.
#[derive(Debug)]
pub(crate) struct RouteConfig {
    pub(crate) name: &'static str,
    pub(crate) resource: Resource,
    pub(crate) adapter: Adapter,
    pub(crate) traces: Vec<Export>,
    pub(crate) metrics: Vec<Export>,
    pub(crate) logs: Vec<Export>,
}

impl RouteConfig {
    pub(crate) fn exports_anything(&self) -> bool {
        [&self.traces, &self.metrics, &self.logs].iter().any(|ways| !ways.is_empty())
    }
}

/// One way out.
#[derive(Clone, Debug)]
pub(crate) enum Export {
    Otlp(Box<Otlp>),
    Console,
}

/// Reads and checks everything; `None` if `OTEL_SDK_DISABLED` is `true`, which also hides faults in the other variables:
/// it is the way out when they are broken.
pub(crate) fn resolve(settings: Settings) -> Result<Option<Config>, InitError> {
    let env = settings.env.clone();
    if env.flag(&["OTEL_SDK_DISABLED"])? == Some(true) {
        return Ok(None);
    }
    let routes = routes(&settings)?;
    let spans = Batch::of_spans(&settings)?;
    let records = Batch::of_records(&settings)?;
    let cadence = Cadence::resolve(&settings)?;
    let sampler = sampler(&env)?;
    Ok(Some(Config {
        routes,
        resource: resource(&env, settings.attributes)?,
        sampler: settings.sampler.unwrap_or(sampler),
        limits: Limits::read(&env)?,
        record_limits: RecordLimits::read(&env)?,
        spans,
        records,
        cadence,
        log_events: settings.log_events.unwrap_or(LevelFilter::OFF),
        shutdown_timeout: settings.shutdown_timeout.unwrap_or(DEFAULT_SHUTDOWN_TIMEOUT),
    }))
}

/// The receiver of the variables, or the backends that were added.
fn routes(settings: &Settings) -> Result<Vec<RouteConfig>, InitError> {
    let env = &settings.env;
    let mut routes = Vec::new();
    let dialects = settings.dialects.or_else(|| semconv::from_environment(env));
    for backend in &settings.backends {
        let mut backend = backend.clone();
        // What was said of one backend is meant for it; what was said of all beats what is known of a backend.
        backend.dialects = backend.dialects.or(dialects);
        routes.push(backend.route(env)?);
    }
    if routes.is_empty() {
        let mut route = Route::default();
        route.adapter.dialects = dialects.unwrap_or_default();
        routes.push(route);
    }
    let kinds = [kinds(env, Signal::Traces)?, kinds(env, Signal::Metrics)?, kinds(env, Signal::Logs)?];
    routes.into_iter().enumerate().map(|(place, route)| checked(settings, route, kinds.each_ref(), place)).collect()
}

fn checked(
    settings: &Settings,
    mut route: Route,
    [traces, metrics, logs]: [&Kinds; 3],
    place: usize,
) -> Result<RouteConfig, InitError> {
    route.connection = match route.from_environment {
        true => route.connection.or(&settings.connection),
        false => route.connection.or_sending(&settings.connection),
    };
    // The console shows each signal once, whatever the number of backends.
    let ways = |signal: Signal, kinds: &Kinds| {
        let mut ways = Vec::new();
        if kinds.console && place == 0 {
            ways.push(Export::Console);
        }
        if kinds.otlp && route.signals.contains(&signal) {
            ways.push(Export::Otlp(Box::new(Otlp::resolve(&route, &settings.env, signal)?)));
        }
        Ok::<_, InitError>(ways)
    };
    Ok(RouteConfig {
        traces: ways(Signal::Traces, traces)?,
        metrics: ways(Signal::Metrics, metrics)?,
        logs: ways(Signal::Logs, logs)?,
        name: route.name,
        resource: resource(&settings.env, [&route.resource[..], &settings.attributes[..]].concat())?,
        adapter: route.adapter,
    })
}

/// Where a signal goes; nowhere means it is recorded, if at all, and not exported.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Kinds {
    otlp: bool,
    console: bool,
}

fn kinds(env: &Env, signal: Signal) -> Result<Kinds, InitError> {
    let variable = names::of(signal).exporter;
    let list = env.get(variable)?.unwrap_or_else(|| "otlp".to_owned());
    let names: Vec<&str> = list.split(',').map(str::trim).filter(|name| !name.is_empty()).collect();
    let is_none = |name: &&str| *name == "none";
    if names.is_empty() || (names.iter().any(is_none) && !names.iter().all(is_none)) {
        return Err(Origin::Variable(variable).refuse(&list, "write none alone, or a list of otlp and console"));
    }
    let mut kinds = Kinds::default();
    for name in names {
        match name {
            "none" => {}
            "console" => kinds.console = true,
            "otlp" => kinds.otlp = true,
            _ => return Err(Origin::Variable(variable).refuse(name, "use otlp, console or none")),
        }
    }
    Ok(kinds)
}

/// `setting`, else the first set variable in milliseconds, else `default`; zero is no limit.
pub(crate) fn timeout(
    env: &Env,
    setting: Option<Duration>,
    names: &[&'static str],
    default: Duration,
) -> Result<Option<Duration>, InitError> {
    let read = millis(env, names)?;
    let timeout = setting.or(read).unwrap_or(default);
    Ok((!timeout.is_zero()).then_some(timeout))
}

/// `setting`, else the variable in milliseconds, else `default`; at least a millisecond.
pub(crate) fn delay(
    env: &Env,
    setting: Option<(Origin, Duration)>,
    name: &'static str,
    default: Duration,
) -> Result<Duration, InitError> {
    let read = millis(env, &[name])?;
    let (origin, delay) = setting.unwrap_or((Origin::Variable(name), read.unwrap_or(default)));
    // Zero would turn the export thread into a busy loop.
    match delay < Duration::from_millis(1) {
        true => Err(origin.refuse(&format!("{delay:?}"), "use at least 1 millisecond")),
        false => Ok(delay),
    }
}

fn millis(env: &Env, names: &[&'static str]) -> Result<Option<Duration>, InitError> {
    let millis = env.parse::<u64>(names, "write a whole number of milliseconds")?;
    Ok(millis.map(Duration::from_millis))
}

#[cfg(test)]
mod tests {
    use super::super::backend::Backend;
    use super::super::otlp_config::Compression;
    use super::*;

    fn settings<const N: usize>(env: [(&str, &str); N]) -> Settings {
        Settings { env: Env::from_iter(env), ..Settings::default() }
    }

    fn config<const N: usize>(env: [(&str, &str); N]) -> Config {
        resolve(settings(env)).unwrap().unwrap()
    }

    #[test]
    fn defaults_are_those_of_the_specification() {
        let config = config([]);
        let route = &config.routes[0];
        for ways in [&route.traces, &route.metrics, &route.logs] {
            assert!(matches!(ways[..], [Export::Otlp(_)]));
        }
        assert_eq!(format!("{:?}", config.sampler), "ParentBased(AlwaysOn)");
    }

    #[test]
    fn code_beats_environment() {
        let mut settings = settings([
            ("OTEL_BSP_MAX_QUEUE_SIZE", "10"),
            ("OTEL_BSP_SCHEDULE_DELAY", "10"),
            ("OTEL_TRACES_SAMPLER", "always_off"),
        ]);
        settings.max_queue_size = Some(20);
        settings.schedule_delay = Some(Duration::from_millis(20));
        settings.sampler = Some(Box::new(opentelemetry_sdk::trace::Sampler::AlwaysOn));
        let config = resolve(settings).unwrap().unwrap();
        assert_eq!(config.spans.max_queue_size, 20);
        assert_eq!(config.spans.max_export_batch_size, 20);
        assert_eq!(config.spans.schedule_delay, Duration::from_millis(20));
        assert_eq!(format!("{:?}", config.sampler), "AlwaysOn");
    }

    #[test]
    fn timeout_and_compression_count_for_every_backend() {
        let mut settings = settings([("LOGFIRE_TOKEN", "x")]);
        settings.connection.timeout = Some(Duration::from_secs(1));
        settings.connection.compression = Some(Compression::Gzip);
        settings.connection.endpoint = Some("http://elsewhere".into());
        let own = Backend::Jaeger.config().with_timeout(Duration::from_secs(2));
        settings.backends = vec![Backend::Logfire.into(), own];
        let config = resolve(settings).unwrap().unwrap();
        for (route, seconds) in config.routes.iter().zip([1, 2]) {
            let [Export::Otlp(otlp)] = &route.traces[..] else { panic!("one way") };
            assert_eq!((otlp.timeout, otlp.compression), (Some(Duration::from_secs(seconds)), Some(Compression::Gzip)));
            assert!(!otlp.endpoint.url().contains("elsewhere"));
        }
    }

    #[test]
    fn exporters_are_a_list() {
        for (list, count) in [("otlp", 1), ("none", 0), ("console", 1), ("console, otlp", 2), ("otlp,otlp,", 1)] {
            for signal in Signal::ALL {
                let config = config([(names::of(signal).exporter, list)]);
                let route = &config.routes[0];
                let ways =
                    [(Signal::Traces, &route.traces), (Signal::Metrics, &route.metrics), (Signal::Logs, &route.logs)];
                for (other, ways) in ways {
                    assert_eq!(ways.len(), if other == signal { count } else { 1 }, "{list}");
                }
            }
        }
    }

    #[test]
    fn disabled_hides_other_faults() {
        let env = [("OTEL_SDK_DISABLED", "true"), ("OTEL_BSP_SCHEDULE_DELAY", "x")];
        assert!(resolve(settings(env)).unwrap().is_none());
    }

    #[test]
    fn refusals_name_variable_and_value() {
        #[rustfmt::skip]
        let cases = [
            ("OTEL_SDK_DISABLED",              "yes"),
            ("OTEL_TRACES_EXPORTER",           "zipkin"),
            ("OTEL_TRACES_EXPORTER",           "none,otlp"),
            ("OTEL_METRICS_EXPORTER",          "prometheus"),
            ("OTEL_LOGS_EXPORTER",             "none,console"),
            ("OTEL_BLRP_SCHEDULE_DELAY",       "1s"),
            ("OTEL_METRIC_EXPORT_INTERVAL",    "1m"),
            ("OTEL_LOGRECORD_ATTRIBUTE_COUNT_LIMIT", "-1"),
            ("OTEL_TRACES_EXPORTER",           ","),
            ("OTEL_BSP_SCHEDULE_DELAY",        "5s"),
            ("OTEL_BSP_SCHEDULE_DELAY",        "-1"),
            ("OTEL_BSP_EXPORT_TIMEOUT",        "1.5"),
            ("OTEL_BSP_MAX_QUEUE_SIZE",        "0"),
            ("OTEL_BSP_MAX_QUEUE_SIZE",        "99999999"),
            ("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", "4096"),
            ("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", "many"),
        ];
        for (name, value) in cases {
            let error = resolve(settings([(name, value)])).unwrap_err().to_string();
            assert!(error.contains(&format!("{value:?} in {name}: ")), "{error}");
        }
        let error = resolve(settings([("OTEL_BSP_SCHEDULE_DELAY", "0")])).unwrap_err();
        assert!(error.to_string().contains("at least 1 millisecond"));
    }
}
