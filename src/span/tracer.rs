//! `GenAiTracer`: the one place where a span's builder becomes a GenAI span.

use std::borrow::Cow;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use opentelemetry::trace::{Event, Link, Span, SpanBuilder, SpanContext, SpanKind as Kind, TraceContextExt, Tracer};
use opentelemetry::{Context, KeyValue};

use crate::rules::{Activity, FieldId};
use crate::semconv::{SpanKind, attr};
use crate::span::attributes::Attributes;
use crate::span::defaults;
use crate::span::gate::Place;
use crate::span::genai_span::GenAiSpan;
use crate::span::name::name;
use crate::span::open::{About, Begun, Open, OpenSpan};
use crate::span::recognise::{self, Recognised, Seen};
use crate::span::root::{self, SpanStart};
use crate::span::shared::{Settings, Shared};
use crate::span::start::{self, Start};
use crate::span::stats::{Count, Stats};
use crate::span::{gate, usage};

const COMPACTED: FieldId = FieldId::of(attr::GEN_AI_CONVERSATION_COMPACTED);

/// A tracer that writes GenAI spans by the conventions, over any other tracer.
///
/// Give it to the `tracing-opentelemetry` layer you have, and typed guards as well as plain spans with `gen_ai.*`
/// fields come out right; all other spans pass as they are:
///
/// ```
/// use opentelemetry::trace::TracerProvider;
/// use tracing_genai::GenAiTracer;
/// use tracing_subscriber::layer::SubscriberExt;
///
/// # let provider = opentelemetry_sdk::trace::SdkTracerProvider::default();
/// let tracer = provider.tracer("my-agent");
/// let layer = tracing_opentelemetry::layer().with_tracer(GenAiTracer::new(tracer));
/// # let _: Box<dyn tracing::Subscriber> = Box::new(
/// tracing_subscriber::registry().with(layer)
/// # );
/// ```
///
/// It is an OpenTelemetry [`Tracer`] too, for code without `tracing`. Clones share their state, counters included;
/// what a setter (`with_…`) returns begins with a new one.
#[derive(Clone, Debug)]
pub struct GenAiTracer<T> {
    inner: T,
    shared: Arc<Shared>,
}

impl<T> GenAiTracer<T> {
    /// A tracer over `tracer`: no root-context resolver, no attributes beside the conventions', no content.
    pub fn new(tracer: T) -> Self {
        Self::with_settings(tracer, Settings::default())
    }

    pub(crate) fn with_settings(inner: T, settings: Settings) -> Self {
        Self { inner, shared: Arc::new(Shared::new(settings)) }
    }

    /// Sets the root-context resolver: called for a GenAI span that would otherwise be a root, before the sampler;
    /// the span becomes a child of the span in the context it returns.
    ///
    /// It runs without a `tracing` subscriber. A panic in it is caught and counted, and the span becomes a root, as
    /// it does for `None` or a context without a valid span. By default there is none.
    ///
    /// ```
    /// # use tracing_genai::{Carrier, GenAiTracer};
    /// # let tracer = opentelemetry::trace::noop::NoopTracer::new();
    /// let parent: Carrier = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01".parse()?;
    /// let tracer = GenAiTracer::new(tracer).with_root_context(move |start| {
    ///     (start.operation() == Some("invoke_workflow")).then(|| parent.context())
    /// });
    /// # Ok::<(), tracing_genai::CarrierError>(())
    /// ```
    #[must_use]
    pub fn with_root_context<F>(self, resolver: F) -> Self
    where
        F: Fn(&SpanStart<'_>) -> Option<Context> + Send + Sync + 'static,
    {
        let settings = Settings { root_context: Some(Arc::new(resolver)), ..self.shared.settings.clone() };
        Self::with_settings(self.inner, settings)
    }

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
        let settings = Settings { default_attributes: Some(Arc::new(attributes)), ..self.shared.settings.clone() };
        Self::with_settings(self.inner, settings)
    }

    /// Allows further attributes on GenAI spans: keys (`tenant`), or prefixes that end in a dot (`my_app.`).
    ///
    /// A GenAI span carries what the conventions know; anything else, like the arguments that `#[instrument]`
    /// records, may be what the user said to the model. By default nothing else is allowed.
    #[must_use]
    pub fn with_attributes<K: Into<String>>(self, keys: impl IntoIterator<Item = K>) -> Self {
        let mut settings = self.shared.settings.clone();
        settings.allowed.extend(keys.into_iter().map(Into::into));
        Self::with_settings(self.inner, settings)
    }

    /// What was left out and what went wrong so far.
    pub fn stats(&self) -> Stats {
        self.shared.stats()
    }
}

impl<T> Tracer for GenAiTracer<T>
where
    T: Tracer,
    T::Span: Send + Sync + fmt::Debug + 'static,
{
    type Span = GenAiSpan<T::Span>;

    fn build_with_context(&self, mut builder: SpanBuilder, parent: &Context) -> Self::Span {
        let lost = || GenAiSpan::lost(parent);
        if let Some(start) = start::take() {
            let typed = Recognised { start, late: Attributes::default(), others: Vec::new() };
            return self.genai(builder, parent, typed).map_or_else(lost, |span| {
                start::answer(Arc::clone(&span) as Arc<dyn Open>);
                GenAiSpan::genai(span)
            });
        }
        let attributes = builder.attributes.get_or_insert_default();
        match recognise::look(attributes) {
            Seen::Operation(operation) => {
                let recognised = recognise::read(&self.shared, operation, attributes);
                self.genai(builder, parent, recognised).map_or_else(lost, GenAiSpan::genai)
            }
            seen => self.plain(builder, parent, &seen),
        }
    }
}

impl<T> GenAiTracer<T>
where
    T: Tracer,
    T::Span: Send + Sync + fmt::Debug + 'static,
{
    fn plain(&self, mut builder: SpanBuilder, parent: &Context, seen: &Seen) -> GenAiSpan<T::Span> {
        let place = match self.above(parent.span().span_context()) {
            Some(above) => Place::Inside(above),
            None if matches!(seen, Seen::Unlisted) => Place::Unlisted,
            None => Place::Outside,
        };
        if builder.name.is_empty() {
            // OTLP demands a name.
            builder.name = Cow::Borrowed("unnamed");
        }
        let keep = |attributes: &mut Vec<KeyValue>| gate::plain(&self.shared, &place, attributes);
        builder.attributes.iter_mut().for_each(keep);
        builder.links.iter_mut().flatten().for_each(|link| keep(&mut link.attributes));
        if place.is_gated() {
            builder.events = self.gated(builder.events);
        } else {
            builder.events.iter_mut().flatten().for_each(|event| keep(&mut event.attributes));
        }
        self.start_below(builder, parent, |span| GenAiSpan::plain(span, Arc::clone(&self.shared), place))
            .unwrap_or_else(|| GenAiSpan::lost(parent))
    }

    fn genai(&self, builder: SpanBuilder, parent: &Context, read: Recognised) -> Option<Arc<OpenSpan<T::Span>>> {
        let Recognised { mut start, mut late, mut others } = read;
        for id in &start.refused {
            self.shared.count(Count::RefusedValue, id.key());
        }
        let kind = recognise::kind(start.operation, builder.span_kind.as_ref());
        let elsewhere = start.parent.take().or_else(|| self.root_context(&start, kind, parent));
        let parent = elsewhere.as_ref().unwrap_or(parent);
        let above = self.above(parent.span().span_context());
        above.iter().for_each(|above| start.inherit(above));
        if self.was_compacted(&start, above.as_ref()) {
            // Late: a span's own fields may say so too, now or later, and it must not be there twice.
            late.set(COMPACTED, true);
        }
        if self.shared.settings.default_attributes.is_some() {
            defaults::add(&self.shared, &view(&start, kind), &mut late, &mut others);
        }
        let sent = start.attributes.keys();
        let started = builder.start_time.unwrap_or_else(opentelemetry::time::now);
        let builder = SpanBuilder {
            name: name(start.operation, &start.attributes),
            span_kind: Some(otel_kind(kind)),
            start_time: Some(started),
            attributes: Some(std::mem::take(&mut start.attributes).into_list()),
            events: self.gated(builder.events),
            links: builder.links.map(|links| self.gated_links(links)),
        };
        let Start { entrance, operation, identity, .. } = start;
        self.start_below(builder, parent, |span| {
            let about = About {
                context: span.span_context().clone(),
                entrance,
                operation,
                above: above.as_ref().map(Arc::downgrade),
                kind,
                started,
                recording: span.is_recording(),
                shared: Arc::clone(&self.shared),
            };
            let begun = Begun { span, identity, sent, late, others };
            Arc::new(OpenSpan::new(about, begun))
        })
    }

    /// The context that the application's resolver gives to a span without a parent.
    fn root_context(&self, start: &Start, kind: SpanKind, parent: &Context) -> Option<Context> {
        if self.shared.settings.root_context.is_none() || parent.span().span_context().is_valid() {
            return None;
        }
        root::resolve(&self.shared, &view(start, kind))
    }

    /// The GenAI span that `context` names or lies inside of.
    fn above(&self, context: &SpanContext) -> Option<Arc<dyn Open>> {
        if context.is_valid() { self.shared.table.get(context.span_id()) } else { None }
    }

    /// Whether this is a turn on a context that was compacted before.
    fn was_compacted(&self, start: &Start, above: Option<&Arc<dyn Open>>) -> bool {
        if start.operation.activity != Activity::Turn || !self.shared.any_compacted() {
            return false;
        }
        let conversation = start.identity.conversation();
        conversation.is_some_and(|id| self.shared.was_compacted(id))
            || above.cloned().and_then(usage::nearest_agent).is_some_and(|agent| agent.was_compacted())
    }

    fn gated(&self, events: Option<Vec<Event>>) -> Option<Vec<Event>> {
        let gate = |event: Event| {
            let gated = gate::event(&self.shared, event.name, event.timestamp, event.attributes);
            Event::new(gated.name, gated.at, gated.attributes, event.dropped_attributes_count)
        };
        events.map(|events| events.into_iter().map(gate).collect())
    }

    fn gated_links(&self, links: Vec<Link>) -> Vec<Link> {
        let gate = |link: Link| {
            let attributes = gate::link(&self.shared, link.attributes);
            Link::new(link.span_context, attributes, link.dropped_attributes_count)
        };
        links.into_iter().map(gate).collect()
    }

    /// Starts the span of the tracer below, and wraps it. Samplers, processors and id generators are the application's
    /// code: `tracing-opentelemetry` holds a lock while they run, and a panic would poison it.
    fn start_below<R>(&self, builder: SpanBuilder, parent: &Context, wrap: impl FnOnce(T::Span) -> R) -> Option<R> {
        let start = || wrap(self.inner.build_with_context(builder, parent));
        let started = catch_unwind(AssertUnwindSafe(start));
        if started.is_err() {
            self.shared.count(Count::TracerPanic, "start");
        }
        started.ok()
    }
}

/// A start as the application's hooks see it.
fn view(start: &Start, kind: SpanKind) -> SpanStart<'_> {
    SpanStart {
        name: name(start.operation, &start.attributes),
        kind,
        operation: start.operation.name,
        attributes: start.attributes.as_slice(),
    }
}

fn otel_kind(kind: SpanKind) -> Kind {
    match kind {
        SpanKind::Client => Kind::Client,
        SpanKind::Internal => Kind::Internal,
        SpanKind::Server => Kind::Server,
    }
}
