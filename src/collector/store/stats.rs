//! What a collector counts.
use std::fmt;

/// What a collector has seen since it started. The first four fields are about spans.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Stats {
    /// Valid spans received, repeated ones included.
    pub received: u64,
    /// Spans that came again while the first was still held; the later one replaced it.
    pub duplicates: u64,
    /// Spans dropped because the store was full.
    pub evicted: u64,
    /// Spans not taken because a trace, span or parent id was invalid; the sender was told (`partial_success`).
    pub rejected: u64,
    /// What became of the points of metrics.
    pub metric_points: Counts,
    /// What became of log records.
    pub logs: Counts,
    /// Requests answered with an error: malformed, too large, wrong path, a signal that is not taken.
    pub refused_requests: u64,
}

/// What became of the items of a signal.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Counts {
    /// Valid items received, repeated ones included.
    pub received: u64,
    /// Items that came again: points of a series with the times of the last one. Log records cannot be told apart.
    pub duplicates: u64,
    /// Items dropped because the store was full; for metrics, series and exemplars.
    pub evicted: u64,
    /// Items not taken because they were invalid; the sender was told (`partial_success`).
    pub rejected: u64,
}

/// For a closing line: `12 spans received, 0 repeated, 0 evicted, 0 rejected; 0 requests refused`. Metrics and logs are between
/// the two if any came: `30 metric points received, …; 5 log records received, …;`.
impl fmt::Display for Stats {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { received, duplicates, evicted, rejected, .. } = *self;
        let spans = Counts { received, duplicates, evicted, rejected };
        for (counts, items) in [(spans, "spans"), (self.metric_points, "metric points"), (self.logs, "log records")] {
            if items == "spans" || counts != Counts::default() {
                let Counts { received, duplicates, evicted, rejected } = counts;
                write!(
                    f,
                    "{received} {items} received, {duplicates} repeated, {evicted} evicted, {rejected} rejected; "
                )?;
            }
        }
        write!(f, "{} requests refused", self.refused_requests)
    }
}
