//! The guard and its report.

use std::fmt;
use std::io::Write;
use std::sync::Arc;
use std::time::{Duration, Instant};

use opentelemetry_sdk::trace::{SdkTracer, SdkTracerProvider};
use tracing::Subscriber;
use tracing_subscriber::Layer;
use tracing_subscriber::registry::LookupSpan;

use crate::content::ReferenceStats;
use crate::span::GenAiTracer;

use super::error::{FlushError, one_line};
use super::filter;
use super::outbox::Outbox;

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
/// Drop waits at most the shutdown timeout. If spans failed or were dropped, it prints one line on standard error.
/// `std::process::exit` and aborts run no destructor: call [`shutdown`](Self::shutdown) before.
#[must_use = "dropping the guard ends export: bind it to a variable that lives as long as the program"]
#[derive(Debug)]
pub struct Telemetry {
    pub(crate) provider: SdkTracerProvider,
    pub(crate) tracer: GenAiTracer<SdkTracer>,
    /// `None` if nothing is exported.
    pub(crate) outbox: Option<Arc<Outbox>>,
    pub(crate) shutdown_timeout: Duration,
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
    /// let env = Env::from_iter([("OTEL_TRACES_EXPORTER", "none")]);
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

    /// Sends every span that has ended, waiting at most `timeout`. Blocks the calling thread.
    ///
    /// # Errors
    /// [`FlushError::Timeout`] if it took longer, [`FlushError::Failed`] if spans were lost on the way.
    pub fn flush(&self, timeout: Duration) -> Result<(), FlushError> {
        match &self.outbox {
            Some(outbox) => outbox.flush(timeout),
            None => Ok(()),
        }
    }

    /// Ends every GenAI span that is open, as interrupted, sends what is left, waiting at most the shutdown timeout, ends
    /// the export thread and tells what became of every span. Spans that end later are not exported. Blocks the calling
    /// thread. Prints nothing.
    pub fn shutdown(mut self) -> Report {
        self.stop().unwrap_or_default()
    }

    /// Ends export once; `None` if it has ended already or never began.
    ///
    /// The outcome of the provider's shutdown adds nothing to the counts: what was not sent in time is counted as
    /// failed or dropped.
    pub(crate) fn stop(&mut self) -> Option<Report> {
        let outbox = self.outbox.take();
        if outbox.is_some() {
            self.tracer.interrupt_open_spans();
        }
        let begun = Instant::now();
        // The drop after a shutdown has no time left.
        let timeout = std::mem::take(&mut self.shutdown_timeout);
        let _ = self.provider.shutdown_with_timeout(timeout);
        let content = self.tracer.references().map(|references| {
            references.stop(timeout.saturating_sub(begun.elapsed()));
            references.stats()
        });
        let outbox = outbox?;
        let counts = &outbox.shared.counts;
        let (ended, exported, failed) = counts.read();
        Some(Report {
            exported,
            failed,
            dropped: ended.saturating_sub(exported).saturating_sub(failed),
            content_left_out: counts.stripped(),
            interrupted: self.tracer.stats().interrupted,
            content,
            last_error: counts.last_error(),
        })
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

/// What became of the sampled spans that ended: `exported + failed + dropped` is their number, always.
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
    /// GenAI spans that were ended from outside ([`Stats::interrupted`](crate::Stats::interrupted)), at shutdown or
    /// before; they are among the others.
    pub interrupted: u64,
    /// What became of content that was to be stored; `None` without a store. What is `waiting` is lost if the process
    /// ends now.
    pub content: Option<ReferenceStats>,
    /// Content attributes and texts of errors left out because the queue or a request had no room for them; their spans
    /// are among the others.
    pub content_left_out: u64,
    /// The last error of an export, one line, without header values.
    pub last_error: Option<String>,
}

impl Report {
    fn has_losses(&self) -> bool {
        let lost = |content: &ReferenceStats| content.failed + content.dropped + content.waiting > 0;
        let content = self.content_left_out > 0 || self.content.as_ref().is_some_and(lost);
        self.failed > 0 || self.dropped > 0 || content
    }
}

/// `12 spans exported, 3 failed, 0 dropped; last error: …`
impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { exported, failed, dropped, .. } = self;
        write!(f, "{exported} spans exported, {failed} failed, {dropped} dropped")?;
        if self.content_left_out > 0 {
            write!(f, ", {} content values left out", self.content_left_out)?;
        }
        if let Some(ReferenceStats { stored, failed, dropped, waiting, .. }) = self.content {
            write!(f, "; content: {stored} stored, {failed} failed, {} dropped", dropped + waiting)?;
        }
        match &self.last_error {
            Some(error) => write!(f, "; last error: {error}"),
            None => Ok(()),
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
        let builder = Pipeline::builder().with_env(Env::from_iter([("OTEL_TRACES_EXPORTER", "none")]));
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
