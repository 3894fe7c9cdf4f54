//! Between the SDK and the export thread: a bounded queue of ended spans, and the counts.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use opentelemetry::Context;
use opentelemetry_sdk::error::{OTelSdkError, OTelSdkResult};
use opentelemetry_sdk::trace::{Span, SpanData, SpanProcessor};
use tokio::sync::{Notify, mpsc, watch};

use crate::span::LastGate;

use super::error::{FlushError, one_line};
use super::weight::{strip_content, weight};

/// How long past the deadline the caller waits for the export thread to say it is done.
const GRACE: Duration = Duration::from_millis(200);

/// The waiting time of `force_flush` of the SDK, which has no parameter for it.
const SDK_FLUSH_TIMEOUT: Duration = Duration::from_secs(5);

/// Counts of spans. Ended spans that are neither exported nor failed are still queued or were dropped.
#[derive(Debug, Default)]
pub(crate) struct Counts {
    ended: AtomicU64,
    exported: AtomicU64,
    failed: AtomicU64,
    /// Content attributes for which there was no room.
    stripped: AtomicU64,
    last_error: Mutex<Option<String>>,
}

impl Counts {
    pub(crate) fn add_exported(&self, spans: u64) {
        self.exported.fetch_add(spans, Ordering::AcqRel);
    }

    pub(crate) fn add_failed(&self, spans: u64, reason: &str) {
        self.failed.fetch_add(spans, Ordering::AcqRel);
        *self.last_error.lock().unwrap_or_else(PoisonError::into_inner) = Some(one_line(reason));
    }

    pub(crate) fn add_stripped(&self, attributes: u64) {
        self.stripped.fetch_add(attributes, Ordering::Relaxed);
    }

    pub(crate) fn stripped(&self) -> u64 {
        self.stripped.load(Ordering::Relaxed)
    }

    /// `(ended, exported, failed)`; `ended` is read last, so it is never smaller than the sum of the others.
    pub(crate) fn read(&self) -> (u64, u64, u64) {
        let exported = self.exported.load(Ordering::Acquire);
        let failed = self.failed.load(Ordering::Acquire);
        (self.ended.load(Ordering::Acquire), exported, failed)
    }

    pub(crate) fn last_error(&self) -> Option<String> {
        self.last_error.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// What both sides hold.
#[derive(Debug, Default)]
pub(crate) struct Shared {
    pub(crate) counts: Counts,
    /// Bytes of what is queued.
    queued: AtomicUsize,
    /// Wakes the export thread when a whole batch is waiting.
    pub(crate) batch_waiting: Notify,
}

impl Shared {
    /// Makes room for `bytes` more, if that stays within `most`.
    fn reserve(&self, bytes: usize, most: usize) -> bool {
        let with = |queued: usize| queued.checked_add(bytes).filter(|queued| *queued <= most);
        self.queued.fetch_update(Ordering::AcqRel, Ordering::Acquire, with).is_ok()
    }

    /// Gives back the room of `bytes` that are no longer queued.
    pub(crate) fn release(&self, bytes: usize) {
        self.queued.fetch_sub(bytes, Ordering::AcqRel);
    }
}

/// A span on its way to the export thread.
#[derive(Debug)]
pub(crate) struct Queued {
    pub(crate) span: SpanData,
    /// What the tracer that made it says of it.
    pub(crate) mark: Option<LastGate>,
    /// What it weighs in the queue.
    pub(crate) bytes: usize,
}

/// The deadline of the shutdown, once there is one.
pub(crate) type Stop = Option<Instant>;

/// Asks the export thread to send what is queued now; dropped unanswered if the thread ends.
#[derive(Debug)]
pub(crate) struct Flush(pub(crate) std::sync::mpsc::Sender<()>);

/// The application's side of the queue.
///
/// The SDK's `BatchSpanProcessor` is not used: it exports spans that were recorded but not sampled, waits without limit
/// in a hanging exporter, ends for good when an exporter panics and loses the spans it holds uncounted
/// (opentelemetry_sdk 0.33).
#[derive(Debug)]
pub(crate) struct Outbox {
    pub(crate) spans: mpsc::Sender<Queued>,
    pub(crate) flushes: mpsc::UnboundedSender<Flush>,
    pub(crate) stop: watch::Sender<Stop>,
    pub(crate) shared: Arc<Shared>,
    pub(crate) max_export_batch_size: usize,
    pub(crate) max_queue_bytes: usize,
    pub(crate) thread: Mutex<Thread>,
}

/// The export thread as seen from outside.
#[derive(Debug)]
pub(crate) struct Thread {
    /// Never receives; closes when the thread has done its last work.
    pub(crate) finished: Receiver<()>,
    pub(crate) handle: Option<JoinHandle<()>>,
}

impl Outbox {
    /// Takes an ended span without blocking; a full queue drops it. Where there is room but for its content, it goes
    /// without.
    pub(crate) fn push(&self, mut span: SpanData) {
        let counts = &self.shared.counts;
        counts.ended.fetch_add(1, Ordering::AcqRel);
        let mark = LastGate::of(span.span_context.span_id());
        let mut bytes = weight(&span);
        if !self.shared.reserve(bytes, self.max_queue_bytes) {
            counts.add_stripped(strip_content(&mut span));
            bytes = weight(&span);
            if !self.shared.reserve(bytes, self.max_queue_bytes) {
                return;
            }
        }
        if self.spans.try_send(Queued { span, mark, bytes }).is_err() {
            return self.shared.release(bytes);
        }
        let waiting = self.spans.max_capacity().saturating_sub(self.spans.capacity());
        if waiting >= self.max_export_batch_size {
            self.shared.batch_waiting.notify_one();
        }
    }

    /// Waits until everything queued now was sent or failed, at most `timeout`.
    pub(crate) fn flush(&self, timeout: Duration) -> Result<(), FlushError> {
        let (.., failed_before) = self.shared.counts.read();
        let (reply, answer) = channel();
        self.flushes.send(Flush(reply)).map_err(|_| FlushError::Stopped)?;
        match answer.recv_timeout(timeout) {
            Ok(()) => {}
            Err(RecvTimeoutError::Timeout) => return Err(FlushError::Timeout(timeout)),
            Err(RecvTimeoutError::Disconnected) => return Err(FlushError::Stopped),
        }
        let (.., failed) = self.shared.counts.read();
        match failed.saturating_sub(failed_before) {
            0 => Ok(()),
            spans => Err(FlushError::Failed { spans, reason: self.shared.counts.last_error().unwrap_or_default() }),
        }
    }

    /// Sends what is queued, at most until `timeout` is over, and ends the export thread. A second call finds it ended.
    pub(crate) fn stop(&self, timeout: Duration) -> OTelSdkResult {
        self.stop.send_replace(Some(deadline(timeout)));
        let mut thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner);
        match thread.finished.recv_timeout(timeout.saturating_add(GRACE)) {
            Err(RecvTimeoutError::Timeout) => Err(OTelSdkError::Timeout(timeout)),
            Ok(()) | Err(RecvTimeoutError::Disconnected) => {
                // A panic of the thread has nothing more to tell: its spans are in no count and so count as dropped.
                let _ = thread.handle.take().map(JoinHandle::join);
                Ok(())
            }
        }
    }
}

/// The moment `timeout` from now; a year if the clock cannot express it.
pub(crate) fn deadline(timeout: Duration) -> Instant {
    const YEAR: Duration = Duration::from_secs(365 * 24 * 60 * 60);
    let now = Instant::now();
    now.checked_add(timeout.min(YEAR)).unwrap_or(now)
}

/// The SDK's view of the outbox.
#[derive(Debug)]
pub(crate) struct Entrance(pub(crate) Arc<Outbox>);

impl SpanProcessor for Entrance {
    fn on_start(&self, _span: &mut Span, _cx: &Context) {}

    fn on_end(&self, span: SpanData) {
        // A sampler's "record only" keeps the span in the process (SDK specification, "Sampling").
        if span.span_context.is_sampled() {
            self.0.push(span);
        }
    }

    fn force_flush(&self) -> OTelSdkResult {
        let flushed = self.0.flush(SDK_FLUSH_TIMEOUT);
        flushed.map_err(|error| OTelSdkError::InternalFailure(error.to_string()))
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.0.stop(timeout)
    }
}
