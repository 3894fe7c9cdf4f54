//! Attributes that the application adds where a span lacks them.

use std::panic::{AssertUnwindSafe, catch_unwind};

use opentelemetry::KeyValue;

use crate::span::attributes::Attributes;
use crate::span::gate::{self, Passed};
use crate::span::root::SpanStart;
use crate::span::shared::Shared;
use crate::span::stats::Count;

/// Asks the application what it knows of a span that starts, and puts it among what is exported at the end: a value
/// that the span tells later takes its place.
pub(crate) fn add(shared: &Shared, start: &SpanStart<'_>, late: &mut Attributes, others: &mut Vec<KeyValue>) {
    let Some(hook) = &shared.settings.default_attributes else { return };
    // Without a subscriber, for the reason that the root-context resolver has none.
    let nobody = tracing::Dispatch::none();
    let answer = tracing::dispatcher::with_default(&nobody, || catch_unwind(AssertUnwindSafe(|| hook(start))));
    let Ok(pairs) = answer else { return shared.count(Count::HookPanic, "default_attributes") };
    for mut pair in pairs {
        match gate::attribute(shared, &mut pair) {
            Passed::Field(id) if start.attribute(id.key()).is_none() && !late.has(id) => late.put(id, pair),
            Passed::Other if others.iter().all(|held| held.key != pair.key) => others.push(pair),
            Passed::Field(_) | Passed::Other | Passed::No => {}
        }
    }
}
