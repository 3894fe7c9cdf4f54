//! How a typed guard hands its attributes to the tracer.
//!
//! A guard opens an ordinary `tracing` span without fields, then has `tracing-opentelemetry` start the OpenTelemetry
//! span on this thread, at once: the attributes wait in a thread-local until [`GenAiTracer`](crate::GenAiTracer)
//! takes them. Nothing is printed into fields and parsed back, and the sampler sees every typed value.

use std::borrow::Cow;
use std::cell::Cell;
use std::panic::Location;
use std::sync::Arc;

use opentelemetry::trace::{SpanContext, SpanKind as Kind};
use opentelemetry::{Context, KeyValue, Value};

use crate::rules::operations::Operation;
use crate::rules::{Activity, FieldId};
use crate::semconv::attr;
use crate::span::attributes::Attributes;
use crate::span::coerce::{Brought, Coerced, bring};
use crate::span::inherited::Inherited;
use crate::span::limits;
use crate::span::open::Open;
use crate::span::runs::Predecessor;
use crate::span::shared::Shared;
use crate::span::stats::Count;

const OPERATION_NAME: FieldId = FieldId::of(attr::GEN_AI_OPERATION_NAME);

/// Attributes a span has room for before its list grows: a full model turn with its usage, or any other span.
const fn capacity(operation: &Operation) -> usize {
    match operation.activity {
        Activity::Turn => 24,
        _ => 8,
    }
}

/// Who says how a span ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Entrance {
    /// A typed guard, and nobody else: the `error!` of a library, which tracing-opentelemetry takes for a failure of
    /// the span around it, is none of the activity.
    Guard,
    /// What is recorded on the span.
    Fields,
}

/// A span about to start.
#[derive(Debug)]
pub(crate) struct Start {
    pub(crate) entrance: Entrance,
    pub(crate) operation: &'static Operation,
    pub(crate) attributes: Attributes,
    /// What flows down the tree; the attributes have it too.
    pub(crate) identity: Inherited,
    /// The kind that was asked for, where the conventions leave the choice.
    pub(crate) kind: Option<Kind>,
    /// A parent from elsewhere; it beats the one `tracing` knows.
    pub(crate) parent: Option<Context>,
    /// What a run that is resumed goes on from. Boxed: a start moves through a thread-local.
    pub(crate) resumes: Option<Box<Predecessor>>,
    /// Where a guard was started.
    pub(crate) location: Option<&'static Location<'static>>,
    /// What went wrong with values: counted when the span starts.
    pub(crate) noted: Vec<(Count, FieldId)>,
}

impl Start {
    pub(crate) fn new(entrance: Entrance, operation: &'static Operation, attributes: Attributes) -> Self {
        Self {
            entrance,
            operation,
            attributes,
            identity: Inherited::default(),
            kind: None,
            parent: None,
            resumes: None,
            location: None,
            noted: Vec::new(),
        }
    }

    /// One that a typed guard fills.
    pub(crate) fn of_guard(operation: &'static Operation) -> Self {
        let mut attributes = Attributes::with_capacity(capacity(operation));
        if let Some(name) = operation.name {
            // First: an attribute limit cuts from the end.
            attributes.set(OPERATION_NAME, name);
        }
        Self::new(Entrance::Guard, operation, attributes)
    }

    /// Sets an attribute that passed the gate.
    #[inline]
    pub(crate) fn put(&mut self, id: FieldId, mut pair: KeyValue) {
        self.identity.keep(id, &mut pair);
        self.attributes.put(id, pair);
    }

    /// Sets an attribute that flows down the tree.
    pub(crate) fn identify(&mut self, id: FieldId, text: &str) {
        let longest = usize::from(id.longest);
        let text = if limits::is_plain(text, longest) { Cow::Borrowed(text) } else { limits::within(text, longest) };
        if let Cow::Owned(_) = text {
            self.noted.push((Count::ValueCut, id));
        }
        if text.is_empty() {
            return;
        }
        let text: Arc<str> = Arc::from(text);
        self.attributes.set(id, Arc::clone(&text));
        self.identity.put(id, text);
    }

    /// Takes over what flows down from the span above.
    pub(crate) fn inherit(&mut self, above: &Arc<dyn Open>) {
        above.hand_down(&mut self.identity, self.operation);
        self.identity.write(&mut self.attributes, self.operation);
    }

    /// Sets an attribute that a typed setter was given.
    #[inline]
    pub(crate) fn give(&mut self, id: FieldId, mut value: Value) {
        match bring(id, &mut value) {
            Ok(Brought::Whole) => self.put(id, KeyValue::new(id.key(), value)),
            other => self.give_other(id, value, other),
        }
    }

    #[cold]
    fn give_other(&mut self, id: FieldId, value: Value, brought: Result<Brought, Coerced>) {
        match brought {
            Ok(_) => {
                self.noted.push((Count::ValueCut, id));
                self.put(id, KeyValue::new(id.key(), value));
            }
            Err(Coerced::Omitted) => {}
            Err(_) => self.noted.push((Count::RefusedValue, id)),
        }
    }
}

/// What became of an offered start.
#[derive(Debug)]
pub(crate) enum Opened {
    Span(Arc<dyn Open>),
    /// No span of its own, but the place of another. Boxed: it is rare, and the others move through a thread-local.
    Instead(Box<Instead>),
}

/// What stands for a span.
#[derive(Debug)]
pub(crate) struct Instead {
    pub(crate) place: SpanContext,
    pub(crate) shared: Arc<Shared>,
}

thread_local! {
    /// Whether there is something in `OFFERED`: every other span asks, and should not have to look into it.
    static OFFERING: Cell<bool> = const { Cell::new(false) };
    static OFFERED: Cell<Option<Start>> = const { Cell::new(None) };
    static OPENED: Cell<Option<Opened>> = const { Cell::new(None) };
}

/// Offers `start` to the tracer that `begin` makes start a span. `None` if no [`GenAiTracer`](crate::GenAiTracer)
/// took it: no subscriber, a filter, or another tracer in the layer.
pub(crate) fn open(start: Start, begin: impl FnOnce()) -> Option<Opened> {
    // `try_with`: a guard may start while its thread ends, when thread-locals are gone.
    OFFERED.try_with(|offered| offered.set(Some(start))).ok()?;
    OFFERING.try_with(|offering| offering.set(true)).ok()?;
    let withdrawn = Withdrawn;
    begin();
    let opened = OPENED.try_with(Cell::take).ok()?;
    drop(withdrawn);
    opened
}

/// Takes back what nobody took, also if another layer panics while the span begins: the next span of this thread is
/// not the one that was meant.
struct Withdrawn;

impl Drop for Withdrawn {
    fn drop(&mut self) {
        take();
        OPENED.try_with(Cell::take).ok();
    }
}

/// The start that a guard on this thread is offering.
#[inline]
pub(crate) fn take() -> Option<Start> {
    if !OFFERING.try_with(|offering| offering.replace(false)).unwrap_or_default() {
        return None;
    }
    OFFERED.try_with(Cell::take).ok()?
}

/// Answers the guard whose start was taken.
pub(crate) fn answer(answer: Opened) {
    OPENED.try_with(|opened| opened.set(Some(answer))).ok();
}
