//! How many spans may be open, and for how long: an agent that forgets its guards must not fill the memory.

use std::sync::Arc;
use std::time::{Duration, Instant};

use opentelemetry::trace::SpanId;

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

/// After a span has started: ends the oldest one if there are too many now, and those that have been open too long.
pub(crate) fn make_room(shared: &Shared, started: SpanId) {
    let (table, settings) = (&shared.table, &shared.settings);
    if table.count_open() > settings.max_open_spans.max(1) {
        evict(shared, Forced::Capacity, || table.oldest());
    }
    if let Some(limit) = Instant::now().checked_sub(settings.open_span_ttl) {
        evict(shared, Forced::Expired, || table.older_than(limit, started));
    }
}

/// Ends the first candidate that nothing runs in. One with open spans below is in use, however old it is: it is the
/// youngest again, and the next one's turn.
fn evict(shared: &Shared, why: Forced, candidate: impl Fn() -> Option<Arc<dyn Open>>) {
    for passed_over in 0..=PASSED_OVER {
        let Some(span) = candidate() else { return };
        if passed_over < PASSED_OVER && span.is_in_use() {
            shared.table.renew(span.about().context.span_id());
            continue;
        }
        span.end(opentelemetry::time::now(), End::Forced(why));
        return;
    }
}
