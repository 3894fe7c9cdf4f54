//! When metrics are read, and how what is read adds up.

use std::time::Duration;

use opentelemetry_sdk::metrics::Temporality;

use super::config::{Settings, delay, timeout};
use super::env::Env;
use super::error::{InitError, Origin};

/// Time between two exports of metrics if neither code nor `OTEL_METRIC_EXPORT_INTERVAL` says otherwise.
pub const DEFAULT_METRIC_EXPORT_INTERVAL: Duration = Duration::from_secs(60);

/// Longest time for one of them if neither code nor `OTEL_METRIC_EXPORT_TIMEOUT` says otherwise.
const DEFAULT_METRIC_EXPORT_TIMEOUT: Duration = Duration::from_secs(30);

/// See the module's documentation.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Cadence {
    pub(crate) interval: Duration,
    /// `None` is no limit.
    pub(crate) export_timeout: Option<Duration>,
    pub(crate) temporality: Temporality,
    pub(crate) histograms: Histograms,
}

/// How histograms are summarised.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Histograms {
    /// By the boundaries that each instrument advises.
    Explicit,
    /// By buckets whose width grows exponentially.
    Exponential,
}

impl Cadence {
    pub(crate) fn resolve(settings: &Settings) -> Result<Self, InitError> {
        const INTERVAL: &str = "OTEL_METRIC_EXPORT_INTERVAL";
        const TIMEOUT: &[&str] = &["OTEL_METRIC_EXPORT_TIMEOUT"];
        let env = &settings.env;
        let setting = settings.metric_interval.map(|delay| (Origin::Setter("with_metric_export_interval"), delay));
        Ok(Self {
            interval: delay(env, setting, INTERVAL, DEFAULT_METRIC_EXPORT_INTERVAL)?,
            export_timeout: timeout(env, settings.export_timeout, TIMEOUT, DEFAULT_METRIC_EXPORT_TIMEOUT)?,
            temporality: temporality(env)?,
            histograms: histograms(env)?,
        })
    }
}

fn temporality(env: &Env) -> Result<Temporality, InitError> {
    const NAME: &str = "OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE";
    let Some(word) = env.get(NAME)? else { return Ok(Temporality::Cumulative) };
    match word.to_ascii_lowercase().as_str() {
        "cumulative" => Ok(Temporality::Cumulative),
        "delta" => Ok(Temporality::Delta),
        "lowmemory" => Ok(Temporality::LowMemory),
        _ => Err(Origin::Variable(NAME).refuse(&word, "use cumulative, delta or lowmemory")),
    }
}

fn histograms(env: &Env) -> Result<Histograms, InitError> {
    const NAME: &str = "OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION";
    const MEND: &str = "use explicit_bucket_histogram or base2_exponential_bucket_histogram";
    let Some(word) = env.get(NAME)? else { return Ok(Histograms::Explicit) };
    match word.to_ascii_lowercase().as_str() {
        "explicit_bucket_histogram" => Ok(Histograms::Explicit),
        "base2_exponential_bucket_histogram" => Ok(Histograms::Exponential),
        _ => Err(Origin::Variable(NAME).refuse(&word, MEND)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cadence<const N: usize>(env: [(&str, &str); N]) -> Result<Cadence, InitError> {
        Cadence::resolve(&Settings { env: Env::from_iter(env), ..Settings::default() })
    }

    #[test]
    fn defaults_are_those_of_the_specification() {
        let expected = Cadence {
            interval: Duration::from_secs(60),
            export_timeout: Some(Duration::from_secs(30)),
            temporality: Temporality::Cumulative,
            histograms: Histograms::Explicit,
        };
        assert_eq!(cadence([]).unwrap(), expected);
    }

    #[test]
    fn words_count_in_any_case() {
        const NAME: &str = "OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE";
        for (word, expected) in [
            ("Delta", Temporality::Delta),
            ("CUMULATIVE", Temporality::Cumulative),
            ("LowMemory", Temporality::LowMemory),
        ] {
            assert_eq!(cadence([(NAME, word)]).unwrap().temporality, expected);
        }
        let name = "OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION";
        let chosen = cadence([(name, "Base2_Exponential_Bucket_Histogram")]).unwrap();
        assert_eq!(chosen.histograms, Histograms::Exponential);
        for name in [NAME, name] {
            let error = cadence([(name, "most")]).unwrap_err().to_string();
            assert!(error.contains(&format!("\"most\" in {name}: use ")), "{error}");
        }
    }

    #[test]
    fn an_interval_of_zero_is_refused() {
        let error = cadence([("OTEL_METRIC_EXPORT_INTERVAL", "0")]).unwrap_err().to_string();
        assert!(error.contains("at least 1 millisecond"), "{error}");
    }
}
