//! What was measured and is not exported yet, and how a meter asks for it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use opentelemetry::KeyValue;
use opentelemetry::metrics::Meter;

use crate::metrics::backlog::{Backlog, Waiting};
use crate::metrics::counters::Counter;
use crate::metrics::instruments::{Histogram, Instruments, Planned};
use crate::metrics::label_sets::{LabelSet, LabelSets};
use crate::metrics::subject::Number;
use crate::rules::instruments::{Family, On, Source};
use crate::span::Dialects;

/// What is measured for some dialects.
#[derive(Debug)]
pub(super) struct Numbers {
    dialects: Dialects,
    /// By [`On`].
    pub(super) planned: [Vec<Planned>; On::ALL.len()],
    histograms: Vec<Histogram>,
    counters: Vec<Counter>,
    /// By [`Family`].
    pub(super) families: [LabelSets; Family::ALL.len()],
    backlog: Backlog,
}

impl Numbers {
    fn new(meter: &Meter, dialects: Dialects) -> Self {
        let Instruments { histograms, counters, planned, asked } = Instruments::new(meter, dialects);
        let mut asked = asked.into_iter();
        let families = Family::ALL.map(|_| LabelSets::new(asked.next().unwrap_or_default()));
        Self { dialects, planned, histograms, counters, families, backlog: Backlog::default() }
    }

    /// Lets a value of a histogram wait for who collects.
    pub(super) fn note(&self, set: Arc<LabelSet>, (histogram, form): (usize, usize), (value, times): (Number, u64)) {
        let Some(labels) = set.form(form).map(Arc::clone) else { return };
        let value = Waiting { histogram, labels, value, times };
        self.backlog.push(value, |waiting, times| self.record(waiting, times));
    }

    fn record(&self, waiting: &Waiting, times: u64) {
        if let Some(histogram) = self.histograms.get(waiting.histogram) {
            histogram.record(waiting, times);
        }
    }

    pub(super) fn hand_over(&self) {
        self.backlog.hand_over(|waiting, times| self.record(waiting, times));
    }

    fn counter(&self, name: &str) -> Option<(Counter, &LabelSets)> {
        let counter = *self.counters.iter().find(|counter| counter.row.name == name)?;
        Some((counter, self.families.get(counter.row.family as usize)?))
    }
}

/// The numbers that one meter asks for: one for each set of dialects, since the tracers that write these count
/// together.
#[derive(Debug, Default)]
pub(super) struct Stores(Mutex<Vec<Arc<Numbers>>>);

impl Stores {
    /// The numbers of `dialects`. What these are the first to count `meter` is told of.
    pub(super) fn of(self: &Arc<Self>, meter: &Meter, dialects: Dialects) -> Arc<Numbers> {
        let same = |all: &[Arc<Numbers>]| all.iter().find(|known| known.dialects == dialects).map(Arc::clone);
        if let Some(known) = same(&self.all()) {
            return known;
        }
        let numbers = Arc::new(Numbers::new(meter, dialects));
        let mut all = self.all();
        if let Some(known) = same(&all) {
            return known;
        }
        let is_new = |counter: &&Counter| all.iter().all(|known| known.counter(counter.row.name).is_none());
        let new: Vec<Counter> = numbers.counters.iter().filter(is_new).copied().collect();
        all.push(Arc::clone(&numbers));
        // A meter that collects now asks for them under a lock of its own.
        drop(all);
        new.into_iter().for_each(|counter| self.observe(meter, counter));
        numbers
    }

    fn all(&self) -> MutexGuard<'_, Vec<Arc<Numbers>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Has `meter` ask for a counter. Whoever asks gets the histograms' values, too: an SDK asks all that is observed
    /// before it collects anything.
    fn observe(self: &Arc<Self>, meter: &Meter, counter: Counter) {
        let (name, metric, stores) = (counter.row.name, counter.row.like, Arc::clone(self));
        match (counter.row.source, metric.integer) {
            (Source::Context, _) => {
                let builder = meter.u64_observable_gauge(name).with_callback(move |observer| {
                    stores.tell(name, |value, labels| observer.observe(value, labels));
                });
                builder.with_description(metric.brief).with_unit(metric.unit).build();
            }
            (_, true) => {
                let builder = meter.u64_observable_counter(name).with_callback(move |observer| {
                    stores.tell(name, |value, labels| observer.observe(value, labels));
                });
                builder.with_description(metric.brief).with_unit(metric.unit).build();
            }
            (_, false) => {
                let builder = meter.f64_observable_counter(name).with_callback(move |observer| {
                    stores.tell(name, |bits, labels| observer.observe(f64::from_bits(bits), labels));
                });
                builder.with_description(metric.brief).with_unit(metric.unit).build();
            }
        }
    }

    /// Tells `observe` what was counted under `name`, each label set once: what is observed last is what counts.
    fn tell(&self, name: &str, mut observe: impl FnMut(u64, &[KeyValue])) {
        let all = self.all().clone();
        all.iter().for_each(|numbers| numbers.hand_over());
        let counters: Vec<_> = all.iter().filter_map(|numbers| numbers.counter(name)).collect();
        if let [(counter, sets)] = counters[..] {
            return counter.observe(sets, observe);
        }
        let mut sums: HashMap<Vec<KeyValue>, u64> = HashMap::new();
        for (counter, sets) in counters {
            counter.observe(sets, |value, labels| {
                sums.entry(labels.to_vec()).and_modify(|sum| *sum = counter.sum(*sum, value)).or_insert(value);
            });
        }
        sums.iter().for_each(|(labels, sum)| observe(*sum, labels));
    }
}
