//! The guard of a started activity: its scope and its one end.

use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;
use std::time::Instant;

use opentelemetry::trace::SpanKind;
use tracing::{Instrument, Span};

use crate::activity::record::{complete, record};
use crate::activity::scope::{Run, Scope};
use crate::activity::setters::Given;
use crate::rules::FieldId;
use crate::rules::operations::Operation;
use crate::span::exception;
use crate::span::{Carrier, Count, End, ErrorType, Failure, Instead, Open, Opened, Shared, Start, open};

/// An activity as it is described before its start.
#[derive(Debug)]
pub(crate) struct Description {
    pub(crate) start: Start,
    /// The span itself and not its id: it has to be there when the activity starts.
    pub(crate) parent: Option<Span>,
}

impl Description {
    pub(crate) fn new(operation: &'static Operation) -> Self {
        Self { start: Start::of_guard(operation), parent: None }
    }

    pub(crate) fn give(&mut self, id: FieldId, value: impl Given) {
        self.start.give(id, value.into_value());
    }

    /// Asks for another kind than that of the operation's row.
    pub(crate) fn ask(&mut self, kind: SpanKind) {
        self.start.kind = Some(kind);
    }

    pub(crate) fn identify(&mut self, id: FieldId, text: &str) {
        if !text.is_empty() {
            self.start.identify(id, text);
        }
    }
}

/// A kind of activity: every description of the [module's table](super#spans).
pub trait Activity: sealed::Sealed {}

pub(crate) mod sealed {
    /// What a guard has to know of its activity.
    pub trait Sealed {
        /// Whether an activity that is dropped with its work undone was cancelled, or was successful all the same.
        const DROPPED_IS_CANCELLED: bool;
        /// Whether work that ran to its end in the scope leaves nothing to say.
        const SCOPE_COMPLETES: bool;
    }
}

/// A started activity.
///
/// It ends once: with [`finish`](Self::finish) or [`fail`](Self::fail), at that very moment, else when the guard is
/// dropped (see the table in the [module's documentation](super)). Whatever `tracing` does with the span afterwards
/// changes nothing. What is recorded after the end is dropped and counted.
///
/// The guard is `Send` and `Sync`; it does not make its span current, [`scope`](Self::scope) and
/// [`in_scope`](Self::in_scope) do.
#[must_use = "the activity ends when its guard is dropped"]
pub struct Guard<A: Activity> {
    span: Span,
    open: Option<Arc<dyn Open>>,
    /// The place that stands for a span of its own.
    instead: Option<Box<Instead>>,
    started: Instant,
    activity: PhantomData<fn() -> A>,
}

impl<A: Activity> Guard<A> {
    pub(crate) fn open(span: Span, start: Start) -> Self {
        let opened = if span.is_disabled() { None } else { open(start, || begin(&span)) };
        let (open, instead) = match opened {
            Some(Opened::Span(span)) => (Some(span), None),
            Some(Opened::Instead(place)) => (None, Some(place)),
            None => (None, None),
        };
        Self { span, open, instead, started: Instant::now(), activity: PhantomData }
    }

    /// Runs `future` inside the activity: what starts in it becomes a child.
    ///
    /// For work whose `Result` tells how the activity ended, see [`run`](Self::run). The guard has to outlive the
    /// future: keep it in a variable until the work is done.
    pub fn scope<F: Future>(&self, future: F) -> Scope<F> {
        let done = if A::SCOPE_COMPLETES { self.open.clone() } else { None };
        Scope::new(future.instrument(self.span.clone()), done)
    }

    /// Runs `work` inside the activity: what starts in it becomes a child.
    pub fn in_scope<T>(&self, work: impl FnOnce() -> T) -> T {
        let result = self.span.in_scope(work);
        if let (true, Some(open)) = (A::SCOPE_COMPLETES, &self.open) {
            open.set_scope_done();
        }
        result
    }

    /// Runs `future` inside the activity, then finishes it on `Ok` and fails it on `Err`.
    ///
    /// For error types that are no [`Error`](std::error::Error) themselves (`anyhow::Error`, `Box<dyn Error>`) use
    /// [`scope`](Self::scope) and `fail(&*error)`.
    pub fn run<F, T, E>(self, future: F) -> Run<F, A>
    where
        F: Future<Output = Result<T, E>>,
        E: Failure,
    {
        let scope = self.scope(future);
        Run::new(scope, self)
    }

    /// The `tracing` span, for `.instrument(…)` on spawned tasks and as parent of others
    /// ([`child_of`](super::Turn::child_of)).
    pub fn span(&self) -> &Span {
        &self.span
    }

    /// One that records on a span which somebody else opened. To be [let go](Self::let_go) of: who opened it ends it.
    pub(crate) fn standing_for(open: Arc<dyn Open>) -> Self {
        Self { span: Span::none(), open: Some(open), instead: None, started: Instant::now(), activity: PhantomData }
    }

    /// Leaves the span to whoever opened it.
    pub(crate) fn let_go(&mut self) {
        self.open = None;
    }

    pub(crate) fn opened(&self) -> Option<&Arc<dyn Open>> {
        self.open.as_ref()
    }

    /// What its tracer knows; `None` without one.
    pub(crate) fn shared(&self) -> Option<&Shared> {
        match (&self.open, &self.instead) {
            (Some(open), _) => Some(&open.about().shared),
            (None, Some(instead)) => Some(&instead.shared),
            (None, None) => None,
        }
    }

    /// This place in the trace, to send with a request or to store; `None` without a tracer. That of the first one if
    /// the activity was open already.
    pub fn carrier(&self) -> Option<Carrier> {
        match &self.open {
            Some(open) => Carrier::from_span_context(&open.about().context),
            None => Carrier::from_span_context(&self.instead.as_deref()?.place),
        }
    }

    /// Ends the activity as a success.
    pub fn finish(&self) {
        self.end(End::Over);
    }

    /// Ends the activity as failed.
    ///
    /// The span gets `error.type` ([`ErrorType::of`]) and an `exception` event with the Rust type of the error. The
    /// error's text stays in the process, unless a [content policy](crate::content) lets it out.
    pub fn fail<E: Failure + ?Sized>(&self, error: &E) {
        self.exception(error, None);
        self.end(End::Failed(ErrorType::of(error)));
    }

    /// [`fail`](Self::fail) with the stack trace of the error, a [`Backtrace`](std::backtrace::Backtrace) as a rule. It is
    /// content: unless a policy lets it out it is not even printed.
    pub fn fail_with_stack<E: Failure + ?Sized>(&self, error: &E, stack: &dyn fmt::Display) {
        self.exception(error, Some(stack));
        self.end(End::Failed(ErrorType::of(error)));
    }

    fn exception<E: Failure + ?Sized>(&self, error: &E, stack: Option<&dyn fmt::Display>) {
        if let Some(open) = &self.open {
            exception::record(&**open, error, stack);
        }
    }

    /// Ends the activity as failed, with a given `error.type`: a provider's error code, an HTTP status, a word like
    /// `timeout`. Free text becomes `_OTHER`.
    pub fn fail_with(&self, error_type: impl Into<ErrorType>) {
        self.end(End::Failed(error_type.into()));
    }

    pub(crate) fn record(&self, id: FieldId, value: impl Given) -> &Self {
        if let Some(open) = &self.open {
            record(&**open, id, value.into_value());
        }
        self
    }

    /// [`fail_with`](Self::fail_with) for the error code of a JSON-RPC response.
    pub(crate) fn fail_with_code(&self, code: i64) {
        self.end(End::Failed(ErrorType::of_code(code)));
    }

    /// [`record`](Self::record), unless it was given before.
    pub(crate) fn complete(&self, id: FieldId, value: impl Given) {
        if let Some(open) = &self.open {
            complete(&**open, id, value.into_value());
        }
    }

    pub(crate) fn is_watched(&self) -> bool {
        self.open.as_ref().is_some_and(|open| open.is_watched())
    }

    pub(crate) fn count(&self, what: Count, about: &str) {
        if let Some(open) = &self.open {
            open.about().shared.count(what, about);
        }
    }

    pub(crate) fn elapsed(&self) -> std::time::Duration {
        self.started.elapsed()
    }

    /// [`fail_with`](Self::fail_with) for work that panicked.
    pub(crate) fn panicked(&self) {
        self.end(End::Failed(ErrorType::PANIC));
    }

    fn end(&self, how: End) {
        if let Some(open) = &self.open {
            open.end(opentelemetry::time::now(), how);
        }
    }
}

impl<A: Activity> Drop for Guard<A> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.panicked();
        } else if A::DROPPED_IS_CANCELLED {
            self.end(End::Dropped);
        } else {
            self.end(End::Over);
        }
    }
}

impl<A: Activity> fmt::Debug for Guard<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Guard").field("span", &self.span).finish_non_exhaustive()
    }
}

/// Makes the OpenTelemetry layer start the span now instead of at its first use, so that the start of the activity is
/// the start of the span.
fn begin(span: &Span) {
    let started = span
        .with_subscriber(|(id, subscriber)| tracing_opentelemetry::get_otel_context(id, subscriber).is_some())
        .unwrap_or_default();
    if !started {
        // `reload::Layer` hides the layer from us; entering the span reaches it all the same.
        span.in_scope(|| ());
    }
}
