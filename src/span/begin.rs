//! The start of a GenAI span: where it hangs, what it takes over, whether it is there already.

use std::fmt;
use std::sync::{Arc, OnceLock};
use std::time::SystemTime;

use opentelemetry::trace::{Span, SpanBuilder, SpanContext, TraceContextExt, Tracer};
use opentelemetry::{Context, KeyValue};

use crate::rules::{Activity, FieldId, FieldSet};
use crate::semconv::{SpanKind, attr};
use crate::span::attributes::Attributes;
use crate::span::calls::Calls;
use crate::span::claims::{Claim, Within};
use crate::span::name::name;
use crate::span::nearest_agent::nearest_agent;
use crate::span::open::{About, Begun, Open, OpenSpan};
use crate::span::profile::Renamed;
use crate::span::recognise::{self, Recognised};
use crate::span::root::{self, Parent, SpanStart};
use crate::span::runs::Run;
use crate::span::start::Start;
use crate::span::stats::Count;
use crate::span::tracer::{GenAiTracer, otel_kind};
use crate::span::usage::RollUp;
use crate::span::{content, default_attributes, defaults, evict, orphan, ranked, runs};

const OPERATION_NAME: FieldId = FieldId::of(attr::GEN_AI_OPERATION_NAME);
const TOOL: FieldId = FieldId::of(attr::GEN_AI_TOOL_NAME);
const COMPACTED: FieldId = FieldId::of(attr::GEN_AI_CONVERSATION_COMPACTED);

/// A GenAI span about to start.
struct Beginning<'a> {
    start: Start,
    late: Attributes,
    others: Vec<KeyValue>,
    kind: SpanKind,
    parent: &'a SpanContext,
    /// The nearest GenAI span above.
    above: Option<Arc<dyn Open>>,
    at: SystemTime,
    claim: Option<Claim>,
    rollup: Option<RollUp>,
    renamed: Option<Renamed>,
    /// See [`About`].
    message: Option<Box<str>>,
    /// What the builder has already and the end must not write again.
    sent: FieldSet,
    /// How many attributes that are.
    written: usize,
    /// A copy of them for observers.
    given: Attributes,
}

impl<T> GenAiTracer<T>
where
    T: Tracer,
    T::Span: Send + Sync + fmt::Debug + 'static,
{
    /// Starts a GenAI span.
    ///
    /// # Errors
    /// The place that stands for it, where there is none: its parent's if the tracer below panicked, the first one's
    /// if the activity is open already.
    pub(super) fn begin(
        &self,
        builder: SpanBuilder,
        parent: &Context,
        read: Recognised,
    ) -> Result<Arc<OpenSpan<T::Span>>, SpanContext> {
        let Recognised { mut start, mut late, others, content } = read;
        start.noted.iter().for_each(|(what, id)| self.shared.count(*what, id.key()));
        let kind = recognise::kind(start.operation, start.kind.as_ref().or(builder.span_kind.as_ref()));
        let at = builder.start_time.unwrap_or_else(opentelemetry::time::now);
        // Before anything is taken over: a workflow inside of a run is not that run.
        let run = runs::prepare(&self.shared, &mut start, &mut late, at);
        let found = self.find_parent(&mut start, &late, kind, parent);
        let (context, nowhere) = (found.elsewhere().unwrap_or(parent), Context::new());
        let context = if runs::goes_on_inside(&self.shared, run.as_ref(), context) { &nowhere } else { context };
        let span = context.span();
        let parent = span.span_context();
        let above = self.shared.table.above(parent);
        let sent = FieldSet::default();
        let message = message(&start);
        let (claim, rollup, renamed, written, given) = (None, None, None, 0, Attributes::default());
        #[rustfmt::skip]
        let mut beginning =
            Beginning { start, late, others, kind, parent, above, at, claim, rollup, renamed, message, sent, written, given };
        beginning.claim = self.claim(&beginning)?;
        self.take_over(&mut beginning, context);
        if self.shared.settings.default_attributes.is_some() {
            let view = view(&beginning.start, kind);
            default_attributes::add(&self.shared, &view, &mut beginning.late, &mut beginning.others);
        }
        beginning.renamed = Renamed::of(&self.shared.settings, &beginning.start);
        beginning.rollup = RollUp::of(&beginning.start, kind, beginning.above.as_deref(), &self.shared.settings);
        beginning.sent = beginning.start.attributes.keys();
        // Its rule has decided about it, also where a span must not have one.
        beginning.sent.insert(OPERATION_NAME);
        let tool = self.tool(&beginning);
        let builder = self.builder(builder, &mut beginning, run.as_ref());
        let span = self.open(builder, context, beginning, tool)?;
        content.into_iter().for_each(|attribute| content::field(&*span, attribute));
        if let Some(run) = run {
            self.shared.runs.remember(run, &span.what().context);
        }
        Ok(span)
    }

    /// Takes over what flows down from above, and what there is where it starts.
    fn take_over(&self, beginning: &mut Beginning<'_>, parent: &Context) {
        if let Some(above) = &beginning.above {
            beginning.start.inherit(above);
        }
        defaults::complete(&self.shared, &mut beginning.start, parent);
        if self.was_compacted(beginning) {
            // Late: a span's own fields may say so too, now or later, and it must not be there twice.
            beginning.late.set(COMPACTED, true);
        }
    }

    /// Marks the activity as open, if it has an id of its own.
    ///
    /// # Errors
    /// The place of the one that is open already.
    fn claim(&self, beginning: &Beginning<'_>) -> Result<Option<Claim>, SpanContext> {
        let Beginning { start, late, parent, above, .. } = beginning;
        let within = match (above, start.identity.conversation()) {
            (Some(above), _) => Within::Span(above.about().context.span_id()),
            (None, _) if parent.is_valid() => Within::Span(parent.span_id()),
            (None, Some(conversation)) => Within::Conversation(conversation),
            (None, None) => Within::Nowhere,
        };
        let Some(claim) = self.shared.claims.of(start.operation, [&start.attributes, late], within) else {
            return Ok(None);
        };
        let Err(first) = self.shared.claims.hold(claim) else { return Ok(Some(claim)) };
        self.shared.count(Count::DuplicateStart, start.operation.label());
        let first = first.and_then(|id| self.shared.table.get(id));
        Err(first.map_or_else(|| (*parent).clone(), |first| first.about().context.clone()))
    }

    fn builder(&self, given: SpanBuilder, beginning: &mut Beginning<'_>, run: Option<&Run>) -> SpanBuilder {
        let start = &mut beginning.start;
        let mut links = given.links.map(|links| self.gated_links(links)).unwrap_or_default();
        links.extend(run.and_then(Run::link));
        let attributes = std::mem::take(&mut start.attributes);
        if self.shared.settings.observers.any() {
            beginning.given = attributes.clone();
        }
        let (name, mut attributes) = match beginning.renamed {
            Some(renamed) => (renamed.name(&attributes), renamed.attributes(&attributes)),
            None => (name(start.operation, &attributes), attributes.into_list()),
        };
        // Before the limit, which counts what is written.
        self.shared.settings.rewrite(&mut attributes);
        if let Some(limit) = self.shared.settings.attribute_limit {
            beginning.others.append(&mut ranked::hold_back(&mut attributes, limit, start.operation.activity));
        }
        beginning.written = attributes.len();
        SpanBuilder {
            name,
            span_kind: Some(otel_kind(beginning.kind)),
            start_time: Some(beginning.at),
            attributes: Some(attributes),
            events: self.gated(given.events),
            links: (!links.is_empty()).then_some(links),
        }
    }

    fn open(
        &self,
        builder: SpanBuilder,
        parent: &Context,
        beginning: Beginning<'_>,
        tool: Option<Arc<str>>,
    ) -> Result<Arc<OpenSpan<T::Span>>, SpanContext> {
        #[rustfmt::skip]
        let Beginning { start, late, others, kind, above, at, claim, rollup, renamed, message, sent, written, given, .. } =
            beginning;
        let Start { entrance, operation, identity, .. } = start;
        let started = self.start_below(builder, parent, |span| {
            let about = About {
                context: span.span_context().clone(),
                entrance,
                operation,
                kind,
                above: above.as_ref().map(Arc::downgrade),
                started: at,
                claim,
                recording: span.is_recording(),
                shared: Arc::clone(&self.shared),
                rollup,
                written,
                renamed,
                tool,
                message,
                chunks: OnceLock::new(),
                calls: Calls::default(),
                given,
            };
            Arc::new(OpenSpan::new(about, Begun { span, identity, sent, late, others }))
        });
        let Some(span) = started else {
            claim.into_iter().for_each(|claim| self.shared.claims.let_go(claim));
            return Err(parent.span().span_context().clone());
        };
        self.enter(&(Arc::clone(&span) as Arc<dyn Open>));
        Ok(span)
    }

    /// The tool's name, if anybody may ask for it.
    fn tool(&self, beginning: &Beginning<'_>) -> Option<Arc<str>> {
        if self.shared.settings.content.is_off() {
            return None;
        }
        beginning.start.attributes.text(TOOL).map(Arc::from)
    }

    /// Makes a started span known to those that come after it.
    fn enter(&self, span: &Arc<dyn Open>) {
        let about = span.about();
        if let Some(claim) = about.claim {
            self.shared.claims.name(claim, about.context.span_id());
        }
        evict::enter(&self.shared, span);
    }

    /// Where a GenAI span hangs that `caller` starts. Tells of it if nobody meant it to hang there.
    fn find_parent(&self, start: &mut Start, late: &Attributes, kind: SpanKind, caller: &Context) -> Parent {
        let found = root::find(&self.shared, start, caller, |start, resolver| {
            root::resolve(&self.shared, resolver, &view(start, kind))
        });
        if found.is_nobodys_choice() {
            orphan::detect(&self.shared, start, late, || name(start.operation, &start.attributes).into_owned());
        }
        found
    }

    /// Whether this is a turn on a context that was compacted before.
    fn was_compacted(&self, beginning: &Beginning<'_>) -> bool {
        let Beginning { start, above, .. } = beginning;
        if start.operation.activity != Activity::Turn || !self.shared.any_compacted() {
            return false;
        }
        let conversation = start.identity.conversation();
        conversation.is_some_and(|id| self.shared.was_compacted(id))
            || above.clone().and_then(nearest_agent).is_some_and(|agent| agent.was_compacted())
    }
}

/// Which message of the Model Context Protocol it is about.
fn message(start: &Start) -> Option<Box<str>> {
    let is_message = start.operation.activity == Activity::Mcp;
    is_message.then(|| name(start.operation, &start.attributes).into())
}

/// A start as the application's hooks see it.
fn view(start: &Start, kind: SpanKind) -> SpanStart<'_> {
    let name = name(start.operation, &start.attributes);
    SpanStart { name, kind, operation: start.operation.name, attributes: start.attributes.as_slice() }
}
