//! The export thread with sinks that fail, hang and panic.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use opentelemetry::metrics::MeterProvider;
use opentelemetry::trace::{Span, Tracer, TracerProvider};
use opentelemetry_sdk::metrics::{ManualReader, SdkMeterProvider};
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
fn the_grace_is_waited_once_for_all_routes() {
    let hang = |_| {
        thread::sleep(Duration::from_secs(5));
        Ok(())
    };
    let all: Vec<_> = (0..10).map(|_| running(hang)).collect();
    all.iter().for_each(|(_, provider)| end_spans(provider, 1));
    let routes: Vec<_> = all.iter().flat_map(|(routes, _)| routes.clone()).collect();
    let begun = Instant::now();
    assert!(!stop_all(&routes, Duration::from_millis(100)));
    assert!(!stop_all(&routes, Duration::ZERO));
    assert!(begun.elapsed() < Duration::from_secs(2), "{:?}", begun.elapsed());
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
    metering(outcome, vec![source(callback)])
}

fn source(callback: fn()) -> Source {
    let reader = Arc::new(ManualReader::builder().build());
    let provider = SdkMeterProvider::builder().with_reader(Reader(Arc::clone(&reader))).build();
    let observe = move |observer: &dyn opentelemetry::metrics::AsyncInstrument<u64>| {
        callback();
        observer.observe(1, &[]);
    };
    provider.meter("test").u64_observable_gauge("g").with_callback(observe).build();
    Source { reader, provider }
}

fn metering(outcome: Outcome, sources: Vec<Source>) -> Vec<Arc<Delivery>> {
    let (interval, export_timeout) = (Duration::from_secs(3600), Some(Duration::from_secs(2)));
    let metrics = Some(Readings { sources, interval, export_timeout });
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

#[test]
fn a_callback_of_the_application_that_panicked_once_costs_none_of_our_metrics() {
    static PANICKED: AtomicUsize = AtomicUsize::new(0);
    let once = || assert!(PANICKED.fetch_add(1, Ordering::Relaxed) > 0, "callback");
    let routes = metering(|_| Ok(()), vec![source(|| {}), source(once)]);
    for read in 1..=3 {
        let _ = flush_all(&routes, Duration::from_secs(2));
        assert_eq!(routes[0].counted(Signal::Metrics).exported, read);
    }
    assert!(stop_all(&routes, Duration::from_secs(2)));
}

#[test]
fn flushes_that_wait_are_answered_by_one_export() {
    static GATE: Mutex<()> = Mutex::new(());
    static BEGUN: AtomicUsize = AtomicUsize::new(0);
    let held = GATE.lock().unwrap();
    let outcome = |_| {
        BEGUN.fetch_add(1, Ordering::Relaxed);
        drop(GATE.lock().unwrap());
        Ok(())
    };
    let routes = measuring(outcome, || {});
    let lane = routes[0].lanes.iter().find(|lane| lane.signal == Signal::Metrics).unwrap();
    let ask = || {
        let (reply, answer) = channel();
        lane.flushes.try_send(Flush(reply)).unwrap();
        answer
    };
    let first = ask();
    let begun = Instant::now();
    while BEGUN.load(Ordering::Relaxed) == 0 {
        assert!(begun.elapsed() < Duration::from_secs(5), "it was not sent");
        thread::yield_now();
    }
    let waiting: Vec<_> = (0..20).map(|_| ask()).collect();
    drop(held);
    for answer in waiting.iter().chain([&first]) {
        answer.recv_timeout(Duration::from_secs(5)).unwrap();
    }
    assert_eq!(lane.counts.read().exported, 2);
}
