//! Metrics, observed from spans that end, so that their numbers agree.

mod backlog;
mod counters;
mod health;
mod instruments;
mod label_sets;
mod labels;
#[cfg(test)]
mod page;
mod subject;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use opentelemetry::metrics::Meter;

use crate::content::contained;
use crate::metrics::backlog::{Backlog, Waiting};
use crate::metrics::counters::Counter;
use crate::metrics::health::Health;
use crate::metrics::instruments::{Histogram, Instruments, Planned, Target};
use crate::metrics::label_sets::{Found, LabelSet, LabelSets};
use crate::metrics::labels::Labels;
use crate::metrics::subject::{Number, Subject};
use crate::rules::instruments::{Family, On, Source};
use crate::span::{Count, Dialects, Ending, GenAiTracer, Observer, Shared};

pub use label_sets::MAX_LABEL_SETS;

/// Records what spans that end say.
#[derive(Debug)]
pub(crate) struct Metrics {
    meter: Meter,
    /// By [`On`].
    planned: [Vec<Planned>; On::ALL.len()],
    numbers: Arc<Numbers>,
    health: Arc<Health>,
}

/// What was measured and is not exported yet.
#[derive(Debug)]
struct Numbers {
    histograms: Vec<Histogram>,
    /// By [`Family`].
    families: [LabelSets; Family::ALL.len()],
    backlog: Backlog,
}

impl Metrics {
    /// The instruments of `dialects`, made by `meter`.
    pub(crate) fn new(meter: &Meter, dialects: Dialects) -> Self {
        let health = Arc::default();
        health::observe(meter, &health);
        Self::with_health(meter.clone(), dialects, health)
    }

    fn with_health(meter: Meter, dialects: Dialects, health: Arc<Health>) -> Self {
        let Instruments { histograms, counters, planned, asked } = Instruments::new(&meter, dialects);
        let mut asked = asked.into_iter();
        let families = Family::ALL.map(|_| LabelSets::new(asked.next().unwrap_or_default()));
        let numbers = Arc::new(Numbers { histograms, families, backlog: Backlog::default() });
        counters.into_iter().for_each(|counter| numbers.observe(&meter, counter));
        Self { meter, planned, numbers, health }
    }

    fn measure(&self, planned: &Planned, subject: &Subject<'_>, sets: &mut Sets<'_>) {
        match (planned.into, planned.source) {
            (Target::Histogram { place, form }, Source::Gaps) => {
                let Some(gaps) = subject.span.gaps() else { return };
                for (gap, times) in gaps.values() {
                    self.numbers.note(sets.get(planned.family), (place, form), (Number::Double(gap), times));
                }
            }
            (Target::Histogram { place, form }, source) => {
                if let Some(value) = subject.value(source) {
                    self.numbers.note(sets.get(planned.family), (place, form), (value, 1));
                }
            }
            (Target::Counter(counter), Source::ByModality(whole, parts)) => {
                let tokens = subject.by_modality(whole, parts).into_iter().enumerate();
                for (modality, tokens) in tokens.filter(|(_, tokens)| *tokens > 0) {
                    counter.add(&sets.get(planned.family), modality, Number::Int(tokens));
                }
            }
            (Target::Counter(counter), source) => {
                if let Some(value) = subject.value(source) {
                    counter.add(&sets.get(planned.family), 0, value);
                }
            }
        }
    }
}

impl Observer for Metrics {
    fn attached(&self, shared: &Arc<Shared>) {
        self.health.attach(shared);
    }

    fn in_dialects(&self, dialects: Dialects) -> Option<Arc<dyn Observer>> {
        // A meter that is told twice about the same health would count it twice.
        Some(Arc::new(Self::with_health(self.meter.clone(), dialects, Arc::clone(&self.health))))
    }

    fn ended(&self, span: &Ending<'_>) {
        let Some(subject) = Subject::of(span) else { return };
        let on = On::of(span.about.operation, span.about.kind);
        let mut sets = Sets { numbers: &self.numbers, subject: &subject, found: Default::default(), refused: false };
        for planned in self.planned.get(on as usize).into_iter().flatten() {
            self.measure(planned, &subject, &mut sets);
        }
    }
}

/// A meter that asks nobody would never have what waits.
impl Drop for Metrics {
    fn drop(&mut self) {
        contained(|| self.numbers.hand_over());
    }
}

impl Numbers {
    /// Lets a value of a histogram wait for who collects.
    fn note(&self, set: Arc<LabelSet>, (histogram, form): (usize, usize), (value, times): (Number, u64)) {
        let Some(labels) = set.form(form).map(Arc::clone) else { return };
        if let Some(refused) = self.backlog.push(Waiting { histogram, labels, value, times }) {
            self.record(&refused);
        }
    }

    fn record(&self, waiting: &Waiting) {
        if let Some(histogram) = self.histograms.get(waiting.histogram) {
            histogram.record(waiting);
        }
    }

    fn hand_over(&self) {
        self.backlog.hand_over(|waiting| self.record(waiting));
    }

    /// Has `meter` ask for a counter. Whoever asks gets the histograms' values, too: an SDK asks all that is observed
    /// before it collects anything.
    fn observe(self: &Arc<Self>, meter: &Meter, counter: Counter) {
        let (metric, numbers) = (counter.row.like, Arc::clone(self));
        let sets = move || {
            numbers.hand_over();
            Arc::clone(&numbers)
        };
        let family = counter.row.family as usize;
        match (counter.row.source, metric.integer) {
            (Source::Context, _) => {
                let builder = meter.u64_observable_gauge(metric.name).with_callback(move |observer| {
                    let observe = |value, labels: &[_]| observer.observe(value, labels);
                    sets().families.get(family).into_iter().for_each(|sets| counter.observe(sets, observe));
                });
                builder.with_description(metric.brief).with_unit(metric.unit).build();
            }
            (_, true) => {
                let builder = meter.u64_observable_counter(metric.name).with_callback(move |observer| {
                    let observe = |value, labels: &[_]| observer.observe(value, labels);
                    sets().families.get(family).into_iter().for_each(|sets| counter.observe(sets, observe));
                });
                builder.with_description(metric.brief).with_unit(metric.unit).build();
            }
            (_, false) => {
                let builder = meter.f64_observable_counter(metric.name).with_callback(move |observer| {
                    let observe = |bits, labels: &[_]| observer.observe(f64::from_bits(bits), labels);
                    sets().families.get(family).into_iter().for_each(|sets| counter.observe(sets, observe));
                });
                builder.with_description(metric.brief).with_unit(metric.unit).build();
            }
        }
    }
}

/// The label sets of one span, looked up when the first metric of a family has a value.
struct Sets<'a> {
    numbers: &'a Numbers,
    subject: &'a Subject<'a>,
    found: [Option<Arc<LabelSet>>; Family::ALL.len()],
    refused: bool,
}

impl Sets<'_> {
    fn get(&mut self, family: Family) -> Arc<LabelSet> {
        let known = self.found.get(family as usize).cloned().flatten();
        known.unwrap_or_else(|| {
            let set = self.find(family);
            if let Some(found) = self.found.get_mut(family as usize) {
                *found = Some(Arc::clone(&set));
            }
            set
        })
    }

    /// From the set of the call, where that has all of the labels.
    fn find(&mut self, family: Family) -> Arc<LabelSet> {
        let call = self.found.get(Family::Call as usize).cloned().flatten().filter(|call| !call.is_overflow());
        let link = family.within_call().zip(call.as_ref()).and_then(|(at, call)| call.within.get(at));
        if let Some(set) = link.and_then(|link| link.get()) {
            return Arc::clone(set);
        }
        let Some(sets) = self.numbers.families.get(family as usize) else { return Arc::default() };
        match sets.get(&Labels::of(family, self.subject)) {
            Found::Set(set) => {
                link.into_iter().for_each(|link| drop(link.set(Arc::clone(&set))));
                set
            }
            Found::Overflow(set) => {
                if !std::mem::replace(&mut self.refused, true) {
                    self.subject.span.about.shared.count(Count::LabelLimit, "");
                }
                set
            }
        }
    }
}

impl<T> GenAiTracer<T> {
    /// Measures what its spans do, with instruments that `meter` makes: durations, tokens, costs, times of streams, calls
    /// of agents, compactions, and the health of this crate. [The list](https://docs.rs/crate/tracing-genai/latest/source/docs/metrics.md)
    /// has every metric with its unit and labels. By default nothing is measured; a [`Pipeline`](crate::pipeline) has a
    /// meter of its own.
    ///
    /// Each number is taken off a span that ends, sampled or not, so that metrics and spans agree; spans that failed,
    /// were cancelled or interrupted are measured, too. Labels are names from closed lists, never an id and never text
    /// that a user wrote. A family of metrics has at most [`MAX_LABEL_SETS`](crate::MAX_LABEL_SETS) label sets: what
    /// has others is measured together, with the one label `otel.metric.overflow`. A call of an unknown provider is
    /// measured without `gen_ai.provider.name`. There are no exemplars: the OpenTelemetry SDK 0.33 keeps none.
    ///
    /// Values of histograms wait until the reader collects, so that a span that ends does not pay for them.
    ///
    /// ```
    /// use opentelemetry::metrics::MeterProvider;
    /// use opentelemetry::trace::TracerProvider;
    /// use opentelemetry_sdk::metrics::{PeriodicReader, SdkMeterProvider};
    /// use tracing_genai::GenAiTracer;
    /// use tracing_genai::activity::{Turn, Usage};
    /// use tracing_subscriber::layer::SubscriberExt;
    ///
    /// # let exporter = opentelemetry_sdk::metrics::InMemoryMetricExporter::default();
    /// let meters = SdkMeterProvider::builder().with_reader(PeriodicReader::builder(exporter).build()).build();
    /// # let spans = opentelemetry_sdk::trace::SdkTracerProvider::default();
    /// let tracer = GenAiTracer::new(spans.tracer("my-agent")).with_meter(&meters.meter("my-agent"));
    /// let subscriber = tracing_subscriber::registry().with(tracer.into_layer());
    /// tracing::subscriber::with_default(subscriber, || {
    ///     Turn::chat("openai", "gpt-4o").start().usage(Usage::new(120, 34)).finish();
    /// });
    /// meters.shutdown()?;
    /// # Ok::<(), opentelemetry_sdk::error::OTelSdkError>(())
    /// ```
    #[must_use]
    pub fn with_meter(self, meter: &Meter) -> Self {
        self.set(|settings| settings.observers.add(Arc::new(Metrics::new(meter, settings.dialects))))
    }
}
