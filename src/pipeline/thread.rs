//! The export thread of a route: one thread, one current-thread runtime, all network work.
//!
//! A runtime of its own makes export independent of the application's: it works without one, and inside a
//! current-thread runtime that is blocked in `shutdown`. The thread's default subscriber is none for its whole life, so
//! that nothing the transport reports becomes a span that has to be transported. Each signal has a loop of its own, so
//! that waiting for one's receiver does not delay the others. Callbacks of observable instruments, and content policies of
//! the backend, run on this thread too: one that blocks holds up all signals of its route, and no other route.

use std::future::Future;
use std::pin::Pin;
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use opentelemetry::Context;
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
use super::reader::{MetricWorker, Source};
use super::record::Record;
use super::signal::Signal;
use super::sink::{MakeSinks, Sinks, SinksOf};
use super::worker::{Flush, Inbox, MOST_FLUSHES, Worker};

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
    pub(crate) sources: Vec<Source>,
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
    fn lane(&mut self, signal: Signal) -> (Arc<Counts>, mpsc::Receiver<Flush>) {
        let (flushes, flushes_in) = mpsc::channel(MOST_FLUSHES);
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

    fn metrics(&mut self, Readings { sources, interval, export_timeout: limit }: Readings) {
        let signal = Signal::Metrics;
        let (counts, flushes) = self.lane(signal);
        let stop = self.stop.clone();
        self.loops.push(Box::new(move |all| {
            let sinks = std::mem::take(&mut all.metrics);
            let courier = Courier { signal, sinks, counts, limit, stop: stop.clone() };
            Box::pin(MetricWorker { sources, interval, courier, flushes, stop }.work())
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
mod tests;
