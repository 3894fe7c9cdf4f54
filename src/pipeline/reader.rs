//! Metrics: read from the SDK and sent at an interval, at a flush and at the end, on the export thread, where callbacks of
//! observable instruments run too.
//!
//! The SDK's `PeriodicReader` is not used: its thread waits without limit in a hanging exporter, and ends for good when
//! an exporter or a callback panics (opentelemetry_sdk 0.33).
//!
//! A callback that panics also poisons the SDK's locks: nothing behind its meter provider can be read any more. So the
//! application's instruments have a provider of their own, read after ours: theirs may be lost, ours are not.

use std::sync::{Arc, Weak};
use std::time::Duration;

use opentelemetry_sdk::error::{OTelSdkError, OTelSdkResult};
use opentelemetry_sdk::metrics::data::ResourceMetrics;
use opentelemetry_sdk::metrics::reader::MetricReader;
use opentelemetry_sdk::metrics::{InstrumentKind, ManualReader, Pipeline, SdkMeterProvider, Temporality};
use tokio::sync::{mpsc, watch};
use tokio::time::sleep;

use crate::content::contained;

use super::courier::{Courier, Stop};
use super::worker::Flush;

/// The SDK's end of a meter provider; the other one reads on the export thread.
#[derive(Debug)]
pub(crate) struct Reader(pub(crate) Arc<ManualReader>);

impl MetricReader for Reader {
    fn register_pipeline(&self, pipeline: Weak<Pipeline>) {
        self.0.register_pipeline(pipeline);
    }

    fn collect(&self, metrics: &mut ResourceMetrics) -> OTelSdkResult {
        self.0.collect(metrics)
    }

    fn force_flush(&self) -> OTelSdkResult {
        Ok(())
    }

    /// The export thread reads once more when it is told to end, and by itself.
    fn shutdown_with_timeout(&self, _timeout: Duration) -> OTelSdkResult {
        Ok(())
    }

    fn temporality(&self, kind: InstrumentKind) -> Temporality {
        self.0.temporality(kind)
    }
}

/// A meter provider and what reads it.
#[derive(Clone, Debug)]
pub(crate) struct Source {
    pub(crate) reader: Arc<ManualReader>,
    /// The reader reads nothing once it is gone.
    pub(crate) provider: SdkMeterProvider,
}

/// One loop of the export thread.
pub(crate) struct MetricWorker {
    /// Each is read and sent by itself.
    pub(crate) sources: Vec<Source>,
    pub(crate) interval: Duration,
    pub(crate) courier: Courier<Arc<ResourceMetrics>>,
    pub(crate) flushes: mpsc::Receiver<Flush>,
    pub(crate) stop: watch::Receiver<Stop>,
}

impl MetricWorker {
    pub(crate) async fn work(mut self) {
        loop {
            tokio::select! {
                _ = self.stop.changed() => break,
                Some(flush) = self.flushes.recv() => {
                    let asked = flush.and_waiting(&mut self.flushes);
                    self.send().await;
                    Flush::answer(asked);
                }
                () = sleep(self.interval) => self.send().await,
            }
        }
        self.send().await;
    }

    async fn send(&mut self) {
        for source in self.sources.clone() {
            if self.courier.counts.is_refused() || self.courier.deadline_is_over() {
                return;
            }
            // Behind observable instruments are callbacks of the application.
            match contained(|| source.read()) {
                Some(Ok(metrics)) => self.deliver(metrics).await,
                Some(Err(error)) => self.fail(&format!("metrics cannot be read: {error}")),
                None => {
                    self.fail("a callback of an instrument panicked: nothing of its meter provider is sent any more")
                }
            }
        }
    }

    async fn deliver(&mut self, metrics: ResourceMetrics) {
        if metrics.scope_metrics().next().is_some() {
            self.courier.counts.add_given(1);
            self.courier.deliver(Arc::new(metrics), 1).await;
        }
    }

    fn fail(&self, reason: &str) {
        self.courier.counts.add_given(1);
        self.courier.counts.add_failed(1, reason);
    }
}

impl Source {
    fn read(&self) -> Result<ResourceMetrics, OTelSdkError> {
        let mut metrics = ResourceMetrics::default();
        self.reader.collect(&mut metrics)?;
        Ok(metrics)
    }
}
