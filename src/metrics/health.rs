//! What the crate says of itself: counters of tracers, and how many spans are open.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use opentelemetry::KeyValue;
use opentelemetry::metrics::Meter;

use crate::semconv::value::agentic_telemetry_reason as reason;
use crate::semconv::{METRICS, Metric, attr};
use crate::span::{Count, Counters, KINDS, Shared};

/// A counter of a tracer as a metric.
pub(super) struct Row {
    pub(super) metric: &'static str,
    pub(super) what: Count,
    pub(super) reason: &'static str,
}

const fn row(metric: &'static str, what: Count, reason: &'static str) -> Row {
    Row { metric, what, reason }
}

const DROPPED: &str = "agentic.telemetry.dropped";
const FORCED_CLOSES: &str = "agentic.telemetry.forced_closes";
const HOOK_FAILURES: &str = "agentic.telemetry.hook_failures";
const OMITTED: &str = "agentic.telemetry.omitted";
const TRUNCATED: &str = "agentic.telemetry.truncated";
const OPEN_SPANS: &str = "agentic.open_spans";

/// Every counter of a tracer, by metric.
#[rustfmt::skip]
pub(super) const ROWS: [Row; KINDS] = [
    //  metric         counter                   agentic.telemetry.reason
    row(DROPPED,       Count::AfterEnd,          reason::AFTER_END),
    row(DROPPED,       Count::AttributeCut,      reason::ATTRIBUTE_LIMIT),
    row(DROPPED,       Count::CallUnseen,        reason::CALL_UNSEEN),
    row(DROPPED,       Count::ChangedAtStart,    reason::CHANGED_AT_START),
    row(DROPPED,       Count::ContentDropped,    reason::CONTENT_BUDGET),
    row(DROPPED,       Count::ContentNotStored,  reason::CONTENT_NOT_STORED),
    row(DROPPED,       Count::DuplicateStart,    reason::DUPLICATE_START),
    row(DROPPED,       Count::LabelLimit,        reason::LABEL_LIMIT),
    row(DROPPED,       Count::LateUsage,         reason::LATE_USAGE),
    row(DROPPED,       Count::NoLogger,          reason::NO_LOGGER),
    row(DROPPED,       Count::TracerPanic,       reason::TRACER),
    row(FORCED_CLOSES, Count::Evicted,           reason::EVICTED),
    row(FORCED_CLOSES, Count::Interrupted,       reason::INTERRUPTED),
    row(HOOK_FAILURES, Count::HookPanic,         reason::HOOK),
    row(HOOK_FAILURES, Count::PolicyFailed,      reason::CONTENT_POLICY),
    row(OMITTED,       Count::BodyNotRead,       reason::BODY_NOT_READ),
    row(OMITTED,       Count::ContentOmitted,    reason::CONTENT_UNWANTED),
    row(OMITTED,       Count::ContentRefused,    reason::CONTENT_REFUSED),
    row(OMITTED,       Count::RefusedValue,      reason::WRONG_TYPE),
    row(OMITTED,       Count::UnknownField,      reason::UNKNOWN_FIELD),
    row(TRUNCATED,     Count::ContentTruncated,  reason::CONTENT_TOO_LONG),
    row(TRUNCATED,     Count::ValueCut,          reason::VALUE_TOO_LONG),
];

/// The tracers that tell.
#[derive(Debug)]
pub(super) struct Health {
    tracers: Mutex<Vec<Tracer>>,
    /// What tracers counted that are gone: a counter never falls.
    gone: [AtomicU64; KINDS],
}

#[derive(Debug)]
struct Tracer {
    shared: Weak<Shared>,
    counters: Arc<Counters>,
}

impl Default for Health {
    fn default() -> Self {
        Self { tracers: Mutex::default(), gone: [const { AtomicU64::new(0) }; KINDS] }
    }
}

impl Health {
    /// Asks one tracer more. Every setter makes a new one, so those that are gone are summed up first.
    pub(super) fn attach(&self, shared: &Arc<Shared>) {
        let mut tracers = self.tracers();
        tracers.retain(|tracer| {
            let is_alive = tracer.shared.strong_count() > 0;
            if !is_alive {
                let gone = self.gone.iter().zip(&ROWS);
                gone.for_each(|(gone, row)| {
                    gone.fetch_add(tracer.counters.get(row.what), Ordering::Relaxed);
                });
            }
            is_alive
        });
        tracers.push(Tracer { shared: Arc::downgrade(shared), counters: Arc::clone(&shared.counters) });
    }

    fn tracers(&self) -> MutexGuard<'_, Vec<Tracer>> {
        self.tracers.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How many GenAI spans are open.
    fn open_spans(&self) -> i64 {
        // Not dropped under the lock, should one of them be the last.
        let alive: Vec<_> = self.tracers().iter().filter_map(|tracer| tracer.shared.upgrade()).collect();
        let open: usize = alive.iter().map(|shared| shared.table.count_open()).sum();
        i64::try_from(open).unwrap_or(i64::MAX)
    }

    /// What was counted so far, for each row of `metric` that counted anything.
    fn counted(&self, metric: &str) -> Vec<(u64, KeyValue)> {
        let tracers = self.tracers();
        let rows = ROWS.iter().zip(&self.gone).filter(|(row, _)| row.metric == metric);
        let counted = rows.map(|(row, gone)| {
            let alive: u64 = tracers.iter().map(|tracer| tracer.counters.get(row.what)).sum();
            (alive + gone.load(Ordering::Relaxed), KeyValue::new(attr::AGENTIC_TELEMETRY_REASON, row.reason))
        });
        counted.filter(|(count, _)| *count > 0).collect()
    }
}

/// Has `meter` ask `health`.
pub(super) fn observe(meter: &Meter, health: &Arc<Health>) {
    let listed = |name: &str| METRICS.iter().find(|metric| metric.name == name);
    for metric in [DROPPED, FORCED_CLOSES, HOOK_FAILURES, OMITTED, TRUNCATED].into_iter().filter_map(listed) {
        counter(meter, metric, Arc::clone(health));
    }
    if let Some(metric) = listed(OPEN_SPANS) {
        let health = Arc::clone(health);
        meter
            .i64_observable_up_down_counter(metric.name)
            .with_description(metric.brief)
            .with_unit(metric.unit)
            .with_callback(move |observer| observer.observe(health.open_spans(), &[]))
            .build();
    }
}

fn counter(meter: &Meter, metric: &'static Metric, health: Arc<Health>) {
    meter
        .u64_observable_counter(metric.name)
        .with_description(metric.brief)
        .with_unit(metric.unit)
        .with_callback(move |observer| {
            health.counted(metric.name).into_iter().for_each(|(count, reason)| observer.observe(count, &[reason]));
        })
        .build();
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::semconv;

    #[test]
    fn every_counter_of_a_tracer_is_in_one_row() {
        let mut counted: Vec<usize> = ROWS.iter().map(|row| row.what as usize).collect();
        counted.sort_unstable();
        assert!(counted.into_iter().eq(0..KINDS));
    }

    #[test]
    fn every_reason_is_the_registrys_and_in_one_row() {
        let mut reasons: Vec<&str> = ROWS.iter().map(|row| row.reason).collect();
        reasons.sort_unstable();
        let listed = semconv::attribute(attr::AGENTIC_TELEMETRY_REASON).expect("in the registry").values;
        assert_eq!(reasons, listed);
        assert!(ROWS.iter().all(|row| METRICS.iter().any(|metric| metric.name == row.metric)));
    }

    #[test]
    fn what_a_tracer_counted_stays_when_it_is_gone() {
        let health = Health::default();
        let first = Arc::new(Shared::default());
        health.attach(&first);
        first.count(Count::UnknownField, "");
        drop(first);
        let second = Arc::new(Shared::default());
        health.attach(&second);
        second.count(Count::UnknownField, "");
        let counted: Vec<u64> = health.counted(OMITTED).into_iter().map(|(count, _)| count).collect();
        assert_eq!((counted, health.tracers().len()), (vec![2], 1));
    }
}
