//! Whether a [`GenAiTracer`](crate::GenAiTracer) hears of a `tracing` span that is made now.
//!
//! The layer asks its tracer for a builder when a span is made, and for the span itself at its first use only. So
//! whoever wants to read something for a span can ask before whether there is anybody to read it for.

use std::cell::Cell;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tracing::Span;

use crate::span::shared::Shared;

/// Tracers that are there, in the whole process.
static TRACERS: AtomicUsize = AtomicUsize::new(0);

/// Says as long as it lives that there is a tracer.
#[derive(Debug)]
pub(crate) struct Present(());

impl Default for Present {
    fn default() -> Self {
        TRACERS.fetch_add(1, Ordering::Relaxed);
        Self(())
    }
}

impl Drop for Present {
    fn drop(&mut self) {
        TRACERS.fetch_sub(1, Ordering::Relaxed);
    }
}

thread_local! {
    static LISTENING: Cell<bool> = const { Cell::new(false) };
    static HEARD: Cell<Option<Arc<Shared>>> = const { Cell::new(None) };
}

/// The span that `make` makes, with what the tracer that heard of it shares; `None` if none did.
pub(crate) fn heard(make: impl FnOnce() -> Span) -> Option<(Span, Arc<Shared>)> {
    // Other layers see the span as well: not where nobody of ours can hear of it.
    if TRACERS.load(Ordering::Relaxed) == 0 {
        return None;
    }
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
