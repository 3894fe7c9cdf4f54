//! The GenAI span that the current code runs in.
//!
//! OpenTelemetry hands out a reference to the current span that shows nothing of what is inside. But it passes questions
//! on, and one of them, whether the span is recording, changes nothing on anybody's span: asked while this thread waits
//! for an answer, a span of ours leaves itself here.
//! What lost: a list of all tracers to look the span's id up in; ids are unique in one tracer only.

use std::cell::{Cell, RefCell};
use std::sync::Arc;

use opentelemetry::Context;
use opentelemetry::trace::TraceContextExt;
use tracing_opentelemetry::get_otel_context;

use crate::content::contained;
use crate::span::open::Open;

thread_local! {
    static ASKING: Cell<bool> = const { Cell::new(false) };
    static ANSWER: RefCell<Option<Arc<dyn Open>>> = const { RefCell::new(None) };
}

/// The nearest GenAI span around the current code, open or not.
pub(crate) fn enclosing() -> Option<Arc<dyn Open>> {
    ask(|| Context::map_current(|context| context.span().is_recording())).or_else(by_tracing)
}

/// Where entering a `tracing` span does not make it OpenTelemetry's current one: a layer without context activation.
fn by_tracing() -> Option<Arc<dyn Open>> {
    let span = tracing::Span::current();
    // Not while asking: it may start the span, and with it code of others.
    let context = || span.with_subscriber(|(id, subscriber)| get_otel_context(id, subscriber));
    let context = contained(context)??.filter(TraceContextExt::has_active_span)?;
    ask(|| context.span().is_recording())
}

fn ask(question: impl FnOnce() -> bool) -> Option<Arc<dyn Open>> {
    ASKING.try_with(|asking| asking.set(true)).ok()?;
    // It panics on a thread whose thread-locals are gone, and may in a span of somebody else.
    let _ = contained(question);
    ASKING.try_with(|asking| asking.set(false)).ok()?;
    ANSWER.try_with(|answer| answer.try_borrow_mut().ok()?.take()).ok().flatten()
}

/// Leaves the answer, if this thread asks.
#[inline]
pub(crate) fn answer(span: impl FnOnce() -> Option<Arc<dyn Open>>) {
    if ASKING.try_with(Cell::get).unwrap_or_default() {
        leave(span());
    }
}

#[cold]
fn leave(span: Option<Arc<dyn Open>>) {
    let _ = ANSWER.try_with(|answer| answer.try_borrow_mut().map(|mut answer| *answer = span));
}
