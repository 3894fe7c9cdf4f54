//! The spans that are held: in order of arrival, trace by trace, without duplicates.
use std::collections::{BTreeMap, HashMap};
use std::time::{Duration, Instant};

use super::stats::Counts;
use crate::collector::decode::Batch;
use crate::collector::span::ReceivedSpan;

/// Place of a span: when its trace first arrived, then when it arrived itself.
///
/// One ordered map by place answers both questions asked of it: the spans of a trace are a range, and the first
/// entry is the one to evict. Children end before their parents and so arrive first: what a large trace
/// loses first is leaves, and the rest stays connected.
type Place = (u64, u64);

#[derive(Debug)]
pub(super) struct Spans {
    max: usize,
    spans: BTreeMap<Place, ReceivedSpan>,
    places: HashMap<SpanKey, Place>,
    traces: HashMap<String, Trace>,
    /// Counts arrivals; never reused, so that places never collide.
    arrivals: u64,
    pub(super) counts: Counts,
    /// How many were taken by the user.
    pub(super) taken: u64,
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

impl Spans {
    pub(super) fn new(max: usize) -> Self {
        let (spans, places, traces) = Default::default();
        Self { max, spans, places, traces, arrivals: 0, counts: Counts::default(), taken: 0 }
    }

    pub(super) fn insert(&mut self, batch: Batch<ReceivedSpan>) {
        self.counts.rejected += batch.rejected;
        for span in batch.items {
            self.upsert(span);
            // Inside the loop, so that one large request cannot outgrow the limit either.
            self.evict_down_to(self.max);
        }
    }

    pub(super) fn len(&self) -> usize {
        self.spans.len()
    }

    /// Every span held, traces in order of arrival.
    pub(super) fn held(&self) -> Vec<ReceivedSpan> {
        self.spans.values().cloned().collect()
    }

    /// Removes and returns the traces whose root has arrived and that got nothing new for `quiet`.
    pub(super) fn take_settled(&mut self, quiet: Duration) -> Vec<Vec<ReceivedSpan>> {
        self.take(|trace| trace.root_arrived && trace.last_arrival.elapsed() >= quiet)
    }

    /// Removes and returns every trace.
    pub(super) fn take_all(&mut self) -> Vec<Vec<ReceivedSpan>> {
        self.take(|_| true)
    }

    fn take(&mut self, wanted: impl Fn(&Trace) -> bool) -> Vec<Vec<ReceivedSpan>> {
        let mut arrivals: Vec<u64> = self.traces.values().filter(|t| wanted(t)).map(|t| t.arrival).collect();
        arrivals.sort_unstable();
        let taken: Vec<Vec<ReceivedSpan>> = arrivals.into_iter().map(|arrival| self.remove_trace(arrival)).collect();
        self.taken += taken.iter().map(Vec::len).sum::<usize>() as u64;
        taken
    }

    fn upsert(&mut self, span: ReceivedSpan) {
        self.counts.received += 1;
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
            self.counts.duplicates += 1;
        } else {
            trace.spans += 1;
            self.places.insert(key, place);
        }
        self.spans.insert(place, span);
    }

    fn evict_down_to(&mut self, max: usize) {
        while self.spans.len() > max {
            let Some(place) = self.spans.keys().next().copied() else {
                return;
            };
            if self.remove(place).is_some() {
                self.counts.evicted += 1;
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
#[path = "spans_tests.rs"]
mod tests;
