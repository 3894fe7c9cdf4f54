//! One open GenAI span: what it knows of itself, what it tells its children, and its only end.

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::SystemTime;

use opentelemetry::KeyValue;
use opentelemetry::trace::{Span, SpanContext, Status};

use crate::rules::operations::Operation;
use crate::rules::{Activity, FieldId, FieldSet};
use crate::semconv::{SpanKind, attr, value};
use crate::span::attributes::Attributes;
use crate::span::complete;
use crate::span::error_type::ErrorType;
use crate::span::gate;
use crate::span::identity::Identity;
use crate::span::name::late_name;
use crate::span::shared::Shared;
use crate::span::start::Entrance;
use crate::span::stats::Count;
use crate::span::usage::{self, Totals, TurnUsage};

const ERROR_TYPE: FieldId = FieldId::of(attr::ERROR_TYPE);
const OPERATION_NAME: FieldId = FieldId::of(attr::GEN_AI_OPERATION_NAME);
const OUTCOME: FieldId = FieldId::of(attr::AGENTIC_OUTCOME);
const COMPACTION_OUTCOME: FieldId = FieldId::of(attr::AGENTIC_COMPACTION_OUTCOME);

/// An open GenAI span, whatever tracer made it.
pub(crate) trait Open: Send + Sync + fmt::Debug {
    fn about(&self) -> &About;
    /// Sets a registry attribute that passed the gate; the last value before the end counts.
    fn set(&self, id: FieldId, attribute: KeyValue);
    /// Sets an attribute that the application allowed and no table knows.
    fn set_other(&self, attribute: KeyValue);
    /// Adds a span event that passed the gate.
    fn event(&self, event: gate::Event);
    fn link(&self, to: SpanContext, attributes: Vec<KeyValue>);
    /// Notes that something set the status to error; nobody said as what.
    fn fail(&self);
    /// Notes that the work in the span's scope ran to its end.
    fn set_scope_done(&self);
    /// Fills `below`, the identity of a child, with what flows down.
    fn hand_down(&self, below: &mut Identity, operation: &Operation);
    /// Takes over the usage of an own turn, which ends.
    fn roll_up(&self, turn: &TurnUsage);
    /// Notes that the context of this agent was compacted.
    fn set_compacted(&self);
    fn was_compacted(&self) -> bool;
    /// Ends the span, once; `false` if it had ended.
    fn end(&self, at: SystemTime, how: End) -> bool;
    fn is_recording(&self) -> bool;
}

/// How a span comes to its end.
#[derive(Debug)]
pub(crate) enum End {
    /// It is over; whether it failed was said before, or not at all.
    Over,
    Failed(ErrorType),
    /// Given up, unless the work in its scope was done.
    Dropped,
}

/// What does not change from start to end.
#[derive(Debug)]
pub(crate) struct About {
    pub(crate) context: SpanContext,
    pub(crate) entrance: Entrance,
    pub(crate) operation: &'static Operation,
    pub(crate) kind: SpanKind,
    /// The nearest GenAI span above. Weak: who is gone has been exported, and chains cannot pile up.
    pub(crate) above: Option<Weak<dyn Open>>,
    pub(crate) started: SystemTime,
    /// Whether the tracer below records it, until its end.
    pub(crate) recording: bool,
    pub(crate) shared: Arc<Shared>,
}

impl About {
    pub(crate) fn activity(&self) -> Activity {
        self.operation.activity
    }

    /// Counts a value that came too late, unless it only says again which operation this is: rig 0.44 does on every
    /// turn.
    #[cold]
    fn refuse(&self, what: Count, id: FieldId, attribute: &KeyValue) {
        if id != OPERATION_NAME || self.operation.name != Some(&*attribute.value.as_str()) {
            self.shared.count(what, id.key());
        }
    }

    pub(crate) fn parent(&self) -> Option<Arc<dyn Open>> {
        self.above.as_ref().and_then(Weak::upgrade)
    }
}

/// An open span over the span `S` of the tracer below.
#[derive(Debug)]
pub(crate) struct OpenSpan<S> {
    about: About,
    /// The same as `state.span.is_none()`; asked before every late value.
    ended: AtomicBool,
    state: Mutex<State<S>>,
}

#[derive(Debug)]
struct State<S> {
    /// `None` after the end.
    span: Option<S>,
    identity: Identity,
    /// What the span below was given at its start and, since it only ever adds, must not get again.
    sent: FieldSet,
    /// What it gets at its end, in one batch.
    late: Attributes,
    others: Vec<KeyValue>,
    failed: bool,
    scope_done: bool,
    totals: Totals,
    compacted: bool,
}

/// What a span has at its start.
pub(crate) struct Begun<S> {
    pub(crate) span: S,
    pub(crate) identity: Identity,
    pub(crate) sent: FieldSet,
    pub(crate) late: Attributes,
    pub(crate) others: Vec<KeyValue>,
}

impl<S> OpenSpan<S> {
    pub(crate) fn new(about: About, begun: Begun<S>) -> Self {
        let state = State {
            span: Some(begun.span),
            identity: begun.identity,
            sent: begun.sent,
            late: begun.late,
            others: begun.others,
            failed: false,
            scope_done: false,
            totals: Totals::default(),
            compacted: false,
        };
        Self { about, ended: AtomicBool::new(false), state: Mutex::new(state) }
    }

    /// [`Open::about`], for spans of any tracer.
    pub(crate) fn what(&self) -> &About {
        &self.about
    }

    fn state(&self) -> MutexGuard<'_, State<S>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Runs `change` while the span is open, else counts.
    fn while_open(&self, change: impl FnOnce(&mut State<S>)) {
        let mut state = self.state();
        if state.span.is_some() {
            change(&mut state);
        } else {
            drop(state);
            self.about.shared.count(Count::AfterEnd, "");
        }
    }
}

impl<S: Span> OpenSpan<S> {
    /// [`Open::end`], for spans of any tracer.
    pub(crate) fn end_once(&self, at: SystemTime, how: End) -> bool {
        let mut state = self.state();
        if state.span.is_none() {
            return false;
        }
        self.ended.store(true, Ordering::Relaxed);
        match how {
            End::Failed(error) => state.late.set(ERROR_TYPE, error.into_text()),
            End::Dropped if !state.scope_done => state.late.set(OUTCOME, value::agentic_outcome::CANCELLED),
            End::Over | End::Dropped => {}
        }
        let Some(span) = state.span.take() else { return false };
        let mut ended = Ended {
            span,
            attributes: std::mem::take(&mut state.late),
            others: std::mem::take(&mut state.others),
            failed: state.failed,
            conversation: state.identity.conversation().cloned(),
            totals: std::mem::take(&mut state.totals),
        };
        // Ending runs span processors, and handing up locks other spans: not under this span's lock.
        drop(state);
        // The wall clock may have been set back since.
        ended.finish(&self.about, at.max(self.about.started));
        true
    }
}

impl<S> Open for OpenSpan<S>
where
    S: Span + Send + Sync + fmt::Debug + 'static,
{
    fn about(&self) -> &About {
        &self.about
    }

    #[inline(always)]
    fn set(&self, id: FieldId, mut attribute: KeyValue) {
        let mut state = self.state();
        if state.span.is_none() || state.sent.contains(id) {
            let what = if state.span.is_none() { Count::AfterEnd } else { Count::ChangedAtStart };
            drop(state);
            return self.about.refuse(what, id, &attribute);
        }
        // An agent that learns its conversation's id late tells the children it starts from then on.
        state.identity.keep(id, &mut attribute);
        state.late.put(id, attribute);
    }

    fn set_other(&self, attribute: KeyValue) {
        self.while_open(|state| match state.others.iter_mut().find(|held| held.key == attribute.key) {
            Some(held) => *held = attribute,
            None => state.others.push(attribute),
        });
    }

    fn event(&self, event: gate::Event) {
        self.while_open(|state| {
            if let Some(span) = &mut state.span {
                span.add_event_with_timestamp(event.name, event.at, event.attributes);
            }
        });
    }

    fn link(&self, to: SpanContext, attributes: Vec<KeyValue>) {
        self.while_open(|state| {
            if let Some(span) = &mut state.span {
                span.add_link(to, attributes);
            }
        });
    }

    fn fail(&self) {
        if self.about.entrance == Entrance::Fields {
            self.while_open(|state| state.failed = true);
        }
    }

    fn set_scope_done(&self) {
        self.state().scope_done = true;
    }

    fn hand_down(&self, below: &mut Identity, operation: &Operation) {
        below.inherit(&self.state().identity, operation);
    }

    fn roll_up(&self, turn: &TurnUsage) {
        // An agent that has ended was exported with what it had: nothing is lost that could still be told.
        self.state().totals.add(turn);
    }

    fn set_compacted(&self) {
        self.state().compacted = true;
    }

    fn was_compacted(&self) -> bool {
        self.state().compacted
    }

    fn end(&self, at: SystemTime, how: End) -> bool {
        self.end_once(at, how)
    }

    fn is_recording(&self) -> bool {
        self.about.recording && !self.ended.load(Ordering::Relaxed)
    }
}

/// A span taken out of its state to be completed and ended.
struct Ended<S> {
    span: S,
    attributes: Attributes,
    others: Vec<KeyValue>,
    failed: bool,
    conversation: Option<Arc<str>>,
    totals: Totals,
}

impl<S: Span> Ended<S> {
    fn finish(&mut self, about: &About, at: SystemTime) {
        if self.attributes.has(ERROR_TYPE) {
            self.failed = true;
        } else if self.failed {
            self.attributes.set(ERROR_TYPE, ErrorType::OTHER.into_text());
        }
        complete::at_end(about, &mut self.attributes);
        match about.activity() {
            Activity::Turn => usage::hand_up(about, &self.attributes),
            Activity::Agent => self.totals.write(&mut self.attributes),
            Activity::Compaction => self.finish_compaction(about),
            _ => {}
        }
        // A panic of a processor must not reach the agent; tracing-opentelemetry holds locks while it ends a span,
        // and a second panic on those would abort the process.
        let result = catch_unwind(AssertUnwindSafe(|| self.end(about, at)));
        if result.is_err() {
            about.shared.count(Count::TracerPanic, about.operation.word);
        }
    }

    fn finish_compaction(&mut self, about: &About) {
        use value::agentic_compaction_outcome::{COMPACTED, FAILED};
        if self.failed && !self.attributes.has(COMPACTION_OUTCOME) {
            self.attributes.set(COMPACTION_OUTCOME, FAILED);
        }
        if self.attributes.text(COMPACTION_OUTCOME) == Some(COMPACTED) {
            about.shared.set_compacted(self.conversation.as_ref());
            if let Some(agent) = about.parent().and_then(usage::nearest_agent) {
                agent.set_compacted();
            }
        }
    }

    fn end(&mut self, about: &About, at: SystemTime) {
        if let Some(name) = late_name(about.operation, &self.attributes) {
            self.span.update_name(name);
        }
        for attribute in std::mem::take(&mut self.attributes).into_list() {
            self.span.set_attribute(attribute);
        }
        for attribute in self.others.drain(..) {
            self.span.set_attribute(attribute);
        }
        if self.failed {
            // The description would be the error's text.
            self.span.set_status(Status::error(""));
        }
        self.span.end_with_timestamp(at);
    }
}
