//! Three exporters underneath, one treatment.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use opentelemetry_otlp::{ExporterBuildError, LogExporter, MetricExporter, SpanExporter};
use opentelemetry_sdk::error::{OTelSdkError, OTelSdkResult};
use opentelemetry_sdk::logs::{LogBatch, LogExporter as _};
use opentelemetry_sdk::metrics::data::ResourceMetrics;
use opentelemetry_sdk::metrics::exporter::PushMetricExporter as _;
use opentelemetry_sdk::trace::{SpanData, SpanExporter as _};

use super::super::answer::{Answer, Last};
use super::super::error::{InitError, InitErrorKind};
use super::super::limits::{spell_non_finite, spell_non_finite_in_records};
use super::super::otlp_config::{Otlp, Protocol};
use super::super::record::Record;
use super::super::sink::{Failure, Sink, SinkFuture, within};

/// Stands for "no limit": the exporter underneath takes zero for "at once".
const YEAR: Duration = Duration::from_secs(365 * 24 * 60 * 60);

/// The timeout as the exporter underneath wants it.
pub(super) fn timeout(otlp: &Otlp) -> Duration {
    otlp.timeout.unwrap_or(YEAR)
}

/// An exporter with its limits. No `Debug`: the exporter underneath prints header values.
pub(super) struct Exporter<E> {
    pub(super) inner: E,
    pub(super) way: Way,
}

/// What is to be said of a failed export, and when it is one.
pub(super) struct Way {
    protocol: Protocol,
    /// The endpoint, as it may be shown.
    place: String,
    timeout: Option<Duration>,
    hint: &'static str,
    /// What became of the last attempt; only HTTP has it.
    last: Option<Last>,
}

impl Way {
    pub(super) fn new(otlp: &Otlp, last: Option<Last>) -> Self {
        let hint = match otlp.compression {
            Some(_) => " (gzip is on, not every receiver reads it)",
            None => "",
        };
        Self { protocol: otlp.protocol, place: otlp.endpoint.shown(), timeout: otlp.timeout, hint, last }
    }

    fn is_json(&self) -> bool {
        self.protocol == Protocol::HttpJson
    }

    async fn judged(&self, export: impl Future<Output = OTelSdkResult>) -> Result<(), Failure> {
        let failure = match within(self.timeout, export).await {
            Ok(Ok(())) => return Ok(()),
            Ok(Err(OTelSdkError::InternalFailure(text))) => text,
            Ok(Err(error)) => error.to_string(),
            Err(timeout) => timeout,
        };
        let Answer { cause, status } = self.last.as_ref().map(Last::take).unwrap_or_default();
        if let Some(answer) = refusal(status, &failure) {
            let Self { place, hint, .. } = self;
            return Err(Failure::Refused(format!("{place} answers {answer}{hint}")));
        }
        let cause = cause.map(|cause| format!(": {cause}"));
        Err(Failure::Failed(format!("{failure}{}{}", cause.unwrap_or_default(), self.hint)))
    }
}

/// What a receiver says that has no place for the signal. Over gRPC the exporter underneath tells it in its text only.
fn refusal(status: Option<u16>, text: &str) -> Option<&'static str> {
    match status {
        Some(404) => Some("404 (not found)"),
        Some(405) => Some("405 (method not allowed)"),
        Some(_) => None,
        None => text.contains("gRPC code: Unimplemented").then_some("UNIMPLEMENTED"),
    }
}

impl Sink<Vec<SpanData>> for Exporter<SpanExporter> {
    fn export(&self, mut batch: Vec<SpanData>) -> SinkFuture<'_> {
        if self.way.is_json() {
            spell_non_finite(&mut batch);
        }
        Box::pin(self.way.judged(self.inner.export(batch)))
    }
}

impl Sink<Vec<Record>> for Exporter<LogExporter> {
    fn export(&self, mut batch: Vec<Record>) -> SinkFuture<'_> {
        if self.way.is_json() {
            spell_non_finite_in_records(&mut batch);
        }
        Box::pin(async move {
            let batch: Vec<_> = batch.iter().map(|record| (&record.record, &*record.scope)).collect();
            self.way.judged(self.inner.export(LogBatch::new(&batch))).await
        })
    }
}

impl Sink<Arc<ResourceMetrics>> for Exporter<MetricExporter> {
    fn export(&self, metrics: Arc<ResourceMetrics>) -> SinkFuture<'_> {
        Box::pin(async move { self.way.judged(self.inner.export(&metrics)).await })
    }
}

pub(super) fn refused(error: ExporterBuildError) -> InitError {
    let message = format!("cannot build the otlp exporter: {error}; check endpoint and certificates");
    InitError::new(InitErrorKind::Exporter, message)
}
