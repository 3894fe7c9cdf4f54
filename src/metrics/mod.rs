//! Metrics, observed from spans that end, so that their numbers agree.

use std::sync::Arc;

use opentelemetry::metrics::Meter;

use crate::span::{Dialects, Ending, GenAiTracer, Observer};

/// Records what spans that end say.
#[derive(Debug)]
pub(crate) struct Metrics {}

impl Metrics {
    /// The instruments of `dialects`, made by `meter`.
    pub(crate) fn new(_meter: &Meter, _dialects: Dialects) -> Self {
        Self {}
    }
}

impl Observer for Metrics {
    fn ended(&self, _span: &Ending<'_>) {}
}

impl<T> GenAiTracer<T> {
    /// Measures what its spans do, with instruments that `meter` makes. By default nothing is measured; a
    /// [`Pipeline`](crate::pipeline) has a meter of its own.
    #[must_use]
    pub fn with_meter(self, meter: &Meter) -> Self {
        self.set(|settings| settings.observers.add(Arc::new(Metrics::new(meter, settings.dialects))))
    }
}
