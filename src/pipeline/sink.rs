//! Where batches go.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use opentelemetry_sdk::metrics::data::ResourceMetrics;
use opentelemetry_sdk::trace::SpanData;
use tokio::time::timeout;

use super::error::InitError;
use super::record::Record;

/// One destination of batches.
pub(crate) trait Sink<B>: Send + Sync {
    fn export(&self, batch: B) -> SinkFuture<'_>;
}

/// The result of one export.
pub(crate) type SinkFuture<'a> = Pin<Box<dyn Future<Output = Result<(), Failure>> + Send + 'a>>;

/// Why an export failed: text for people, without header values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Failure {
    Failed(String),
    /// The receiver has no place for this signal, and will have none the next time.
    #[cfg_attr(not(any(test, feature = "otlp-grpc", feature = "otlp-http")), expect(dead_code))]
    Refused(String),
}

impl Failure {
    pub(crate) fn text(&self) -> &str {
        match self {
            Self::Failed(text) | Self::Refused(text) => text,
        }
    }
}

impl From<String> for Failure {
    fn from(text: String) -> Self {
        Self::Failed(text)
    }
}

/// Several that each get every batch of items.
pub(crate) type SinksOf<R> = Vec<Arc<dyn Sink<Vec<R>>>>;

pub(crate) type SpanSink = Arc<dyn Sink<Vec<SpanData>>>;
pub(crate) type RecordSink = Arc<dyn Sink<Vec<Record>>>;
pub(crate) type MetricSink = Arc<dyn Sink<Arc<ResourceMetrics>>>;

/// The sinks of one route.
#[derive(Default)]
pub(crate) struct Sinks {
    pub(crate) spans: Vec<SpanSink>,
    pub(crate) records: Vec<RecordSink>,
    pub(crate) metrics: Vec<MetricSink>,
}

/// Builds the sinks; called on the export thread, inside its runtime.
pub(crate) type MakeSinks = Box<dyn FnOnce() -> Result<Sinks, InitError> + Send>;

/// `work`, or an error when `limit` is over.
pub(crate) async fn within<T>(limit: Option<Duration>, work: impl Future<Output = T>) -> Result<T, String> {
    match limit {
        None => Ok(work.await),
        Some(limit) => timeout(limit, work).await.map_err(|_| format!("timed out after {limit:?}")),
    }
}
