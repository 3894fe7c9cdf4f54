//! The export thread of a route: one thread, one current-thread runtime, all network work.
//!
//! A runtime of its own makes export independent of the application's: it works without one, and inside a
//! current-thread runtime that is blocked in `shutdown`. The thread's default subscriber is none for its whole life, so
//! that nothing the transport reports becomes a span that has to be transported. Each signal has a loop of its own, so
//! that one's trouble does not delay the others.

use std::future::Future;
use std::pin::Pin;
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use opentelemetry::Context;
use opentelemetry_sdk::metrics::{ManualReader, SdkMeterProvider};
use tokio::runtime;
use tokio::sync::{mpsc, watch};
use tracing::Dispatch;
use tracing::dispatcher::set_default;

use super::batch::Batch;
use super::counts::Counts;
use super::courier::{Courier, Stop};
use super::delivery::{Delivery, Lane, Thread};
use super::ended_span::EndedSpan;
use super::error::{InitError, InitErrorKind};
use super::item::Item;
use super::outbox::{Outbox, Room};
use super::reader::MetricWorker;
use super::record::Record;
use super::signal::Signal;
use super::sink::{MakeSinks, Sinks, SinksOf};
use super::worker::{Flush, Inbox, Worker};

/// What one route exports, and how; a signal without plan is not exported.
pub(crate) struct Plan {
    pub(crate) name: &'static str,
    pub(crate) spans: Option<Queue<EndedSpan>>,
    pub(crate) records: Option<Queue<Record>>,
    pub(crate) metrics: Option<Readings>,
}

/// How items of one sort are queued.
pub(crate) struct Queue<T: Item> {
    pub(crate) batch: Batch,
    pub(crate) gate: T::Gate,
}

/// How metrics are read.
pub(crate) struct Readings {
    pub(crate) reader: Arc<ManualReader>,
    pub(crate) provider: SdkMeterProvider,
    pub(crate) interval: Duration,
    pub(crate) export_timeout: Option<Duration>,
}

type Loop = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Makes a loop once its sinks are there.
type Begin = Box<dyn FnOnce(&mut Sinks) -> Loop + Send>;

/// Starts the export thread and waits until its sinks are built.
///
/// # Errors
/// What `make` returned, or the operating system's refusal of a thread; no thread is left behind.
pub(crate) fn start(plan: Plan, make: MakeSinks) -> Result<Delivery, InitError> {
    let (stop, stop_in) = watch::channel(None);
    let mut lines = Lines { lanes: Vec::new(), loops: Vec::new(), stop: stop_in };
    let spans = plan.spans.map(|queue| lines.queue(Signal::Traces, queue, |sinks| std::mem::take(&mut sinks.spans)));
    let records =
        plan.records.map(|queue| lines.queue(Signal::Logs, queue, |sinks| std::mem::take(&mut sinks.records)));
    if let Some(readings) = plan.metrics {
        lines.metrics(readings);
    }
    let Lines { lanes, loops, .. } = lines;
    let (finish, finished) = channel();
    let (ready, is_ready) = channel();
    let run = move || run(loops, make, ready, finish);
    let refused = |error| refused("thread", error);
    let handle = thread::Builder::new().name("tracing-genai-export".into()).spawn(run).map_err(refused)?;
    let started = is_ready.recv().unwrap_or_else(|_| Err(stopped_early()));
    if let Err(error) = started {
        let _ = handle.join();
        return Err(error);
    }
    let thread = Mutex::new(Thread { finished, handle: Some(handle) });
    Ok(Delivery { name: plan.name, spans, records, lanes, stop, thread })
}

/// Both ends of each signal, while they are made.
struct Lines {
    lanes: Vec<Lane>,
    loops: Vec<Begin>,
    stop: watch::Receiver<Stop>,
}

impl Lines {
    fn lane(&mut self, signal: Signal) -> (Arc<Counts>, mpsc::UnboundedReceiver<Flush>) {
        let (flushes, flushes_in) = mpsc::unbounded_channel();
        let counts = Arc::new(Counts::default());
        self.lanes.push(Lane { signal, counts: Arc::clone(&counts), flushes });
        (counts, flushes_in)
    }

    fn queue<T: Item>(
        &mut self,
        signal: Signal,
        Queue { batch, gate }: Queue<T>,
        sinks: fn(&mut Sinks) -> SinksOf<T::Ready>,
    ) -> Outbox<T> {
        let (queue, queue_in) = mpsc::channel(batch.max_queue_size);
        let room = Arc::new(Room::new(batch.max_queue_bytes));
        let (counts, flushes) = self.lane(signal);
        let inbox = Inbox { queue: queue_in, held: None, room: Arc::clone(&room), batch, gate };
        let (of_courier, stop) = (Arc::clone(&counts), self.stop.clone());
        self.loops.push(Box::new(move |all| {
            let limit = batch.export_timeout;
            let courier = Courier { signal, sinks: sinks(all), counts: of_courier, limit, stop: stop.clone() };
            Box::pin(Worker { inbox, courier, flushes, stop }.work())
        }));
        Outbox { queue, room, counts, batch }
    }

    fn metrics(&mut self, Readings { reader, provider, interval, export_timeout: limit }: Readings) {
        let signal = Signal::Metrics;
        let (counts, flushes) = self.lane(signal);
        let stop = self.stop.clone();
        self.loops.push(Box::new(move |all| {
            let sinks = std::mem::take(&mut all.metrics);
            let courier = Courier { signal, sinks, counts, limit, stop: stop.clone() };
            Box::pin(MetricWorker { reader, _provider: provider, interval, courier, flushes, stop }.work())
        }));
    }
}

fn refused(what: &str, error: std::io::Error) -> InitError {
    let message = format!("cannot start the export {what}: {error}; raise the process limits");
    InitError::new(InitErrorKind::Worker, message).with_source(error)
}

fn stopped_early() -> InitError {
    InitError::new(InitErrorKind::Worker, "the export thread ended while it started; see standard error")
}

/// Body of the thread. `finish` is only held: dropping it, also in a panic, tells the other side.
fn run(loops: Vec<Begin>, make: MakeSinks, ready: Sender<Result<(), InitError>>, finish: Sender<()>) {
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
            Ok(mut sinks) => {
                let _ = ready.send(Ok(()));
                let tasks: Vec<_> = loops.into_iter().map(|begin| tokio::spawn(begin(&mut sinks))).collect();
                for task in tasks {
                    // A loop that panics ends alone: what it held counts as dropped.
                    let _ = task.await;
                }
            }
        }
    });
    // A name lookup that hangs must not hold up the shutdown.
    runtime.shutdown_background();
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::time::Instant;

    use opentelemetry::metrics::MeterProvider;
    use opentelemetry::trace::{Span, Tracer, TracerProvider};
    use opentelemetry_sdk::trace::SdkTracerProvider;

    use super::super::batch::{DEFAULT_MAX_QUEUE_BYTES, DEFAULT_SCHEDULE_DELAY};
    use super::super::counts::Counted;
    use super::super::delivery::{flush_all, stop_all};
    use super::super::ended_span::{Entrance, SpanGate};
    use super::super::error::FlushError;
    use super::super::reader::Reader;
    use super::super::sink::{Failure, Sink, SinkFuture};
    use super::*;
    use crate::span::LastGate;

    /// Behaves by the number of the call.
    struct Script<O>(AtomicUsize, O);

    impl<B: Send + 'static, O: Fn(usize) -> Result<(), Failure> + Send + Sync> Sink<B> for Script<O> {
        fn export(&self, _: B) -> SinkFuture<'_> {
            let call = self.0.fetch_add(1, Ordering::Relaxed);
            Box::pin(async move { (self.1)(call) })
        }
    }

    fn script<O>(outcome: O) -> Arc<Script<O>> {
        Arc::new(Script(AtomicUsize::new(0), outcome))
    }

    fn spans() -> Queue<EndedSpan> {
        let batch = Batch {
            schedule_delay: DEFAULT_SCHEDULE_DELAY,
            export_timeout: Some(Duration::from_secs(2)),
            max_queue_size: 8,
            max_queue_bytes: DEFAULT_MAX_QUEUE_BYTES,
            max_export_batch_size: 8,
        };
        let unmarked = LastGate::new(Arc::default());
        Queue { batch, gate: SpanGate { unmarked, adapter: Arc::default(), value_length: None } }
    }

    fn plan() -> Plan {
        Plan { name: "test", spans: Some(spans()), records: None, metrics: None }
    }

    type Outcome = fn(usize) -> Result<(), Failure>;

    fn running(outcome: Outcome) -> (Vec<Arc<Delivery>>, SdkTracerProvider) {
        let make: MakeSinks = Box::new(move || Ok(Sinks { spans: vec![script(outcome)], ..Sinks::default() }));
        let routes = vec![Arc::new(start(plan(), make).unwrap())];
        let entrance = Entrance { spans: routes.clone(), all: routes.clone() };
        (routes, SdkTracerProvider::builder().with_span_processor(entrance).build())
    }

    fn end_spans(provider: &SdkTracerProvider, count: usize) {
        let tracer = provider.tracer("test");
        (0..count).for_each(|_| tracer.start("s").end());
    }

    /// Given, exported, failed.
    fn counted(routes: &[Arc<Delivery>]) -> (u64, u64, u64) {
        let Counted { given, exported, failed, .. } = routes[0].counted(Signal::Traces);
        (given, exported, failed)
    }

    #[test]
    fn a_panicking_exporter_costs_its_batch_only() {
        let (routes, provider) = running(|call| match call {
            0 => panic!("transport"),
            _ => Ok(()),
        });
        end_spans(&provider, 3);
        let lost = FlushError::Failed { spans: 3, reason: "the exporter panicked".into() };
        assert_eq!(flush_all(&routes, Duration::from_secs(2)), Err(lost));
        end_spans(&provider, 2);
        assert_eq!(flush_all(&routes, Duration::from_secs(2)), Ok(()));
        provider.shutdown().unwrap();
        assert_eq!(counted(&routes), (5, 2, 3));
    }

    #[test]
    fn an_exporter_that_blocks_its_thread_does_not_outlast_the_deadline() {
        let (routes, provider) = running(|_| {
            thread::sleep(Duration::from_secs(3));
            Ok(())
        });
        end_spans(&provider, 3);
        let begun = Instant::now();
        assert!(provider.shutdown_with_timeout(Duration::from_millis(100)).is_err());
        assert!(begun.elapsed() < Duration::from_secs(1), "{:?}", begun.elapsed());
        assert_eq!(counted(&routes), (3, 0, 0));
    }

    #[test]
    fn the_sdk_can_flush_and_shut_down_twice() {
        let (routes, provider) = running(|_| Ok(()));
        end_spans(&provider, 3);
        provider.force_flush().unwrap();
        assert_eq!(counted(&routes), (3, 3, 0));
        provider.shutdown().unwrap();
        assert!(stop_all(&routes, Duration::from_secs(1)));
        assert_eq!(flush_all(&routes, Duration::from_secs(1)), Err(FlushError::Stopped));
    }

    #[test]
    fn what_make_refuses_start_returns() {
        let refusal = || Err(InitError::new(InitErrorKind::Exporter, "no"));
        let error = start(plan(), Box::new(refusal)).unwrap_err();
        assert_eq!(error.to_string(), "no");
    }

    #[test]
    fn spans_are_never_refused_for_good() {
        let (routes, provider) = running(|call| match call {
            0 => Err(Failure::Refused("404".into())),
            _ => Ok(()),
        });
        for _ in 0..2 {
            end_spans(&provider, 1);
            let _ = flush_all(&routes, Duration::from_secs(2));
        }
        assert_eq!(counted(&routes), (2, 1, 1));
    }

    /// A route with metrics whose sink and one callback are given.
    fn measuring(outcome: Outcome, callback: fn()) -> Vec<Arc<Delivery>> {
        let reader = Arc::new(ManualReader::builder().build());
        let provider = SdkMeterProvider::builder().with_reader(Reader(Arc::clone(&reader))).build();
        let observe = move |observer: &dyn opentelemetry::metrics::AsyncInstrument<u64>| {
            callback();
            observer.observe(1, &[]);
        };
        provider.meter("test").u64_observable_gauge("g").with_callback(observe).build();
        let (interval, export_timeout) = (Duration::from_secs(3600), Some(Duration::from_secs(2)));
        let metrics = Some(Readings { reader, provider, interval, export_timeout });
        let make: MakeSinks = Box::new(move || {
            Ok(Sinks { spans: vec![script(|_| Ok(()))], metrics: vec![script(outcome)], ..Sinks::default() })
        });
        vec![Arc::new(start(Plan { metrics, ..plan() }, make).unwrap())]
    }

    #[test]
    fn metrics_are_read_at_a_flush_and_at_the_end() {
        let routes = measuring(|_| Ok(()), || {});
        assert_eq!(flush_all(&routes, Duration::from_secs(2)), Ok(()));
        assert_eq!(routes[0].counted(Signal::Metrics).exported, 1);
        assert!(stop_all(&routes, Duration::from_secs(2)));
        assert_eq!(routes[0].counted(Signal::Metrics).exported, 2);
    }

    #[test]
    fn refused_metrics_are_no_failure_and_are_not_read_again() {
        let routes = measuring(|_| Err(Failure::Refused("http://h/v1/metrics answers 404".into())), || {});
        assert_eq!(flush_all(&routes, Duration::from_secs(2)), Ok(()));
        assert_eq!(flush_all(&routes, Duration::from_secs(2)), Ok(()));
        assert!(stop_all(&routes, Duration::from_secs(2)));
        let Counted { given, refused, failed, .. } = routes[0].counted(Signal::Metrics);
        assert_eq!((given, refused, failed), (1, 1, 0));
    }

    #[test]
    fn a_panicking_sink_of_metrics_costs_one_export() {
        let routes = measuring(|call| if call == 0 { panic!("transport") } else { Ok(()) }, || {});
        let lost = FlushError::Signal { signal: Signal::Metrics, reason: "the exporter panicked".into() };
        assert_eq!(flush_all(&routes, Duration::from_secs(2)), Err(lost));
        assert_eq!(flush_all(&routes, Duration::from_secs(2)), Ok(()));
    }

    #[test]
    fn a_panicking_callback_ends_no_loop() {
        let routes = measuring(|_| Ok(()), || panic!("callback"));
        for _ in 0..2 {
            assert!(matches!(flush_all(&routes, Duration::from_secs(2)), Err(FlushError::Signal { .. })));
        }
        assert!(stop_all(&routes, Duration::from_secs(2)));
        assert_eq!(routes[0].counted(Signal::Metrics).exported, 0);
    }
}
