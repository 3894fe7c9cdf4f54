//! `layer()`: tracing spans into `GenAiTracer`.
use opentelemetry::trace::Tracer;
use tracing::Subscriber;
use tracing_opentelemetry::OpenTelemetryLayer;
use tracing_subscriber::registry::LookupSpan;

use crate::span::GenAiTracer;

/// A layer that turns `tracing` spans into OpenTelemetry spans through a [`GenAiTracer`] over `tracer`.
pub fn layer<S, T>(tracer: T) -> OpenTelemetryLayer<S, GenAiTracer<T>>
where
    S: Subscriber + for<'span> LookupSpan<'span>,
    T: Tracer + 'static,
    T::Span: Send + Sync,
{
    OpenTelemetryLayer::new(GenAiTracer::new(tracer))
}
