//! Log events that name their parent: `info!(parent: turn.span(), …)`.

use std::sync::OnceLock;

use opentelemetry::Context;
use tracing::dispatcher::WeakDispatch;
use tracing::{Dispatch, Event, Subscriber};
use tracing_opentelemetry::get_otel_context;
use tracing_subscriber::Layer;
use tracing_subscriber::layer;

/// A layer over log records that writes such an event in the context of the parent it names. By itself the context of the
/// thread would count, and what is said inside a GenAI span would pass for something said elsewhere.
pub(crate) struct InParent<L> {
    inner: L,
    /// Of the subscriber that this is a layer of: inside of an event the thread's own is not to be had.
    dispatch: OnceLock<WeakDispatch>,
}

impl<L> InParent<L> {
    pub(crate) fn new(inner: L) -> Self {
        Self { inner, dispatch: OnceLock::new() }
    }

    /// The context of the parent that an event names.
    fn context(&self, event: &Event<'_>) -> Option<Context> {
        let parent = event.parent()?;
        get_otel_context(parent, &self.dispatch.get()?.upgrade()?)
    }
}

impl<S: Subscriber, L: Layer<S>> Layer<S> for InParent<L> {
    fn on_register_dispatch(&self, subscriber: &Dispatch) {
        let _ = self.dispatch.set(subscriber.downgrade());
        self.inner.on_register_dispatch(subscriber);
    }

    fn on_event(&self, event: &Event<'_>, ctx: layer::Context<'_, S>) {
        let _in_parent = self.context(event).map(Context::attach);
        self.inner.on_event(event, ctx);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use opentelemetry::trace::{SpanId, TraceContextExt, TracerProvider};
    use opentelemetry_sdk::trace::SdkTracerProvider;
    use tracing_subscriber::layer::SubscriberExt;

    use super::*;

    /// Notes the span whose context an event comes in.
    #[derive(Clone, Default)]
    struct Seen(Arc<Mutex<Vec<SpanId>>>);

    impl<S: Subscriber> Layer<S> for Seen {
        fn on_event(&self, _: &Event<'_>, _: layer::Context<'_, S>) {
            self.0.lock().unwrap().push(Context::map_current(|context| context.span().span_context().span_id()));
        }
    }

    #[test]
    fn an_event_is_written_in_the_parent_it_names() {
        let provider = SdkTracerProvider::builder().build();
        let seen = Seen::default();
        let layer = tracing_opentelemetry::layer().with_tracer(provider.tracer("t"));
        let subscriber = tracing_subscriber::registry().with(layer).with(InParent::new(seen.clone()));
        tracing::subscriber::with_default(subscriber, || {
            let (named, entered) = (tracing::info_span!("named"), tracing::info_span!("entered"));
            tracing::info!(parent: &named, "one");
            entered.in_scope(|| {
                tracing::info!(parent: &named, "two");
                tracing::info!("three");
            });
            tracing::info!("four");
        });
        let seen = seen.0.lock().unwrap();
        let [one, two, three, four] = seen.as_slice() else { panic!("{seen:?}") };
        assert_eq!((one, *four), (two, SpanId::INVALID));
        assert!(*one != SpanId::INVALID && *three != SpanId::INVALID && one != three);
    }
}
