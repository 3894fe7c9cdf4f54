//! What became of everything.

use std::fmt;

use crate::content::ReferenceStats;

use super::counts::Counted;
use super::delivery::Delivery;
use super::signal::Signal;

/// What became of the sampled spans that ended: `exported + failed + dropped` is their number, always; of the log
/// records, and of metrics. With several backends every span and record counts once for each that takes its signal.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub struct Report {
    /// Spans in requests the receiver accepted. Single spans it rejects within such a request (OTLP partial success) are
    /// included: opentelemetry-otlp 0.33 does not hand their number on.
    pub exported: u64,
    /// Spans whose export was tried and failed.
    pub failed: u64,
    /// Spans never tried: the queue was full, or the shutdown timeout was over, or the last look at them panicked.
    pub dropped: u64,
    /// Log records.
    pub logs: SignalReport,
    /// Exports of metrics: what is counted are requests.
    pub metrics: SignalReport,
    /// GenAI spans that were ended from outside ([`Stats::interrupted`](crate::Stats::interrupted)), at shutdown or
    /// before; they are among the others.
    pub interrupted: u64,
    /// What became of content that was to be stored; `None` without a store. What is `waiting` is lost if the process
    /// ends now.
    pub content: Option<ReferenceStats>,
    /// Content attributes and texts of errors left out because the queue or a request had no room for them; their spans
    /// and records are among the others.
    pub content_left_out: u64,
    /// The last error of an export, one line, without header values.
    pub last_error: Option<String>,
    /// The same for each backend, if there are several.
    pub routes: Vec<RouteReport>,
}

/// What became of log records, or of exports of metrics; `exported + failed + dropped + refused` is their number.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub struct SignalReport {
    /// In requests the receiver accepted.
    pub exported: u64,
    /// Tried, and failed.
    pub failed: u64,
    /// Never tried.
    pub dropped: u64,
    /// Not sent, or no more, because the receiver has no place for this signal. That is no loss: it was told once.
    pub refused: u64,
}

/// What became of what one backend was to get.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub struct RouteReport {
    /// Which backend.
    pub name: &'static str,
    /// As [`Report::exported`].
    pub exported: u64,
    /// As [`Report::failed`].
    pub failed: u64,
    /// As [`Report::dropped`].
    pub dropped: u64,
    /// As [`Report::logs`].
    pub logs: SignalReport,
    /// As [`Report::metrics`].
    pub metrics: SignalReport,
    /// As [`Report::last_error`].
    pub last_error: Option<String>,
}

impl SignalReport {
    fn of(counted: &Counted) -> Self {
        let Counted { exported, failed, refused, .. } = *counted;
        Self { exported, failed, dropped: counted.dropped(), refused }
    }

    fn add(&mut self, other: &Self) {
        self.exported += other.exported;
        self.failed += other.failed;
        self.dropped += other.dropped;
        self.refused += other.refused;
    }

    fn has_losses(&self) -> bool {
        self.failed > 0 || self.dropped > 0
    }

    /// `; log records: 3 exported, 1 failed`, or nothing if all went well.
    fn write(&self, f: &mut fmt::Formatter<'_>, what: &str) -> fmt::Result {
        let Self { exported, failed, dropped, refused } = self;
        if failed + dropped + refused == 0 {
            return Ok(());
        }
        write!(f, "; {what}: {exported} exported")?;
        for (count, word) in [(failed, "failed"), (dropped, "dropped"), (refused, "refused")] {
            if *count > 0 {
                write!(f, ", {count} {word}")?;
            }
        }
        Ok(())
    }
}

impl RouteReport {
    /// What a route says of itself, and what content it left out.
    fn of(route: &Delivery) -> (Self, u64) {
        let [spans, logs, metrics] =
            [Signal::Traces, Signal::Logs, Signal::Metrics].map(|signal| route.counted(signal));
        let left_out = spans.stripped + logs.stripped;
        let this = Self {
            name: route.name,
            exported: spans.exported,
            failed: spans.failed,
            dropped: spans.dropped(),
            logs: SignalReport::of(&logs),
            metrics: SignalReport::of(&metrics),
            last_error: spans.last_error.or(logs.last_error).or(metrics.last_error),
        };
        (this, left_out)
    }
}

impl Report {
    /// The sum over `routes`.
    pub(crate) fn of<'a>(routes: impl IntoIterator<Item = &'a Delivery>) -> Self {
        let mut report = Self::default();
        for route in routes {
            let (route, left_out) = RouteReport::of(route);
            report.exported += route.exported;
            report.failed += route.failed;
            report.dropped += route.dropped;
            report.logs.add(&route.logs);
            report.metrics.add(&route.metrics);
            report.content_left_out += left_out;
            report.last_error = report.last_error.or_else(|| route.last_error.clone());
            report.routes.push(route);
        }
        if report.routes.len() < 2 {
            report.routes.clear();
        }
        report
    }

    pub(crate) fn has_losses(&self) -> bool {
        let lost = |content: &ReferenceStats| content.failed + content.dropped + content.waiting > 0;
        let content = self.content_left_out > 0 || self.content.as_ref().is_some_and(lost);
        self.failed > 0 || self.dropped > 0 || self.logs.has_losses() || self.metrics.has_losses() || content
    }
}

/// `12 spans exported, 3 failed, 0 dropped; log records: 9 exported, 2 failed; last error: …`: of other signals than
/// spans only what went wrong, and each backend if there are several.
impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { exported, failed, dropped, .. } = self;
        write!(f, "{exported} spans exported, {failed} failed, {dropped} dropped")?;
        if self.content_left_out > 0 {
            write!(f, ", {} content values left out", self.content_left_out)?;
        }
        self.logs.write(f, "log records")?;
        self.metrics.write(f, "requests with metrics")?;
        if let Some(ReferenceStats { stored, failed, dropped, waiting, .. }) = self.content {
            write!(f, "; content: {stored} stored, {failed} failed, {} dropped", dropped + waiting)?;
        }
        for RouteReport { name, exported, failed, dropped, logs, metrics, .. } in &self.routes {
            write!(f, "; {name}: {exported} exported, {failed} failed, {dropped} dropped")?;
            logs.write(f, &format!("{name}, log records"))?;
            metrics.write(f, &format!("{name}, requests with metrics"))?;
        }
        match &self.last_error {
            Some(error) => write!(f, "; last error: {error}"),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_says_which_backend_lost_logs_or_metrics() {
        let lost = |failed| SignalReport { failed, ..SignalReport::default() };
        let one = RouteReport { name: "Jaeger", ..RouteReport::default() };
        let other = RouteReport { name: "Sentry", logs: lost(2), metrics: lost(1), ..RouteReport::default() };
        let report = Report { logs: lost(2), metrics: lost(1), routes: vec![one, other], ..Report::default() };
        let line = report.to_string();
        let told = "; Sentry, log records: 0 exported, 2 failed; Sentry, requests with metrics: 0 exported, 1 failed";
        assert!(line.contains(told) && !line.contains("Jaeger,"), "{line}");
    }
}
