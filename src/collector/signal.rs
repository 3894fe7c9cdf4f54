//! The kinds of telemetry a collector takes.
use std::fmt;

/// A kind of telemetry that OTLP transports.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Signal {
    /// Spans.
    Traces,
    /// Metrics.
    Metrics,
    /// Log records, and with them events.
    Logs,
}

impl Signal {
    pub(super) const ALL: [Self; 3] = [Self::Traces, Self::Metrics, Self::Logs];

    /// Where it goes over HTTP.
    pub(super) fn path(self) -> &'static str {
        match self {
            Self::Traces => "/v1/traces",
            Self::Metrics => "/v1/metrics",
            Self::Logs => "/v1/logs",
        }
    }
}

/// `traces`, `metrics`, `logs`.
impl fmt::Display for Signal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Traces => "traces",
            Self::Metrics => "metrics",
            Self::Logs => "logs",
        })
    }
}

/// Which signals are taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Signals(u8);

impl Signals {
    pub(super) fn contains(self, signal: Signal) -> bool {
        self.0 & bit(signal) != 0
    }

    /// In the order of [`Signal::ALL`].
    pub(super) fn iter(self) -> impl Iterator<Item = Signal> {
        Signal::ALL.into_iter().filter(move |signal| self.contains(*signal))
    }
}

impl FromIterator<Signal> for Signals {
    fn from_iter<I: IntoIterator<Item = Signal>>(signals: I) -> Self {
        Self(signals.into_iter().fold(0, |set, signal| set | bit(signal)))
    }
}

const fn bit(signal: Signal) -> u8 {
    1 << signal as u8
}
