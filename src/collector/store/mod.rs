//! What is held in memory: bounded, and something to wait on.
mod logs;
mod merge;
mod metrics;
mod spans;
mod stats;

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::decode::Batch;
use super::log::ReceivedLog;
use super::metric::ReceivedMetric;
use super::span::ReceivedSpan;

pub use stats::{Counts, Stats};

/// How much is held at most.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    pub(super) spans: usize,
    pub(super) metric_points: usize,
    pub(super) logs: usize,
}

#[derive(Debug)]
pub(super) struct Store {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug)]
struct State {
    spans: spans::Spans,
    metrics: metrics::Metrics,
    logs: logs::Logs,
    /// Counts changes, so that a waiter can tell a new state from the one it has seen.
    version: u64,
    refused_requests: u64,
}

/// All that is held, and what became of the rest, at one moment.
#[derive(Debug)]
pub(super) struct Held {
    pub(super) spans: Vec<ReceivedSpan>,
    pub(super) metrics: Vec<ReceivedMetric>,
    pub(super) logs: Vec<ReceivedLog>,
    /// How much is held no more without having been evicted: spans, series and log records that were taken.
    pub(super) taken: u64,
    pub(super) stats: Stats,
}

impl Store {
    pub(super) fn new(limits: Limits) -> Self {
        let state = State {
            spans: spans::Spans::new(limits.spans),
            metrics: metrics::Metrics::new(limits.metric_points),
            logs: logs::Logs::new(limits.logs),
            version: 0,
            refused_requests: 0,
        };
        Self { state: Mutex::new(state), changed: Condvar::new() }
    }

    pub(super) fn insert_spans(&self, batch: Batch<ReceivedSpan>) {
        self.change(|state| state.spans.insert(batch));
    }

    pub(super) fn insert_metrics(&self, batch: Batch<ReceivedMetric>) {
        self.change(|state| state.metrics.insert(batch));
    }

    pub(super) fn insert_logs(&self, batch: Batch<ReceivedLog>) {
        self.change(|state| state.logs.insert(batch));
    }

    /// Counts a request that was answered with an error.
    pub(super) fn count_refused(&self) {
        self.lock().refused_requests += 1;
    }

    pub(super) fn stats(&self) -> Stats {
        self.lock().stats()
    }

    /// Every span held, traces in order of arrival.
    pub(super) fn spans(&self) -> Vec<ReceivedSpan> {
        self.lock().spans.held()
    }

    /// The latest state of every metric held, in order of arrival.
    pub(super) fn metrics(&self) -> Vec<ReceivedMetric> {
        self.lock().metrics.held()
    }

    /// Every log record held, in order of arrival.
    pub(super) fn logs(&self) -> Vec<ReceivedLog> {
        self.lock().logs.held()
    }

    pub(super) fn held(&self) -> Held {
        let state = self.lock();
        let (spans, metrics, logs) = (state.spans.held(), state.metrics.held(), state.logs.held());
        let taken = state.spans.taken + state.metrics.taken + state.logs.taken;
        Held { spans, metrics, logs, taken, stats: state.stats() }
    }

    /// Waits until at least `spans` spans are held.
    pub(super) fn wait_for(&self, spans: usize, timeout: Duration) -> bool {
        let waited = self.changed.wait_timeout_while(self.lock(), timeout, |s| s.spans.len() < spans);
        let (state, _) = waited.unwrap_or_else(PoisonError::into_inner);
        state.spans.len() >= spans
    }

    pub(super) fn wait_until_spans(
        &self,
        mut predicate: impl FnMut(&[ReceivedSpan]) -> bool,
        timeout: Duration,
    ) -> bool {
        self.wait_until(|state| state.spans.held(), |spans| predicate(spans), timeout)
    }

    pub(super) fn wait_until_metrics(
        &self,
        mut predicate: impl FnMut(&[ReceivedMetric]) -> bool,
        timeout: Duration,
    ) -> bool {
        self.wait_until(|state| state.metrics.held(), |metrics| predicate(metrics), timeout)
    }

    pub(super) fn wait_until_logs(&self, mut predicate: impl FnMut(&[ReceivedLog]) -> bool, timeout: Duration) -> bool {
        self.wait_until(|state| state.logs.held(), |logs| predicate(logs), timeout)
    }

    /// Waits until `predicate` holds for what is held. It sees copies, so that no caller's code runs under the lock.
    fn wait_until<T>(
        &self,
        held: impl Fn(&State) -> Vec<T>,
        mut predicate: impl FnMut(&[T]) -> bool,
        timeout: Duration,
    ) -> bool {
        let started = Instant::now();
        loop {
            let (seen, items) = {
                let state = self.lock();
                (state.version, held(&state))
            };
            if predicate(&items) {
                return true;
            }
            let left = timeout.saturating_sub(started.elapsed());
            let waited = self.changed.wait_timeout_while(self.lock(), left, |s| s.version == seen);
            let (state, _) = waited.unwrap_or_else(PoisonError::into_inner);
            if state.version == seen {
                return false;
            }
        }
    }

    pub(super) fn take_settled(&self, quiet: Duration) -> Vec<Vec<ReceivedSpan>> {
        self.change(|state| state.spans.take_settled(quiet))
    }

    pub(super) fn take_all(&self) -> Vec<Vec<ReceivedSpan>> {
        self.change(|state| state.spans.take_all())
    }

    pub(super) fn take_metrics(&self) -> Vec<ReceivedMetric> {
        self.change(|state| state.metrics.take())
    }

    pub(super) fn take_logs(&self) -> Vec<ReceivedLog> {
        self.change(|state| state.logs.take())
    }

    /// Changes the state in one step: a waiter never sees half a request.
    fn change<R>(&self, change: impl FnOnce(&mut State) -> R) -> R {
        let mut state = self.lock();
        let outcome = change(&mut state);
        state.version += 1;
        drop(state);
        self.changed.notify_all();
        outcome
    }

    // A panic under the lock cannot leave the maps in a state that matters more than what is in them.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn stats(&self) -> Stats {
        let Counts { received, duplicates, evicted, rejected } = self.spans.counts;
        Stats {
            received,
            duplicates,
            evicted,
            rejected,
            metric_points: self.metrics.counts,
            logs: self.logs.counts,
            refused_requests: self.refused_requests,
        }
    }
}
