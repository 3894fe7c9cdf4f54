//! Which states of the conventions a tracer writes.

use opentelemetry::KeyValue;

use crate::rules::Dialects;
use crate::span::GenAiTracer;
use crate::span::shared::Settings;

impl Settings {
    /// The states this tracer writes to the one below: not those of another profile, which has names of its own, and not
    /// in a pipeline, where each way out decides for itself.
    pub(crate) fn written(&self) -> Dialects {
        if self.gated_twice || self.profile.names().is_some() { Dialects::default() } else { self.dialects }
    }

    /// Brings attributes into the names that the tracer below is given.
    #[inline]
    pub(crate) fn rewrite(&self, attributes: &mut Vec<KeyValue>) {
        if !self.dialects.is_latest() {
            self.written().rewrite(attributes);
        }
    }
}

impl<T> GenAiTracer<T> {
    /// Sets which states of the conventions are written: on spans, and by metrics and log events of this tracer,
    /// whether they were set up before or after. By default [`Dialect::Latest`](crate::Dialect::Latest).
    ///
    /// Several are written side by side: each attribute under the names it has in all of them, each once. What an older
    /// state lacks stays as it is; names and kinds of spans are the same in all of them (`docs/dialects.md` has the
    /// tables). A sampler below sees the names that are written; hooks, content policies and what children take over know
    /// the newest ones only. [`with_attribute_limit`](Self::with_attribute_limit) counts what is written.
    ///
    /// Spans under another [`Profile`](crate::Profile) than the conventions' stay as that names them. On the tracer of a
    /// [`Pipeline`](crate::pipeline) this changes nothing: its builder has a setting of the same name.
    ///
    /// ```
    /// use tracing_genai::{Dialect, GenAiTracer};
    ///
    /// # let tracer = opentelemetry::trace::noop::NoopTracer::new();
    /// // A dashboard that still reads `gen_ai.system`, and one that no longer does.
    /// let tracer = GenAiTracer::new(tracer).with_semconv([Dialect::Latest, Dialect::V1_36]);
    /// ```
    #[must_use]
    pub fn with_semconv(self, dialects: impl Into<Dialects>) -> Self {
        let dialects = dialects.into();
        self.set(|settings| {
            if settings.gated_twice {
                return;
            }
            settings.dialects = dialects;
            settings.observers.speak(dialects);
        })
    }
}
