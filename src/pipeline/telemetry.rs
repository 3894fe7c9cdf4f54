//! The guard and its report.

use std::io::Write;
use std::sync::Arc;
use std::time::{Duration, Instant};

use opentelemetry_appender_tracing::layer::OpenTelemetryTracingBridge;
use opentelemetry_sdk::logs::SdkLoggerProvider;
use opentelemetry_sdk::metrics::SdkMeterProvider;
use opentelemetry_sdk::trace::{SdkTracer, SdkTracerProvider};
use tracing::metadata::LevelFilter;
use tracing::{Dispatch, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::registry::LookupSpan;

use crate::content::{ReferenceStats, References};
use crate::span::GenAiTracer;

use super::delivery::{Delivery, flush_all, stop_all};
use super::error::{FlushError, one_line};
use super::filter;
use super::in_parent::InParent;
use super::report::Report;

/// Keeps export running; dropping it sends what is left.
///
/// Hold it as long as spans are to be exported, usually in `main`:
///
/// ```no_run
/// fn main() -> Result<(), tracing_genai::pipeline::InitError> {
///     let _telemetry = tracing_genai::init()?;
///     // … the program …
///     Ok(())
/// }
/// ```
///
/// Drop waits at most the shutdown timeout. If telemetry failed or was dropped, it prints one line on standard error.
/// `std::process::exit` and aborts run no destructor: call [`shutdown`](Self::shutdown) before.
#[must_use = "dropping the guard ends export: bind it to a variable that lives as long as the program"]
#[derive(Debug)]
pub struct Telemetry {
    pub(crate) provider: SdkTracerProvider,
    pub(crate) tracer: GenAiTracer<SdkTracer>,
    /// Empty if nothing is exported.
    pub(crate) routes: Vec<Arc<Delivery>>,
    pub(crate) meters: Option<SdkMeterProvider>,
    /// Stores of content that routes bring it to, beside that of the tracer.
    pub(crate) references: Vec<References>,
    pub(crate) log_events: Option<LogEvents>,
    pub(crate) shutdown_timeout: Duration,
}

/// How log events of the application become log records.
#[derive(Debug)]
pub(crate) struct LogEvents {
    pub(crate) level: LevelFilter,
    pub(crate) provider: SdkLoggerProvider,
}

impl Telemetry {
    /// The tracer of this pipeline: for a `tracing-opentelemetry` layer of your own, for code that uses the
    /// OpenTelemetry API, and for its [`stats`](GenAiTracer::stats). Its instrumentation scope is `tracing-genai` with
    /// the version of this crate.
    pub fn tracer(&self) -> GenAiTracer<SdkTracer> {
        self.tracer.clone()
    }

    /// A layer for a subscriber of your own: that of [`layer`](crate::layer()) over [`tracer`](Self::tracer) with the filter of
    /// [`init`](super::init). Spans with a `gen_ai.*`, `agentic.*` or `mcp.*` field pass at any level, others up to
    /// `INFO`; spans of the transport (`h2`, `hyper`, `tonic` …) never pass.
    ///
    /// ```
    /// use tracing_genai::pipeline::{Env, Pipeline};
    /// use tracing_subscriber::layer::SubscriberExt;
    ///
    /// let env = Env::from_iter([("OTEL_SDK_DISABLED", "true")]);
    /// let telemetry = Pipeline::builder().with_env(env).build()?;
    /// let subscriber = tracing_subscriber::registry().with(telemetry.layer());
    /// # drop(subscriber);
    /// # Ok::<(), tracing_genai::pipeline::InitError>(())
    /// ```
    pub fn layer<S>(&self) -> impl Layer<S> + Send + Sync + use<S>
    where
        S: Subscriber + for<'span> LookupSpan<'span> + Send + Sync,
    {
        self.tracer().into_layer().with_filter(filter::spans())
    }

    /// A meter provider for instruments of your own, beside that of this crate: they leave to the first backend that takes
    /// metrics; `None` if there is none. Their labels leave as you give them. Callbacks of observable instruments run on
    /// that backend's export thread: one that blocks holds up what it sends. After one that panicked the SDK reads nothing
    /// of this provider any more. Do not shut it down.
    pub fn meter_provider(&self) -> Option<SdkMeterProvider> {
        self.meters.clone()
    }

    /// A layer that makes log records of log events, for a subscriber of your own: it goes beside [`layer`](Self::layer),
    /// and does nothing without [`with_log_events`](super::PipelineBuilder::with_log_events).
    pub fn log_layer<S>(&self) -> impl Layer<S> + Send + Sync + use<S>
    where
        S: Subscriber + for<'span> LookupSpan<'span> + Send + Sync,
    {
        // Not an optional layer as a whole: that would never learn its dispatch.
        let bridge = self.log_events.as_ref().map(|events| OpenTelemetryTracingBridge::new(&events.provider));
        let level = self.log_events.as_ref().map_or(LevelFilter::OFF, |events| events.level);
        InParent::new(bridge, Arc::clone(&self.tracer.shared)).with_filter(filter::log_events(level))
    }

    /// Sends every span that has ended, every log record and what metrics say now, waiting at most `timeout`. Blocks the
    /// calling thread.
    ///
    /// # Errors
    /// [`FlushError::Timeout`] if it took longer, [`FlushError::Failed`] if spans were lost on the way,
    /// [`FlushError::Signal`] if something else was.
    pub fn flush(&self, timeout: Duration) -> Result<(), FlushError> {
        flush_all(&self.routes, timeout)
    }

    /// Ends every GenAI span that is open, as interrupted, sends what is left, waiting at most the shutdown timeout, ends
    /// the export threads and tells what became of everything. Spans that end later are not exported. Blocks the calling
    /// thread. Prints nothing.
    pub fn shutdown(mut self) -> Report {
        self.stop().unwrap_or_default()
    }

    /// Ends export once; `None` if it has ended already or never began. Content is stored all the same.
    ///
    /// The outcome of the provider's shutdown adds nothing to the counts: what was not sent in time is counted as
    /// failed or dropped.
    pub(crate) fn stop(&mut self) -> Option<Report> {
        let routes = std::mem::take(&mut self.routes);
        if !routes.is_empty() {
            self.tracer.interrupt_open_spans();
        }
        let begun = Instant::now();
        // The drop after a shutdown has no time left.
        let timeout = std::mem::take(&mut self.shutdown_timeout);
        let left = || timeout.saturating_sub(begun.elapsed());
        // Ends the routes too, if any of them exports spans.
        let _ = self.provider.shutdown_with_timeout(timeout);
        stop_all(&routes, left());
        let stores = || self.tracer.references().into_iter().chain(&self.references);
        stores().for_each(|references| references.stop(left()));
        let content = stores().map(References::stats).reduce(sum);
        // The SDK tells its log when a provider goes.
        tracing::dispatcher::with_default(&Dispatch::none(), || drop(self.meters.take()));
        if routes.is_empty() {
            return None;
        }
        let interrupted = self.tracer.stats().interrupted;
        Some(Report { interrupted, content, ..Report::of(routes.iter().map(|route| &**route)) })
    }
}

fn sum(a: ReferenceStats, b: ReferenceStats) -> ReferenceStats {
    ReferenceStats {
        stored: a.stored + b.stored,
        deduplicated: a.deduplicated + b.deduplicated,
        dropped: a.dropped + b.dropped,
        failed: a.failed + b.failed,
        waiting: a.waiting + b.waiting,
    }
}

impl Drop for Telemetry {
    fn drop(&mut self) {
        if let Some(report) = self.stop().filter(Report::has_losses) {
            // Not through tracing, whose subscriber may be gone; not `eprintln`, which panics on a closed stream.
            let _ = writeln!(std::io::stderr(), "tracing-genai: {}", one_line(&report.to_string()));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;
    use std::sync::mpsc::{Receiver, channel};

    use super::*;
    use crate::content::{Content, References, Store, StoreError};
    use crate::pipeline::{Env, Pipeline};
    use tracing_subscriber::layer::SubscriberExt;

    /// Hangs in each item until the test is over.
    struct Hanging(Mutex<Receiver<()>>);

    impl Store for Hanging {
        fn put(&self, _: &str, _: &[u8]) -> Result<(), StoreError> {
            let _ = self.0.lock().unwrap().recv();
            Ok(())
        }

        fn uri(&self, name: &str) -> String {
            format!("hanging:{name}")
        }
    }

    #[test]
    fn a_store_that_hangs_does_not_outlast_the_shutdown_timeout() {
        let (go_on, gate) = channel();
        let content = Content::all().with_references(References::to(Hanging(Mutex::new(gate))));
        let none = ["OTEL_TRACES_EXPORTER", "OTEL_METRICS_EXPORTER", "OTEL_LOGS_EXPORTER"].map(|name| (name, "none"));
        let builder = Pipeline::builder().with_env(Env::from_iter(none));
        let telemetry = builder.with_content(content).with_shutdown_timeout(Duration::from_millis(50)).build().unwrap();
        tracing::subscriber::with_default(tracing_subscriber::registry().with(telemetry.layer()), || {
            let name = "chat";
            tracing::info_span!("c", gen_ai.operation.name = name, gen_ai.input.messages = "[]").in_scope(|| {});
        });
        assert_eq!(telemetry.tracer.references().unwrap().stats().waiting, 1);
        let (dropped, is_dropped) = channel();
        std::thread::spawn(move || {
            drop(telemetry);
            let _ = dropped.send(());
        });
        is_dropped.recv_timeout(Duration::from_secs(3)).expect("not to wait for the store");
        drop(go_on);
    }
}
