//! `layer()`: from `tracing` spans to [`GenAiTracer`].

use std::fmt;

use opentelemetry::trace::Tracer;
use tracing::Subscriber;
use tracing_opentelemetry::OpenTelemetryLayer;
use tracing_subscriber::registry::LookupSpan;

use crate::span::GenAiTracer;

/// The layer: `tracing` spans become OpenTelemetry spans of `tracer`, agents' spans by the GenAI conventions.
///
/// It is the `tracing-opentelemetry` layer over [`GenAiTracer::new(tracer)`](GenAiTracer::new), so everything that
/// crate offers ([`OpenTelemetrySpanExt`](tracing_opentelemetry::OpenTelemetrySpanExt) above all) works on the spans.
/// Unlike its own default it adds nothing by itself to a span: no source location, thread, target or idle time. Switch
/// on what you want, for example [`with_location(true)`](OpenTelemetryLayer::with_location), which also tells where a
/// log event came from.
///
/// A subscriber can hold one layer of `tracing-opentelemetry` only, and this is one: a second one panics at the first
/// span. To keep the layer you have, give it a [`GenAiTracer`].
///
/// ```
/// use opentelemetry::trace::TracerProvider;
/// use tracing_subscriber::layer::SubscriberExt;
///
/// # let provider = opentelemetry_sdk::trace::SdkTracerProvider::default();
/// let subscriber = tracing_subscriber::registry().with(tracing_genai::layer(provider.tracer("my-agent")));
/// # tracing::subscriber::with_default(subscriber, || ());
/// ```
pub fn layer<S, T>(tracer: T) -> OpenTelemetryLayer<S, GenAiTracer<T>>
where
    S: Subscriber + for<'span> LookupSpan<'span>,
    T: Tracer + 'static,
    T::Span: Send + Sync + fmt::Debug + 'static,
{
    GenAiTracer::new(tracer).into_layer()
}

impl<T> GenAiTracer<T>
where
    T: Tracer + 'static,
    T::Span: Send + Sync + fmt::Debug + 'static,
{
    /// The layer of [`layer()`] over this tracer, with the settings it was given.
    pub fn into_layer<S>(self) -> OpenTelemetryLayer<S, Self>
    where
        S: Subscriber + for<'span> LookupSpan<'span>,
    {
        let location = self.tells_location();
        OpenTelemetryLayer::new(self)
            .with_location(location)
            .with_threads(false)
            .with_target(false)
            .with_level(false)
            .with_tracked_inactivity(false)
    }
}
