//! Metrics, observed from spans that end, so that their numbers agree.

mod backlog;
mod counters;
mod health;
mod instruments;
mod label_sets;
mod labels;
mod numbers;
#[cfg(test)]
mod page;
mod subject;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use opentelemetry::metrics::Meter;

use crate::content::contained;
use crate::metrics::health::Health;
use crate::metrics::instruments::{Planned, Target};
use crate::metrics::label_sets::{Found, LabelSet};
use crate::metrics::labels::Labels;
use crate::metrics::numbers::{Numbers, Stores};
use crate::metrics::subject::{Number, Subject};
use crate::rules::instruments::{Family, On, Source};
use crate::span::{Count, Dialects, Ending, GenAiTracer, Observer, Shared};

pub use label_sets::MAX_LABEL_SETS;

/// Records what spans that end say.
#[derive(Debug)]
pub(crate) struct Metrics {
    meter: Meter,
    numbers: Arc<Numbers>,
    stores: Arc<Stores>,
    health: Arc<Health>,
}

impl Metrics {
    /// The instruments of `dialects`, made by `meter`.
    pub(crate) fn new(meter: &Meter, dialects: Dialects) -> Self {
        let (stores, health) = (Arc::<Stores>::default(), Arc::default());
        health::observe(meter, &health);
        Self { meter: meter.clone(), numbers: stores.of(meter, dialects), stores, health }
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
        // Of two that are observed under one name a meter keeps one: both tell by the same.
        let (meter, stores, health) = (self.meter.clone(), Arc::clone(&self.stores), Arc::clone(&self.health));
        Some(Arc::new(Self { numbers: stores.of(&meter, dialects), meter, stores, health }))
    }

    fn ended(&self, span: &Ending<'_>) {
        let Some(subject) = Subject::of(span) else { return };
        let on = On::of(span.about.operation, span.about.kind);
        let mut sets = Sets { numbers: &self.numbers, subject: &subject, found: Default::default(), refused: false };
        for planned in self.numbers.planned.get(on as usize).into_iter().flatten() {
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
    /// A second meter takes the place of the first. One meter is for one tracer, its clones, and what setters make of
    /// them: they count together. A tracer made by [`new`](Self::new) needs a meter of another name; of two that count
    /// by one meter the SDK keeps the counters of the last.
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
        self.set(|settings| settings.observers.measure(Arc::new(Metrics::new(meter, settings.dialects))))
    }
}
