//! When and how much of what is queued is sent at once.

use std::time::Duration;

use super::config::{Settings, delay, timeout};
use super::env::Env;
use super::error::{InitError, Origin};

/// Time between two exports of spans if neither code nor `OTEL_BSP_SCHEDULE_DELAY` says otherwise.
pub const DEFAULT_SCHEDULE_DELAY: Duration = Duration::from_secs(5);
/// Time between two exports of log records if neither code nor `OTEL_BLRP_SCHEDULE_DELAY` says otherwise.
pub const DEFAULT_LOG_SCHEDULE_DELAY: Duration = Duration::from_secs(1);
/// Longest time for one export if neither code nor `OTEL_BSP_EXPORT_TIMEOUT` and its like say otherwise.
pub const DEFAULT_EXPORT_TIMEOUT: Duration = Duration::from_secs(30);
/// Ended spans, and log records, kept in memory if neither code nor `OTEL_BSP_MAX_QUEUE_SIZE` or
/// `OTEL_BLRP_MAX_QUEUE_SIZE` says otherwise.
pub const DEFAULT_MAX_QUEUE_SIZE: usize = 2_048;
/// Bytes of ended spans, and of log records, kept in memory if code does not say otherwise: 64 MiB.
pub const DEFAULT_MAX_QUEUE_BYTES: usize = 64 * 1024 * 1024;
/// Spans or log records in one export if neither code nor `OTEL_BSP_MAX_EXPORT_BATCH_SIZE` or
/// `OTEL_BLRP_MAX_EXPORT_BATCH_SIZE` says otherwise.
pub const DEFAULT_MAX_EXPORT_BATCH_SIZE: usize = 512;

/// Beyond this a queue is a typing error, and the channel underneath would refuse it with a panic.
const LARGEST_QUEUE: usize = 1 << 24;

/// See the module's documentation.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Batch {
    pub(crate) schedule_delay: Duration,
    /// `None` is no limit.
    pub(crate) export_timeout: Option<Duration>,
    pub(crate) max_queue_size: usize,
    pub(crate) max_queue_bytes: usize,
    pub(crate) max_export_batch_size: usize,
}

/// The variables of one queue, and what differs between them.
struct Names {
    schedule_delay: &'static str,
    export_timeout: &'static str,
    max_queue_size: &'static str,
    max_export_batch_size: &'static str,
    default_delay: Duration,
}

const SPANS: Names = Names {
    schedule_delay: "OTEL_BSP_SCHEDULE_DELAY",
    export_timeout: "OTEL_BSP_EXPORT_TIMEOUT",
    max_queue_size: "OTEL_BSP_MAX_QUEUE_SIZE",
    max_export_batch_size: "OTEL_BSP_MAX_EXPORT_BATCH_SIZE",
    default_delay: DEFAULT_SCHEDULE_DELAY,
};

const RECORDS: Names = Names {
    schedule_delay: "OTEL_BLRP_SCHEDULE_DELAY",
    export_timeout: "OTEL_BLRP_EXPORT_TIMEOUT",
    max_queue_size: "OTEL_BLRP_MAX_QUEUE_SIZE",
    max_export_batch_size: "OTEL_BLRP_MAX_EXPORT_BATCH_SIZE",
    default_delay: DEFAULT_LOG_SCHEDULE_DELAY,
};

impl Batch {
    pub(crate) fn of_spans(settings: &Settings) -> Result<Self, InitError> {
        Self::resolve(settings, &SPANS)
    }

    pub(crate) fn of_records(settings: &Settings) -> Result<Self, InitError> {
        Self::resolve(settings, &RECORDS)
    }

    fn resolve(settings: &Settings, names: &Names) -> Result<Self, InitError> {
        let env = &settings.env;
        let setting = settings.max_queue_size.map(|size| (Origin::Setter("with_max_queue_size"), size));
        let queue = at_least_one(env, setting, names.max_queue_size)?;
        let (origin, max_queue_size) = queue.unwrap_or((Origin::Setter(""), DEFAULT_MAX_QUEUE_SIZE));
        if max_queue_size > LARGEST_QUEUE {
            return Err(origin.refuse(&max_queue_size.to_string(), "use at most 16777216"));
        }
        let setting = settings.max_export_batch_size.map(|size| (Origin::Setter("with_max_export_batch_size"), size));
        let max_export_batch_size = match at_least_one(env, setting, names.max_export_batch_size)? {
            Some((origin, size)) if size > max_queue_size => {
                let mend = format!("use at most the queue size, {max_queue_size}, or raise that");
                return Err(origin.refuse(&size.to_string(), &mend));
            }
            Some((_, size)) => size,
            None => DEFAULT_MAX_EXPORT_BATCH_SIZE.min(max_queue_size),
        };
        let setting = settings.schedule_delay.map(|delay| (Origin::Setter("with_schedule_delay"), delay));
        Ok(Self {
            schedule_delay: delay(env, setting, names.schedule_delay, names.default_delay)?,
            export_timeout: timeout(env, settings.export_timeout, &[names.export_timeout], DEFAULT_EXPORT_TIMEOUT)?,
            max_queue_size,
            max_queue_bytes: settings.max_queue_bytes.unwrap_or(DEFAULT_MAX_QUEUE_BYTES),
            max_export_batch_size,
        })
    }
}

/// A count of at least one with its origin: the setting, else the variable.
fn at_least_one(
    env: &Env,
    setting: Option<(Origin, usize)>,
    variable: &'static str,
) -> Result<Option<(Origin, usize)>, InitError> {
    const MEND: &str = "write a whole number of at least 1";
    let read = env.parse::<usize>(&[variable], MEND)?.map(|count| (Origin::Variable(variable), count));
    match setting.or(read) {
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

    #[test]
    fn defaults_are_those_of_the_specification() {
        let spans = Batch::of_spans(&settings([])).unwrap();
        assert_eq!(spans.schedule_delay, Duration::from_secs(5));
        assert_eq!(spans.export_timeout, Some(Duration::from_secs(30)));
        assert_eq!((spans.max_queue_size, spans.max_export_batch_size), (2048, 512));
        let records = Batch::of_records(&settings([])).unwrap();
        assert_eq!(records, Batch { schedule_delay: Duration::from_secs(1), ..spans });
    }

    #[test]
    fn each_queue_has_variables_of_its_own() {
        let settings = settings([("OTEL_BLRP_MAX_QUEUE_SIZE", "10"), ("OTEL_BLRP_SCHEDULE_DELAY", "20")]);
        assert_eq!(Batch::of_spans(&settings).unwrap().max_queue_size, 2048);
        let records = Batch::of_records(&settings).unwrap();
        assert_eq!((records.max_queue_size, records.max_export_batch_size), (10, 10));
        assert_eq!(records.schedule_delay, Duration::from_millis(20));
    }

    #[test]
    fn zero_timeout_is_no_limit() {
        let batch = Batch::of_spans(&settings([("OTEL_BSP_EXPORT_TIMEOUT", "0")])).unwrap();
        assert_eq!(batch.export_timeout, None);
    }
}
