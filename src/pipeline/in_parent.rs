//! Log events in the span that they are about: `info!(parent: turn.span(), …)`, and those of tasks that OpenTelemetry does
//! not know.

use std::marker::PhantomData;
use std::sync::{Arc, OnceLock};

use opentelemetry::Context;
use opentelemetry::trace::TraceContextExt;
use tracing::dispatcher::WeakDispatch;
use tracing::span::Id;
use tracing::{Dispatch, Event, Subscriber};
use tracing_opentelemetry::get_otel_context;
use tracing_subscriber::Layer;
use tracing_subscriber::layer;
use tracing_subscriber::registry::LookupSpan;

use crate::content::contained;
use crate::span::Shared;
use crate::span::log_gate::is_inside;

/// A layer over log records that writes each event in the context of its span: the one it names as its parent, else the
/// current one, or the nearest above that OpenTelemetry knows. By itself the context of the thread would count, and what is
/// said inside a GenAI span would pass for something said elsewhere.
pub(crate) struct InParent<L, S> {
    inner: L,
    shared: Arc<Shared>,
    /// Of the subscriber that this is a layer of: inside of an event the thread's own is not to be had.
    dispatch: OnceLock<WeakDispatch>,
    below: PhantomData<fn(S)>,
}

impl<L, S> InParent<L, S>
where
    S: Subscriber + for<'span> LookupSpan<'span>,
{
    pub(crate) fn new(inner: L, shared: Arc<Shared>) -> Self {
        Self { inner, shared, dispatch: OnceLock::new(), below: PhantomData }
    }

    /// The context that an event belongs in, if it is not the thread's.
    fn context(&self, event: &Event<'_>, ctx: &layer::Context<'_, S>) -> Option<Context> {
        if let Some(parent) = event.parent() {
            return self.of_span(parent);
        }
        if !event.is_contextual() || self.is_known(&Context::current()) {
            return None;
        }
        let above = self.of_span(ctx.current_span().id()?)?;
        // A span of the OpenTelemetry API is nearer than that of `tracing`, but not to be trusted with what is content.
        let is_nearer = Context::map_current(Context::has_active_span);
        (!is_nearer || self.is_known(&above)).then_some(above)
    }

    /// Whether what is said in a context is content.
    fn is_known(&self, context: &Context) -> bool {
        is_inside(&self.shared, context.span().span_context().span_id())
    }

    /// The context of a span or of the nearest above it that has one. The registry itself is asked: our own filter, and
    /// that of the spans, hide some from this layer. One that is gone is nobody's parent.
    fn of_span(&self, id: &Id) -> Option<Context> {
        let dispatch = self.dispatch.get()?.upgrade()?;
        let span = dispatch.downcast_ref::<S>()?.span(id)?;
        span.scope().find_map(|span| get_otel_context(&span.id(), &dispatch))
    }
}

impl<S, L> Layer<S> for InParent<L, S>
where
    S: Subscriber + for<'span> LookupSpan<'span>,
    L: Layer<S>,
{
    fn on_register_dispatch(&self, subscriber: &Dispatch) {
        let _ = self.dispatch.set(subscriber.downgrade());
        self.inner.on_register_dispatch(subscriber);
    }

    fn on_event(&self, event: &Event<'_>, ctx: layer::Context<'_, S>) {
        // What panics in here would do so inside of somebody's log line.
        let _in_parent = contained(|| self.context(event, &ctx)).flatten().map(Context::attach);
        self.inner.on_event(event, ctx);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use opentelemetry::trace::{SpanId, TracerProvider};
    use opentelemetry_sdk::trace::{SdkTracer, SdkTracerProvider};
    use tracing::metadata::LevelFilter;
    use tracing_subscriber::layer::SubscriberExt;

    use super::*;
    use crate::span::GenAiTracer;

    /// Notes the span whose context an event comes in.
    #[derive(Clone, Default)]
    struct Seen(Arc<Mutex<Vec<SpanId>>>);

    impl<S: Subscriber> Layer<S> for Seen {
        fn on_event(&self, _: &Event<'_>, _: layer::Context<'_, S>) {
            self.0.lock().unwrap().push(Context::map_current(|context| context.span().span_context().span_id()));
        }
    }

    fn tracer() -> GenAiTracer<SdkTracer> {
        GenAiTracer::new(SdkTracerProvider::builder().build().tracer("t"))
    }

    /// The spans that the events of `say` come in.
    fn seen(activates: impl Into<Option<bool>>, say: impl FnOnce()) -> Vec<SpanId> {
        let (seen, tracer) = (Seen::default(), tracer());
        let in_parent = InParent::new(seen.clone(), Arc::clone(&tracer.shared));
        let layer = tracing_opentelemetry::layer().with_tracer(tracer);
        let layer = match activates.into() {
            Some(activates) => layer.with_context_activation(activates),
            None => layer,
        };
        let refuses_debug = layer.with_filter(LevelFilter::INFO);
        let subscriber = tracing_subscriber::registry().with(refuses_debug).with(in_parent);
        tracing::subscriber::with_default(subscriber, say);
        let seen = seen.0.lock().unwrap();
        seen.clone()
    }

    #[test]
    fn an_event_is_written_in_the_parent_it_names() {
        let seen = seen(None, || {
            let (named, entered) = (tracing::info_span!("named"), tracing::info_span!("entered"));
            tracing::info!(parent: &named, "one");
            entered.in_scope(|| {
                tracing::info!(parent: &named, "two");
                tracing::info!("three");
            });
            tracing::info!("four");
        });
        let [one, two, three, four] = seen.as_slice() else { panic!("{seen:?}") };
        assert_eq!((one, *four), (two, SpanId::INVALID));
        assert!(*one != SpanId::INVALID && *three != SpanId::INVALID && one != three);
    }

    #[test]
    fn a_span_that_opentelemetry_does_not_see_leads_to_the_one_above() {
        let seen = seen(None, || {
            let turn = tracing::info_span!("turn", gen_ai.operation.name = "chat");
            turn.in_scope(|| tracing::info!("one"));
            let task = turn.in_scope(|| tracing::debug_span!("task"));
            task.in_scope(|| tracing::info!("two"));
            tracing::info!(parent: &task, "three");
            // The nearer one is no GenAI span: what is said in the turn's task is said in the turn.
            tracing::info_span!("other").in_scope(|| task.in_scope(|| tracing::info!("four")));
        });
        assert_eq!(seen.len(), 4);
        assert!(seen[0] != SpanId::INVALID && seen.iter().all(|span| *span == seen[0]), "{seen:?}");
    }

    #[test]
    fn a_layer_that_activates_no_context_is_asked_too() {
        let seen = seen(false, || {
            let turn = tracing::info_span!("turn", gen_ai.operation.name = "chat");
            turn.in_scope(|| tracing::info!("one"));
            tracing::info!(parent: &turn, "two");
        });
        assert!(seen.len() == 2 && seen[0] == seen[1] && seen[0] != SpanId::INVALID, "{seen:?}");
    }

    #[test]
    fn an_event_may_name_a_parent_that_is_gone() {
        let seen = seen(None, || {
            let span = tracing::info_span!("short");
            let id = span.id();
            drop(span);
            tracing::info!(parent: id, "done");
        });
        assert_eq!(seen, [SpanId::INVALID]);
    }
}
