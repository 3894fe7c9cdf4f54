//! Where batches go.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use opentelemetry_sdk::trace::SpanData;
use tokio::time::timeout;

use super::error::InitError;

/// One destination of batches. An error is text for people, without header values.
pub(crate) trait Sink: Send + Sync {
    fn export(&self, batch: Vec<SpanData>) -> SinkFuture<'_>;
}

/// The result of one export.
pub(crate) type SinkFuture<'a> = Pin<Box<dyn Future<Output = Result<(), String>> + Send + 'a>>;

/// Builds the sinks; called on the export thread, inside its runtime.
pub(crate) type MakeSinks = Box<dyn FnOnce() -> Result<Vec<Arc<dyn Sink>>, InitError> + Send>;

/// `work`, or an error when `limit` is over.
pub(crate) async fn within<T>(limit: Option<Duration>, work: impl Future<Output = T>) -> Result<T, String> {
    match limit {
        None => Ok(work.await),
        Some(limit) => timeout(limit, work).await.map_err(|_| format!("timed out after {limit:?}")),
    }
}
