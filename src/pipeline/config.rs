//! From settings and environment to one checked configuration. Code beats environment, environment beats defaults.

use std::time::Duration;

use opentelemetry::KeyValue;
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::ShouldSample;

use crate::content::Content;
use crate::span::Dialects;

use super::backend::BackendConfig;
use super::env::Env;
use super::error::{InitError, Origin};
use super::limits::Limits;
use super::otlp_config::Otlp;
use super::process::ProcessParent;
use super::resource::resource;
use super::route::Connection;
use super::sampler::sampler;

/// Time between two exports if neither code nor `OTEL_BSP_SCHEDULE_DELAY` says otherwise.
pub const DEFAULT_SCHEDULE_DELAY: Duration = Duration::from_secs(5);
/// Longest time for one export if neither code nor `OTEL_BSP_EXPORT_TIMEOUT` says otherwise.
pub const DEFAULT_EXPORT_TIMEOUT: Duration = Duration::from_secs(30);
/// Ended spans kept in memory if neither code nor `OTEL_BSP_MAX_QUEUE_SIZE` says otherwise.
pub const DEFAULT_MAX_QUEUE_SIZE: usize = 2_048;
/// Bytes of ended spans kept in memory if code does not say otherwise: 64 MiB.
pub const DEFAULT_MAX_QUEUE_BYTES: usize = 64 * 1024 * 1024;
/// Spans in one export if neither code nor `OTEL_BSP_MAX_EXPORT_BATCH_SIZE` says otherwise.
pub const DEFAULT_MAX_EXPORT_BATCH_SIZE: usize = 512;
/// Longest time `shutdown` and drop of the guard wait for spans to be sent.
pub const DEFAULT_SHUTDOWN_TIMEOUT: Duration = Duration::from_secs(5);

/// Beyond this a queue is a typing error, and the channel underneath would refuse it with a panic.
const LARGEST_QUEUE: usize = 1 << 24;

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
    pub(crate) export_timeout: Option<Duration>,
    pub(crate) max_queue_size: Option<usize>,
    pub(crate) max_queue_bytes: Option<usize>,
    pub(crate) max_export_batch_size: Option<usize>,
    pub(crate) content: Option<Content>,
    pub(crate) shutdown_timeout: Option<Duration>,
    pub(crate) process_parent: ProcessParent,
}

/// Everything the pipeline needs, checked.
#[derive(Debug)]
pub(crate) struct Config {
    pub(crate) exporters: Vec<Export>,
    pub(crate) resource: Resource,
    pub(crate) sampler: Box<dyn ShouldSample>,
    pub(crate) limits: Limits,
    pub(crate) batch: Batch,
    pub(crate) shutdown_timeout: Duration,
}

/// One way out.
#[derive(Clone, Debug)]
pub(crate) enum Export {
    Otlp(Box<Otlp>),
    Console,
}

/// When and how much is sent at once.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Batch {
    pub(crate) schedule_delay: Duration,
    /// `None` is no limit.
    pub(crate) export_timeout: Option<Duration>,
    pub(crate) max_queue_size: usize,
    pub(crate) max_queue_bytes: usize,
    pub(crate) max_export_batch_size: usize,
}

/// Reads and checks everything; `None` if `OTEL_SDK_DISABLED` is `true`, which also hides faults in the other variables:
/// it is the way out when they are broken.
pub(crate) fn resolve(settings: Settings) -> Result<Option<Config>, InitError> {
    let env = settings.env.clone();
    if env.flag(&["OTEL_SDK_DISABLED"])? == Some(true) {
        return Ok(None);
    }
    let exporters = exporters(&settings)?;
    let batch = Batch::resolve(&settings)?;
    let sampler = sampler(&env)?;
    Ok(Some(Config {
        exporters,
        resource: resource(&env, settings.attributes)?,
        sampler: settings.sampler.unwrap_or(sampler),
        limits: Limits::read(&env)?,
        batch,
        shutdown_timeout: settings.shutdown_timeout.unwrap_or(DEFAULT_SHUTDOWN_TIMEOUT),
    }))
}

/// The ways out, each once; empty means spans are made and not exported.
fn exporters(settings: &Settings) -> Result<Vec<Export>, InitError> {
    const VARIABLE: &str = "OTEL_TRACES_EXPORTER";
    let list = settings.env.get(VARIABLE)?.unwrap_or_else(|| "otlp".to_owned());
    let mut names: Vec<&str> = list.split(',').map(str::trim).filter(|name| !name.is_empty()).collect();
    names.sort_unstable();
    names.dedup();
    if names.is_empty() || (names.contains(&"none") && names.len() > 1) {
        return Err(Origin::Variable(VARIABLE).refuse(&list, "write none alone, or a list of otlp and console"));
    }
    let mut exporters = Vec::new();
    for name in names {
        match name {
            "none" => {}
            "console" => exporters.push(Export::Console),
            "otlp" => exporters.push(Export::Otlp(Box::new(Otlp::resolve(settings)?))),
            _ => return Err(Origin::Variable(VARIABLE).refuse(name, "use otlp, console or none")),
        }
    }
    Ok(exporters)
}

/// `setting`, else the first set variable in milliseconds, else `default`; zero is no limit.
pub(crate) fn timeout(
    settings: &Settings,
    setting: Option<Duration>,
    names: &[&'static str],
    default: Duration,
) -> Result<Option<Duration>, InitError> {
    let read = millis(&settings.env, names)?;
    let timeout = setting.or(read).unwrap_or(default);
    Ok((!timeout.is_zero()).then_some(timeout))
}

fn millis(env: &Env, names: &[&'static str]) -> Result<Option<Duration>, InitError> {
    let millis = env.parse::<u64>(names, "write a whole number of milliseconds")?;
    Ok(millis.map(Duration::from_millis))
}

impl Batch {
    fn resolve(settings: &Settings) -> Result<Self, InitError> {
        let queue = at_least_one(settings, settings.max_queue_size, "with_max_queue_size", "OTEL_BSP_MAX_QUEUE_SIZE")?;
        let (origin, max_queue_size) = queue.unwrap_or((Origin::Setter(""), DEFAULT_MAX_QUEUE_SIZE));
        if max_queue_size > LARGEST_QUEUE {
            return Err(origin.refuse(&max_queue_size.to_string(), "use at most 16777216"));
        }
        let batch = at_least_one(
            settings,
            settings.max_export_batch_size,
            "with_max_export_batch_size",
            "OTEL_BSP_MAX_EXPORT_BATCH_SIZE",
        )?;
        let max_export_batch_size = match batch {
            Some((origin, size)) if size > max_queue_size => {
                let mend = format!("use at most the queue size, {max_queue_size}, or raise that");
                return Err(origin.refuse(&size.to_string(), &mend));
            }
            Some((_, size)) => size,
            None => DEFAULT_MAX_EXPORT_BATCH_SIZE.min(max_queue_size),
        };
        Ok(Self {
            schedule_delay: schedule_delay(settings)?,
            export_timeout: timeout(
                settings,
                settings.export_timeout,
                &["OTEL_BSP_EXPORT_TIMEOUT"],
                DEFAULT_EXPORT_TIMEOUT,
            )?,
            max_queue_size,
            max_queue_bytes: settings.max_queue_bytes.unwrap_or(DEFAULT_MAX_QUEUE_BYTES),
            max_export_batch_size,
        })
    }
}

fn schedule_delay(settings: &Settings) -> Result<Duration, InitError> {
    const VARIABLE: &str = "OTEL_BSP_SCHEDULE_DELAY";
    let read = millis(&settings.env, &[VARIABLE])?;
    let (origin, delay) = match (settings.schedule_delay, read) {
        (Some(delay), _) => (Origin::Setter("with_schedule_delay"), delay),
        (None, read) => (Origin::Variable(VARIABLE), read.unwrap_or(DEFAULT_SCHEDULE_DELAY)),
    };
    // Zero would turn the export thread into a busy loop.
    match delay < Duration::from_millis(1) {
        true => Err(origin.refuse(&format!("{delay:?}"), "use at least 1 millisecond")),
        false => Ok(delay),
    }
}

/// A count of at least one with its origin: the setting, else the variable.
fn at_least_one(
    settings: &Settings,
    setting: Option<usize>,
    setter: &'static str,
    variable: &'static str,
) -> Result<Option<(Origin, usize)>, InitError> {
    const MEND: &str = "write a whole number of at least 1";
    let read = settings.env.parse::<usize>(&[variable], MEND)?;
    let found = match (setting, read) {
        (Some(count), _) => Some((Origin::Setter(setter), count)),
        (None, Some(count)) => Some((Origin::Variable(variable), count)),
        (None, None) => None,
    };
    match found {
        Some((origin, 0)) => Err(origin.refuse("0", MEND)),
        found => Ok(found),
    }
}

#[cfg(test)]
mod tests {
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
        assert!(matches!(config.exporters[..], [Export::Otlp(_)]));
        assert_eq!(config.batch.schedule_delay, Duration::from_secs(5));
        assert_eq!(config.batch.export_timeout, Some(Duration::from_secs(30)));
        assert_eq!(config.batch.max_queue_size, 2048);
        assert_eq!(config.batch.max_export_batch_size, 512);
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
        assert_eq!(config.batch.max_queue_size, 20);
        assert_eq!(config.batch.max_export_batch_size, 20);
        assert_eq!(config.batch.schedule_delay, Duration::from_millis(20));
        assert_eq!(format!("{:?}", config.sampler), "AlwaysOn");
    }

    #[test]
    fn exporters_are_a_list() {
        for (list, count) in [("otlp", 1), ("none", 0), ("console", 1), ("console, otlp", 2), ("otlp,otlp,", 1)] {
            assert_eq!(config([("OTEL_TRACES_EXPORTER", list)]).exporters.len(), count, "{list}");
        }
    }

    #[test]
    fn disabled_hides_other_faults() {
        let env = [("OTEL_SDK_DISABLED", "true"), ("OTEL_BSP_SCHEDULE_DELAY", "x")];
        assert!(resolve(settings(env)).unwrap().is_none());
    }

    #[test]
    fn zero_timeout_is_no_limit() {
        let config = config([("OTEL_BSP_EXPORT_TIMEOUT", "0")]);
        assert_eq!(config.batch.export_timeout, None);
    }

    #[test]
    fn refusals_name_variable_and_value() {
        #[rustfmt::skip]
        let cases = [
            ("OTEL_SDK_DISABLED",              "yes"),
            ("OTEL_TRACES_EXPORTER",           "zipkin"),
            ("OTEL_TRACES_EXPORTER",           "none,otlp"),
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
