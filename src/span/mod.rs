//! The only room that opens or ends an OpenTelemetry span.
use opentelemetry::Context;
use opentelemetry::trace::{SpanBuilder, Tracer};

/// A tracer that writes GenAI spans.
#[derive(Clone, Debug)]
pub struct GenAiTracer<T> {
    inner: T,
}

impl<T> GenAiTracer<T> {
    /// Wraps `tracer`.
    pub fn new(tracer: T) -> Self {
        Self { inner: tracer }
    }
}

impl<T: Tracer> Tracer for GenAiTracer<T> {
    type Span = T::Span;
    fn build_with_context(&self, builder: SpanBuilder, parent_cx: &Context) -> Self::Span {
        self.inner.build_with_context(builder, parent_cx)
    }
}
