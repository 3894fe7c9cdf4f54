//! Whether a [`GenAiTracer`](crate::GenAiTracer) hears of a `tracing` span that is made now.
//!
//! The layer asks its tracer for a builder when a span is made, and for the span itself at its first use only. So
//! whoever wants to read something for a span can ask before whether there is anybody to read it for.

use std::cell::Cell;
use std::sync::Arc;

use tracing::Span;

use crate::span::shared::Shared;

thread_local! {
    static LISTENING: Cell<bool> = const { Cell::new(false) };
    static HEARD: Cell<Option<Arc<Shared>>> = const { Cell::new(None) };
}

/// The span that `make` makes, with what the tracer that heard of it shares; `None` if none did.
pub(crate) fn heard(make: impl FnOnce() -> Span) -> Option<(Span, Arc<Shared>)> {
    LISTENING.try_with(|listening| listening.set(true)).ok()?;
    let closed = Closed;
    let span = make();
    let heard = HEARD.try_with(Cell::take).ok()?;
    drop(closed);
    Some((span, heard?))
}

/// Nobody listens any more, also if another layer panics while the span is made.
struct Closed;

impl Drop for Closed {
    fn drop(&mut self) {
        let _ = LISTENING.try_with(|listening| listening.set(false));
        let _ = HEARD.try_with(Cell::take);
    }
}

/// Tells who listens on this thread that a span is made.
#[inline]
pub(crate) fn tell(shared: &Arc<Shared>) {
    if LISTENING.try_with(Cell::get).unwrap_or_default() {
        let _ = HEARD.try_with(|heard| heard.set(Some(Arc::clone(shared))));
    }
}
