//! Attributes that the application adds where a span lacks them.

use std::sync::Arc;

use opentelemetry::KeyValue;

use crate::rules::FieldId;
use crate::semconv::attr;
use crate::span::GenAiTracer;
use crate::span::attributes::Attributes;
use crate::span::gate::{self, Passed};
use crate::span::hook;
use crate::span::root::SpanStart;
use crate::span::shared::Shared;
use crate::span::stats::Count;

const OPERATION_NAME: FieldId = FieldId::of(attr::GEN_AI_OPERATION_NAME);

pub(crate) type DefaultAttributes = Arc<dyn Fn(&SpanStart<'_>) -> Vec<KeyValue> + Send + Sync>;

impl<T> GenAiTracer<T> {
    /// Sets what completes GenAI spans: called when one starts; attributes in the list it returns are set on the span
    /// unless the span tells them itself, now or until its end.
    ///
    /// For what the application knows and a crate does not tell: the server behind a provider, the dimensions of an
    /// embedding. The same rules hold as for fields: content stays in, and what no table knows too. Samplers do not
    /// see these attributes, and they do not flow down the tree. `SpanStart` holds what is known at the start; crates
    /// that record provider and model later are told apart by their operation and agent only.
    ///
    /// It runs without a `tracing` subscriber. A panic in it is caught and counted, and nothing is added. By default
    /// there is none.
    ///
    /// ```
    /// # use opentelemetry::KeyValue;
    /// # use tracing_genai::{GenAiTracer, semconv::attr};
    /// # let tracer = opentelemetry::trace::noop::NoopTracer::new();
    /// let tracer = GenAiTracer::new(tracer).with_default_attributes(|start| match start.operation() {
    ///     Some("chat") => vec![
    ///         KeyValue::new(attr::SERVER_ADDRESS, "llm.example.org"),
    ///         KeyValue::new(attr::SERVER_PORT, 443),
    ///     ],
    ///     _ => Vec::new(),
    /// });
    /// ```
    #[must_use]
    pub fn with_default_attributes<F>(self, attributes: F) -> Self
    where
        F: Fn(&SpanStart<'_>) -> Vec<KeyValue> + Send + Sync + 'static,
    {
        self.set(|settings| settings.default_attributes = Some(Arc::new(attributes)))
    }
}

/// Asks the application what it knows of a span that starts, and puts it among what is exported at the end: a value
/// that the span tells later takes its place.
pub(crate) fn add(shared: &Shared, start: &SpanStart<'_>, late: &mut Attributes, others: &mut Vec<KeyValue>) {
    let Some(attributes) = &shared.settings.default_attributes else { return };
    for mut pair in hook::call(shared, "default_attributes", || attributes(start)).unwrap_or_default() {
        match gate::attribute(shared, &mut pair) {
            // Its rule has decided about the operation's name, also where a span must not have one.
            Passed::Field(id) if id == OPERATION_NAME => {}
            Passed::Field(id) if start.attribute(id.key()).is_none() && !late.has(id) => late.put(id, pair),
            Passed::Other if others.iter().all(|held| held.key != pair.key) => others.push(pair),
            // No span yet, and so nobody whose policy could be asked.
            Passed::Content => shared.count(Count::ContentOmitted, pair.key.as_str()),
            Passed::Field(_) | Passed::Other | Passed::No => {}
        }
    }
}
