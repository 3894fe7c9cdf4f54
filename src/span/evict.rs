//! How many spans may be open, and for how long: an agent that forgets its guards must not fill the memory.

use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::span::open::{End, Open};
use crate::span::shared::Shared;
use crate::span::sweep::Forced;

/// How many GenAI spans may be open at once in one [`GenAiTracer`](crate::GenAiTracer), unless it is told otherwise.
///
/// An open span takes about 1.5 KiB, so this is less than 200 MiB.
pub const DEFAULT_MAX_OPEN_SPANS: usize = 131_072;

/// How long a GenAI span in which nothing runs may be open, unless the tracer is told otherwise: two days, in which
/// somebody may well think about an approval.
pub const DEFAULT_OPEN_SPAN_TTL: Duration = Duration::from_secs(48 * 60 * 60);

/// How many spans in use are passed over before one of them has to go all the same.
const PASSED_OVER: usize = 64;

/// Enters a span that starts into the table; ends the oldest one if there are too many now, or if it is open too long.
pub(crate) fn enter(shared: &Shared, span: Arc<dyn Open>) {
    let (table, settings) = (&shared.table, &shared.settings);
    let now = Instant::now();
    let expired = table.open(span, now, now.checked_sub(settings.open_span_ttl));
    if let Some(expired) = expired.and_then(|span| unused(shared, span)) {
        expired.end(opentelemetry::time::now(), End::Forced(Forced::Expired));
    }
    if table.count_open() > settings.max_open_spans.max(1) {
        make_room(shared);
    }
}

/// Ends the oldest span that nothing runs in.
#[cold]
fn make_room(shared: &Shared) {
    // What is found in use is the youngest again: not to be looked at twice.
    let now = Instant::now();
    let mut last = None;
    for _ in 0..=PASSED_OVER {
        let Some(span) = shared.table.oldest(now) else { break };
        last = Some(Arc::clone(&span));
        if unused(shared, span).is_some() {
            break;
        }
    }
    if let Some(span) = last {
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
