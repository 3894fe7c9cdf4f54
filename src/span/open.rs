//! One open GenAI span: what it knows of itself, what it tells its children, and its only end.

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::SystemTime;

use opentelemetry::KeyValue;
use opentelemetry::trace::{Span, SpanContext};

use crate::content::Origin;
use crate::rules::operations::Operation;
use crate::rules::{FieldId, FieldSet};
use crate::semconv::{attr, value};
pub(crate) use crate::span::about::About;
use crate::span::attributes::Attributes;
use crate::span::ended::Ended;
use crate::span::error_type::ErrorType;
use crate::span::gate;
use crate::span::held::Held;
use crate::span::inherited::Inherited;
use crate::span::shared::Settings;
use crate::span::start::Entrance;
use crate::span::stats::Count;
use crate::span::sweep::{self, Forced};

pub(crate) const ERROR_TYPE: FieldId = FieldId::of(attr::ERROR_TYPE);
const OUTCOME: FieldId = FieldId::of(attr::AGENTIC_OUTCOME);
const FORCED_CLOSE: FieldId = FieldId::of(attr::AGENTIC_FORCED_CLOSE);

/// An open GenAI span, whatever tracer made it.
pub(crate) trait Open: Send + Sync + fmt::Debug {
    fn about(&self) -> &About;
    /// Whether a registry attribute was given, at the start or later.
    fn has(&self, id: FieldId) -> bool;
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
    /// The id of the run it belongs to.
    fn run_id(&self) -> Option<Arc<str>>;
    /// The ids and names that flow down from it, with its own.
    fn identity(&self) -> Inherited;
    /// Fills `below`, the identity of a child, with what flows down.
    fn hand_down(&self, below: &mut Inherited, operation: &Operation);
    /// Notes that the context of this agent was compacted.
    fn set_compacted(&self);
    fn was_compacted(&self) -> bool;
    /// Lists `child` as one to end with this span; `false` if this one is ending itself.
    fn adopt(&self, child: &Weak<dyn Open>) -> bool;
    /// The span that lists this one, open or not.
    fn home(&self) -> Option<Arc<dyn Open>>;
    fn set_home(&self, home: Weak<dyn Open>);
    /// Gives up the list of those that may still be open below.
    fn disown(&self) -> Vec<Weak<dyn Open>>;
    fn is_open(&self) -> bool;
    /// Whether spans below it are open.
    fn is_in_use(&self) -> bool;
    /// Ends the span, once; `false` if it had ended.
    fn end(&self, at: SystemTime, how: End) -> bool;
    fn is_recording(&self) -> bool;
    /// Whether anybody learns of its end: it is open, and recorded or observed.
    fn is_watched(&self) -> bool;
    /// The names and ids that a content policy is told of.
    fn origin(&self) -> Origin;
    /// Changes the content it holds until its end; `false` if it has ended.
    fn hold(&self, change: &mut dyn FnMut(&mut Held)) -> bool;
}

/// How a span comes to its end.
#[derive(Debug)]
pub(crate) enum End {
    /// It is over; whether it failed was said before, or not at all.
    Over,
    Failed(ErrorType),
    /// Given up, unless the work in its scope was done.
    Dropped,
    /// Ended from outside, unless the work in its scope was done.
    Forced(Forced),
}

/// An open span over the span `S` of the tracer below.
#[derive(Debug)]
pub(crate) struct OpenSpan<S> {
    about: About,
    /// The same as `state.ending`, for those who only want to know.
    ended: AtomicBool,
    state: Mutex<State<S>>,
}

struct State<S> {
    /// `None` after the end.
    span: Option<S>,
    /// Whether somebody has begun to end it; the first one does it.
    ending: bool,
    /// Those that end with it, if they are open then; may hold some that have ended.
    children: Vec<Weak<dyn Open>>,
    /// Whose list this one is on: at last an open span, whatever lay between and is gone.
    home: Option<Weak<dyn Open>>,
    identity: Inherited,
    /// What the span below was given at its start and, since it only ever adds, must not get again.
    sent: FieldSet,
    /// What it gets at its end, in one batch.
    late: Attributes,
    others: Vec<KeyValue>,
    /// Boxed, and absent as a rule: nobody asked for content.
    content: Option<Box<Held>>,
    failed: bool,
    scope_done: bool,
    compacted: bool,
}

/// Without the span below, which may print its events, and they may hold content.
impl<S> fmt::Debug for State<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("State")
            .field("ending", &self.ending)
            .field("late", &self.late)
            .field("others", &self.others)
            .field("content", &self.content)
            .field("failed", &self.failed)
            .finish_non_exhaustive()
    }
}

/// What a span has at its start.
pub(crate) struct Begun<S> {
    pub(crate) span: S,
    pub(crate) identity: Inherited,
    pub(crate) sent: FieldSet,
    pub(crate) late: Attributes,
    pub(crate) others: Vec<KeyValue>,
}

impl<S> OpenSpan<S> {
    pub(crate) fn new(about: About, begun: Begun<S>) -> Self {
        let state = State {
            span: Some(begun.span),
            ending: false,
            children: Vec::new(),
            home: about.above.clone(),
            identity: begun.identity,
            sent: begun.sent,
            late: begun.late,
            others: begun.others,
            content: None,
            failed: false,
            scope_done: false,
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
        if state.ending {
            return false;
        }
        state.ending = true;
        self.ended.store(true, Ordering::Relaxed);
        let children = std::mem::take(&mut state.children);
        if !children.is_empty() {
            // Ending others locks them, and they hand their usage up to this one.
            let home = state.home.clone();
            drop(state);
            sweep::release(children, home, at, sweep::reason(&self.about, &how));
            state = self.state();
        }
        let forced = state.conclude(how);
        let Some(mut ended) = state.take(&self.about.shared.settings) else { return false };
        // Ending runs span processors, and handing up locks other spans: not under this span's lock.
        drop(state);
        let shared = &self.about.shared;
        shared.closed(self.about.claim);
        if let Some(why) = forced {
            shared.count(why.count(), self.about.operation.label());
        }
        // The wall clock may have been set back since.
        ended.finish(&self.about, at.max(self.about.started));
        true
    }
}

impl<S> State<S> {
    fn forget_ended(&mut self) {
        self.children.retain(|child| child.upgrade().is_some_and(|child| child.is_open()));
    }

    /// Writes down how it ended; gives back what interrupted it.
    fn conclude(&mut self, how: End) -> Option<Forced> {
        match how {
            End::Failed(error) => self.late.set(ERROR_TYPE, error.into_text()),
            End::Dropped if !self.scope_done => self.late.set(OUTCOME, value::agentic_outcome::CANCELLED),
            End::Forced(why) if !self.scope_done => {
                self.late.set(ERROR_TYPE, ErrorType::INTERRUPTED.into_text());
                self.late.set(FORCED_CLOSE, why.text());
                return Some(why);
            }
            End::Over | End::Dropped | End::Forced(_) => {}
        }
        None
    }

    fn take(&mut self, settings: &Settings) -> Option<Ended<S>> {
        Some(Ended {
            span: self.span.take()?,
            attributes: std::mem::take(&mut self.late),
            others: std::mem::take(&mut self.others),
            content: self.content.take(),
            failed: self.failed,
            conversation: self.identity.conversation().cloned(),
            identity: settings.marks_identity.then(|| Box::new(self.identity.clone())),
        })
    }
}

impl<S> Open for OpenSpan<S>
where
    S: Span + Send + Sync + fmt::Debug + 'static,
{
    fn about(&self) -> &About {
        &self.about
    }

    fn has(&self, id: FieldId) -> bool {
        let state = self.state();
        state.sent.contains(id) || state.late.has(id)
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

    fn run_id(&self) -> Option<Arc<str>> {
        self.state().identity.run().cloned()
    }

    fn identity(&self) -> Inherited {
        self.state().identity.clone()
    }

    fn hand_down(&self, below: &mut Inherited, operation: &Operation) {
        below.inherit(&self.state().identity, operation);
    }

    fn set_compacted(&self) {
        self.state().compacted = true;
    }

    fn was_compacted(&self) -> bool {
        self.state().compacted
    }

    fn adopt(&self, child: &Weak<dyn Open>) -> bool {
        let mut state = self.state();
        if state.ending {
            return false;
        }
        if state.children.len() == state.children.capacity() {
            // Never longer than twice what is open below: a long-lived agent does not remember all its turns.
            state.forget_ended();
        }
        state.children.push(Weak::clone(child));
        true
    }

    fn home(&self) -> Option<Arc<dyn Open>> {
        self.state().home.as_ref().and_then(Weak::upgrade)
    }

    fn set_home(&self, home: Weak<dyn Open>) {
        self.state().home = Some(home);
    }

    fn disown(&self) -> Vec<Weak<dyn Open>> {
        std::mem::take(&mut self.state().children)
    }

    fn is_open(&self) -> bool {
        !self.ended.load(Ordering::Relaxed)
    }

    fn is_in_use(&self) -> bool {
        let mut state = self.state();
        state.forget_ended();
        !state.children.is_empty()
    }

    fn end(&self, at: SystemTime, how: End) -> bool {
        self.end_once(at, how)
    }

    fn is_recording(&self) -> bool {
        self.about.recording && !self.ended.load(Ordering::Relaxed)
    }

    fn is_watched(&self) -> bool {
        (self.about.recording || self.about.shared.settings.observers.any()) && !self.ended.load(Ordering::Relaxed)
    }

    fn origin(&self) -> Origin {
        self.state().identity.origin(self.about.tool.clone())
    }

    fn hold(&self, change: &mut dyn FnMut(&mut Held)) -> bool {
        let mut state = self.state();
        let is_open = state.span.is_some();
        if is_open {
            change(state.content.get_or_insert_default());
        }
        is_open
    }
}
