//! `GenAiTracer`: the one place where a span's builder becomes a GenAI span.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use opentelemetry::trace::{Event, Link, SpanBuilder, SpanKind as Kind, TraceContextExt, Tracer};
use opentelemetry::{Context, KeyValue};

use crate::content::{Content, Mode, contained};
use crate::semconv::SpanKind;
use crate::span::attributes::Attributes;
use crate::span::gate;
use crate::span::gate::Place;
use crate::span::genai_span::GenAiSpan;
use crate::span::listener;
use crate::span::open::Open;
use crate::span::recognise::{self, Recognised, Seen};
use crate::span::root::SpanStart;
use crate::span::shared::{Settings, Shared};
use crate::span::start::{self, Instead, Opened};
use crate::span::stats::{Count, Stats};
use crate::span::usage::PriceTable;

/// What a span is called that has no name, or none that may be shown.
pub(super) const UNNAMED: &str = "unnamed";

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
    pub(crate) shared: Arc<Shared>,
}

impl<T> GenAiTracer<T> {
    /// A tracer over `tracer`: no root-context resolver, no attributes beside the conventions', no content.
    pub fn new(tracer: T) -> Self {
        Self::with_settings(tracer, Settings::default())
    }

    pub(crate) fn with_settings(inner: T, settings: Settings) -> Self {
        Self::with_shared(inner, Arc::new(Shared::new(settings)))
    }

    pub(crate) fn with_shared(inner: T, shared: Arc<Shared>) -> Self {
        shared.settings.observers.attach(&shared);
        Self { inner, shared }
    }

    pub(crate) fn set(self, change: impl FnOnce(&mut Settings)) -> Self {
        let mut settings = self.shared.settings.clone();
        change(&mut settings);
        Self::with_settings(self.inner, settings)
    }

    /// Sets the root-context resolver: called for a GenAI span that would otherwise be a root, before the sampler;
    /// the span becomes a child of the span in the context it returns.
    ///
    /// It runs without a `tracing` subscriber. A panic in it is caught and counted, and the span goes on without it, as
    /// for `None` or a context without a valid span: below [the process's parent](Self::with_process_parent) if there
    /// is one, else as a root. By default there is no resolver.
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
    ///
    /// From the headers of the request at hand, which a middleware keeps for its handler:
    ///
    /// ```
    /// # use tracing_genai::{Carrier, GenAiTracer};
    /// # let tracer = opentelemetry::trace::noop::NoopTracer::new();
    /// use std::cell::RefCell;
    /// use std::collections::HashMap;
    ///
    /// thread_local!(static REQUEST: RefCell<HashMap<String, String>> = RefCell::default());
    ///
    /// let tracer = GenAiTracer::new(tracer).with_root_context(|_| {
    ///     let caller = REQUEST.with_borrow(|headers| Carrier::extract(headers));
    ///     caller.ok().flatten().map(|caller| caller.context())
    /// });
    /// ```
    #[must_use]
    pub fn with_root_context<F>(self, resolver: F) -> Self
    where
        F: Fn(&SpanStart<'_>) -> Option<Context> + Send + Sync + 'static,
    {
        self.set(|settings| settings.root_context = Some(Arc::new(resolver)))
    }

    /// Allows further attributes on GenAI spans: keys (`tenant`), or prefixes that end in a dot (`my_app.`).
    ///
    /// A GenAI span carries what the conventions know; anything else, like the arguments that `#[instrument]`
    /// records, may be what the user said to the model. By default nothing else is allowed.
    #[must_use]
    pub fn with_attributes<K: Into<String>>(self, keys: impl IntoIterator<Item = K>) -> Self {
        self.set(|settings| settings.allowed.extend(keys.into_iter().map(Into::into)))
    }

    /// Tells where in the source code log events and spans with fields come from: `code.file.path` and `code.line.number`
    /// with a layer made by [`into_layer`](Self::into_layer); spans of typed guards have neither. The path is the one the compiler was given, and for crates from a
    /// registry holds the home directory of whoever built the program. By default nothing is told.
    #[must_use]
    pub fn with_location(self) -> Self {
        self.set(|settings| settings.location = true)
    }

    pub(crate) fn tells_location(&self) -> bool {
        self.shared.settings.location
    }

    /// How many GenAI spans may be open at once; with one more, the oldest in which nothing runs ends as interrupted
    /// (`agentic.forced_close = capacity`) and is counted. While the oldest are all at work it is looked for over
    /// several starts, and up to a sixteenth more may be open; then one at work ends, with all below it.
    /// [`DEFAULT_MAX_OPEN_SPANS`](crate::DEFAULT_MAX_OPEN_SPANS) by default.
    #[must_use]
    pub fn with_max_open_spans(self, max: usize) -> Self {
        self.set(|settings| settings.max_open_spans = max)
    }

    /// How long a GenAI span in which nothing runs may be open. It ends as interrupted (`agentic.forced_close =
    /// expired`) and is counted, at the latest a few starts of other spans after that time.
    /// [`DEFAULT_OPEN_SPAN_TTL`](crate::DEFAULT_OPEN_SPAN_TTL) by default.
    #[must_use]
    pub fn with_open_span_ttl(self, ttl: Duration) -> Self {
        self.set(|settings| settings.open_span_ttl = ttl)
    }

    /// Ends every GenAI span that is open, as interrupted (`agentic.forced_close = shutdown`), and says how many they
    /// were. For the end of the program, before the tracer provider is shut down; [`Telemetry`](crate::pipeline) does
    /// it by itself.
    pub fn interrupt_open_spans(&self) -> usize {
        self.shared.interrupt_all()
    }

    /// Sets the price table: a turn that ends without a cost gets one by its tokens. By default there is none.
    #[must_use]
    pub fn with_prices(self, prices: PriceTable) -> Self {
        self.set(|settings| settings.prices = Some(Arc::new(prices)))
    }

    /// Sets what is done with content: prompts, replies, arguments, results, texts of errors and logs. By default none of
    /// it leaves the process ([`Content::off`]).
    ///
    /// Whatever is given here, `OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT=NO_CONTENT` in the environment
    /// switches it off.
    ///
    /// ```
    /// # use tracing_genai::GenAiTracer;
    /// # let tracer = opentelemetry::trace::noop::NoopTracer::new();
    /// use tracing_genai::content::{Content, Kind};
    ///
    /// let tracer = GenAiTracer::new(tracer).with_content(Content::all().except([Kind::SystemInstructions]));
    /// ```
    #[must_use]
    pub fn with_content(self, content: Content) -> Self {
        self.set(|settings| {
            let of_pipeline = settings.content_mode.unwrap_or(Mode::Unset);
            settings.content = of_pipeline.limit(Mode::of_process().limit(content));
        })
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

    fn span_builder<N>(&self, name: N) -> SpanBuilder
    where
        N: Into<Cow<'static, str>>,
    {
        listener::tell(&self.shared);
        SpanBuilder::from_name(name)
    }

    fn build_with_context(&self, mut builder: SpanBuilder, parent: &Context) -> Self::Span {
        if let Some(start) = start::take() {
            let late = Attributes::late(start.operation);
            let typed = Recognised { start, late, others: Vec::new(), content: Vec::new() };
            return match self.begin(builder, parent, typed) {
                Ok(span) => {
                    start::answer(Opened::Span(Arc::clone(&span) as Arc<dyn Open>));
                    GenAiSpan::genai(span)
                }
                Err(instead) => {
                    let stands = Instead { place: instead.clone(), shared: Arc::clone(&self.shared) };
                    start::answer(Opened::Instead(Box::new(stands)));
                    GenAiSpan::none(instead)
                }
            };
        }
        let attributes = builder.attributes.get_or_insert_default();
        match recognise::look(attributes) {
            Seen::Operation(operation) => {
                let recognised = recognise::read(&self.shared, operation, attributes);
                self.begin(builder, parent, recognised).map_or_else(GenAiSpan::none, GenAiSpan::genai)
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
        let table = &self.shared.table;
        let below_unlisted = || table.is_unlisted(parent.span().span_context().span_id());
        let place = match table.above(parent.span().span_context()) {
            Some(above) => Place::Inside(above),
            None if matches!(seen, Seen::Unlisted) || below_unlisted() => Place::Unlisted,
            None => Place::Outside,
        };
        if builder.name.is_empty() {
            // OTLP demands a name.
            builder.name = Cow::Borrowed(UNNAMED);
        }
        if place.is_gated() {
            gate::name(&self.shared, &mut builder.name, UNNAMED);
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
            .unwrap_or_else(|| GenAiSpan::none(parent.span().span_context().clone()))
    }

    pub(super) fn gated(&self, events: Option<Vec<Event>>) -> Option<Vec<Event>> {
        let gate = |event: Event| {
            let given = gate::Event::new(event.name, event.timestamp, event.attributes);
            let gated = gate::event(&self.shared, None, given);
            Event::new(gated.name, gated.at, gated.attributes, event.dropped_attributes_count)
        };
        events.map(|events| events.into_iter().map(gate).collect())
    }

    pub(super) fn gated_links(&self, links: Vec<Link>) -> Vec<Link> {
        let gate = |link: Link| {
            let attributes = gate::link(&self.shared, link.attributes);
            Link::new(link.span_context, attributes, link.dropped_attributes_count)
        };
        links.into_iter().map(gate).collect()
    }

    /// Starts the span of the tracer below, and wraps it. Samplers, processors and id generators are the application's
    /// code: `tracing-opentelemetry` holds a lock while they run, and a panic would poison it.
    pub(super) fn start_below<R>(
        &self,
        builder: SpanBuilder,
        parent: &Context,
        wrap: impl FnOnce(T::Span) -> R,
    ) -> Option<R> {
        let start = || wrap(self.inner.build_with_context(builder, parent));
        let started = contained(start);
        if started.is_none() {
            self.shared.count(Count::TracerPanic, "start");
        }
        started
    }
}

pub(super) fn otel_kind(kind: SpanKind) -> Kind {
    match kind {
        SpanKind::Client => Kind::Client,
        SpanKind::Internal => Kind::Internal,
        SpanKind::Server => Kind::Server,
    }
}
