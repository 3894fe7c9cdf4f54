//! The export thread: one thread, one current-thread runtime, all network work.
//!
//! A runtime of its own makes export independent of the application's: it works without one, and inside a
//! current-thread runtime that is blocked in `shutdown`. The thread's default subscriber is none for its whole life, so
//! that nothing the transport reports becomes a span that has to be transported.

use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Instant;

use opentelemetry::Context;
use opentelemetry_sdk::trace::SpanData;
use tokio::runtime;
use tokio::sync::{mpsc, watch};
use tokio::time::{sleep, sleep_until};
use tracing::Dispatch;
use tracing::dispatcher::set_default;

use crate::span::LastGate;

use super::config::Batch;
use super::error::{InitError, InitErrorKind};
use super::gate;
use super::limits::cut_values;
use super::outbox::{Flush, Outbox, Queued, Shared, Stop, Thread};
use super::sink::{MakeSinks, Sink, within};
use super::weight::{shrink, weight};

/// Estimated bytes of one export. gRPC receivers refuse messages above 4 MiB by default, and with them every span inside.
const LARGEST_BATCH: usize = 3 * 1024 * 1024;

/// What the worker needs to know.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Plan {
    pub(crate) batch: Batch,
    pub(crate) value_length: Option<usize>,
}

/// Starts the export thread and waits until its sinks are built.
///
/// # Errors
/// What `make` returned, or the operating system's refusal of a thread; no thread is left behind.
pub(crate) fn start(plan: Plan, gate: LastGate, make: MakeSinks) -> Result<Outbox, InitError> {
    let (spans, spans_in) = mpsc::channel(plan.batch.max_queue_size);
    let (flushes, flushes_in) = mpsc::unbounded_channel();
    let (stop, stop_in) = watch::channel(None);
    let shared = Arc::new(Shared::default());
    let (held, from_outbox) = (None, Arc::clone(&shared));
    let inbox = Inbox { spans: spans_in, held, flushes: flushes_in, stop: stop_in, shared: from_outbox, plan, gate };
    let (finish, finished) = channel();
    let (ready, is_ready) = channel();
    let run = move || run(inbox, make, ready, finish);
    let refused = |error| refused("thread", error);
    let handle = thread::Builder::new().name("tracing-genai-export".into()).spawn(run).map_err(refused)?;
    let started = is_ready.recv().unwrap_or_else(|_| Err(stopped_early()));
    if let Err(error) = started {
        let _ = handle.join();
        return Err(error);
    }
    let handle = Some(handle);
    Ok(Outbox {
        spans,
        flushes,
        stop,
        shared,
        max_export_batch_size: plan.batch.max_export_batch_size,
        max_queue_bytes: plan.batch.max_queue_bytes,
        thread: Mutex::new(Thread { finished, handle }),
    })
}

fn refused(what: &str, error: std::io::Error) -> InitError {
    let message = format!("cannot start the export {what}: {error}; raise the process limits");
    InitError::new(InitErrorKind::Worker, message).with_source(error)
}

fn stopped_early() -> InitError {
    InitError::new(InitErrorKind::Worker, "the export thread ended while it started; see standard error")
}

/// Body of the thread. `finish` is only held: dropping it, also in a panic, tells the other side.
fn run(inbox: Inbox, make: MakeSinks, ready: Sender<Result<(), InitError>>, finish: Sender<()>) {
    let _finish = finish;
    let _silent = set_default(&Dispatch::none());
    let _suppressed = Context::enter_telemetry_suppressed_scope();
    let runtime = runtime::Builder::new_current_thread().enable_all().build();
    let runtime = match runtime {
        Ok(runtime) => runtime,
        Err(error) => return drop(ready.send(Err(refused("runtime", error)))),
    };
    runtime.block_on(async {
        match make() {
            Err(error) => drop(ready.send(Err(error))),
            Ok(sinks) => {
                let _ = ready.send(Ok(()));
                Worker { inbox, sinks }.work().await;
            }
        }
    });
    // A name lookup that hangs must not hold up the shutdown.
    runtime.shutdown_background();
}

/// The export thread's side of the outbox.
struct Inbox {
    spans: mpsc::Receiver<Queued>,
    /// Taken from the queue but too large for the batch that was being filled.
    held: Option<SpanData>,
    flushes: mpsc::UnboundedReceiver<Flush>,
    stop: watch::Receiver<Stop>,
    shared: Arc<Shared>,
    plan: Plan,
    /// For spans that no tracer of ours has marked.
    gate: LastGate,
}

impl Inbox {
    fn waiting(&self) -> usize {
        self.spans.len() + usize::from(self.held.is_some())
    }

    /// Up to `most` spans, within the limits of one batch.
    fn take(&mut self, most: usize) -> Vec<SpanData> {
        let most = most.min(self.plan.batch.max_export_batch_size);
        let mut batch = Vec::new();
        let mut bytes = 0;
        while batch.len() < most {
            let span = match self.held.take() {
                Some(span) => span,
                None => match self.spans.try_recv() {
                    Ok(queued) => match self.admit(queued) {
                        Some(span) => span,
                        None => continue,
                    },
                    Err(_) => break,
                },
            };
            bytes += weight(&span);
            if bytes > LARGEST_BATCH && !batch.is_empty() {
                self.held = Some(span);
                break;
            }
            batch.push(span);
        }
        cut_values(&mut batch, self.plan.value_length);
        batch
    }

    /// A span as it may leave; `None` if nobody can tell.
    fn admit(&self, queued: Queued) -> Option<SpanData> {
        let Queued { span, mark, bytes } = queued;
        self.shared.release(bytes);
        let of_span = mark.as_ref().unwrap_or(&self.gate);
        let mut span = gate::guarded(span, |span| gate::pass(of_span, span))?;
        self.shared.counts.add_stripped(shrink(&mut span, LARGEST_BATCH));
        Some(span)
    }

    fn deadline_is_over(&self) -> bool {
        self.stop.borrow().is_some_and(|deadline| deadline <= Instant::now())
    }
}

struct Worker {
    inbox: Inbox,
    sinks: Vec<Arc<dyn Sink>>,
}

impl Worker {
    async fn work(mut self) {
        loop {
            let batch = self.inbox.plan.batch;
            tokio::select! {
                // Also an error ends the loop: every outbox is gone.
                _ = self.inbox.stop.changed() => break,
                Some(Flush(reply)) = self.inbox.flushes.recv() => {
                    self.send(self.inbox.waiting()).await;
                    let _ = reply.send(());
                }
                () = self.inbox.shared.batch_waiting.notified() => {
                    self.send(batch.max_export_batch_size).await;
                    // Back to the top after each batch: a flush or shutdown must get its turn under sustained load.
                    if self.inbox.waiting() >= batch.max_export_batch_size {
                        self.inbox.shared.batch_waiting.notify_one();
                    }
                }
                () = sleep(batch.schedule_delay) => self.send(self.inbox.waiting()).await,
            }
        }
        self.drain().await;
    }

    /// Sends `count` spans, or as many as there are.
    async fn send(&mut self, count: usize) {
        let mut left = count;
        while left > 0 && !self.inbox.deadline_is_over() {
            let batch = self.inbox.take(left);
            if batch.is_empty() {
                return;
            }
            left = left.saturating_sub(batch.len());
            self.export(batch).await;
        }
    }

    /// Closes the queue and sends the rest, until the deadline.
    async fn drain(&mut self) {
        self.inbox.spans.close();
        while !self.inbox.deadline_is_over() {
            if self.inbox.held.is_none() {
                // Unlike `try_recv`, waits for a span that is just being queued; `None` is the real end.
                let Some(queued) = self.inbox.spans.recv().await else { return };
                self.inbox.held = self.inbox.admit(queued);
            }
            let batch = self.inbox.take(usize::MAX);
            if !batch.is_empty() {
                self.export(batch).await;
            }
        }
    }

    /// Hands one batch to every sink and counts it: exported if all took it, else failed.
    async fn export(&self, batch: Vec<SpanData>) {
        let spans = batch.len() as u64;
        let Some((last, others)) = self.sinks.split_last() else {
            return;
        };
        let mut outcome = Ok(());
        for sink in others {
            outcome = outcome.and(self.attempt(sink, batch.clone()).await);
        }
        outcome = outcome.and(self.attempt(last, batch).await);
        let counts = &self.inbox.shared.counts;
        match outcome {
            Ok(()) => counts.add_exported(spans),
            Err(reason) => counts.add_failed(spans, &reason),
        }
    }

    /// One export as a task of its own, so that its panic ends the task and not the thread.
    async fn attempt(&self, sink: &Arc<dyn Sink>, batch: Vec<SpanData>) -> Result<(), String> {
        let sink = Arc::clone(sink);
        let mut task = tokio::spawn(async move { sink.export(batch).await });
        let limit = self.inbox.plan.batch.export_timeout;
        let ended = tokio::select! {
            ended = within(limit, &mut task) => ended,
            () = over(self.inbox.stop.clone()) => Err("the shutdown deadline passed".to_owned()),
        };
        match ended {
            Ok(Ok(outcome)) => outcome,
            Ok(Err(_)) => Err("the exporter panicked".to_owned()),
            Err(reason) => {
                task.abort();
                Err(reason)
            }
        }
    }
}

/// Returns when there is a shutdown deadline and it is over.
async fn over(mut stop: watch::Receiver<Stop>) {
    loop {
        let deadline = *stop.borrow_and_update();
        if let Some(deadline) = deadline {
            return sleep_until(deadline.into()).await;
        }
        if stop.changed().await.is_err() {
            return std::future::pending().await;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::time::Duration;

    use opentelemetry::trace::{Span, Tracer, TracerProvider};
    use opentelemetry_sdk::trace::SdkTracerProvider;

    use super::super::config::{DEFAULT_MAX_QUEUE_BYTES, DEFAULT_SCHEDULE_DELAY};
    use super::super::error::FlushError;
    use super::super::outbox::Entrance;
    use super::super::sink::SinkFuture;
    use super::*;

    /// Behaves by the number of the call.
    struct Script(AtomicUsize, fn(usize) -> Result<(), String>);

    impl Sink for Script {
        fn export(&self, _: Vec<SpanData>) -> SinkFuture<'_> {
            let call = self.0.fetch_add(1, Ordering::Relaxed);
            Box::pin(async move { (self.1)(call) })
        }
    }

    fn plan() -> Plan {
        let batch = Batch {
            schedule_delay: DEFAULT_SCHEDULE_DELAY,
            export_timeout: Some(Duration::from_secs(2)),
            max_queue_size: 8,
            max_queue_bytes: DEFAULT_MAX_QUEUE_BYTES,
            max_export_batch_size: 8,
        };
        Plan { batch, value_length: None }
    }

    fn running(script: fn(usize) -> Result<(), String>) -> (Arc<Outbox>, SdkTracerProvider) {
        let sink: Arc<dyn Sink> = Arc::new(Script(AtomicUsize::new(0), script));
        let outbox = Arc::new(start(plan(), LastGate::new(Arc::default()), Box::new(move || Ok(vec![sink]))).unwrap());
        let entrance = Entrance(Arc::clone(&outbox));
        (outbox, SdkTracerProvider::builder().with_span_processor(entrance).build())
    }

    fn end_spans(provider: &SdkTracerProvider, count: usize) {
        let tracer = provider.tracer("test");
        (0..count).for_each(|_| tracer.start("s").end());
    }

    #[test]
    fn a_panicking_exporter_costs_its_batch_only() {
        let (outbox, provider) = running(|call| match call {
            0 => panic!("transport"),
            _ => Ok(()),
        });
        end_spans(&provider, 3);
        let lost = FlushError::Failed { spans: 3, reason: "the exporter panicked".into() };
        assert_eq!(outbox.flush(Duration::from_secs(2)), Err(lost));
        end_spans(&provider, 2);
        assert_eq!(outbox.flush(Duration::from_secs(2)), Ok(()));
        provider.shutdown().unwrap();
        assert_eq!(outbox.shared.counts.read(), (5, 2, 3));
    }

    #[test]
    fn an_exporter_that_blocks_its_thread_does_not_outlast_the_deadline() {
        let (outbox, provider) = running(|_| {
            thread::sleep(Duration::from_secs(3));
            Ok(())
        });
        end_spans(&provider, 3);
        let begun = Instant::now();
        assert!(provider.shutdown_with_timeout(Duration::from_millis(100)).is_err());
        assert!(begun.elapsed() < Duration::from_secs(1), "{:?}", begun.elapsed());
        assert_eq!(outbox.shared.counts.read(), (3, 0, 0));
    }

    #[test]
    fn the_sdk_can_flush_and_shut_down_twice() {
        let (outbox, provider) = running(|_| Ok(()));
        end_spans(&provider, 3);
        provider.force_flush().unwrap();
        assert_eq!(outbox.shared.counts.read(), (3, 3, 0));
        provider.shutdown().unwrap();
        outbox.stop(Duration::from_secs(1)).unwrap();
        assert_eq!(outbox.flush(Duration::from_secs(1)), Err(FlushError::Stopped));
    }

    #[test]
    fn what_make_refuses_start_returns() {
        let refusal = || Err(InitError::new(InitErrorKind::Exporter, "no"));
        let error = start(plan(), LastGate::new(Arc::default()), Box::new(refusal)).unwrap_err();
        assert_eq!(error.to_string(), "no");
    }
}
