//! Where a trace begins: the application's say in the parent of a span that would be a root.

use std::borrow::Cow;

use opentelemetry::trace::TraceContextExt;
use opentelemetry::{Context, KeyValue, Value};

use crate::semconv::SpanKind;
use crate::span::GenAiTracer;
use crate::span::carrier::Carrier;
use crate::span::hook;
use crate::span::shared::{RootContext, Shared};
use crate::span::start::Start;

/// A GenAI span that is about to start, as the application's hooks see it: the root-context resolver and the default
/// attributes.
#[derive(Debug)]
pub struct SpanStart<'a> {
    pub(crate) name: Cow<'static, str>,
    pub(crate) kind: SpanKind,
    pub(crate) operation: Option<&'static str>,
    pub(crate) attributes: &'a [KeyValue],
}

impl SpanStart<'_> {
    /// The name of the span, complete.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The kind of the span.
    pub fn kind(&self) -> SpanKind {
        self.kind
    }

    /// `gen_ai.operation.name`; `None` for an operation or a compaction, which the conventions do not list, and for
    /// what is no tool call in the Model Context Protocol.
    pub fn operation(&self) -> Option<&'static str> {
        self.operation
    }

    /// The value of attribute `key` at the start of the span; keys are in [`semconv::attr`](crate::semconv::attr).
    pub fn attribute(&self, key: &str) -> Option<&Value> {
        self.attributes.iter().find(|held| held.key.as_str() == key).map(|held| &held.value)
    }
}

/// How a GenAI span comes by its parent. The order of the variants is the order in which they are looked for.
pub(crate) enum Parent {
    /// `continues(&carrier)`: the caller says that it is none of what runs here.
    Carried(Context),
    /// `child_of(&span)`, or the current span.
    Caller,
    /// The root-context resolver: the headers of the request at hand, a job.
    Resolved(Context),
    /// The environment of the process.
    Process(Context),
    /// It is a root.
    None,
}

impl Parent {
    /// The context, if it is not the caller's.
    pub(crate) fn elsewhere(&self) -> Option<&Context> {
        match self {
            Self::Carried(context) | Self::Resolved(context) | Self::Process(context) => Some(context),
            Self::Caller | Self::None => None,
        }
    }

    /// Whether nobody named a parent for this span.
    pub(crate) fn is_nobodys_choice(&self) -> bool {
        matches!(self, Self::Process(_) | Self::None)
    }
}

/// Finds the parent of a GenAI span by the first that is there. `caller` is what the tracer was given.
pub(crate) fn find<R>(shared: &Shared, start: &mut Start, caller: &Context, resolve: R) -> Parent
where
    R: FnOnce(&Start, &RootContext) -> Option<Context>,
{
    if let Some(carried) = start.parent.take() {
        return Parent::Carried(carried);
    }
    if caller.span().span_context().is_valid() {
        return Parent::Caller;
    }
    let resolver = shared.settings.root_context.as_ref();
    if let Some(resolved) = resolver.and_then(|resolver| resolve(start, resolver)) {
        return Parent::Resolved(resolved);
    }
    shared.settings.process_parent.clone().map_or(Parent::None, Parent::Process)
}

/// Asks the application's resolver for the context that a root should hang in.
pub(crate) fn resolve(shared: &Shared, resolver: &RootContext, start: &SpanStart<'_>) -> Option<Context> {
    let context = hook::call(shared, "root_context", || resolver(start)).flatten();
    context.filter(|context| context.span().span_context().is_valid())
}

impl<T> GenAiTracer<T> {
    /// Sets the parent of GenAI spans that would be roots and for which the root-context resolver has none: the place
    /// that the starter of this process gave it. By default there is none; [`init`](crate::init) and
    /// [`Pipeline`](crate::pipeline::Pipeline) set it by the environment.
    ///
    /// ```
    /// # use tracing_genai::{Carrier, GenAiTracer};
    /// # let tracer = opentelemetry::trace::noop::NoopTracer::new();
    /// let mut tracer = GenAiTracer::new(tracer);
    /// if let Some(place) = Carrier::from_env()? {
    ///     tracer = tracer.with_process_parent(&place);
    /// }
    /// # Ok::<(), tracing_genai::CarrierError>(())
    /// ```
    #[must_use]
    pub fn with_process_parent(self, place: &Carrier) -> Self {
        self.set(|settings| settings.process_parent = Some(place.context()))
    }
}
