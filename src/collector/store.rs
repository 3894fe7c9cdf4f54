//! The spans held in memory: bounded, without duplicates, and something to wait on.
use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::decode::Batch;
use super::span::ReceivedSpan;

/// What a collector has seen since it started.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Stats {
    /// Valid spans received, repeated ones included.
    pub received: u64,
    /// Spans that came again while the first was still held; the later one replaced it.
    pub duplicates: u64,
    /// Spans dropped because the store was full.
    pub evicted: u64,
    /// Spans not taken because a trace, span or parent id was invalid; the sender was told (`partial_success`).
    pub rejected: u64,
    /// Requests answered with an error: malformed, too large, wrong path, a signal other than traces.
    pub refused_requests: u64,
}

/// For a closing line: `12 spans received, 0 repeated, 0 evicted, 0 rejected; 0 requests refused`.
impl fmt::Display for Stats {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { received, duplicates, evicted, rejected, refused_requests } = self;
        write!(f, "{received} spans received, {duplicates} repeated, {evicted} evicted, ")?;
        write!(f, "{rejected} rejected; {refused_requests} requests refused")
    }
}

/// Place of a span: when its trace first arrived, then when it arrived itself.
///
/// One ordered map by place answers both questions asked of it: the spans of a trace are a range, and the first
/// entry is the one to evict. Children end before their parents and so arrive first: what a large trace
/// loses first is leaves, and the rest stays connected.
type Place = (u64, u64);

#[derive(Debug)]
pub(super) struct Store {
    max_spans: usize,
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    spans: BTreeMap<Place, ReceivedSpan>,
    places: HashMap<SpanKey, Place>,
    traces: HashMap<String, Trace>,
    /// Counts arrivals; never reused, so that places never collide.
    arrivals: u64,
    /// Counts changes, so that a waiter can tell a new state from the one it has seen.
    version: u64,
    stats: Stats,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct SpanKey {
    trace_id: String,
    span_id: String,
}

#[derive(Debug)]
struct Trace {
    arrival: u64,
    spans: usize,
    root_arrived: bool,
    last_arrival: Instant,
}

impl Store {
    pub(super) fn new(max_spans: usize) -> Self {
        Self { max_spans, state: Mutex::default(), changed: Condvar::new() }
    }

    /// Takes `batch` in one step: a waiter never sees half a request.
    pub(super) fn insert(&self, batch: Batch) {
        let mut state = self.lock();
        state.stats.rejected += batch.rejected;
        for span in batch.spans {
            state.upsert(span);
            // Inside the loop, so that one large request cannot outgrow the limit either.
            state.evict_down_to(self.max_spans);
        }
        state.version += 1;
        drop(state);
        self.changed.notify_all();
    }

    /// Counts a request that was answered with an error.
    pub(super) fn count_refused(&self) {
        self.lock().stats.refused_requests += 1;
    }

    pub(super) fn stats(&self) -> Stats {
        self.lock().stats
    }

    /// Every span held, traces in order of arrival.
    pub(super) fn spans(&self) -> Vec<ReceivedSpan> {
        self.lock().spans.values().cloned().collect()
    }

    /// What is held, and what became of the rest, at one moment.
    pub(super) fn held(&self) -> (Vec<ReceivedSpan>, Stats) {
        let state = self.lock();
        (state.spans.values().cloned().collect(), state.stats)
    }

    /// Waits until at least `spans` spans are held.
    pub(super) fn wait_for(&self, spans: usize, timeout: Duration) -> bool {
        let waited = self.changed.wait_timeout_while(self.lock(), timeout, |s| s.spans.len() < spans);
        let (state, _) = waited.unwrap_or_else(PoisonError::into_inner);
        state.spans.len() >= spans
    }

    /// Waits until `predicate` holds for the spans held. It sees copies, so that no caller's code runs under the lock.
    pub(super) fn wait_until(&self, mut predicate: impl FnMut(&[ReceivedSpan]) -> bool, timeout: Duration) -> bool {
        let started = Instant::now();
        loop {
            let (seen, spans) = self.snapshot();
            if predicate(&spans) {
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

    /// Removes and returns the traces whose root has arrived and that got nothing new for `quiet`.
    pub(super) fn take_settled(&self, quiet: Duration) -> Vec<Vec<ReceivedSpan>> {
        self.take(|trace| trace.root_arrived && trace.last_arrival.elapsed() >= quiet)
    }

    /// Removes and returns every trace.
    pub(super) fn take_all(&self) -> Vec<Vec<ReceivedSpan>> {
        self.take(|_| true)
    }

    fn take(&self, wanted: impl Fn(&Trace) -> bool) -> Vec<Vec<ReceivedSpan>> {
        let mut state = self.lock();
        let mut arrivals: Vec<u64> = state.traces.values().filter(|t| wanted(t)).map(|t| t.arrival).collect();
        arrivals.sort_unstable();
        let taken = arrivals.into_iter().map(|arrival| state.remove_trace(arrival)).collect();
        state.version += 1;
        drop(state);
        self.changed.notify_all();
        taken
    }

    fn snapshot(&self) -> (u64, Vec<ReceivedSpan>) {
        let state = self.lock();
        (state.version, state.spans.values().cloned().collect())
    }

    // A panic under the lock cannot leave the maps in a state that matters more than the spans in them.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn upsert(&mut self, span: ReceivedSpan) {
        self.stats.received += 1;
        self.arrivals += 1;
        let key = SpanKey::of(&span);
        let held = self.places.get(&key).copied();
        let trace = self.traces.entry(span.trace_id.clone()).or_insert_with(|| Trace {
            arrival: self.arrivals,
            spans: 0,
            root_arrived: false,
            last_arrival: Instant::now(),
        });
        trace.last_arrival = Instant::now();
        trace.root_arrived |= span.parent_span_id.is_none();
        let place = held.unwrap_or((trace.arrival, self.arrivals));
        if held.is_some() {
            self.stats.duplicates += 1;
        } else {
            trace.spans += 1;
            self.places.insert(key, place);
        }
        self.spans.insert(place, span);
    }

    fn evict_down_to(&mut self, max_spans: usize) {
        while self.spans.len() > max_spans {
            let Some(place) = self.spans.keys().next().copied() else {
                return;
            };
            if self.remove(place).is_some() {
                self.stats.evicted += 1;
            }
        }
    }

    fn remove_trace(&mut self, arrival: u64) -> Vec<ReceivedSpan> {
        let places: Vec<Place> =
            self.spans.range((arrival, 0)..=(arrival, u64::MAX)).map(|(place, _)| *place).collect();
        places.into_iter().filter_map(|place| self.remove(place)).collect()
    }

    fn remove(&mut self, place: Place) -> Option<ReceivedSpan> {
        let span = self.spans.remove(&place)?;
        self.places.remove(&SpanKey::of(&span));
        if let Some(trace) = self.traces.get_mut(&span.trace_id) {
            trace.spans -= 1;
            if trace.spans == 0 {
                self.traces.remove(&span.trace_id);
            }
        }
        Some(span)
    }
}

impl SpanKey {
    fn of(span: &ReceivedSpan) -> Self {
        Self { trace_id: span.trace_id.clone(), span_id: span.span_id.clone() }
    }
}

#[cfg(test)]
#[path = "store_tests.rs"]
mod tests;
