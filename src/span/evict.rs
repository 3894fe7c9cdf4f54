//! How many spans may be open, and for how long: an agent that forgets its guards must not fill the memory.

use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::span::open::{End, Open};
use crate::span::shared::Shared;
use crate::span::sweep::{self, Forced};

/// How many GenAI spans may be open at once in one [`GenAiTracer`](crate::GenAiTracer), unless it is told otherwise.
///
/// An open span takes about 1.5 KiB, so this is about 200 MiB.
pub const DEFAULT_MAX_OPEN_SPANS: usize = 131_072;

/// How long a GenAI span in which nothing runs may be open, unless the tracer is told otherwise: two days, in which
/// somebody may well think about an approval.
pub const DEFAULT_OPEN_SPAN_TTL: Duration = Duration::from_secs(48 * 60 * 60);

/// How many spans in use one start passes over; the next start looks on from there.
const PASSED_OVER: usize = 64;

/// One in so many may be open beyond the maximum, as long as nothing is found that could go: then one in use has to.
const BEYOND: usize = 16;

/// Enters a span that starts into the table; ends the oldest one if there are too many now, or if it is open too long.
pub(crate) fn enter(shared: &Shared, span: &Arc<dyn Open>) {
    let (table, settings) = (&shared.table, &shared.settings);
    let now = Instant::now();
    let expired = table.open(Arc::clone(span), now, now.checked_sub(settings.open_span_ttl));
    // Before any is chosen: what this one starts in is in use.
    sweep::adopt(span);
    if let Some(expired) = expired.and_then(|span| unused(shared, span)) {
        expired.end(opentelemetry::time::now(), End::Forced(Forced::Expired));
    }
    if table.count_open() > settings.max_open_spans.max(1) {
        make_room(shared, settings.max_open_spans.max(1));
    }
}

/// Ends the oldest spans that nothing runs in.
#[cold]
fn make_room(shared: &Shared, max: usize) {
    // What is found in use is the youngest again: not to be looked at twice.
    let now = Instant::now();
    let mut in_use = None;
    for _ in 0..=PASSED_OVER {
        if shared.table.count_open() <= max {
            return;
        }
        let Some(span) = shared.table.oldest(now) else { break };
        match unused(shared, Arc::clone(&span)) {
            Some(span) => drop(span.end(opentelemetry::time::now(), End::Forced(Forced::Capacity))),
            None => in_use = Some(span),
        }
    }
    if let Some(span) = in_use.filter(|_| shared.table.count_open() > max.saturating_add(max / BEYOND)) {
        span.end(opentelemetry::time::now(), End::Forced(Forced::Capacity));
    }
}

/// `span`, if nothing is open below it. One that is in use is the youngest again, however old it is.
fn unused(shared: &Shared, span: Arc<dyn Open>) -> Option<Arc<dyn Open>> {
    if !span.is_in_use() {
        return Some(span);
    }
    shared.table.renew(span.about().context.span_id());
    None
}
